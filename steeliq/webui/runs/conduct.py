"""A worker's part in a run: start the process that simulates, note its progress, carry requests to stop to it.

The simulation has a process of its own, so that stopping it is certain and its memory goes back.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from shutil import rmtree
from threading import Event, Thread
from time import monotonic, sleep
from typing import IO, Any

import psutil
from django.db import OperationalError
from wakepy import keep

from steeliq.atomic import remove_partial
from steeliq.lifeline import STOP
from steeliq.logs import about_run
from steeliq.webui.runs import life
from steeliq.webui.runs.models import Run, State, Work
from steeliq.webui.runs.processes import birth, kill_group

logger = logging.getLogger(__name__)

TICK = 0.1
"""Seconds between two looks at the process."""

LOOK = 0.2
"""Seconds between two looks for requests: reading the row takes no lock."""

WRITES = 0.5
"""Least seconds between two writes of progress: each takes the database's only write lock."""

HEARTBEAT = 2.0
"""Most seconds between two of them."""

GRACE = 1.0
"""Seconds that a cancelled simulation has to stop by itself. A stage of a year takes less, as a rule; where it takes
more, the process is killed, so that cancelling takes two seconds in all. Its complete years are sound whenever it ends;
what it costs is the year at work, which a resume repeats."""

CLOSING_GRACE = 3.0
"""The same when the app closes and the run is to be resumed: worth waiting for the year."""

closing = Event()
"""Set when the app is being closed: the run is stopped and marked as interrupted."""


@dataclass
class _Child:
    process: subprocess.Popen[str]
    said: SimpleQueue[dict[str, Any]] = field(default_factory=SimpleQueue)
    asked_at: float = 0.0  # when it was asked to stop

    def ask_to_stop(self, grace: float) -> None:
        if not self.asked_at:
            self.asked_at = monotonic()
            with suppress(OSError, ValueError):
                assert self.process.stdin is not None  # noqa: S101 (opened as a pipe)
                self.process.stdin.write(f"{STOP}\n")
                self.process.stdin.flush()
        elif monotonic() - self.asked_at > grace:
            kill_group(self.process.pid)


def simulate(run: Work) -> None:
    """Have a claimed run simulated and bring its row to an end, whatever happens."""
    with about_run(run.key):
        _simulate(run)


def _simulate(run: Work) -> None:
    try:
        run.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with run.log.open("a", encoding="utf-8") as log:
            child = _start(run, log)
    except OSError as error:  # its log cannot be written, or the system has no room for another process
        logger.warning("its process could not be started", exc_info=True)
        why = f"{error.filename or sys.executable}: {error.strerror or error}"
        life.failed(run.key, f"It could not be started ({why}). Give access or room, then resume.", of=type(run))
        return
    logger.info("simulated by process %s", child.process.pid)
    with keep.running(on_fail="pass"):  # a machine that falls asleep simulates nothing
        _attend(run, child)


def _attend(run: Work, child: _Child) -> None:
    last: dict[str, Any] = {}
    untold: dict[str, Any] = {"pid": child.process.pid, "pid_created": _created(child.process.pid)}
    try:
        with _patiently():
            life.progress(run.key, of=type(run), **untold)
            untold = {}
        last = _watch(run, child, untold)
    finally:
        if child.process.poll() is None:
            kill_group(child.process.pid)
        child.process.wait()
        for pipe in (child.process.stdin, child.process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        if isinstance(run, Run) and run.verifies is not None:
            rmtree(run.path, ignore_errors=True)  # what it was made for is told by the certificate
        else:
            remove_partial(run.path)
        _conclude_at_last(run, last, child.process.returncode)


def _start(run: Work, log: IO[str]) -> _Child:
    command = [sys.executable, "-P", "-m", run.CHILD, run.key]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": _import_path(), "PYTHONIOENCODING": "utf-8"},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        start_new_session=True,
    )
    child = _Child(process)
    Thread(target=_listen, args=(run.key, child), daemon=True).start()
    with suppress(OSError):  # it may have died already; that shows below
        assert process.stdin is not None  # noqa: S101 (opened as a pipe)
        process.stdin.write(json.dumps(run.order) + "\n")
        process.stdin.flush()
    return child


