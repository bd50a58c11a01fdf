"""Who closes before the end of a campaign: sites that no longer earn what running them costs, and are not needed."""

from __future__ import annotations

import numpy as np

from steeliq.simulation.agents.campaigns import close_site
from steeliq.simulation.agents.limits import NEEDED
from steeliq.simulation.agents.reasons import explain_closing
from steeliq.simulation.agents.year import Year
from steeliq.simulation.arrays import Bools, Floats, rising

LOSS_YEARS = 3  # years running below avoidable cost
YOUNG = 3  # years after opening in which a group is left alone


def count_losses(year: Year) -> None:
    """Carry the count of years below avoidable cost, by site; written on the row of the unit that decides."""
    sites, ledger = year.sites, year.ledger
    losing = _per_site(year, year.books.avoidable) < 0
    running = year.fleet.opens[sites.row] <= year.year
    counts = np.where(losing & running, ledger.loss_years[sites.row] + 1, 0)
    ledger.loss_years[:] = 0
    ledger.loss_years[sites.row] = counts


def close_early(year: Year) -> None:
    """Close losing sites by the scenario's rule, the worst first."""
    sites, fleet = year.sites, year.fleet
    at_once = year.inputs.scenario.decisions.closing == "one_loss_year"
    margin = _per_site(year, year.books.cash if at_once else year.books.avoidable) / sites.size
    old_enough = fleet.opens[sites.row] <= year.year - (0 if at_once else YOUNG)
    enough = margin < 0 if at_once else year.ledger.loss_years[sites.row] >= LOSS_YEARS
    losing = np.flatnonzero(old_enough & enough & ~_decided(year))
    explain_closing(year, losing, after_debt=at_once)
    for site in losing[rising(margin[losing], losing)]:
        steel, iron = _available(year, int(site))
        if not at_once and year.balances.needed(steel, iron):
            year.limits.refuse(NEEDED, float(sites.size[site]))
            year.journal.candidates.append((year.year, fleet.id[sites.row[site]], "close", 0.0, NEEDED))
            continue
        close_site(year, int(site))
        loss = -float(margin[site])
        years = int(year.ledger.loss_years[sites.row[site]])
        reason = (
            f"a loss of {loss:.0f} USD/t after debt this year"
            if at_once
            else f"{years} years running below avoidable cost, {loss:.0f} USD/t this year, and not needed next year"
        )
        year.record(int(site), "close", "", npv=0.0, gain=loss, investment=0.0, start=year.year + 1, reason=reason)


def _per_site(year: Year, column: Floats) -> Floats:
    return year.sites.with_links(column, year.fleet)


def _decided(year: Year) -> Bools:
    return np.asarray(year.ledger.decided[year.sites.row])


def _available(year: Year, site: int) -> tuple[float, float]:
    """Steel and iron capacity of a site that counts next year, t/yr."""
    following = year.inputs.conditions.availability[year.inputs.conditions.at(year.year + 1)]
    share = float(following[year.sites.country[site]])
    return float(year.sites.steel[site]) * share, float(year.sites.iron[site]) * share
