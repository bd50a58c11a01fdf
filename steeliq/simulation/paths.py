"""From tidy rows with areas and years to dense arrays over years and countries.

An area is a country, a bloc, a region or WORLD; the most specific row wins. Years between two points are
interpolated linearly, years outside them are held at the nearest point: a value past the data is never read as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Bools, Floats, Ints

WORLD = "WORLD"
NOT = "NOT "


@dataclass(frozen=True, slots=True)
class Areas:
    """Which countries an area name means, and how specific it is."""

    countries: tuple[str, ...]
    members: Mapping[str, Bools]
    rank: Mapping[str, int]

    @classmethod
    def of(cls, countries: pd.DataFrame, blocs: pd.DataFrame) -> Areas:
        """Build from the tables `countries` and `blocs`."""
        names = tuple(countries["country"])
        code = np.array(names, dtype=object)
        region = countries["region"].to_numpy(dtype=object)
        members: dict[str, Bools] = {WORLD: np.ones(len(names), dtype=bool)}
        rank = {WORLD: 0}
        for name in sorted(set(region)):
            members[name], rank[name] = region == name, 1
        for name, rows in blocs.groupby("bloc"):
            members[str(name)], rank[str(name)] = np.isin(code, rows["country"].to_numpy(dtype=object)), 2
        for name in names:
            members[name], rank[name] = code == name, 3
        return cls(names, members, rank)

    def mask(self, area: str) -> Bools:
        """Countries of an area (c,); ``NOT X`` means all others."""
        if area.startswith(NOT):
            return ~self.members[area.removeprefix(NOT)]
        return self.members[area]


def over_years(known_years: Sequence[int] | Ints, values: Sequence[float] | Floats, years: Ints) -> Floats:
    """Linear between the points, held outside them; ``values`` at ``known_years`` -> (y,)."""
    order = np.argsort(np.asarray(known_years))
    out: Floats = np.interp(years, np.asarray(known_years)[order], np.asarray(values, dtype=float)[order])
    return out


def path_over_years(path: float | Mapping[int, float], years: Ints) -> Floats:
    """A scenario's number or table of years -> (y,)."""
    if isinstance(path, Mapping):
        return over_years(list(path), list(path.values()), years)
    return np.full(len(years), float(path))


def by_country(
    rows: pd.DataFrame, country: str, value: str, countries: Sequence[str], years: Ints, default: float
) -> Floats:
    """Rows with one series per country -> (y, c); countries without rows get ``default``."""
    out = np.full((len(years), len(countries)), default)
    position = {name: column for column, name in enumerate(countries)}
    for name, series in rows.groupby(country):
        out[:, position[str(name)]] = over_years(series["year"].to_numpy(), series[value].to_numpy(), years)
    return out


def by_area(rows: pd.DataFrame, area: str, value: str, areas: Areas, years: Ints, default: float) -> Floats:
    """Rows with one series per area -> (y, c), the most specific area winning."""
    out = np.full((len(years), len(areas.countries)), default)
    series = {str(name): group for name, group in rows.groupby(area)}
    for name in sorted(series, key=lambda key: (areas.rank[key], key)):
        group = series[name]
        out[:, areas.members[name]] = over_years(group["year"].to_numpy(), group[value].to_numpy(), years)[:, None]
    return out
