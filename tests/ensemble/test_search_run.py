"""A search on a small world with real worker processes: its folder, its resume, and its scenario run again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from steeliq.ensemble.engines import LocalProcesses
from steeliq.ensemble.search import Lever, Question, Target, Trial, told
from steeliq.ensemble.search_run import read_trace, run_search
from steeliq.errors import Cancelled, QuestionError, RunError
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.results.tables import read_table
from steeliq.simulation.scenario import Scenario
from tests.worlds import write_tiny

ROOT = Path(__file__).resolve().parents[2]
BASE = Scenario.model_validate({"period": {"start": 2025, "end": 2027}})
TARGET = Target("emissions.scope1", 2027, 12.0)
DEMAND = Question(BASE, Lever("demand.factor"), TARGET, 1.0, 0.6, steps=2, tolerance=0.1)
"""How far demand must fall; emissions follow within three years, which a carbon price does not reach."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("worlds") / "tiny")


@pytest.fixture(scope="module")
def facts(world: Path) -> Dataset:
    return load(world)


def test_a_search_is_kept_trial_by_trial_and_goes_on_where_it_was_stopped(facts: Dataset, tmp_path: Path) -> None:
    whole = run_search(DEMAND, facts, tmp_path / "whole", LocalProcesses(2))
    assert whole.value is not None
    assert whole.missed is not None
    assert 0 < whole.missed - whole.value <= 0.1
    assert read_trace(tmp_path / "whole") == list(whole.trials)

    first: list[Trial] = []
    with pytest.raises(Cancelled, match="go on with --resume"):
        run_search(
            DEMAND, facts, tmp_path / "part", LocalProcesses(1), tell=first.append, cancelled=lambda: bool(first)
        )
    assert json.loads((tmp_path / "part" / "search.json").read_text("utf-8"))["status"] == "cancelled"
    rest: list[Trial] = []
    again = run_search(DEMAND, facts, tmp_path / "part", LocalProcesses(1), resume=True, tell=rest.append)
    assert again == whole
    assert first + rest == list(whole.trials)
    for name in ("trace.csv", "scenario.toml"):
        assert (tmp_path / "part" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()

    with pytest.raises(RunError, match="not empty; add --resume"):
        run_search(DEMAND, facts, tmp_path / "part", LocalProcesses(1))
    other = Question(BASE, DEMAND.lever, Target("emissions.scope1", 2027, 13.0), 1.0, 0.6)
    with pytest.raises(RunError, match="cannot go on, since scenario, setting, target"):
        run_search(other, facts, tmp_path / "part", LocalProcesses(1), resume=True)


def test_a_damaged_record_or_trace_is_refused_in_words(facts: Dataset, tmp_path: Path) -> None:
    for file, text, message in (
        ("search.json", "{", "search.json: this file cannot be read .* begin the search anew in another folder"),
        ("trace.csv", "value,step\n1,scan\n", "trace.csv: this trace cannot be read .* delete it, then --resume"),
        ("trace.csv", "value,step,outcome,least,greatest,met\n1,scan,2,2,2,perhaps\n", "cannot be read"),
    ):
        out = tmp_path / f"{file}{len(text)}"
        out.mkdir()
        (out / "search.json").write_text("{}")
        (out / file).write_text(text)
        with pytest.raises(RunError, match=message):
            run_search(DEMAND, facts, out, LocalProcesses(1), resume=True)
        assert (out / file).read_text() == text


def test_an_output_or_area_that_members_do_not_have_is_refused_before_anything_is_written(
    facts: Dataset, tmp_path: Path
) -> None:
    for target, message in (
        (Target("emissions.scope9", 2027, 1.0), "no such output; did you mean emissions.scope"),
        (Target("price.steel", 2027, 1.0, area="DEU"), "none for the area 'DEU'; areas: world"),
        (Target("production", 2027, 1.0, area="FRA"), "areas: world, BRA, DEU, IND"),
    ):
        with pytest.raises(QuestionError, match=message):
            run_search(Question(BASE, DEMAND.lever, target, 1.0, 0.6), facts, tmp_path / "s", LocalProcesses(1))
    assert not (tmp_path / "s").exists()


def test_the_command_finds_a_scenario_that_meets_the_target_when_it_is_run(world: Path, tmp_path: Path) -> None:
    def steeliq(*arguments: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        environment = os.environ | {"PYTHONPATH": path, "STEELIQ_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, "-P", "-m", "steeliq", *arguments, "--dataset", str(world)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)

    asked = (
        "search", "reference", "--set", "period.end=2027", "--setting", "demand.factor", "--from", "1", "--to", "0.6",
        "--output", "emissions.scope1", "--at-most", "12", "--steps", "2", "--tolerance", "0.1", "--workers", "1",
    )  # fmt: skip
    found = steeliq(*asked, "--out", str(tmp_path / "found"))
    assert found.returncode == 0, found.stderr
    assert "1 of at most 4: demand.factor 1: " in found.stderr
    assert "Target: emissions.scope1 at most 12 in 2027; outcomes in Mt CO2e" in found.stdout
    assert "meets the target" in " ".join(found.stdout.split())
    scenario = found.stdout.splitlines()[-1]
    run = steeliq("run", scenario, "--out", str(tmp_path / "run"), "--no-report")
    assert run.returncode == 0, run.stderr
    emitted = read_table(tmp_path / "run", "emissions").query("year == 2027")["scope1"].sum() / 1e6
    best = pd.read_csv(tmp_path / "found" / "trace.csv").query("met")["value"].max()
    outcome = pd.read_csv(tmp_path / "found" / "trace.csv").set_index("value")["outcome"][best]
    assert emitted == pytest.approx(outcome)
    assert emitted <= 12

    missed = steeliq(*asked, "--to", "0.9", "--steps", "1", "--out", str(tmp_path / "missed"))  # the last one counts
    assert missed.returncode == 1
    assert "is missed at every value tried from 1 to 0.9" in " ".join(missed.stdout.split())
    assert not (tmp_path / "missed" / "scenario.toml").exists()

    wrong = steeliq(
        "search", "reference", "--setting", "support.subsidy", "--from", "1", "--to", "1", "--path", "2025:1",
        "--output", "emission", "--at-most", "1", "--year", "2099", "--seeds", "one", "--out", str(tmp_path / "no"),
    )  # fmt: skip
    assert wrong.returncode == 2
    assert "this search has 6 problems" in wrong.stderr
    for part in ("--path; found '2025:1'", "--seeds: found 'one'", "did you mean subsidies", "found '2099'",
                 "two different ends", "did you mean emissions"):  # fmt: skip
        assert part in wrong.stderr, wrong.stderr
    assert not (tmp_path / "no").exists()


def test_sentences_tell_what_is_guaranteed_and_what_is_not() -> None:
    from steeliq.ensemble.search import Found

    trials = (
        Trial(1.0, "scan", 15.0, 14.0, 16.0, met=False),
        Trial(0.8, "scan", 11.0, 10.0, 12.0, met=True),
        Trial(0.6, "scan", 13.0, 12.0, 14.0, met=False),
    )
    ask = Question(BASE, DEMAND.lever, TARGET, 1.0, 0.6, seeds=(1, 2), steps=2)
    text = " ".join(told(ask, Found(0.8, 1.0, trials, (0.6,)), "Mt"))
    assert "demand.factor 0.8 meets the target" in text
    assert "At 1 the target is missed (15 Mt)" in text
    assert "Beyond it the target is missed again at 0.6" in text
    assert "they give 10 to 12 Mt" in text
