"""What is emitted: by scope, by technology, and per tonne of steel inside each reporting boundary."""

from __future__ import annotations

import pandas as pd

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    bar,
    line,
    lines,
    span,
    stacked,
    years_of,
)
from steeliq.simulation.results.report.charts_production import stack, technology_names
from steeliq.simulation.results.report.theme import GROUPED_ROUTES, SCOPES, TECHNOLOGIES, ordered

UNIT = "Mt CO2e"

WORLDSTEEL_2024 = {"BF-BOF": 2.34, "scrap-EAF": 0.69, "DRI-EAF": 1.47, "world": 1.92}
"""Intensity by route, tCO2e per tonne crude steel: worldsteel, Sustainability Indicators 2025 report, year 2024."""

SMALL_ROUTE = 0.02
"""In years with a smaller share of the world's steel the route ``other`` is left out of the intensities."""

BOUNDARIES = {
    "worldsteel": "worldsteel counts scope 1, bought power at a fixed 0.504 t CO2 per MWh in every country and year "
    "(so cleaner grids do not show) and fixed factors for lime, electrodes, ferro-alloys and DR-grade ore.",
    "scope1_only": "Scope 1 only: CO2 emitted on site; nothing for power and bought inputs.",
    "scope1_2": "Scope 1 and 2: CO2 emitted on site and that of bought power at the grid intensity of country and "
    "year.",
    "cbam": "CBAM: as the EU's border adjustment counts steel: CO2 emitted on site and that of ferro-alloys; power "
    "is not counted.",
    "full": "Full: scope 1, power at the grid intensity of country and year, all bought inputs, and transport.",
}
"""What the reporting boundaries of the reference dataset count."""

SCOPE_NAMES = {
    "scope1": "Scope 1: on site",
    "scope2": "Scope 2: bought power",
    "scope3": "Scope 3: upstream of inputs",
    "captured": "Captured and stored",
}


def emission_charts(run: RunTables) -> list[Chart]:
    """Emissions by scope, scope 1 by technology, intensity by boundary and route."""
    return [by_scope(run), by_technology(run), intensity(run)]


def by_scope(run: RunTables) -> Chart:
    """Scopes stacked; captured CO2 below zero, as it is not part of the emissions above."""
    sums = run["emissions"].groupby("year")[["scope1", "scope2", "scope3", "captured"]].sum() / 1e6
    sums["captured"] = -sums["captured"]
    traces = [
        bar(SCOPE_NAMES[scope], years_of(sums.index), sums[scope].to_numpy(float), look, UNIT)
        for scope, look in SCOPES.items()
        if (sums[scope] != 0).any()
    ]
    return Chart(
        id="emissions-scope",
        section="Emissions",
        title="Emissions by scope",
        unit=UNIT,
        source="results table emissions (GWP100 as in the dataset's factors)",
        summary=span(sums["scope1"], UNIT, "Scope 1 emissions"),
        columns=("scope", "year", UNIT),
        empty="No emissions in this run.",
        traces=tuple(traces),
        layout=stacked(UNIT),
        note="Captured CO2 is drawn below zero for its size; it is already left out of scope 1.",
    )


def by_technology(run: RunTables) -> Chart:
    """Scope 1 by technology."""
    frame = run["emissions"]
    rows = frame.assign(value=frame["scope1"] / 1e6)
    return Chart(
        id="emissions-technology",
        section="Emissions",
        title="Scope 1 emissions by technology",
        unit=UNIT,
        source="results table emissions",
        summary=span(rows.groupby("year")["value"].sum(), UNIT, "Scope 1 emissions of all technologies"),
        columns=("technology", "year", UNIT),
        empty="No emissions in this run.",
        traces=tuple(stack(rows, "technology", TECHNOLOGIES, technology_names(run), UNIT)),
        layout=stacked(UNIT),
    )


def intensity(run: RunTables) -> Chart:
    """Emissions per tonne of crude steel by route, one reporting boundary at a time."""
    frame = run["intensities"]
    unit = "tCO2e/t crude steel"
    found = sorted(set(frame["boundary"]))
    boundaries = tuple(sorted(found, key=lambda name: (name != "worldsteel", name)))
    shown = frame[_large(frame)]
    frames = {boundary: tuple(_routes(shown[shown["boundary"] == boundary], boundary, unit)) for boundary in boundaries}
    first = frame[(frame["boundary"] == (boundaries[0] if boundaries else "")) & (frame["route"] == "world")]
    names = tuple(boundary.replace("_", " ") for boundary in boundaries)
    return Chart(
        id="intensity",
        section="Emissions",
        title="Emission intensity by route",
        unit=unit,
        source="results table intensities; marks: worldsteel, Sustainability Indicators 2025 (year 2024)",
        summary=span(first.groupby("year")["intensity"].mean(), unit, "World mean intensity"),
        columns=("boundary", "route", "year", unit),
        empty="No intensities in this run.",
        frames=frames,
        controls=(Control("Boundary", "select", boundaries, names),) if boundaries else (),
        layout=lines(unit, zero=True),
        views={name: {"note": BOUNDARIES[name]} for name in boundaries if name in BOUNDARIES},
        note="DRI-EAF holds steel from gas, hydrogen and coal DRI. Diamonds: worldsteel's world means of 2024, for the "
        "boundary that is comparable. Thin grey line: steel "
        f"by other ways, such as open hearths and electrolysis, in years in which it is {100 * SMALL_ROUTE:.0f} % of "
        "the world's or more.",
        wide=True,
    )


def _large(frame: pd.DataFrame) -> pd.Series[bool]:
    """Rows to draw: all but the route ``other`` in years in which it is a small mix of all sorts."""
    world = frame[frame["route"] == "world"].groupby("year")["production"].max()
    whole = frame["year"].map(world).fillna(0.0)
    return (frame["route"] != "other") | (frame["production"] >= SMALL_ROUTE * whole)


def _routes(frame: pd.DataFrame, boundary: str, unit: str) -> list[Json]:
    traces = []
    for route, look in ordered(GROUPED_ROUTES, set(frame["route"])):
        rows = frame[frame["route"] == route].sort_values("year")
        dash = "dash" if route == "world" else "solid"
        trace = line(route, years_of(rows["year"]), rows["intensity"].to_numpy(float), look.colour, unit, dash)
        if route == "other":
            trace["line"]["width"], trace["marker"]["size"] = 1.2, 3
        traces.append(trace)
        if boundary == "worldsteel" and route in WORLDSTEEL_2024:
            mark = line(f"{route}, worldsteel 2024", [2024], [WORLDSTEEL_2024[route]], look.colour, unit)
            mark |= {"mode": "markers", "showlegend": False}
            mark["marker"] = {"symbol": "diamond-open", "size": 11, "color": look.colour, "line": {"width": 2}}
            traces.append(mark)
    return traces
