"""A small run folder with plausible, consistent results of three countries, for tests of tables, exports and report.

Nothing is simulated: production is capacity times a fixed utilisation, and every other table follows from it by fixed
coefficients, so that totals, balances and shares hold exactly. ``write_run`` writes the folder as a run would.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from steeliq.simulation.results.provenance import provenance, write_run_json
from steeliq.simulation.results.tables import write_year
from steeliq.simulation.results.variables import SCHEMA

YEARS = tuple(range(2025, 2031))

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Group:
    """One furnace group of the example; capacity in t/yr, ``last`` is its last year of operation."""

    name: str
    plant: str
    country: str
    technology: str
    capacity: float
    first: int = 2000
    last: int = 2100


GROUPS = (
    Group("P1-BF-1", "P1", "DEU", "BF", 9.0e6, last=2028),
    Group("P1-BOF-1", "P1", "DEU", "BOF", 10.0e6, last=2028),
    Group("P1-DRI_H2-1", "P1", "DEU", "DRI_H2", 2.5e6, first=2029),
    Group("P1-EAF-1", "P1", "DEU", "EAF", 8.0e6, first=2029),
    Group("P2-EAF-1", "P2", "DEU", "EAF", 6.0e6),
    Group("P3-BF-1", "P3", "IND", "BF", 14.0e6),
    Group("P3-BOF-1", "P3", "IND", "BOF", 15.5e6),
    Group("P4-DRI_GAS-1", "P4", "IND", "DRI_GAS", 6.0e6),
    Group("P4-EAF-1", "P4", "IND", "EAF", 9.0e6),
    Group("P5-IF-1", "P5", "IND", "IF", 5.0e6),
    Group("P6-BF-1", "P6", "BRA", "BF", 8.0e6, last=2026),
    Group("P6-BF_CCS-1", "P6", "BRA", "BF_CCS", 8.0e6, first=2027),
    Group("P6-BOF-1", "P6", "BRA", "BOF", 9.0e6),
    Group("SITE-BRA-Bahia-2030-EAF-2030", "SITE-BRA-Bahia-2030", "BRA", "EAF", 2.5e6, first=2030),
)
OWNERS = {"P1": "Rhein Stahl", "P2": "Rhein Stahl", "P3": "Ganga Steel", "P4": "Ganga Steel", "P5": "Small plants"}
PLACES = {"P1": (51.5, 6.7), "P2": (52.6, 13.1), "P3": (22.8, 86.2), "P4": (21.1, 72.7), "P5": (30.7, 76.8)}
COUNTRIES = {
    "DEU": ("Germany", "Europe", 51.1, 10.4),
    "IND": ("India", "India", 22.9, 79.6),
    "BRA": ("Brazil", "South and Central America", -10.8, -53.1),
}
SITES = {  # name, country, latitude, longitude
    "DEU": ("Germany", "DEU", 50.0, 9.0),
    "IND-Kutch": ("Kutch", "IND", 23.5, 69.5),
    "BRA-Bahia": ("Bahia", "BRA", -12.0, -42.0),
}
TECHNOLOGIES = {  # name, stage, product, near zero
    "BF": ("Blast furnace", "ironmaking", "hot_metal", False),
    "BF_CCS": ("Blast furnace with CO2 capture", "ironmaking", "hot_metal", True),
    "DRI_GAS": ("Gas direct reduction", "ironmaking", "hot_dri", False),
    "DRI_H2": ("Hydrogen direct reduction", "ironmaking", "hot_dri_h2", True),
    "BOF": ("Basic oxygen furnace", "steelmaking", "crude_steel", False),
    "EAF": ("Electric arc furnace", "steelmaking", "crude_steel", False),
    "IF": ("Induction furnace", "steelmaking", "crude_steel", False),
}
COMMODITIES = {  # name, unit, kind, iron, carbon, metallic
    "iron_ore": ("Iron ore", "t", "hub", 0.62, 0.0, False),
    "dr_ore": ("DR-grade ore", "t", "hub", 0.68, 0.0, False),
    "scrap": ("Scrap", "t", "hub", 0.96, 0.002, True),
    "hot_metal": ("Hot metal", "t", "hot", 0.945, 0.045, True),
    "hot_dri": ("Hot DRI", "t", "hot", 0.87, 0.02, True),
    "hot_dri_h2": ("Hot hydrogen DRI", "t", "hot", 0.9, 0.0, True),
    "crude_steel": ("Crude steel", "t", "hub", 0.98, 0.002, False),
    "coking_coal": ("Coking coal", "t", "bought", 0.0, 0.74, False),
    "natural_gas": ("Natural gas", "GJ", "bought", 0.0, 0.0153, False),
    "electricity": ("Electricity", "MWh", "bought", 0.0, 0.0, False),
    "hydrogen": ("Hydrogen", "t", "bought", 0.0, 0.0, False),
}
CHARGE = {
    "BF": {"iron_ore": 1.55},
    "BF_CCS": {"iron_ore": 1.55},
    "DRI_GAS": {"dr_ore": 1.40},
    "DRI_H2": {"dr_ore": 1.40},
    "BOF": {"hot_metal": 0.90, "scrap": 0.18},
    "EAF": {"scrap": 1.10},
    "IF": {"scrap": 1.12},
}
ENERGY = {
    "BF": {"coking_coal": 0.62, "electricity": 0.10},
    "BF_CCS": {"coking_coal": 0.62, "electricity": 0.32},
    "DRI_GAS": {"natural_gas": 10.4, "electricity": 0.12},
    "DRI_H2": {"hydrogen": 0.055, "electricity": 0.10},
    "BOF": {"electricity": 0.04, "natural_gas": -0.3},
    "EAF": {"electricity": 0.48, "natural_gas": 0.4},
    "IF": {"electricity": 0.60},
}
GENERATED = {"BF": 1.75, "BF_CCS": 1.75, "DRI_GAS": 0.58, "DRI_H2": 0.03, "BOF": 0.15, "EAF": 0.08, "IF": 0.02}
COST = {  # USD per t product
    "ore": 105.0, "scrap": 60.0, "metallics": 120.0, "reductants": 75.0, "energy": 45.0, "other": 18.0,
    "conversion": 30.0, "carbon": 9.0, "fixed": 35.0, "capital": 28.0,
}  # fmt: skip
STEEL = ("BOF", "EAF", "IF")
NOTHING = float("nan")
REASONS = (  # route; parts that add up to the NPV of the candidate; draw, probability, asked and left
    ("BF_CCS_BOF", 2600.0, -820.0, -900.0, -180.0, -110.0, -430.0, 0.0, 150.0, 40.0, -60.0, -142.0, 0.0,
     -31.0, 0.18, NOTHING, NOTHING),
    ("DRI_H2_EAF", 2600.0, -880.0, -760.0, -150.0, -10.0, -390.0, 0.0, 150.0, 42.0, -170.0, -220.0, 0.0,
     64.0, 0.66, NOTHING, NOTHING),
    ("SCRAP_EAF", 2600.0, -1480.0, -260.0, -90.0, -4.0, -520.0, 0.0, 150.0, 42.0, -60.0, -138.0, 0.0,
     12.0, NOTHING, 8.0e6, 0.5e6),
    ("stay", 3900.0, -1210.0, -1020.0, -240.0, -540.0, -610.0, 0.0, 0.0, 41.0, -44.0, -136.0, 0.0,
     -12.0, 0.16, NOTHING, NOTHING),
)  # fmt: skip


def run_tables(year: int) -> Tables:
    """All result tables of one year of the example, unsorted, columns per variables.csv."""
    production = _production(year)
    tables = _material(year, production) | _money(year, production) | _choices(year, production)
    return {name: tables[name][list(SCHEMA[name].names)] for name in SCHEMA}


def _frame(table: str, rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(SCHEMA[table].names))


def _owner(plant: str) -> str:
    return OWNERS.get(plant, "Minas Siderurgia")


def _production(year: int) -> pd.DataFrame:
    rows = []
    hot_metal = {"DEU": 0.0, "IND": 0.0, "BRA": 0.0}
    for group in GROUPS:
        if group.first <= year <= group.last:
            made = group.capacity * (0.80 + 0.005 * (year - 2025) + (0.02 if group.country == "IND" else 0.0))
            if group.technology in ("BF", "BF_CCS"):
                hot_metal[group.country] += made
            if group.technology == "BOF":
                made = hot_metal[group.country] / CHARGE["BOF"]["hot_metal"]  # all hot metal of the site is used
            product = TECHNOLOGIES[group.technology][2]
            rows.append(
                (year, group.name, group.plant, group.country, _owner(group.plant), group.technology, product,
                 group.capacity, made, made / group.capacity)
            )  # fmt: skip
    return _frame("production", rows)


def _by(production: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Country, technology and production, t, sorted."""
    totals = production.groupby(["country", "technology"], as_index=False)["production"].sum()
    return sorted(zip(totals["country"], totals["technology"], totals["production"].to_numpy(float), strict=True))


