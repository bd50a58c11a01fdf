"""Laws of money: the books add up to the objective, buyers pay what sellers get, balances roll forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.accounts.laws import Finding, at_most, equal
from steeliq.simulation.arrays import Floats
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.market.limits import CAP
from steeliq.simulation.market.solver import TOLERANCE
from steeliq.simulation.state import State

USD_PER_MILLION = 1e6


def market_laws(inputs: Inputs, dispatch: Dispatch, books: Books) -> list[Finding]:
    """Costs = objective; every commodity's market clears in money; the solution is certified."""
    network, solution = dispatch.network, dispatch.solution
    total = (
        (books.bought + books.conversion + books.carbon - books.allowances - books.support).sum()
        + (dispatch.ore * inputs.supply.ore_cost).sum()
        + (dispatch.scrap * inputs.supply.tier_cost).sum()
        + (dispatch.shipped * (network.arc_transport + network.arc_duty)).sum()
        + (dispatch.bordered * network.border.charge).sum()
        + (dispatch.step * (network.step_adder - network.step_penalty)).sum()
        + dispatch.unmet.sum() * inputs.scenario.dispatch.lost_load
        + (dispatch.beyond * network.limits.price).sum()
        - (dispatch.sold * network.grades.premium[network.grades.zone]).sum()
    )
    objective = solution.objective * USD_PER_MILLION
    hot_in, hot_out = _hot_transfers(dispatch, books)
    proof = solution.certificate
    residuals = np.array([proof.primal, proof.dual, proof.gap]) / TOLERANCE
    return [
        equal("money: costs = objective of the dispatch", "world", np.array([total]), np.array([objective]), ["world"]),
        *_clearing(inputs, dispatch),
        *_allowances(dispatch, books),
        *_premiums(dispatch, books),
        equal("money: hot metal paid = received", "world", np.array([hot_in]), np.array([hot_out]), ["world"]),
        at_most(
            "dispatch is proven optimal",
            "solve",
            residuals * 1e-9,
            np.full(3, 1e-9),
            ["primal", "dual", "gap"],
            floor=1e-9,
        ),
    ]


def _clearing(inputs: Inputs, dispatch: Dispatch) -> list[Finding]:
    """At nodal values buyers pay what sellers get plus transport, duties and border charges."""
    network = dispatch.network
    value_in = dispatch.arrival_dual[network.arc_commodity, network.arc_to]
    value_out = dispatch.pool_dual[network.arc_commodity, network.arc_from]
    ship = network.programme.columns["ship"]
    between = network.arc_transport + network.arc_duty + _border_value(dispatch) + network.programme.tie[ship]
    count, hub = len(inputs.commodities.names), inputs.commodities.hub
    paid, received = (
        np.bincount(network.arc_commodity, weights=dispatch.shipped * value, minlength=count)[hub]
        for value in (value_in, value_out + between)
    )
    names = [inputs.commodities.names[k] for k in hub]
    return [equal("money: buyers pay = sellers get + transport + duties", "commodity", paid, received, names)]


def _allowances(dispatch: Dispatch, books: Books) -> list[Finding]:
    """What emitters pay for allowances is what the caps, and what is let go beyond them, are worth."""
    limits = dispatch.network.limits
    cap = np.array([kind == CAP for kind in limits.kind], dtype=bool)
    if not cap.any():
        return []
    sold = (dispatch.limit_price * (limits.allowed + dispatch.beyond))[cap].sum()
    paid = books.allowances.sum()
    return [
        equal("money: allowances paid = sold", "world", np.array([paid]), np.array([sold]), ["world"]),
    ]


def _premiums(dispatch: Dispatch, books: Books) -> list[Finding]:
    """Makers of low-carbon steel get what buyers are willing to pay, less what these keep and what the way is worth."""
    grades, duals = dispatch.network.grades, dispatch.solution.row_dual
    if not len(grades.column):
        return []
    kept = np.maximum(-duals[grades.wanted_row], 0.0)[grades.zone]
    way = np.maximum(duals[grades.ship_row], 0.0) - dispatch.grades.way[grades.origin]
    tie = dispatch.network.programme.tie[grades.column]
    paid = (dispatch.sold * (grades.premium[grades.zone] - kept - way - tie)).sum()
    got = books.premium.sum()
    return [equal("money: premiums received = paid", "world", np.array([got]), np.array([paid]), ["world"])]


def _border_value(dispatch: Dispatch) -> Floats:
    """What border adjustment and quotas put between the two nodal values of an arc (a,) USD/t."""
    programme, solution = dispatch.network.programme, dispatch.solution
    ship = programme.columns["ship"]
    balance = [rows for name, rows in programme.rows.items() if name.startswith(("pool ", "arrivals "))]
    other = solution.row_dual.copy()
    for rows in balance:
        other[rows] = 0.0
    start, stop = programme.start[ship.start], programme.start[ship.stop]
    column = np.repeat(np.arange(ship.stop - ship.start), np.diff(programme.start[ship.start : ship.stop + 1]))
    priced = programme.value[start:stop] * other[programme.index[start:stop]]
    return -np.bincount(column, weights=priced, minlength=ship.stop - ship.start)


def _hot_transfers(dispatch: Dispatch, books: Books) -> tuple[float, float]:
    groups = dispatch.network.groups
    makes = np.isin(groups.of_fleet, groups.link_from)
    running = books.bought + books.conversion + books.carbon + books.metallics - books.support
    cost = np.where(makes, running + books.fixed + books.interest, 0.0)
    moved = np.bincount(groups.link_from, weights=dispatch.moved, minlength=len(groups))
    output = dispatch.by_group.sum(axis=1)
    share = np.divide(moved, output, out=np.zeros(len(groups)), where=output > 0)
    return float(books.hot.sum()), float((cost * np.where(makes, groups.to_fleet(share), 0.0)).sum())


def balance_laws(
    technologies: Sequence[str],
    before: State,
    after: State,
    books: Books,
    drawn: float,
    written_off: float,
    owners: Mapping[str, Floats],
    opened: Floats,
    closed: Floats,
) -> list[Finding]:
    """Roll-forward of capacity (by technology), debt (world) and treasuries (by owner)."""
    year = before.year
    count = len(opened)
    fleet, later = before.fleet, after.fleet

    def capacity(state_year: int, of: State) -> Floats:
        running = of.fleet.operating(state_year)
        return np.bincount(of.fleet.technology[running], weights=of.fleet.capacity[running], minlength=count)

    debt = fleet.debt.sum() + drawn - books.principal.sum() - written_off
    rolled = owners["opening"] + owners["cash"] - owners["invested"] - owners["distributed"]
    return [
        equal(
            "capacity(t+1) = capacity(t) + opened - closed",
            "technology",
            capacity(year + 1, after),
            capacity(year, before) + opened - closed,
            technologies,
        ),
        equal(
            "debt(t+1) = debt(t) + drawn - repaid - written off",
            "world",
            np.array([later.debt.sum()]),
            np.array([debt]),
            ["world"],
        ),
        equal("treasury rolls forward", "owner", owners["closing"], rolled, lambda n: str(after.owners[n])),
    ]
