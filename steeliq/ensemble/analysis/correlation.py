"""What rises and falls together: rank correlations of factors and outputs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from steeliq.ensemble.analysis.cases import WORLD, factors_of, is_number, values_of
from steeliq.errors import AnalysisError


def correlations(
    members: pd.DataFrame, results: pd.DataFrame, outputs: Sequence[str], year: int, *, area: str = WORLD
) -> pd.DataFrame:
    """Spearman's rank correlation, -1..1: a square table of number factors, then outputs in the year.

    Factors whose levels are texts have no order and are left out; what does not vary has no correlation (NaN). Only
    members that have every one of the outputs count. Raises AnalysisError with fewer than three of them.
    """
    columns = {name: members[name] for name in factors_of(members) if is_number(members[name])}
    for output in outputs:
        columns[f"{output} (output)" if output in columns else output] = values_of(results, output, year, area)
    table = pd.DataFrame(columns).dropna()
    if len(table) < 3:
        raise AnalysisError(f"{len(table)} finished members are too few for a correlation; three are the least")
    return table.corr(method="spearman")
