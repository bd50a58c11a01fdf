"""Where material goes: from ore and scrap through the furnaces to steel, and across borders on a map."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    number,
    numbers,
    short,
    year_slider,
)
from steeliq.simulation.results.report.charts_map import GROUND, outlines, project
from steeliq.simulation.results.report.charts_production import technology_names
from steeliq.simulation.results.report.charts_trade import GOODS
from steeliq.simulation.results.report.theme import CHARGES, TECHNOLOGIES, Look
from steeliq.webui.explore.series import country_names

SAME: Final = {"pig_iron": "hot_metal", "dri": "hot_dri", "dri_h2": "hot_dri_h2"}
"""A good that is cast or briquetted cold is the same material as its hot twin."""
BOTH: Final = {"hot_metal": "Hot metal and pig iron", "hot_dri": "DRI, gas", "hot_dri_h2": "DRI, hydrogen"}
FLOWS_DRAWN: Final = 60
"""Largest flows of a year on the trade map."""
CLASSES: Final = (
    (0.5, 7.0, "more than half of the largest"),
    (0.2, 4.0, "a fifth to a half"),
    (0.05, 2.0, "a twentieth to a fifth"),
    (0.0, 0.8, "less"),
)
"""Shares of the good's largest flow, width in pixels and words; a line has one width, so flows come in classes."""


def sankey(run: RunTables) -> Chart:
    """From iron-bearing inputs through the technologies to their products, year by year."""
    used = run["charges"].groupby(["year", "commodity", "technology"], as_index=False)["amount"].sum()
    made = run["production"].groupby(["year", "technology", "product"], as_index=False)["production"].sum()
    frames = {str(year): (_sankey(run, used[used["year"] == year], made[made["year"] == year]),) for year in run.years}
    return Chart(
        id="sankey",
        section="Flows",
        title="Material flow from ore and scrap to steel",
        unit="Mt",
        source="results tables charges and production",
        summary="Ore and scrap go into iron and steel furnaces; the width of a band is its mass in the year.",
        columns=("year", "from", "to", "Mt"),
        empty="Nothing was charged in the chosen part of this run.",
        frames=frames if len(used) else {},
        controls=(year_slider(run.years),) if len(used) else (),
        layout={"margin": {"l": 8, "r": 8, "t": 12, "b": 12}},
        note="Mass of iron-bearing inputs and of products, Mt. A furnace gives off oxygen and gangue, so less comes "
        "out than goes in; what a node misses was traded. Numbers: ore and scrap used, all else as it was made.",
        wide=True,
        height=560,
    )


def _sankey(run: RunTables, used: pd.DataFrame, made: pd.DataFrame) -> Json:
    goods, furnaces = run.labels.names("commodities", "commodity"), technology_names(run)
    links: dict[tuple[str, str], float] = {}
    for commodity, technology, amount in used[["commodity", "technology", "amount"]].itertuples(index=False):
        key = (f"good {SAME.get(str(commodity), str(commodity))}", f"at {technology}")
        links[key] = links.get(key, 0.0) + float(amount) / 1e6
    for technology, product, amount in made[["technology", "product", "production"]].itertuples(index=False):
        key = (f"at {technology}", f"good {SAME.get(str(product), str(product))}")
        links[key] = links.get(key, 0.0) + float(amount) / 1e6
    links = {key: value for key, value in sorted(links.items()) if value > 0.01}
    nodes = list(dict.fromkeys(node for key in links for node in key))
    place = {node: position for position, node in enumerate(nodes)}

    def named(node: str) -> str:
        kind, _, key = node.partition(" ")
        return (goods | BOTH if kind == "good" else furnaces).get(key, key)

    def colour(node: str) -> str:
        kind, _, key = node.partition(" ")
        return (CHARGES if kind == "good" else TECHNOLOGIES).get(key, Look("$muted")).colour

    def told(node: str) -> float:
        """What a furnace makes; what is made of a good, and of those that nothing here makes what is used."""
        out, into = (sum(value for link, value in links.items() if link[end] == node) for end in (0, 1))
        return (into or out) if node.startswith("good") else out

    return {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
            "label": [f"{named(node)} {short(told(node))}" for node in nodes],
            "customdata": [named(node) for node in nodes],
            "color": [colour(node) for node in nodes],
            "pad": 14,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label} Mt<extra></extra>",
        },
        "link": {
            "source": [place[begin] for begin, _ in links],
            "target": [place[end] for _, end in links],
            "value": numbers(links.values()),
            "color": ["$grid" for _ in links],
            "hovertemplate": "%{source.customdata} to %{target.customdata}: %{value:,.4~g} Mt<extra></extra>",
        },
        "meta": {"table": "customdata", "unnamed": True},
        "customdata": [[named(begin), named(end), number(value)] for (begin, end), value in links.items()],
    }


