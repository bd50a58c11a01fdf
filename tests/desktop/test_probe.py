"""Whether a window can be opened: the answer of real Qt where it is installed, and of one that fails in known ways."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from steeliq.desktop.asking import ask
from steeliq.desktop.probe import missing_library, probe
from tests.web.live import wait_for

WITH_QT = find_spec("PySide6") is not None and find_spec("webview") is not None
needs_qt = pytest.mark.skipif(not WITH_QT, reason="Qt is not installed")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Qt shows the window on Linux only")
ABSENT = "libxcb-cursor.so.0: cannot open shared object file: No such file or directory"


@pytest.fixture
def broken_qt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the packages of the window that a test fills; each of its modules is empty."""
    for name in ("webview.py", "qtpy.py", "PySide6/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    for name in ("QtCore", "QtWidgets", "QtWebEngineCore"):
        (tmp_path / "PySide6" / f"{name}.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    return tmp_path / "PySide6"


@linux
@needs_qt
def test_a_page_opens_without_a_display_when_qt_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    if os.getuid() == 0:
        monkeypatch.setenv("QTWEBENGINE_DISABLE_SANDBOX", "1")

    safe: list[bool] = []
    found = probe(timeout=60, on_application=lambda: safe.append(True))

    assert found.ok, found.reason
    assert "offscreen" in found.reason
    assert safe == [True]


@linux
@needs_qt
def test_a_display_that_is_not_there_is_told_and_ends_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    found = probe(timeout=60)

    assert not found.ok
    assert "no window opens on this display: the trial was ended by SIGABRT" in found.reason


@linux
@needs_qt
def test_root_is_told_to_be_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.getuid() != 0:
        pytest.skip("the tests do not run as root")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.delenv("QTWEBENGINE_DISABLE_SANDBOX", raising=False)

    assert "root" in probe(timeout=60).reason


@linux
def test_without_a_graphical_session_nothing_is_tried(broken_qt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (broken_qt / "QtCore.py").write_text("raise SystemExit('tried')")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    found = probe()

    assert not found.ok
    assert "no graphical session" in found.reason


@linux
@pytest.mark.parametrize(
    ("module", "text", "reason"),
    [
        ("QtCore", "import os; os.abort()", "Qt cannot be loaded: the trial was ended by SIGABRT"),
        ("QtWidgets", f"raise ImportError('{ABSENT}')", "the system library libxcb-cursor.so.0 is missing"),
        ("QtWidgets", "raise ImportError('of another kind')", "ended with code 1 (ImportError: of another kind)"),
        ("QtWidgets", "import os, signal; os.kill(os.getpid(), signal.SIGBUS)", "ended by SIGBUS"),
        ("QtWidgets", "import time; time.sleep(600)", "the display does not answer"),
    ],
)
def test_a_broken_qt_is_told_in_a_sentence(broken_qt: Path, module: str, text: str, reason: str) -> None:
    (broken_qt / f"{module}.py").write_text(text)

    found = probe(timeout=1 if "sleep" in text else 60)

    assert not found.ok
    assert reason in found.reason


@linux
def test_what_is_not_installed_is_named(broken_qt: Path) -> None:
    (broken_qt / "QtWebEngineCore.py").unlink()
    assert "browser engine" in probe().reason


@linux
def test_the_library_that_the_system_lacks_is_named_and_no_file_of_qt(broken_qt: Path) -> None:
    assert missing_library() == "", "the browser engine's own file is missing, which no system package holds"

    import _ctypes

    (broken_qt / "Qt" / "lib").mkdir(parents=True)
    (broken_qt / "Qt" / "plugins" / "platforms").mkdir(parents=True)
    shutil.copy(_ctypes.__file__, broken_qt / "Qt" / "lib" / "libQt6WebEngineCore.so.6")
    plugin = broken_qt / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    plugin.write_bytes(renamed_library(Path(_ctypes.__file__), b"libc.so.6", b"libx.so.6"))
    (broken_qt / "QtCore.py").write_text("import os; os.abort()")

    assert missing_library() == "libx.so.6"
    assert probe().library == "libx.so.6"


def renamed_library(path: Path, needed: bytes, other: bytes) -> bytes:
    """A compiled library that asks for ``other`` instead of ``needed``."""
    content = path.read_bytes()
    assert needed in content
    return content.replace(needed, other)


def test_a_trial_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    inner = "import time; time.sleep(600)"
    text = (
        "import pathlib, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {inner!r}])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid))\n"
        "time.sleep(600)"
    )

    answer = ask("-c", text, timeout=2)

    assert answer.code is None
    assert "no answer" in answer.end
    child = int(note.read_text())
    wait_for(
        lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE, "its child ends"
    )


def test_a_trial_whose_child_holds_its_output_is_answered_all_the_same() -> None:
    inner = "import time; time.sleep(600)"
    text = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {inner!r}], start_new_session=True)\n"
        "print(child.pid, flush=True)"
    )

    answer = ask("-c", text, timeout=60)
    holder = psutil.Process(int(answer.out))
    holder.kill()
    wait_for(lambda: not [one for one in threading.enumerate() if "hear" in one.name], "its output is closed")

    assert answer.code == 0
