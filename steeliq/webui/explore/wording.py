"""Words around figures: the filter in a sentence, the run's short hash, how to cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from steeliq.simulation.results.fingerprint import short_hash
from steeliq.simulation.results.report.charts import RunTables
from steeliq.webui.explore.filters import PARTS, Choices, Filters

run_hash: Final = short_hash
"""One name for a run in captions, files and exports."""

NAMED = 3
"""Countries and the like that are named before the rest is counted."""


def described(run: RunTables, filters: Filters) -> str:
    """The filter in words; ``everything`` without one."""
    names: Mapping[str, Mapping[str, str]] = {
        "country": run.labels.names("countries", "country"),
        "technology": run.labels.names("technologies", "technology"),
    }
    parts: list[str] = []
    if filters.first is not None or filters.last is not None:
        parts.append(f"{filters.first or run.years[0]} to {filters.last or run.years[-1]}")
    for part in PARTS:
        parts += _some([names.get(part, {}).get(value, value) for value in getattr(filters, part)])
    if filters.plant:
        place = run.labels.place_of(filters.plant)
        parts.append(place.name if place else filters.plant)
    return ", ".join(parts) or "everything"


def _some(names: list[str]) -> list[str]:
    rest = len(names) - NAMED
    return names if rest <= 0 else [*names[:NAMED], f"{rest} more"]


def summary_of(part: str, filters: Filters, choices: Choices) -> str:
    """What the closed list of a filter says: all, the one chosen, or how many."""
    chosen = getattr(filters, part)
    if not chosen:
        return "all"
    names = dict(getattr(choices, part))
    return names.get(chosen[0], chosen[0]) if len(chosen) == 1 else f"{len(chosen)} chosen"
