"""Subsidies, taxes and carbon contracts against pencil and paper: in the dispatch, in the books and in decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from steeliq.errors import DatasetError
from steeliq.simulation.agents.finance import discount_factors, equity_cost
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.step import advance
from tests.micro import POWER_OF_EAF, SCRAP_IN_EAF, frame, micro
from tests.simulation.test_decisions import books_of, prices_of, state_of
from tests.simulation.test_dispatch import output, price
from tests.strategies import World, base_tables, changed, solved
from tests.worlds import tiny_tables, write_tiny

SUBSIDY = "subsidy area technology item commodity start end relative absolute"
CONTRACT = "contract area technology start end strike benchmark two_way"


def measure(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Rows (area, technology, item, commodity, relative, absolute), in force from 2020 to 2100."""
    return frame(SUBSIDY, *[(f"S{n}", *row[:4], 2020, 2100, *row[4:]) for n, row in enumerate(rows)])


def rivals(**more: Any) -> World:
    """India makes a tonne 50.76 USD cheaper than Germany (80 USD/MWh x 0.6345 MWh), 0.76 USD more than the freight."""
    return micro(
        {"D": ("P/DEU", "EAF", 2.0), "I": ("Q/IND", "EAF", 2.0)},
        {"DEU": 1.0},
        scrap={"DEU": 5.0, "IND": 5.0},
        prices={"electricity": {"WORLD": 20.0, "DEU": 100.0}},
        **more,
    )


# --- in the dispatch -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "at_home"),
    [
        (("DEU", "EAF", "commodity", "electricity", 0.0, 1.0), 0.0),  # 1 x 0.6345 = 0.63 USD/t < 0.76
        (("DEU", "EAF", "commodity", "electricity", 0.0, 1.5), 1.0),  # 1.5 x 0.6345 = 0.95
        (("EU27", "E*", "commodity", "electricity", 0.01, 0.0), 0.0),  # 1 % of 100 USD/MWh is 1
        (("NOT BRICS", "*", "commodity", "electricity", 0.015, 0.0), 1.0),
        (("DEU", "BOF", "commodity", "electricity", 0.5, 0.0), 0.0),  # not for arc furnaces
        (("IND", "EAF", "commodity", "electricity", -0.05, 0.0), 0.0),  # a tax of 5 % of 20: 0.63 USD/t
        (("IND", "EAF", "commodity", "electricity", -0.1, 0.0), 1.0),  # 10 %: 1.27 USD/t
        (("DEU", "EAF", "commodity", "crude_steel", 0.0, 0.75), 0.0),  # on the product itself
        (("DEU", "EAF", "commodity", "crude_steel", 0.0, 0.77), 1.0),
        (("DEU", "EAF", "commodity", "scrap", 0.0, 0.69), 0.0),  # 0.69 x 1.0857 = 0.75 USD/t
        (("DEU", "EAF", "commodity", "scrap", 0.0, 0.71), 1.0),  # 0.71 x 1.0857 = 0.77
    ],
)
def test_support_of_goods_moves_production_where_it_outweighs_the_advantage(
    row: tuple[Any, ...], at_home: float
) -> None:
    assert pytest.approx(50.76) == 80.0 * POWER_OF_EAF
    assert pytest.approx(1.0857, abs=1e-4) == SCRAP_IN_EAF
    assert output(solved(rivals(subsidies=measure(row))), "D") == pytest.approx(at_home, abs=1e-9)


def test_rows_add_up_but_pay_no_more_than_the_price() -> None:
    rows = [("DEU", "EAF", "commodity", "electricity", share, 0.0) for share in (0.7, 0.6)]
    result = solved(rivals(subsidies=measure(*rows)))
    assert price(result, "crude_steel", "DEU") == pytest.approx(100.0 * SCRAP_IN_EAF, abs=1e-3)  # power is free
    assert result.books.support.sum() == pytest.approx(100.0 * POWER_OF_EAF * 1e6)


def test_the_scenario_takes_support_away_or_scales_it() -> None:
    world = rivals(subsidies=measure(("DEU", "EAF", "commodity", "electricity", 0.0, 1.0)))
    for factor, at_home in ((0.0, 0.0), (1.0, 0.0), (1.5, 1.0)):
        assert output(solved(world.under(support={"subsidies": factor})), "D") == pytest.approx(at_home, abs=1e-9)


