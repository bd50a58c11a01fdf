"""One chart written out: for drawing, and as CSV, Excel and JSON for taking away.

All of them read the traces of the same chart, so that what is shown and what is downloaded cannot differ.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any, Final

from steeliq.simulation.results.report.charts import Chart
from steeliq.simulation.results.report.rows import Row, csv_of, rows_of
from steeliq.webui.guide.glossary import named_in


@dataclass(frozen=True, slots=True)
class Told:
    """What stands around a figure: the filter in words; the run, runs or dataset by name and short hash."""

    filter: str
    run: str
    hash: str
    what: str = "Run"


TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "data.json": "application/json",
}
"""Forms in which the rows of a figure can be taken away, by the ending of the address."""


def drawing(chart: Chart, told: Told) -> dict[str, Any]:
    """The chart as a page draws it, with the number of its rows, what is shown, and the terms it uses."""
    text = f"{chart.title} {chart.unit} {chart.note} {chart.source}"
    return chart.json() | {
        "rows": len(rows_of(chart)),
        "filter": told.filter,
        "run": {"what": told.what, "name": told.run, "hash": told.hash},
        "terms": [(term.shown, term.meaning) for term in named_in(text)],
    }


def written(chart: Chart, kind: str, frame: str | None, told: Told) -> bytes:
    """All rows, or those of one frame, in a form of ``TYPES``; ``KeyError`` for an unknown frame."""
    rows = rows_of(chart, frame)
    if kind == "csv":  # with the mark by which Excel knows UTF-8
        return csv_of(chart.columns, rows).encode("utf-8-sig")
    if kind == "xlsx":
        return _workbook(chart, rows, told)
    return compact(_facts(chart, told) | {"columns": chart.columns, "rows": rows})


def _workbook(chart: Chart, rows: list[Row], told: Told) -> bytes:
    """The rows, and a second sheet on where they come from."""
    import xlsxwriter  # only for this download

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, bold = book.add_worksheet("Data"), book.add_format({"bold": True})
    sheet.write_row(0, 0, chart.columns, bold)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            _put(sheet, number, column, cell)
    sheet.freeze_panes(1, 0)
    sheet.autofit()
    about = book.add_worksheet("About")
    for number, (fact, text) in enumerate(_facts(chart, told).items()):
        about.write_string(number, 0, fact.capitalize(), bold)
        about.write_string(number, 1, text)
    about.set_column(0, 0, 12)
    book.close()
    return stream.getvalue()


def _facts(chart: Chart, told: Told) -> dict[str, str]:
    return {
        "figure": f"{chart.title}, {chart.unit}", "source": chart.source, "note": chart.note,
        "filter": told.filter, told.what.lower(): told.run, "hash": told.hash,
    }  # fmt: skip


def compact(document: Any) -> bytes:
    """JSON without spaces."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _put(sheet: Any, row: int, column: int, cell: Any) -> None:
    # Texts are written as texts whatever they begin with, so that no cell becomes a formula.
    if cell is None:
        sheet.write_blank(row, column, None)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    else:
        sheet.write_number(row, column, cell)
