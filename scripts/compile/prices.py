"""Prices of bought commodities and the emissions of grid power, by area, to 2050.

Today's levels are country figures where a public one exists and regional ones elsewhere; the way ahead follows the
regional trends of Mission Possible Partnership. Every commodity has a WORLD series, so no country is without a price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from scripts.compile.rows import Row, at, dense, frame, pairs

MPP = "mpp-st-stsm-2023"
EMBER = "ember-grid-2024"
POWER = "eurostat-eia-power-2024"
PINK = "worldbank-pink-sheet"
DISR = "disr-req-2025-12"
ESTIMATE = "estimate-prices"

YEARS = (2024, 2025, 2030, 2035, 2040, 2045, 2050)
MMBTU = 1.055056
COAL_HEAT = 25.8
"""GJ per MMBtu, and GJ per tonne of thermal coal (IPCC 2006, other bituminous coal)."""

JKT = "Japan, South Korea, and Taiwan"
SCA = "South and Central America"
SEA = "Southeast Asia"

COKING_COAL = {2024: 242.0, 2025: 187.0, 2026: 190.0, 2027: 196.0}
COKING_FACTORS = pairs("CHN 0.79 USA 0.785 RUS 0.70 KAZ 0.70 UKR 0.80 AUS 1.0 CAN 0.85 MNG 0.5 MOZ 0.8")
COKING_FREIGHT = 20.0
"""FOB Australia, USD/t; delivered price of own-coal countries over it; freight of the rest (estimates).

