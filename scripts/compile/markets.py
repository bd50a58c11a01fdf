"""Steel demand, scrap and ore of the reference dataset, and the collection of every market and policy table.

Demand starts from worldsteel's production of 2024 minus net exports and grows with the regional paths of Mission
Possible Partnership. Scrap follows the same regions. Ore comes from the mines that Global Energy Monitor lists, scaled
to the national totals of the US Geological Survey. ``docs/data.md`` explains the constructions and their weak points.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from scripts.compile import geography, policy, prices, production, stock
from scripts.compile.rows import frame, listed_sources, pairs
from scripts.compile.sources import source_rows

MPP = "mpp-st-stsm-2023"
WORLDSTEEL = "worldsteel-wsif-2025"
GEM_MINES = "gem-giomt-2024-11"
USGS = "usgs-mcs-2025"
ESTIMATE = "estimate-markets"

YEARS = (2024, 2025, 2030, 2035, 2040, 2045, 2050)
SCENARIOS = {"bau": "BAU", "high_circularity": "High Circ"}

KNOWN_NET_EXPORTS = pairs("CHN 108 JPN 21 RUS 14 KOR 11 IRN 8 USA -23 THA -14 MEX -13 PHL -10")
"""Mt of 2024, kept as they are when the world is balanced."""

NET_EXPORTS = pairs("""
HKG -0.9 TWN 1.5 IND -1.0 CAN -1.5 BRA 3.5 ARG -0.2 CHL -2.2 COL -2.3 PER -1.6 ECU -0.9 VEN -0.2 BOL -0.4 PRY -0.5
URY -0.3 GTM -1.0 CRI -0.6 DOM -1.0 PAN -0.4 HND -0.5 SLV -0.5 NIC -0.3 CUB -0.2 TTO -0.1 JAM -0.1
UKR 2.8 KAZ 0.0 BLR 0.6 MDA 0.2 UZB -2.2 AZE -0.8 GEO -0.4 ARM -0.2 TKM -0.5 KGZ -0.3 TJK -0.2 MNG -0.4
DEU 4.0 ITA -4.5 FRA -2.0 ESP -1.0 POL -6.5 CZE -3.5 AUT 3.0 BEL 3.0 NLD 1.5 SWE 0.0 FIN 1.3 SVK 1.3 HUN -2.2 ROU -3.0
BGR -1.2 GRC -0.7 PRT -0.8 SVN -0.6 HRV -0.9 LUX 1.3 DNK -1.6 IRL -0.9 EST -0.4 LVA -0.4 LTU -0.9 CYP -0.2 MLT -0.05
GBR -5.0 NOR -0.7 CHE -0.9 TUR -1.5 SRB -0.3 BIH 0.0 MKD -0.2 ALB -0.3 MNE -0.1 XKX -0.2 ISL -0.1
SAU -4.5 ARE -3.3 QAT 0.3 KWT -0.8 OMN 0.8 BHR 0.4 IRQ -3.5 ISR -2.6 JOR -0.6 LBN -0.4 SYR -0.5 YEM -0.6 AFG -0.5
EGY 0.3 DZA 0.3 MAR -1.3 TUN -0.6 LBY -0.4 ZAF -0.2 NGA -1.4 KEN -1.1 GHA -0.6 ETH -0.7 TZA -0.9 UGA -0.3 CIV -0.6
SEN -0.5 CMR -0.4 AGO -0.4 COD -0.5 ZMB -0.2 ZWE -0.2 MOZ -0.3 SDN -0.3 NAM -0.15 MRT -0.1 MDG -0.15 BEN -0.2 GIN -0.3
MLI -0.2 TGO -0.2 BFA -0.3 MUS -0.15 COG -0.1 GAB -0.1 BWA -0.1 RWA -0.15 LBR -0.05 SLE -0.05 NER -0.1
VNM -1.5 IDN 0.3 MYS 0.3 SGP -2.6 MMR -1.5 KHM -1.5 LAO -0.6 BRN -0.1
AUS -1.5 NZL -0.3 PAK -2.5 BGD -2.0 LKA -0.7 NPL -0.6 PRK -0.1 PNG -0.15 BTN -0.05
""")
"""Mt of crude steel equivalent, 2024, before balancing (estimate; orders of magnitude of the trade statistics)."""

SCRAP_FACTORS = {
    "China": 1.22,
    "India": 1.25,
    "Europe": 0.86,
    "NAFTA": 0.78,
    "Japan, South Korea, and Taiwan": 0.62,
    "CIS": 1.0,
    "Middle East": 0.45,
    "South and Central America": 0.80,
    "Africa": 0.62,
    "Southeast Asia": 0.75,
    "RoW": 0.75,
}
"""Scrap collected today over MPP's availability: fitted to the use of about 630 Mt in 2024 (estimate)."""

