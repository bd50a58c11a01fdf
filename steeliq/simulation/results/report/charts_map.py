"""Where the plants are: production of each plant on a map drawn from our own outlines, year by year.

The map is the Equal Earth projection (Savric, Patterson and Jenny 2018, doi:10.1080/13658816.2018.1504949) of Natural
Earth's land, so that areas compare and no map service is asked.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steeliq.simulation.results.labels import ADDED, PROJECT
from steeliq.simulation.results.report.charts import Chart, Json, RunTables, number, numbers, short, year_slider
from steeliq.simulation.results.report.charts_production import steel_technologies, technology_names
from steeliq.simulation.results.report.theme import TECHNOLOGIES, Look, ordered

type Floats = NDArray[np.float64]

COEFFICIENTS: Final = (1.340264, -0.081106, 0.000893, 0.003796)
LARGEST_DOT: Final = 26.0
"""Diameter of the largest plant's dot, pixels; area is proportional to production."""

STAND_IN: Final = "stand-in for unlisted small plants"
"""What the dataset's synthetic plants are."""
NEW_WORKS: Final = "new works, site not known"
"""What the model adds to a country without a site of its own."""


GROUND: Final = {
    "hovermode": "closest",
    "dragmode": "zoom",
    "xaxis": {"visible": False, "range": [-97, 101], "constrain": "domain"},
    "yaxis": {"visible": False, "range": [-39.5, 49.5], "scaleanchor": "x", "constrain": "domain"},
    "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
}
"""Layout of a world map in the coordinates of `project`."""
MAP: Final = GROUND | {"legend": {"orientation": "h", "x": 0, "y": 0, "itemsizing": "constant"}}
"""With a legend in its corner."""


