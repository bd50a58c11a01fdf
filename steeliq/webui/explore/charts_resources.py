"""What the works take from the world: power, hydrogen, scrap, ore, and room for CO2 under ground."""

from __future__ import annotations

from typing import Final

import pandas as pd

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    line,
    span,
    stacked,
    years_of,
)
from steeliq.simulation.results.report.charts_production import stack, technology_names
from steeliq.simulation.results.report.theme import TECHNOLOGIES
from steeliq.webui.explore.series import largest_stack, regions

SECTION: Final = "Energy and resources"
BOUGHT: Final = {"electricity": ("TWh", 1e6, "Electricity"), "hydrogen": ("Mt", 1e6, "Hydrogen")}
"""Unit of the chart, the table's units in one of it, name."""
SUPPLIED: Final = {"scrap": ("scrap",), "ore": ("iron_ore", "dr_ore")}


def bought(run: RunTables, commodity: str) -> Chart:
    """A carrier by the technology that buys it."""
    unit, scale, name = BOUGHT[commodity]
    frame = run["energy"]
    rows = frame[frame["commodity"] == commodity]
    rows = rows.assign(value=rows["amount"] / scale)
    return Chart(
        id=commodity,
        section=SECTION,
        title=f"{name} bought by technology",
        unit=unit,
        source="results table energy",
        summary=span(rows.groupby("year")["value"].sum(), unit, f"{name} bought"),
        columns=("technology", "year", unit),
        empty=f"No {name.lower()} was bought in the chosen part of this run.",
        traces=tuple(stack(rows, "technology", TECHNOLOGIES, technology_names(run), unit)),
        layout=stacked(unit),
        note="Below zero: sold, power made of the works' own gas." if (rows["value"] < 0).any() else "",
    )


def supply(run: RunTables, kind: str) -> Chart:
    """Supply used by region, and what there was."""
    frame, places = run["supply"], regions(run)
    names = run.labels.names("commodities", "commodity")
    found = set(frame["commodity"])
    goods = tuple(good for good in SUPPLIED[kind] if good in found)
    told = frame.assign(region=frame["country"].map(lambda country: places.get(str(country), str(country))))
    frames = {good: _supply(told[told["commodity"] == good]) for good in goods}
    title = "Scrap: available and used" if kind == "scrap" else "Ore: available and used"
    first = frame[frame["commodity"].isin(list(goods[:1]))].groupby("year")["amount"].sum() / 1e6
    return Chart(
        id=kind,
        section=SECTION,
        title=title,
        unit="Mt",
        source="results table supply",
        summary=span(first, "Mt", f"{names.get(goods[0], goods[0]) if goods else kind} used"),
        columns=("commodity", "region or series", "year", "Mt"),
        empty=f"No {kind} was supplied in the chosen part of this run.",
        frames=frames,
        controls=(Control("Commodity", "select", goods, tuple(names.get(good, good) for good in goods)),)
        if goods
        else (),
        layout=stacked("Mt"),
        note="Bars: used, by the region it comes from. Line: the most that could have been supplied.",
    )


def _supply(rows: pd.DataFrame) -> tuple[Json, ...]:
    there = rows.groupby("year")["available"].sum() / 1e6
    bars = largest_stack(rows.assign(value=rows["amount"] / 1e6), "region", {}, "Mt", 12)
    return (*bars, line("available", years_of(there.index), there.to_numpy(float), "$text", "Mt", "dash"))


def captured(run: RunTables) -> Chart:
    """CO2 captured by technology."""
    frame, unit = run["emissions"], "Mt CO2"
    rows = frame.assign(value=frame["captured"] / 1e6)
    return Chart(
        id="captured",
        section="Emissions",
        title="CO2 captured by technology",
        unit=unit,
        source="results table emissions",
        summary=span(rows.groupby("year")["value"].sum(), unit, "Captured"),
        columns=("technology", "year", unit),
        empty="Nothing was captured in the chosen part of this run.",
        traces=tuple(stack(rows, "technology", TECHNOLOGIES, technology_names(run), unit)),
        layout=stacked(unit),
    )


def storage(run: RunTables) -> Chart:
    """CO2 put under ground by region, a year or since the first."""
    frame, places, unit = run["emissions"], regions(run), "Mt CO2"
    frame = frame[frame["captured"] > 0]
    told = frame.assign(
        value=frame["captured"] / 1e6,
        region=frame["country"].map(lambda country: places.get(str(country), str(country))),
    )
    yearly = told.pivot_table(index="region", columns="year", values="value", aggfunc="sum", fill_value=0.0)
    yearly = yearly.reindex(columns=list(run.years), fill_value=0.0)
    kinds = {"year": yearly, "sum": yearly.cumsum(axis=1)}
    frames: dict[str, tuple[Json, ...]] = {}
    for kind, wide in kinds.items():
        long = wide.reset_index().melt(id_vars="region", var_name="year", value_name="value")
        frames[kind] = largest_stack(long, "region", {}, unit, 12) if len(long) else ()
    return Chart(
        id="co2-storage",
        section=SECTION,
        title="CO2 put under ground by region",
        unit=unit,
        source="results table emissions",
        summary=span(yearly.sum(), unit, "CO2 put under ground"),
        columns=("counted", "region", "year", unit),
        empty="No CO2 was captured in the chosen part of this run.",
        frames=frames if len(yearly) else {},
        controls=(Control("Counted", "select", ("year", "sum"), ("in the year", "since the first year")),)
        if len(yearly)
        else (),
        layout=stacked(unit),
        note="All that is captured is stored in the region of the works. What storage allows stands among the limits "
        "on the page of decisions.",
    )
