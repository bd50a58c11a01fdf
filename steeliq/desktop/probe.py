"""Whether a window can be opened here, found out by a child process that opens everything but the window.

A Qt platform plugin that does not load ends its process by ``abort()``; no ``except`` helps against that. So a child
goes all the way up to a page whose script has run, and its end tells the rest: ``python -m steeliq.desktop.probe``.
Linux was tried with Qt on X11, on Wayland and without a display. Windows (WebView2) and macOS (WKWebView) follow their
makers' documentation and have not been tried.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from steeliq.desktop.asking import Answer, ask

WITHOUT_DISPLAY = {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}
"""Qt platforms that need no graphical session."""

SAFE = "application"
SHOWN = "script 42"
"""What the trial says: a window could open; a page could."""

PROBLEM, DIED, SLOW, NOTHING = 3, 4, 5, 6
_LIBRARY = re.compile(r"([^\s'\"]+\.so[\w.]*): cannot open shared object file")
_TELLING = re.compile(r"qt\.qpa|cannot open|could not|sandbox|ImportError|not found", re.IGNORECASE)
_WEBVIEW2 = r"Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a window can be opened; ``reason`` says why not, or by what. ``library`` is missing on this system."""

    ok: bool
    reason: str = ""
    library: str = ""


def probe(timeout: float = 8.0, on_application: Callable[[], None] | None = None) -> Probe:
    """Whether a window can be opened on this machine now, within ``timeout`` seconds (1 s is usual).

    ``on_application`` is called as soon as a window without pages is known to be safe (Linux only).
    """
    if find_spec("webview") is None:
        return Probe(False, "the package pywebview is not installed")
    if sys.platform == "win32":
        return _windows(timeout)
    if sys.platform == "darwin":
        return _macos(timeout)
    return _qt(timeout, on_application)


def _qt(timeout: float, on_application: Callable[[], None] | None) -> Probe:
    for package in ("qtpy", "PySide6"):
        if find_spec(package) is None:
            return Probe(False, f"the package {package} is not installed")
    if not list(_qt_folder().parent.glob("QtWebEngineCore.*")):
        return Probe(False, "Qt is installed without its browser engine (package PySide6_WebEngine)")
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform not in WITHOUT_DISPLAY and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Probe(False, "there is no graphical session (neither DISPLAY nor WAYLAND_DISPLAY is set)")

    def heard(line: str) -> None:
        if line.startswith(SAFE) and on_application is not None:
            on_application()

    answer = ask("-m", "steeliq.desktop.probe", f"{0.9 * timeout}", timeout=timeout, on_line=heard)
    if answer.code == 0 and SHOWN in answer.out:
        on = re.search(rf"{SAFE} (\w+)", answer.out)
        return Probe(True, f"Qt opens a page on {on[1] if on else 'this display'}")
    library = _system_library(answer.err)
    if not library and answer.code not in {None, DIED, SLOW}:
        library = missing_library()
    if library:
        return Probe(False, f"the system library {library} is missing", library)
    return Probe(False, _why_not(answer))


def _why_not(answer: Answer) -> str:
    """What the child's end means; Qt's own sentence about a missing library is a guess, so it comes last."""
    said, heard = answer.out, answer.err
    if "--no-sandbox" in heard and "root" in heard:
        return "the browser engine does not start for the user root"
    if answer.code is None:
        return "the display does not answer" if SAFE not in said else "the browser engine does not answer"
    if answer.code == SLOW:
        return "the browser engine is too slow"
    if "renderer-died" in said:
        return "the browser engine's own process ends at once; its files may be damaged"
    lines = [line.strip() for line in heard.splitlines() if _TELLING.search(line)]
    if "Traceback" in heard:
        lines = [_last_line(heard)]
    told = f" ({lines[0][:200]})" if lines else ""
    if "imported" not in said:
        return f"Qt cannot be loaded: the trial {answer.end}{told}"
    if SAFE not in said:
        return f"no window opens on this display: the trial {answer.end}{told}"
    return f"the browser engine does not start: the trial {answer.end}{told}; its files may be damaged"


def _qt_folder() -> Path:
    """Where PySide6 keeps Qt; found without importing it, since that may fail."""
    spec = find_spec("PySide6")
    return Path((spec.origin if spec else None) or "PySide6/none").parent / "Qt"


