"""The process that computes one ensemble: ``python -m steeliq.webui.ensembles.child KEY``, started by a worker.

It obeys as the process of a run does (`runs/child.py`); its own worker processes end with it, whatever ends it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steeliq.errors import RunError
from steeliq.webui.runs.child import log, obey, tell

if TYPE_CHECKING:
    from threading import Event

    from steeliq.ensemble.execute import Progress


def main() -> int:
    """Compute what the first line of standard input orders."""
    return obey(_compute)


def _compute(order: dict[str, Any], stop: Event) -> None:
    tell(stage="reading data")
    log("reading the dataset and the design")
    from steeliq.ensemble.checks import check_against
    from steeliq.ensemble.design import parse_design
    from steeliq.ensemble.engines import LocalProcesses
    from steeliq.ensemble.execute import run_ensemble
    from steeliq.simulation.dataset import load
    from steeliq.simulation.results.provenance import peak_memory

    folder = Path(order["folder"])
    design = parse_design(order["design"], "design")
    facts = load(Path(order["dataset"]) if order["dataset"] else None)
    tell(dataset_hash=facts.hash)
    check_against(design, facts)
    resume = (folder / "ensemble.json").is_file()
    log(f"{'going on with' if resume else 'computing'} {design.points * len(design.agent_seeds)} members")
    told = 0

    def progress(at: Progress) -> None:
        nonlocal told
        if at.done + at.failed != told:
            told = at.done + at.failed
            log(f"{at.done} of {at.count} members" + (f", {at.failed} failed" if at.failed else ""))
        tell(
            done=at.done, failed=at.failed, rate=round(at.members_per_hour, 1), left=at.seconds_left,
            stage=f"{at.running} under way", fraction=round((at.done + at.failed) / max(at.count, 1), 4),
        )  # fmt: skip

    summary = run_ensemble(
        design, facts, folder, LocalProcesses(), resume=resume, progress=progress, cancelled=stop.is_set
    )
    log(f"{summary.done} of {summary.count} members in {summary.seconds:.1f} s, {summary.peak_mb:.0f} MB a process")
    if summary.failed:
        some = "1 member" if summary.failed == 1 else f"{summary.failed} members"
        raise RunError(f"{some} of {summary.count} failed; why is told below. Resume tries them again.")
    # The conductor and one process: what must be free before an ensemble of this data may begin.
    tell(end="done", seconds=summary.seconds, peak_mb=summary.peak_mb + peak_memory() / 1e6)


if __name__ == "__main__":
    sys.exit(main())
