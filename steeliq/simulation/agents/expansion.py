"""What is built beyond replacement: steel into each country's own gap, then the world's, then iron for the metallics.

Lots of 2.5 Mt, the greatest NPV per dollar of investment first, since money for new plants is what is short; a lot is
built where at least half of it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.agents.limits import BUILD_OUT, COUNTRY, METALLICS, WINDOW, Proposal
from steeliq.simulation.agents.reasons import explain_project
from steeliq.simulation.agents.year import Year
from steeliq.simulation.arrays import Bools, Floats, Ints, Labels
from steeliq.simulation.market.support import CAPEX

LOT = 2.5e6  # t/yr
LEAST_SELF_SUFFICIENCY = 0.3
LEAST_COST = 1.0  # USD per t/yr: a plant that others pay for must still be ranked
LARGEST_SITE = 8e6  # t/yr of one technology up to which a plant takes another lot; beyond, a new site is founded


@dataclass(slots=True)
class Projects:
    """Lots that could be built: lines v of one product stage in every country c."""

    line: Ints  # (v,)
    npv: Floats  # (v, c) USD per t of capacity
    noise: Floats  # (v, c) USD per t, drawn when a country is first looked at
    drawn: Bools  # (c,)
    weight: Floats  # (v, c)
    capex: Floats  # (v, c) USD per t after grants
    granted: tuple[Floats, Floats]  # (v, c) USD per t towards the iron and the steel part
    open: Bools  # (v, c) not yet refused
    refused: Labels  # (v, c) str, the limit that refused it
    asked: Floats  # (v, c) what it was asked for when it did, in its unit; NaN elsewhere
    left: Floats  # (v, c) what it had left


def expand(year: Year, self_sufficiency: Floats) -> None:
    """Approve expansions of steel in country gaps and the world gap, then of iron alone."""
    fleet, countries = year.fleet, len(year.inputs.countries)
    industrial = np.bincount(fleet.country[fleet.retires > year.year], minlength=countries).astype(bool)
    steel = _projects(year, steel=True)
    share = wanted_share(year, self_sufficiency)
    while (missing := year.balances.country_gaps(share) >= LOT / 2).any():
        if not _build_best(year, steel, missing, "the country's own gap"):
            break
    while year.balances.world_gap() >= LOT / 2:
        if not _build_best(year, steel, industrial, "the world's gap"):
            break
    if year.balances.metallics() < 0:
        iron = _projects(year, steel=False)
        while year.balances.metallics() < 0:
            if not _build_best(year, iron, industrial, "iron and scrap fall short of the need"):
                break


def wanted_share(year: Year, self_sufficiency: Floats) -> Floats:
    """Share of its own demand that each country wants to make (c,)."""
    wanted = year.inputs.scenario.decisions.self_sufficiency
    return np.asarray(wanted * np.clip(self_sufficiency, LEAST_SELF_SUFFICIENCY, 1.0))


def first_self_sufficiency(year: Year, known: Floats) -> Floats:
    """Own supply over own demand in the first year (c,), from this year's books where it is the first."""
    inputs, fleet = year.inputs, year.fleet
    is_steel = inputs.technologies.is_steel[fleet.technology]
    made = np.bincount(fleet.country, weights=np.where(is_steel, year.books.production, 0.0), minlength=len(known))
    demand = inputs.conditions.demand[inputs.conditions.at(year.year)]
    present = np.divide(made, demand, out=np.ones_like(made), where=demand > 0)
    return np.where(np.isnan(known), present, known)


def _projects(year: Year, *, steel: bool) -> Projects:
    """What could be built: `standing_lines` in every country."""
    finance, line, capex = year.inputs.scenario.finance, standing_lines(year, steel=steel), line_capex(year)
    country = np.arange(len(year.inputs.countries))[None, :]
    first, last = finance.construction, finance.construction + finance.life - 1
    granted = grants(year, line, country)
    net = capex[line] - (granted[0] + granted[1])
    cost = net * year.outlook.new[None, :] - relieved(year, line, country, granted)
    npv = year.outlook.value(line[:, None], country, first, last) - cost
    weight = year.outlook.exposure(line[:, None], country, first, last)
    return Projects(
        line=line,
        npv=npv,
        noise=np.zeros(npv.shape),
        drawn=np.zeros(npv.shape[1], dtype=bool),
        weight=weight,
        capex=net,
        granted=granted,
        open=np.ones(npv.shape, dtype=bool),
        refused=np.full(npv.shape, "", dtype=object),
        asked=np.full(npv.shape, np.nan),
        left=np.full(npv.shape, np.nan),
    )


