"""Find runs whose worker is gone, and tasks that nobody will ever take, and set them right.

The task tables never notice that a worker was killed: a task of a dead worker counts as running for ever. A run's row
names the worker's process and when that process began; if there is no such process, the run is an orphan.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress

import psutil
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from steeliq.atomic import remove_partial
from steeliq.logs import about_run
from steeliq.webui.runs import life
from steeliq.webui.runs.folders import take_back
from steeliq.webui.runs.models import State, Work, working
from steeliq.webui.runs.processes import birth, is_alive, kill_group
from steeliq.webui.runs.removal import finish_deletions

logger = logging.getLogger(__name__)

ENDS = 5.0
"""Seconds that a killed process may take to be gone."""


def worker_name() -> str:
    """What this process calls itself in the task tables; ``sweep`` reads it back."""
    me = psutil.Process()
    return f"{me.pid}-{birth(me):.2f}"


def sweep(*, at_start: bool = False) -> int:
    """Set right what dead workers left; the number of runs that were. Safe to call at any time from one process."""
    found = finish_deletions() + take_back() if at_start else 0
    for run in working(State.RUNNING, State.CANCELLING):
        if not is_alive(run.worker_pid, run.worker_created):
            found += _orphaned(run, at_start=at_start)
    for run in working(State.QUEUED):
        if _task_is_lost(run):
            found += _queue_again(run)
    return found


def release_own() -> None:
    """Let go of runs that this very worker still seems to have although it is between two tasks."""
    for run in working(State.RUNNING, State.CANCELLING):
        if run.worker_pid == os.getpid():
            life.died(run, "An error in the process that looked after this run ended it; see the log.")


def _orphaned(run: Work, *, at_start: bool) -> bool:
    if run.pid is not None and is_alive(run.pid, run.pid_created):
        with suppress(psutil.Error):
            process = psutil.Process(run.pid)
            kill_group(run.pid)
            process.wait(ENDS)
    remove_partial(run.path)
    with about_run(run.key):
        logger.warning("it lost its worker")
    _close_task(run)
    if at_start and run.state == State.RUNNING:
        why = f"steeliq ended while this was running. {run.KEPT}; resume goes on after them."
        return life.interrupted(run.key, why, of=type(run))
    return life.died(run, "The process that looked after this run ended unexpectedly.")


def _close_task(run: Work) -> None:
    """The task cannot end by itself any more."""
    if run.task_id:
        DBTaskResult.objects.filter(id=run.task_id, status="RUNNING").update(status="FAILED")


def _task_is_lost(run: Work) -> bool:
    task = DBTaskResult.objects.filter(id=run.task_id).first() if run.task_id else None
    if task is None or task.status in {"FAILED", "SUCCESSFUL"}:
        return type(run).every.filter(pk=run.pk, state=State.QUEUED, task_id=run.task_id).exists()
    if task.status != "RUNNING" or not task.worker_ids:
        return False
    pid, _, created = task.worker_ids[-1].partition("-")
    return pid.isdigit() and not is_alive(int(pid), float(created or 0))


def _queue_again(run: Work) -> bool:
    with transaction.atomic():
        _close_task(run)
        return life.change(run.key, (State.QUEUED,), of=type(run), task_id=run.enqueue())
