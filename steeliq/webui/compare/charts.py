"""Charts in which all compared runs are drawn over each other, and where in the world two of them differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    in_unit,
    line,
    lines,
    number,
    short,
    view,
    year_slider,
    years_of,
)
from steeliq.simulation.results.report.charts_map import outlines, project
from steeliq.simulation.results.report.theme import COUNTRIES, WORLD, Stroke
from steeliq.webui.compare.chosen import Compared

STROKES: Final = (Stroke(WORLD, "solid", "circle"), *COUNTRIES[:5])
"""The baseline is drawn in the ink of the page, the others in hues, dashes and symbols of their own."""

LARGEST_DOT: Final = 30.0
"""Diameter of the largest difference on the map, pixels; area is proportional to the difference."""

MAPPED: Final = ("Crude steel production", "Scope 1 emissions", "Crude steel capacity", "Investment decided")

type Lines = Mapping[str, pd.Series[Any]]  # run key -> value by year


SHOWN: Final = {"values": "values", "difference": "differences", "percent": "differences in %"}
"""What the lines of a comparison can be, by their name in the address."""


class Choice:
    """One entry of a chart's choice: a quantity, its unit and its line for every run."""

    def __init__(self, name: str, unit: str, of: Lines, note: str = "") -> None:
        self.name, self.unit, self.of, self.note = name, unit, of, note


def comparison_charts(
    runs: Sequence[Compared], against: Compared, countries: pd.DataFrame, shown: str = "values"
) -> list[Chart]:
    """Every chart of a comparison, its lines as ``shown`` (a key of ``SHOWN``).

    ``countries`` are the ``country_differences`` of ``against`` from the baseline.
    """
    overlay = partial(_overlay, runs, mode=shown)
    capacity = ("Crude steel capacity in operation", "Iron capacity in operation")
    return [
        overlay("production", "Production by family", list(_families(runs)), "results table production", widest=True),
        overlay("emissions", "Emissions", _world(runs, ("Emissions",), first="Scope 1, on site"),
                "results table emissions"),
        overlay("intensity", "Emission intensity", list(_intensities(runs)), "results table intensities"),
        overlay("prices", "Prices", _world(runs, ("Price",)), "results table prices"),
        overlay("scrap", "Scrap", list(_scrap(runs)), "results tables charges and demand"),
        overlay("capacity", "Capacity", _world(runs, capacity), "results table capacity"),
        overlay("investment", "Investment", list(_investment(runs)), "results table decisions", zero=True),
        overlay("transition", "Transition", list(_transition(runs)), "result tables as in the key figures"),
        country_map(runs[0], against, countries),
    ]  # fmt: skip


def _overlay(
    runs: Sequence[Compared],
    name: str,
    title: str,
    choices: Sequence[Choice],
    source: str,
    *,
    mode: str,
    zero: bool = False,
    widest: bool = False,
) -> Chart:
    """A chart of all runs with a choice of quantities; ``widest``: begin with the one in which they differ most."""
    offered = [choice for choice in choices if any(series.abs().sum() > 0 for series in choice.of.values())]
    spreads = [_spread(choice) for choice in offered]
    start = spreads.index(max(spreads)) if widest and spreads else 0
    summary = _summary(runs, offered[start]) if offered else f"No {title.lower()} in these runs."
    shown = [_as(choice, mode, runs[0]) for choice in offered]
    unit = shown[start].unit if shown else ""
    keys = tuple(choice.name for choice in shown)
    return Chart(
        id=f"compare-{name}",
        section="Compare",
        title=title if mode == "values" else f"{title}, difference from {runs[0].label}",
        unit=unit,
        source=source,
        summary=summary,
        columns=("quantity", "run", "year", "value" if mode == "values" else "difference", "unit"),
        empty=f"No {title.lower()} in these runs.",
        frames={choice.name: tuple(_lines(runs, choice)) for choice in shown},
        controls=(Control("Of", "select", keys, keys, start),) if shown else (),
        layout=lines(unit, zero=zero or mode != "values"),
        views={choice.name: view(choice.unit, choice.note) for choice in shown},
    )


def _as(choice: Choice, mode: str, base: Compared) -> Choice:
    """The choice as values, or every run's difference from the baseline in the common years."""
    if mode == "values":
        return choice
    before = choice.of[base.key]
    changes = {key: (series - before).dropna() for key, series in choice.of.items() if key != base.key}
    if mode == "difference":
        unit = "percentage points" if choice.unit == "%" else choice.unit
        return Choice(choice.name, unit, changes, choice.note)
    whole = before.where(before.abs() > 0)
    return Choice(choice.name, "%", {key: 100.0 * series / whole for key, series in changes.items()}, choice.note)


def _spread(choice: Choice) -> float:
    """Greatest distance between two runs in any year, in the quantity's own unit."""
    together = pd.DataFrame(dict(choice.of))
    return float((together.max(axis=1) - together.min(axis=1)).max())


