"""Projects at sites with power and hydrogen of their own: considered, announced, under construction.

Each year the sites whose energy and haulage are cheapest are looked at, for steel and for iron. The best route of each
that is worth its cost becomes a project, which is then followed: its NPV is taken anew every year. When it has been
positive in all the years of consideration the project is announced, with a certain chance a year; when it has been
negative in all of them it is dropped. The building of an announced project starts, again with a chance, if it is still
worth its cost, if the world needs it (unless the scenario says that this does not matter) and if the limits allow it.
Then it is a plant like others, but for what its energy costs (`siting/sites.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from steeliq.simulation.agents.expansion import (
    LEAST_COST,
    LOT,
    Founding,
    build,
    grants,
    line_capex,
    lot_of,
    relieved,
    standing_lines,
    wanted_share,
)
from steeliq.simulation.agents.finance import discount_factors
from steeliq.simulation.agents.limits import BAN, WINDOW, Proposal, unavoidable_use
from steeliq.simulation.agents.reasons import explain_project
from steeliq.simulation.agents.year import Year
from steeliq.simulation.arrays import Bools, Floats, Ints, Labels
from steeliq.simulation.draws import uniform
from steeliq.simulation.siting.ranking import IRON, STEEL, chosen, yardstick
from steeliq.simulation.siting.sites import Sites
from steeliq.simulation.state import Prospects

CONSIDERED, ANNOUNCED, DROPPED, WORTHLESS, UNNEEDED, NO_LAND = (
    *("considered", "announced", "dropped", "not worth its cost", "not needed yet", "no land left at the site"),
)


@dataclass(slots=True)
class Project:
    """One route at one site."""

    site: int
    line: int
    since: int
    announced: int = 0
    npv: list[float] = field(default_factory=list)  # the latest last


@dataclass(frozen=True, slots=True)
class Worth:
    """NPV to equity of a lot of every line at every site, USD per t of capacity."""

    npv: Floats  # (v, s) without tightness
    weight: Floats  # (v, s) per USD/t of expected extra price
    capex: Floats  # (v, s) net of grants
    granted: tuple[Floats, Floats]  # (v, s) of which towards ironmaking and steelmaking
    dearer: Floats  # (v, s) what energy costs over the plant's life beyond what others in the country pay
    spared: Floats  # (v, s) what it does not pay of the carbon price on grid power, over its life
    land: Floats  # (v, s) km2 that a lot takes for its own power
    left: Floats  # (s,) km2 that is left at the site; goes down with every plant
    railway: Floats  # (s,) USD per t in npv and capex for a line to the railway, until somebody has paid it

    def of(self, project: Project, tightness: float) -> float:
        """NPV under the present tightness."""
        at = project.line, project.site
        return float(self.npv[at] + tightness * self.weight[at])

    def price(self, project: Project) -> float:
        """What its worth is held against: CAPEX net of grants, never nothing."""
        return max(float(self.capex[project.line, project.site]), LEAST_COST)


def found(year: Year, before: Prospects, self_sufficiency: Floats) -> Prospects:
    """Start what is due, follow what is considered, take up what is new; returns the projects that remain."""
    sites = year.inputs.sites
    if sites is None:
        return before
    worth, tightness = _worth(year, sites), year.balances.tightness()
    projects = _projects(year, before)
    for project in projects:
        project.npv = [*project.npv, worth.of(project, tightness)][-year.inputs.scenario.siting.consideration :]
    known = {(project.site, project.line) for project in projects}
    projects = _start(year, sites, worth, projects, wanted_share(year, self_sufficiency))
    projects = _announce(year, sites, projects)
    projects += _take_up(year, sites, worth, known, tightness)
    return _prospects(year, projects)


def _projects(year: Year, before: Prospects) -> list[Project]:
    """The remembered projects; a route names its whole line."""
    return [
        Project(
            site=int(before.site[n]),
            line=year.inputs.routes.names.index(str(before.route[n])),
            since=int(before.since[n]),
            announced=int(before.announced[n]),
            npv=[float(value) for value in before.npv[n] if not np.isnan(value)],
        )
        for n in range(len(before.site))
    ]


def _prospects(year: Year, projects: list[Project]) -> Prospects:
    projects = sorted(projects, key=lambda project: (project.site, project.line))
    span = year.inputs.scenario.siting.consideration
    npv = np.full((len(projects), span), np.nan)
    for n, project in enumerate(projects):
        npv[n, span - len(project.npv) :] = project.npv
    return Prospects(
        site=np.array([project.site for project in projects], dtype=np.int64),
        route=np.array([year.lines.name[project.line] for project in projects], dtype=object),
        since=np.array([project.since for project in projects], dtype=np.int64),
        announced=np.array([project.announced for project in projects], dtype=np.int64),
        npv=npv,
    )


def _worth(year: Year, sites: Sites) -> Worth:
    """The outlook of the site's country, with the site's own cost of power and hydrogen over the life of the plant."""
    inputs, lines, outlook, finance = year.inputs, year.lines, year.outlook, year.inputs.scenario.finance
    first, last = finance.construction, finance.construction + finance.life - 1
    line, country = np.arange(len(lines))[:, None], sites.country[None, :]
    place = np.arange(len(sites.names))
    decided = np.full(len(place), sites.row(year.year))
    discount = discount_factors(inputs.conditions.cost_of_equity[sites.country], last + 1)
    power, gas, carbon = (np.zeros(len(place)) for _ in range(3))
    for ahead in range(first, last + 1):
        energy = sites.energy_at(place, decided, year.year + ahead)
        power += discount[:, ahead] * energy.power
        gas += discount[:, ahead] * energy.hydrogen
        carbon += discount[:, ahead] * energy.carbon
    bill = lines.weight @ np.maximum(inputs.recipes.bill, 0.0)
    takes = (bill[:, inputs.commodities.index(name)] for name in ("electricity", "hydrogen"))
    dearer = sum(np.outer(amount, extra) for amount, extra in zip(takes, (power, gas), strict=True))
    granted = grants(year, line[:, 0], country)
    capex = line_capex(year)[:, sites.country] - (granted[0] + granted[1])
    railway = np.where(_built_on(year, sites), 0.0, sites.ground.railway / LOT)
    capex = capex + railway
    cost = capex * outlook.new[sites.country] - relieved(year, line[:, 0], country, granted)
    npv = outlook.value(line, country, first, last) - cost
    extra = outlook.use[:, sites.country] * dearer
    spared = outlook.use[:, sites.country] * np.outer(lines.weight @ inputs.recipes.electricity, carbon)
    land, left = _land(year, sites)
    return Worth(
        npv=npv - extra + spared,
        weight=outlook.exposure(line, country, first, last),
        capex=capex,
        granted=granted,
        dearer=extra,
        spared=spared,
        land=land,
        left=left,
        railway=railway,
    )


def _built_on(year: Year, sites: Sites) -> Bools:
    """Sites (s,) at which a plant stands or is being built."""
    site, _ = sites.site_of(year.fleet.plant)
    return np.isin(np.arange(len(sites.names)), site[year.fleet.retires > year.year])


def _land(year: Year, sites: Sites) -> tuple[Floats, Floats]:
    """Land that a lot of each line would take at each site for its own power (v, s), and what is left there (s,) km2.

    A technology's least need of power and hydrogen counts. Nothing is counted where no land is known.
    """
    land, place = np.zeros((len(year.lines), len(sites.names))), np.arange(len(sites.names))
    if np.isinf(sites.ground.land).all():
        return land, sites.ground.land.copy()
    power, gas = (
        unavoidable_use(year.inputs, year.inputs.commodities.index(name)) for name in ("electricity", "hydrogen")
    )
    decided = np.full(len(place), sites.row(year.year))
    for line in range(len(year.lines)):
        for t, capacity in lot_of(year, line):
            energy = capacity * sites.own_use(power[t], gas[t], place, decided)
            land[line] += sites.ground.taken(energy, decided, place)
    fleet = year.fleet
    site, decided = sites.site_of(fleet.plant)
    of = np.flatnonzero((site >= 0) & (fleet.retires > year.year))
    site, decided, technology = site[of], decided[of], fleet.technology[of]
    energy = fleet.capacity[of] * sites.own_use(power[technology], gas[technology], site, decided)
    taken = np.bincount(site, weights=sites.ground.taken(energy, decided, site), minlength=len(place))
    return land, sites.ground.land - taken


def _name(year: Year, sites: Sites, project: Project) -> str:
    return f"{sites.names[project.site]}|{year.lines.name[project.line]}"


def _happens(year: Year, sites: Sites, project: Project, what: str, chance: float) -> bool:
    """A keyed draw; certain in deterministic mode."""
    scenario = year.inputs.scenario
    if scenario.decisions.mode == "deterministic":
        return True
    return float(uniform(scenario.seed, year.year, what, [_name(year, sites, project)])[0]) <= chance


def _follow(year: Year, sites: Sites, project: Project, status: str) -> None:
    """Write the project's NPV of the year and what became of it into the journal."""
    entry = (year.year, f"SITE-{sites.names[project.site]}", year.lines.name[project.line], project.npv[-1], status)
    year.journal.candidates.append(entry)


