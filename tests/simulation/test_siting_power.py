"""Round-the-clock power of a site against linear programmes, hand-made numbers and laws that hold for all inputs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from steeliq.simulation.arrays import Floats
from steeliq.simulation.siting.coverage import Battery, served
from steeliq.simulation.siting.lcoe import Part, levelised, yearly_cost
from steeliq.simulation.siting.mix import Search
from steeliq.simulation.siting.profiles import sun, wind
from tests.siting_oracle import example_profiles, least_cost, programme

BATTERY = Battery(efficiency=0.86, hours=4.0)
PARTS = np.array([55.0, 95.0, 20.0])  # USD per kW, kW and kWh a year


@pytest.mark.parametrize("share", [0.85, 0.95])
def test_twenty_sites_cost_what_a_plain_linear_programme_says(share: float) -> None:
    solar, blowing = example_profiles(20, 6 * 168)
    found = Search(solar, blowing, share, BATTERY).cheapest(np.tile(PARTS, (20, 1)))
    exact = np.array([least_cost(solar[:, n], blowing[:, n], share, BATTERY, PARTS) for n in range(20)])
    assert (found.cost >= exact * (1 - 1e-6)).all()
    assert (found.cost <= exact * 1.001).all()  # asked for 0.1 %, promised 0.5 %
    assert (found.bound <= exact * (1 + 1e-6)).all()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    efficiency=st.floats(0.3, 1.0),
    power=st.floats(0.5, 10.0),
    design=st.tuples(*[st.floats(0.0, 6.0)] * 2, st.floats(0.0, 15.0)),
)
def test_no_dispatch_serves_more_than_ours(
    seed: int, efficiency: float, power: float, design: tuple[float, float, float]
) -> None:
    draw = np.random.default_rng(seed)
    solar, blowing = draw.uniform(0, 1, (2, 40)) * (draw.uniform(0, 1, (2, 40)) > 0.4)
    battery = Battery(efficiency, power)
    below, equal = programme(solar, blowing, battery)
    best = linprog(
        np.concatenate([np.zeros(3 + 120), np.ones(40)]),
        A_ub=below,
        b_ub=np.concatenate([-np.ones(40), np.zeros(120)]),
        A_eq=equal,
        b_eq=np.zeros(40),
        bounds=[(value, value) for value in design] + [(0, None)] * 160,
        method="highs",
    )
    share, _ = served(solar[:, None], blowing[:, None], np.array([design]), battery)
    assert float(share[0]) == pytest.approx(1.0 - best.fun / 40, abs=1e-7)


designs = st.tuples(st.floats(0.0, 10.0), st.floats(0.0, 6.0), st.floats(0.0, 20.0))


@settings(max_examples=30, deadline=None)
@given(here=designs, there=designs)
def test_the_slopes_bound_what_any_other_design_serves(
    here: tuple[float, float, float], there: tuple[float, float, float]
) -> None:
    solar, blowing = example_profiles(5, 336)
    designs_here, designs_there = np.tile(here, (5, 1)), np.tile(there, (5, 1))
    share, slope = served(solar, blowing, designs_here, BATTERY)
    other, _ = served(solar, blowing, designs_there, BATTERY)
    assert (other <= share + (slope * (designs_there - designs_here)).sum(axis=1) + 1e-9).all()


def test_slopes_are_what_a_little_more_of_each_part_adds() -> None:
    solar, blowing = example_profiles(8, 672)
    design = np.tile([5.013, 1.117, 9.309], (8, 1))
    share, slope = served(solar, blowing, design, BATTERY)
    for part in range(3):
        more = design.copy()
        more[:, part] += 1e-6
        added = (served(solar, blowing, more, BATTERY)[0] - share) / 1e-6
        assert added == pytest.approx(slope[:, part], abs=1e-5)


def test_single_precision_changes_nothing_that_matters() -> None:
    solar, blowing = example_profiles(6, 2184)
    design = np.tile([5.0, 1.0, 9.0], (6, 1))
    double, _ = served(solar, blowing, design, BATTERY)
    single, _ = served(solar.astype(np.float32), blowing.astype(np.float32), design, BATTERY)
    assert single == pytest.approx(double, abs=1e-5)


def test_a_battery_of_four_hours_gives_a_quarter_of_its_energy_an_hour() -> None:
    # One hour of sun makes 9, the load takes 1; the battery of 4 MWh takes 1 MW of the rest, and gives it back.
    solar, blowing = np.array([[9.0], [0.0], [0.0]]), np.zeros((3, 1))
    share, _ = served(solar, blowing, np.array([[1.0, 0.0, 4.0]]), Battery(efficiency=1.0, hours=4.0))
    assert float(share[0]) == pytest.approx(2 / 3)


def test_a_site_without_sun_and_wind_cannot_serve_a_load() -> None:
    solar, blowing = example_profiles(3, 336)
    solar[:, 1], blowing[:, 1] = 0.0, 0.0
    found = Search(solar, blowing, 0.85, BATTERY).cheapest(np.tile(PARTS, (3, 1)))
    assert np.isinf(found.cost).tolist() == [False, True, False]
    assert np.isnan(found.design[1]).all()


def test_what_was_learnt_at_old_costs_holds_at_new_ones() -> None:
    solar, blowing = example_profiles(5, 672)
    costs = [np.tile(PARTS * factor, (5, 1)) for factor in (np.ones(3), np.array([0.5, 0.9, 0.4]))]
    search = Search(solar, blowing, 0.85, BATTERY)
    first, second = (search.cheapest(cost, 1e-4) for cost in costs)
    alone = Search(solar, blowing, 0.85, BATTERY).cheapest(costs[1], 1e-4)
    assert second.cost == pytest.approx(alone.cost, rel=2e-4)
    assert (second.cost < first.cost).all()
    assert second.evaluations < alone.evaluations


money = st.floats(20.0, 400.0)


@settings(max_examples=20, deadline=None)
@given(
    prices=st.tuples(money, money, money),
    part=st.integers(0, 2),
    what=st.sampled_from(["price", "fixed", "life", "fade", "rate"]),
    more=st.floats(0.01, 1.0),
)
def test_dearer_parts_never_make_cheaper_power(
    prices: tuple[float, float, float], part: int, what: str, more: float
) -> None:
    solar, blowing = example_profiles(4, 336)

    def cost(*, dearer: bool) -> Floats:
        out = []
        for n, price in enumerate(prices):
            hit = dearer and n == part
            out.append(
                yearly_cost(
                    Part(
                        price=np.array([price, 0.8 * price]) * (1 + more * (hit and what == "price")),
                        fixed=0.02 * (1 + more * (hit and what == "fixed")),
                        life=12 - 5 * (hit and what == "life"),
                        fade=0.005 * (1 + more * (hit and what == "fade")),
                    ),
                    np.array(0.06 * (1 + more * (dearer and what == "rate"))),
                )
            )
        return np.tile(np.array(out), (1, 4, 1))

    before, after = (
        levelised(solar, blowing, cost(dearer=dearer), 0.85, BATTERY, 1e-6).lcoe for dearer in (False, True)
    )
    assert (after >= before * (1 - 2e-6)).all()


def test_a_battery_is_bought_again_when_its_life_is_over() -> None:
    # At 10 %: bought for 100 now and for 60 in year 2; half of the second life of 2 years is left after year 3.
    value = 100 + 60 / 1.1**2 - 0.5 * 60 / 1.1**3
    years = 1 / 1.1 + 1 / 1.1**2 + 1 / 1.1**3
    part = Part(np.array([100.0, 80.0, 60.0]), fixed=0.0, life=2, fade=0.0)
    assert float(yearly_cost(part, np.array(0.1), horizon=3)) == pytest.approx(value / years)


def test_fading_output_costs_more_per_megawatt_that_stays() -> None:
    # 10 % a year over two years: 1.0 and 0.9, on average 0.95 of what was bought.
    fresh = Part(np.array([100.0]), fixed=0.1, life=2, fade=0.0)
    fading = Part(np.array([100.0]), fixed=0.1, life=2, fade=0.1)
    ratio = yearly_cost(fading, np.array(0.05)) / yearly_cost(fresh, np.array(0.05))
    assert float(ratio) == pytest.approx(1 / 0.95)


@pytest.mark.parametrize(("share", "cost"), [(0.0, 1.0), (1.0, 1.0), (0.85, 0.0)])
def test_shares_and_costs_that_make_no_sense_are_refused(share: float, cost: float) -> None:
    solar, blowing = example_profiles(2, 168)
    with pytest.raises(ValueError, match="found"):
        levelised(solar, blowing, np.full((1, 2, 3), cost), share, BATTERY, 1e-3)


def test_weather_is_bound_to_the_name_of_a_site() -> None:
    latitude, factor = np.array([30.0, 50.0]), np.array([0.2, 0.12])
    for made in (sun, wind):
        both, one = made(["a", "b"], latitude, factor), made(["b"], latitude[1:], factor[1:])
        assert (both[:, 1] == one[:, 0]).all()
        assert not np.allclose(both[:, 0] / both[:, 0].mean(), both[:, 1] / both[:, 1].mean())


def test_shapes_keep_the_stated_capacity_factors_and_the_seasons() -> None:
    latitude, names = np.array([-35.0, 0.0, 35.0, 60.0]), ["south", "middle", "north", "far north"]
    factor = np.array([0.21, 0.16, 0.20, 0.11])
    bright, windy = sun(names, latitude, factor), wind(names, latitude, 2 * factor)
    assert bright.mean(axis=0, dtype=float) == pytest.approx(factor, rel=1e-4)
    assert windy.mean(axis=0, dtype=float) == pytest.approx(2 * factor, rel=1e-4)
    for made in (bright, windy):
        assert made.min() >= 0.0
        assert made.max() <= 1.0
    june, december = slice(150 * 24, 180 * 24), slice(334 * 24, 364 * 24)
    summer = bright[june].mean(axis=0) / bright[december].mean(axis=0)
    assert summer[0] < 1.0 < summer[2] < summer[3]
    assert (bright.reshape(365, 24, 4)[:, :2] == 0).all()  # the hours after midnight
