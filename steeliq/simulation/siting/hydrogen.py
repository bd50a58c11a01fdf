"""What hydrogen costs at a site: made there, bought in its region, or piped from a neighbouring one.

Own hydrogen comes from electrolysers on the site's round-the-clock power. Nobody pays more than the regional ceiling,
the cost at which the cheapest fifth of the region's sites can make it; a pipeline brings the ceiling of a neighbouring
region, with its transport, from the nearest of those sites on the same land.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Floats, Ints, Labels
from steeliq.simulation.siting.profiles import HOURS

AVAILABILITY = 0.95  # of electrolysers on round-the-clock power
DETOUR = 1.25  # of a pipeline against the great circle, as for land transport


@dataclass(frozen=True, slots=True)
class Places:
    """Where n sites lie."""

    latitude: Floats  # (n,) deg
    longitude: Floats  # (n,) deg
    landmass: Labels  # (n,) str; pipelines stay on one
    region: Ints  # (n,)
    regions: int

    def apart(self) -> Floats:
        """Great-circle distances (n, n) km, infinite between landmasses."""
        return np.where(
            self.landmass[:, None] == self.landmass[None, :],
            great_circle(self.latitude[:, None], self.longitude[:, None], self.latitude, self.longitude),
            np.inf,
        )


def great_circle(latitude: Floats, longitude: Floats, other_latitude: Floats, other_longitude: Floats) -> Floats:
    """Distance in km between points in degrees (haversine, mean Earth radius 6,371 km).

    >>> quarter = great_circle(np.array(0.0), np.array(0.0), np.array(0.0), np.array(90.0))
    >>> round(float(quarter))
    10008
    """
    first, second = np.radians(latitude), np.radians(other_latitude)
    across = np.radians(other_longitude) - np.radians(longitude)
    half = np.sin((second - first) / 2) ** 2 + np.cos(first) * np.cos(second) * np.sin(across / 2) ** 2
    return np.asarray(2 * 6371.0 * np.arcsin(np.sqrt(half)))


def levelised(power: Floats, plant: Floats, use: Floats) -> Floats:
    """Cost of own hydrogen (...,) USD/kg: power in USD/MWh, electrolyser in USD/kW and year, use in kWh/kg.

    >>> float(levelised(np.array(50.0), np.array(0.0), np.array(50.0)))
    2.5
    """
    return np.asarray(use * (power / 1000.0 + plant / (HOURS * AVAILABILITY)))


def ceilings(cost: Floats, places: Places, quantile: float) -> Floats:
    """The ``quantile`` of the sites' own cost (n,) by region (r,) USD/kg; infinite where none can make any."""
    out = np.full(places.regions, np.inf)
    for region in np.unique(places.region):
        known = cost[(places.region == region) & np.isfinite(cost)]
        if len(known):
            out[region] = np.quantile(known, quantile)
    return out


def price(cost: Floats, places: Places, quantile: float, pipeline: float, reach: float) -> Floats:
    """What a site pays (n,) USD/kg: the least of own cost, own ceiling, and neighbours' ceilings with their pipeline.

    ``pipeline`` is USD/kg per 1,000 km, ``reach`` the greatest length in km (0: no pipelines between regions).
    """
    ceiling = ceilings(cost, places, quantile)
    out = np.minimum(cost, ceiling[places.region])
    length = DETOUR * places.apart()
    for region in np.flatnonzero(np.isfinite(ceiling)):
        sellers = (places.region == region) & (cost <= ceiling[region] * (1 + 1e-12))
        nearest = length[:, sellers].min(axis=1, initial=np.inf)
        reached = np.flatnonzero((nearest <= reach) & (places.region != region))
        out[reached] = np.minimum(out[reached], ceiling[region] + pipeline * nearest[reached] / 1000.0)
    return out
