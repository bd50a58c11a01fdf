"""A damaged database: the app starts all the same, keeps the damaged file, and no finished run is lost."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from steeliq.errors import RunError
from steeliq.webui.core.backups import back_up, backups, content_of, fault_of
from steeliq.webui.core.database import bring_up_to_date
from steeliq.webui.core.notices import told
from steeliq.webui.runs.models import Run, State
from steeliq.webui.runs.recovery import sweep
from tests.desktop.conftest import NOW, finished_run, forget_notices

LATER = NOW + timedelta(hours=1)


def start() -> None:
    """What the server does with its data at its start."""
    bring_up_to_date(LATER)
    sweep(at_start=True)


def start_or_refusal() -> str:
    """Start; the sentence of a refusal, or empty."""
    try:
        start()
    except RunError as error:
        return str(error)
    return ""


def write(path: Path, content: bytes) -> None:
    """Make this the database."""
    connection.close()
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    path.write_bytes(content)


def check_usable(path: Path, folders: set[str]) -> None:
    """It can be written, its indexes fit, and every finished run has a row that says so."""
    assert Run.objects.update(starred=True) >= len(folders)
    assert {run.folder for run in Run.objects.filter(state=State.DONE)} >= folders
    connection.close()
    with closing(sqlite3.connect(path)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def two_runs(database: Path) -> tuple[Path, set[str]]:
    """A database with a backup, and a run that finished after it."""
    first = finished_run(database.parent, "Old", notes="kept in the backup", tags="a,b")
    for number in range(40):  # so that the table of runs has pages of its own
        Run.objects.create(
            key=f"dead{number}", name=f"Cancelled {number}", scenario="x" * 900, folder=f"/nowhere/{number}",
            state=State.CANCELLED, first_year=2025, last_year=2026,
        )  # fmt: skip
    connection.close()
    back_up(database, "automatic", NOW)
    second = finished_run(database.parent, "New")
    connection.close()
    return database, {first.folder, second.folder}


def offsets(size: int) -> list[int]:
    """Every byte of the header, every page's first, and bytes all over the file."""
    spread = range(0, size, max(1, size // 90))
    return sorted({*range(0, 100, 3), *range(0, size, 4096), *spread} - {size})


def test_a_byte_flipped_anywhere_ends_in_a_usable_database_and_no_finished_run_is_lost(
    two_runs: tuple[Path, set[str]],
) -> None:
    path, folders = two_runs
    sound = path.read_bytes()
    places = offsets(len(sound))
    assert len(places) >= 100
    ends: Counter[str] = Counter()
    for place in places:
        forget_notices()
        flipped = bytearray(sound)
        flipped[place] ^= 0xFF
        write(path, bytes(flipped))
        refusal = start_or_refusal()
        if refusal:  # it looks as if a later version had made it
            assert "later version" in refusal, f"byte {place}: {refusal}"
            assert path.read_bytes() == bytes(flipped)
        else:
            check_usable(path, folders)
        damaged = any("was damaged" in text for text in told())
        ends["refused" if refusal else "replaced" if damaged else "sound"] += 1
    assert ends["replaced"] > 20, ends
    assert ends["refused"] < 5, ends


def test_a_database_cut_anywhere_is_replaced_and_no_finished_run_is_lost(two_runs: tuple[Path, set[str]]) -> None:
    path, folders = two_runs
    sound = path.read_bytes()
    for number in range(24):
        forget_notices()
        write(path, sound[: len(sound) * number // 24])
        start()
        check_usable(path, folders)
        [text] = [text for text in told() if "was damaged" in text]
        assert "put back" in text
        assert Run.objects.get(name="Old").notes == "kept in the backup"
        assert Run.objects.filter(name="New", message__startswith="Found in the runs folder.").exists()


def test_the_damaged_file_is_kept_as_it_was_and_named(two_runs: tuple[Path, set[str]]) -> None:
    path, _ = two_runs
    damaged = path.read_bytes()[:-5000]
    write(path, damaged)
    start()
    [kept] = (path.parent / "damaged").iterdir()
    assert kept.read_bytes() == damaged
    [damage, found] = told()
    assert str(kept) in damage
    assert "18 March 2026" in damage
    assert "1 run is newer than that and in the list again" in found
    assert "New" in found


def test_without_a_sound_backup_a_new_database_lists_the_runs_of_the_folders(two_runs: tuple[Path, set[str]]) -> None:
    path, folders = two_runs
    for one in backups(path):
        one.path.write_bytes(one.path.read_bytes()[:2000])
    write(path, b"no database at all" * 1000)
    start()
    check_usable(path, folders)
    assert Run.objects.count() == 2
    assert any("no sound backup" in text for text in told())


def test_the_newest_sound_backup_is_taken_not_the_newest(two_runs: tuple[Path, set[str]]) -> None:
    path, _ = two_runs
    newest = back_up(path, "automatic", NOW + timedelta(minutes=30))
    newest.path.write_bytes(b"\0" * newest.size)
    write(path, b"")
    start()
    assert Run.objects.filter(notes="kept in the backup").exists()


def test_an_index_that_does_not_fit_counts_as_damage(two_runs: tuple[Path, set[str]]) -> None:
    path, _ = two_runs
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("PRAGMA writable_schema=ON")
        opened.execute("CREATE TABLE other (a)")
        opened.execute("CREATE INDEX wrong ON other (a)")
        opened.execute("INSERT INTO other VALUES (1), (2)")
        opened.execute("UPDATE sqlite_master SET sql = 'CREATE INDEX wrong ON other (a DESC)' WHERE name = 'wrong'")
    start()
    assert any("was damaged" in text for text in told())


def test_a_row_that_steeliq_cannot_have_written_counts_as_damage(two_runs: tuple[Path, set[str]]) -> None:
    path, folders = two_runs
    Run.objects.filter(name="Old").update(state="dome")
    start()
    assert any("'dome'" in text for text in told())
    check_usable(path, folders)


def test_a_sound_database_is_left_alone(two_runs: tuple[Path, set[str]]) -> None:
    path, _ = two_runs
    with closing(sqlite3.connect(path)) as opened:
        before = content_of(opened)
    start()
    connection.close()
    with closing(sqlite3.connect(path)) as opened:
        assert content_of(opened) == before
    assert told() == []
    assert not (path.parent / "damaged").exists()
    assert len(backups(path)) == 1
    assert fault_of(path) == ""
