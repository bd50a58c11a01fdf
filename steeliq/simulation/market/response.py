"""Demand for steel that answers to its price: less is used where steel has become dearer than in the first year.

    free(y, c)   = (price(y - 1, c) / price(first year, c))^(-elasticity)
    demand(y, c) = baseline(y, c) x min(max(free(y, c), 1 - limit), 1 + limit)

The price is the steel price of the accounts, of the year before, so that the dispatch stays linear and a year needs no
rounds. Owners expect later years to answer as this one does, as they expect prices to stay.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steeliq.simulation.arrays import Floats
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.state import State


def response(scenario: Scenario, first: Floats, last: Floats) -> Floats:
    """Demand relative to the baseline (c,) at the first year's and last year's steel prices (c,) USD/t.

    1 where a price is not known or nothing; a price of 0 last year is as cheap as the limit lets it be.
    """
    known = (first > 0) & (last >= 0)
    ratio = np.divide(np.maximum(last, 1e-9), first, out=np.ones_like(first), where=known)
    limit = scenario.demand.response_limit
    return np.clip(ratio**-scenario.demand.elasticity, 1.0 - limit, 1.0 + limit)


def responded(inputs: Inputs, state: State) -> Inputs:
    """The inputs with this year's and later demand as the prices so far make it."""
    if inputs.scenario.demand.elasticity == 0:
        return inputs
    conditions = inputs.conditions
    demand = conditions.demand.copy()
    demand[conditions.at(state.year) :] *= response(inputs.scenario, state.first_price, state.last_price)
    return replace(inputs, conditions=replace(conditions, demand=demand))
