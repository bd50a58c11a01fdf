"""The failure drill: processes are killed at random moments, and nothing may be lost, doubled, changed or left behind.

``python -m tests.desktop.drill KILLS SEED`` prints its figures; ``scripts/drill`` calls it, the tests call ``drill``.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import psutil
import requests

from tests.web.live import Live, launch, read_rows, wait_for
from tests.worlds import write_tiny

LONG = {"first": "2025", "last": "2050"}
MODULES = {"server": "webui.server", "worker": "runs.worker", "simulation": "runs.child"}
ALONE = 5.0
"""Seconds after which no process may be left of a launcher that was killed."""

PATIENCE = 90.0


@dataclass
class Figures:
    """What came of it; all but the first two must be zero."""

    kills: int = 0
    runs: int = 0
    orphans: int = 0
    lost_runs: int = 0
    corrupt_databases: int = 0
    differing_results: int = 0
    failed_starts: int = 0
    stale_runs: int = 0

    @property
    def is_clean(self) -> bool:
        """Nothing went wrong."""
        return not any(value for name, value in asdict(self).items() if name not in {"kills", "runs"})


def drill(home: Path, world: Path, kills: int, seed: int) -> Figures:
    """Kill launcher, server, worker and simulation ``kills`` times while runs go on; then let every run end."""
    draw, figures = random.Random(seed), Figures()
    live = launch(home, "--workers", "1", world=world)
    try:
        whole = live.start(**LONG)
        assert live.ends(whole) == "done"
        expected, keys = tables(home, whole), [whole]
        while figures.kills < kills:
            victims = [*draw.sample(list(MODULES), draw.randint(1, 3)), "launcher"]
            for victim in victims[: kills - figures.kills]:
                keys += _at_work(live, keys)
                time.sleep(draw.uniform(0.0, 0.6))
                live = _kill(live, victim, figures)
                figures.kills += 1
        _finish(live, keys)
        figures.runs = len(keys)
        listed = live.get("/runs/").text
        figures.lost_runs += sum(f"/runs/{key}/" not in listed for key in keys)
        figures.differing_results += sum(tables(home, key) != expected for key in keys)
    finally:
        live.stop()
    return figures


def _at_work(live: Live, keys: list[str]) -> list[str]:
    """See to it that a run goes on: the last one, resumed if need be, or a new one (then its key)."""
    new: list[str] = []
    state = live.state(keys[-1])
    if state in {"interrupted", "failed", "cancelled"}:
        live.post(f"/runs/{keys[-1]}/resume/")
    elif state == "done":
        new = [live.start(**LONG)]
    key = (keys + new)[-1]
    wait_for(lambda: live.state(key) != "queued" and live.children(MODULES["worker"]), "a run is at work", PATIENCE)
    return new


def _kill(live: Live, victim: str, figures: Figures) -> Live:
    """Kill one process; the app as it is afterwards, back at work."""
    if victim != "launcher":
        found = live.children(MODULES[victim])
        for process in found[:1]:
            with suppress(psutil.Error):
                process.kill()
        wait_for(lambda: _is_back(live, found), f"the app is back after its {victim} was killed", PATIENCE)
        return live
    processes = [psutil.Process(live.process.pid), *psutil.Process(live.process.pid).children(recursive=True)]
    live.process.kill()
    live.stop()
    _, left = psutil.wait_procs(processes[1:], timeout=ALONE)
    figures.orphans += sum(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in left)
    figures.corrupt_databases += not _is_sound(live.home / "steeliq.sqlite3")
    try:
        again = launch(live.home, "--workers", "1")
    except AssertionError:
        figures.failed_starts += 1
        again = launch(live.home, "--workers", "1")
    query = "SELECT coalesce(worker_pid, 0) FROM runs_run WHERE state IN ('running', 'cancelling')"
    figures.stale_runs += sum(not psutil.pid_exists(pid) for (pid,) in read_rows(live.home / "steeliq.sqlite3", query))
    return again


def _is_back(live: Live, killed: list[psutil.Process]) -> bool:
    """Server and worker answer, and they are not the ones that were killed."""
    with suppress(requests.RequestException, psutil.Error):
        alive = [live.children(MODULES[name]) for name in ("server", "worker")]
        is_new = not any(one in killed for group in alive for one in group)
        return all(alive) and is_new and live.get("/health/").ok
    return False


def _finish(live: Live, keys: list[str]) -> None:
    """Let every run come to its end."""
    for key in keys:
        while (state := live.ends(key, PATIENCE)) != "done":
            assert state in {"interrupted", "failed", "cancelled"}, state
            live.post(f"/runs/{key}/resume/")
            wait_for(partial(_goes_on, live, key, state), "the run goes on", PATIENCE)


def _goes_on(live: Live, key: str, state: str) -> bool:
    return live.state(key) != state


def tables(home: Path, key: str) -> dict[str, str]:
    """SHA-256 of every result table of a run."""
    [folder] = [path for path in (home / "runs").iterdir() if path.name.endswith(key)]
    files = sorted((folder / "tables").rglob("*.parquet"))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _is_sound(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone() == ("ok",))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        result = drill(Path(folder) / "home", write_tiny(Path(folder) / "tiny"), int(sys.argv[1]), int(sys.argv[2]))
    print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in asdict(result).items()))  # noqa: T201 (its output is for a person or the test that started it)
    sys.exit(not result.is_clean)
