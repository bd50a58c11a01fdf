"""Reads the files of a dataset folder: ``datapackage.json`` and the CSV files that it names.

Nothing outside the folder is read. Text is kept as it stands; ``cells.py`` makes numbers of it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from steeliq.simulation.dataset.cells import RawTable
from steeliq.simulation.dataset.findings import Findings, close_matches
from steeliq.simulation.dataset.schema import schema

DESCRIPTOR = "datapackage.json"
#: Units that need no declaration: nobody states shares, years and degrees in anything else.
UNDECLARED = frozenset({"", "1", "year", "deg"})
_SAVE_AS = "save it as 'CSV UTF-8 (comma delimited)'"


@dataclass(frozen=True)
class Package:
    """A dataset as found on disk, before its cells are looked at.

    ``contents``: the bytes that determine the dataset, by name; ``tables``: what is in them.
    """

    path: Path
    name: str
    title: str
    version: str
    contents: Mapping[str, bytes]
    units: Mapping[str, Mapping[str, str]]

    def tables(self, findings: Findings) -> dict[str, RawTable]:
        """Parse the CSV files; what cannot be parsed is noted and left out."""
        found: dict[str, RawTable] = {}
        for table, units in self.units.items():
            if table in self.contents:
                raw = parse_csv(self.contents[table], table, units, findings)
                if raw is not None:
                    found[table] = raw
        return found


def read_folder(folder: Path, findings: Findings) -> Package:
    """Read ``datapackage.json`` in ``folder`` and the bytes of the files that it names."""
    text = _descriptor_bytes(folder, findings)
    document = _descriptor(text, findings)
    contents: dict[str, bytes] = {DESCRIPTOR: text}
    units: dict[str, dict[str, str]] = {}
    named: set[Path] = set()
    resources = _resources(document, findings)
    for number, resource in enumerate(resources, start=1):
        table = _table_of(resource, number, units, findings)
        file = _file_of(folder, resource, table or f"resource {number}", findings)
        if file is not None:
            named.add(file)
        if table is None:
            continue
        units[table] = _units_of(table, resource, findings)
        if file is not None:
            contents[table] = file.read_bytes()
    if resources:
        _check_extra(folder, named, findings)
    name = str(document.get("name") or folder.name)
    title, version = str(document.get("title") or name), str(document.get("version") or "")
    return Package(folder, name, title, version, contents, units)


def parse_csv(content: bytes, table: str, units: Mapping[str, str], findings: Findings) -> RawTable | None:
    """The cells of a CSV file as text; None (and a finding) if it is no readable CSV."""
    header = _header(content, table, findings)
    if header is None:
        return None
    ragged: list[int] = []

    def note_ragged(row: Any) -> str:
        ragged.append(row.number)
        rule = (
            f"the row has {row.actual_columns} cells but the header has {row.expected_columns}; "
            "put quotes round text that contains commas, and remove stray commas"
        )
        findings.add(table, rule, row=row.number, value=row.text)
        return "skip"

    try:
        parsed = pa_csv.read_csv(
            pa.BufferReader(content),
            # one thread: only then are the numbers of ragged rows known
            read_options=pa_csv.ReadOptions(use_threads=False, column_names=header, skip_rows=0, block_size=1 << 28),
            parse_options=pa_csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note_ragged
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in header}, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        findings.add(table, f"the file cannot be read as CSV ({error}); check its quotes and commas")
        return None
    rows = np.setdiff1d(
        np.arange(1, parsed.num_rows + len(ragged) + 1, dtype=np.int64), np.array(ragged, dtype=np.int64)
    )
    return RawTable({name: parsed[name][1:] for name in header}, rows[1:] - 2, units, whole=not ragged)


def _header(content: bytes, table: str, findings: Findings) -> list[str] | None:
    """Names in the first line; None (and a finding) if the text or its header is unusable."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.add(table, f"the file is UTF-16; {_SAVE_AS}")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.add(table, f"the file is not UTF-8; {_SAVE_AS}", row=line, value=f"byte 0x{content[error.start]:02x}")
        return None
    if "\0" in text:
        findings.add(table, "the file contains NUL bytes; it is damaged or no CSV")
        return None
    first = text.splitlines()[0] if text else ""
    if not first.strip():
        findings.add(table, "the file has no header; its first line names the columns", row=1)
        return None
    names = [name.strip() for name in next(csv.reader([first]))]
    if len(names) == 1 and (";" in first or "\t" in first):
        findings.add(table, f"cells are separated by commas; {_SAVE_AS}", row=1, value=first)
        return None
    twice = sorted({name for name in names if names.count(name) > 1})
    for name in twice:
        findings.add(table, "the column is there twice; remove one", column=name, row=1)
    return None if twice else names


