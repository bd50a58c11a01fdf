"""How wide the answer is: quantiles of an output by year, and how often it lies above a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import beta

from steeliq.ensemble.analysis.cases import WORLD, rows_of, values_of
from steeliq.errors import AnalysisError

LEVELS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


def bands(results: pd.DataFrame, output: str, levels: Sequence[float] = LEVELS, *, area: str = WORLD) -> pd.DataFrame:
    """Quantiles over the members by year: year, level, value (in the output's unit), years ascending.

    Between two members the quantile is interpolated linearly (Hyndman and Fan 1996, type 7; NumPy's default).
    Raises AnalysisError if there is no such output or a level lies outside 0..1.
    """
    wrong = [level for level in levels if not 0 <= level <= 1]
    if wrong:
        raise AnalysisError(f"levels of quantiles lie between 0 and 1, found {wrong[0]:g}; write 0.05 for 5 %")
    rows = rows_of(results, output, area)
    found = [
        (int(str(year)), float(level), float(value))
        for year, values in rows.groupby("year")["value"]
        for level, value in zip(levels, np.quantile(values.to_numpy(), levels), strict=True)
    ]
    return pd.DataFrame(found, columns=["year", "level", "value"])


def exceedance(
    results: pd.DataFrame,
    output: str,
    year: int,
    thresholds: Sequence[float],
    *,
    members: pd.DataFrame | None = None,
    area: str = WORLD,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Share of members above each threshold with its confidence interval: threshold, probability, low, high.

    The interval is Clopper and Pearson's exact one. Members of one point are no independent cases: given ``members``,
    the number of cases is what a sample of single members would need for the same variance, from the number of points
    to the number of members (Korn and Graubard 1998, Survey Methodology 24, 193-201).
    """
    values = values_of(results, output, year, area)
    points = pd.Series(values.index, values.index) if members is None else members["point"].reindex(values.index)
    found = []
    for threshold in thresholds:
        above = values > threshold
        share, cases = float(above.mean()), _cases(above, points)
        found.append((float(threshold), share, *_interval(share * cases, cases, confidence)))
    return pd.DataFrame(found, columns=["threshold", "probability", "low", "high"])


def _cases(above: pd.Series, points: pd.Series) -> float:
    """Independent cases that tell as much as these members do."""
    by_point = above.groupby(points).mean()
    count, share = len(by_point), float(above.mean())
    if count in {1, len(above)}:
        return float(len(above))
    variance = float(by_point.var(ddof=1)) / count
    return float(np.clip(share * (1 - share) / variance, count, len(above))) if variance > 0 else float(count)


def _interval(hits: float, cases: float, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    low = 0.0 if hits <= 0 else float(beta.ppf(tail, hits, cases - hits + 1))
    high = 1.0 if hits >= cases else float(beta.ppf(1 - tail, hits + 1, cases - hits))
    return low, high
