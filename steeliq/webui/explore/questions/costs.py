"""What steel costs by each route: levelised cost, break-even with the blast furnace, cost of abatement."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from steeliq.simulation.arrays import Floats
from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    lines,
    number,
    short,
    view,
    wrapped,
)
from steeliq.simulation.results.report.charts_emissions import BOUNDARIES
from steeliq.webui.explore.questions.areas import Area, areas_of, told_where_empty, where
from steeliq.webui.explore.questions.compared import (
    NO_STEEL,
    SECTION,
    SOURCE,
    Compared,
    compared,
    nothing,
    price_line,
    route_lines,
)
from steeliq.webui.explore.questions.routes import (
    HARDLY,
    LEAST,
    Means,
    abatement_cost,
    carbon_break_even,
    first_cheaper,
    hydrogen_break_even,
)
from steeliq.webui.explore.series import is_steel, technology_lines

USD: Final = "USD/t crude steel"
SMALL: Final = 0.001
"""Of the area's greatest production by a technology in a year; a levelised cost over fewer tonnes says nothing."""

MADE: Final = {"steel": "steel as it was made, by furnace", "iron": "iron as it was made, by furnace"}
NOT_MADE: Final = "None is made in the chosen part of this run."
NO_CLEANER: Final = "No route of this run emits less than BF-BOF."
AGAINST: Final = {"new": "a new BF-BOF", "relined": "a BF-BOF that is relined"}
FREE: Final = {"scenario": "as in the scenario", "none": "none"}
SUPPORT: Final = {"paid": "as in the scenario", "unpaid": "none"}
"""The first is also that of runs whose scenario supports nothing: they have no such choice."""
HELD: Final = (
    "Support: what the public pays towards a plant that is decided in the year, per tonne, as it is in the run. "
)
SHOWN_BOUNDARIES: Final = {"worldsteel": "worldsteel", "scope1_only": "scope 1 only"}
ASSUMED: Final = (
    "New plants at the run's own prices of ore and scrap, at the use of capacity that owners plan with "
    "(decisions.target_utilisation); means are weighted by the steel that each country makes."
)
AS_MADE: Final = (
    "Per tonne of the furnace's own product: capital at replacement cost, at the use that the run found. Furnaces that "
    "hardly run are left out."
)


UNCONTRACTED: Final = "Carbon contracts are left out: the higher the price, the less they pay. "


def _combined(*lists: Iterable[str]) -> list[tuple[str, ...]]:
    return list(itertools.product(*lists))


def _with_choice(
    found: Compared, frames: Mapping[str, Mapping[str, tuple[Json, ...]]], controls: tuple[Control, ...]
) -> tuple[dict[str, tuple[Json, ...]], tuple[Control, ...], tuple[str, ...]]:
    """Frames by choice of support as frames and controls of one chart, and the column that the choice adds."""
    if not found.has_support:
        return dict(frames["paid"]), controls, ()
    both = {f"{key}|{choice}": drawn for choice, part in frames.items() for key, drawn in part.items()}
    return both, (*controls, Control("Support", "select", tuple(SUPPORT), tuple(SUPPORT.values()))), ("support",)


def _choices(found: Compared, paid: Mapping[str, Means]) -> dict[str, Mapping[str, Means]]:
    """Means by choice of support."""
    return {"paid": paid, "unpaid": found.of} if found.has_support else {"paid": paid}


def lcos(run: RunTables) -> Chart:
    """Levelised cost of new plants by route, and of steel and iron as they were made, for the world or a region."""
    made = run["production"]
    found = compared(run)
    areas = areas_of(run, made)
    frames = {
        f"{product}|{area.key}": _as_made(run, area, steel=product == "steel") for product in MADE for area in areas
    }
    labels = dict(MADE)
    if isinstance(found, Compared):
        order = [found.costs.base, *found.others]
        new = {
            f"{key}|{area.key}": route_lines(found.costs, order, of[area.key].cost, USD) if area.key in of else ()
            for key, of in (("new", found.supported), ("bare", found.of))
            if key == "new" or found.has_support
            for area in areas
        }
        kinds = {"new": "steel from a new plant, by route"}
        if found.has_support:
            kinds = {"new": "steel from a new plant, after support", "bare": "steel from a new plant, without support"}
        frames, labels = new | frames, kinds | labels
    has_any = any(frames.values())
    return Chart(
        id="lcos",
        section="Prices and costs",
        title="Levelised cost by route and technology",
        unit=USD,
        source=SOURCE + ", accounts",
        summary=_lcos_summary(found),
        columns=("cost of", "where", "series", "year", "USD/t"),
        empty=NO_STEEL,
        frames=frames if has_any else {},
        controls=(Control("Cost of", "select", tuple(labels), tuple(labels.values())), where(areas)) if has_any else (),
        layout=lines(USD) | {"hovermode": "closest"},
        views=told_where_empty(
            frames,
            {
                "new": view(USD, ASSUMED),
                "bare": view(USD, ASSUMED),
                "steel": view(USD, AS_MADE),
                "iron": view("USD/t iron", AS_MADE),
            },
            NOT_MADE,
        )
        if has_any
        else {},
        note="" if isinstance(found, Compared) else f"New plants cannot be shown. {found}",
        wide=True,
        height=420,
    )


