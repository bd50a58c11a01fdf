"""The figures that analysts come for: each is right in a world that can be solved by hand, and in the engine's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from steeliq.paths import data_folder
from steeliq.simulation.dataset.load import load
from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state
from steeliq.simulation.results.labels import Labels
from steeliq.simulation.results.report.charts import Chart, RunTables
from steeliq.simulation.results.report.rows import rows_of
from steeliq.simulation.run import run as simulate
from steeliq.simulation.scenario.files import load_scenario
from steeliq.simulation.step import advance
from steeliq.webui.explore.figures import MAKERS, TABS, WHOLE, chart_of
from steeliq.webui.explore.filters import Filters, narrowed
from steeliq.webui.explore.questions import register
from steeliq.webui.explore.questions.assets import closed_early, debt_written_off, replaced_early, stranded
from steeliq.webui.explore.questions.milestones import milestones, on_trajectory
from steeliq.webui.explore.questions.recompiled import inputs_of
from steeliq.webui.explore.questions.routes import (
    Means,
    RouteCosts,
    Supported,
    abatement_cost,
    carbon_break_even,
    first_cheaper,
    hydrogen_break_even,
    means,
    route_costs,
)
from steeliq.webui.explore.stores import open_run
from steeliq.webui.runs.models import Run, State
from tests.micro import POWER_OF_EAF, SCRAP_IN_EAF, frame, micro
from tests.results_example import reference_tables, run_tables
from tests.strategies import World, examples, tiny, worlds
from tests.web.test_explore import chart, downloaded, table_of
from tests.worlds import COUNTRIES, write_tiny

WISHES: Final = {
    "break-even year": "break-even-year",
    "break-even hydrogen price per technology": "break-even-hydrogen",
    "break-even CO2 price per technology": "break-even-carbon",
    "LCOS lines": "lcos",
    "abatement cost": "abatement",
    "utilisation": "utilisation",
    "on-trajectory check against the IEA net-zero milestones": "milestones",
    "scope 3": "emissions-scope",
}
"""What analysts ask the existing models for, in the words of the issue."""
ARC: Final = "Electric arc furnace"
REGIONS: Final = {"BRA": "South America", "DEU": "Europe", "IND": "South Asia"}


# The costs of routes in worlds solved by hand.


def by_hand(**changes: Any) -> RouteCosts:
    """Three routes in two countries and two years; a hydrogen route that may open in the second year."""
    flat = np.ones((2, 1, 2))
    costs = RouteCosts(
        routes=("BF_BOF", "DRI_H2_EAF", "SCRAP_EAF"),
        titles=("Blast furnace", "Hydrogen", "Scrap"),
        years=(2025, 2026),
        countries=("A", "B"),
        other=np.concatenate([500 * flat, 700 * flat, 450 * flat], axis=1),
        carbon=np.concatenate([100 * flat, 5 * flat, 10 * flat], axis=1),
        reline_saving=np.concatenate([60 * flat, 0 * flat, 0 * flat], axis=1),
        hydrogen=np.array([0.0, 50.0, 0.0]),
        hydrogen_price=np.full((2, 2), 4.0),
        priced=np.concatenate([2.0 * flat, 0.1 * flat, 0.2 * flat], axis=1),
        scope1=np.array([2.2, 0.1, 0.2]),
        carbon_price=np.full((2, 2), 50.0),
        emissions={"full": np.concatenate([2.5 * flat, 0.5 * flat, 2.4 * flat], axis=1)},
        near_zero=np.array([False, True, False]),
        first=np.array([1900, 2026, 1900]),
    )
    return replace(costs, **changes)


def mean_of(costs: RouteCosts, *weight: float) -> Means:
    return means(costs, np.tile(np.array(weight or (1.0, 1.0)), (len(costs.years), 1)))


def test_break_even_prices_and_abatement_cost_are_those_of_pencil_and_paper() -> None:
    of = mean_of(by_hand())
    # 705 - 600 = 105 USD dearer over 50 kg: hydrogen must cost 2.1 USD/kg less than 4.
    assert hydrogen_break_even(of)[0].tolist() == pytest.approx([np.nan, 1.9, np.nan], nan_ok=True)
    assert hydrogen_break_even(of, relined=True)[0, 1] == pytest.approx(4.0 - 165 / 50)
    # 200 USD dearer without carbon cost, pays for 1.9 t less; without free allowances for 2.1 t less.
    assert carbon_break_even(of)[0, 1] == pytest.approx(200 / 1.9)
    assert carbon_break_even(of, free=False)[0, 1] == pytest.approx(200 / 2.1)
    assert carbon_break_even(of, relined=True)[0, 1] == pytest.approx(260 / 1.9)
    assert carbon_break_even(of)[0, 2] == pytest.approx(-50 / 1.8)
    assert abatement_cost(of, "full")[0, 1] == pytest.approx(200 / 2.0)
    assert np.isnan(abatement_cost(of, "full")[0, 2])  # avoids 4 % of what BF-BOF emits: next to nothing
    assert np.isnan(abatement_cost(of, "full")[0, 0])


def test_support_lowers_what_owners_pay_and_raises_what_hydrogen_may_cost() -> None:
    flat = np.ones((2, 1, 2))
    none = 0 * flat

    def of_routes(hydrogen: float) -> np.ndarray[Any, Any]:
        return np.concatenate([none, hydrogen * flat, none], axis=1)

    costs = by_hand(support=Supported(of_routes(30.0), of_routes(10.0), of_routes(20.0), of_routes(5.0)))
    paid, uncontracted = mean_of(costs.with_support()), mean_of(costs.with_support(contracts=False))
    assert paid.cost[0].tolist() == pytest.approx([600.0, 645.0, 460.0])  # 705 - 30 - 20 - 10
    assert paid.reline_saving[0].tolist() == pytest.approx([60.0, -15.0, 0.0])  # relined, it loses 15 of support
    # 645 - 600 = 45 USD dearer over 50 kg.
    assert hydrogen_break_even(paid)[0, 1] == pytest.approx(4.0 - 45 / 50)
    # Without contracts 150 USD dearer before carbon cost; 1.9 t less are paid for.
    assert carbon_break_even(uncontracted)[0, 1] == pytest.approx(150 / 1.9)
    assert mean_of(costs).cost.tolist() == mean_of(by_hand()).cost.tolist()  # not in the costs themselves
    assert costs.of_years((2026,)).with_support().other.shape == (1, 3, 2)


def test_support_of_a_route_is_that_of_its_goods_its_fixed_cost_its_grant_and_its_interest() -> None:
    columns = "subsidy area technology item commodity start end relative absolute"
    rows = frame(
        columns,
        ("A", "DEU", "EAF", "capex", None, 2025, 2050, 0.25, 0.0),
        ("B", "DEU", "EAF", "fixed_opex", None, 2025, 2050, 0.0, 10.0),
        ("C", "DEU", "EAF", "commodity", "electricity", 2025, 2050, 0.0, 20.0),
        ("D", "DEU", "EAF", "cost_of_debt", None, 2025, 2050, 0.0, 0.01),
    )
    world = micro({"E": ("P/DEU", "EAF", 1.0)}, {"DEU": 1.0}, prices={"electricity": 80.0})
    rates = frame("area cost_of_debt cost_of_equity", ("WORLD", 0.05, 0.10))
    world = world.having(cost_of_capital=rates, subsidies=rows)
    inputs = compile_inputs(world.dataset, world.scenario)
    prices = priced((2025,), {"scrap": 350.0, "iron_ore": 0.0, "dr_ore": 0.0})
    costs = route_costs(inputs, prices, no_capacity(), (2025,))
    assert costs.support is not None
    r, c = costs.routes.index("SCRAP_EAF"), costs.countries.index("DEU")
    use, life = world.scenario.decisions.target_utilisation, world.scenario.finance.life
    assert costs.support.running[0, r, c] == pytest.approx(POWER_OF_EAF * 20.0 + 10.0 / use, rel=1e-9)

    def a_year(debt: float) -> float:
        wacc = 0.2 * 0.10 + 0.8 * debt
        return float(wacc / (1 - (1 + wacc) ** -life))

    capital = 240.0 * a_year(0.05) - 0.75 * 240.0 * a_year(0.04)
    assert costs.support.capital[0, r, c] == pytest.approx(capital / use, rel=1e-9)
    assert not costs.support.capital[:, :, costs.countries.index("IND")].any()
    plain = route_costs(compile_inputs(tiny().dataset, tiny().scenario), prices, no_capacity(), (2025,))
    assert plain.support is None


def test_the_break_even_year_is_the_first_in_which_a_plant_may_open_and_is_cheaper() -> None:
    costs = by_hand()
    assert first_cheaper(mean_of(costs)) == [None, None, 2025]
    dear_carbon = replace(costs, carbon=costs.carbon * np.array([5.0, 5.0])[:, None, None])
    assert first_cheaper(mean_of(dear_carbon)) == [None, 2026, 2025]  # cheaper at once, but cannot open in 2025
    assert first_cheaper(mean_of(dear_carbon), relined=True) == [None, 2026, 2025]
    middling = replace(costs, carbon=costs.carbon * np.array([1.0, 2.3])[:, None, None])
    assert first_cheaper(mean_of(middling)) == [None, 2026, 2025]
    assert first_cheaper(mean_of(middling), relined=True) == [None, None, 2025]


def test_means_weigh_by_steel_and_leave_out_countries_without_a_price() -> None:
    other = by_hand().other.copy()
    other[:, :, 1] += 100.0
    assert mean_of(by_hand(other=other), 3.0, 1.0).cost[0].tolist() == pytest.approx([625.0, 730.0, 485.0])
    other[0, 0, 1] = np.nan
    assert mean_of(by_hand(other=other), 3.0, 1.0).cost[0].tolist() == pytest.approx([600.0, 705.0, 460.0])
    assert np.isnan(mean_of(by_hand(), 0.0, 0.0).cost).all()


def priced(years: tuple[int, ...], level: float | Mapping[str, float]) -> pd.DataFrame:
    """A table of prices of all traded goods of the tiny world."""
    goods = ("iron_ore", "dr_ore", "scrap", "pig_iron", "dri", "dri_h2", "crude_steel")
    of = level if isinstance(level, Mapping) else dict.fromkeys(goods, level)
    rows = [(y, c, k, of[k]) for y in years for c in COUNTRIES for k in of]
    return pd.DataFrame(rows, columns=["year", "country", "commodity", "price"])


def no_capacity() -> pd.DataFrame:
    return pd.DataFrame(columns=["year", "country", "technology", "opening", "opened"])


def test_the_cost_of_scrap_steel_is_that_of_its_bill_its_capital_and_its_carbon() -> None:
    world = micro({"E": ("P/DEU", "EAF", 1.0)}, {"DEU": 1.0}, prices={"electricity": 80.0}, carbon={"DEU": 100.0})
    world = world.having(cost_of_capital=frame("area cost_of_debt cost_of_equity", ("WORLD", 0.05, 0.10)))
    inputs = compile_inputs(world.dataset, world.scenario)
    prices = priced((2025,), {"scrap": 350.0, "iron_ore": 0.0, "dr_ore": 0.0})
    costs = route_costs(inputs, prices, no_capacity(), (2025,))
    r, c = costs.routes.index("SCRAP_EAF"), costs.countries.index("DEU")
    wacc = 0.2 * 0.10 + 0.8 * 0.05
    assert world.scenario.finance.equity_share == 0.2
    a_year = wacc / (1 - (1 + wacc) ** -world.scenario.finance.life)
    conversion = float(inputs.technologies.conversion[0, inputs.technologies.names.index("EAF")])
    bought = SCRAP_IN_EAF * 350.0 + POWER_OF_EAF * 80.0
    capital = (30.0 + 240.0 * a_year) / world.scenario.decisions.target_utilisation
    assert costs.other[0, r, c] == pytest.approx(bought + conversion + capital, rel=1e-9)
    fossil = 1.2 * 0.0153 + 0.0018 + 0.02 * 0.806 + SCRAP_IN_EAF * 0.002 - 0.002
    assert costs.carbon[0, r, c] == pytest.approx(100.0 * fossil * 44 / 12, rel=1e-9)
    assert costs.carbon[0, r, costs.countries.index("IND")] == 0.0


def paying_for_hydrogen(world: World, price: float) -> World:
    """The world in which everybody pays one price for hydrogen in all years, USD/kg."""
    rows = world.tables["prices"]
    columns = ["scenario", "commodity", "area", "year", "price"]
    names = sorted({world.scenario.prices.scenario, "reference"})
    flat = [(name, "hydrogen", "WORLD", year, 1000.0 * price) for name in names for year in (2025, 2100)]
    kept = rows.loc[rows["commodity"] != "hydrogen", columns]
    return world.having(prices=pd.concat([kept, pd.DataFrame(flat, columns=columns)], ignore_index=True))


def paying_for_carbon(world: World, price: float) -> World:
    """The world in which everybody pays one price for CO2 in all years."""
    rows = frame("scenario area year price", *[("flat", "WORLD", year, price) for year in (2025, 2100)])
    return world.having(carbon_prices=rows).under(carbon={"scenario": "flat"})


@examples(25)
@given(worlds(), st.lists(st.floats(0.0, 5.0), min_size=3, max_size=3), st.floats(10.0, 600.0), st.integers(0, 1))
def test_at_the_break_even_price_a_route_costs_what_the_blast_furnace_costs(
    world: World, steel: list[float], level: float, relined: int
) -> None:
    world = world.under(prices={"factors": {}}, carbon={"paths": {}})
    weight = np.array([steel]) + np.array([[1.0, 0.0, 0.0]])

    def mean(there: World) -> Means | None:
        inputs = compile_inputs(there.dataset, there.scenario)
        costs = route_costs(inputs, priced((2025,), level), no_capacity(), (2025,))
        return means(costs, weight) if costs.base >= 0 else None

    of = mean(world)
    if of is None:
        return
    against = bool(relined)
    hydrogen = hydrogen_break_even(of, relined=against)[0]
    carbon = carbon_break_even(of, relined=against)[0]
    if "DRI_H2_EAF" in of.costs.routes:
        assert np.isfinite(hydrogen[of.costs.routes.index("DRI_H2_EAF")])
    for prices, paying in ((hydrogen, paying_for_hydrogen), (carbon, paying_for_carbon)):
        for r in np.flatnonzero(np.isfinite(prices)):
            solved = mean(paying(world, float(prices[r])))
            assert solved is not None
            scale = max(abs(float(solved.cost[0, r])), 100.0)
            assert solved.cost[0, r] == pytest.approx(solved.base_cost(relined=against)[0], abs=1e-9 * scale)


def test_without_free_allowances_the_carbon_price_is_paid_on_all_of_scope_1() -> None:
    world = tiny(carbon={"scenario": "current", "free_allocation": 0.0})
    inputs = compile_inputs(world.dataset, world.scenario)
    costs = route_costs(inputs, priced((2025,), 100.0), no_capacity(), (2025,))
    assert costs.priced[0] == pytest.approx(np.repeat(costs.scope1[:, None], 3, axis=1))
    given_free = compile_inputs(tiny().dataset, tiny().scenario)
    of = means(route_costs(given_free, priced((2025,), 100.0), no_capacity(), (2025,)), np.array([[0.0, 1.0, 0.0]]))
    ours = means(costs, np.array([[0.0, 1.0, 0.0]]))
    assert carbon_break_even(of, free=False) == pytest.approx(carbon_break_even(ours), nan_ok=True)
    assert not np.allclose(carbon_break_even(of), carbon_break_even(ours), equal_nan=True)


def test_a_country_without_a_price_of_a_good_has_no_cost_for_routes_that_need_it() -> None:
    inputs = compile_inputs(tiny().dataset, tiny().scenario)
    prices = priced((2025,), 100.0)
    prices = prices[~((prices["commodity"] == "dr_ore") & (prices["country"] == "IND"))]
    costs = route_costs(inputs, prices, no_capacity(), (2025,))
    unknown = {
        (costs.routes[r], costs.countries[c]) for r, c in zip(*np.nonzero(np.isnan(costs.other[0])), strict=True)
    }
    assert unknown == {("DRI_GAS_EAF", "IND"), ("DRI_H2_EAF", "IND")}


# What is lost.


def small(years: tuple[int, ...], **tables: pd.DataFrame) -> RunTables:
    return RunTables(run_tables(years[0]) | tables, Labels(reference_tables()), {}, years)


DECIDED: Final = "year furnace_group plant country decision start reason"


def test_stranded_debt_is_what_a_closing_group_still_owed() -> None:
    decided = frame(
        DECIDED,
        (2026, "G1", "P1", "DEU", "close", 2027, "3 years running below avoidable cost"),
        (2026, "N", "P3", "DEU", "close", 2027, "end of campaign: nothing pays"),
    )
    lost = frame(
        "year furnace_group country technology debt", (2026, "G1", "DEU", "BF", 7e9), (2026, "N", "DEU", "EAF", 3e9)
    )
    made = frame(
        "year furnace_group plant technology country capacity",
        *[(2026, f"G{n}", f"P{n}", "BF", "DEU", 3e6 * n) for n in (1, 2)],
    )
    run = small((2025, 2026), decisions=decided, write_offs=lost, production=made)
    assert debt_written_off(run)[["year", "value"]].to_numpy().tolist() == [[2026, 7e9], [2026, 3e9]]
    assert [row[:5] for row in rows_of(stranded(run)) if row[1] == "technology"] == [
        ["debt written off", "technology", "Blast furnace", 2026, 7],
        ["debt written off", "technology", "Electric arc furnace", 2026, 3],
        ["capacity closed before its campaign's end", "technology", "Blast furnace", 2026, 3],
    ]


def test_only_what_ends_before_its_campaign_is_early() -> None:
    decided = frame(
        DECIDED,
        (2026, "G1", "P1", "DEU", "close", 2027, "end of campaign: nothing pays"),
        (2026, "G2", "P2", "DEU", "close", 2027, "a loss of 30 USD/t after debt this year"),
        (2026, "G3", "P3", "DEU", "switch", 2030, "5 years before the end of the campaign: A is worth 9 USD/t more"),
        (2026, "G4", "P4", "DEU", "switch", 2030, "3 years before the end of the campaign: A is worth 9 USD/t more"),
        (2026, "G5", "P5", "DEU", "switch", 2030, "end of campaign: A is worth 9 USD/t more than the best way to stay"),
        (2026, "G6", "P6", "DEU", "renovate", 2027, "end of campaign: relining is the best course"),
    )
    made = frame(
        "year furnace_group plant technology country capacity",
        *[(2026, f"G{n}", f"P{n}", "BF", "DEU", 1e6 * n) for n in range(1, 7)],
    )
    run = small((2025, 2026), decisions=decided, production=made)
    assert closed_early(run)[["year", "value"]].to_numpy().tolist() == [[2026, 2e6]]
    # The successor opens in 2030: the campaign of G3 would have gone on to 2031, that of G4 ends in 2029.
    assert replaced_early(run)[["year", "value"]].to_numpy().tolist() == [[2029, 3e6]]


@examples(10)
@given(worlds(years=5))
def test_the_debt_written_off_is_that_of_the_engine(world: World) -> None:
    inputs = compile_inputs(world.dataset, world.scenario)
    state, parts, lost = initial_state(inputs), [], {}
    for year in world.scenario.years:
        state, result = advance(inputs, state)
        parts.append({name: result.tables[name] for name in ("write_offs", "decisions", "production")})
        lost[year] = result.computed.choices.written_off
    tables = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}
    run = RunTables(tables, Labels(reference_tables()), {}, tuple(world.scenario.years))
    found = debt_written_off(run).groupby("year")["value"].sum()
    for year in world.scenario.years:
        assert float(found.get(year, 0.0)) == pytest.approx(lost[year], rel=1e-9), year


# Milestones.


def world_in(year: int, steel: float, scrap: float, near_zero: float, captured: float) -> RunTables:
    """A year with crude steel, Mt; shares of scrap and of near-zero iron, %; captured CO2, Mt; in one country."""
    tables = run_tables(2025)
    made = frame(
        "year country technology production",
        (year, "DEU", "BF", (100 - near_zero) * 1e6),
        (year, "DEU", "DRI_H2", near_zero * 1e6),
        (year, "DEU", "BOF", steel * 1e6),
    )
    charged = frame(
        "year country technology commodity amount",
        (year, "DEU", "BOF", "scrap", scrap),
        (year, "DEU", "BOF", "hot_metal", 100 - scrap),
        (year, "DEU", "BF", "iron_ore", 160.0),
    )
    emitted = frame("year country technology captured", (year, "DEU", "BF", captured * 1e6))
    tables |= {"production": made, "charges": charged, "emissions": emitted}
    return RunTables(tables, Labels(reference_tables()), {}, (year,))


def verdicts(made: Chart, where: str = "World") -> dict[str, list[Any]]:
    head = list(made.columns)
    at = [head.index(name) for name in ("this run", "met", "beyond it by (below zero: missed by)")]
    return {row[1]: [row[i] for i in at] for row in rows_of(made) if row[0] == where}


def test_milestones_are_met_or_missed_by_what_the_table_says() -> None:
    made = on_trajectory(world_in(2030, steel=1900.0, scrap=40.0, near_zero=4.0, captured=27.0))
    assert verdicts(made) == {
        "Crude steel": [1900, "yes", 70],
        "Scrap share of metallics": [40, "yes", 2],
        "Near-zero share of iron": [4, "no", -4],
        "CO2 captured": [27, "yes", 0],
    }
    assert made.summary.startswith("3 of 4 milestones are met.")
    assert "Near-zero share of iron 2030: 4.00 % against at least 8, missed by 4.00 points" in made.summary
    assert set(verdicts(made, "Europe")) == {"Scrap share of metallics", "Near-zero share of iron"}
    too_much = on_trajectory(world_in(2050, steel=2000.0, scrap=48.0, near_zero=95.0, captured=398.0))
    assert {name for name, row in verdicts(too_much).items() if row[1] == "no"} == {"Crude steel", "CO2 captured"}
    assert on_trajectory(world_in(2031, 1.0, 1.0, 1.0, 1.0)).is_empty


def test_milestones_are_those_of_the_agencys_table_and_hold_for_the_world_whatever_is_filtered() -> None:
    """International Energy Agency, Net Zero Roadmap, 2023 update, table of milestones for steel."""
    table = {(one.key, one.year): (one.rule, one.value) for one in milestones()}
    assert table == {
        **{("steel", y): ("at most", v) for y, v in ((2030, 1970), (2035, 1970), (2050, 1960))},
        **{("scrap", y): ("at least", v) for y, v in ((2030, 38), (2035, 40), (2050, 48))},
        **{("near_zero", y): ("at least", v) for y, v in ((2030, 8), (2035, 27), (2050, 95))},
        **{("captured", y): ("at least", v) for y, v in ((2030, 27), (2035, 131), (2050, 399))},
    }
    run = world_in(2030, steel=1900.0, scrap=40.0, near_zero=4.0, captured=27.0)
    seen, _ = narrowed(run, Filters(country=("IND",), technology=("EAF",)))
    assert seen["production"].empty
    assert rows_of(on_trajectory(seen)) == rows_of(on_trajectory(run))


# On a run of the tiny world, with its dataset on this machine.


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of the tiny world to 2032 with a carbon price; its dataset lies beside it."""
    folder = tmp_path_factory.mktemp("questions")
    write_tiny(folder / "tiny")
    scenario = load_scenario("reference", ["period.end=2032", "carbon.scenario=uniform_100"])
    simulate(scenario, load(folder / "tiny"), folder / "run")
    return folder


