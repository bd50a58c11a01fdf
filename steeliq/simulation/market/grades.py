"""Two grades of steel: conventional, and low-carbon for which some destinations pay more.

Steel is certified by the intensity of the charge that made it: scope 1 and grid power of its own step and of the iron
in it; power that a plant makes itself has no emissions. Hot iron has those of the group's own partners, bought iron the
mean of the world's makers; iron is mixed before it is charged and counts as its makers' dirtiest option. Where a
technology must charge iron, no tonne counts as made without it. Destinations with the same threshold, premium and share
are one zone. What a country sells into zones as low-carbon stays within what it certifies at each threshold (thresholds
are nested, so this is exact), within what it ships there and within what the zone wants. Willingness to pay is part of
the objective.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.inputs import Inputs, grid_of
from steeliq.simulation.market.assembly import Assembly
from steeliq.simulation.market.groups import Groups
from steeliq.simulation.market.keys import keys_of, mixed

MT = 1e6
NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Grades:
    """The low-carbon grade in a year's programme: sales b, zones z, thresholds n, certifiable makes m."""

    column: Ints  # (b,) of the programme
    origin: Ints  # (b,)
    zone: Ints  # (b,)
    ship_row: Ints  # (b,) within what the origin ships into the zone
    premium: Floats  # (z,) USD/t that the zone is willing to pay
    threshold: Floats  # (z,) tCO2/t
    wanted: Floats  # (z,) t
    wanted_row: Ints  # (z,)
    member: Bools  # (z, c)
    level: Floats  # (n,) thresholds, ascending
    output_row: Ints  # (n, c) within what is certified, -1 where nothing can be
    group: Ints  # (m,) dispatch group
    option: Ints  # (m,)
    intensity: Floats  # (m,) tCO2/t
    iron: Floats  # (k,) tCO2/t of iron and of its cold twin, mean of the makers


@dataclass(frozen=True, slots=True)
class GradePrices:
    """What the low-carbon grade was worth this year."""

    level: Floats  # (n,) tCO2/t
    worth: Floats  # (n, c) USD/t that certification at exactly this level adds for a maker
    way: Floats  # (c,) USD/t of that which the programme puts on shipping into zones, if all of it goes there
    rent: Floats  # (c,) USD/t of a destination's premium that buyers keep, because more is offered than they want
    iron: Floats  # (k,) tCO2/t embedded in iron

    @classmethod
    def none(cls, countries: int, commodities: int) -> GradePrices:
        """No grade but the conventional one."""
        return cls(
            np.zeros(0), np.zeros((0, countries)), np.zeros(countries), np.zeros(countries), np.zeros(commodities)
        )

    def earned(self, intensity: Floats, country: Ints) -> Floats:
        """Premium of steel of an intensity made in a country (...,) USD/t."""
        reached = np.asarray(intensity)[..., None] <= self.level
        return np.asarray(np.where(reached, self.worth.T[country], 0.0).sum(axis=-1))