def _lcos_summary(found: Compared | str) -> str:
    if isinstance(found, str):
        return "Levelised cost of crude steel by furnace, weighted by production."
    cost, costs = found.supported[found.areas[0].key].cost[-1], found.costs
    known = [r for r in [costs.base, *found.others] if np.isfinite(cost[r]) and costs.first[r] <= costs.years[-1]]
    if not known:
        return "Levelised cost of crude steel by route."
    cheapest = min(known, key=lambda r: float(cost[r]))
    return (
        f"In {costs.years[-1]} a new plant makes steel for {short(float(cost[costs.base]))} {USD} by "
        f"{costs.titles[costs.base]}; the cheapest route is {costs.titles[cheapest]}: {short(float(cost[cheapest]))}."
    )


def _as_made(run: RunTables, area: Area, *, steel: bool) -> tuple[Json, ...]:
    accounts = area.rows(run["accounts"])
    frame = accounts[is_steel(run, accounts) == steel]
    frame = frame[np.isfinite(frame["lcos"].to_numpy(float)) & (frame["production"] > 0)]
    rows = frame.assign(spent=frame["lcos"] * frame["production"])
    sums = rows.groupby(["year", "technology"], as_index=False)[["spent", "production"]].sum()
    sums = sums[sums["production"] >= SMALL * float(sums["production"].max() if len(sums) else 0.0)]
    return technology_lines(run, sums.assign(value=sums["spent"] / sums["production"]), USD if steel else "USD/t iron")


def break_even_year(run: RunTables) -> Chart:
    """First year in which each near-zero route is cheaper than BF-BOF, by region."""
    name, title, unit = "break-even-year", "First year cheaper than BF-BOF", "year"
    found = compared(run)
    if isinstance(found, str):
        return nothing(name, title, unit, found, wide=True)
    routes = [r for r in found.others if found.costs.near_zero[r]]
    if not routes:
        return nothing(name, title, unit, "The dataset of this run has no near-zero route.", wide=True)
    parts = {
        choice: {key: _years_grid(found, of, routes, relined=key == "relined") for key in AGAINST}
        for choice, of in _choices(found, found.supported).items()
    }
    against = Control("Against", "select", tuple(AGAINST), tuple(AGAINST.values()))
    frames, controls, column = _with_choice(found, parts, (against,))
    world = found.supported[found.areas[0].key]
    crossed = [(year, found.costs.titles[r]) for r, year in enumerate(first_cheaper(world)) if year and r in routes]
    told = ", ".join(f"{route} from {year}" for year, route in sorted(crossed))
    last = found.years[-1]
    return Chart(
        id=name,
        section=SECTION,
        title=title,
        unit=unit,
        source=SOURCE,
        summary=f"Cheaper than a new BF-BOF by {last}, {found.areas[0].label}: {told or 'no near-zero route'}.",
        columns=("against", *column, "route", "where", "may open from", f"first year cheaper (empty: not by {last})",
                 f"cost less that of BF-BOF in {last}, USD/t"),
        empty=NO_STEEL,
        frames=frames,
        controls=controls,
        layout={"xaxis": {"type": "category", "side": "top", "tickangle": 0},
                "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False},
                "hovermode": "closest"},
        note=f"A dash: not by {last}. Carbon costs and free allowances as in the scenario; a year counts only when a "
        "new plant of the route may open. " + (HELD if found.has_support else "") + ASSUMED,
        wide=True,
        height=90 + 32 * len(found.areas),
    )  # fmt: skip


