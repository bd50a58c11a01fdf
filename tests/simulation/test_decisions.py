"""What owners decide in the tiny world under hand-made prices and books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.agents.balances import Balances
from steeliq.simulation.agents.decide import Choices, decide
from steeliq.simulation.agents.finance import npv_to_equity, present_value
from steeliq.simulation.agents.foresight import look_ahead, margins
from steeliq.simulation.agents.limits import Limits, Proposal
from steeliq.simulation.agents.lines import compile_lines
from steeliq.simulation.agents.sites import find_sites
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state
from steeliq.simulation.market.grades import GradePrices
from steeliq.simulation.market.prices import YearPrices
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.state import NEVER, Fleet, State
from tests.worlds import write_tiny

PRICES = {
    "iron_ore": 90.0,
    "dr_ore": 120.0,
    "scrap": 350.0,
    "pig_iron": 430.0,
    "dri": 380.0,
    "dri_h2": 400.0,
    "crude_steel": 620.0,
}
START = 2025


@cache
def dataset() -> Dataset:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEELIQ_HOME", str(Path(folder) / "home"))
        return load(write_tiny(Path(folder) / "tiny"))


def inputs_of(**scenario: Any) -> Inputs:
    """The tiny world; deterministic unless the scenario says otherwise."""
    decisions = {"mode": "deterministic", **scenario.pop("decisions", {})}
    return compiled(Scenario.model_validate({**scenario, "decisions": decisions}).model_dump_json())


@cache
def compiled(scenario: str) -> Inputs:
    return compile_inputs(dataset(), Scenario.model_validate_json(scenario))


def prices_of(inputs: Inputs, **given: float) -> YearPrices:
    price = np.zeros((len(inputs.commodities.names), len(inputs.countries)))
    for name, value in (PRICES | given).items():
        price[inputs.commodities.index(name)] = value
    none, nothing = np.zeros(price.shape, dtype=bool), np.zeros(price.shape[1])
    return YearPrices(
        buy=price,
        sell=price,
        dual=price,
        clipped=none,
        anchor=price,
        cap=nothing,
        grades=GradePrices.none(*price.T.shape),
    )


def books_of(
    inputs: Inputs, fleet: Fleet, year: int = START, use: float = 0.7, margin: Mapping[str, float] | float = 100.0
) -> Books:
    """Books in which every group makes ``use`` of its capacity and earns ``margin`` USD/t before debt."""
    production = np.where(fleet.operating(year), use * fleet.capacity, 0.0)
    earned = np.array([margin if isinstance(margin, float) else margin.get(name, 100.0) for name in fleet.id])
    columns = {field.name: np.zeros(len(fleet)) for field in fields(Books)}
    columns |= {"production": production, "revenue": production * np.maximum(earned, 0.0)}
    columns |= {"variable": production * np.maximum(-earned, 0.0)}
    columns["by_option"] = np.zeros((len(fleet), len(inputs.recipes.options)))
    return Books(**columns)


def state_of(inputs: Inputs, **columns: Mapping[str, Any]) -> State:
    """The initial state with a few cells of the fleet replaced: ``campaign_end={"P3-BF-1": 2025}``.

    Otherwise no campaign ends soon, so that nobody decides but who is meant to.
    """
    state = initial_state(inputs)
    fleet = state.fleet.changed(campaign_end=np.full(len(state.fleet), 2044))
    for column, cells in columns.items():
        values = getattr(fleet, column).copy()
        for name, value in cells.items():
            values[row_of(fleet, name)] = value
        fleet = fleet.changed(**{column: values})
    return replace(state, fleet=fleet, treasury=np.full(len(state.owners), 1e12))


def row_of(fleet: Fleet, name: str) -> int:
    (row,) = np.flatnonzero(fleet.id == name)
    return int(row)


def cell(fleet: Fleet, name: str, column: str) -> Any:
    return getattr(fleet, column)[row_of(fleet, name)]


def choose(inputs: Inputs, state: State, *, margin: Mapping[str, float] | float = 100.0, **prices: float) -> Choices:
    return decide(inputs, state, prices_of(inputs, **prices), books_of(inputs, state.fleet, state.year, margin=margin))


def made(choices: Choices, decision: str) -> list[str]:
    table = choices.decisions
    return list(table.loc[table["decision"] == decision, "furnace_group"])


def refused(choices: Choices, limit: str) -> float:
    return float(entry(choices.limits.set_index("limit"), limit, "refused"))


def entry(table: pd.DataFrame, row: Any, column: str) -> Any:
    return table.loc[row, column]


CHEAP_SCRAP = {"scrap": 150.0}
EXPIRED = {"campaign_end": {"P3-BF-1": START}}


# --- switches ---------------------------------------------------------------------------------------------------------


def test_a_blast_furnace_at_its_end_switches_to_cheap_scrap() -> None:
    inputs = inputs_of()
    state = state_of(inputs, **EXPIRED)
    choices = choose(inputs, state, **CHEAP_SCRAP)
    (decision,) = choices.decisions.query("furnace_group == 'P3-BF-1'").to_dict("records")
    assert (decision["decision"], decision["from_route"], decision["to_route"]) == ("switch", "BF_BOF", "SCRAP_EAF")
    assert decision["capacity"] == pytest.approx(4.0e6)
    assert decision["investment"] == pytest.approx(4.0e6 * 240.0)
    assert decision["gain"] > 0


def test_the_old_line_runs_until_the_new_one_opens() -> None:
    inputs = inputs_of()
    fleet = choose(inputs, state_of(inputs, **EXPIRED), **CHEAP_SCRAP).fleet
    assert cell(fleet, "P3-EAF-2029", "opens") == 2029
    assert cell(fleet, "P3-BF-1", "retires") == 2029
    assert cell(fleet, "P3-EAF-2029", "campaign_end") == 2048
    assert cell(fleet, "P3-EAF-2029", "plant") == "P3"


def test_the_converter_retires_with_its_iron() -> None:
    inputs = inputs_of()
    fleet = choose(inputs, state_of(inputs, **EXPIRED), **CHEAP_SCRAP).fleet
    ends = {cell(fleet, name, "retires") for name in ("P3-BOF-1", "P3-BOF-2")}
    assert ends == {2029, NEVER}


def test_the_converter_closest_to_its_end_goes_first_and_is_split() -> None:
    inputs = inputs_of()
    state = state_of(
        inputs,
        campaign_end={"P3-BF-1": START, "P3-BOF-2": 2026},
        capacity={"P3-BOF-1": 2.0e6, "P3-BOF-2": 6.0e6},
        debt={"P3-BOF-2": 60e6},
        repayment={"P3-BOF-2": 6e6},
    )
    fleet = choose(inputs, state, **CHEAP_SCRAP).fleet
    assert cell(fleet, "P3-BOF-1", "retires") == NEVER
    assert cell(fleet, "P3-BOF-2", "retires") == NEVER
    assert cell(fleet, "P3-BOF-2", "capacity") == pytest.approx(2.0e6)
    assert cell(fleet, "P3-BOF-2-part-2029", "capacity") == pytest.approx(4.0e6)
    assert cell(fleet, "P3-BOF-2-part-2029", "retires") == 2029
    assert cell(fleet, "P3-BOF-2-part-2029", "debt") == pytest.approx(40e6)
    assert cell(fleet, "P3-BOF-2", "repayment") == pytest.approx(2e6)


def test_a_converter_that_opens_later_is_not_cut_before_it_opens() -> None:
    inputs = inputs_of()
    state = state_of(inputs, opens={"P3-BOF-1": 2027, "P3-BOF-2": 2029}, campaign_end=EXPIRED["campaign_end"])
    fleet = choose(inputs, state, **CHEAP_SCRAP).fleet
    assert cell(fleet, "P3-BOF-1", "retires") == 2029
    assert cell(fleet, "P3-BOF-2", "retires") == NEVER


def test_deciding_apart_leaves_the_converter_behind() -> None:
    inputs = inputs_of(decisions={"unit": "furnace_group"})
    choices = choose(inputs, state_of(inputs, **EXPIRED), pig_iron=150.0)
    assert "P3-BF-1" in made(choices, "close") + made(choices, "switch")
    assert cell(choices.fleet, "P3-BOF-1", "retires") == NEVER


def test_a_retrofit_keeps_the_converters_and_relines_them() -> None:
    inputs = inputs_of(
        technologies={"EAF": {"allowed": False}, "BF_CCS": {"available_from": 2025}},
        carbon={"paths": {"WORLD": 200.0}},
        limits={"co2_storage": 100.0},
    )
    state = state_of(inputs, campaign_end={"P1-BF-1": START})
    choices = choose(inputs, state, crude_steel=1000.0)
    assert made(choices, "switch") == ["P1-BF-1"]
    assert cell(choices.fleet, "P1-BF_CCS-2029", "capacity") == cell(state.fleet, "P1-BF-1", "capacity")
    assert cell(choices.fleet, "P1-BOF-1", "retires") == NEVER
    drawn = cell(choices.fleet, "P1-BOF-1", "debt") - cell(state.fleet, "P1-BOF-1", "debt")
    assert drawn == pytest.approx(0.8 * 64.0 * 4.5e6)
    relining_and_more = 0.8 * (200.0 + 890.0 - 700.0) * 4.0e6
    assert cell(choices.fleet, "P1-BF_CCS-2029", "debt") == pytest.approx(relining_and_more)


def test_nobody_switches_in_the_middle_of_a_campaign_but_in_its_last_years() -> None:
    inputs = inputs_of()
    for left, switches in ((6, []), (5, ["P3-BF-1"])):
        state = state_of(inputs, campaign_end={"P3-BF-1": START + left}, debt={"P3-BF-1": 0.0})
        assert made(choose(inputs, state, scrap=50.0, crude_steel=500.0), "switch") == switches


def test_debt_on_the_old_line_holds_back_a_switch_in_mid_life() -> None:
    inputs = inputs_of()
    switched = []
    for debt in (0.0, 5e9):
        state = state_of(
            inputs, campaign_end={"P3-BF-1": START + 3}, debt={"P3-BF-1": debt}, repayment={"P3-BF-1": debt / 20}
        )
        switched.append(made(choose(inputs, state, scrap=50.0, crude_steel=500.0), "switch"))
    assert switched == [["P3-BF-1"], []]


def test_a_group_under_construction_does_not_decide() -> None:
    inputs = inputs_of()
    state = state_of(inputs, opens={"P3-BF-1": 2027}, **EXPIRED)
    choices = choose(inputs, state, **CHEAP_SCRAP)
    assert "P3-BF-1" not in set(choices.candidates["furnace_group"])


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "limit", "tonnes"),
    [
        ({"limits": {"iron_switches": 0.0}}, "iron switches", 3.85e6),
        ({"limits": {"steel_switches": 0.0}}, "steel switches", 4.0e6),
        ({"limits": {"build_out": 0.0}}, "build-out", 4.0e6),
        ({"technologies": {"EAF": {"allowed": False}}}, "technology window", 4.0e6),
        ({"technologies": {"EAF": {"available_from": 2040}}}, "technology window", 4.0e6),
        ({"decisions": {"metallics_need": 2.0}}, "metallics", 4.0e6),
    ],
)
def test_a_limit_refuses_and_counts(scenario: dict[str, Any], limit: str, tonnes: float) -> None:
    inputs = inputs_of(**scenario)
    choices = choose(inputs, state_of(inputs, **EXPIRED), **CHEAP_SCRAP)
    candidates = choices.candidates.set_index(["furnace_group", "route"])["refused_by"]
    assert candidates["P3-BF-1", "SCRAP_EAF"] == limit
    assert refused(choices, limit) >= tonnes
    assert "P3-EAF-2029" not in set(choices.fleet.id)


def test_a_refused_package_falls_to_the_next_best() -> None:
    inputs = inputs_of(decisions={"metallics_need": 2.0})
    choices = choose(inputs, state_of(inputs, **EXPIRED), dr_ore=10.0, scrap=100.0, iron_ore=250.0)
    candidates = choices.candidates.set_index(["furnace_group", "route"])
    assert entry(candidates, ("P3-BF-1", "SCRAP_EAF"), "npv") > entry(candidates, ("P3-BF-1", "DRI_GAS_EAF"), "npv")
    assert entry(candidates, ("P3-BF-1", "SCRAP_EAF"), "refused_by") == "metallics"
    assert choices.decisions.set_index("furnace_group").loc["P3-BF-1", "to_route"] == "DRI_GAS_EAF"


def test_an_empty_treasury_refuses_switch_and_renovation_but_not_an_extension() -> None:
    inputs = inputs_of()
    state = state_of(inputs, **EXPIRED)
    state = replace(state, treasury=np.zeros(len(state.owners)))
    books = books_of(inputs, state.fleet, margin=0.0)
    choices = decide(inputs, state, prices_of(inputs, **CHEAP_SCRAP), books)
    assert made(choices, "extend") == ["P3-BF-1"]
    assert refused(choices, "treasury") > 0
    assert set(choices.candidates.query("route == 'stay'")["refused_by"]) == {"treasury"}


def limits_of(inputs: Inputs, state: State) -> Limits:
    books = books_of(inputs, state.fleet)
    return Limits(inputs, state, state.fleet, books.cash, Balances(inputs, state.fleet, books, state.year))


def capture(inputs: Inputs, country: str, tonnes: float) -> Proposal:
    return Proposal(country=inputs.countries.index(country), new=((inputs.technologies.index("BF_CCS"), tonnes),))


CAPTURE = {"technologies": {"BF_CCS": {"available_from": 2025}}}


def test_co2_storage_binds() -> None:
    inputs = inputs_of(**CAPTURE)
    state = state_of(inputs)
    ccs = inputs.technologies.index("BF_CCS")
    rate = inputs.recipes.captured[inputs.recipes.technology == ccs].min()
    europe = inputs.conditions.storage.areas.index("Europe")
    room = float(inputs.conditions.storage.limit[inputs.conditions.at(START + 4), europe])
    fits = 0.6 * room / rate
    limits = limits_of(inputs, state)
    assert limits.ask(capture(inputs, "DEU", fits)) == ""
    assert limits.ask(capture(inputs, "DEU", fits)) == "CO2 storage Europe"
    counter = limits.counters["CO2 storage Europe"]
    assert (counter.allowed, counter.used, counter.refused) == pytest.approx((room, 0.6 * room, 0.6 * room))
    assert limits.reserved_storage(state.stored_co2)[europe] == pytest.approx(0.6 * room)
    later = limits_of(inputs, replace(state, stored_co2=limits.reserved_storage(state.stored_co2)))
    assert later.ask(capture(inputs, "DEU", fits)) == "CO2 storage Europe"


def test_no_storage_without_a_listed_area_and_none_when_the_scenario_takes_it_away() -> None:
    inputs = inputs_of(**CAPTURE)
    assert limits_of(inputs, state_of(inputs)).ask(capture(inputs, "BRA", 1e3)) == "CO2 storage (none listed)"
    inputs = inputs_of(**CAPTURE, limits={"co2_storage": 0.0})
    assert limits_of(inputs, state_of(inputs)).ask(capture(inputs, "DEU", 1e3)) == "CO2 storage Europe"


def test_closing_captured_capacity_gives_storage_back() -> None:
    inputs = inputs_of(**CAPTURE)
    state = state_of(inputs)
    limits = limits_of(inputs, state)
    assert limits.ask(capture(inputs, "DEU", 1e4)) == ""
    limits.release(inputs.technologies.index("BF_CCS"), inputs.countries.index("DEU"), 1e4)
    assert limits.reserved_storage(state.stored_co2) == pytest.approx(state.stored_co2)


def test_growth_of_a_novel_technology_is_limited_to_the_floor_or_its_share() -> None:
    inputs = inputs_of(limits={"growth_floor": 1.0, "growth_share": 0.5})
    (novel, *_) = np.flatnonzero(inputs.technologies.novel)
    name = f"growth {inputs.technologies.names[novel]}"
    state = state_of(inputs)
    assert limits_of(inputs, state).counters[name].allowed == 1e6
    state = state_of(inputs, technology={"P3-BF-1": novel}, capacity={"P3-BF-1": 5e6})
    assert limits_of(inputs, state).counters[name].allowed == pytest.approx(2.5e6)


# --- ends of campaigns ------------------------------------------------------------------------------------------------


def courses_of_prices(**decisions: Any) -> list[tuple[str, int]]:
    """What an arc furnace at its end does as the steel price rises; its relining is dear, so that it matters."""
    inputs = inputs_of(decisions={"tightness": 0.0, **decisions}, technologies={"EAF": {"capex_factor": 10.0}})
    state = state_of(inputs, campaign_end={"P5-EAF-1": START})
    courses: list[tuple[str, int]] = []
    for price in np.arange(450.0, 800.0, 5.0):
        choices = choose(inputs, state, crude_steel=float(price))
        decision = choices.decisions.set_index("furnace_group").loc["P5-EAF-1", "decision"]
        course = (str(decision), int(cell(choices.fleet, "P5-EAF-1", "campaign_end")))
        if not courses or courses[-1] != course:
            courses.append(course)
    return courses


def test_with_rising_prices_a_group_closes_then_is_extended_then_renovated() -> None:
    assert courses_of_prices() == [("close", 2025), ("extend", 2029), ("extend", 2033), ("renovate", 2045)]


def test_an_extension_is_worth_all_its_years_also_where_new_plants_live_shorter() -> None:
    """Twenty years of a furnace's extension, beside new plants that are built in one year and live five, or twenty."""
    told = []
    for life in (5, 20):
        decisions = {"extension_years": 20, "mode": "deterministic"}
        inputs = inputs_of(finance={"construction": 1, "life": life}, decisions=decisions)
        reasons = choose(inputs, state_of(inputs, campaign_end={"P8-BF-1": 2025})).reasons
        told.append(reasons.query("furnace_group == 'P8-BF-1' and route == 'extend'")[["revenue", "equity"]])
    assert told[0]["revenue"].to_numpy() > 0
    assert_frame_equal(told[0], told[1])


