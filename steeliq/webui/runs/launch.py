"""Begin runs: the way in for every page that has a scenario to simulate."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from steeliq.paths import data_folder, plain_name, runs_folder
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import parse_scenario, to_toml
from steeliq.webui.runs import life
from steeliq.webui.runs.models import ALIVE, Run, State, Work, kinds
from steeliq.webui.runs.tasks import simulate

LONGEST_NAME = 120

STAGING, VERIFYING = "staging", "verify-"
"""In the data folder, where repetitions lie while they are compared, and how their folders begin."""


def start(scenario: Scenario, *, name: str, dataset: str = "", parent: Run | None = None) -> Run:
    """Put a new run in the queue.

    ``dataset`` is the folder of a dataset, empty for the reference dataset. Whether the scenario's names exist in the
    dataset is checked when the run begins; it then fails with the list of problems.
    """
    key = new_key()
    now = timezone.now()
    name = (name.strip() or scenario.name)[:LONGEST_NAME]
    folder = runs_folder() / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{plain_name(name)[:40]}-{key}"
    with transaction.atomic():
        task = simulate.enqueue(key)
        return Run.objects.create(
            key=key,
            name=name,
            scenario=to_toml(scenario),
            dataset=str(Path(dataset)) if dataset else "",
            folder=str(folder),
            first_year=scenario.period.start,
            last_year=scenario.period.end,
            parent=parent,
            task_id=str(task.id),
            queued=now,
        )


def resume(run: Work) -> bool:
    """Go on with a run that stopped before its end; False if it did not."""
    of = type(run)
    with transaction.atomic():
        task = run.enqueue()
        if run.state == State.FAILED:
            life.change(run.key, (State.FAILED,), of=of, attempts=0)
        queued = life.queue(run.key, task, of=of)
        if not queued:
            transaction.set_rollback(True)
    return queued


def rerun(run: Run) -> Run:
    """The same scenario on the same data once more, as a new run."""
    return start(scenario_of(run), name=run.name, dataset=run.dataset, parent=run)


def verify(run: Run) -> bool:
    """Put the repetition of a finished run in the queue; False if the run is not finished or is being verified."""
    earlier = Run.every.filter(verifies=run)
    with transaction.atomic():
        if not run.is_done or run.binned is not None or earlier.filter(state__in=ALIVE).exists():
            return False
        logs = [one.log for one in earlier]
        earlier.delete()
        key = new_key()
        task = simulate.enqueue(key)
        Run.every.create(
            key=key,
            name=f"Verification of {run.name}"[:LONGEST_NAME],
            scenario=run.scenario,
            dataset=run.dataset,
            folder=str(data_folder() / STAGING / f"{VERIFYING}{key}"),
            first_year=run.first_year,
            last_year=run.last_year,
            verifies=run,
            task_id=str(task.id),
            queued=timezone.now(),
        )
    for log in logs:
        with suppress(OSError):
            log.unlink()
    return True


def scenario_of(run: Run) -> Scenario:
    """The scenario of a run; ScenarioError if a later version of steeliq no longer knows a setting."""
    return parse_scenario(run.scenario, f"scenario of {run.name}")


def new_key() -> str:
    """A short name for addresses that no other run has."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    while True:
        key = "".join(secrets.choice(alphabet) for _ in range(8))
        if not any(kind.every.filter(key=key).exists() for kind in kinds()):
            return key


def short_name(run: Work) -> str:
    """The run's name as part of a file name."""
    return f"{plain_name(run.name)}-{run.key}"
