"""Public support and taxes: subsidies on investment, fixed cost, interest and goods; carbon contracts for difference.

Every amount is found by year, technology (or option) and country, so that what one candidate gets never reaches
another. Rows in force at the same time add up; together they pay at most the whole cost. Taxes are negative support.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Floats, Ints, records
from steeliq.simulation.market.conditions import STORAGE, Conditions
from steeliq.simulation.paths import Areas, path_over_years
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.group import Path
from steeliq.simulation.technology.recipes import Recipes
from steeliq.simulation.technology.technologies import Technologies

CAPEX, RELINE, HYDROGEN = "capex", "reline", "hydrogen"


@dataclass(frozen=True, slots=True)
class Grant:
    """What is paid towards an investment, by year, technology and country (y, t, c)."""

    share: Floats  # of the cost
    amount: Floats  # USD per t/yr
    pays: bool  # whether anything is paid at all

    @classmethod
    def summed(cls, share: Floats, amount: Floats) -> Grant:
        """A grant of these sums."""
        return cls(share, amount, bool(share.any() or amount.any()))

    def of(self, cost: Floats, y: int, technology: Ints, country: Ints) -> Floats:
        """The part of a cost (USD per t/yr) that the public pays, at most all of it; the arguments broadcast."""
        if not self.pays:
            return nothing(np.broadcast_shapes(np.shape(cost), np.shape(technology), np.shape(country)))
        share, amount = self.share[y, technology, country], self.amount[y, technology, country]
        return np.asarray(np.minimum(cost, share * cost + amount))


@dataclass(frozen=True, slots=True)
class Support:
    """All support; negative where taxes outweigh it."""

    capex: Grant  # new and converted capacity
    reline: Grant  # relinings and, in proportion, extensions
    fixed: Floats  # (y, t, c) USD per t/yr and year
    interest: Floats  # (y, t, c) cut of the cost of debt, share a year
    goods: Floats  # (y, o, c) USD per t of product, for inputs, by-products and the product itself
    contracts: Floats  # (y, o, c) USD per t of product from carbon contracts (negative: paid back)
    cuts_interest: bool  # whether any interest is touched


def compile_support(
    tables: Mapping[str, pd.DataFrame],
    areas: Areas,
    recipes: Recipes,
    technologies: Technologies,
    conditions: Conditions,
    scenario: Scenario,
) -> Support:
    """From the tables subsidies and carbon_contracts; arrays without rows take no memory."""
    names, years = technologies.names, conditions.years
    rows = tables["subsidies"] if scenario.support.subsidies > 0 else tables["subsidies"].head(0)
    factor = scenario.support.subsidies
    shape = (len(years), len(names), len(areas.countries))

    def sums(item: str) -> tuple[Floats, Floats]:
        return _summed(_where(rows[rows["item"] == item], areas, names, years), shape, factor)

    grants = Grant.summed(*sums(CAPEX))
    if scenario.support.capex:
        own = _own_path(scenario.support.capex, areas, years)
        share = grants.share + own[:, None, :] * technologies.near_zero[None, :, None]
        grants = Grant.summed(share, grants.amount)
    share, amount = sums("fixed_opex")
    cost = technologies.fixed_opex[:, :, None]
    fixed = np.minimum(cost, share * cost + amount)
    share, amount = sums("cost_of_debt")
    if scenario.support.debt:
        amount = amount + _own_path(scenario.support.debt, areas, years)[:, None, :] * technologies.near_zero[:, None]
    cut = _interest_cut(share, amount, conditions.cost_of_debt, scenario.support.risk_free_rate)
    return Support(
        capex=grants,
        reline=Grant.summed(*sums(RELINE)),
        fixed=fixed,
        interest=cut,
        goods=_goods(rows[rows["item"] == "commodity"], areas, recipes, conditions, scenario),
        contracts=_contracts(tables["carbon_contracts"], areas, recipes, technologies, conditions, scenario),
        cuts_interest=bool(cut.any()),
    )


def _where(
    rows: pd.DataFrame, areas: Areas, names: tuple[str, ...], years: Ints
) -> Iterator[tuple[Any, tuple[Ints, ...]]]:
    """Each row with the years, technologies and countries in which it is in force, ready to index."""
    for row in records(rows):
        when = np.flatnonzero((years >= row.start) & (years <= row.end))
        which = np.array([t for t, name in enumerate(names) if fnmatchcase(name, row.technology)], dtype=np.int64)
        yield row, np.ix_(when, which, np.flatnonzero(areas.mask(row.area)))


def _summed(
    rows: Iterator[tuple[Any, tuple[Ints, ...]]], shape: tuple[int, int, int], factor: float
) -> tuple[Floats, Floats]:
    """Relative and absolute parts of the rows in force, added up (y, t, c)."""
    share, amount = nothing(shape), nothing(shape)
    for n, (row, inside) in enumerate(rows):
        if n == 0:
            share, amount = np.zeros(shape), np.zeros(shape)
        share[inside] += factor * row.relative
        amount[inside] += factor * row.absolute
    return share, amount


def nothing(shape: tuple[int, ...]) -> Floats:
    """Zeros of a shape that take no room."""
    return np.broadcast_to(0.0, shape)


def _interest_cut(share: Floats, amount: Floats, rate: Floats, risk_free: float) -> Floats:
    """How much lower the cost of debt is: never below the risk-free rate, or the rate itself if that is lower."""
    if not share.any() and not amount.any():
        return share
    return np.minimum(share * rate + amount, np.maximum(rate - risk_free, 0.0))


def _own_path(paths: Mapping[str, Path], areas: Areas, years: Ints) -> Floats:
    """The scenario's own amounts (y, c), the most specific area winning, each from its first year on."""
    out = np.zeros((len(years), len(areas.countries)))
    for area in sorted(paths, key=lambda name: (areas.rank[name], name)):
        path = paths[area]
        begun = years >= (min(path) if isinstance(path, Mapping) else years[0])
        out[np.ix_(begun, areas.members[area])] = path_over_years(path, years)[begun][:, None]
    return out


