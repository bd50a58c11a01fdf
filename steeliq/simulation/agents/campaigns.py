"""What happens to units whose campaign has ended and that did not switch: renovate, extend or close, worst first."""

from __future__ import annotations

import numpy as np

from steeliq.simulation.agents.investment import stay_technologies
from steeliq.simulation.agents.limits import TREASURY
from steeliq.simulation.agents.offers import Offers
from steeliq.simulation.agents.switching import renew_converters
from steeliq.simulation.agents.year import Year
from steeliq.simulation.arrays import Floats, rising
from steeliq.simulation.market.support import RELINE

RENOVATE, LONG, SHORT = 0, 1, 2


def end_campaigns(year: Year, offers: Offers) -> Floats:
    """Decide on every expired unit; returns what owners had who could not pay a renovation (n,) USD, NaN elsewhere."""
    purse = np.full(len(offers.site), np.nan)
    row = year.sites.row[offers.site]
    due = np.flatnonzero((year.fleet.campaign_end[row] <= year.year) & ~year.ledger.decided[row])
    renewed = (offers.stay_npv + year.balances.tightness() * offers.stay_weight)[due, RENOVATE]
    for n in due[rising(renewed, due)]:
        npv = offers.stay_npv[n] + year.balances.tightness() * offers.stay_weight[n]
        if npv[RENOVATE] > 0:
            if _can_pay(year, offers, int(n)):
                _keep(year, offers, int(n), RENOVATE, float(npv[RENOVATE]), "renovation pays")
                continue
            purse[n] = year.limits.treasury[str(year.fleet.owner[row[n]])]
            year.limits.refuse(TREASURY, float(year.sites.size[offers.site[n]]))
        why = "the owner cannot pay a renovation" if np.isfinite(purse[n]) else "renovation does not pay"
        course = LONG if npv[LONG] > 0 else SHORT
        if npv[course] > 0:
            _keep(year, offers, int(n), course, float(npv[course]), f"{why}, an extension does")
        else:
            _close(year, offers, int(n), float(npv[RENOVATE]), f"{why} and neither does an extension")
    return purse


def _can_pay(year: Year, offers: Offers, n: int) -> bool:
    owner = str(year.fleet.owner[year.sites.row[offers.site[n]]])
    return year.limits.can_pay(
        owner, year.inputs.scenario.finance.equity_share * float(offers.stay_investment[n, RENOVATE])
    )


def _keep(year: Year, offers: Offers, n: int, course: int, npv: float, reason: str) -> None:
    """Renovate or extend: the unit and its converters run on, and carry debt on what was invested in each."""
    sites, fleet, ledger, site = year.sites, year.fleet, year.ledger, int(offers.site[n])
    row = int(sites.row[site])
    owner, investment = str(fleet.owner[row]), float(offers.stay_investment[n, course])
    years = int(offers.stay_years[n, course])
    term = year.inputs.scenario.finance.life if course == RENOVATE else years
    year.limits.pay(owner, year.inputs.scenario.finance.equity_share * investment, float(sites.size[site]))
    debt = ledger.invest(owner, investment)
    own, converters = (float(part[n]) for part in offers.stay_cost.parts)
    for part, technology in zip(offers.stay_cost.granted, stay_technologies(year, np.array([site])), strict=True):
        ledger.grant(int(technology[0]), int(fleet.country[row]), RELINE, float(part[n] * offers.stay_share[course]))
    share = converters / (own + converters) if own + converters > 0 else 0.0
    taken = renew_converters(year, site, debt * share, term, years)
    ledger.renew(row, debt - taken, term, year.year + years)
    decision = "renovate" if course == RENOVATE else "extend"
    route = year.lines.name[sites.line[site]]
    words = f"end of campaign: {reason}" + ("" if course == RENOVATE else f" ({years} years)")
    year.record(site, decision, route, npv=npv, gain=npv, investment=investment, start=year.year + 1, reason=words)


def _close(year: Year, offers: Offers, n: int, npv: float, reason: str) -> None:
    site = int(offers.site[n])
    close_site(year, site)
    words = f"end of campaign: {reason}"
    year.record(site, "close", "", npv=0.0, gain=-npv, investment=0.0, start=year.year + 1, reason=words)


def close_site(year: Year, site: int) -> None:
    """Close a unit and its matched converter tonnes at the end of the year."""
    year.ledger.close(int(year.sites.row[site]))
    rows, tonnes = year.sites.converters(site)
    year.ledger.cut(rows, float(tonnes.sum()), year.year + 1, write_off=True)
