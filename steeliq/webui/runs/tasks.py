"""What a worker does: simulate the run of a key, if it still waits."""

from __future__ import annotations

from time import sleep

from django.db import transaction
from django.tasks import task

from steeliq.webui.runs import conduct, life
from steeliq.webui.runs.admission import shortage
from steeliq.webui.runs.models import Run, State, Work

PAUSE = 1.0
"""Seconds between two looks whether there is memory now."""


@task()
def simulate(key: str) -> str:
    """Wait for memory, take the run if nobody else has, simulate it; the state it ended in."""
    return carry_out(Run, key)


def carry_out(of: type[Work], key: str) -> str:
    """Wait for memory, take the work if nobody else has, have it done; the state it ended in."""
    while not _taken(of, key):
        if conduct.closing.is_set() or not of.every.filter(key=key, state=State.QUEUED).exists():
            return "not taken"
        sleep(PAUSE)
    run = of.every.get(key=key)
    conduct.simulate(run)
    run.refresh_from_db(fields=["state"])
    return run.state


def _taken(of: type[Work], key: str) -> bool:
    """Judge and claim in one transaction, so that two workers cannot both count on the same memory."""
    with transaction.atomic():
        run = of.every.filter(key=key, state=State.QUEUED).first()
        if run is None:
            return False
        reason = shortage(run)
        if reason:
            life.change(key, (State.QUEUED,), of=of, message=reason)
            return False
        return life.claim(key, of=of)
