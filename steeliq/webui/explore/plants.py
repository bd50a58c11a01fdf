"""The table of plants in a year, and all that is known of one plant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from steeliq.simulation.results.report.charts import RunTables, number, short
from steeliq.simulation.results.report.charts_production import technology_names
from steeliq.webui.explore.charts_plant import KEEPING, best_of
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
    table["name"] = table["plant"].map(lambda plant: plant_name(names, str(plant)))
    return _sorted(_found(table, asked.words), asked.sort)


def plant_name(names: dict[str, str], plant: str) -> str:
    """Name of a plant; those that the model founded are named after their country or site, and year."""
    if plant not in names and plant.startswith(("NEW-", "SITE-")):
        return f"New site {plant.partition('-')[2]}"
    return names.get(plant, plant)


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
        {str(key): (short(value) if key in NUMBERS else value) for key, value in row.items()}
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
    """One decision at a plant, told with what else was considered."""

    year: int
    group: str
    decision: str
    begin: str
    end: str
    capacity: str
    npv: str
    gain: str
    investment: str
    start: int
    reason: str
    candidates: list[dict[str, object]]
    story: str


def facts_of(run: RunTables, plant: str) -> dict[str, str]:
    """Name, place and owner of a plant; empty if the run does not know it."""
    made, decided = run["production"], run["decisions"]
    rows = made[made["plant"] == plant]
    source = rows if len(rows) else decided[decided["plant"] == plant]
    if source.empty:
        return {}
    names, countries = run.labels.names("plants", "plant"), run.labels.names("countries", "country")
    country = str(source["country"].iloc[0])
    place = {key: run.labels.numbers("plants", "plant", key).get(plant) for key in ("latitude", "longitude")}
    where = ", ".join(f"{value:.2f}" for value in place.values() if value is not None and value == value)  # noqa: PLR0124
    return {
        "name": plant_name(names, plant),
        "country": countries.get(country, country),
        "owner": str(source["owner"].iloc[-1]),
        "place": where,
        "note": "Stand-in for unlisted small plants of the country"
        if run.labels.flags("plants", "plant", "synthetic").get(plant)
        else "",
    }


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
                "capacity": short(float(last["capacity"]) / 1e6),
                "production": short(float(last["production"]) / 1e6),
                "utilisation": short(100.0 * float(last["utilisation"])),
                "lcos": short(lcos),
                "debt": short(debt / 1e6),
            }
        )
    return sorted(groups, key=lambda group: (group["first"], group["group"]))


def turns_of(run: RunTables, plant: str) -> list[Turn]:
    """All decisions of a plant in order, each with the courses that were considered."""
    decided, considered = run["decisions"], run["candidates"]
    decided = decided[decided["plant"] == plant].sort_values(["year", "furnace_group", "decision"])
    groups = list(decided["furnace_group"].unique())
    considered = considered[considered["furnace_group"].isin(groups)]
    turns = []
    for row in decided.to_dict("records"):
        same = (considered["year"] == row["year"]) & (considered["furnace_group"] == row["furnace_group"])
        candidates = best_of(considered[same])
        turns.append(
            Turn(
                year=int(row["year"]),
                group=str(row["furnace_group"]),
                decision=str(row["decision"]),
                begin=str(row["from_route"]).replace("_", "-"),
                end=str(row["to_route"]).replace("_", "-"),
                capacity=short(float(row["capacity"]) / 1e6),
                npv=short(float(row["npv"])),
                gain=short(float(row["gain"])),
                investment=short(float(row["investment"]) / 1e6),
                start=int(row["start"]),
                reason=str(row["reason"]),
                candidates=candidates,
                story=_story(str(row["decision"]), str(row["to_route"]), candidates),
            )
        )
    return turns


def _story(decision: str, route: str, candidates: list[dict[str, object]]) -> str:
    """What the figures of the candidates say, in a sentence or two."""
    if not candidates:
        return ""
    chosen = {"stay": "Renovate", "extend": "Extend"}.get(KEEPING.get(decision, ""), route.replace("_", "-"))
    sentences = []
    refused = [row for row in candidates if row["refused_by"]]
    others = [row for row in candidates if row["course"] != chosen and not row["refused_by"]]
    own = next((row for row in candidates if row["course"] == chosen), None)
    if own is not None and others:
        best = others[0]
        sentences.append(
            f"{chosen} was worth {short(_number(own['npv']))} USD per tonne of yearly capacity; the best other course, "
            f"{best['course']}, {short(_number(best['npv']))}."
        )
    elif own is None and decision == "close":
        best = candidates[0]
        sentences.append(f"The best course, {best['course']}, was worth {short(_number(best['npv']))} USD per tonne.")
    sentences += [f"{row['course']} was refused: {row['refused_by']}." for row in refused[:3]]
    return " ".join(sentences)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")
