"""A search in a folder of its own: what was asked, every trial as soon as it is known, and the scenario found.

```text
search.json     question (whole, with its scenario), identity, status, what was found, seconds
trace.csv       every trial: value, step, outcome (mean, least, greatest over the agents' seeds), met
scenario.toml   the base scenario with the value found, as `steeliq run` takes it
```
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import pandas as pd

from steeliq.atomic import remove_partial, write_text_atomically
from steeliq.ensemble.engines import Engine
from steeliq.ensemble.execute import TRIES, is_loss
from steeliq.ensemble.members import computing_code, member_key
from steeliq.ensemble.one import DatasetSource, Order, Outcome, simulate
from steeliq.ensemble.outputs import WORLD, catalogue_of, outputs_of
from steeliq.ensemble.search import Found, Question, Simulate, Target, Trial, problems_of, search
from steeliq.ensemble.search_question import table_of
from steeliq.errors import AnalysisError, Cancelled, Problem, QuestionError, RunError, ScenarioError
from steeliq.result_folder import only_writer, read_record
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.dataset.load import reference_folder
from steeliq.simulation.inputs import compile_inputs
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import to_toml
from steeliq.simulation.scenario.problems import suggestion

FORMAT: Final = 1
BEAT: Final = 0.5
"""Seconds between two looks at whether to stop."""


def run_search(
    question: Question,
    dataset: Dataset,
    out: Path,
    engine: Engine,
    *,
    resume: bool = False,
    tell: Callable[[Trial], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Found:
    """Search on the engine, which is closed at the end, and keep everything in the folder ``out``.

    ``resume`` takes up the trials that lie there, also if range, steps or tolerance are others. Raises
    QuestionError before anything is written, RunError if the folder cannot be used, Cancelled, what a member raises.
    """
    try:
        if problems := problems_with(question, dataset):
            raise QuestionError(str(question.target), problems)
        with only_writer(out, "search", resume=resume):
            return _Record(question, dataset, out, resume=resume).run(_on(engine, dataset, cancelled), tell)
    finally:
        engine.close(at_once=True)


def problems_with(question: Question, dataset: Dataset) -> list[Problem]:
    """All that is wrong with a question, by itself and for the dataset."""
    problems = set(problems_of(question))
    try:
        unit_of_target(question.target, dataset)
    except AnalysisError as error:
        problems.add(Problem("output of the target", 0, "", "", str(error)))
    seed = next(iter(question.seeds), 1)
    try:
        compile_inputs(dataset, question.lever.scenario(question.base, question.end, seed))
    except ScenarioError as error:
        problems |= set(error.problems)
    return sorted(problems)


def unit_of_target(target: Target, dataset: Dataset) -> str:
    """The unit of the target's output. Raises AnalysisError if members with this dataset have no such output."""
    known = {output.name: output for output in outputs_of(dataset)}
    if target.output not in known:
        hint = suggestion(target.output, known)
        raise AnalysisError(f"{target.output}: there is no such output{hint}; outputs: {', '.join(known)}")
    countries = catalogue_of(dataset).countries if known[target.output].by_country else ()
    if target.area not in {WORLD, *countries}:
        rule = f"areas: {', '.join((WORLD, *countries))}"
        raise AnalysisError(f"{target.output}: there is none for the area {target.area!r}; {rule}")
    return known[target.output].unit


def read_trace(out: Path) -> list[Trial]:
    """The trials in a search's folder, in the order in which they were made; none if there are none yet.

    Raises RunError if the trace was damaged.
    """
    file = out / "trace.csv"
    if not file.is_file():
        return []
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            return [_trial_of(row) for row in csv.DictReader(stream, strict=True)]
    except (OSError, ValueError, LookupError, TypeError, csv.Error) as error:
        raise RunError(
            f"{file}: this trace cannot be read ({error}); delete it, then --resume tries its values again"
        ) from error


def _trial_of(row: dict[str, str]) -> Trial:
    return Trial(
        value=float(row["value"]),
        step=row["step"],
        outcome=float(row["outcome"]),
        least=float(row["least"]),
        greatest=float(row["greatest"]),
        met={"True": True, "False": False}[row["met"]],
    )