def test_without_extensions_there_are_none() -> None:
    assert courses_of_prices(extension_years=0) == [("close", 2025), ("renovate", 2045)]


def test_a_run_that_begins_late_finds_relinings_and_not_new_plants_in_the_books() -> None:
    """Both arc furnaces of the works have been relined by 2055, also the one that was still being built in 2025."""
    inputs = inputs_of(period={"start": 2055, "end": 2055})
    fleet, life = initial_state(inputs).fleet, inputs.scenario.finance.life
    for name in ("P5-EAF-1", "P5-EAF-2"):
        borrowed = cell(fleet, name, "repayment") * life / cell(fleet, name, "capacity")
        assert borrowed == pytest.approx(0.8 * 96.0)


def test_a_renovation_carries_debt_on_what_was_invested() -> None:
    inputs = inputs_of()
    state = state_of(inputs, campaign_end={"P2-EAF-1": START})
    choices = choose(inputs, state, crude_steel=900.0)
    assert made(choices, "renovate") == ["P2-EAF-1"]
    drawn = 0.8 * 96.0 * 2.5e6
    assert choices.drawn == pytest.approx(drawn)
    assert cell(choices.fleet, "P2-EAF-1", "debt") == pytest.approx(cell(state.fleet, "P2-EAF-1", "debt") + drawn)
    added = cell(choices.fleet, "P2-EAF-1", "repayment") - cell(state.fleet, "P2-EAF-1", "repayment")
    assert added == pytest.approx(drawn / 20)
    paid = dict(zip(choices.owners, choices.invested, strict=True))
    assert paid["Saar Elektro"] == pytest.approx(0.2 * 96.0 * 2.5e6)
    assert sum(paid.values()) == pytest.approx(0.2 * 96.0 * 2.5e6)


