"""From a design to its sample: points in the unit cube, then the table of members.

A sample is a table of cumulative probabilities; each factor turns its column into values by the inverse of its
distribution. So every method serves every distribution, and SALib's analyses see what they expect.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from steeliq.ensemble.schema import Design, Factor, Option, setting_of, shown
from steeliq.simulation.arrays import Floats

ENDS: Final = (0.05, 0.95)
"""Where one factor at a time is put if it has a distribution; the others stay at their medians."""

MORRIS_LEVELS: Final = 4
"""Levels of the grid on which Morris' trajectories walk."""


def members(design: Design) -> pd.DataFrame:
    """The members: index ``member``, columns ``point``, ``agent_seed``, then one per factor (float, or str for texts).

    Point by point, and for each point seed by seed.
    """
    sample, seeds = unit(design), len(design.agent_seeds)
    columns: dict[str, object] = {
        "point": np.repeat(np.arange(len(sample)), seeds),
        "agent_seed": np.tile(np.array(design.agent_seeds, dtype=np.int64), len(sample)),
    }
    for number, factor in enumerate(design.factors):
        values = np.repeat(factor.values(sample[:, number]), seeds)
        columns[factor.name] = pd.Series(values, dtype="float64" if factor.numeric else "str")
    return pd.DataFrame(columns, index=pd.RangeIndex(len(sample) * seeds, name="member"))


def unit(design: Design) -> Floats:
    """The sample in the unit cube (points, k), in SALib's order of rows."""
    count = len(design.factors)
    if design.method == "factorial":
        return np.array(list(itertools.product(*(factor.places() for factor in design.factors))), dtype=float)
    if design.method == "one_at_a_time":
        return _one_at_a_time(design)
    if design.method == "sobol":
        from SALib.sample import sobol

        found = sobol.sample(design.problem, design.samples, calc_second_order=False, scramble=True, seed=design.seed)
        return np.asarray(found, dtype=float)
    if design.method == "morris":
        from SALib.sample import morris

        found = morris.sample(design.problem, design.samples, num_levels=MORRIS_LEVELS, seed=design.seed)
        return np.asarray(found, dtype=float)
    points = stats.qmc.LatinHypercube(d=count, rng=np.random.default_rng(design.seed)).random(design.samples)
    return _correlated(points, design) if design.correlations else points


def _correlated(points: Floats, design: Design) -> Floats:
    """The same values in each column, put into the order of correlated normal numbers (Iman and Conover 1982).

    Every column stays a Latin hypercube's. For normal numbers, rank correlation s means correlation 2 sin(pi s / 6).
    """
    of_normal = 2 * np.sin(np.pi * design.correlation / 6)
    np.fill_diagonal(of_normal, 1.0)
    independent = stats.norm.ppf(points)
    wanted = independent @ np.linalg.cholesky(of_normal).T
    ranks = np.argsort(np.argsort(wanted, axis=0, kind="stable"), axis=0, kind="stable")
    return np.take_along_axis(np.sort(points, axis=0), ranks, axis=0)


def _one_at_a_time(design: Design) -> Floats:
    """The base, then each factor in turn at its other levels or at both ends."""
    base = np.array([_base(design, factor) for factor in design.factors])
    rows = [base]
    for number, factor in enumerate(design.factors):
        for place in factor.places() if factor.choices else ENDS:
            if place != base[number]:
                row = base.copy()
                row[number] = place
                rows.append(row)
    return np.array(rows)


def _base(design: Design, factor: Factor) -> float:
    """Where a factor stays while others move: the scenario's own level if it is listed, the middle one, the median."""
    if not factor.choices:
        return 0.5
    own = _own(design, factor)
    listed = [number for number, option in enumerate(factor.choices) if own is not None and shown(option) == shown(own)]
    return float(factor.places()[listed[0] if listed else len(factor.choices) // 2])


def _own(design: Design, factor: Factor) -> Option | None:
    if factor.column:
        return 1.0
    value = setting_of(design.base, factor.field)
    return value if isinstance(value, bool | int | float | str) else None
