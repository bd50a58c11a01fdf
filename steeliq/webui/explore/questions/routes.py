"""What a tonne of steel would cost by each route, and the prices at which routes break even with the blast furnace.

The cost of a route is linear in each price that it pays. The break-even price is therefore solved exactly: the mean
cost of an area's countries, weighted by the steel that they make, equals that of BF-BOF when every country of the area
pays this one price. Goods that countries trade (ore, scrap) keep the prices that the run found: nothing answers to
the changed price. Support (``Supported``) is held at what it is in the run too, but for carbon contracts, which pay
the less the higher the carbon price is: they are left out where that price is sought. Axes: y year, r route, c country.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steeliq.simulation.agents.finance import annuity
from steeliq.simulation.agents.lines import compile_lines
from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.support import Grant
from steeliq.simulation.technology.learning import learning_factor

BASE: Final = "BF_BOF"
HYDROGEN: Final = "hydrogen"
KG: Final = {"t": 1000.0, "GJ": 1000.0 / 120.0, "MWh": 30.0, "kNm3": 89.88}
"""Hydrogen in a unit of its commodity, kg: net calorific value 120 MJ/kg, 0.08988 kg per normal cubic metre."""
HARDLY: Final = 1e-6
"""Difference of amounts per tonne of steel below which two routes do not differ."""
LEAST: Final = 0.05
"""Share of what BF-BOF emits that a route must avoid to have an abatement cost."""


@dataclass(frozen=True, slots=True)
class Supported:
    """What the public pays towards a new plant, USD per t of crude steel (y, r, c); taxes are negative."""

    running: Floats  # goods and fixed cost
    contracts: Floats  # carbon contracts at the run's carbon price
    capital: Floats  # grants and lower interest, a year
    reline: Floats  # the same towards a plant that is relined

    @property
    def pays(self) -> bool:
        """Whether anything is paid or taxed at all."""
        return any(bool(part.any()) for part in (self.running, self.contracts, self.capital, self.reline))


@dataclass(frozen=True, slots=True)
class RouteCosts:
    """New plants of each route, USD per t of crude steel unless stated; nan where a traded good has no price."""

    routes: tuple[str, ...]
    titles: tuple[str, ...]
    years: tuple[int, ...]
    countries: tuple[str, ...]
    other: Floats  # (y, r, c) everything but the carbon cost: inputs, conversion, fixed cost, capital
    carbon: Floats  # (y, r, c) carbon price x scope 1 less free allowances
    reline_saving: Floats  # (y, r, c) what is saved if the plant is relined instead of built
    hydrogen: Floats  # (r,) kg/t
    hydrogen_price: Floats  # (y, c) USD/kg
    priced: Floats  # (y, r, c) tCO2/t that the carbon price is paid on, free allowances taken off
    scope1: Floats  # (r,) tCO2/t
    carbon_price: Floats  # (y, c) USD/tCO2
    emissions: Mapping[str, Floats]  # by reporting boundary (y, r, c) tCO2e/t
    near_zero: Bools  # (r,)
    first: Ints  # (r,) first year in which a new plant may open
    support: Supported | None = None  # not in the costs above; None: there is none

    def with_support(self, *, contracts: bool = True) -> RouteCosts:
        """The costs to the owner, after support, with or without carbon contracts."""
        if self.support is None:
            return self
        paid = self.support.running + self.support.capital + (self.support.contracts if contracts else 0.0)
        more = self.support.reline - self.support.capital
        return replace(self, other=self.other - paid, reline_saving=self.reline_saving + more, support=None)

    @property
    def base(self) -> int:
        """Position of BF-BOF, -1 without it."""
        return self.routes.index(BASE) if BASE in self.routes else -1

    def of_years(self, years: Sequence[int]) -> RouteCosts:
        """The same for some of the years."""
        y = [self.years.index(year) for year in years]
        paid = self.support
        return replace(
            self,
            support=paid and Supported(paid.running[y], paid.contracts[y], paid.capital[y], paid.reline[y]),
            years=tuple(years),
            other=self.other[y],
            carbon=self.carbon[y],
            reline_saving=self.reline_saving[y],
            hydrogen_price=self.hydrogen_price[y],
            priced=self.priced[y],
            carbon_price=self.carbon_price[y],
            emissions={name: values[y] for name, values in self.emissions.items()},
        )


@dataclass(frozen=True, slots=True)
class Means:
    """The same for an area, weighted by the steel that each of its countries makes."""

    costs: RouteCosts
    other: Floats  # (y, r)
    carbon: Floats  # (y, r)
    reline_saving: Floats  # (y, r)
    priced: Floats  # (y, r)
    hydrogen_price: Floats  # (y,)
    carbon_price: Floats  # (y,)
    emissions: Mapping[str, Floats]  # (y, r)

    @property
    def cost(self) -> Floats:
        """Levelised cost (y, r) USD/t; nan in years without steel."""
        return self.other + self.carbon

    def base_other(self, *, relined: bool) -> Floats:
        """Cost of BF-BOF without its carbon cost (y,) USD/t, built new or relined."""
        base = self.costs.base
        return np.asarray(self.other[:, base] - (self.reline_saving[:, base] if relined else 0.0))

    def base_cost(self, *, relined: bool) -> Floats:
        """Cost of BF-BOF (y,) USD/t, built new or relined."""
        return np.asarray(self.base_other(relined=relined) + self.carbon[:, self.costs.base])


def route_costs(inputs: Inputs, prices: pd.DataFrame, capacity: pd.DataFrame, years: Sequence[int]) -> RouteCosts:
    """Routes from ore or scrap to crude steel in each year and country.

    ``prices`` and ``capacity`` are the run's tables of the whole world. Fixed cost and capital are spread over the use
    of capacity that the scenario aims at (decisions.target_utilisation); capital is an annuity at the cost of capital
    over finance.life, as in the accounts, and CAPEX has fallen with what was built by then.
    """
    chosen = _chosen(inputs)
    y = np.array([inputs.conditions.at(year) for year in years], dtype=np.int64)
    weight, recipes, unit = inputs.routes.weight[chosen], inputs.recipes, inputs.unit_costs
    conditions = inputs.conditions
    bill = compile_lines(inputs).bill[chosen]
    traded = _traded(bill, _price_array(inputs, prices, years))
    learned = _learning(inputs, capacity, years)
    new, relined, fixed = (
        _per_tonne(inputs, chosen, cost[y] * factor)
        for cost, factor in (
            (inputs.technologies.capex, learned),
            (inputs.technologies.reline, learned),
            (inputs.technologies.fixed_opex, 1.0),
        )
    )
    a_year = _annuity(inputs) * conditions.building[y][:, None, :]
    outside = np.einsum("ro,yoc->yrc", weight, (unit.bought + unit.conversion)[y])
    priced = recipes.scope1[None, :, None] - conditions.free[y][:, recipes.product]
    kilograms = KG[inputs.commodities.unit[inputs.commodities.index(HYDROGEN)]] if _has_hydrogen(inputs) else 1.0
    position = inputs.commodities.index(HYDROGEN) if _has_hydrogen(inputs) else 0
    paid = _support(inputs, chosen, y, learned)
    used = weight @ recipes.bill[:, position] * kilograms if _has_hydrogen(inputs) else np.zeros(len(chosen))
    grid = conditions.grid[y]
    return RouteCosts(
        routes=tuple(inputs.routes.names[r] for r in chosen),
        titles=tuple(inputs.routes.title[r] for r in chosen),
        years=tuple(years),
        countries=inputs.countries,
        other=outside + traded + fixed[:, :, None] + new[:, :, None] * a_year,
        carbon=np.einsum("ro,yoc->yrc", weight, unit.carbon[y]),
        reline_saving=(new - relined)[:, :, None] * a_year,
        hydrogen=used,
        hydrogen_price=conditions.price[y, position] / kilograms,
        priced=np.einsum("ro,yoc->yrc", weight, priced),
        scope1=weight @ recipes.scope1,
        carbon_price=conditions.carbon_price[y],
        emissions={
            b.name: (weight @ b.fixed)[None, :, None] + (weight @ b.grid)[None, :, None] * grid[:, None, :]
            for b in inputs.boundaries
        },
        near_zero=_of_stages(inputs, chosen, inputs.technologies.near_zero).any(axis=0),
        first=_of_stages(inputs, chosen, inputs.technologies.available_from).max(axis=0),
        support=paid if paid.pays else None,
    )


def _support(inputs: Inputs, chosen: Ints, y: Ints, learned: Floats) -> Supported:
    """Support of new and of relined plants that are decided in the years y; the cut of interest is held."""
    support, technologies, weight = inputs.support, inputs.technologies, inputs.routes.weight[chosen]
    finance, conditions = inputs.scenario.finance, inputs.conditions
    share = finance.equity_share
    wacc = share * conditions.cost_of_equity + (1.0 - share) * conditions.cost_of_debt
    lower = annuity(wacc - (1.0 - share) * support.interest[y], finance.life)
    t, c = np.arange(len(technologies.names))[:, None], np.arange(len(inputs.countries))[None, :]

    def capital(cost: Floats, grant: Grant) -> Floats:
        full = cost[:, :, None] * conditions.building[y][:, None, :]
        granted = np.array([grant.of(full[n], int(at), t, c) for n, at in enumerate(y)])
        return _staged(inputs, chosen, full * annuity(wacc, finance.life) - (full - granted) * lower)

    return Supported(
        running=np.einsum("ro,yoc->yrc", weight, support.goods[y]) + _staged(inputs, chosen, support.fixed[y]),
        contracts=np.einsum("ro,yoc->yrc", weight, support.contracts[y]),
        capital=capital(technologies.capex[y] * learned, support.capex),
        reline=capital(technologies.reline[y] * learned, support.reline),
    )


def _staged(inputs: Inputs, chosen: Ints, cost: Floats) -> Floats:
    """USD per t/yr by technology (y, t, c) as USD per t of the route's steel (y, r, c)."""
    each = [_per_tonne(inputs, chosen, cost[:, :, c]) for c in range(cost.shape[2])]
    return np.stack(each, axis=-1)


