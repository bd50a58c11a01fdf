"""The promises of the README: each names tests that exist; those that need a story of their own are told here."""

from __future__ import annotations

import ast
import errno
import hashlib
import os
import random
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import closing, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import psutil
import pytest
import requests
from django.test import Client
from django.utils import timezone
from playwright import sync_api as playwright_sync
from playwright.sync_api import expect, sync_playwright

from steeliq.errors import RunError
from steeliq.simulation.dataset import load
from steeliq.simulation.run import run as simulate
from steeliq.simulation.scenario.files import load_scenario
from steeliq.webui.compare.imports import import_run
from steeliq.webui.core.backups import backups, fault_of
from steeliq.webui.runs import conduct, life
from steeliq.webui.runs.models import ALIVE, Run, State
from steeliq.webui.runs.processes import birth, is_alive
from steeliq.webui.runs.recovery import sweep
from tests.desktop.conftest import finished_run
from tests.desktop.drill import LONG, MODULES, tables
from tests.desktop.release_files import FOLDER
from tests.desktop.screen import environment
from tests.desktop.test_places import disk
from tests.web.conftest import tiny  # noqa: F401 (a fixture)
from tests.web.live import ARGUMENTS, CHROMIUM, ROOT, Live, chromium, launch, logged_in, read_rows, wait_for

