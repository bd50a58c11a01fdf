"""Border adjustment inside the dispatch: exports into a priced zone pay for the carbon cost they did not bear at home.

Charged per tonne: share x max(0, zone price x embedded - carbon cost paid at home), where embedded emissions are
last year's mean of the exporting country, or those of the exporting furnace group (its scope 1 plus that of the iron
it charges). It is part of the objective: where groups are charged one by one, the cleanest output goes to the zone
first. Output of a country with the same charge is one class: exact, and a tenth of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Bools, Floats, Ints, group_rows
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.assembly import Assembly
from steeliq.simulation.market.groups import Groups
from steeliq.simulation.market.keys import keys_of, mixed
from steeliq.simulation.market.trade import TradeTerms


@dataclass(frozen=True, slots=True)
class Border:
    """What each class of output ships into each zone (b,)."""

    column: Ints  # (b,) of the programme
    commodity: Ints  # (b,)
    origin: Ints  # (b,)
    zone: Ints  # (b,)
    charge: Floats  # (b,) USD/t
    within_row: Ints  # (b,) row that keeps the class within its output
    zone_of: Ints  # (h, c) zone of each hub commodity and destination, -1 for none


@dataclass(frozen=True, slots=True)
class Sources:
    """What can enter a pool of one commodity (n,); option and group are -1 for ore, scrap and cooled iron."""

    country: Ints
    column: Ints
    option: Ints
    group: Ints


def add(
    lp: Assembly,
    inputs: Inputs,
    terms: TradeTerms,
    groups: Groups,
    sources: dict[int, Sources],
    arcs: tuple[Ints, Ints, Ints, Ints],
    year: int,
    means: tuple[Floats, Floats] | None,
) -> Border:
    """Split what each class ships into zones: within its output, and adding up to the shipments into the zone."""
    y = inputs.conditions.at(year)
    price = inputs.conditions.carbon_price[y]
    zone_of = np.full(terms.adjustment.shape, -1)
    found: list[tuple[Ints, Ints, Ints, Ints, Floats, Ints]] = []
    iron, credit = _iron_emissions(inputs, groups), inputs.scenario.carbon.border_credit
    zones = 0
    for h, k in enumerate(terms.commodities):
        inside = _zones(terms.adjustment[h], price, credit * inputs.conditions.free[y])
        if not len(inside):
            continue
        of = sources[int(k)]
        tonne, own = _embedded(inputs, groups, iron, int(k), of), _allowances(inputs, int(k), of, of.country, y)
        if means is not None and inputs.scenario.carbon.border_basis == "country":
            known = ~np.isnan(means[0][k, of.country])
            tonne, own = (
                np.where(known, mean[k, of.country], each) for mean, each in zip(means, (tonne, own), strict=True)
            )
        paid = price[of.country] * np.maximum(tonne - own, 0.0)
        charge = np.zeros((len(inside), len(tonne)))
        for z, members in enumerate(inside):
            c, charged = int(np.argmax(members)), tonne
            if credit:
                allowed = _allowances(inputs, int(k), of, np.full(len(tonne), c), y)
                charged = np.maximum(tonne - credit * allowed, 0.0)
            charge[z] = np.round(terms.adjustment[h, c] * np.maximum(price[c] * charged - paid, 0.0), 6)
        inside, pays, charge = _apart(inside, charge, terms.inside[h], of.country)
        column, country, zone, charges, within = _add_zones(lp, inputs, int(k), (inside, pays), of, charge, arcs)
        for number, members in enumerate(inside):
            zone_of[h, members] = zones + number
        found.append((column, np.full(len(column), k), country, zones + zone, charges, within))
        zones += len(inside)
    if not found:
        empty = np.zeros(0, dtype=np.int64)
        return Border(empty, empty, empty, empty, np.zeros(0), empty, zone_of)
    columns, commodity, origin, zone_number, every, rows = (np.concatenate(part) for part in zip(*found, strict=True))
    return Border(columns, commodity, origin, zone_number, every, rows, zone_of)


def least_charges(border: Border, position: int, commodity: int, countries: int) -> Floats:
    """USD/t that the border charges the cleanest class of each origin on its way to each destination (c, c)."""
    zone_of = border.zone_of[position]
    if not (zone_of >= 0).any():
        return np.zeros((countries, countries))
    of = border.commodity == commodity
    by_zone = np.full((int(border.zone_of.max()) + 1, countries), np.inf)
    np.minimum.at(by_zone, (border.zone[of], border.origin[of]), border.charge[of])
    by_zone[np.isinf(by_zone)] = 0.0  # nothing can be made there, so what it would embody is not known
    return np.where(zone_of >= 0, by_zone[zone_of].T, 0.0)


def _iron_emissions(inputs: Inputs, groups: Groups) -> Floats:
    """Scope 1 of a tonne of each commodity as this year's fleet would make it at its dirtiest (k,) tCO2/t.

    Makers count by their capacity. What they will have made is not known before the programme is solved.
    """
    recipes, technologies = inputs.recipes, inputs.technologies
    weight = np.bincount(groups.technology, weights=groups.capacity, minlength=len(technologies.names)) + 1e-9
    cold = _cold(inputs)
    total, tonnes = np.zeros(len(recipes.commodities)), np.zeros(len(recipes.commodities))
    np.add.at(total, cold[technologies.product], _own_emissions(inputs) * weight)
    np.add.at(tonnes, cold[technologies.product], weight)
    return np.divide(total, tonnes, out=np.zeros_like(total), where=tonnes > 0)[cold]


def country_means(inputs: Inputs, groups: Groups, by_group: Floats, year: int) -> tuple[Floats, Floats]:
    """Embedded emissions of what each country made, and what a year allows it free (k, c) tCO2/t; by_group: (g, o) t.

    Iron has the mean of what the world made of it, by the options that were used.
    """
    recipes, countries = inputs.recipes, len(inputs.countries)
    cold = _cold(inputs)
    by_option = by_group.sum(axis=0)
    emitted, output = (
        np.bincount(cold[recipes.product], weights=weights, minlength=len(cold))
        for weights in (by_option * recipes.scope1, by_option)
    )
    iron = np.divide(emitted, output, out=_iron_emissions(inputs, groups), where=output > 1.0)[cold]
    whole = recipes.scope1 + recipes.charge_by_commodity @ iron
    total, tonnes = np.zeros((len(recipes.commodities), countries)), np.zeros((len(recipes.commodities), countries))
    made = group_rows(by_group, groups.country, countries)
    np.add.at(total, cold[recipes.product], (made * whole).T)
    np.add.at(tonnes, cold[recipes.product], made.T)
    y, free, hot = inputs.conditions.at(year), np.zeros_like(total), inputs.commodities.hot
    given = _given(inputs, y) + recipes.charge_by_commodity[:, hot] @ inputs.conditions.free[y][hot]
    np.add.at(free, cold[recipes.product], made.T * given)
    return (
        np.divide(total, tonnes, out=np.full_like(total, np.nan), where=tonnes > 1.0),
        np.divide(free, tonnes, out=np.full_like(total, np.nan), where=tonnes > 1.0),
    )


def _cold(inputs: Inputs) -> Ints:
    """What each commodity is when it has cooled (k,): hot iron its twin, all else itself."""
    twin = inputs.commodities.twin
    return np.where(twin >= 0, twin, np.arange(len(twin)))


def _own_emissions(inputs: Inputs) -> Floats:
    """Scope 1 of each technology's dirtiest option (t,) tCO2/t, as in the certification of steel (`grades.py`)."""
    worst = np.full(len(inputs.technologies.names), -np.inf)
    np.maximum.at(worst, inputs.recipes.technology, inputs.recipes.scope1)
    return worst


