"""A run as a person reads it: how far, how long still, what it found; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone

from steeliq.errors import SteeliqError
from steeliq.webui.runs.models import ALIVE, Run, State, Work

if TYPE_CHECKING:
    from steeliq.simulation.results.report.key_figures import Figure

"""As much of the log's end is shown; logs may be long."""

LEAST_PART = 0.04
"""Share of a run that must have been simulated before its time left is worth telling."""


@dataclass(frozen=True, slots=True)
class Line:
    """A run with all that changes while one looks at it."""

    run: Run
    position: int = 0  # in the queue, from 1
    left: str = ""

    @property
    def percent(self) -> int:
        """Progress in whole percent."""
        return round(100 * self.run.fraction)

    @property
    def took(self) -> str:
        """Time of work so far."""
        return duration(self.run.seconds) if self.run.seconds else ""


def line(run: Run) -> Line:
    """One run; its place in the queue costs a query if it waits."""
    position = 0
    if run.state == State.QUEUED:
        position = 1 + Run.every.filter(state=State.QUEUED, queued__lt=run.queued or timezone.now()).count()
    return Line(run, position, time_left(run, timezone.now()))


def lines(runs: Iterable[Run]) -> list[Line]:
    """Many runs; the queue is read once."""
    waiting = list(Run.every.filter(state=State.QUEUED).order_by("queued", "id").values_list("key", flat=True))
    positions = {key: number for number, key in enumerate(waiting, start=1)}
    now = timezone.now()
    return [Line(run, positions.get(run.key, 0), time_left(run, now)) for run in runs]


def time_left(run: Work, now: datetime) -> str:
    """Time to go at the pace so far, in words; nothing as long as that would be a guess."""
    passed = run.fraction - run.begun
    if run.state != State.RUNNING or run.started is None or passed < LEAST_PART:
        return ""
    return f"about {duration((now - run.started).total_seconds() * (1 - run.fraction) / passed)} left"


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(0.4), duration(75), duration(3700)
    ('under 1 s', '1 min 15 s', '1 h 1 min')
    """
    whole = round(seconds)
    if whole < 1:
        return "under 1 s"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def figures(run: Run) -> list[Figure]:
    """Key figures of a finished run; none if its files are missing or cannot be read."""
    file = run.path / "run.json"
    try:
        return _figures(run.path, file.stat().st_mtime_ns)
    except (SteeliqError, OSError):
        return []


@lru_cache(maxsize=64)
def _figures(folder: Path, _changed: int) -> list[Figure]:
    # These need pandas, which the first page does not wait for.
    from steeliq.simulation.results.report.key_figures import key_figures
    from steeliq.webui.explore.stores import open_run

    opened = open_run(folder)
    return key_figures(opened) if opened.years else []


def tags_in_use() -> list[str]:
    """Every tag of runs that are not in the bin."""
    texts = Run.objects.filter(binned=None).exclude(tags="").values_list("tags", flat=True)
    return sorted({tag.strip() for text in texts for tag in text.split(",") if tag.strip()}, key=str.lower)


def alive_keys(runs: Iterable[Run]) -> list[str]:
    """Those that still change."""
    return [run.key for run in runs if run.state in ALIVE]
