"""Sobol' indices and Morris screening through our own functions, on functions whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample

from steeliq.ensemble.analysis.cases import points_of, values_of
from steeliq.ensemble.analysis.sensitivity import (
    elementary_effects,
    first_and_total,
    morris_screening,
    sobol_indices,
)
from steeliq.ensemble.design import Design, check_design
from steeliq.ensemble.sampling import members, unit
from steeliq.errors import AnalysisError
from tests.ensemble.frames import members_of, results_of

NAMES = ["x1", "x2", "x3", "unused"]
PROBLEM = {"num_vars": 4, "names": NAMES, "bounds": [[0.0, 1.0]] * 4}


def ishigami(unit: np.ndarray) -> np.ndarray:
    """Ishigami and Homma 1990 with a = 7, b = 0.1 on -pi..pi; the fourth input takes no part."""
    x = np.pi * (2 * unit - 1)
    return np.asarray(np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def test_sobol_indices_of_ishigami_are_the_analytic_ones() -> None:
    sample = sobol_sample.sample(PROBLEM, 2048, calc_second_order=False, seed=5)
    found = first_and_total(NAMES, ishigami(sample)).set_index("factor")
    analytic = pd.DataFrame({"first": [0.3139, 0.4424, 0.0, 0.0], "total": [0.5576, 0.4424, 0.2437, 0.0]}, index=NAMES)
    for kind in ("first", "total"):
        assert (np.abs(found[kind] - analytic[kind]) < 0.03).all()
        assert (np.abs(found[kind] - analytic[kind]) <= found[f"{kind}_conf"] + 0.01).all()


def test_the_indices_of_an_unused_input_are_zero_within_their_interval() -> None:
    sample = sobol_sample.sample(PROBLEM, 256, calc_second_order=False, seed=5)
    found = first_and_total(NAMES, ishigami(sample)).set_index("factor").loc["unused"]
    assert found["total"] == found["total_conf"] == 0.0
    assert abs(found["first"]) <= found["first_conf"] + 1e-12


def test_another_number_of_points_than_saltellis_scheme_is_refused() -> None:
    with pytest.raises(AnalysisError, match=r"13 points are no whole number of blocks of 4 \+ 2"):
        first_and_total(NAMES, np.arange(13.0))


def test_morris_finds_slope_curvature_and_the_unused_input() -> None:
    sample = morris_sample.sample(PROBLEM, 20, num_levels=4, seed=2)
    values = 3 * sample[:, 0] - 2 * sample[:, 1] + 4 * sample[:, 2] ** 2
    found = elementary_effects(NAMES, sample, values).set_index("factor")
    assert found["mu"]["x1"] == found["mu_star"]["x1"] == pytest.approx(3.0)
    assert found["mu"]["x2"] == pytest.approx(-2.0)
    assert found["mu_star"]["x2"] == pytest.approx(2.0)
    assert found["sigma"][["x1", "x2", "unused"]].tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    assert 4 / 3 * 2 < found["mu"]["x3"] < 16 / 3  # steps from 0 or 1/3 by 2/3: slopes 8/3 and 16/3
    assert found["sigma"]["x3"] > 0.5
    assert found["mu_star"]["unused"] == 0.0


def designed(method: str, samples: int, seeds: tuple[int, ...] = (1, 2)) -> Design:
    """A design whose fields could be any: the answers come from a function of its table of members."""
    fields = ("demand.premium_factor", "trade.tariffs", "trade.freight", "trade.frictions")
    factors = [
        {"name": name, "field": field, "distribution": "uniform", "low": 0.0, "high": 1.0}
        for name, field in zip(NAMES, fields, strict=True)
    ]
    table = {"name": "d", "method": method, "samples": samples, "agent_seeds": list(seeds), "factors": factors}
    return check_design(table)


def answered(design: Design) -> pd.DataFrame:
    """Ishigami's function of each member, shifted to either side by the agents' seed."""
    table = members(design)
    values = ishigami(table[NAMES].to_numpy()) + np.where(table["agent_seed"] == 1, 0.5, -0.5)
    found = dict(zip(table.index, values, strict=True))
    return results_of(table, {"y": lambda row: found[row.name]})


def test_an_ensemble_of_a_sobol_design_gives_the_analytic_indices_whatever_the_order_of_its_results() -> None:
    design = designed("sobol", 512)
    results = answered(design)
    found = sobol_indices(design, results, "y", 2030)
    assert found["total"].tolist() == pytest.approx([0.5576, 0.4424, 0.2437, 0.0], abs=0.06)
    assert found["first"].tolist() == pytest.approx([0.3139, 0.4424, 0.0, 0.0], abs=0.06)
    assert found["total"].iloc[3] <= found["total_conf"].iloc[3]
    assert found.attrs["draws_share"] == pytest.approx(0.5 / (0.5 + 13.845), abs=0.01)  # variance of two seeds: 0.5
    pd.testing.assert_frame_equal(sobol_indices(design, results.sample(frac=1, random_state=3), "y", 2030), found)


def test_an_ensemble_of_a_morris_design_is_screened() -> None:
    design = designed("morris", 10)
    table = members(design)
    results = results_of(table, {"y": lambda row: 3 * row["x1"] - 2 * row["x2"] + row["agent_seed"]})
    found = morris_screening(design, results, "y", 2030).set_index("factor")
    assert found["mu_star"].tolist() == pytest.approx([3.0, 2.0, 0.0, 0.0])
    assert found["mu"]["x2"] == pytest.approx(-2.0)
    assert unit(design).shape == (50, 4)


def test_a_design_of_another_method_or_a_missing_member_or_a_flat_answer_is_refused() -> None:
    hypercube, sobol = designed("latin_hypercube", 20), designed("sobol", 4)
    with pytest.raises(AnalysisError, match=r'method = "sobol"; this one has \'latin_hypercube\'.*tornado'):
        sobol_indices(hypercube, answered(hypercube), "y", 2030)
    with pytest.raises(AnalysisError, match="method = \"morris\"; this one has 'sobol'"):
        morris_screening(sobol, answered(sobol), "y", 2030)
    results = answered(sobol)
    with pytest.raises(AnalysisError, match=r"1 of 48 members have no result \(member 17\)"):
        sobol_indices(sobol, results[results["member"] != 17], "y", 2030)
    with pytest.raises(AnalysisError, match="the same at every point in 2030"):
        sobol_indices(sobol, results.assign(value=1.0), "y", 2030)


def test_the_share_of_the_agents_draws_is_told_apart_from_that_of_the_factors() -> None:
    rng = np.random.default_rng(1)
    members = members_of({"x": rng.normal(size=4000)}, seeds=(1, 2, 3))
    noise = rng.normal(size=len(members))  # half the standard deviation of x
    results = results_of(members, {"y": lambda row: row["x"] + 0.5 * noise[row.name]})
    points = points_of(members, values_of(results, "y", 2030))
    assert points.draws_share == pytest.approx(0.25 / 1.25, abs=0.008)
    assert points.seeds == 3
    assert points.means.iloc[7] == pytest.approx(results["value"].iloc[21:24].mean())
    alone = points_of(members_of({"x": [1.0, 2.0]}), pd.Series([1.0, 2.0]))
    assert np.isnan(alone.draws_share)
