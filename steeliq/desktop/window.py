"""The window: pages of the app, a menu, a place that is remembered, and no close without a word while runs go on.

Scripts in pages answer to the app's own policy, which allows no evaluation of text; what the window asks of a page goes
through ``run_js``, which the engine runs itself, and everything else through the server.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import quote, urlsplit

from steeliq.desktop.menu import menus
from steeliq.desktop.notify import notify, show_folder
from steeliq.desktop.place import LEAST, Place, fitted, on_screen, read_place, write_place
from steeliq.desktop.splash import failure_page, icon_file, starting_page, step_script
from steeliq.desktop.supervisor import Supervisor

logger = logging.getLogger("steeliq.desktop")

TITLE: Final = "steeliq"
GUI: Final = {"linux": "qt", "win32": "edgechromium", "darwin": "cocoa"}
CLOSING: Final = "/shell/closing/"


def closing_page(back: str) -> str:
    """Address of the page that asks before closing; ``back``, a path with its query, is where to stay."""
    return f"{CLOSING}?back={quote(back, safe='')}"


class AppWindow:
    """One window of pywebview; ``show`` must be called on the main thread and returns when the window is closed."""

    def __init__(self, folder: Path, supervisor: Supervisor) -> None:
        self._folder, self._supervisor = folder, supervisor
        self._place: Place = read_place(folder)
        self._window: Any = None
        self._may_close = False
        self.is_closed = False  # asked to close, perhaps before it was opened
        self._is_home = False  # shows a page of the app
        self._wanted = ""  # a page asked for before the server was there
        self._failed = ""

    def show(self, step: str, *, gui: str = "", shown: Callable[[], None] = lambda: None) -> None:
        """Open the window and stay until it is closed; ``shown`` is called when it can be seen."""
        import webview

        webview.settings["ALLOW_DOWNLOADS"] = True
        webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = True
        gui = gui or GUI.get(sys.platform, "qt")
        os.environ["PYWEBVIEW_GUI"] = gui  # before anything is asked of the screens
        if gui == "qt":
            from steeliq.desktop.downloads import mend_downloads

            mend_downloads()
        place = self._place
        screens = [(one.x, one.y, one.width, one.height) for one in webview.screens]
        is_known = on_screen(place, screens)
        width, height = fitted(place, screens)
        self._window = webview.create_window(
            TITLE,
            html=failure_page(self._failed, self._folder / "logs") if self._failed else starting_page(step),
            width=width,
            height=height,
            x=place.x if is_known else None,
            y=place.y if is_known else None,
            min_size=LEAST,
            text_select=True,
            zoomable=True,
            menu=menus(self),
        )
        events = self._window.events
        events.shown += shown
        events.closing += self._closing
        events.loaded += self._loaded
        events.resized += self._resized
        events.moved += self._moved
        if self._supervisor.address:
            events.shown += self._open_soon
        icon = icon_file()
        backend: Any = gui
        if self.is_closed:  # while it was made; from now on closing finds the window
            return
        webview.start(gui=backend, private_mode=True, icon=str(icon) if icon else None)
        write_place(self._folder, place)

    def _open_soon(self) -> None:
        Thread(target=self.open_app, daemon=True).start()

    # What happens elsewhere

    def step(self, text: str) -> None:
        """Show a step of the start."""
        if self._window is not None and not self._is_home:
            self._run(step_script(f"{text} …"))

    def open_app(self) -> None:
        """The server is there (again): show its first page, or the one that was open last."""
        if self._window is None or self._is_home:
            return
        address = self._supervisor.new_address(self._wanted or self._place.page)
        if address:
            self._is_home = True
            self._window.load_url(address)

    def fail(self, reason: str) -> None:
        """Show why the app cannot go on; from now on the window closes without a question."""
        self._failed, self._may_close, self._is_home = reason, True, False
        if self._window is not None:
            self._window.load_html(failure_page(reason, self._folder / "logs"))

    def note(self, alive: int) -> None:
        """Tell in the title how many runs go on."""
        if self._window is not None:
            self._window.set_title(f"{TITLE} · {alive} running" if alive else TITLE)

    def ended(self, name: str, state: str) -> None:
        """A run has ended: tell it outside the window."""
        notify(f"{name}: {state.lower()}", "The run has ended; its results are in steeliq.")

    def raise_up(self) -> None:
        """Come to the front: somebody started steeliq again."""
        if self._window is not None:
            self._window.restore()
            self._window.show()
            if sys.platform == "linux":
                self._in_qt(lambda view: (view.raise_(), view.activateWindow()))

    def close(self) -> None:
        """Close without a question; a window that is not open yet does not open any more."""
        self._may_close = self.is_closed = True
        if self._window is not None:
            self._window.destroy()

    # What the menu does

    def go(self, path: str) -> None:
        """Show a page of the app."""
        if self._window is not None and self._is_home and self._supervisor.address:
            self._window.load_url(self._supervisor.address + path)
        else:
            self._wanted = path

    def back(self) -> None:
        """The page before."""
        self._run("history.back()")

    def reload(self) -> None:
        """The same page anew."""
        self._run("location.reload()")

    def zoom(self, factor: float) -> None:
        """Larger or smaller by a factor; 0: as usual."""
        self._place.zoom = min(3.0, max(0.5, self._place.zoom * factor)) if factor else 1.0
        self._zoom()

    def show_logs(self) -> None:
        """Open the folder of logs in the file manager."""
        show_folder(str(self._folder / "logs"))

    def make_diagnostics(self) -> None:
        """Write the diagnostics file and show its folder."""
        from steeliq.desktop.diagnostics import write_diagnostics

        file = self._folder / "diagnostics" / f"steeliq-diagnostics-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip"
        file.parent.mkdir(exist_ok=True, mode=0o700)
        write_diagnostics(file)
        show_folder(str(file.parent))

    def ask_to_close(self) -> None:
        """Close, after a question if runs go on."""
        running = None if self._failed else self._supervisor.ask("running")
        if not running:
            self.close()
        elif not self._here().startswith(CLOSING):
            self.raise_up()
            self.go(closing_page(self._here()))

    # Events of the window

    def _closing(self) -> bool:
        if not self._may_close:  # asking takes a moment, and this is the thread that draws
            Thread(target=self.ask_to_close, daemon=True).start()
        return self._may_close

    def _loaded(self) -> None:
        here = self._here()
        if here and not here.startswith(("/open/", "/shell/")):
            self._place.page = here
            write_place(self._folder, self._place)  # now: a crash asks nobody
        self._zoom()

    def _here(self) -> str:
        """Path and query of the page that is shown; empty if it is none of the app."""
        with suppress(AttributeError, KeyError):
            parts = urlsplit(self._window.get_current_url() or "")
            if self._supervisor.address.endswith(parts.netloc) and parts.netloc:
                return parts.path + (f"?{parts.query}" if parts.query else "")
        return ""

    def _resized(self, width: int, height: int) -> None:
        self._place.width, self._place.height = int(width), int(height)

    def _moved(self, x: int, y: int) -> None:
        self._place.x, self._place.y = int(x), int(y)

    def _zoom(self) -> None:
        if self._is_home:
            self._run(f"document.documentElement.style.zoom = {self._place.zoom:.3f}")

    def _run(self, script: str) -> None:
        with suppress(AttributeError, KeyError):  # the window is being closed
            self._window.run_js(script)

    def _in_qt(self, do: Callable[[Any], object]) -> None:
        from PySide6.QtCore import QTimer

        view = self._window.native
        QTimer.singleShot(0, view, lambda: do(view))
