"""What the world and each region do: use of capacity, and emissions by scope."""

from __future__ import annotations

from typing import Final

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
from steeliq.simulation.results.report.charts_emissions import SCOPE_NAMES, UNIT
from steeliq.simulation.results.report.charts_production import technology_names
from steeliq.simulation.results.report.theme import SCOPES, TECHNOLOGIES, ordered
from steeliq.webui.explore.questions.areas import ALL, Area, areas_of, told_where_empty, where
from steeliq.webui.explore.series import is_steel, regions

STRONG: Final = ("$blue", "$orange", "$teal", "$magenta", "$slate", "$brown", "$green")
STROKES: Final = ("solid", "dash", "dot")
NO_CAPACITY: Final = "There is no capacity in the chosen part of this run."
NO_EMISSIONS: Final = "No emissions in the chosen part of this run."
EVERY: Final = {"steel": "all steelmaking", "iron": "all ironmaking"}


def utilisation(run: RunTables) -> Chart:
    """Production over capacity of everything together and of each region, one technology at a time."""
    made = run["production"]
    made = made[made["capacity"] > 0]
    areas, names, places = areas_of(run, made), technology_names(run), regions(run)
    placed = made.assign(region=made["country"].map(lambda country: places.get(str(country), str(country))))
    sums = placed.groupby(["technology", "region", "year"], as_index=False)[["production", "capacity"]].sum()
    steel = is_steel(run, sums)
    choices = {"steel": sums[steel], "iron": sums[~steel]} | {
        name: sums[sums["technology"] == name] for name, _ in ordered(TECHNOLOGIES, set(sums["technology"]))
    }
    labels = tuple(EVERY.get(key, names.get(key, key)) for key in choices)
    frames = {key: tuple(_use_of(rows, areas)) for key, rows in choices.items()}
    has_any = any(frames.values())
    world = choices["steel"].groupby("year")[["production", "capacity"]].sum()
    return Chart(
        id="utilisation",
        section="Production and capacity",
        title="Use of capacity by region",
        unit="%",
        source="results table production",
        summary=span(100.0 * world["production"] / world["capacity"], "%", "Use of steelmaking capacity"),
        columns=("technology", "where", "year", "%"),
        empty=NO_CAPACITY,
        frames=frames if has_any else {},
        controls=(Control("Technology", "select", tuple(choices), labels),) if has_any else (),
        layout=lines("%") | {"hovermode": "closest"},
        views=told_where_empty(frames, {}, NO_CAPACITY) if has_any else {},
        note="Production over capacity in operation; capacity that stands idle counts.",
        height=420,
    )


def _use_of(rows: pd.DataFrame, areas: tuple[Area, ...]) -> list[Json]:
    """A line for everything together and one for each region; ``rows``: region, year, production, capacity."""
    traces = []
    for rank, area in enumerate(areas):
        here = rows if area.key == ALL else rows[rows["region"] == area.key]
        sums = here.groupby("year")[["production", "capacity"]].sum()
        if sums.empty:
            continue
        use = 100.0 * sums["production"] / sums["capacity"]
        colour, dash = STRONG[(rank - 1) % len(STRONG)], STROKES[((rank - 1) // len(STRONG)) % len(STROKES)]
        trace = line(area.label, years_of(use.index), use, "$ink" if rank == 0 else colour, "%", dash)
        if rank == 0:
            trace["line"] |= {"width": 3.4, "dash": "solid"}
        traces.append(trace)
    return traces


def emissions_by_scope(run: RunTables) -> Chart:
    """Scope 1, 2 and 3 stacked, of everything together or of one region; what is captured below zero."""
    frame = run["emissions"]
    areas = areas_of(run, frame)
    frames = {area.key: tuple(_scopes_of(area.rows(frame))) for area in areas}
    has_any = any(frames.values())
    total = (frame.groupby("year")[["scope1", "scope2", "scope3"]].sum() / 1e6).sum(axis="columns")
    return Chart(
        id="emissions-scope",
        section="Emissions",
        title="Emissions by scope: 1, 2 and 3",
        unit=UNIT,
        source="results table emissions (GWP100 as in the dataset's factors)",
        summary=span(total, UNIT, "Scope 1, 2 and 3 together"),
        columns=("where", "scope", "year", UNIT),
        empty=NO_EMISSIONS,
        frames=frames if has_any else {},
        controls=(where(areas),) if has_any else (),
        layout=stacked(UNIT),
        views=told_where_empty(frames, {}, NO_EMISSIONS) if has_any else {},
        note="Scope 3: making and delivering what the works buy, without transport of iron and steel. Captured CO2 is "
        "drawn below zero for its size; it is already left out of scope 1.",
    )


def _scopes_of(frame: pd.DataFrame) -> list[Json]:
    sums = frame.groupby("year")[list(SCOPES)].sum() / 1e6
    sums["captured"] = -sums["captured"]
    return [
        bar(SCOPE_NAMES[scope], years_of(sums.index), sums[scope].to_numpy(float), look, UNIT)
        for scope, look in SCOPES.items()
        if (sums[scope] != 0).any()
    ]
