"""The report page: everything in one HTML file that opens anywhere and asks the network for nothing.

Plotly's script comes from the installed plotly package; template, style and script are files beside this module. A
content security policy in the page forbids every load, so that a mistake here shows as an error and never as a
request.
"""

from __future__ import annotations

import html
import json
from collections.abc import Collection, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Any, Final

import pandas as pd

from steeliq.atomic import write_text_atomically
from steeliq.errors import RunError
from steeliq.simulation.results.differences import differences_from_preset, settings
from steeliq.simulation.results.fingerprint import full_hash, short_hash
from steeliq.simulation.results.iamc import scenario_name
from steeliq.simulation.results.labels import read_labels
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.report.cautions import cautions
from steeliq.simulation.results.report.charts import Chart, RunTables, short
from steeliq.simulation.results.report.charts_costs import cost_charts
from steeliq.simulation.results.report.charts_decisions import decision_charts
from steeliq.simulation.results.report.charts_emissions import emission_charts
from steeliq.simulation.results.report.charts_map import map_charts
from steeliq.simulation.results.report.charts_production import production_charts
from steeliq.simulation.results.report.charts_trade import trade_charts
from steeliq.simulation.results.report.key_figures import key_figures, paragraph
from steeliq.simulation.results.report.laws import by_law, verdict
from steeliq.simulation.results.report.theme import PALETTE, SEQUENTIAL
from steeliq.simulation.results.tables import read_table, years_done
from steeliq.simulation.results.variables import SCHEMA

DIFFERENCES: Final = 8
"""Settings that are listed under the title."""

UNSHOWN: Final = ("candidates", "demand_response", "owners", "reasons", "site_energy", "stock", "supply", "write_offs")
"""Tables that no chart reads; they are not loaded."""


def read_run(run_dir: Path) -> RunTables:
    """All that the report shows of a run; ``RunError`` if it has no complete year."""
    document = read_run_json(run_dir)
    years = years_done(run_dir)
    if not years:
        raise RunError(f"{run_dir}: this run has no complete year yet; resume it, then make the report")
    tables = {name: read_table(run_dir, name, years) for name in SCHEMA if name not in UNSHOWN}
    return RunTables(tables, read_labels(run_dir), document, years)


def charts_of(run: RunTables) -> list[Chart]:
    """Every chart of the report in reading order."""
    makers = (production_charts, emission_charts, map_charts, cost_charts, trade_charts, decision_charts)
    return [chart for charts in makers for chart in charts(run)]


def write_report(run_dir: Path, out: Path | None = None) -> Path:
    """Write the report of a run to ``out`` (default ``<run folder>/report.html``) and return the path."""
    path = out or run_dir / "report.html"
    write_text_atomically(path, report_html(read_run(run_dir)))
    return path


def report_html(run: RunTables) -> str:
    """The whole page."""
    charts = charts_of(run)
    here = files("steeliq.simulation.results.report")
    content = {
        "title": html.escape(scenario_name(dict(run.document))),
        "hash": short_hash(run.document),
        "years": f"{run.years[0]} to {run.years[-1]}" if len(run.years) > 1 else str(run.years[0]),
        "dataset": html.escape(str(run.document["dataset"]["name"])),
        "description": html.escape(str(run.document["scenario"].get("description") or "")),
        "differences": _differences(run),
        "status": _status(run),
        "paragraph": html.escape(paragraph(run)),
        "tiles": _tiles(run),
        "cautions": _cautions(run, {chart.id for chart in charts}),
        "contents": _contents(charts),
        "sections": _sections(charts),
        "audit": _audit(run),
        "provenance": _provenance(run),
        "style": here.joinpath("page.css").read_text(encoding="utf-8"),
        "plotly": plotly_script(),
        "charts": embedded([chart.json() for chart in charts]),
        "palette": embedded(
            {ground: tokens | {"$sequential": SEQUENTIAL[ground]} for ground, tokens in PALETTE.items()}
        ),
        "figures": here.joinpath("figure.js").read_text(encoding="utf-8"),
        "script": here.joinpath("page.js").read_text(encoding="utf-8"),
    }
    return Template(here.joinpath("page.html").read_text(encoding="utf-8")).substitute(content)


