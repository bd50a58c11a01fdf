"""What a chart is: plain data that the page (or any Plotly) draws, never a Plotly object.

``Chart.traces`` are drawn always, ``Chart.frames`` by the position of the chart's controls (a year slider, a choice);
a frame's key joins the control values with ``|`` in the order of the controls. The table and the CSV behind a chart
are read from the very traces that are drawn, so that shown and downloaded cannot differ.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pandas as pd

from steeliq.simulation.results.labels import Labels
from steeliq.simulation.results.report.theme import Look

type Json = dict[str, Any]

DIGITS = 5
"""Significant digits of numbers in the page; the Parquet tables hold all of them."""


@dataclass(frozen=True, slots=True)
class RunTables:
    """All that the charts read: result tables by name, labels, run.json, years with results."""

    tables: Mapping[str, pd.DataFrame]
    labels: Labels
    document: Mapping[str, Any]
    years: tuple[int, ...]

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]


@dataclass(frozen=True, slots=True)
class Control:
    """What a reader can set above a chart: ``kind`` is ``slider`` or ``select``; the first shown is ``start``."""

    name: str
    kind: str
    values: tuple[str, ...]
    labels: tuple[str, ...]
    start: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure of the report.

    ``columns`` names what the table shows: the controls, the series, x, y and any custom data, in this order.
    ``empty`` says why there is nothing to draw when there is nothing. ``views`` changes what stands around a frame,
    by the frame's key or by the value of the first control: ``unit``, ``note`` and ``layout``.
    """

    id: str
    section: str
    title: str
    unit: str
    source: str
    summary: str
    columns: tuple[str, ...]
    empty: str
    traces: tuple[Json, ...] = ()
    frames: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    controls: tuple[Control, ...] = ()
    layout: Mapping[str, Any] = field(default_factory=dict)
    views: Mapping[str, Json] = field(default_factory=dict)
    note: str = ""
    wide: bool = False
    height: int = 360

    @property
    def is_empty(self) -> bool:
        """Nothing to draw."""
        drawn = [*self.traces, *(trace for frame in self.frames.values() for trace in frame)]
        data = ("x", "z", "customdata")
        return not any(trace.get(k) for trace in drawn if not trace.get("meta", {}).get("ground") for k in data)

    def json(self) -> Json:
        """The chart as the page reads it; the traces are the chart's own, not copies."""
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        return own | {"controls": [asdict(control) for control in self.controls], "is_empty": self.is_empty}


def number(value: float) -> float | int | None:
    """Rounded to the page's significant digits; None for NaN and infinities (Plotly leaves a gap)."""
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() else rounded


def numbers(values: Iterable[float]) -> list[float | int | None]:
    """``number`` of each."""
    return [number(float(value)) for value in values]


def years_of(values: Iterable[Any]) -> list[int]:
    """Years as integers for an axis."""
    return [int(value) for value in values]


def bar(name: str, x: Sequence[Any], y: Iterable[float], look: Look, unit: str) -> Json:
    """A stacked bar series with its unit in the hover."""
    marker: Json = {"color": look.colour, "line": {"width": 0}}
    if look.pattern:
        marker["pattern"] = {
            "shape": look.pattern,
            "bgcolor": look.colour,
            "fgcolor": "$ground",
            "fgopacity": 0.85,
            "size": 7,
            "solidity": 0.22,
        }
    hover = f"%{{fullData.name}}: %{{y:,.4~g}} {unit}<extra></extra>"
    return {"type": "bar", "name": name, "x": list(x), "y": numbers(y), "marker": marker, "hovertemplate": hover}


def line(
    name: str, x: Sequence[Any], y: Iterable[float], colour: str, unit: str, dash: str = "solid", symbol: str = "circle"
) -> Json:
    """A line with markers, so that a single year is still visible."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(x),
        "y": numbers(y),
        "line": {"color": colour, "width": 2.2, "dash": dash},
        "marker": {"size": 5, "color": colour, "symbol": symbol},
        "hovertemplate": f"%{{fullData.name}}: %{{y:,.4~g}} {unit}<extra></extra>",
    }


def stacked(unit: str, **axes: Any) -> Json:
    """Layout of bars stacked over years; negative parts go below zero."""
    return {
        "barmode": "relative",
        "bargap": 0.18,
        "hovermode": "x unified",
        "xaxis": {"tickformat": "d", "type": "linear"},
        "yaxis": {"title": {"text": unit}, "rangemode": "tozero"},
        "legend": {"traceorder": "reversed"},
    } | axes


def lines(unit: str, *, zero: bool = False) -> Json:
    """Layout of lines over years."""
    return {
        "hovermode": "x unified",
        "xaxis": {"tickformat": "d", "type": "linear"},
        "yaxis": {"title": {"text": unit}, "rangemode": "tozero" if zero else "normal"},
    }


def view(unit: str, note: str = "") -> Json:
    """What changes with a choice: the unit in title and axis, and a note."""
    return {"unit": unit, "note": note, "layout": {"yaxis": {"title": {"text": unit}}}}


def in_unit(trace: Json, unit: str) -> Json:
    """The trace with its unit beside each value of the table, for charts whose choices differ in unit."""
    return trace | {"customdata": [[unit] for _ in trace["x"]]}


def year_slider(years: Sequence[int], *, start: int = 0) -> Control:
    """The control that picks a year."""
    values = tuple(str(year) for year in years)
    return Control("Year", "slider", values, values, start)


def span(values: pd.Series[Any], unit: str, what: str) -> str:
    """A sentence on the first and last value of a yearly series, for readers who do not see the chart."""
    if values.empty:
        return f"No {what} in this run."
    first, last = values.index[0], values.index[-1]
    begin = f"{what}: {short(float(values.iloc[0]))} {unit} in {first}"
    return f"{begin}." if first == last else f"{begin}, {short(float(values.iloc[-1]))} {unit} in {last}."


def wrapped(name: str, width: int = 15) -> str:
    """A name broken into lines for an axis, so that ticks need not be turned; the table shows it unbroken."""
    return "<br>".join(textwrap.wrap(name, width, break_long_words=False)) or name


def short(value: float, *, zeros: bool = False) -> str:
    """Three significant digits with thousands separators, for people; ``zeros`` keeps those at the end below 1.

    >>> short(0.7), short(0.7, zeros=True), short(12.5)
    ('0.7', '0.700', '12.5')
    """
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{round(value, decimals):,.{min(decimals, 6)}f}"
    return text.rstrip("0").rstrip(".") if abs(value) < 1 and not zeros else text
