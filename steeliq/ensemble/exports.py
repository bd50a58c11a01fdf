"""An ensemble for other programs: members and outputs as CSV, Excel or single Parquet files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import pandas as pd

from steeliq.atomic import PARTIAL, write_atomically, write_text_atomically
from steeliq.ensemble import store
from steeliq.ensemble.design import to_toml
from steeliq.ensemble.outputs import WORLD
from steeliq.errors import RunError
from steeliq.simulation.results.harmless import harmless_frame

BOM: Final = "\ufeff"
"""Without a byte order mark Excel takes UTF-8 for another encoding."""

EXCEL_ROWS: Final = 1_048_575
"""Data rows of an Excel sheet below its header."""


def to_csv(folder: Path, out: Path) -> list[Path]:
    """Write members.csv and outputs.csv (tidy, countries too) to ``out``, and what they are from; returns the files."""
    paths = [out / "members.csv", out / "outputs.csv"]
    for path, frame in zip(paths, _tables(folder), strict=True):
        write_text_atomically(path, BOM + harmless_frame(frame).to_csv(index=False, lineterminator="\n"))
    return [*paths, _write_source(folder, out)]


def to_parquet(folder: Path, out: Path) -> list[Path]:
    """The same as members.parquet and outputs.parquet."""
    paths = [out / "members.parquet", out / "outputs.parquet"]
    for path, frame in zip(paths, _tables(folder), strict=True):
        write_atomically(path, lambda stream, frame=frame: frame.to_parquet(stream, index=False))  # type: ignore[misc]  # a default of a lambda has no type
    return [*paths, _write_source(folder, out)]


def _write_source(folder: Path, out: Path) -> Path:
    """README.txt beside the tables: what they are from."""
    path = out / "README.txt"
    facts = _source(folder).itertuples(index=False)
    lines = [f"{what}:\n{value}" if "\n" in value else f"{what}: {value}" for what, value in facts]
    write_text_atomically(path, "\n".join(["Tables of an ensemble of steeliq.", "", *lines]).rstrip() + "\n")
    return path


def to_xlsx(folder: Path, out: Path) -> list[Path]:
    """Write ensemble.xlsx to ``out``: members; outputs of the world, a row per member and year; units; what it is from.

    RunError if there are more rows than a sheet takes.
    """
    members, results = store.read_members(folder).reset_index(), store.read_results(folder, areas=[WORLD])
    wide = results.pivot(index=["member", "year"], columns="output", values="value").reset_index()
    if max(len(wide), len(members)) > EXCEL_ROWS:
        raise RunError(f"{folder}: {len(wide):,} rows, an Excel sheet takes {EXCEL_ROWS:,}; use --parquet or --csv")
    units = results[["output", "unit"]].drop_duplicates().sort_values("output")
    path = out / "ensemble.xlsx"
    out.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    plain = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}  # a name is a text whatever is in it
    with partial.open("wb") as stream, pd.ExcelWriter(stream, engine="xlsxwriter", engine_kwargs=plain) as book:
        # A fixed date keeps the file the same whenever it is written.
        book.book.set_properties({"title": "steeliq ensemble", "created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})
        sheets = (("Members", members), ("Outputs", wide), ("Units", units), ("Source", _source(folder)))
        for name, frame in sheets:
            frame.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 1))
            book.sheets[name].set_column(0, len(frame.columns), 14)
    partial.replace(path)
    return [path]


def _source(folder: Path) -> pd.DataFrame:
    """What the figures are from; nothing that differs from one computing of them to the next."""
    document, design = store.read_document(folder), store.read_design(folder)
    versions, identity = document.get("versions", {}), document["identity"]
    facts = {
        "Ensemble": design.name,
        "Description": design.description,
        "Members finished": f"{len(store.members_done(folder))} of {document['count']}",
        "Method": design.method,
        "Dataset": f"{document['dataset']['name']}, SHA-256 {identity['dataset']}",
        "Design": f"SHA-256 {identity['design']}",
        "Code": f"steeliq {versions.get('steeliq', '')}, SHA-256 {identity['code']}",
        "Design as TOML": to_toml(design),
    }
    return pd.DataFrame(facts.items(), columns=["what", "value"])


def _tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    return store.read_members(folder).reset_index(), store.read_results(folder)