def add(
    lp: Assembly,
    inputs: Inputs,
    groups: Groups,
    make: tuple[Ints, Ints, Ints],
    arcs: tuple[Ints, Ints, Ints, Ints],
    year: int,
) -> Grades:
    """Add the low-carbon grade; nothing where nobody pays for it. ``make``: group, option and column of all makes."""
    y = inputs.conditions.at(year)
    low = inputs.low_carbon
    pays = (low.premium[y] > 0) & (low.share[y] > 0) & (inputs.conditions.demand[y] > 0)
    if not pays.any():
        return _none(inputs)
    terms = np.stack([low.threshold[y], low.premium[y], low.share[y]])
    zones, zone_of = np.unique(terms[:, pays], axis=1, return_inverse=True)
    member = np.zeros((zones.shape[1], len(pays)), dtype=bool)
    member[zone_of.ravel(), np.flatnonzero(pays)] = True
    threshold, premium, share = zones
    wanted = share * (member @ inputs.conditions.demand[y])
    steel = np.flatnonzero(inputs.recipes.product[make[1]] == inputs.steel)
    group, option, made = (part[steel] for part in make)
    grid = grid_of(inputs, groups.country, groups.place, year)
    iron = _iron(inputs, groups, grid)
    intensity = intensities(inputs, groups, iron, (group, option), grid, y)
    level, level_of = np.unique(threshold, return_inverse=True)
    country, codes = groups.country[group], keys_of(inputs.countries)
    certified = np.zeros((len(level), len(pays)), dtype=bool)
    for n, bound in enumerate(level):
        certified[n, country[intensity <= bound]] = True
    zone, origin = np.nonzero(certified[level_of.ravel()])
    names = keys_of([f"{t:g}|{p:g}|{s:g}" for t, p, s in zones.T])
    column = lp.add_columns("low-carbon", mixed("low-carbon", names[zone], codes[origin]), -premium[zone])
    output_row = np.full(certified.shape, -1)
    for n, bound in enumerate(level):
        where = np.flatnonzero(certified[n])
        name = f"low-carbon within output {bound:g}"
        output_row[n, where] = lp.add_rows(name, mixed(name, codes[where]), 0.0, np.inf)
        clean = np.flatnonzero(intensity <= bound)
        lp.add_entries(output_row[n, country[clean]], made[clean], 1.0)
        sold = np.flatnonzero((threshold[zone] <= bound) & certified[n, origin])
        lp.add_entries(output_row[n, origin[sold]], column[sold], -1.0)
    ship_row = lp.add_rows("low-carbon shipped", mixed("low-carbon shipped", names[zone], codes[origin]), 0.0, np.inf)
    lp.add_entries(ship_row, column, -1.0)
    _add_shipments(lp, inputs, member, zone, origin, ship_row, arcs)
    wanted_row = lp.add_rows("low-carbon wanted", mixed("low-carbon wanted", names), -np.inf, wanted / MT)
    lp.add_entries(wanted_row[zone], column, 1.0)
    return Grades(
        column=column,
        origin=origin,
        zone=zone,
        ship_row=ship_row,
        premium=premium,
        threshold=threshold,
        wanted=wanted,
        wanted_row=wanted_row,
        member=member,
        level=level,
        output_row=output_row,
        group=group,
        option=option,
        intensity=intensity,
        iron=iron,
    )


def _add_shipments(
    lp: Assembly,
    inputs: Inputs,
    member: Bools,
    zone: Ints,
    origin: Ints,
    ship_row: Ints,
    arcs: tuple[Ints, Ints, Ints, Ints],
) -> None:
    row_at = np.full(member.shape, -1)
    row_at[zone, origin] = ship_row
    commodity, sender, destination, ship = arcs
    into, steel = np.where(member.any(axis=0), member.argmax(axis=0), -1), np.flatnonzero(commodity == inputs.steel)
    steel = steel[into[destination[steel]] >= 0]
    rows = row_at[into[destination[steel]], sender[steel]]
    lp.add_entries(rows[rows >= 0], ship[steel[rows >= 0]], 1.0)


def _none(inputs: Inputs) -> Grades:
    countries, empty = len(inputs.countries), np.zeros(0)
    return Grades(
        *(NONE, NONE, NONE, NONE, empty, empty, empty, NONE),
        member=np.zeros((0, countries), dtype=bool),
        level=empty,
        output_row=np.zeros((0, countries), dtype=np.int64),
        group=NONE,
        option=NONE,
        intensity=empty,
        iron=np.zeros(len(inputs.commodities.names)),
    )


def _own(inputs: Inputs, groups: Groups, grid: Floats) -> Floats:
    """Scope 1 and 2 of each group's dirtiest option (g,) tCO2/t: iron is mixed before anybody can certify it."""
    recipes = inputs.recipes
    emitted = recipes.scope1 + recipes.electricity * grid[:, None]
    own = recipes.technology == groups.technology[:, None]
    return np.asarray(np.where(own, emitted, -np.inf).max(axis=1))


def _iron(inputs: Inputs, groups: Groups, grid: Floats) -> Floats:
    """Mean scope 1 and 2 of a tonne of each iron as this year's fleet would make it (k,) tCO2/t; steel counts 0."""
    names, twin = inputs.commodities.names, inputs.commodities.twin
    cold = np.where(twin >= 0, twin, np.arange(len(names)))
    product = cold[inputs.technologies.product[groups.technology]]
    total = np.bincount(product, weights=_own(inputs, groups, grid) * groups.capacity, minlength=len(names))
    tonnes = np.bincount(product, weights=groups.capacity, minlength=len(names))
    mean = np.divide(total, tonnes, out=np.zeros(len(names)), where=tonnes > 0)
    mean[inputs.steel] = 0.0
    return np.asarray(mean[cold])