def _years_grid(found: Compared, means: Mapping[str, Means], routes: list[int], *, relined: bool) -> tuple[Json, ...]:
    """The years as text over a ground that is the darker the earlier the year is."""
    costs, last = found.costs, found.years[-1]
    names = {r: wrapped(costs.titles[r], 14) for r in routes}
    first = {area.key: first_cheaper(means[area.key], relined=relined) for area in found.areas}
    z = [[None if (year := first[area.key][r]) is None else last - year for r in routes] for area in found.areas]
    ground = {
        "type": "heatmap", "name": "ground", "x": list(names.values()), "y": [area.label for area in found.areas],
        "z": z, "colorscale": "$sequential", "zmin": -2, "zmax": max(last - found.years[0], 1), "opacity": 0.4,
        "showscale": False, "hoverinfo": "skip", "xgap": 2, "ygap": 2, "meta": {"ground": True},
    }  # fmt: skip
    x, y, text, table = [], [], [], []
    for area in found.areas:
        of = means[area.key]
        gap = of.cost[-1] - of.base_cost(relined=relined)[-1]
        for r in routes:
            year = first[area.key][r]
            x.append(names[r])
            y.append(area.label)
            text.append("–" if year is None else str(year))
            table.append([costs.titles[r], area.label, int(costs.first[r]), year, number(float(gap[r]))])
    words = {
        "type": "scatter", "mode": "text", "name": "first year", "x": x, "y": y, "text": text, "customdata": table,
        "textfont": {"size": 13, "color": "$text"}, "showlegend": False,
        "hovertemplate": "%{customdata[0]}, %{customdata[1]}: %{text}<extra></extra>",
        "meta": {"table": "customdata", "unnamed": True},
    }  # fmt: skip
    return ground, words


def break_even_hydrogen(run: RunTables) -> Chart:
    """Hydrogen price at which routes with hydrogen cost what BF-BOF costs."""
    name, title, unit = "break-even-hydrogen", "Break-even price of hydrogen", "USD/kg"
    found = compared(run)
    if isinstance(found, str):
        return nothing(name, title, unit, found)
    users = [r for r in found.others if abs(found.costs.hydrogen[r] - found.costs.hydrogen[found.costs.base]) > HARDLY]
    if not users:
        return nothing(name, title, unit, "No route of this run's dataset uses hydrogen.")
    parts: dict[str, dict[str, tuple[Json, ...]]] = {}
    for choice, means in _choices(found, found.supported).items():
        for place, against in _combined(means, AGAINST):
            of = means[place]
            price = price_line(found.costs, "price in this run", of.hydrogen_price, unit)
            values = hydrogen_break_even(of, relined=against == "relined")
            drawn = (*route_lines(found.costs, users, values, unit), price)
            parts.setdefault(choice, {})[f"{place}|{against}"] = drawn
    against_what = Control("Against", "select", tuple(AGAINST), tuple(AGAINST.values()))
    frames, controls, column = _with_choice(found, parts, (where(found.areas), against_what))
    of = found.supported[found.areas[0].key]
    return Chart(
        id=name,
        section=SECTION,
        title=title,
        unit=unit,
        source=SOURCE,
        summary=_solved_summary(found, users, hydrogen_break_even(of), of.hydrogen_price, unit),
        columns=("where", "against", *column, "series", "year", unit),
        empty=NO_STEEL,
        frames=frames,
        controls=controls,
        layout=lines(unit) | {"hovermode": "closest"},
        note="A route is cheaper than BF-BOF where its line is above that of the price in this run. Break-even: the "
        "price at which the mean costs of both are equal if all countries of the area paid it, all else as in the "
        "run; below zero: not even free hydrogen would do. " + (HELD if found.has_support else "") + ASSUMED,
        height=420,
    )


