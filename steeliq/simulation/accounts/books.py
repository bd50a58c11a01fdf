"""The year's accounts of every furnace group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.agents.finance import annuity
from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs, own_energy
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.market.prices import CostCurve, YearPrices
from steeliq.simulation.state import Fleet


@dataclass(frozen=True, slots=True)
class Books:
    """One row per furnace group of the state's fleet (f,), USD of the year unless stated; 0 where nothing operates.

    Cash flows use production and capacity as they are; unit costs divide by production. Inside a site hot metal is
    booked at its full cost, so the margin of a site sits with its steelmaking.
    """

    production: Floats  # (f,) t
    by_option: Floats  # (f, o) t
    revenue: Floats  # at the country's price, premiums for low-carbon steel included
    variable: Floats  # inputs (hot metal at full cost included) and conversion, less support
    carbon: Floats  # at the stated price after free allowances, and at the price of emission caps
    fixed: Floats  # less support
    interest: Floats  # less support
    principal: Floats
    lcos: Floats  # USD/t of product, capital annualised at replacement cost; nan without output
    capital: Floats  # replacement cost annualised, of the group itself, less support
    bought: Floats  # part of variable: outside inputs less sold by-products, storage of CO2
    metallics: Floats  # part of variable: ore, scrap and cold iron at the country's price
    hot: Floats  # part of variable: hot metal and hot DRI from partners
    conversion: Floats  # part of variable: labour, services, refractories
    premium: Floats  # part of revenue: what certification as low-carbon steel earned
    allowances: Floats  # part of carbon: scope 1 at the price of emission caps, paid to whoever sells allowances
    support: Floats  # public money that lowers variable: on goods and by carbon contracts (negative: taxes)
    fixed_support: Floats  # ... that lowers fixed
    interest_support: Floats  # ... that lowers interest

    @property
    def avoidable(self) -> Floats:
        """Margin that closing the group would end (f,): cash before debt."""
        return self.revenue - self.variable - self.carbon - self.fixed

    @property
    def cash(self) -> Floats:
        """Cash flow to the owner (f,)."""
        return self.avoidable - self.interest - self.principal


def books_of(inputs: Inputs, fleet: Fleet, dispatch: Dispatch, prices: YearPrices) -> Books:
    """Draw up the accounts of a year from what was made and the prices at which goods changed hands."""
    year = dispatch.network.year
    y = inputs.conditions.at(year)
    made, country, technology = dispatch.by_option, fleet.country, fleet.technology
    production = made.sum(axis=1)
    costs = inputs.unit_costs
    bought, conversion, carbon = (
        _times(made, cost[y], country) for cost in (costs.bought, costs.conversion, costs.carbon)
    )
    if own := own_energy(inputs, fleet.plant, year):
        bought = bought + (made * own.cost).sum(axis=1)
        carbon = carbon - (made * own.spared).sum(axis=1)
    allowances = (made @ inputs.recipes.scope1) * dispatch.cap_price[country]
    carbon = carbon + allowances
    hub = inputs.commodities.hub
    metallics = np.einsum("fk,kf->f", made @ inputs.recipes.bill[:, hub], prices.buy[hub][:, country])
    operating = fleet.operating(year)
    support = _times(made, costs.support[y], country)
    fixed_support = np.where(operating, fleet.capacity * inputs.support.fixed[y, technology, country], 0.0)
    fixed = np.where(operating, fleet.capacity * inputs.technologies.fixed_opex[y, technology], 0.0) - fixed_support
    cut = inputs.support.interest[y, technology, country]
    interest_support = np.where(operating, fleet.debt * cut, 0.0)
    interest = np.where(operating, fleet.debt * inputs.conditions.cost_of_debt[country], 0.0) - interest_support
    principal = np.where(operating, np.minimum(fleet.repayment, fleet.debt), 0.0)
    finance = inputs.scenario.finance
    wacc = (
        finance.equity_share * inputs.conditions.cost_of_equity
        + (1 - finance.equity_share) * inputs.conditions.cost_of_debt
    )[country] - (1 - finance.equity_share) * cut
    capex = inputs.technologies.capex[y, technology] * inputs.conditions.building[y, country]
    capex = capex - inputs.support.capex.of(capex, y, technology, country)
    capital = np.where(operating, fleet.capacity * capex * annuity(wacc, finance.life), 0.0)
    running = bought + conversion + carbon + metallics + fixed - support
    hot_revenue, hot_cost = _hot_metal(dispatch, running + interest)
    _, hot_whole = _hot_metal(dispatch, running + capital)
    sold = production - _moved(dispatch)
    cold = np.where(inputs.commodities.twin >= 0, inputs.commodities.twin, np.arange(len(inputs.commodities.names)))
    premium = premiums_of(dispatch)
    revenue = hot_revenue + premium + sold * prices.sell[cold[inputs.technologies.product[technology]], country]
    whole = running + capital + hot_whole  # the annuity already pays what interest would
    return Books(
        production=production,
        by_option=made,
        revenue=revenue,
        variable=bought + conversion + metallics + hot_cost - support,
        carbon=carbon,
        fixed=fixed,
        interest=interest,
        principal=principal,
        lcos=np.divide(whole, production, out=np.full(len(whole), np.nan), where=production > 1.0),
        capital=capital,
        bought=bought,
        metallics=metallics,
        hot=hot_cost,
        conversion=conversion,
        premium=premium,
        allowances=allowances,
        support=support,
        fixed_support=fixed_support,
        interest_support=interest_support,
    )


def premiums_of(dispatch: Dispatch) -> Floats:
    """What each furnace group's certified steel earned (f,) USD."""
    grades, groups = dispatch.network.grades, dispatch.network.groups
    rate = np.zeros(dispatch.by_group.shape)
    rate[grades.group, grades.option] = dispatch.grades.earned(grades.intensity, groups.country[grades.group])
    return np.asarray((groups.to_fleet(dispatch.by_group * rate) * groups.share[:, None]).sum(axis=1))