@pytest.mark.parametrize(
    ("strike", "carbon", "two_way", "paid"),
    [
        (100.0, 40.0, False, 60.0),
        (100.0, 130.0, False, 0.0),
        (100.0, 130.0, True, -30.0),
    ],
)
def test_a_carbon_contract_pays_the_gap_on_abated_tonnes(
    strike: float, carbon: float, two_way: bool, paid: float
) -> None:
    contract = frame(CONTRACT, ("C", "EU27", "EAF", 2020, 2100, strike, 0.5, two_way))
    world = micro(
        {"D": ("P/DEU", "EAF", 2.0)},
        {"DEU": 1.0},
        scrap={"DEU": 5.0},
        carbon={"DEU": carbon},
        carbon_contracts=contract,
    )
    result = solved(world)
    scope1 = float(result.emissions.scope1.sum()) / 1e6  # tCO2 per tonne of steel
    assert 0.0 < scope1 < 0.5
    tonne = 100.0 * SCRAP_IN_EAF + carbon * scope1 - paid * (0.5 - scope1)
    assert result.objective == pytest.approx(tonne, rel=1e-9)
    assert result.books.support.sum() == pytest.approx(paid * (0.5 - scope1) * 1e6, abs=1.0)


def test_a_plant_dirtier_than_the_benchmark_pays_nothing_back() -> None:
    contract = frame(CONTRACT, ("C", "EU27", "EAF", 2020, 2100, 100.0, 0.01, True))
    world = micro({"D": ("P/DEU", "EAF", 2.0)}, {"DEU": 1.0}, scrap={"DEU": 5.0}, carbon_contracts=contract)
    assert solved(world).books.support.sum() == 0.0


# --- in the books ----------------------------------------------------------------------------------------------------


def test_every_dollar_of_support_stands_in_the_table_and_the_audit_holds() -> None:
    rows = (
        ("DEU", "EAF", "commodity", "electricity", 0.0, 20.0),
        ("DEU", "EAF", "fixed_opex", "", 0.5, 1.0),
        ("DEU", "EAF", "cost_of_debt", "", 0.0, 0.01),
    )
    world = rivals(subsidies=measure(*rows))
    inputs = compile_inputs(world.dataset, world.scenario)
    state = initial_state(inputs)
    _, result = advance(inputs, state)
    assert result.tables["audit"]["passed"].all()
    table = result.tables["support"]
    assert set(table["country"]) == {"DEU"}
    paid = table.set_index("item")["amount"]
    assert paid["goods"] == pytest.approx(20.0 * POWER_OF_EAF * 1e6)  # 1 Mt is made at home: 12.69 > 0.76
    assert paid["fixed_opex"] == pytest.approx((0.5 * 30.0 + 1.0) * 2e6)  # USD 30 per t/yr on 2 Mt
    debt = float(state.fleet.debt[list(state.fleet.id).index("D")])
    assert debt > 0
    assert paid["cost_of_debt"] == pytest.approx(0.01 * debt)
    accounts = result.tables["accounts"].set_index("furnace_group")
    assert accounts.loc["D", "fixed_cost"] == pytest.approx((30.0 - 16.0) * 2e6)
    assert accounts.loc["D", "interest"] == pytest.approx((0.04 - 0.01) * debt)


def test_costs_by_item_still_add_up_to_the_objective_with_support() -> None:
    world = rivals(subsidies=measure(("DEU", "EAF", "commodity", "electricity", 0.0, 20.0)))
    inputs = compile_inputs(world.dataset, world.scenario)
    _, result = advance(inputs, initial_state(inputs))
    costs = result.tables["costs"].query("country == 'DEU'").set_index("item")["value"]
    assert costs["support"] == pytest.approx(-20.0 * POWER_OF_EAF * 1e6)
    assert costs["energy"] == pytest.approx(100.0 * POWER_OF_EAF * 1e6)


# --- in decisions ----------------------------------------------------------------------------------------------------


def inputs_with(**tables: pd.DataFrame) -> Inputs:
    world = World(changed(base_tables(), **tables), Scenario.model_validate({"decisions": {"mode": "deterministic"}}))
    return compile_inputs(world.dataset, world.scenario)


def npvs(inputs: Inputs) -> pd.Series:
    """NPV of every course at the Indian DRI plant whose campaign ends."""
    from steeliq.simulation.agents.decide import decide

    state = state_of(inputs, campaign_end={"P4-DRI_GAS-1": 2025})
    choices = decide(inputs, state, prices_of(inputs), books_of(inputs, state.fleet))
    table = choices.candidates
    return table[table["furnace_group"] == "P4-DRI_GAS-1"].set_index("route")["npv"]


H2 = "MERCHANT_DRI_H2"
RATES = {"debt_rate": 0.06, "equity_rate": 0.12}  # India, in BRICS


