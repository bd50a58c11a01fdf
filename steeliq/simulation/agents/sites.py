"""Which furnace groups decide together: integrated sites of hot-linked iron and steel, everything else alone.

Converters cannot work without hot metal, so a blast furnace and the converter tonnes that it feeds share one fate:
deciding apart strands the converters. Converter capacity is shared over the linked iron units by their capacity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.agents.lines import Lines, cold_equivalents
from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.state import NEVER, Fleet


@dataclass(frozen=True, slots=True)
class Sites:
    """One row per deciding unit s, in the order of the fleet's ids.

    Of an integrated site ``row`` is the iron unit and the steel part are the tonnes in ``link_*`` (one entry per
    converter). Capacities are t/yr.
    """

    row: Ints  # (s,) fleet row that decides
    country: Ints  # (s,)
    line: Ints  # (s,) what it runs today
    integrated: Bools  # (s,)
    iron: Floats  # (s,) iron capacity
    steel: Floats  # (s,) steel capacity, matched tonnes of an integrated site
    fed: Floats  # (s,) steel capacity that the site's own iron can feed
    surplus: Floats  # (s,) iron capacity beyond that, sold cold
    link_site: Ints  # (l,) sorted
    link_row: Ints  # (l,) fleet row of the converter
    link_tonnes: Floats  # (l,)

    def __len__(self) -> int:
        return len(self.row)

    @property
    def size(self) -> Floats:
        """Tonnes a year that NPVs per tonne refer to: steel fed by the site, and surplus iron (s,)."""
        return self.fed + self.surplus

    def converters(self, site: int) -> tuple[Ints, Floats]:
        """Fleet rows and matched tonnes of a site's steel part; empty if it stands alone."""
        start, end = np.searchsorted(self.link_site, [site, site + 1])
        return self.link_row[start:end], self.link_tonnes[start:end]

    def with_links(self, own: Floats, fleet: Fleet) -> Floats:
        """A column of the fleet summed over each site, converters by the matched share of their capacity (s,)."""
        share = self.link_tonnes / fleet.capacity[self.link_row]
        linked = np.bincount(self.link_site, weights=own[self.link_row] * share, minlength=len(self.row))
        return np.asarray(own[self.row] + linked)


def find_sites(inputs: Inputs, lines: Lines, fleet: Fleet, books: Books, year: int) -> Sites:
    """Deciding units among the groups whose end is not yet decided; ``fleet`` is sorted by id."""
    undecided = np.flatnonzero(fleet.retires == NEVER)
    whole = _whole_lines(lines)
    links = _links(inputs, fleet, undecided, whole, year) if inputs.scenario.decisions.unit == "site" else []
    tonnes = _matched(fleet, links)
    linked_iron = np.unique(np.array([iron for iron, _ in links], dtype=np.int64))
    linked_steel = np.unique(np.array([steel for _, steel in links], dtype=np.int64))
    line = _lines_alone(inputs, lines, fleet, books)
    for iron, pair in _main_pairs(fleet, links, tonnes).items():
        line[iron] = whole[pair]
    row = undecided[(line[undecided] >= 0) & ~np.isin(undecided, linked_steel)]
    integrated = np.isin(row, linked_iron)
    site_of = np.full(len(fleet), -1)
    site_of[row] = np.arange(len(row))
    link_site = np.array([site_of[iron] for iron, _ in links], dtype=np.int64)
    matched = np.bincount(link_site, weights=tonnes, minlength=len(row))
    is_steel = inputs.technologies.is_steel[fleet.technology[row]]
    capacity = fleet.capacity[row]
    iron_capacity = np.where(is_steel, 0.0, capacity)
    steel_capacity = np.where(is_steel, capacity, matched)
    rate = np.where(integrated, lines.iron_rate[line[row]], 1.0)
    feeds = np.where(is_steel, capacity, iron_capacity / rate)
    return Sites(
        row=row,
        country=fleet.country[row],
        line=line[row],
        integrated=integrated,
        iron=iron_capacity,
        steel=steel_capacity,
        fed=np.where(integrated, np.minimum(matched, feeds), capacity),
        surplus=np.where(integrated, np.maximum(iron_capacity - rate * matched, 0.0), 0.0),
        link_site=link_site,
        link_row=np.array([steel for _, steel in links], dtype=np.int64),
        link_tonnes=tonnes,
    )


