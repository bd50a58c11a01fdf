"""Round-the-clock power as one plain linear programme per site: slow, but it leaves nothing to argue about."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from steeliq.simulation.arrays import Floats
from steeliq.simulation.siting.coverage import Battery
from steeliq.simulation.siting.profiles import HOURS, sun, wind


def example_profiles(sites: int, hours: int) -> tuple[Floats, Floats]:
    """Made-up sites, each with other sun and wind: a whole year, or every fourth week of it, at most ``hours``."""
    names = [f"site {n}" for n in range(sites)]
    spread = np.linspace(0.0, 1.0, sites)
    latitude = np.linspace(-50.0, 62.0, sites)
    taken = np.flatnonzero((np.arange(HOURS) // 168 % 4 == 0) | (hours == HOURS))[:hours]
    bright = sun(names, latitude, 0.10 + 0.12 * np.roll(spread, sites // 3))
    windy = wind(names, latitude, 0.15 + 0.30 * spread)
    return bright[taken].astype(float), windy[taken].astype(float)


def programme(solar: Floats, blowing: Floats, battery: Battery) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Rows <= and rows = of the plain programme: solar, wind, battery | charge, discharge, stored, unmet by hour."""
    hours = len(solar)
    one, none, row = sp.eye(hours), sp.csr_matrix((hours, hours)), sp.csr_matrix((hours, 1))
    size = sp.csr_matrix(np.ones((hours, 1)))
    below = [
        [sp.csr_matrix(-solar[:, None]), sp.csr_matrix(-blowing[:, None]), row, one, -one, none, -one],  # load
        [row, row, -size, none, none, one, none],  # stored <= size
        [row, row, -size / battery.hours, one, none, none, none],
        [row, row, -size / battery.hours, none, one, none, none],
    ]
    equal = [[row, row, row, -battery.efficiency * one, one, one - sp.eye(hours, k=-1), none]]
    return sp.block_array(below, format="csr"), sp.block_array(equal, format="csr")


def least_cost(solar: Floats, blowing: Floats, share: float, battery: Battery, parts: Floats) -> float:
    """USD per kW of load and year by a plain linear programme."""
    hours = len(solar)
    below, equal = programme(solar, blowing, battery)
    unmet = sp.csr_matrix(np.concatenate([np.zeros(3 + 3 * hours), np.ones(hours)]))
    found = linprog(
        np.concatenate([parts, np.zeros(4 * hours)]),
        A_ub=sp.vstack([below, unmet], format="csr"),
        b_ub=np.concatenate([-np.ones(hours), np.zeros(3 * hours), [(1.0 - share) * hours]]),
        A_eq=equal,
        b_eq=np.zeros(hours),
        method="highs-ipm",
    )
    assert found.status == 0
    return float(found.fun)
