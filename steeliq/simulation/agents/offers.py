"""What each unit that comes up for a decision could do, and what that is worth: stay, extend, or another line.

All NPVs are to the owner's equity at the decision year, USD per tonne of the site's size. A switch keeps the old
line's margin until the new one starts and carries, in mid-life, the cost of the assets that it strands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.agents.finance import cosa
from steeliq.simulation.agents.foresight import extension_years
from steeliq.simulation.agents.investment import (
    Investment,
    legacy_relief,
    line_costs,
    line_technologies,
    stay_costs,
    stay_technologies,
)
from steeliq.simulation.agents.year import Year
from steeliq.simulation.arrays import Bools, Floats, Ints

DEBT_YEARS = 60  # longer than any debt runs


@dataclass(frozen=True, slots=True)
class Offers:
    """One row per unit n, one column per line v; NPVs are base + tightness x weight."""

    site: Ints  # (n,)
    possible: Bools  # (n, v) transitions allow it
    npv: Floats  # (n, v) USD/t
    weight: Floats  # (n, v)
    investment: Floats  # (n, v) USD after grants
    cost: Investment  # (n, v) the same by part
    keeps: Bools  # (n, v) the site's converters go on
    stranded: Floats  # (n, v) COSA, USD/t
    stay_npv: Floats  # (n, 3) renovate, extend long, extend short; -inf where there is no extension
    stay_weight: Floats  # (n, 3)
    stay_investment: Floats  # (n, 3) USD after grants
    stay_cost: Investment  # (n,) of renovating, by part
    stay_share: Floats  # (3,) what each course costs of that
    stay_years: Ints  # (n, 3) added to the campaign


def make_offers(year: Year, site: Ints) -> Offers:
    """Offers to some sites."""
    sites, lines = year.sites, year.lines
    present, country = sites.line[site], sites.country[site]
    keeps = sites.integrated[site][:, None] & (lines.iron >= 0) & (lines.steel == lines.steel[present][:, None])
    finance = year.inputs.scenario.finance
    first, last = finance.construction, finance.construction + finance.life - 1
    every = np.arange(len(lines))[None, :]
    new, new_weight = _worth(year, site, every, country[:, None], first, last, surplus=keeps)
    old, old_weight = _worth(year, site, present, country, 1, first - 1, surplus=np.ones(len(site), dtype=bool))
    invested = line_costs(year, site, keeps)
    relieved = invested.relieved(year.outlook.relief[0], line_technologies(year, site), country[:, None])
    stranded = _stranded(year, site, keeps)
    cost = invested.whole * year.outlook.new[country][:, None] - relieved + stranded
    size = sites.size[site][:, None]
    relining = stay_costs(year, site)
    shares = _stay_shares(year)
    stay_npv, stay_weight, stay_years = _stay(year, site, relining, shares)
    npv = (new + old[:, None] - cost) / size
    return Offers(
        site=site,
        possible=_distinct(year, site, npv),
        npv=npv,
        weight=(new_weight + old_weight[:, None]) / size,
        investment=invested.whole,
        cost=invested,
        keeps=keeps,
        stranded=stranded / size,
        stay_npv=stay_npv,
        stay_weight=stay_weight,
        stay_investment=shares[None, :] * relining.whole[:, None],
        stay_cost=relining,
        stay_share=shares,
        stay_years=stay_years,
    )


def _distinct(year: Year, site: Ints, npv: Floats) -> Bools:
    """Transitions of every site (n, v); steelmaking that stands alone chooses a furnace, not its charge.

    Which iron or scrap a furnace takes is for the dispatch to say each year, so of the lines with one new furnace
    only the best counts: many charges must not make a furnace more likely.
    """
    lines = year.lines
    present = year.sites.line[site]
    possible = lines.targets[present].copy()
    alone = np.flatnonzero((lines.iron[present] < 0) & possible.any(axis=1))
    for steel in np.unique(lines.steel[possible[alone].any(axis=0)]):
        same = np.flatnonzero(lines.steel == steel)
        offered = np.where(possible[np.ix_(alone, same)], npv[np.ix_(alone, same)], -np.inf)
        possible[np.ix_(alone, same)] = (np.arange(len(same)) == offered.argmax(axis=1)[:, None]) & np.isfinite(offered)
    return possible


def _worth(
    year: Year, site: Ints, line: Ints, country: Ints, first: int, last: int | Ints, *, surplus: Bools
) -> tuple[Floats, Floats]:
    """Discounted cash of a line at the sites over a span, and its weight on the steel price, USD and USD per USD/t.

    Where ``surplus`` holds, iron beyond the needs of the site's converters is sold.
    """
    sites, outlook = year.sites, year.outlook
    shape = (-1,) + (1,) * (np.ndim(country) - 1)
    fed, spare = sites.fed[site].reshape(shape), sites.surplus[site].reshape(shape)
    seller = year.lines.iron_only[line]
    sold = np.where(surplus & (seller >= 0), spare, 0.0)
    cash = fed * outlook.value(line, country, first, last) + sold * outlook.value(seller, country, first, last)
    return cash, fed * outlook.exposure(line, country, first, last)


def _stranded(year: Year, site: Ints, keeps: Bools) -> Floats:
    """COSA of leaving the present line before its campaign ends (n, v) USD; 0 at the end of the campaign."""
    sites, fleet, conditions = year.sites, year.fleet, year.inputs.conditions
    row, country = sites.row[site], sites.country[site]
    left = np.maximum(fleet.campaign_end[row] - year.year, 0)
    everywhere = np.ones(len(site), dtype=bool)
    construction = year.inputs.scenario.finance.construction
    forgone, _ = _worth(year, site, sites.line[site], country, construction, left, surplus=everywhere)
    rates = {"debt_rate": conditions.cost_of_debt[country], "equity_rate": conditions.cost_of_equity[country]}
    whole_debt, whole_repayment = (sites.with_links(column, fleet)[site] for column in (fleet.debt, fleet.repayment))
    own_relief = legacy_relief(year, row, fleet.debt[row], fleet.repayment[row], DEBT_YEARS)
    whole_relief = legacy_relief(year, row, whole_debt, whole_repayment, DEBT_YEARS)
    own = cosa(fleet.debt[row], fleet.repayment[row], forgone=forgone - own_relief, years=DEBT_YEARS, **rates)
    whole = cosa(whole_debt, whole_repayment, forgone=forgone - whole_relief, years=DEBT_YEARS, **rates)
    return np.where((left > 0)[:, None], np.where(keeps, own[:, None], whole[:, None]), 0.0)


def _stay_shares(year: Year) -> Floats:
    """What renovating and the two extensions cost, as shares of a relining (3,)."""
    extension = year.inputs.scenario.decisions.extension_cost
    return np.array([1.0, extension, extension / 2])


def _stay(year: Year, site: Ints, relining: Investment, shares: Floats) -> tuple[Floats, Floats, Ints]:
    """NPV, weight and years of renovating and of the two extensions (n, 3)."""
    sites, inputs, outlook = year.sites, year.inputs, year.outlook
    row, country, line = sites.row[site], sites.country[site], sites.line[site]
    long, short = extension_years(inputs)
    everywhere = np.ones(len(site), dtype=bool)
    life = inputs.scenario.finance.life
    technology = stay_technologies(year, site)
    columns = []
    for span, share, price, relief in (
        (life, shares[0], outlook.reline, outlook.relief[1]),
        (long, shares[1], outlook.extension[0], outlook.relief[2]),
        (short, shares[2], outlook.extension[1], outlook.relief[3]),
    ):
        cash, weight = _worth(year, site, line, country, 1, span, surplus=everywhere)
        relieved = share * relining.relieved(relief, technology, country)
        cost = share * relining.whole * price[country] - relieved
        npv = cash - cost if span > 0 else np.full(len(site), -np.inf)
        columns.append((npv / sites.size[site], weight / sites.size[site]))
    campaign = inputs.technologies.campaign[year.fleet.technology[row]]
    years = np.stack([campaign, np.full_like(campaign, long), np.full_like(campaign, short)], axis=1)
    npv, weight = (np.stack([column[n] for column in columns], axis=1) for n in range(2))
    return npv, weight, years