def test_a_site_that_closes_at_its_end_takes_its_converter_along_and_loses_its_debt() -> None:
    inputs = inputs_of(technologies={"EAF": {"allowed": False}})
    state = state_of(inputs, campaign_end={"P1-BF-1": START}, debt={"P1-BF-1": 1e8, "P1-BOF-1": 2e8})
    choices = choose(inputs, state, crude_steel=300.0)
    for name in ("P1-BF-1", "P1-BOF-1"):
        assert cell(choices.fleet, name, "retires") == START + 1
        assert cell(choices.fleet, name, "debt") == 0.0
    assert choices.written_off == pytest.approx(3e8)


# --- early closure ----------------------------------------------------------------------------------------------------

LOSING = {"P2-EAF-1": -20.0}


def test_closing_early_needs_three_years_below_avoidable_cost() -> None:
    inputs = inputs_of()
    for before, closed in ((0, []), (1, []), (2, ["P2-EAF-1"])):
        state = state_of(inputs, loss_years={"P2-EAF-1": before})
        choices = choose(inputs, state, margin=LOSING)
        assert made(choices, "close") == closed
        assert cell(choices.fleet, "P2-EAF-1", "loss_years") == before + 1


def test_a_year_without_a_loss_starts_the_count_again() -> None:
    inputs = inputs_of()
    choices = choose(inputs, state_of(inputs, loss_years={"P2-EAF-1": 2}))
    assert cell(choices.fleet, "P2-EAF-1", "loss_years") == 0


