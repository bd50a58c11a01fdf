"""The table of plants in a year, and all that is known of one plant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from steeliq.simulation.results.explanations import Explanation, explain, percent, usd
from steeliq.simulation.results.report.charts import RunTables, number, short
from steeliq.simulation.results.report.charts_production import technology_names
from steeliq.webui.explore.series import is_steel

PAGE: Final = 40
COLUMNS: Final = {
    "name": "Plant", "country": "Country", "owner": "Owner", "technology": "Main technology",
    "capacity": "Steel capacity, Mt/yr", "production": "Crude steel, Mt", "iron": "Iron, Mt",
    "scope1": "Scope 1, Mt CO2e",
}  # fmt: skip
"""Columns of the table of plants with their units."""
NUMBERS: Final = ("capacity", "production", "iron", "scope1")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader asked of the table: words to find, order, page and year."""

    words: str = ""
    sort: str = "-production"
    page: int = 1
    year: int | None = None


def plant_rows(run: RunTables, asked: Asked) -> pd.DataFrame:
    """One row per plant in the asked year (default: the last): ``plant`` and ``COLUMNS``; found and sorted."""
    year = asked.year if asked.year in run.years else run.years[-1]
    made = run["production"]
    made = made[made["year"] == year]
    names, countries = run.labels.names("plants", "plant"), run.labels.names("countries", "country")
    steel = is_steel(run, made)
    by = made["plant"]
    table = pd.DataFrame(
        {
            "capacity": made["capacity"].where(steel, 0.0).groupby(by).sum() / 1e6,
            "production": made["production"].where(steel, 0.0).groupby(by).sum() / 1e6,
            "iron": made["production"].where(~steel, 0.0).groupby(by).sum() / 1e6,
        }
    )
    emitted = run["emissions"]
    emitted = emitted[emitted["year"] == year]
    home = dict(zip(made["furnace_group"], by, strict=True))
    scope1 = emitted["scope1"].groupby(emitted["furnace_group"].map(home)).sum() / 1e6
    rank = made.assign(order=made["production"].where(steel, made["production"] / 1e6))
    main = rank.sort_values(["order", "technology"], ascending=[False, True]).drop_duplicates("plant")
    main = main.set_index("plant")
    table["scope1"] = scope1.reindex(table.index).fillna(0.0)
    kinds = technology_names(run)
    table["technology"] = main["technology"].map(lambda key: kinds.get(str(key), str(key)))
    table["owner"], table["country"] = main["owner"], main["country"].map(lambda key: countries.get(str(key), str(key)))
    table = table.rename_axis("plant").reset_index()
    table["name"] = table["plant"].map(lambda plant: names.get(str(plant)) or plant_name(run, str(plant)))
    return _sorted(_found(table, asked.words), asked.sort)


def plant_name(run: RunTables, plant: str) -> str:
    """Name of a plant; those that the model founded are named after their country or site, and year."""
    place = run.labels.place_of(plant)
    return place.name if place else plant


def _found(table: pd.DataFrame, words: str) -> pd.DataFrame:
    text = table["name"] + " " + table["plant"] + " " + table["country"] + " " + table["owner"]
    text = (text + " " + table["technology"]).str.casefold()
    keep = pd.Series(data=True, index=table.index)
    for word in words.casefold().split():
        keep &= text.str.contains(word, regex=False)
    return table[keep]


def _sorted(table: pd.DataFrame, sort: str) -> pd.DataFrame:
    column, down = sort.removeprefix("-"), sort.startswith("-")
    if column not in COLUMNS:
        column, down = "production", True
    return table.sort_values([column, "plant"], ascending=[not down, True], kind="stable")


