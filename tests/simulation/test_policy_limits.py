"""Emission caps, scarce inputs, CO2 storage, tariff-rate quotas: in the dispatch, in money and in investment gates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.errors import DatasetError, ScenarioError
from steeliq.simulation.agents.balances import Balances
from steeliq.simulation.agents.foresight import margins
from steeliq.simulation.agents.limits import Limits, Proposal
from steeliq.simulation.agents.lines import compile_lines
from steeliq.simulation.dataset import load
from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.state import State
from steeliq.simulation.step import YearResult, advance
from tests.micro import FREIGHT, POWER_OF_EAF, SCRAP_IN_EAF, frame, micro
from tests.simulation.test_decisions import books_of, prices_of, state_of
from tests.simulation.test_dispatch import TARIFF, output, price, second_opinion, shipped
from tests.simulation.test_support import rivals
from tests.strategies import World, base_tables, changed, examples, solved, worlds
from tests.worlds import tiny_tables, write_tiny

CAP = "area year cap"
LIMIT = "limit area year supply"
GOODS = "limit commodity weight"


def twins(**more: Any) -> World:
    """Germany wants 1 Mt; it and India make it at the same cost, so imports cost the freight of 50 USD/t more."""
    return micro(
        {"D": ("P/DEU", "EAF", 2.0), "I": ("Q/IND", "EAF", 2.0)}, {"DEU": 1.0}, scrap={"DEU": 5.0, "IND": 5.0}, **more
    )


def emitted() -> float:
    """tCO2 per tonne of scrap steel."""
    result = solved(twins())
    return float(result.emissions.scope1.sum()) / 1e6


def year_of(world: World) -> YearResult:
    inputs = compile_inputs(world.dataset, world.scenario)
    _, result = advance(inputs, initial_state(inputs))
    return result


def scarce(result: YearResult) -> pd.DataFrame:
    return result.tables["scarcity"].set_index("kind")


# --- emission caps ---------------------------------------------------------------------------------------------------


def test_a_cap_has_the_price_of_what_it_takes_to_stay_within() -> None:
    """Half of Germany's tonne may be made at home. The next tonne comes at 50 USD more: 50 / e USD per tCO2."""
    e = emitted()
    world = twins(emission_caps=frame(CAP, ("EU27", 2025, 0.5e6 * e)))
    result = solved(world)
    assert output(result, "D") == pytest.approx(0.5)
    assert shipped(result, "crude_steel", "IND", "DEU") == pytest.approx(0.5)
    assert result.flows.cap_price.tolist() == pytest.approx([0.0, FREIGHT / e, 0.0], abs=0.01)  # BRA, DEU, IND
    assert price(result, "crude_steel", "DEU") == pytest.approx(100.0 * SCRAP_IN_EAF + FREIGHT, abs=1e-2)
    assert result.books.allowances.sum() == pytest.approx(FREIGHT * 0.5e6, rel=1e-3)  # what 0.5 Mt emit, at that price


def test_the_price_of_a_cap_is_reported_and_money_adds_up() -> None:
    e = emitted()
    result = year_of(twins(emission_caps=frame(CAP, ("EU27", 2025, 0.5e6 * e))))
    assert result.tables["audit"]["passed"].all()
    assert "money: allowances paid = sold" in set(result.tables["audit"]["invariant"])
    row = scarce(result).loc["emission cap"]
    assert (row["limit"], row["beyond"]) == ("EU27", 0.0)
    assert (row["allowed"], row["used"], row["price"]) == pytest.approx((0.5e6 * e, 0.5e6 * e, FREIGHT / e), rel=1e-3)
    carbon = result.tables["accounts"].set_index("furnace_group")["carbon_cost"]
    assert carbon["D"] == pytest.approx(FREIGHT * 0.5e6, rel=1e-3)
    assert carbon["I"] == 0.0
    costs = result.tables["costs"].query("item == 'carbon'")
    assert costs["value"].sum() == pytest.approx(carbon.sum())


def test_beyond_the_ceiling_price_emissions_are_let_go() -> None:
    e = emitted()
    assert FREIGHT / e > 300.0
    world = twins(emission_caps=frame(CAP, ("EU27", 2025, 0.5e6 * e))).under(carbon={"cap_price_ceiling": 300.0})
    result = year_of(world)
    row = scarce(result).loc["emission cap"]
    assert (row["used"], row["beyond"], row["price"]) == pytest.approx((1e6 * e, 0.5e6 * e, 300.0), rel=1e-3)
    assert result.tables["audit"]["passed"].all()


