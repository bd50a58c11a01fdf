"""Laws of the steel in use: what goes into goods stays there until they are obsolete."""

from __future__ import annotations

import numpy as np

from steeliq.simulation.accounts.laws import Finding, equal
from steeliq.simulation.inputs import Inputs


def stock_laws(inputs: Inputs, year: int) -> list[Finding]:
    """The balance of every country in a year; nothing if scrap comes from the table."""
    stock, y, countries = inputs.conditions.stock, inputs.conditions.at(year), inputs.countries
    if stock is None:
        return []
    worst = np.minimum(np.minimum(stock.added[y], stock.collected[y]), np.minimum(stock.lost[y], stock.end[y]))
    laws = {
        "stock: used = demand": (stock.used[y], inputs.conditions.demand[y]),
        "stock: used = home + prompt scrap + added": (
            stock.used[y],
            stock.home[y] + stock.prompt[y] + stock.added[y],
        ),
        "stock: end = start + added - obsolete": (stock.end[y], stock.start[y] + stock.added[y] - stock.obsolete[y]),
        "stock: obsolete = collected + lost": (stock.obsolete[y], stock.collected[y] + stock.lost[y]),
        "stock: scrap supply = home + prompt + collected": (
            inputs.conditions.scrap[y],
            stock.home[y] + stock.prompt[y] + stock.collected[y],
        ),
        "stock: nothing is negative": (np.minimum(worst, 0.0), np.zeros(len(countries))),
    }
    return [equal(law, "country", left, right, countries) for law, (left, right) in laws.items()]