def missing_library(timeout: float = 8.0) -> str:
    """The first system library that Qt's browser engine or its platform plugin lacks; empty if they lack none.

    Qt's own sentence about it is a guess; the system's loader knows. Qt's own files are none of the system's.
    """
    plugins = _qt_folder() / "plugins" / "platforms"
    wayland = not os.environ.get("DISPLAY") and os.environ.get("WAYLAND_DISPLAY")
    wanted = [_qt_folder() / "lib" / "libQt6WebEngineCore.so.6", plugins / "libqxcb.so"]
    if wayland:
        wanted[1:] = sorted(plugins.glob("libqwayland*.so"))
    answer = ask("-m", "steeliq.desktop.probe", "load", *map(str, wanted), timeout=timeout)
    return _system_library(answer.out)


def _system_library(text: str) -> str:
    """The library that the system's loader did not find; empty if it speaks of none or of a file by its path."""
    found = _LIBRARY.search(text)
    return found[1] if found and "/" not in found[1] else ""


def _macos(timeout: float) -> Probe:
    answer = ask("-c", "import objc, AppKit, WebKit", timeout=timeout)
    if answer.code == 0:
        return Probe(True, "WKWebView can be loaded")
    return Probe(False, f"WKWebView cannot be loaded: the trial {answer.end} ({_last_line(answer.err)})")


def _windows(timeout: float) -> Probe:
    version = _webview2_version()
    if not version:
        return Probe(False, "Microsoft's WebView2 runtime is not installed")
    answer = ask("-c", "import clr", timeout=timeout)
    if answer.code != 0:
        return Probe(False, f"pythonnet cannot be loaded: the trial {answer.end} ({_last_line(answer.err)})")
    return Probe(True, f"WebView2 {version} is installed")


def _webview2_version() -> str:
    """The version that the runtime's installer left in the registry, machine-wide or for this user; else empty."""
    if sys.platform == "win32":
        import winreg

        for hive, key in (
            (winreg.HKEY_LOCAL_MACHINE, rf"SOFTWARE\WOW6432Node\{_WEBVIEW2}"),
            (winreg.HKEY_LOCAL_MACHINE, rf"SOFTWARE\{_WEBVIEW2}"),
            (winreg.HKEY_CURRENT_USER, rf"Software\{_WEBVIEW2}"),
        ):
            with suppress(OSError), winreg.OpenKey(hive, key) as opened:
                version = str(winreg.QueryValueEx(opened, "pv")[0])
                if version not in {"", "0.0.0.0"}:  # noqa: S104 (the installer's word for none)
                    return version
    return ""


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2][:200]


# the child


def _say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def _open_page(seconds: float) -> int:
    """Everything a window needs, without showing one; never tidied up, as that may hang."""
    _say("start")
    core: Any = import_module("PySide6.QtCore")
    widgets: Any = import_module("PySide6.QtWidgets")
    _say("imported")
    core.QCoreApplication.setAttribute(core.Qt.ApplicationAttribute.AA_ShareOpenGLContexts)  # for the engine to come
    app = widgets.QApplication(["steeliq"])
    _say(f"{SAFE} {app.platformName()}")
    engine: Any = import_module("PySide6.QtWebEngineCore")
    codes: list[int] = []

    def end(code: int, text: str) -> None:
        _say(text)
        codes.append(code)
        app.quit()

    page = engine.QWebEnginePage(engine.QWebEngineProfile(app), app)
    page.renderProcessTerminated.connect(lambda status, code: end(DIED, f"renderer-died {status.name} {code}"))
    page.loadFinished.connect(
        lambda _ok: page.runJavaScript("6*7", lambda value: end(0, SHOWN) if value == 42 else end(PROBLEM, "no script"))
    )
    page.setHtml("<p>steeliq</p>")
    core.QTimer.singleShot(int(seconds * 1000), lambda: end(SLOW, "slow"))
    app.exec()
    return codes[0] if codes else NOTHING


def _load(paths: list[str]) -> int:
    """Load libraries one after the other; tell the first that cannot be."""
    for path in paths:
        try:
            ctypes.CDLL(path)
        except OSError as error:
            _say(str(error))
            return PROBLEM
    return 0


def _child(arguments: list[str]) -> int:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # its abort is an answer: no core file, no crash report
    if arguments[:1] == ["load"]:
        return _load(arguments[1:])
    return _open_page(float(arguments[0]) if arguments else 8.0)


if __name__ == "__main__":
    code = _child(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