def _has_hydrogen(inputs: Inputs) -> bool:
    return HYDROGEN in inputs.commodities.names


def _chosen(inputs: Inputs) -> Ints:
    """Routes to steel that buy no iron (its price would hide a route of its own) and that the scenario allows."""
    commodities = inputs.commodities
    iron = commodities.metallic.copy()
    iron[inputs.supply.scrap] = False
    buys_iron = (compile_lines(inputs).bill[: len(inputs.routes.names)][:, iron] > HARDLY).any(axis=1)
    technologies = inputs.technologies
    everything = np.arange(len(inputs.routes.names))
    closed = _of_stages(inputs, everything, technologies.available_to < technologies.available_from).any(axis=0)
    return np.flatnonzero((inputs.routes.product == inputs.steel) & ~buys_iron & ~closed)


def _of_stages[T: np.generic](inputs: Inputs, chosen: Ints, values: NDArray[T]) -> NDArray[T]:
    """A column of the technologies for ironmaking and steelmaking of each route (2, r); 0 where there is none."""
    stages = np.array([inputs.routes.iron[chosen], inputs.routes.steel[chosen]])
    return np.asarray(np.where(stages >= 0, values[stages], np.zeros(1, dtype=values.dtype)))


def _per_tonne(inputs: Inputs, chosen: Ints, cost: Floats) -> Floats:
    """Cost by technology (y, t) USD per t/yr as USD per t of the route's steel a year (y, r)."""
    routes = inputs.routes
    iron, steel = routes.iron[chosen], routes.steel[chosen]
    whole = np.where(iron >= 0, routes.iron_rate[chosen] * cost[:, iron], 0.0) + np.where(
        steel >= 0, cost[:, steel], 0.0
    )
    return np.asarray(whole / inputs.scenario.decisions.target_utilisation)


