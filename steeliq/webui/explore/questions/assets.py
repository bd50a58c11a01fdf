"""What is lost and what is put in: debt written off, capacity that ends before its campaign, investment."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    in_unit,
    short,
    span,
    stacked,
    view,
)
from steeliq.simulation.results.report.charts_decisions import ROUTE_NAMES
from steeliq.simulation.results.report.charts_production import stack, technology_names
from steeliq.simulation.results.report.theme import DECISIONS, ROUTES, TECHNOLOGIES, Look
from steeliq.webui.explore.questions.areas import areas_of, told_where_empty, where
from steeliq.webui.explore.series import regions

SECTION: Final = "Decisions"
BILLIONS: Final = "billion USD"
CAPACITY: Final = "Mt/yr"
LOSSES: Final = {
    "debt": ("debt written off", BILLIONS),
    "closed": ("capacity closed before its campaign's end", CAPACITY),
    "replaced": ("capacity replaced before its campaign's end", CAPACITY),
}
EARLY: Final = re.compile(r"(\d+) years before the end of the campaign")
AT_ITS_END: Final = "end of campaign"
DEFAULT_CONSTRUCTION: Final = 4
NO_INVESTMENT: Final = "Nothing was invested in the chosen part of this run."


def debt_written_off(run: RunTables) -> pd.DataFrame:
    """Debt neither repaid nor handed on, by year of the decision: columns year, technology, country, value USD."""
    return run["write_offs"].rename(columns={"debt": "value"})[["year", "technology", "country", "value"]]


def closed_early(run: RunTables) -> pd.DataFrame:
    """Furnaces closed because they lost money, campaign or not: columns year, technology, country, value t/yr."""
    decided = run["decisions"]
    early = decided[(decided["decision"] == "close") & ~decided["reason"].str.startswith(AT_ITS_END)]
    return _capacity(run, early[["year", "furnace_group"]].assign(last=early["year"]))


def replaced_early(run: RunTables) -> pd.DataFrame:
    """Furnaces whose successor opens before their campaign ends, in their last year: the same columns."""
    decided = run["decisions"]
    switched = decided[decided["decision"] == "switch"]
    left = switched["reason"].str.extract(EARLY, expand=False).astype(float)
    construction = run.document.get("scenario", {}).get("finance", {}).get("construction", DEFAULT_CONSTRUCTION)
    # The last year of operation is the one before the successor opens.
    early = switched[left > construction - 1]
    return _capacity(run, early[["year", "furnace_group"]].assign(last=early["start"] - 1))


def _capacity(run: RunTables, ended: pd.DataFrame) -> pd.DataFrame:
    made = run["production"][["year", "furnace_group", "technology", "country", "capacity"]]
    rows = ended.merge(made, on=["year", "furnace_group"], how="inner")
    return rows.assign(year=rows["last"], value=rows["capacity"])[["year", "technology", "country", "value"]]


def stranded(run: RunTables) -> Chart:
    """Debt written off and capacity that ended early, by technology or region."""
    losses = {
        "debt": debt_written_off(run).assign(value=lambda rows: rows["value"] / 1e9),
        "closed": closed_early(run).assign(value=lambda rows: rows["value"] / 1e6),
        "replaced": replaced_early(run).assign(value=lambda rows: rows["value"] / 1e6),
    }
    losses = {key: rows[rows["year"].isin(run.years)] for key, rows in losses.items()}
    frames = {
        f"{key}|{by}": tuple(in_unit(trace, LOSSES[key][1]) for trace in _stacked(run, rows, by, LOSSES[key][1]))
        for key, rows in losses.items()
        for by in GROUPED
    }
    sums = {key: float(rows["value"].sum()) for key, rows in losses.items()}
    controls = (
        Control("What", "select", tuple(LOSSES), tuple(label for label, _ in LOSSES.values())),
        Control("By", "select", tuple(GROUPED), tuple(GROUPED.values())),
    )
    has_any = any(frames.values())
    recorded = "write_offs" in run.tables
    debt = f"{short(sums['debt'])} {BILLIONS} of debt are written off" if recorded else NOT_RECORDED
    nothing = "Nothing was written off and nothing ended before its campaign in the chosen part of this run."
    return Chart(
        id="stranded",
        section=SECTION,
        title="Stranded assets",
        unit=BILLIONS,
        source="results tables write_offs, decisions and production",
        summary=f"{debt}; {short(sums['closed'])} {CAPACITY} close "
        f"and {short(sums['replaced'])} {CAPACITY} are replaced before their campaign's end.",
        columns=("what", "by", "series", "year", "value", "unit"),
        empty=nothing if recorded else f"{NOT_RECORDED}, and nothing ended before its campaign.",
        frames=frames if has_any else {},
        controls=controls if has_any else (),
        layout=stacked(BILLIONS),
        views=_views(frames, recorded=recorded) if has_any else {},
        note="" if recorded else f"{NOT_RECORDED}: this run was made by an earlier version.",
    )


def _views(frames: dict[str, tuple[Json, ...]], *, recorded: bool) -> dict[str, Json]:
    notes = {key: view(unit, NOTES[key]) for key, (_, unit) in LOSSES.items()}
    views = told_where_empty(frames, notes, "None in the chosen part of this run.")
    if not recorded:
        views |= told_where_empty({f"debt|{by}": () for by in GROUPED}, {"debt": view(BILLIONS)}, NOT_RECORDED)
    return views


NOT_RECORDED: Final = "Debt written off is not recorded"
GROUPED: Final = {"technology": "technology", "region": "region"}
NOTES: Final = {
    "debt": "In the year of the decision. The debt of a line that is switched passes to its successor and is not lost.",
    "closed": "Furnaces that lost money years running, in their last year; a campaign that may end in that very year "
    "counts too. The furnace that decides is counted, not the converters that end with it.",
    "replaced": "Furnaces that are switched so early that the successor opens before the campaign ends, in their last "
    "year. The furnace that decides is counted, not the converters that end with it.",
}


def _stacked(run: RunTables, rows: pd.DataFrame, by: str, unit: str) -> list[Json]:
    if by == "technology":
        return stack(rows, "technology", TECHNOLOGIES, technology_names(run), unit)
    return stack(_with_region(run, rows), "region", {}, {}, unit)


def _with_region(run: RunTables, rows: pd.DataFrame) -> pd.DataFrame:
    places = regions(run)
    return rows.assign(region=rows["country"].map(lambda country: places.get(str(country), str(country))))


def investment(run: RunTables) -> Chart:
    """Investment decided on, by the route that is built or kept, kind or region, for the world or a region."""
    decided = run["decisions"]
    decided = decided[decided["investment"] > 0]
    rows = _with_region(run, decided.assign(value=decided["investment"] / 1e9))
    areas = areas_of(run, decided)
    looks: dict[str, dict[str, Look]] = {"to_route": ROUTES, "decision": DECISIONS, "region": {}}
    names = {str(key): str(key).replace("_", "-") for key in set(decided["to_route"])}
    frames = {
        f"{by}|{area.key}": tuple(stack(area.rows(rows), by, look, names, BILLIONS))
        for by, look in looks.items()
        for area in areas
    }
    has_any = any(frames.values())
    choice = Control("By", "select", tuple(looks), ("route", "kind of decision", "region"))
    return Chart(
        id="investment",
        section=SECTION,
        title="Investment by route, kind and region",
        unit=BILLIONS,
        source="results table decisions",
        summary=span(rows.groupby("year")["value"].sum(), BILLIONS, "Investment decided"),
        columns=("by", "where", "series", "year", BILLIONS),
        empty=NO_INVESTMENT,
        frames=frames if has_any else {},
        controls=(choice, where(areas)) if has_any else (),
        layout=stacked(BILLIONS),
        views=told_where_empty(frames, {}, NO_INVESTMENT) if has_any else {},
        note="CAPEX in the year of the decision: building, relining and life extensions. Real USD of 2024. Power, "
        f"hydrogen, mines and CO2 pipes are paid through prices and not counted here. {ROUTE_NAMES}",
    )
