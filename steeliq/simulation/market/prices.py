"""Prices of the goods that the dispatch trades, by country."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.market.grades import GradePrices


@dataclass(frozen=True, slots=True)
class YearPrices:
    """USD/t, commodity x country; rows of commodities that are not hub goods are 0."""

    buy: Floats  # (k, c) what a buyer in the country pays
    sell: Floats  # (k, c) what a seller in the country gets
    dual: Floats  # (k, c) nodal dual at the destination, before any rule or clip
    clipped: Bools  # (k, c)
    anchor: Floats  # (k, c) what the price returns to in expectations: landed cost for ores, `buy` for all else
    grades: GradePrices
    cap: Floats  # (c,) USD/tCO2 that emission caps add to the stated carbon price


def nodal(inputs: Inputs, dispatch: Dispatch) -> YearPrices:
    """Prices from the duals of the dispatch, clipped and flagged.

    A good that does not arrive in a country costs a buyer what bringing it there would cost; a seller gets the best
    netback of what buyers would give. Iron that nobody in the world makes yet is worth its iron at the price of
    scrap, not what a desperate user would pay. Lost load is never a price: steel and iron are clipped at the steel
    cap, scrap at its own, ores at a multiple of their landed cost.
    """
    settings, commodities, terms = inputs.scenario.prices, inputs.commodities, dispatch.network.terms
    anchor = np.zeros_like(dispatch.pool_dual)
    buy, sell, clipped = np.zeros_like(anchor), np.zeros_like(anchor), np.zeros(anchor.shape, dtype=bool)
    arrived = np.zeros_like(anchor)
    np.add.at(arrived, (dispatch.network.arc_commodity, dispatch.network.arc_to), dispatch.shipped)
    ores, scrap = set(inputs.supply.ore_commodity.tolist()), inputs.supply.scrap
    for h, k in _scrap_first(terms.commodities, scrap):
        cost = np.where(terms.banned[h], np.inf, terms.transport[h] + terms.duty[h])
        origin, arrival = dispatch.pool_dual[k], dispatch.arrival_dual[k]
        cap = np.full(len(origin), settings.scrap_cap if k == scrap else settings.steel_cap)
        if k in ores:
            anchor[k] = np.minimum(_landed_cost(inputs, k, cost), settings.steel_cap)
            cap = np.minimum(settings.ore_cap * anchor[k], settings.steel_cap)
        landed = np.min(np.where(np.isnan(origin), np.inf, origin)[:, None] + cost, axis=0)
        if np.isnan(origin).all() and k != inputs.steel:
            landed = arrival = buy[scrap] * commodities.iron[k] / commodities.iron[scrap]
        worth = np.where(np.isnan(arrival), landed, arrival)
        price = np.where((arrived[k] > 0) | ~np.isfinite(landed), worth, landed)
        price = np.where(np.isfinite(price), price, 2.0 * cap)  # nothing can come: as dear as the cap lets it be
        buy[k] = np.clip(price, 0.0, cap)
        clipped[k] = np.abs(buy[k] - price) > 1e-6
        offered = np.clip(np.where(np.isfinite(worth), worth, 0.0), 0.0, cap)
        netback = np.max(np.where(np.isfinite(cost), offered[None, :] - cost, -np.inf), axis=1)
        sell[k] = np.maximum(np.where(np.isnan(origin), netback, np.minimum(origin, netback)), 0.0)
        if k not in ores:
            anchor[k] = buy[k]
    return YearPrices(
        buy=buy,
        sell=sell,
        dual=dispatch.arrival_dual,
        clipped=clipped,
        anchor=anchor,
        cap=dispatch.cap_price,
        grades=dispatch.grades,
    )


def _scrap_first(commodities: Ints, scrap: int) -> list[tuple[int, int]]:
    """Positions and commodities, scrap ahead of the iron that is measured by it."""
    return sorted(enumerate(commodities.tolist()), key=lambda pair: (pair[1] != scrap, pair[0]))


def _landed_cost(inputs: Inputs, commodity: int, transport: Floats) -> Floats:
    """Cost of the next tonne of ore in each country once the best origin's mines run full (c,) USD/t."""
    supply = inputs.supply
    of = (supply.ore_commodity == commodity) & (supply.ore_limit > 0)
    dearest = np.full(len(inputs.countries), -np.inf)
    np.maximum.at(dearest, supply.mine_country[supply.ore_mine[of]], supply.ore_cost[of])
    return np.min(np.where(np.isfinite(dearest), dearest, np.inf)[:, None] + transport, axis=0)


@dataclass(frozen=True, slots=True)
class CostCurve:
    """Groups that make steel, for the merit order (n,)."""

    lcos: Floats  # USD/t, nan without output
    capacity: Floats  # t available


def ruled(inputs: Inputs, prices: YearPrices, dispatch: Dispatch, curve_of: Callable[[], CostCurve]) -> YearPrices:
    """The prices under the scenario's rule: nodal as they are, or one world steel price from the cost curve.

    Merit order: LCOS of the group that meets demand, plus a scarcity premium if demand exceeds the clearing share of
    the curve. Groups without output are not on the curve, which is drawn only if the rule asks for it.
    """
    settings = inputs.scenario.prices
    if settings.rule == "nodal":
        return prices
    curve = curve_of()
    if not np.isfinite(curve.lcos).any():
        return prices
    demand = inputs.conditions.demand[inputs.conditions.at(dispatch.network.year)].sum()
    on_curve = np.flatnonzero(np.isfinite(curve.lcos))
    order = on_curve[np.argsort(curve.lcos[on_curve], kind="stable")]
    supplied = np.cumsum(curve.capacity[order])
    position = min(int(np.searchsorted(supplied, demand)), len(order) - 1)
    premium = settings.scarcity_premium if demand > settings.clearing_share * supplied[-1] else 0.0
    price = min(float(curve.lcos[order[position]]) + premium, settings.steel_cap)
    buy, sell, anchor = (array.copy() for array in (prices.buy, prices.sell, prices.anchor))
    clipped = prices.clipped.copy()
    buy[inputs.steel] = sell[inputs.steel] = anchor[inputs.steel] = price
    clipped[inputs.steel] = price >= settings.steel_cap
    return replace(prices, buy=buy, sell=sell, clipped=clipped, anchor=anchor)
