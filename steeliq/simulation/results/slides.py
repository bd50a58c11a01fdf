"""A run as slides: native charts that can be edited in the presentation, each with run, hash, unit and source.

The charts are those of the report: series, colours and patterns are read from the same data, so that a slide shows
what the report shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE_DASH_STYLE, MSO_PATTERN_TYPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

from steeliq.atomic import write_atomically
from steeliq.errors import RunError
from steeliq.simulation.results.fingerprint import short_hash
from steeliq.simulation.results.iamc import scenario_name
from steeliq.simulation.results.labels import read_labels
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.report.charts import Chart, Json, RunTables
from steeliq.simulation.results.report.charts_costs import prices
from steeliq.simulation.results.report.charts_decisions import by_kind, investment
from steeliq.simulation.results.report.charts_emissions import by_scope, intensity
from steeliq.simulation.results.report.charts_production import production_charts
from steeliq.simulation.results.report.key_figures import key_figures, paragraph
from steeliq.simulation.results.report.theme import PALETTE
from steeliq.simulation.results.tables import read_table, years_done

TABLES: Final = (
    "production", "capacity", "charges", "energy", "emissions", "intensities", "prices", "demand", "decisions", "audit",
)  # fmt: skip
"""Result tables that the slides read."""

WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
MARGIN: Final = Inches(0.6)
INK, MUTED = "$text", "$muted"
NUMBER: Final = "#,##0.0##"
TITLE_ONLY: Final = 5
"""Layout of the default template with a title and nothing else, so that every slide has a name in the outline."""

PATTERNS: Final = {
    "/": MSO_PATTERN_TYPE.WIDE_UPWARD_DIAGONAL,
    "x": MSO_PATTERN_TYPE.DIAGONAL_CROSS,
    ".": MSO_PATTERN_TYPE.PERCENT_50,
    "-": MSO_PATTERN_TYPE.DARK_HORIZONTAL,
}
DASHES: Final = {
    "dash": MSO_LINE_DASH_STYLE.DASH,
    "dot": MSO_LINE_DASH_STYLE.ROUND_DOT,
    "dashdot": MSO_LINE_DASH_STYLE.DASH_DOT,
    "longdash": MSO_LINE_DASH_STYLE.LONG_DASH,
    "longdashdot": MSO_LINE_DASH_STYLE.LONG_DASH_DOT,
}
MARKERS: Final = {
    "circle": XL_MARKER_STYLE.CIRCLE,
    "square": XL_MARKER_STYLE.SQUARE,
    "diamond": XL_MARKER_STYLE.DIAMOND,
    "triangle-up": XL_MARKER_STYLE.TRIANGLE,
    "triangle-down": XL_MARKER_STYLE.X,
    "star": XL_MARKER_STYLE.STAR,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One chart as a slide shows it: a position of its controls, and the words for it."""

    chart: Chart
    choice: str
    traces: tuple[Json, ...]
    unit: str
    note: str

    @property
    def title(self) -> str:
        """Title with the choice."""
        return f"{self.chart.title}, {self.choice}" if self.choice else self.chart.title


def to_pptx(run_dir: Path, out: Path) -> Path:
    """Write the run as a presentation to ``out`` (.pptx) and return it; ``RunError`` if it has no complete year."""
    years = years_done(run_dir)
    document = read_run_json(run_dir)
    if not years:
        raise RunError(f"{run_dir}: this run has no complete year yet; resume it, then make the slides")
    tables = {name: read_table(run_dir, name, years) for name in TABLES}
    run = RunTables(tables, read_labels(run_dir), document, years)
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    properties = deck.core_properties
    properties.title, properties.author = f"steeliq: {scenario_name(dict(document))}", "steeliq"
    properties.created = properties.modified = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    _title_slide(deck, run)
    _figures_slide(deck, run)
    for shown in shown_charts(run):
        _chart_slide(deck, shown, _who(run))
    write_atomically(out, deck.save)
    return out


def shown_charts(run: RunTables) -> list[Shown]:
    """The charts of the slides that have something to show, in order."""
    made = {chart.id: chart for chart in production_charts(run)}
    charts = [
        made["production-steel"],
        made["capacity-steel"],
        made["charge-mix"],
        by_scope(run),
        intensity(run),
        prices(run),
        by_kind(run),
        investment(run),
    ]
    return [_shown(chart) for chart in charts if not chart.is_empty]


def _shown(chart: Chart) -> Shown:
    """The chart at the start of its controls."""
    key = "|".join(control.values[control.start] for control in chart.controls)
    choice = ", ".join(control.labels[control.start] for control in chart.controls)
    view = chart.views.get(key) or chart.views.get(key.split("|", maxsplit=1)[0], {})
    traces = [*chart.traces, *chart.frames.get(key, ())]
    kept = [trace for trace in traces if trace.get("showlegend") is not False and trace.get("x")]
    return Shown(chart, choice, tuple(kept), str(view.get("unit", chart.unit)), str(view.get("note", chart.note)))


def _who(run: RunTables) -> str:
    return f"steeliq run: {scenario_name(dict(run.document))} · {short_hash(run.document)}"


def _title_slide(deck: Any, run: RunTables) -> None:
    slide = _slide(deck, scenario_name(dict(run.document)), top=1.3, height=1.6, size=40)
    span = f"{run.years[0]} to {run.years[-1]}" if len(run.years) > 1 else str(run.years[0])
    _text(slide, f"The world's steel plants, {span}", top=2.9, height=0.6, size=22, colour=MUTED)
    _text(slide, paragraph(run), top=3.8, height=2.0, size=18)
    dataset = run.document["dataset"]
    provenance = (
        f"Run {short_hash(run.document)} · dataset {dataset['name']} {str(dataset['hash'])[:12]} · "
        f"steeliq {run.document['code']['version']} · money in real USD of 2024"
    )
    _text(slide, provenance, top=6.7, height=0.4, size=12, colour=MUTED)


