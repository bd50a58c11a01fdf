"""The element balance: how much iron and carbon enters and leaves one step, and what CO2 follows from it.

A *step* is one recipe (technology and option) per unit of its product. Commodities carry iron and carbon;
CO2 is what is left of the carbon, times 44/12 (molar masses 12 g/mol for C and 16 g/mol for O, as in the
IPCC 2006 guidelines), and never a number of its own, so that mass and emissions cannot drift apart.

Axis letters: s step, k commodity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Bools, Floats, Ints

CO2_PER_CARBON = 44.0 / 12.0
"""t CO2 per t C."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a unit of each commodity carries.

    iron, carbon: (k,) t per unit; upstream: (k,) tCO2e per unit; biogenic, metallic: (k,); kind: (k,) text.
    """

    commodities: tuple[str, ...]
    kind: tuple[str, ...]
    iron: Floats
    carbon: Floats
    upstream: Floats
    biogenic: Bools
    metallic: Bools

    def of_kind(self, *kinds: str) -> Bools:
        """(k,) whether the commodity is of one of the kinds."""
        return np.array([kind in kinds for kind in self.kind], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Steps:
    """Every recipe as a row of two matrices, auxiliary steps included.

    keys: (technology, option) sorted; stage: (s,) text; product: (s,) commodity index;
    inputs, outputs: (s, k) units per unit of product; iron_loss, capture_rate: (s,) shares.
    """

    keys: tuple[tuple[str, str], ...]
    stage: tuple[str, ...]
    product: Ints
    inputs: Floats
    outputs: Floats
    iron_loss: Floats
    capture_rate: Floats


@dataclass(frozen=True, slots=True)
class Balance:
    """Iron and carbon of each step, all (s,) and per unit of product.

    iron_lost is the residual of the iron balance; generated_* are t CO2 before any capture.
    """

    iron_in: Floats
    iron_out: Floats
    iron_lost: Floats
    carbon_in: Floats
    carbon_out: Floats
    generated_fossil: Floats
    generated_biogenic: Floats


def read_contents(commodities: pd.DataFrame) -> Contents:
    """Contents of every commodity, in the order of their names."""
    table = commodities.sort_values("commodity", kind="stable")

    def numbers(column: str) -> Floats:
        return pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)

    return Contents(
        commodities=tuple(str(name) for name in table["commodity"]),
        kind=tuple(str(kind) for kind in table["kind"]),
        iron=numbers("iron"),
        carbon=numbers("carbon"),
        upstream=numbers("upstream"),
        biogenic=table["biogenic"].to_numpy(dtype=np.bool_),
        metallic=table["metallic"].to_numpy(dtype=np.bool_),
    )


def read_steps(tables: Mapping[str, pd.DataFrame], contents: Contents) -> Steps:
    """Recipes and bills of materials as matrices.

    Raises KeyError if a recipe names an unknown technology or a bill an unknown commodity; the dataset's
    checks report those with their rows beforehand.
    """
    column = {name: k for k, name in enumerate(contents.commodities)}
    technologies = tables["technologies"].set_index("technology")
    recipes = tables["recipes"].sort_values(["technology", "option"], kind="stable")
    keys = tuple((str(t), str(o)) for t, o in zip(recipes["technology"], recipes["option"], strict=True))
    row = {key: s for s, key in enumerate(keys)}
    amounts = {side: np.zeros((len(keys), len(column))) for side in ("input", "output")}
    bill = tables["bill_of_materials"]
    for technology, option, commodity, direction, amount in zip(
        bill["technology"], bill["option"], bill["commodity"], bill["direction"], bill["amount"], strict=True
    ):
        s = row.get((str(technology), str(option)))
        if s is not None:
            amounts[str(direction)][s, column[str(commodity)]] += float(amount)
    names = [technology for technology, _ in keys]
    return Steps(
        keys=keys,
        stage=tuple(str(technologies.at[name, "stage"]) for name in names),
        product=np.array([column[str(technologies.at[name, "product"])] for name in names], dtype=np.int64),
        inputs=amounts["input"],
        outputs=amounts["output"],
        iron_loss=recipes["iron_loss"].to_numpy(dtype=np.float64),
        capture_rate=np.array([float(str(technologies.at[name, "capture_rate"])) for name in names]),
    )


def balance(steps: Steps, contents: Contents) -> Balance:
    """Iron and carbon balance of every step.

    Carbon that stays in products and by-products is taken from the fossil inputs first, and from biogenic ones only
    when those do not suffice: a product's carbon is fossil to whoever burns it later, so nothing is credited twice.
    """
    iron_in, iron_out = steps.inputs @ contents.iron, steps.outputs @ contents.iron
    carbon_in, carbon_out = steps.inputs @ contents.carbon, steps.outputs @ contents.carbon
    fossil = np.where(contents.biogenic, 0.0, contents.carbon)
    emitted = carbon_in - carbon_out
    emitted_fossil = np.clip(steps.inputs @ fossil - steps.outputs @ fossil, 0.0, np.maximum(emitted, 0.0))
    return Balance(
        iron_in=iron_in,
        iron_out=iron_out,
        iron_lost=iron_in - iron_out,
        carbon_in=carbon_in,
        carbon_out=carbon_out,
        generated_fossil=emitted_fossil * CO2_PER_CARBON,
        generated_biogenic=(emitted - emitted_fossil) * CO2_PER_CARBON,
    )


def step_balance(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per recipe, auxiliary steps included: where its iron and carbon go, t per unit of product.

    ``iron_lost`` is the stated loss and ``iron_residual`` what the bill of materials leaves unexplained;
    ``carbon_emitted`` is before capture, and ``co2`` the same in t CO2.
    """
    contents = read_contents(tables["commodities"])
    steps = read_steps(tables, contents)
    found = balance(steps, contents)
    stated = steps.iron_loss * found.iron_in
    return pd.DataFrame(
        {
            "technology": [technology for technology, _ in steps.keys],
            "option": [option for _, option in steps.keys],
            "stage": steps.stage,
            "product": [contents.commodities[k] for k in steps.product],
            "iron_in": found.iron_in,
            "iron_out": found.iron_out,
            "iron_lost": stated,
            "iron_residual": found.iron_in - found.iron_out - stated,
            "carbon_in": found.carbon_in,
            "carbon_out": found.carbon_out,
            "carbon_emitted": found.carbon_in - found.carbon_out,
            "co2": found.generated_fossil + found.generated_biogenic,
            "co2_biogenic": found.generated_biogenic,
        }
    )
