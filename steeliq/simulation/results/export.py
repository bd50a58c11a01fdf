"""A run for other programs: CSV files, one Excel workbook, the IAMC table.

Everything is derived from the Parquet tables; nothing is read back from an export.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xlsxwriter

from steeliq.atomic import PARTIAL, write_text_atomically
from steeliq.simulation.results.harmless import harmless_frame
from steeliq.simulation.results.iamc import scenario_name, to_iamc
from steeliq.simulation.results.labels import read_labels
from steeliq.simulation.results.overview import HEAD, overview
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.readme import NAME, export_text, facts_of
from steeliq.simulation.results.tables import read_table, tables_in
from steeliq.simulation.results.variables import SCHEMA, ResultTable

__all__ = ["to_csv", "to_iamc", "to_xlsx"]

EXCEL_ROWS: Final = 1_048_575
"""Data rows of an Excel sheet below its header."""

DETAIL_ROWS: Final = 20_000
"""A table by furnace group with more rows is summed over furnace groups in the workbook."""

BOM: Final = "\ufeff"
"""Byte order mark."""

PLACES: Final = ("country", "origin", "destination")
"""Columns of ISO3 codes; the workbook has the country's name beside each."""

REASONS: Final = ("candidates", "reasons")
"""Every decision's reasons: what was considered and what it was worth. Nearly half of all cells of a run."""

LEFT_OUT: Final = "Left out, to keep the workbook small: every decision's reasons (tables candidates and reasons)."

ADDITIVE: Final = ("t", "t/yr", "USD", "tCO2e")
"""Units of columns that may be summed."""


def to_csv(run_dir: Path, out: Path) -> list[Path]:
    """Write every table of a run, all years, as ``out/<table>.csv``; returns the files. ``RunError`` without a run.

    UTF-8 with a byte order mark, without which Excel takes the bytes for another encoding and garbles names. The tables
    are plain; from which run they are stands beside them, in README.txt.
    """
    document = read_run_json(run_dir)
    written = [out / NAME]
    write_text_atomically(out / NAME, export_text(document))
    for name in tables_in(run_dir):
        path = out / f"{name}.csv"
        table = harmless_frame(read_table(run_dir, name))
        write_text_atomically(path, BOM + table.to_csv(index=False, lineterminator="\n"))
        written.append(path)
    return written


