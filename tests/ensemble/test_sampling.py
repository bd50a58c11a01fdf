"""How a design becomes members: methods, distributions, correlations, seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from steeliq.ensemble.sampling import members, unit
from tests.ensemble.designs import CIRCULAR, DEMAND, GAS, design

NORMAL = {"name": "scrap", "field": "scrap.factor", "distribution": "normal", "mean": 1.0, "sd": 0.1}
WEIGHTED = {"name": "w", "field": "trade.freight", "distribution": "discrete", "values": [1, 2], "weights": [3, 1]}


def test_points_come_in_order_and_each_is_run_with_every_seed_of_the_agents() -> None:
    table = members(design(DEMAND, GAS, agent_seeds=[5, 7]))
    assert list(table.index) == list(range(6))
    assert list(table["point"]) == [0, 0, 1, 1, 2, 2]
    assert list(table["agent_seed"]) == [5, 7] * 3
    same = table.groupby("point")["gas price"].nunique()
    assert (same == 1).all(), "common random numbers: seeds change nothing else"


@given(seed=st.integers(0, 1000), samples=st.integers(1, 60))
def test_a_latin_hypercube_has_one_point_in_every_slice_also_if_correlated(seed: int, samples: int) -> None:
    link = [{"factors": ["demand.factor", "gas price"], "value": 0.8}]
    for links in ([], link):
        sample = unit(design(DEMAND, GAS, seed=seed, samples=samples, correlations=links))
        slices = np.sort(np.floor(sample * samples).astype(int), axis=0)
        assert (slices == np.arange(samples)[:, None]).all()


def test_correlated_factors_have_about_the_rank_correlation_that_was_asked() -> None:
    links = [
        {"factors": ["demand.factor", "gas price"], "value": 0.7},
        {"factors": ["gas price", "scrap"], "value": -0.5},
    ]
    table = members(design(DEMAND, GAS, NORMAL, samples=4000, correlations=links))
    found = table[["demand.factor", "gas price", "scrap"]].corr("spearman").to_numpy()
    assert found[0, 1] == pytest.approx(0.7, abs=0.03)
    assert found[1, 2] == pytest.approx(-0.5, abs=0.03)
    assert found[0, 2] == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize(
    ("factor", "law"),
    [
        (DEMAND, stats.uniform(0.9, 0.2)),
        (GAS, stats.triang(1 / 3, 0.5, 1.5)),
        (NORMAL, stats.norm(1.0, 0.1)),
        (NORMAL | {"low": 0.9}, stats.truncnorm(-1.0, 10.0, 1.0, 0.1)),
    ],
)
def test_values_follow_the_distribution(factor: dict[str, Any], law: Any) -> None:
    values = members(design(factor, samples=2000)).iloc[:, 2]
    assert stats.kstest(values, law.cdf).statistic < 0.005


def test_choices_come_as_often_as_their_weights_say() -> None:
    table = members(design(WEIGHTED, CIRCULAR, samples=400))
    assert dict(table["w"].value_counts()) == {1.0: 300, 2.0: 100}
    assert dict(table["demand.scenario"].value_counts()) == {"bau": 200, "high_circularity": 200}


def test_sobol_has_salibs_layout_and_morris_moves_one_factor_a_step() -> None:
    sobol = unit(design(DEMAND, GAS, NORMAL, method="sobol", samples=8))
    assert sobol.shape == (8 * 5, 3)
    first, last = sobol[0::5], sobol[4::5]  # A, then A with one column of B each, then B
    for number in range(3):
        mixed = sobol[1 + number :: 5]
        assert np.array_equal(mixed[:, number], last[:, number])
        others = [other for other in range(3) if other != number]
        assert np.array_equal(mixed[:, others], first[:, others])
    morris = unit(design(DEMAND, GAS, NORMAL, method="morris", samples=4)).reshape(4, 4, 3)
    assert ((np.diff(morris, axis=1) != 0).sum(axis=2) == 1).all()
    ends = members(design(DEMAND, NORMAL, method="morris", samples=4))
    assert np.isfinite(ends["scrap"]).all(), "ends of a normal distribution are not endless"


def test_a_factorial_design_has_every_combination_once() -> None:
    levels = {"field": "demand.factor", "levels": [0.9, 1.0, 1.1]}
    table = members(design(levels, CIRCULAR, WEIGHTED, method="factorial"))
    assert len(table) == 12
    assert not table[["demand.factor", "demand.scenario", "w"]].duplicated().any()


def test_one_at_a_time_leaves_the_others_at_the_scenarios_own() -> None:
    levels = {"field": "scrap.factor", "levels": [0.8, 1.0, 1.1, 1.3]}
    choice = {"field": "demand.scenario", "levels": ["high_circularity", "bau"]}
    table = members(design(DEMAND, levels, choice, method="one_at_a_time"))
    base = table.iloc[0]
    assert (base["demand.factor"], base["scrap.factor"], base["demand.scenario"]) == (pytest.approx(1.0), 1.0, "bau")
    moved = (table.iloc[1:, 2:] != base.iloc[2:]).sum(axis=1)
    assert (moved == 1).all()
    assert sorted(table["scrap.factor"].unique()) == [0.8, 1.0, 1.1, 1.3]
    assert table["demand.factor"].min() == pytest.approx(0.91)
    assert len(table) == 1 + 2 + 3 + 1


def test_the_same_design_gives_the_same_members_and_another_seed_others() -> None:
    assert members(design(DEMAND, GAS)).equals(members(design(DEMAND, GAS)))
    assert not members(design(DEMAND, GAS, seed=2)).equals(members(design(DEMAND, GAS)))
