"""What the spread comes from: tornado, Sobol' and Morris bars, correlations, scatter, parallel coordinates."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from steeliq.ensemble.analysis.cases import is_number
from steeliq.ensemble.analysis.correlation import correlations
from steeliq.ensemble.analysis.sensitivity import morris_screening, sobol_indices
from steeliq.ensemble.analysis.tornado import base_point, tornado
from steeliq.simulation.results.report.charts import Chart, Json, number, numbers, short, wrapped
from steeliq.simulation.results.report.theme import FALLBACK
from steeliq.webui.ensembles.charts_spread import SECTION
from steeliq.webui.ensembles.reading import BESIDE, Asked, Results

ROW: Final = 34
"""Pixels of a bar with its name."""

SYMBOLS: Final = ("circle", "square", "diamond", "cross")


def swings(results: Results, asked: Asked) -> Chart:
    """How far each factor alone moves the output."""
    told = results.outputs[asked.output]
    table = tornado(results.members, results.rows(asked.output), asked.output, asked.year)
    base = float(table["base"].iloc[0])
    names = [wrapped(str(name), 26) for name in table["factor"]]
    traces: list[Json] = []
    for end, words, colour in (("low", "At its low end", "$orange"), ("high", "At its high end", "$blue")):
        ends = table[f"{end}_output"].astype(float)
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": words,
                "y": names,
                "x": numbers(ends - base),
                "base": number(base),
                "customdata": [
                    [name, words.lower(), _text(value), number(float(output)), number(float(error))]
                    for name, value, output, error in zip(
                        table["factor"], table[f"{end}_value"], ends, table["error"], strict=True
                    )
                ],
                "meta": {"table": "customdata", "unnamed": True},
                "marker": {"color": colour, "pattern": {"shape": "/" if end == "low" else ""}},
                "hovertemplate": f"%{{customdata[0]}} %{{customdata[1]}}, %{{customdata[2]}}: "
                f"%{{customdata[3]:,.4~g}} {told.unit}<extra></extra>",
            }
        )
    alone = base_point(results.members) is not None
    first: Any = table.iloc[0]
    return Chart(
        id="tornado",
        section=SECTION,
        title=f"What moves it in {asked.year}: {told.words}",
        unit=told.unit,
        source=results.source,
        summary=f"{first['factor']} moves it most: from {short(first['low_output'])} to {short(first['high_output'])} "
        f"{told.unit}.",
        columns=("factor", "end", "value of the factor", told.unit, "standard error of the bar"),
        empty="No factor was varied.",
        traces=tuple(traces),
        layout={
            "barmode": "overlay",
            "bargap": 0.3,
            "xaxis": {"title": {"text": told.unit}},
            "yaxis": {"autorange": "reversed"},
            "shapes": [
                {"type": "line", "xref": "x", "yref": "paper", "x0": base, "x1": base, "y0": 0, "y1": 1,
                 "line": {"color": "$text", "width": 1}}
            ],
        },
        note="Each factor at its ends, all others as in the base."
        if alone
        else "Mean of the quarter of members in which the factor is lowest, and highest; the others vary meanwhile.",
        height=max(240, 90 + ROW * len(table)),
    )  # fmt: skip


def indices(results: Results, asked: Asked) -> Chart:
    """First and total Sobol' indices, or Morris' measures, as the design allows. Raises AnalysisError."""
    told, rows = results.outputs[asked.output], results.rows(asked.output)
    if results.design.method == "morris":
        table = morris_screening(results.design, rows, asked.output, asked.year).sort_values("mu_star")
        unit, columns = told.unit, ("measure", "factor", told.unit, "95 % interval, half")
        bars = [("mu*: mean size of the effect", "mu_star", "mu_star_conf", "$blue"),
                ("sigma: how uneven the effect is", "sigma", None, "$orange")]  # fmt: skip
        title, note = (
            "Morris screening",
            "Effect of a factor's whole range. Sigma above mu*: bent, or depends on others.",
        )
    else:
        table = sobol_indices(results.design, rows, asked.output, asked.year).sort_values("total")
        unit, columns = "share of the variance", ("index", "factor", "share", "95 % interval, half")
        bars = [("First: alone", "first", "first_conf", "$blue"),
                ("Total: with all it interacts with", "total", "total_conf", "$orange")]  # fmt: skip
        title, note = "Sobol' indices", "An index whose interval holds zero is of no account."
    names = [wrapped(str(name), 26) for name in table["factor"]]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": words,
            "y": names,
            "x": numbers(table[column]),
            "error_x": {"type": "data", "array": numbers(table[conf]), "color": "$text", "thickness": 1.2}
            if conf
            else {},
            "customdata": [
                [words, str(name), number(value), number(half)]
                for name, value, half in zip(
                    table["factor"], table[column], table[conf] if conf else [np.nan] * len(table), strict=True
                )
            ],
            "meta": {"table": "customdata", "unnamed": True},
            "marker": {"color": colour, "pattern": {"shape": "" if number_ == 0 else "/"}},
            "hovertemplate": "%{fullData.name}: %{x:.3~g}<extra></extra>",
        }
        for number_, (words, column, conf, colour) in enumerate(bars)
    ]
    best = table.iloc[-1]
    return Chart(
        id="indices",
        section=SECTION,
        title=f"{title} in {asked.year}: {told.words}",
        unit=unit,
        source=results.source,
        summary=f"{best['factor']} matters most.",
        columns=columns,
        empty="",
        traces=tuple(traces),
        layout={"barmode": "group", "bargap": 0.25, "xaxis": {"title": {"text": unit}, "rangemode": "tozero"}},
        note=note,
        height=max(260, 90 + int(1.5 * ROW) * len(table)),
    )


def matrix(results: Results, asked: Asked) -> Chart:
    """Rank correlations of factors and outputs."""
    outputs = list(dict.fromkeys([asked.output, *(name for name in BESIDE if name in results.outputs)]))
    table = correlations(results.members, results.rows(*outputs), outputs, asked.year)
    called = {name: BESIDE.get(name, results.outputs[name].words) for name in outputs}
    table = table.rename(index=called, columns=called)
    varying = table.columns[table.notna().sum() > 0]
    table = table.loc[varying, varying]
    names = [str(name) for name in table.columns]
    shown = [[None if np.isnan(cell) else round(float(cell), 2) for cell in row] for row in table.to_numpy()]
    for place, row in enumerate(shown):
        row[place + 1 :] = [None] * (len(row) - place - 1)  # one triangle says all
    factors = [name for name in results.number_factors if name in table.index]
    strongest = table.loc[factors].get(called[asked.output]) if factors else None
    said = "Rank correlations."
    if strongest is not None and strongest.notna().any():
        name = str(strongest.abs().idxmax())
        said = f"{called[asked.output]} goes most closely with {name} ({strongest[name]:+.2f})."
    return Chart(
        id="correlations",
        section=SECTION,
        title=f"What rises and falls together in {asked.year}",
        unit="rank correlation",
        source=results.source,
        summary=said,
        columns=("of", "with", "rank correlation"),
        empty="No two numbers vary.",
        traces=(
            {
                "type": "heatmap",
                "x": [wrapped(name, 16) for name in names],
                "y": names,
                "z": shown,
                "zmin": -1,
                "zmax": 1,
                "colorscale": [[0, "$orange"], [0.5, "$ground"], [1, "$blue"]],
                "xgap": 1,
                "ygap": 1,
                "texttemplate": "%{z:.2f}",
                "hovertemplate": "%{y} with %{x}: %{z:.2f}<extra></extra>",
                "colorbar": {"thickness": 12, "outlinewidth": 0, "tickfont": {"color": "$text"}},
            },
        ),
        layout={"yaxis": {"autorange": "reversed", "showgrid": False}, "xaxis": {"tickangle": -35}},
        note="Spearman's, from -1 to 1. Words have no order and are left out, as is what does not vary.",
        height=max(320, 150 + 30 * len(names)),
    )


def scatter(results: Results, asked: Asked) -> Chart:
    """Two outputs of every member in a year, coloured by a factor; a point leads to its member."""
    x, y = results.outputs[asked.other], results.outputs[asked.output]
    frame = pd.DataFrame({"x": results.values(x.name, asked.year), "y": results.values(y.name, asked.year)})
    colour = results.members[asked.colour] if asked.colour else None
    traces = [_points(name, part, values, x.unit, y.unit, place)
              for place, (name, part, values) in enumerate(_groups(frame, colour))]  # fmt: skip
    fit = float(frame["x"].corr(frame["y"], method="spearman")) if len(frame) > 2 else float("nan")
    together = "" if np.isnan(fit) else f" Their rank correlation is {fit:+.2f}."
    return Chart(
        id="scatter",
        section=SECTION,
        title=f"{y.words} against {x.words[:1].lower()}{x.words[1:]}, {asked.year}",
        unit=y.unit,
        source=results.source,
        summary=f"{len(frame)} members.{together}",
        columns=("colour", x.unit, y.unit, "member", asked.colour or "colour"),
        empty="No member is finished yet.",
        traces=tuple(traces),
        layout={
            "hovermode": "closest",
            "xaxis": {"title": {"text": f"{x.words}, {x.unit}"}},
            "yaxis": {"title": {"text": y.unit}},
        },
        note="A click on a point opens its member; so does its number in the table of members.",
        height=400,
    )


def _groups(frame: pd.DataFrame, colour: pd.Series | None) -> list[tuple[str, pd.DataFrame, pd.Series | None]]:
    if colour is None:
        return [("Members", frame, None)]
    here = colour.reindex(frame.index)
    if is_number(colour):
        return [("Members", frame, here)]
    return [(str(level), frame[here == level], here[here == level]) for level in sorted(here.unique())]


def _points(name: str, frame: pd.DataFrame, values: pd.Series | None, x_unit: str, y_unit: str, place: int) -> Json:
    numeric = values is not None and is_number(values)
    marker: Json = {"size": 9, "opacity": 0.85, "line": {"width": 0.8, "color": "$axis"}}
    if numeric and values is not None:
        bar = {"thickness": 12, "outlinewidth": 0, "tickfont": {"color": "$text"},
               "title": {"text": str(values.name), "side": "right", "font": {"color": "$muted"}}}  # fmt: skip
        marker |= {"color": numbers(values), "colorscale": "$sequential", "showscale": True, "colorbar": bar}
    else:
        marker |= {
            "color": FALLBACK[(place + 4) % 8].colour,
            "symbol": SYMBOLS[place % 4],
        }
    told = ["" if values is None else _cell(values[member]) for member in frame.index]
    label = f"{values.name} " if values is not None else ""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "showlegend": not numeric,
        "x": numbers(frame["x"]),
        "y": numbers(frame["y"]),
        "customdata": [[int(member), cell] for member, cell in zip(frame.index, told, strict=True)],
        "meta": {"members": True},
        "marker": marker,
        "hovertemplate": f"member %{{customdata[0]}}, {label}%{{customdata[1]}}<br>%{{x:,.4~g}} {x_unit}, "
        f"%{{y:,.4~g}} {y_unit}<extra></extra>",
    }


def parallel(results: Results, asked: Asked, kept: pd.Index) -> Chart:
    """A line for every member across its factors and the output; those of ``kept`` in colour, the others faint.

    Drawn as lines between axes from 0 to 1, not by Plotly's own kind, which needs WebGL: not every machine has it.
    """
    told = results.outputs[asked.output]
    values = results.values(asked.output, asked.year)
    table = results.members.loc[values.index, results.factors].assign(**{told.words: values})
    axes = [str(name) for name in table.columns]
    places = {name: _place(table[name]) for name in axes}
    traces = []
    for name, chosen, colour, width in (
        ("Other members", table.index.difference(kept), "$grid", 1.0),
        ("Chosen members", table.index.intersection(kept), "$blue", 1.3),
    ):
        x: list[int | None] = []
        y: list[float | int | None] = []
        rows = []
        for member in chosen:
            x += [*range(len(axes)), None]
            y += [*(number(places[axis][member]) for axis in axes), None]
            rows.append([name, int(member), *(_cell(table.at[member, axis]) for axis in axes)])
        traces.append(
            {"type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y, "customdata": rows,
             "meta": {"table": "customdata", "unnamed": True}, "connectgaps": False, "hoverinfo": "skip",
             "opacity": 0.75, "line": {"color": colour, "width": width}, "marker": {"size": 4, "color": colour}}
        )  # fmt: skip
    ends = [_ends(table[name]) for name in axes]
    notes = [
        {"x": place, "y": y, "yshift": shift, "text": text, "showarrow": False, "font": {"size": 11, "color": "$muted"}}
        for place, (low, high) in enumerate(ends)
        for y, shift, text in ((0, -12, low), (1, 12, high))
    ]
    return Chart(
        id="parallel",
        section=SECTION,
        title=f"Every member across its factors, to {told.words[:1].lower()}{told.words[1:]} in {asked.year}",
        unit=told.unit,
        source=results.source,
        summary=f"{len(kept)} of {len(table)} members are chosen by the ranges.",
        columns=("which", "member", *axes),
        empty="No member is finished yet.",
        traces=tuple(traces),
        layout={
            "hovermode": False,
            "dragmode": "select",
            "selectdirection": "v",
            "xaxis": {
                "tickvals": list(range(len(axes))),
                "ticktext": [wrapped(name, 18) for name in axes],
                "range": [-0.25, len(axes) - 0.75],
                "side": "top",
                "showgrid": True,
                "fixedrange": True,
                "zeroline": False,
                "ticks": "",
            },
            "yaxis": {"visible": False, "range": [-0.12, 1.12], "fixedrange": True},
            "annotations": notes,
            "margin": {"l": 30, "r": 30, "t": 60, "b": 20},
        },
        note="Draw a box over an axis to choose a range, or type it below the chart.",
        wide=True,
        height=400,
    )


def _place(column: pd.Series) -> pd.Series:
    """Where each value stands on an axis from 0 to 1; words by their order."""
    found = column.astype(float) if is_number(column) else pd.Series(pd.factorize(column, sort=True)[0], column.index)
    low, high = float(found.min()), float(found.max())
    return (found - low) / (high - low) if high > low else found * 0 + 0.5


def _ends(column: pd.Series) -> tuple[str, str]:
    if is_number(column):
        return short(float(column.min())), short(float(column.max()))
    levels = sorted(str(one) for one in column.unique())
    return levels[0], levels[-1]


def _cell(value: Any) -> Any:
    return str(value) if isinstance(value, str) else number(float(value))


def _text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