def project(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Equal Earth coordinates of degrees, scaled to a width of 200.

    >>> x, y = project(np.array([0.0, 180.0]), np.array([0.0, 0.0]))
    >>> x.round(3).tolist(), y.tolist()
    ([0.0, 100.0], [0.0, 0.0])
    """
    a1, a2, a3, a4 = COEFFICIENTS
    theta = np.arcsin(np.sqrt(3.0) / 2.0 * np.sin(np.radians(latitude)))
    t2, t6 = theta**2, theta**6
    slope = 9.0 * a4 * t6 * t2 + 7.0 * a3 * t6 + 3.0 * a2 * t2 + a1
    x = 2.0 * np.sqrt(3.0) * np.radians(longitude) * np.cos(theta) / (3.0 * slope)
    y = a4 * t6 * t2 * theta + a3 * t6 * theta + a2 * t2 * theta + a1 * theta
    scale = 100.0 / (2.0 * np.sqrt(3.0) * np.pi / (3.0 * a1))
    return x * scale, y * scale


def outlines() -> tuple[Json, Json]:
    """Land as one filled trace and inner borders as one line trace."""
    text = files("steeliq").joinpath("reference", "land.json").read_text(encoding="utf-8")
    shapes: dict[str, list[list[float]]] = json.loads(text)
    common: Json = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False}
    land = common | _path(shapes["land"]) | {"fill": "toself", "fillcolor": "$land"}
    borders = common | _path(shapes["borders"])
    stroke = {"color": "$border", "width": 0.6}
    ground = {"meta": {"ground": True}}
    return land | {"line": stroke} | ground, borders | {"line": stroke} | ground


def _path(lines: list[list[float]]) -> Json:
    xs: list[Any] = []
    ys: list[Any] = []
    for flat in lines:
        points = np.asarray(flat, dtype=np.float64).reshape(-1, 2)
        x, y = project(points[:, 0], points[:, 1])
        xs += [*x.round(2).tolist(), None]
        ys += [*y.round(2).tolist(), None]
    return {"x": xs, "y": ys}


def map_charts(run: RunTables) -> list[Chart]:
    """The map of plants."""
    plants = run.labels.tables["plants"]
    located = not plants.empty and {"plant", "latitude", "longitude"} <= set(plants.columns)
    made = run["production"]
    steel = made[made["technology"].isin(sorted(steel_technologies(run))) & (made["production"] > 0)]
    by = ["year", "plant", "technology"]
    sums = steel.groupby(by, as_index=False)["production"].sum()
    # The technology that makes most of a plant's steel gives the colour.
    main = sums.assign(rank=-sums["production"]).sort_values(["year", "plant", "rank", "technology"])
    main = main.drop_duplicates(["year", "plant"])[by]
    rows = sums.groupby(["year", "plant"], as_index=False)["production"].sum().merge(main, on=["year", "plant"])
    frames: dict[str, tuple[Json, ...]] = {}
    if located:
        rows = rows.merge(_places(run), on="plant", how="inner")
        x, y = project(rows["longitude"].to_numpy(float), rows["latitude"].to_numpy(float))
        top = float(rows["production"].max()) if len(rows) else 1.0
        size = LARGEST_DOT * np.sqrt(rows["production"].to_numpy(float) / top)
        rows = rows.assign(x=x.round(2), y=y.round(2), size=np.maximum(size, 2.5).round(1), rank=-rows["production"])
        rows = rows.sort_values(["rank", "plant"])  # large dots first, so that small ones lie on top
        frames = _frames(run, rows)
    return [
        Chart(
            id="map",
            section="Plants",
            title="Steel plants by main technology and production",
            unit="Mt",
            source="results table production; coordinates from the dataset; outlines: Natural Earth, public domain",
            summary=_summary(rows, run.years),
            columns=("year", "main technology", "plant", "country", "longitude", "latitude", "Mt"),
            empty="No plant of this run has coordinates." if not located else "No steel was made in this run.",
            traces=outlines(),
            frames=frames,
            controls=(year_slider(run.years),),
            layout=MAP,
            note=f"Area of a dot = crude steel made in the year. Hollow ring = {STAND_IN}, hollow diamond = "
            f"{NEW_WORKS}, both set at one place of the country. Equal Earth projection; outlines and names imply no "
            "opinion on borders. Drag to zoom in, double-click to return.",
            wide=True,
            height=560,
        )
    ]


def _places(run: RunTables) -> pd.DataFrame:
    """Plants with coordinates: plant, name, place (country), latitude, longitude, kind (STAND_IN or the like)."""
    return pd.concat([_listed(run), _added(run)], ignore_index=True)


def _added(run: RunTables) -> pd.DataFrame:
    """The same for plants that the run built: at their site, or at one place of their country."""
    countries, made = run.labels.names("countries", "country"), run["production"]
    home = dict(zip(made["plant"], made["country"], strict=True))
    rows = [
        (plant, at.name, countries.get(home[plant], home[plant]), at.latitude, at.longitude, KINDS[at.new])
        for plant in sorted(home)
        if plant.startswith((PROJECT, ADDED)) and (at := run.labels.place_of(plant)) is not None
    ]
    return pd.DataFrame(rows, columns=list(PLACED)).dropna(subset=["latitude", "longitude"])


KINDS: Final = {"site": "", "country": NEW_WORKS}
PLACED: Final = ("plant", "name", "place", "latitude", "longitude", "kind")


def _listed(run: RunTables) -> pd.DataFrame:
    plants = run.labels.tables["plants"].dropna(subset=["latitude", "longitude"])
    countries = run.labels.names("countries", "country")
    synthetic = run.labels.flags("plants", "plant", "synthetic")
    home = plants["country"].astype(str) if "country" in plants.columns else plants["plant"].map(lambda _: "")
    return plants[["plant", "name", "latitude", "longitude"]].assign(
        place=home.map(lambda code: countries.get(code, code)),
        kind=plants["plant"].map(lambda plant: STAND_IN if synthetic.get(str(plant), False) else ""),
    )[list(PLACED)]


type Dot = tuple[str, str, float, float, float, float, float, float]
"""Name, place, longitude, latitude, production [t], x, y, diameter."""


def _frames(run: RunTables, rows: pd.DataFrame) -> dict[str, tuple[Json, ...]]:
    """Traces of each year: one for each technology, plants that have a place before those that are set at one."""
    names = technology_names(run)
    dots: dict[tuple[int, str, str], list[Dot]] = {}
    given = ["name", "place", "longitude", "latitude", "production", "x", "y", "size"]
    keys = zip(rows["year"].tolist(), rows["kind"].tolist(), rows["technology"].astype(str).tolist(), strict=True)
    for key, *dot in zip(keys, *(rows[column].tolist() for column in given), strict=True):
        dots.setdefault(key, []).append((*dot,))
    present = list(ordered(TECHNOLOGIES, {technology for _, _, technology in dots}))
    return {
        str(year): tuple(
            _markers(names.get(technology, technology) + (f", {kind}" if kind else ""), found, look, SYMBOLS[kind])
            for kind in SYMBOLS
            for technology, look in present
            if (found := dots.get((year, kind, technology)))
        )
        for year in run.years
    }


SYMBOLS: Final = {"": "circle", STAND_IN: "circle-open", NEW_WORKS: "diamond-open"}


def _markers(name: str, dots: list[Dot], look: Look, symbol: str) -> Json:
    ring: Json = {"symbol": symbol, "opacity": 0.95, "line": {"width": 1.8}}
    dot: Json = {"opacity": 0.78, "line": {"color": "$ground", "width": 0.6}}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [dot[5] for dot in dots],
        "y": [dot[6] for dot in dots],
        # Projected coordinates say nothing to a reader: the table shows the custom data alone.
        "meta": {"table": "customdata"},
        "customdata": [
            [str(plant), str(place), round(float(lon), 2), round(float(lat), 2), number(float(made) / 1e6)]
            for plant, place, lon, lat, made, *_ in dots
        ],
        "marker": {"size": numbers(dot[7] for dot in dots), "color": look.colour}
        | (dot if symbol == "circle" else ring),
        "hovertemplate": "%{customdata[0]}, %{customdata[1]}<br>%{fullData.name}: %{customdata[4]:,.4~g} Mt"
        "<extra></extra>",
    }


def _summary(rows: pd.DataFrame, years: tuple[int, ...]) -> str:
    last = rows[rows["year"] == years[-1]] if years else rows
    total = short(float(last["production"].sum()) / 1e6)
    return f"{len(last):,} plants make {total} Mt of crude steel in {years[-1]}." if len(last) else "No plants."
