"""The examination finds what is planted, says what to do, and goes on when a part of it or of the program breaks."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import psutil
import pytest

from steeliq.desktop.doctor import data, machine, program
from steeliq.desktop.doctor.examination import checks, examine, table, worst
from steeliq.desktop.doctor.findings import Check, Finding, Level, ok, warning
from steeliq.desktop.kit_manifest import write_manifest
from steeliq.places import network_kind, sync_service

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder of its owner only."""
    folder = tmp_path / "data folder ü"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("STEELIQ_HOME", str(folder))
    return folder


def doctor(home: Path, *options: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command as a person starts it; ``path`` holds modules that stand before all others."""
    found = os.pathsep.join(str(one) for one in (path, ROOT) if one)
    return subprocess.run(
        [sys.executable, "-P", "-m", "steeliq", "doctor", *options],
        env=os.environ | {"STEELIQ_HOME": str(home), "PYTHONPATH": found, "PYTHONIOENCODING": "utf-8"},
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip


def make_database(home: Path, *, more: tuple[tuple[str, str], ...] = (), fewer: int = 0) -> Path:
    """A database of this version, of a later one or of an earlier one, with two runs."""
    path = home / "steeliq.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE django_migrations (app TEXT, name TEXT)")
        known = sorted(data.known_migrations())
        rows = [*known[: len(known) - fewer], *more]
        connection.executemany("INSERT INTO django_migrations VALUES (?, ?)", rows)
        connection.execute("CREATE TABLE runs_run (id INTEGER PRIMARY KEY, state TEXT)")
        connection.executemany("INSERT INTO runs_run (state) VALUES (?)", [("done",), ("failed",)])
        connection.commit()
    return path


# the command


def test_a_healthy_machine_has_no_problem_and_programs_can_read_it(home: Path) -> None:
    make_database(home)
    answer = doctor(home, "--json", "--full")
    assert answer.returncode == 0, answer.stdout
    found = json.loads(answer.stdout)
    assert [one["name"] for one in found["checks"]] == [check.name for check in checks()]
    levels = {one["name"]: one["level"] for one in found["checks"]}
    surfaces = {"window", "browser", "errors", "memory", "processor", "processes", "place", "packages", "space"}
    assert {name: level for name, level in levels.items() if level != "ok" and name not in surfaces} == {}
    assert all(one["found"] and (one["level"] == "ok" or one["remedy"]) for one in found["checks"])


def test_a_problem_is_shown_with_its_remedy_and_ends_with_code_1(home: Path) -> None:
    (home / "steeliq.sqlite3").write_bytes(b"no database " * 500)
    answer = doctor(home)
    assert answer.returncode == 1
    text = " ".join(answer.stdout.split())
    assert "problem Database" in text
    assert "-> Close steeliq and put back a copy: 'steeliq backup list'" in text
    assert "1 problem" in answer.stdout.splitlines()[-1]


def test_a_program_without_its_command_line_can_still_be_examined(home: Path, tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise ImportError('typer is gone')")
    answer = doctor(home, "--json", path=tmp_path)
    assert json.loads(answer.stdout)["checks"], answer.stderr
    other = subprocess.run(
        [sys.executable, "-P", "-m", "steeliq", "info"],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert other.returncode == 1
    assert "'steeliq doctor' tells what is missing" in other.stderr


# its frame


def test_a_check_that_breaks_or_hangs_is_told_and_the_others_answer() -> None:
    def breaks() -> Finding:
        raise ZeroDivisionError("by zero")

    never = Event()

    def hangs() -> Finding:
        never.wait()
        return ok("too late")

    results = examine(
        [Check("a", "A", breaks), Check("b", "B", hangs), Check("c", "C", lambda: ok("well"))], patience=2
    )
    never.set()

    broken, hung, well = (result.finding for result in results)
    assert broken.level == hung.level == Level.PROBLEM
    assert "this check itself broke: ZeroDivisionError: by zero" in broken.found
    assert any("in breaks" in line for line in broken.details)
    assert "no answer in 2 s" in hung.found
    assert well == ok("well")
    assert worst(results) == Level.PROBLEM


def test_the_table_shows_the_users_own_lines_and_the_remedy_within_the_width() -> None:
    finding = warning("something " * 20, "Do this.", own=["mine 1", "mine 2", "mine 3", "mine 4"])
    text = table(examine([Check("a", "A thing", lambda: finding)]), width=70)
    assert max(map(len, text.splitlines())) <= 70
    assert "mine 3" in text
    assert "mine 4" not in text
    assert "-> Do this." in text
    assert text.endswith("1 warning in 1 checks. steeliq can be used.")


# the program


def test_a_lock_is_read_for_this_platform() -> None:
    text = (
        "a==1.0 \\\n    --hash=sha256:0\nb==2 ; sys_platform == 'nowhere' \\\nc-d==3 ; python_version >= '3'\n# e==4\n"
    )
    assert program.locked(text) == {"a": "1.0", "c-d": "3"}


def test_packages_that_are_missing_or_of_another_version_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "runtime.lock").write_text("psutil==0.1\n")
    found = program.packages()
    assert found.level == Level.WARNING
    assert "instead of 0.1" in found.found

    (tmp_path / "runtime.lock").write_text("psutil==0.1\nno-such-package-of-ours==1\n")
    found = program.packages()
    assert found.level == Level.PROBLEM
    assert "no-such-package-of-ours 1" in found.found


def test_a_damaged_kit_is_a_problem_and_files_of_ones_own_in_it_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert program.kit(full=False) == ok("not started from a kit")
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    write_manifest(tmp_path, version="1", platform="any")
    assert program.kit(full=True).level == Level.OK

    (tmp_path / "my plan.txt").write_text("x")
    found = program.kit(full=False)
    assert found.level == Level.WARNING
    assert found.own == ("my plan.txt",)
    assert "my plan" not in found.found

    (tmp_path / "a").unlink()
    (tmp_path / "b").write_text("c")
    assert "missing: a" in program.kit(full=False).found
    assert "changed: b" not in program.kit(full=False).found
    assert "changed: b" in program.kit(full=True).found
    assert program.kit(full=True).level == Level.PROBLEM


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "this processor lacks"),
        ("import os; os.abort()", "was ended by SIGABRT"),
        ("raise ImportError('libgone.so.1: cannot open')", "libgone.so.1"),
    ],
)
def test_a_library_that_does_not_load_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    (tmp_path / "numpy.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = program.libraries()
    assert found.level == Level.PROBLEM
    assert told in found.found


# the data


def test_a_data_folder_is_examined_before_and_after_it_is_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data.folder() == ok(f"{home}, for you only")
    home.chmod(0o750)
    found = data.folder()
    assert found.level == Level.WARNING
    assert "750" in found.found
    assert f"chmod 700 '{home}'" in found.remedy
    monkeypatch.setenv("STEELIQ_HOME", str(home / "not" / "yet"))
    assert "will be made" in data.folder().found
    assert not (home / "not").exists()
    (home / "file").write_text("")
    monkeypatch.setenv("STEELIQ_HOME", str(home / "file"))
    assert data.folder().level == Level.PROBLEM


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_folder_that_cannot_be_written_to_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELIQ_HOME", "/proc")
    found = data.folder()
    assert found.level == Level.PROBLEM
    assert "cannot be written to" in found.found
    assert "STEELIQ_HOME" in found.remedy


def test_a_full_disk_is_told_in_figures(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "runs").mkdir()
    (home / "runs" / "a").write_bytes(b"0" * 3_000_000)
    monkeypatch.setattr(data, "TOO_LITTLE_MB", 1e12)
    found = data.space()
    assert found.level == Level.PROBLEM
    assert "your data take 3 MB" in found.found


@pytest.mark.parametrize(
    ("parts", "service"),
    [
        (("Dropbox", "steeliq"), "Dropbox"),
        (("OneDrive - My University", "x"), "OneDrive"),
        (("Nextcloud2", "x"), ""),
        (("plain", "x"), ""),
    ],
)
def test_folders_that_programs_keep_in_step_are_recognised(
    tmp_path: Path, parts: tuple[str, ...], service: str
) -> None:
    assert sync_service(tmp_path.joinpath(*parts)) == service


def test_a_synchronised_place_is_a_warning(home: Path) -> None:
    assert network_kind(home) == ""
    assert data.place().level == Level.OK
    (home / ".stfolder").mkdir()
    found = data.place()
    assert found.level == Level.WARNING
    assert "Syncthing" in found.found


def test_a_sound_database_is_left_as_it_was(home: Path) -> None:
    path = make_database(home)
    before = path.read_bytes()
    found = data.database()
    assert found.level == Level.OK
    assert "1 done, 1 failed" in found.found
    assert "of this version" in found.found
    assert path.read_bytes() == before


def test_databases_of_earlier_and_later_versions_are_told_apart(home: Path) -> None:
    path = make_database(home, fewer=2)
    found = data.database()
    assert found.level == Level.OK
    assert "next start" in found.found
    assert len(found.details) == 2
    path.unlink()
    make_database(home, more=(("runs", "0999_from_the_future"), ("someone_else", "0001_initial")))
    found = data.database()
    assert found.level == Level.PROBLEM
    assert "runs.0999_from_the_future" in found.found
    assert "someone_else" not in found.found


def test_known_changes_of_the_tables_are_those_that_django_knows() -> None:
    from django.db.migrations.loader import MigrationLoader

    assert data.known_migrations() == set(MigrationLoader(None).disk_migrations)


def test_damage_anywhere_in_the_database_is_no_crash(home: Path) -> None:
    path = make_database(home)
    sound, draw, levels = path.read_bytes(), random.Random(5), []
    for _ in range(40):
        hurt = bytearray(sound)
        at = draw.randrange(0, len(hurt) - 512)
        hurt[at : at + 512] = draw.randbytes(512)
        path.write_bytes(hurt[: draw.choice([len(hurt), len(hurt) // 2])])
        levels.append(data.database().level)
    assert levels.count(Level.PROBLEM) >= 20
    path.write_bytes(b"")
    assert data.database().level == Level.OK, "an empty file is a new database to SQLite and to the next start"


def test_a_database_in_use_is_no_damage(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_database(home)
    monkeypatch.setattr(data, "PATIENCE", 0.05)
    with closing(sqlite3.connect(path)) as holder:
        holder.execute("PRAGMA journal_mode=DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        found = data.database()
    assert found.level == Level.WARNING
    assert "in use" in found.found


def test_errors_in_logs_are_counted_and_kept_as_the_users_own(home: Path) -> None:
    assert data.errors().level == Level.OK
    logs = home / "logs"
    logs.mkdir()
    (logs / "app.log").write_text(
        "2026-11-26 10:00:00,000 INFO steeliq.serve begun\n"
        "2026-11-26 10:00:01,000 ERROR steeliq.serve the plan fell over\n"
        'Traceback (most recent call last):\n  File "x.py", line 1, in y\n    z()\nValueError: my plan\n'
        "2026-11-26 10:00:02,000 INFO steeliq.serve ERROR is a word here\n"
        + "".join(
            f"2026-11-26T10:00:03+0000 ERROR 77 [run abcd] steeliq.server: {line}\n"
            for line in ("it went wrong", "Traceback (most recent call last):", '  File "x.py", line 1', "KeyError: 1")
        )
    )  # fmt: skip
    (logs / "old.log").write_text("2020-01-01 10:00:01,000 ERROR steeliq.serve long ago\n")
    os.utime(logs / "old.log", (0, 0))
    found = data.errors()
    assert found.level == Level.WARNING
    assert [line.partition(": ")[2] for line in found.own] == [
        "2026-11-26 10:00:01,000 ERROR steeliq.serve the plan fell over",
        "2026-11-26 10:00:01,000 ERROR steeliq.serve ValueError: my plan",
        "2026-11-26T10:00:03+0000 ERROR 77 [run abcd] steeliq.server: it went wrong",
        "2026-11-26T10:00:03+0000 ERROR 77 [run abcd] steeliq.server: KeyError: 1",
    ]
    assert "plan" not in found.found
    assert found.details == ()


def test_only_the_end_of_a_long_log_is_read(home: Path) -> None:
    path = home / "long.log"
    path.write_text("".join(f"line {number:06d}\n" for number in range(10_000)))
    text = data.tail(path, 1000)
    assert len(text) <= 1000
    assert text.startswith("line 0")
    assert text.endswith("line 009999\n")


# the machine


def test_a_proxy_that_catches_this_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    found = machine.loopback()
    assert found.level == Level.WARNING
    assert "NO_PROXY" in found.remedy
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    assert machine.loopback() == ok("127.0.0.1 answers; the proxy is passed by")
    monkeypatch.delenv("http_proxy")
    assert machine.loopback().level == Level.OK


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[int]:
    """A process that looks like a worker whose parent has ended."""
    note = tmp_path / "pid"
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)", "-m", "steeliq.webui.runs.worker"]
    parent = (
        f"import pathlib, subprocess; pathlib.Path({str(note)!r}).write_text(str(subprocess.Popen({sleeper!r}).pid))"
    )
    subprocess.run([sys.executable, "-c", parent], check=True)
    pid = int(note.read_text())
    yield pid
    psutil.Process(pid).kill()


def test_a_process_left_behind_is_named_with_the_way_to_end_it(orphan: int) -> None:
    end = time.monotonic() + 30  # until the process has become what it will be
    while str(orphan) not in machine.processes().remedy:
        assert time.monotonic() < end, machine.processes().found
        time.sleep(0.1)
    found = machine.processes()
    assert found.level == Level.WARNING
    assert f"process {orphan} (steeliq.webui.runs.worker" in found.found
    assert psutil.pid_exists(orphan), "it is told, not ended"


def test_a_worker_with_its_parent_is_not_left_behind() -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)", "-m", "steeliq.webui.runs.worker"]
    process = subprocess.Popen(sleeper)
    try:
        assert str(process.pid) not in machine.processes().remedy.split()
    finally:
        process.kill()
        process.wait()
