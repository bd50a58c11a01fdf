"""``steeliq serve``: the web app on this machine, for this person's browser, with its workers.

The main thread looks after the workers and notices runs that lost theirs; the server answers in threads of its own.
Whatever ends this process, its children end with it.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from filelock import FileLock, Timeout

from steeliq.errors import RunError
from steeliq.logs import keep_log
from steeliq.paths import LOCK, data_folder
from steeliq.webui.core.names import COOKIE, make_secret_key
from steeliq.webui.core.notices import tell
from steeliq.webui.core.places import check_place

logger = logging.getLogger("steeliq.serve")

LOOPBACK = "127.0.0.1"
THREADS = 8
LOOK = 1.0
"""Seconds between two looks at the workers."""

GRACE = 6.0
"""Seconds that workers have to stop: a simulation's own grace and some to write it down."""

QUICK = 20.0
"""A worker that ends within so many seconds of its start ended quickly."""

MOST_QUICK_ENDS = 3


def default_workers() -> int:
    """Runs at the same time: leave one core for the person and the solver's companion thread."""
    return max(1, min(2, (os.cpu_count() or 1) - 1))


def serve(
    *, port: int = 0, browser: bool = True, workers: int | None = None, announce: Callable[[str], None] = print
) -> int:
    """Serve until interrupted; raises RunError if this data folder is served already or the port is taken."""
    folder = data_folder()
    check_place(folder)
    with _only_server(folder):
        keep_log("server")
        _prepare_environment(folder)
        import django

        django.setup()
        from steeliq.webui.core.database import bring_up_to_date
        from steeliq.webui.runs.recovery import sweep

        bring_up_to_date()

        sweep(at_start=True)
        server = _bound(port)
        stop = _stop_on_signals()
        Thread(target=server.run, name="server", daemon=True).start()
        address = f"http://{LOOPBACK}:{server.effective_port}"
        _invite(address, announce, browser=browser)
        try:
            _look_after([Worker() for _ in range(default_workers() if workers is None else workers)], stop)
        finally:
            server.close()
    return 0


@contextmanager
def _only_server(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise RunError(
            f"{folder}: steeliq is already being served from this data folder; use that one, stop it, or set "
            "STEELIQ_HOME to another folder"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _prepare_environment(folder: Path) -> None:
    """Secrets of this start: in the environment, never in arguments, which everyone on the machine can list."""
    from steeliq.webui.core.security import TOKEN

    make_secret_key(folder)
    os.environ.setdefault(TOKEN, secrets.token_urlsafe(32))
    os.environ.setdefault(COOKIE, f"steeliq_{secrets.token_hex(4)}")
    os.environ.setdefault("STEELIQ_NONCE", secrets.token_hex(8))
    os.environ["DJANGO_SETTINGS_MODULE"] = "steeliq.webui.settings"


def _bound(port: int) -> Any:
    """A server that listens already, so that the address it is announced under is its own."""
    from waitress.server import create_server

    from steeliq.webui.wsgi import application

    try:
        return create_server(
            application,
            host=LOOPBACK,
            port=port,
            threads=THREADS,
            ident="steeliq",
            clear_untrusted_proxy_headers=True,
            max_request_body_size=200_000_000,
        )
    except OSError as error:
        raise RunError(f"port {port}: it cannot be used ({error.strerror}); choose another, or none") from error


def _invite(address: str, announce: Callable[[str], None], *, browser: bool) -> None:
    """Print the one-time address and open it; in a terminal, Enter makes a new one."""
    from steeliq.webui.core.security import OPEN_PATH, issue_ticket

    def new_address() -> str:
        return f"{address}{OPEN_PATH}?ticket={issue_ticket()}"

    announce(f"steeliq runs at {address}/ and lets in one browser, by this address (good once):")
    announce(new_address())
    if sys.stdin is not None and sys.stdin.isatty():
        announce("Press Enter for a new address, Ctrl-C to stop.")
        Thread(target=_on_enter, args=(lambda: announce(new_address()),), daemon=True).start()
    if browser:
        Thread(target=webbrowser.open, args=(new_address(),), daemon=True).start()


def _on_enter(action: Callable[[], None]) -> None:
    with suppress(OSError, ValueError):
        while os.read(0, 4096):
            action()


def _stop_on_signals() -> Event:
    stop = Event()

    def ask(_number: int, _frame: object) -> None:
        stop.set()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), ask)
    return stop


@dataclass
class Worker:
    """One worker process, started again when it ends; after three quick ends in a row it is left alone."""

    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_ends: int = field(default=0)
    resume_at: float = 0.0

    def look(self) -> bool:
        """Start or start again if needed; whether a process ended since the last look."""
        if self.process is not None and self.process.poll() is None:
            return False
        ended = self.process is not None
        if self.process is not None:
            self._note_end(self.process)
        if self.quick_ends < MOST_QUICK_ENDS and monotonic() >= self.resume_at:
            self._start()
        return ended

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        quick = monotonic() - self.started < QUICK
        self.quick_ends = self.quick_ends + 1 if quick else 0
        self.resume_at = monotonic() + (2.0 ** (self.quick_ends - 1) if quick else 0.0)
        logger.warning("a worker ended with code %s", process.returncode)
        if self.quick_ends == MOST_QUICK_ENDS:
            text = (
                "The process that simulates ends as soon as it begins. Stop steeliq, read its log, and start it again."
            )
            logger.error(text)
            tell("workers", text)
        self._close(process)
        self.process = None

    def _start(self) -> None:
        here = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))
        self.started = monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "steeliq.webui.runs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows only
            start_new_session=True,  # Ctrl-C in the terminal is ours to pass on, in order
        )

    def ask_to_stop(self) -> None:
        """Ask in writing: works on every platform."""
        if self.process is not None and self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.write(b"stop\n")
                self.process.stdin.flush()

    def end(self, deadline: float) -> None:
        """Wait until the deadline, then make sure."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._close(self.process)

    @staticmethod
    def _close(process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()


def _look_after(workers: list[Worker], stop: Event) -> None:
    """Keep the workers going and their orphans noticed until asked to stop; then stop them."""
    from django.db import OperationalError, close_old_connections

    from steeliq.webui.runs.recovery import sweep
    from steeliq.webui.upkeep import Upkeep

    upkeep = Upkeep()
    while not stop.is_set():
        for worker in workers:
            worker.look()
        with suppress(OperationalError):  # locked: the next look will do
            sweep()
        upkeep()
        close_old_connections()
        stop.wait(LOOK)
    for worker in workers:
        worker.ask_to_stop()
    deadline = monotonic() + GRACE
    for worker in workers:
        worker.end(deadline)
    with suppress(OperationalError):
        sweep(at_start=True)