def _material(year: int, production: pd.DataFrame) -> Tables:
    by = _by(production)
    charges = [(year, c, t, k, made * share) for c, t, made in by for k, share in CHARGE[t].items()]
    energy = [(year, c, t, k, made * share, COMMODITIES[k][1]) for c, t, made in by for k, share in ENERGY[t].items()]
    frames: Tables = {
        "production": production, "charges": _frame("charges", charges), "energy": _frame("energy", energy)
    }  # fmt: skip
    used = frames["charges"].groupby(["country", "commodity"], as_index=False)["amount"].sum()
    supply = [
        (year, c, k, amount * (1.15 if k == "scrap" else 1.3), amount)
        for c, k, amount in zip(used["country"], used["commodity"], used["amount"].to_numpy(float), strict=True)
        if k in ("iron_ore", "dr_ore", "scrap")
    ]
    frames["supply"] = _frame("supply", supply)
    stock = [
        (year, c, use, 0.1 * use, 0.1 * use, 0.8 * use, 0.5 * use, 0.4 * use, 0.1 * use, 20 * use, 20.3 * use)
        for c, use in (("BRA", 3.0e6), ("DEU", 6.0e6), ("IND", 9.0e6))
    ]
    frames["stock"] = _frame("stock", stock)
    first = year == YEARS[0]
    prices = (float("nan"), float("nan")) if first else (600.0, 630.0)
    answer = [
        (year, country, 2.0e6, *prices, 1.0 if first else 0.98, 2.0e6 if first else 1.96e6)
        for country in ("BRA", "DEU")
    ]
    frames["demand_response"] = _frame("demand_response", answer)
    return frames | _trade(year, production) | _emissions(year, production)


