"""All analyses at once: every table is written and read back, every refusal is said in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from steeliq.ensemble.analysis.report import Target, analyse, write_findings
from steeliq.ensemble.sampling import members
from steeliq.errors import AnalysisError
from tests.ensemble.frames import results_of
from tests.ensemble.test_sensitivity import NAMES, answered, designed


def test_a_sobol_ensemble_is_told_in_words_and_tables(tmp_path: Path) -> None:
    design = designed("sobol", 64)
    found = analyse(design, members(design), answered(design), target=Target(above=7.0))
    words = "\n".join(found.sentences)
    assert set(found.tables) == {"bands", "exceedance", "sobol", "tornado", "discovery", "correlations"}
    assert "768 members, 384 points (sobol) with 2 seeds" in words
    assert "The agents' draws alone cause 4% of the variance" in words
    assert "Not told apart from no effect at all, within their interval: unused" in words
    assert "The target is missed (above 7 Mt) by" in words
    assert "Factors that differ between met and missed" in words
    for file in write_findings(tmp_path / "analysis", found):
        if file.suffix == ".parquet":
            read, text = pd.read_parquet(file), pd.read_csv(file.with_suffix(".csv"))
            assert list(read.columns) == list(text.columns)
            numbers = list(read.select_dtypes("number").columns)
            pd.testing.assert_frame_equal(read[numbers], text[numbers], check_dtype=False)
    assert (tmp_path / "analysis" / "summary.txt").read_text("utf-8").splitlines() == found.sentences


def test_missing_members_are_counted_and_what_needs_them_says_so() -> None:
    design = designed("sobol", 16)
    results = answered(design)
    found = analyse(design, members(design), results[results["member"] > 3])
    text = "\n".join(found.sentences)
    assert "4 members have no result and take no part" in text
    assert "No Sobol' indices: 4 of 192 members have no result (member 0, 1, 2, 3)" in text
    assert "sobol" not in found.tables
    assert {"bands", "tornado"} < set(found.tables)


def test_points_that_are_chosen_to_be_compared_are_not_called_probabilities() -> None:
    design = designed("one_at_a_time", 1, seeds=(1,))
    results = results_of(members(design), {"y": lambda row: row["x1"] - 3 * row["x2"]})
    found = analyse(design, members(design), results, outputs=["y"], year=2030)
    text = "\n".join(found.sentences)
    assert "are no probabilities" in text
    assert "Longest bar: x2, 0.05 to 0.95" in text
    assert "draws" not in text
    assert found.tables["tornado"]["factor"].tolist() == ["x2", "x1", "x3", "unused"]


def test_the_share_below_a_target_is_that_of_the_members_below_it() -> None:
    design = designed("latin_hypercube", 40, seeds=(1,))
    table = members(design)
    results = results_of(table, {"y": lambda row: row["x1"]})
    found = analyse(design, table, results, target=Target(below=0.25))
    share = float(np.mean(table["x1"] < 0.25))
    assert f"The target is missed (below 0.25 Mt) by {share:.0%} of the members" in "\n".join(found.sentences)
    ranges = found.tables["discovery"].set_index(["kind", "factor"])
    assert ranges["high"]["one factor", "x1"] < 0.25
    assert NAMES[0] in found.sentences[-1]


def test_an_ensemble_without_results_is_refused() -> None:
    design = designed("sobol", 4)
    with pytest.raises(AnalysisError, match="no member is finished yet"):
        analyse(design, members(design), answered(design).iloc[:0])