def intensities(inputs: Inputs, groups: Groups, iron: Floats, make: tuple[Ints, Ints], grid: Floats, y: int) -> Floats:
    """Intensity of steel that groups make by options (m,) tCO2/t; grid: (g,) tCO2e/MWh of the power that they take."""
    recipes, (group, option) = inputs.recipes, make
    step = recipes.scope1[option] + recipes.electricity[option] * grid[group]
    charged = np.tile(iron, (len(groups), 1))  # (g, k)
    own = _own(inputs, groups, grid)
    for k in inputs.commodities.hot:
        links = groups.link_commodity == k
        weight, to = groups.capacity[groups.link_from[links]], groups.link_to[links]
        total = np.bincount(to, weights=weight, minlength=len(groups))
        emitted = np.bincount(to, weights=weight * own[groups.link_from[links]], minlength=len(groups))
        charged[:, k] = np.divide(emitted, total, out=np.full(len(groups), np.inf), where=total > 0)
    takes = recipes.charge_by_commodity[option]
    tonne = step + np.where(takes > 0, takes * np.where(takes > 0, charged[group], 0.0), 0.0).sum(axis=1)
    for rule in inputs.charge_rules:
        of = np.flatnonzero(recipes.technology[option] == rule.technology)
        if rule.minimum[y] > 0 and len(of):
            least = charged[group[of]][:, rule.members].min(axis=1)
            floor = step[of] + rule.minimum[y] * recipes.charge[option[of]] * np.where(np.isfinite(least), least, 0.0)
            tonne[of] = np.maximum(tonne[of], floor)
    return np.asarray(tonne)


def prices_of(
    grades: Grades, row_dual: Floats, countries: int, sold: Floats, shipped: tuple[Ints, Ints]
) -> GradePrices:
    """Values from the duals: certification at each level, and what buyers keep of their willingness to pay.

    ``sold``: (b,) t; ``shipped``: origin and destination of all steel that was shipped. Certification has a worth
    where certified steel is sold; elsewhere its dual is chance. So is how a value is shared by levels of which the
    looser has no sale of its own (then nobody makes steel that would need it: all of it is the stricter level's), and
    by certification and the way into zones where all that a country ships goes there certified: makers get both.
    """
    sells = np.zeros(grades.output_row.shape)
    np.add.at(sells, (np.searchsorted(grades.level, grades.threshold[grades.zone]), grades.origin), sold)
    dual = np.where(grades.output_row >= 0, np.maximum(row_dual[grades.output_row], 0.0), 0.0)
    way = _way(grades, row_dual, countries, *shipped)
    worth, carried = np.zeros_like(dual), way
    for n in reversed(range(len(grades.level))):  # from the loosest on, to the first level at which something is sold
        carried = carried + dual[n]
        worth[n] = np.where(sells[n] > 1.0, carried, 0.0)
        carried = np.where(sells[n] > 1.0, 0.0, carried)
    rent = np.zeros(countries)
    for members, row in zip(grades.member, grades.wanted_row, strict=True):
        rent[members] = max(-float(row_dual[row]), 0.0)
    return GradePrices(level=grades.level, worth=worth, way=way, rent=rent, iron=grades.iron)


def _way(grades: Grades, row_dual: Floats, countries: int, origin: Ints, destination: Ints) -> Floats:
    """The least that shipping into a zone is worth on all ways that a country ships steel (c,) USD/t."""
    if not len(grades.column):
        return np.zeros(countries)
    out = np.full(countries, np.inf)
    into = np.where(grades.member.any(axis=0), grades.member.argmax(axis=0), -1)
    row_at = np.full(grades.member.shape, -1)
    row_at[grades.zone, grades.origin] = grades.ship_row
    row = np.where(into[destination] >= 0, row_at[into[destination], origin], -1)
    np.minimum.at(out, origin, np.where(row >= 0, np.maximum(row_dual[row], 0.0), 0.0))
    return np.where(np.isfinite(out), out, 0.0)


def sales(grades: Grades, countries: tuple[str, ...], sold: Floats, row_dual: Floats) -> Mapping[str, object]:
    """Columns of the result table `grades`, one row per sale."""
    some = np.flatnonzero(sold > 1.0)
    zone = grades.zone[some]
    paid = grades.premium[zone] - np.maximum(-row_dual[grades.wanted_row[zone]], 0.0)
    return {
        "origin": np.array(countries, dtype=object)[grades.origin[some]],
        "threshold": grades.threshold[zone],
        "willingness": grades.premium[zone],
        "premium": paid,
        "amount": sold[some],
    }
