"""The figures of an ensemble by name, and what a browser or a spreadsheet gets of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple
from typing import Final

from steeliq.errors import AnalysisError
from steeliq.simulation.results.report.charts import Chart, short
from steeliq.webui.ensembles import charts_causes, charts_spread
from steeliq.webui.ensembles.reading import Asked, Results
from steeliq.webui.explore.stores import FIGURES
from steeliq.webui.explore.writings import Told, compact, drawing, written

MAKERS: Final[Mapping[str, Callable[[Results, Asked], Chart]]] = {
    "fan": charts_spread.fan,
    "exceedance": charts_spread.exceeding,
    "tornado": charts_causes.swings,
    "indices": charts_causes.indices,
    "correlations": charts_causes.matrix,
    "scatter": charts_causes.scatter,
}
"""Maker of each figure; a name is the chart's ``id`` and stands in the address."""

TITLES: Final = {
    "exceedance": "Chance to lie above a value",
    "tornado": "What moves it",
    "indices": "Sobol' indices or Morris screening",
    "correlations": "What rises and falls together",
}
"""What a figure that cannot be drawn is called."""

INDEXED: Final = ("sobol", "morris")
"""Methods whose samples allow the figure ``indices``."""


def shown(results: Results) -> list[str]:
    """Names of the figures that the design allows."""
    return [name for name in MAKERS if name != "indices" or results.design.method in INDEXED]


def chart_of(results: Results, name: str, asked: Asked) -> Chart:
    """A figure; an empty one that says why where the analysis has no answer. ``KeyError`` if there is none so named."""
    maker = MAKERS[name]
    try:
        return maker(results, asked)
    except AnalysisError as error:
        return Chart(
            id=name, section=charts_spread.SECTION, title=TITLES.get(name, name), unit="", source=results.source,
            summary=str(error), columns=(), empty=f"{str(error)[:1].upper()}{str(error)[1:]}.",
        )  # fmt: skip


def figure_json(results: Results, title: str, name: str, asked: Asked) -> bytes:
    """The chart as the page draws it; kept."""
    key = (results.state, name, astuple(asked))
    return FIGURES.get(key, lambda: compact(drawing(chart_of(results, name, asked), told_of(results, title, asked))))


def figure_file(results: Results, title: str, name: str, asked: Asked, kind: str, frame: str | None) -> bytes:
    """Rows of the figure in a form of ``writings.TYPES``; ``KeyError`` for an unknown frame."""
    return written(chart_of(results, name, asked), kind, frame, told_of(results, title, asked))


def told_of(results: Results, title: str, asked: Asked) -> Told:
    """What stands around a figure."""
    target = "" if asked.target is None else f", target {short(asked.target)}"
    return Told(f"{asked.output}, {asked.year}{target}", title, results.short_hash, "Ensemble")
