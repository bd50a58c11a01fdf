"""The conductor of an ensemble: hands out members, writes each result when it arrives, gives lost ones out again.

Only this process writes to the ensemble's folder. A member is done when its file is there; so whatever is killed,
finished members stay, and a resumed ensemble computes only those that lack.
"""

from __future__ import annotations

import platform
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import pandas as pd

from steeliq.ensemble import store
from steeliq.ensemble.design import Design, design_hash, differences
from steeliq.ensemble.engines import Engine
from steeliq.ensemble.members import changes_of, computing_code, member_key, member_row, member_scenario
from steeliq.ensemble.one import DatasetSource, Order, Outcome, simulate
from steeliq.ensemble.sampling import members as members_of
from steeliq.errors import Cancelled, RunError, SteeliqError, WorkerError
from steeliq.result_folder import only_writer
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.dataset.load import reference_folder
from steeliq.simulation.results.provenance import PACKAGES, commit, environment_hash, installed

TRIES: Final = 3
"""How often a member is given out if its worker is lost each time."""

TOLD: Final = 5
"""Entries of a changed design that a message names at most."""

BEAT: Final = 0.5
"""Seconds between two looks at what was asked, and between two updates of ensemble.json."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an ensemble is. Rates are of this part of it: members found finished at a resume do not count."""

    done: int
    failed: int
    running: int
    count: int
    seconds: float
    members_per_hour: float
    seconds_left: float | None  # None before the first member has come back


@dataclass(frozen=True, slots=True)
class EnsembleSummary:
    """What an ensemble that came to its end has to say."""

    folder: Path
    status: str
    done: int
    failed: int
    count: int
    lost: int  # times that a worker was lost with a member
    reused: int  # members that had not to solve their first year
    seconds: float
    members_per_hour: float
    peak_mb: float


