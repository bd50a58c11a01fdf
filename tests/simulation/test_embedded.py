"""Embedded emissions at a border where iron can be made in a cleaner and in a dirtier way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state
from steeliq.simulation.market.adjustment import country_means
from steeliq.simulation.market.groups import Groups, groups_of
from tests.micro import frame, micro
from tests.simulation.test_dispatch import second_opinion
from tests.strategies import World, base_tables, solved


def two_ways(**more: Any) -> World:
    """India's shaft (2 Mt) may run on gas or with half the gas and hydrogen for the rest; Germany wants its steel."""
    base = base_tables()
    bill = base["bill_of_materials"]
    gas = bill[(bill["technology"] == "DRI_GAS") & (bill["option"] == "gas")]
    halved = gas.assign(
        option="a_blend", amount=gas["amount"].where(gas["commodity"] != "natural_gas", 0.5 * gas["amount"])
    )
    hydrogen = gas.head(1).assign(option="a_blend", direction="input", commodity="hydrogen", amount=0.03)
    recipes = base["recipes"]
    one = recipes[(recipes["technology"] == "DRI_GAS") & (recipes["option"] == "gas")].assign(option="a_blend")
    return micro(
        {"S": ("Q/IND", "DRI_GAS", 2.0), "E": ("Q/IND", "EAF", 2.0)},
        {"DEU": 1.0},
        ore={"IND": 10.0},
        carbon={"EU27": 100.0},
        border_adjustments=frame("bloc commodity year share", ("EU27", "crude_steel", 2025, 1.0)),
        charge_limits=frame("technology charge_group year minimum maximum", ("EAF", "metal", 2025, 1.0, 1.0)),
        charge_groups=frame("technology charge_group commodity", ("EAF", "metal", "hot_dri")),
        bill_of_materials=pd.concat([bill, halved, hydrogen], ignore_index=True),
        recipes=pd.concat([recipes, one], ignore_index=True),
        **more,
    )


def compiled() -> tuple[Inputs, Groups]:
    world = two_ways()
    inputs = compile_inputs(world.dataset, world.scenario)
    return inputs, groups_of(inputs, initial_state(inputs).fleet, 2025)


def scope1(inputs: Inputs, technology: str, option: str) -> float:
    return float(inputs.recipes.scope1[inputs.recipes.options.index((technology, option))])


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_country_s_mean_takes_iron_as_it_was_made(share: float) -> None:
    """2 Mt of iron, of which a share was blended, and a tonne of steel from it: s(EAF) + charge x mean of the iron."""
    inputs, groups = compiled()
    options = inputs.recipes.options
    made = np.zeros((len(groups), len(options)))
    technology = [inputs.technologies.names[t] for t in groups.technology]
    made[technology.index("DRI_GAS"), options.index(("DRI_GAS", "a_blend"))] = 2e6 * share
    made[technology.index("DRI_GAS"), options.index(("DRI_GAS", "gas"))] = 2e6 * (1.0 - share)
    made[technology.index("EAF"), options.index(("EAF", "hot_dri"))] = 1e6
    iron = share * scope1(inputs, "DRI_GAS", "a_blend") + (1.0 - share) * scope1(inputs, "DRI_GAS", "gas")
    charge = float(inputs.recipes.charge[options.index(("EAF", "hot_dri"))])
    found, _ = country_means(inputs, groups, made, 2025)
    india = inputs.countries.index("IND")
    assert found[inputs.commodities.index("dri"), india] == pytest.approx(iron, rel=1e-12)
    assert found[inputs.steel, india] == pytest.approx(scope1(inputs, "EAF", "hot_dri") + charge * iron, rel=1e-12)


def test_before_anything_is_made_iron_counts_at_its_maker_s_dirtiest() -> None:
    """The blend stands first by name and is the cleaner one; the border charges as if all iron came from gas."""
    world = two_ways()
    result, (inputs, _) = solved(world), compiled()
    clean, dirty = (scope1(inputs, "DRI_GAS", option) for option in ("a_blend", "gas"))
    assert clean < 0.7 * dirty
    charge = float(inputs.recipes.charge[inputs.recipes.options.index(("EAF", "hot_dri"))])
    paid = float((result.flows.bordered * result.network.border.charge).sum()) / 1e6  # on a tonne
    assert paid == pytest.approx(100.0 * (scope1(inputs, "EAF", "hot_dri") + charge * dirty), abs=1e-5)
    assert result.objective == pytest.approx(second_opinion(world), rel=1e-7)
