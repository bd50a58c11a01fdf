"""One test for each known defect of the reference model that no other test would notice; docs/reference-model.md lists
all of them. Worlds and answers are small enough for pencil and paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from steeliq.simulation.agents.finance import equity_cost
from steeliq.simulation.agents.foresight import look_ahead
from steeliq.simulation.agents.lines import compile_lines
from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state, learned
from steeliq.simulation.step import advance
from tests.micro import (
    FREIGHT,
    IRON_IN_BOF,
    ORE_IN_BF,
    POWER_OF_EAF,
    frame,
    micro,
)
from tests.simulation.test_decisions import START, books_of, inputs_of, prices_of, state_of
from tests.strategies import World, solved, solved_state, tiny

YEARS = np.arange(1, 21)


def discounted(inputs: Inputs) -> float:
    """What 1 USD in each of the years 1 .. 20 is worth in the first country."""
    return float(((1 + inputs.conditions.cost_of_equity[0]) ** -YEARS).sum())


def worth(inputs: Inputs, route: str, use: float) -> tuple[float, float]:
    """Cash of 20 years per tonne of capacity in the first country, and the use that is expected of it."""
    lines, state = compile_lines(inputs), state_of(inputs)
    books = books_of(inputs, state.fleet, use=use)
    outlook = look_ahead(inputs, lines, prices_of(inputs), state.fleet, books, START)
    line = lines.name.index(route)
    return float(outlook.value(np.array(line), np.array(0), 1, 20)), float(outlook.use[line, 0])


# --- forecasts -------------------------------------------------------------------------------------------------------


def test_committed_capacity_is_compared_with_available_capacity() -> None:
    """Brazil can use nine tenths of its 4.5 Mt in 2025; Germany and India have 7 and 10.5 Mt of steelmaking."""
    inputs = compile_inputs(tiny().dataset, tiny().scenario)
    state = replace(initial_state(inputs), forecasts=np.array([[2021.0, 2025.0, 2.0, 20e6]]))
    (row,) = advance(inputs, state)[1].tables["forecasts"].to_dict("records")
    assert row["indicator"] == "committed steel capacity"
    assert row["outcome"] == pytest.approx(0.9 * 4.5e6 + 7.0e6 + 10.5e6)


# --- learning --------------------------------------------------------------------------------------------------------


def test_capex_falls_by_the_learning_rate_with_every_doubling_of_what_was_built() -> None:
    """10 Mt, then 40 Mt in 2030: two doublings at 8 % leave 0.92 x 0.92 of the cost; an arc furnace learns nothing."""
    world = micro({"H": ("P/DEU", "DRI_H2", 10.0), "K": ("P/DEU", "DRI_H2", 30.0), "L": ("P/DEU", "EAF", 1.0)}, {})
    inputs = compile_inputs(world.dataset, world.scenario)
    fleet = initial_state(inputs).fleet
    fleet = fleet.changed(opens=np.where(fleet.id == "K", 2030, fleet.opens))
    shaft, furnace = (inputs.technologies.index(name) for name in ("DRI_H2", "EAF"))
    for year, factor in ((2029, 1.0), (2030, 0.92 * 0.92)):
        now = learned(inputs, fleet, year).technologies
        for cost, before in ((now.capex, inputs.technologies.capex), (now.reline, inputs.technologies.reline)):
            assert cost[:, shaft] == pytest.approx(factor * before[:, shaft])
            assert cost[:, furnace] == pytest.approx(before[:, furnace])


def test_owners_see_what_was_learnt() -> None:
    """40 Mt of hydrogen shafts, 10 Mt to start with: a new one is worth more by what its owner saves on it."""
    npv = {}
    for rate in (0.0, 0.08):
        technologies = tiny().tables["technologies"]
        world = tiny(decisions={"mode": "deterministic"}).having(technologies=technologies.assign(learning_rate=rate))
        inputs = compile_inputs(world.dataset, world.scenario)
        state = initial_state(inputs)
        built = state.fleet.technology == inputs.technologies.index("DRI_GAS")
        fleet = state.fleet.changed(
            technology=np.where(built, inputs.technologies.index("DRI_H2"), state.fleet.technology),
            capacity=np.where(built, 20e6, state.fleet.capacity),
            opens=np.where(built, 2026, state.fleet.opens),
            campaign_end=np.where(state.fleet.id == "P1-BF-1", 2026, 2045),
        )
        _, year = advance(inputs, replace(state, year=2026, fleet=fleet))
        table = year.tables["candidates"].set_index(["furnace_group", "route"])["npv"]
        npv[rate] = float(table["P1-BF-1", "DRI_H2_EAF"])
    lines = compile_lines(inputs)
    capex = inputs.technologies.capex[1, inputs.technologies.index("DRI_H2")]
    saved = (1 - 0.92 * 0.92) * capex * lines.iron_rate[lines.name.index("DRI_H2_EAF")]
    dollar = float(equity_cost(0.2, 0.04, 0.08, 4, 20))  # what a dollar of investment costs a German owner
    assert npv[0.08] - npv[0.0] == pytest.approx(saved * dollar)


# --- emissions -------------------------------------------------------------------------------------------------------


def test_a_furnace_with_two_charges_takes_its_power_from_the_grid_once() -> None:
    """0.4 Mt from scrap at 0.6345 MWh/t and 0.6 Mt from pig iron at 0.1 MWh/t less, at 0.5 tCO2/MWh."""
    scrap = 0.985 / (1 - 0.05) / 0.955
    world = micro(
        {"E": ("P/DEU", "EAF", 2.0), "F": ("Q/DEU", "BF", 2.0)},
        {"DEU": 1.0},
        scrap={"DEU": 0.4 * scrap},
        ore={"DEU": 90.0},
        grid=0.5,
    )
    result = solved(world)
    furnace = list(result.state.fleet.id).index("E")
    made = result.books.by_option[furnace]
    assert sorted(made[made > 1.0].tolist()) == pytest.approx([0.4e6, 0.6e6])
    power = 0.4e6 * POWER_OF_EAF + 0.6e6 * (POWER_OF_EAF - 0.1)
    assert result.emissions.scope2[furnace] == pytest.approx(0.5 * power)


def test_freight_of_all_goods_is_added_up() -> None:
    """Ore from Brazil for 1 Mt of converter steel and 0.5 Mt of steel from India, 0.1 tCO2 a tonne each."""
    world = micro(
        {"B": ("P/DEU", "BOF", 1.0), "F": ("P/DEU", "BF", 2.0), "E": ("Q/IND", "EAF", 0.5)},
        {"DEU": 1.5},
        scrap={"IND": 9.0},
        charge_limits=frame("technology charge_group year minimum maximum", ("BOF", "metal", 2025, 1.0, 1.0)),
        charge_groups=frame("technology charge_group commodity", ("BOF", "metal", "hot_metal")),
        boundaries=frame("boundary term factor emission_factor", ("ships", "transport", 1.0, None)),
    )
    inputs = compile_inputs(world.dataset, world.scenario)
    _, year = advance(inputs, initial_state(inputs))
    flows = year.tables["flows"].groupby("commodity")["emissions"].sum()
    ore = 0.1 * ORE_IN_BF * IRON_IN_BOF * 1e6
    assert flows["iron_ore"] == pytest.approx(ore)
    assert flows["crude_steel"] == pytest.approx(0.1 * 0.5e6)
    world_row = year.tables["intensities"].query("boundary == 'ships' and route == 'world'")
    assert world_row["emissions"].item() == pytest.approx(ore + 0.05e6)


# --- costs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", [0.65, 0.85])
def test_a_new_line_pays_carbon_on_the_tonnes_that_it_makes(use: float) -> None:
    """100 USD/t on scope 1 of each tonne, whatever the use: never the emissions of full capacity over fewer tonnes."""
    values = {}
    for price in (0.0, 100.0):
        inputs = inputs_of(carbon={"paths": {"WORLD": price}, "free_allocation": 0.0})
        values[price], expected = worth(inputs, "SCRAP_EAF", use)
    lines = compile_lines(inputs)
    tonne = float(lines.weight[lines.name.index("SCRAP_EAF")] @ inputs.recipes.scope1)
    assert tonne > 0.05
    assert 0.6 <= expected <= 0.9
    assert values[100.0] - values[0.0] == pytest.approx(-100.0 * tonne * expected * discounted(inputs))


@pytest.mark.parametrize("use", [0.65, 0.85])
def test_fixed_cost_follows_capacity_in_forecasts_as_in_accounts(use: float) -> None:
    """10 USD/t more a year cost 10 USD per tonne of capacity in both, however much is made."""
    inputs = inputs_of()
    dearer = replace(
        inputs, technologies=replace(inputs.technologies, fixed_opex=inputs.technologies.fixed_opex + 10.0)
    )
    change = worth(dearer, "SCRAP_EAF", use)[0] - worth(inputs, "SCRAP_EAF", use)[0]
    assert change == pytest.approx(-10.0 * discounted(inputs))
    world = micro({"E": ("P/DEU", "EAF", 2.0)}, {"DEU": 2.0 * use}, scrap={"DEU": 9.0})
    plain = compile_inputs(world.dataset, world.scenario)
    more = replace(plain, technologies=replace(plain.technologies, fixed_opex=plain.technologies.fixed_opex + 10.0))
    books = [solved_state(one, initial_state(one)).books for one in (plain, more)]
    assert books[0].production.sum() == pytest.approx(2e6 * use)
    assert books[0].cash.sum() - books[1].cash.sum() == pytest.approx(10.0 * 2e6)


def test_the_carbon_price_of_a_year_moves_the_dispatch_of_that_year() -> None:
    """India is 0.76 USD/t cheaper landed in Germany until it prices its carbon at 100 USD/t, in 2026."""
    world = two_works().under(carbon={"paths": {"IND": {2025: 0.0, 2026: 100.0}}}, period={"start": 2025, "end": 2026})
    inputs = compile_inputs(world.dataset, world.scenario)
    state = initial_state(inputs)
    for year, germany in ((2025, 0.0), (2026, 1e6)):
        result = solved_state(inputs, replace(state, year=year))
        assert result.books.production[0] == pytest.approx(germany, abs=1.0)


def two_works() -> World:
    """The same arc furnace in Germany (power at 100 USD/MWh) and India (20); Germany wants 1 Mt."""
    return micro(
        {"D": ("P/DEU", "EAF", 2.0), "I": ("Q/IND", "EAF", 2.0)},
        {"DEU": 1.0},
        scrap={"DEU": 5.0, "IND": 5.0},
        prices={"electricity": {"WORLD": 20.0, "DEU": 100.0}},
    )


def test_what_buyers_pay_for_iron_is_what_its_makers_earn_and_the_freight() -> None:
    """Pig iron from India for a converter in Germany: one price, so no margin is earned twice."""
    world = micro(
        {"M": ("Q/IND", "BF", 2.0), "B": ("P/DEU", "BOF", 1.0)},
        {"DEU": 1.0},
        ore={"IND": 50.0},
        prices={"coking_coal": 200.0},
    )
    result = solved(world)
    maker, user = (list(result.state.fleet.id).index(name) for name in ("M", "B"))
    tonnes = IRON_IN_BOF * 1e6
    assert result.books.production[maker] == pytest.approx(tonnes)
    cost = ORE_IN_BF * 50.0 + 0.4 * 1.28 * 200.0
    assert result.books.revenue[maker] == pytest.approx(cost * tonnes, rel=1e-5)
    assert result.books.metallics[user] == pytest.approx(result.books.revenue[maker] + FREIGHT * tonnes, rel=1e-6)
