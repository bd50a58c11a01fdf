"""From the end of one year to the start of the next: debts are served, treasuries roll, forecasts are kept."""

from __future__ import annotations

import numpy as np

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.accounts.owners import by_owner, roll_forward
from steeliq.simulation.agents.decide import Choices
from steeliq.simulation.arrays import Floats
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.market.prices import YearPrices
from steeliq.simulation.state import State

SELF_SUFFICIENCY_RANGE = (0.3, 1.0)


def next_state(
    inputs: Inputs, state: State, dispatch: Dispatch, prices: YearPrices, books: Books, choices: Choices
) -> tuple[State, dict[str, Floats]]:
    """The state at the start of next year, and the owners' accounts of this one."""
    del prices
    fleet = choices.fleet
    position = np.searchsorted(fleet.id.astype(str), state.fleet.id.astype(str))
    principal = np.zeros(len(fleet))
    principal[position] = books.principal
    written = fleet.debt <= 0
    debt = np.where(written, 0.0, np.maximum(fleet.debt - principal, 0.0))
    opening = np.zeros(len(choices.owners))
    opening[np.searchsorted(choices.owners.astype(str), state.owners.astype(str))] = state.treasury
    cash = by_owner(choices.owners, state.fleet.owner, books.cash)
    owners = roll_forward(inputs, state.year, choices.owners, opening, cash, choices.invested, fleet)
    later = State(
        year=state.year + 1,
        fleet=fleet.changed(debt=debt, repayment=np.where(debt > 0, fleet.repayment, 0.0)),
        owners=choices.owners,
        treasury=owners["closing"],
        self_sufficiency=_self_sufficiency(inputs, state, dispatch),
        stored_co2=choices.stored_co2,
        forecasts=choices.forecasts,
        basis=dispatch.solution.basis,
    )
    return later, owners


def _self_sufficiency(inputs: Inputs, state: State, dispatch: Dispatch) -> Floats:
    """Share of its own demand that a country makes, kept from the first year on (c,)."""
    if not np.isnan(state.self_sufficiency).all():
        return state.self_sufficiency
    demand = inputs.conditions.demand[inputs.conditions.at(state.year)]
    is_steel = inputs.recipes.product == inputs.steel
    made = np.bincount(state.fleet.country, weights=dispatch.by_option[:, is_steel].sum(axis=1), minlength=len(demand))
    return np.clip(np.divide(made, demand, out=np.ones(len(demand)), where=demand > 0), *SELF_SUFFICIENCY_RANGE)