def trade_map(run: RunTables) -> Chart:
    """The largest flows between countries on the map, one good and year at a time."""
    frame, countries = run["flows"], run.labels.tables["countries"]
    located = {"country", "latitude", "longitude"} <= set(countries.columns)
    abroad = frame[(frame["origin"] != frame["destination"]) & (frame["amount"] > 0)]
    names = run.labels.names("commodities", "commodity")
    found = {str(good) for good in abroad["commodity"].unique()}
    goods = tuple(good for good in GOODS if good in found) + tuple(sorted(found - set(GOODS)))
    frames: dict[str, tuple[Json, ...]] = {}
    if located and goods:
        x, y = project(countries["longitude"].to_numpy(float), countries["latitude"].to_numpy(float))
        where = {
            str(key): (round(float(a), 2), round(float(b), 2))
            for key, a, b in zip(countries["country"], x, y, strict=True)
        }
        top = {str(good): float(value) for good, value in abroad.groupby("commodity")["amount"].max().items()}
        largest = _largest(abroad[abroad["origin"].isin(list(where)) & abroad["destination"].isin(list(where))])
        called = country_names(run)
        frames = {
            f"{good}|{year}": _routes(largest.get((good, year), []), where, called, top[good])
            for good in goods
            for year in run.years
        }
    labels = tuple(names.get(good, good) for good in goods)
    total = abroad.groupby(["commodity", "year"])["amount"].sum() / 1e6
    views = {
        f"{good}|{year}": {
            "note": f"{label} in {year}: {short(float(total.get((good, year), 0.0)))} Mt cross a border."
        }
        for good, label in zip(goods, labels, strict=True)
        for year in run.years
    }
    return Chart(
        id="trade-map",
        section="Trade",
        title="Trade on the map",
        unit="Mt",
        source="results table flows; outlines: Natural Earth, public domain",
        summary="The largest flows between countries; thicker lines carry more.",
        columns=("commodity", "year", "exporter", "importer", "Mt"),
        empty="Nothing was traded between countries in the chosen part of this run.",
        traces=outlines(),
        frames=frames,
        views=views if frames else {},
        controls=(Control("Commodity", "select", goods, labels), year_slider(run.years)) if frames else (),
        layout=GROUND,
        note=f"The {FLOWS_DRAWN} largest flows, drawn from country to country, not along sea lanes; the dot marks the "
        "importer. Drag to zoom in, double-click to return.",
        wide=True,
        height=520,
    )


type Route = tuple[str, str, float]
"""Origin, destination, amount [t]."""


def _largest(rows: pd.DataFrame) -> dict[tuple[str, int], list[Route]]:
    """The flows that are drawn of each good and year, largest first."""
    by = ["amount", "origin", "destination"]
    rows = rows.sort_values(by, ascending=[False, True, True])
    rows = rows.groupby(["commodity", "year"], sort=False).head(FLOWS_DRAWN)
    found: dict[tuple[str, int], list[Route]] = {}
    columns = ("commodity", "year", "origin", "destination", "amount")
    for good, year, *route in zip(*(rows[column].tolist() for column in columns), strict=True):
        found.setdefault((good, year), []).append((route[0], route[1], route[2]))
    return found


def _routes(
    listed: list[Route], where: dict[str, tuple[float, float]], names: dict[str, str], top: float
) -> tuple[Json, ...]:
    traces: list[Json] = []
    upper = 2.0
    for lower, width, words in CLASSES:
        drawn = [route for route in listed if lower <= route[2] / top < upper]
        upper = lower
        if drawn:
            traces.append(_lines(words, drawn, where, names, width))
    return tuple(traces)


def _lines(
    name: str,
    drawn: list[Route],
    where: dict[str, tuple[float, float]],
    names: dict[str, str],
    width: float,
) -> Json:
    xs: list[Any] = []
    ys: list[Any] = []
    sizes: list[Any] = []
    texts: list[str] = []
    for origin, destination, amount in drawn:
        (x0, y0), (x1, y1) = where[origin], where[destination]
        text = f"{names.get(origin, origin)} to {names.get(destination, destination)}: {short(amount / 1e6)} Mt"
        xs += [x0, round((x0 + x1) / 2, 2), x1, None]
        # A slight bow, so that both ways between two countries can be told apart.
        ys += [y0, round((y0 + y1) / 2 + 0.06 * (x1 - x0), 2), y1, None]
        sizes += [0, 0, round(width + 3.0, 1), 0]
        texts += ["", text, text, ""]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": xs,
        "y": ys,
        "text": texts,
        "line": {"color": "$blue", "width": width, "shape": "spline"},
        "marker": {"color": "$orange", "size": sizes, "line": {"width": 0}, "opacity": 0.9},
        "opacity": 0.7,
        "hovertemplate": "%{text}<extra></extra>",
        "meta": {"table": "customdata", "unnamed": True},
        "customdata": [[names.get(o, o), names.get(d, d), number(a / 1e6)] for o, d, a in drawn],
    }
