"""The queue: nothing lost, nothing doubled, memory respected, every change of state guarded."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread, Timer

import pytest
from django.core.management import call_command
from django.db import connection
from django_tasks_db.models import DBTaskResult

from steeliq.simulation.scenario.files import load_scenario
from steeliq.webui.core.database import database_path
from steeliq.webui.runs import conduct, launch, life, worker
from steeliq.webui.runs.admission import expected_peak, shortage
from steeliq.webui.runs.models import RESUMABLE, Run, State
from steeliq.webui.runs.recovery import sweep
from steeliq.webui.runs.showing import lines
from tests.web.live import launch as launch_server
from tests.web.live import read_rows, wait_for

MANY = 200


def row(state: State = State.QUEUED, **values: object) -> Run:
    """A run that exists only as a row."""
    key = launch.new_key()
    given = {
        "key": key,
        "name": key,
        "folder": f"/nowhere/{key}",
        "first_year": 2025,
        "last_year": 2026,
        "state": state,
    }
    return Run.objects.create(**given | values)


def test_many_queued_runs_are_each_done_once_by_two_workers(tmp_path: Path, tiny: Path) -> None:
    live = launch_server(tmp_path / "home", "--workers", "2", world=tiny)
    database = live.home / "steeliq.sqlite3"

    def states() -> dict[str, int]:
        return dict(read_rows(database, "SELECT state, count(*) FROM runs_run GROUP BY state"))

    def all_done() -> bool:
        now = states()
        assert set(now) <= {"queued", "running", "done"}, now
        assert now.get("running", 0) <= 2
        return now == {"done": MANY}

    try:
        form = live.form()
        keys = [live.start(first="2025", last="2025", name=f"run {number}", **form) for number in range(MANY)]
        assert len(set(keys)) == MANY
        wait_for(all_done, f"{MANY} runs are done", 1500)
        for key in keys:
            log = (live.home / "logs" / f"run-{key}.log").read_text()
            assert (log.count("simulating 2025-2025"), log.count("done in")) == (1, 1)
        assert len(list((live.home / "runs").glob("*/run.json"))) == MANY
        tasks = f"SELECT status, count(*) FROM {DBTaskResult._meta.db_table} GROUP BY status"  # noqa: S608 (a table of the library)
        wait_for(lambda: read_rows(database, tasks) == [("SUCCESSFUL", MANY)], "each run had one task")
    finally:
        live.stop()


def test_a_new_run_waits_with_its_task_and_a_place_in_the_queue(home: Path) -> None:
    scenario = load_scenario("reference", ["period.end=2030"])
    runs = [launch.start(scenario, name=f"number {number}") for number in range(3)]
    assert [line.position for line in lines(runs)] == [1, 2, 3]
    assert {run.state for run in runs} == {State.QUEUED}
    assert len({run.task_id for run in runs}) == 3
    assert (runs[0].first_year, runs[0].last_year) == (2025, 2030)
    assert launch.scenario_of(runs[0]) == scenario
    again = launch.rerun(runs[0])
    assert (again.parent, again.scenario, again.folder != runs[0].folder) == (runs[0], runs[0].scenario, True)


WAYS: dict[str, tuple[Callable[[str], bool], dict[State, State]]] = {
    "claim": (life.claim, {State.QUEUED: State.RUNNING}),
    "cancel": (life.ask_to_cancel, {State.QUEUED: State.CANCELLED, State.RUNNING: State.CANCELLING}),
    "done": (
        lambda key: life.done(key, seconds=1.0, peak_mb=1.0),
        {State.RUNNING: State.DONE, State.CANCELLING: State.DONE},
    ),
    "failed": (
        lambda key: life.failed(key, "why"),
        {State.RUNNING: State.FAILED, State.CANCELLING: State.FAILED},
    ),
    "cancelled": (
        lambda key: life.cancelled(key, "why"),
        {State.RUNNING: State.CANCELLED, State.CANCELLING: State.CANCELLED},
    ),
    "interrupted": (
        lambda key: life.interrupted(key, "why"),
        {State.RUNNING: State.INTERRUPTED, State.CANCELLING: State.INTERRUPTED},
    ),
    "queue": (lambda key: life.queue(key, "task"), dict.fromkeys(RESUMABLE, State.QUEUED)),
}  # fmt: skip


@pytest.mark.parametrize(("way", "state"), list(itertools.product(WAYS, State)))
def test_each_change_happens_from_the_right_states_only(home: Path, way: str, state: State) -> None:
    run = row(state)
    act, allowed = WAYS[way]
    assert act(run.key) is (state in allowed)
    assert Run.objects.get(pk=run.pk).state == allowed.get(state, state)


def test_a_run_can_be_claimed_by_one_only(home: Path) -> None:
    run = row()
    assert [life.claim(run.key), life.claim(run.key)] == [True, False]


def test_resuming_twice_queues_once(home: Path) -> None:
    run = row(State.INTERRUPTED)
    assert launch.resume(run)
    assert not launch.resume(run)


def test_a_run_that_needs_more_memory_than_is_free_waits_unless_it_is_alone(home: Path) -> None:
    huge = 1e9
    row(State.DONE, dataset="big", peak_mb=huge)
    next_one = row(dataset="big")
    assert expected_peak(next_one) == huge
    assert shortage(next_one) == ""
    other = row(State.RUNNING, dataset="small")
    assert "Waits for memory" in shortage(next_one)
    assert shortage(row(dataset="small")) == ""
    Run.objects.filter(pk=other.pk).update(state=State.DONE)
    assert shortage(next_one) == ""


def test_memory_that_a_running_run_will_still_take_is_not_given_away(home: Path) -> None:
    row(State.DONE, dataset="big", peak_mb=1e9)
    row(State.RUNNING, dataset="big")
    assert "Waits for memory" in shortage(row(dataset="small"))


def test_runs_of_processes_that_are_gone_are_interrupted(home: Path) -> None:
    gone = row(State.RUNNING, worker_pid=2**22 - 1, worker_created=1.0)
    stopping = row(State.CANCELLING, worker_pid=None)
    assert sweep() == 2
    gone.refresh_from_db()
    stopping.refresh_from_db()
    assert (gone.state, gone.attempts) == (State.INTERRUPTED, 1)
    assert stopping.state == State.CANCELLED
    assert sweep() == 0


def claimed(dataset: str = "") -> Run:
    """A run that this very process has taken."""
    run = launch.start(load_scenario("reference"), name="x", dataset=dataset)
    assert life.claim(run.key)
    run.refresh_from_db()
    return run


def test_a_run_whose_process_cannot_be_started_fails_with_the_reason(home: Path) -> None:
    run = claimed()
    run.log.mkdir(parents=True)  # nothing can be written there
    conduct.simulate(run)
    run.refresh_from_db()
    assert (run.state, run.can_resume) == (State.FAILED, True)
    assert str(run.log) in run.message


def test_a_worker_lets_go_of_a_run_at_once_also_when_nothing_else_waits(home: Path) -> None:
    run = claimed()
    DBTaskResult.objects.all().delete()

    def look() -> None:
        worker.work()
        connection.close()

    looking = Thread(target=look)
    looking.start()
    try:
        wait_for(lambda: Run.objects.get(pk=run.pk).state == State.INTERRUPTED, "nobody looks after it")
    finally:
        conduct.closing.set()
        looking.join()
        conduct.closing.clear()


def test_a_database_that_is_locked_while_a_process_begins_costs_nothing(home: Path) -> None:
    run = claimed(dataset=str(home / "nowhere"))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(database_path(), check_same_thread=False, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = Timer(0.5, other.execute, ("ROLLBACK",))
        release.start()
        conduct.simulate(run)
        release.join()
    connection.close()
    run.refresh_from_db()
    assert (run.state, run.pid) == (State.FAILED, None)
    assert "nowhere" in run.message


def test_a_number_used_again_by_another_process_is_not_taken_for_the_worker(home: Path) -> None:
    run = row()
    assert life.claim(run.key)
    assert sweep() == 0
    Run.objects.filter(pk=run.pk).update(worker_created=1.0)
    assert sweep() == 1


def test_a_waiting_run_whose_task_was_lost_is_queued_again(home: Path) -> None:
    scenario = load_scenario("reference")
    deleted, taken, waiting = (launch.start(scenario, name=name) for name in ("deleted", "taken", "waiting"))
    DBTaskResult.objects.filter(id=deleted.task_id).delete()
    DBTaskResult.objects.filter(id=taken.task_id).update(status="RUNNING", worker_ids=["4194303-1.00"])
    assert sweep() == 2
    for run in (deleted, taken):
        run.refresh_from_db()
        assert DBTaskResult.objects.get(id=run.task_id).status == "READY"
    assert Run.objects.get(pk=waiting.pk).task_id == waiting.task_id


def test_runs_of_the_same_long_name_have_folders_of_their_own(home: Path) -> None:
    scenario = load_scenario("reference")
    runs = [launch.start(scenario, name="x" * 300) for _ in range(3)]
    assert len({run.folder for run in runs}) == 3
    assert all(run.path.parent == home / "runs" for run in runs)


def test_the_migrations_make_the_table_that_the_model_describes(home: Path) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
