"""The outlook in parts: what a line is expected to earn, and to spend on what, by the forecasts of `foresight.py`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.agents.finance import discount_factors
from steeliq.simulation.agents.foresight import Outlook, fixed_costs
from steeliq.simulation.agents.lines import Lines
from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.prices import YearPrices

OPERATING = 6  # revenue, materials, energy, conversion, carbon, fixed: the first of `year.PARTS`


@dataclass(frozen=True, slots=True)
class Breakdown:
    """`Outlook.cash` in its parts, per tonne of the line's yearly capacity; negative where money is spent.

    Prices of goods are the same in every year but for the return of ores to cost, so that sales and materials need
    only sums of discount factors; what follows a path of its own is summed over the years 1 .. h.
    """

    sales: Floats  # (v, c) USD a year
    materials: Floats  # (v, c) USD a year at today's prices
    reversion: Floats  # (v, c) USD a year, what the full return of ores to cost adds to that
    years: Floats  # (h, c) sum of discount factors
    returned: Floats  # (h, c) ... times the share of the return that has happened
    paths: Floats  # (p, v, h, c) USD, discounted sums: energy, conversion, carbon, fixed

    def value(self, line: Ints, country: Ints, first: Ints, last: Ints) -> Floats:
        """Parts of the cash of the years first .. last ahead (n, p) USD per t of capacity."""
        end = np.clip(last, 0, len(self.years) - 1)
        start = np.minimum(first - 1, end)
        years, returned = (sums[end, country] - sums[start, country] for sums in (self.years, self.returned))
        materials = self.materials[line, country] * years + self.reversion[line, country] * returned
        paths = self.paths[:, line, end, country] - self.paths[:, line, start, country]
        return np.column_stack([self.sales[line, country] * years, materials, *paths])


def break_down(inputs: Inputs, lines: Lines, prices: YearPrices, outlook: Outlook, year: int) -> Breakdown:
    """What `look_ahead` adds up, by part."""
    conditions, costs = inputs.conditions, inputs.unit_costs
    span, use = outlook.cash.shape[1], outlook.use
    start = conditions.at(year)
    rows = np.minimum(np.arange(start, start + span), len(conditions.years) - 1)
    discount = discount_factors(conditions.cost_of_equity, span).T
    discount[0] = 0.0
    bought, sold = np.maximum(lines.bill, 0.0), np.minimum(lines.bill, 0.0)
    reverted = np.minimum(np.arange(span) / inputs.scenario.prices.ore_reversion, 1.0)
    now, later = bought @ prices.buy, bought @ prices.anchor
    paths = np.empty((OPERATING - 2, len(lines), span, len(inputs.countries)))
    for part, cost in enumerate((costs.bought, costs.conversion, costs.carbon)):
        spent = np.swapaxes(lines.weight @ cost[rows], 0, 1)
        np.multiply(spent, -use[:, None, :], out=paths[part])
    np.negative(fixed_costs(inputs, lines, year, span)[:, :, None], out=paths[-1])
    paths *= discount
    for h in range(1, span):  # a tenth of the time of np.cumsum along this axis
        paths[:, :, h] += paths[:, :, h - 1]
    return Breakdown(
        sales=use * (prices.sell[lines.product] - sold @ prices.sell),
        materials=-use * now,
        reversion=-use * (later - now),
        years=np.cumsum(discount, axis=0),
        returned=np.cumsum(discount * reverted[:, None], axis=0),
        paths=paths,
    )
