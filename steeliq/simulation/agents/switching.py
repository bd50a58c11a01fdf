"""Who changes technology: units at or near the end of a campaign, the greatest gain first, while limits allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.agents.balances import GREATEST_TIGHTNESS, LEAST_TIGHTNESS
from steeliq.simulation.agents.limits import Proposal
from steeliq.simulation.agents.offers import Offers
from steeliq.simulation.agents.year import Year
from steeliq.simulation.arrays import Floats, Ints, Labels, rising
from steeliq.simulation.market.support import CAPEX, RELINE

NEW_CAMPAIGN = -1  # converters get a whole campaign of their own technology


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the offers, for the record."""

    refused: Labels  # (n, v) the limit that refused a line that was reached, "" elsewhere
    asked: Floats  # (n, v) what it was asked for, in its unit; NaN elsewhere
    left: Floats  # (n, v) what it had left
    noise: Floats  # (n, v) USD/t drawn for a line, 0 where nothing was drawn
    stay_noise: Floats  # (n,) ... for keeping the present line
    tightness: float  # USD/t before the first approval


def switch(year: Year, offers: Offers) -> Outcome:
    """Approve switches."""
    refused = np.full(offers.npv.shape, "", dtype=object)
    asked, left = np.full(offers.npv.shape, np.nan), np.full(offers.npv.shape, np.nan)
    noise, stay_noise = _noise(year, offers)
    start = year.balances.tightness()
    perceived = np.where(offers.possible, offers.npv + start * offers.weight + noise, -np.inf)
    gain = perceived.max(axis=1, initial=-np.inf) - (best_stay(offers, start) + stay_noise)
    hopeful = np.flatnonzero(np.isfinite(gain))
    for n in hopeful[rising(-gain[hopeful], hopeful)]:
        tightness = year.balances.tightness()
        npv = offers.npv[n] + tightness * offers.weight[n]
        stay = max(float((offers.stay_npv[n] + tightness * offers.stay_weight[n]).max()), 0.0)
        perceived_npv = npv + noise[n]
        better = offers.possible[n] & (npv > 0) & (perceived_npv > stay + stay_noise[n])
        if year.fleet.campaign_end[year.sites.row[offers.site[n]]] > year.year:
            better &= npv > stay  # in mid-life waiting costs nothing: a switch must really be better
        chosen = np.flatnonzero(better)
        for v in chosen[rising(-perceived_npv[chosen], chosen)]:
            refused[n, v] = year.limits.ask(_proposal(year, offers, int(n), int(v)))
            if not refused[n, v]:
                _approve(year, offers, int(n), int(v), float(npv[v]), float(npv[v]) - stay)
                break
            asked[n, v], left[n, v] = year.limits.shortfall
    return Outcome(refused, asked, left, noise, stay_noise, start)


def best_stay(offers: Offers, tightness: float) -> Floats:
    """NPV of the best course without a switch (n,): renovate, extend, or close (0)."""
    return np.maximum((offers.stay_npv + tightness * offers.stay_weight).max(axis=1), 0.0)


def _noise(year: Year, offers: Offers) -> tuple[Floats, Floats]:
    """Logit noise on every line that could be chosen (n, v), and on staying (n,)."""
    noise, stay_noise = np.zeros(offers.npv.shape), np.zeros(len(offers.site))
    due = year.fleet.campaign_end[year.sites.row[offers.site]] <= year.year
    reach = np.where(due, year.noise_reach, 0.0)
    slope = year.inputs.scenario.decisions.tightness
    near = np.zeros_like(offers.possible)
    for tightness in (LEAST_TIGHTNESS * slope, year.balances.tightness(), GREATEST_TIGHTNESS * slope):
        npv = offers.npv + tightness * offers.weight
        near |= offers.possible & (npv > 0) & (npv > (best_stay(offers, tightness) - reach)[:, None])
    rows, columns = np.nonzero(near)
    unit = year.fleet.id[year.sites.row[offers.site]]
    names = [f"{unit[n]}|{year.lines.name[v]}" for n, v in zip(rows, columns, strict=True)]
    noise[rows, columns] = year.noise("route", names)
    chosen = np.flatnonzero(near.any(axis=1))
    stay_noise[chosen] = year.noise("route", [f"{unit[n]}|stay" for n in chosen])
    return noise, stay_noise


def _proposal(year: Year, offers: Offers, n: int, v: int) -> Proposal:
    sites, lines, site = year.sites, year.lines, int(offers.site[n])
    row, present = int(sites.row[site]), int(sites.line[site])
    own = int(year.fleet.technology[row])
    new = _new_groups(year, offers, n, v)
    iron = float(sites.iron[site])
    steel = 0.0 if offers.keeps[n, v] or lines.steel[v] < 0 else float(sites.fed[site])
    return Proposal(
        country=int(sites.country[site]),
        new=tuple(new),
        old=((own, float(year.fleet.capacity[row])),),
        iron_switched=iron,
        steel_switched=steel,
        steel_built=steel,
        scrap=bool(lines.scrap[v]) and iron > 0 and lines.iron[present] >= 0,
        owner=str(year.fleet.owner[row]),
        equity=year.inputs.scenario.finance.equity_share * float(offers.investment[n, v]),
    )