def plotly_script() -> str:
    """Plotly's minified script from the installed package; ``RunError`` if it is not there."""
    # find_spec, not an import: the package itself is not needed and importing it takes time.
    spec = find_spec("plotly")
    for folder in spec.submodule_search_locations or () if spec else ():
        path = Path(folder) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path.read_text(encoding="utf-8").replace("</script", "<\\/script")
    raise RunError("the package plotly with its plotly.min.js is missing; install plotly to make a report")


def embedded(value: Any) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _status(run: RunTables) -> str:
    status = str(run.document.get("status", ""))
    failed = not bool(run["audit"]["passed"].all())
    if failed or status == "failed":
        return '<p class="banner">This run broke a law of its audit. Do not use its results; see the audit below.</p>'
    if status not in ("", "complete"):
        return f'<p class="banner">This run is not finished (status: {html.escape(status)}).</p>'
    return ""


def _differences(run: RunTables) -> str:
    named, rows = differences_from_preset(run.document)
    if not rows:
        return ""
    shown = [f"{name} = {value}" for name, value in list(rows.items())[:DIFFERENCES]]
    rest = len(rows) - len(shown)
    more = f'; <a href="#provenance">and {rest} more</a>' if rest else ""
    return f'<p class="differs"><b>Differs from {html.escape(named)}:</b> {html.escape("; ".join(shown))}{more}</p>'


def _tiles(run: RunTables) -> str:
    return "\n".join(
        f'<div class="tile{" bad" if f.bad else ""}"><dt>{html.escape(f.name)}</dt>'
        f'<dd><b>{html.escape(f.value)}</b> <span class="unit">{html.escape(f.unit)}</span>'
        f'<span class="detail">{html.escape(f.detail)}</span></dd></div>'
        for f in key_figures(run)
    )


def _cautions(run: RunTables, figures: Collection[str]) -> str:
    told = cautions(run)
    lines = []
    for one in told:
        link = f'<a href="#{one.figure}">Figure</a> · ' if one.figure in figures else ""
        page = html.escape(one.page.partition("#")[0])
        lines.append(
            f"<li><b>{html.escape(one.brief)}.</b> {html.escape(one.text)} "
            f'<span class="more">{link}More: docs/{page}.md</span></li>'
        )
    briefs = html.escape(" · ".join(one.brief for one in told))
    head = f"<summary><b>Read before you quote</b> <span>{briefs}</span></summary>"
    return f'<details class="quote" id="quote">{head}<ul>{"".join(lines)}</ul></details>' if told else ""


def _anchor(section: str) -> str:
    # A chart may be called like its section; an anchor must be one of both.
    return "section-" + section.lower().replace(" ", "-")


def _order(charts: Sequence[Chart]) -> list[str]:
    return list(dict.fromkeys(chart.section for chart in charts))


def _contents(charts: Sequence[Chart]) -> str:
    names = {_anchor(name): name for name in _order(charts)} | {"audit": "Audit", "provenance": "Provenance"}
    return "\n".join(f'<a href="#{anchor}">{html.escape(name)}</a>' for anchor, name in names.items())


def _sections(charts: Sequence[Chart]) -> str:
    parts = []
    for section in _order(charts):
        cards = "\n".join(_card(chart) for chart in charts if chart.section == section)
        parts.append(
            f'<section id="{_anchor(section)}"><h2>{html.escape(section)}</h2><div class="grid">{cards}</div></section>'
        )
    return "\n".join(parts)


