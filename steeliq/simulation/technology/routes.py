"""Whole routes: which options, in which amounts, make a tonne of final product, and which route may follow which.

The decisions compare routes; the dispatch knows only options. A route's charge is therefore a planning
assumption (a BF-BOF site with 12 % scrap, say), while the linear programme chooses the real charge each year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Bools, Floats, Ints, records
from steeliq.simulation.technology.recipes import Recipes
from steeliq.simulation.technology.technologies import Technologies


@dataclass(frozen=True, slots=True)
class Routes:
    """One row per route."""

    names: tuple[str, ...]
    title: tuple[str, ...]
    product: Ints  # (r,) commodity
    weight: Floats  # (r, o) t of the option's product per t of the route's product
    iron: Ints  # (r,) its ironmaking technology, -1 if none
    steel: Ints  # (r,) its steelmaking technology, -1 if none
    iron_rate: Floats  # (r,) t of iron product per t of the route's product (0 without ironmaking)
    bill: Floats  # (r, k) net purchases per t; goods passed on inside the route cancel
    allowed: Bools  # (r, r) transition from row to column

    def index(self, name: str) -> int:
        """Position of a route."""
        return self.names.index(name)


def compile_routes(tables: Mapping[str, pd.DataFrame], recipes: Recipes, technologies: Technologies) -> Routes:
    """Routes in alphabetical order."""
    rows = tables["routes"].sort_values("route")
    names = tuple(rows["route"])
    options = {option: o for o, option in enumerate(recipes.options)}
    weight = np.zeros((len(names), len(recipes.options)))
    for row in records(tables["route_options"]):
        weight[names.index(row.route), options[row.technology, row.option]] = row.amount
    steel_option = technologies.is_steel[recipes.technology]
    iron, steel = (
        np.array([_technology_of(weight[r], recipes, mask) for r in range(len(names))])
        for mask in (~steel_option, steel_option)
    )
    made = np.zeros((len(recipes.options), len(recipes.commodities)))
    made[np.arange(len(recipes.options)), recipes.product] = 1.0
    product = np.array([recipes.commodities.index(name) for name in rows["product"]])
    bill = weight @ (recipes.bill - made)
    bill[np.arange(len(names)), product] = 0.0
    kind = tables["commodities"].set_index("commodity")["kind"]
    hot = np.array([kind[name] == "hot" for name in recipes.commodities])
    bill[:, hot] = np.maximum(bill[:, hot], 0.0)  # a merchant route's hot product cools to what it sells
    bill[np.abs(bill) < 1e-9] = 0.0
    allowed = np.zeros((len(names), len(names)), dtype=bool)
    for row in records(tables["transitions"]):
        allowed[names.index(row.from_route), names.index(row.to_route)] = True
    return Routes(
        names=names,
        title=tuple(rows["name"]),
        product=product,
        weight=weight,
        iron=iron,
        steel=steel,
        iron_rate=weight[:, ~steel_option].sum(axis=1),
        bill=bill,
        allowed=allowed,
    )


def _technology_of(weight: Floats, recipes: Recipes, mask: Bools) -> int:
    """The technology with the greatest weight among the masked options, -1 if the route has none."""
    masked = np.where(mask, weight, 0.0)
    return int(recipes.technology[int(np.argmax(masked))]) if masked.any() else -1
