"""Why: the NPV of every course in parts, its chance and its draw, and what a limit that refused it had left.

Rows of the result table `reasons`. Parts are USD per tonne of the site's yearly capacity and add up to the NPV in
`candidates`: the operating parts are those of `breakdown.py`; what an investment costs beyond the equity that is paid
at once is the discounted service of its debt.
"""

from __future__ import annotations

import numpy as np

from steeliq.simulation.agents.breakdown import OPERATING
from steeliq.simulation.agents.foresight import extension_years
from steeliq.simulation.agents.offers import Offers
from steeliq.simulation.agents.switching import Outcome, best_stay
from steeliq.simulation.agents.year import PARTS, Year
from steeliq.simulation.arrays import Bools, Floats, Ints

RUN_ON = "run on"


def explain_offers(year: Year, offers: Offers, outcome: Outcome, purse: Floats, tightness: float) -> None:
    """Write the reasons of every unit that came up: all courses of those that decided or were refused something.

    Of units that left things as they are: staying, extending, and the best other course. ``purse``: what the owner
    had who could not pay a renovation (n,) USD, NaN elsewhere; ``tightness``: that of the NPVs in `candidates`.
    """
    npv = offers.npv + tightness * offers.weight
    row = year.sites.row[offers.site]
    told = year.ledger.decided[row] | (outcome.refused != "").any(axis=1) | np.isfinite(purse)
    possible = offers.possible & np.isfinite(npv)
    best = np.where(possible, npv, -np.inf).argmax(axis=1) if npv.shape[1] else np.zeros(len(npv), dtype=np.int64)
    shown = possible & (told[:, None] | (np.arange(npv.shape[1])[None, :] == best[:, None]))
    chance, stay_chance = chances(year, offers, outcome)
    ids, routes = year.fleet.id[row], np.array(year.lines.name, dtype=object)
    n, v = np.nonzero(shown)
    draw = np.where(outcome.noise != 0, outcome.noise, np.nan)
    judged = (draw[n, v], chance[n, v], outcome.asked[n, v], outcome.left[n, v])
    year.journal.explain(ids[n], routes[v], np.column_stack([_switching(year, offers, n, v, tightness), *judged]))
    everyone = np.arange(len(row))
    stay_draw = np.where(outcome.stay_noise != 0, outcome.stay_noise, np.nan)
    wanted = year.inputs.scenario.finance.equity_share * offers.stay_investment[:, 0]
    judged = (stay_draw, stay_chance, np.where(np.isfinite(purse), wanted, np.nan), purse)
    staying = _staying(year, offers, everyone, np.zeros_like(everyone), tightness)
    year.journal.explain(ids, np.full(len(row), "stay", dtype=object), np.column_stack([staying, *judged]))
    stay = offers.stay_npv + tightness * offers.stay_weight
    n = np.flatnonzero(np.isfinite(stay[:, 1:]).any(axis=1))
    longer = 1 + stay[n, 1:].argmax(axis=1)
    extending = np.pad(_staying(year, offers, n, longer, tightness), ((0, 0), (0, 4)), constant_values=np.nan)
    year.journal.explain(ids[n], np.full(len(n), "extend", dtype=object), extending)


def explain_project(
    year: Year,
    name: str,
    line: Ints,
    country: int,
    worth: tuple[Floats, Floats, Floats],
    judged: Floats,
    energy: tuple[Floats | float, Floats | float] = (0.0, 0.0),
) -> None:
    """Write the reasons for a new lot: every line (n,) that could have been built in its country.

    ``worth``: NPV, the part of it that comes of tightness, and CAPEX (n,) USD per t; ``judged`` (n, 4): draw, chance,
    what was asked of the limit that refused it, and what that had left; ``energy``: what it costs more than others of
    its country, and what is spared of the carbon price on grid power, USD per t over its life.
    """
    finance = year.inputs.scenario.finance
    (npv, tight, capex), (dearer, spared) = worth, energy
    place, first, last = np.full(len(line), country), finance.construction, finance.construction + finance.life - 1
    parts = np.zeros((len(line), len(PARTS)))
    parts[:, :OPERATING] = year.breakdown.value(line, place, np.array(first), np.array(last))
    parts[:, PARTS.index("energy")] -= dearer
    parts[:, PARTS.index("carbon")] += spared
    parts[:, PARTS.index("tightness")] = tight
    _finance(parts, year.outlook.value(line, place, first, last) - dearer + spared, finance.equity_share * capex, npv)
    routes = np.array(year.lines.name, dtype=object)[line]
    year.journal.explain(np.full(len(line), name, dtype=object), routes, np.column_stack([parts, judged]))


