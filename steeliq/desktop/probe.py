"""Can a window open here? A child process finds out: where a window cannot open, Qt ends the process.

Run as ``python -m steeliq.desktop.probe`` it tries, up to a page whose script answers, and says each step. The parent
reads the steps as they come: a plain window is safe once ``application`` was said, pages once ``script`` was.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Thread, Timer
from typing import Final

PATIENCE: Final = 8.0
"""Seconds to wait for a display that accepts and never answers."""

MODULE: Final = "steeliq.desktop.probe"
ANSWER: Final = 42
NEEDED: Final = {
    "linux": ("webview", "qtpy", "PySide6.QtWebEngineCore"),
    "win32": ("webview", "clr"),
    "darwin": ("webview", "WebKit"),
}
TELLING: Final = ("qt.qpa", "cannot open", "Could not", "sandbox", "ImportError", "Error:")


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a window with pages can open, and if not, why, in a sentence."""

    ok: bool
    reason: str = ""


def probe(timeout: float = PATIENCE, on_application: Callable[[], None] | None = None) -> Probe:
    """Try it in a child; ``on_application`` is called as soon as a plain window would be safe."""
    missing = [name for name in NEEDED.get(sys.platform, NEEDED["linux"]) if not _is_installed(name)]
    if missing:
        return Probe(ok=False, reason=f"the packages of the window are not installed ({', '.join(missing)})")
    if sys.platform != "linux":
        return Probe(ok=True)  # the system's own web view; whether it opens shows when it does
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")):
        return Probe(ok=False, reason="there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)")
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    late = Timer(timeout, _kill_group, (child,))
    late.start()
    errors: list[str] = []
    Thread(target=lambda: errors.extend(child.stderr or ()), daemon=True).start()
    said = []
    for line in child.stdout or ():
        said.append(line.split()[0] if line.split() else "")
        if said[-1] == "application" and on_application is not None:
            on_application()
    code = child.wait()
    is_late = not late.is_alive()
    late.cancel()
    if code == 0 and f"script{ANSWER}" in said:
        return Probe(ok=True)
    if is_late:
        return Probe(ok=False, reason=f"the display did not answer within {timeout:.0f} seconds")
    told = next((line.strip() for line in errors if any(word in line for word in TELLING)), "")
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    at = said[-1] if said else "start"
    return Probe(ok=False, reason=f"a window could not be opened ({how} after “{at}”{': ' + told if told else ''})")


def _is_installed(name: str) -> bool:
    with suppress(ModuleNotFoundError):
        return find_spec(name) is not None
    return False


def _kill_group(child: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)  # with the helpers that the engine started


def _say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def _try() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core file, no pop-up about a crash
    from PySide6 import QtCore, QtWidgets

    QtCore.QCoreApplication.setAttribute(QtCore.Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QtWidgets.QApplication(["steeliq"])
    _say("application")
    from PySide6 import QtWebEngineCore

    outcome: list[int] = []

    def end(code: int, text: str) -> None:
        _say(text)
        outcome.append(code)
        app.quit()

    page = QtWebEngineCore.QWebEnginePage(QtWebEngineCore.QWebEngineProfile(app), app)
    page.renderProcessTerminated.connect(lambda status, code: end(4, f"renderer {status.name} {code}"))
    page.loadFinished.connect(
        lambda _ok: page.runJavaScript("6*7", lambda value: end(0 if value == ANSWER else 3, f"script{int(value)}"))
    )
    page.setHtml("<p>steeliq</p>")
    app.exec()
    os._exit(outcome[0] if outcome else 6)  # the engine's tear-down proves nothing and takes time


if __name__ == "__main__":
    _try()
