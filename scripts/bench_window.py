"""Measures the app in its window as a person starts it: when something is seen, when it can be used, what it holds."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter, sleep

import psutil

from tests.desktop.screen import Desk, Screen, screen, start_app

SEEN_S, COLD_S, WARM_S = 1.0, 5.0, 2.0
IDLE_MB, IDLE_CPU = 400.0, 1.0
WARM_STARTS = 5
WATCHED = 20.0
ENGINE = "QtWebEngineProcess"
CACHES = Path("/proc/sys/vm/drop_caches")


def measure() -> Iterator[str]:
    """Lines with what a start and an idle app took, each as soon as it is known."""
    yield f"{'window':<34}{'measured':>10}{'promised':>10}   load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    with screen() as display, tempfile.TemporaryDirectory(prefix="steeliq-bench-") as folder:
        home = Path(folder) / "home"
        _start(home, display).stop()  # makes the database
        if os.access(CACHES, os.W_OK):
            os.sync()
            CACHES.write_text("3")
            _, usable = _timed(home, display)
            yield _line("usable after a cold start, s", usable, COLD_S)
        warm = [_timed(home, display) for _ in range(WARM_STARTS)]
        yield _line("something on screen, warm, s", statistics.median(seen for seen, _ in warm), SEEN_S)
        yield _line("usable, warm, s", statistics.median(usable for _, usable in warm), WARM_S)
        desk = _start(home, display)
        sleep(WATCHED)
        own = [one for one in desk.family() if ENGINE not in one.name()]
        used = -sum(sum(one.cpu_times()[:2]) for one in own)
        sleep(WATCHED)
        used += sum(sum(one.cpu_times()[:2]) for one in own)
        # What several processes share counts in parts, where the system tells it (Linux).
        held = sum(getattr(full := one.memory_full_info(), "pss", full.rss) for one in own)
        yield _line("idle memory without the engine, MB", held / 1e6, IDLE_MB)
        yield _line("idle processor, % of a core", 100.0 * used / WATCHED, IDLE_CPU)
        desk.stop()


def _line(name: str, value: float, promised: float) -> str:
    return f"{name:<34}{value:>10.2f}{promised:>10.2f}{'' if value <= promised else '   NOT KEPT'}"


def _start(home: Path, display: Screen) -> Desk:
    desk = start_app(home, display.display, "--workers", "1")
    desk.goes_to("/runs/")
    return desk


def _timed(home: Path, display: Screen) -> tuple[float, float]:
    """Seconds until something is on the screen, and until the first page is whole."""
    since, seen = perf_counter(), 0.0
    desk = start_app(home, display.display, "--workers", "1")
    usable = False
    while not usable:
        if not seen and display.window("steeliq"):
            seen = perf_counter() - since
        with suppress(psutil.Error):
            usable = bool(seen) and desk.path() == "/runs/" and desk.shows("main h1")
        sleep(0.01)
    took = perf_counter() - since
    desk.stop()
    return seen, took


if __name__ == "__main__":
    for line in measure():
        print(line, flush=True)
    sys.exit()
