"""Runs by their own folders: what the table of runs does not know or knows wrongly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.db import connection
from filelock import FileLock

from steeliq.simulation.dataset import load
from steeliq.webui.core.notices import told
from steeliq.webui.runs.folders import take_back
from steeliq.webui.runs.models import Run, State
from tests.desktop.conftest import finished_run, run_folder
from tests.worlds import write_tiny


def test_a_run_without_a_row_gets_one_with_its_key_name_years_and_times(database: Path) -> None:
    made = finished_run(database.parent, "High hydrogen")
    Run.objects.all().delete()
    assert take_back() == 1
    run = Run.objects.get()
    assert (run.key, run.name, run.state, run.folder) == (made.key, "High hydrogen", State.DONE, made.folder)
    assert (run.first_year, run.last_year, run.year, run.fraction) == (2025, 2030, 2030, 1.0)
    assert run.started == run.created
    assert run.finished
    assert take_back() == 0, "once"
    assert told() == [], "nothing was lost, so nothing is told"


def test_a_run_of_the_command_line_keeps_the_name_of_its_scenario(database: Path) -> None:
    run_folder(database.parent, "20260101-120000-reference")
    assert take_back() == 1
    assert Run.objects.get().name == "Example"


@pytest.mark.parametrize(
    ("status", "state"),
    [("cancelled", State.CANCELLED), ("failed", State.FAILED), ("running", State.INTERRUPTED)],
)
def test_a_run_that_did_not_end_well_is_taken_in_as_what_it_is(database: Path, status: str, state: State) -> None:
    run_folder(database.parent, "20260101-120000-mine-abcdefgh", status=status, last_year_done=2027, error="No: no")
    take_back()
    run = Run.objects.get()
    assert (run.state, run.year, run.fraction, run.can_resume) == (state, 2027, 0.5, True)
    assert ("No: no" in run.message) == (status == "failed")


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.INTERRUPTED, State.CANCELLED, State.FAILED])
def test_a_run_whose_years_are_all_on_disk_is_done_whatever_its_row_believes(database: Path, state: State) -> None:
    run = finished_run(database.parent, "Mine")
    Run.objects.update(state=state, fraction=0.3, message="old", notes="kept")
    assert take_back() == 1
    run.refresh_from_db()
    assert (run.state, run.fraction, run.message, run.notes) == (State.DONE, 1.0, "", "kept")
    assert told() == []


def test_a_run_that_another_process_writes_is_left_alone(database: Path) -> None:
    folder = run_folder(database.parent, "20260101-120000-reference", status="running")
    with FileLock(folder / ".lock"):
        assert take_back() == 0
    assert take_back() == 1


def test_a_moved_data_folder_makes_no_second_rows(database: Path) -> None:
    run = finished_run(database.parent, "Mine")
    Run.objects.update(folder=f"/elsewhere/runs/{run.path.name}")
    assert take_back() == 0
    assert Run.objects.count() == 1


def test_folders_that_hold_no_readable_run_are_left_alone(database: Path) -> None:
    runs = database.parent / "runs"
    for name, text in (("empty", None), ("broken", "{"), ("later", '{"format": 99}'), ("other", '{"format": 1}')):
        (runs / name).mkdir(parents=True)
        if text is not None:
            (runs / name / "run.json").write_text(text)
    sound = run_folder(database.parent, "20260101-120000-reference")
    assert take_back() == 1
    assert Run.objects.get().folder == str(sound)
    assert len(list(runs.iterdir())) == 5


def test_the_dataset_of_a_run_is_found_by_its_hash(database: Path) -> None:
    tiny = write_tiny(database.parent / "datasets" / "tiny")
    for name, wanted in (("own", load(tiny).hash), ("reference", load().hash), ("gone", "0" * 64)):
        run_folder(database.parent, f"20260101-120000-{name}-abcdefgh", dataset={"name": "x", "hash": wanted})
        take_back()
    found = {run.name: (run.dataset, "Its dataset is not here" in run.message) for run in Run.objects.all()}
    assert found == {"Own": (str(tiny), False), "Reference": ("", False), "Gone": ("", True)}
    shutil.rmtree(tiny)
    connection.close()