def _annuity(inputs: Inputs) -> Floats:
    finance, conditions = inputs.scenario.finance, inputs.conditions
    share = finance.equity_share
    wacc = share * conditions.cost_of_equity + (1.0 - share) * conditions.cost_of_debt
    return annuity(wacc, finance.life)


def _price_array(inputs: Inputs, prices: pd.DataFrame, years: Sequence[int]) -> Floats:
    """The run's prices of traded goods (y, k, c), nan where there is none."""
    names, countries = inputs.commodities.names, inputs.countries
    known = prices[prices["year"].isin(list(years))]
    y, k, c = (
        pd.Index(axis).get_indexer(pd.Index(known[column]))
        for axis, column in ((list(years), "year"), (list(names), "commodity"), (list(countries), "country"))
    )
    found = (k >= 0) & (c >= 0)
    out = np.full((len(years), len(names), len(countries)), np.nan)
    out[y[found], k[found], c[found]] = known["price"].to_numpy(float)[found]
    return out


def _traded(bill: Floats, price: Floats) -> Floats:
    """Purchases (r, k) at prices (y, k, c) -> (y, r, c); a good that a route does not use needs no price."""
    out = np.zeros((price.shape[0], bill.shape[0], price.shape[2]))
    for r, k in zip(*np.nonzero(bill), strict=True):
        out[:, r] += bill[r, k] * price[:, k]
    return out


