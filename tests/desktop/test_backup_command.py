"""``steeliq backup``: create, list, restore."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from filelock import FileLock
from typer.testing import CliRunner

from steeliq.cli import app
from steeliq.errors import RunError
from steeliq.paths import LOCK
from steeliq.webui.core.backups import backups
from steeliq.webui.runs.models import Run
from tests.desktop.conftest import finished_run


def steeliq(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    answer = CliRunner().invoke(app, ["backup", *words], catch_exceptions=False)
    assert answer.exit_code == 0
    return answer.output


def test_a_backup_is_made_listed_and_put_back(database: Path) -> None:
    finished_run(database.parent, "Mine")
    made = Path(steeliq("create").strip())
    assert made.is_file()
    assert "as good as a new one" in steeliq("create")
    Run.objects.update(name="Renamed")
    connection.close()
    assert made.name in steeliq("list")
    told = steeliq("restore", made.name)
    assert Run.objects.get().name == "Mine"
    kept = backups(database)[0]
    assert kept.reason == "restore"
    assert str(kept.path) in told
    connection.close()
    steeliq("restore", "newest")
    assert Run.objects.get().name == "Renamed"


def test_restore_is_refused_while_the_app_runs_and_create_is_not(database: Path) -> None:
    with FileLock(database.parent / LOCK):
        steeliq("create")
        before = database.read_bytes()
        with pytest.raises(RunError, match=r"runs on this data folder; stop it first.*storage page"):
            steeliq("restore", "newest")
    assert database.read_bytes() == before


def test_a_damaged_backup_is_listed_as_such_and_refused(database: Path) -> None:
    made = Path(steeliq("create").strip())
    made.write_bytes(made.read_bytes()[:9000])
    assert "not sound" in steeliq("list")
    with pytest.raises(RunError, match="not sound"):
        steeliq("restore", "newest")


def test_what_is_not_there_is_said(folder: Path) -> None:
    assert "no backup" in steeliq("list")
    with pytest.raises(RunError, match="no database yet"):
        steeliq("create")
    with pytest.raises(RunError, match="backup list"):
        steeliq("restore", "nothing")
