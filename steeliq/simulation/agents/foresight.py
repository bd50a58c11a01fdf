"""What a line is expected to earn: cash per tonne of capacity, by line, country and span of years ahead.

Policies, energy prices and fixed costs follow their known paths; prices of steel, scrap, pig iron and DRI stay at
this year's level; ores return linearly to cost. A tightness term, the same for all steel, is added to the price for
the next twelve years; it is kept apart because it moves with every approval of the year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.agents.finance import discount_factors, equity_cost, interest_relief
from steeliq.simulation.agents.lines import Lines
from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs, years_ahead
from steeliq.simulation.market.prices import YearPrices
from steeliq.simulation.market.support import nothing
from steeliq.simulation.state import Fleet

TIGHTNESS_YEARS = 12
LEAST_USE, GREATEST_USE = 0.6, 0.9


@dataclass(frozen=True, slots=True)
class Outlook:
    """Cumulative discounted values at the decision year, per tonne of the line's yearly capacity.

    ``cash[v, t, c]`` sums the years 1 .. t; ``premium[t, c]`` sums the discount factors of the years in which
    tightness counts, so that a price change of 1 USD/t is worth ``use[v, c] * premium`` to a steel line.
    """

    cash: Floats  # (v, h, c) USD
    premium: Floats  # (h, c)
    use: Floats  # (v, c) t of product per t of capacity
    steel: Floats  # (v,) 1 for lines that sell steel
    new: Floats  # (c,) cost to the owner of 1 USD invested in a new line
    reline: Floats  # (c,) ... in a relining
    extension: tuple[Floats, Floats]  # (c,) ... in a long and a short life extension
    relief: tuple[Floats, Floats, Floats, Floats]  # (t, c) of these four, what supported interest takes off

    def value(self, line: Ints, country: Ints, first: int | Ints, last: int | Ints) -> Floats:
        """Cash of the years first .. last ahead, both included (...,) USD per t of capacity; 0 for an empty span."""
        end = np.clip(last, 0, self.cash.shape[1] - 1)
        start = np.minimum(np.asarray(first) - 1, end)
        return np.asarray(self.cash[line, end, country] - self.cash[line, start, country])

    def exposure(self, line: Ints, country: Ints, first: int | Ints, last: int | Ints) -> Floats:
        """Value of 1 USD/t of expected extra steel price over the same span (...,) USD per t of capacity."""
        end = np.clip(last, 0, self.premium.shape[0] - 1)
        start = np.minimum(np.asarray(first) - 1, end)
        span = self.premium[end, country] - self.premium[start, country]
        return np.asarray(self.steel[line] * self.use[line, country] * span)


def look_ahead(inputs: Inputs, lines: Lines, prices: YearPrices, fleet: Fleet, books: Books, year: int) -> Outlook:
    """The outlook of a year; ``books`` give the fleet's use, row by row as in ``fleet``."""
    finance, conditions = inputs.scenario.finance, inputs.conditions
    span = years_ahead(inputs.scenario) + 1
    use = expected_use(inputs, lines, fleet, books, year)
    cash = use[:, None, :] * margins(inputs, lines, prices, year, span) - fixed_costs(inputs, lines, year, span)
    discount = discount_factors(conditions.cost_of_equity, span).T  # (h, c)
    discount[0] = 0.0  # this year is over when the decision is taken
    near = np.arange(span) <= TIGHTNESS_YEARS
    debt, equity, share = conditions.cost_of_debt, conditions.cost_of_equity, finance.equity_share
    long, short = (max(years, 1) for years in extension_years(inputs))
    return Outlook(
        cash=np.cumsum(cash * discount, axis=1),
        premium=np.cumsum(discount * near[:, None], axis=0),
        use=use,
        steel=(lines.steel >= 0).astype(float),
        new=equity_cost(share, debt, equity, finance.construction, finance.life),
        reline=equity_cost(share, debt, equity, 1, finance.life),
        extension=(equity_cost(share, debt, equity, 1, long), equity_cost(share, debt, equity, 1, short)),
        relief=(
            relief(inputs, year, finance.construction, finance.life),
            relief(inputs, year, 1, finance.life),
            relief(inputs, year, 1, long),
            relief(inputs, year, 1, short),
        ),
    )


def relief(inputs: Inputs, year: int, construction: int, life: int) -> Floats:
    """Worth of supported interest to the owner, per USD invested now, by technology and country (t, c)."""
    support, conditions = inputs.support, inputs.conditions
    if not support.cuts_interest:
        return nothing(support.interest.shape[1:])
    rows = [conditions.at(year + construction + k) for k in range(life)]
    cut = np.moveaxis(support.interest[rows], 0, -1)
    share = inputs.scenario.finance.equity_share
    return interest_relief(cut, share, conditions.cost_of_equity, construction, life)