@pytest.fixture
def asked(modelled: Path, home: Path) -> Iterator[Run]:
    """The row of that run, and its dataset as an own dataset of this machine."""
    shutil.copytree(modelled / "tiny", data_folder() / "datasets" / "tiny-of-questions")
    row = Run.objects.create(
        key="questions", name="Questions", folder=str(modelled / "run"), first_year=2025, last_year=2032,
        state=State.DONE, fraction=1.0, scenario='name = "reference"\n',
    )  # fmt: skip
    yield row
    shutil.rmtree(data_folder() / "datasets" / "tiny-of-questions")


def test_every_wish_has_a_figure_for_the_world_and_for_each_region(client: Client, asked: Run) -> None:
    assert set(WISHES.values()) <= set(MAKERS)
    assert set(register.MAKERS) == set(next(tab.figures for tab in TABS if tab.slug == "questions"))
    for wish, name in WISHES.items():
        document = chart(client, asked, name)
        assert not document["is_empty"], wish
        cells = {cell for row in table_of(document) for cell in row}
        assert {"World", *REGIONS.values()} <= cells, wish


@pytest.mark.parametrize("query", ["", "region=Europe", "country=IND&country=BRA", "technology=EAF", "first=2030"])
def test_every_figure_of_the_questions_shows_what_is_downloaded(client: Client, asked: Run, query: str) -> None:
    for name in register.MAKERS:
        document = chart(client, asked, name, query)
        head, rows = downloaded(client, asked, name, query)
        assert head == document["columns"], name
        assert rows == table_of(document), (name, query)
        assert all(len(row) == len(head) for row in rows), name
        if name != "stranded":
            assert rows, (name, query)
            assert not document["is_empty"], (name, query)