def _trade(year: int, production: pd.DataFrame) -> Tables:
    steel = production[production["product"] == "crude_steel"].groupby("country")["production"].sum()
    world = float(steel.sum())
    unmet = 2.0e4 if year == 2027 else 0.0
    need = {"DEU": 0.38 * world, "IND": 0.45 * world, "BRA": 0.17 * world + unmet}
    flows, demand = [], []
    surplus = {c: steel[c] - min(steel[c], need[c]) for c in need}
    for country, wanted in need.items():
        home = min(float(steel[country]), wanted)
        flows.append((year, "crude_steel", country, country, home, 0.0, 0.0, 0.0, 0.0))
        left = wanted - home
        for origin in need:
            part = min(left, surplus[origin])
            if part > 0:
                flows.append((year, "crude_steel", origin, country, part, 42.0, 8.5, 4.0, part * 0.03))
                surplus[origin] -= part
                left -= part
        supplied = wanted - max(left, 0.0)
        demand.append((year, country, wanted, supplied, wanted - supplied))
    flows.append((year, "iron_ore", "BRA", "DEU", 6.0e6, 18.0, 0.0, 0.0, 1.2e5))
    flows.append((year, "scrap", "DEU", "IND", 0.4e6 if year == 2025 else 2.5e6, 30.0, 0.0, 0.0, 1.0e4))
    prices = []
    for rank, country in enumerate(need):
        for commodity, level in (("crude_steel", 610.0), ("scrap", 350.0), ("iron_ore", 108.0), ("dr_ore", 135.0)):
            price = level + 14.0 * rank + 6.0 * (year - 2025)
            clipped = commodity == "crude_steel" and year == 2027 and country == "BRA"
            prices.append((year, country, commodity, price, 10_000.0 if clipped else price, clipped))
    return {"flows": _frame("flows", flows), "demand": _frame("demand", demand), "prices": _frame("prices", prices)}


