"""Border adjustment inside the dispatch: exports into a priced zone pay for the carbon cost they did not bear at home.

Charged per exporting group and zone: share x max(0, zone price x embedded - carbon cost paid at home), per tonne,
where embedded emissions are the group's scope 1 plus that of the iron it charges. Because it is part of the
objective, the cleanest output of a country goes to the zone first, as it does in the world.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.assembly import Assembly
from steeliq.simulation.market.groups import Groups
from steeliq.simulation.market.keys import keys_of, mixed
from steeliq.simulation.market.trade import TradeTerms


@dataclass(frozen=True, slots=True)
class Border:
    """What each source of a commodity ships into each zone (b,)."""

    column: Ints  # (b,) of the programme
    commodity: Ints  # (b,)
    origin: Ints  # (b,)
    zone: Ints  # (b,)
    charge: Floats  # (b,) USD/t
    zone_of: Ints  # (h, c) zone of each hub commodity and destination, -1 for none


def add(
    lp: Assembly,
    inputs: Inputs,
    terms: TradeTerms,
    groups: Groups,
    sources: dict[int, tuple[Ints, Ints]],
    arcs: tuple[Ints, Ints, Ints, Ints],
    option: Ints,
    make: Ints,
    year: int,
) -> Border:
    """Split what each source ships into zones: within its output, and adding up to the shipments into the zone."""
    y = inputs.conditions.at(year)
    price = inputs.conditions.carbon_price[y]
    zone_of = np.full(terms.adjustment.shape, -1)
    found: list[tuple[Ints, Ints, Ints, Ints, Floats]] = []
    embedded = embedded_emissions(inputs, groups)
    for h, k in enumerate(terms.commodities):
        zones = sorted({(share, p) for share, p in zip(terms.adjustment[h], price, strict=True) if share > 0 and p > 0})
        country, column = sources[int(k)]
        made = (column >= make[0]) & (column <= make[-1])  # the rest is hot output that cools: mean emissions
        source_option = np.where(made, option[np.where(made, column - make[0], 0)], -1)
        tonne, free = _embedded(inputs, embedded, int(k), source_option, country, y)
        for share, zone_price in zones:
            inside = (terms.adjustment[h] == share) & (price == zone_price)
            outside = np.flatnonzero(~inside[country])
            paid = price[country] * np.maximum(tonne - free, 0.0)
            charge = share * np.maximum(zone_price * tonne - paid, 0.0)
            zone = len(found)
            zone_of[h, inside] = zone
            columns = _add_zone(lp, inputs, int(k), inside, country[outside], column[outside], charge[outside], arcs)
            found.append((columns, np.full(len(outside), k), country[outside], np.full(len(outside), zone), charge[outside]))
    if not found:
        empty = np.zeros(0, dtype=np.int64)
        return Border(empty, empty, empty, empty, np.zeros(0), zone_of)
    column, commodity, origin, zone_number, charges = (np.concatenate(part) for part in zip(*found, strict=True))
    return Border(column, commodity, origin, zone_number, charges, zone_of)


def embedded_emissions(inputs: Inputs, groups: Groups) -> Floats:
    """Scope 1 of a tonne of each commodity as this year's fleet would make it (k,) tCO2/t, capacity-weighted."""
    recipes, technologies = inputs.recipes, inputs.technologies
    first = np.searchsorted(recipes.technology, np.arange(len(technologies.names)))
    own = recipes.scope1[first]
    weight = np.bincount(groups.technology, weights=groups.capacity, minlength=len(technologies.names)) + 1e-9
    cold = np.where(inputs.commodities.twin >= 0, inputs.commodities.twin, np.arange(len(recipes.commodities)))
    total, tonnes = np.zeros(len(recipes.commodities)), np.zeros(len(recipes.commodities))
    np.add.at(total, cold[technologies.product], own * weight)
    np.add.at(tonnes, cold[technologies.product], weight)
    mean = np.divide(total, tonnes, out=np.zeros_like(total), where=tonnes > 0)
    return mean[cold]


def _embedded(
    inputs: Inputs, embedded: Floats, commodity: int, option: Ints, country: Ints, y: int
) -> tuple[Floats, Floats]:
    """Embedded emissions and free allowances per tonne of each source (tCO2/t); option -1: the commodity's mean."""
    recipes = inputs.recipes
    charge = np.where(inputs.commodities.metallic, recipes.charge_by_commodity, 0.0)
    whole = recipes.scope1 + charge @ embedded
    free = inputs.conditions.free[y]
    given = free[recipes.product] + charge @ free
    tonne = np.where(option >= 0, whole[option], embedded[commodity])
    return np.maximum(tonne, 0.0), np.where(option >= 0, given[option, country], free[commodity, country])


def _add_zone(
    lp: Assembly,
    inputs: Inputs,
    commodity: int,
    inside: Bools,
    country: Ints,
    column: Ints,
    charge: Floats,
    arcs: tuple[Ints, Ints, Ints, Ints],
) -> Ints:
    """Columns of one zone, in the order of the sources."""
    arc_commodity, origin, destination, ship = arcs
    name = f"border {inputs.commodities.names[commodity]} {inputs.countries[int(np.argmax(inside))]}"
    keys = mixed(name, lp.keys_at(column))
    border = lp.add_columns(name, keys, charge)
    within = lp.add_rows(f"{name} within output", keys, 0.0, np.inf)
    lp.add_entries(within, column, 1.0)
    lp.add_entries(within, border, -1.0)
    exporters, row_of = np.unique(country, return_inverse=True)
    total = lp.add_rows(f"{name} adds up", mixed(f"{name} adds up", keys_of(inputs.countries)[exporters]), 0.0, 0.0)
    lp.add_entries(total[row_of], border, 1.0)
    shipped = np.flatnonzero((arc_commodity == commodity) & inside[destination] & np.isin(origin, exporters))
    lp.add_entries(total[np.searchsorted(exporters, origin[shipped])], ship[shipped], -1.0)
    return border
