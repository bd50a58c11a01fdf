"""Low-carbon steel against pencil and paper: who is certified, who is paid, what owners expect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from steeliq.simulation.agents.foresight import margins
from steeliq.simulation.agents.lines import compile_lines
from steeliq.simulation.inputs import compile_inputs, initial_state
from steeliq.simulation.market.grades import GradePrices
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.step import YearResult, advance
from tests.micro import FREIGHT, POWER_OF_EAF, SCRAP_IN_EAF, frame, micro
from tests.simulation.test_decisions import prices_of
from tests.simulation.test_dispatch import output, price
from tests.strategies import Solved, World, base_tables, solved

DEMAND = "area year threshold premium share"


def furnaces(demand: float = 1.0, **more: Any) -> World:
    """An arc furnace on scrap at 300 USD/t beside a blast furnace and converter on ore at 50 USD/t and free coal.

    Power is free of emissions, so that scrap steel is clean (its electrodes apart) and converter steel is not.
    """
    return micro(
        {"E": ("P/DEU", "EAF", 2.0), "B": ("Q/DEU", "BF", 3.0), "C": ("Q/DEU", "BOF", 3.0)},
        {"DEU": demand},
        scrap={"DEU": 5.0},
        scrap_cost=300.0,
        ore={"DEU": 50.0},
        charge_groups=frame(
            "technology charge_group commodity", ("BOF", "iron", "hot_metal"), ("BOF", "iron", "pig_iron")
        ),
        charge_limits=frame(
            "technology charge_group year minimum maximum",
            *[("BOF", "iron", year, 0.85, 1.0) for year in (2025, 2035, 2045)],
        ),
        **more,
    )


def year_of(world: World) -> YearResult:
    inputs = compile_inputs(world.dataset, world.scenario)
    _, result = advance(inputs, initial_state(inputs))
    return result


def gap() -> float:
    """What a tonne of scrap steel costs more than one of converter steel, USD."""
    dirty = solved(furnaces())
    assert output(dirty, "E") == 0.0
    return 300.0 * SCRAP_IN_EAF - dirty.objective


def wanted(premium: float, share: float = 1.0, threshold: float = 0.3, area: str = "DEU") -> Any:
    return frame(DEMAND, (area, 2025, threshold, premium, share))


def intensity_of(result: Solved, technology: str) -> set[float]:
    grades, groups = result.network.grades, result.network.groups
    of = groups.technology[grades.group] == result.inputs.technologies.index(technology)
    return set(np.round(grades.intensity[of], 6).tolist())


def test_a_premium_below_the_gap_changes_nothing_and_above_it_makes_clean_steel() -> None:
    extra = gap()
    assert 100.0 < extra < 300.0
    for premium, clean in ((extra - 1.0, 0.0), (extra + 1.0, 1.0)):
        result = solved(furnaces(low_carbon_demand=wanted(premium)))
        assert output(result, "E") == pytest.approx(clean, abs=1e-9)
        assert output(result, "C") == pytest.approx(1.0 - clean, abs=1e-9)
        assert result.objective == pytest.approx(300.0 * SCRAP_IN_EAF - extra + clean * (extra - premium), rel=1e-9)


def test_only_the_share_that_wants_it_is_made_clean_and_money_adds_up() -> None:
    extra = gap()
    result = year_of(furnaces(low_carbon_demand=wanted(extra + 20.0, share=0.4)))
    made = result.tables["production"].set_index("furnace_group")["production"]
    assert (made["E"], made["C"]) == pytest.approx((0.4e6, 0.6e6))
    (sale,) = result.tables["grades"].to_dict("records")
    # the furnace could make more: competition leaves it its extra cost, buyers keep the other 20
    assert (sale["origin"], sale["amount"]) == ("DEU", pytest.approx(0.4e6))
    assert (sale["willingness"], sale["premium"]) == pytest.approx((extra + 20.0, extra), abs=0.01)
    assert result.tables["audit"]["passed"].all()
    laws = set(result.tables["audit"]["invariant"])
    assert {"money: premiums received = paid", "low-carbon steel sold <= certified"} <= laws
    revenue = result.tables["accounts"].set_index("furnace_group")["revenue"]
    conventional = 300.0 * SCRAP_IN_EAF - extra
    assert revenue["E"] == pytest.approx((conventional + extra) * 0.4e6, rel=1e-4)
    assert revenue["C"] == pytest.approx(conventional * 0.6e6, rel=1e-4)


def test_the_producing_charge_decides_iron_and_grid_included() -> None:
    result = solved(furnaces(low_carbon_demand=wanted(1.0), grid=0.5))
    recipes = result.inputs.recipes
    scrap = recipes.options.index(("EAF", "scrap"))
    assert float(recipes.scope1[scrap]) + 0.5 * POWER_OF_EAF == pytest.approx(
        min(intensity_of(result, "EAF")), abs=1e-6
    )
    # the blast furnace's emissions come with its metal, and the scrap beside it is no steel of its own
    assert min(intensity_of(result, "BOF")) > 1.3
    # with that grid scrap steel misses a threshold of 0.3 and earns nothing, however much is offered
    assert float(recipes.scope1[scrap]) + 0.5 * POWER_OF_EAF > 0.3
    assert output(solved(furnaces(low_carbon_demand=wanted(400.0), grid=0.5)), "E") == 0.0
    assert output(solved(furnaces(low_carbon_demand=wanted(400.0), grid=0.1)), "E") == pytest.approx(1.0)


def test_a_premium_abroad_is_worth_the_freight_only_if_it_is_more() -> None:
    """Both furnaces make the same steel; Brazil wants 1 Mt and buys from India or at home, India has the clean one."""

    def world(premium: float) -> World:
        return micro(
            {"B": ("P/BRA", "BF", 3.0), "C": ("P/BRA", "BOF", 3.0), "E": ("Q/IND", "EAF", 2.0)},
            {"BRA": 1.0},
            scrap={"IND": 5.0},
            scrap_cost=100.0,
            ore={"BRA": 50.0},
            low_carbon_demand=wanted(premium, area="BRA"),
        )

    home = solved(world(0.0)).objective
    extra = 100.0 * SCRAP_IN_EAF + FREIGHT - home
    assert extra > 1.0
    assert output(solved(world(extra - 1.0)), "E") == 0.0
    bought = solved(world(extra + 1.0))
    assert output(bought, "E") == pytest.approx(1.0)
    assert bought.objective == pytest.approx(home - 1.0)


def test_two_thresholds_share_what_is_certified_for_both() -> None:
    """Germany pays 250 below 0.3, India 280 below 3.0, with 1 Mt each; 2 Mt of arc furnace capacity serve Germany."""
    demand = frame(DEMAND, ("DEU", 2025, 0.3, 250.0, 1.0), ("IND", 2025, 3.0, 280.0, 1.0))
    world = furnaces(low_carbon_demand=demand).having(
        steel_demand=frame(
            "scenario country year demand",
            *[("bau", c, y, t) for y in (2025, 2050) for c, t in (("BRA", 0.0), ("DEU", 1e6), ("IND", 1e6))],
        )
    )
    result = year_of(world)
    sales = result.tables["grades"].set_index("threshold")["amount"]
    assert sales.to_dict() == pytest.approx({0.3: 1e6, 3.0: 1e6})  # converter steel is good enough for the second
    made = result.tables["production"].set_index("furnace_group")["production"]
    assert (made["E"], made["C"]) == pytest.approx((1e6, 1e6))
    assert result.tables["audit"]["passed"].all()


def test_the_scenario_sets_premiums_of_its_own_and_takes_the_datasets_away() -> None:
    extra = gap()
    own = {"premiums": {"EU27": {2025: extra + 1.0}}, "low_carbon_threshold": 0.3}
    assert output(solved(furnaces().under(demand=own)), "E") == pytest.approx(1.0)
    assert output(solved(furnaces().under(demand={**own, "low_carbon_share": 0.25})), "E") == pytest.approx(0.25)
    assert output(solved(furnaces().under(demand={**own, "low_carbon_threshold": 0.001})), "E") == 0.0
    assert output(solved(furnaces().under(demand={"premiums": {"EU27": {2026: extra + 1.0}}})), "E") == 0.0
    offered = furnaces(low_carbon_demand=wanted(extra + 1.0))
    assert output(solved(offered.under(demand={"premium_factor": 0.0})), "E") == 0.0


def test_owners_expect_the_premium_less_what_buyers_keep() -> None:
    demand = frame(DEMAND, ("DEU", 2025, 0.5, 60.0, 1.0), ("DEU", 2035, 0.5, 100.0, 1.0))
    tables = {**base_tables(), **World(base_tables(), Scenario()).having(low_carbon_demand=demand).tables}
    inputs = compile_inputs(World(tables, Scenario()).dataset, Scenario())
    plain = compile_inputs(World(base_tables(), Scenario()).dataset, Scenario())
    lines, prices = compile_lines(inputs), prices_of(inputs)
    none = GradePrices.none(3, len(inputs.commodities.names))
    kept = replace(prices, grades=replace(none, rent=np.array([0.0, 15.0, 0.0])))
    gain = margins(inputs, lines, kept, 2025, 24) - margins(plain, lines, prices, 2025, 24)
    scrap, blast = lines.name.index("SCRAP_EAF"), lines.name.index("BF_BOF")
    assert gain[scrap, [0, 5, 10, 20], 1] == pytest.approx([45.0, 65.0, 85.0, 85.0])
    assert not gain[blast].any()
    assert not gain[:, :, [0, 2]].any()


def test_conventional_steel_has_one_price_whoever_made_it() -> None:
    result = solved(furnaces(low_carbon_demand=wanted(gap() + 20.0, share=0.4)))
    assert price(result, "crude_steel", "DEU") == pytest.approx(solved(furnaces()).objective, abs=0.01)
