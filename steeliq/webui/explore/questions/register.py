"""Figures for the questions that analysts come with: which there are, and how they sit on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from steeliq.simulation.results.report.charts import Chart, RunTables
from steeliq.webui.explore.questions.assets import investment, stranded
from steeliq.webui.explore.questions.costs import (
    abatement,
    break_even_carbon,
    break_even_hydrogen,
    break_even_year,
    lcos,
)
from steeliq.webui.explore.questions.milestones import on_trajectory
from steeliq.webui.explore.questions.regional import emissions_by_scope, utilisation

MAKERS: Final[Mapping[str, Callable[[RunTables], Chart]]] = {
    "break-even-year": break_even_year,
    "lcos": lcos,
    "break-even-hydrogen": break_even_hydrogen,
    "break-even-carbon": break_even_carbon,
    "abatement": abatement,
    "milestones": on_trajectory,
    "utilisation": utilisation,
    "emissions-scope": emissions_by_scope,
    "investment": investment,
    "stranded": stranded,
}
"""Maker of each figure in reading order; a name is the chart's ``id``."""

WIDE: Final = frozenset({"lcos", "break-even-year", "abatement", "milestones"})
"""Figures that take the whole width of a page."""

WORKS: Final = ("technology", "owner", "plant")
WHOLE: Final[Mapping[str, tuple[str, ...]]] = {
    "lcos": WORKS,
    "break-even-year": WORKS,
    "break-even-hydrogen": WORKS,
    "break-even-carbon": WORKS,
    "abatement": WORKS,
    "milestones": ("region", "country", *WORKS),
}
"""Parts of the filter that a figure does not follow: routes are compared by country, milestones hold for the world."""
