"""What a run is held against while it is explored: another finished run, or its own first year.

The strip of key figures follows the filter and the year of the page. A figure whose tables do not know a property of
the filter is left out rather than shown for the whole world.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from steeliq.errors import RunError
from steeliq.simulation.results.report.charts import RunTables
from steeliq.webui.explore.filters import Filters, narrowed
from steeliq.webui.explore.stores import Kept, open_run, state_of
from steeliq.webui.explore.strip import KeyFigure, Tile, beside, figures_of, since
from steeliq.webui.runs.models import Run, State

MOST: Final = 200
"""Runs that are offered."""

_FIGURES: Kept[tuple[KeyFigure, ...]] = Kept(400, len)


def offered(run: Run) -> list[Run]:
    """Other finished runs, starred ones first, then the newest."""
    others = Run.objects.filter(state=State.DONE, binned=None).exclude(pk=run.pk)
    return list(others.order_by("-starred", "-created")[:MOST])


def strip_of(row: Run, run: RunTables, filters: Filters, *, year: str, base: str) -> dict[str, Any]:
    """The strip for a template: tiles, the year that they show, what they are held against, and what could be."""
    runs = offered(row)
    chosen = next((one for one in runs if one.key == base), None)
    seen, _ = narrowed(run, filters)
    context: dict[str, Any] = {"bases": runs, "base": chosen, "strip_tiles": [], "strip_year": "", "strip_problem": ""}
    if not seen.years:
        return context
    shown = int(year) if year.isdecimal() and int(year) in seen.years else seen.years[-1]
    own = _kept(row.path, run, filters)
    tiles: list[Tile] = []
    if chosen is None:
        tiles = list(since(own, seen.years[0], shown))
    else:
        try:
            other = open_run(chosen.path)
            if shown not in other.years:
                context["strip_problem"] = f"{chosen.name} has no {shown}: choose a year that both runs have."
            tiles = list(beside(own, _kept(chosen.path, other, filters), shown))
        except RunError as error:
            context["strip_problem"] = f"{chosen.name} cannot be read: {str(error).splitlines()[0]}"
    # What is nothing and was nothing (say, unmet demand) leaves its room to the others.
    told = [tile for tile in tiles if tile.value != "0" or tile.delta.startswith(("+", "\N{MINUS SIGN}"))]
    return context | {"strip_tiles": told, "strip_year": shown}


def _kept(folder: Path, run: RunTables, filters: Filters) -> tuple[KeyFigure, ...]:
    return _FIGURES.get((state_of(folder, run.years), filters), lambda: _narrowed(run, filters))


def _narrowed(run: RunTables, filters: Filters) -> tuple[KeyFigure, ...]:
    seen, told = narrowed(run, filters)
    if not seen.years:
        return ()
    figures = figures_of(seen)
    whole = {table for tables in told.parts.values() for table in tables}
    return tuple(figure for figure in figures if not whole.intersection(figure.tables))
