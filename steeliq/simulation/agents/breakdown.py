"""The outlook in parts: what a line is expected to earn, and to spend on what, by the forecasts of `foresight.py`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.agents.finance import discount_factors
from steeliq.simulation.agents.foresight import Outlook, fixed_costs, premiums
from steeliq.simulation.agents.lines import Lines
from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.prices import YearPrices

OPERATING = 7  # revenue, materials, energy, conversion, carbon, fixed, support: the first of `year.PARTS`


@dataclass(frozen=True, slots=True)
class Breakdown:
    """`Outlook.cash` in its parts; negative where money is spent."""

    cash: Floats  # (p, v, h, c) USD, summed over the years 1 .. h and discounted

    def value(self, line: Ints, country: Ints, first: Ints, last: Ints) -> Floats:
        """Parts of the cash of the years first .. last ahead (n, p) USD per t of capacity."""
        end = np.clip(last, 0, self.cash.shape[2] - 1)
        start = np.minimum(first - 1, end)
        return np.asarray((self.cash[:, line, end, country] - self.cash[:, line, start, country]).T)


def break_down(inputs: Inputs, lines: Lines, prices: YearPrices, outlook: Outlook, year: int) -> Breakdown:
    """What `look_ahead` adds up, by part."""
    conditions, costs = inputs.conditions, inputs.unit_costs
    span, use = outlook.cash.shape[1], outlook.use[:, None, :]
    start = conditions.at(year)
    rows = np.minimum(np.arange(start, start + span), len(conditions.years) - 1)
    discount = discount_factors(conditions.cost_of_equity, span).T
    discount[0] = 0.0
    bought, sold = np.maximum(lines.bill, 0.0), np.minimum(lines.bill, 0.0)
    reverted = np.minimum(np.arange(span) / inputs.scenario.prices.ore_reversion, 1.0)[None, :, None]
    now, later = bought @ prices.buy, bought @ prices.anchor
    sales = prices.sell[lines.product] - sold @ prices.sell
    cash = np.empty((OPERATING, len(lines), span, len(inputs.countries)))
    cash[0] = use * (sales[:, None, :] + premiums(inputs, lines, prices, rows))
    cash[1] = -use * (now[:, None, :] + reverted * (later - now)[:, None, :])
    for part, cost in ((2, costs.bought), (3, costs.conversion), (4, costs.carbon)):
        cash[part] = -use * np.swapaxes(lines.weight @ cost[rows], 0, 1)
    cash[4] -= use * (lines.weight @ inputs.recipes.scope1)[:, None, None] * prices.cap
    cash[5] = -fixed_costs(inputs, lines, year, span)
    cash[6] = use * np.swapaxes(lines.weight @ costs.support[rows], 0, 1)
    cash *= discount
    for h in range(1, span):  # a tenth of the time of np.cumsum along this axis
        cash[:, :, h] += cash[:, :, h - 1]
    return Breakdown(cash)
