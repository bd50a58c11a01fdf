"""A dataset as one Excel workbook: a sheet for each table, one that names the dataset, one that declares units.

Sheet ``dataset`` has the rows name, title, description and version (key in column A, value in B); sheet ``columns``
lists table, column, type, unit and description of every column; a unit changed there changes how the column is
read. Formulas are refused, since a reader cannot know whether the stored result is still true.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pyarrow as pa

from steeliq.atomic import write_bytes_atomically
from steeliq.simulation.dataset.canonical import canonical
from steeliq.simulation.dataset.cells import RawTable
from steeliq.simulation.dataset.files import UNDECLARED, Package
from steeliq.simulation.dataset.findings import Findings, close_matches
from steeliq.simulation.dataset.schema import Column, Table, schema

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

ABOUT, COLUMNS = "dataset", "columns"
_ABOUT_KEYS = ("name", "title", "description", "version")
_FORMULA = "formulas are not read; paste the value instead"
_LONGEST_TEXT = 32_767  # characters in a cell, by the file format
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  # a fixed creation date keeps the bytes the same


def write_workbook(
    file: Path, tables: Mapping[str, pd.DataFrame], *, name: str, title: str, description: str, version: str
) -> None:
    """Write ``tables`` (canonical units) to an .xlsx file that :func:`steeliq.simulation.dataset.load` reads.

    Raises ``ValueError`` for an unknown table or a text too long for a cell, ``KeyError`` for a missing column.
    """
    import xlsxwriter

    unknown = sorted(set(tables) - set(schema()))
    if unknown:
        raise ValueError(f"no such tables: {', '.join(unknown)}")
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": title, "comments": description, "created": _EPOCH})
        bold = book.add_format({"bold": True})
        about = book.add_worksheet(ABOUT)
        for row, (key, value) in enumerate(zip(_ABOUT_KEYS, (name, title, description, version), strict=True)):
            about.write_string(row, 0, key, bold)
            about.write_string(row, 1, value)
        about.set_column(0, 1, 24)
        _write_columns(book, bold)
        for key, table in schema().items():
            if key in tables:
                _write_table(book, table, canonical(tables[key], table), bold)
    write_bytes_atomically(file, content.getvalue())


def _write_columns(book: Workbook, bold: object) -> None:
    sheet = book.add_worksheet(COLUMNS)
    names = ("table", "column", "type", "unit", "description")
    rows = [(c.table, c.name, c.type, c.unit, c.description) for table in schema().values() for c in table.columns]
    for at, cells in enumerate([names, *rows]):
        for place, cell in enumerate(cells):
            sheet.write_string(at, place, cell, bold if at == 0 else None)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(names) - 1)
    sheet.set_column(0, 3, 20)
    sheet.set_column(4, 4, 90)


def _write_table(book: Workbook, table: Table, frame: pd.DataFrame, bold: object) -> None:
    sheet = book.add_worksheet(table.name)
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column.name, bold)
        for row, value in enumerate(frame[column.name].tolist(), start=1):
            _write_cell(sheet, row, place, value, column)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(frame), len(table.columns) - 1)
    sheet.set_column(0, len(table.columns) - 1, 16)


def _write_cell(sheet: Worksheet, row: int, place: int, value: object, column: Column) -> None:
    if column.type == "boolean":
        sheet.write_boolean(row, place, value)
    elif column.type == "string":
        text = str(value)
        if len(text) > _LONGEST_TEXT:
            raise ValueError(
                f"{column.table}, row {row + 1}, column {column.name}: {len(text)} characters do not fit a cell"
            )
        if text:
            sheet.write_string(row, place, text)
    elif value == value:  # noqa: PLR0124  # NaN stays an empty cell
        sheet.write_number(row, place, value)


@dataclass(frozen=True)
class WorkbookPackage(Package):
    """A dataset in a workbook; the cells are taken from ``sheets``."""

    sheets: Mapping[str, Sequence[Sequence[object]]] = field(default_factory=dict)

    def tables(self, findings: Findings) -> dict[str, RawTable]:
        """The sheets as tables of text; what has no header is noted and left out."""
        found: dict[str, RawTable] = {}
        for name, rows in self.sheets.items():
            table = _raw_table(name, rows, self.units.get(name, {}), findings)
            if table is not None:
                found[name] = table
        return found


def read_workbook(file: Path, findings: Findings) -> Package:
    """Read an .xlsx file; what is wrong with the workbook as such is noted in ``findings``."""
    from python_calamine import CalamineError, load_workbook

    nothing = Package(file, file.stem, file.stem, "", {}, {})
    if not file.is_file():
        findings.add(file.name, "the file does not exist; give a folder with a datapackage.json or an Excel workbook")
        return nothing
    content = file.read_bytes()
    try:
        book = load_workbook(io.BytesIO(content))
        cells = {name: _rows(book, name) for name in book.sheet_names}
        _note_formulas(content, cells, findings)
    except (CalamineError, zipfile.BadZipFile, ET.ParseError, KeyError) as error:
        findings.add(file.name, f"the file cannot be read as an Excel workbook ({error}); save it as .xlsx again")
        return nothing
    about = {str(row[0]).strip(): _text(row[1]) for row in cells.get(ABOUT, []) if len(row) > 1}
    name = about.get("name") or file.stem
    sheets = {}
    for sheet, rows in cells.items():
        if sheet in schema():
            sheets[sheet] = rows
        elif sheet not in {ABOUT, COLUMNS}:
            findings.add(
                sheet, "no table has the name of this sheet; rename or remove it", hint=close_matches(sheet, schema())
            )
    return WorkbookPackage(
        path=file,
        name=name,
        title=about.get("title") or name,
        version=about.get("version", ""),
        contents={"workbook": content},
        units=_declared_units(cells.get(COLUMNS), set(sheets), findings),
        sheets=sheets,
    )


def _rows(book: CalamineWorkbook, sheet: str) -> list[list[object]]:
    return [list(row) for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)]


def _declared_units(
    rows: Sequence[Sequence[object]] | None, sheets: set[str], findings: Findings
) -> dict[str, dict[str, str]]:
    if rows is None:
        findings.add(COLUMNS, "the sheet is missing; it lists table, column and unit of every column")
        return {}
    header = [_text(cell) for cell in rows[0]] if rows else []
    if not {"table", "column", "unit"} <= set(header):
        findings.add(COLUMNS, "the sheet must have the columns table, column and unit", row=1)
        return {}
    at = [header.index(name) for name in ("table", "column", "unit")]
    units: dict[str, dict[str, str]] = {name: {} for name in sheets}
    for row in rows[1:]:
        table, column, unit = (_text(row[place]) for place in at)
        if table in units:
            units[table][column] = unit
    for name in sorted(sheets):
        for known in schema()[name].columns:
            if units[name].get(known.name):
                continue
            units[name][known.name] = known.unit if known.unit in UNDECLARED else ""
            if known.unit not in UNDECLARED:
                rule = f"the unit is not declared; add a row for it here, usually with unit {known.unit}"
                findings.add(COLUMNS, rule, column=f"{name}.{known.name}")
    return units


def _raw_table(
    name: str, rows: Sequence[Sequence[object]], units: Mapping[str, str], findings: Findings
) -> RawTable | None:
    header = [_text(cell) for cell in rows[0]] if rows else []
    while header and not header[-1]:
        header.pop()
    if not header:
        findings.add(name, "the sheet has no header; its first row names the columns", row=1)
        return None
    twice = sorted({column for column in header if header.count(column) > 1})
    for column in twice:
        findings.add(name, "the column is there twice; remove one", column=column, row=1)
    if twice:
        return None
    cells = [[_text(cell) for cell in row] for row in rows[1:]]
    for number, row in enumerate(cells):
        if any(row[len(header) :]):
            findings.add(name, "the row has cells beyond the last column that has a name; remove them", row=number + 2)
    # spreadsheets keep empty rows where something was deleted
    places = [number for number, row in enumerate(cells) if any(row[: len(header)])]
    columns = {column: pa.array([cells[row][at] for row in places], pa.string()) for at, column in enumerate(header)}
    return RawTable(columns, np.array(places, dtype=np.int64), units)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return format(cell, ".16g")
    return str(cell).strip()


_CELL = re.compile(r"([A-Z]+)(\d+)")


def _note_formulas(content: bytes, cells: Mapping[str, Sequence[Sequence[object]]], findings: Findings) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for sheet, part in _sheet_parts(archive):
            header = next(iter(cells.get(sheet, [])), [])
            for reference, text in _formulas(archive, part):
                column, row = _place(reference)
                name = _text(header[column]) if column < len(header) else reference
                findings.add(sheet, _FORMULA, column=name, row=row, value=f"={text}")


def _place(reference: str) -> tuple[int, int]:
    """Column (from 0) and row (from 1) of a cell such as 'B5'."""
    match = _CELL.fullmatch(reference)
    if match is None:
        return 0, 0
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column - 1, int(match[2])


def _formulas(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str]]:
    """Reference and text of each formula cell of a sheet."""
    with archive.open(part) as stream:
        for _, element in ET.iterparse(stream):  # noqa: S314  # expat refuses entity bombs since 2.4.1
            if element.tag.endswith("}c"):
                for child in element:
                    if child.tag.endswith("}f"):
                        yield element.get("r", ""), child.text or ""
                element.clear()


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name of each sheet and the archive member that holds it."""
    relations = {
        element.get("Id", ""): posixpath.normpath(posixpath.join("/xl", element.get("Target", ""))).lstrip("/")
        for element in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  # as above
    }
    for element in ET.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314  # as above
        if element.tag.endswith("}sheet"):
            target = next(value for key, value in element.attrib.items() if key.endswith("}id"))
            if "worksheets" in relations[target]:
                yield element.get("name", ""), relations[target]
