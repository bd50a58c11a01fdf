"""The life of a run: every change of its state, each guarded by the states it may start from.

A change is one ``update`` of the row where it is still in an expected state, so that two processes that want different
things cannot both have their way; each function tells whether it did.

    queued -> running -> done | failed | interrupted
       |         |-> cancelling -> cancelled (or done, if that was faster)
       |-> cancelled
    cancelled, interrupted, failed -> queued (resume)
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import psutil
from django.db.models import F
from django.utils import timezone

from steeliq.webui.runs.models import RESUMABLE, Run, State, Work
from steeliq.webui.runs.processes import birth

MOST_ATTEMPTS = 2
"""How often a run may take its process down before it counts as failed."""


def change(key: str, expected: Iterable[State], *, of: type[Work] = Run, **values: Any) -> bool:
    """Set ``values`` if the run (or other work, ``of`` that kind) is in one of the expected states; whether it was."""
    return of.every.filter(key=key, state__in=list(expected)).update(**values) == 1


def claim(key: str, *, of: type[Work] = Run) -> bool:
    """Take the run for this process; False if it is not waiting any more."""
    me = psutil.Process()
    return change(
        key,
        (State.QUEUED,),
        of=of,
        state=State.RUNNING,
        started=timezone.now(),
        finished=None,
        heartbeat=timezone.now(),
        worker_pid=os.getpid(),
        worker_created=birth(me),
        message="",
        stage="starting",
        begun=F("fraction"),
    )


def progress(key: str, *, of: type[Work] = Run, **values: Any) -> bool:
    """Note where a run is; it may have been asked to stop meanwhile."""
    return change(key, (State.RUNNING, State.CANCELLING), of=of, heartbeat=timezone.now(), **values)


def ask_to_cancel(key: str, *, of: type[Work] = Run) -> bool:
    """Cancel a waiting run at once, ask a running one to stop."""
    at_once = {"state": State.CANCELLED, "finished": timezone.now(), "message": "Cancelled in the queue."}
    if change(key, (State.QUEUED,), of=of, **at_once):
        return True
    return change(key, (State.RUNNING,), of=of, state=State.CANCELLING, message=f"Stopping; {_kept(of)}.")


def done(key: str, *, seconds: float, peak_mb: float, headline: str = "", of: type[Work] = Run) -> bool:
    """All years are on disk; a request to cancel that came too late changes nothing about that."""
    found = {"seconds": seconds, "peak_mb": peak_mb, "headline": headline[:120]}
    return _end(key, State.DONE, "", of=of, fraction=1.0, stage="done", attempts=0, **found)


def cancelled(key: str, message: str, *, of: type[Work] = Run) -> bool:
    """It stopped because a person asked."""
    return _end(key, State.CANCELLED, message, of=of)


def failed(key: str, message: str, *, of: type[Work] = Run) -> bool:
    """It cannot go on by itself; ``message`` says why and what to do."""
    return _end(key, State.FAILED, message, of=of)


def interrupted(key: str, message: str, *, of: type[Work] = Run) -> bool:
    """It was stopped by something else; it can go on from its last complete year."""
    return _end(key, State.INTERRUPTED, message, of=of)


def died(run: Work, how: str) -> bool:
    """Its process ended without a word: interrupted, or failed once that has happened too often.

    A run that was asked to stop has what it was asked for.
    """
    of = type(run)
    if run.state == State.CANCELLING:
        return cancelled(run.key, f"Cancelled; {_kept(of)}.", of=of)
    attempts = run.attempts + 1
    change(run.key, (State.RUNNING,), of=of, attempts=attempts)
    if attempts >= MOST_ATTEMPTS:
        return failed(
            run.key,
            f"{how} This happened {attempts} times, so it is not tried again by itself. If memory was short, close "
            "other programs or run one at a time; then resume.",
            of=of,
        )
    return interrupted(run.key, f"{how} {of.KEPT}; resume goes on after them.", of=of)


def queue(key: str, task_id: str, *, expected: Iterable[State] = RESUMABLE, of: type[Work] = Run) -> bool:
    """Wait (again) for a worker."""
    return change(
        key,
        expected,
        of=of,
        state=State.QUEUED,
        task_id=task_id,
        queued=timezone.now(),
        finished=None,
        message="",
        pid=None,
        worker_pid=None,
    )


def _kept(of: type[Work]) -> str:
    return of.KEPT[0].lower() + of.KEPT[1:]


def _end(key: str, state: State, message: str, *, of: type[Work], **values: Any) -> bool:
    expected = (State.RUNNING, State.CANCELLING)
    ended = {"state": state, "finished": timezone.now(), "message": message, "pid": None, "worker_pid": None}
    return change(key, expected, of=of, **ended, **values)
