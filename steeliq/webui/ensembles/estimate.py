"""What an ensemble will take: time and memory, judged by what earlier ones, or runs, of the same data took."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

import psutil
from django.db.models import F, Max, Sum

from steeliq.ensemble.design import Design
from steeliq.ensemble.engines import MARGIN_MB, UNKNOWN_MB
from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.runs.models import Run, State
from steeliq.webui.runs.showing import duration

UNKNOWN_SECONDS: Final = 1.0
"""For a year of a member of data that was never run here."""

CONDUCTOR_MB: Final = 250.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """How much work a design is."""

    members: int
    points: int
    years: int
    seconds: float
    processes: int
    mb: float
    basis: str

    @property
    def time(self) -> str:
        """The time in words."""
        return duration(self.seconds)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast this machine simulates members with a dataset."""

    processes: int  # at once
    seconds: float  # of wall clock for a year of a member, when all of them work
    mb: float  # of one process
    basis: str


def pace(dataset: str, most: int) -> Pace:
    """The pace of earlier work with a dataset; ``most``: processes that there is work for at once."""
    earlier = Ensemble.objects.filter(dataset=dataset, state=State.DONE, seconds__gt=0).order_by("-finished").first()
    mb = _peak(dataset, earlier)
    free = psutil.virtual_memory().available / 1e6 - MARGIN_MB
    processes = max(1, min(os.cpu_count() or 1, most, int(free / mb)))
    seconds, basis = _year(dataset, earlier, processes)
    return Pace(processes, seconds, mb, basis)


def estimate(design: Design, dataset: str) -> Estimate:
    """Members, and what they will take on this machine."""
    period = design.base.period
    members, years = design.points * len(design.agent_seeds), period.end - period.start + 1
    at = pace(dataset, members)
    mb = CONDUCTOR_MB + at.processes * at.mb
    return Estimate(members, design.points, years, members * years * at.seconds, at.processes, mb, at.basis)


def _year(dataset: str, earlier: Ensemble | None, processes: int) -> tuple[float, str]:
    """Seconds of wall clock for a year of a member, and how that is known."""
    if earlier is not None:
        years = earlier.last_year - earlier.first_year + 1
        return earlier.seconds / (earlier.members * years), f"at the rate of {earlier.name}"
    runs = Run.objects.filter(dataset=dataset, state=State.DONE, seconds__gt=0)
    sums = runs.aggregate(seconds=Sum("seconds"), years=Sum(F("last_year") - F("first_year") + 1))
    if sums["years"]:
        return sums["seconds"] / sums["years"] / processes, "at the rate of your runs with this data"
    return UNKNOWN_SECONDS / processes, "a guess: nothing was run with this data yet"


def _peak(dataset: str, earlier: Ensemble | None) -> float:
    """Memory [MB] of one process."""
    if earlier is not None and earlier.peak_mb > CONDUCTOR_MB:
        return earlier.peak_mb - CONDUCTOR_MB
    peak = Run.objects.filter(dataset=dataset).aggregate(peak=Max("peak_mb"))["peak"]
    return float(peak) if peak else UNKNOWN_MB