def _whole_lines(lines: Lines) -> dict[tuple[int, int], int]:
    """The whole route of each pair of iron and steel technologies, the first by name."""
    pairs = [(int(i), int(s)) for i, s in zip(lines.iron, lines.steel, strict=True)]
    return {pair: v for v, pair in reversed(list(enumerate(pairs))) if min(pair) >= 0}


def _links(
    inputs: Inputs, fleet: Fleet, undecided: Ints, whole: dict[tuple[int, int], int], year: int
) -> list[tuple[int, int]]:
    """(iron row, steel row) of every hot link to a steel group that needs the hot product, sorted."""
    needs, product = _needs(inputs, year), inputs.technologies.product
    pairs = {(iron, steel) for iron, steel in whole if needs[steel, product[iron]]}
    sending, taking = {iron for iron, _ in pairs}, {steel for _, steel in pairs}
    technology, plant, rows = fleet.technology.tolist(), fleet.plant.tolist(), undecided.tolist()
    receiving: dict[str, list[int]] = {}
    for row in rows:
        if technology[row] in taking:
            receiving.setdefault(plant[row], []).append(row)
    reach: dict[str, list[str]] = {}
    for iron_plant, steel_plant in inputs.hot_links:
        reach.setdefault(iron_plant, []).append(steel_plant)
    out: list[tuple[int, int]] = []
    for row in rows:
        if technology[row] in sending:
            for place in dict.fromkeys([plant[row], *reach.get(plant[row], [])]):
                partners = receiving.get(place, [])
                out += [(row, steel) for steel in partners if (technology[row], technology[steel]) in pairs]
    return sorted(out)


def _needs(inputs: Inputs, year: int) -> Bools:
    """(t, k) a charge rule demands a least share of a group with this hot commodity, and an option takes it."""
    y = inputs.conditions.at(year)
    recipes = inputs.recipes
    hot = np.array([kind == "hot" for kind in inputs.commodities.kind])
    out = np.zeros((len(inputs.technologies.names), len(hot)), dtype=bool)
    for rule in inputs.charge_rules:
        if rule.minimum[y] > 0:
            takes = (recipes.charge_by_commodity[recipes.technology == rule.technology] > 0).any(axis=0)
            out[rule.technology] |= rule.members & hot & takes
    return out


def _matched(fleet: Fleet, links: list[tuple[int, int]]) -> Floats:
    """Converter tonnes of each link: the converter's capacity shared over its iron units by their capacity (l,)."""
    if not links:
        return np.zeros(0)
    iron, steel = np.array(links, dtype=np.int64).T
    feeding = np.bincount(steel, weights=fleet.capacity[iron], minlength=len(fleet))
    return np.asarray(fleet.capacity[steel] * fleet.capacity[iron] / feeding[steel])


def _main_pairs(fleet: Fleet, links: list[tuple[int, int]], tonnes: Floats) -> dict[int, tuple[int, int]]:
    """Technologies of each linked iron unit and of the steelmaking that takes most of its metal."""
    taken: dict[int, dict[int, float]] = {}
    for (iron, steel), amount in zip(links, tonnes, strict=True):
        by_technology = taken.setdefault(iron, {})
        technology = int(fleet.technology[steel])
        by_technology[technology] = by_technology.get(technology, 0.0) + float(amount)
    return {
        iron: (int(fleet.technology[iron]), min(amounts, key=lambda technology: (-amounts[technology], technology)))
        for iron, amounts in taken.items()
    }


def _lines_alone(inputs: Inputs, lines: Lines, fleet: Fleet, books: Books) -> Ints:
    """What each group runs if it stands alone (f,): iron for sale, or the steel line nearest to this year's charge.

    -1 for technologies without any route: their groups take no decisions.
    """
    out = np.full(len(fleet), -1)
    charged = cold_equivalents(inputs, books.by_option @ inputs.recipes.charge_by_commodity)
    total = charged.sum(axis=1, keepdims=True)
    mix = np.divide(charged, total, out=np.zeros_like(charged), where=total > 0)
    for t in range(len(inputs.technologies.names)):
        rows = np.flatnonzero(fleet.technology == t)
        kind = (
            (lines.steel == t) & (lines.iron < 0)
            if inputs.technologies.is_steel[t]
            else (lines.iron == t) & (lines.steel < 0)
        )
        options = np.flatnonzero(kind)
        if len(rows) and len(options):
            distance = np.abs(mix[rows, None, :] - lines.mix[None, options, :]).sum(axis=2)
            out[rows] = options[np.argmin(np.round(distance, 9), axis=1)]
    return out
