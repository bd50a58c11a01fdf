"""Backups: made while the database is in use, checked, the same content only once, thinned by the rule, put back."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.errors import RunError
from steeliq.webui.core import backups as rules
from steeliq.webui.core.backups import (
    EVERY,
    MOST,
    UPDATES,
    Backup,
    Keeper,
    back_up,
    backups,
    content_of,
    fault_of,
    find,
    kept,
    restore,
)
from tests.desktop.conftest import NOW
from tests.web.live import ROOT

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A small database in write-ahead mode, open as the app has it open."""
    with closing(sqlite3.connect(tmp_path / "notes.sqlite3", isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
        opened.execute("INSERT INTO notes (text) VALUES ('first')")
        yield opened


def add(notes: sqlite3.Connection, text: str) -> None:
    notes.execute("INSERT INTO notes (text) VALUES (?)", (text,))


def texts(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as opened:
        return [text for (text,) in opened.execute("SELECT text FROM notes ORDER BY id")]


def made(ago: timedelta, *, size: int = 1000, reason: str = "automatic") -> Backup:
    """A backup of some time ago, by its name alone."""
    moment = NOW - ago
    return Backup(Path(f"notes-0.1.0-{moment:%Y%m%d-%H%M%S-%f}-{reason}.sqlite3"), moment, "0.1.0", reason, size)


# Making them


def test_a_backup_holds_everything_even_while_the_database_is_written(
    tmp_path: Path, notes: sqlite3.Connection
) -> None:
    notes.execute("BEGIN IMMEDIATE")
    add(notes, "not committed")
    one = back_up(tmp_path / "notes.sqlite3", "asked", NOW)
    notes.execute("COMMIT")
    assert texts(one.path) == ["first"]
    assert fault_of(one.path) == ""
    assert (one.made, one.reason, one.why) == (NOW, "asked", "asked for")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [one.name], "one file, nothing beside it"


def test_unchanged_content_gives_no_new_backup_and_a_touched_file_is_unchanged(
    tmp_path: Path, notes: sqlite3.Connection
) -> None:
    path = tmp_path / "notes.sqlite3"
    one = back_up(path, "automatic", NOW)
    add(notes, "second")
    notes.execute("DELETE FROM notes WHERE text = 'second'")
    os.utime(path)
    assert back_up(path, "asked", NOW + HOUR) == one
    add(notes, "third")
    assert back_up(path, "asked", NOW + HOUR) != one
    assert len(backups(path)) == 2


def test_a_backup_before_an_update_is_always_its_own(tmp_path: Path, notes: sqlite3.Connection) -> None:
    path = tmp_path / "notes.sqlite3"
    back_up(path, "automatic", NOW)
    assert back_up(path, "update", NOW + HOUR).reason == "update"


def test_a_damaged_database_is_not_backed_up_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite3"
    path.write_bytes(b"SQLite format 3\0" + b"\1" * 4000)
    with pytest.raises(RunError, match="could not be backed up"):
        back_up(path, "asked", NOW)
    assert not list(tmp_path.glob("backups/*"))


def test_what_a_killed_backup_left_is_removed_a_day_later(tmp_path: Path, notes: sqlite3.Connection) -> None:
    path = tmp_path / "notes.sqlite3"
    back_up(path, "asked", NOW)
    left = tmp_path / "backups" / "notes-0.1.0-20260101-000000-000000-automatic.sqlite3.partial-journal"
    left.touch()
    written = datetime.fromtimestamp(left.stat().st_mtime, NOW.tzinfo)
    rules.thin(path, written + HOUR)
    assert left.exists()
    rules.thin(path, written + 2 * DAY)
    assert not left.exists()


# By itself


def test_every_half_hour_if_something_changed(tmp_path: Path, notes: sqlite3.Connection) -> None:
    path = tmp_path / "notes.sqlite3"
    keeper = Keeper(path)
    counts = []
    for minute in range(6 * 60):
        if minute in {100, 101, 200}:
            add(notes, f"at {minute}")
        keeper.look(NOW + minute * MINUTE)
        counts.append(len(backups(path)))
    assert counts[0] == 0, "not while the app starts"
    assert counts[1] == 1
    assert [minute for minute in range(1, 360) if counts[minute] > counts[minute - 1]] == [1, 121, 211]


def test_a_new_start_goes_on_with_the_half_hour(tmp_path: Path, notes: sqlite3.Connection) -> None:
    path = tmp_path / "notes.sqlite3"
    back_up(path, "automatic", NOW)
    add(notes, "second")
    keeper = Keeper(path)
    times = [minute for minute in range(60) if keeper.look(NOW + (10 + minute) * MINUTE)]
    assert times == [20, 50]


@pytest.mark.parametrize("jump", [-400 * DAY, -DAY, DAY, 400 * DAY])
def test_a_clock_that_jumps_neither_stops_backups_nor_makes_many(
    tmp_path: Path, notes: sqlite3.Connection, jump: timedelta
) -> None:
    path = tmp_path / "notes.sqlite3"
    keeper = Keeper(path)
    keeper.look(NOW)
    keeper.look(NOW + 31 * MINUTE)
    before = len(backups(path))
    for minute in range(120):
        add(notes, f"at {minute}")
        keeper.look(NOW + jump + minute * MINUTE)
    assert 3 <= len(backups(path)) - before <= 5


# Thinning


def test_a_year_of_backups_is_thinned_to_a_day_in_full_seven_days_four_weeks_six_months() -> None:
    found: list[Backup] = []
    step = 4 * EVERY
    for number in range(400 * 12):
        found = kept([*found, made(400 * DAY - number * step)], NOW - 400 * DAY + number * step)
    ages = [(NOW - one.made) / DAY for one in found]
    assert sum(age < 1.0 for age in ages) >= 11
    older = [one for one in found if NOW - one.made >= DAY + HOUR]
    assert {one.made.date() for one in older} >= {(NOW - n * DAY).date() for n in range(2, 7)}
    assert len(older) <= 6 + 4 + 6
    assert 120 < max(ages) < 190
    assert len({(one.made.year, one.made.month) for one in found}) == 6


def test_backups_from_before_the_last_updates_stay_whatever_their_age() -> None:
    updates = [made(n * 100 * DAY, reason="update") for n in range(1, UPDATES + 3)]
    found = kept([*updates, *(made(n * HOUR) for n in range(100))], NOW)
    assert [one for one in found if one.reason == "update"] == updates[:UPDATES]


def test_all_backups_together_stay_below_the_limit_and_the_newest_is_kept() -> None:
    big = [made(n * DAY, size=300_000_000) for n in range(7)]
    assert kept(big, NOW) == big[:3]
    assert kept([made(HOUR, size=2 * MOST), made(DAY)], NOW) == [made(HOUR, size=2 * MOST)]


@given(
    hours=st.lists(st.integers(-48, 24 * 500), max_size=60, unique=True),
    size=st.integers(1, MOST // 3),
)
def test_the_rule_keeps_the_newest_keeps_its_limit_and_changes_nothing_when_asked_again(
    hours: list[int], size: int
) -> None:
    found = [made(n * HOUR, size=size) for n in hours]
    result = kept(found, NOW)
    assert sum(one.size for one in result) <= MOST
    assert result[:1] == sorted(found, key=lambda one: one.made, reverse=True)[:1]
    assert kept(result, NOW) == result
    assert set(result) <= set(found)


def test_thinning_deletes_the_files(tmp_path: Path, notes: sqlite3.Connection) -> None:
    path = tmp_path / "notes.sqlite3"
    for number in range(10):
        add(notes, str(number))
        back_up(path, "automatic", NOW - 9 * DAY + number * 4 * HOUR)
    assert len(backups(path)) < 10
    assert rules.superfluous(path, NOW - 9 * DAY + 36 * HOUR) == []


# Putting back


def test_what_is_put_back_is_what_was_backed_up_and_the_present_one_is_kept(
    tmp_path: Path, notes: sqlite3.Connection
) -> None:
    path = tmp_path / "notes.sqlite3"
    old = back_up(path, "asked", NOW)
    add(notes, "second")
    notes.close()
    before = restore(path, old, NOW + HOUR)
    assert before is not None
    assert texts(path) == ["first"]
    assert texts(before) == ["first", "second"]
    restore(path, find(path, before.name), NOW + 2 * HOUR)
    assert texts(path) == ["first", "second"]


def test_a_write_ahead_log_of_the_old_database_does_not_get_into_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite3"
    script = (
        "import sqlite3, os, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "d.execute('PRAGMA journal_mode=WAL')\n"
        "d.execute('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT)')\n"
        "d.execute('INSERT INTO notes (text) VALUES (?)', sys.argv[2:]); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(path), "one"], check=False)
    assert path.with_name("notes.sqlite3-wal").stat().st_size
    one = back_up(path, "asked", NOW)
    assert texts(one.path) == ["one"]
    subprocess.run([sys.executable, "-c", script, str(path), "two"], check=False)
    assert path.with_name("notes.sqlite3-wal").stat().st_size
    rules.put_in_place(path, one)
    assert texts(path) == ["one"]


def test_an_unsound_backup_is_refused_and_nothing_changes(tmp_path: Path, notes: sqlite3.Connection) -> None:
    path = tmp_path / "notes.sqlite3"
    one = back_up(path, "asked", NOW)
    one.path.write_bytes(one.path.read_bytes()[:5000])
    add(notes, "second")
    with pytest.raises(RunError, match="not sound"):
        restore(path, one, NOW)
    assert texts(path) == ["first", "second"]
    with pytest.raises(RunError, match="not sound"):
        rules.order(path, one.name)
    assert rules.ordered(path) == ""


def test_killed_at_any_moment_a_restore_leaves_the_old_database_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite3"
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
        opened.executemany("INSERT INTO notes (text) VALUES (?)", [("one" * 300,)] * 2000)
    back_up(path, "asked", NOW)
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("UPDATE notes SET text = 'two'")
    back_up(path, "asked", NOW + HOUR)
    script = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from steeliq.webui.core.backups import backups, restore; path = Path(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "while True:\n    for one in backups(path)[-2:]: restore(path, one, datetime.now(UTC))"
    )
    allowed = {content(one.path) for one in backups(path)}
    chance = Random(4)
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(chance.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert fault_of(path) == ""
        assert content(path) in allowed
    assert all(fault_of(one.path) == "" for one in backups(path))


def content(path: Path) -> str:
    with closing(sqlite3.connect(path)) as opened:
        return content_of(opened)