def _learning(inputs: Inputs, capacity: pd.DataFrame, years: Sequence[int]) -> Floats:
    """CAPEX relative to its path (y, t), from what the run's tables say has opened by each year."""
    technologies = inputs.technologies
    shape = (len(years), len(technologies.names))
    built = np.zeros(shape)
    known = capacity[capacity["technology"].isin(technologies.names)]
    for number, year in enumerate(years):
        now = known[known["year"] == year]
        t = pd.Index(technologies.names).get_indexer(pd.Index(now["technology"]))
        opened = now["opened"] + (now["opening"] if number == 0 else 0.0)
        np.add.at(built[number], t, opened.to_numpy(float))
    built = built.cumsum(axis=0)
    return np.array([learning_factor(row, built[0], technologies.learning_rate) for row in built]).reshape(shape)


def means(costs: RouteCosts, weight: Floats) -> Means:
    """Means over countries with ``weight`` (y, c) t of steel; countries where a cost is unknown are left out."""
    has_any = np.isfinite(costs.other).any(axis=(0, 2))
    known = np.isfinite(costs.other[:, has_any]).all(axis=1)
    weight = np.where(known, weight, 0.0)
    total = weight.sum(axis=1)
    share = np.divide(weight, total[:, None], out=np.full(weight.shape, np.nan), where=total[:, None] > 0)

    def mean(values: Floats) -> Floats:
        return np.asarray(np.einsum("yrc,yc->yr", np.where(known[:, None, :] | ~has_any[:, None], values, 0.0), share))

    def plain(values: Floats) -> Floats:
        return np.asarray((values * share).sum(axis=1))

    return Means(
        costs=costs,
        other=mean(costs.other),
        carbon=mean(costs.carbon),
        reline_saving=mean(costs.reline_saving),
        priced=mean(costs.priced),
        hydrogen_price=plain(costs.hydrogen_price),
        carbon_price=plain(costs.carbon_price),
        emissions={name: mean(values) for name, values in costs.emissions.items()},
    )


def hydrogen_break_even(of: Means, *, relined: bool = False) -> Floats:
    """Hydrogen price at which each route costs what BF-BOF costs (y, r) USD/kg; nan for routes without hydrogen.

    p = price now + (cost of BF-BOF - cost of the route) / (hydrogen of the route - hydrogen of BF-BOF).
    """
    more = of.costs.hydrogen - of.costs.hydrogen[of.costs.base]
    gap = of.base_cost(relined=relined)[:, None] - of.cost
    return np.asarray(of.hydrogen_price[:, None] + _over(gap, more[None, :]))


def carbon_break_even(of: Means, *, relined: bool = False, free: bool = True) -> Floats:
    """CO2 price at which each route costs what BF-BOF costs (y, r) USD/t; nan where no price can do that.

    p = (other cost of the route - other cost of BF-BOF) / (CO2 paid for by BF-BOF - CO2 paid for by the route).
    ``free``: allowances are given as the dataset and the scenario say, else none. Routes that pay for as much CO2 as
    BF-BOF or more have no break-even price.
    """
    shape = of.priced.shape
    paid = of.priced if free else np.broadcast_to(of.costs.scope1[None, :], shape)
    less = paid[:, [of.costs.base]] - paid
    gap = of.other - of.base_other(relined=relined)[:, None]
    return _over(gap, np.where(less > HARDLY, less, 0.0))


def abatement_cost(of: Means, boundary: str, *, relined: bool = False) -> Floats:
    """Cost of avoiding a tonne by each route instead of BF-BOF (y, r) USD/tCO2e, carbon cost left out of both.

    nan for routes that avoid next to nothing, or emit more: a difference of costs over a difference of nearly nothing
    says nothing.
    """
    emitted = of.emissions[boundary]
    base = emitted[:, [of.costs.base]]
    less = base - emitted
    gap = of.other - of.base_other(relined=relined)[:, None]
    return _over(gap, np.where(less >= LEAST * np.abs(base), less, 0.0))


def first_cheaper(of: Means, *, relined: bool = False) -> list[int | None]:
    """First year in which each route may open and costs less than BF-BOF (r,); None if there is none."""
    below = of.cost < of.base_cost(relined=relined)[:, None]
    below &= np.array(of.costs.years)[:, None] >= of.costs.first[None, :]
    return [of.costs.years[int(np.argmax(column))] if column.any() else None for column in below.T]


def _over(top: Floats, bottom: Floats) -> Floats:
    bottom = np.broadcast_to(bottom, top.shape)
    out: Floats = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=np.abs(bottom) > HARDLY)
    return out
