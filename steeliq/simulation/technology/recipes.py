"""The recipes of furnace groups: what a tonne of product needs, emits and captures, auxiliary steps included.

Coke ovens, sinter and pellet plants, air separation and rolling have no furnace groups of their own. Their bills are
folded into the steps that use them, so that a furnace group's bill names only what it buys, receives or sells.

Axis letters: o option of a furnace-group technology, k commodity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.errors import DatasetError
from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.technology.balance import (
    Balance,
    Contents,
    Steps,
    balance,
    read_contents,
    read_steps,
    step_balance,
)
from steeliq.simulation.technology.problems import recipe_problems

__all__ = ["Recipes", "compile_recipes", "recipe_problems", "step_balance"]

ELECTRICITY = "electricity"


@dataclass(frozen=True, slots=True)
class Recipes:
    """All options of furnace groups, per tonne of product.

    technologies: without auxiliaries, sorted; options: (technology, option), sorted.
    technology: (o,) index into technologies; product: (o,) index into commodities.
    bill: (o, k) net use, unit/t: inputs > 0, by-products < 0; own product and internal commodities are 0.
    charge_by_commodity: (o, k) t/t of metallic inputs; charge: (o,) their sum, 0 where ore is charged.
    generated_fossil, generated_biogenic: (o,) tCO2/t before capture, auxiliary steps included.
    captured: (o,) tCO2/t fossil and biogenic; captured_biogenic: (o,) its biogenic part.
    scope1: (o,) tCO2/t: generated_fossil - captured. Biogenic CO2 that is captured counts negative; what is emitted
    is generated_biogenic - captured_biogenic and stays outside.
    iron_in, iron_out, iron_lost, carbon_in, carbon_out: (o,) t/t; by-products are in *_out, losses are the residual.
    electricity: (o,) MWh/t net of own generation; upstream: (o,) tCO2e/t of making the inputs (scope 3).
    """

    commodities: tuple[str, ...]
    technologies: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    technology: Ints
    product: Ints
    bill: Floats
    charge: Floats
    charge_by_commodity: Floats
    generated_fossil: Floats
    generated_biogenic: Floats
    captured: Floats
    captured_biogenic: Floats
    scope1: Floats
    iron_in: Floats
    iron_out: Floats
    iron_lost: Floats
    carbon_in: Floats
    carbon_out: Floats
    electricity: Floats
    upstream: Floats

    def index(self, technology: str, option: str) -> int:
        """Position of an option; raises ValueError if there is none of that name."""
        return self.options.index((technology, option))


def compile_recipes(tables: Mapping[str, pd.DataFrame]) -> Recipes:
    """Fold auxiliary steps into the options of furnace groups and draw up their balances.

    Takes the tables commodities, technologies, recipes and bill_of_materials. Raises DatasetError with every
    problem that ``recipe_problems`` finds.
    """
    problems = recipe_problems(tables)
    if problems:
        raise DatasetError("recipes", problems)
    contents = read_contents(tables["commodities"])
    steps = read_steps(tables, contents)
    own = np.array([stage != "auxiliary" for stage in steps.stage], dtype=np.bool_)
    use = _uses(steps, contents)
    bill = _bill(steps, contents, own, use)
    options = tuple(key for key, furnace in zip(steps.keys, own, strict=True) if furnace)
    technologies = tuple(sorted({technology for technology, _ in options}))
    index = {technology: t for t, technology in enumerate(technologies)}
    product = steps.product[own]
    inputs, byproducts = np.maximum(bill, 0.0), np.maximum(-bill, 0.0)
    iron_in = inputs @ contents.iron
    iron_out = byproducts @ contents.iron + contents.iron[product]
    charge = np.where(contents.metallic, inputs, 0.0)
    power = [contents.commodities.index(ELECTRICITY)] if ELECTRICITY in contents.commodities else []
    return Recipes(
        commodities=contents.commodities,
        technologies=technologies,
        options=options,
        technology=np.array([index[technology] for technology, _ in options], dtype=np.int64),
        product=product,
        bill=bill,
        charge=charge.sum(axis=1),
        charge_by_commodity=charge,
        iron_in=iron_in,
        iron_out=iron_out,
        iron_lost=iron_in - iron_out,
        carbon_in=inputs @ contents.carbon,
        carbon_out=byproducts @ contents.carbon + contents.carbon[product],
        electricity=bill[:, power].sum(axis=1),
        upstream=inputs @ contents.upstream,
        **_carbon_dioxide(steps, balance(steps, contents), own, use),
    )


def _uses(steps: Steps, contents: Contents) -> Floats:
    """(s, s) units of each step run per unit of a step's product: itself once, and auxiliaries as deep as they go.

    ``recipe_problems`` has excluded cycles, so the chain of auxiliaries is at most as long as their number.
    """
    maker = {int(steps.product[s]): s for s, stage in enumerate(steps.stage) if stage == "auxiliary"}
    direct = np.zeros((len(steps.keys), len(steps.keys)))
    for k, s in maker.items():
        if contents.kind[k] == "internal":
            direct[:, s] = steps.inputs[:, k]
    total = np.eye(len(steps.keys))
    term = direct
    while term.any():
        total = total + term
        term = term @ direct
    return total


def _bill(steps: Steps, contents: Contents, own: Bools, use: Floats) -> Floats:
    """(o, k) net use of what is bought, received or sold."""
    bill: Floats = use[own] @ (steps.inputs - steps.outputs)
    bill[:, contents.of_kind("internal")] = 0.0
    bill[np.arange(len(bill)), steps.product[own]] = 0.0
    return bill


def _carbon_dioxide(steps: Steps, found: Balance, own: Bools, use: Floats) -> dict[str, Floats]:
    """CO2 columns of Recipes: auxiliaries add to what is generated, the step's own CO2 alone can be captured."""
    fossil, biogenic = (use @ column for column in (found.generated_fossil, found.generated_biogenic))
    rate = steps.capture_rate
    captured = rate * (found.generated_fossil + found.generated_biogenic)
    return {
        "generated_fossil": fossil[own],
        "generated_biogenic": biogenic[own],
        "captured": captured[own],
        "captured_biogenic": (rate * found.generated_biogenic)[own],
        "scope1": (fossil - captured)[own],
    }