def test_what_is_needed_next_year_stays_open() -> None:
    inputs = inputs_of(decisions={"target_utilisation": 0.3})
    choices = choose(inputs, state_of(inputs, loss_years={"P2-EAF-1": 2}), margin=LOSING)
    assert made(choices, "close") == []
    assert refused(choices, "needed next year") == pytest.approx(2.5e6)


def test_the_reference_rule_closes_after_one_loss_whether_needed_or_not() -> None:
    inputs = inputs_of(decisions={"closing": "one_loss_year", "target_utilisation": 0.3})
    assert "P2-EAF-1" in made(choose(inputs, state_of(inputs), margin=LOSING), "close")


def test_young_groups_are_left_alone() -> None:
    inputs = inputs_of()
    state = state_of(inputs, loss_years={"P2-EAF-1": 2}, opens={"P2-EAF-1": START - 2})
    assert made(choose(inputs, state, margin=LOSING), "close") == []


def test_the_loss_of_iron_counts_against_the_gain_of_its_steel() -> None:
    inputs = inputs_of()
    state = state_of(inputs, loss_years={"P1-BF-1": 2})
    assert made(choose(inputs, state, margin={"P1-BF-1": -50.0, "P1-BOF-1": 60.0}), "close") == []
    assert made(choose(inputs, state, margin={"P1-BF-1": -50.0, "P1-BOF-1": 20.0}), "close") == ["P1-BF-1"]


