"""The server as a process: how it starts, refuses, stops, dies, and what it leaves behind."""

from __future__ import annotations

import hashlib
import os
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import requests

from tests.web.live import ROOT, Live, launch, read_rows, wait_for

LONG = {"first": "2025", "last": "2050"}


def serve(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A server that is expected to refuse."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "steeliq", "serve", "--no-browser", *options],
        env=os.environ | {"STEELIQ_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def tables(home: Path, key: str) -> dict[str, str]:
    """The bytes of a run's result tables."""
    folders = [path for path in (home / "runs").iterdir() if path.name.endswith(key)]
    assert len(folders) == 1
    files = sorted((folders[0] / "tables").rglob("*.parquet"))
    assert files
    return {str(file.relative_to(folders[0])): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def running_past(live: Live, key: str, year: int) -> bool:
    """Whether the run is at work on a later year."""
    log = live.get(f"/runs/{key}/log/").text
    return live.state(key) == "running" and f" {year + 1} " in log


def gone(processes: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


def test_help_tells_the_options(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-P", "-m", "steeliq", "serve", "--help"],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert all(option in shown for option in ("--port", "--no-browser", "--workers"))


@pytest.mark.skipif(sys.platform == "win32", reason="NO JOB CONTROL THERE")
def test_in_the_background_of_a_terminal_it_goes_on_and_ends_when_told_to(tmp_path: Path) -> None:
    job = f"{shlex.quote(sys.executable)} -P -m steeliq serve --no-browser --workers 0 & wait"
    terminal = f"import pty; pty.spawn(['sh', '-mc', {job!r}])"
    environment = os.environ | {"STEELIQ_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", terminal], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as shell:
        assert shell.stdout is not None
        invited = next(line for line in shell.stdout if "/open/?ticket=" in line)
        below = psutil.Process(shell.pid).children(recursive=True)
        server = next(one for one in below if one.cmdline()[-5:-3] == ["steeliq", "serve"])
        requests.get(invited.strip(), timeout=60)  # long enough for it to have looked at the terminal
        suspended = server.status() == psutil.STATUS_STOPPED
        server.terminate()
        if suspended:
            server.kill()
        _, alive = psutil.wait_procs([server], 60)
    assert not suspended
    assert alive == []


def test_a_second_server_on_the_same_data_is_refused(live: Live) -> None:
    refused = serve(live.home)
    assert refused.returncode == 2
    assert "already being served" in refused.stderr


def test_a_port_that_is_taken_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = serve(tmp_path / "home", "--port", str(port))
    assert refused.returncode == 2
    assert f"port {port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_stopping_leaves_no_process_and_the_run_interrupted(tmp_path: Path, tiny: Path) -> None:
    live = launch(tmp_path / "home", "--workers", "1", world=tiny)
    key = live.start(**LONG)
    wait_for(lambda: running_past(live, key, 2025), "the run is at work")
    processes = psutil.Process(live.process.pid).children(recursive=True)
    assert len(processes) == 3  # server, worker, simulation
    assert live.stop() == 0
    assert gone(processes)
    again = launch(tmp_path / "home", "--workers", "1")
    try:
        assert again.state(key) == "interrupted"
        assert "resume" in again.get(f"/runs/{key}/live/").text.lower()
    finally:
        again.stop()


def test_a_killed_server_leaves_no_process_and_the_run_resumes_to_the_same_bytes(tmp_path: Path, tiny: Path) -> None:
    live = launch(tmp_path / "home", "--workers", "1", world=tiny)
    key = live.start(**LONG)
    wait_for(lambda: running_past(live, key, 2026), "the run is at work")
    processes = psutil.Process(live.process.pid).children(recursive=True)
    live.process.kill()
    wait_for(lambda: gone(processes), "all children are gone")
    live.stop()

    again = launch(tmp_path / "home", "--workers", "1")
    try:
        assert again.state(key) == "interrupted"
        again.post(f"/runs/{key}/resume/")
        whole = again.start(**LONG)
        assert again.ends(key) == "done"
        assert again.ends(whole) == "done"
        assert "going on with" in again.get(f"/runs/{key}/log/").text
        assert tables(again.home, key) == tables(again.home, whole)
    finally:
        again.stop()


@pytest.fixture(scope="module")
def hardy(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Live]:
    """A server whose workers are going to be killed."""
    server = launch(tmp_path_factory.mktemp("hardy") / "home", "--workers", "1", world=tiny)
    yield server
    server.stop()


def test_a_killed_worker_is_noticed_by_itself_and_its_run_resumes_to_the_same_bytes(hardy: Live) -> None:
    key = hardy.start(**LONG)
    wait_for(lambda: running_past(hardy, key, 2025), "the run is at work")
    worker = hardy.children("runs.worker")[0]
    child = hardy.children("runs.child")[0]
    worker.kill()
    # Nobody looks: the row is read past the app, no page is asked for.
    database, query = hardy.home / "steeliq.sqlite3", "SELECT state FROM runs_run WHERE key = ?"
    wait_for(lambda: read_rows(database, query, key) == [("interrupted",)], "the run is interrupted")
    wait_for(lambda: gone([worker, child]), "the simulating process is gone")
    wait_for(lambda: hardy.children("runs.worker"), "another worker")
    hardy.post(f"/runs/{key}/resume/")
    assert hardy.ends(key) == "done"
    assert "going on with" in hardy.get(f"/runs/{key}/log/").text
    whole = hardy.start(**LONG)
    assert hardy.ends(whole) == "done"
    assert tables(hardy.home, key) == tables(hardy.home, whole)


def test_a_simulation_that_does_not_listen_is_cancelled_all_the_same(hardy: Live) -> None:
    key = hardy.start(**LONG)
    wait_for(lambda: running_past(hardy, key, 2025), "the run is at work")
    child = hardy.children("runs.child")[0]
    child.suspend()
    hardy.post(f"/runs/{key}/cancel/")
    assert hardy.ends(key) == "cancelled"
    wait_for(lambda: gone([child]), "the simulating process is gone")
    hardy.post(f"/runs/{key}/resume/")
    assert hardy.ends(key) == "done"


def test_a_run_that_takes_its_process_down_twice_has_failed_with_the_reason(hardy: Live) -> None:
    key = hardy.start(**LONG)
    for end in ("interrupted", "failed"):
        wait_for(lambda: hardy.state(key) == "running" and hardy.children("runs.child"), "the run is at work")
        hardy.children("runs.child")[0].kill()
        assert hardy.ends(key) == end
        page = hardy.get(f"/runs/{key}/live/").text
        assert f"signal {signal.SIGKILL.value}" in page
        if end == "interrupted":
            hardy.post(f"/runs/{key}/resume/")
    assert "2 times" in page
    hardy.post(f"/runs/{key}/resume/")
    assert hardy.ends(key) == "done"


def test_the_app_outlives_all_that_and_stops_well(hardy: Live) -> None:
    assert hardy.get("/health/").json()["steeliq"]
    assert hardy.stop() == 0


def test_a_database_of_a_later_version_is_refused_untouched(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert launch(home, "--workers", "0").stop() == 0
    with closing(sqlite3.connect(home / "steeliq.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('runs', '0999_later', '2030-01-01')"
        )
    refused = serve(home)
    assert refused.returncode == 2
    assert "later version" in refused.stderr
    assert "runs.0999_later" in refused.stderr
    assert not (home / "backups").exists()


def test_a_damaged_database_is_kept_and_told_and_the_app_starts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "steeliq.sqlite3").write_bytes(b"this is no database at all" * 100)
    live = launch(home, "--workers", "0")
    try:
        page = live.get("/runs/").text
        assert "The database was damaged" in page
        [kept] = (home / "damaged").iterdir()
        assert str(kept) in page
    finally:
        assert live.stop() == 0


def test_a_copy_is_kept_before_the_database_is_changed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert launch(home, "--workers", "0").stop() == 0
    assert not (home / "backups").exists()
    with closing(sqlite3.connect(home / "steeliq.sqlite3")) as database, database:
        database.execute("DELETE FROM django_migrations WHERE app = 'runs'")
        database.execute("DROP TABLE runs_run")
    assert launch(home, "--workers", "0").stop() == 0
    [copy] = (home / "backups").iterdir()
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM django_migrations WHERE app = 'runs'").fetchone() == (0,)


def test_a_locked_database_gives_a_page_and_nothing_is_lost(tmp_path: Path, tiny: Path) -> None:
    live = launch(tmp_path / "home", "--workers", "1", world=tiny)
    try:
        key = live.start(**LONG)
        wait_for(lambda: running_past(live, key, 2025), "the run is at work")
        workers = live.children("runs.worker")
        with closing(sqlite3.connect(live.home / "steeliq.sqlite3", isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")
            assert live.get("/runs/").status_code == 200
            refused = live.post(f"/runs/{key}/star/", starred="1")
            holder.execute("ROLLBACK")
        assert refused.status_code == 503
        assert "could not be written" in refused.text
        assert live.ends(key) == "done"
        assert live.children("runs.worker") == workers
    finally:
        live.stop()
