"""One plant: what it made and emitted, what that cost, and why its owner chose as it did.

All read tables that are already narrowed to the plant.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from steeliq.simulation.results.explanations import LEAST, PARTS, Explanation, explain
from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    bar,
    line,
    lines,
    span,
    stacked,
    wrapped,
    years_of,
)
from steeliq.simulation.results.report.charts_costs import UNIT
from steeliq.simulation.results.report.charts_emissions import SCOPE_NAMES
from steeliq.simulation.results.report.charts_production import stack, technology_names
from steeliq.simulation.results.report.theme import FALLBACK, SCOPES, TECHNOLOGIES, Look

SECTION: Final = "Plant"
MILLIONS: Final = "million USD"
KEEPING: Final = {"renovate": "stay", "extend": "extend"}
"""Decisions whose candidate is not named after a route."""
CANDIDATE_NAMES: Final = {"stay": "Renovate", "extend": "Extend"}
NO_DECISION: Final = "no change"


def production(run: RunTables) -> Chart:
    """Production by technology."""
    frame = run["production"]
    rows = frame.assign(value=frame["production"] / 1e6)
    return Chart(
        id="plant-production",
        section=SECTION,
        title="Production by technology",
        unit="Mt",
        source="results table production",
        summary=span(rows.groupby("year")["value"].sum(), "Mt", "Iron and steel made"),
        columns=("technology", "year", "Mt"),
        empty="This plant made nothing in the chosen years.",
        traces=tuple(stack(rows, "technology", TECHNOLOGIES, technology_names(run), "Mt")),
        layout=stacked("Mt"),
        note="Iron and steel both count.",
    )


def emissions(run: RunTables) -> Chart:
    """Emissions by scope, and what is captured below zero."""
    unit = "kt CO2e"
    sums = run["emissions"].groupby("year")[["scope1", "scope2", "scope3", "captured"]].sum() / 1e3
    sums["captured"] = -sums["captured"]
    traces = [
        bar(SCOPE_NAMES[scope], years_of(sums.index), sums[scope].to_numpy(float), look, unit)
        for scope, look in SCOPES.items()
        if (sums[scope] != 0).any()
    ]
    return Chart(
        id="plant-emissions",
        section=SECTION,
        title="Emissions by scope",
        unit=unit,
        source="results table emissions",
        summary=span(sums["scope1"], unit, "Scope 1"),
        columns=("scope", "year", unit),
        empty="This plant emitted nothing in the chosen years.",
        traces=tuple(traces),
        layout=stacked(unit),
    )


def lcos(run: RunTables) -> Chart:
    """Levelised cost of each furnace group."""
    frame = run["accounts"]
    frame = frame[np.isfinite(frame["lcos"].to_numpy(float)) & (frame["production"] > 0)]
    traces: list[Json] = []
    for count, group in enumerate(sorted({str(group) for group in frame["furnace_group"]})):
        rows = frame[frame["furnace_group"] == group].sort_values("year")
        dash = ("solid", "dash", "dot", "dashdot")[(count // 8) % 4]
        colour = FALLBACK[count % len(FALLBACK)].colour
        traces.append(line(group, years_of(rows["year"]), rows["lcos"].to_numpy(float), colour, UNIT, dash))
    return Chart(
        id="plant-lcos",
        section=SECTION,
        title="Levelised cost by furnace group",
        unit="USD/t product",
        source="results table accounts",
        summary="Levelised cost of each furnace group's own product.",
        columns=("furnace group", "year", "USD/t product"),
        empty="This plant made nothing in the chosen years.",
        traces=tuple(traces),
        layout=lines("USD/t product"),
    )


def cash(run: RunTables) -> Chart:
    """Revenue above zero, costs below, and what is left."""
    frame = run["accounts"]
    sums = frame.groupby("year")[
        ["revenue", "variable_cost", "carbon_cost", "fixed_cost", "interest", "principal", "debt"]
    ].sum()
    sums = sums / 1e6
    years = years_of(sums.index)
    parts = (
        ("revenue", sums["revenue"], Look("$teal")),
        ("inputs and conversion", -sums["variable_cost"], Look("$slate")),
        ("carbon", -sums["carbon_cost"], Look("$magenta")),
        ("fixed", -sums["fixed_cost"], Look("$green")),
        ("interest and repayment", -(sums["interest"] + sums["principal"]), Look("$orange")),
    )
    traces = [bar(name, years, values.to_numpy(float), look, MILLIONS) for name, values, look in parts]
    left = sums["revenue"] - sums["variable_cost"] - sums["carbon_cost"] - sums["fixed_cost"]
    left -= sums["interest"] + sums["principal"]
    traces.append(line("cash flow", years, left.to_numpy(float), "$text", MILLIONS))
    return Chart(
        id="plant-cash",
        section=SECTION,
        title="Revenue and costs",
        unit=MILLIONS,
        source="results table accounts",
        summary=span(left, MILLIONS, "Cash flow"),
        columns=("item", "year", MILLIONS),
        empty="This plant had no accounts in the chosen years.",
        traces=tuple(traces) if len(sums) else (),
        layout=stacked(MILLIONS),
        note="Iron that goes hot into the plant's own furnaces is revenue of the one and cost of the other.",
    )


def npvs(run: RunTables) -> Chart:
    """NPVs of all courses that a furnace group considered in a year, and what was chosen or refused."""
    frame, taken = run["candidates"], run["decisions"]
    chosen = {
        (int(year), str(group)): (str(kind), str(route))
        for year, group, kind, route in taken[["year", "furnace_group", "decision", "to_route"]].itertuples(index=False)
    }
    frames: dict[str, tuple[Json, ...]] = {}
    labels: list[str] = []
    start = -1
    considered = _considered(frame)
    for year, group in sorted(considered):
        kind, route = chosen.get((year, group), (NO_DECISION, ""))
        if kind != NO_DECISION and (start < 0 or (kind == "switch" and "switch" not in labels[start])):
            start = len(labels)
        labels.append(f"{year}, {group}: {kind}")
        frames[f"{year} {group}"] = _npvs(considered[year, group], KEEPING.get(kind, route))
    keys = tuple(frames)
    return Chart(
        id="plant-npv",
        section=SECTION,
        title="What was considered: NPV of each course",
        unit="USD/t of yearly capacity",
        source="results tables candidates and decisions",
        summary="Net present value to equity of every course considered, by furnace group and year.",
        columns=("considered", "outcome", "course", "USD/t of yearly capacity", "refused by"),
        empty="No furnace group of this plant came up for a decision in the chosen years.",
        frames=frames,
        controls=(Control("Decision", "select", keys, tuple(labels), max(start, 0)),) if keys else (),
        layout={
            "barmode": "relative",
            "bargap": 0.3,
            "hovermode": "closest",
            "xaxis": {"type": "category"},
            "yaxis": {"title": {"text": "USD/t of yearly capacity"}},
        },
        note="NPV to equity per tonne of yearly capacity, best first. A refused course is one that a limit did not let "
        "through.",
        wide=True,
        height=400,
    )


PART_LOOKS: Final = {
    "revenue": Look("$teal"), "materials": Look("$brown"), "energy": Look("$orange"), "conversion": Look("$slate"),
    "carbon": Look("$magenta"), "fixed": Look("$green"), "support": Look("$green", "/"), "old_line": Look("$teal", "/"),
    "tightness": Look("$slate", "/"), "equity": Look("$blue"), "debt_service": Look("$blue", "/"),
    "stranded": Look("$ink"),
}  # fmt: skip
"""How the parts of an NPV look; the keys are columns of the table reasons."""


def parts(run: RunTables) -> Chart:
    """What the NPVs of the best courses of each decision are made of: money in above zero, money out below."""
    tables = {name: run[name] for name in ("decisions", "candidates", "reasons")}
    told = [one for one in explain(tables, map(str, tables["decisions"]["furnace_group"])) if one.beside]
    frames = {f"{one.year} {one.furnace_group}": _parts(one) for one in told}
    keys = tuple(frames)
    labels = tuple(f"{one.year}, {one.furnace_group}: {one.title}" for one in told)
    start = next((n for n, one in enumerate(told) if one.decision == "switch"), 0)
    return Chart(
        id="plant-parts",
        section=SECTION,
        title="Why: what the NPVs are made of",
        unit="USD/t of yearly capacity",
        source="results tables reasons and decisions",
        summary="Discounted sales and costs of the chosen course and of the best others, by decision.",
        columns=("decision", "part", "course", "USD/t of yearly capacity"),
        empty="No decision of this plant in the chosen years has its reasons in this run.",
        frames=frames,
        controls=(Control("Decision", "select", keys, labels, start),) if keys else (),
        layout={
            "barmode": "relative",
            "bargap": 0.35,
            "hovermode": "closest",
            "xaxis": {"type": "category"},
            "yaxis": {"title": {"text": "USD/t of yearly capacity"}},
            "legend": {"traceorder": "reversed"},
        },
        note="Discounted over the life of each course; the parts add up to its NPV to equity. The chosen course stands "
        "first.",
        wide=True,
        height=460,
    )


def _parts(one: Explanation) -> tuple[Json, ...]:
    names = [wrapped(f"{course.name} (chosen)" if course.chosen else course.name, 16) for course in one.beside]
    shown = [part for part in PARTS if any(abs(course.parts[part]) >= LEAST for course in one.beside)]
    traces = [
        bar(PARTS[part], names, [course.parts[part] for course in one.beside], PART_LOOKS[part], UNIT) for part in shown
    ]
    worth = [course.npv for course in one.beside]
    return (*traces, line("NPV", names, worth, "$text", UNIT, symbol="diamond") | {"mode": "markers"})


type Course = tuple[str, float, str]
"""Route, NPV [USD/t], refused by."""


def _considered(frame: pd.DataFrame) -> dict[tuple[int, str], list[Course]]:
    """Every course of each year and furnace group, best first; without those that have no NPV."""
    found: dict[tuple[int, str], list[Course]] = {}
    rows = frame.sort_values(["npv", "route"], ascending=[False, True])
    columns = ("year", "furnace_group", "route", "npv", "refused_by")
    for year, group, route, npv, limit in zip(*(rows[column].tolist() for column in columns), strict=True):
        courses = found.setdefault((year, group), [])
        if not math.isnan(npv):
            courses.append((route, npv, limit))
    return found


def _npvs(courses: list[Course], chosen: str) -> tuple[Json, ...]:
    def outcome(course: Course) -> str:
        route, _, limit = course
        return "chosen" if route == chosen else "refused" if limit else "not chosen"

    traces = []
    for name, look in (("chosen", Look("$blue")), ("not chosen", Look("$slate")), ("refused", Look("$orange", "/"))):
        part = [course for course in courses if outcome(course) == name]
        if not part:
            continue
        labels = [wrapped(_course(route), 9) for route, _, _ in part]
        trace = bar(name, labels, [npv for _, npv, _ in part], look, UNIT)
        trace["customdata"] = [[limit] for _, _, limit in part]
        trace["hovertemplate"] = "%{x}: %{y:,.4~g} USD/t, %{fullData.name} %{customdata[0]}<extra></extra>"
        traces.append(trace)
    return tuple(traces)


def _course(route: str) -> str:
    return CANDIDATE_NAMES.get(route, route.replace("_", "-"))
