"""The web app as a person has it: a real server with a real worker, and a browser that may talk to nothing else."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import requests
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Route

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
PATIENCE = 60.0
"""Seconds after which something that must happen has not happened."""


def wait_for[T](what: Callable[[], T], reason: str, patience: float = PATIENCE) -> T:
    """The first true answer of ``what``; fails with ``reason`` when patience is over."""
    end = time.monotonic() + patience
    while not (answer := what()):
        assert time.monotonic() < end, f"waited {patience:.0f} s in vain: {reason}"
        time.sleep(0.1)
    return answer


@dataclass
class Live:
    """A running server: its address, a logged-in session, its data folder and process."""

    process: subprocess.Popen[str]
    address: str
    session: requests.Session
    home: Path

    def get(self, path: str) -> requests.Response:
        """A page as the logged-in person gets it."""
        return self.session.get(self.address + path, timeout=60)

    def form(self) -> dict[str, str]:
        """The token that every form carries; good for as long as the server runs."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/runs/").text)
        assert token, "the runs page has no form"
        return {"csrfmiddlewaretoken": token[1]}

    def post(self, path: str, files: dict[str, Path] | None = None, /, **data: str) -> requests.Response:
        """A form of the runs page, sent with its token and perhaps files; redirects are followed."""
        form = data if "csrfmiddlewaretoken" in data else self.form() | data
        headers = {"Referer": f"{self.address}/runs/", "Origin": self.address}
        parts = {name: (file.name, file.read_bytes()) for name, file in (files or {}).items()}
        return self.session.post(self.address + path, data=form, files=parts or None, headers=headers, timeout=60)

    def start(self, **data: str) -> str:
        """Begin a run by the form; its key. The default is the reference scenario on the tiny world, two years."""
        form = {"scenario": "reference", "dataset": "tiny", "first": "2025", "last": "2026"} | data
        answer = self.post("/runs/start/", **form)
        assert answer.status_code == 200, answer.text[:2000]
        return urlsplit(answer.url).path.strip("/").split("/")[1]

    def start_ensemble(self, **data: str) -> str:
        """Begin an ensemble by the form; its key. The default: two factors, six points of the tiny world, a year."""
        form = {
            "do": "start", "name": "Little", "scenario": "reference", "dataset": "tiny",
            "first": "2025", "last": "2025",
            "method": "latin_hypercube", "samples": "6", "seed": "1", "agent_seeds": "1",
            "0.field": "demand.factor", "0.distribution": "uniform", "0.low": "0.8", "0.high": "1.2",
            "1.field": "carbon.scenario", "1.distribution": "levels", "1.values": "none, uniform_100",
        }  # fmt: skip
        token = self.form()
        answer = self.session.post(
            f"{self.address}/ensembles/new/",
            data=[*(token | form | data).items(), ("factor", "0"), ("factor", "1")],
            headers={"Referer": f"{self.address}/ensembles/new/", "Origin": self.address},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text[:3000]
        return urlsplit(answer.url).path.strip("/").split("/")[1]

    def start_search(self, **data: str) -> str:
        """Begin a search by the form; its key. The default: how far demand must fall in the tiny world."""
        form = {
            "do": "start", "scenario": "reference", "dataset": "tiny", "last": "2027",
            "setting": "demand.factor", "ranged": "demand.factor", "start": "1", "end": "0.6",
            "output": "emissions.scope1", "area": "world", "side": "most", "limit": "12",
            "seeds": "1", "steps": "2", "tolerance": "0.1",
        }  # fmt: skip
        answer = self.post("/searches/new/", **form | data)
        assert answer.status_code == 200, answer.text[:3000]
        return urlsplit(answer.url).path.strip("/").split("/")[1]

    def state(self, key: str, area: str = "runs") -> str:
        """The state of a run, or an ensemble, as its page tells it."""
        found = re.search(r'class="badge (\w+)" role="status"', self.get(f"/{area}/{key}/live/").text)
        assert found, f"{area} {key} has no state"
        return found[1]

    def ends(self, key: str, patience: float = PATIENCE, area: str = "runs") -> str:
        """Wait until the run, or the ensemble, has ended; how."""
        over = {"done", "failed", "cancelled", "interrupted"}
        return (
            wait_for(lambda: self.state(key, area) in over and self.state(key, area), f"{area} {key} ends", patience)
            or ""
        )

    def children(self, module: str) -> list[psutil.Process]:
        """Processes below the server that run this module."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if any(module in part for part in process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def stop(self) -> int:
        """Stop as Ctrl-C does; the exit code."""
        self.session.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        return self.process.returncode


def read_rows(database: Path, query: str, *values: str) -> list[Any]:
    """What is in the app's database, read past the app: nobody looks at a page for it."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=20)) as opened:
        return opened.execute(query, values).fetchall()


THIS_CHECKOUT = (sys.executable, "-P", "-m", "steeliq")


def launch(
    home: Path,
    *options: str,
    world: Path | None = None,
    more: Mapping[str, str] | None = None,
    program: Sequence[str] = THIS_CHECKOUT,
) -> Live:
    """Start a server on ``home``, with ``world`` as its dataset "tiny", and enter by the one-time address.

    ``more``: what its environment holds besides; ``program``: the steeliq that is started.
    """
    if world is not None and not (home / "datasets" / "tiny").exists():
        shutil.copytree(world, home / "datasets" / "tiny")
    hidden = ("STEELIQ_TOKEN", "STEELIQ_COOKIE", "STEELIQ_NONCE", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"STEELIQ_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    environment |= more or {}
    log = home.parent / f"{home.name}-server.log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            [*program, "serve", "--no-browser", *options],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
    assert process.stdout
    entrance = ""
    for line in process.stdout:
        if "/open/?ticket=" in line:
            entrance = line.strip()
            break
    assert entrance, f"the server did not start: {log.read_text()[-3000:]}"
    session = requests.Session()
    session.trust_env = False
    address = "{0.scheme}://{0.netloc}".format(urlsplit(entrance))
    answer = session.get(entrance, timeout=60)
    assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:1000]}\n{log.read_text()[-3000:]}"
    return Live(process, address, session, home)