def _lines(runs: Sequence[Compared], choice: Choice) -> Iterator[Json]:
    for run, stroke in zip(runs, STROKES, strict=False):
        if run.key not in choice.of:
            continue  # the baseline among differences
        series = choice.of[run.key]
        trace = line(
            run.label,
            years_of(series.index),
            series.to_numpy(float),
            stroke.colour,
            choice.unit,
            stroke.dash,
            stroke.symbol,
        )
        yield in_unit(trace, choice.unit)


def _summary(runs: Sequence[Compared], choice: Choice) -> str:
    ends = [(run.label, choice.of[run.key].dropna()) for run in runs]
    told = [f"{label} {short(float(values.iloc[-1]))}" for label, values in ends if len(values)]
    return f"{choice.name} in the last year, {choice.unit}: {'; '.join(told)}."


def _world(runs: Sequence[Compared], groups: Sequence[str], first: str = "") -> list[Choice]:
    """The lines of some groups of the runs' world tables, named by group if there are several."""
    choices = []
    for group, quantity, unit in _quantities(runs):
        if group in groups:
            kind = group.removesuffix(" capacity in operation")
            name = quantity if len(groups) == 1 else f"{kind}, {quantity[0].lower()}{quantity[1:]}"
            choices.append(Choice(name, unit, _of(runs, group, quantity)))
    return sorted(choices, key=lambda choice: choice.name != first) if first else choices


def _quantities(runs: Sequence[Compared]) -> list[tuple[str, str, str]]:
    heads = [row for run in runs for row in run.facts.world[["group", "quantity", "unit"]].itertuples(index=False)]
    return list(dict.fromkeys((str(group), str(quantity), str(unit)) for group, quantity, unit in heads))


def _of(runs: Sequence[Compared], group: str, quantity: str) -> dict[str, pd.Series[Any]]:
    """One line of the world tables for each run; zero where a run does not know the quantity."""
    found = {}
    for run in runs:
        years = list(run.facts.years)
        values = run.facts.lines.get((group, quantity))
        found[run.key] = pd.Series(np.zeros(len(years)) if values is None else values, index=years)
    return found


def _families(runs: Sequence[Compared]) -> Iterator[Choice]:
    pairs = {pair for run in runs for pair in run.facts.families[["product", "family"]].itertuples(index=False)}
    products = ("Crude steel", "Iron")
    for product in products:
        yield Choice(f"{product}, all", "Mt", {run.key: _family(run, product, "") for run in runs})
    for product, family in sorted((str(p), str(f)) for p, f in pairs):
        yield Choice(f"{product}, {family}", "Mt", {run.key: _family(run, product, family) for run in runs})


def _family(run: Compared, product: str, family: str) -> pd.Series[Any]:
    frame = run.facts.families
    rows = frame[(frame["product"] == product) & ((frame["family"] == family) | (family == ""))]
    return rows.groupby("year")["value"].sum().reindex(list(run.facts.years), fill_value=0.0)


def _intensities(runs: Sequence[Compared]) -> Iterator[Choice]:
    """World mean inside each boundary, worldsteel's first."""
    boundaries = {str(name) for run in runs for name in run.facts.intensities["boundary"]}
    for boundary in sorted(boundaries, key=lambda name: (name != "worldsteel", name)):
        found = {}
        for run in runs:
            frame = run.facts.intensities
            rows = frame[(frame["boundary"] == boundary) & (frame["route"] == "world")]
            found[run.key] = rows.groupby("year")["value"].mean().reindex(list(run.facts.years))
        yield Choice(f"World mean, {boundary.replace('_', ' ')}", "tCO2e/t crude steel", found)


def _scrap(runs: Sequence[Compared]) -> Iterator[Choice]:
    yield Choice("Scrap used", "Mt", _of(runs, "Charge", "Scrap used"))
    yield Choice("Scrap share of charge", "%", _figure(runs, "Scrap share of charge"))


def _investment(runs: Sequence[Compared]) -> Iterator[Choice]:
    yearly = _of(runs, "Investment", "All decisions")
    note = "Summed up from the run's first year."
    yield Choice("Decided so far", "bn USD", {key: series.cumsum() for key, series in yearly.items()}, note)
    for choice in _world(runs, ("Investment",)):
        yield Choice(f"{choice.name}, by year", "bn USD", choice.of)


def _transition(runs: Sequence[Compared]) -> Iterator[Choice]:
    """How far the world is: shares and amounts among the key figures."""
    for figure in runs[0].facts.key_figures:
        if figure.unit == "%" or figure.name in ("CO2 captured", "Unmet demand"):
            yield Choice(figure.name, figure.unit, _figure(runs, figure.name))


def _figure(runs: Sequence[Compared], name: str) -> dict[str, pd.Series[Any]]:
    return {run.key: next(f.by_year for f in run.facts.key_figures if f.name == name) for run in runs}


