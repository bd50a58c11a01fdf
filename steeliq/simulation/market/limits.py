"""Rows of the dispatch that limit what regions and pairs of regions may use: CO2 storage, biomass, trade quotas."""

from __future__ import annotations

import numpy as np

from steeliq.simulation.arrays import Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.assembly import Assembly
from steeliq.simulation.market.groups import Groups
from steeliq.simulation.market.keys import keys_of, mixed
from steeliq.simulation.market.trade import TradeTerms

MT = 1e6


def add(
    lp: Assembly,
    inputs: Inputs,
    terms: TradeTerms,
    groups: Groups,
    group: Ints,
    option: Ints,
    make: Ints,
    arcs: tuple[Ints, Ints, Ints, Ints],
    year: int,
) -> None:
    """Add all limits of a year; ``arcs`` are commodity, origin, destination and column of the shipments."""
    _add_area_limits(lp, inputs, groups, group, option, make, year)
    commodity, origin, destination, column = arcs
    for quota in terms.quotas:
        rows = lp.add_rows(
            f"quota {quota.name}", keys_of([f"quota {quota.name}"]), -np.inf, np.array([quota.quantity / MT])
        )
        inside = np.flatnonzero(
            (commodity == quota.commodity)
            & quota.origin[origin]
            & quota.destination[destination]
            & (origin != destination)
        )
        lp.add_entries(np.repeat(rows, len(inside)), column[inside], 1.0)


def _add_area_limits(
    lp: Assembly, inputs: Inputs, groups: Groups, group: Ints, option: Ints, make: Ints, year: int
) -> None:
    """Captured CO2 within storage, biogenic inputs within supply; a limit per area, areas may overlap.

    A country in no listed area has none. Without any area there is no limit.

    Biomass is measured in the commodity's own unit; the programme's quantities are in millions of it.
    """
    y = inputs.conditions.at(year)
    recipes, country = inputs.recipes, groups.country[group]
    for family, area in (("storage", inputs.conditions.storage), ("biomass", inputs.conditions.biomass)):
        if not area.areas:
            continue
        rows = lp.add_rows(family, mixed(family, keys_of(area.areas)), -np.inf, area.limit[y] / MT)
        for k in np.unique(area.commodity):
            amount = recipes.captured[option] if k < 0 else recipes.bill[option, k]
            of = np.flatnonzero(area.commodity == k)
            for s in of:
                inside = np.flatnonzero((amount > 0) & area.member[s, country])
                lp.add_entries(np.repeat(rows[s], len(inside)), make[inside], amount[inside])
            elsewhere = np.flatnonzero((amount > 0) & ~area.member[of].any(axis=0)[country])
            none = f"{family} where no area is listed"
            nothing = lp.add_rows(f"{none} {k}", keys_of([f"{none} {k}"]), -np.inf, 0.0)
            lp.add_entries(np.repeat(nothing, len(elsewhere)), make[elsewhere], amount[elsewhere])