def run_ensemble(
    design: Design,
    dataset: Dataset,
    out: Path,
    engine: Engine,
    *,
    resume: bool = False,
    tries: int = TRIES,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> EnsembleSummary:
    """Compute all members of the design into the folder ``out``; the engine is closed at the end.

    ``progress`` hears of every change, ``cancelled`` is asked twice a second. A member that fails is noted, and the
    others go on. Raises RunError if the folder cannot be used, WorkerError if no worker can compute members, Cancelled;
    what is finished stays.
    """
    try:
        with only_writer(out, "ensemble", resume=resume):
            conductor = _Conductor(design, dataset, out, engine, tries, progress, cancelled)
            conductor.begin(resume=resume)
            return conductor.conduct()
    finally:
        engine.close(at_once=True)


@dataclass(slots=True)
class _Conductor:
    design: Design
    dataset: Dataset
    out: Path
    engine: Engine
    tries: int
    tell: Callable[[Progress], None]
    cancelled: Callable[[], bool]
    members: pd.DataFrame = field(init=False)
    waiting: _Waiting = field(init=False)
    running: dict[Future[Outcome], int] = field(default_factory=dict)
    tried: dict[int, int] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    finished: int = 0  # in this part of the ensemble
    lost: int = 0
    reused: int = 0
    peak_mb: float = 0.0
    since: float = field(default_factory=monotonic)
    written: float = 0.0
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> dict[str, str]:
        return {"design": design_hash(self.design), "dataset": self.dataset.hash, "code": computing_code()}

    def begin(self, *, resume: bool) -> None:
        """Write what the ensemble is made from, or check that it is still the same; find what is done."""
        earlier: dict[str, Any] = {}
        if resume and store.has_document(self.out):
            earlier = store.read_document(self.out)
            _same(self.out, earlier.get("identity", {}), self.identity, self.design)
            self.lost, self.reused = int(earlier.get("lost", 0)), int(earlier.get("reused", 0))
            self.peak_mb = float(earlier.get("peak_mb", 0.0))
        elif resume:  # a damaged record: what is finished is known by its keys, the design by its file
            _same_design(self.out, self.design)
        self.members = self._members(resume=resume)
        numbers = [int(number) for number in self.members.index]
        self.done = {
            number for number in store.members_done(self.out) if store.key_of(self.out, number) == self._key(number)
        }
        points = self.members["point"]
        self.waiting = _Waiting((int(points[number]), number) for number in numbers if number not in self.done)
        self.engine.send(self._source, self.dataset)
        now = datetime.now(UTC)
        self.document = {
            "status": "running",
            "name": self.design.name,
            "identity": self.identity,
            "dataset": {"name": self.dataset.name, "hash": self.dataset.hash},
            "versions": {name: installed(name) for name in (*PACKAGES, "scipy", "SALib")},
            "code": {"commit": commit(), "environment": environment_hash()},
            "platform": platform.platform(),
            "count": len(numbers),
            "started": earlier.get("started") or now.isoformat(timespec="seconds"),
            "ended": "",
            "active_seconds": 0.0,
            "earlier_seconds": float(earlier.get("active_seconds", 0.0)),
            "parts": int(earlier.get("parts", 0)) + 1,
        }
        self._write("running")

    def _members(self, *, resume: bool) -> pd.DataFrame:
        """The table of members as it was begun; written anew if it is not there or damaged."""
        if resume and (self.out / "design.toml").is_file():
            with suppress(RunError):
                return store.read_members(self.out)
        table = members_of(self.design)
        store.write_inputs(self.out, self.design, table)
        return table

    def conduct(self) -> EnsembleSummary:
        """Hand out and take in until all is done; whatever ends this is noted in ensemble.json."""
        try:
            while self.waiting or self.running:
                self._hand_out()
                ready, _ = wait(self.running, timeout=BEAT, return_when=FIRST_COMPLETED)
                for future in ready:
                    self._take_in(self.running.pop(future), future)
                if self.cancelled():
                    raise Cancelled(
                        f"{self.out}: stopped; {len(self.done)} of {len(self.members)} members are kept; "
                        f"go on with --resume --out {self.out}"
                    )
                if ready or monotonic() - self.written > BEAT:
                    self._report()
        except BaseException as error:
            with suppress(OSError):  # a full disk must not hide what went wrong
                stopped = isinstance(error, Cancelled | KeyboardInterrupt)
                self._write("cancelled" if stopped else "failed", error)
            raise
        status = "failed" if self.failed else "complete"
        self._write(status)
        at = self._progress()
        self.tell(at)
        return EnsembleSummary(
            self.out,
            status,
            at.done,
            at.failed,
            at.count,
            self.lost,
            self.reused,
            at.seconds,
            at.members_per_hour,
            self.peak_mb,
        )

    def _hand_out(self) -> None:
        if not self.waiting:
            return
        room = self.engine.room()
        while self.waiting and len(self.running) < room:
            number = self.waiting.take()
            try:
                order = self._order(number)
            except SteeliqError as error:  # the values of this member do not go together
                self._fail(number, error)
                continue
            try:
                self.running[self.engine.executor.submit(simulate, order)] = number
            except (OSError, RuntimeError) as error:
                raise WorkerError(
                    f"{self.out}: no worker takes members any more ({error}); go on with --resume"
                ) from error
            self.tried[number] = self.tried.get(number, 0) + 1

    def _order(self, number: int) -> Order:
        row = member_row(self.members, number)
        scenario, changes = member_scenario(self.design, row), changes_of(self.design, row)
        key = member_key(scenario, self.dataset.hash, changes)
        return Order(number, scenario, self._source, changes, key, computing_code())

    @property
    def _source(self) -> DatasetSource:
        own = None if self.dataset.path == reference_folder() else self.dataset.path.absolute()
        return DatasetSource(self.dataset.hash, own)

    def _key(self, number: int) -> str:
        try:
            return self._order(number).key
        except SteeliqError:
            return "none"

    def _take_in(self, number: int, future: Future[Outcome]) -> None:
        error = CancelledError("given up by the scheduler") if future.cancelled() else future.exception()
        if error is None:
            outcome = future.result()
            store.write_result(self.out, number, outcome.table)
            self.done.add(number)
            self.finished += 1
            self.reused += outcome.reused
            self.peak_mb = max(self.peak_mb, outcome.peak_mb)
            self.engine.measured(outcome.peak_mb)
            self.waiting.favour(int(self.members["point"][number]))
        elif isinstance(error, WorkerError):  # this worker cannot compute any member
            raise error
        elif not is_loss(error):
            self._fail(number, error)
        else:
            self.lost += 1
            if self.tried[number] < self.tries:
                self.waiting.put(int(self.members["point"][number]), number)
            else:
                self._fail(
                    number, WorkerError(f"its worker was lost {self.tried[number]} times; is there too little memory?")
                )

    def _fail(self, number: int, error: BaseException) -> None:
        store.write_failure(self.out, number, error, self.tried.get(number, 0))
        self.failed.add(number)

    def _progress(self) -> Progress:
        seconds = monotonic() - self.since
        rate = self.finished / seconds if seconds > 0 else 0.0
        left = len(self.members) - len(self.done) - len(self.failed)
        return Progress(
            done=len(self.done),
            failed=len(self.failed),
            running=min(len(self.running), left),
            count=len(self.members),
            seconds=seconds,
            members_per_hour=3600 * rate,
            seconds_left=left / rate if rate > 0 else None,
        )

    def _report(self) -> None:
        self._write("running")
        self.tell(self._progress())

    def _write(self, status: str, error: BaseException | None = None) -> None:
        at = self._progress()
        document = self.document | {
            "status": status,
            "engine": self.engine.name,
            "active_seconds": round(self.document["earlier_seconds"] + at.seconds, 3),
            "done": at.done,
            "failed": at.failed,
            "running": at.running if status == "running" else 0,
            "members_per_hour": round(at.members_per_hour, 2),
            "seconds_left": None if at.seconds_left is None else round(at.seconds_left, 1),
            "lost": self.lost,
            "reused": self.reused,
            "peak_mb": round(self.peak_mb, 1),
        }
        if status != "running":
            document["ended"] = datetime.now(UTC).isoformat(timespec="seconds")
        if error is not None:
            document["error"] = f"{type(error).__name__}: {error}"
        store.write_document(self.out, document)
        self.written = monotonic()


class _Waiting:
    """Members that wait, by point. Who has just finished a point gets its next seed, since it knows its first year."""

    def __init__(self, members: Iterable[tuple[int, int]]) -> None:
        self._by_point: dict[int, deque[int]] = {}
        self._favoured: deque[int] = deque()
        for point, member in members:
            self.put(point, member)
        self._fresh = deque(self._by_point)

    def __len__(self) -> int:
        return len(self._by_point)

    def put(self, point: int, member: int) -> None:
        """Put a member behind those of its point."""
        self._by_point.setdefault(point, deque()).append(member)

    def favour(self, point: int) -> None:
        """Let a waiting member of this point be the next."""
        self._favoured.append(point)

    def take(self) -> int:
        """The next member: of a favoured point, of one that nobody has begun, of any."""
        for line in (self._favoured, self._fresh):
            while line:
                point = line.popleft()
                if point in self._by_point:
                    return self._of(point)
        return self._of(next(iter(self._by_point)))

    def _of(self, point: int) -> int:
        members = self._by_point[point]
        member = members.popleft()
        if not members:
            del self._by_point[point]
        return member


def _same(out: Path, then: dict[str, str], now: dict[str, str], design: Design) -> None:
    other = [name for name in now if then.get(name) != now[name]]
    if other:
        found = "; ".join(
            [f"{name} then {str(then.get(name))[:12]}, now {now[name][:12]}" for name in other]
            + (_changed(out, then, design) if "design" in other else [])
        )
        raise RunError(
            f"{out}: this ensemble cannot go on, since its {' and '.join(other)} changed ({found}); "
            "restore what it was begun with or begin a new one in another folder"
        )


def _same_design(out: Path, design: Design) -> None:
    """Refuse another design than the one in a folder whose record cannot be read."""
    if (out / "design.toml").is_file() and (changed := differences(store.read_design(out), design)):
        raise RunError(
            f"{out}: this ensemble cannot go on, since its design changed ({'; '.join(changed[:TOLD])}); "
            "restore what it was begun with or begin a new one in another folder"
        )


def _changed(out: Path, then: dict[str, str], design: Design) -> list[str]:
    """What another design says otherwise than the one in the folder; that somebody edited that one."""
    try:
        begun = store.read_design(out)
    except SteeliqError:
        return [f"{out / 'design.toml'} cannot be read any more"]
    if design_hash(begun) != then.get("design"):
        return [f"{out / 'design.toml'} was edited since"]
    changed = differences(begun, design)
    more = [f"and {len(changed) - TOLD} more"] if len(changed) > TOLD else []
    return changed[:TOLD] + more


def is_loss(error: BaseException) -> bool:
    """Whether the worker went, not the member wrong; Dask's own errors are known by name, since it may be absent."""
    return isinstance(error, BrokenExecutor | CancelledError | OSError | MemoryError) or type(error).__name__ in {
        "KilledWorker",
        "FutureCancelledError",
        "CommClosedError",
    }
