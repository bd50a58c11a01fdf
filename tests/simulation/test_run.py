"""The run folder: interrupted at any moment and resumed, a run ends with the same bytes; anything else is refused."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from steeliq.errors import Cancelled, RunError, ScenarioError
from steeliq.result_folder import only_writer
from steeliq.simulation import checkpoint
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.inputs import compile_inputs, initial_state
from steeliq.simulation.results import SCHEMA, years_done
from steeliq.simulation.results.labels import TABLES as LABELS
from steeliq.simulation.results.variables import OPTIONAL
from steeliq.simulation.run import Progress, run
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import load_scenario
from steeliq.simulation.state import Basis, Fleet, Prospects, State
from tests.worlds import tiny_tables, write_tiny

LAST = 2032
KILLS = 10
SCENARIO = ("period.end=2032", "seed=5")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("worlds") / "tiny")


@pytest.fixture(scope="module")
def dataset(world: Path) -> Dataset:
    return load(world)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("reference", SCENARIO)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset, scenario: Scenario) -> Path:
    out = tmp_path_factory.mktemp("runs") / "whole"
    run(scenario, dataset, out)
    return out


def contents(folder: Path) -> dict[str, str]:
    """SHA-256 of everything in a run folder that must be the same between runs."""
    files = [*(folder / "tables").rglob("*"), *(folder / "reference").rglob("*"), folder / "scenario.toml"]
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()
    }


def status(folder: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((folder / "run.json").read_text("utf-8"))
    return document


def stopping_at(year: int, stage_number: int = 1) -> tuple[Callable[[Progress], None], Callable[[], bool]]:
    """A pair of callbacks that cancels at a stage of a year."""
    heard: list[int] = []

    def hear(progress: Progress) -> None:
        heard.append(progress.year)

    return hear, lambda: heard.count(year) >= stage_number


def test_a_run_leaves_every_table_of_every_year_and_what_it_was_made_from(uninterrupted: Path) -> None:
    assert years_done(uninterrupted) == tuple(range(2025, LAST + 1))
    there = {path.name for path in (uninterrupted / "tables").iterdir()}
    assert there == set(SCHEMA) - OPTIONAL
    assert {path.stem for path in (uninterrupted / "reference").iterdir()} == set(LABELS)
    assert load_scenario(uninterrupted / "scenario.toml") == load_scenario("reference", SCENARIO)
    assert status(uninterrupted)["status"] == "complete"
    assert checkpoint.years(uninterrupted) == [LAST, LAST + 1]
    assert not list(uninterrupted.rglob("*.partial"))


def test_another_run_of_the_same_inputs_has_the_same_bytes(
    uninterrupted: Path, dataset: Dataset, scenario: Scenario, tmp_path: Path
) -> None:
    run(scenario, dataset, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(uninterrupted)


def test_progress_only_rises_and_ends_at_one(dataset: Dataset, tmp_path: Path) -> None:
    heard: list[Progress] = []
    run(load_scenario("reference", ["period.end=2027"]), dataset, tmp_path / "run", progress=heard.append)
    fractions = [progress.fraction for progress in heard]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert [progress.year for progress in heard] == sorted(progress.year for progress in heard)


def start(world: Path, out: Path) -> subprocess.Popen[bytes]:
    """A real process that begins or resumes the run."""
    settings = [part for text in SCENARIO for part in ("--set", text)]
    command = [sys.executable, "-P", "-m", "steeliq", "run", "reference", *settings, "--no-report", "--resume"]
    root = str(Path(__file__).resolve().parents[2])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
    return subprocess.Popen(
        [*command, "--dataset", str(world), "--out", str(out)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def writes(out: Path) -> set[tuple[str, int]]:
    """The files of a run as they stand, each with its time of change."""
    found = set()
    for file in out.rglob("*"):
        try:
            found.add((str(file), file.stat().st_mtime_ns))
        except FileNotFoundError:
            continue  # a partial file that has just got its name
    return found


def killed_at_random(world: Path, out: Path, chance: random.Random) -> bool:
    """Start the run and kill it after some of its writes; False if it was finished before."""
    before = writes(out) if out.exists() else set()
    process = start(world, out)
    after = chance.randrange(1, 120)
    while process.poll() is None and len(writes(out) - before) < after:
        time.sleep(0.001)
    time.sleep(chance.random() * 0.02)
    process.kill()
    _, told = process.communicate()
    assert process.returncode in {0, -signal.SIGKILL}, told.decode()
    return process.returncode != 0


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(
    world: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    chance, kills, runs = random.Random(20250), 0, 0
    while kills < KILLS:
        out = tmp_path / f"run-{runs}"
        runs += 1
        while kills < KILLS and killed_at_random(world, out, chance):
            kills += 1
            assert not out.exists() or not (out / "run.json").exists() or status(out)["status"] == "running"
        process = start(world, out)
        _, told = process.communicate()
        assert process.returncode == 0, told.decode()
        assert contents(out) == contents(uninterrupted)
        assert status(out)["status"] == "complete"
        assert not list(out.rglob("*.partial"))


@pytest.mark.parametrize("stage_number", [1, 3])
def test_a_cancelled_run_keeps_its_years_and_goes_on_to_the_same_bytes(
    stage_number: int, dataset: Dataset, scenario: Scenario, uninterrupted: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    progress, cancelled = stopping_at(2028, stage_number)
    with pytest.raises(Cancelled, match="years before it are complete"):
        run(scenario, dataset, out, progress=progress, cancelled=cancelled)
    assert status(out)["status"] == "cancelled"
    assert years_done(out) == (2025, 2026, 2027)
    summary = run(scenario, dataset, out, resume=True)
    assert summary.status == "complete"
    assert status(out)["parts"] == 2
    assert contents(out) == contents(uninterrupted)


@pytest.fixture
def half(dataset: Dataset, scenario: Scenario, tmp_path: Path) -> Path:
    """A run that was cancelled in 2028."""
    progress, cancelled = stopping_at(2028)
    with pytest.raises(Cancelled):
        run(scenario, dataset, tmp_path / "half", progress=progress, cancelled=cancelled)
    return tmp_path / "half"


def test_it_does_not_resume_another_scenario(dataset: Dataset, half: Path) -> None:
    with pytest.raises(RunError, match="its scenario changed"):
        run(load_scenario("reference", [*SCENARIO, "demand.factor=0.9"]), dataset, half, resume=True)


def test_it_does_not_resume_with_another_dataset(scenario: Scenario, half: Path, tmp_path: Path) -> None:
    tables = tiny_tables()
    tables["steel_demand"] = tables["steel_demand"].assign(demand=tables["steel_demand"]["demand"] * 1.01)
    other = load(write_tiny(tmp_path / "other", tables))
    with pytest.raises(RunError, match="its dataset changed"):
        run(scenario, other, half, resume=True)


def test_it_does_not_resume_with_other_code(dataset: Dataset, scenario: Scenario, half: Path) -> None:
    document = status(half)
    assert isinstance(document["identity"], dict)
    document["identity"]["code"] = "0" * 64
    (half / "run.json").write_text(json.dumps(document), "utf-8")
    before = (half / "run.json").read_bytes()
    with pytest.raises(RunError, match="its code changed"):
        run(scenario, dataset, half, resume=True)
    assert (half / "run.json").read_bytes() == before


def flip(content: bytes) -> bytes:
    middle = len(content) // 2  # a stretch, since single bytes between the arrays say nothing that counts
    return content[:middle] + bytes(byte ^ 1 for byte in content[middle : middle + 256]) + content[middle + 256 :]


@pytest.mark.parametrize("damage", [flip, lambda content: content[:1000], lambda _: b""])
def test_a_damaged_checkpoint_costs_a_year_and_is_told(
    damage: Callable[[bytes], bytes], dataset: Dataset, scenario: Scenario, half: Path, uninterrupted: Path
) -> None:
    newest = checkpoint.checkpoint_path(half, 2028)
    newest.write_bytes(damage(newest.read_bytes()))
    summary = run(scenario, dataset, half, resume=True)
    assert len(summary.notes) == 1
    assert summary.notes[0].startswith("checkpoint 2028.npz is damaged")
    assert contents(half) == contents(uninterrupted)


def test_without_a_sound_checkpoint_it_starts_again_and_says_so(
    dataset: Dataset, scenario: Scenario, half: Path, uninterrupted: Path
) -> None:
    for year in checkpoint.years(half):
        checkpoint.checkpoint_path(half, year).write_bytes(b"PK\3\4")
    summary = run(scenario, dataset, half, resume=True)
    assert summary.notes[-1] == "no sound checkpoint is left; started from the first year"
    assert contents(half) == contents(uninterrupted)


def test_resuming_a_complete_run_changes_nothing(dataset: Dataset, scenario: Scenario, uninterrupted: Path) -> None:
    before = writes(uninterrupted)
    assert run(scenario, dataset, uninterrupted, resume=True).status == "complete"
    assert {entry for entry in writes(uninterrupted) if not entry[0].endswith(".lock")} == {
        entry for entry in before if not entry[0].endswith(".lock")
    }


def test_resuming_where_nothing_is_starts_the_run_and_says_so(dataset: Dataset, tmp_path: Path) -> None:
    summary = run(load_scenario("reference", ["period.end=2025"]), dataset, tmp_path / "new", resume=True)
    assert summary.notes == ("there was nothing to resume; started from the first year",)


def test_it_does_not_write_into_a_folder_that_holds_something(
    dataset: Dataset, scenario: Scenario, tmp_path: Path
) -> None:
    (tmp_path / "thesis.docx").write_text("precious", "utf-8")
    with pytest.raises(RunError, match="the folder is not empty"):
        run(scenario, dataset, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_only_one_process_writes_a_run(dataset: Dataset, scenario: Scenario, half: Path) -> None:
    with only_writer(half, "run", resume=True), pytest.raises(RunError, match="another process is writing this run"):
        run(scenario, dataset, half, resume=True)


def test_a_name_that_the_dataset_does_not_know_is_refused_before_anything_is_written(
    dataset: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError):
        run(load_scenario("reference", ["carbon.scenario=x"]), dataset, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_that_breaks_down_is_marked_failed_with_the_reason(dataset: Dataset, tmp_path: Path) -> None:
    def breaking(progress: Progress) -> None:
        if progress.year == 2026:
            raise MemoryError("no more")

    with pytest.raises(MemoryError):
        run(load_scenario("reference", ["period.end=2027"]), dataset, tmp_path / "run", progress=breaking)
    assert status(tmp_path / "run")["status"] == "failed"
    assert status(tmp_path / "run")["error"] == "MemoryError: no more"
    assert status(tmp_path / "run")["last_year_done"] == 2025


def test_times_and_memory_stand_in_run_json_only(uninterrupted: Path) -> None:
    document = status(uninterrupted)
    stages = document["stage_seconds"]
    assert isinstance(stages, dict)
    assert "solve" in stages
    assert isinstance(document["peak_memory_mb"], float)
    assert all("seconds" not in column for table in SCHEMA.values() for column in table.names)


def example_state(dataset: Dataset) -> State:
    """A state whose every part holds something."""
    state = initial_state(compile_inputs(dataset, load_scenario()))
    keys = np.array([3, 2**63 + 1], dtype=np.uint64)
    basis = Basis(keys, np.array([1, 0]), keys[:1], np.array([2]))
    return replace(state, forecasts=np.array([[2025.0, 2029.0, 0.0, 0.1 + 0.2]]), basis=basis)


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return (
            one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
            if (one.dtype != object)
            else one.tolist() == other.tolist()
        )
    if isinstance(one, State | Fleet | Basis | Prospects):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return one == other


@pytest.mark.parametrize("with_basis", [True, False])
def test_a_checkpoint_gives_back_the_state_bit_for_bit(with_basis: bool, dataset: Dataset, tmp_path: Path) -> None:
    state = example_state(dataset)
    state = state if with_basis else replace(state, basis=None)
    checkpoint.save(tmp_path, state, {"dataset": "a"})
    read, notes = checkpoint.load(tmp_path, {"dataset": "a"})
    assert read is not None
    assert same(state, read)
    assert notes == []


def test_a_checkpoint_of_other_inputs_is_not_taken(dataset: Dataset, tmp_path: Path) -> None:
    checkpoint.save(tmp_path, example_state(dataset), {"dataset": "a"})
    assert checkpoint.load(tmp_path, {"dataset": "b"})[0] is None


def test_a_checkpoint_refuses_what_it_could_not_give_back() -> None:
    with pytest.raises(TypeError, match=r"state\.plan: a set cannot be kept"):
        checkpoint.flat({1, 2}, "state.plan")
