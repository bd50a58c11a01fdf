"""A comparison as one HTML file: the page's assumptions, key figures, charts and deltas, working offline."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from steeliq.simulation.results.report.charts import Chart
from steeliq.simulation.results.report.page import embedded, plotly_script
from steeliq.webui.compare.chosen import Compared
from steeliq.webui.compare.page import context_of
from steeliq.webui.explore.templatetags.figures import palette


def compare_report(runs: Sequence[Compared], against: Compared, shown: str = "values") -> str:
    """The whole page, its lines as ``shown``, countries and deltas of ``against`` beside the baseline."""
    context = context_of(runs, against, shown)
    charts: list[Chart] = context["charts"]
    report = files("steeliq.simulation.results.report")
    style = [report.joinpath("page.css"), files("steeliq.webui.compare") / "static" / "compare" / "compare.css"]
    raw = {
        "style": "\n".join(path.read_text(encoding="utf-8") for path in style),
        "plotly": plotly_script(),
        "figures": report.joinpath("figure.js").read_text(encoding="utf-8"),
        "script": report.joinpath("page.js").read_text(encoding="utf-8"),
        "chart_data": embedded([chart.json() for chart in charts]),
        "palette_data": embedded(palette()),
    }
    hashes = "-".join(run.short_hash for run in runs)
    # These are our own files and escaped JSON; everything else in the page is escaped by the template.
    safe = {name: mark_safe(text) for name, text in raw.items()}  # noqa: S308
    return render_to_string("compare/report.html", context | safe | {"hash": hashes})