class _Record:
    """What is on disk."""

    def __init__(self, question: Question, dataset: Dataset, out: Path, *, resume: bool) -> None:
        self.question, self.out, self.since = question, out, monotonic()
        base, lever, target = question.base.model_dump(mode="json"), asdict(question.lever), asdict(question.target)
        parts = json.dumps([base, lever, target, question.seeds, dataset.hash, computing_code()], sort_keys=True)
        identity = hashlib.sha256(parts.encode()).hexdigest()
        earlier = {}
        if resume and (out / "search.json").is_file():
            earlier = read_record(out, "search", latest=FORMAT, remedy="begin the search anew in another folder")
        if resume and earlier and earlier.get("identity") != identity:
            raise RunError(
                f"{out}: this search cannot go on, since scenario, setting, target, seeds, dataset or code changed; "
                "give the same ones (range, steps and tolerance may differ) or another folder"
            )
        remove_partial(out)
        self.trials = read_trace(out) if resume else []
        self.seconds_before = float(earlier.get("seconds", 0.0)) if resume else 0.0
        self.document: dict[str, Any] = {
            "format": FORMAT,
            "status": "running",
            "target": str(question.target),
            "question": table_of(question),
            "setting": question.lever.setting,
            "path": {str(year): level for year, level in question.lever.path.items()},
            "start": question.start,
            "end": question.end,
            "tolerance": question.width,
            "steps": question.steps,
            "agent_seeds": list(question.seeds),
            "dataset": {"name": dataset.name, "hash": dataset.hash},
            "identity": identity,
            "started": earlier.get("started") or datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def run(self, compute: Simulate, tell: Callable[[Trial], None]) -> Found:
        """Search, with every new trial on disk before it is told."""

        def keep(trial: Trial) -> None:
            self.trials.append(trial)
            table = pd.DataFrame([asdict(one) for one in self.trials])
            write_text_atomically(self.out / "trace.csv", table.to_csv(index=False, lineterminator="\n"))
            tell(trial)

        (self.out / "scenario.toml").unlink(missing_ok=True)  # of an earlier range
        self._write("running")
        try:
            found = search(self.question, compute, known=tuple(self.trials), tell=keep)
        except BaseException as error:
            with suppress(OSError):  # a full disk must not hide what went wrong
                stopped = isinstance(error, Cancelled | KeyboardInterrupt)
                self._write("cancelled" if stopped else "failed", error=str(error))
            raise
        if found.value is not None:
            ask = self.question
            scenario = ask.lever.scenario(ask.base, found.value, ask.seeds[0])
            write_text_atomically(self.out / "scenario.toml", to_toml(scenario))
        result = {"value": found.value, "missed": found.missed, "back": list(found.back), "trials": len(found.trials)}
        self._write("complete", **result)
        return found

    def _write(self, status: str, **more: object) -> None:
        seconds = {"seconds": round(self.seconds_before + monotonic() - self.since, 1)}
        text = json.dumps(self.document | seconds | more | {"status": status}, indent=2, ensure_ascii=False)
        write_text_atomically(self.out / "search.json", text + "\n")


def _on(engine: Engine, dataset: Dataset, cancelled: Callable[[], bool]) -> Simulate:
    """Simulates on the engine's workers, as many at a time as there is room for; lost ones again."""
    own = None if dataset.path == reference_folder() else dataset.path
    source, code = DatasetSource(dataset.hash, own), computing_code()
    engine.send(source, dataset)

    def compute(scenarios: Sequence[Scenario]) -> Iterator[pd.DataFrame]:
        orders = [
            Order(number, scenario, source, (), member_key(scenario, dataset.hash, ()), code)
            for number, scenario in enumerate(scenarios)
        ]
        waiting, running, done = deque(orders), dict[Future[Outcome], Order](), dict[int, pd.DataFrame]()
        tried = dict.fromkeys(range(len(orders)), 0)
        for number in range(len(orders)):
            while number not in done:
                while waiting and len(running) < engine.room():
                    order = waiting.popleft()
                    running[engine.executor.submit(simulate, order)] = order
                    tried[order.member] += 1
                ready, _ = wait(running, timeout=BEAT, return_when=FIRST_COMPLETED)
                for future in ready:
                    order = running.pop(future)
                    if _lost(future) and tried[order.member] < TRIES:
                        waiting.append(order)
                        continue
                    outcome = future.result()
                    engine.measured(outcome.peak_mb)
                    done[order.member] = outcome.table.to_pandas()
                if cancelled():
                    raise Cancelled("the search was stopped; trials that are complete are kept; go on with --resume")
            yield done.pop(number)

    return compute


def _lost(future: Future[Outcome]) -> bool:
    error = CancelledError() if future.cancelled() else future.exception()
    return error is not None and is_loss(error)
