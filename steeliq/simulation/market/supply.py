"""Where ore and scrap come from: mines with graded tiers, and scrap with rising collection cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Supply:
    """Primary supply: a mine sells grades from one capacity; scrap tiers split a country's supply."""

    mines: tuple[str, ...]
    mine_country: Ints  # (m,)
    mine_capacity: Floats  # (m,) t/yr
    ore_mine: Ints  # (n,) mine of each grade and tier
    ore_tier: Ints  # (n,)
    ore_commodity: Ints  # (n,)
    ore_limit: Floats  # (n,) t/yr
    ore_cost: Floats  # (n,) USD/t
    scrap: int  # commodity
    tier_share: Floats  # (j,) share of a country's scrap
    tier_cost: Floats  # (j,) USD/t


def compile_supply(
    tables: Mapping[str, pd.DataFrame], countries: tuple[str, ...], commodities: tuple[str, ...]
) -> Supply:
    """Columns from the tables mines, ore_supply and scrap_tiers."""
    mines = tables["mines"].sort_values("mine")
    names = tuple(mines["mine"])
    ore = tables["ore_supply"].sort_values(["mine", "commodity", "tier"])
    ore_mine = np.array([names.index(mine) for mine in ore["mine"]], dtype=np.int64)
    capacity = mines["capacity"].to_numpy(dtype=float)
    tiers = tables["scrap_tiers"].sort_values("tier")
    return Supply(
        mines=names,
        mine_country=np.array([countries.index(country) for country in mines["country"]], dtype=np.int64),
        mine_capacity=capacity,
        ore_mine=ore_mine,
        ore_tier=ore["tier"].to_numpy(dtype=np.int64),
        ore_commodity=np.array([commodities.index(name) for name in ore["commodity"]], dtype=np.int64),
        ore_limit=ore["share"].to_numpy(dtype=float) * capacity[ore_mine],
        ore_cost=ore["cost"].to_numpy(dtype=float),
        scrap=commodities.index("scrap"),
        tier_share=tiers["share"].to_numpy(dtype=float),
        tier_cost=tiers["cost"].to_numpy(dtype=float),
    )