def standing_lines(year: Year, *, steel: bool) -> Ints:
    """Whole routes to steel that stand on their own feet, or routes to iron alone (n,)."""
    lines = year.lines
    whole = np.arange(len(lines)) < len(year.inputs.routes.names)
    fed = (lines.iron >= 0) | ~_needs_hot_metal(year)[lines.steel]
    return np.flatnonzero(whole & (lines.steel >= 0) & fed if steel else whole & (lines.steel < 0) & (lines.iron >= 0))


def line_capex(year: Year) -> Floats:
    """What a tonne of yearly capacity of each line costs now in each country (v, c) USD."""
    lines, y = year.lines, year.inputs.conditions.at(year.year)
    capex = year.inputs.technologies.capex[y]
    iron = np.where(lines.iron >= 0, capex[lines.iron] * lines.iron_rate, 0.0)
    whole = iron + np.where(lines.steel >= 0, capex[lines.steel], 0.0)
    return np.asarray(whole[:, None] * year.inputs.conditions.building[y])


def grants(year: Year, line: Ints, country: Ints) -> tuple[Floats, Floats]:
    """Public money towards the ironmaking and the steelmaking of lines (v, c) USD per t of the line's product."""
    lines, support, y = year.lines, year.inputs.support, year.inputs.conditions.at(year.year)
    capex, local = year.inputs.technologies.capex[y], year.inputs.conditions.building[y, country]
    iron, steel, rate = lines.iron[line][:, None], lines.steel[line][:, None], lines.iron_rate[line][:, None]
    return (
        np.where(iron >= 0, rate * support.capex.of(local * capex[iron], y, iron, country), 0.0),
        np.where(steel >= 0, support.capex.of(local * capex[steel], y, steel, country), 0.0),
    )


def relieved(year: Year, line: Ints, country: Ints, granted: tuple[Floats, Floats]) -> Floats:
    """Worth of supported interest (v, c) USD per t of the line's product."""
    lines, y = year.lines, year.inputs.conditions.at(year.year)
    capex, local = year.inputs.technologies.capex[y], year.inputs.conditions.building[y, country]
    iron, steel, rate = lines.iron[line][:, None], lines.steel[line][:, None], lines.iron_rate[line][:, None]
    relief = year.outlook.relief[0]
    first = np.where(iron >= 0, (local * rate * capex[iron] - granted[0]) * relief[iron, country], 0.0)
    second = np.where(steel >= 0, (local * capex[steel] - granted[1]) * relief[steel, country], 0.0)
    return np.asarray(first + second)


def _draw(year: Year, projects: Projects, where: Bools) -> None:
    """Draw the logit noise of the projects that could be chosen in the countries that have none yet."""
    reach, new = year.noise_reach, where & ~projects.drawn
    if not reach or not new.any():
        return
    best = projects.npv.max(axis=0, initial=-np.inf)
    rows, columns = np.nonzero((projects.npv > -reach) & (projects.npv >= best[None, :] - reach) & new[None, :])
    line = projects.line[rows]
    names = [f"{year.inputs.countries[c]}|{year.lines.name[v]}" for v, c in zip(line, columns, strict=True)]
    projects.noise[rows, columns] = year.noise("expansion", names)
    projects.drawn |= new


def _needs_hot_metal(year: Year) -> Bools:
    """Steelmaking whose charge rules demand metal from ironmaking (t,)."""
    inputs = year.inputs
    y = inputs.conditions.at(year.year)
    hot = np.array([kind == "hot" for kind in inputs.commodities.kind])
    out = np.zeros(len(inputs.technologies.names), dtype=bool)
    for rule in inputs.charge_rules:
        out[rule.technology] |= bool(rule.minimum[y] > 0 and (rule.members & hot).any())
    return out


def _build_best(year: Year, projects: Projects, where: Bools, gap: str) -> bool:
    """Build one lot of the best project that is allowed; False if there is none."""
    tightness = year.balances.tightness()
    _draw(year, projects, where)
    while True:
        npv = projects.npv + tightness * projects.weight
        allowed = projects.open & where[None, :] & (npv > 0)
        choice = np.where(allowed, (npv + projects.noise) / np.maximum(projects.capex, LEAST_COST), -np.inf)
        if not np.isfinite(choice).any():
            return False
        v, c = (int(n) for n in np.unravel_index(np.argmax(choice), choice.shape))
        refusal = year.limits.ask(_proposal(year, int(projects.line[v]), c))
        if not refusal:
            granted = tuple(float(part[v, c]) * LOT for part in projects.granted)
            name = _found(year, int(projects.line[v]), c, float(npv[v, c]), float(projects.capex[v, c]), granted, gap)
            _list_rivals(year, projects, c, tightness, name)
            return True
        if refusal == BUILD_OUT:
            refused = np.ones(choice.shape, dtype=bool)
        else:
            refused = np.zeros(choice.shape, dtype=bool)
            everywhere = refusal in (WINDOW, METALLICS) or refusal.startswith("growth")
            refused[slice(None) if refusal == COUNTRY else v, slice(None) if everywhere else c] = True
        projects.refused[refused & projects.open] = refusal
        for column, value in zip((projects.asked, projects.left), year.limits.shortfall, strict=True):
            column[refused & projects.open] = value
        projects.open[refused] = False


