"""Bands and chances of exceedance, against NumPy and SciPy by hand, and the laws that they keep."""

from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from steeliq.ensemble.analysis.bands import bands, exceedance
from steeliq.errors import AnalysisError
from tests.ensemble.frames import members_of, results_of
from tests.strategies import examples

numbers = st.floats(-1e6, 1e6)
many = st.lists(numbers, min_size=1, max_size=40)


def results_with(values: list[float]) -> pd.DataFrame:
    members = members_of({"x": values})
    return results_of(members, {"emissions": lambda row: row["x"]}, years=(2030, 2040))


def test_bands_are_numpy_quantiles_of_each_year() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    found = bands(results_with(values), "emissions", levels=(0.1, 0.5, 0.9))
    assert found["year"].tolist() == [2030] * 3 + [2040] * 3
    assert found["value"].tolist() == pytest.approx([1.4, 3.0, 4.6, 11.4, 13.0, 14.6])


def test_the_chance_of_exceedance_has_the_exact_interval_of_scipy() -> None:
    found = exceedance(results_with([float(value) for value in range(20)]), "emissions", 2030, [14.0, 99.0, -1.0])
    assert found["probability"].tolist() == [0.25, 0.0, 1.0]
    for row, hits in zip(found.itertuples(), (5, 0, 20), strict=True):
        exact = binomtest(hits, 20).proportion_ci(0.95, "exact")
        assert (row.low, row.high) == pytest.approx((exact.low, exact.high))


def test_members_that_only_repeat_their_point_tell_no_more_than_the_points() -> None:
    alone = results_with([float(value) for value in range(20)])
    members = members_of({"x": [float(value) for value in range(20)]}, seeds=(1, 2, 3))
    repeated = results_of(members, {"emissions": lambda row: row["x"]})
    wanted = exceedance(alone, "emissions", 2030, [14.0])
    found = exceedance(repeated, "emissions", 2030, [14.0], members=members)
    assert found["probability"].tolist() == wanted["probability"].tolist()
    assert found["low"].item() == pytest.approx(wanted["low"].item(), abs=0.01)
    assert found["high"].item() == pytest.approx(wanted["high"].item(), abs=0.01)
    naive = exceedance(repeated, "emissions", 2030, [14.0])
    assert naive["high"].item() - naive["low"].item() < 0.7 * (found["high"].item() - found["low"].item())


def test_an_unknown_output_year_or_level_is_refused_and_says_what_there_is() -> None:
    results = results_with([1.0, 2.0])
    with pytest.raises(AnalysisError, match=r"did you mean emissions\?.*outputs: emissions"):
        bands(results, "emision")
    with pytest.raises(AnalysisError, match="no year 2050; the members have 2030 to 2040"):
        exceedance(results, "emissions", 2050, [1.0])
    with pytest.raises(AnalysisError, match="between 0 and 1, found 95"):
        bands(results, "emissions", levels=(95,))
    with pytest.raises(AnalysisError, match="none for the area 'DEU'; areas: world"):
        bands(results, "emissions", area="DEU")


@examples(30)
@given(many, st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_bands_rise_with_their_level(values: list[float], levels: list[float]) -> None:
    found = bands(results_with(values), "emissions", levels=sorted(levels))
    for _, year in found.groupby("year"):
        assert (np.diff(year["value"]) >= -1e-9 * max(1.0, *np.abs(values))).all()


@examples(30)
@given(many, st.lists(numbers, min_size=2, max_size=6))
def test_the_chance_of_exceedance_falls_with_the_threshold_and_lies_in_its_interval(
    values: list[float], thresholds: list[float]
) -> None:
    found = exceedance(results_with(values), "emissions", 2030, sorted(thresholds))
    assert (np.diff(found["probability"]) <= 0).all()
    assert ((found["low"] <= found["probability"]) & (found["probability"] <= found["high"])).all()
    assert found["low"].between(0, 1).all()
    assert found["high"].between(0, 1).all()


@examples(30)
@given(st.randoms(use_true_random=False), many)
def test_the_order_of_results_does_not_matter(random: Random, values: list[float]) -> None:
    results = results_with(values)
    order = list(range(len(results)))
    random.shuffle(order)
    shuffled = results.iloc[order]
    pd.testing.assert_frame_equal(bands(shuffled, "emissions"), bands(results, "emissions"))
    pd.testing.assert_frame_equal(
        exceedance(shuffled, "emissions", 2030, [0.0]), exceedance(results, "emissions", 2030, [0.0])
    )
