"""What the launcher asks of the server, when that is slow to answer."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from steeliq.desktop import supervisor as supervisors
from steeliq.desktop.supervisor import COOKIE, NONCE, TOKEN, Supervisor
from tests.web.live import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="A PROCESS IS SUSPENDED BY A SIGNAL")


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A server that is up, without workers."""
    monkeypatch.setenv("STEELIQ_HOME", str(tmp_path / "home"))
    for name in (TOKEN, COOKIE, NONCE):  # is as before afterwards
        monkeypatch.setenv(name, "")
    ready = Event()

    def told(said: dict[str, Any]) -> None:
        if "ready" in said:
            ready.set()

    one = Supervisor(told, workers=0)
    running = Thread(target=one.run)
    running.start()
    try:
        assert ready.wait(PATIENCE)
        yield one
    finally:
        one.stop()
        running.join()


def test_an_answer_that_comes_too_late_is_not_taken_for_that_to_another_question(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = supervisor._server.process
    assert server is not None
    monkeypatch.setattr(supervisors, "ANSWER", 0.5)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        assert supervisor.ask("running") is None
        monkeypatch.setattr(supervisors, "ANSWER", PATIENCE)
        answers: list[Any] = []
        asking = Thread(target=lambda: answers.append(supervisor.ask("ticket")))
        asking.start()
    finally:
        os.kill(server.pid, signal.SIGCONT)
    asking.join()
    assert isinstance(answers[0], str)


def test_a_server_that_is_slow_to_answer_is_asked_again_for_the_way_in(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = supervisor._server.process
    assert server is not None
    monkeypatch.setattr(supervisors, "ANSWER", 2.0)
    os.kill(server.pid, signal.SIGSTOP)
    addresses: list[str] = []
    asking = Thread(target=lambda: addresses.append(supervisor.new_address("/runs/")))
    asking.start()
    asking.join(3.0)
    os.kill(server.pid, signal.SIGCONT)
    asking.join()
    assert "/open/?ticket=" in addresses[0]