def _start(year: Year, sites: Sites, worth: Worth, projects: list[Project], share: Floats) -> list[Project]:
    """Begin to build announced projects, the best per dollar first; returns those that remain."""
    due = [project for project in projects if project.announced]
    noise = year.noise("found", [_name(year, sites, project) for project in due])
    order = sorted(
        range(len(due)),
        key=lambda n: (-(due[n].npv[-1] + float(noise[n])) / worth.price(due[n]), due[n].site, due[n].line),
    )
    built: list[Project] = []
    for n in order:
        project, draw = due[n], float(noise[n]) or np.nan
        refusal = _refusal(year, sites, worth, project, share)
        if refusal:
            _follow(year, sites, project, refusal)
            if refusal not in (WORTHLESS, UNNEEDED, ANNOUNCED, NO_LAND):
                _explain_refusal(year, sites, worth, project, draw)
        else:
            _build(year, sites, worth, project, draw)
            built.append(project)
    return [project for project in projects if project not in built]


def _refusal(year: Year, sites: Sites, worth: Worth, project: Project, share: Floats) -> str:
    """Why the building does not start this year; nothing if it does, and then the limits are used."""
    settings, steel = year.inputs.scenario.siting, year.lines.steel[project.line] >= 0
    if worth.of(project, year.balances.tightness()) <= 0:
        return WORTHLESS
    if steel:
        gap = max(year.balances.world_gap(), float(year.balances.country_gaps(share)[sites.country[project.site]]))
        needed = gap >= LOT / 2
    else:
        needed = year.balances.metallics() < 0
    if settings.only_needed and not needed:
        return UNNEEDED
    if not _happens(year, sites, project, "start", settings.starting):
        return ANNOUNCED
    if worth.land[project.line, project.site] > worth.left[project.site]:
        return NO_LAND
    return year.limits.ask(
        Proposal(
            country=int(sites.country[project.site]),
            new=tuple(lot_of(year, project.line)),
            steel_founded=LOT if steel else 0.0,
            iron_founded=0.0 if steel else LOT,
            scrap=bool(year.lines.scrap[project.line]),
        )
    )


