"""One steeliq for a data folder, whatever else on the machine connects to it, and its end when it is told to."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread

import pytest
from filelock import FileLock

from steeliq.desktop import instance
from steeliq.desktop.instance import CARD, TakenError, only_instance
from steeliq.desktop.serve import stop_on_signals
from steeliq.paths import LOCK


def start_again(folder: Path) -> list[TakenError]:
    """What a second start gets; empty if it waits for ever."""
    ends: list[TakenError] = []

    def start() -> None:
        try:
            with only_instance(folder, lambda _: None):
                pass
        except TakenError as taken:
            ends.append(taken)

    second = Thread(target=start, daemon=True)
    second.start()
    second.join(30.0)
    return ends


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b""], ids=["something else", "nothing"])
def test_a_program_that_calls_and_says_nothing_of_use_keeps_no_later_start_from_being_heard(
    tmp_path: Path, said: bytes
) -> None:
    heard = SimpleQueue[str]()
    with only_instance(tmp_path, heard.put):
        port = json.loads((tmp_path / CARD).read_text("utf-8"))["port"]
        with socket.create_connection((instance.LOOPBACK, port)) as stranger:
            stranger.sendall(said)
            assert stranger.recv(100), "it was asked for the key"
            ends = start_again(tmp_path)
    assert [taken.answered for taken in ends] == [True]
    assert heard.get(timeout=30.0) == instance.RAISE


def test_a_later_start_does_not_wait_for_ever_for_one_that_is_suspended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "PATIENCE", 0.5)
    with FileLock(tmp_path / LOCK), socket.create_server((instance.LOOPBACK, 0)) as suspended:
        card = {"pid": 1, "port": suspended.getsockname()[1], "key": "00"}
        (tmp_path / CARD).write_text(json.dumps(card), "utf-8")
        assert [taken.answered for taken in start_again(tmp_path)] == [False]


@pytest.fixture
def handlers() -> Iterator[None]:
    """What this process does with signals is as before afterwards."""
    names = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.getsignal(name) for name in names}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.usefixtures("handlers")
def test_a_signal_that_comes_while_a_lock_is_held_does_not_wait_for_that_lock() -> None:
    lock, stopped = Lock(), Event()

    def stop() -> None:
        if lock.acquire(timeout=5.0):
            stopped.set()

    stop_on_signals(stop)
    with lock:
        signal.raise_signal(signal.SIGTERM)
    assert stopped.wait(30.0)
