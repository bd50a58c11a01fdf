"""From the end of one year to the start of the next: debts are served, treasuries roll, forecasts are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.accounts.owners import by_owner, roll_forward
from steeliq.simulation.agents.decide import Choices
from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.adjustment import country_means
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.market.prices import YearPrices
from steeliq.simulation.state import State

SELF_SUFFICIENCY_RANGE = (0.3, 1.0)
INDICATORS = ("steel price", "scrap price", "committed steel capacity")


def served(state: State, books: Books) -> State:
    """The state with this year's principal repaid, before anything new is decided."""
    debt = np.maximum(state.fleet.debt - books.principal, 0.0)
    return replace(
        state, fleet=state.fleet.changed(debt=debt, repayment=np.where(debt > 0, state.fleet.repayment, 0.0))
    )


def next_state(
    inputs: Inputs, state: State, dispatch: Dispatch, prices: YearPrices, books: Books, choices: Choices
) -> tuple[State, dict[str, Floats]]:
    """The state at the start of next year, and the owners' accounts of this one."""
    opening = np.zeros(len(choices.owners))
    opening[np.searchsorted(choices.owners.astype(str), state.owners.astype(str))] = state.treasury
    cash = by_owner(choices.owners, state.fleet.owner, books.cash)
    owners = roll_forward(inputs, state.year, choices.owners, opening, cash, choices.invested, choices.fleet)
    embedded, allowed = country_means(inputs, dispatch.network.groups, dispatch.by_group, state.year + 1)
    later = State(
        year=state.year + 1,
        fleet=choices.fleet,
        owners=choices.owners,
        treasury=owners["closing"],
        self_sufficiency=_self_sufficiency(inputs, state, dispatch),
        first_price=np.where(np.isnan(state.first_price), prices.buy[inputs.steel], state.first_price),
        last_price=prices.buy[inputs.steel],
        embedded=embedded,
        allowed=allowed,
        stored_co2=choices.stored_co2,
        injected=state.injected + stored(inputs, dispatch, state.fleet.country),
        forecasts=_forecasts(state, choices),
        prospects=choices.prospects,
        basis=dispatch.solution.basis,
    )
    return later, owners


def stored(inputs: Inputs, dispatch: Dispatch, country: Ints) -> Floats:
    """CO2 captured in each storage area this year (s,) t."""
    captured = dispatch.by_option @ inputs.recipes.captured
    return np.asarray(inputs.conditions.storage.member[:, country].astype(float) @ captured)


def _forecasts(state: State, choices: Choices) -> Floats:
    """What is still to come true, with what was expected this year (n, 4)."""
    expected = choices.expected
    number = [INDICATORS.index(name) for name in expected["indicator"]]
    new = np.column_stack([expected["year"], expected["target"], number, expected["expected"]]).astype(float)
    return np.concatenate([state.forecasts[state.forecasts[:, 1] > state.year], new])


def _self_sufficiency(inputs: Inputs, state: State, dispatch: Dispatch) -> Floats:
    """Share of its own demand that a country makes, kept from the first year on (c,)."""
    if not np.isnan(state.self_sufficiency).all():
        return state.self_sufficiency
    demand = inputs.conditions.demand[inputs.conditions.at(state.year)]
    is_steel = inputs.recipes.product == inputs.steel
    made = np.bincount(state.fleet.country, weights=dispatch.by_option[:, is_steel].sum(axis=1), minlength=len(demand))
    share: Floats = np.divide(made, demand, out=np.ones(len(demand)), where=demand > 0)
    return np.clip(share, *SELF_SUFFICIENCY_RANGE)
