"""Measures the explore pages of the reference run as a person has them: by a real server, in a real browser."""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from html import unescape
from pathlib import Path
from time import perf_counter

import psutil
from playwright.sync_api import Browser, sync_playwright

from tests.web.live import Live, chromium, launch, logged_in

ALLOWED_MS = 300.0
"""Milliseconds that the server may take for an explore page once the run's tables are in memory."""

FIRST_CHART_MS = 1500.0
REPEATS = 5
LOADS = 3
FILTER = "first=2026&last=2049"
"""Years at both ends are left out: no figure was made for this before, and each is made from nearly all rows."""

DRAWN = """
new MutationObserver((_, observer) => {
  if (!document.querySelector(".plot .main-svg :is(.trace, .point, .sankey)")) return;
  observer.disconnect();
  requestAnimationFrame(() => { document.documentElement.dataset.firstChart = performance.now(); });
}).observe(document, { childList: true, subtree: true });
"""
"""Notes when the first mark of a chart is in the page and the browser is about to paint it."""


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one kind of request by address."""

    name: str
    by_address: dict[str, float]

    @property
    def median(self) -> float:
        """Over the addresses."""
        return statistics.median(self.by_address.values())

    def line(self) -> str:
        """Median and worst, and where that was."""
        worst = max(self.by_address, key=self.by_address.__getitem__)
        return f"{self.name:<34}{len(self.by_address):>4}{self.median:>9.0f}{self.by_address[worst]:>9.0f}  {worst}"


def measure(years: str, dataset: Path | None = None) -> Iterator[str]:
    """Lines with what the pages of a run through the app took, each as soon as it is known."""
    first, _, last = years.partition("-")
    with tempfile.TemporaryDirectory(prefix="steeliq-bench-") as folder:
        home = Path(folder) / "home"
        live = launch(home, "--workers", "1", world=dataset)
        try:
            since = perf_counter()
            key = live.start(dataset="tiny" if dataset else "", first=first, last=last)
            if live.ends(key, patience=1800) != "done":
                raise SystemExit(f"scripts/bench: the run failed:\n{live.get(f'/runs/{key}/log/').text}")
            yield f"{'run through the app':<34}{perf_counter() - since:>13.1f} s"
        finally:
            live.stop()
        live = launch(home, "--workers", "0")  # nothing of the run is in this server's memory
        try:
            yield from _tables(live, key)
        finally:
            live.stop()


def _tables(live: Live, key: str) -> Iterator[str]:
    pages, figures = addresses(live, key)
    live.get("/runs/")
    yield f"{'milliseconds':<34}{'n':>4}{'median':>9}{'worst':>9}"
    yield _timed(live, "pages, cold", pages).line()
    yield _timed(live, "figures, cold", figures).line()
    warm = _timed(live, "pages, warm", pages, REPEATS)
    yield warm.line()
    yield _timed(live, "pages, warm, filtered", _filtered(pages), REPEATS).line()
    yield _timed(live, "figures, tables in memory", _filtered(figures)).line()
    yield _timed(live, "figures, asked again", figures, REPEATS).line()
    with sync_playwright() as playwright, chromium(playwright) as browser:
        sessions = [first_charts(browser, live, pages) for _ in range(LOADS)]
    medians = {page: statistics.median(session[page] for session in sessions) for page in pages}
    drawn = Times("first chart drawn", medians)
    newest = Times("first chart, browser just opened", {pages[0]: medians[pages[0]]})
    yield drawn.line()
    yield newest.line()
    yield from _verdicts((warm, ALLOWED_MS), (drawn, FIRST_CHART_MS), (newest, FIRST_CHART_MS))


def _verdicts(*promises: tuple[Times, float]) -> list[str]:
    """Whether the promises hold, and how busy the machine was: with other work beside it every figure is larger."""
    load = f"load {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores"
    return [
        f"{times.name}: median {times.median:.0f} ms, promised {limit:.0f} ms: "
        f"{'kept' if times.median <= limit else 'NOT KEPT'} ({load})"
        for times, limit in promises
    ]


def addresses(live: Live, key: str) -> tuple[list[str], list[str]]:
    """Every explore page of the run with one plant's, and every figure on them, found by following links."""
    home = f"/explore/{key}/"
    pages = dict.fromkeys([home, *_found(rf'href="({home}[a-z-]+/)[^"]*"', live.get(home).text)])
    plant = _found(rf'href="({home}plants/[^"?]+/)[^"]*"', live.get(f"{home}plants/").text)[:1]
    figures: dict[str, None] = {}
    for page in [*pages, *plant]:
        pattern = r'data-figure="([^"]+)"(?: data-extra="([^"]*)")?'
        for address, extra in re.findall(pattern, live.get(page).text):
            figures[f"{address}.json" + (f"?{unescape(extra)}" if extra else "")] = None
    if not plant or len(figures) < 20:
        raise SystemExit("scripts/bench: the explore pages do not link to what they should; see addresses()")
    return [*pages, *plant], list(figures)


def _found(pattern: str, text: str) -> list[str]:
    return [unescape(address) for address in re.findall(pattern, text)]


def _filtered(addresses: Iterable[str]) -> list[str]:
    return [address + ("&" if "?" in address else "?") + FILTER for address in addresses]


def _timed(live: Live, name: str, addresses: Iterable[str], repeats: int = 1) -> Times:
    return Times(name, {address: _median(partial(_ask, live, address), repeats) for address in addresses})


def _median(act: Callable[[], float], repeats: int) -> float:
    return statistics.median(act() for _ in range(repeats))


def _ask(live: Live, address: str) -> float:
    since = perf_counter()
    answer = live.get(address)
    taken = 1000 * (perf_counter() - since)
    if answer.status_code != 200:
        raise SystemExit(f"scripts/bench: {address} answered {answer.status_code}")
    return taken


def first_charts(browser: Browser, live: Live, pages: list[str]) -> dict[str, float]:
    """Milliseconds until the first chart of each page is drawn, page after page in one fresh browser profile."""
    drawn: dict[str, float] = {}
    with logged_in(browser, live) as watched:
        watched.page.add_init_script(DRAWN)
        for address in pages:
            watched.page.goto(address)
            watched.page.locator("[data-figure]").first.scroll_into_view_if_needed()  # charts below wait for that
            root = watched.page.locator("html[data-first-chart]")
            root.wait_for(state="attached")
            drawn[address] = float(root.get_attribute("data-first-chart") or "nan")
    return drawn
