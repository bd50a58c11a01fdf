"""``steeliq app``: start everything, show it in a window, stop everything when the window is closed.

The main thread belongs to the window. A thread that lives as long as this process starts and watches the children;
another finds out meanwhile whether a window can open here. Where none can, the system's browser shows the app.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread, Timer
from time import sleep
from typing import Any, Final, NoReturn

from steeliq.desktop.browser import has_display, open_browser
from steeliq.desktop.instance import OPEN, RAISE, TakenError, only_instance
from steeliq.desktop.probe import Probe, probe
from steeliq.desktop.serve import stop_on_signals
from steeliq.desktop.splash import FirstWindow
from steeliq.desktop.supervisor import Supervisor
from steeliq.desktop.window import AppWindow
from steeliq.errors import RunError
from steeliq.logs import keep_log
from steeliq.paths import data_folder

logger = logging.getLogger("steeliq.desktop")

BROWSER: Final = "browser"
FIRST: Final = "Starting"
LONGEST_CLOSE: Final = 25.0
"""Seconds after which a window that does not close is left behind."""


def app(
    *, file: Path | None = None, gui: str = "", workers: int | None = None, announce: Callable[[str], None] = print
) -> int:
    """Run the app until it is closed; the exit code.

    ``file``: a run bundle to offer. ``gui``: a back end of pywebview, or "browser". If steeliq runs already for this
    data folder, it is asked to show itself (and the file), and nothing else happens.
    """
    folder = data_folder()
    request = f"{OPEN}{file.absolute()}" if file else RAISE
    desk = _Desk(folder, workers, announce)
    stop_on_signals(desk.close)
    try:
        with only_instance(folder, desk.heard, request):
            keep_log("launcher")
            return desk.run(gui, file)
    except TakenError as taken:
        if taken.answered:
            announce("steeliq runs already; it was asked to show itself.")
            return 0
        raise RunError(
            f"{folder}: steeliq runs already for this data folder but does not answer; close it (or end its process), "
            "then start again"
        ) from taken


def leave(code: int) -> NoReturn:
    """End this process now, after ``app``: all is written, the children have ended, the place is free.

    The window's library keeps threads that wait up to 20 s for a page to load, also when its window is gone; who closes
    the window while a page loads should not meet a process that lingers.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a program without a console has none on Windows
            with suppress(OSError):  # nobody listens any more
                stream.flush()
    os._exit(code)


class _Desk:
    """Holds supervisor and window together."""

    def __init__(self, folder: Path, workers: int | None, announce: Callable[[str], None]) -> None:
        self._folder, self._announce = folder, announce
        self._supervisor = Supervisor(self._told, workers=workers)
        self._window = AppWindow(folder, self._supervisor)
        self._step = FIRST
        self._has_window = False
        self._over = Event()
        self._failure = ""
        self._offered: Path | None = None
        self._watch = Thread(target=self._supervise, name="supervisor", daemon=True)

    def run(self, gui: str, file: Path | None) -> int:
        """Start the children, show the app, and when it is closed, stop them."""
        self._offered = file
        self._watch.start()
        try:
            if gui == BROWSER:
                self._browse("")
            else:
                self._show(gui)
        finally:
            self._supervisor.stop()
            self._over.wait(20.0)
        if self._failure and not self._has_window:
            raise RunError(self._failure)
        return 1 if self._failure else 0

    def close(self) -> None:
        """End in order, without a question (a signal, the end of the session)."""
        Thread(target=self._window.close, daemon=True).start()
        self._supervisor.stop()
        sure = Timer(LONGEST_CLOSE, os._exit, (1,))  # children end with this process, however it ends
        sure.daemon = True
        sure.start()

    def heard(self, request: str) -> None:
        """Another start asks."""
        page = self._offer(Path(request.removeprefix(OPEN))) if request.startswith(OPEN) else ""
        if self._has_window:
            self._window.raise_up()
            if page:
                self._window.go(page)
        else:
            open_browser(self._supervisor.new_address(page))

    def _offer(self, file: Path) -> str:
        """The page on which the file is offered; empty if the server does not answer."""
        return str(self._supervisor.ask(f"offer {file.absolute()}") or "")

    # The thread that lives as long as this process

    def _supervise(self) -> None:
        try:
            self._supervisor.run()
        except RunError as error:
            self._failure = str(error)
            self._window.fail(self._failure)
        finally:
            self._over.set()
        Event().wait()  # children end with the thread that started them

    def _told(self, said: dict[str, Any]) -> None:
        """From the thread that listens to the server: nothing here may wait for an answer of it."""
        if "step" in said:
            self._step = str(said["step"])
            self._window.step(self._step)
        elif "ready" in said:
            Thread(target=self._ready, daemon=True).start()
        elif "alive" in said:
            self._window.note(int(said["alive"]))
        elif "ended" in said:
            self._window.ended(str(said["ended"]), str(said.get("state", "")))
        elif said.get("close"):
            self.close()

    def _ready(self) -> None:
        if self._offered is not None:
            page, self._offered = self._offer(self._offered), None
            if page:
                self._window.go(page)
        self._window.open_app()

    # The window, or the browser

    def _show(self, gui: str) -> None:
        safe, done = Event(), Event()
        found: list[Probe] = []

        def try_it() -> None:
            found.append(probe(on_application=safe.set))
            done.set()
            safe.set()

        Thread(target=try_it, daemon=True).start()
        if sys.platform == "linux" and find_spec("PySide6") is not None:
            import PySide6.QtWidgets  # noqa: F401 (takes a while, as the trial does)
        while not safe.wait(0.03):
            if self._window.is_closed:  # asked to end before anything could be seen
                return
        first = FirstWindow(self._step) if not done.is_set() else None  # said "application": plain windows are safe
        if first is not None:
            import webview.platforms.qt  # noqa: F401 (takes half a second, while the probe goes on)
        while not done.wait(0.03):
            if first is not None:
                first.step(self._step)
            if self._window.is_closed:
                return
        if not found[0].ok:
            if first is not None:
                first.close()
            self._browse(found[0].reason)
            return
        self._has_window = True
        self._window.show(self._step, gui=gui, shown=first.close if first is not None else lambda: None)

    def _browse(self, reason: str) -> None:
        """Show the app in the system's browser until it is closed there."""
        while not self._supervisor.address and not self._over.is_set():
            sleep(0.05)
        if self._over.is_set():
            return
        if reason:
            logger.warning("no window: %s", reason)
            self._supervisor.tell(f"notice window steeliq shows itself in the browser: {reason}.")
            self._announce(
                f"No window of its own can open here: {reason}. steeliq shows itself in the browser instead."
            )
        self._announce(self._supervisor.new_address())
        if has_display():
            open_browser(self._supervisor.new_address())
        self._announce("Close it by “Quit” in the browser, or by Ctrl-C here.")
        self._over.wait()