def _card(chart: Chart) -> str:
    title, unit = html.escape(chart.title), html.escape(chart.unit)
    head = f'<h3>{title}<span class="unit">, {unit}</span></h3>'
    foot = f'<p class="source">Source: {html.escape(chart.source)}.</p>'
    note = f'<p class="note">{html.escape(chart.note)}</p>'
    size = "card wide" if chart.wide else "card"
    if chart.is_empty:
        empty = f'<p class="empty">{html.escape(chart.empty)}</p>'
        return f'<figure class="{size}" id="{chart.id}" data-empty="yes"><header>{head}</header>{empty}{foot}</figure>'
    buttons = "".join(
        f'<button type="button" data-do="{do}" aria-label="{label}: {title}">{text}</button>'
        for do, text, label in (
            ("table", "Table", "Show as table"),
            ("csv", "CSV", "Download data as CSV"),
            ("png", "PNG", "Download picture as PNG"),
            ("svg", "SVG", "Download picture as SVG"),
        )
    )
    return (
        f'<figure class="{size}" id="{chart.id}"><header>{head}<div class="actions">{buttons}</div></header>'
        f'<div class="controls"></div><ul class="legend"></ul><div class="body">'
        f'<div class="plot" role="img" aria-label="{title}. {html.escape(chart.summary)}" '
        f'style="height:{chart.height}px"></div><div class="data" hidden></div></div>{note}{foot}</figure>'
    )


def _audit(run: RunTables) -> str:
    laws = by_law(run["audit"])
    if not laws:
        return '<p class="empty">This run has no audit.</p>'
    lines = []
    for law in laws:
        name, scope, where = (html.escape(text) for text in (law.name, law.scope, law.where))
        mark = "<td>passed</td>" if law.holds else '<td class="bad">FAILED</td>'
        lines.append(
            f'<tr><td>{name}</td><td class="n">{law.checks:,}</td><td class="n">{law.shown}</td>'
            f'<td class="n">{law.year}</td><td>{scope}</td><td>{where}</td>{mark}</tr>'
        )
    head = "<th>Law</th><th class=n>Checks</th><th class=n>Worst residual</th><th class=n>Year</th>"
    head += "<th>Scope</th><th>Where</th><th>Result</th>"
    table = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    return f"<p>{html.escape(verdict(laws))}</p>{table}"


def _provenance(run: RunTables) -> str:
    d = run.document
    packages = ", ".join(f"{name} {number}" for name, number in d["packages"].items() if number)
    stages = ", ".join(f"{name} {short(float(value))} s" for name, value in d["stage_seconds"].items())
    solves: pd.DataFrame = run["solves"]
    facts = {
        "Scenario, as it differs from the default": "; ".join(
            f"{k} = {v}" for k, v in settings(d["differences"]).items()
        )
        or "nothing differs",
        "Run": f"{full_hash(d)} (SHA-256 of all that decides its results; file names carry the first digits)",
        "Dataset": f"{d['dataset']['name']}, SHA-256 {d['dataset']['hash']}",
        "Code": f"steeliq {d['code']['version']} {d['code']['commit']}".strip(),
        "Environment lock": f"SHA-256 {d['code']['environment']}",
        "Seed": str(d["seed"]),
        "Packages": f"Python {d['python']}, {packages}",
        "Platform": f"{d['platform']['system']}, {d['platform']['machine']}, {d['platform']['cores']} cores",
        "Started and ended": f"{d['started']} to {d['ended'] or 'now'}",
        "Time": f"{short(float(d['seconds'] or 0))} s in all, solver {short(float(d['solver_seconds']))} s; {stages}",
        "Largest memory": f"{short(float(d['peak_memory_mb']))} MB",
        "Linear programmes": f"{len(solves)} solved, {int(solves['iterations'].sum()):,} iterations, "
        f"at most {int(solves['rows'].max()):,} rows and {int(solves['columns'].max()):,} columns"
        if len(solves)
        else "none",
    }
    return "".join(f"<div><dt>{html.escape(k)}</dt><dd>{html.escape(v)}</dd></div>" for k, v in facts.items())