def _zones(share: Floats, price: Floats, credited: Floats) -> Bools:
    """Countries that charge the same (z, c), by rising share and price; credited: free allowances (k, c)."""
    charging = (share > 0) & (price > 0)
    alike = np.vstack([share, price, credited])[:, charging]
    _, zone = np.unique(alike, axis=1, return_inverse=True)
    inside = np.zeros((int(zone.max(initial=-1)) + 1, len(share)), dtype=bool)
    inside[zone.ravel(), np.flatnonzero(charging)] = True
    return inside


def _apart(zones: Bools, charge: Floats, within: Bools, country: Ints) -> tuple[Bools, Bools, Floats]:
    """Zones (z, c) once more, those who pay at their border (z, c), and the charge on each source (z, n).

    within: which countries lie within one border (c, c). Areas that charge the same stay one zone where it makes no
    difference, because nothing is charged between them.
    """
    parts: list[tuple[Bools, Bools, Floats]] = []
    for members, charges in zip(zones, charge, strict=True):
        spared, border = np.unique(within[members], axis=0, return_inverse=True)
        some = spared.any(axis=0)
        if charges[(some & ~spared.all(axis=0))[country]].any():
            for number, free in enumerate(spared):
                part = np.zeros_like(members)
                part[np.flatnonzero(members)[border.ravel() == number]] = True
                parts.append((part, ~free, charges))
        else:
            parts.append((members, ~some, charges))
    inside, pays, charges = (np.array(column) for column in zip(*parts, strict=True))
    return inside, pays, charges