China: its own and Mongolian coal without value added tax, and blends with weaker coals.
"""
BLENDERS, BLEND = ("JPN", "KOR", "TWN"), 0.92
"""Coastal works with long contracts blend a quarter of semi-soft coal: their price over that of the rest (estimate)."""

PCI_SHARE = 0.66
EAF_COAL_SHARE = 1.0
"""Price of low-volatile injection coal and of EAF carbon relative to coking coal (estimates)."""

GAS = {  # USD/MMBtu: 2024 delivered to large users, then MPP's level of 2030 and 2050
    "NAFTA": {2024: 3.7, 2025: 4.5, 2030: 5.0 - 1.0, 2050: 4.0},
    "Europe": {2024: 12.0, 2025: 12.6, 2030: 8.0, 2050: 8.0},
    "China": {2024: 11.0, 2025: 11.0, 2030: 9.0, 2050: 9.0},
    JKT: {2024: 13.5, 2025: 12.7, 2030: 9.0, 2050: 9.0},
    "India": {2024: 10.5, 2025: 10.5, 2030: 7.0, 2050: 8.0},
    SEA: {2024: 8.0, 2025: 8.0, 2030: 7.0, 2050: 8.0},
    "RoW": {2024: 8.5, 2025: 8.5, 2030: 7.0, 2050: 8.0},
    "Africa": {2024: 5.5, 2025: 5.5, 2030: 6.0, 2050: 7.0},
    SCA: {2024: 8.0, 2025: 8.0, 2030: 7.0, 2050: 8.0},
    "Middle East": {2024: 3.0, 2025: 3.0, 2030: 4.0, 2050: 4.0},
    "CIS": {2024: 3.0, 2025: 3.0, 2030: 4.0, 2050: 4.0},
}
GAS_COUNTRIES = pairs(
    "IRN 1.5 SAU 1.75 QAT 2.5 ARE 3.5 KWT 2.5 BHR 4.0 OMN 3.5 IRQ 2.5 ISR 5.0 DZA 1.0 EGY 5.75 LBY 1.5 NGA 2.5 TTO 3.5 "
    "VEN 1.0 ARG 4.0 BOL 3.0 BRA 12.0 CHL 9.0 PER 4.0 COL 7.0 CAN 3.0 MEX 4.5 AUS 9.0 NZL 8.0 MYS 7.0 IDN 6.0 THA 9.0 "
    "BGD 8.0 PAK 9.5 UKR 11.5 TUR 11.0 RUS 2.8 KAZ 2.5 UZB 4.0 AZE 3.5 BLR 4.5 ZAF 10.0"
)
"""USD/MMBtu of 2024 (regulated or contract prices; estimates). The gap to the region halves by 2050."""

COAL = {  # USD/t: MPP's 2030 and 2050; 2024 from the Pink Sheet where a market is quoted
    "NAFTA": {2024: 65.0, 2030: 39.0, 2050: 38.0},
    "Europe": {2024: 115.0, 2030: 67.0, 2050: 63.0},
    "China": {2024: 118.0, 2030: 83.0, 2050: 74.0},
    JKT: {2024: 136.15, 2030: 77.0, 2050: 70.0},
    "Africa": {2024: 85.0, 2030: 67.0, 2050: 62.0},
    "CIS": {2024: 60.0, 2030: 67.0 - 7.0, 2050: 62.0 - 2.0},
    "WORLD": {2024: 105.77, 2030: 67.0, 2050: 62.0},
}
COAL_DELIVERY = 20.0

POWER_PATHS = {  # USD/MWh
    "Europe": {2024: 110.8, 2025: 110.0, 2030: 109.0, 2050: 80.0},
    "NAFTA": {2024: 64.2, 2025: 63.0, 2030: 57.0, 2050: 58.0},
    "China": {2024: 110.2, 2025: 110.0, 2030: 108.0, 2050: 109.0},
    "India": {2024: 93.8, 2025: 94.0, 2030: 93.0, 2050: 84.0},
    JKT: {2024: 87.2, 2025: 87.0, 2030: 85.0, 2050: 81.0},
    SCA: {2024: 87.2, 2025: 87.0, 2030: 84.0, 2050: 66.0},
    "Africa": {2024: 118.4, 2025: 119.0, 2030: 137.0, 2050: 93.0},
    "RoW": {2024: 108.8, 2025: 108.0, 2030: 116.0, 2050: 96.0},
    SEA: {2024: 98.2, 2025: 98.0, 2030: 109.0, 2050: 91.0},
    "CIS": {2024: 92.2, 2025: 93.0, 2030: 95.0, 2050: 96.0},
    "Middle East": {2024: 55.0, 2025: 55.0, 2030: 55.0, 2050: 55.0},
    "WORLD": {2024: 95.0, 2025: 95.0, 2030: 95.0, 2050: 85.0},
}
LARGE_USER = {"Eurostat": 0.75, "EIA": 0.85}
LARGE_USER_OTHER = 0.90
"""What an electric arc furnace pays over the published tariff of industry: network rebates, contracts (estimate)."""

POWER_COUNTRIES = pairs(
    "MEX 80 IDN 70 IRN 30 EGY 45 SAU 50 VNM 75 TWN 110 THA 115 MYS 95 ZAF 85 ARG 75 DZA 35 QAT 40 OMN 55 KWT 25 BHR 50 "
    "IRQ 60 PAK 130 BGD 95 PHL 120 MMR 60 PRK 60 VEN 40 CHL 105 PER 75 COL 105 NZL 85 LBY 30 MAR 100 NGA 95 KEN 130 "
    "HKG 120 ISR 95 JOR 100 SYR 70 TUN 100 GHA 110 ETH 40 MOZ 70 ZWE 95 ZMB 65 AGO 60 UGA 80 NAM 90 TTO 55 GTM 110 "
    "BOL 65 ECU 75 KHM 125 LKA 110"
)
"""USD/MWh of 2024 for large users where no published figure is at hand (estimates)."""

HYDROGEN_DEDICATED = {  # USD/kg in 2020, 2030, 2050
    "NAFTA": (3.0, 1.6, 0.9),
    "Europe": (3.5, 2.1, 1.4),
    "India": (2.8, 1.3, 0.7),
    "China": (1.8, 1.1, 0.7),
    JKT: (3.7, 1.9, 1.1),
    SCA: (4.0, 1.8, 0.9),
    "Middle East": (3.2, 1.5, 0.8),
    "Africa": (3.2, 1.6, 0.9),
    "RoW": (3.3, 1.4, 0.7),
    "CIS": (3.0, 1.4, 0.8),
    SEA: (3.4, 1.7, 1.0),
}
HYDROGEN_GRID = {
    "NAFTA": (5.6, 2.8, 2.4),
    "Europe": (7.3, 4.7, 3.1),
    "India": (6.1, 4.6, 3.1),
    "China": (5.2, 4.5, 3.4),
    JKT: (6.3, 3.9, 3.2),
}
GRID_HYDROGEN_FACTOR = {2020: 0.066, 2030: 0.046, 2050: 0.0376}
"""USD/kg per USD/MWh: mean of the five regions above; used for the regions without a figure (estimate)."""

BIOMASS = {"Europe": 6.9, "NAFTA": 9.5, "India": 11.1, "China": 12.7, SCA: 11.6, "Africa": 16.1, "WORLD": 11.3}
CHARCOAL_HEAT, CHARCOAL_YIELD, CHARCOAL_MAKING = 29.5, 0.60, 40.0
CHARCOAL_BRAZIL = 320.0
"""USD/GJ of wood; GJ/t (IPCC 2006), energy yield with gas recovery and USD/t of making (estimates)."""

FLAT = {  # USD per unit, real, held; credits of by-products among them
    "lime": 120.0,
    "limestone": 18.0,
    "dolomite": 25.0,
    "electrodes": 4500.0,
    "ferro_alloys": 1300.0,
    "tar": 350.0,
    "btx": 650.0,
}
STORAGE = {"NAFTA": 20.0, "Europe": 34.0, "China": 26.0, "India": 28.0, JKT: 38.0, "Middle East": 20.0, "WORLD": 26.0}
"""USD per tonne captured: transport 12-30 plus storage 5-6 (MPP), by distance to sinks (regional choice: estimate)."""

GRID_PATHS = {  # tCO2/MWh, MPP BAU
    "Europe": {2020: 0.24, 2030: 0.15, 2050: 0.06},
    "NAFTA": {2020: 0.38, 2030: 0.16, 2050: 0.02},
    "China": {2020: 0.66, 2030: 0.48, 2050: 0.26},
    "India": {2020: 0.73, 2030: 0.57, 2050: 0.20},
    JKT: {2020: 0.51, 2030: 0.35, 2050: 0.07},
    SCA: {2020: 0.20, 2030: 0.12, 2050: 0.01},
    "Africa": {2020: 0.44, 2030: 0.34, 2050: 0.20},
    "RoW": {2020: 0.63, 2030: 0.40, 2050: 0.23},
    SEA: {2020: 0.62, 2030: 0.39, 2050: 0.22},
    "CIS": {2020: 0.33, 2030: 0.23, 2050: 0.12},
    "Middle East": {2020: 0.60, 2030: 0.50, 2050: 0.30},
    "WORLD": {2020: 0.50, 2030: 0.36, 2050: 0.17},
}
DECARBONISED_2030 = {"Europe": 0.11, "NAFTA": 0.10, "China": 0.39, "India": 0.33, JKT: 0.28}
DECARBONISED_OTHER, DECARBONISED_2050 = 0.71, 0.25
"""Regions without a figure take their mean reduction; in 2050 a quarter of the reference (estimates)."""

Series = tuple[str, str, str, Mapping[int, float], str, str]


def tables(reference: Path, regions: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """``prices`` and ``grid_intensity``; ``regions`` maps every country of the model to its region."""
    series = [*_coals(regions), *_gas(regions), *_electricity(reference, regions), *_hydrogen(), *_others(regions)]
    rows: list[Row] = [
        (scenario, commodity, area, year, round(price, 3), source, quality if year <= 2025 else "E")
        for scenario, commodity, area, path, source, quality in series
        for year, price in dense(path).items()
    ]
    return {
        "prices": frame("scenario commodity area year price source quality", rows),
        "grid_intensity": _grid(reference, regions),
    }


def _scaled(path: Mapping[int, float], factor: float, add: float = 0.0) -> dict[int, float]:
    return {year: value * factor + add for year, value in path.items()}


def _coals(regions: Mapping[str, str]) -> Iterator[Series]:
    areas: dict[str, tuple[float, float]] = {"WORLD": (1.0, COKING_FREIGHT)}
    areas |= {c: (factor, 0.0) for c, factor in COKING_FACTORS.items() if c in regions}
    areas |= {c: (BLEND, BLEND * COKING_FREIGHT) for c in BLENDERS if c in regions}
    for area, (factor, freight) in areas.items():
        quality = "B" if area == "AUS" else "E"
        yield "reference", "coking_coal", area, _scaled(COKING_COAL, factor, freight), DISR, quality
        yield "reference", "pci_coal", area, _scaled(COKING_COAL, factor * PCI_SHARE, freight), DISR, "E"
        yield "reference", "eaf_coal", area, _scaled(COKING_COAL, factor * EAF_COAL_SHARE, freight), DISR, "E"
    for area, path in COAL.items():
        delivered = _scaled(path, 1 / COAL_HEAT, COAL_DELIVERY / COAL_HEAT)
        yield "reference", "thermal_coal", area, delivered, PINK, "B" if area in ("WORLD", JKT) else "E"


def _gas(regions: Mapping[str, str]) -> Iterator[Series]:
    quoted = ("NAFTA", "Europe", JKT)
    for region, path in GAS.items():
        yield "reference", "natural_gas", region, _scaled(path, 1 / MMBTU), PINK, "B" if region in quoted else "E"
    world = {year: sum(at(path, year) for path in GAS.values()) / len(GAS) for year in (2024, 2025, 2030, 2050)}
    yield "reference", "natural_gas", "WORLD", _scaled(world, 1 / MMBTU), ESTIMATE, "E"
    for country, today in GAS_COUNTRIES.items():
        if country in regions:
            region_path = GAS[regions[country]]
            gap = today / at(region_path, 2024)
            halfway = {2024: gap, 2050: gap**0.5}
            path = {year: at(region_path, year) * at(halfway, year) for year in YEARS}
            yield "reference", "natural_gas", country, _scaled(path, 1 / MMBTU), ESTIMATE, "E"


def large_user_power(reference: Path) -> dict[str, tuple[float, str]]:
    """Power price of large users in 2024, USD/MWh, and its quality mark, by country with a published tariff."""
    rows = pd.read_csv(reference / "energy" / "industrial_electricity_prices_2024.csv")
    out = {}
    for row in rows.to_dict("records"):
        factor = LARGE_USER.get(str(row["source"]), LARGE_USER_OTHER)
        quality = "B" if row["source"] in LARGE_USER else "C"
        out[str(row["iso3"])] = (float(row["price_usd_kwh"]) * 1000 * factor, quality)
    return out


def _electricity(reference: Path, regions: Mapping[str, str]) -> Iterator[Series]:
    for area, path in POWER_PATHS.items():
        yield "reference", "electricity", area, path, MPP, "E" if area in ("WORLD", "Middle East") else "B"
    published = large_user_power(reference)
    for country, region in sorted(regions.items()):
        if country in published:
            today, quality, source = *published[country], POWER
        elif country in POWER_COUNTRIES:
            today, quality, source = POWER_COUNTRIES[country], "E", ESTIMATE
        else:
            continue
        trend = POWER_PATHS[region]
        path = {year: today * at(trend, year) / at(trend, 2024) for year in YEARS}
        yield "reference", "electricity", country, path, source, quality


def _hydrogen() -> Iterator[Series]:
    """USD/t from dedicated renewables, from grid power, and the mean of both as the reference."""
    years = (2020, 2030, 2050)
    dedicated = {r: dict(zip(years, values, strict=True)) for r, values in HYDROGEN_DEDICATED.items()}
    grid = {
        region: dict(zip(years, HYDROGEN_GRID[region], strict=True))
        if region in HYDROGEN_GRID
        else {y: at(POWER_PATHS[region], y) * GRID_HYDROGEN_FACTOR[y] for y in years}
        for region in dedicated
    }
    for paths in (dedicated, grid):
        paths["WORLD"] = {y: sum(p[y] for p in paths.values()) / len(paths) for y in years}
    shown = (2024, 2025, 2030, 2050)
    for region, path in dedicated.items():
        quality = "C" if region in HYDROGEN_GRID else "E"
        low = {y: 1000 * at(path, y) for y in shown}
        high = {y: 1000 * at(grid[region], y) for y in shown}
        yield "dedicated", "hydrogen", region, low, MPP, "E" if region in ("WORLD", SEA) else "C"
        yield "grid", "hydrogen", region, high, MPP, quality
        yield "reference", "hydrogen", region, {y: (low[y] + high[y]) / 2 for y in shown}, MPP, "E"


def _others(regions: Mapping[str, str]) -> Iterator[Series]:
    for commodity, price in FLAT.items():
        yield "reference", commodity, "WORLD", {2024: price}, ESTIMATE, "E"
    for area, price in STORAGE.items():
        yield "reference", "co2_storage", area, {2024: price}, MPP, "E"
    for area, wood in BIOMASS.items():
        yield "reference", "charcoal", area, {2024: wood * CHARCOAL_HEAT / CHARCOAL_YIELD + CHARCOAL_MAKING}, MPP, "E"
    if "BRA" in regions:
        yield "reference", "charcoal", "BRA", {2024: CHARCOAL_BRAZIL}, ESTIMATE, "E"


def _grid(reference: Path, regions: Mapping[str, str]) -> pd.DataFrame:
    """Ember's level of the country now, then MPP's regional trend; regions are means weighted by generation."""
    stated = pd.read_csv(reference / "energy" / "grid_carbon_intensity_by_country.csv").set_index("code")
    level = (stated["ember_gco2_kwh"] / 1000).to_dict()
    power = stated["owid_total_TWh"].fillna(0.0).to_dict()
    now: dict[str, tuple[str, float]] = {"WORLD": ("WORLD", float(level["WORLD"]))}
    for region in sorted(set(regions.values())):
        members = [c for c in sorted(regions) if regions[c] == region and level.get(c, 0) > 0]
        total = sum(power[c] for c in members)
        now[region] = (region, sum(level[c] * power[c] for c in members) / total)
    now |= {c: (r, float(level[c])) for c, r in sorted(regions.items()) if level.get(c, 0) > 0}
    rows: list[Row] = []
    for area, (region, today) in now.items():
        for scenario in ("reference", "decarbonised"):
            trend = GRID_PATHS[region] if scenario == "reference" else _decarbonised(region)
            for year in YEARS:
                value = min(today * at(trend, year) / at(GRID_PATHS[region], 2024), 2.0)
                country = len(area) == 3 and area in regions
                quality = ("A" if country else "B") if year <= 2025 else "E"
                rows.append((scenario, area, year, round(value, 4), EMBER if year <= 2025 else MPP, quality))
    return frame("scenario area year intensity source quality", rows)


def _decarbonised(region: str) -> dict[int, float]:
    path = GRID_PATHS[region]
    start = {year: at(path, year) for year in (2024, 2025)}
    middle = DECARBONISED_2030.get(region, path[2030] * DECARBONISED_OTHER)
    return start | {2030: middle, 2050: path[2050] * DECARBONISED_2050}
