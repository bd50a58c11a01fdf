"""The process that does one search: ``python -m steeliq.webui.searches.child KEY``, started by a worker.

It obeys as the process of a run does (`runs/child.py`); its own worker processes end with it, whatever ends it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steeliq.webui.runs.child import log, obey, tell

if TYPE_CHECKING:
    from threading import Event

    from steeliq.ensemble.search import Trial


def main() -> int:
    """Search for what the first line of standard input asks."""
    return obey(_seek)


def _seek(order: dict[str, Any], stop: Event) -> None:
    tell(stage="reading data")
    log("reading the dataset and the question")
    from steeliq.ensemble.analysis.words import number
    from steeliq.ensemble.engines import LocalProcesses
    from steeliq.ensemble.search import SCAN, told
    from steeliq.ensemble.search_question import question_of
    from steeliq.ensemble.search_run import read_trace, run_search, unit_of_target
    from steeliq.simulation.dataset import load
    from steeliq.simulation.results.provenance import peak_memory

    folder = Path(order["folder"])
    question = question_of(json.loads(order["question"]))
    facts = load(Path(order["dataset"]) if order["dataset"] else None)
    unit = unit_of_target(question.target, facts)
    resume = (folder / "search.json").is_file()
    tried = read_trace(folder) if resume else []
    engine = LocalProcesses()

    def say() -> None:
        scanned = sum(trial.step == SCAN for trial in tried)
        stage = "looking at the range" if scanned <= question.steps else "halving the step"
        tell(tried=len(tried), stage=stage, fraction=round(question.share_done(tried, engine.workers), 4))

    def note(trial: Trial) -> None:
        tried.append(trial)
        log(f"{trial.value:.6g}: {number(trial.outcome)} {unit}, {'met' if trial.met else 'missed'}")
        say()

    tell(dataset_hash=facts.hash)
    log(f"{'going on with' if resume else 'looking for'} {question.target}: at most {question.trials} trials")
    say()
    found = run_search(question, facts, folder, engine, resume=resume, tell=note, cancelled=stop.is_set)
    log(told(question, found, unit)[0])
    headline = f"{found.value:.6g}" if found.value is not None else "target missed everywhere"
    # This process and one of its own: what must be free before a search in this data may begin.
    seconds = json.loads((folder / "search.json").read_text("utf-8"))["seconds"]
    tell(end="done", seconds=seconds, peak_mb=engine.peak_mb + peak_memory() / 1e6, headline=headline)


if __name__ == "__main__":
    sys.exit(main())
