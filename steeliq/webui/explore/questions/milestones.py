"""Is the run on the path of the International Energy Agency's net-zero scenario? Its milestones, met or missed."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pandas as pd

from steeliq.simulation.results.report.charts import Chart, Json, RunTables, number, numbers, short
from steeliq.simulation.results.report.charts_production import steel_technologies
from steeliq.simulation.results.report.key_figures import ore_based
from steeliq.webui.explore.filters import Filters, narrowed
from steeliq.webui.explore.questions.areas import ALL, Area, areas_of, steel_made, told_where_empty, where, whole

SOURCES: Final = {
    "iea-net-zero-roadmap-2023": "International Energy Agency, Net Zero Roadmap: A Global Pathway to Keep the 1.5 °C "
    "Goal in Reach, 2023 update",
}
NOTHING: Final = "No steel is made here in these years."
SHARE: Final = "%"
AT_MOST: Final = "at most"
REACH: Final = 150.0
"""Greatest bar, % of the milestone: far more than that says no more than that it is met."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One line of the table of milestones."""

    key: str
    name: str
    year: int
    value: float
    unit: str
    rule: str
    source: str

    def beyond(self, found: float) -> float:
        """How far what was found is on the good side of the milestone, in its unit; below zero: missed by that."""
        return self.value - found if self.rule == AT_MOST else found - self.value


