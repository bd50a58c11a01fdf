"""Laws of demand that answers to prices, written out anew."""

from __future__ import annotations

import numpy as np

from steeliq.simulation.accounts.laws import Finding, equal
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.state import State


def response_laws(inputs: Inputs, before: State, after: State) -> list[Finding]:
    """Demand against baseline and prices in every country; nothing if it does not answer."""
    settings, y = inputs.scenario.demand, inputs.conditions.at(before.year)
    if settings.elasticity == 0:
        return []
    baseline, demand = inputs.conditions.baseline[y], inputs.conditions.demand[y]
    wanted = baseline.copy()
    for c, (first, last) in enumerate(zip(before.first_price, before.last_price, strict=True)):
        if first > 0 and last > 0:
            free = float(np.exp(-settings.elasticity * (np.log(last) - np.log(first))))
            wanted[c] *= sorted((1.0 - settings.response_limit, free, 1.0 + settings.response_limit))[1]
        elif first > 0 and last == 0:
            wanted[c] *= 1.0 + settings.response_limit
    kept = np.where(np.isnan(before.first_price), after.first_price, before.first_price)
    return [
        equal("demand = baseline x response to the price", "country", demand, wanted, inputs.countries),
        equal("price of the first year is kept", "country", after.first_price, kept, inputs.countries),
    ]