@dataclass
class Watched:
    """A page together with everything that must not have happened on it."""

    page: Page
    messages: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    allowed: tuple[str, ...] = ()

    def check(self) -> None:
        """Nothing asked the world outside, nothing complained."""
        assert self.strangers == []
        assert [text for text in self.messages if not any(part in text for part in self.allowed)] == []


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A browser with a fresh profile."""
    assert CHROMIUM, "Chromium is missing: install it (Debian: apt-get install chromium) and put it on the PATH"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
    yield browser
    browser.close()


@contextmanager
def logged_in(
    browser: Browser, live: Live, *, scheme: str = "light", width: int = 1280, height: int = 900
) -> Iterator[Watched]:
    """A page that is let in; at the end it must have asked nobody else and logged no error."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        accept_downloads=True,
        base_url=live.address,
    )
    context.add_cookies(
        [{"name": str(one.name), "value": str(one.value), "url": live.address, "httpOnly": True, "sameSite": "Strict"}
         for one in live.session.cookies]
    )  # fmt: skip
    watched = Watched(context.new_page())

    def guard(route: Route) -> None:
        if route.request.url.startswith((live.address + "/", "data:", "blob:")):
            route.continue_()
        else:
            watched.strangers.append(route.request.url)
            route.abort()

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            watched.messages.append(f"{message.text} ({message.location.get('url')})")

    context.route("**/*", guard)
    watched.page.on("console", heard)
    watched.page.on("pageerror", lambda error: watched.messages.append(str(error)))
    try:
        yield watched
        watched.check()
    finally:
        context.close()
