"""The solved year in tonnes: what every group made by which option, what moved where, and what it was worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.network import MT, Network
from steeliq.simulation.market.solver import Solution, solve
from steeliq.simulation.state import Basis


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
    pool_dual: Floats  # (k, c) value of a tonne at its origin, nan where there is no pool
    arrival_dual: Floats  # (k, c) value of a tonne on arrival, nan where nobody uses it
    hot_dual: Floats  # (g,) value of a tonne of hot output, nan for groups without a hot partner


def dispatch(inputs: Inputs, network: Network, basis: Basis | None) -> Dispatch:
    """Solve and read the year. Raises InfeasibleError or CertificateError."""
    solution = solve(network.programme, basis)
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
        pool_dual=_dual(solution, network.pool_row),
        arrival_dual=_dual(solution, network.arrival_row),
        hot_dual=_dual(solution, network.hot_row),
    )


def _dual(solution: Solution, rows: Ints) -> Floats:
    return np.where(rows >= 0, solution.row_dual[rows], np.nan)
