"""A run: the years one after the other, each on disk before the next begins.

This module fills the run folder: run.json, tables and checkpoints. What a year does is in ``step.py``.
Timings go to run.json only, so that the tables of two runs of the same inputs are the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from steeliq.errors import Cancelled
from steeliq.result_folder import only_writer
from steeliq.simulation import checkpoint
from steeliq.simulation.accounts.audit import check_audit
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.inputs import compile_inputs
from steeliq.simulation.results.tables import write_year
from steeliq.simulation.run_record import SOLVE, Clock, Record, RunSummary
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.state import State
from steeliq.simulation.step import YearResult, advance


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is: a stage of a year has begun; ``fraction`` of the whole run is behind it (0..1)."""

    year: int
    stage: str
    fraction: float


def run(
    scenario: Scenario,
    dataset: Dataset,
    out: Path,
    *,
    resume: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> RunSummary:
    """Simulate all years of the scenario into the run folder ``out`` and summarise the run.

    ``progress`` hears of each stage; ``cancelled`` is asked between stages. ``resume`` goes on after the last complete
    year (or starts, if nothing is there). Raises ScenarioError before anything is written, RunError if the folder
    cannot be used, Cancelled, BalanceError if a year fails its audit, and what a year raises.
    """
    clock = Clock()
    clock.enter("compile inputs")
    inputs = compile_inputs(dataset, scenario)
    with only_writer(out, "run", resume=resume):
        record = Record(out, inputs, clock)
        if resume:
            record.go_on_from_earlier()
        if record.document.get("status") != "complete":
            _simulate(record, progress, cancelled)
        return record.summary()


def _simulate(record: Record, progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> None:
    """Take the years that are not on disk yet; whatever ends this is noted in run.json."""
    try:
        with _Writer(record) as writer:
            _years(record, progress, cancelled, writer)
        record.close("complete")
    except BaseException as error:
        with suppress(OSError):  # a full disk must not hide what went wrong
            record.close("cancelled" if isinstance(error, Cancelled | KeyboardInterrupt) else "failed", error)
        raise
    progress(Progress(record.last, "done", 1.0))


def _years(
    record: Record, progress: Callable[[Progress], None], cancelled: Callable[[], bool], writer: _Writer
) -> None:
    state = record.begin()
    stages_a_year, stage_number = 8, 0

    def on_stage(stage: str) -> None:
        nonlocal stage_number
        record.clock.enter(stage)
        if stage == SOLVE:
            writer.start()
        if cancelled():
            raise Cancelled(
                f"{record.out}: stopped in {state.year}; years before it are complete; "
                f"go on with --resume --out {record.out}"
            )
        within = min(stage_number / stages_a_year, 0.99)
        progress(Progress(state.year, stage, (state.year - record.first + within) / record.count))
        stage_number += 1

    while state.year <= record.last:
        stage_number = 0
        following, result = advance(record.inputs, state, on_stage=on_stage)
        on_stage("write")
        writer.take(result, following)
        stages_a_year = max(stage_number, 1)
        state = following
    writer.finish()


class _Writer:
    """Draws up and writes a year's tables in a thread of its own while the solver works on the next year.

    The solver lets Python run meanwhile; nothing else does, so a year is started only when the solver is.
    """

    def __init__(self, record: Record) -> None:
        self._record, self._pool = record, ThreadPoolExecutor(max_workers=1)
        self._waiting: tuple[YearResult, State] | None = None
        self._running: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever ended the run: years that were computed are kept."""
        with self._pool:
            self.finish()

    def take(self, result: YearResult, following: State) -> None:
        """Put a year in line, after the one before it is on disk."""
        self.finish()
        self._waiting = result, following

    def start(self) -> None:
        """Begin with the waiting year."""
        if self._waiting is not None:
            self._running, self._waiting = self._pool.submit(_write, self._record, *self._waiting), None

    def finish(self) -> None:
        """Wait until all is on disk; raises what went wrong there."""
        self.start()
        if self._running is not None:
            running, self._running = self._running, None
            running.result()


def _write(record: Record, result: YearResult, following: State) -> None:
    """Put a year on disk: its tables, then the checkpoint that makes it count."""
    write_year(record.out, result.year, result.tables)
    check_audit(result.tables["audit"], str(record.out))
    checkpoint.save(record.out, following, record.identity)
    record.year_done(result.year)