def lcos_curve(inputs: Inputs, fleet: Fleet, dispatch: Dispatch, prices: YearPrices) -> CostCurve:
    """LCOS and available capacity of the furnace groups that make steel."""
    steel = np.flatnonzero(inputs.technologies.is_steel[fleet.technology] & fleet.operating(dispatch.network.year))
    groups = dispatch.network.groups
    capacity = (groups.to_fleet(groups.capacity) * groups.share)[steel]
    return CostCurve(lcos=books_of(inputs, fleet, dispatch, prices).lcos[steel], capacity=capacity)


def _times(made: Floats, cost: Floats, country: Ints) -> Floats:
    """Sum over options of tonnes (f, o) x unit cost (o, c) of the group's country -> (f,)."""
    out: Floats = np.einsum("fo,of->f", made, cost[:, country])
    return out


def _moved(dispatch: Dispatch) -> Floats:
    """Hot output that went to partners (f,) t."""
    groups = dispatch.network.groups
    out = np.bincount(groups.link_from, weights=dispatch.moved, minlength=len(groups))
    return groups.to_fleet(out) * groups.share


def _hot_metal(dispatch: Dispatch, cost: Floats) -> tuple[Floats, Floats]:
    """Pass the cost (f,) of hot producers on with the tonnes that move: what they receive, what partners pay (f,)."""
    groups = dispatch.network.groups
    running = groups.of_fleet >= 0
    by_group = np.bincount(groups.of_fleet[running], weights=cost[running], minlength=len(groups))
    output = dispatch.by_group.sum(axis=1)
    unit = np.divide(by_group, output, out=np.zeros(len(groups)), where=output > 0)
    value = dispatch.moved * unit[groups.link_from]
    paid = np.bincount(groups.link_to, weights=value, minlength=len(groups))
    moved = np.bincount(groups.link_from, weights=dispatch.moved, minlength=len(groups))
    share_moved = np.divide(moved, output, out=np.zeros(len(groups)), where=output > 0)
    received = groups.to_fleet(share_moved) * cost
    made = np.divide(
        dispatch.by_option.sum(axis=1),
        groups.to_fleet(output),
        out=np.zeros(len(cost)),
        where=groups.to_fleet(output) > 0,
    )
    return received, groups.to_fleet(paid) * made
