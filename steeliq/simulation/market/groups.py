"""Dispatch groups: furnace groups that cannot be told apart in a year are one column block of the dispatch.

Same country and technology, and no hot partner at or near their site: one group, its output shared by capacity. That
is exact and takes most ties out of the linear programme. A furnace group with a hot partner keeps its plant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Bools, Floats, Ints, Labels
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.keys import Keys, keys_of, mixed
from steeliq.simulation.state import Fleet


@dataclass(frozen=True, slots=True)
class Groups:
    """Dispatch groups of one year, sorted by place and technology."""

    place: Labels  # (g,) plant id, or country code of a pooled group
    country: Ints  # (g,)
    technology: Ints  # (g,)
    capacity: Floats  # (g,) t/yr available: nameplate x technology's and country's availability
    keys: Keys  # (g,)
    of_fleet: Ints  # (f,) group of each furnace group, -1 if it does not operate
    share: Floats  # (f,) its share of the group's capacity
    link_from: Ints  # (l,) group that makes a hot commodity
    link_to: Ints  # (l,) group that can use it
    link_commodity: Ints  # (l,)

    def __len__(self) -> int:
        return len(self.place)

    def to_fleet(self, by_group: Floats) -> Floats:
        """What each furnace group's dispatch group has (g, ...) -> (f, ...); 0 where nothing operates."""
        nothing = np.zeros((1, *by_group.shape[1:]))
        return np.concatenate([by_group, nothing])[self.of_fleet]


def groups_of(inputs: Inputs, fleet: Fleet, year: int) -> Groups:
    """Group the operating furnace groups of a year."""
    count = len(inputs.technologies.names)
    operating = fleet.operating(year) & (fleet.capacity > 0)
    rows = np.flatnonzero(operating)
    plants, plant = np.unique(fleet.plant[rows].astype(str), return_inverse=True)
    technology = fleet.technology[rows]
    has = np.zeros((len(plants), count), dtype=bool)
    has[plant, technology] = True
    pairs = _hot_pairs(inputs, plants, has)
    separate = np.zeros((len(plants), count), dtype=bool)
    for (iron, steel, _), makers, users in pairs:
        separate[iron] |= makers
        separate[steel] |= users
    if inputs.sites:
        separate[inputs.sites.site_of(plants)[0] >= 0] = True  # energy has a price of its own there
    place = np.where(separate[plant, technology], plant, len(plants) + fleet.country[rows])
    codes, group = np.unique(place * count + technology, return_inverse=True)
    at, tech = codes // count, codes % count
    labels = np.concatenate([plants.astype(object), np.array(inputs.countries, dtype=object)])[at]
    country = np.zeros(len(codes), dtype=np.int64)
    country[group] = fleet.country[rows]
    y = inputs.conditions.at(year)
    available = (
        fleet.capacity[rows]
        * inputs.technologies.availability[technology]
        * inputs.conditions.availability[y, fleet.country[rows]]
    )
    capacity = np.bincount(group, weights=available, minlength=len(codes))
    of_fleet = np.full(len(fleet), -1)
    of_fleet[rows] = group
    share = np.zeros(len(fleet))
    share[rows] = np.divide(available, capacity[group], out=np.zeros(len(rows)), where=capacity[group] > 0)
    links = _links(pairs, at, tech, len(plants))
    return Groups(
        place=labels,
        country=country,
        technology=tech,
        capacity=capacity,
        keys=mixed("group", keys_of(labels), keys_of(inputs.technologies.names)[tech]),
        of_fleet=of_fleet,
        share=share,
        link_from=links[0],
        link_to=links[1],
        link_commodity=links[2],
    )


type _Pairs = list[tuple[tuple[Ints, Ints, int], Bools, Bools]]


def _hot_pairs(inputs: Inputs, plants: Labels, has: Bools) -> _Pairs:
    """Per hot commodity: plant pairs (from, to, commodity) with a maker and a user, and which technologies those are.

    Hot metal also travels over the dataset's links between plants; hot DRI only inside a plant.
    """
    recipes, technologies = inputs.recipes, inputs.technologies
    out: _Pairs = []
    for hot in inputs.commodities.hot:
        makers = technologies.product == hot
        users = np.zeros(len(technologies.names), dtype=bool)
        users[recipes.technology[recipes.bill[:, hot] > 0]] = True
        makes, uses = (has & makers).any(axis=1), (has & users).any(axis=1)
        here = np.flatnonzero(makes & uses)
        iron, steel = [here], [here]
        if inputs.commodities.names[hot] == "hot_metal" and inputs.hot_links and len(plants):
            linked = np.array(inputs.hot_links, dtype=str)
            position = np.searchsorted(plants, linked).clip(max=len(plants) - 1)
            known = (plants[position] == linked).all(axis=1)
            known &= makes[position[:, 0]] & uses[position[:, 1]] & (position[:, 0] != position[:, 1])
            iron.append(position[known, 0])
            steel.append(position[known, 1])
        out.append(((np.concatenate(iron), np.concatenate(steel), int(hot)), makers, users))
    return out


def _links(pairs: _Pairs, at: Ints, tech: Ints, plants: int) -> tuple[Ints, Ints, Ints]:
    """Pairs of groups over which a hot commodity can move: from, to, commodity."""
    sources, targets, commodity = (
        [np.zeros(0, dtype=np.int64)],
        [np.zeros(0, dtype=np.int64)],
        [np.zeros(0, dtype=np.int64)],
    )
    for (iron, steel, hot), makers, users in pairs:
        from_rows = np.flatnonzero(makers[tech] & (at < plants))
        to_rows = np.flatnonzero(users[tech] & (at < plants))
        pair, source = _joined(iron, at[from_rows])
        again, target = _joined(steel[pair], at[to_rows])
        sources.append(from_rows[source[again]])
        targets.append(to_rows[target])
        commodity.append(np.full(len(target), hot))
    return np.concatenate(sources), np.concatenate(targets), np.concatenate(commodity)


def _joined(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Positions (in left, in right) of all equal pairs; ``right`` is sorted."""
    begin, end = np.searchsorted(right, left, side="left"), np.searchsorted(right, left, side="right")
    count = end - begin
    where = np.repeat(np.arange(len(left)), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return where, np.repeat(begin, count) + offset
