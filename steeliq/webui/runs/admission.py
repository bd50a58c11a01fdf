"""Whether one more run fits into memory, judged by what earlier runs of the same data really used."""

from __future__ import annotations

import psutil
from django.db.models import Max

from steeliq.webui.runs.models import State, Work, working
from steeliq.webui.runs.processes import is_alive

UNKNOWN_MB = 700.0
"""Expected peak of a run of data that was never run before (the reference world uses about 300 MB)."""

MARGIN_MB = 400.0
"""Left for the rest of the machine."""

WAITS = "Waits for memory: {needed:.0f} MB are needed, {free:.0f} MB are free beside what runs now."


def expected_peak(run: Work) -> float:
    """Peak memory [MB] to expect: the greatest of finished runs of the same dataset."""
    peak = type(run).every.filter(dataset=run.dataset, peak_mb__gt=0).aggregate(peak=Max("peak_mb"))["peak"]
    return float(peak) if peak else UNKNOWN_MB


def shortage(run: Work) -> str:
    """Why the run must wait, or nothing; alone, a run is always let in, or it would wait for ever."""
    others = [one for one in working(State.RUNNING, State.CANCELLING) if one != run]
    if not others:
        return ""
    still_to_take = sum(max(0.0, expected_peak(other) - resident(other)) for other in others)
    free = psutil.virtual_memory().available / 1e6 - still_to_take
    needed = expected_peak(run) + MARGIN_MB
    return "" if needed <= free else WAITS.format(needed=needed, free=max(free, 0.0))


def resident(run: Work) -> float:
    """Memory [MB] that the run's process, and those that it started, hold now."""
    if run.pid is None or not is_alive(run.pid, run.pid_created):
        return 0.0
    try:
        process = psutil.Process(run.pid)
        return sum(float(one.memory_info().rss) for one in [process, *process.children(recursive=True)]) / 1e6
    except psutil.Error:
        return 0.0
