"""What a tonne of each option costs in each country and year, before the goods that the dispatch itself prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Floats
from steeliq.simulation.market.conditions import STORAGE, Conditions
from steeliq.simulation.market.support import Support
from steeliq.simulation.technology.recipes import Recipes
from steeliq.simulation.technology.technologies import Technologies


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """USD per tonne of product, by year, option and country."""

    bought: Floats  # (y, o, c) bought inputs less sold by-products, and storage of captured CO2
    conversion: Floats  # (y, o, c) labour, services, refractories
    carbon: Floats  # (y, o, c) carbon price x scope 1 less the value of free allowances (negative: net gain)
    support: Floats  # (y, o, c) what the public pays on goods and by carbon contracts (negative: taxes)

    @property
    def outside(self) -> Floats:
        """Everything that is not ore, scrap, iron or steel (y, o, c)."""
        return self.bought + self.conversion + self.carbon - self.support


def compile_unit_costs(
    recipes: Recipes,
    technologies: Technologies,
    conditions: Conditions,
    support: Support,
    labour_cost: float,
    *,
    grid_priced: bool = False,
) -> UnitCosts:
    """Carbon cost of year y uses the price of year y; free allowances follow output, so they cut the marginal cost.

    grid_priced: emissions of bought grid power pay the carbon price of the country too.
    """
    bought = np.einsum("ok,ykc->yoc", recipes.bill, conditions.price)
    if STORAGE in recipes.commodities:
        storage = conditions.price[:, recipes.commodities.index(STORAGE)]
        bought += recipes.captured[None, :, None] * storage[:, None, :]
    technology = recipes.technology
    conversion = technologies.conversion[:, technology][:, :, None] + (
        labour_cost * technologies.labour_weight[technology][None, :, None] * conditions.labour[:, None, :]
    )
    priced = recipes.scope1[None, :, None] - conditions.free[:, recipes.product]
    if grid_priced:
        priced = priced + recipes.electricity[None, :, None] * conditions.grid[:, None, :]
    carbon = conditions.carbon_price[:, None, :] * priced
    return UnitCosts(bought=bought, conversion=conversion, carbon=carbon, support=support.goods + support.contracts)
