"""Cost of hydrogen with ceilings and pipelines, and the ranking of sites: hand-made numbers and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.simulation.arrays import Floats
from steeliq.simulation.siting.hydrogen import Places, ceilings, levelised, price
from steeliq.simulation.siting.ranking import IRON, STEEL, chosen, nearest, yardstick

# Two regions on one land, 1,000 km apart on the equator (8.993 deg), and an island far off.
DEGREES = 1000.0 / (np.pi * 6371.0 / 180.0)
PLACES = Places(
    latitude=np.zeros(5),
    longitude=np.array([0.0, DEGREES, 2 * DEGREES, 2.5 * DEGREES, 10 * DEGREES]),
    landmass=np.array(["land", "land", "land", "land", "island"], dtype=object),
    region=np.array([0, 0, 1, 1, 2]),
    regions=4,
)
COST = np.array([2.0, 4.0, 6.0, 5.0, 7.0])


def test_hydrogen_costs_its_power_and_its_electrolyser() -> None:
    # 50 kWh at 0.06 USD, and 190 USD/kW over 8,760 h at 95 %: 50 x 190 / 8322.
    assert float(levelised(np.array(60.0), np.array(190.0), np.array(50.0))) == pytest.approx(3.0 + 50 * 190 / 8322)


def test_the_ceiling_of_a_region_is_a_quantile_of_what_its_sites_can_do() -> None:
    assert ceilings(COST, PLACES, 0.5).tolist() == [3.0, 5.5, 7.0, np.inf]


def test_nobody_pays_more_than_the_ceiling_or_a_neighbours_with_its_pipeline() -> None:
    # Ceilings at quantile 0 are 2, 5 and 7. Site 2 lies 2,000 km from the seller of region 0: 2 + 1.25 x 2 x 0.4 = 3;
    # site 3 lies 2,500 km off: 3.25. The island has no neighbour.
    assert price(COST, PLACES, 0.0, 0.4, 5000.0) == pytest.approx([2.0, 2.0, 3.0, 3.25, 7.0])


def test_a_pipeline_has_an_end() -> None:
    # Site 2 needs 2,500 km of pipe, site 3 needs 3,125 km.
    assert price(COST, PLACES, 0.0, 0.4, 3000.0) == pytest.approx([2.0, 2.0, 3.0, 5.0, 7.0])
    assert price(COST, PLACES, 0.0, 0.4, 0.0) == pytest.approx([2.0, 2.0, 5.0, 5.0, 7.0])


def test_a_site_that_cannot_make_any_buys_in_its_region() -> None:
    cost = np.array([2.0, np.inf, np.inf, np.inf, np.inf])
    assert price(cost, PLACES, 0.2, 0.4, 1e5) == pytest.approx([2.0, 2.0, 3.0, 3.25, np.inf])


costs = st.lists(st.floats(0.5, 20.0), min_size=5, max_size=5).map(np.array)


@given(cost=costs, quantile=st.floats(0.0, 1.0), pipeline=st.floats(0.0, 2.0), reach=st.floats(0.0, 5000.0))
def test_trade_never_makes_hydrogen_dearer(cost: Floats, quantile: float, pipeline: float, reach: float) -> None:
    alone = price(cost, PLACES, quantile, pipeline, 0.0)
    traded = price(cost, PLACES, quantile, pipeline, reach)
    assert (traded <= alone).all()
    assert (alone <= cost).all()
    assert (traded >= cost.min()).all()
    assert (price(cost, PLACES, quantile, pipeline + 0.1, reach) >= traded).all()


def test_the_yardstick_adds_what_a_tonne_needs() -> None:
    one = np.ones(1)
    steel = yardstick(STEEL, 50 * one, np.nan * one, 100 * one, 200 * one, 0.02)
    iron = yardstick(IRON, 50 * one, 3 * one, 100 * one, 200 * one, 0.02)
    assert steel == pytest.approx([0.9 * 50 + 0.02 * (1.1 * 100 + 200)])
    assert iron == pytest.approx([0.3 * 50 + 55 * 3 + 0.02 * (1.5 * 100 + 200)])


def test_the_nearest_place_that_is_large_enough_counts() -> None:
    distance = np.array([[1.0, 5.0], [9.0, 7.0]])
    assert nearest(distance, np.array([0.5e6, 2e6]), 1e6).tolist() == [5.0, 7.0]
    assert nearest(distance, np.array([0.5e6, 0.2e6]), 1e6).tolist() == [np.inf, np.inf]


def test_no_country_takes_all_places_on_the_list() -> None:
    cost = np.array([1.0, 2.0, 3.0, 4.0, np.inf])
    country = np.array([0, 0, 0, 1, 2])
    assert chosen(cost, country, 3, 3).tolist() == [0, 1, 2]
    assert chosen(cost, country, 3, 2).tolist() == [0, 1, 3]
    assert chosen(cost, country, 9, 9).tolist() == [0, 1, 2, 3]
