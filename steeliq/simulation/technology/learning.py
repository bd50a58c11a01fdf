"""Learning by building: CAPEX falls with every doubling of what has been built."""

from __future__ import annotations

import numpy as np

from steeliq.simulation.arrays import Floats, Ints

FIRST_PLANTS = 10e6  # t/yr from which the first doubling counts: before, a technology has only pilots


def learning_factor(built: Floats, at_start: Floats, rate: Floats) -> Floats:
    """CAPEX relative to the first year (t,): (cumulative / initial capacity)^log2(1 - rate).

    built, at_start: (t,) t/yr of capacity ever opened, now and at the start of the run; rate: (t,) share a doubling.

    >>> learning_factor(np.array([40e6, 40e6]), np.array([10e6, 0.0]), np.array([0.1, 0.0])).round(6).tolist()
    [0.81, 1.0]
    """
    ratio = np.maximum(built, FIRST_PLANTS) / np.maximum(at_start, FIRST_PLANTS)
    return np.asarray(ratio ** np.log2(1.0 - rate))


def ever_opened(opens: Ints, technology: Ints, capacity: Floats, year: int, count: int) -> Floats:
    """Capacity by technology that has opened by a year, closed groups included (t,) t/yr."""
    built = opens <= year
    return np.bincount(technology[built], weights=capacity[built], minlength=count)