def _emissions(year: int, production: pd.DataFrame) -> Tables:
    rows = []
    for row in production.itertuples():
        tech, made = str(row.technology), float(str(row.production))
        generated, captured = made * GENERATED[tech], 0.7 * made * GENERATED[tech] if tech.endswith("CCS") else 0.0
        power = made * ENERGY[tech].get("electricity", 0.0) * (0.45 - 0.01 * (year - 2025))
        upstream = made * 0.12
        rows.append(
            (
                year,
                row.furnace_group,
                row.country,
                tech,
                generated,
                captured,
                0.0,
                generated - captured,
                power,
                upstream,
            )
        )
    emissions = _frame("emissions", rows)
    steel = production[production["product"] == "crude_steel"].groupby("technology")["production"].sum()
    by = emissions.groupby("technology")[["scope1", "scope2", "scope3"]].sum()
    parts = {"BF-BOF": ("BF", "BF_CCS", "BOF"), "scrap-EAF": ("EAF", "IF"), "DRI-EAF": ("DRI_GAS", "DRI_H2")}
    weights = {"worldsteel": (1.0, 1.0, 0.6), "scope1_only": (1.0, 0.0, 0.0), "full": (1.0, 1.0, 1.0)}
    intensities = []
    for boundary, factors in weights.items():
        total = made_total = 0.0
        for route, members in parts.items():
            inside = sum(float((by.reindex([t]).fillna(0.0).to_numpy() * factors).sum()) for t in members)
            made = float(steel.reindex([t for t in members if t in STEEL]).fillna(0.0).sum()) or 5.0e6
            made -= 5.0e6 if route == "scrap-EAF" else 0.0
            intensities.append((year, boundary, route, made, inside, inside / made))
            total, made_total = total + inside, made_total + made
        intensities.append((year, boundary, "world", made_total, total, total / made_total))
    return {"emissions": emissions, "intensities": _frame("intensities", intensities)}


def _money(year: int, production: pd.DataFrame) -> Tables:
    costs, accounts = [], []
    for country, tech, made in _by(production):
        for item, value in COST.items():
            used = value * (0.3 if tech in ("EAF", "IF") and item in ("ore", "reductants") else 1.0)
            costs.append((year, country, tech, item, used * made, made))
    for row in production.itertuples():
        made, debt = float(str(row.production)), float(str(row.capacity)) * 120.0 * (1 - 0.05 * (year - 2025))
        lcos = sum(COST.values()) + 7.0 * (hash_of(str(row.furnace_group)) % 25)
        accounts.append(
            (year, row.furnace_group, row.country, row.technology, made, made * 620.0, made * 430.0, made * 9.0,
             float(str(row.capacity)) * 35.0, debt * 0.05, debt * 0.05, debt, lcos)
        )  # fmt: skip
    owners = [
        (year, owner, 1.0e9 + 5.0e7 * (year - 2025), 8.0e8, 3.0e8, 4.5e8, 1.0e9 + 5.0e7 * (year - 2024))
        for owner in sorted(set(production["owner"]))
    ]
    return {
        "costs": _frame("costs", costs), "accounts": _frame("accounts", accounts), "owners": _frame("owners", owners)
    }  # fmt: skip


def hash_of(text: str) -> int:
    """A small number from a text, the same in every process."""
    return sum(position * ord(letter) for position, letter in enumerate(text, start=1))