def test_a_cap_holds_from_its_first_year_on_and_the_scenario_can_lift_or_replace_it() -> None:
    e = emitted()
    cap = frame(CAP, ("EU27", 2025, 0.5e6 * e))
    later = frame(CAP, ("EU27", 2026, 0.5e6 * e))
    assert output(solved(twins(emission_caps=later)), "D") == pytest.approx(1.0)
    lifted = twins(emission_caps=cap).under(carbon={"emission_caps": False})
    assert output(solved(lifted), "D") == pytest.approx(1.0)
    for path in (0.25 * e, {2020: 0.5 * e, 2030: 0.0}):
        own = twins(emission_caps=cap).under(carbon={"caps": {"EU27": path}})
        assert output(solved(own), "D") == pytest.approx(0.25)


def test_owners_expect_the_price_of_a_cap_to_stay() -> None:
    world = World(base_tables(), Scenario.model_validate({"decisions": {"mode": "deterministic"}}))
    inputs = compile_inputs(world.dataset, world.scenario)
    lines, prices = compile_lines(inputs), prices_of(inputs)
    capped = replace(prices, cap=np.array([0.0, 100.0, 0.0]))
    fall = margins(inputs, lines, prices, 2025, 24) - margins(inputs, lines, capped, 2025, 24)
    route = lines.name.index("BF_BOF")
    scope1 = float(lines.weight[route] @ inputs.recipes.scope1)
    assert scope1 > 1.5
    assert fall[route, :, 1] == pytest.approx(100.0 * scope1)
    assert not fall[:, :, [0, 2]].any()


def test_an_unknown_area_of_a_cap_is_refused() -> None:
    from steeliq.errors import ScenarioError

    world = twins().under(carbon={"caps": {"MARS": 1.0}})
    with pytest.raises(ScenarioError, match=r"carbon\.caps"):
        compile_inputs(world.dataset, world.scenario)