def break_even_carbon(run: RunTables) -> Chart:
    """CO2 price at which routes cost what BF-BOF costs."""
    name, title, unit = "break-even-carbon", "Break-even price of CO2", "USD/t CO2"
    found = compared(run)
    if isinstance(found, str):
        return nothing(name, title, unit, found)
    routes = [r for r in found.others if found.costs.near_zero[r]] or found.others
    parts: dict[str, dict[str, tuple[Json, ...]]] = {}
    for choice, means in _choices(found, found.uncontracted).items():
        for place, against, free in _combined(means, AGAINST, FREE):
            of = means[place]
            price = price_line(found.costs, "price in this run", of.carbon_price, unit)
            values = carbon_break_even(of, relined=against == "relined", free=free == "scenario")
            drawn = (*route_lines(found.costs, routes, values, unit), price)
            parts.setdefault(choice, {})[f"{place}|{against}|{free}"] = drawn
    of = found.uncontracted[found.areas[0].key]
    frames, controls, column = _with_choice(
        found,
        parts,
        (
            where(found.areas),
            Control("Against", "select", tuple(AGAINST), tuple(AGAINST.values())),
            Control("Free allowances", "select", tuple(FREE), tuple(FREE.values())),
        ),
    )
    return Chart(
        id=name,
        section=SECTION,
        title=title,
        unit=unit,
        source=SOURCE,
        summary=_solved_summary(found, routes, carbon_break_even(of), of.carbon_price, unit),
        columns=("where", "against", "free allowances", *column, "series", "year", unit),
        empty=NO_STEEL,
        frames=frames,
        controls=controls,
        layout=lines(unit) | {"hovermode": "closest"},
        note="A route is cheaper than BF-BOF where its line is below that of the price in this run. Break-even: the "
        "price at which the mean costs of both are equal if all countries of the area paid it on scope 1, all else as "
        "in the run; below zero: cheaper even without it. A gap: no price would do, as the route pays for as much CO2 "
        "as BF-BOF. " + (HELD + UNCONTRACTED if found.has_support else "") + ASSUMED,
        height=420,
    )


def _solved_summary(found: Compared, routes: list[int], values: Floats, price: Floats, unit: str) -> str:
    """Break-even prices of the last year beside the price of the run, for readers who do not see the chart."""
    costs, year = found.costs, found.years[-1]
    told = [
        f"{costs.titles[r]} {short(float(values[-1, r]))}"
        for r in routes
        if np.isfinite(values[-1, r]) and costs.first[r] <= year
    ]
    begin = f"In {year} the price in this run is {short(float(price[-1]))} {unit}"
    return f"{begin}; break-even: {', '.join(told)}." if told else f"{begin}."


def abatement(run: RunTables) -> Chart:
    """Cost of avoiding a tonne of CO2e by each route instead of BF-BOF."""
    name, title, unit = "abatement", "Abatement cost against BF-BOF", "USD/tCO2e"
    found = compared(run)
    if isinstance(found, str):
        return nothing(name, title, unit, found, wide=True)
    known = {key: label for key, label in SHOWN_BOUNDARIES.items() if key in found.costs.emissions}
    known = known or {key: key for key in sorted(found.costs.emissions)}
    if not known:
        return nothing(name, title, unit, "The dataset of this run has no reporting boundary.", wide=True)
    frames = {
        f"{key}|{place}": route_lines(found.costs, found.others, abatement_cost(of, key), unit)
        for key, (place, of) in ((key, item) for key in known for item in found.of.items())
    }
    first = abatement_cost(found.of[found.areas[0].key], next(iter(known)))
    return Chart(
        id=name,
        section=SECTION,
        title=title,
        unit=unit,
        source=SOURCE,
        summary=_abatement_summary(found, first, unit),
        columns=("boundary", "where", "route", "year", unit),
        empty=NO_CLEANER,
        frames=frames if any(frames.values()) else {},
        controls=(Control("Boundary", "select", tuple(known), tuple(known.values())), where(found.areas))
        if any(frames.values())
        else (),
        layout=lines(unit) | {"hovermode": "closest"},
        views=told_where_empty(
            frames, {key: {"note": BOUNDARIES[key]} for key in known if key in BOUNDARIES}, NO_CLEANER
        )
        if any(frames.values())
        else {},
        note="Difference in cost over difference in emissions, both against a new BF-BOF; carbon costs are left out of "
        "the costs, and support too; below zero: saves money too. Routes that avoid less than "
        f"{100 * LEAST:.0f} % of what BF-BOF emits have none. " + ASSUMED,
        wide=True,
        height=420,
    )


def _abatement_summary(found: Compared, values: Floats, unit: str) -> str:
    costs, year = found.costs, found.years[-1]
    clean = [r for r in found.others if costs.near_zero[r] and costs.first[r] <= year and np.isfinite(values[-1, r])]
    told = ", ".join(f"{costs.titles[r]} {short(float(values[-1, r]))}" for r in clean)
    return f"Abatement cost of near-zero routes in {year}, {unit}: {told or 'none'}."
