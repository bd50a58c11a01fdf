"""The ground at a site, where the dataset says something of it: slope, free land for own power, way to the railway.

A site that is too steep is never looked at. The first plant at a site pays for the line to the nearest railway. What a
plant builds for its own power takes land, and a plant whose share does not fit is not built. What is not stated limits
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.scenario.siting import Siting
from steeliq.simulation.siting.profiles import HOURS

MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Ground:
    """Sites s and years of decision y."""

    steep: Bools  # (s,) steeper than what is built on
    railway: Floats  # (s,) USD for the line to the nearest railway
    land: Floats  # (s,) km2 free for own power; inf where it is not known
    per_load: Floats  # (y, s) km2 of solar and wind for 1 MW of load from own power

    def taken(self, energy: Floats, decided: Ints, site: Ints) -> Floats:
        """Land (n,) km2 of plants at sites that draw this energy (n,) MWh a year from the own power of their year.

        >>> ground, first = Ground(np.array([False]), np.zeros(1), np.ones(1), np.array([[0.05]])), np.array([0])
        >>> ground.taken(np.array([876_000.0]), first, first).tolist()  # 100 MW
        [5.0]
        """
        return np.asarray(energy / HOURS * self.per_load[decided, site])


def compile_ground(rows: pd.DataFrame, names: Sequence[str], settings: Siting, design: Floats) -> Ground:
    """From the table `site_ground`; design: (y, s, 3) MW of solar, MW of wind, MWh of battery for 1 MW of load."""
    known = rows.set_index("site").reindex(list(names))
    slope, land, way = (known[column].to_numpy(dtype=float) for column in ("slope", "land", "rail"))
    area = design[:, :, 0] / settings.solar_density + design[:, :, 1] / settings.wind_density
    return Ground(
        steep=np.nan_to_num(slope, nan=0.0) > settings.max_slope,
        railway=np.nan_to_num(way, nan=0.0) * settings.rail_cost * MILLION,
        land=np.where(np.isnan(land), np.inf, land),
        per_load=np.nan_to_num(area, nan=0.0),
    )