def _explain_refusal(year: Year, sites: Sites, worth: Worth, project: Project, draw: float) -> None:
    """Write what a project is worth and what the limit that refused it had left."""
    line, site = np.array([project.line]), project.site
    capex, energy = worth.capex[line, site], (worth.dearer[line, site], worth.spared[line, site])
    npv = np.array([project.npv[-1]])
    judged = np.array([[draw, np.nan, *year.limits.shortfall]])
    amounts = (npv, npv - worth.npv[line, site], capex)
    explain_project(year, f"SITE-{sites.names[site]}", line, int(sites.country[site]), amounts, judged, energy)


def _list_rivals(
    year: Year, sites: Sites, worth: Worth, project: Project, name: str, tightness: float, draw: float
) -> None:
    """Write what else could stand at the site into the journal, at the NPVs at which it was built."""
    site, country = project.site, int(sites.country[project.site])
    line = standing_lines(year, steel=bool(year.lines.steel[project.line] >= 0))
    extra = tightness * worth.weight[line, site]
    npv = worth.npv[line, site] + extra
    judged = np.full((len(line), 4), np.nan)
    judged[line == project.line, 0] = draw
    explain_project(
        *(year, name, line, country, (npv, extra, worth.capex[line, site]), judged),
        energy=(worth.dearer[line, site], worth.spared[line, site]),
    )
    refused = _barred(year, line, np.array([country]))[:, 0]
    for v, value, barred in zip(line, npv, refused, strict=True):
        year.journal.candidates.append((year.year, name, year.lines.name[v], float(value), str(barred)))