def country_map(base: Compared, other: Compared, rows: pd.DataFrame) -> Chart:
    """Differences of countries between two runs as dots: more in one hue, less in another."""
    years = sorted(set(base.facts.years) & set(other.facts.years))
    places = base.facts.labels.tables["countries"]
    rows = rows[rows["quantity"].isin(MAPPED) & (rows["delta"] != 0)]
    frames: dict[str, tuple[Json, ...]] = {}
    if {"country", "latitude", "longitude"} <= set(places.columns) and len(rows):
        x, y = project(places["longitude"].to_numpy(float), places["latitude"].to_numpy(float))
        rows = rows.merge(places.assign(x=x.round(2), y=y.round(2))[["country", "x", "y"]], on="country")
        frames = dict(_map_frames(rows, years))
    units = {str(quantity): str(unit) for quantity, unit in zip(rows["quantity"], rows["unit"], strict=True)}
    quantities = tuple(quantity for quantity in MAPPED if quantity in units)
    hidden = {"visible": False, "fixedrange": True}
    return Chart(
        id="compare-map",
        section="Compare",
        title=f"{other.label} against {base.label}, by country",
        unit=units[quantities[0]] if quantities else "",
        source="results tables production, emissions, capacity and decisions; outlines: Natural Earth",
        summary=f"Where {other.label} differs from {base.label}; the largest differences are in the table below.",
        columns=("quantity", "year", "direction", "country", "baseline", "run", "difference", "unit"),
        empty="No country differs between these runs.",
        traces=outlines() if frames else (),
        frames=frames,
        controls=(Control("Of", "select", quantities, quantities), year_slider(years, start=len(years) - 1))
        if frames
        else (),
        layout={
            "xaxis": hidden | {"range": [-101, 101]},
            "yaxis": hidden | {"range": [-45, 50], "scaleanchor": "x"},
            "hovermode": "closest",
            "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
        },
        views={quantity: {"unit": unit} for quantity, unit in units.items()},
        note="The area of a dot is proportional to the difference; dots of one quantity have one scale in all years.",
        wide=True,
        height=520,
    )


def country_differences(base: Compared, other: Compared) -> pd.DataFrame:
    """Columns quantity, unit, country, name, year, base, value, delta; common years; a country without rows has 0.

    Prices are compared only where both runs have one.
    """
    on = ["quantity", "unit", "country", "year"]
    years = sorted(set(base.facts.years) & set(other.facts.years))
    sides = [run.facts.countries[run.facts.countries["year"].isin(years)] for run in (base, other)]
    rows = sides[0].merge(sides[1], on=on, how="outer", suffixes=("_base", ""))
    rows = rows.rename(columns={"value_base": "base"})
    is_price = rows["quantity"].str.contains("price")
    for column in ("base", "value"):
        rows[column] = rows[column].where(is_price, rows[column].fillna(0.0))
    names = base.facts.labels.names("countries", "country")
    rows["name"] = [names.get(code, code) for code in rows["country"].astype(str)]
    rows["delta"] = rows["value"] - rows["base"]
    rows = rows.dropna(subset=["delta"])
    return rows[[*on[:3], "name", "year", "base", "value", "delta"]].sort_values(on, ignore_index=True)


def _map_frames(rows: pd.DataFrame, years: Sequence[int]) -> Iterator[tuple[str, tuple[Json, ...]]]:
    """A frame per quantity and year: countries with more, then with less, the largest differences below the others."""
    rows = rows.assign(size=rows["delta"].abs()).sort_values("size", ascending=False, kind="stable")
    largest = rows.groupby("quantity")["size"].max().to_dict()
    buckets: dict[tuple[str, int, bool], list[tuple[Any, ...]]] = {}
    columns = ["quantity", "year", "delta", "name", "base", "value", "unit", "x", "y"]
    for quantity, year, delta, *held in rows[columns].itertuples(index=False, name=None):
        buckets.setdefault((str(quantity), int(year), delta > 0), []).append((delta, *held))
    for quantity in dict.fromkeys(rows["quantity"].astype(str)):
        for year in years:
            more, less = (buckets.get((quantity, year, is_more), []) for is_more in (True, False))
            top = float(largest[quantity])
            yield f"{quantity}|{year}", (_dots(more, "more", "$blue", top), _dots(less, "less", "$orange", top))


def _dots(rows: Sequence[tuple[Any, ...]], direction: str, colour: str, largest: float) -> Json:
    """Dots of rows (delta, name, base, value, unit, x, y)."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": direction,
        "x": [x for *_, x, _ in rows],
        "y": [y for *_, y in rows],
        "meta": {"table": "customdata"},
        "customdata": [
            [str(name), number(base), number(value), number(delta), str(unit)]
            for delta, name, base, value, unit, _, _ in rows
        ],
        "marker": {
            "size": [number(LARGEST_DOT * math.sqrt(abs(delta) / largest)) for delta, *_ in rows],
            "color": colour,
            "opacity": 0.8,
            "line": {"width": 0.6},
        },
        "hovertemplate": "%{customdata[0]}: %{customdata[3]:+,.4~g} %{customdata[4]}<br>%{customdata[1]:,.4~g} to "
        "%{customdata[2]:,.4~g}<extra></extra>",
    }