SCRAP_FADE = 2045
SCRAP_TIERS = ((1, 0.50, 120.0), (2, 0.22, 220.0), (3, 0.20, 320.0))
"""The shares sum to 0.92: the rest of the supply is not worth collecting. The 0.92 appears here and nowhere else."""

DRY = 0.93
TIERS = (0.55, 0.30, 0.15)
RENT = 18.0
MINE_COSTS: dict[str, tuple[float, float, float]] = {
    "AUS": (32, 46, 70),
    "BRA": (36, 50, 68),
    "CHN": (58, 76, 96),
    "IND": (38, 50, 65),
    "RUS": (48, 62, 80),
    "IRN": (42, 56, 72),
    "ZAF": (46, 60, 78),
    "CAN": (50, 66, 82),
    "USA": (62, 74, 90),
    "UKR": (50, 64, 82),
    "KAZ": (48, 60, 78),
    "SWE": (50, 62, 78),
    "PER": (42, 56, 72),
    "CHL": (48, 62, 80),
    "TUR": (56, 68, 85),
    "MRT": (46, 58, 74),
    "MEX": (52, 66, 82),
    "OTHER": (54, 68, 85),
}
"""USD/t at the export port without rent, by tier (estimate: mining, processing, rail, port; wide ranges published)."""

DR_SHARE = pairs(
    "BRA .18 CAN .50 SWE .70 IRN .80 MEX .60 RUS .25 UKR .25 IND .12 USA .15 ZAF .15 CHL .35 PER .20 MRT .10 KAZ .10 "
    "VEN .30 NOR .50 AUS .02 LBR .05 TUR .05"
)
DR_PREMIUM, UPGRADING, UPGRADED_SHARE = 18.0, 45.0, 0.5
"""USD/t of DR-grade over ordinary ore, USD/t of upgrading on top, and the share of a mine that can be upgraded (E)."""


def tables(reference: Path) -> dict[str, pd.DataFrame]:
    """Every market and policy table, complete with source and quality, and their rows of ``sources``.

    ``reference`` is the folder of public figures. Countries, regions and blocs are those of scripts.compile.geography.
    """
    countries, blocs = geography.country_list(), geography.blocs()
    regions = {str(c): str(r) for c, r in zip(countries["country"], countries["region"], strict=True)}
    members = set(blocs.loc[blocs["bloc"] == "EU27", "country"])
    made = production_2024(reference, regions)
    demand = demand_2024(made, regions)
    out = {
        "steel_demand": steel_demand(reference, demand, regions),
        "scrap_supply": scrap_supply(reference, demand, made, regions),
        "scrap_tiers": frame("tier share cost source quality", [(*tier, ESTIMATE, "E") for tier in SCRAP_TIERS]),
        **stock.tables(demand, regions),
        **ore(reference, regions),
        **prices.tables(reference, regions),
        **policy.tables(regions, members),
    }
    out["sources"] = pd.concat([listed_sources(), source_rows([WORLDSTEEL])], ignore_index=True)
    return out


def production_2024(reference: Path, regions: Mapping[str, str]) -> dict[str, float]:
    """Crude steel of 2024 by country, Mt: worldsteel's, with its 'Others' rows split (scripts.compile.production)."""
    made = production.production(reference)
    return {c: float(t) / 1e6 for c, t in zip(made["country"], made["crude_steel"], strict=True) if c in regions}


def demand_2024(made: Mapping[str, float], regions: Mapping[str, str]) -> dict[str, float]:
    """Crude steel demand of 2024 by country, Mt, summing to production.

    The known net exports stay; all other exports shrink and all other imports grow by one common factor until the
    world's net exports are zero.
    """
    known = {c: v for c, v in KNOWN_NET_EXPORTS.items() if c in regions}
    guess = {c: v for c, v in NET_EXPORTS.items() if c in regions}
    exports = sum(v for v in guess.values() if v > 0)
    imports = -sum(v for v in guess.values() if v < 0)
    factor = (sum(known.values()) + exports - imports) / (exports + imports)
    balanced = known | {c: v * (1 - factor if v > 0 else 1 + factor) for c, v in guess.items()}
    return {c: max(made.get(c, 0.0) - balanced.get(c, 0.0), 0.0) for c in sorted(regions)}


def regional_paths(reference: Path, metric: str) -> dict[tuple[str, str], dict[int, float]]:
    """MPP's paths in Mt by (our scenario, region) and year."""
    rows = pd.read_csv(reference / "demand" / "mpp_regional_demand_and_scrap_mt.csv")
    rows = rows[(rows["metric"] == metric) & (rows["region"] != "World")]
    names = {theirs: ours for ours, theirs in SCENARIOS.items()}
    return {
        (names[row["scenario"]], str(row["region"])): {year: float(row[str(year)]) for year in YEARS}
        for row in rows.to_dict("records")
    }