def explain_closing(year: Year, site: Ints, *, after_debt: bool) -> None:
    """Write what running on brought this year at sites that might close early, by part."""
    books, sites, fleet = year.books, year.sites, year.fleet
    spent = (
        books.variable + books.support - books.bought - books.conversion,
        books.bought,
        books.conversion,
        books.carbon,
        books.fixed,
    )
    columns = [books.revenue, *(-column for column in spent), books.support]
    rows = np.full((len(site), len(PARTS) + 4), np.nan)
    rows[:, : len(PARTS)] = 0.0
    for part, column in enumerate(columns):
        rows[:, part] = (sites.with_links(column, fleet) / sites.size)[site]
    if after_debt:
        served = sites.with_links(books.interest + books.principal, fleet) / sites.size
        rows[:, PARTS.index("debt_service")] = -served[site]
    year.journal.explain(fleet.id[sites.row[site]], np.full(len(site), RUN_ON, dtype=object), rows)


def chances(year: Year, offers: Offers, outcome: Outcome) -> tuple[Floats, Floats]:
    """Logit probability of each line (n, v) and of keeping the present one (n,), before any limit; NaN without a draw.

    A unit chooses among the lines that are worth their cost (in mid-life: worth more than waiting) and keeping its own.
    """
    npv = offers.npv + outcome.tightness * offers.weight
    stay = best_stay(offers, outcome.tightness)
    due = year.fleet.campaign_end[year.sites.row[offers.site]] <= year.year
    open_to = (outcome.noise != 0) & (npv > 0) & (due[:, None] | (npv > stay[:, None]))
    drawn = (outcome.noise != 0).any(axis=1)
    scale = year.inputs.scenario.decisions.choice_scale or 1.0
    values = np.column_stack([np.where(open_to, npv, -np.inf), stay]) / scale
    weight = np.exp(values - values.max(axis=1, keepdims=True))
    share = weight / weight.sum(axis=1, keepdims=True)
    return np.where(open_to, share[:, :-1], np.nan), np.where(drawn, share[:, -1], np.nan)


def _switching(year: Year, offers: Offers, n: Ints, v: Ints, tightness: float) -> Floats:
    """Parts (m, p) of the NPV of units n under lines v."""
    site, finance = offers.site[n], year.inputs.scenario.finance
    first, last = finance.construction, finance.construction + finance.life - 1
    keeps, size = offers.keeps[n, v], year.sites.size[site]
    parts = np.zeros((len(n), len(PARTS)))
    parts[:, :OPERATING], earned = _worth(year, site, v, first, last, surplus=keeps)
    everywhere = np.ones(len(n), dtype=bool)
    _, old = _worth(year, site, year.sites.line[site], 1, first - 1, surplus=everywhere)
    parts[:, PARTS.index("old_line")] = old
    parts[:, PARTS.index("tightness")] = tightness * offers.weight[n, v]
    parts[:, PARTS.index("stranded")] = -offers.stranded[n, v]
    equity = finance.equity_share * offers.investment[n, v] / size
    _finance(parts, earned, equity, offers.npv[n, v] + tightness * offers.weight[n, v])
    return parts


def _staying(year: Year, offers: Offers, n: Ints, course: Ints, tightness: float) -> Floats:
    """Parts (m, p) of the NPV of units n that renovate (course 0) or extend by the longer or shorter term (1, 2)."""
    site, finance = offers.site[n], year.inputs.scenario.finance
    years = np.array([finance.life, *extension_years(year.inputs)])[course]
    parts = np.zeros((len(n), len(PARTS)))
    everywhere = np.ones(len(n), dtype=bool)
    line = year.sites.line[site]
    parts[:, :OPERATING], earned = _worth(year, site, line, 1, years, surplus=everywhere)
    extra = tightness * offers.stay_weight[n, course]
    parts[:, PARTS.index("tightness")] = extra
    equity = finance.equity_share * offers.stay_investment[n, course] / year.sites.size[site]
    _finance(parts, earned, equity, offers.stay_npv[n, course] + extra)
    return parts


def _worth(
    year: Year, site: Ints, line: Ints, first: int, last: int | Ints, *, surplus: Bools
) -> tuple[Floats, Floats]:
    """Discounted cash of lines at sites (m,) by part (m, p) and as `outlook` has it (m,), USD per t of the site."""
    sites = year.sites
    country, seller = sites.country[site], year.lines.iron_only[line]
    fed = sites.fed[site] / sites.size[site]
    sold = np.where(surplus & (seller >= 0), sites.surplus[site], 0.0) / sites.size[site]
    span = np.broadcast_to(first, site.shape), np.broadcast_to(last, site.shape)
    own, spare = (year.breakdown.value(what, country, *span) for what in (line, seller))
    total = fed * year.outlook.value(line, country, *span) + sold * year.outlook.value(seller, country, *span)
    return fed[:, None] * own + sold[:, None] * spare, np.asarray(total)


def _finance(parts: Floats, earned: Floats, equity: Floats, npv: Floats) -> None:
    """Fill in who pays: equity at once, and the service of the debt, which is the rest of what the course costs."""
    parts[:, PARTS.index("equity")] = -equity
    after = parts[:, OPERATING:].sum(axis=1)
    parts[:, PARTS.index("debt_service")] = npv - earned - after
