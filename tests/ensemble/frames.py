"""Ensembles made from a function instead of the model: tables of members and results as they lie in the folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def members_of(factors: Mapping[str, Any], seeds: Sequence[int] = (1,)) -> pd.DataFrame:
    """One member for each point and seed, in the order of the contract."""
    points = pd.DataFrame(dict(factors))
    table = points.loc[np.repeat(points.index.to_numpy(), len(seeds))].reset_index(drop=True)
    table.insert(0, "point", np.repeat(np.arange(len(points)), len(seeds)))
    table.insert(1, "agent_seed", np.tile(np.asarray(seeds), len(points)))
    return table.rename_axis("member")


def results_of(
    members: pd.DataFrame,
    outputs: Mapping[str, Callable[[Any], float]],
    years: Sequence[int] = (2030,),
    unit: str = "Mt",
) -> pd.DataFrame:
    """Every output of every member; the year's tables are told apart by adding the years since the first."""
    rows = [
        (member, year, "world", output, unit, float(function(row)) + year - years[0])
        for member, row in members.iterrows()
        for output, function in outputs.items()
        for year in years
    ]
    return pd.DataFrame(rows, columns=["member", "year", "area", "output", "unit", "value"])
