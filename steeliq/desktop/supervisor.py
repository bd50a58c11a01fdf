"""The processes behind the window: one server, one or two workers; kept going, asked, and stopped in order.

It knows no Django: it starts in no time and holds little memory. Everything about runs is asked of the server.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event, Lock
from time import monotonic
from typing import Any, Final
from urllib.parse import quote

from steeliq.desktop.child import Child
from steeliq.errors import RunError

SERVER: Final = "steeliq.webui.server"
WORKER: Final = "steeliq.webui.runs.worker"
LOOPBACK: Final = "127.0.0.1"
TOKEN, COOKIE, NONCE, PORT = "STEELIQ_TOKEN", "STEELIQ_COOKIE", "STEELIQ_NONCE", "STEELIQ_PORT"
LOOK: Final = 0.5
"""Seconds between two looks at the processes."""

GRACE: Final = 6.0
"""Seconds that workers have to stop: a simulation's own grace and some to write it down."""

SERVER_GRACE: Final = 4.0
ANSWER: Final = 5.0
"""Seconds to wait for an answer of the server."""

TRIES: Final = 4
"""How often it is asked for a way in, without which nobody sees anything: a busy machine may be slow at first."""

WORKERS_FAIL: Final = (
    "The process that simulates ends as soon as it begins. Stop steeliq, read its log, and start it again."
)
RESTARTED: Final = "The part of steeliq that serves pages ended unexpectedly and was started again; nothing was lost."


def way_in(address: str, ticket: str, page: str = "") -> str:
    """The address that lets a browser in, once, and leads it to a page, a path with its query."""
    onwards = f"&next={quote(page, safe='')}" if page else ""
    return f"{address}/open/?ticket={ticket}{onwards}"


def default_workers() -> int:
    """Runs at the same time: leave one core for the person and the solver's companion thread."""
    return max(1, min(2, (os.cpu_count() or 1) - 1))


class Supervisor:
    """``told`` gets what happens, from threads: step, ready (address), alive, ended, failed, and what pages ask for."""

    def __init__(self, told: Callable[[dict[str, Any]], None], *, port: int = 0, workers: int | None = None) -> None:
        self._told = told
        self._server = Child(SERVER, self._heard, {PORT: str(port)})
        self._workers = [Child(WORKER) for _ in range(default_workers() if workers is None else workers)]
        self._stop, self._wake = Event(), Event()
        self._asking, self._answers = Lock(), SimpleQueue[tuple[Any, Any]]()
        self._was_up = False
        self.address = ""
        self.failure = ""
        # Secrets of this start are in the environment, never in arguments, which everyone on the machine can list.
        os.environ[TOKEN] = secrets.token_urlsafe(32)
        os.environ[COOKIE] = f"steeliq_{secrets.token_hex(4)}"
        os.environ[NONCE] = secrets.token_hex(8)

    def run(self) -> None:
        """Keep everything going until ``stop`` or a failure; then end it all in order.

        Raises RunError with the server's reason if it refuses to start. Children are started from the calling
        thread, which must live as long as this process.
        """
        try:
            while not self._stop.is_set() and not self.failure:
                self._look()
                self._wake.wait(LOOK)
                self._wake.clear()
        finally:
            self._end()
        if self.failure:
            raise RunError(self.failure)

    def stop(self) -> None:
        """End everything soon."""
        self._stop.set()
        self._wake.set()

    def _look(self) -> None:
        self._server.look()
        if self._server.is_given_up and not self.failure:
            self.failure = "The part of steeliq that serves pages ends again and again; its log says why."
        if not self.address:
            return  # the database may not be up to date yet
        for worker in self._workers:
            worker.look()
            if worker.is_given_up:
                self._server.say(f"notice workers {WORKERS_FAIL}")

    def _heard(self, said: dict[str, Any]) -> None:
        if "answer" in said:
            self._answers.put((said.get("to"), said["answer"]))
            return
        if "failed" in said:
            self.failure = str(said["failed"])
        elif "ready" in said:
            self.address = f"http://{LOOPBACK}:{said['ready']}"
            self._server.more[PORT] = str(said["ready"])  # pages that are open find it again
            if self._was_up:
                self._server.say(f"notice server {RESTARTED}")
            self._was_up = True
            said = {"ready": self.address}
        self._wake.set()
        self._told(said)

    def ask(self, question: str) -> Any:
        """The server's answer; None if it has none or gives none in time."""
        with self._asking:
            if not self._server.say(question):
                return None
            end = monotonic() + ANSWER
            while True:
                try:
                    to, answer = self._answers.get(timeout=max(0.0, end - monotonic()))
                except Empty:
                    return None
                if to == question.strip():  # else it came too late for an earlier one
                    return answer

    def tell(self, line: str) -> None:
        """Tell the server something that needs no answer."""
        self._server.say(line)

    def new_address(self, page: str = "") -> str:
        """An address that lets one browser in, once; empty if the server does not answer."""
        ticket = next((found for _ in range(TRIES) if (found := self.ask("ticket"))), None)
        if ticket is None:
            return ""
        return way_in(self.address, str(ticket), page)

    def _end(self) -> None:
        for worker in self._workers:
            worker.ask_to_stop()
        deadline = monotonic() + GRACE
        for worker in self._workers:
            worker.end(deadline)
        self._server.ask_to_stop()
        self._server.end(monotonic() + SERVER_GRACE)
