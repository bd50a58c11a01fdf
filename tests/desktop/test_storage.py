"""The storage page: what takes room, what can go, and what goes when a person says so."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from steeliq.simulation.results.provenance import read_run_json, write_run_json
from steeliq.webui.core import backups as rules
from steeliq.webui.core.backups import back_up, backups
from steeliq.webui.runs.models import Run, State
from steeliq.webui.storage.sizes import overview, run_sizes, size_of
from tests.desktop.conftest import NOW, finished_run


def text(client: Client, address: str = "/storage/") -> str:
    """A page that is there."""
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def checkpoint(run: Run, size: int = 50_000) -> Path:
    """A checkpoint of that size in the run's folder."""
    (run.path / "checkpoint").mkdir()
    path = run.path / "checkpoint" / "2030.npz"
    path.write_bytes(os.urandom(size))
    return path


def test_every_byte_of_the_data_folder_is_accounted_for(client: Client, database: Path) -> None:
    run = finished_run(database.parent, "Mine")
    finished_run(database.parent, "Gone", binned=NOW)
    finished_run(database.parent, "Unknown").delete()
    back_up(database, "asked", NOW)
    (database.parent / "logs").mkdir()
    (database.parent / "logs" / "server.log").write_text("x" * 999)
    (database.parent / "datasets" / "own").mkdir(parents=True)
    (database.parent / "datasets" / "own" / "plants.csv").write_text("y" * 77)
    for name, letters in (("scenarios/mine.toml", 55), ("unsaved/form.json", 33), ("searches/one", 22)):
        (database.parent / name).parent.mkdir()
        (database.parent / name).write_text("z" * letters)
    connection.close()
    kinds = overview(run_sizes())
    assert sum(one.size for one in kinds) == size_of(database.parent)
    assert {one.label: one.size for one in kinds}["Runs"] == size_of(run.path)
    assert sum(one.share for one in kinds) == pytest.approx(100)
    page = text(client)
    assert str(database.parent) in page
    assert all(one.label in page for one in kinds)


def test_the_page_is_linked_from_every_page_and_stands_with_nothing_kept(client: Client) -> None:
    assert '<a href="/storage/">' in text(client, "/runs/")
    page = text(client)
    assert "There are no runs yet" in page
    assert page.count("nothing to free") == 4


@pytest.mark.parametrize("way", ["bin", "checkpoints", "logs", "backups"])
def test_looking_deletes_nothing_and_a_post_without_the_token_is_refused(
    client: Client, database: Path, way: str
) -> None:
    run = finished_run(database.parent, "Mine", binned=NOW)
    kept = checkpoint(run)
    text(client, f"/storage/clear/{way}/")
    strict = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(f"/storage/clear/{way}/").status_code == 403
    assert kept.is_file()
    assert client.get("/storage/clear/everything/").status_code == 404


def test_checkpoints_of_complete_runs_go_and_only_those(client: Client, database: Path) -> None:
    home = database.parent
    done, stopped, torn, doubtful = (finished_run(home, name) for name in ("Done", "Stopped", "Torn", "Doubtful"))
    files = [checkpoint(run) for run in (done, stopped, torn, doubtful)]
    Run.objects.filter(key=stopped.key).update(state=State.CANCELLED)
    (torn.path / "run.json").write_text("{")
    write_run_json(doubtful.path, read_run_json(doubtful.path) | {"status": "running"})
    page = text(client, "/storage/clear/checkpoints/")
    assert "Done" in page
    assert "Stopped" not in page
    assert "Torn" not in page
    assert "Doubtful" not in page
    tables = size_of(done.path / "tables")
    client.post("/storage/clear/checkpoints/")
    assert [file.exists() for file in files] == [False, True, True, True]
    assert size_of(done.path / "tables") == tables
    assert read_run_json(done.path)["status"] == "complete"


def test_emptying_the_bin_names_the_runs_backs_up_and_deletes_them(client: Client, database: Path) -> None:
    kept, gone = finished_run(database.parent, "Kept"), finished_run(database.parent, "Gone", binned=NOW)
    page = text(client, "/storage/clear/bin/")
    assert "Gone" in page
    assert "Kept" not in page
    client.post("/storage/clear/bin/")
    assert [run.name for run in Run.objects.all()] == ["Kept"]
    assert kept.path.is_dir()
    assert not gone.path.exists()
    assert [one.reason for one in backups(database)] == ["delete"]


def test_old_logs_go_and_those_in_use_stay(client: Client, database: Path) -> None:
    run = finished_run(database.parent, "Mine")
    logs = database.parent / "logs"
    logs.mkdir()
    stay = {"server.log", "worker.log", f"run-{run.key}.log", ".server.lock"}
    go = {"server.log.1", "worker-2.log.4", "run-gonegone.log", "crash-20260101-000000-000000-server.txt"}
    for name in stay | go:
        (logs / name).write_text("x")
    page = text(client, "/storage/clear/logs/")
    assert all(name in page for name in go)
    assert not any(f">{name}<" in page for name in stay)
    client.post("/storage/clear/logs/")
    assert {path.name for path in logs.iterdir()} == stay


def test_backups_are_thinned_by_the_rule(client: Client, database: Path) -> None:
    newest = back_up(database, "asked", NOW)
    names = [newest.name.replace("20260318-12", f"20240501-{hour:02}") for hour in range(3)]
    for name in names:
        shutil.copy(newest.path, newest.path.with_name(name))
    page = text(client, "/storage/clear/backups/")
    assert set(re.findall(r"steeliq-[\w.-]+\.sqlite3", page)) == set(names[:2])
    client.post("/storage/clear/backups/")
    assert [one.name for one in backups(database)] == [newest.name, names[2]]


def test_a_backup_is_ordered_told_and_called_off(client: Client, database: Path) -> None:
    client.post("/storage/backup/")
    [one] = backups(database)
    page = text(client, f"/storage/restore/{one.name}/")
    assert f"steeliq backup restore {one.name}" in page
    assert "close steeliq and start it again" in page
    assert rules.ordered(database) == ""
    client.post(f"/storage/restore/{one.name}/")
    assert rules.ordered(database) == one.name
    assert "At the next start the backup of" in text(client)
    client.post("/storage/restore/stop/")
    assert rules.ordered(database) == ""
    assert "At the next start the backup of" not in text(client)


@pytest.mark.parametrize("name", ["nothing.sqlite3", "..", "secret-key"])
def test_only_a_backup_can_be_put_back(client: Client, database: Path, name: str) -> None:
    answer = client.post(f"/storage/restore/{name}/")
    assert answer.status_code in {302, 404}
    assert rules.ordered(database) == ""
