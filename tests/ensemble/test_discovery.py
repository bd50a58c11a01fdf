"""Scenario discovery: a box that was put into the data is found again; noise is told as noise."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.ensemble.analysis.discovery import discovery
from steeliq.errors import AnalysisError
from tests.ensemble.frames import members_of, results_of
from tests.strategies import examples


def sampled(count: int = 400, seeds: tuple[int, ...] = (1,)) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Missed (2) where a < 0.4 and b > 0.5 in the north; c is of no account."""
    rng = np.random.default_rng(3)
    north = np.where(rng.random(count) < 0.5, "north", "south")
    members = members_of({**{name: rng.random(count) for name in "abc"}, "where": north}, seeds)
    results = results_of(
        members, {"y": lambda row: 2.0 * (row["a"] < 0.4 and row["b"] > 0.5 and row["where"] == "north")}
    )
    return members, results


def named(found: pd.DataFrame, kind: str) -> Any:
    return found[found["kind"] == kind].set_index("factor")


def test_the_ranges_that_were_put_in_are_found_again() -> None:
    members, results = sampled()
    found = discovery(members, results, "y", 2030, above=1.0)
    box = named(found, "box")
    assert set(box.index) == {"a", "b", "where"}
    assert box["coverage"].tolist() == box["density"].tolist() == [1.0] * 3
    assert 0.35 < box["high"]["a"] < 0.4
    assert 0.5 < box["low"]["b"] < 0.55
    assert box["levels"]["where"] == "north"


def test_each_factor_has_its_own_range_with_coverage_and_density_counted_by_hand() -> None:
    members, results = sampled()
    found = discovery(members, results, "y", 2030, above=1.0)
    one: Any = named(found, "one factor").loc["a"]
    inside = members["a"].between(one["low"], one["high"])
    missed = results["value"].to_numpy() > 1
    assert one["coverage"] == (inside & missed).sum() / missed.sum()
    assert one["density"] == (inside & missed).sum() / inside.sum()
    assert (one["members"], one["missed"]) == (inside.sum(), (inside & missed).sum())
    assert found.attrs["missed"] == missed.mean()
    p_values = named(found, "one factor")["p_value"]
    assert (p_values[["a", "b", "where"]] < 1e-6).all()
    assert p_values["c"] > 0.05


def test_the_best_pair_is_two_of_those_that_matter() -> None:
    found = discovery(*sampled(), "y", 2030, above=1.0)
    pair = found[found["kind"] == "pair"]
    assert len(pair) == 2
    assert set(pair["factor"]) < {"a", "b", "where"}
    assert pair["coverage"].nunique() == pair["density"].nunique() == 1


def test_a_target_can_be_missed_below() -> None:
    members = members_of({"x": np.arange(20.0)})
    results = results_of(members, {"y": lambda row: row["x"]})
    found = discovery(members, results, "y", 2030, below=6.0)
    assert found[["low", "high", "coverage", "density"]].to_numpy().tolist() == [[0.0, 5.0, 1.0, 1.0]]


def test_too_few_misses_or_no_target_are_refused() -> None:
    members = members_of({"x": np.arange(20.0)})
    results = results_of(members, {"y": lambda row: row["x"]})
    with pytest.raises(AnalysisError, match="2 of 20 members miss the target in 2030; at least 5"):
        discovery(members, results, "y", 2030, above=17.0)
    with pytest.raises(AnalysisError, match="give one of the two"):
        discovery(members, results, "y", 2030)


def test_repeating_a_sample_with_more_seeds_is_no_more_evidence() -> None:
    once, thrice = (discovery(*sampled(60, seeds), "y", 2030, above=1.0) for seeds in ((1,), (1, 2, 3)))
    pd.testing.assert_series_equal(once["p_value"], thrice["p_value"])
    assert thrice["members"].tolist() == (3 * once["members"]).tolist()


@examples(50)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=12, max_size=30).filter(
        lambda cases: 5 <= sum(missed for _, missed in cases) <= len(cases) - 5
    )
)
def test_no_range_of_one_factor_beats_the_one_found(cases: list[tuple[int, bool]]) -> None:
    x, missed = (np.array(part, dtype=float) for part in zip(*cases, strict=True))
    members = members_of({"x": x, "y": missed})
    results = results_of(members, {"out": lambda row: row["y"]})
    row: Any = (
        discovery(members, results, "out", 2030, above=0.5).query("kind == 'one factor' and factor == 'x'").iloc[0]
    )

    def accuracy(low: float, high: float) -> float:
        inside = (x >= low) & (x <= high)
        return float((missed[inside] - missed.mean()).sum())

    best = max(accuracy(low, high) for low in range(7) for high in range(low, 7))
    assert accuracy(row["low"], row["high"]) == pytest.approx(best)


@examples(10)
@given(st.permutations(range(60)))
def test_the_order_of_members_does_not_matter(order: list[int]) -> None:
    members, results = sampled(60)
    shuffled = discovery(members.iloc[order], results.iloc[order[::-1]], "y", 2030, above=1.0)
    pd.testing.assert_frame_equal(shuffled, discovery(members, results, "y", 2030, above=1.0))
