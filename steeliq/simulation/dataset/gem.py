"""Turns the Global Energy Monitor Iron and Steel Tracker into the tables `plants` and `furnace_groups`.

The tracker lists one row per plant, status and technology. This module answers: which technology of the model is it,
in which units of at most 4 Mt does it run, and where does each unit stand in its campaign. Reading (``read_csv`` for
long tables, ``read_workbook`` for the official Excel file) is apart from the row logic (``fleet``).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from python_calamine import CalamineError

from steeliq.errors import DatasetError, Problem

LARGEST_UNIT = 4.0e6  # t/yr; larger rows are several furnaces that are not relined in one year
CAMPAIGN = 20  # years between relinings, the tracker has no relining dates
JITTER = 3  # years either side
DATE = 2025  # year of the release
EARLIEST = 1800  # the dataset's first year; three works are older
UNKNOWN_START = (2000, 2013)  # Mission Possible Partnership's range for plants without a start year
CONSTRUCTION_YEARS = (2026, 2029)
ANNOUNCED_YEAR = 2030
YOUNG_PHASES = 10  # years over which a large plant of known, recent start was built

STATUS: Mapping[str, str] = MappingProxyType(
    {
        "operating": "operating",
        "operating pre-retirement": "operating",
        "construction": "construction",
        "announced": "announced",
    }
)
WORKBOOK_NAMES = {"Czech Republic": "CZE", "Hong Kong": "HKG", "Türkiye": "TUR", "Turkey": "TUR"}
WORKBOOK_PLANTS: Mapping[str, str] = MappingProxyType(
    {
        "Plant ID": "plant",
        "Plant name (English)": "name",
        "Country/Area": "country",
        "Coordinates": "coordinates",
        "Owner": "owner",
        "Parent": "parent",
        "Start date": "start_year",
    }
)
WORKBOOK_CAPACITIES: Mapping[str, str] = MappingProxyType(
    {
        "Plant ID": "plant",
        "Status": "status",
        "Start date": "start_year",
        "Nominal BF capacity (ttpa)": "BF",
        "Nominal BOF steel capacity (ttpa)": "BOF",
        "Nominal EAF steel capacity (ttpa)": "EAF",
        "Nominal OHF steel capacity (ttpa)": "OHF",
        "Nominal DRI capacity (ttpa)": "DRI",
        "Other/unspecified iron capacity (ttpa)": "other_iron",
        "Other/unspecified steel capacity (ttpa)": "other_steel",
    }
)
COAL_DRI = frozenset({"ZAF", "IDN", "KEN", "UGA"})  # rotary kilns
ROTARY_HEARTHS = frozenset({"JPN", "KOR"})  # dust recycling with coal; only what operates today
INDIA_GAS_SHAFTS = re.compile(r"hazira|dolvi|salav|vijayanagar", re.IGNORECASE)
HYDROGEN = re.compile(
    r"hydrogen|hybrit|stegra|h2gs|gravithy|hydnum|blastr|hyiron|hyron|donawitz|ssab lule", re.IGNORECASE
)
# Single plants whose equipment is known better than "DRI" or "other/unspecified".
NAMED: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(name, re.IGNORECASE), kind, technology)
    for name, kind, technology in (
        ("glenbrook", "DRI", "SR"),  # coal kilns and melters that make hot metal for the BOF
        ("hazira", "other_steel", "EAF"),  # converter-arc furnaces on DRI and hot metal
        ("christmas creek", "other_iron", "ESF_H2"),
        ("electra iron", "other_iron", "EW"),
        ("panhua", "other_iron", "BF"),
    )
)
INDUCTION_LIMIT = 2.5e6  # t/yr; an unspecified steel shop above this is not made of induction furnaces


@dataclass(frozen=True, slots=True)
class Tracker:
    """The tracker as read.

    ``plants``: plant, name, country (ISO3), latitude, longitude, owner, parent, start_year (may be missing).
    ``rows``: plant, status, kind (BF, BOF, EAF, OHF, DRI, other_iron, other_steel; no totals), capacity (t/yr, missing
    if unknown), start_year (may be missing).
    """

    plants: pd.DataFrame
    rows: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Fleet:
    """Tables `plants` and `furnace_groups` without source and quality, and the rows that were left out and why."""

    plants: pd.DataFrame
    furnace_groups: pd.DataFrame
    dropped: pd.DataFrame


def read_csv(folder: Path, release: str = "2025-09") -> Tracker:
    """The tracker's two CSV tables in ``folder``; raises DatasetError if a file or column is missing."""
    plants = _table(
        folder / f"gem_plants_{release}.csv",
        {
            "plant_id": "plant",
            "name": "name",
            "iso3": "country",
            "lat": "latitude",
            "lon": "longitude",
            "owner": "owner",
            "parent": "parent",
            "start_year": "start_year",
        },
    )
    rows = _table(
        folder / f"gem_plant_capacity_{release}_long.csv",
        {
            "plant_id": "plant",
            "status": "status",
            "product": "product",
            "technology": "kind",
            "capacity_ktpa": "capacity",
            "start_year": "start_year",
        },
    )
    rows = rows[rows["product"] != "total"].drop(columns="product")  # totals repeat the technologies
    return Tracker(plants, rows.assign(capacity=rows["capacity"] * 1e3).reset_index(drop=True))