@examples(8)
@given(worlds(), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_looser_cap_never_costs_more_and_never_has_a_higher_price(world: World, one: float, two: float) -> None:
    free = solved(world)
    emitted_now = max(float(free.emissions.scope1.sum()), 1.0)
    tight, loose = (
        solved(world.having(emission_caps=frame(CAP, ("WORLD", 2020, share * emitted_now))))
        for share in sorted((one, two))
    )
    assert loose.objective <= tight.objective + 1e-6 * max(1.0, abs(tight.objective))
    assert free.objective <= loose.objective + 1e-6 * max(1.0, abs(loose.objective))
    assert loose.flows.cap_price[0] <= tight.flows.cap_price[0] + 1e-3


# --- scarce inputs ---------------------------------------------------------------------------------------------------


def test_a_scarce_input_binds_and_is_worth_what_it_saves() -> None:
    """India's tonne is 0.76 USD cheaper. Power for 0.3 Mt: another MWh would save 0.76 / 0.6345 USD."""
    world = rivals(
        input_limits=frame(LIMIT, ("clean power", "IND", 2025, 0.3e6 * 2.0 * POWER_OF_EAF)),
        input_limit_goods=frame(GOODS, ("clean power", "electricity", 2.0)),
    )
    result = year_of(world)
    made = result.tables["production"].set_index("furnace_group")["production"]
    assert (made["I"], made["D"]) == pytest.approx((0.3e6, 0.7e6))
    row = scarce(result).loc["input"]
    assert row["price"] == pytest.approx(0.76 / POWER_OF_EAF / 2.0, abs=1e-3)
    assert row["used"] == pytest.approx(row["allowed"])
    assert result.tables["audit"]["passed"].all()


def test_a_scenario_limits_the_use_of_a_good() -> None:
    """As above: power for 0.3 Mt in India, in TWh; another MWh would save 0.76 / 0.6345 USD."""
    result = year_of(rivals().under(limits={"use": {"electricity in IND": 0.3 * POWER_OF_EAF}}))
    made = result.tables["production"].set_index("furnace_group")["production"]
    assert (made["I"], made["D"]) == pytest.approx((0.3e6, 0.7e6))
    assert scarce(result).loc["input", "price"] == pytest.approx(0.76 / POWER_OF_EAF, abs=1e-3)
    later = year_of(rivals().under(limits={"use": {"electricity in IND": {2026: 0.0}}}))
    assert later.tables["production"].set_index("furnace_group")["production"]["D"] == pytest.approx(0.0)


@pytest.mark.parametrize("name", ["electricity", "steam in IND", "electricity in MARS"])
def test_a_limit_on_the_use_of_nothing_is_refused(name: str) -> None:
    world = rivals().under(limits={"use": {name: 1.0}})
    with pytest.raises(ScenarioError, match=rf"limits.use.*{name}.*GOOD in AREA"):
        compile_inputs(world.dataset, world.scenario)


def inputs_with(settings: dict[str, Any] | None = None, **tables: pd.DataFrame) -> Inputs:
    world = World(changed(base_tables(), **tables), Scenario.model_validate(settings or {}))
    return compile_inputs(world.dataset, world.scenario)


def limits_of(inputs: Inputs, state: State) -> Limits:
    books = books_of(inputs, state.fleet)
    return Limits(inputs, state, state.fleet, books.cash, Balances(inputs, state.fleet, books, state.year))


def proposal(inputs: Inputs, country: str, technology: str, tonnes: float) -> Proposal:
    return Proposal(country=inputs.countries.index(country), new=((inputs.technologies.index(technology), tonnes),))


def captured(inputs: Inputs) -> float:
    """tCO2 per tonne that a blast furnace with capture stores at least."""
    return float(inputs.recipes.captured[inputs.recipes.technology == inputs.technologies.index("BF_CCS")].min())


OPEN = {"technologies": {"DRI_H2": {"available_from": 2025}, "BF_CCS": {"available_from": 2025}}}


def test_a_scarce_input_refuses_what_it_cannot_feed_and_comes_back_with_a_closure() -> None:
    """DRI from hydrogen needs h t of it per tonne at least; the limit feeds 1 Mt, India's availability is 1."""
    plain = inputs_with()
    h = float(plain.recipes.bill[:, plain.commodities.index("hydrogen")].max())
    tables = {
        "input_limits": frame(LIMIT, *[("hydrogen", "BRICS", year, 1e6 * h) for year in (2025, 2035)]),
        "input_limit_goods": frame(GOODS, ("hydrogen", "hydrogen", 1.0)),
    }
    inputs = inputs_with(OPEN, **tables)
    limits = limits_of(inputs, state_of(inputs))
    assert limits.ask(proposal(inputs, "IND", "DRI_H2", 0.7e6)) == ""
    assert limits.ask(proposal(inputs, "IND", "DRI_H2", 0.7e6)) == "hydrogen BRICS"
    assert limits.ask(proposal(inputs, "DEU", "DRI_H2", 0.7e6)) == ""  # not of the area
    counter = limits.counters["hydrogen BRICS"]
    assert (counter.allowed, counter.used, counter.refused) == pytest.approx((1e6 * h, 0.7e6 * h, 0.7e6 * h))
    limits.release(inputs.technologies.index("DRI_H2"), inputs.countries.index("IND"), 0.7e6)
    assert limits.ask(proposal(inputs, "IND", "DRI_H2", 0.7e6)) == ""


def test_the_ore_gate_refuses_ironmaking_that_the_mines_could_not_feed() -> None:
    plain, gated = inputs_with(OPEN), inputs_with({**OPEN, "limits": {"ore_gate": True, "growth_floor": 1000.0}})
    assert not any(name.startswith("ore ") for name in limits_of(plain, state_of(plain)).counters)
    limits = limits_of(gated, state_of(gated))
    # 0.4 of 40 Mt in Brazil and 0.2 of 25 Mt in India can be dr_ore: 21 Mt, less what 3 Mt of gas DRI use at 85 %
    room = limits.counters["ore dr_ore"].allowed
    assert 16e6 < room < 21e6
    rate = 0.85 * float(gated.recipes.bill[:, gated.commodities.index("dr_ore")].max())
    assert room == pytest.approx(21e6 - 3e6 * rate, rel=0.01)
    assert limits.ask(proposal(gated, "IND", "DRI_H2", 1.01 * room / rate)) == "ore dr_ore"
    assert limits.ask(proposal(gated, "IND", "DRI_H2", 0.9 * room / rate)) == ""


# --- CO2 storage -----------------------------------------------------------------------------------------------------


def test_listed_capture_has_its_storage_reserved_from_the_start() -> None:
    groups = base_tables()["furnace_groups"].copy()
    groups.loc[groups["furnace_group"] == "P1-BF-1", "technology"] = "BF_CCS"
    groups.loc[groups["furnace_group"] == "P3-BF-2", ["technology", "status"]] = ["BF_CCS", "announced"]
    rate = captured(inputs_with())
    for announced, asia in ((False, 0.0), (True, 3.5e6 * 1.1 * rate)):
        inputs = inputs_with({"decisions": {"announced": announced}}, furnace_groups=groups)
        reserved = dict(zip(inputs.conditions.storage.areas, initial_state(inputs).stored_co2.tolist(), strict=True))
        assert reserved == pytest.approx({"Europe": 4.0e6 * rate, "South Asia": asia})


def test_storage_that_was_not_filled_is_there_next_year_under_the_cumulative_rule() -> None:
    """Europe opens 1 Mt by 2030 and 20 Mt by 2040: 2.9 Mt by 2031, of which 0.4 Mt are filled."""
    conditions = inputs_with().conditions
    filled = np.array([0.4e6, 0.0])
    yearly = conditions.storage_limit(2031, filled, cumulative=False)
    assert yearly.tolist() == pytest.approx([1.9e6, 1.5e6])
    assert conditions.storage_limit(2031, filled, cumulative=True).tolist() == pytest.approx([2.5e6, 1.5e6])
    later = conditions.storage_limit(2055, filled, cumulative=True)
    assert later.tolist() == pytest.approx([60e6 + 5 * 4e6 - 0.4e6, 60e6 + 5 * 4.5e6])


def test_the_cumulative_rule_wants_room_for_the_whole_life() -> None:
    """A store of 20 Mt that never grows: 20 years of 0.5 Mt fit, 20 years of 1.1 Mt do not."""
    storage = frame("area year cumulative", ("Europe", 2025, 0.0), ("Europe", 2029, 20e6), ("Europe", 2035, 20e6))
    inputs = inputs_with({**OPEN, "limits": {"storage_rule": "cumulative"}}, co2_storage=storage)
    rate = captured(inputs)
    limits = limits_of(inputs, state_of(inputs))
    assert limits.ask(proposal(inputs, "DEU", "BF_CCS", 1.1e6 / rate)) == "CO2 storage, whole life, Europe"
    assert limits.ask(proposal(inputs, "DEU", "BF_CCS", 0.5e6 / rate)) == ""
    assert limits.counters["CO2 storage, whole life, Europe"].used == pytest.approx(10e6)
    state = state_of(inputs)
    later = limits_of(inputs, replace(state, stored_co2=limits.reserved_storage(state.stored_co2)))
    # 0.5 Mt a year are promised for the 23 years to 2048: 8.5 Mt are left
    assert later.counters["CO2 storage, whole life, Europe"].allowed == pytest.approx(20e6 - 23 * 0.5e6)


# --- trade -----------------------------------------------------------------------------------------------------------

QUOTA = "quota importer exporter commodity start end quantity"


@pytest.mark.parametrize(
    ("ad_valorem", "specific", "imports"), [(0.0, 0.75, 1.0), (0.0, 0.77, 0.3), (0.001, 0.27, 0.3)]
)
def test_beyond_a_tariff_rate_quota_a_duty_is_charged(ad_valorem: float, specific: float, imports: float) -> None:
    world = rivals(
        quotas=frame(QUOTA, ("Q", "EU27", "NOT EU27", "crude_steel", 2020, 2030, 0.3e6)),
        tariff_rate_quotas=frame("quota ad_valorem specific", ("Q", ad_valorem, specific)),
    )
    result = year_of(world)
    row = scarce(result).loc["quota"]
    assert row["used"] == pytest.approx(imports * 1e6)
    assert row["beyond"] == pytest.approx((imports - 0.3) * 1e6, abs=1e-3)
    assert row["price"] == pytest.approx(min(500.0 * ad_valorem + specific, 0.76), abs=2e-3)
    assert result.tables["audit"]["passed"].all()
    assert solved(world).objective == pytest.approx(second_opinion(world), rel=1e-7)


def test_a_quota_without_a_duty_stops_what_exceeds_it() -> None:
    quotas = frame(QUOTA, ("Q", "NOT BRICS", "IND", "crude_steel", 2020, 2030, 0.3e6))
    assert output(solved(rivals(quotas=quotas)), "I") == pytest.approx(0.3)


def test_a_duty_can_be_charged_by_all_but_one_bloc() -> None:
    for importer, at_home in (("NOT BRICS", 1.0), ("NOT EU27", 0.0)):
        duty = frame(TARIFF, (importer, "IND", "crude_steel", 2020, 2030, 0.0, 1.0, False))
        assert output(solved(rivals(tariffs=duty)), "D") == pytest.approx(at_home, abs=1e-9)


def test_a_limit_without_members_and_a_member_that_is_not_bought_are_refused(tmp_path: Any) -> None:
    added = {
        "input_limits": frame(LIMIT, ("idle", "IND", 2030, 1.0), ("ores", "IND", 2030, 1.0)),
        "input_limit_goods": frame(GOODS, ("ores", "dr_ore", 1.0)),
    }
    tables = tiny_tables() | {name: rows.assign(source="invented", quality="E") for name, rows in added.items()}
    with pytest.raises(DatasetError) as caught:
        load(write_tiny(tmp_path / "tiny", tables))
    found = [(p.table, p.row, p.column) for p in caught.value.problems]
    assert found == [("input_limit_goods", 2, "commodity"), ("input_limits", 2, "limit")]