@pytest.mark.parametrize(
    ("row", "gain"),
    [
        # the conversion costs 150 + 560 - 557 = 153 USD per t/yr; its owner pays equity_cost per dollar
        (("IND", "DRI_H2", "capex", "", 0.3, 0.0), 0.3 * 153.0),
        (("IND", "DRI_H2", "capex", "", 0.0, 100.0), 100.0),
        (("IND", "DRI_H2", "capex", "", 0.0, 500.0), 153.0),  # never more than it costs
        (("IND", "DRI_*", "capex", "", -0.1, 0.0), -15.3),
        (("DEU", "DRI_H2", "capex", "", 0.3, 0.0), 0.0),
        (("IND", "EAF", "capex", "", 0.3, 0.0), 0.0),
    ],
)
def test_a_grant_is_worth_its_dollars_and_reaches_no_other_candidate(row: tuple[Any, ...], gain: float) -> None:
    plain, supported = npvs(inputs_with()), npvs(inputs_with(subsidies=measure(row)))
    worth = gain * float(equity_cost(0.2, construction=4, life=20, **RATES))
    assert supported[H2] - plain[H2] == pytest.approx(worth, abs=1e-9)
    others = [name for name in plain.index if name != H2]
    assert others
    assert plain[others].tolist() == supported[others].tolist()


def test_what_is_built_costs_what_its_country_s_factor_says() -> None:
    """At twice the CAPEX a conversion of 153 USD per t/yr costs as much again, a relining of 150 too; grants follow."""

    def under(factor: dict[str, Any], *rows: tuple[Any, ...], table: float = 1.0) -> pd.Series:
        factors = base_tables()["country_factors"]
        own = frame("factor country year value", ("capex", "IND", 2025, table))
        world = World(
            changed(base_tables(), subsidies=measure(*rows), country_factors=pd.concat([factors, own])),
            Scenario.model_validate({"decisions": {"mode": "deterministic"}, "finance": {"capex": factor}}),
        )
        return npvs(compile_inputs(world.dataset, world.scenario))

    plain = under({})
    one = float(equity_cost(0.2, construction=4, life=20, **RATES))
    for dear in (under({"BRICS": 2.0}), under({}, table=2.0)):
        assert plain[H2] - dear[H2] == pytest.approx(153.0 * one)
        assert plain["stay"] - dear["stay"] == pytest.approx(
            150.0 * float(equity_cost(0.2, construction=1, life=20, **RATES))
        )
    assert under({"EU27": 2.0}).tolist() == plain.tolist()
    half = ("IND", "DRI_H2", "capex", "", 0.5, 0.0)
    assert under({"IND": 2.0}, half)[H2] == pytest.approx(plain[H2])  # half of twice as much


def test_supported_relinings_help_to_stay() -> None:
    plain, supported = (
        npvs(inputs_with(subsidies=measure(*rows))) for rows in ((), (("IND", "DRI_GAS", "reline", "", 0.5, 0.0),))
    )
    worth = 0.5 * 150.0 * float(equity_cost(0.2, construction=1, life=20, **RATES))
    assert supported["stay"] - plain["stay"] == pytest.approx(worth)
    assert supported[H2] == plain[H2]


def test_cheaper_debt_is_worth_the_interest_that_it_saves_down_to_the_risk_free_rate() -> None:
    plain = npvs(inputs_with())
    for cut, effective in ((0.01, 0.01), (0.3, 0.04)):  # 6 % can fall to 2 %
        supported = npvs(inputs_with(subsidies=measure(("IND", "DRI_H2", "cost_of_debt", "", 0.0, cut))))
        discount = discount_factors(0.12, 24)[4:]
        saved = 0.8 * 153.0 * effective * float(discount @ (1.0 - np.arange(20) / 20))
        assert supported[H2] - plain[H2] == pytest.approx(saved)
        assert supported["stay"] == plain["stay"]


def test_supported_fixed_cost_counts_in_the_years_of_the_measure_only() -> None:
    row = ("S", "IND", "DRI_H2", "fixed_opex", "", 2031, 2032, 0.25, 0.0)
    plain, supported = npvs(inputs_with()), npvs(inputs_with(subsidies=frame(SUBSIDY, row)))
    assert supported[H2] - plain[H2] == pytest.approx(0.25 * 40.0 * (1.12**-6 + 1.12**-7))