def test_a_region_is_the_same_whether_chosen_in_the_figure_or_in_the_filter(client: Client, asked: Run) -> None:
    for name in ("lcos", "break-even-year", "break-even-hydrogen", "break-even-carbon", "abatement", "emissions-scope"):
        everywhere = [row for row in downloaded(client, asked, name)[1] if "Europe" in row]
        europe = downloaded(client, asked, name, "region=Europe")[1]
        assert everywhere == europe != [], name
        assert WHOLE.get(name) is None or downloaded(client, asked, name, "technology=EAF") == downloaded(
            client, asked, name
        )


def test_what_is_filtered_is_called_by_its_name_and_years_alone_leave_the_world(client: Client, asked: Run) -> None:
    def places(query: str) -> list[str]:
        return list(chart(client, asked, "emissions-scope", query)["controls"][0]["labels"])

    assert places("") == places("first=2026") == ["World", "Europe", "South America", "South Asia"]
    assert places("region=Europe") == ["Europe"]
    assert places("country=DEU&country=IND") == ["Germany, India", "Europe", "South Asia"]


def test_costs_as_made_are_those_of_the_accounts(client: Client, asked: Run) -> None:
    run = open_run(asked.path)
    books = run["accounts"]
    one = books[(books["technology"] == "EAF") & (books["year"] == 2026) & (books["production"] > 0)].dropna()
    wanted = float((one["lcos"] * one["production"]).sum() / one["production"].sum())
    rows = rows_of(chart_of(run, "lcos", Filters()))
    told = [row for row in rows if row[:4] == ["steel as it was made, by furnace", "World", ARC, 2026]]
    assert [row[4] for row in told] == [pytest.approx(wanted, rel=1e-4)]
    assert {row[0] for row in rows} == {
        "steel from a new plant, by route", "steel as it was made, by furnace", "iron as it was made, by furnace",
    }  # fmt: skip