def _choices(year: int, production: pd.DataFrame) -> Tables:
    capacity = []
    for country in COUNTRIES:
        for tech in sorted({g.technology for g in GROUPS if g.country == country}):
            mine = [g for g in GROUPS if g.country == country and g.technology == tech]
            opened = sum(g.capacity for g in mine if g.first == year)
            closed = sum(g.capacity for g in mine if g.last == year)
            opening = sum(g.capacity for g in mine if g.first <= year <= g.last) - opened
            committed = sum(g.capacity for g in mine if 2024 < year < g.first)
            capacity.append((year, country, tech, opening, opened, closed, opening + opened - closed, committed))
    decisions, candidates, reasons = [], [], []
    if year == 2025:
        decisions.append(
            (year, "P1-BF-1", "P1", "DEU", "Rhein Stahl", "switch", "BF_BOF", "DRI_H2_EAF", 8.0e6, 212.0, 64.0, 7.1e9,
             2029, "end of campaign: best NPV among routes that pass all limits")
        )  # fmt: skip
        candidates = [
            (year, "P1-BF-1", route, npv, limit)
            for route, npv, limit in (
                ("BF_CCS_BOF", 148.0, ""),
                ("DRI_H2_EAF", 212.0, ""),
                ("SCRAP_EAF", 240.0, "metallics"),
                ("stay", 141.0, ""),
            )
        ]
        reasons = [(year, "P1-BF-1", *row) for row in REASONS]
    if year in (2026, 2028):
        decisions.append(
            (year, "P3-BF-1", "P3", "IND", "Ganga Steel", "renovate", "BF_BOF", "BF_BOF", 15.5e6, 180.0, 20.0, 2.1e9,
             year + 1, "end of campaign: relining is the best course")
        )  # fmt: skip
    decisions.append(
        (year, f"P4-EAF-{year}", "P4", "IND", "Ganga Steel", "expand", "", "SCRAP_EAF", 1.0e6, 90.0, 90.0, 2.4e8,
         year + 4, "gap between the country's demand and committed capacity")
    )  # fmt: skip
    # A project that is considered, announced, waits and is built; another that is dropped.
    project = {2026: (60.0, "considered"), 2027: (70.0, "announced"), 2028: (80.0, "not needed yet"), 2029: (90.0, "")}
    if year in project:
        candidates.append((year, "SITE-BRA-Bahia", "SCRAP_EAF", *project[year]))
    if year == 2029:
        founded = "SITE-BRA-Bahia-2030-EAF-2030"
        decisions.append(
            (year, founded, "SITE-BRA-Bahia-2030", "BRA", "New sites BRA", "found", "", "SCRAP_EAF", 2.5e6, 90.0, 90.0,
             6.0e8, 2030, "taken up in 2026, announced in 2027, still worth its cost")
        )  # fmt: skip
        candidates.append((year, founded, "SCRAP_EAF", 90.0, ""))
    if year in (2025, 2026):
        candidates.append((year, "SITE-DEU", "DRI_H2_EAF", -20.0, "considered" if year == 2025 else "dropped"))
    limits = [
        (year, "metallics", 4.0e6, 3.5e6, 8.0e6 if year == 2025 else 0.0), (year, "steel switches", 60e6, 8e6, 0.0),
        (year, "CO2 storage Europe", 5.0e6, 1.2e6 if year < 2028 else -0.7e6, 0.0),
    ]  # fmt: skip
    price = 624.0 + 6.0 * (year - 2025)
    forecasts = [
        (year, made, indicator, (price - 24.0) * share, price * share)
        for made in YEARS
        if made == year - 4
        for indicator, share in (("steel price", 1.0), ("scrap price", 0.57), ("committed steel capacity", 8.0e4))
    ]
    audit = [
        (year, law, scope, residual * (1 + year - 2025), "IND", True)
        for law, scope, residual in (
            ("mass of each commodity", "country", 3.1e-12), ("iron balance", "world", 8.0e-13),
            ("money: costs add to the objective", "world", 5.5e-10), ("capacity roll-forward", "country", 0.0),
        )
    ]  # fmt: skip
    support = [(year, "DEU", "DRI_H2", "goods", 2.0e8)] if year > 2028 else []
    scarcity = [
        (year, "CO2 storage", "Europe", 5.0e6, 5.0e6 if year > 2028 else 1.0e6, 0.0, 12.0 if year > 2028 else 0.0)
    ]
    objective = float(production["production"].sum()) * 400.0
    solve = (year, "cold (interior point and crossover)" if year == YEARS[0] else "warm (dual simplex)", 412, 980, 230,
             objective, 1e-9, 2e-9, 3e-12)  # fmt: skip
    return {
        "capacity": _frame("capacity", capacity), "decisions": _frame("decisions", decisions),
        "candidates": _frame("candidates", candidates), "reasons": _frame("reasons", reasons),
        "write_offs": _frame("write_offs", [(year, "P1-BOF-1", "DEU", "BOF", 3.0e8)] if year == 2028 else []),
        "limits": _frame("limits", limits),
        "forecasts": _frame("forecasts", forecasts), "solves": _frame("solves", [solve]),
        "audit": _frame("audit", audit), "support": _frame("support", support),
        "scarcity": _frame("scarcity", scarcity),
        "site_energy": _frame(
            "site_energy",
            [
                (year, site, place[1], 60.0 - n, 80.0, 63.0 - n, 4.0 - n, 3.5 - n, 4.0, 0.5, 9.0)
                for n, (site, place) in enumerate(SITES.items())
            ],
        ),
        "grades": _frame("grades", [(year, "DEU", 0.4, 60.0, 55.0, 1.0e6)] if year > 2028 else []),
    }  # fmt: skip


