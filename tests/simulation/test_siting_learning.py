"""What solar, wind, batteries and electrolysers cost when the world builds more of them, or fewer, than expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from steeliq.errors import ScenarioError
from steeliq.simulation.inputs import compile_inputs
from steeliq.simulation.siting.hydrogen import AVAILABILITY
from steeliq.simulation.siting.profiles import HOURS
from steeliq.simulation.siting.sites import Sites, learnt
from tests.strategies import World, tiny

PERIOD = {"start": 2025, "end": 2030}
EXPECTED = {  # of the tiny world, GW
    "solar": {2025: 2000.0, 2030: 6000.0, 2040: 9000.0, 2050: 12000.0},
    "wind": {2025: 1000.0, 2030: 2000.0, 2040: 4000.0, 2050: 5000.0},
    "battery": {2025: 400.0, 2030: 2000.0, 2040: 6000.0, 2050: 12000.0},
    "electrolyser": {2025: 2.0, 2030: 10.0, 2040: 40.0, 2050: 100.0},
}
RATES = {"solar": 0.23, "wind": 0.12, "battery": 0.16, "electrolyser": 0.18}


def world(**siting: Any) -> World:
    return tiny(period=PERIOD, siting={"enabled": True} | siting)


def sites(**siting: Any) -> Sites:
    of = world(**siting)
    found = compile_inputs(of.dataset, of.scenario).sites
    assert found is not None
    return found


def factors(part: str, years: list[int], **siting: Any) -> list[float]:
    of = world(**siting)
    return [float(factor) for factor in learnt(of.tables["own_energy"], part, of.scenario, np.array(years))]


def test_every_doubling_beyond_what_was_expected_takes_off_the_learning_rate() -> None:
    """Solar, expected 2,000 GW in 2025, 6,000 in 2030, 9,000 in 2040: with 4,000 GW in all years it is one doubling
    ahead (x 0.77) in 2025, at 2/3 of what its costs expect (x (2/3)^log2(0.77) = 1.1652) in 2030, and at 4/9 in 2040
    (x 1.1652^2 = 1.3577). With 4,000 GW in 2027, where 3,600 are expected, x (10/9)^log2(0.77) = 0.9610.
    """
    found = factors("solar", [2025, 2027, 2030, 2040], deployment={"solar": 4000.0})
    assert found == pytest.approx([0.77, 0.9610, 1.1652, 1.3577], abs=1e-4)


def test_costs_stay_the_dataset_s_where_the_world_builds_what_they_expect() -> None:
    """A path that is the dataset's own changes nothing, whatever the learning rate."""
    same = factors("wind", [2025, 2033, 2050, 2060], deployment={"wind": EXPECTED["wind"]}, wind_learning=0.3)
    assert same == pytest.approx([1.0] * 4, abs=1e-12)
    assert factors("wind", [2025, 2050], deployment={"solar": 1.0}) == [1.0, 1.0]


def test_without_learning_deployment_changes_nothing() -> None:
    before, after = sites(), sites(deployment={"solar": 90_000.0}, solar_learning=0.0)
    assert (before.lcoe == after.lcoe).all()


@pytest.mark.parametrize("part", EXPECTED)
def test_a_doubling_in_all_years_is_a_cost_factor(part: str) -> None:
    """The factor on costs and what is learnt multiply: a doubling at 12 % a doubling is a cost factor of 0.88."""
    double = {year: 2 * value for year, value in EXPECTED[part].items()}
    learning = sites(deployment={part: double}, **{f"{part}_cost": 0.5})
    factor = sites(**{f"{part}_cost": 0.5 * (1 - RATES[part])})
    assert learning.lcoe == pytest.approx(factor.lcoe, rel=1e-9)
    assert learning.own_hydrogen == pytest.approx(factor.own_hydrogen, rel=1e-9)
    assert not np.allclose(learning.own_hydrogen, sites(**{f"{part}_cost": 0.5}).own_hydrogen)


def test_hydrogen_gets_cheaper_by_the_electrolyser_s_share_of_its_cost() -> None:
    """Power stays: of a kilogram's cost only use x electrolyser / (8,760 h x 95 %) falls, here to 0.82 of it."""
    double = {year: 2 * value for year, value in EXPECTED["electrolyser"].items()}
    before, after = sites(), sites(deployment={"electrolyser": double})
    power = np.array([before.power(year) for year in range(2025, 2031)]) / 1000.0
    use = np.linspace(50.0, 49.0, 6)[:, None]  # kWh/kg in 2025-2030
    plant = before.own_hydrogen - use * power
    assert (plant * HOURS * AVAILABILITY / use > 50.0).all()  # USD/kW and year: it is a real cost
    assert after.own_hydrogen == pytest.approx(use * power + 0.82 * plant, rel=1e-9)


def test_a_kind_that_does_not_exist_is_refused() -> None:
    wrong = world(deployment={"nuclear": 1.0})
    with pytest.raises(ScenarioError, match="nuclear"):
        compile_inputs(wrong.dataset, wrong.scenario)


def test_a_dataset_that_does_not_say_what_its_costs_expect_cannot_learn() -> None:
    of = world(deployment={"solar": 1.0})
    costs = of.tables["own_energy"]
    of = of.having(own_energy=costs[costs["item"] != "deployed"])
    with pytest.raises(ScenarioError, match="solar deployed"):
        compile_inputs(of.dataset, of.scenario)
