"""A new dataset from the official workbook of the Global Iron and Steel Tracker: the base, with the workbook's plants.

Answers: what was taken, what had to be assumed, and which rows were refused and why. Everything but plants, furnace
groups and hot links stays as in the base. Whether the result is a valid dataset is not this module's question: write
it and load it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineError

from steeliq.errors import DatasetError, Problem
from steeliq.simulation.dataset.dataset import Dataset
from steeliq.simulation.dataset.gem import STATUS, WORKBOOK_NAMES, Fleet, Tracker, fleet, great_circle, read_workbook
from steeliq.simulation.dataset.schema import schema

SOURCE = "tracker-workbook"
LINK_RADIUS = 10.0  # km between works that can send each other hot metal
HOT_IRON = frozenset({"BF", "SR", "ESF_GAS", "ESF_H2"})
SIZES = (100.0, 60e6)  # t/yr; the dataset's checks take anything beyond for a mistake of unit
YEARS = (1500.0, 2100.0)  # the oldest works date from the 17th century
PLANTS, CAPACITIES = "Plant data", "Plant capacities and status"
KEPT = ("capacity_factor", "start_year", "campaign_start", "source", "quality")
"""What a furnace group that the base knows keeps from there: corrections that no tracker lists."""

type Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row of the workbook that was not taken; ``rule`` says why."""

    sheet: str
    plant: str
    name: str
    status: str
    kind: str
    capacity: str
    rule: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """Something that the workbook does not say; ``count`` rows, with the ids of the first of them."""

    rule: str
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackerImport:
    """All tables of the new dataset and the account of what became of the workbook's rows.

    ``listed``: plants of the workbook. ``taken``: technology, status, plants, furnace_groups, capacity (t/yr as
    listed), base_capacity (t/yr as listed in the base, stand-ins left out).
    """

    tables: Tables
    listed: int
    taken: pd.DataFrame
    assumed: tuple[Assumed, ...]
    refused: tuple[Refused, ...]


def import_tracker(workbook: Path, base: Dataset, name: str = "") -> TrackerImport:
    """Read ``workbook`` (known to its user as ``name``) and put its fleet in the place of ``base``'s.

    Rows that cannot be used are refused one by one with the reason. Raises DatasetError if the file, a sheet or a
    column cannot be read, or if no plant is left.
    """
    tracker = read_workbook(workbook, _country_codes(workbook, base))
    refused: list[Refused] = []
    assumed: list[Assumed] = []
    plants = _usable_plants(tracker.plants, base, refused)
    plants = _completed(plants, base, assumed)
    rows = _usable_rows(tracker.rows, plants, tracker.plants, refused)
    plants, rows = _plain_years(plants, rows, assumed)
    listed = fleet(Tracker(plants, rows))
    if listed.furnace_groups.empty:
        rule = "no row of the workbook can be used: " + (refused[0].rule if refused else "it lists no capacity")
        raise DatasetError(workbook.name, [Problem(CAPACITIES, 0, "", "", rule)])
    _note_dropped(listed, plants, refused)
    groups = _known_technologies(listed, plants, base, refused)
    tables = dict(base.tables)
    tables |= _fleet_tables(listed, groups, base, assumed)
    tables["sources"] = _sources(base, name or workbook.name)
    taken = _taken(tables["furnace_groups"], base)
    return TrackerImport(tables, len(tracker.plants), taken, tuple(assumed), tuple(refused))


def _country_codes(workbook: Path, base: Dataset) -> Mapping[str, str]:
    """ISO3 by country name; names that the base does not know stand for themselves and are refused row by row."""
    known = dict(zip(base["countries"]["name"], base["countries"]["country"], strict=True))
    try:
        column = pd.read_excel(workbook, sheet_name=PLANTS, engine="calamine", keep_default_na=False)["Country/Area"]
    except (OSError, ValueError, KeyError, CalamineError):
        return known  # the reader proper says what is wrong
    told = {name.casefold() for name in (*known, *WORKBOOK_NAMES)}
    return known | {name: name for name in sorted(set(column.astype(str))) if name.casefold() not in told}