def reference_tables() -> Tables:
    """The dataset tables that a run copies for labels: countries, plants, sites, technologies and so on."""
    plants = sorted({(group.plant, group.country) for group in GROUPS if not group.plant.startswith("SITE-")})
    columns = ("country", "name", "region", "landmass", "latitude", "longitude")
    countries = [(code, name, region, "main", lat, lon) for code, (name, region, lat, lon) in COUNTRIES.items()]
    frames = {
        "countries": pd.DataFrame(countries, columns=list(columns)),
        "plants": pd.DataFrame(
            [(p, f"Works {p}", c, *PLACES.get(p, (-20.2, -40.3)), _owner(p), p == "P5") for p, c in plants],
            columns=["plant", "name", "country", "latitude", "longitude", "owner", "synthetic"],
        ),
        "sites": pd.DataFrame(
            [(site, *place) for site, place in SITES.items()],
            columns=["site", "name", "country", "latitude", "longitude"],
        ),
        "technologies": pd.DataFrame(
            [(k, n, s, p, k.split("_")[0], z) for k, (n, s, p, z) in TECHNOLOGIES.items()],
            columns=["technology", "name", "stage", "product", "family", "near_zero"],
        ),
        "commodities": pd.DataFrame(
            [(k, *v) for k, v in COMMODITIES.items()],
            columns=["commodity", "name", "unit", "kind", "iron", "carbon", "metallic"],
        ),
    }
    for frame in frames.values():
        frame["source"], frame["quality"] = "example", "E"
    frames["sources"] = pd.DataFrame(
        [("example", "Invented example", "steeliq", "2026", "CC0", "For tests; describes no real plant")],
        columns=["source", "title", "publisher", "year", "licence", "note"],
    )
    return frames


def example_provenance(years: Sequence[int] = YEARS) -> dict[str, Any]:
    """The example's run.json document."""
    settings: Mapping[str, Any] = {"name": "Example", "carbon_price": "uniform_100", "demand": "bau", "seed": 7}
    return provenance(
        scenario=settings,
        differences={"carbon_price": "uniform_100", "seed": 7},
        dataset="example",
        dataset_hash="e" * 64,
        seed=7,
        years=(years[0], years[-1]),
        started=datetime(2026, 11, 1, 9, 0, 0, tzinfo=UTC),
        ended=datetime(2026, 11, 1, 9, 0, 12, tzinfo=UTC),
        stage_seconds={"market": 0.8, "dispatch": 7.9, "decisions": 1.1, "writing": 0.6},
        solver_seconds=6.2,
        audit=pd.concat([run_tables(year)["audit"] for year in years], ignore_index=True),
    )


def write_run(folder: Path, years: Sequence[int] = YEARS) -> Path:
    """Write the example as a complete run folder and return it."""
    return Path(shutil.copytree(_written(tuple(years)), folder, dirs_exist_ok=True))


@cache
def _written(years: tuple[int, ...]) -> Path:
    """The example's run folder; it is made once, since that takes a second."""
    folder = Path(tempfile.mkdtemp(prefix="steeliq-example-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for year in years:
        write_year(folder, year, run_tables(year))
    (folder / "reference").mkdir(parents=True, exist_ok=True)
    for name, frame in reference_tables().items():
        frame.to_parquet(folder / "reference" / f"{name}.parquet", index=False)
    (folder / "scenario.toml").write_text('name = "Example"\ncarbon_price = "uniform_100"\nseed = 7\n', "utf-8")
    write_run_json(folder, example_provenance(years))
    return folder


def join_charges(folder: Path) -> None:
    """Write the flows of a run as versions did that told duties and border charges in one sum."""
    for path in sorted((folder / "tables" / "flows").iterdir()):
        table = pq.ParquetFile(path).read()
        both = pc.add(table["duty"], table["border_charge"])
        table = table.set_column(table.schema.get_field_index("duty"), "duty", both).drop_columns("border_charge")
        joined = path.with_suffix(".new")
        pq.write_table(table, joined, store_schema=False)
        joined.replace(path)
