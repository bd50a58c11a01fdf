"""What is seen before the first page: a small window on Linux at once, then a page in the window itself."""

from __future__ import annotations

import html
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>steeliq</title>
<style>
 html {{ color-scheme: light dark; height: 100% }}
 body {{ margin: 0; min-height: 100%; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif;
   background: light-dark(#fafafa, #16191d); color: light-dark(#1b1f24, #e8eaed) }}
 main {{ max-width: 34rem; padding: 2rem }} h1 {{ font-size: 2rem; margin: 0 0 .5rem; font-weight: 650 }}
 p {{ margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere }} .quiet {{ opacity: .7 }}
</style><main><h1>{title}</h1><p id="step" role="status">{text}</p><p class="quiet">{note}</p></main></html>"""


def starting_page(step: str) -> str:
    """The page until the first page of the app is there."""
    return PAGE.format(title="steeliq", text=html.escape(step), note="Everything stays on this machine.")


def failure_page(reason: str, log: Path) -> str:
    """The page when the app cannot start or go on: what is wrong and where more is told."""
    note = f"More is told in {log}. Close this window, and start steeliq again when that is done."
    return PAGE.format(title="steeliq cannot go on", text=html.escape(reason), note=html.escape(note))


def step_script(step: str) -> str:
    """A script that shows another step on the starting page."""
    return f"const at = document.getElementById('step'); if (at) at.textContent = {json.dumps(step)};"


class FirstWindow:
    """A plain window of Qt, there long before a page can be; only once ``probe`` says that it is safe."""

    def __init__(self, step: str) -> None:
        from PySide6 import QtCore, QtGui, QtWidgets

        # The engine that draws pages needs this before the application is made.
        QtCore.QCoreApplication.setAttribute(QtCore.Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        app: Any = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["steeliq"])
        self._app = app
        app.setApplicationName("steeliq")
        app.setDesktopFileName("steeliq")
        dark = app.palette().window().color().lightness() < 128
        ground, ink = ("#16191d", "#e8eaed") if dark else ("#fafafa", "#1b1f24")
        self._label: Any = QtWidgets.QLabel()  # Qt's own splash window waits a second for a word of the display
        self._label.setWindowFlags(QtCore.Qt.WindowType.SplashScreen | QtCore.Qt.WindowType.FramelessWindowHint)
        self._label.setWindowTitle("steeliq")
        self._label.setStyleSheet(f"background: {ground}; color: {ink}; padding: 28px; font-size: 15px")
        self._label.setFixedSize(420, 150)
        self._label.move(app.primaryScreen().availableGeometry().center() - self._label.rect().center())
        icon = icon_file()
        if icon:
            app.setWindowIcon(QtGui.QIcon(str(icon)))
        self.step(step)
        self._label.show()
        self._app.processEvents()

    def step(self, text: str) -> None:
        """Show what is going on."""
        self._label.setText(f"<p style='font-size: 26px; font-weight: 600'>steeliq</p><p>{html.escape(text)} …</p>")
        self._app.processEvents()

    def close(self) -> None:
        """The window itself is there."""
        from PySide6.QtCore import QMetaObject, Qt

        # Called from any thread; windows answer to the thread that draws.
        QMetaObject.invokeMethod(self._label, "close", Qt.ConnectionType.QueuedConnection)


def icon_file() -> Path | None:
    """The app's icon."""
    spec = find_spec("steeliq.webui.core")
    folders = spec.submodule_search_locations if spec else None
    path = Path(next(iter(folders))) / "static" / "core" / "icon.svg" if folders else None
    return path if path and path.is_file() else None