ROW = re.compile(r"^\| (P\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"\[`(test_\w+)`\]\((tests/[\w/]+\.py)\)")
CANCELS = 16
COPIES = 5


def promises() -> dict[str, list[tuple[str, str]]]:
    """For each promise of the README the names and files of the tests behind it."""
    readme = (ROOT / "README.md").read_text("utf-8")
    return {number: TEST.findall(tests) for number, _, tests in ROW.findall(readme)}


def test_every_promise_of_the_readme_names_tests_that_exist() -> None:
    found = promises()
    assert list(found) == [f"P{number}" for number in range(1, 18)]
    for number, tests in found.items():
        assert tests, f"{number} names no test"
        for name, file in tests:
            tree = ast.parse((ROOT / file).read_text("utf-8"))
            names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert name in names, f"{number}: {file} has no test {name}"


# P2: it opens where you were


def test_what_was_typed_a_second_ago_is_back_after_server_and_browser_were_killed(
    tmp_path: Path,
    tiny: Path,  # noqa: F811 (the imported fixture)
) -> None:
    live = launch(tmp_path / "home", "--workers", "0", world=tiny)
    address, unsaved = "/scenarios/new/?base=preset%3Anet-zero-2050", tmp_path / "home" / "unsaved"
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = engine.new_page(base_url=live.address)
        page.context.add_cookies(
            [{"name": str(one.name), "value": str(one.value), "url": live.address} for one in live.session.cookies]
        )
        page.goto(address)
        page.get_by_label("Name", exact=True).fill("")
        page.get_by_label("Name", exact=True).press_sequentially("Typed and not left")
        page.get_by_label("Economic life").focus()
        page.keyboard.press("End")
        page.keyboard.type("1")  # this field is not left
        wait_for(lambda: any('["201"]' in one.read_text("utf-8") for one in unsaved.glob("*.json")), "it is kept")
        family = [live.process.pid, *(one.pid for one in psutil.Process(live.process.pid).children(recursive=True))]
        browsers = [one.pid for one in psutil.Process().children(recursive=True) if "chrom" in one.name()]
        assert browsers
        for pid in (*family, *browsers):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        live.stop()
        with suppress(playwright_sync.Error):
            engine.close()
        again = launch(tmp_path / "home", "--workers", "0")
        try:
            with chromium(playwright) as browser, logged_in(browser, again) as watched:
                page = watched.page
                page.goto(address)
                expect(page.locator("#unsaved")).to_contain_text("You have unsaved changes")
                page.get_by_role("link", name="Take them up").click()
                expect(page.get_by_label("Name", exact=True)).to_have_value("Typed and not left")
                expect(page.get_by_label("Economic life")).to_have_value("201")
                expect(page.locator("#status")).to_contain_text("1 problem")
                page.get_by_role("button", name="Throw them away").click()
                expect(page.locator("#unsaved")).to_have_count(0)
                assert not list(unsaved.iterdir())
        finally:
            again.stop()


# P3: nothing stays "running"


@pytest.mark.parametrize("state", list(State))
def test_in_whatever_state_a_run_loses_its_worker_it_does_not_stay_there(database: Path, state: State) -> None:
    run = finished_run(database.parent, "Mine")
    Run.objects.update(state=state, worker_pid=2**22 - 1, worker_created=1.0, pid=2**22 - 2, pid_created=1.0)
    document = run.path / "run.json"
    document.write_text(document.read_text("utf-8").replace('"complete"', '"running"'), "utf-8")
    sweep(at_start=True)
    run.refresh_from_db()
    expected = {State.RUNNING: State.INTERRUPTED, State.CANCELLING: State.CANCELLED}
    assert run.state == expected.get(state, state)
    assert run.state not in ALIVE or run.task_id, "what waits has a task that a worker will take"


# P4: a backup before anything risky


def test_a_bundle_is_taken_in_after_a_backup_or_not_at_all(client: Client, database: Path) -> None:
    finished_run(database.parent, "Mine")
    bundle = FOLDER / "0.1.0" / "run.steeliq"
    (database.parent / "backups").write_text("a file where a folder should be")
    with pytest.raises(RunError, match="could not be backed up"):
        import_run(bundle)
    assert Run.objects.count() == 1
    assert len(list((database.parent / "runs").iterdir())) == 1
    (database.parent / "backups").unlink()
    import_run(bundle)
    [one] = backups(database)
    assert one.reason == "import"
    assert fault_of(one.path) == ""
    with closing(sqlite3.connect(one.path)) as kept:
        assert kept.execute("SELECT name FROM runs_run").fetchall() == [("Mine",)]


# P9: a full disk


def test_a_disk_that_fills_up_during_a_run_costs_nothing_once_there_is_room(
    tmp_path: Path,
    tiny: Path,  # noqa: F811 (the imported fixture)
) -> None:
    scenario, world = load_scenario("reference", ["period.end=2027"]), load(tiny)
    simulate(scenario, world, tmp_path / "whole")
    whole = contents(tmp_path / "whole")
    size = sum(path.stat().st_size for path in (tmp_path / "whole").rglob("*") if path.is_file())
    failed = 0
    for part in range(1, 9):
        with disk(tmp_path / "disk", f"{size * part // 8 // 1024}k") as place:
            try:
                simulate(scenario, world, place / "run")
            except OSError as error:
                failed += 1
                assert error.errno == errno.ENOSPC  # noqa: PT017 (some disks are large enough)
                assert not list(place.rglob("*.partial"))
                before = contents(place / "run")
                assert before.items() <= whole.items(), "what is there is whole"
                subprocess.run(["mount", "-o", "remount,size=100m", str(place)], check=True)
                simulate(scenario, world, place / "run", resume=True)
            assert contents(place / "run") == whole
    assert failed >= 5


def contents(folder: Path) -> dict[str, str]:
    """SHA-256 of each result table."""
    files = sorted((folder / "tables").rglob("*.parquet"))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


# P14: clocks


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0, 5.0])
def test_a_clock_that_jumps_during_a_run_ends_nothing_and_spoils_no_duration(
    database: Path, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    run = finished_run(database.parent, "Mine")
    Run.objects.update(state=State.QUEUED, fraction=0.0)
    me = psutil.Process()
    assert life.claim(run.key)
    life.progress(run.key, pid=me.pid, pid_created=birth(me), seconds=3.0, fraction=0.5)
    real, booted = timezone.now, psutil._psplatform.boot_time  # type: ignore[attr-defined]  # not in its types
    # What the system says after its clock was set: another time of day, hence another time of its own start.
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(seconds=jump))
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: booted() + jump)  # type: ignore[attr-defined]  # not in its types
    run.refresh_from_db()
    assert is_alive(run.worker_pid, run.worker_created)
    assert sweep() == 0
    life.cancelled(run.key, "Cancelled.")
    run.refresh_from_db()
    assert (run.state, run.seconds) == (State.CANCELLED, 3.0)