def test_use_of_capacity_is_production_over_capacity(asked: Run) -> None:
    run = open_run(asked.path)
    made = run["production"]
    part = made[(made["technology"] == "EAF") & (made["country"] == "DEU") & (made["year"] == 2025)]
    rows = rows_of(chart_of(run, "utilisation", Filters()))
    told = [row[3] for row in rows if row[0] == ARC and row[1] == "Europe" and row[2] == 2025]
    assert told == [pytest.approx(100 * float(part["production"].sum() / part["capacity"].sum()), rel=1e-4)]


# Without the dataset.


def test_a_run_whose_dataset_is_not_here_gets_a_sentence_instead_of_a_figure(client: Client, finished_run: Run) -> None:
    for name in ("break-even-year", "break-even-hydrogen", "break-even-carbon", "abatement"):
        document = chart(client, finished_run, name)
        assert document["is_empty"]
        assert "needs the dataset of the run (example, eeeeeeee…)" in document["empty"]
        assert "Add it on the page Data" in document["empty"]
    known = chart(client, finished_run, "lcos")
    assert not known["is_empty"]
    assert "needs the dataset of the run" in known["note"]
    assert known["controls"][0]["values"] == ["steel", "iron"]


def test_a_dataset_that_was_changed_since_is_not_taken_for_that_of_the_run(asked: Run) -> None:
    document = dict(open_run(asked.path).document)
    assert isinstance(inputs_of(document), Inputs)
    table = data_folder() / "datasets" / "tiny-of-questions" / "prices.csv"
    table.write_text(table.read_text("utf-8").replace("220.0", "221.0").replace(",220,", ",221,"), "utf-8")
    answer = inputs_of(document)
    assert isinstance(answer, str)
    assert "changed since" in answer


def test_settings_that_this_version_does_not_know_are_told(asked: Run) -> None:
    document = dict(open_run(asked.path).document)
    document["scenario"] = {**document["scenario"], "no_such_setting": 1}
    answer = inputs_of(document)
    assert isinstance(answer, str)
    assert "cannot be compiled by this version" in answer
