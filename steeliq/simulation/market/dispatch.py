"""The solved year in tonnes: what every group made by which option, what moved where, and what it was worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.assembly import Programme
from steeliq.simulation.market.grades import GradePrices
from steeliq.simulation.market.grades import prices_of as grade_prices
from steeliq.simulation.market.limits import CAP
from steeliq.simulation.market.network import MT, Network
from steeliq.simulation.market.solver import Solution, solve
from steeliq.simulation.state import Basis

TRACE = 1.0  # t a year; what is less does not count as made or used

type Solver = Callable[[Programme, Basis | None], Solution]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Flows of a year in t; duals in USD/t. Columns keep the network's order."""

    network: Network
    solution: Solution
    made: Floats  # (z,) by group and option
    by_group: Floats  # (g, o)
    by_option: Floats  # (f, o) shared inside a group by available capacity
    step: Floats  # (s,)
    shortfall: Floats  # (g,) below minimum load
    ore: Floats  # (n,)
    scrap: Floats  # (c, j)
    shipped: Floats  # (a,)
    moved: Floats  # (l,) hot, over the groups' links
    cooled: Floats  # (q,)
    bordered: Floats  # (b,) into priced zones
    unmet: Floats  # (c,)
    limited: Floats  # (n,) what the network's limits were used, in t or the limit's unit
    beyond: Floats  # (n,) of that, beyond the limit
    limit_price: Floats  # (n,) USD per unit: what one more unit of the limit would save
    sold: Floats  # (b,) low-carbon steel sold into zones
    grades: GradePrices
    cap_price: Floats  # (c,) USD/tCO2: sum of the emission caps that bind in a country
    pool_dual: Floats  # (k, c) value of a tonne at its origin, nan where there is no pool
    border_dual: Floats  # (k, c) what being let across borders adds to that for whoever makes the tonne
    arrival_dual: Floats  # (k, c) value of a tonne on arrival, nan where nobody uses it
    hot_dual: Floats  # (g,) value of a tonne of hot output, nan for groups without a hot partner


def dispatch(inputs: Inputs, network: Network, basis: Basis | None, solver: Solver = solve) -> Dispatch:
    """Solve and read the year. Raises InfeasibleError or CertificateError."""
    solution = solver(network.programme, basis)
    x, columns = solution.x * MT, network.programme.columns
    made = x[columns["make"]]
    groups = network.groups
    by_group = np.zeros((len(groups), len(inputs.recipes.options)))
    by_group[network.make_group, network.make_option] = made
    total = by_group.sum(axis=1)
    by_option = groups.to_fleet(by_group) * groups.share[:, None]
    unmet = np.zeros(len(inputs.countries))
    wanting = np.flatnonzero(inputs.conditions.demand[inputs.conditions.at(network.year)] > 0)
    unmet[wanting] = x[columns["unmet"]]
    limits = network.limits
    beyond = np.where(limits.over >= 0, x[limits.over], 0.0) if len(limits.over) else np.zeros(0)
    activity = _activity(network.programme, x)
    limited = activity[limits.row] + beyond
    # Nothing is allowed or used: any price up to that of going beyond proves it, and the first unit would pay that.
    barred = (limits.over >= 0) & (limits.allowed <= 0.0) & (limited <= TRACE)
    limit_price = np.where(barred, limits.price, np.maximum(-solution.row_dual[limits.row], 0.0))
    return Dispatch(
        network=network,
        solution=solution,
        made=made,
        by_group=by_group,
        by_option=by_option,
        step=x[columns["step"]],
        shortfall=np.maximum(network.load * MT - total, 0.0),
        ore=x[columns["ore"]],
        scrap=x[columns["scrap"]].reshape(len(inputs.countries), -1),
        shipped=x[columns["ship"]],
        moved=x[columns["move"]],
        cooled=x[columns["cool"]],
        bordered=x[network.border.column],
        unmet=unmet,
        limited=limited,
        beyond=beyond,
        limit_price=limit_price,
        sold=x[network.grades.column],
        grades=grade_prices(
            network.grades,
            solution.row_dual,
            len(inputs.countries),
            x[network.grades.column],
            _steel_ways(inputs, network, x),
        ),
        cap_price=_cap_price(inputs, network, limit_price),
        pool_dual=_dual(solution, network.pool_row),
        border_dual=_border_dual(network, solution.row_dual, activity, x),
        arrival_dual=_dual(solution, network.arrival_row),
        hot_dual=_dual(solution, network.hot_row),
    )


def _activity(programme: Programme, x: Floats) -> Floats:
    """Left-hand side of every row."""
    column = np.repeat(np.arange(len(programme.cost)), np.diff(programme.start))
    weights = programme.value * x[column]
    return np.bincount(programme.index, weights=weights, minlength=len(programme.row_lower))


def _steel_ways(inputs: Inputs, network: Network, x: Floats) -> tuple[Ints, Ints]:
    """Origin and destination of every shipment of steel."""
    shipped = x[network.programme.columns["ship"]]
    ways = np.flatnonzero((network.arc_commodity == inputs.steel) & (shipped > TRACE))
    return network.arc_from[ways], network.arc_to[ways]


def _border_dual(network: Network, row_dual: Floats, activity: Floats, x: Floats) -> Floats:
    """The least dual of the classes that a country makes, by which one class is let across a border before others.

    Where all that is made goes into a zone, the programme may put any part of its value here and the rest on the pool.
    """
    border, shape = network.border, network.pool_row.shape
    out = np.full(shape, np.inf)
    crossed = np.bincount(border.within_row, weights=x[border.column], minlength=len(row_dual))
    made = (activity + crossed)[border.within_row] > TRACE
    where = (border.commodity[made], border.origin[made])
    np.minimum.at(out, where, np.maximum(row_dual[border.within_row[made]], 0.0))
    return np.where(np.isfinite(out), out, 0.0)


def _cap_price(inputs: Inputs, network: Network, price: Floats) -> Floats:
    out = np.zeros(len(inputs.countries))
    for kind, name, worth in zip(network.limits.kind, network.limits.name, price, strict=True):
        if kind == CAP:
            out += worth * inputs.caps.member[inputs.caps.names.index(name)]
    return out


def _dual(solution: Solution, rows: Ints) -> Floats:
    return np.where(rows >= 0, solution.row_dual[rows], np.nan)