# --- expansions -------------------------------------------------------------------------------------------------------

GROWTH = {"demand": {"factor": {2025: 1.0, 2029: 3.0}}}


def test_a_country_builds_into_its_own_gap_up_to_its_limit() -> None:
    inputs = inputs_of(**GROWTH)
    choices = choose(inputs, state_of(inputs), crude_steel=900.0)
    built = choices.decisions.query("decision == 'expand'").groupby("country")["capacity"].sum()
    assert built["IND"] == pytest.approx(5.0e6)
    new = choices.fleet.take(choices.fleet.opens == START + 4)
    assert set(new.owner) <= {"Expansion BRA", "Expansion DEU", "Expansion IND"}
    assert refused(choices, "country expansion") > 0


def test_iron_and_steel_of_an_expansion_are_one_hot_linked_site() -> None:
    inputs = inputs_of(**GROWTH, technologies={"EAF": {"allowed": False}})
    choices = choose(inputs, state_of(inputs), crude_steel=900.0, pig_iron=900.0)
    fleet = choices.fleet
    new = fleet.take(fleet.opens == START + 4)
    names = np.array(inputs.technologies.names)[new.technology]
    assert {"BF", "BOF"} <= set(names)
    assert {plant for plant, name in zip(new.plant, names, strict=True) if name == "BOF"} <= {
        f"NEW-{country}-2029" for country in inputs.countries
    }
    books = books_of(inputs, fleet)
    sites = find_sites(inputs, compile_lines(inputs), fleet, books, START)
    linked = {fleet.id[row] for row in sites.link_row}
    assert {name for name in fleet.id if "-BOF-2029" in name} <= linked


