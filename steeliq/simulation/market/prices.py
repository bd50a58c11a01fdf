"""Prices of the goods that the dispatch trades, by country."""

from __future__ import annotations

from dataclasses import dataclass

from steeliq.simulation.arrays import Bools, Floats


@dataclass(frozen=True, slots=True)
class YearPrices:
    """USD/t, commodity x country; rows of commodities that are not hub goods are 0."""

    buy: Floats  # (k, c) what a buyer in the country pays
    sell: Floats  # (k, c) what a seller in the country gets
    dual: Floats  # (k, c) nodal dual at the destination, before any rule or clip
    clipped: Bools  # (k, c)
    anchor: Floats  # (k, c) what the price returns to in expectations: landed cost for ores, `buy` for all else
