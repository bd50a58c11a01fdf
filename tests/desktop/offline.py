"""The app under watch: every address that one of its processes connects to, sends to or looks up is written down.

``python -m tests.desktop.offline HOME WORLD [look]`` starts the app, lets it simulate, opens every page
that can be reached (with ``look`` some in a browser too, which may ask nobody else), and prints as JSON how the run
ended, the processes that were watched and the addresses they asked for.
"""

from __future__ import annotations

import ipaddress
import json
import re
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.web.live import ROOT, Live, chromium, launch, logged_in

WATCH = """
import os, sys
def note(kind, *words):
    try:
        with open(os.path.join({folder!r}, str(os.getpid())), "a", encoding="utf-8") as log:
            log.write(" ".join((kind, *map(str, words))).replace("\\n", " ") + "\\n")
    except OSError:
        pass
def hook(event, words):
    if event in ("socket.connect", "socket.sendto"):
        note(event, words[1] if isinstance(words[1], (str, bytes)) else words[1][0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        note(event, words[0])
with open("/proc/self/cmdline", encoding="utf-8") as line:
    note("process", line.read().replace("\\0", " "))
sys.addaudithook(hook)
"""
"""A ``sitecustomize``: Python runs it first in every process; a hook once added cannot be taken away."""

ADDRESSES = re.compile(r'href="(/[^"#]*)"')


def tour(home: Path, world: Path, *, look: bool) -> dict[str, object]:
    """Run, look at everything that can be reached, and tell."""
    watch, logs = home.parent / "watch", home.parent / "asked"
    watch.mkdir()
    logs.mkdir()
    (watch / "sitecustomize.py").write_text(WATCH.format(folder=str(logs)), "utf-8")
    live = launch(home, "--workers", "1", world=world, more={"PYTHONPATH": f"{watch}:{ROOT}"})
    try:
        key = live.start()
        end = live.ends(key)
        pages = _reachable(live, key)
        if look:
            _look(live, [f"/explore/{key}/", f"/explore/{key}/costs/", "/data/tiny/", "/scenarios/new/", "/runs/"])
    finally:
        code = live.stop()
    lines = [line for log in logs.iterdir() for line in log.read_text("utf-8").splitlines()]
    processes = [line.removeprefix("process ") for line in lines if line.startswith("process ")]
    asked = sorted({line for line in lines if not line.startswith("process ")})
    return {"end": end, "code": code, "pages": len(pages), "processes": processes, "asked": asked}


def _reachable(live: Live, key: str) -> list[str]:
    """Every page that a link leads to, one of each kind of help and table; each must answer."""
    waiting, seen, kinds = ["/", f"/runs/{key}/", f"/compare/?run={key}", "/storage/"], [], set()
    while waiting:
        address = waiting.pop(0).replace("&amp;", "&")
        path = address.partition("?")[0]
        kind = re.sub(r"^(/help/\w+|/data/tiny/|/explore/\w+/(?:plants|figure)/).*", r"\1", path)
        if kind in kinds:
            continue
        kinds.add(kind)
        answer = live.get(address)
        assert answer.status_code < 400, f"{address}: {answer.status_code}"
        seen.append(address)
        if answer.headers["Content-Type"].startswith("text/html"):
            waiting += ADDRESSES.findall(answer.text)
    return seen


def _look(live: Live, addresses: list[str]) -> None:
    with sync_playwright() as playwright, chromium(playwright) as browser, logged_in(browser, live) as watched:
        for address in addresses:
            watched.page.goto(address)
            expect(watched.page.locator("main")).to_be_visible()
            if watched.page.locator("#explore, #comparison").count():
                watched.page.evaluate("steeliq.drawAll()")
            expect(watched.page.locator("figure[aria-busy=true]")).to_have_count(0, timeout=60_000)


def strangers(asked: list[str]) -> list[str]:
    """Those of the addresses that are not of this machine."""
    return [line for line in asked if not _is_here(line.partition(" ")[2])]


def _is_here(address: str) -> bool:
    if address in {"localhost", "None"} or address.startswith(("/", "b'\\x00", "\0")):
        return True  # a socket of this machine's own kind, without any network
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    print(json.dumps(tour(Path(sys.argv[1]), Path(sys.argv[2]), look="look" in sys.argv[3:])))  # noqa: T201 (its output is for a person or the test that started it)