def _descriptor_bytes(folder: Path, findings: Findings) -> bytes:
    file = folder / DESCRIPTOR
    if not folder.is_dir():
        findings.add(DESCRIPTOR, f"the folder does not exist; give a folder with a {DESCRIPTOR} or an Excel workbook")
        return b""
    if not file.is_file():
        findings.add(DESCRIPTOR, f"the folder has no {DESCRIPTOR}; it names the files, their columns and units")
        return b""
    return file.read_bytes()


def _descriptor(text: bytes, findings: Findings) -> dict[str, Any]:
    if not text:
        return {}
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        row = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        findings.add(
            DESCRIPTOR, f"the file is not valid JSON ({error}); correct it or write the package again", row=row
        )
        return {}
    if not isinstance(document, dict):
        findings.add(DESCRIPTOR, "the file must hold one JSON object with 'name' and 'resources'")
        return {}
    return document


def _resources(document: dict[str, Any], findings: Findings) -> list[dict[str, Any]]:
    if not document:
        return []
    resources = document.get("resources")
    if not isinstance(resources, list) or not all(isinstance(resource, dict) for resource in resources):
        findings.add(DESCRIPTOR, "a list of objects is expected: one for each table", column="resources")
        return []
    return resources


def _table_of(resource: dict[str, Any], number: int, seen: Mapping[str, object], findings: Findings) -> str | None:
    name = resource.get("name")
    place = f"resources[{number}].name"
    if not isinstance(name, str) or name not in schema():
        hint = close_matches(str(name), schema())
        findings.add(DESCRIPTOR, "no table has this name", column=place, value=name, hint=hint)
        return None
    if name in seen:
        findings.add(DESCRIPTOR, "the table is listed twice; remove one", column=place, value=name)
        return None
    return name


def _file_of(folder: Path, resource: dict[str, Any], table: str, findings: Findings) -> Path | None:
    path = resource.get("path")
    if not isinstance(path, str) or not path:
        findings.add(
            DESCRIPTOR, "the name of one CSV file in the folder is expected", column=f"{table}.path", value=path
        )
        return None
    root = folder.resolve()
    file = (root / path).resolve()
    if "://" in path or not file.is_relative_to(root):
        rule = "the file lies outside the dataset's folder and is not read; move it into the folder"
        findings.add(DESCRIPTOR, rule, column=f"{table}.path", value=path)
        return None
    if not file.is_file():
        findings.add(table, "the file is missing; add it or remove it from datapackage.json", value=path)
        return None
    return file


def _units_of(table: str, resource: dict[str, Any], findings: Findings) -> dict[str, str]:
    """Declared unit by column, of the columns that the schema knows; '' if it had to be declared and is not."""
    described = resource.get("schema")
    fields = described.get("fields") if isinstance(described, dict) else None
    if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        findings.add(
            DESCRIPTOR, "a list of fields with name, type and unit is expected", column=f"{table}.schema.fields"
        )
        return {}
    units: dict[str, str] = {}
    known = {column.name: column for column in schema()[table].columns}
    for field in fields:
        column = known.get(str(field.get("name")))
        if column is None:
            continue  # the header check reports it
        unit = field.get("unit", "")
        if not unit and column.unit not in UNDECLARED:
            rule = f'the unit is not declared; write "unit": "{column.unit}" or another that fits'
            findings.add(DESCRIPTOR, rule, column=f"{table}.{column.name}.unit")
        units[column.name] = str(unit) if unit or column.unit not in UNDECLARED else column.unit
    for name in known:
        if name not in units:
            findings.add(DESCRIPTOR, "the column is not described", column=f"{table}.{name}")
    return units


def _check_extra(folder: Path, named: set[Path], findings: Findings) -> None:
    for file in sorted(folder.resolve().glob("*.csv")):
        if file not in named:
            rule = "datapackage.json does not name this file, so it would not be read; name it there or remove it"
            findings.add(file.stem, rule, value=file.name)