def test_without_self_sufficiency_only_the_world_gap_counts() -> None:
    wants = {"demand": {"factor": {2025: 1.0, 2029: 1.63}}}
    kept = choose(inputs_of(**wants), state_of(inputs_of(**wants)), crude_steel=900.0)
    free_inputs = inputs_of(**wants, decisions={"self_sufficiency": 0.0})
    free = choose(free_inputs, state_of(free_inputs), crude_steel=900.0)
    assert made(kept, "expand")
    assert not made(free, "expand")


def test_expansions_stop_at_the_build_out() -> None:
    inputs = inputs_of(**GROWTH, limits={"build_out": 3.0})
    choices = choose(inputs, state_of(inputs), crude_steel=900.0)
    assert choices.decisions.query("decision == 'expand' and to_route != 'PIG_BF'")["capacity"].sum() <= 3.0e6
    assert refused(choices, "build-out") > 0


def test_iron_is_built_when_metallics_fall_short() -> None:
    inputs = inputs_of(decisions={"metallics_need": 1.9}, **GROWTH)
    choices = choose(inputs, state_of(inputs), pig_iron=900.0, dri=900.0, crude_steel=300.0)
    iron = choices.decisions.query("decision == 'expand'")
    assert len(iron)
    assert set(iron["to_route"]) <= {"PIG_BF", "MERCHANT_DRI_GAS", "MERCHANT_DRI_H2"}


def test_steel_from_ore_needs_no_metallics() -> None:
    inputs = inputs_of()
    state = state_of(inputs)
    books = books_of(inputs, state.fleet)
    eaf = inputs.recipes.technology == inputs.technologies.index("EAF")
    recipes = replace(inputs.recipes, charge=np.where(eaf, 0.0, inputs.recipes.charge))
    usual = Balances(inputs, state.fleet, books, START).metallics()
    from_ore = Balances(replace(inputs, recipes=recipes), state.fleet, books, START).metallics()
    assert from_ore - usual == pytest.approx(1.1 * 0.8 * (2.5e6 + 2.5e6 + 0.98 * 4.0e6))


# --- foresight and settings -------------------------------------------------------------------------------------------


def test_ore_returns_to_cost_while_steel_stays() -> None:
    inputs = inputs_of()
    prices = prices_of(inputs, iron_ore=200.0)
    anchor = prices.anchor.copy()
    anchor[inputs.commodities.index("iron_ore")] = 80.0
    state = state_of(inputs)
    lines = compile_lines(inputs)
    route = lines.name.index("BF_BOF")
    values = []
    for held in (prices, replace(prices, anchor=anchor)):
        outlook = look_ahead(inputs, lines, held, state.fleet, books_of(inputs, state.fleet), START)
        values.append(outlook.value(np.array(route), np.array(0), 1, 20))
    bill = lines.bill[route, inputs.commodities.index("iron_ore")]
    rate = inputs.conditions.cost_of_equity[0]
    years = np.arange(1, 21)
    gain = bill * 120.0 * np.minimum(years / 12, 1.0) * (1 + rate) ** -years
    available = inputs.conditions.availability[0]
    fleet = state.fleet
    bof = (fleet.technology == inputs.technologies.index("BOF")) & fleet.operating(START)
    use = 0.7 * fleet.capacity[bof].sum() / (fleet.capacity[bof] * available[fleet.country[bof]]).sum()
    assert values[1] - values[0] == pytest.approx(float(gain.sum() * use * available[0]))


def test_the_npv_of_a_switch_is_that_of_the_finance_kernel() -> None:
    inputs = inputs_of(decisions={"tightness": 0.0})
    state = state_of(inputs, campaign_end={"P4-DRI_GAS-1": START})
    prices, books = prices_of(inputs), books_of(inputs, state.fleet)
    table = decide(inputs, state, prices, books).candidates.set_index(["furnace_group", "route"])
    lines, country = compile_lines(inputs), inputs.countries.index("IND")
    outlook = look_ahead(inputs, lines, prices, state.fleet, books, START)
    per_tonne = margins(inputs, lines, prices, START, 25)
    cash = {}
    for route in ("MERCHANT_DRI_GAS", "MERCHANT_DRI_H2"):
        line = lines.name.index(route)
        fixed = inputs.technologies.fixed_opex[:25, lines.iron[line]]
        cash[route] = outlook.use[line, country] * per_tonne[line, :, country] - fixed
    equity_rate = float(inputs.conditions.cost_of_equity[country])
    new = npv_to_equity(
        cash["MERCHANT_DRI_H2"],
        150.0 + 560.0 - 557.0,
        equity_share=0.2,
        debt_rate=float(inputs.conditions.cost_of_debt[country]),
        equity_rate=equity_rate,
        construction=4,
        life=20,
    )
    old = cash["MERCHANT_DRI_GAS"][:4].copy()
    old[0] = 0.0
    expected = float(new) + float(present_value(old, equity_rate))
    assert entry(table, ("P4-DRI_GAS-1", "MERCHANT_DRI_H2"), "npv") == pytest.approx(expected)