@cache
def milestones() -> tuple[Milestone, ...]:
    """The milestones in the file's order."""
    text = Path(__file__).with_suffix(".csv").read_text(encoding="utf-8")
    return tuple(
        Milestone(row["milestone"], row["name"], int(row["year"]), float(row["value"]), row["unit"], row["rule"],
                  row["source"])
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def crude_steel(run: RunTables) -> pd.Series[float]:
    """Crude steel by year, Mt."""
    return steel_made(run).groupby("year")["production"].sum() / 1e6


def scrap_share(run: RunTables) -> pd.Series[float]:
    """Scrap in the metallic charge of steelmaking by year, %."""
    charges = run["charges"]
    metallic = run.labels.flags("commodities", "commodity", "metallic")
    kept = charges["technology"].isin(sorted(steel_technologies(run)))
    kept &= charges["commodity"].map(lambda key: metallic.get(str(key), True)).astype(bool)
    total = charges[kept].groupby("year")["amount"].sum()
    scrap = charges[kept & (charges["commodity"] == "scrap")].groupby("year")["amount"].sum()
    return 100.0 * scrap.reindex(total.index, fill_value=0.0) / total.where(total > 0)


def near_zero_share(run: RunTables) -> pd.Series[float]:
    """Near-zero technologies in what is made from ore (iron, and steel straight from ore) by year, %."""
    near_zero = run.labels.flags("technologies", "technology", "near_zero")
    made = ore_based(run)
    clean = made["technology"].map(lambda key: near_zero.get(str(key), False)).astype(bool)
    total = made.groupby("year")["production"].sum()
    part = made[clean].groupby("year")["production"].sum()
    return 100.0 * part.reindex(total.index, fill_value=0.0) / total.where(total > 0)


def captured(run: RunTables) -> pd.Series[float]:
    """CO2 captured by year, Mt."""
    return run["emissions"].groupby("year")["captured"].sum() / 1e6


FOUND: Final[Mapping[str, Callable[[RunTables], pd.Series[float]]]] = {
    "steel": crude_steel,
    "scrap": scrap_share,
    "near_zero": near_zero_share,
    "captured": captured,
}


def on_trajectory(run: RunTables) -> Chart:
    """Each milestone with what the run has in that year: met, or missed by how much; the world, or a region's shares.

    The milestones hold for the world. What depends on size (tonnes of steel, of CO2) says nothing of a region, so a
    region is set against the milestones that are shares.
    """
    world = _in_years_of_milestones(whole(run))
    areas = areas_of(world, steel_made(whole(run)))
    rows = {area.key: _found(world, area, run.years) for area in areas}
    frames = {key: _frame(rows[key]) for key in rows}
    years = sorted({one.year for one in milestones()})
    has_any = any(frames.values())
    return Chart(
        id="milestones",
        section="Questions",
        title="On the path of the IEA's net-zero scenario?",
        unit="% of milestone",
        source="results tables production, charges and emissions; milestones: " + "; ".join(SOURCES.values()),
        summary=_summary(rows[ALL]),
        columns=("where", "milestone", "year", "rule", "milestone value", "this run", "unit", "met",
                 "beyond it by (below zero: missed by)", "source"),
        empty=f"The chosen years have none of the years of the milestones ({', '.join(map(str, years))}).",
        frames=frames if has_any else {},
        controls=(where(areas),) if has_any else (),
        views=told_where_empty(
            frames, {area.key: _view(rows[area.key], is_region=area.key != ALL) for area in areas}, NOTHING
        )
        if has_any
        else {},
        layout={
            "barmode": "overlay", "hovermode": "closest", "bargap": 0.3,
            "xaxis": {"title": {"text": "this run, % of the milestone"}, "range": [0, 1.5 * REACH],
                      "tickformat": ".0f", "tickvals": [0, 50, 100, 150]},
            "yaxis": {"type": "category", "autorange": "reversed", "categoryorder": "array", "showgrid": False},
            "shapes": [{"type": "line", "x0": 100, "x1": 100, "yref": "paper", "y0": 0, "y1": 1,
                        "line": {"color": "$text", "width": 1.5, "dash": "dot"}}],
        },
        note="Scrap share: of iron and scrap; the key figure of that name counts ore that electrolysis charges, too. "
        "Near-zero: technologies that the dataset counts as such, in all iron and in steel made straight from "
        f"ore. Bars end at {REACH:.0f} %; the table has the values. The agency's scenario meets these together; a run "
        "that uses less of one and more of another is not wrong.",
        wide=True,
        height=460,
    )  # fmt: skip


def _in_years_of_milestones(world: RunTables) -> RunTables:
    """The tables that milestones read, of their years alone: the others would only take time."""
    years = sorted({one.year for one in milestones()} & set(world.years))
    tables = {name: world[name] for name in ("production", "charges", "emissions")}
    kept = {name: frame[frame["year"].isin(years)] for name, frame in tables.items()}
    return RunTables(kept, world.labels, world.document, tuple(years))


type Rows = list[tuple[Milestone, float]]


def _found(world: RunTables, area: Area, years: tuple[int, ...]) -> Rows:
    """The milestones of the shown years with what the area has; shares only for a region."""
    seen, _ = (world, None) if area.key == ALL else narrowed(world, Filters(country=tuple(sorted(area.countries))))
    kept = [one for one in milestones() if one.year in years and (area.key == ALL or one.unit == SHARE)]
    series = {key: FOUND[key](seen) for key in dict.fromkeys(one.key for one in kept)}
    pairs = [(one, float(series[one.key].get(one.year, float("nan")))) for one in kept]
    return [(one, found) for one, found in pairs if math.isfinite(found)]


def _frame(rows: Rows) -> tuple[Json, ...]:
    met = [(one, found) for one, found in rows if one.beyond(found) >= 0]
    missed = [(one, found) for one, found in rows if one.beyond(found) < 0]
    traces = _bars("met", met, "$teal", ""), _bars("missed", missed, "$orange", "/")
    return (*(trace for trace in traces if trace["x"]), _words(rows)) if rows else ()


def _words(rows: Rows) -> Json:
    """What the bars say, in a column of its own beside them."""
    said = [f"{short(found)} {one.unit}, {one.rule} {one.value:,g}" for one, found in rows]
    return {
        "type": "scatter", "mode": "text", "name": "words", "x": [1.04 * REACH for _ in rows],
        "y": [_label(one) for one, _ in rows], "text": said, "textposition": "middle right", "showlegend": False,
        "textfont": {"size": 12, "color": "$text"}, "hoverinfo": "skip", "cliponaxis": False, "meta": {"ground": True},
    }  # fmt: skip


def _view(rows: Rows, *, is_region: bool) -> Json:
    told = "The milestones hold for the world; a region is set against those that are shares." if is_region else ""
    order = {"yaxis": {"categoryarray": [_label(one) for one, _ in rows]}}
    return {"layout": order} | ({"note": told} if told else {})


def _summary(rows: Rows) -> str:
    if not rows:
        return "No milestone to compare with."
    met = sum(one.beyond(found) >= 0 for one, found in rows)
    return f"{met} of {len(rows)} milestones are met. " + "; ".join(_told(one, found) for one, found in rows) + "."


def _label(one: Milestone) -> str:
    return f"{one.name} {one.year}"


def _told(one: Milestone, found: float) -> str:
    beyond = one.beyond(found)
    verdict = "met" if beyond >= 0 else f"missed by {short(-beyond)} {'points' if one.unit == SHARE else one.unit}"
    return f"{_label(one)}: {short(found)} {one.unit} against {one.rule} {one.value:,g}, {verdict}"


def _bars(name: str, rows: list[tuple[Milestone, float]], colour: str, pattern: str) -> Json:
    marker: Json = {"color": colour, "line": {"width": 0}}
    if pattern:
        marker["pattern"] = {"shape": pattern, "bgcolor": colour, "fgcolor": "$ground", "fgopacity": 0.85, "size": 7,
                             "solidity": 0.22}  # fmt: skip
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": numbers(min(100.0 * found / one.value, REACH) for one, found in rows),
        "y": [_label(one) for one, _ in rows],
        "marker": marker,
        "customdata": [
            [one.name, one.year, one.rule, number(one.value), number(found), one.unit, "yes" if name == "met" else "no",
             number(one.beyond(found)), one.source]
            for one, found in rows
        ],
        "hovertemplate": "%{y}: %{x:.0f} % of the milestone<extra>" + name + "</extra>",
        "meta": {"table": "customdata", "unnamed": True},
    }  # fmt: skip