def _usable_plants(plants: pd.DataFrame, base: Dataset, refused: list[Refused]) -> pd.DataFrame:
    plants = plants.assign(**{name: _text(plants[name]) for name in ("plant", "name", "country", "owner", "parent")})
    countries = set(base["countries"]["country"])

    def refuse(wrong: pd.Series, rule: str) -> None:
        nonlocal plants
        told = plants[wrong].itertuples(index=False)
        refused.extend(Refused(PLANTS, str(row.plant), str(row.name), "", "", "", rule) for row in told)
        plants = plants[~wrong]

    refuse(plants["plant"] == "", "the row has no plant id")
    refuse(plants["plant"].duplicated(), "the plant id stands in an earlier row already")
    for country in sorted(set(plants["country"]) - countries):
        told = country or "(empty)"
        refuse(
            plants["country"] == country,
            f"country {told} is not in the base dataset: it would have no demand, prices or trade",
        )
    return plants.reset_index(drop=True)


def _text(cells: pd.Series) -> pd.Series:
    """Trimmed text without what a spreadsheet would take for a formula; '' for empty cells."""
    return cells.astype("object").where(cells.notna(), "").astype(str).str.strip().str.lstrip("=+@ ")


def _completed(plants: pd.DataFrame, base: Dataset, assumed: list[Assumed]) -> pd.DataFrame:
    """Names, owners and coordinates for all; what was missing is noted."""
    plants = plants.copy()
    nowhere = ~(plants["latitude"].abs() <= 90) | ~(plants["longitude"].abs() <= 180)
    centre = base["countries"].set_index("country").loc[plants.loc[nowhere, "country"]]
    for axis in ("latitude", "longitude"):
        plants.loc[nowhere, axis] = centre[axis].to_numpy()
    _assume(assumed, "no usable coordinates: placed at the centre of the country", plants.loc[nowhere, "plant"])
    nameless = plants["name"] == ""
    plants.loc[nameless, "name"] = plants.loc[nameless, "plant"]
    _assume(assumed, "no name: called by its id", plants.loc[nameless, "plant"])
    ownerless = plants["owner"] == ""
    plants.loc[ownerless, "owner"] = "Owner of " + plants.loc[ownerless, "name"]
    _assume(assumed, "no owner: a company of its own", plants.loc[ownerless, "plant"])
    return plants


def _assume(assumed: list[Assumed], rule: str, ids: Sequence[str] | pd.Series) -> None:
    if len(ids):
        different = dict.fromkeys(str(key) for key in ids)
        assumed.append(Assumed(rule, len(ids), tuple(different)[:5]))


def _usable_rows(
    rows: pd.DataFrame, plants: pd.DataFrame, listed: pd.DataFrame, refused: list[Refused]
) -> pd.DataFrame:
    rows = rows.assign(plant=_text(rows["plant"]), status=_text(rows["status"]))
    names = dict(zip(plants["plant"], plants["name"], strict=True))
    there = set(_text(listed["plant"]))

    def refuse(wrong: pd.Series, rule: str) -> None:
        nonlocal rows
        for row in rows[wrong].itertuples(index=False):
            tonnes = float(str(row.capacity))
            size = f"{tonnes / 1e3:,.6g} kt/yr" if tonnes == tonnes else ""  # noqa: PLR0124  # NaN: not told
            told = (str(row.plant), names.get(str(row.plant), ""), str(row.status), str(row.kind), size)
            refused.append(Refused(CAPACITIES, *told, rule))
        rows = rows[~wrong]

    refuse(~rows["plant"].isin(there), f"sheet '{PLANTS}' has no plant of this id")
    rows = rows[rows["plant"].isin(names)]  # the plants of the others are listed as refused themselves
    idle = sorted(set(rows["status"]) - set(STATUS))
    for status in idle:
        refuse(rows["status"] == status, f"status '{status}' is not part of the fleet")
    size = rows["capacity"]
    refuse((size > 0) & ~size.between(*SIZES), "the capacity is implausible (usual: 0.1 to 60,000 kt/yr)")
    return rows.reset_index(drop=True)


