"""How far each factor alone moves an output: the bars of a tornado chart, longest first."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from steeliq.ensemble.analysis.cases import WORLD, factors_of, is_number, points_of, values_of, whole_points

COLUMNS: Final = ["factor", "low_value", "high_value", "low_output", "high_output", "base", "error"]
ONE_FACTOR: Final = 3  # points of a one-at-a-time design with one factor
TAIL: Final = 0.25
"""Share of the points at either end of a factor that is averaged where the sample varies all factors at once."""


def tornado(members: pd.DataFrame, results: pd.DataFrame, output: str, year: int, *, area: str = WORLD) -> pd.DataFrame:
    """The output at either end of each factor, by falling length of bar; outputs in their unit, means over the seeds.

    One-at-a-time designs: at the factor's least and greatest value, all others as in the base, which is the base
    point's output. Any other sample: the mean over the quarter of points with the least, and with the greatest, values,
    which holds what the other factors do meanwhile; the base is the mean over all points. For levels that are texts,
    low and high are those with the least and greatest output. ``error``: standard error of the length of the bar from
    the spread that the other factors cause at its ends; 0 one at a time, NaN with a single point at an end.
    Raises AnalysisError if a member that is needed is missing.
    """
    factors, values = factors_of(members), values_of(results, output, year, area)
    base = base_point(members)
    if base is None:
        members = members[whole_points(members, values)]  # a mean can do without a few points
    means = points_of(members, values).means
    table = members.groupby("point")[factors].first()
    rows = _from_base(table, means, base) if base is not None else _from_tails(table, means)
    centre = float(means.mean() if base is None else means[base])
    found = pd.DataFrame([(*row[:-1], centre, row[-1]) for row in rows], columns=COLUMNS)
    swing = (found["high_output"] - found["low_output"]).abs().fillna(0.0)
    return found.loc[swing.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def base_point(members: pd.DataFrame) -> int | None:
    """The point from which every other one differs in one factor at most, or None: not a one-at-a-time design.

    Points of a single factor always do: they count as such a design only while they are its base and its two ends.
    """
    table = members.groupby("point")[factors_of(members)].first()
    if len(table) < 2 or (len(table.columns) == 1 and len(table) > ONE_FACTOR):
        return None
    near = (table != table.iloc[0]).sum(axis=1) <= 1  # the base is one of these, and they are few but in such a design
    for point in table.index[near]:
        if bool(((table != table.loc[point]).sum(axis=1) <= 1).all()):
            return int(point)
    return None


type Row = tuple[str, object, object, float, float, float]


def _from_base(table: pd.DataFrame, means: pd.Series, base: int) -> list[Row]:
    rows = []
    for factor in table.columns:
        moved = table.index[(table[factor] != table.at[base, factor]) | (table.index == base)]
        rows.append((*_bar(str(factor), table.loc[moved, factor], means[moved]), 0.0))
    return rows


def _from_tails(table: pd.DataFrame, means: pd.Series) -> list[Row]:
    rows = []
    for factor in table.columns:
        column = table[factor]
        if is_number(column):
            ends = column <= column.quantile(TAIL), column >= column.quantile(1 - TAIL)
            values = pd.Series([float(column[end].mean()) for end in ends])
            outputs = pd.Series([float(means[end].mean()) for end in ends])
        else:
            outputs = means.groupby(column).mean()
            values = pd.Series(outputs.index)
        bar = _bar(str(factor), values, outputs)
        if not is_number(column):
            ends = column == bar[1], column == bar[2]
        rows.append((*bar, math.hypot(*(float(str(means[end].sem())) for end in ends))))
    return rows


def _bar(factor: str, values: pd.Series, outputs: pd.Series) -> tuple[str, object, object, float, float]:
    """Ends of a bar: by value where values have an order, by output where they are texts."""
    ends = list(zip(values.tolist(), outputs.tolist(), strict=True))
    by = 0 if is_number(values) else 1
    ordered = sorted(ends, key=lambda end: end[by])  # with equal outputs the ends are two texts all the same
    low, high = ordered[0], ordered[-1]
    return factor, low[0], high[0], float(low[1]), float(high[1])
