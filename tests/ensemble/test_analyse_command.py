"""`steeliq ensemble analyse` on members that the model computed: what it says, writes and refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from steeliq.ensemble.analysis.sensitivity import sobol_indices
from steeliq.ensemble.engines import LocalProcesses
from steeliq.ensemble.execute import run_ensemble
from steeliq.ensemble.store import read_design, read_results, result_path
from steeliq.simulation.dataset import load
from tests.ensemble.designs import DEMAND, design
from tests.worlds import write_tiny

ROOT = Path(__file__).resolve().parents[2]
UNUSED = {"name": "pipelines", "field": "siting.pipeline_cost", "distribution": "uniform", "low": 0.0, "high": 1.0}
"""Siting is off, so no member can depend on it."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one ensemble: demand, and a setting that nothing depends on."""
    folder = tmp_path_factory.mktemp("home")
    small = design(DEMAND, UNUSED, name="Two factors", method="sobol", samples=4)
    dataset = load(write_tiny(folder / "tiny"))
    run_ensemble(small, dataset, folder / "ensembles" / "two-factors", LocalProcesses(2))
    return folder


def analyse(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, "STEELIQ_HOME": str(home), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-P", "-m", "steeliq", "ensemble", "analyse", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)


def test_an_input_that_the_model_does_not_use_has_indices_of_zero(home: Path) -> None:
    folder = home / "ensembles" / "two-factors"
    found = sobol_indices(read_design(folder), read_results(folder), "emissions.scope1", 2026).set_index("factor")
    assert found["total"]["demand.factor"] > 0.5
    assert found["total"]["pipelines"] <= found["total_conf"]["pipelines"]
    assert abs(found["first"]["pipelines"]) <= found["first_conf"]["pipelines"]


def test_the_command_says_and_writes_what_the_members_show(home: Path) -> None:
    found = analyse(home, "two-factors", "--output", "production", "--output", "emissions.scope1", "--year", "2026")
    assert found.returncode == 0, found.stderr
    words = " ".join(found.stdout.split())
    assert "Two factors: 16 members, 16 points (sobol) with 1 seed of the agents each; 2 factors." in words
    assert "production in 2026: median " in words
    assert "Not told apart from no effect at all, within their interval: pipelines" in words
    assert "Longest bar: demand.factor" in words
    place = home / "ensembles" / "two-factors" / "analysis"
    assert found.stdout.splitlines()[-1] == str(place)
    bands = pd.read_parquet(place / "bands.parquet")
    assert bands.groupby("output").size().to_dict() == {"emissions.scope1": 10, "production": 10}
    assert (place / "summary.txt").is_file()
    assert sorted(file.suffix for file in place.glob("sobol.*")) == [".csv", ".parquet"]


def test_what_cannot_be_analysed_is_refused_in_words(home: Path) -> None:
    for arguments, message in (
        (("nothing",), "there is no ensemble here"),
        (("two-factors", "--output", "emission.scope1"), "did you mean emissions.scope1"),
        (("two-factors", "--year", "2050"), "there is no year 2050; the members have 2025 to 2026"),
        (("two-factors", "--above", "1", "--below", "2"), "give --above or --below"),
    ):
        refused = analyse(home, *arguments)
        assert refused.returncode == 2
        assert message in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_missing_member_leaves_out_what_needs_all_of_them(home: Path) -> None:
    file = result_path(home / "ensembles" / "two-factors", 5)
    kept = file.read_bytes()
    file.unlink()
    try:
        found = analyse(home, "two-factors", "--out", str(home / "partly"))
    finally:
        file.write_bytes(kept)
    assert found.returncode == 0
    assert "No Sobol' indices: 1 of 16 members have no result (member 5)" in " ".join(found.stdout.split())
    assert not (home / "partly" / "sobol.csv").exists()
    assert (home / "partly" / "tornado.csv").is_file()
