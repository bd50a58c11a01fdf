"""A screen without a monitor, and the app's real window on it: looked at, clicked and typed into."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests
import websocket

from tests.web.live import PATIENCE, ROOT, wait_for

TOOLS = ("Xvfb", "openbox", "xdotool")


@dataclass
class Screen:
    """An X display with a window manager."""

    display: str

    def xdotool(self, *words: str) -> str:
        """What the tool says; empty if it finds nothing."""
        done = subprocess.run(
            ["xdotool", *words], env=os.environ | {"DISPLAY": self.display},
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        return done.stdout.strip()

    def window(self, title: str) -> str:
        """Number of the visible window whose title begins so; empty if there is none."""
        return self.xdotool("search", "--onlyvisible", "--name", f"^{title}").partition("\n")[0]

    def press(self, window: str, key: str) -> None:
        """A key in a window."""
        self.xdotool("windowactivate", "--sync", window)
        self.xdotool("key", "--clearmodifiers", key)


@contextmanager
def screen() -> Iterator[Screen]:
    """A display of its own, open to every user of this machine."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    assert not missing, f"{', '.join(missing)} missing: scripts/test installs what the window's tests need"
    reading, writing = os.pipe()
    xvfb = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-ac"],
        pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as pipe:
        display = f":{pipe.readline().strip()}"
    manager = subprocess.Popen(
        ["openbox"], env=os.environ | {"DISPLAY": display}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield Screen(display)
    finally:
        for process in (manager, xvfb):
            process.terminate()
            process.wait(10)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Desk:
    """The app as a person starts it: its process, its screen, its data folder, and a look into its page."""

    process: subprocess.Popen[str]
    home: Path
    port: int
    log: Path

    def target(self) -> dict[str, Any] | None:
        """The page as the engine's debugging port tells it."""
        with suppress(requests.RequestException, ValueError):
            session = requests.Session()
            session.trust_env = False
            pages = session.get(f"http://127.0.0.1:{self.port}/json", timeout=5).json()
            return next((page for page in pages if page["type"] == "page"), None)
        return None

    def evaluate(self, script: str) -> Any:
        """The value of a script in the page, as the engine runs it (the page's own policy stays as it is)."""
        target = self.target()
        if target is None:
            raise ConnectionError(f"no page is shown; {self.told()}")
        wire = websocket.create_connection(target["webSocketDebuggerUrl"], timeout=20, suppress_origin=True)
        try:
            order = {"expression": script, "awaitPromise": True, "returnByValue": True}
            wire.send(json.dumps({"id": 1, "method": "Runtime.evaluate", "params": order}))
            while True:
                answer = json.loads(wire.recv())
                if answer.get("id") == 1:
                    return answer.get("result", {}).get("result", {}).get("value")
        finally:
            wire.close()

    def path(self) -> str:
        """Path of the page that is shown."""
        with suppress(websocket.WebSocketException, OSError):
            return str(self.evaluate("location.origin.startsWith('http') ? location.pathname : ''") or "")
        return ""

    def shows(self, selector: str) -> bool:
        """The page has something visible that fits."""
        with suppress(websocket.WebSocketException, OSError):
            find = f"document.querySelector({json.dumps(selector)})"
            return bool(self.evaluate(f"Boolean({find} && {find}.getClientRects().length)"))
        return False

    def click(self, selector: str) -> None:
        """Click on the first that fits, once it is there."""
        wait_for(lambda: self.shows(selector), f"{selector} is there; {self.told()}")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def goes_to(self, path: str) -> None:
        """Wait until the page of an address is shown."""
        wait_for(lambda: self.path().startswith(path), f"{path} is shown; {self.told()}", 2 * PATIENCE)

    def told(self) -> str:
        """What the app wrote."""
        return self.log.read_text("utf-8", "replace")[-1500:]

    def family(self) -> list[psutil.Process]:
        """The process and all below it."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def stop(self) -> int:
        """End it as the end of a session does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def environment(home: Path, display: str) -> dict[str, str]:
    """What the app finds around it: a home of its own, and no trace of the tests' server."""
    gone = ("STEELIQ_TOKEN", "STEELIQ_COOKIE", "STEELIQ_NONCE", "DJANGO_SETTINGS_MODULE", "WAYLAND_DISPLAY", "BROWSER")
    kept = {name: value for name, value in os.environ.items() if name not in gone and not name.startswith("XDG_")}
    kept |= {"STEELIQ_HOME": str(home), "HOME": str(home.parent), "PYTHONPATH": str(ROOT), "DISPLAY": display}
    if os.geteuid() == 0:  # the engine refuses to run as root with its sandbox; nobody but a test runs it so
        kept |= {"QTWEBENGINE_DISABLE_SANDBOX": "1"}
    return kept | {"QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu", "PYTHONIOENCODING": "utf-8"}


def start_app(home: Path, display: str, *options: str, world: Path | None = None) -> Desk:
    """Start the app on a screen (or without one, if ``display`` is empty)."""
    home.mkdir(parents=True, exist_ok=True)
    if world is not None and not (home / "datasets" / "tiny").exists():
        shutil.copytree(world, home / "datasets" / "tiny")
    port, log = free_port(), home.parent / f"{home.name}-app.log"
    with log.open("a") as out:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "steeliq", "app", *options],
            env=environment(home, display) | {"QTWEBENGINE_REMOTE_DEBUGGING": f"127.0.0.1:{port}"},
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True,
        )  # fmt: skip
    return Desk(process, home, port, log)
