"""The database at a start: updates with a way back, later versions refused, journal modes, an ordered backup."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import override_settings

from steeliq.errors import RunError
from steeliq.webui.core import backups as rules
from steeliq.webui.core.backups import back_up, backups, content_of
from steeliq.webui.core.database import bring_up_to_date, set_journal
from steeliq.webui.core.notices import told
from steeliq.webui.runs import migrations
from steeliq.webui.runs.models import Run
from steeliq.webui.runs.recovery import sweep
from tests.desktop.conftest import NOW, finished_run, forget_notices

STEP = "from importlib import import_module\nMigration = import_module('steeliq.webui.runs.migrations.{}').Migration\n"
KNOWN = sorted(file.stem for file in Path(migrations.__file__).parent.glob("[0-9]*.py"))
"""The migrations of this version."""
ADDS = f"""
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("runs", "{KNOWN[-1]}")]
    operations = [migrations.AddField("run", "colour", models.CharField(max_length=9, default="red"))]
"""
FAILS = """
from django.db import migrations
def fail(apps, editor):
    apps.get_model("runs", "Run")._default_manager.update(name="half-way")
    raise LookupError("this update has an error")
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("runs", "9998_colour")]
    operations = [migrations.RunPython(fail)]
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A later version's migrations: one that adds a column."""
    package = tmp_path / "next_version"
    package.mkdir()
    (package / "__init__.py").touch()
    for name in KNOWN:
        (package / f"{name}.py").write_text(STEP.format(name))
    (package / "9998_colour.py").write_text(ADDS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for name in [name for name in sys.modules if name.startswith("next_version")]:
        monkeypatch.delitem(sys.modules, name)
    return package


def content(path: Path) -> str:
    connection.close()
    with closing(sqlite3.connect(path)) as opened:
        return content_of(opened)


def columns(path: Path) -> list[str]:
    connection.close()
    with closing(sqlite3.connect(path)) as opened:
        return [row[1] for row in opened.execute("PRAGMA table_info(runs_run)")]


# Updates


def test_an_update_keeps_the_runs_and_a_backup_from_before(database: Path, next_version: Path) -> None:
    run = finished_run(database.parent, "Mine", notes="typed")
    before = content(database)
    with override_settings(MIGRATION_MODULES={"runs": "next_version"}):
        bring_up_to_date(NOW)
    assert "colour" in columns(database)
    assert Run.objects.get(key=run.key).notes == "typed"
    [one] = backups(database)
    assert one.reason == "update"
    assert content(one.path) == before


def test_an_update_that_fails_leaves_the_database_as_it_was(database: Path, next_version: Path) -> None:
    (next_version / "9999_fails.py").write_text(FAILS)
    finished_run(database.parent, "Mine", notes="typed")
    before = content(database)
    with (
        override_settings(MIGRATION_MODULES={"runs": "next_version"}),
        pytest.raises(RunError, match=r"could not be brought up to version .*this update has an error") as refusal,
    ):
        bring_up_to_date(NOW)
    assert content(database) == before
    assert str(backups(database)[0].path) in str(refusal.value)
    bring_up_to_date(NOW)
    assert Run.objects.get().name == "Mine"
    assert told() == []


def test_a_database_of_a_later_version_is_refused_untouched_and_the_way_back_is_named(
    database: Path, next_version: Path
) -> None:
    finished_run(database.parent, "Mine")
    with override_settings(MIGRATION_MODULES={"runs": "next_version"}):
        bring_up_to_date(NOW)
    connection.close()
    before = database.read_bytes()
    with pytest.raises(RunError, match=r"later version.*runs\.9998_colour") as refusal:
        bring_up_to_date(NOW)
    assert backups(database)[0].name in str(refusal.value)
    connection.close()
    assert database.read_bytes() == before
    rules.restore(database, backups(database)[0], NOW)
    bring_up_to_date(NOW)
    assert Run.objects.get().name == "Mine"


def test_a_backup_of_a_later_version_is_passed_over_when_a_damaged_database_is_replaced(
    database: Path, next_version: Path
) -> None:
    finished_run(database.parent, "Mine", notes="typed")
    connection.close()
    back_up(database, "automatic", NOW)
    with override_settings(MIGRATION_MODULES={"runs": "next_version"}):
        bring_up_to_date(NOW)
        connection.close()
        back_up(database, "automatic", NOW.replace(hour=13))
    rules.begin_anew(database)
    database.write_bytes(b"damaged")
    bring_up_to_date(NOW.replace(hour=14))
    assert Run.objects.get().notes == "typed"


# Ordered in the app


def test_an_ordered_backup_is_put_back_once_and_newer_runs_are_taken_in(database: Path) -> None:
    finished_run(database.parent, "Old")
    connection.close()
    one = back_up(database, "asked", NOW)
    finished_run(database.parent, "New")
    connection.close()
    rules.order(database, one.name)
    bring_up_to_date(NOW.replace(hour=13))
    assert [run.name for run in Run.objects.all()] == ["Old"]
    sweep(at_start=True)
    assert {run.name for run in Run.objects.all()} == {"Old", "New"}
    assert any("18 March 2026" in text and "was put back" in text for text in told())
    assert rules.ordered(database) == ""
    forget_notices()
    bring_up_to_date(NOW.replace(hour=14))
    assert told() == []
    assert Run.objects.count() == 2


def test_an_ordered_backup_that_is_gone_is_told_and_the_app_starts(database: Path) -> None:
    one = back_up(database, "asked", NOW)
    rules.order(database, one.name)
    one.path.unlink()
    bring_up_to_date(NOW)
    assert any("was not put back" in text for text in told())
    assert rules.ordered(database) == ""


# Journal


def test_the_database_gets_a_write_ahead_log(database: Path) -> None:
    bring_up_to_date(NOW)
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.skipif(sys.platform == "win32", reason="SQLite's dot-file locking is for Unix")
def test_a_file_system_without_shared_memory_gets_another_mode_which_is_read_back(database: Path) -> None:
    # SQLite's own way of working on such file systems: locks by files, no shared memory.
    # The database was made on a disk that can do more, and then moved.
    address = f"{database.as_uri()}?vfs=unix-dotfile"
    with closing(sqlite3.connect(database)) as opened:
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert set_journal(address) == "delete"
    with closing(sqlite3.connect(address, uri=True)) as opened, opened:
        opened.execute("UPDATE django_migrations SET applied = applied")


def test_a_database_that_another_program_holds_is_told_in_a_sentence_and_left_alone(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr("steeliq.webui.core.database.PATIENCE", 0.1)
        with pytest.raises(RunError, match="another program holds it"):
            bring_up_to_date(NOW)
    bring_up_to_date(NOW)