def test_the_scenarios_own_grants_and_hydrogen_subsidies_reach_near_zero_technologies_of_the_area() -> None:
    plain = npvs(inputs_with())

    def under(**support: Any) -> pd.Series:
        world = World(
            base_tables(), Scenario.model_validate({"decisions": {"mode": "deterministic"}, "support": support})
        )
        return npvs(compile_inputs(world.dataset, world.scenario))

    granted = under(capex={"BRICS": {2025: 0.3, 2030: 0.0}})
    assert granted[H2] - plain[H2] == pytest.approx(
        0.3 * 153.0 * float(equity_cost(0.2, construction=4, life=20, **RATES))
    )
    others = [name for name in plain.index if name != H2]
    assert granted[others].tolist() == plain[others].tolist()
    assert under(capex={"EU27": 0.3}).tolist() == plain.tolist()
    assert under(capex={"BRICS": {2026: 0.3}}).tolist() == plain.tolist()
    assert under(hydrogen={"IND": 500.0})[H2] > plain[H2]
    cheaper = under(debt={"BRICS": 0.01})  # a point less interest on four fifths of 153 USD, paid back over 20 years
    left = float(discount_factors(0.12, 24)[4:] @ (1.0 - np.arange(20) / 20))
    assert cheaper[H2] - plain[H2] == pytest.approx(0.8 * 153.0 * 0.01 * left)
    assert cheaper[others].tolist() == plain[others].tolist()
    contracted = under(strikes={"BRICS": 50.0})
    assert contracted[H2] > plain[H2]
    assert contracted[others].tolist() == plain[others].tolist()
    assert under(strikes={"BRICS": 50.0}, benchmark=0.0).tolist() == plain.tolist()


@pytest.mark.parametrize(("carbon", "paid"), [(0.0, 120.0), (50.0, 70.0), (150.0, 0.0)])
def test_a_scenarios_own_contract_pays_what_the_carbon_price_lacks_of_the_strike(carbon: float, paid: float) -> None:
    world = World(
        base_tables(),
        Scenario.model_validate(
            {
                "carbon": {"paths": {"WORLD": carbon}},
                "support": {"strikes": {"IND": {2026: 60.0}}, "strike_factor": 2.0, "benchmark": 1.3},
            }
        ),
    )
    inputs = compile_inputs(world.dataset, world.scenario)
    contracts, near = inputs.support.contracts, inputs.technologies.near_zero[inputs.recipes.technology]
    india = inputs.countries.index("IND")
    abated = np.maximum(1.3 - inputs.recipes.scope1, 0.0)
    assert near.any()
    assert contracts[1, near, india] == pytest.approx(paid * abated[near])
    assert not contracts[:, ~near].any()
    assert not contracts[0].any()  # 2025
    assert not np.delete(contracts, india, axis=2).any()


def test_priced_grid_power_costs_what_it_emits() -> None:
    world = micro({"D": ("P/DEU", "EAF", 2.0)}, {"DEU": 1.0}, scrap={"DEU": 5.0}, carbon={"DEU": 100.0}, grid=0.4)
    site, both = (solved(world.under(carbon={"priced": priced})) for priced in ("scope1", "scope1_and_2"))
    assert both.objective - site.objective == pytest.approx(100.0 * 0.4 * POWER_OF_EAF)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (("IND", "DRI_X*", "capex", "", 0.3, 0.0), "technology", "no technology with furnace groups has this name"),
        (("IND", "EAF", "commodity", "", 0.3, 0.0), "commodity", "item commodity needs the commodity"),
        (("IND", "EAF", "capex", "scrap", 0.3, 0.0), "commodity", "all other items leave the cell empty"),
        (("IND", "EAF", "commodity", "scrap", 0.3, 0.0), "relative", "only a bought commodity"),
        (("IND", "EAF", "cost_of_debt", "", 0.0, 1.0), "absolute", "a share a year"),
        (("NOT MARS", "EAF", "capex", "", 0.3, 0.0), "area", "no country, bloc or region"),
    ],
)
def test_a_measure_that_means_nothing_is_refused(tmp_path: Any, row: tuple[Any, ...], column: str, words: str) -> None:
    tables: Mapping[str, pd.DataFrame] = tiny_tables() | {
        "subsidies": measure(row).assign(source="invented", quality="E")
    }
    with pytest.raises(DatasetError) as caught:
        load(write_tiny(tmp_path / "tiny", tables))
    (problem,) = caught.value.problems
    assert (problem.table, problem.row, problem.column) == ("subsidies", 2, column)
    assert words in problem.rule


def test_a_world_with_measures_loads(tmp_path: Any) -> None:
    tables = tiny_tables() | {
        "subsidies": measure(("NOT EU27", "*", "capex", "", 0.3, 0.0)).assign(source="invented", quality="E")
    }
    dataset: Dataset = load(write_tiny(tmp_path / "tiny", tables))
    assert len(dataset["subsidies"]) == 1
