"""Prices of the goods that the dispatch trades, by country."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.adjustment import least_charges
from steeliq.simulation.market.dispatch import TRACE, Dispatch
from steeliq.simulation.market.grades import GradePrices


@dataclass(frozen=True, slots=True)
class YearPrices:
    """USD/t, commodity x country; rows of commodities that are not hub goods are 0."""

    buy: Floats  # (k, c) what a buyer in the country pays
    sell: Floats  # (k, c) what a seller in the country gets
    dual: Floats  # (k, c) nodal dual where the good arrives, before any rule or clip, else nan
    clipped: Bools  # (k, c)
    anchor: Floats  # (k, c) what the price returns to in expectations: landed cost for ores, `buy` for all else
    grades: GradePrices
    cap: Floats  # (c,) USD/tCO2 that emission caps add to the stated carbon price


def nodal(inputs: Inputs, dispatch: Dispatch) -> YearPrices:
    """Prices from the duals of the dispatch where goods change hands, clipped and flagged.

    Only there is a dual unique: of a good that nobody makes or uses many values prove the optimum, and which one a
    solver returns is chance. Elsewhere a buyer pays what it would cost to bring the good from where it is made, or to
    mine it; a seller gets the best netback of what buyers give where it arrives. Iron that does not arrive is worth its
    iron at the price of scrap to a seller, at most what it would cost to bring; that is its price for buyers too while
    nobody in the world makes it. Lost load is never a price: steel and iron are clipped at the steel cap, scrap at
    its own, ores at a multiple of their landed cost.
    """
    settings, commodities, terms = inputs.scenario.prices, inputs.commodities, dispatch.network.terms
    made, arrival = _exchanged(inputs, dispatch)
    origin = np.where(np.isnan(made), _next_tonne(inputs, dispatch, made), made)
    anchor, buy, sell = (np.zeros_like(made) for _ in range(3))
    clipped = np.zeros(made.shape, dtype=bool)
    ores, scrap = set(inputs.supply.ore_commodity.tolist()), inputs.supply.scrap
    for h, k in _scrap_first(terms.commodities, scrap):
        cost = np.where(terms.banned[h], np.inf, terms.transport[h] + terms.duty[h])
        cap = np.full(len(cost), settings.scrap_cap if k == scrap else settings.steel_cap)
        if k in ores:
            anchor[k] = np.minimum(_landed_cost(inputs, k, cost), settings.steel_cap)
            cap = np.minimum(settings.ore_cap * anchor[k], settings.steel_cap)
        cost = cost + least_charges(dispatch.network.border, h, k, len(cost))
        landed = np.min(np.where(np.isnan(origin[k]), np.inf, origin[k])[:, None] + cost, axis=0)
        wanted = arrival[k]
        if k not in (scrap, inputs.steel):
            parity = buy[scrap] * commodities.iron[k] / commodities.iron[scrap]
            landed = parity if np.isnan(origin[k]).all() else landed
            wanted = wanted if k in ores else np.where(np.isnan(wanted), np.minimum(landed, parity), wanted)
        price = np.where(np.isnan(arrival[k]), landed, arrival[k])
        price = np.where(np.isfinite(price), price, 2.0 * cap)  # nothing can come: as dear as the cap lets it be
        buy[k] = np.clip(price, 0.0, cap)
        clipped[k] = np.abs(buy[k] - price) > 1e-6
        offered = np.clip(np.nan_to_num(wanted), 0.0, cap)
        netback = np.max(np.where(np.isfinite(cost), offered[None, :] - cost, -np.inf), axis=1)
        sell[k] = np.maximum(np.fmin(made[k], netback), 0.0)
        if k not in ores:
            anchor[k] = buy[k]
    return YearPrices(
        buy=buy,
        sell=sell,
        dual=arrival,
        clipped=clipped,
        anchor=anchor,
        cap=dispatch.cap_price,
        grades=dispatch.grades,
    )


def _exchanged(inputs: Inputs, dispatch: Dispatch) -> tuple[Floats, Floats]:
    """Value of a tonne for whoever makes it, where it is made, and on arrival, where it arrives (k, c) USD/t, else nan.

    These duals are the same whatever way the solver took.
    """
    network = dispatch.network
    out, into = (np.zeros_like(dispatch.pool_dual) for _ in range(2))
    np.add.at(out, (network.arc_commodity, network.arc_from), dispatch.shipped)
    np.add.at(into, (network.arc_commodity, network.arc_to), dispatch.shipped)
    into[inputs.steel] += dispatch.unmet
    worth = dispatch.pool_dual + dispatch.border_dual
    worth[inputs.steel] -= dispatch.grades.way  # earned by its certificate
    made = np.where(out > TRACE, worth, np.nan)
    return made, np.where(into > TRACE, dispatch.arrival_dual, np.nan)


def _next_tonne(inputs: Inputs, dispatch: Dispatch, made: Floats) -> Floats:
    """What the first tonne of an ore or of scrap would cost that a country could supply and does not (k, c) USD/t.

    The cheapest tier with room and, if its mine runs full, what the tonne earns that would have to give way.
    """
    supply, out = inputs.supply, np.full_like(made, np.inf)
    country = supply.mine_country[supply.ore_mine]
    mined = np.bincount(supply.ore_mine, weights=dispatch.ore, minlength=len(supply.mines))
    rent, runs = np.full(len(supply.mines), np.inf), np.flatnonzero(dispatch.ore > TRACE)
    earned = made[supply.ore_commodity[runs], country[runs]] - supply.ore_cost[runs]
    np.minimum.at(rent, supply.ore_mine[runs], np.fmax(earned, 0.0))
    rent[mined < supply.mine_capacity - TRACE] = 0.0
    room = np.flatnonzero(dispatch.ore < supply.ore_limit - TRACE)
    cost = supply.ore_cost[room] + rent[supply.ore_mine[room]]
    np.minimum.at(out, (supply.ore_commodity[room], country[room]), cost)
    y = inputs.conditions.at(dispatch.network.year)
    left = inputs.conditions.scrap[y][:, None] * supply.tier_share - dispatch.scrap > TRACE
    out[supply.scrap] = np.where(left, supply.tier_cost, np.inf).min(axis=1)
    return np.where(np.isfinite(out), out, np.nan)


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