def to_xlsx(run_dir: Path, out: Path, *, detail_rows: int = DETAIL_ROWS, reasons: bool = False) -> Path:
    """Write the run as a workbook: Overview, README, one sheet per table, sources; returns ``out``.

    The tables ``REASONS`` are left out unless ``reasons``; Overview and README say so. A table by furnace group with
    more than ``detail_rows`` rows appears summed by year, country, technology and other texts; a table beyond Excel's
    row limit is cut there. README says so for each sheet. Same run, same bytes.
    """
    document, labels = read_run_json(run_dir), read_labels(run_dir)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + PARTIAL)
    book = xlsxwriter.Workbook(
        str(partial), {"constant_memory": True, "nan_inf_to_errors": True, "strings_to_formulas": False}
    )
    # A fixed date keeps the file the same whenever it is written.
    book.set_properties(
        {"title": f"steeliq: {scenario_name(document)}", "created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)}
    )
    formats = _Formats(book)
    first, readme = book.add_worksheet("Overview"), book.add_worksheet("README")
    world = overview(run_dir)
    _write_sheet(first, world, None, formats)
    if not reasons:
        first.write_string(len(world) + 2, 0, LEFT_OUT)
    first.freeze_panes(1, len(HEAD))
    countries = labels.names("countries", "country")
    notes: dict[str, str] = {}
    columns: dict[str, list[str]] = {}
    for name in tables_in(run_dir):
        if name in REASONS and not reasons:
            notes[name], columns[name] = f"{LEFT_OUT} They are in the CSV and Parquet files.", []
            continue
        table = SCHEMA[name]
        frame, notes[name] = _fitted(table, read_table(run_dir, name), detail_rows)
        frame = _with_names(frame, countries)
        columns[name] = [str(column) for column in frame.columns]
        _write_sheet(book.add_worksheet(name), frame, table, formats)
    sources = labels.tables["sources"]
    if not sources.empty:
        _write_sheet(book.add_worksheet("sources"), sources, None, formats)
    _write_readme(readme, document, notes, columns, formats)
    first.activate()
    book.close()
    partial.replace(out)
    return out


class _Formats:
    """Cell formats of the workbook."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.large = book.add_format({"num_format": "#,##0"})
        self.small = book.add_format({"num_format": "#,##0.0###"})
        self.tenths = book.add_format({"num_format": "#,##0.0"})
        self.tiny = book.add_format({"num_format": "0.00E+00"})
        self.year = book.add_format({"num_format": "0"})

    def of(self, table: ResultTable | None, column: str) -> Any:
        """Number format of a column by its unit."""
        if table is None:
            return self.tenths if column.isdigit() else None
        if column not in table.names:
            return None
        unit = table.unit(column)
        if unit == "year":
            return self.year
        if table.name in ("audit", "solves") and unit == "1":
            return self.tiny
        return self.large if unit in ADDITIVE else self.small


def _fitted(table: ResultTable, frame: pd.DataFrame, detail_rows: int) -> tuple[pd.DataFrame, str]:
    """The rows that go into the workbook and a note on what was left out (empty if nothing was)."""
    note = ""
    if "furnace_group" in table.names and len(frame) > detail_rows:
        sums = [c.name for c in table.columns if c.type == "number" and c.unit in ADDITIVE]
        by = [
            c.name
            for c in table.columns
            if c.type in ("string", "integer") and c.name not in ("furnace_group", "plant", "owner", "reason")
        ]
        if sums:
            frame = frame.groupby(by, as_index=False)[sums].sum()
            note = "summed over furnace groups; ratios left out. Every furnace group: export as CSV or read Parquet. "
    if len(frame) > EXCEL_ROWS:
        note += f"first {EXCEL_ROWS:,} of {len(frame):,} rows (limit of Excel); all rows: CSV or Parquet."
        frame = frame.head(EXCEL_ROWS)
    return frame, note.strip()


def _with_names(frame: pd.DataFrame, countries: dict[str, str]) -> pd.DataFrame:
    """The frame with a column of country names behind each column of country codes."""
    frame = frame.copy()
    for column in PLACES if countries else ():
        if column in frame.columns:
            position = list(frame.columns).index(column) + 1
            names = frame[column].map(lambda code: countries.get(code, code)).astype("str")
            frame.insert(position, f"{column}_name", names)
    return frame


def _write_sheet(sheet: Any, frame: pd.DataFrame, table: ResultTable | None, formats: _Formats) -> None:
    for number, column in enumerate(frame.columns):
        longest = frame[column].astype(str).str.len().max() if frame[column].dtype == "str" and len(frame) else 9
        sheet.set_column(number, number, min(48, max(11, len(column) + 2, int(longest) + 1)), formats.of(table, column))
    sheet.write_row(0, 0, list(frame.columns), formats.head)
    for number, row in enumerate(_cells(frame), start=1):
        for position, value in enumerate(row):
            if value is not None:
                _write(sheet, number, position, value)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(frame)), len(frame.columns) - 1)


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    # Texts are written as texts whatever they begin with, so that no cell becomes a formula.
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write_number(row, column, value)


def _cells(frame: pd.DataFrame) -> Iterable[tuple[object, ...]]:
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame.columns]
    return zip(*columns, strict=True)


def _described(table: ResultTable, name: str) -> tuple[str, str]:
    """Unit and description of a column of a sheet."""
    if name in table.names:
        column = next(column for column in table.columns if column.name == name)
        return column.unit, column.description
    return "", f"Name of the country whose code is in the column {name.removesuffix('_name')}"


def _write_readme(
    sheet: Any, document: dict[str, Any], notes: dict[str, str], columns: dict[str, list[str]], formats: _Formats
) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 12)
    sheet.set_column(3, 3, 90)
    row = 0
    sheet.write_string(row, 0, f"steeliq run: {scenario_name(document)}", formats.title)
    for row, (name, value) in enumerate(facts_of(document).items(), start=2):
        sheet.write_string(row, 0, name, formats.head)
        sheet.write_string(row, 1, value)
    row += 2
    for position, title in enumerate(("table", "column", "unit", "what it is")):
        sheet.write_string(row, position, title, formats.head)
    for table in (SCHEMA[name] for name in notes):
        if notes[table.name]:
            row += 1
            sheet.write_string(row, 0, table.name)
            sheet.write_string(row, 3, f"Note: {notes[table.name]}", formats.wrap)
        for name in columns[table.name]:
            row += 1
            for position, text in enumerate((table.name, name, *_described(table, name))):
                sheet.write_string(row, position, text, formats.wrap if position == 3 else None)