def steel_demand(reference: Path, demand: Mapping[str, float], regions: Mapping[str, str]) -> pd.DataFrame:
    """Demand in t/yr: the statistic of 2024 times the growth of the country's region since 2024."""
    paths = regional_paths(reference, "Crude steel demand")
    rows = []
    for scenario in SCENARIOS:
        for country, base in demand.items():
            path = paths[scenario, regions[country]]
            for year in YEARS:
                source = WORLDSTEEL if year == YEARS[0] else MPP
                rows.append((scenario, country, year, round(base * 1e6 * path[year] / path[2024], -2), source, "E"))
    return frame("scenario country year demand source quality", rows)


def scrap_supply(
    reference: Path, demand: Mapping[str, float], made: Mapping[str, float], regions: Mapping[str, str]
) -> pd.DataFrame:
    """Scrap in t/yr that can be collected, by country: regional supply shared half by demand, half by production."""
    paths = regional_paths(reference, "Scrap availability")
    wanted = regional_paths(reference, "Crude steel demand")
    world = sum(path[2024] for (scenario, _), path in wanted.items() if scenario == "bau")
    rescale = sum(demand.values()) / world
    rows = []
    for (scenario, region), path in sorted(paths.items()):
        members = [c for c in sorted(regions) if regions[c] == region]
        use = pd.Series({c: demand[c] for c in members})
        output = pd.Series({c: made.get(c, 0.0) for c in members})
        share = 0.5 * use / use.sum() + 0.5 * output / output.sum()
        today = SCRAP_FACTORS[region] * paths["bau", region][2024] / path[2024]
        for year in YEARS:
            faded = min((year - 2024) / (SCRAP_FADE - 2024), 1.0)
            supply = path[year] * (today + (rescale - today) * faded) * 1e6
            rows += [(scenario, c, year, round(supply * float(share[c]), -2), MPP, "E") for c in members]
    return frame("scenario country year supply source quality", rows)


def mine_supply(reference: Path, regions: Mapping[str, str]) -> dict[str, float]:
    """Usable ore by country, dry t/yr: USGS for 2024; its 'other' row goes by the listed mines of the rest."""
    usgs = pd.read_csv(reference / "ore" / "usgs_mcs2025_usable_ore_2024e.csv")
    stated = usgs.set_index("iso3")["usable_ore_2024e_Mt"]
    mines = pd.read_csv(reference / "ore" / "gem_iron_ore_mines_nov2024.csv")
    mines = mines[mines["Operating status"] == "operating"]
    made = mines.groupby("iso3")["Production 2023 (ttpa)_num"].sum()
    design = mines.groupby("iso3")["Design capacity (ttpa)_num"].sum()
    # Production is blank for half of the mines: half of the design capacity stands in where nothing is reported.
    weight = made.where(made > 0, 0.5 * design)
    rest = weight[[c for c in weight.index if c in regions and c not in stated.index]]
    rest = rest[rest > 300]  # kt/yr: below that a mine serves no steelworks that the model holds
    out = {str(c): float(v) for c, v in stated.items() if c in regions}
    out |= {str(c): float(v) for c, v in (rest / rest.sum() * stated["OTHER"]).items()}
    return {c: v * DRY * 1e6 for c, v in sorted(out.items())}


def ore(reference: Path, regions: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """``mines`` (three cost tiers per country) and ``ore_supply`` (ordinary and DR-grade ore of each)."""
    named = set(MINE_COSTS)
    mines, supply = [], []
    for country, tonnes in mine_supply(reference, regions).items():
        quality = "B" if country in named else "E"
        natural = DR_SHARE.get(country, 0.0)
        for tier, share in enumerate(TIERS, start=1):
            mine = f"{country}-{tier}"
            cost = MINE_COSTS.get(country, MINE_COSTS["OTHER"])[tier - 1] + RENT
            mines.append((mine, country, round(tonnes * share, -2), USGS if quality == "B" else GEM_MINES, quality))
            supply.append((mine, "iron_ore", 1, 1.0, cost, ESTIMATE, "E"))
            if natural > 0:
                supply.append((mine, "dr_ore", 1, natural, cost + DR_PREMIUM, ESTIMATE, "E"))
            upgraded = min(UPGRADED_SHARE, 1.0 - natural)
            supply.append((mine, "dr_ore", 2, round(upgraded, 4), cost + DR_PREMIUM + UPGRADING, ESTIMATE, "E"))
    return {
        "mines": frame("mine country capacity source quality", mines),
        "ore_supply": frame("mine commodity tier share cost source quality", supply),
    }