# P15: cancelling


def test_cancelled_at_any_moment_a_run_leaves_nothing_behind_and_can_go_on(
    tmp_path: Path,
    tiny: Path,  # noqa: F811 (the imported fixture)
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int.from_bytes(os.urandom(4))
    chance = random.Random(seed)
    live = launch(tmp_path / "home", "--workers", "2", world=tiny)
    try:
        whole = live.start(**LONG)
        assert live.ends(whole) == "done"
        form, keys = live.form(), [live.start(**LONG), live.start(**LONG)]
        took: list[float] = []
        while len(took) < CANCELS:
            time.sleep(chance.uniform(0.0, 1.8))
            began = {}
            for key in keys:
                began[key] = time.monotonic()
                live.post(f"/runs/{key}/cancel/", **form)
            for key in keys:
                end = wait_for(partial(ended, live, key), "its end")
                took.append(time.monotonic() - began[key])
                assert end == "cancelled" or tables(live.home, key) == tables(live.home, whole)
            assert live.children(MODULES["simulation"]) == [], "no process is left"
            assert not list((live.home / "runs").rglob("*.partial")), "no file is half-written"
            keys = [live.start(**LONG) if state_of(live, key) == "done" else resumed(live, key, form) for key in keys]
        assert live.ends(keys[0]) == "done"
        assert tables(live.home, keys[0]) == tables(live.home, whole)
    finally:
        live.stop()
    with capsys.disabled():
        print(f"\nseed {seed}: {len(took)} cancels, median {statistics.median(took):.2f} s, longest {max(took):.2f} s")  # noqa: T201 (its output is for a person or the test that started it)


def ended(live: Live, key: str) -> str:
    """How the run ended; empty as long as it has not."""
    state = state_of(live, key)
    return state if state in {"cancelled", "done"} else ""


def resumed(live: Live, key: str, form: dict[str, str]) -> str:
    """The same run, which goes on."""
    live.post(f"/runs/{key}/resume/", **form)
    return key


def state_of(live: Live, key: str) -> str:
    """The state in the database."""
    [(state,)] = read_rows(live.home / "steeliq.sqlite3", "SELECT state FROM runs_run WHERE key = ?", key)
    return str(state)


def test_what_cancelling_may_take_adds_up_to_less_than_two_seconds() -> None:
    # Until the request is seen, until the process is found too slow, until its end is seen.
    assert (conduct.LOOK + conduct.TICK) + (conduct.GRACE + conduct.LOOK + conduct.TICK) + conduct.TICK < 2.0


# P16: many copies


def test_of_five_copies_started_at_once_one_stays_and_the_data_are_sound(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-P", "-m", "steeliq", "app", "--gui", "browser", "--workers", "1"]
    copies = [
        subprocess.Popen(
            command, env=environment(home, ""), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(COPIES)
    ]
    try:
        wait_for(lambda: sum(one.poll() is not None for one in copies) == COPIES - 1, "all but one give way")
        others = [one for one in copies if one.poll() is not None]
        for one in others:
            told = one.communicate()[0]
            assert one.returncode == 0, told
            assert "it was asked to show itself" in told
        [owner] = [one for one in copies if one not in others]
        assert owner.stdout
        entrance = next(line.strip() for line in owner.stdout if "/open/?ticket=" in line)
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(entrance, timeout=60).status_code == 200
        assert len(psutil.Process(owner.pid).children()) == 2, "one server, one worker"
    finally:
        ends = []
        for one in copies:
            if one.poll() is None:
                one.terminate()
                one.communicate()
                ends.append(one.returncode)
    assert ends == [0]
    assert fault_of(home / "steeliq.sqlite3") == ""
