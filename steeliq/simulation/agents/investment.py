"""What investments cost their owner: price of each part by technology, less public grants, and supported interest.

A course at a site has two parts, kept apart because each technology has its own support: the *first* is the iron of an
integrated site or the one furnace that stands alone, the *second* the steelmaking of an integrated site.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.agents.finance import outstanding_relief
from steeliq.simulation.agents.year import Year
from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.market.support import nothing

CONVERSION = 0.15  # of CAPEX: what a new reductant or gas loop costs where CAPEX itself is the same (85 of 557 USD/t)


@dataclass(frozen=True, slots=True)
class Investment:
    """USD; ``whole`` is what the owner invests after grants."""

    whole: Floats  # (n, ...)
    parts: tuple[Floats, Floats]  # (n, ...) first and second, after grants
    granted: tuple[Floats, Floats]  # (n, ...) public money towards the first and the second

    def relieved(self, relief: Floats, technology: tuple[Ints, Ints], country: Ints) -> Floats:
        """Worth of supported interest (t, c) on both parts (n, ...) USD."""
        if not relief.any():
            return nothing(np.broadcast_shapes(self.parts[0].shape, country.shape))
        first, second = (part * relief[t, country] for part, t in zip(self.parts, technology, strict=True))
        return np.asarray(first + second)


def conversion_costs(year: Year) -> Floats:
    """Cost of putting technology u in the place of technology t (t, u) USD per t/yr of capacity, before grants.

    A retrofit inside a family pays the relining and the CAPEX difference; anything else is built new.
    """
    technologies = year.inputs.technologies
    y = year.inputs.conditions.at(year.year)
    capex, reline = technologies.capex[y], technologies.reline[y]
    family = np.array(technologies.family)
    hot = np.isin(technologies.product, year.inputs.commodities.hot)
    same = technologies.product[:, None] == technologies.product[None, :]
    retrofit = (family[:, None] == family[None, :]) & (same | (hot[:, None] & hot[None, :]))
    more = capex[None, :] - capex[:, None]
    extra = np.where(more > 0, more, CONVERSION * capex[None, :])
    return np.asarray(np.where(retrofit, np.minimum(reline[None, :] + extra, capex[None, :]), capex[None, :]))


def line_technologies(year: Year, site: Ints) -> tuple[Ints, Ints]:
    """Technologies of both parts of every line at every site (n, v), -1 for a part that is not there."""
    lines, integrated = year.lines, year.sites.integrated[site][:, None]
    main = np.where(lines.steel >= 0, lines.steel, lines.iron)
    return np.where(integrated, lines.iron, main), np.where(integrated, lines.steel, -1)


def line_costs(year: Year, site: Ints, keeps: Bools) -> Investment:
    """Cost of every line at every site (n, v); relining of converters that go on is included."""
    sites, lines, technologies, support = year.sites, year.lines, year.inputs.technologies, year.inputs.support
    y = year.inputs.conditions.at(year.year)
    capex, reline, convert = technologies.capex[y], technologies.reline[y], conversion_costs(year)
    own, integrated = year.fleet.technology[sites.row[site]], sites.integrated[site][:, None]
    local = year.inputs.conditions.building[y, sites.country[site]][:, None]
    iron_new = np.where(lines.iron >= 0, capex[lines.iron] * lines.iron_rate, 0.0)
    steel_new = np.where(lines.steel >= 0, capex[lines.steel], 0.0)
    fed, size = sites.fed[site][:, None], year.fleet.capacity[sites.row[site]][:, None]
    rebuilt = local * fed * (iron_new + steel_new)[None, :]
    converters = local * (sites.steel[site] * reline[lines.steel[sites.line[site]]])[:, None]
    kept_iron = local * sites.iron[site][:, None] * convert[own][:, lines.iron]
    main = np.where(lines.steel >= 0, lines.steel, lines.iron)
    alone = local * size * convert[own][:, main]
    whole = np.where(integrated, np.where(keeps, kept_iron + converters, rebuilt), alone)
    country = sites.country[site][:, None]
    first, second = line_technologies(year, site)
    new_iron = (
        np.where(lines.iron >= 0, lines.iron_rate, 0.0)
        * fed
        * support.capex.of(local * capex[lines.iron][None, :], y, first, country)
    )
    kept_share = sites.iron[site][:, None] * support.capex.of(local * convert[own][:, lines.iron], y, first, country)
    alone_share = size * support.capex.of(local * convert[own][:, main], y, first, country)
    new_steel = fed * support.capex.of(local * capex[lines.steel][None, :], y, second, country)
    relined = sites.steel[site][:, None] * support.reline.of(local * reline[second], y, second, country)
    granted = (
        np.where(integrated, np.where(keeps, kept_share, new_iron), alone_share),
        np.where(second >= 0, np.where(keeps, relined, new_steel), 0.0),
    )
    gross_second = np.where(second >= 0, np.where(keeps, converters, local * fed * steel_new[None, :]), 0.0)
    net = whole - (granted[0] + granted[1])
    net_second = gross_second - granted[1]
    return Investment(whole=net, parts=(net - net_second, net_second), granted=granted)


def stay_technologies(year: Year, site: Ints) -> tuple[Ints, Ints]:
    """Technologies of both parts that are relined (n,), -1 for a part that is not there."""
    sites = year.sites
    own = year.fleet.technology[sites.row[site]]
    return own, np.where(sites.integrated[site], year.lines.steel[sites.line[site]], -1)


def stay_costs(year: Year, site: Ints) -> Investment:
    """Cost of relining every site (n,)."""
    sites, support = year.sites, year.inputs.support
    y, country = year.inputs.conditions.at(year.year), sites.country[site]
    reline, local = year.inputs.technologies.reline[y], year.inputs.conditions.building[y, country]
    own, steel = stay_technologies(year, site)
    size = year.fleet.capacity[sites.row[site]]
    first = local * reline[own] * size
    second = np.where(steel >= 0, local * sites.steel[site] * reline[steel], 0.0)
    granted = (
        size * support.reline.of(local * reline[own], y, own, country),
        np.where(steel >= 0, sites.steel[site] * support.reline.of(local * reline[steel], y, steel, country), 0.0),
    )
    parts = first - granted[0], second - granted[1]
    return Investment(whole=parts[0] + parts[1], parts=parts, granted=granted)


def legacy_relief(year: Year, row: Ints, debt: Floats, repayment: Floats, years: int) -> Floats:
    """Worth of supported interest on debts that are still served (n,) USD; the unit that decides sets the rate."""
    support, conditions, fleet = year.inputs.support, year.inputs.conditions, year.fleet
    if not support.cuts_interest:
        return np.zeros(len(row))
    when = [conditions.at(year.year + k) for k in range(1, years + 1)]
    cut = support.interest[when][:, fleet.technology[row], fleet.country[row]].T
    return outstanding_relief(debt, repayment, cut, conditions.cost_of_equity[fleet.country[row]])