def _embedded(inputs: Inputs, groups: Groups, iron: Floats, commodity: int, of: Sources) -> Floats:
    """Embedded emissions per tonne of each source (n,) tCO2/t.

    Hot iron has the emissions of the group's own partners; cold iron the mean of the world's makers; both by the
    makers' dirtiest options.
    """
    recipes = inputs.recipes
    tonne = np.where(of.option >= 0, (recipes.scope1 + _cold_charge(inputs) @ iron)[of.option], iron[commodity])
    for hot in inputs.commodities.hot:
        links = groups.link_commodity == hot
        weight = groups.capacity[groups.link_from[links]]
        emitted = _own_emissions(inputs)[groups.technology[groups.link_from[links]]]
        total = np.bincount(groups.link_to[links], weights=weight, minlength=len(groups))
        partners = np.bincount(groups.link_to[links], weights=weight * emitted, minlength=len(groups)) / np.maximum(
            total, 1e-9
        )
        tonne = tonne + _charged(inputs, of, int(hot)) * partners[of.group]
    return np.maximum(tonne, 0.0)


def _allowances(inputs: Inputs, commodity: int, of: Sources, country: Ints, y: int) -> Floats:
    """Free allowances that a tonne of each source (n,) gets by the rules of a country (n,) tCO2/t."""
    free = _as_made(inputs, y)
    given = _given(inputs, y)
    allowed = np.where(of.option >= 0, given[of.option, country], free[commodity, country])
    for hot in inputs.commodities.hot:
        allowed = allowed + _charged(inputs, of, int(hot)) * free[hot, country]
    return np.asarray(allowed)


def _given(inputs: Inputs, y: int) -> Floats:
    """Free allowances of a tonne by each option (o, c) tCO2/t, its cold charge included."""
    free = _as_made(inputs, y)
    return np.asarray(inputs.conditions.free[y][inputs.recipes.product] + _cold_charge(inputs) @ free)


def _as_made(inputs: Inputs, y: int) -> Floats:
    """Free allowances of a tonne of each commodity (k, c) tCO2/t; what has cooled got those of the hot product."""
    free: Floats = inputs.conditions.free[y].copy()
    twin = inputs.commodities.twin
    hot = np.flatnonzero(twin >= 0)
    np.maximum.at(free, twin[hot], free[hot])
    return free


def _cold_charge(inputs: Inputs) -> Floats:
    """What options charge cold (o, k) t/t."""
    return np.where(inputs.commodities.twin >= 0, 0.0, inputs.recipes.charge_by_commodity)


def _charged(inputs: Inputs, of: Sources, hot: int) -> Floats:
    """What each source (n,) charges of a hot good t/t."""
    return np.where(of.option >= 0, inputs.recipes.bill[of.option, hot].clip(min=0.0), 0.0)


def _add_zones(
    lp: Assembly,
    inputs: Inputs,
    commodity: int,
    zones: tuple[Bools, Bools],
    of: Sources,
    charge: Floats,
    arcs: tuple[Ints, Ints, Ints, Ints],
) -> tuple[Ints, Ints, Ints, Floats, Ints]:
    """Columns, countries, zones, charges, rows of the class: one column per class of output and zone it can go to.

    zones: (z, c) countries of each, and (z, c) those that pay at its border; charge: (z, n) of sources. What a class
    ships into all zones together stays within what it makes: a clean tonne crosses one border only.
    """
    name, codes = f"border {inputs.commodities.names[commodity]}", keys_of(inputs.countries)
    classes, of_class = np.unique(np.vstack([of.country, charge]), axis=1, return_inverse=True)
    at, charges = classes[0].astype(np.int64), classes[1:]
    rank = np.arange(len(at)) - np.searchsorted(at, at)
    keys = mixed(name, codes[at], rank.astype(np.uint64))
    within = lp.add_rows(f"{name} within output", keys, 0.0, np.inf)
    lp.add_entries(within[of_class.ravel()], of.column, 1.0)
    arc_commodity, origin, destination, ship = arcs
    parts: list[tuple[Ints, Ints, Ints, Floats, Ints]] = []
    for zone, (members, pays) in enumerate(zip(*zones, strict=True)):
        outside = np.flatnonzero(pays[at])
        title = f"{name} {inputs.countries[int(np.argmax(members))]}"
        border = lp.add_columns(title, mixed(title, keys[outside]), charges[zone, outside])
        lp.add_entries(within[outside], border, -1.0)
        exporters, row_of = np.unique(at[outside], return_inverse=True)
        total = lp.add_rows(f"{title} adds up", mixed(f"{title} adds up", codes[exporters]), 0.0, 0.0)
        lp.add_entries(total[row_of], border, 1.0)
        shipped = np.flatnonzero((arc_commodity == commodity) & members[destination] & np.isin(origin, exporters))
        lp.add_entries(total[np.searchsorted(exporters, origin[shipped])], ship[shipped], -1.0)
        parts.append((border, at[outside], np.full(len(outside), zone), charges[zone, outside], within[outside]))
    column, country, number, price, rows = (np.concatenate(part) for part in zip(*parts, strict=True))
    return column, country, number, price, rows