def extension_years(inputs: Inputs) -> tuple[int, int]:
    """Years of the long and the short life extension; 0 where there is none."""
    long = inputs.scenario.decisions.extension_years
    return long, long // 2


def margins(inputs: Inputs, lines: Lines, prices: YearPrices, year: int, span: int) -> Floats:
    """Price less inputs, conversion and carbon cost in ``span`` years from ``year`` (v, span, c) USD/t of product."""
    start = inputs.conditions.at(year)
    rows = np.minimum(np.arange(start, start + span), len(inputs.conditions.years) - 1)
    outside = np.swapaxes(lines.weight @ inputs.unit_costs.outside[rows], 0, 1)  # (v, h, c)
    if prices.cap.any():  # as static as the product prices, of which it is a part
        outside = outside + (lines.weight @ inputs.recipes.scope1)[:, None, None] * prices.cap
    bought, sold = np.maximum(lines.bill, 0.0), np.minimum(lines.bill, 0.0)
    reverted = np.minimum(np.arange(span) / inputs.scenario.prices.ore_reversion, 1.0)
    now, later = bought @ prices.buy, bought @ prices.anchor
    inputs_cost = now[:, None, :] + reverted[None, :, None] * (later - now)[:, None, :]
    gain = prices.sell[lines.product] - sold @ prices.sell
    return np.asarray(gain[:, None, :] + premiums(inputs, lines, prices, rows) - inputs_cost - outside)


def premiums(inputs: Inputs, lines: Lines, prices: YearPrices, rows: Ints) -> Floats | float:
    """Expected premium of low-carbon steel (v, h, c) USD/t.

    The country's own path less what buyers keep of it now, or what certified steel from the country earns this year,
    whichever is more.
    """
    low, grades = inputs.low_carbon, prices.grades
    if not low.premium.any():
        return 0.0
    recipes, conditions = inputs.recipes, inputs.conditions
    intensity = (lines.weight @ recipes.scope1 + np.maximum(lines.bill, 0.0) @ grades.iron)[:, None, None] + (
        lines.weight @ recipes.electricity
    )[:, None, None] * conditions.grid[rows]
    at_home = np.where(intensity <= low.threshold[rows], np.maximum(low.premium[rows] - grades.rent, 0.0), 0.0)
    at_home = np.where(low.share[rows] > 0, at_home, 0.0)
    abroad = grades.earned(intensity, np.arange(len(inputs.countries)))
    return np.asarray(np.maximum(at_home, abroad) * (lines.steel >= 0)[:, None, None])


def expected_use(inputs: Inputs, lines: Lines, fleet: Fleet, books: Books, year: int) -> Floats:
    """What a line makes per tonne of its capacity (v, c): this year's mean use of its family x country availability.

    The family of the steelmaking counts, for iron alone that of the ironmaking; a family without operating groups
    gets the mean of its stage. Clipped to 0.6 .. 0.9 of available capacity.
    """
    technologies, available = inputs.technologies, inputs.conditions.availability[inputs.conditions.at(year)]
    running = np.where(fleet.operating(year), fleet.capacity * available[fleet.country], 0.0)
    names = sorted(set(technologies.family))
    family = np.array([names.index(name) for name in technologies.family], dtype=np.int64)
    by_family = _share(family[fleet.technology], books.production, running, len(names))
    stage = technologies.is_steel.astype(np.int64)
    by_stage = np.nan_to_num(_share(stage[fleet.technology], books.production, running, 2), nan=LEAST_USE)
    of_technology = np.where(np.isnan(by_family[family]), by_stage[stage], by_family[family])
    main = np.where(lines.steel >= 0, lines.steel, lines.iron)
    use = np.clip(of_technology[main], LEAST_USE, GREATEST_USE)
    return np.asarray(use[:, None] * available[None, :])


def _share(group: Ints, part: Floats, whole: Floats, groups: int) -> Floats:
    """Sum of part over sum of whole by group, NaN where there is nothing."""
    top = np.bincount(group, weights=part, minlength=groups)
    bottom = np.bincount(group, weights=whole, minlength=groups)
    share: Floats = np.divide(top, bottom, out=np.full(groups, np.nan), where=bottom > 0)
    return share


def fixed_costs(inputs: Inputs, lines: Lines, year: int, span: int) -> Floats:
    """Fixed OPEX less its support (v, span, c) USD per t of the line's capacity and year."""
    start = inputs.conditions.at(year)
    rows = np.minimum(np.arange(start, start + span), len(inputs.conditions.years) - 1)
    opex = np.moveaxis(inputs.technologies.fixed_opex[rows][:, :, None] - inputs.support.fixed[rows], 1, 0)  # (t, h, c)
    rate = lines.iron_rate[:, None, None]
    iron = np.where(lines.iron[:, None, None] >= 0, rate * opex[lines.iron], 0.0)
    steel = np.where(lines.steel[:, None, None] >= 0, opex[lines.steel], 0.0)
    return np.asarray(iron + steel)