def _new_groups(year: Year, offers: Offers, n: int, v: int) -> list[tuple[int, float]]:
    """Technology and capacity of the groups that a line brings to the site, ironmaking first."""
    sites, lines, site = year.sites, year.lines, int(offers.site[n])
    iron, steel = int(lines.iron[v]), int(lines.steel[v])
    if offers.keeps[n, v]:
        return [(iron, float(sites.iron[site]))]
    if not sites.integrated[site]:
        return [(steel if steel >= 0 else iron, float(year.fleet.capacity[sites.row[site]]))]
    fed = float(sites.fed[site])
    return [(iron, float(lines.iron_rate[v]) * fed), (steel, fed)] if iron >= 0 else [(steel, fed)]


def _approve(year: Year, offers: Offers, n: int, v: int, npv: float, gain: float) -> None:
    """Retire the old line when the new one opens, and build the new one."""
    ledger, sites, fleet, site = year.ledger, year.sites, year.fleet, int(offers.site[n])
    row = int(sites.row[site])
    finance = year.inputs.scenario.finance
    investment = float(offers.investment[n, v])
    owner = str(fleet.owner[row])
    debt = ledger.invest(owner, investment)
    new = _new_groups(year, offers, n, v)
    rows, tonnes = sites.converters(site)
    converter_debt = 0.0
    if offers.keeps[n, v]:
        own_share = float(offers.cost.parts[1][n, v]) / investment if investment > 0 else 0.0
        converter_debt = renew_converters(year, site, debt * own_share, finance.life, NEW_CAMPAIGN)
    ledger.retire(row, year.opening)
    if not offers.keeps[n, v]:
        ledger.cut(rows, float(tonnes.sum()), year.opening)
    granted = [float(part[n, v]) for part in offers.cost.granted]
    kept = offers.keeps[n, v]
    for technology, item, part in (
        (new[0][0], CAPEX, granted[0]),
        (int(year.lines.steel[v]), RELINE if kept else CAPEX, granted[1]),
    ):
        ledger.grant(technology, int(fleet.country[row]), item, part)
    for (technology, capacity), part in zip(
        new, _cost_shares(year, new, granted, int(fleet.country[row])), strict=True
    ):
        own = (debt - converter_debt) * float(part)
        ledger.add(
            str(fleet.plant[row]),
            technology,
            int(fleet.country[row]),
            owner,
            capacity,
            debt=own,
            repayment=own / finance.life,
            synthetic=bool(fleet.synthetic[row]),
        )
    left = int(fleet.campaign_end[row]) - year.year
    when = "end of campaign" if left <= 0 else f"{left} years before the end of the campaign"
    verdict = f"worth {gain:.0f} USD/t more" if gain >= 0 else f"drawn although worth {-gain:.0f} USD/t less"
    reason = f"{when}: {year.lines.name[v]} is {verdict} than the best way to stay"
    year.record(
        site, "switch", year.lines.name[v], npv=npv, gain=gain, investment=investment, start=year.opening, reason=reason
    )


def renew_converters(year: Year, site: int, debt: float, term: int, added: int) -> float:
    """Spread debt over a site's converters and lengthen their campaigns; returns the debt that they took."""
    rows, tonnes = year.ledger.alive(*year.sites.converters(site))
    if not len(rows):
        return 0.0
    for row, share in zip(rows, tonnes / tonnes.sum(), strict=True):
        years = int(year.inputs.technologies.campaign[year.fleet.technology[row]]) if added == NEW_CAMPAIGN else added
        year.ledger.renew(int(row), debt * float(share), term, year.year + years)
    return debt


def _cost_shares(year: Year, new: list[tuple[int, float]], granted: list[float], country: int) -> Floats:
    """Shares of the new groups in their investment after grants; the last one is the steelmaking."""
    capex = year.inputs.conditions.building[_now(year), country] * year.inputs.technologies.capex[_now(year)]
    cost = np.array([capex[technology] * capacity for technology, capacity in new])
    cost -= granted if len(new) == 2 else 0.0
    return np.asarray(cost / cost.sum()) if cost.sum() > 0 else np.full(len(new), 1.0 / len(new))


def _now(year: Year) -> int:
    return year.inputs.conditions.at(year.year)


def come_up(year: Year, rows: Ints) -> Ints:
    """Positions of the sites (among ``rows``) that decide this year: campaign ended or ending within the window."""
    window = year.inputs.scenario.decisions.midlife_window
    fleet, row = year.fleet, year.sites.row[rows]
    due = fleet.campaign_end[row] <= year.year
    near = fleet.campaign_end[row] - year.year < window
    return rows[(fleet.opens[row] <= year.year) & (due | near)]