def page_of(table: pd.DataFrame, page: int) -> tuple[list[dict[str, Any]], int, int]:
    """Rows of one page for the template, the page's number and the number of pages."""
    pages = max(1, -(-len(table) // PAGE))
    page = min(max(page, 1), pages)
    rows = table.iloc[(page - 1) * PAGE : page * PAGE]
    shown = [
        {str(key): (short(value, zeros=True) if key in NUMBERS else value) for key, value in row.items()}
        for row in rows.to_dict("records")
    ]
    return shown, page, pages


def csv_rows(table: pd.DataFrame) -> tuple[list[str], list[list[Any]]]:
    """All found rows for a download: head and rows."""
    head = ["plant", *COLUMNS]
    titles = ["Plant ID", *COLUMNS.values()]
    rows = [
        [number(float(cell)) if name in NUMBERS else cell for name, cell in zip(head, row, strict=True)]
        for row in table[head].itertuples(index=False)
    ]
    return titles, rows


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision at a plant as the page shows it: what the explanation says, its figures as text."""

    told: Explanation
    capacity: str
    npv: str
    gain: str
    investment: str
    fates: list[tuple[str, str, str, str, bool]]  # course, NPV, chance, why, whether chosen
    parts: list[tuple[str, list[str]]]  # name, value in each course of ``told.beside``
    totals: list[str]


def facts_of(run: RunTables, plant: str) -> dict[str, str]:
    """Name, place and owner of a plant; empty if the run does not know it."""
    made, decided = run["production"], run["decisions"]
    rows = made[made["plant"] == plant]
    source = rows if len(rows) else decided[decided["plant"] == plant]
    if source.empty:
        return {}
    countries = run.labels.names("countries", "country")
    country = str(source["country"].iloc[0])
    place = run.labels.place_of(plant)
    known = place is not None and place.new != "country" and math.isfinite(place.latitude + place.longitude)
    return {
        "name": plant_name(run, plant),
        "country": countries.get(country, country),
        "owner": str(source["owner"].iloc[-1]),
        "place": f"{place.latitude:.2f}, {place.longitude:.2f}" if place and known else "",
        "note": _note(run, plant, place.new if place else ""),
    }


DRAWN: Final = (
    "At the end of a campaign the owner chooses among the courses that are worth their cost and that the limits allow: "
    "the higher the NPV to equity, the likelier, but chance has a say. LCOS, CAPEX and cost of capital decide much."
)
DETERMINED: Final = (
    "At the end of a campaign the owner takes the course with the highest NPV to equity that the limits allow. LCOS, "
    "CAPEX and cost of capital decide much."
)


def choosing(run: RunTables) -> str:
    """How owners choose in this run, in a sentence."""
    scenario = run.document.get("scenario", {})
    decisions = scenario.get("decisions", {}) if isinstance(scenario, Mapping) else {}
    decisions = decisions if isinstance(decisions, Mapping) else {}
    certain = decisions.get("mode") == "deterministic" or not decisions.get("choice_scale", 1.0)
    return DETERMINED if certain else DRAWN


def _note(run: RunTables, plant: str, new: str) -> str:
    if run.labels.flags("plants", "plant", "synthetic").get(plant):
        return "Stand-in for unlisted small plants of the country"
    return {"site": "Founded by this run at a candidate site", "country": "Added by this run; site not known"}.get(
        new, ""
    )


def groups_of(run: RunTables, plant: str) -> list[dict[str, Any]]:
    """Furnace groups of a plant: technology, years in operation, capacity, last production and levelised cost."""
    made = run["production"]
    made = made[made["plant"] == plant].sort_values(["furnace_group", "year"])
    spent = run["accounts"]
    spent = spent[spent["furnace_group"].isin(list(made["furnace_group"].unique()))]
    owed = {(str(g), int(y)): (float(d), float(c)) for g, y, d, c in
            spent[["furnace_group", "year", "debt", "lcos"]].itertuples(index=False)}  # fmt: skip
    kinds = technology_names(run)
    groups = []
    for group, rows in made.groupby("furnace_group"):
        last = rows.iloc[-1]
        year = int(last["year"])
        debt, lcos = owed.get((str(group), year), (float("nan"), float("nan")))
        groups.append(
            {
                "group": str(group),
                "technology": kinds.get(str(last["technology"]), str(last["technology"])),
                "first": int(rows["year"].iloc[0]),
                "last": year,
                "runs_on": year == run.years[-1],
                "capacity": short(float(last["capacity"]) / 1e6, zeros=True),
                "production": short(float(last["production"]) / 1e6, zeros=True),
                "utilisation": short(100.0 * float(last["utilisation"]), zeros=True),
                "lcos": short(lcos),
                "debt": short(debt / 1e6, zeros=True),
            }
        )
    return sorted(groups, key=lambda group: (group["first"], group["group"]))


def turns_of(run: RunTables, plant: str) -> list[Turn]:
    """All decisions of a plant in order, each with the courses that were considered."""
    decided = run["decisions"]
    groups = decided.loc[decided["plant"] == plant, "furnace_group"].unique()
    return [_turn(told) for told in explain(run.tables, map(str, groups)) if told.plant == plant]


def _turn(told: Explanation) -> Turn:
    return Turn(
        told=told,
        capacity=short(told.capacity / 1e6),
        npv=usd(told.npv),
        gain=usd(told.gain),
        investment=short(told.investment / 1e6),
        fates=[(c.name, usd(c.npv), percent(c.probability), c.why, c.chosen) for c in told.courses],
        parts=[(name, [usd(value) for value in values]) for name, values in told.parts_beside()],
        totals=[usd(course.npv) for course in told.beside],
    )
