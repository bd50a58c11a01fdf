"""Measures ensembles: members an hour by one process and by several, how well they share the machine, and memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from steeliq.ensemble.design import Design, check_design
from steeliq.ensemble.engines import LocalProcesses
from steeliq.ensemble.execute import EnsembleSummary, run_ensemble
from steeliq.simulation.dataset import load


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
    """Lines for people, as they come."""
    yield f"{members} members to {last_year}"
    alone = _computed(members, 1, last_year, dataset)
    yield _line(1, alone)
    together = _computed(members, workers, last_year, dataset)
    yield _line(workers, together)
    efficiency = together.members_per_hour / (workers * alone.members_per_hour)
    yield f"efficiency of {workers} processes: {efficiency:.2f} (start of processes included)"


def _computed(members: int, workers: int, last_year: int, dataset: Path | None) -> EnsembleSummary:
    with tempfile.TemporaryDirectory(prefix="steeliq-bench-") as folder:
        out = Path(folder) / "out"
        return run_ensemble(design(members, last_year), load(dataset), out, LocalProcesses(workers))


def _line(workers: int, summary: EnsembleSummary) -> str:
    return (
        f"{workers} process{'es' if workers > 1 else ''}: {summary.seconds:.1f} s, "
        f"{summary.members_per_hour:.0f} members an hour, peak {summary.peak_mb:.0f} MB a process, "
        f"{summary.failed} failed"
    )