def read_workbook(path: Path, countries: Mapping[str, str]) -> Tracker:
    """The official workbook as Global Energy Monitor publishes it; ``countries`` maps country names to ISO3.

    Raises DatasetError for an unreadable file, a missing sheet or column, or a country without a code.
    """
    plants = _sheet(path, "Plant data", WORKBOOK_PLANTS)
    known = {name.casefold(): code for name, code in (WORKBOOK_NAMES | dict(countries)).items()}
    names = plants["country"].astype(str)
    codes = names.str.casefold().map(known)
    if codes.isna().any():
        rule = "no ISO3 code is known for this country; add it to the table countries under this name"
        missing = sorted(names[codes.isna()].unique())
        raise DatasetError(str(path), [Problem("Plant data", 0, "Country/Area", name, rule) for name in missing])
    place = plants.pop("coordinates").astype(str).str.extract(r"(-?[\d.]+)\s*,\s*(-?[\d.]+)").astype(float)
    plants = plants.assign(
        country=codes, latitude=place[0], longitude=place[1], start_year=plants["start_year"].map(_year)
    )
    wide = _sheet(path, "Plant capacities and status", WORKBOOK_CAPACITIES)
    rows = wide.melt(id_vars=["plant", "status", "start_year"], var_name="kind", value_name="capacity")
    rows = rows[rows["capacity"].notna()].reset_index(drop=True)
    size = pd.to_numeric(rows["capacity"], errors="coerce") * 1e3  # '>0' is a size that nobody knows
    return Tracker(plants, rows.assign(capacity=size, start_year=rows["start_year"].map(_year)))


def _year(cell: Any) -> float:
    """A year from a cell that holds a number, a date or 'unknown'."""
    match = re.match(r"\d{4}", str(cell))
    return float(match[0]) if match else math.nan


def _sheet(path: Path, sheet: str, columns: Mapping[str, str]) -> pd.DataFrame:
    try:
        table = pd.read_excel(path, sheet_name=sheet, engine="calamine", keep_default_na=False, na_values=["", "N/A"])
    except (OSError, ValueError, CalamineError) as error:
        rule = f"the tracker's workbook or this sheet cannot be read ({error}); give the workbook as published"
        raise DatasetError(str(path), [Problem(sheet, 0, "", "", rule)]) from error
    return _columns(table, path, sheet, columns)


