"""How wide the answer is: bands over the years, of one ensemble or of two; the chance to lie above a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from steeliq.ensemble.analysis.bands import bands, exceedance
from steeliq.simulation.results.report.charts import Chart, Control, Json, lines, number, numbers, short, years_of
from steeliq.webui.ensembles.reading import Asked, Results

SECTION: Final = "Ensemble"
WIDTHS: Final = ((0.05, 0.95, "dot"), (0.25, 0.75, "dash"))
"""Bands: lower and upper quantile, dash of their edges."""

SINGLE: Final = 60
"""Members that are drawn one by one at most; more would be a grey plane."""

THRESHOLDS: Final = 41
CHOSEN: Final = (
    "The points are chosen to be compared, not drawn by chance: quantiles show their spread, no probabilities."
)


def fan(results: Results, asked: Asked) -> Chart:
    """Median and bands of an output over the years; on request with single members behind them."""
    told = results.outputs[asked.output]
    rows = results.rows(asked.output)
    traces = list(_fan(rows, asked.output, told.unit, "$blue"))
    single = list(_members(rows))
    keys = ("bands", "members")
    return Chart(
        id="fan",
        section=SECTION,
        title=f"{told.words}, by year",
        unit=told.unit,
        source=results.source,
        summary=_said(rows, asked.output, told.unit),
        columns=("show", "quantile or member", "year", told.unit),
        empty="No member is finished yet.",
        frames={"bands": tuple(traces), "members": (*single, *traces)},
        controls=(Control("Show", "select", keys, ("Bands", f"Bands and members (at most {SINGLE})")),),
        layout=lines(told.unit),
        note=_note(results),
        wide=True,
        height=400,
    )


def two_fans(both: Sequence[tuple[str, Results]], output: str) -> Chart:
    """Medians and the bands from 5 to 95 per cent of two ensembles on one chart."""
    traces: list[Json] = []
    for (name, results), colour in zip(both, ("$blue", "$orange"), strict=True):
        for trace in _fan(results.rows(output), output, results.outputs[output].unit, colour, WIDTHS[:1]):
            # One column of the table tells the ensemble.
            rows = [[name, *row] for row in trace["customdata"]]
            traces.append(trace | {"name": f"{name}: {trace['name']}", "customdata": rows})
    told = both[0][1].outputs[output]
    return Chart(
        id="two-fans",
        section=SECTION,
        title=f"{told.words}, by year",
        unit=told.unit,
        source="; ".join(f"{name}: {results.source}" for name, results in both),
        summary=" ".join(f"{name}: {_said(results.rows(output), output, told.unit)}" for name, results in both),
        columns=("ensemble", "quantile", "year", told.unit),
        empty="No member is finished yet.",
        traces=tuple(traces),
        layout=lines(told.unit),
        note="Shaded from 5 to 95 %. " + " ".join(dict.fromkeys(filter(None, (_note(one) for _, one in both)))),
        wide=True,
        height=420,
    )


def _note(results: Results) -> str:
    return "" if results.design.method in ("latin_hypercube", "sobol") else CHOSEN


def _fan(
    rows: pd.DataFrame, output: str, unit: str, colour: str, widths: Sequence[tuple[float, float, str]] = WIDTHS
) -> Iterator[Json]:
    """A band is a closed line around its area; its table has the edges, each year once."""
    levels = sorted({0.5, *(level for low, high, _ in widths for level in (low, high))})
    table = bands(rows, output, levels).pivot(index="year", columns="level", values="value")
    years = years_of(table.index)
    for low, high, dash in widths:
        edges = [(low, years, table[low]), (high, years[::-1], table[high][::-1])]
        yield {
            "type": "scatter",
            "mode": "lines",
            "name": f"{100 * low:.0f} to {100 * high:.0f} %",
            "x": [year for _, at, _ in edges for year in at],
            "y": [value for _, _, values in edges for value in numbers(values)],
            "customdata": [
                [f"{100 * level:.0f} %", year, value]
                for level, at, values in edges
                for year, value in zip(at, numbers(values), strict=True)
            ],
            "meta": {"table": "customdata", "unnamed": True},
            "line": {"color": colour, "width": 1, "dash": dash},
            "fill": "toself",
            "fillcolor": colour,
            "opacity": 0.28,
            "hoverinfo": "skip",
        }
    told = [
        "<br>".join(f"{100 * level:.0f} %: {short(float(row[level]))} {unit}" for level in reversed(levels))
        for _, row in table.iterrows()
    ]
    yield {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "Median",
        "x": years,
        "y": numbers(table[0.5]),
        "text": told,
        "customdata": [["50 %", year, value] for year, value in zip(years, numbers(table[0.5]), strict=True)],
        "meta": {"table": "customdata", "unnamed": True},
        "line": {"color": colour, "width": 2.4},
        "marker": {"size": 5, "color": colour},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _members(rows: pd.DataFrame) -> Iterator[Json]:
    """Single members as thin lines; of many, every so many-th."""
    wide = rows.pivot(index="year", columns="member", values="value")
    step = max(1, -(-len(wide.columns) // SINGLE))
    for place, member in enumerate(wide.columns[::step]):
        values = numbers(wide[member])
        yield {
            "type": "scatter",
            "mode": "lines",
            "name": "Members",
            "showlegend": place == 0,
            "x": years_of(wide.index),
            "y": values,
            "customdata": [[f"member {member}", int(y), v] for y, v in zip(wide.index, values, strict=True)],
            "meta": {"table": "customdata", "unnamed": True, "member": int(member)},
            "line": {"color": "$muted", "width": 0.8},
            "opacity": 0.6,
            "hoverinfo": "skip",
        }


def _said(rows: pd.DataFrame, output: str, unit: str) -> str:
    found = bands(rows, output, (0.05, 0.5, 0.95))
    last = int(found["year"].max())
    low, median, high = found.loc[found["year"] == last, "value"]
    return (
        f"In {last} the median is {short(median)} {unit}; nine of ten members lie from {short(low)} to {short(high)}."
    )


def exceeding(results: Results, asked: Asked) -> Chart:
    """The share of members above each value in a year, with its 95 % interval, and the target."""
    told = results.outputs[asked.output]
    rows, values = results.rows(asked.output), results.values(asked.output, asked.year)
    thresholds = {float(one) for one in np.linspace(values.min(), values.max(), THRESHOLDS)}
    if asked.target is not None:
        thresholds.add(asked.target)
    found = exceedance(rows, asked.output, asked.year, sorted(thresholds), members=results.members)
    at, share = numbers(found["threshold"]), found["probability"] * 100
    low, high = found["low"] * 100, found["high"] * 100
    interval: Json = {
        "type": "scatter", "mode": "lines", "name": "95 % interval", "x": [*at, *at[::-1]],
        "y": [*numbers(low), *numbers(high[::-1])], "fill": "toself", "fillcolor": "$blue", "opacity": 0.22,
        "line": {"color": "$blue", "width": 1, "dash": "dot"}, "hoverinfo": "skip", "meta": {"ground": True},
    }  # fmt: skip
    curve: Json = {
        "type": "scatter", "mode": "lines+markers", "name": "Share of members above", "x": at, "y": numbers(share),
        "customdata": [[number(a), number(b)] for a, b in zip(low, high, strict=True)],
        "line": {"color": "$blue", "width": 2.2}, "marker": {"size": 4, "color": "$blue"},
        "hovertemplate": f"above %{{x:,.4~g}} {told.unit}: %{{y:.0f}} % (%{{customdata[0]:.0f}} to "
        "%{customdata[1]:.0f} %)<extra></extra>",
    }  # fmt: skip
    traces, said = [interval, curve], f"Half of the members lie above {short(float(values.median()))} {told.unit}."
    if asked.target is not None:
        here = float(found.loc[found["threshold"] == asked.target, "probability"].iloc[0])
        said = f"{here:.0%} of the members lie above the target of {short(asked.target)} {told.unit}."
        traces.append(
            {"type": "scatter", "mode": "lines", "name": "Target", "x": [number(asked.target)] * 2, "y": [0, 100],
             "line": {"color": "$bad", "width": 2, "dash": "dash"}, "hoverinfo": "skip", "meta": {"ground": True}}
        )  # fmt: skip
    return Chart(
        id="exceedance",
        section=SECTION,
        title=f"Chance to lie above a value in {asked.year}: {told.words}",
        unit="% of members",
        source=results.source,
        summary=said,
        columns=("series", told.unit, "% of members", "low", "high"),
        empty="No member is finished yet.",
        traces=tuple(traces),
        layout={
            "xaxis": {"title": {"text": told.unit}},
            "yaxis": {"title": {"text": "% of members"}, "range": [-3, 103]},
        },
        note=_note(results),
    )
