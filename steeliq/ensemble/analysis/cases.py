"""What every analysis starts from: one figure of each member, and the points of the sample that members share.

``results`` is the tidy table of an ensemble (member, year, area, output, unit, value); ``members`` has one row for each
member (index ``member``; ``point``, ``agent_seed``, then one column for each factor). The members of a point differ in
the agents' seed only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import numpy as np
import pandas as pd

from steeliq.errors import AnalysisError

WORLD: Final = "world"
OWN_COLUMNS: Final = ("point", "agent_seed")
"""Columns of ``members`` that are no factors."""


def factors_of(members: pd.DataFrame) -> list[str]:
    """Names of the factors, in the order of the design."""
    return [str(name) for name in members.columns if name not in OWN_COLUMNS]


def is_number(column: pd.Series) -> bool:
    """Whether a factor has an order; texts are levels without one."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def rows_of(results: pd.DataFrame, output: str, area: str = WORLD) -> pd.DataFrame:
    """The rows of one output in one area. Raises AnalysisError, naming what there is, if there are none."""
    found = results[(results["output"] == output) & (results["area"] == area)]
    if found.empty:
        outputs, areas = _listed(results["output"]), _listed(results.loc[results["output"] == output, "area"])
        if output in outputs:
            raise AnalysisError(f"{output}: there is none for the area {area!r}; areas: {', '.join(areas)}")
        near = get_close_matches(output, outputs, n=2)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        known = ", ".join(outputs) or "none, since no member is finished"
        raise AnalysisError(f"{output}: the ensemble has no such output{hint}; outputs: {known}")
    return found


def values_of(results: pd.DataFrame, output: str, year: int, area: str = WORLD) -> pd.Series:
    """The output in a year by member, ascending. Raises AnalysisError if no member has it, or one has it twice."""
    rows = rows_of(results, output, area)
    chosen = rows[rows["year"] == year]
    if chosen.empty:
        years = sorted({int(one) for one in rows["year"]})
        raise AnalysisError(f"{output}: there is no year {year}; the members have {years[0]} to {years[-1]}")
    values = chosen.set_index("member")["value"].sort_index()
    if not values.index.is_unique:
        twice = values.index[values.index.duplicated()][0]
        raise AnalysisError(f"{output}: member {twice} has the year {year} twice; its file of results is damaged")
    return values.astype(float)


def unit_of(results: pd.DataFrame, output: str, area: str = WORLD) -> str:
    """The unit in which the output is told."""
    return str(rows_of(results, output, area)["unit"].iloc[0])


@dataclass(frozen=True, slots=True)
class Points:
    """One value for each point of the sample: the mean over the agents' seeds."""

    means: pd.Series
    """Mean over the seeds, by point, ascending."""
    draws_share: float
    """Share of the variance of single members that the agents' draws cause, 0..1; NaN with one seed or no variance."""
    seeds: int
    """Members of a point."""


def points_of(members: pd.DataFrame, values: pd.Series) -> Points:
    """Average over the agents' seeds. Raises AnalysisError if a member has no value, naming the first.

    The share of the draws is the mean variance within points over the whole variance (one-way random effects): the
    variance of the points' means still holds 1/seeds of that within, which is taken out.
    """
    missing = sorted(set(members.index) - set(values.dropna().index))
    if missing:
        raise AnalysisError(
            f"{len(missing)} of {len(members)} members have no result (member {_some(missing)}); this analysis needs "
            "every point of its sample; go on with the ensemble (a resumed run repeats what failed), then analyse again"
        )
    by_point = values.reindex(members.index).groupby(members["point"])
    counts = by_point.count()
    if counts.min() < counts.max():
        raise AnalysisError("the points have different numbers of agents' seeds; the table of members is damaged")
    seeds, means = int(counts.iloc[0]), by_point.mean()
    if seeds == 1 or len(means) == 1:
        return Points(means, np.nan, seeds)
    within = float(by_point.var(ddof=1).mean())
    between = max(float(means.var(ddof=1)) - within / seeds, 0.0)
    return Points(means, within / (within + between) if within + between > 0 else np.nan, seeds)


def whole_points(members: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Which members belong to a point all of whose members have a value."""
    there = pd.Series(members.index.isin(values.dropna().index), members.index)
    return there.groupby(members["point"]).transform("all")


def varies(values: pd.Series) -> bool:
    """Whether values differ by more than what rounding leaves."""
    return bool(np.ptp(values) > 1e-12 * max(float(np.abs(values).max()), 1e-300))


def _some(members: Iterable[int]) -> str:
    shown = [str(one) for one in members]
    return ", ".join(shown[:5]) + (", ..." if len(shown) > 5 else "")


def _listed(column: pd.Series) -> list[str]:
    return sorted({str(one) for one in column})
