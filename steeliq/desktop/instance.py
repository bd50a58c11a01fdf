"""One steeliq for each data folder: the first holds a lock and listens; a later start asks it to show itself.

The lock is the system's, so it ends with its holder; the file that stays behind means nothing. Who wants to talk to
the holder needs a key from a file that only the owner can read.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep

from filelock import FileLock, Timeout

from steeliq.errors import RunError
from steeliq.paths import LOCK

logger = logging.getLogger("steeliq.desktop")

CARD = "instance.json"
LOOPBACK = "127.0.0.1"
PATIENCE = 15.0
"""Seconds that a later start waits for the first to listen (it may have begun just now), and then for its answer."""

RAISE = "raise"
OPEN = "open "


class TakenError(Exception):
    """Another steeliq holds this data folder; ``answered`` tells whether it did what it was asked."""

    def __init__(self, *, answered: bool) -> None:
        super().__init__("another steeliq holds this data folder")
        self.answered = answered


@contextmanager
def only_instance(folder: Path, heard: Callable[[str], None], ask: str | None = RAISE) -> Iterator[None]:
    """Hold the data folder; requests of later starts go to ``heard`` from a thread.

    Raises TakenError if another process holds it, after sending that one ``ask`` (if any), and RunError if the folder
    cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = _locked(folder, ask)
    except OSError as error:
        raise RunError(
            f"{folder}: steeliq cannot write here ({(error.strerror or str(error)).lower()}); give yourself access, or "
            "set STEELIQ_HOME to another folder"
        ) from error
    card = folder / CARD
    try:
        key = secrets.token_bytes(32)
        with Listener((LOOPBACK, 0)) as listener:  # callers are asked for the key one by one, see _hear
            _write_card(card, {"pid": os.getpid(), "port": listener.address[1], "key": key.hex()})
            Thread(target=_listen, args=(listener, key, heard), name="instance", daemon=True).start()
            yield
    finally:
        card.unlink(missing_ok=True)
        lock.release()


def _locked(folder: Path, ask: str | None) -> FileLock:
    lock = FileLock(folder / LOCK)
    end = monotonic() + PATIENCE
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if ask is None:
                raise TakenError(answered=False) from None
            if _ask(folder / CARD, ask):
                raise TakenError(answered=True) from None
            if monotonic() > end:
                raise TakenError(answered=False) from None
            sleep(0.2)
        else:
            return lock


def _write_card(path: Path, values: dict[str, int | str]) -> None:
    partial = path.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(values, file)
    partial.replace(path)


def _listen(listener: Listener, key: bytes, heard: Callable[[str], None]) -> None:
    while True:
        try:
            caller = listener.accept()
        except ConnectionError:
            continue  # hung up at once
        except OSError:
            return  # closed
        # Each in a thread of its own: any program may connect and say nothing, or something else.
        Thread(target=_hear, args=(caller, key, heard), name="caller", daemon=True).start()


def _hear(caller: Connection, key: bytes, heard: Callable[[str], None]) -> None:
    """Take the request of somebody who knows the key, who learns that this one knows it too."""
    request = None
    with caller, suppress(AuthenticationError, EOFError, OSError, ValueError):
        deliver_challenge(caller, key)
        answer_challenge(caller, key)
        request = caller.recv_bytes(10_000).decode("utf-8", "replace")
        caller.send_bytes(b"ok")
    if request is not None:
        heard(request)


def _ask(card: Path, request: str) -> bool:
    """Whether the holder heard the request; one that is suspended takes a call but never answers."""
    answers = SimpleQueue[bool]()
    Thread(target=lambda: answers.put(_told(card, request)), daemon=True).start()
    try:
        return answers.get(timeout=PATIENCE)
    except Empty:
        return False


def _told(card: Path, request: str) -> bool:
    with suppress(OSError, ValueError, KeyError, EOFError, AuthenticationError):
        known = json.loads(card.read_text("utf-8"))
        with Client((LOOPBACK, int(known["port"])), authkey=bytes.fromhex(known["key"])) as holder:
            holder.send_bytes(request.encode())
            return holder.recv_bytes(100) == b"ok"
    return False