def _plain_years(plants: pd.DataFrame, rows: pd.DataFrame, assumed: list[Assumed]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Years outside 1500-2100 count as unknown; what follows for starts is noted."""
    cleaned = []
    for frame in (plants, rows):
        strange = frame["start_year"].notna() & ~frame["start_year"].between(*YEARS)
        _assume(assumed, "the start year lies outside 1500-2100: taken as unknown", frame.loc[strange, "plant"])
        cleaned.append(frame.assign(start_year=frame["start_year"].mask(strange)))
    plants, rows = cleaned
    undated = rows["start_year"].isna()
    first = rows["plant"].map(plants.set_index("plant")["start_year"])
    groups = rows["status"].map(STATUS)
    drawn = undated & first.isna() & (groups == "operating")
    _assume(assumed, "operating without a start year: drawn from 2000-2013 by its id", rows.loc[drawn, "plant"])
    drawn = (groups == "construction") & ~(rows["start_year"] >= 2025)
    _assume(
        assumed,
        "under construction without a year to come: opens in 2026-2029, drawn by its id",
        rows.loc[drawn, "plant"],
    )
    drawn = undated & (groups == "announced")
    _assume(assumed, "announced without a year: 2030", rows.loc[drawn, "plant"])
    return plants, rows


def _note_dropped(listed: Fleet, plants: pd.DataFrame, refused: list[Refused]) -> None:
    names = dict(zip(plants["plant"], plants["name"], strict=True))
    for row in listed.dropped.itertuples(index=False):
        told = (str(row.plant), names.get(str(row.plant), ""), str(row.status), str(row.kind), "")
        refused.append(Refused(CAPACITIES, *told, "unknown or zero capacity"))


def _known_technologies(listed: Fleet, plants: pd.DataFrame, base: Dataset, refused: list[Refused]) -> pd.DataFrame:
    """The furnace groups whose technology the base has."""
    groups = listed.furnace_groups
    unknown = ~groups["technology"].isin(set(base["technologies"]["technology"]))
    names = dict(zip(plants["plant"], plants["name"], strict=True))
    for row in groups[unknown].itertuples(index=False):
        size = f"{float(str(row.capacity)) / 1e3:,.6g} kt/yr"
        rule = f"the base dataset has no technology {row.technology}"
        told = (str(row.plant), names[str(row.plant)], str(row.status), str(row.technology), size)
        refused.append(Refused(CAPACITIES, *told, rule))
    return groups[~unknown]


def _fleet_tables(listed: Fleet, groups: pd.DataFrame, base: Dataset, assumed: list[Assumed]) -> Tables:
    plants = listed.plants[listed.plants["plant"].isin(groups["plant"])].assign(source=SOURCE, quality="A")
    groups = _corrected(groups.assign(source=SOURCE, quality="A"), base, assumed)
    stand_ins = base["plants"][base["plants"]["synthetic"] & ~base["plants"]["plant"].isin(plants["plant"])]
    small = base["furnace_groups"][base["furnace_groups"]["plant"].isin(stand_ins["plant"])]
    if len(small):
        total = small["capacity"].sum() / 1e6
        rule = (
            f"stand-ins for small plants that the tracker does not list: kept from the base, {total:.1f} Mt/yr in all"
        )
        _assume(assumed, rule, small["furnace_group"])
    rule = "no tracker dates relinings: campaigns start at the first year plus whole campaigns, spread by id"
    _assume(assumed, rule, groups.loc[groups["status"] == "operating", "furnace_group"])
    links = _hot_links(groups, plants, base)
    rule = f"hot metal can travel between works within {LINK_RADIUS:g} km, and on the longer lines of the base"
    pairs = zip(links["iron_plant"], links["steel_plant"], strict=True)
    _assume(assumed, rule, [f"{sender} to {receiver}" for sender, receiver in pairs])
    return {
        "plants": pd.concat([plants, stand_ins], ignore_index=True),
        "furnace_groups": pd.concat([groups, small], ignore_index=True),
        "hot_links": links,
    }


def _corrected(groups: pd.DataFrame, base: Dataset, assumed: list[Assumed]) -> pd.DataFrame:
    """Groups that the base knows with the same size and status keep its corrections."""
    same = ["furnace_group", "technology", "capacity", "status"]
    own = base["furnace_groups"]
    found = groups[same].merge(own[[*same, *KEPT]], on=same, how="left")
    found.index = groups.index
    scaled = found["capacity_factor"].notna() & (found["capacity_factor"] != 1.0)
    later = (found["start_year"] > groups["start_year"]) & (groups["status"] == "operating")
    out = groups.copy()
    for name, where in (("capacity_factor", scaled), ("source", scaled), ("quality", scaled)):
        out.loc[where, name] = found.loc[where, name]
    for name in ("start_year", "campaign_start"):
        out.loc[later, name] = found.loc[later, name].astype("int64")
    _assume(assumed, "nameplate correction (capacity factor) kept from the base", out.loc[scaled, "furnace_group"])
    _assume(assumed, "later first year kept from the base", out.loc[later, "furnace_group"])
    return out


def _hot_links(groups: pd.DataFrame, plants: pd.DataFrame, base: Dataset) -> pd.DataFrame:
    """Pairs within reach, and pairs of the base further apart whose furnaces still stand."""
    built = groups[groups["status"] != "announced"]
    iron = sorted(built.loc[built["technology"].isin(HOT_IRON), "plant"].unique())
    steel = sorted(built.loc[built["technology"] == "BOF", "plant"].unique())
    place = plants.set_index("plant")[["latitude", "longitude"]]
    first, second = place.loc[iron].to_numpy(float), place.loc[steel].to_numpy(float)
    km = great_circle(first[:, None, 0], first[:, None, 1], second[None, :, 0], second[None, :, 1])
    linked = km <= LINK_RADIUS
    known = set(zip(base["hot_links"]["iron_plant"], base["hot_links"]["steel_plant"], strict=True))
    linked |= np.array([[(sender, receiver) in known for receiver in steel] for sender in iron], bool).reshape(km.shape)
    linked &= np.array(iron, dtype=object)[:, None] != np.array(steel, dtype=object)[None, :]
    senders, receivers = np.nonzero(linked)
    return pd.DataFrame(
        {
            "iron_plant": [iron[at] for at in senders],
            "steel_plant": [steel[at] for at in receivers],
            "distance": km[senders, receivers].round(1),
            "source": SOURCE,
            "quality": "E",
        }
    )


def _sources(base: Dataset, workbook: str) -> pd.DataFrame:
    own = base["sources"]
    row = {
        "source": SOURCE,
        "title": "Global Iron and Steel Tracker, imported workbook",
        "publisher": "Global Energy Monitor",
        "year": "see the workbook",
        "licence": "CC BY 4.0",
        "note": f"Imported from {workbook}. Units, technologies, first years and campaigns follow the rules of the "
        "fleet page of the documentation.",
    }
    return pd.concat([own[own["source"] != SOURCE], pd.DataFrame([row])], ignore_index=True)[
        list(schema()["sources"].names)
    ]


def _taken(groups: pd.DataFrame, base: Dataset) -> pd.DataFrame:
    """Furnace groups and capacity by technology and status, beside the base's; stand-ins left out of both."""
    by = ["technology", "status"]
    own = base["furnace_groups"]
    stand_ins = set(base["plants"].loc[base["plants"]["synthetic"], "plant"])
    listed, before = (frame[~frame["plant"].isin(stand_ins)] for frame in (groups, own))
    sums = listed.groupby(by).agg(
        plants=("plant", "nunique"), furnace_groups=("furnace_group", "size"), capacity=("capacity", "sum")
    )
    return (
        sums.join(before.groupby(by)["capacity"].sum().rename("base_capacity"), how="outer")
        .fillna(0.0)
        .astype({"plants": "int64", "furnace_groups": "int64"})
        .reset_index()
    )
