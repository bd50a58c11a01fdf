"""Where the plants of a dataset stand: the report's map with listed capacity instead of production."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from steeliq.simulation.dataset import Dataset
from steeliq.simulation.results.report.charts import Chart, Control, Json, number, numbers
from steeliq.simulation.results.report.charts_map import GROUND, LARGEST_DOT, outlines, project
from steeliq.simulation.results.report.theme import TECHNOLOGIES, Look, ordered

STATUSES = ("operating", "construction", "announced")
STAGES = ("steelmaking", "ironmaking")


def plant_map(dataset: Dataset) -> Chart:
    """The map: a dot for each plant, its area the capacity (Mt/yr as listed), its colour the largest technology."""
    rows = _rows(dataset)
    frames = {
        f"{stage}|{status}": tuple(_dots(dataset, rows[(rows["stage"] == stage) & (rows["status"] == status)]))
        for stage in STAGES
        for status in STATUSES
    }
    now = rows[(rows["stage"] == STAGES[0]) & (rows["status"] == STATUSES[0])]
    return Chart(
        id="plants",
        section="Plants",
        title="Plants by main technology and listed capacity",
        unit="Mt/yr",
        source=f"dataset {dataset.title}, tables plants and furnace_groups; outlines: Natural Earth, public domain",
        summary=f"{len(now):,} plants with {now['capacity'].sum() / 1e6:,.0f} Mt/yr of operating steel capacity.",
        columns=("stage", "status", "main technology", "plant", "country", "longitude", "latitude", "Mt/yr"),
        empty="This dataset has no plants.",
        traces=outlines(),
        frames=frames,
        controls=(
            Control("Stage", "select", STAGES, STAGES, 0),
            Control("Status", "select", STATUSES, STATUSES, 0),
        ),
        layout=GROUND,
        note="Area of a dot = capacity as listed. Hollow ring = stand-in for small plants that no tracker lists, set "
        "at one place of the country. Equal Earth projection; outlines and names imply no opinion on borders. Drag to "
        "zoom in, double-click to return.",
        wide=True,
        height=560,
    )


def _rows(dataset: Dataset) -> pd.DataFrame:
    """Per plant, stage and status: name, country, coordinates, capacity, technology with most of it."""
    groups = dataset["furnace_groups"][["plant", "technology", "status", "capacity"]]
    groups = groups.merge(dataset["technologies"][["technology", "stage"]], on="technology")
    by = ["plant", "stage", "status"]
    sums: pd.DataFrame = groups.groupby([*by, "technology"]).agg(capacity=("capacity", "sum")).reset_index()
    main = sums.sort_values("capacity", ascending=False, kind="stable").drop_duplicates(by)
    totals: pd.DataFrame = groups.groupby(by).agg(capacity=("capacity", "sum")).reset_index()
    rows = totals.merge(main[[*by, "technology"]], on=by)
    names = dataset["countries"][["country", "name"]].rename(columns={"name": "place"})
    rows = rows.merge(dataset["plants"].drop(columns=["source", "quality"]), on="plant").merge(names, on="country")
    x, y = project(rows["longitude"].to_numpy(float), rows["latitude"].to_numpy(float))
    top = float(rows["capacity"].max()) if len(rows) else 1.0
    size = np.maximum(LARGEST_DOT * np.sqrt(rows["capacity"].to_numpy(float) / top), 2.5)
    return rows.assign(x=x.round(2), y=y.round(2), size=size.round(1))


def _dots(dataset: Dataset, rows: pd.DataFrame) -> list[Json]:
    names = dict(zip(dataset["technologies"]["technology"], dataset["technologies"]["name"], strict=True))
    traces = []
    for stand_in in (False, True):
        part = rows[rows["synthetic"].astype(bool) == stand_in]
        for technology, look in ordered(TECHNOLOGIES, set(part["technology"])):
            name = names.get(technology, technology) + (", stand-in for unlisted small plants" if stand_in else "")
            traces.append(_markers(name, part[part["technology"] == technology], look, hollow=stand_in))
    return traces


def _markers(name: str, rows: pd.DataFrame, look: Look, *, hollow: bool) -> Json:
    rows = rows.sort_values(["capacity", "plant"], ascending=[False, True])
    shown = rows[["name", "place", "longitude", "latitude", "capacity"]].itertuples(index=False)
    custom: list[list[Any]] = [
        [str(plant), str(place), round(float(str(lon)), 2), round(float(str(lat)), 2), number(float(str(size)) / 1e6)]
        for plant, place, lon, lat, size in shown
    ]
    ring: Json = {"symbol": "circle-open", "opacity": 0.95, "line": {"width": 1.8}}
    dot: Json = {"opacity": 0.78, "line": {"color": "$ground", "width": 0.6}}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": rows["x"].tolist(),
        "y": rows["y"].tolist(),
        "meta": {"table": "customdata"},
        "customdata": custom,
        "marker": {"size": numbers(rows["size"]), "color": look.colour} | (ring if hollow else dot),
        "hovertemplate": "%{customdata[0]}, %{customdata[1]}<br>%{fullData.name}: %{customdata[4]:,.4~g} Mt/yr"
        "<extra></extra>",
    }