def _table(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except (OSError, UnicodeDecodeError, pd.errors.ParserError) as error:
        rule = f"the tracker's table cannot be read ({error}); give the folder that holds it"
        raise DatasetError(str(path.parent), [Problem(path.name, 0, "", "", rule)]) from error
    return _columns(table, path.parent, path.name, columns)


def _columns(table: pd.DataFrame, where: Path, name: str, columns: Mapping[str, str]) -> pd.DataFrame:
    missing = [Problem(name, 1, column, "", "this column is missing") for column in columns if column not in table]
    if missing:
        raise DatasetError(str(where), missing)
    return table[list(columns)].rename(columns=dict(columns))


def great_circle(latitude: Any, longitude: Any, other_latitude: Any, other_longitude: Any) -> np.ndarray:
    """Great-circle distance in km between points in degrees (haversine, mean Earth radius 6,371 km)."""
    first, second = np.radians(latitude), np.radians(other_latitude)
    across = np.radians(other_longitude) - np.radians(longitude)
    half = np.sin((second - first) / 2) ** 2 + np.cos(first) * np.cos(second) * np.sin(across / 2) ** 2
    return np.asarray(2 * 6371.0 * np.arcsin(np.sqrt(half)))


def draw(key: str, purpose: str, low: int, high: int) -> int:
    """A whole number in low..high that depends on ``key`` and ``purpose`` only: the same on every machine."""
    digest = hashlib.sha256(f"{purpose}|{key}".encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)


def technology(kind: str, country: str, name: str, status: str, capacity: float, *, makes_hot_metal: bool) -> str:
    """The model's technology of a tracker row; ``name`` holds the plant's and the owner's name, capacity in t/yr.

    India's gas shafts are known by name, the rest of its DRI is coal kilns; unspecified iron is smelting reduction
    (FINEX, COREX); unspecified steel is induction furnaces, or BOF or EAF if the shop is too large for them.
    """
    for pattern, named_kind, answer in NAMED:
        if kind == named_kind and pattern.search(name):
            return answer
    if kind == "DRI":
        return _reductant(country, name, status)
    if kind == "other_iron":
        return "SR"
    if kind == "other_steel":
        if capacity <= INDUCTION_LIMIT:
            return "IF"
        return "BOF" if makes_hot_metal else "EAF"
    return kind


def _reductant(country: str, name: str, status: str) -> str:
    if country == "NAM" or HYDROGEN.search(name):
        return "DRI_H2"
    coal = country in COAL_DRI or (country == "IND" and not INDIA_GAS_SHAFTS.search(name))
    return "DRI_COAL" if coal or (country in ROTARY_HEARTHS and status == "operating") else "DRI_GAS"


def units(capacity: float) -> list[int]:
    """Whole t/yr of equal units of at most 4 Mt that add up to ``capacity``."""
    total = round(capacity)
    count = max(1, math.ceil(total / LARGEST_UNIT))
    return [total // count + (1 if index < total % count else 0) for index in range(count)]


def campaign_start(key: str, start_year: int, unit: int, count: int) -> int:
    """Estimated year of the last relining (or of the start) of unit ``unit`` of ``count`` of a plant line.

    A line younger than one campaign started in ``start_year``, large ones in phases over the next ten years. An older
    line is where start + k x 20 years puts it, its units spread over the cycle, +-3 years of jitter keyed by ``key``:
    always within the last 20 years. A line of the future starts its first campaign when it opens.
    """
    if start_year > DATE:
        return start_year
    if start_year > DATE - CAMPAIGN:
        return start_year + unit * min(DATE - start_year, YOUNG_PHASES) // count
    year = start_year + unit * CAMPAIGN // count + draw(key, "campaign", -JITTER, JITTER)
    return DATE - (DATE - year) % CAMPAIGN


def start_year(key: str, status: str, row: float, plant: float) -> int:
    """First year of operation: the row's, else the plant's, else a keyed draw; in the future for what is not built."""
    if status == "operating":
        known = plant if math.isnan(row) else row
        return draw(key, "start", *UNKNOWN_START) if math.isnan(known) else max(int(known), EARLIEST)
    if status == "construction":
        return int(row) if row >= DATE else draw(key, "start", *CONSTRUCTION_YEARS)
    return ANNOUNCED_YEAR if math.isnan(row) else max(int(row), DATE + 1)


def balance_sheet(owner: str, parent: str) -> str:
    """The company behind a plant: the parent that holds at least half, else the owner."""
    nameless = ("", "unknown", "other")
    parts = parent.split(";")
    for part in parts:
        match = re.fullmatch(r"\s*(.*?)\s*(?:\[([\d.]+)%\])?\s*", part)
        if match is None or match[1] in nameless or "natural person" in match[1]:
            continue
        if float(match[2]) >= 50.0 if match[2] else len(parts) == 1:
            return match[1]
    return owner


def fleet(tracker: Tracker) -> Fleet:
    """Plants and furnace groups of everything that operates, is being built or is announced.

    Ids are ``<plant>-<technology>-<n>`` and number the units of a plant and technology: operating first, then under
    construction, then announced, each from old to new.
    """
    plants = tracker.plants.set_index("plant").sort_index()
    rows = tracker.rows[tracker.rows["status"].isin(list(STATUS))]
    unknown = ~(rows["capacity"] > 0)
    dropped = rows[unknown].assign(reason="unknown or zero capacity").sort_values(["plant", "status", "kind"])
    rows = _classified(rows[~unknown], plants)
    groups = _groups(rows)
    used = plants.loc[sorted(set(groups["plant"]))]
    table = pd.DataFrame(
        {
            "plant": used.index,
            "name": used["name"].to_numpy(),
            "country": used["country"].to_numpy(),
            "latitude": used["latitude"].to_numpy(),
            "longitude": used["longitude"].to_numpy(),
            "owner": [
                balance_sheet(str(owner), str(parent))
                for owner, parent in zip(used["owner"], used["parent"], strict=True)
            ],
            "synthetic": False,
        }
    )
    return Fleet(table, groups, dropped.reset_index(drop=True))


def _classified(rows: pd.DataFrame, plants: pd.DataFrame) -> pd.DataFrame:
    hot_metal_sites = set(rows.loc[rows["kind"].isin(["BF", "other_iron"]), "plant"])
    about = plants.loc[rows["plant"]]
    names = about["name"].astype(str) + " " + about["owner"].astype(str)
    rows = rows.assign(
        # a row that is to retire stands behind its plain operating sister, so that ids do not depend on file order
        order=rows["status"].map({name: index for index, name in enumerate(STATUS)}),
        plant_start=about["start_year"].to_numpy(),
    )
    rows["technology"] = [
        technology(
            str(kind), str(country), name, STATUS[str(status)], float(size), makes_hot_metal=plant in hot_metal_sites
        )
        for kind, country, name, status, size, plant in zip(
            rows["kind"], about["country"], names, rows["status"], rows["capacity"], rows["plant"], strict=True
        )
    ]
    return rows.sort_values(["plant", "technology", "order", "start_year", "capacity", "kind"])


def _groups(rows: pd.DataFrame) -> pd.DataFrame:
    built: list[tuple[str, str, str, float, float, str, int, int]] = []
    numbers: dict[tuple[str, str], int] = {}
    for row in rows.itertuples(index=False):
        plant, tech, status = str(row.plant), str(row.technology), STATUS[str(row.status)]
        number = numbers.get((plant, tech), 0)
        # one draw for all units of a line: they share the unknown start year
        started = start_year(f"{plant}-{tech}-{number + 1}", status, _number(row.start_year), _number(row.plant_start))
        sizes = units(_number(row.capacity))
        for unit, size in enumerate(sizes):
            number += 1
            key = f"{plant}-{tech}-{number}"
            campaign = campaign_start(key, started, unit, len(sizes))
            built.append((key, plant, tech, float(size), 1.0, status, started, campaign))
        numbers[(plant, tech)] = number
    columns = ["furnace_group", "plant", "technology", "capacity", "capacity_factor", "status"]
    return pd.DataFrame(built, columns=[*columns, "start_year", "campaign_start"])


def _number(value: Any) -> float:
    return float(value)