def _import_path() -> str:
    """The folder that holds this package first: a checkout is not installed."""
    here = str(Path(__file__).resolve().parents[3])
    rest = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and part != here]
    return os.pathsep.join([here, *rest])


def _listen(key: str, child: _Child) -> None:
    assert child.process.stdout is not None  # noqa: S101 (opened as a pipe)
    with about_run(key), suppress(OSError, ValueError):
        for line in child.process.stdout:
            try:
                child.said.put(json.loads(line))
            except ValueError:
                logger.warning("the simulating process said %r", line[:200])


def _watch(run: Work, child: _Child, values: dict[str, Any]) -> dict[str, Any]:
    """Note progress until the process ends; its last word. Time is measured here, by a clock that nobody can set.

    ``values``: what is still to be noted.
    """
    key = run.key
    last: dict[str, Any] = {}
    begun, written, looked = monotonic(), 0.0, 0.0
    while True:
        ended = child.process.poll() is not None
        while True:
            try:
                said = child.said.get(timeout=TICK / 2 if ended else TICK)
            except Empty:
                break
            if "end" in said:
                last = said
            values |= {name: value for name, value in said.items() if name in run.TOLD}
            if not ended and monotonic() - looked > LOOK:
                break
        now = monotonic()
        if ended or now - written > (WRITES if values else HEARTBEAT):
            with _patiently():
                life.progress(key, of=type(run), seconds=run.seconds + now - begun, **values)
                values = {}
            written = monotonic()
        if ended:
            return last
        if now - looked > LOOK:
            looked = now
            with _patiently():
                _carry_requests(run, child)


def _carry_requests(run: Work, child: _Child) -> None:
    state = type(run).every.filter(key=run.key).values_list("state", flat=True).first()
    if state == State.CANCELLING:
        child.ask_to_stop(GRACE)
    elif closing.is_set():
        child.ask_to_stop(CLOSING_GRACE)
    elif state != State.RUNNING:
        kill_group(child.process.pid)  # the row was ended by someone else


class _patiently(suppress):  # noqa: N801 (reads as a word in a with statement)
    """Leave a database that is locked for long alone and come back at the next tick."""

    def __init__(self) -> None:
        super().__init__(OperationalError)


def _conclude_at_last(run: Work, last: dict[str, Any], code: int) -> None:
    """Write down how it ended, however long the database is locked."""
    while True:
        try:
            return _conclude(run, last, code)
        except OperationalError:
            logger.warning("the end of run %s cannot be written yet", run.key)
            sleep(1.0)


def _conclude(begun: Work, last: dict[str, Any], code: int) -> None:
    key, of = begun.key, type(begun)
    run = of.every.filter(key=key).first()
    if run is None:  # a verification whose run was deleted
        return
    end, message = last.get("end"), str(last.get("message", ""))
    logger.info("ended as %s with code %s %s", end or "nothing it said", code, message)
    if end == "done":
        found = {name: float(last[name]) for name in ("seconds", "peak_mb")}
        life.done(key, **found, headline=str(last.get("headline", "")), of=of)
    elif end == "failed":
        life.failed(key, message, of=of)
    elif closing.is_set() and run.state == State.RUNNING:
        life.interrupted(key, f"steeliq was closed. {of.KEPT}; resume goes on after them.", of=of)
    elif end == "cancelled" or run.state == State.CANCELLING:
        life.cancelled(key, f"Cancelled; {of.KEPT[0].lower()}{of.KEPT[1:]}.", of=of)
    else:
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        life.died(run, f"The simulating process ended without a word ({how}).")


def _created(pid: int) -> float | None:
    try:
        return birth(psutil.Process(pid))
    except psutil.Error:
        return None
