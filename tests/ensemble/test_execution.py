"""Members are computed by whoever is there: the same bytes, nothing lost, nothing doubled."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from steeliq.ensemble import store
from steeliq.ensemble.design import to_toml
from steeliq.ensemble.engines import DaskCluster, Engine, LocalProcesses
from steeliq.ensemble.execute import EnsembleSummary, Progress, run_ensemble
from steeliq.errors import Cancelled, RunError, WorkerError
from steeliq.simulation.dataset import Dataset, load
from tests.ensemble.designs import DEMAND, GAS, design
from tests.web.live import wait_for
from tests.worlds import write_tiny

ROOT = Path(__file__).resolve().parents[2]
SMALL = design(DEMAND, GAS, samples=3, agent_seeds=[1, 2], settings={"period": {"end": 2026}})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("worlds") / "tiny")


@pytest.fixture(scope="module")
def dataset(world: Path) -> Dataset:
    return load(world)


def computed(
    dataset: Dataset,
    out: Path,
    engine: Engine,
    progress: Callable[[Progress], None] = lambda _: None,
    *,
    tries: int = 3,
) -> EnsembleSummary:
    return run_ensemble(SMALL, dataset, out, engine, progress=progress, tries=tries)


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that may not depend on who computed."""
    files = [folder / "design.toml", folder / "members.parquet", *(folder / "results").rglob("*.*")]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def alone(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ensemble as one process computes it, undisturbed."""
    folder = tmp_path_factory.mktemp("ensembles") / "alone"
    summary = computed(dataset, folder, LocalProcesses(1))
    assert (summary.status, summary.done, summary.failed, summary.lost) == ("complete", 6, 0, 0)
    assert summary.reused == 3, "the second seed of every point knows its first year"
    return folder


def test_two_processes_write_the_same_bytes_as_one(dataset: Dataset, alone: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    summary = computed(dataset, tmp_path / "two", LocalProcesses(2), seen.append)
    assert summary.done == 6
    assert sums(tmp_path / "two") == sums(alone)
    assert len(sums(alone)) == 2 + 6
    assert [at.done for at in seen] == sorted(at.done for at in seen)
    assert seen[-1].done == seen[-1].count == 6
    document = store.read_document(tmp_path / "two")
    assert document["status"] == "complete"
    assert document["done"] == 6
    assert document["members_per_hour"] > 0


def test_results_read_as_one_frame_and_with_plain_pandas(alone: Path) -> None:
    import pandas as pd

    frame = store.read_results(alone)
    assert list(frame.columns) == ["member", "year", "area", "output", "unit", "value"]
    assert sorted(frame["member"].unique()) == list(range(6))
    assert not frame.duplicated(["member", "year", "area", "output"]).any()
    plain = pd.read_parquet(alone / "results")
    assert len(plain) == len(frame)
    chosen = store.read_results(alone, outputs=["production"], areas=["world"])
    assert len(chosen) == 6 * 2
    assert chosen.merge(store.read_members(alone), on="member")["demand.factor"].notna().all()


def workers() -> list[psutil.Process]:
    """Worker processes below this one."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it ended meanwhile
            if any("spawn_main" in part for part in child.cmdline()):
                found.append(child)
    return found


def kill_workers() -> None:
    """End all of them, as a machine without memory does."""
    for worker in workers():
        with suppress(psutil.NoSuchProcess):
            worker.kill()


def test_killed_workers_cost_their_own_member_only_and_all_is_computed_once(
    dataset: Dataset, alone: Path, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill(at: Progress) -> None:
        if at.done in {1, 3} and at.done not in killed:
            killed.append(at.done)
            kill_workers()

    summary = computed(dataset, tmp_path / "out", LocalProcesses(2), kill, tries=9)
    assert killed == [1, 3]
    assert summary.lost >= 2
    assert (summary.status, summary.done) == ("complete", 6)
    assert sums(tmp_path / "out") == sums(alone)


def test_a_member_that_always_loses_its_worker_fails_after_three_tries_and_a_resume_tries_again(
    dataset: Dataset, tmp_path: Path
) -> None:
    def kill(_: Progress) -> None:
        kill_workers()

    pair = design(DEMAND, samples=2, settings={"period": {"end": 2025}})
    summary = run_ensemble(pair, dataset, tmp_path / "out", LocalProcesses(1), progress=kill)
    assert summary.status == "failed"
    failures = store.read_failures(tmp_path / "out")
    assert {failure["tries"] for failure in failures} == {3}
    assert "its worker was lost 3 times; is there too little memory?" in failures[0]["message"]
    again = run_ensemble(pair, dataset, tmp_path / "out", LocalProcesses(2), resume=True)
    assert (again.status, again.done) == ("complete", 2)
    assert not store.read_failures(tmp_path / "out")


def test_a_member_that_breaks_is_noted_and_the_others_go_on(dataset: Dataset, tmp_path: Path) -> None:
    sick = design(
        {"name": "steel's iron", "column": "commodities.iron", "where": {"commodity": "scrap"}, "levels": [1.0, 0.5]},
        method="factorial",
        settings={"period": {"end": 2025}},
    )
    summary = run_ensemble(sick, dataset, tmp_path / "out", LocalProcesses(1))
    failures = {failure["member"]: failure for failure in store.read_failures(tmp_path / "out")}
    assert (summary.status, summary.done, summary.failed) == ("failed", 1, 1)
    assert store.members_done(tmp_path / "out") == [0]
    assert (failures[1]["error"], failures[1]["tries"]) == ("DatasetError", 1)
    assert "EAF/scrap creates iron" in failures[1]["message"]


def test_a_dataset_that_is_gone_stops_the_ensemble_with_the_datasets_own_words(tmp_path: Path) -> None:
    world = write_tiny(tmp_path / "world")
    dataset = load(world)
    for file in world.iterdir():
        file.unlink()
    with pytest.raises(WorkerError, match=r"a worker cannot read the dataset: .* this dataset has"):
        computed(dataset, tmp_path / "out", LocalProcesses(1))
    assert store.read_document(tmp_path / "out")["status"] == "failed"


def test_a_member_that_takes_all_memory_is_computed_alone() -> None:
    engine = LocalProcesses(4)
    engine.measured(1e9)
    assert engine.room() == 1
    engine.measured(1.0)
    assert engine.room() == 1, "the greatest counts"
    engine.close(at_once=True)


def test_asked_to_stop_it_keeps_what_is_finished_and_goes_on_with_the_rest(
    dataset: Dataset, alone: Path, tmp_path: Path
) -> None:
    out, done = tmp_path / "out", 0

    def count(at: Progress) -> None:
        nonlocal done
        done = at.done

    with pytest.raises(Cancelled, match=f"go on with --resume --out {out}"):
        run_ensemble(SMALL, dataset, out, LocalProcesses(2), progress=count, cancelled=lambda: done >= 2)
    assert store.read_document(out)["status"] == "cancelled"
    assert not workers()
    kept = {number: store.result_path(out, number).stat().st_mtime_ns for number in store.members_done(out)}
    assert 2 <= len(kept) < 6
    with pytest.raises(RunError, match="add --resume"):
        computed(dataset, out, LocalProcesses(1))
    summary = run_ensemble(SMALL, dataset, out, LocalProcesses(2), resume=True)
    assert summary.done == 6
    assert {number: store.result_path(out, number).stat().st_mtime_ns for number in kept} == kept
    assert sums(out) == sums(alone)


def test_another_design_dataset_or_a_damaged_result_is_not_taken_for_done(
    dataset: Dataset, alone: Path, tmp_path: Path
) -> None:
    import shutil

    out = shutil.copytree(alone, tmp_path / "out")
    edited = design(DEMAND | {"high": 1.2}, GAS, samples=3, agent_seeds=[1, 2])
    with pytest.raises(RunError, match=r"its design changed .*; factor demand.factor, high: 1.1, now 1.2\);"):
        run_ensemble(edited, dataset, out, LocalProcesses(1), resume=True)
    text = (out / "design.toml").read_text()
    (out / "design.toml").write_text(to_toml(edited))
    with pytest.raises(RunError, match=r"design.toml was edited since"):
        run_ensemble(edited, dataset, out, LocalProcesses(1), resume=True)
    (out / "design.toml").write_text(text)
    store.result_path(out, 3).write_bytes(b"PAR1")
    store.result_path(out, 5).write_bytes(store.result_path(out, 4).read_bytes())
    summary = run_ensemble(SMALL, dataset, out, LocalProcesses(2), resume=True)
    assert summary.done == 6
    assert sums(out) == sums(alone)


@pytest.mark.parametrize("file", ["ensemble.json", "members.parquet", "design.toml"])
def test_a_damaged_record_costs_no_member_and_lets_no_other_design_in(
    dataset: Dataset, alone: Path, tmp_path: Path, file: str
) -> None:
    import shutil

    out = shutil.copytree(alone, tmp_path / "out")
    (out / file).unlink() if file == "design.toml" else (out / file).write_text("{")
    other = design(DEMAND | {"high": 1.2}, GAS, samples=3, agent_seeds=[1, 2])
    with pytest.raises(RunError, match=r"its design changed"):
        run_ensemble(other, dataset, out, LocalProcesses(1), resume=True)
    kept = {number: store.result_path(out, number).stat().st_mtime_ns for number in store.members_done(out)}
    summary = run_ensemble(SMALL, dataset, out, LocalProcesses(1), resume=True)
    assert (summary.status, summary.done) == ("complete", 6)
    assert {number: store.result_path(out, number).stat().st_mtime_ns for number in kept} == kept
    assert sums(out) == sums(alone)
    assert store.read_document(out)["status"] == "complete"


def test_a_killed_conductor_leaves_no_worker_and_loses_nothing_that_was_finished(
    world: Path, dataset: Dataset, alone: Path, tmp_path: Path
) -> None:
    (tmp_path / "design.toml").write_text(to_toml(SMALL), encoding="utf-8")
    out = tmp_path / "out"
    command = [
        *(sys.executable, "-P", "-m", "steeliq", "ensemble", "run", str(tmp_path / "design.toml")),
        *("--dataset", str(world), "--out", str(out), "--workers", "2"),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "STEELIQ_HOME": str(tmp_path / "home")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as conductor:
        assert conductor.stderr is not None
        for line in conductor.stderr:
            if line.startswith("2 of 6"):
                break
        below = psutil.Process(conductor.pid).children(recursive=True)
        conductor.kill()
    _, alive = psutil.wait_procs(below, timeout=20)
    assert not alive
    assert store.read_document(out)["status"] == "interrupted"
    kept = {number: store.result_path(out, number).stat().st_mtime_ns for number in store.members_done(out)}
    assert len(kept) >= 2
    done = subprocess.run([*command, "--resume", "--json"], env=environment, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout.splitlines()[-1])
    assert (figures["status"], figures["done"]) == ("complete", 6)
    assert {number: store.result_path(out, number).stat().st_mtime_ns for number in kept} == kept
    assert sums(out) == sums(alone)


@pytest.fixture
def cluster() -> Iterator[object]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as started:
        yield started


@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_writes_the_same_bytes_also_when_its_workers_are_killed(
    cluster: object, world: Path, alone: Path, tmp_path: Path
) -> None:
    address = str(cluster.scheduler_address)  # type: ignore[attr-defined]  # ships no types
    moved = write_tiny(tmp_path / "own")
    dataset = load(moved)
    for file in moved.iterdir():  # workers cannot see the files: the dataset must have been sent
        file.unlink()
    moved.rmdir()
    killed: list[int] = []

    def kill(at: Progress) -> None:
        if at.done >= 2 and not killed:
            worker = next(iter(cluster.workers.values()))  # type: ignore[attr-defined]  # ships no types
            killed.append(worker.pid)
            psutil.Process(worker.pid).kill()

    summary = computed(dataset, tmp_path / "out", DaskCluster(address), kill)
    assert killed
    assert (summary.status, summary.done) == ("complete", 6)
    assert sums(tmp_path / "out") == sums(alone)
    assert store.read_document(tmp_path / "out")["engine"] == "dask"


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_killed_costs_nothing_that_was_finished(
    dataset: Dataset, alone: Path, tmp_path: Path
) -> None:
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    part = ("--no-dashboard", "--scheduler-file", str(file))
    command = (
        sys.executable,
        "-P",
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        *part,
    )
    worker = (sys.executable, "-P", "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", *part,
              "--local-directory", str(tmp_path))  # fmt: skip
    quiet: Any = {"env": os.environ | {"PYTHONPATH": str(ROOT)}, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet) as scheduler, subprocess.Popen(worker, **quiet) as one:
        wait_for(file.is_file, "the scheduler tells its address")

        def kill(at: Progress) -> None:
            if at.done >= 2 and scheduler.poll() is None:
                scheduler.kill()
                wait_for(lambda: engine._client.status == "closed", "the client has given up")

        try:
            with dask.config.set({"distributed.comm.timeouts.connect": "2s", "distributed.comm.retry.count": 0}):
                engine = DaskCluster(json.loads(file.read_text())["address"])
                with pytest.raises(WorkerError, match=r"the scheduler is gone .* go on with --resume once it is back"):
                    computed(dataset, tmp_path / "out", engine, kill)
        finally:
            scheduler.kill()
            one.kill()
    assert store.read_document(tmp_path / "out")["status"] == "failed"
    assert 2 <= len(store.members_done(tmp_path / "out")) < 6
    assert sums(tmp_path / "out").items() <= sums(alone).items(), "a resume finds them whole"


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunError, match="no Dask scheduler answers there"):
        DaskCluster("tcp://127.0.0.1:1")