def _figures_slide(deck: Any, run: RunTables) -> None:
    slide = _slide(deck, "Key figures")
    figures = key_figures(run)
    frame = slide.shapes.add_table(
        len(figures) + 1, 4, MARGIN, Inches(1.25), WIDTH - 2 * MARGIN, Inches(0.38) * (len(figures) + 1)
    )
    table = frame.table
    for column, width in enumerate((4.0, 1.8, 1.8, 4.5)):
        table.columns[column].width = Inches(width)
    rows = [("Figure", "Value", "Unit", "Note"), *((f.name, f.value, f.unit, f.detail) for f in figures)]
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            cell = table.cell(number, column)
            cell.text = text
            cell.text_frame.paragraphs[0].font.size = Pt(14)
    _text(slide, f"{_who(run)} · Source: result tables of the run", top=6.95, height=0.35, size=11, colour=MUTED)


def _chart_slide(deck: Any, shown: Shown, who: str) -> None:
    slide = _slide(deck, f"{shown.title} [{shown.unit}]")
    is_stack = all(trace["type"] == "bar" for trace in shown.traces)
    kind = XL_CHART_TYPE.COLUMN_STACKED if is_stack else XL_CHART_TYPE.LINE_MARKERS
    frame = slide.shapes.add_chart(kind, MARGIN, Inches(1.1), WIDTH - 2 * MARGIN, Inches(5.3), chart_data(shown.traces))
    frame.name = shown.chart.id
    chart = frame.chart
    chart.font.size = Pt(13)
    chart.has_title = False
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.RIGHT, False
    chart.value_axis.has_title = True
    chart.value_axis.axis_title.text_frame.text = shown.unit
    chart.value_axis.axis_title.text_frame.paragraphs[0].font.size = Pt(13)
    chart.value_axis.major_gridlines.format.line.color.rgb = _rgb("$grid")
    chart.value_axis.format.line.fill.background()
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    if is_stack:
        chart.plots[0].gap_width, chart.plots[0].overlap = 35, 100
    for series, trace in zip(chart.plots[0].series, shown.traces, strict=True):
        if is_stack:
            _paint_bar(series, trace)
        else:
            _paint_line(series, trace)
    _text(slide, shown.note, top=6.45, height=0.5, size=11, colour=MUTED)
    _text(slide, f"{who} · {shown.unit} · Source: {shown.chart.source}", top=6.95, height=0.35, size=11, colour=MUTED)


def chart_data(traces: Sequence[Json]) -> Any:
    """Years as categories, one series per trace; a year that a trace lacks stays empty."""
    years = sorted({int(year) for trace in traces for year in trace["x"]})
    data: Any = CategoryChartData(number_format=NUMBER)  # type: ignore[no-untyped-call]  # ships no types
    data.categories = [str(year) for year in years]
    for trace in traces:
        values = dict(zip((int(year) for year in trace["x"]), trace["y"], strict=True))
        data.add_series(str(trace["name"]), [values.get(year) for year in years], NUMBER)
    return data


def _paint_bar(series: Any, trace: Json) -> None:
    colour, pattern = _rgb(trace["marker"]["color"]), trace["marker"].get("pattern", {}).get("shape", "")
    fill = series.format.fill
    if pattern in PATTERNS:
        fill.patterned()
        fill.pattern = PATTERNS[pattern]
        fill.fore_color.rgb, fill.back_color.rgb = colour, _rgb("$ground")
    else:
        fill.solid()
        fill.fore_color.rgb = colour
    series.invert_if_negative = False


def _paint_line(series: Any, trace: Json) -> None:
    look = trace.get("line", {})
    colour = _rgb(look.get("color") or trace["marker"]["color"])
    series.smooth = False
    series.format.line.color.rgb, series.format.line.width = colour, Pt(2.25)
    if look.get("dash") in DASHES:
        series.format.line.dash_style = DASHES[look["dash"]]
    series.marker.style = MARKERS.get(str(trace["marker"].get("symbol", "circle")), XL_MARKER_STYLE.CIRCLE)
    series.marker.size = 6
    series.marker.format.fill.solid()
    series.marker.format.fill.fore_color.rgb = colour
    series.marker.format.line.color.rgb = colour


def _slide(deck: Any, title: str, *, top: float = 0.35, height: float = 0.7, size: int = 26) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    box = slide.shapes.title
    box.left, box.top, box.width, box.height = MARGIN, Inches(top), WIDTH - 2 * MARGIN, Inches(height)
    box.text_frame.text = _printable(title)
    box.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = box.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    paragraph.font.size, paragraph.font.bold, paragraph.font.color.rgb = Pt(size), True, _rgb(INK)
    return slide


def _text(slide: Any, text: str, *, top: float, height: float, size: int, colour: str = INK) -> None:
    box = slide.shapes.add_textbox(MARGIN, Inches(top), Emu(WIDTH - 2 * MARGIN), Inches(height))
    box.text_frame.word_wrap = True
    paragraph = box.text_frame.paragraphs[0]
    run = paragraph.add_run()
    run.text = _printable(text)
    run.font.size, run.font.color.rgb = Pt(size), _rgb(colour)


def _printable(text: str) -> str:
    """Without control characters, which XML does not know."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _rgb(colour: str) -> Any:
    """A token or ``#rrggbb`` on the light ground."""
    digits = PALETTE["light"].get(colour, colour).lstrip("#")
    return RGBColor(*bytes.fromhex(digits))  # type: ignore[no-untyped-call]  # ships no types
