"""The bin: thirty days in which a run comes back as it was; then it is deleted, whole and alone."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from steeliq.errors import RunError
from steeliq.webui.core.backups import backups
from steeliq.webui.runs import removal
from steeliq.webui.runs.models import Run, State
from steeliq.webui.runs.removal import IN_BIN, empty_overdue
from steeliq.webui.upkeep import Upkeep
from tests.desktop.conftest import NOW, finished_run


def digest(folder: Path) -> str:
    """SHA-256 of every file with its name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert files
    return hashlib.sha256(
        b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files)
    ).hexdigest()


def test_a_run_in_the_bin_comes_back_with_the_same_files_until_the_thirtieth_day(
    client: Client, database: Path
) -> None:
    run = finished_run(database.parent, "Mine", notes="typed")
    before = digest(run.path)
    client.post(f"/runs/{run.key}/bin/")
    Run.objects.update(binned=NOW)
    assert empty_overdue(NOW + IN_BIN - timedelta(seconds=1)) == []
    client.post(f"/runs/{run.key}/restore/")
    run.refresh_from_db()
    assert (run.binned, run.state, run.notes) == (None, State.DONE, "typed")
    assert digest(run.path) == before


def test_after_thirty_days_a_run_is_deleted_with_its_files_and_nothing_else_is(database: Path) -> None:
    old, young, kept = (finished_run(database.parent, name) for name in ("Old", "Young", "Kept"))
    old.log.parent.mkdir()
    old.log.write_text("log")
    Run.objects.filter(key=old.key).update(binned=NOW)
    Run.objects.filter(key=young.key).update(binned=NOW + timedelta(days=1))
    assert empty_overdue(NOW + IN_BIN) == [old]
    assert {run.name for run in Run.objects.all()} == {"Young", "Kept"}
    assert sorted((database.parent / "runs").iterdir()) == sorted([young.path, kept.path])
    assert not old.log.exists()
    assert not list((database.parent / "staging").iterdir())


def test_the_serving_process_empties_the_bin_by_itself_whatever_the_clock_did(database: Path) -> None:
    run = finished_run(database.parent, "Mine")
    Run.objects.update(binned=NOW)
    upkeep = Upkeep()
    upkeep(NOW + timedelta(days=300 - 365))  # the clock was wrong
    upkeep(NOW + IN_BIN - timedelta(minutes=1))
    assert run.path.is_dir()
    upkeep(NOW + IN_BIN + timedelta(minutes=30))
    assert run.path.is_dir(), "it looks every hour"
    upkeep(NOW + IN_BIN + timedelta(minutes=61))
    assert not run.path.exists()
    assert not Run.objects.exists()


def test_files_that_resist_keep_their_row(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run(database.parent, "Mine", binned=NOW)
    (database.parent / "staging").write_text("a file where a folder should be")
    with pytest.raises(RunError, match="try again"):
        removal.delete(run)
    assert Run.objects.get().binned == NOW
    assert empty_overdue(NOW + 2 * IN_BIN) == []
    assert run.path.is_dir()


def test_a_run_that_was_brought_in_from_elsewhere_keeps_its_files(database: Path, tmp_path: Path) -> None:
    run = finished_run(database.parent, "Mine", binned=NOW)
    elsewhere = tmp_path / "elsewhere"
    run.path.rename(elsewhere)
    Run.objects.update(folder=str(elsewhere))
    run.refresh_from_db()
    removal.delete(run)
    assert (elsewhere / "run.json").is_file()


def test_emptying_the_bin_backs_up_first_and_deletes_nothing_if_that_fails(client: Client, database: Path) -> None:
    run = finished_run(database.parent, "Mine", binned=NOW)
    (database.parent / "backups").write_text("a file where a folder should be")
    client.post("/runs/bin/empty/")
    assert run.path.is_dir()
    (database.parent / "backups").unlink()
    client.post("/runs/bin/empty/")
    assert not run.path.exists()
    assert [one.reason for one in backups(database)] == ["delete"]


def test_the_bin_says_when_a_run_goes(client: Client, database: Path) -> None:
    finished_run(database.parent, "Mine", binned=NOW)
    page = client.get("/runs/bin/").content.decode()
    assert "30 days" in page
    assert "17 April 2026" in page
