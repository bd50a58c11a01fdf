"""The rows behind a chart, read from the traces that are drawn, as figure.js reads them for the table in the page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from steeliq.simulation.results.report.charts import Chart, Json

type Row = list[Any]

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
"""First letters with which a spreadsheet takes a text for a formula."""


def rows_of(chart: Chart, frame: str | None = None) -> list[Row]:
    """Rows under ``chart.columns``: of all frames, or of the frame with this key (controls' values joined with |).

    ``KeyError`` if the chart has no such frame.
    """
    if not chart.controls:
        return _rows(chart.traces, [])
    keys = list(chart.frames) if frame is None else [frame]
    return [row for key in keys for row in _rows(chart.frames[key], _prefix(chart, key))]


def _prefix(chart: Chart, key: str) -> Row:
    values = key.split("|")
    return [control.labels[control.values.index(value)] for control, value in zip(chart.controls, values, strict=True)]


def _rows(traces: Iterable[Json], prefix: Row) -> list[Row]:
    rows: list[Row] = []
    for trace in traces:
        meta = trace.get("meta", {})
        if meta.get("ground"):
            continue
        if trace["type"] == "heatmap":
            rows += [
                [*prefix, y, plain(x), z]
                for y, values in zip(trace["y"], trace["z"], strict=True)
                for x, z in zip(trace["x"], values, strict=True)
                if z is not None
            ]
        elif meta.get("table") == "customdata":
            named = [] if meta.get("unnamed") else [trace["name"]]
            rows += [[*prefix, *named, *given] for given in trace["customdata"]]
        else:
            custom = trace.get("customdata") or [[]] * len(trace["x"])
            rows += [
                [*prefix, trace["name"], plain(x), y, *given]
                for x, y, given in zip(trace["x"], trace["y"], custom, strict=True)
            ]
    return rows


def plain(value: Any) -> Any:
    """A name on an axis without its line breaks; one behind a hyphen stands for no space.

    >>> plain("Gas DRI -<br>EAF"), plain("DRI-GAS-<br>EAF")
    ('Gas DRI - EAF', 'DRI-GAS-EAF')
    """
    return re.sub(r"(?<=\w-)<br>", "", value).replace("<br>", " ") if isinstance(value, str) else value


def csv_of(columns: Sequence[str], rows: Iterable[Row]) -> str:
    r"""CSV text with a head; an empty cell stands for a missing value, and no text is taken for a formula.

    >>> csv_of(["plant", "Mt"], [["=1+1", 2.5], ["A, B", None]])
    'plant,Mt\n\'=1+1,2.5\n"A, B",\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(column) for column in columns])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: Any) -> Any:
    """The cell; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell
