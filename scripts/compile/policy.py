"""Policies and limits of the reference dataset.

Carbon prices, free allowances, border adjustments, cost of capital, tariffs, quotas, CO2 storage and charcoal.
Measures in force are stated as such; a path ahead of the law is an estimate and marked so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from scripts.compile.rows import Row, at, dense, frame, pairs

PRICING = "worldbank-carbon-pricing-2025"
IEA = "iea-gec-model-2023"
ETS = "eu-ets-benchmarks"
CBAM = "eu-cbam-2023"
UK = "uk-ets-free-allocation-2026"
TARIFF = "steel-trade-measures-2025"
SANCTIONS = "sanctions-2025"
MPP = "mpp-st-stsm-2023"
ESTIMATE = "estimate-policy"

ALWAYS, FOREVER = 1900, 2200
JKT = "Japan, South Korea, and Taiwan"

EU_LIKE = ("EU27", "NOR", "ISL", "CHE", "GBR")
EU_2030, EU_2050 = 80.0, 120.0
"""The cap of the EU ETS is law to 2030 and falls after; a modest real rise is assumed (estimate)."""

CARBON_TODAY = pairs(
    "EU27 70 NOR 70 ISL 70 CHE 72 GBR 58 CHN 12 KOR 7 CAN 68 NZL 30 AUS 21 JPN 5 ZAF 11 KAZ 1 TWN 10 SGP 19 CHL 5 COL 6"
)
"""USD/t of 2025-26 where steel is covered. Pilots and power-only systems (IDN, MEX, TUR, UKR, ARG) count as none."""

ADVANCED = (*EU_LIKE, "CAN", "JPN", "KOR", "AUS", "NZL", "USA", "TWN")
PLEDGED = ("CHN", "BRA", "ZAF", "CHL", "KAZ")
NET_ZERO = {
    **{a: {2030: 140.0, 2040: 205.0, 2050: 250.0} for a in ADVANCED},
    **{a: {2030: 90.0, 2040: 160.0, 2050: 200.0} for a in PLEDGED},
}
"""Own path of areas with a trading system or an advanced economy; everyone else goes linearly to 200 in 2050.

The prices are the International Energy Agency's by group of economies; who belongs to which group is our reading.
"""

CBAM_FACTOR = {2025: 1.0, 2026: 0.975, 2027: 0.95, 2028: 0.90, 2029: 0.775, 2030: 0.515, 2031: 0.39, 2032: 0.265,
               2033: 0.14, 2034: 0.0}  # fmt: skip

SINTER_PER_HOT_METAL, COKE_PER_HOT_METAL, HOT_METAL_PER_STEEL = 1.166, 0.40, 0.92
BENCHMARKS = {  # tCO2/t of hot metal, sinter, coke, EAF steel; direct emissions only before 2026
    2025: (1.288, 0.157, 0.217, 0.060),
    2026: (1.248, 0.086, 0.143, 0.142),
}
"""The law's EAF benchmark before 2026 is 0.215 with power; how much of it is direct is an estimate."""
DRI_BENCHMARK = {2025: 0.44, 2026: 1.248}
"""Before 2026 DRI was allocated by its fuel (42.6 allowances per TJ x 10.3 GJ); since then as hot metal."""

OTHER_ALLOCATION = {  # own benchmarks are close to own emissions; share in 2024, 2030 and 2040, nothing in 2050
    "CHN": (0.97, 0.90, 0.50),
    "KOR": (0.97, 0.90, 0.50),
    "JPN": (0.95, 0.85, 0.45),
    "CAN": (0.92, 0.80, 0.40),
    "AUS": (0.95, 0.75, 0.35),
    "NZL": (0.86, 0.80, 0.40),
    "KAZ": (0.97, 0.90, 0.50),
    "ZAF": (0.80, 0.65, 0.30),
    "TWN": (0.80, 0.65, 0.30),
}
OWN_BENCHMARKS = {"hot_metal": 2.0, "hot_dri": 0.55, "crude_steel": 0.12}

ADJUSTED_GOODS = ("crude_steel", "pig_iron", "dri", "dri_h2", "dri_coal", "ew_iron")

BASE_DEBT, BASE_EQUITY = 0.05, 0.10
RISK_CLASSES = {  # class by sovereign rating: premium on equity; half of it on debt
    -0.01: "USA DEU NLD DNK SWE NOR CHE LUX AUS CAN SGP AUT FIN NZL",
    -0.005: "GBR FRA BEL KOR TWN ARE QAT KWT SAU CZE EST HKG IRL",
    0.01: "ITA PRT GRC HUN ROU BGR HRV IND IDN MEX PHL KAZ PER URY MAR OMN TTO BWA PAN CYP MUS",
    0.025: "BRA COL ZAF VNM SRB AZE UZB GEO MKD ALB ARM DZA JOR CRI GTM DOM PRY NAM CIV",
    0.05: "TUR EGY BGD BIH MDA MNG KEN NGA RWA BEN SEN TZA UGA TGO CMR KHM PNG NPL BHR IRQ TUN HND SLV NIC XKX BOL MNE",
    0.08: "ARG PAK UKR RUS BLR IRN VEN LBN SYR LBY YEM SDN ETH GHA ZMB ZWE MOZ AGO COD COG LKA LAO MMR PRK CUB AFG ECU "
    "MLI BFA NER GIN GAB MRT MDG LBR SLE TKM TJK KGZ",
}  # fmt: skip

EXEMPT_232 = "ARG AUS BRA JPN KOR GBR UKR CAN MEX USA"
US_2025, US_2025_EXEMPT = 0.394, 0.345
"""Means over 2025: 25 % for all from 12 March (on top of nothing for the exempt), 50 % from 4 June."""

# Pairs that do not trade: war and boycott. (country, country, first year)
NO_TRADE = (("RUS", "UKR", 2022), ("IRN", "ISR", 1980))

# importer: (exporters, effective ad valorem on crude steel equivalent). Southeast Asia's free trade agreements with
# China, Japan and South Korea leave little; Brazil's and Mexico's special regimes halve the listed rates.
TARIFFS = {
    "CHN": ("NOT CHN", 0.05),
    "IND": ("NOT IND", 0.08),
    "TUR": ("NOT Europe", 0.09),
    "BRA": ("NOT South and Central America", 0.07),
    "ARG": ("NOT South and Central America", 0.12),
    "COL": ("NOT South and Central America", 0.06),
    "CAN": ("NOT NAFTA", 0.06),
    "MEX": ("NOT NAFTA", 0.05),
    "GBR": ("NOT Europe", 0.05),
    "RUS": ("NOT CIS", 0.08),
    "KAZ": ("NOT CIS", 0.06),
    "BLR": ("NOT CIS", 0.08),
    "IDN": ("NOT Southeast Asia", 0.02),
    "MYS": ("NOT Southeast Asia", 0.02),
    "THA": ("NOT Southeast Asia", 0.02),
    "VNM": ("NOT Southeast Asia", 0.02),
    "PHL": ("NOT Southeast Asia", 0.02),
    "AUS": ("NOT AUS", 0.06),
    "ZAF": ("NOT Africa", 0.10),
    "EGY": ("NOT EGY", 0.10),
    "DZA": ("NOT DZA", 0.15),
    "MAR": ("NOT MAR", 0.10),
    "NGA": ("NOT Africa", 0.10),
    "KEN": ("NOT Africa", 0.10),
    "SAU": ("NOT Middle East", 0.08),
    "ARE": ("NOT Middle East", 0.06),
    "IRN": ("NOT IRN", 0.15),
    "PAK": ("NOT PAK", 0.12),
    "BGD": ("NOT BGD", 0.10),
}
EU_EFFECTIVE = 0.06
EU_FREE = "NOR ISL CHE UKR"

SANCTIONERS = ("EU27", "USA", "GBR", "CAN", "JPN", "KOR", "UKR")
SANCTIONED = {"RUS": 2022, "BLR": 2022, "IRN": 2018}

STORAGE = {  # Mt of CO2, cumulative, 2030 / 2040 / 2050
    "China": (716, 11774, 30859),
    "Europe": (373, 3139, 7464),
    "NAFTA": (330, 2478, 7827),
    "Middle East": (68, 1350, 4544),
    "India": (87, 2047, 6930),
    "CIS": (31, 728, 2465),
    "South and Central America": (35, 653, 2191),
    "Africa": (40, 948, 3210),
    JKT: (23 + 48, 550 + 595, 1862 + 1451),
    "Southeast Asia": (0.6 * 127, 0.6 * 2651, 0.6 * 8937),
    "RoW": (0.4 * 127, 0.4 * 2651, 0.4 * 8937),
}

CHARCOAL = {  # Mt/yr for steel in 2024, 2030, 2050
    "South and Central America": (8.0, 11.0, 20.0),
    "Europe": (0.3, 2.0, 8.0),
    "NAFTA": (0.3, 3.0, 10.0),
    "China": (0.2, 2.0, 10.0),
    "India": (0.2, 2.0, 8.0),
    "Southeast Asia": (0.4, 3.0, 10.0),
    "Africa": (0.2, 1.5, 8.0),
    "CIS": (0.2, 2.0, 6.0),
    "Middle East": (0.0, 0.1, 0.3),
    JKT: (0.1, 0.7, 2.0),
    "RoW": (0.1, 1.0, 3.0),
}


def tables(regions: Mapping[str, str], eu: set[str]) -> dict[str, pd.DataFrame]:
    """The policy tables; ``regions`` maps every country of the model to its region, ``eu`` are the members of EU27."""
    return {
        "carbon_prices": carbon_prices(regions),
        "free_allocation": free_allocation(regions),
        "border_adjustments": border_adjustments(regions),
        "cost_of_capital": cost_of_capital(regions),
        "tariffs": tariffs(regions, eu),
        "quotas": quotas(regions),
        "co2_storage": frame("area year cumulative source quality", _storage()),
        "biomass_supply": frame("area commodity year supply source quality", _charcoal()),
    }


def _known(areas: Mapping[str, object] | tuple[str, ...], regions: Mapping[str, str]) -> list[str]:
    return [a for a in areas if a in regions or a in ("EU27", "WORLD")]


def carbon_prices(regions: Mapping[str, str]) -> pd.DataFrame:
    """USD of 2024 per tCO2 in five scenarios; areas without an own row follow WORLD."""
    rows: list[Row] = [("none", "WORLD", 2024, 0.0, ESTIMATE, "E"), ("current", "WORLD", 2024, 0.0, PRICING, "B")]
    for area in _known(CARBON_TODAY, regions):
        today = CARBON_TODAY[area]
        path = {2024: today, 2025: today}
        if area in EU_LIKE:
            path |= {2030: EU_2030, 2050: EU_2050}
        rows += [
            ("current", area, y, p, PRICING, _mark_today(area) if y <= 2025 else "E") for y, p in dense(path).items()
        ]
    for scenario, target in (("uniform_100", 100.0), ("uniform_200", 200.0)):
        for area in ("WORLD", *_known(CARBON_TODAY, regions)):
            today = CARBON_TODAY.get(area, 0.0)
            path = dense({2024: today, 2025: today, 2050: target})
            rows += [(scenario, area, y, p, ESTIMATE, "E") for y, p in path.items()]
    for area in ("WORLD", *_known(tuple(sorted({*CARBON_TODAY, *NET_ZERO})), regions)):
        today = CARBON_TODAY.get(area, 0.0)
        path = {2024: today, 2025: today} | NET_ZERO.get(area, {2050: 200.0})
        rows += [("net_zero", area, y, p, *_net_zero_source(area, y)) for y, p in dense(path).items()]
    return frame("scenario area year price source quality", rows)


def _mark_today(area: str) -> str:
    """Quality of today's price: the report's own figures and its lack of one are better than secondary listings."""
    return "B" if area in ("EU27", "CHN") or area not in CARBON_TODAY else "C"


def _net_zero_source(area: str, year: int) -> tuple[str, str]:
    """Source and quality of a price of the net-zero scenario; only the agency's own years are more than an estimate."""
    if area not in NET_ZERO:
        return ESTIMATE, "E"
    if year <= 2025:
        return PRICING, _mark_today(area)
    return IEA, "C" if year in NET_ZERO[area] else "E"


def _eu_benchmarks() -> dict[str, dict[int, float]]:
    """Benchmarks per tonne of what furnace groups make.

    Hot metal carries those of its sinter and coke. The EAF benchmark is stated per tonne of crude steel whatever its
    route, so what a BOF would get through it is taken off the hot metal: the site's sum stays as in the law.
    """
    hot_metal, steel = {}, {}
    for year, (iron, sinter, coke, eaf) in BENCHMARKS.items():
        site = iron + SINTER_PER_HOT_METAL * sinter + COKE_PER_HOT_METAL * coke
        hot_metal[year] = site - eaf / HOT_METAL_PER_STEEL
        steel[year] = eaf
    return {"hot_metal": hot_metal, "hot_dri": DRI_BENCHMARK, "hot_dri_h2": DRI_BENCHMARK, "crude_steel": steel}


def free_allocation(regions: Mapping[str, str]) -> pd.DataFrame:
    """Benchmark x share by area and product: EU law with the CBAM factor, others near their own emissions."""
    rows: list[Row] = []
    for area in _known(EU_LIKE, regions):
        source, quality = (UK, "C") if area == "GBR" else (ETS, "B")
        for product, benchmark in _eu_benchmarks().items():
            for year, share in {2024: 1.0, **_factors(area)}.items():
                value = round(at(benchmark, year), 4)
                guessed = product == "crude_steel" and year <= 2025  # see BENCHMARKS
                rows.append((area, product, year, value, share, source, "E" if guessed else quality))
    for area in _known(OTHER_ALLOCATION, regions):
        shares = dict(zip((2024, 2030, 2040, 2050), (*OTHER_ALLOCATION[area], 0.0), strict=True))
        for product, value in OWN_BENCHMARKS.items():
            rows += [(area, product, year, value, share, ESTIMATE, "E") for year, share in shares.items()]
    return frame("area product year benchmark share source quality", rows)


def _factors(area: str) -> dict[int, float]:
    """Remaining share of free allowances by year; Britain's phase-out runs a year later, 2027 to 2035."""
    if area != "GBR":
        return CBAM_FACTOR
    return {2025: 1.0, 2026: 1.0, **{year + 1: share for year, share in CBAM_FACTOR.items() if year > 2025}}


def border_adjustments(regions: Mapping[str, str]) -> pd.DataFrame:
    """The charged share of the carbon cost difference mirrors the share of allowances no longer free."""
    rows: list[Row] = []
    for area in _known(("EU27", "GBR"), regions):
        source, quality = (UK, "C") if area == "GBR" else (CBAM, "A")
        for good in ADJUSTED_GOODS:
            path = {year: round(1 - share, 4) for year, share in _factors(area).items()}
            rows += [(area, good, year, share, source, quality) for year, share in path.items()]
    return frame("bloc commodity year share source quality", rows)


def cost_of_capital(regions: Mapping[str, str]) -> pd.DataFrame:
    """Real cost of debt and equity: 5 % and 10 % (7 % at 60:40) plus a premium by class of sovereign risk."""
    rows: list[Row] = [("WORLD", BASE_DEBT, BASE_EQUITY, MPP, "B")]
    for premium, names in RISK_CLASSES.items():
        for country in names.split():
            if country in regions:
                debt, equity = round(BASE_DEBT + premium / 2, 4), round(BASE_EQUITY + premium, 4)
                rows.append((country, debt, equity, ESTIMATE, "E"))
    return frame("area cost_of_debt cost_of_equity source quality", rows)


def exporters_except(exempt: set[str], regions: Mapping[str, str], members: set[str]) -> list[str]:
    """Areas that together are all countries but ``exempt`` and ``members``: whole regions where possible."""
    out: list[str] = []
    for region in sorted(set(regions.values())):
        inside = {c for c in regions if regions[c] == region}
        left = inside - exempt - members
        out += [region] if left == inside else sorted(left)
    return out


def tariffs(regions: Mapping[str, str], eu: set[str]) -> pd.DataFrame:
    """Duties add up over matching rows, so the rows of one importer never overlap; bans may."""
    rows: list[Row] = []

    def duty(importer: str, exporter: str, start: int, end: int, rate: float, quality: str) -> None:
        rows.append((importer, exporter, "crude_steel", start, end, rate, 0.0, False, TARIFF, quality))

    exempt = set(EXEMPT_232.split())
    for exporter in exporters_except(exempt, regions, eu):
        duty("USA", exporter, 2018, 2024, 0.25, "A")
        duty("USA", exporter, 2025, 2025, US_2025, "B")
    for exporter in ("EU27", *sorted(exempt - {"USA"} & set(regions))):
        duty("USA", exporter, 2025, 2025, 0.25 * 296 / 365 if exporter == "GBR" else US_2025_EXEMPT, "B")
    duty("USA", "NOT GBR", 2026, FOREVER, 0.50, "B")
    duty("USA", "GBR", 2026, FOREVER, 0.25, "B")
    for exporter in exporters_except(set(EU_FREE.split()), regions, eu):
        duty("EU27", exporter, 2019, FOREVER, EU_EFFECTIVE, "E")
    for importer, (exporter, rate) in TARIFFS.items():
        if importer in regions:
            duty(importer, exporter, ALWAYS, FOREVER, rate, "E")
    rows += [
        (importer, exporter, good, start, FOREVER, 0.0, 0.0, True, SANCTIONS, quality)
        for importer, exporter, good, start, quality in _bans(regions)
    ]
    return frame("importer exporter commodity start end ad_valorem specific banned source quality", rows)


def _bans(regions: Mapping[str, str]) -> Iterator[tuple[str, str, str, int, str]]:
    """Pairs that may not trade: importer, exporter, good, first year, quality."""
    for exporter, start in SANCTIONED.items():
        for importer in _known(SANCTIONERS, regions):
            if exporter in regions:
                yield importer, exporter, "crude_steel", start, "C"
                if importer in ("EU27", "USA", "GBR", "UKR"):
                    yield importer, exporter, "pig_iron", max(start, 2026), "C"
                    yield importer, exporter, "dri", max(start, 2026), "C"
    if "PRK" in regions:
        for good in ("crude_steel", "pig_iron", "iron_ore", "dr_ore"):
            yield "WORLD", "PRK", good, 2017, "B"
    yield from _no_trade(regions)


def _no_trade(regions: Mapping[str, str]) -> Iterator[tuple[str, str, str, int, str]]:
    for one, other, first in NO_TRADE:
        for importer, exporter in ((one, other), (other, one)):
            if {importer, exporter} <= set(regions):
                listed = exporter in SANCTIONED and importer in SANCTIONERS  # its crude steel is banned above
                for good in ("pig_iron", "scrap", "iron_ore", "dr_ore", *(() if listed else ("crude_steel",))):
                    yield importer, exporter, good, first, "C"


def quotas(regions: Mapping[str, str]) -> pd.DataFrame:
    """US quotas and tariff-rate quotas to early 2025, and the total of the EU safeguard as a ceiling.

    A tariff-rate quota has no second rate in the model: beyond it nothing is shipped.
    """
    rows: list[Row] = [
        ("US-232-KOR", "USA", "KOR", "crude_steel", 2018, 2024, 2.63e6, TARIFF, "C"),
        ("US-232-BRA", "USA", "BRA", "crude_steel", 2018, 2024, 4.2e6, TARIFF, "C"),
        ("US-232-ARG", "USA", "ARG", "crude_steel", 2018, 2024, 0.18e6, TARIFF, "C"),
        ("US-232-JPN", "USA", "JPN", "crude_steel", 2022, 2024, 1.25e6, TARIFF, "C"),
        ("US-232-EU27", "USA", "EU27", "crude_steel", 2022, 2024, 3.3e6, TARIFF, "C"),
        ("US-232-GBR", "USA", "GBR", "crude_steel", 2022, 2024, 0.5e6, TARIFF, "C"),
        ("EU-SAFEGUARD", "EU27", "NOT EU27", "crude_steel", 2019, 2025, round(18.3e6 / 0.53, -5), TARIFF, "C"),
    ]
    kept = [r for r in rows if r[2] in ("EU27", "NOT EU27") or r[2] in regions]
    return frame("quota importer exporter commodity start end quantity source quality", kept)


def _storage() -> Iterator[Row]:
    for area, values in STORAGE.items():
        yield area, 2025, 0.0, MPP, "E"
        for year, mt in zip((2030, 2040, 2050), values, strict=True):
            yield area, year, round(mt * 1e6), MPP, "B"


def _charcoal() -> Iterator[Row]:
    for area, values in CHARCOAL.items():
        path = dense(dict(zip((2024, 2030, 2050), values, strict=True)))
        for year, mt in path.items():
            yield area, "charcoal", year, round(mt * 1e6), ESTIMATE, "E"
