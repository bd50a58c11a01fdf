"""``steeliq serve``: the app without a window, for this person's browser."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any

from steeliq.desktop.browser import open_browser
from steeliq.desktop.instance import TakenError, only_instance
from steeliq.desktop.supervisor import Supervisor
from steeliq.errors import RunError
from steeliq.logs import keep_log
from steeliq.paths import data_folder


def serve(
    *, port: int = 0, browser: bool = True, workers: int | None = None, announce: Callable[[str], None] = print
) -> int:
    """Serve until interrupted; raises RunError if this data folder is served already or the port is taken."""
    folder = data_folder()

    def told(said: dict[str, Any]) -> None:
        if "ready" in said:
            # Not from the thread that listens to the server: the invitation waits for an answer of it.
            Thread(target=invite, daemon=True).start()
        elif said.get("close"):
            supervisor.stop()

    def invite() -> None:
        announce(f"steeliq runs at {supervisor.address}/ and lets in one browser, by this address (good once):")
        announce(supervisor.new_address())
        if sys.stdin is not None and sys.stdin.isatty():
            announce("Press Enter for a new address, Ctrl-C to stop.")
            Thread(target=_on_enter, args=(lambda: announce(supervisor.new_address()),), daemon=True).start()
        if browser:
            open_browser(supervisor.new_address())

    def heard(_request: str) -> None:
        open_browser(supervisor.new_address())

    supervisor = Supervisor(told, port=port, workers=workers)
    stop_on_signals(supervisor.stop)
    if hasattr(signal, "SIGTTIN"):  # in the background (&) to wait for Enter would suspend all of it
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    try:
        with only_instance(folder, heard, ask=None):
            keep_log("launcher")
            supervisor.run()
    except TakenError as error:
        raise RunError(
            f"{folder}: steeliq is already being served from this data folder; use that one, stop it, or set "
            "STEELIQ_HOME to another folder"
        ) from error
    return 0


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Take Ctrl-C, a request to end and a closed terminal or session as the wish to stop in order.

    ``stop`` is called from a thread: a signal interrupts the main thread anywhere, also where it holds the very lock
    that ``stop`` takes.
    """

    def heard(_number: int, _frame: object) -> None:
        Thread(target=stop, name="signal", daemon=True).start()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), heard)


def _on_enter(action: Callable[[], None]) -> None:
    with suppress(OSError, ValueError):
        while os.read(0, 4096):
            action()
