"""Faults that happen on people's machines, done to real processes on purpose."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from steeliq.desktop.child import MOST_QUICK_ENDS, Child
from tests.desktop.drill import LONG, drill, tables
from tests.desktop.screen import environment
from tests.web.conftest import tiny  # noqa: F401 (a fixture)
from tests.web.live import launch, wait_for

KILLS = 50
PAIRS = 20


def test_fifty_kills_at_random_moments_lose_change_and_leave_nothing(
    tmp_path: Path,
    tiny: Path,  # noqa: F811 (the imported fixture)
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int.from_bytes(os.urandom(4))
    figures = drill(tmp_path / "home ü", tiny, KILLS, seed)
    with capsys.disabled():
        print(f"\ndrill with seed {seed}: {figures}")  # noqa: T201 (its output is for a person or the test that started it)
    assert figures.is_clean, f"seed {seed}: {figures}"
    assert figures.kills == KILLS


def gives_way(pair: list[subprocess.Popen[str]]) -> bool:
    return any(one.poll() is not None for one in pair)


def test_of_two_starts_at_once_exactly_one_survives(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "steeliq", "app", "--gui", "browser", "--workers", "0"]
    for turn in range(PAIRS):
        home = tmp_path / f"home-{turn % 3}"
        pair = [
            subprocess.Popen(
                command, env=environment(home, ""), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            for _ in range(2)
        ]
        wait_for(partial(gives_way, pair), "one of two gives way")
        ended = [one for one in pair if one.poll() is not None]
        told = [one.communicate()[0] for one in ended]
        assert len(ended) == 1, told
        assert ended[0].returncode == 0, told
        assert "runs already" in told[0]
        [survivor] = [one for one in pair if one not in ended]
        family = psutil.Process(survivor.pid).children(recursive=True)
        survivor.kill()
        survivor.communicate()
        assert psutil.wait_procs(family, timeout=5)[1] == []


def test_a_killed_server_comes_back_under_its_address_and_says_so(tmp_path: Path) -> None:
    live = launch(tmp_path / "home", "--workers", "1")
    try:
        [server], workers = live.children("webui.server"), live.children("runs.worker")
        server.kill()

        def is_back() -> bool:
            try:
                return "started again" in live.get("/runs/").text
            except requests.ConnectionError:
                return False

        wait_for(is_back, "the server is back and the browser that was let in still is")
        assert live.children("runs.worker") == workers, "the worker has gone on"
    finally:
        live.stop()


def test_a_child_that_dies_at_once_is_left_alone_after_three_times() -> None:
    child = Child("steeliq.there_is_no_such_module")
    ends = 0
    while not child.is_given_up:
        child.resume_at = 0.0  # its pauses are not waited for
        ends += child.look()
        if child.process is not None:
            child.process.wait(20)
    assert ends == MOST_QUICK_ENDS
    child.look()
    assert not child.is_up


def test_a_machine_that_sleeps_during_a_run_wakes_to_the_same_results(tmp_path: Path, tiny: Path) -> None:  # noqa: F811 (the imported fixture)
    live = launch(tmp_path / "home", "--workers", "1", world=tiny)
    try:
        whole = live.start(**LONG)
        assert live.ends(whole) == "done"
        key = live.start(**LONG)
        wait_for(lambda: live.state(key) == "running" and live.children("runs.child"), "the run is at work")
        family = [psutil.Process(live.process.pid), *psutil.Process(live.process.pid).children(recursive=True)]
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for process in family:
                process.send_signal(number)
        assert live.ends(key) == "done"
        assert tables(live.home, key) == tables(live.home, whole)
    finally:
        live.stop()


def test_another_person_on_the_machine_reads_neither_data_nor_pages(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("ONLY ROOT CAN BECOME ANOTHER PERSON")
    tmp_path.chmod(0o755)
    live = launch(tmp_path / "home", "--workers", "0")
    try:
        host = urlsplit(live.address)
        script = (
            "import os, sys, encodings.idna, http.client\n"  # before the change: python's own files may be closed too
            "os.setgid(65534); os.setuid(65534)\n"
            f"try: os.listdir({str(live.home)!r}); sys.exit('the data folder can be read')\n"
            "except PermissionError: pass\n"
            f"page = http.client.HTTPConnection({host.hostname!r}, {host.port})\n"
            "page.request('GET', '/runs/'); code = page.getresponse().status\n"
            "sys.exit(0 if code == 403 else f'a page answers {code}')\n"
        )
        other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert other.returncode == 0, other.stderr
        [token] = [str(cookie.value) for cookie in live.session.cookies if "csrf" not in cookie.name]
        for process in psutil.process_iter(["cmdline"]):
            words = " ".join(process.info["cmdline"] or [])
            assert token not in words, "the way in stands in a command line"
    finally:
        live.stop()
