"""An ensemble's folder: what is in it, read and written. A member is done when its file is there, and not before."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from steeliq.atomic import remove_partial, write_atomically, write_text_atomically
from steeliq.ensemble.design import Design, parse_design, to_toml
from steeliq.ensemble.one import SCHEMA
from steeliq.errors import RunError
from steeliq.result_folder import is_written, read_record

FORMAT: Final = 1
"""Version of the layout; readers refuse a later one."""

KEY: Final = b"steeliq.key"


def result_path(folder: Path, member: int) -> Path:
    """Where a finished member's outputs are (a hive partition)."""
    return folder / "results" / f"member={member:05d}" / "part.parquet"


def failure_path(folder: Path, member: int) -> Path:
    """Where it says why a member failed."""
    return folder / "failed" / f"{member:05d}.json"


def write_result(folder: Path, member: int, table: pa.Table) -> None:
    """Keep a finished member's outputs; whatever it failed of before is forgotten."""
    _write(result_path(folder, member), table)
    failure_path(folder, member).unlink(missing_ok=True)


def write_failure(folder: Path, member: int, error: BaseException, tries: int) -> None:
    """Note why a member failed."""
    document = {"member": member, "error": type(error).__name__, "message": str(error), "tries": tries}
    write_text_atomically(failure_path(folder, member), json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def write_inputs(folder: Path, design: Design, members: pd.DataFrame) -> None:
    """Write what the ensemble is made from: design.toml and members.parquet. Half-written files are removed."""
    remove_partial(folder)
    write_text_atomically(folder / "design.toml", to_toml(design))
    _write(folder / "members.parquet", pa.Table.from_pandas(members.reset_index(), preserve_index=False))


def _write(path: Path, table: pa.Table) -> None:
    def write(stream: Any) -> None:
        kept = table.schema.metadata or {}
        plain = table.replace_schema_metadata({KEY: kept[KEY]} if KEY in kept else None)
        pq.write_table(plain, stream, compression="zstd", compression_level=3, version="2.6", store_schema=KEY in kept)

    write_atomically(path, write)


def write_document(folder: Path, document: dict[str, Any]) -> None:
    """Write ensemble.json."""
    text = json.dumps({"format": FORMAT, **document}, indent=2, ensure_ascii=False) + "\n"
    write_text_atomically(folder / "ensemble.json", text)


def read_document(folder: Path) -> dict[str, Any]:
    """What ensemble.json says; a status of running that nobody runs any more is told as interrupted.

    Raises RunError if there is no ensemble here, or one of a later version.
    """
    document = read_record(folder, "ensemble", latest=FORMAT, remedy="run the design again with --resume")
    if document.get("status") == "running" and not is_written(folder):
        document |= {"status": "interrupted", "running": 0, "seconds_left": None}
    return document


def has_document(folder: Path) -> bool:
    """Whether ensemble.json is there and whole, of whatever version."""
    try:
        return isinstance(json.loads((folder / "ensemble.json").read_text(encoding="utf-8")), dict)
    except (OSError, ValueError):
        return False


def read_design(folder: Path) -> Design:
    """The design that the ensemble is made from. Raises RunError or DesignError."""
    path = folder / "design.toml"
    if not path.is_file():
        raise RunError(f"{path}: there is no ensemble here; check the path")
    return parse_design(path.read_text(encoding="utf-8"), str(path))


def read_members(folder: Path) -> pd.DataFrame:
    """The table of members (index ``member``). Raises RunError."""
    path = folder / "members.parquet"
    if not path.is_file():
        raise RunError(f"{path}: there is no ensemble here; check the path")
    try:
        frame: pd.DataFrame = pq.ParquetFile(path).read().to_pandas()
        return pd.DataFrame(frame.set_index("member"))
    except (pa.ArrowException, OSError, KeyError) as error:
        raise RunError(f"{path}: this file is damaged ({error}); run the ensemble again with --resume") from error


def members_done(folder: Path) -> list[int]:
    """Numbers of the finished members, ascending."""
    return sorted(
        int(path.parent.name.removeprefix("member=")) for path in (folder / "results").glob("member=*/part.parquet")
    )


def read_failures(folder: Path) -> list[dict[str, Any]]:
    """Members that failed: number, error, message, tries."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / "failed").glob("*.json"))]


def key_of(folder: Path, member: int) -> str:
    """The key in a finished member's file; empty if the file cannot be read."""
    try:
        kept = pq.read_schema(result_path(folder, member)).metadata or {}
    except (pa.ArrowException, OSError):
        return ""
    return str(kept.get(KEY, b"").decode())


def read_results(
    folder: Path, *, outputs: Collection[str] | None = None, areas: Collection[str] | None = None
) -> pd.DataFrame:
    """Outputs of all finished members: member, year, area, output, unit, value; sorted by member, as written within.

    ``outputs``, ``areas``: only these; far less is read then. Raises RunError if a file is damaged.
    """
    done = members_done(folder)
    empty = pa.schema([pa.field("member", pa.int64()), *SCHEMA])
    if not done:
        return _frame(empty.empty_table())
    partitioning = pads.partitioning(pa.schema([pa.field("member", pa.int64())]), flavor="hive")
    files = [str(result_path(folder, member)) for member in done]
    found = pads.dataset(
        files, schema=empty, format="parquet", partitioning=partitioning, partition_base_dir=str(folder / "results")
    )
    chosen = None
    for name, values in (("output", outputs), ("area", areas)):
        if values is not None:
            fits = pc.field(name).isin(sorted(values))
            chosen = fits if chosen is None else chosen & fits
    try:
        return _frame(found.to_table(columns=empty.names, filter=chosen))
    except (pa.ArrowException, OSError) as error:
        raise RunError(f"{folder}: a result cannot be read ({error}); run it again with --resume") from error


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame
