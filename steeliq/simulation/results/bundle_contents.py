"""Is what a bundle holds what steeliq would have written? run.json, scenario, tables, reference tables and dataset.

Hashes only show that a bundle was not damaged on its way; these checks hold even if somebody made one by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from steeliq.errors import InputError, Problem, SteeliqError
from steeliq.simulation.dataset.load import load
from steeliq.simulation.dataset.schema import schema as dataset_schema
from steeliq.simulation.results.bundle_checks import BundleError, Contents, Findings, read_json
from steeliq.simulation.results.provenance import FORMAT as RUN_FORMAT
from steeliq.simulation.results.tables import ARROW
from steeliq.simulation.results.variables import LATER, SCHEMA, SPLIT_OFF
from steeliq.simulation.scenario.files import parse_scenario, scenario_hash

MOST_ROWS: Final = 2_000_000
"""Rows of one table of one year."""
LONGEST_TEXT: Final = 10_000
"""Characters of a text in a table."""

RUN_SHAPE: Final[Mapping[str, type | tuple[type, ...]]] = {
    "format": int,
    "status": str,
    "scenario": dict,
    "differences": dict,
    "years": list,
    "seed": int,
    "dataset": dict,
    "code": dict,
    "packages": dict,
    "python": str,
    "platform": dict,
    "started": str,
    "ended": str,
    "seconds": (int, float),
    "solver_seconds": (int, float),
    "stage_seconds": dict,
    "peak_memory_mb": (int, float),
    "audit": dict,
}
"""What every run.json holds, with types."""

INNER: Final = {
    "dataset": ("name", "hash"),
    "code": ("version", "commit", "environment"),
    "platform": ("system", "machine"),
}
"""Texts inside groups of run.json."""


def check_contents(contents: Contents, changed: Findings | None = None) -> None:
    """Check what was unpacked: run.json, scenario, tables, reference tables, dataset. ``BundleError`` lists all.

    ``changed``: takes up what is wrong with the files of result tables, which is then no reason to refuse the bundle.
    """
    findings = Findings()
    document = read_json((contents.folder / "run.json").read_bytes(), "run.json", findings)
    if document is not None and _check_run(document, findings):
        contents.document = document
        _check_scenario(contents, findings)
        _check_years(contents, findings)
    for name in sorted(contents.files):
        if name.endswith(".parquet"):
            _check_table(contents.folder / name, name, _excusing(name, findings, changed))
    if findings:
        raise BundleError(contents.where, findings)
    if any(name.startswith("dataset/") for name in contents.files):
        _check_dataset(contents, findings)
    if findings:
        raise BundleError(contents.where, findings)


def _excusing(name: str, findings: Findings, changed: Findings | None) -> Findings:
    return changed if changed is not None and name.startswith("tables/") else findings


def _check_run(document: Mapping[str, Any], findings: Findings) -> bool:
    before = len(findings)
    form = document.get("format")
    if type(form) is int and form > RUN_FORMAT:
        findings.add("run.json", "made by a later version of steeliq; update steeliq to read it", f"format {form}")
        return False
    for name, kind in RUN_SHAPE.items():
        if not isinstance(document.get(name), kind) or isinstance(document.get(name), bool):
            findings.add("run.json", f"{name} is missing or of another type", document.get(name, ""))
    for group, names in INNER.items():
        held = document.get(group)
        found = held if isinstance(held, dict) else {}
        for name in names:
            if not isinstance(found.get(name), str):
                findings.add("run.json", f"{group}.{name} must be a text", found.get(name, ""))
    for name in ("stage_seconds", "packages"):
        held, kind = document.get(name), str if name == "packages" else (int, float)
        if isinstance(held, dict) and not all(isinstance(value, kind) for value in held.values()):
            findings.add("run.json", f"{name} holds values of another type")
    notes = document.get("notes", [])
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        findings.add("run.json", "notes must be a list of texts", notes)
    if document.get("status") != "complete":
        findings.add("run.json", "only complete runs are taken in", document.get("status", ""))
    years = document.get("years")
    if isinstance(years, list) and not (
        len(years) == 2 and all(type(year) is int and 1900 < year < 2200 for year in years) and years[0] <= years[1]
    ):
        findings.add("run.json", "years must be the first and the last year", years)
    return len(findings) == before


def _check_scenario(contents: Contents, findings: Findings) -> None:
    """The scenario must be readable and be the one that run.json was made from."""
    try:
        scenario = parse_scenario((contents.folder / "scenario.toml").read_text("utf-8"), "scenario.toml")
    except InputError as error:
        findings.extend(error.problems)
        return
    except (UnicodeDecodeError, RecursionError) as error:
        findings.add("scenario.toml", "this is no TOML text in UTF-8", error)
        return
    identity = contents.document.get("identity")
    then = identity.get("scenario") if isinstance(identity, dict) else None
    if then != scenario_hash(scenario, contents.document["scenario"]):
        findings.add("scenario.toml", "this is not the scenario that run.json was made from", scenario.name)
    if [scenario.period.start, scenario.period.end] != contents.document["years"]:
        findings.add("scenario.toml", "its period is not that of run.json", contents.document["years"])


def _check_years(contents: Contents, findings: Findings) -> None:
    """Every table has every year of the run and no other; one that runs may lack is there whole or not at all."""
    first, last = contents.document["years"]
    there = {name for name in contents.files if name.startswith("tables/")}
    begun = {PurePosixPath(name).parts[1] for name in there}
    tables = [table for table in SCHEMA if table not in LATER or table in begun]
    wanted = {f"tables/{table}/{year}.parquet" for table in tables for year in range(first, last + 1)}
    for name in sorted(wanted - there)[:20]:
        findings.add(name, "the table is missing; every table has a file for every year of the run")
    for name in sorted(there - wanted)[:20]:
        findings.add(name, f"the run covers {first} to {last}; this year does not belong to it")


def _check_table(path: Path, name: str, findings: Findings) -> None:
    """Columns, types, row count and year of a Parquet file."""
    _, *folders = PurePosixPath(name).parts
    is_result = len(folders) == 2
    try:
        with pq.ParquetFile(path) as file:
            found, rows = {field.name: field.type for field in file.schema_arrow}, file.metadata.num_rows
            if rows > MOST_ROWS:
                findings.add(name, f"a table of a year has at most {MOST_ROWS:,} rows", f"{rows:,} rows")
                return
            wanted = _result_fields(folders[0], found) if is_result else _label_fields(path.stem)
            if not _fits(found, wanted, exactly=is_result):
                findings.add(name, f"its columns must be {', '.join(wanted)}", ", ".join(found))
                return
        texts = [column for column, kind in found.items() if pa.types.is_string(kind) or pa.types.is_large_string(kind)]
        # Texts as dictionaries: a short file may hold one long text a million times.
        _check_cells(pq.read_table(path, read_dictionary=texts), name, findings)
    except (pa.ArrowException, OSError, ValueError) as error:
        findings.add(name, "this is no readable Parquet table", error)


def _result_fields(table: str, found: Collection[str]) -> dict[str, Callable[[pa.DataType], bool]]:
    """The columns of a result table; of those that were split off another, the ones that the file has."""
    columns = [one for one in SCHEMA[table].columns if one.name in found or one.name not in SPLIT_OFF.get(table, {})]
    return {column.name: _same(ARROW[column.type]) for column in columns}


def _same(wanted: pa.DataType) -> Callable[[pa.DataType], bool]:
    return lambda kind: bool(kind == wanted)


def _label_fields(table: str) -> dict[str, Callable[[pa.DataType], bool]]:
    kinds: dict[str, Callable[[pa.DataType], bool]] = {
        "string": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
        "number": pa.types.is_floating,
        "integer": pa.types.is_integer,
        "boolean": pa.types.is_boolean,
    }
    return {column.name: kinds[column.type] for column in dataset_schema()[table].columns}


def _fits(
    found: Mapping[str, pa.DataType], wanted: Mapping[str, Callable[[pa.DataType], bool]], *, exactly: bool
) -> bool:
    if exactly and list(found) != list(wanted):
        return False
    return set(found) == set(wanted) and all(wanted[name](kind) for name, kind in found.items())


def _check_cells(table: pa.Table, name: str, findings: Findings) -> None:
    for column in table.column_names:
        for chunk in table[column].chunks:
            if isinstance(chunk, pa.DictionaryArray) and any(
                len(text or "") > LONGEST_TEXT for text in chunk.dictionary.to_pylist()
            ):
                findings.add(name, f"texts have at most {LONGEST_TEXT:,} characters", column)
    if name.startswith("tables/"):
        years = set(table["year"].unique().to_pylist())
        if not years <= {int(PurePosixPath(name).stem)}:
            findings.add(name, "the table holds rows of another year", sorted(map(str, years))[:3])


def _check_dataset(contents: Contents, findings: Findings) -> None:
    try:
        contents.dataset = load(contents.folder / "dataset")
    except InputError as error:
        findings.extend(Problem(f"dataset {p.table}", p.row, p.column, p.value, p.rule) for p in error.problems)
        return
    except SteeliqError as error:
        findings.add("dataset/datapackage.json", str(error))
        return
    wanted = str(contents.document["dataset"]["hash"])
    if contents.dataset.hash != wanted:
        rule = f"run.json names the dataset {wanted[:12]}…; the bundle holds another"
        findings.add("dataset/datapackage.json", rule, f"{contents.dataset.hash[:12]}…")