def _goods(rows: pd.DataFrame, areas: Areas, recipes: Recipes, conditions: Conditions, scenario: Scenario) -> Floats:
    """Inputs cheaper by the support, at most free where they have an outside price; sales dearer by it."""
    out = nothing((len(conditions.years), len(recipes.options), len(areas.countries)))
    factor, hydrogen = scenario.support.subsidies, scenario.support.hydrogen
    extra = {HYDROGEN} if hydrogen and HYDROGEN in recipes.commodities else set()
    for good in sorted(set(rows["commodity"]) | extra):
        k, own = recipes.commodities.index(good), rows[rows["commodity"] == good]
        shape = (len(conditions.years), len(recipes.technologies), len(areas.countries))
        share, amount = _summed(_where(own, areas, recipes.technologies, conditions.years), shape, factor)
        if good in extra:
            amount = amount + _own_path(hydrogen, areas, conditions.years)[:, None, :]
        price = conditions.price[:, k][:, None, :]
        paid = share * price + amount
        off = np.minimum(paid, price) if (conditions.price[:, k] > 0).any() else paid
        used = np.maximum(recipes.bill[:, k], 0.0) + (recipes.captured if good == STORAGE else 0.0)
        sold = np.maximum(-recipes.bill[:, k], 0.0) + (recipes.product == k)
        t = recipes.technology
        out = out + used[None, :, None] * off[:, t] + sold[None, :, None] * paid[:, t]
    return out


def _contracts(
    rows: pd.DataFrame,
    areas: Areas,
    recipes: Recipes,
    technologies: Technologies,
    conditions: Conditions,
    scenario: Scenario,
) -> Floats:
    """(strike - carbon price) x abatement below the benchmark, 0 above the strike unless the contract is two-way.

    The scenario's own are one-way and reach near-zero technologies.
    """
    settings = scenario.support
    shape = (len(conditions.years), len(recipes.options), len(areas.countries))
    rows = rows if settings.carbon_contracts else rows.head(0)
    if not len(rows) and not settings.strikes:
        return nothing(shape)
    out = np.zeros(shape)
    for row, (when, which, where) in _where(rows, areas, recipes.technologies, conditions.years):
        option = np.flatnonzero(np.isin(recipes.technology, which))
        abated = np.maximum(row.benchmark - recipes.scope1[option], 0.0)
        gap = row.strike * settings.strike_factor - conditions.carbon_price[np.ix_(when.ravel(), where.ravel())]
        paid = gap if row.two_way else np.maximum(gap, 0.0)
        out[np.ix_(when.ravel(), option, where.ravel())] += paid[:, None, :] * abated[None, :, None]
    if settings.strikes:
        strike = settings.strike_factor * _own_path(settings.strikes, areas, conditions.years)
        abated = np.maximum(settings.benchmark - recipes.scope1, 0.0) * technologies.near_zero[recipes.technology]
        out += np.maximum(strike - conditions.carbon_price, 0.0)[:, None, :] * abated[None, :, None]
    return out