@pytest.mark.parametrize(
    "scenario",
    [
        {"finance": {"equity_share": 0.5}},
        {"finance": {"cost_of_debt": 0.03}},
        {"finance": {"cost_of_equity": 0.03}},
        {"finance": {"construction": 3}},
        {"finance": {"life": 15}},
        {"prices": {"ore_reversion": 1}},
        {"decisions": {"tightness": 500.0}},
        {"decisions": {"extension_years": 4}},
        {"decisions": {"extension_cost": 0.1}},
        {"decisions": {"midlife_window": 1}},
        {"decisions": {"unit": "furnace_group"}},
        {"decisions": {"target_utilisation": 0.5}},
        {"technologies": {"EAF": {"capex_factor": 2.0}}},
        {"dispatch": {"hot_link_distance": 1.0}},
    ],
)
def test_a_setting_moves_what_is_considered(scenario: dict[str, Any]) -> None:
    def considered(inputs: Inputs) -> Any:
        ends = {"P3-BF-1": START, "P1-BF-1": START + 3, "P8-BF-1": START, "P2-EAF-1": START}
        prices = prices_of(inputs)
        anchor = prices.anchor.copy()
        anchor[inputs.commodities.index("iron_ore")] = 60.0
        state = state_of(inputs, campaign_end=ends)
        return decide(inputs, state, replace(prices, anchor=anchor), books_of(inputs, state.fleet)).candidates

    assert not considered(inputs_of()).equals(considered(inputs_of(**scenario)))


def test_linked_plants_decide_together_and_shares_follow_capacity() -> None:
    inputs = inputs_of()
    state = state_of(inputs, capacity={"P3-BF-1": 6e6, "P3-BF-2": 2e6})
    fleet = state.fleet
    sites = find_sites(inputs, compile_lines(inputs), fleet, books_of(inputs, fleet), START)
    matched = {
        fleet.id[row]: float(tonnes)
        for row, tonnes in zip(sites.row, sites.steel, strict=True)
        if fleet.id[row].find("BF") > 0
    }
    assert matched == pytest.approx({"P1-BF-1": 4.5e6, "P3-BF-1": 6e6, "P3-BF-2": 2e6, "P8-BF-1": 1.5e6})
    assert not {"P1-BOF-1", "P7-BOF-1"} & {fleet.id[row] for row in sites.row}


# --- draws, order and laws --------------------------------------------------------------------------------------------

OPEN = {"campaign_end": {"P3-BF-1": START, "P1-BF-1": START, "P8-BF-1": START, "P4-DRI_GAS-1": START}}


def paths_of_seeds(mode: str) -> set[tuple[str, ...]]:
    out = set()
    for seed in range(12):
        inputs = inputs_of(seed=seed, decisions={"mode": mode, "choice_scale": 400.0})
        choices = choose(inputs, state_of(inputs, **OPEN), scrap=300.0)
        out.add(tuple(choices.decisions["furnace_group"] + " " + choices.decisions["to_route"]))
    return out


def test_deterministic_mode_does_not_depend_on_the_seed() -> None:
    assert len(paths_of_seeds("deterministic")) == 1


def test_probabilistic_mode_does() -> None:
    assert len(paths_of_seeds("probabilistic")) > 1


def anyhow(
    seed: int, price: float, scrap: float, ends: list[int], margin: float, mode: str, opens: int
) -> tuple[Inputs, State, Choices]:
    """Decisions of a world in which anything may be due, losing money or still under construction."""
    inputs = inputs_of(seed=seed, decisions={"mode": mode}, demand={"factor": {2025: 1.0, 2029: 1.0 + price / 900.0}})
    state = state_of(inputs, opens={"P3-BOF-2": opens, "P8-BF-1": opens})
    count = len(state.fleet)
    fleet = state.fleet.changed(campaign_end=np.array(ends[:count]), loss_years=np.full(count, 2))
    state = replace(state, fleet=fleet)
    books = books_of(inputs, fleet, margin={name: margin * (-1) ** n for n, name in enumerate(fleet.id)})
    return inputs, state, decide(inputs, state, prices_of(inputs, crude_steel=price, scrap=scrap), books)


