"""How long steel stays in use: the share of a year's goods that is still there at the end of each later year.

Goods start in the middle of their year, so at the end of the n-th year after it they are n + 1/2 years old. Ages are
measured by the mean lifetime, which leaves one number for the spread:

- normal, cut off at age 0:  S(x) = Q((x - 1) / d) / Q(-1 / d), Q the upper tail, d the deviation over the mean
- Weibull:                   S(x) = exp(-(x Gamma(1 + 1/k))^k), k the shape
"""

from __future__ import annotations

import math

import numpy as np

from steeliq.simulation.arrays import Floats


def normal_survival(age: Floats, deviation: float) -> Floats:
    """Share still in use at an age over the mean lifetime (any shape); ``deviation`` over the mean, > 0."""
    scale = deviation * math.sqrt(2.0)
    tail: Floats = np.array([math.erfc((max(x, 0.0) - 1.0) / scale) for x in age.ravel().tolist()])
    return tail.reshape(age.shape) / math.erfc(-1.0 / scale)


def weibull_survival(age: Floats, shape: float) -> Floats:
    """Share still in use at an age over the mean lifetime (any shape); ``shape`` > 0."""
    share: Floats = np.exp(-((np.maximum(age, 0.0) * math.gamma(1.0 + 1.0 / shape)) ** shape))
    return share


def survival(lifetime: Floats, spread: float, *, weibull: bool) -> Floats:
    """Share of the goods of year v that is in use at the end of year t (t, v); 0 before they exist.

    ``lifetime``: mean life of the goods of each year (v,), years; ``spread``: shape if ``weibull``, else the deviation
    over the mean.
    """
    year = np.arange(len(lifetime))
    elapsed = year[:, None] - year[None, :]
    age = (elapsed + 0.5) / lifetime[None, :]
    share = weibull_survival(age, spread) if weibull else normal_survival(age, spread)
    return np.where(elapsed >= 0, share, 0.0)
