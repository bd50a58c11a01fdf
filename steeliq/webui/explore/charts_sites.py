"""New sites: where projects are considered, announced, built and run, their worth, and what energy costs there."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from steeliq.simulation.results.explanations import ANNOUNCED, CONSIDERED, route_name
from steeliq.simulation.results.labels import PROJECT
from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    bar,
    in_unit,
    line,
    lines,
    number,
    short,
    stacked,
    view,
    year_slider,
    years_of,
)
from steeliq.simulation.results.report.charts_map import MAP, outlines, project
from steeliq.simulation.results.report.charts_production import stack
from steeliq.simulation.results.report.theme import ROUTES, Look, ordered
from steeliq.webui.explore.filters import Narrowed, countries_of
from steeliq.webui.explore.questions.areas import told_where_empty, whole
from steeliq.webui.explore.series import DASHES, country_names, why_empty

SECTION: Final = "New sites"
BUILDING, OPERATING, DROPPED = "under construction", "operating", "dropped"
STAGES: Final = {
    CONSIDERED: Look("$slate", "."), ANNOUNCED: Look("$orange"), BUILDING: Look("$blue"), OPERATING: Look("$teal"),
}  # fmt: skip
SIZES: Final = {CONSIDERED: 7.0, ANNOUNCED: 9.0, BUILDING: 11.0, OPERATING: 13.0}
ENERGY: Final = {
    "power": ("power", "USD/MWh", "own_power", "LCOE of own solar, wind and battery", "grid_power", "grid"),
    "hydrogen": ("hydrogen", "USD/kg", "own_hydrogen", "LCOH made at the site", "", ""),
}
CHEAPEST: Final = 25
CLASSES: Final = 5
SHADES: Final = ("$blue", "$teal", "$slate", "$brown", "$orange")
"""Colours of the classes of cost, from cheap to dear."""
NO_PROJECT: Final = "No project was taken up at any site in the chosen part of this run."
NO_SITE: Final = "No site lies in the chosen part of the world."
WORTH: Final = "USD/t of yearly capacity"


def projects(run: RunTables) -> pd.DataFrame:
    """Every project in every year: year, site, country, route, plant (once founded), stage, npv USD/t (nan then).

    Countries and years follow the filter, nothing else does.
    """
    world = whole(run)
    homes = world.labels.column("sites", "site", "country")
    seen = world["candidates"]
    seen = seen[seen["furnace_group"].str.startswith(PROJECT) & (seen["refused_by"] != "")]
    followed = pd.DataFrame(
        {
            "year": seen["year"],
            "site": seen["furnace_group"].str.removeprefix(PROJECT),
            "route": seen["route"],
            "plant": "",
            "stage": seen["refused_by"].where(seen["refused_by"].isin([CONSIDERED, DROPPED]), ANNOUNCED),
            "npv": seen["npv"],
        }
    )
    # The plants themselves stand in the same table under their own names: they are no projects any more.
    founded = world["decisions"][world["decisions"]["decision"] == "found"]
    made = world["production"]
    works = {*made["furnace_group"], *world["decisions"]["furnace_group"]}
    followed = followed[~seen["furnace_group"].isin(sorted(works))]
    running = made.groupby("plant")["year"].agg(["min", "max"])
    rows: list[tuple[Any, ...]] = []
    for plant, route, decided, start in founded[["plant", "to_route", "year", "start"]].itertuples(index=False):
        site = str(plant).removeprefix(PROJECT).rpartition("-")[0]
        last = int(running["max"].get(plant, start - 1))
        for year in world.years:
            if decided <= year < start:
                rows.append((year, site, route, plant, BUILDING, np.nan))
            elif start <= year <= last:
                rows.append((year, site, route, plant, OPERATING, np.nan))
    every = pd.concat([followed, pd.DataFrame(rows, columns=followed.columns)], ignore_index=True)
    every = every.assign(country=every["site"].map(lambda site: homes.get(str(site), "")))
    inside = countries_of(world, run.tables.filters) if isinstance(run.tables, Narrowed) else None
    keep = every["year"].isin(run.years)
    if inside is not None:
        keep &= every["country"].isin(sorted(inside))
    return every[keep].sort_values(["year", "site", "route", "plant"], ignore_index=True)


def lifecycle(run: RunTables) -> Chart:
    """How many projects stand at each stage, and by which route."""
    every = projects(run)
    rows = every[every["stage"] != DROPPED].assign(value=1.0)
    names = {key: key for key in STAGES}
    routes = {str(key): route_name(str(key)) for key in set(rows["route"])}
    steel = ~rows["route"].str.startswith("MERCHANT")
    built = rows["stage"].isin([BUILDING, OPERATING])
    frames = {
        "stage": tuple(stack(rows, "stage", STAGES, names, "projects")),
        "steel": tuple(stack(rows[steel], "stage", STAGES, names, "projects")),
        "iron": tuple(stack(rows[~steel], "stage", STAGES, names, "projects")),
        "route": tuple(stack(rows, "route", ROUTES, routes, "projects")),
        "founded": tuple(stack(rows[built], "route", ROUTES, routes, "projects")),
    }
    labels = ("all, by stage", "steel, by stage", "iron, by stage", "all, by route", "built, by route")
    has_any = any(frames.values())
    dropped = int((every["stage"] == DROPPED).sum())
    last = rows[rows["year"] == run.years[-1]]["stage"]
    told = ", ".join(f"{int((last == stage).sum())} {stage}" for stage in STAGES)
    return Chart(
        id="site-projects",
        section=SECTION,
        title="Projects at new sites by stage",
        unit="projects",
        source="results tables candidates, decisions and production",
        summary=f"In {run.years[-1]}: {told}; {dropped} were dropped on the way." if len(rows) else NO_PROJECT,
        columns=("shown", "series", "year", "projects"),
        empty=why_empty(run, "site_energy", NO_PROJECT),
        frames=frames if has_any else {},
        controls=(Control("Show", "select", tuple(frames), labels),) if has_any else (),
        layout=stacked("projects"),
        views=told_where_empty(frames, {}, "None in the chosen part of this run.") if has_any else {},
        note="A project is one lot of 2.5 Mt/yr of one route at one site. Considered while it has to prove its worth; "
        "announced until its building begins, which takes a shortage, limits that allow it and some luck each year.",
    )


def site_map(run: RunTables) -> Chart:
    """Sites on the map: the stage of their projects, or what energy costs there, by year."""
    places, every, energy = _places(run), projects(run), run["site_energy"]
    frames: dict[str, tuple[Json, ...]] = {}
    if len(energy):
        frames |= _stages(run, every, places)
        for kind in ENERGY:
            frames |= _priced(run, energy, places, kind)
    has_any = any(frames.values())
    shown = ("stage", *ENERGY)
    labels = ("projects by stage", "cost of power, USD/MWh", "cost of hydrogen, USD/kg")
    start = len(run.years) - 1
    built = every[every["stage"] == OPERATING]
    return Chart(
        id="site-map",
        section=SECTION,
        title="New sites on the map",
        unit="projects",
        source="results tables candidates, decisions, production and site_energy; sites from the dataset; outlines: "
        "Natural Earth, public domain",
        summary=f"{built['plant'].nunique()} plants founded at {built['site'].nunique()} sites operate in some year.",
        columns=("show", "year", "series", "site", "country", "longitude", "latitude", "route", "value"),
        empty=why_empty(run, "site_energy", NO_SITE),
        traces=outlines() if has_any else (),
        frames=frames if has_any else {},
        controls=(Control("Show", "select", shown, labels), year_slider(run.years, start=start)) if has_any else (),
        layout=MAP,
        views=told_where_empty(
            frames,
            {"stage": view("projects"), "power": view("USD/MWh", PAID), "hydrogen": view("USD/kg", PAID)},
            "No project in this year.",
        )
        if has_any
        else {},
        note="Of several projects at a site the one that has come furthest is drawn. Names and outlines imply no "
        "opinion on borders. Drag to zoom in, double-click to return.",
        wide=True,
        height=540,
    )


PAID: Final = (
    "What a plant that is decided in the year pays at the site. A fifth of all sites and years is in each class."
)


def _places(run: RunTables) -> dict[str, tuple[str, float, float, float, float]]:
    """Name, longitude, latitude and map coordinates of each site."""
    sites = run.labels.tables["sites"]
    if not {"site", "name", "latitude", "longitude"} <= set(sites.columns):
        return {}
    x, y = project(sites["longitude"].to_numpy(float), sites["latitude"].to_numpy(float))
    columns = zip(sites["site"], sites["name"], sites["longitude"], sites["latitude"], x, y, strict=True)
    return {
        str(s): (str(n), float(a), float(b), round(float(c), 2), round(float(d), 2)) for s, n, a, b, c, d in columns
    }


def _stages(run: RunTables, every: pd.DataFrame, places: dict[str, Any]) -> dict[str, tuple[Json, ...]]:
    """Sites by the stage of their project that has come furthest, by frame."""
    names, rank = country_names(run), {stage: n for n, stage in enumerate(STAGES)}
    rows = every[every["stage"].isin(list(STAGES)) & every["site"].isin(list(places))]
    rows = rows.assign(rank=rows["stage"].map(rank))
    rows = rows.sort_values(["rank", "site", "route"], ascending=[False, True, True]).drop_duplicates(["year", "site"])
    found: dict[tuple[int, str], list[tuple[Any, ...]]] = {}
    columns = (rows[name].tolist() for name in ("year", "stage", "site", "country", "route", "npv"))
    for year, stage, site, country, route, npv in zip(*columns, strict=True):
        dot = (*places[site], names.get(country, country), route_name(route), npv)
        found.setdefault((year, stage), []).append(dot)
    hover = "%{customdata[0]}, %{customdata[1]}: %{customdata[4]}, %{fullData.name}<extra></extra>"
    return {
        f"stage|{year}": tuple(
            _dots(stage, found[year, stage], look.colour, SIZES[stage], hollow=stage == CONSIDERED)
            | {"hovertemplate": hover}
            for stage, look in STAGES.items()
            if (year, stage) in found
        )
        for year in run.years
    }


def _edges(values: pd.Series[float]) -> list[float]:
    """Bounds of the classes of cost: shares of all sites and years, rounded for people."""
    found = np.quantile(values.to_numpy(float), np.linspace(0, 1, CLASSES + 1)[1:-1])
    return sorted({float(f"{edge:.2g}") for edge in found})


def _priced(run: RunTables, energy: pd.DataFrame, places: dict[str, Any], kind: str) -> dict[str, tuple[Json, ...]]:
    """Sites in classes of cost, from cheap to dear, by frame."""
    names, edges = country_names(run), _edges(energy[kind])
    rows = energy[energy["site"].isin(list(places))]
    values = rows[kind].to_numpy(float)
    found: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
    columns = (rows["year"].tolist(), np.searchsorted(edges, values).tolist(), rows["site"], rows["country"], values)
    for year, n, site, country, value in zip(*columns, strict=True):
        dot = (*places[str(site)], names.get(str(country), str(country)), "", value)
        found.setdefault((year, n), []).append(dot)
    bounds = [f"{edge:g}" for edge in edges]
    words = [f"up to {bounds[0]}", *(f"{low} to {high}" for low, high in pairwise(bounds)), f"above {bounds[-1]}"]
    hover = f"%{{customdata[0]}}, %{{customdata[1]}}: %{{customdata[5]:,.3~g}} {ENERGY[kind][1]}<extra></extra>"
    return {
        f"{kind}|{year}": tuple(
            _dots(words[n], found[year, n], SHADES[n % len(SHADES)], 8.5, hollow=False) | {"hovertemplate": hover}
            for n in range(len(words))
            if (year, n) in found
        )
        for year in run.years
    }


def _dots(name: str, dots: list[tuple[Any, ...]], colour: str, size: float, *, hollow: bool) -> Json:
    ring: Json = {"symbol": "circle-open", "line": {"width": 1.6}}
    full: Json = {"opacity": 0.85, "line": {"color": "$ground", "width": 0.8}}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [dot[3] for dot in dots],
        "y": [dot[4] for dot in dots],
        "marker": {"size": size, "color": colour} | (ring if hollow else full),
        "meta": {"table": "customdata"},
        "customdata": [[d[0], d[5], round(d[1], 2), round(d[2], 2), d[6], number(float(d[7]))] for d in dots],
    }


def energy(run: RunTables) -> Chart:
    """The sites with the cheapest power or hydrogen in a year: what a plant pays, and what its own would cost."""
    frame = run["site_energy"]
    names = run.labels.names("sites", "site")
    frames: dict[str, tuple[Json, ...]] = {}
    for kind in ENERGY:
        for year in run.years:
            rows = frame[frame["year"] == year].sort_values([kind, "site"]).head(CHEAPEST)
            frames[f"{kind}|{year}"] = _cheapest(rows, names, kind)
    has_any = any(frames.values())
    first = frame[frame["year"] == run.years[-1]].sort_values(["power", "site"]).head(1)
    told = [
        f"{names.get(str(s), str(s))}: {short(float(p))} USD/MWh"
        for s, p in first[["site", "power"]].itertuples(index=False)
    ]
    labels = ("power, USD/MWh", "hydrogen, USD/kg")
    return Chart(
        id="site-energy",
        section=SECTION,
        title="Cheapest sites: power (LCOE) and hydrogen (LCOH)",
        unit="USD/MWh",
        source="results table site_energy",
        summary=f"Cheapest power in {run.years[-1]}: {told[0]}." if told else NO_SITE,
        columns=("of", "year", "series", "site", "value", "unit"),
        empty=why_empty(run, "site_energy", NO_SITE),
        frames=frames if has_any else {},
        controls=(Control("Of", "select", tuple(ENERGY), labels), year_slider(run.years)) if has_any else (),
        layout={
            "hovermode": "x unified",
            "bargap": 0.3,
            "xaxis": {"type": "category", "tickangle": -45},
            "yaxis": {"title": {"text": "USD/MWh"}, "rangemode": "tozero"},
        },
        views={kind: view(unit, ENERGY_NOTES[kind]) for kind, (_, unit, *_) in ENERGY.items()} if has_any else {},
        note=f"The {CHEAPEST} cheapest sites of the year.",
        wide=True,
        height=440,
    )


ENERGY_NOTES: Final = {
    "power": "Bars: what a plant decided in the year pays, its own power for most of its load and the grid for the "
    "rest, or the grid alone where that is cheaper.",
    "hydrogen": "Bars: what a plant decided in the year pays: made at the site, piped from a neighbouring region, or "
    "at the country's price, whichever is cheapest.",
}


def _cheapest(rows: pd.DataFrame, names: dict[str, str], kind: str) -> tuple[Json, ...]:
    if rows.empty:
        return ()
    _, unit, own, own_name, other, other_name = ENERGY[kind]
    places = [names.get(str(site), str(site)) for site in rows["site"]]
    traces = [bar("a new plant pays", places, rows[kind].to_numpy(float), Look("$blue"), unit)]
    for column, name, colour, symbol in (
        (own, own_name, "$orange", "diamond"),
        (other, other_name, "$text", "circle-open"),
    ):
        if column:
            mark = line(name, places, rows[column].to_numpy(float), colour, unit, symbol=symbol) | {"mode": "markers"}
            mark["marker"] |= {"size": 9}
            traces.append(mark)
    return tuple(in_unit(trace, unit) for trace in traces)


def trend(run: RunTables) -> Chart:
    """Cost of energy over the years of decision, from the cheapest tenth of the sites to the dearest."""
    frame = run["site_energy"]
    frames = {kind: _trend(frame, kind) for kind in ENERGY} if len(frame) else {}
    labels = ("power, USD/MWh", "hydrogen, USD/kg")
    return Chart(
        id="site-trend",
        section=SECTION,
        title="Power and hydrogen at sites over the years",
        unit="USD/MWh",
        source="results table site_energy",
        summary="What own and bought energy costs at the sites, by year of decision.",
        columns=("of", "series", "year", "value", "unit"),
        empty=why_empty(run, "site_energy", NO_SITE),
        frames=frames,
        controls=(Control("Of", "select", tuple(ENERGY), labels),) if frames else (),
        layout=lines("USD/MWh", zero=True),
        views={kind: view(unit) for kind, (_, unit, *_) in ENERGY.items()} if frames else {},
        note="By year of decision. Cheapest tenth: a tenth of the sites have it cheaper. Sites count alike.",
    )


def _trend(frame: pd.DataFrame, kind: str) -> tuple[Json, ...]:
    _, unit, own, own_name, other, other_name = ENERGY[kind]
    traces = []
    for column, name, colour in (
        (kind, "a new plant pays", "$blue"),
        (own, own_name, "$orange"),
        (other, other_name, "$ink"),
    ):
        if not column:
            continue
        for share, words, dash in ((0.1, "cheapest tenth", "dash"), (0.5, "middle", "solid")):
            by = frame.groupby("year")[column].quantile(share)
            traces.append(line(f"{name}, {words}", years_of(by.index), by.to_numpy(float), colour, unit, dash))
    return tuple(in_unit(trace, unit) for trace in traces)


def npvs(run: RunTables) -> Chart:
    """What the projects at a site were worth year by year, and what became of them."""
    world, names = whole(run), run.labels.names("sites", "site")
    inside = set(projects(run)["site"])
    seen = world["candidates"]
    units = {f"{PROJECT}{site}" for site in inside}
    seen = seen[seen["furnace_group"].isin(units) & seen["year"].isin(run.years)]
    founded = [
        unit
        for unit in sorted(set(seen["furnace_group"]))
        if (seen[seen["furnace_group"] == unit]["refused_by"] == "").any()
    ]
    order = sorted(
        set(seen["furnace_group"]), key=lambda unit: (unit not in founded, names.get(unit.removeprefix(PROJECT), unit))
    )
    frames = {unit: _history(seen[seen["furnace_group"] == unit]) for unit in order}
    labels = tuple(
        names.get(unit.removeprefix(PROJECT), unit.removeprefix(PROJECT)) + (" (built)" if unit in founded else "")
        for unit in order
    )
    return Chart(
        id="site-npv",
        section=SECTION,
        title="What projects at a site were worth",
        unit=WORTH,
        source="results table candidates",
        summary=f"Projects were taken up at {len(order)} sites; plants were built at {len(founded)}."
        if order
        else NO_PROJECT,
        columns=("site", "route", "year", WORTH, "what became of it"),
        empty=why_empty(run, "site_energy", NO_PROJECT),
        frames=frames,
        controls=(Control("Site", "select", tuple(order), labels),) if order else (),
        layout=lines(WORTH) | {"hovermode": "closest"},
        note="NPV to equity in the year, before anything was decided. Diamond: announced, and whenever only the yearly "
        "chance to begin failed; star: its building begins; cross: dropped.",
    )


def _history(rows: pd.DataFrame) -> tuple[Json, ...]:
    routes = {str(route) for route in rows["route"]}
    symbols = {"": "star", ANNOUNCED: "diamond", DROPPED: "x", CONSIDERED: "circle"}
    traces = []
    for route, look in ordered(ROUTES, routes):
        mine = rows[rows["route"] == route].sort_values("year")
        if mine.empty:
            continue
        said = [str(word) for word in mine["refused_by"]]
        dash = DASHES.get(look.pattern, "solid")
        trace = line(route_name(route), years_of(mine["year"]), mine["npv"].to_numpy(float), look.colour, WORTH, dash)
        trace["customdata"] = [[word or "building begins"] for word in said]
        marks = [symbols.get(word, "circle") for word in said]
        trace["marker"] |= {"symbol": marks, "size": [5 if mark == "circle" else 11 for mark in marks]}
        trace["hovertemplate"] = "%{fullData.name} in %{x}: %{y:,.4~g} USD/t, %{customdata[0]}<extra></extra>"
        traces.append(trace)
    return tuple(traces)
