"""How results are labelled for people: the copies of dataset tables that a run keeps beside its results.

``<run folder>/reference/{countries,plants,technologies,commodities,sites,sources}.parquet``. A name that is missing
falls back to its key, so that a run without these copies can still be exported.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from steeliq.errors import RunError

PROJECT: Final = "SITE-"
"""How the ids of projects at sites begin, and of the plants that come of them (`SITE-<site>-<opening>`)."""
ADDED: Final = "NEW-"
"""How the ids of other new plants begin (`NEW-<country>-<opening>`)."""

TABLES: Final = ("countries", "plants", "technologies", "commodities", "sites", "sources")


@dataclass(frozen=True, slots=True)
class Labels:
    """Names by key, and the reference tables they come from (an absent table is an empty frame)."""

    tables: Mapping[str, pd.DataFrame]

    def names(self, table: str, key: str) -> dict[str, str]:
        """Display name of each key of a table; ``region`` of countries and the like via ``column``."""
        return self.column(table, key, "name")

    def column(self, table: str, key: str, value: str) -> dict[str, str]:
        """One text column of a reference table by key; empty if the table or column is absent."""
        frame = self.tables[table]
        if key not in frame.columns or value not in frame.columns:
            return {}
        return dict(zip(frame[key].astype(str), frame[value].astype(str), strict=True))

    def numbers(self, table: str, key: str, value: str) -> dict[str, float]:
        """One number column of a reference table by key; empty if the table or column is absent."""
        frame = self.tables[table]
        if key not in frame.columns or value not in frame.columns:
            return {}
        return dict(zip(frame[key].astype(str), frame[value].astype(float), strict=True))

    def flags(self, table: str, key: str, value: str) -> dict[str, bool]:
        """One yes/no column of a reference table by key; empty if the table or column is absent."""
        frame = self.tables[table]
        if key not in frame.columns or value not in frame.columns:
            return {}
        return dict(zip(frame[key].astype(str), frame[value].fillna(False).astype(bool), strict=True))

    def place_of(self, plant: str) -> Place | None:
        """Name and point of a plant: the dataset's, its site's if it was founded at one, else one of its country.

        None where nothing is known of it.
        """
        if plant.startswith(PROJECT):
            site, _, opening = plant.removeprefix(PROJECT).rpartition("-")
            name = self.names("sites", "site").get(site, site)
            return Place(f"{name}, new {opening}", *self._point("sites", "site", site), "site")
        if plant.startswith(ADDED):
            country, _, opening = plant.removeprefix(ADDED).partition("-")
            name = self.names("countries", "country").get(country, country)
            return Place(f"{name}, new {opening}", *self._point("countries", "country", country), "country")
        names = self.names("plants", "plant")
        if plant not in names:
            return None
        return Place(names[plant], *self._point("plants", "plant", plant), "")

    def _point(self, table: str, key: str, value: str) -> tuple[float, float]:
        latitude, longitude = (self.numbers(table, key, column).get(value) for column in ("latitude", "longitude"))
        return (math.nan if latitude is None else latitude, math.nan if longitude is None else longitude)


@dataclass(frozen=True, slots=True)
class Place:
    """A plant for people: degrees are NaN where unknown; ``new``: founded at a ``site``, in a ``country``, or not."""

    name: str
    latitude: float
    longitude: float
    new: str


def read_labels(run_dir: Path) -> Labels:
    """The reference tables of a run; ``RunError`` if one is damaged, an empty frame if it is absent."""
    return Labels({name: _read(run_dir / "reference" / f"{name}.parquet") for name in TABLES})


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        return pd.DataFrame()
    except (pa.ArrowException, OSError) as error:
        raise RunError(f"{path}: this file is damaged ({error}); repeat the run") from error