def _list_rivals(year: Year, projects: Projects, country: int, tightness: float, name: str) -> None:
    """Write what else could have been built there into the journal, at the NPVs on which the choice was made."""
    weight = projects.weight[:, country]
    npv = projects.npv[:, country] + tightness * weight
    draw = np.where(projects.noise[:, country] != 0, projects.noise[:, country], np.nan)
    nothing = np.full(len(npv), np.nan)
    judged = np.column_stack([draw, nothing, projects.asked[:, country], projects.left[:, country]])
    explain_project(year, name, projects.line, country, (npv, tightness * weight, projects.capex[:, country]), judged)
    for v, line in enumerate(projects.line):
        entry = (year.year, name, year.lines.name[line], float(npv[v]), str(projects.refused[v, country]))
        year.journal.candidates.append(entry)


def lot_of(year: Year, line: int) -> list[tuple[int, float]]:
    """Technologies and capacities in t/yr of one lot of a line."""
    lines = year.lines
    parts = [(int(lines.iron[line]), LOT * float(lines.iron_rate[line]))] if lines.iron[line] >= 0 else []
    return parts + ([(int(lines.steel[line]), LOT)] if lines.steel[line] >= 0 else [])


def _proposal(year: Year, line: int, country: int) -> Proposal:
    steel = LOT if year.lines.steel[line] >= 0 else 0.0
    return Proposal(
        country=country,
        new=tuple(lot_of(year, line)),
        steel_built=steel,
        expansion=True,
        scrap=bool(year.lines.scrap[line]),
    )


def _found(year: Year, line: int, country: int, npv: float, capex: float, granted: tuple[float, ...], gap: str) -> str:
    """Add the groups of a lot, at a plant of the technology or on a new site; returns the id of the last one."""
    owner, plant = f"Expansion {year.inputs.countries[country]}", _plant(year, lot_of(year, line), country)
    reason = f"{gap}: {year.lines.name[line]} has the best NPV per dollar among the routes that the limits allow"
    return build(year, line, country, Founding(plant, owner, "expand", npv, capex * LOT, granted, reason))


@dataclass(frozen=True, slots=True)
class Founding:
    """A lot on its way into the fleet and the journal."""

    plant: str
    owner: str
    decision: str
    npv: float  # USD per t of capacity
    investment: float  # USD, net of grants
    granted: tuple[float, ...]  # USD towards ironmaking and steelmaking
    reason: str


def build(year: Year, line: int, country: int, founding: Founding) -> str:
    """Add the groups of a lot to the fleet, with their debt, and write it down; returns the id of the last one."""
    groups, finance = lot_of(year, line), year.inputs.scenario.finance
    debt = year.ledger.invest(founding.owner, founding.investment)
    y = year.inputs.conditions.at(year.year)
    capex_now = year.inputs.conditions.building[y, country] * year.inputs.technologies.capex[y]
    cost = np.array([capex_now[technology] * capacity for technology, capacity in groups])
    paid = founding.granted if len(groups) == 2 else (sum(founding.granted),)
    for (technology, _), part in zip(groups, paid, strict=True):
        year.ledger.grant(technology, country, CAPEX, part)
    cost -= paid
    share = cost / cost.sum() if cost.sum() > 0 else np.full(len(groups), 1.0 / len(groups))
    name = ""
    for (technology, capacity), part in zip(groups, share, strict=True):
        own = debt * float(part)
        name = year.ledger.add(
            *(founding.plant, technology, country, founding.owner, capacity),
            debt=own,
            repayment=own / finance.life,
            synthetic=True,
        )
    place = (year.year, name, founding.plant, year.inputs.countries[country], founding.owner)
    worth = (LOT, founding.npv, founding.npv, founding.investment, year.opening, founding.reason)
    year.journal.decisions.append((*place, founding.decision, "", year.lines.name[line], *worth))
    return name


def _plant(year: Year, groups: list[tuple[int, float]], country: int) -> str:
    """A lone technology joins the largest plant that still takes it; iron with steel gets a site of its own."""
    new, fleet = f"NEW-{year.inputs.countries[country]}-{year.opening}", year.fleet
    if len(groups) > 1:
        return new
    technology, lot = groups[0]
    alive = (fleet.country == country) & (fleet.technology == technology) & (fleet.retires > year.year)
    plants, of_plant = np.unique(fleet.plant[alive].astype(str), return_inverse=True)
    size = np.bincount(of_plant, weights=fleet.capacity[alive], minlength=len(plants))
    room = np.flatnonzero(size + lot <= LARGEST_SITE)
    return str(plants[room[np.argmax(size[room])]]) if len(room) else new
