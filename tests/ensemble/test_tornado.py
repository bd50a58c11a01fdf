"""Tornado and correlations, worked by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from steeliq.ensemble.analysis.correlation import correlations
from steeliq.ensemble.analysis.tornado import base_point, tornado
from steeliq.errors import AnalysisError
from tests.ensemble.frames import members_of, results_of

ONE_BY_ONE = {
    "carbon price": [1.0, 0.5, 2.0, 1.0, 1.0, 1.0],
    "hydrogen": [3.0, 3.0, 3.0, 2.0, 5.0, 3.0],
    "demand": ["bau", "bau", "bau", "bau", "bau", "circular"],
}


def emissions(row: pd.Series) -> float:
    return float(100 - 10 * row["carbon price"] + 4 * row["hydrogen"] - (30 if row["demand"] == "circular" else 0))


def test_a_tornado_worked_by_hand() -> None:
    members = members_of(ONE_BY_ONE)
    found = tornado(members, results_of(members, {"emissions": emissions}), "emissions", 2030)
    assert base_point(members) == 0
    assert found.to_numpy().tolist() == [  # the base: 100 - 10 + 12
        ["demand", "circular", "bau", 72.0, 102.0, 102.0, 0.0],
        ["carbon price", 0.5, 2.0, 107.0, 92.0, 102.0, 0.0],
        ["hydrogen", 2.0, 5.0, 98.0, 110.0, 102.0, 0.0],
    ]


def test_a_choice_that_does_nothing_has_two_ends() -> None:
    members = members_of({"switch": ["false", "true", "false"], "x": [1.0, 1.0, 2.0]})
    found = tornado(members, results_of(members, {"y": lambda row: float(row["x"])}), "y", 2030)
    assert found.to_numpy().tolist()[1] == ["switch", "false", "true", 1.0, 1.0, 1.0, 0.0]


def test_a_square_of_points_has_no_base() -> None:
    assert base_point(members_of({"x": [0.0, 0.0, 1.0, 1.0], "z": [0.0, 1.0, 0.0, 1.0]})) is None
    assert base_point(members_of({"x": [0.0, 0.0, 1.0], "z": [0.0, 1.0, 0.0]})) == 0


def test_a_sample_of_one_factor_has_no_base() -> None:
    members = members_of({"x": [1.07, 0.9, 0.8, 1.2]})
    found = tornado(members, results_of(members, {"y": lambda row: float(row["x"])}), "y", 2030)
    assert base_point(members) is None, "any point differs from any other in one factor at most"
    assert found["base"].tolist() == [pytest.approx(0.9925)], "the mean of all"


def test_agents_seeds_are_averaged_in_a_tornado() -> None:
    members = members_of({"x": [1.0, 2.0]}, seeds=(1, 2, 6))
    results = results_of(members, {"y": lambda row: row["x"] * row["agent_seed"]})
    assert tornado(members, results, "y", 2030).to_numpy().tolist() == [["x", 1.0, 2.0, 3.0, 6.0, 3.0, 0.0]]


def test_a_one_at_a_time_tornado_is_refused_while_a_member_is_missing() -> None:
    members = members_of(ONE_BY_ONE)
    results = results_of(members, {"emissions": emissions})
    with pytest.raises(AnalysisError, match=r"1 of 6 members have no result \(member 4\).*resumed run"):
        tornado(members, results[results["member"] != 4], "emissions", 2030)


def test_a_sample_that_varies_everything_compares_the_ends_of_each_factor() -> None:
    x, z = (grid.ravel() for grid in np.meshgrid(np.arange(8.0), np.arange(8.0)))
    members = members_of({"x": x, "z": z, "word": np.where(x + z > 7, "b", "a")})
    results = results_of(members, {"y": lambda row: 10 * row["x"] + row["z"]})
    found: Any = tornado(members, results[results["member"] != 63], "y", 2030).set_index("factor")
    assert base_point(members) is None
    whole: Any = tornado(members, results, "y", 2030).set_index("factor")
    assert whole.loc["x"].tolist()[:-1] == [0.5, 6.5, 8.5, 68.5, 38.5]  # 10 x + 3.5 at x = 0.5 and 6.5
    assert whole.loc["z"].tolist()[:-1] == [0.5, 6.5, 35.5, 41.5, 38.5]
    assert whole.loc["word", ["low_value", "high_value"]].tolist() == ["a", "b"]
    low = [10 * x + z for x in (0, 1) for z in range(8)]
    assert whole["error"]["x"] == pytest.approx(np.std(low, ddof=1) / 4 * np.sqrt(2))
    assert found.loc["x", "low_output"] == 8.5  # only the far corner is missing
    assert found.loc["x", "base"] == pytest.approx((64 * 38.5 - 77) / 63)


def test_rank_correlations_see_order_only_and_leave_out_texts_and_constants() -> None:
    members = members_of({"x": [1.0, 2.0, 3.0, 4.0], "word": list("abab"), "fixed": [1.0] * 4})
    results = results_of(members, {"y": lambda row: np.exp(row["x"]), "z": lambda row: -row["x"]})
    found = correlations(members, results, ["y", "z"], 2030)
    assert list(found.columns) == list(found.index) == ["x", "fixed", "y", "z"]
    assert found.loc["x", "y"] == pytest.approx(1.0)
    assert found.loc["z", "y"] == pytest.approx(-1.0)
    assert found["fixed"].isna().all()
    with pytest.raises(AnalysisError, match="2 finished members are too few"):
        correlations(members, results[results["member"] < 2], ["y"], 2030)
