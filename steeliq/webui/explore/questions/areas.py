"""Where a question is asked: the world or what is left of it under the filter, and each region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Floats
from steeliq.simulation.results.report.charts import Control, Json, RunTables
from steeliq.webui.explore.filters import Narrowed
from steeliq.webui.explore.series import is_steel, regions
from steeliq.webui.explore.wording import described

ALL: Final = "all"
"""Key of everything together; no region of a dataset is likely to be called this, and none would break by it."""

WORLD: Final = "World"


@dataclass(frozen=True, slots=True)
class Area:
    """Countries that are looked at together."""

    key: str
    label: str
    countries: frozenset[str]

    def inside(self, countries: Sequence[str]) -> Floats:
        """1 for countries of the area, 0 for others (c,)."""
        return np.array([country in self.countries for country in countries], dtype=float)

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a table with a country that are in this area."""
        return frame if self.key == ALL else frame[frame["country"].isin(sorted(self.countries))]


def whole(run: RunTables) -> RunTables:
    """The run without its filter."""
    return run.tables.whole if isinstance(run.tables, Narrowed) else run


def name_of_all(run: RunTables) -> str:
    """What everything together is called: the world, or what is chosen in words."""
    if not isinstance(run.tables, Narrowed) or not run.tables.filters.leaves_out_works:
        return WORLD
    return described(run, replace(run.tables.filters, first=None, last=None))


def areas_of(run: RunTables, frame: pd.DataFrame) -> tuple[Area, ...]:
    """Everything, then the regions in which ``frame`` has rows, by name; a region is left out if it is everything."""
    found = {str(country) for country in frame["country"].unique()}
    places = regions(run)
    by_region: dict[str, set[str]] = {}
    for country in found:
        by_region.setdefault(places.get(country, country), set()).add(country)
    together = Area(ALL, name_of_all(run), frozenset(found))
    if len(by_region) < 2 and together.label != WORLD:
        return (together,)
    return (together, *(Area(name, name, frozenset(by_region[name])) for name in sorted(by_region) if name != ALL))


def where(areas: Sequence[Area]) -> Control:
    """The control that picks an area."""
    return Control("Where", "select", tuple(area.key for area in areas), tuple(area.label for area in areas))


def told_where_empty(frames: Mapping[str, Sequence[Json]], views: Mapping[str, Json], text: str) -> dict[str, Json]:
    """The views of a chart; a frame with nothing to draw says so in its middle instead of standing blank."""
    said = {
        "text": text, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False,
        "font": {"size": 14, "color": "$muted"},
    }  # fmt: skip
    out = dict(views)
    for key in (key for key, traces in frames.items() if not traces):
        view = views.get(key) or views.get(key.split("|")[0]) or {}
        layout = view.get("layout", {})
        hidden = {axis: {**layout.get(axis, {}), "visible": False} for axis in ("xaxis", "yaxis")}
        out[key] = {**view, "layout": {**layout, **hidden, "annotations": [said]}}
    return out


def steel_made(run: RunTables) -> pd.DataFrame:
    """Rows of the production table that are crude steel."""
    made = run["production"]
    return made[is_steel(run, made)]


def weights(made: pd.DataFrame, years: Sequence[int], countries: Sequence[str]) -> Floats:
    """Crude steel made (y, c) t."""
    sums = made.groupby(["year", "country"], as_index=False)["production"].sum()
    y, c = (
        pd.Index(list(axis)).get_indexer(pd.Index(sums[column]))
        for axis, column in ((years, "year"), (countries, "country"))
    )
    known = (y >= 0) & (c >= 0)
    out = np.zeros((len(years), len(countries)))
    out[y[known], c[known]] = sums["production"].to_numpy(float)[known]
    return out