def is_part(fleet: Fleet) -> Any:
    """Groups that were cut off others."""
    return np.array(["-part-" in name for name in fleet.id])


cases = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 1000),
        "price": st.floats(300.0, 1000.0),
        "scrap": st.floats(50.0, 560.0),
        "ends": st.lists(st.integers(2024, 2035), min_size=20, max_size=20),
        "margin": st.floats(0.0, 100.0),
        "mode": st.sampled_from(["deterministic", "probabilistic"]),
        "opens": st.sampled_from([2011, 2026, 2028, 2029, 2030]),
    }
)


@settings(max_examples=60, deadline=None)
@given(case=cases)
def test_debt_rolls_forward(case: dict[str, Any]) -> None:
    _, state, choices = anyhow(**case)
    after = state.fleet.debt.sum() + choices.drawn - choices.written_off
    assert choices.fleet.debt.sum() == pytest.approx(after, rel=1e-9, abs=1.0)
    assert (choices.fleet.debt >= -1e-6).all()
    investment = choices.decisions["investment"].sum()
    assert choices.drawn == pytest.approx(0.8 * investment)
    assert choices.invested.sum() == pytest.approx(0.2 * investment)


@settings(max_examples=60, deadline=None)
@given(case=cases)
def test_capacity_neither_vanishes_nor_appears(case: dict[str, Any]) -> None:
    inputs, state, choices = anyhow(**case)

    def by_technology(fleet: Fleet, rows: Any) -> Any:
        return np.bincount(
            fleet.technology[rows], weights=fleet.capacity[rows], minlength=len(inputs.technologies.names)
        )

    before, after = state.fleet, choices.fleet
    for year in range(START, START + 7):
        built = (after.opens <= year) & ~((after.opens == START + 4) & ~np.isin(after.id, before.id) & ~is_part(after))
        assert by_technology(after, built) == pytest.approx(by_technology(before, before.opens <= year))
    assert len(set(after.id)) == len(after)
    assert list(after.id) == sorted(after.id)
    assert set(before.id) <= set(after.id)
    assert (after.opens < after.retires).all()
    assert (after.capacity > 0).all()


@settings(max_examples=40, deadline=None)
@given(case=cases)
def test_the_gates_see_the_fleet_that_comes_out(case: dict[str, Any]) -> None:
    inputs, _, choices = anyhow(**case)
    expected = choices.expected.set_index("indicator").loc["committed steel capacity", "expected"]
    fleet, gate = choices.fleet, START + 4
    steel = inputs.technologies.is_steel[fleet.technology] & (fleet.opens <= gate) & (gate < fleet.retires)
    available = inputs.conditions.availability[inputs.conditions.at(gate)]
    assert expected == pytest.approx((fleet.capacity * available[fleet.country])[steel].sum())


@settings(max_examples=25, deadline=None)
@given(case=cases, order=st.permutations(range(14)))
def test_the_order_of_rows_changes_nothing(case: dict[str, Any], order: list[int]) -> None:
    inputs, state, choices = anyhow(**case)
    rows = np.array([n for n in order if n < len(state.fleet)] + list(range(14, len(state.fleet))), dtype=np.int64)
    books = books_of(
        inputs, state.fleet, margin={name: case["margin"] * (-1) ** n for n, name in enumerate(state.fleet.id)}
    )
    shuffled = Books(**{field.name: getattr(books, field.name)[rows] for field in fields(Books)})
    prices = prices_of(inputs, crude_steel=case["price"], scrap=case["scrap"])
    again = decide(inputs, replace(state, fleet=state.fleet.take(rows)), prices, shuffled)
    for table in ("decisions", "candidates", "limits", "expected"):
        assert_frame_equal(getattr(again, table), getattr(choices, table))
    for field in fields(Fleet):
        assert getattr(again.fleet, field.name).tolist() == getattr(choices.fleet, field.name).tolist()


def test_debt_moves_to_the_new_line_when_it_opens() -> None:
    inputs = inputs_of()
    state = state_of(inputs, debt={"P3-BF-1": 5e8}, repayment={"P3-BF-1": 1e7}, **EXPIRED)
    choices = choose(inputs, state, **CHEAP_SCRAP)
    assert cell(choices.fleet, "P3-BF-1", "debt") == pytest.approx(5e8)
    own = cell(choices.fleet, "P3-EAF-2029", "debt")
    eve = replace(state, year=2028, fleet=choices.fleet)
    later = choose(inputs, eve, **CHEAP_SCRAP)
    assert cell(later.fleet, "P3-BF-1", "debt") == 0.0
    gone = {
        name: cell(choices.fleet, name, "debt")
        for name in choices.fleet.id
        if cell(choices.fleet, name, "retires") == 2029
    }
    assert cell(later.fleet, "P3-EAF-2029", "debt") == pytest.approx(own + sum(gone.values()))
