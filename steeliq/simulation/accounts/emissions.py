"""Emissions of every furnace group by scope, and intensities of routes within reporting boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs, grid_of
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.state import Fleet

ROUTES = ("BF-BOF", "DRI-EAF", "scrap-EAF", "other")


@dataclass(frozen=True, slots=True)
class Emissions:
    """tCO2e of the year by furnace group (f,)."""

    generated: Floats  # on site, fossil and biogenic, before capture
    captured: Floats
    biogenic: Floats  # biogenic CO2 emitted
    scope1: Floats
    scope2: Floats
    scope3: Floats


def emissions_of(inputs: Inputs, dispatch: Dispatch, fleet: Fleet) -> Emissions:
    """Follow the tonnes made by each option (f, o); grid emissions once per tonne of product.

    Power of a plant's own solar and wind has none.
    """
    recipes, made = inputs.recipes, dispatch.by_option
    return Emissions(
        generated=made @ (recipes.generated_fossil + recipes.generated_biogenic),
        captured=made @ recipes.captured,
        biogenic=made @ (recipes.generated_biogenic - recipes.captured_biogenic),
        scope1=made @ recipes.scope1,
        scope2=(made @ recipes.electricity) * grid_of(inputs, fleet.country, fleet.plant, dispatch.network.year),
        scope3=made @ recipes.upstream,
    )


def intensities(inputs: Inputs, dispatch: Dispatch, transport: float) -> list[Mapping[str, object]]:
    """Emissions and production of steel routes by boundary, rows of the table `intensities`.

    Iron carries the mean intensity of this year's makers of that iron (hot and cold form alike) into the steel that
    charges it. A group belongs to the route of the greater part of its charge. The world includes all iron made.
    """
    recipes, commodities = inputs.recipes, inputs.commodities
    groups = dispatch.network.groups
    made = dispatch.by_group
    grid = grid_of(inputs, groups.country, groups.place, dispatch.network.year)
    is_steel = inputs.technologies.is_steel[recipes.technology]
    route = _routes(inputs, dispatch)
    cold = np.where(commodities.twin >= 0, commodities.twin, np.arange(len(commodities.names)))
    iron_use = np.zeros((len(recipes.options), len(commodities.names)))
    np.add.at(iron_use.T, cold, np.where(commodities.metallic, recipes.charge_by_commodity, 0.0).T)
    rows: list[Mapping[str, object]] = []
    steel_made = made[:, is_steel].sum(axis=1)
    for boundary in inputs.boundaries:
        emitted = made * boundary.fixed + made * boundary.grid * grid[:, None]
        by_product = np.zeros(len(commodities.names))
        np.add.at(by_product, cold[recipes.product[~is_steel]], emitted[:, ~is_steel].sum(axis=0))
        tonnes = np.zeros(len(commodities.names))
        np.add.at(tonnes, cold[recipes.product[~is_steel]], made[:, ~is_steel].sum(axis=0))
        iron = np.divide(by_product, tonnes, out=np.zeros_like(tonnes), where=tonnes > 0)
        whole = emitted[:, is_steel].sum(axis=1) + made[:, is_steel] @ (iron_use[is_steel] @ iron)
        for number, name in enumerate(ROUTES):
            of = route == number
            rows.append(_row(boundary.name, name, float(steel_made[of].sum()), float(whole[of].sum())))
        total = float(emitted.sum()) + boundary.transport * transport
        rows.append(_row(boundary.name, "world", float(steel_made.sum()), total))
    return rows


def _row(boundary: str, route: str, production: float, emissions: float) -> Mapping[str, object]:
    return {
        "boundary": boundary,
        "route": route,
        "production": production,
        "emissions": emissions,
        "intensity": emissions / production if production > 1.0 else np.nan,
    }


def _routes(inputs: Inputs, dispatch: Dispatch) -> Ints:
    """Route of each dispatch group that makes steel, by the greater part of its metallic charge (g,); -1 for iron."""
    recipes, names = inputs.recipes, inputs.commodities.names
    charge = dispatch.by_group @ recipes.charge_by_commodity
    total = np.maximum(charge.sum(axis=1), 1e-9)
    steel = inputs.technologies.is_steel[dispatch.network.groups.technology]
    family = np.array(inputs.technologies.family, dtype=object)[dispatch.network.groups.technology]
    direct = charge[:, [name.startswith(("dri", "hot_dri")) for name in names]].sum(axis=1) / total
    out = np.where(direct > 0.5, 1, 2)
    out = np.where(family == "BOF", 0, out)
    out = np.where(np.isin(family, ["BOF", "EAF", "IF"]), out, 3)
    return np.where(steel, out, -1)