def _build(year: Year, sites: Sites, worth: Worth, project: Project, draw: float) -> None:
    country = int(sites.country[project.site])
    power, gas = float(sites.power(year.year)[project.site]), float(sites.gas(year.year)[project.site])
    reason = (
        f"taken up in {project.since}, announced in {project.announced}, still worth its cost; "
        f"at {sites.titles[project.site]} power costs {power:.0f} USD/MWh and hydrogen {gas:.2f} USD/kg"
    )
    tightness, at = year.balances.tightness(), (project.line, project.site)
    worth.left[project.site] -= worth.land[at]
    paid = float(worth.railway[project.site])
    worth.railway[project.site] = 0.0
    _follow(year, sites, project, "")
    founding = Founding(
        plant=sites.plant(project.site, year.opening),
        owner=f"New sites {year.inputs.countries[country]}",
        decision="found",
        npv=worth.of(project, tightness),
        investment=float(worth.capex[at]) * LOT,
        granted=tuple(float(part[at]) * LOT for part in worth.granted),
        reason=reason,
    )
    name = build(year, project.line, country, founding)
    _list_rivals(year, sites, worth, project, name, tightness, draw)
    worth.capex[:, project.site] -= paid  # whoever builds there next finds the line
    worth.npv[:, project.site] += paid * year.outlook.new[country]


def _announce(year: Year, sites: Sites, projects: list[Project]) -> list[Project]:
    """Announce what has proved its worth, drop what has proved worthless; returns those that remain."""
    settings = year.inputs.scenario.siting
    stay = []
    for project in projects:
        proved = len(project.npv) >= settings.consideration
        if proved and max(project.npv) <= 0:
            if not project.announced:  # what became of the others this year is written down already
                _follow(year, sites, project, DROPPED)
            continue
        stay.append(project)
        if not project.announced:
            if proved and min(project.npv) > 0 and _happens(year, sites, project, "announce", settings.announcing):
                project.announced = year.year
            _follow(year, sites, project, ANNOUNCED if project.announced else CONSIDERED)
    return stay


def _take_up(year: Year, sites: Sites, worth: Worth, known: set[tuple[int, int]], tightness: float) -> list[Project]:
    """New projects: at each of the cheapest sites its best route, as far as it is worth its cost and not known."""
    settings = year.inputs.scenario.siting
    out = []
    for steel, needs in ((True, STEEL), (False, IRON)):
        cost = yardstick(
            *(needs, sites.power(year.year) + sites.carbon(year.year), sites.gas(year.year)),
            *(sites.feed(steel=steel), sites.market, sites.freight),
        )
        cost = np.where(sites.ground.steep, np.inf, cost)
        lines = standing_lines(year, steel=steel)
        places = chosen(cost, sites.country, settings.candidates, settings.per_country)
        npv = worth.npv[np.ix_(lines, places)] + tightness * worth.weight[np.ix_(lines, places)]
        npv = np.where(_barred(year, lines, sites.country[places]) == "", npv, -np.inf)
        npv = np.where(worth.land[np.ix_(lines, places)] <= worth.left[places], npv, -np.inf)
        if not npv.size:
            continue
        best = np.argmax(npv / np.maximum(worth.capex[np.ix_(lines, places)], LEAST_COST), axis=0)
        new = [
            Project(int(place), int(lines[best[n]]), year.year, npv=[float(npv[best[n], n])])
            for n, place in enumerate(places)
            if npv[best[n], n] > 0 and (int(place), int(lines[best[n]])) not in known
        ]
        new.sort(key=lambda project: (-project.npv[-1] / worth.price(project), project.site))
        out += new[: settings.projects]
    for project in out:
        _follow(year, sites, project, CONSIDERED)
    return out


def _barred(year: Year, lines: Ints, country: Ints) -> Labels:
    """Why lines may not be built in countries (n, s): banned there now, or not to be had by then; else nothing."""
    technologies = year.inputs.technologies
    by = year.opening + year.inputs.scenario.siting.consideration + 1
    closed = (technologies.available_from > by) | (year.year > technologies.available_to)
    banned = technologies.banned[year.inputs.conditions.at(year.year)]  # (t, c)
    out = np.full((len(lines), len(country)), "", dtype=object)
    for part in (year.lines.iron[lines], year.lines.steel[lines]):
        out[(part >= 0)[:, None] & banned[np.ix_(part, country)]] = BAN
        out[(part >= 0) & closed[part]] = WINDOW
    return out
