"""Where a target is missed: ranges of the factors in which most misses lie, and which hold few others.

A range is judged by its weighted relative accuracy: its share of all cases times how much more often the target is
missed in it than overall. It is large only if the range covers many of the misses (coverage) and holds mostly misses
(density), the two measures of scenario discovery (Bryant and Lempert 2010, doi:10.1016/j.techfore.2009.08.002). For one
factor the best range is found exactly, as the run of neighbouring values with the greatest sum; for several, each is
set in turn to its best range among the cases inside the others until nothing improves (Mampaey, Nijssen, Feelders and
Knobbe 2012, doi:10.1109/ICDM.2012.117). Unlike peeling (PRIM, Friedman and Fisher 1999) this has nothing to tune.

Whether a factor matters at all is regional sensitivity analysis (Hornberger and Spear 1981): its values where the
target is missed against its values where it is met, by the two-sample test of Cramér and von Mises. SALib's `rsa` runs
the same test from SciPy, but splits the outputs at quantiles, never at a target, so it is called here directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest, chi2_contingency, cramervonmises_2samp

from steeliq.ensemble.analysis.cases import WORLD, factors_of, is_number, values_of
from steeliq.errors import AnalysisError

ONE, PAIR, BOX = "one factor", "pair", "box"
COLUMNS: Final = ["kind", "factor", "low", "high", "levels", "coverage", "density", "members", "missed", "p_value"]
FEWEST: Final = 5
"""Members on either side of the target below which nothing can be said of a range."""
CHANCE: Final = 0.05
"""A factor stays in the box if its restriction would be so good by chance at most this often."""

type Mask = npt.NDArray[np.bool_]
type Whole = npt.NDArray[np.int64]


def discovery(
    members: pd.DataFrame,
    results: pd.DataFrame,
    output: str,
    year: int,
    *,
    above: float | None = None,
    below: float | None = None,
    area: str = WORLD,
) -> pd.DataFrame:
    """Ranges that lead to missing a target: give ``above`` if values above it miss, ``below`` if values below it do.

    Rows: the best range of each factor (``one factor``, by falling accuracy), of the best ``pair``, and of the
    ``box`` of as many factors as are needed. low, high: least and greatest value inside (``levels`` for
    texts); coverage: share of all misses inside; density: share of misses among the members inside, to be compared
    with ``frame.attrs["missed"]``, the share overall; members, missed: counts inside; p_value: how easily the factor
    would differ as much between met and missed points by chance, one factor at a time.
    Raises AnalysisError if fewer than five members miss, or meet, the target.
    """
    values = values_of(results, output, year, area)
    missed = _missed(values, above, below)
    _check_both_sides(missed, output, year)
    table = members.loc[values.index, factors_of(members)]
    points = members.loc[values.index, "point"]
    gain = _gains(missed)
    boxes = [(ONE, _ascend(table, gain, [factor])) for factor in table.columns]
    boxes.sort(key=lambda box: -_accuracy(box[1], gain))
    if len(table.columns) > 1:
        pairs = [_ascend(table, gain, list(pair)) for pair in combinations(table.columns, 2)]
        boxes.append((PAIR, max(pairs, key=lambda box: _accuracy(box, gain))))
    if len(table.columns) > 2:
        boxes.append((BOX, _needed(table, gain, missed)))
    p_values = {factor: _p_value(table[factor], missed, points) for factor in table.columns}
    rows = [row for kind, box in boxes for row in _rows(kind, box, table, missed, p_values)]
    found = pd.DataFrame(rows, columns=COLUMNS)
    found.attrs["missed"] = float(missed.mean())
    return found


def _missed(values: pd.Series, above: float | None, below: float | None) -> pd.Series:
    if (above is None) == (below is None):
        raise AnalysisError("a target is missed either above a value or below one; give one of the two")
    return values > above if above is not None else values < below


def _check_both_sides(missed: pd.Series, output: str, year: int) -> None:
    count = int(missed.sum())
    if min(count, len(missed) - count) < FEWEST:
        raise AnalysisError(
            f"{output}: {count} of {len(missed)} members miss the target in {year}; at least {FEWEST} must miss and "
            f"{FEWEST} must meet it to tell them apart; choose another target or more samples"
        )


def _gains(missed: pd.Series) -> Whole:
    """How far a case lies above the mean share of misses, in units of 1/cases: whole numbers, so sums are exact."""
    hits: Whole = missed.to_numpy(np.int64)
    gains: Whole = len(hits) * hits - hits.sum()
    return gains


type Box = dict[str, Mask]
"""The cases inside the range of each factor of a box."""


def _inside(box: Mapping[str, Mask], count: int) -> Mask:
    inside = np.ones(count, dtype=bool)
    for mask in box.values():
        inside &= mask
    return inside


def _accuracy(box: Mapping[str, Mask], gain: Whole) -> int:
    """Weighted relative accuracy, but for the square of the number of cases."""
    return int(gain[_inside(box, len(gain))].sum())


def _ascend(table: pd.DataFrame, gain: Whole, factors: list[str]) -> Box:
    """The box of the factors, each set in turn to its best range until nothing improves; from each factor once."""
    best: Box = {}
    for start in range(len(factors)):
        box: Box = {}
        order, reached = factors[start:] + factors[:start], -1
        while (now := _accuracy(box, gain)) > reached:
            reached = now
            for factor in order:
                others = _inside({name: mask for name, mask in box.items() if name != factor}, len(gain))
                box[factor] = _best_range(table[factor], np.where(others, gain, 0))
        if not best or _accuracy(box, gain) > _accuracy(best, gain):
            best = box
    return best


def _needed(table: pd.DataFrame, gain: Whole, missed: pd.Series) -> Box:
    """The box of all factors without those whose restriction could be chance, the least needed left out first.

    That is Bryant and Lempert's quasi-p-value: how likely as many misses would be inside if the range of the factor
    were drawn at random from the cases that the other ranges leave.
    """
    factors, hits = list(table.columns), missed.to_numpy()
    while True:
        box = _ascend(table, gain, factors)
        inside = _inside(box, len(gain))
        chances = {}
        for factor in factors:
            others = _inside({name: mask for name, mask in box.items() if name != factor}, len(gain))
            shares = binomtest(int(hits[inside].sum()), int(inside.sum()), float(hits[others].mean()), "greater")
            chances[factor] = float(shares.pvalue)
        least = max(factors, key=lambda factor: chances[factor])
        if len(factors) == 1 or chances[least] <= CHANCE:
            return box
        factors.remove(least)


def _best_range(column: pd.Series, gain: Whole) -> Mask:
    """Cases in the run of neighbouring values (the set of levels, for texts) with the greatest sum of gains."""
    codes, levels = pd.factorize(column, sort=True)
    sums = np.zeros(len(levels), dtype=np.int64)
    np.add.at(sums, codes, gain)
    if not is_number(column):
        mask: Mask = (sums >= min(int(sums.max()), 1))[codes]
        return mask
    before = np.concatenate([[0], np.cumsum(sums)])
    lowest = np.minimum.accumulate(before[:-1])
    end = int(np.argmax(before[1:] - lowest))
    start = int(np.flatnonzero(before[: end + 1] == lowest[end])[-1])  # the shortest of equals
    return (codes >= start) & (codes <= end)


def _p_value(column: pd.Series, missed: pd.Series, points: pd.Series) -> float:
    """Chance that met and missed points differ as much in this factor if it were of no account; NaN if undefined.

    A point counts as missed if most of its members do: the seeds of a point are no independent cases.
    """
    by_point = missed.groupby(points).mean() > 0.5
    values = column.groupby(points).first()
    if not 0 < by_point.sum() < len(by_point):
        return np.nan
    if is_number(column):
        return float(cramervonmises_2samp(values[by_point], values[~by_point], method="asymptotic").pvalue)
    counts = pd.crosstab(values, by_point)
    return float(chi2_contingency(counts).pvalue) if len(counts) > 1 else np.nan


def _rows(
    kind: str, box: Box, table: pd.DataFrame, missed: pd.Series, p_values: Mapping[str, float]
) -> list[tuple[object, ...]]:
    inside = _inside(box, len(table))
    hits = int(missed.to_numpy()[inside].sum())
    measures = (hits / int(missed.sum()), hits / max(int(inside.sum()), 1), int(inside.sum()), hits)
    rows: list[tuple[object, ...]] = []
    for factor, mask in box.items():
        column = table[factor]
        chosen = column[mask]
        number = is_number(column)
        low, high = (float(chosen.min()), float(chosen.max())) if number else (np.nan, np.nan)
        levels = "" if number else ", ".join(sorted({str(one) for one in chosen}))
        rows.append((kind, factor, low, high, levels, *measures, p_values[factor]))
    return rows
