"""Measures ensembles: members an hour by one process and by several, how well they share the machine, and memory."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Final

import psutil

from steeliq.ensemble.design import Design, check_design
from steeliq.ensemble.engines import DaskCluster, Engine, LocalProcesses
from steeliq.ensemble.execute import EnsembleSummary, run_ensemble
from steeliq.simulation.dataset import load

ALONE: Final = 20
"""Members by which the rate of one process is measured."""

KILL_EVERY: Final = 30.0
BUSY_BYTES: Final = 150e6
"""A worker that has the dataset takes more; the cluster's own processes take less."""


def design(members: int, last_year: int) -> Design:
    """Members with first years of their own: nothing is shared but the dataset."""
    return check_design(
        {
            "name": "Benchmark",
            "samples": members,
            "settings": {"period": {"end": last_year}},
            "factors": [
                {"field": "demand.factor", "distribution": "uniform", "low": 0.95, "high": 1.05},
                {"column": "carbon_prices.price", "distribution": "uniform", "low": 0.5, "high": 2.0},
            ],
        }
    )


def measure(members: int, workers: int, last_year: int, dataset: Path | None) -> Iterator[str]:
    """Lines for people, as they come; one process is measured on few members, since its rate does not change."""
    yield f"{members} members to {last_year}"
    alone = _computed(min(members, ALONE), LocalProcesses(1), last_year, dataset)
    yield _line("1 process", alone)
    together = _computed(members, LocalProcesses(workers), last_year, dataset)
    yield _line(f"{workers} processes", together)
    efficiency = together.members_per_hour / (workers * alone.members_per_hour)
    yield f"efficiency of {workers} processes: {efficiency:.2f} (start of processes included)"


def measure_cluster(members: int, last_year: int, dataset: Path | None) -> Iterator[str]:
    """The same bytes from one process and from clusters on this machine, also while their workers are killed."""
    with tempfile.TemporaryDirectory(prefix="steeliq-bench-") as folder:
        expected = Path(folder) / "alone"
        yield f"{members} members to {last_year}"
        yield _line("1 process", _computed(members, LocalProcesses(1), last_year, dataset, expected))
        for workers, killing in ((2, False), (4, False), (2, True)):
            out = Path(folder) / f"{workers} {killing}"
            name = f"Dask, {workers} worker processes"
            with _cluster(workers) as address, _killer(KILL_EVERY if killing else 0.0) as killed:
                summary = _computed(members, DaskCluster(address), last_year, dataset, out, tries=10)
            yield _line(name, summary)
            if killing:
                yield f"  {len(killed)} workers killed, one every {KILL_EVERY:.0f} s; their members went to others"
            yield f"  same bytes as one process: {'yes' if _sums(out) == _sums(expected) else 'NO'}"


@contextmanager
def _cluster(workers: int) -> Iterator[str]:
    from distributed import LocalCluster

    options = {"threads_per_worker": 1, "processes": True, "dashboard_address": None, "silence_logs": 50}
    with LocalCluster(n_workers=workers, **options) as cluster:  # type: ignore[no-untyped-call]  # ships no types
        yield str(cluster.scheduler_address)


@contextmanager
def _killer(every: float) -> Iterator[list[int]]:
    """Kill a busy worker process again and again; the numbers of those that were."""
    killed: list[int] = []
    ended = Event()

    def kill() -> None:
        while not ended.wait(every):
            workers = [one for one in psutil.Process().children(recursive=True) if _is_busy(one)]
            if workers:
                victim = max(workers, key=lambda one: one.cpu_times().user)
                victim.kill()
                killed.append(victim.pid)

    if every:
        Thread(target=kill, daemon=True).start()
    yield killed
    ended.set()


def _is_busy(process: psutil.Process) -> bool:
    try:
        return process.memory_info().rss > BUSY_BYTES
    except psutil.Error:
        return False


def _sums(folder: Path) -> dict[str, str]:
    files = [folder / "members.parquet", *(folder / "results").rglob("*.parquet")]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _computed(
    members: int, engine: Engine, last_year: int, dataset: Path | None, out: Path | None = None, *, tries: int = 3
) -> EnsembleSummary:
    with tempfile.TemporaryDirectory(prefix="steeliq-bench-") as folder:
        place = out or Path(folder) / "out"
        return run_ensemble(design(members, last_year), load(dataset), place, engine, tries=tries)


def _line(name: str, summary: EnsembleSummary) -> str:
    return (
        f"{name}: {summary.seconds:.1f} s, {summary.members_per_hour:.0f} members an hour, "
        f"peak {summary.peak_mb:.0f} MB a process, {summary.failed} failed"
    )
