"""Places where a plant could be founded, their sun and wind, and what own power and hydrogen cost to build.

Every country has one hub at its steel industry's centre with the country's own figures; further hubs are places that
are known for their resource. Solar is the World Bank's average practical potential (PVOUT, kWh per kWp and day, over
24). Wind is an estimate: no table of national capacity factors with a licence to pass on was at hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from scripts.compile.geography import countries
from scripts.compile.rows import Row, frame, pairs
from scripts.compile.sources import source_rows
from steeliq.simulation.scenario.siting import Siting

SOLAR = "worldbank-solargis-2020"
IRENA = "irena-costs-2024"
CAPACITY = "irena-capacity-2025"
HYDROGEN = "irena-hydrogen-2020"
ELECTROLYSERS = "iea-e-fuels-2023"
ESTIMATE = "estimate-sites"

PVOUT = pairs("""
AFG 5.02 AGO 4.66 ALB 4.04 ARE 5.00 ARG 4.60 ARM 4.11 AUS 4.71 AUT 3.26 AZE 3.82 BEL 2.92 BEN 4.20 BFA 4.57 BGD 3.88
BGR 3.70 BHR 4.87 BIH 3.57 BLR 2.95 BOL 4.94 BRA 4.40 BRN 3.90 BTN 3.92 BWA 5.11 CAN 3.82 CHE 3.36 CHL 5.36 CHN 3.88
CIV 4.00 CMR 4.28 COD 4.26 COG 3.77 COL 4.05 CRI 4.09 CUB 4.54 CYP 4.70 CZE 3.05 DEU 2.96 DNK 2.84 DOM 4.57 DZA 4.92
ECU 3.40 EGY 5.25 ESP 4.41 EST 2.84 ETH 4.70 FRA 3.39 GAB 3.60 GBR 2.61 GEO 3.71 GHA 4.02 GIN 4.44 GRC 4.14 GTM 4.39
HKG 3.27 HND 4.26 HRV 3.63 HUN 3.44 IDN 3.77 IND 4.32 IRL 2.51 IRN 4.92 IRQ 4.68 ISR 5.08 ITA 3.99 JAM 4.39 JOR 5.32
JPN 3.45 KAZ 3.69 KEN 4.50 KGZ 4.11 KHM 4.13 KOR 3.82 KWT 4.82 LAO 3.87 LBN 4.83 LBR 3.88 LBY 5.12 LKA 4.21 LTU 2.87
LUX 2.95 LVA 2.85 MAR 5.01 MDA 3.45 MDG 4.76 MEX 4.92 MKD 3.88 MLI 4.68 MLT 4.56 MMR 4.14 MNE 3.82 MNG 4.76 MOZ 4.44
MRT 4.75 MUS 4.21 MYS 3.74 NAM 5.38 NER 4.84 NGA 4.30 NIC 4.11 NLD 2.86 NOR 2.76 NPL 4.00 NZL 3.68 OMN 5.17 PAK 4.71
PAN 3.97 PER 4.90 PHL 3.93 PNG 3.69 POL 2.98 PRK 3.92 PRT 4.32 PRY 4.28 QAT 4.92 ROU 3.52 RUS 3.36 RWA 4.10 SAU 5.16
SDN 4.94 SEN 4.58 SGP 3.55 SLE 4.09 SLV 4.83 SRB 3.52 SVK 3.27 SVN 3.43 SWE 2.84 SYR 4.85 TGO 4.12 THA 4.06 TJK 4.34
TKM 4.37 TTO 4.35 TUN 4.74 TUR 4.32 TZA 4.51 UGA 4.46 UKR 3.30 URY 4.30 USA 4.36 UZB 4.27 VEN 4.35 VNM 3.55 XKX 3.70
YEM 5.21 ZAF 5.00 ZMB 4.83 ZWE 4.86
""")
"""kWh per kWp and day, average practical potential (level 1)."""

PVOUT_ESTIMATED = pairs("FIN 2.75 ISL 2.30 TWN 3.40")
"""Not in the World Bank's table: from neighbours (estimate)."""

WIND = pairs("""
AFG 28 AGO 20 ALB 24 ARE 24 ARG 42 ARM 26 AUS 36 AUT 26 AZE 32 BEL 32 BEN 18 BFA 22 BGD 18 BGR 27 BHR 27 BIH 24 BLR 30
BOL 24 BRA 40 BRN 12 BTN 16 BWA 24 CAN 36 CHE 20 CHL 34 CHN 30 CIV 15 CMR 15 COD 14 COG 12 COL 28 CRI 34 CUB 26 CYP 24
CZE 27 DEU 30 DNK 38 DOM 32 DZA 32 ECU 18 EGY 40 ESP 30 EST 34 ETH 30 FIN 36 FRA 31 GAB 12 GBR 37 GEO 26 GHA 20 GIN 16
GRC 29 GTM 28 HKG 25 HND 29 HRV 27 HUN 26 IDN 18 IND 28 IRL 38 IRN 30 IRQ 25 ISL 42 ISR 25 ITA 26 JAM 30 JOR 32 JPN 26
KAZ 36 KEN 38 KGZ 24 KHM 18 KOR 26 KWT 32 LAO 24 LBN 22 LBR 12 LBY 34 LKA 30 LTU 34 LUX 28 LVA 33 MAR 38 MDA 28 MDG 32
MEX 33 MKD 24 MLI 26 MLT 28 MMR 18 MNE 25 MNG 35 MOZ 26 MRT 40 MUS 26 MYS 12 NAM 32 NER 28 NGA 22 NIC 34 NLD 35 NOR 38
NPL 20 NZL 40 OMN 32 PAK 32 PAN 30 PER 34 PHL 28 PNG 14 POL 31 PRK 24 PRT 29 PRY 24 QAT 30 ROU 30 RUS 30 RWA 12 SAU 32
SDN 34 SEN 30 SGP 12 SLE 13 SLV 24 SRB 28 SVK 25 SVN 22 SWE 36 SYR 28 TGO 17 THA 22 TJK 22 TKM 34 TTO 28 TUN 32 TUR 33
TWN 34 TZA 28 UGA 16 UKR 32 URY 37 USA 37 UZB 30 VEN 28 VNM 28 XKX 22 YEM 32 ZAF 36 ZMB 24 ZWE 24
""")
"""% of a modern turbine's output at a good site of the country (estimate, around the world's 34 % of 2024)."""

HUBS: tuple[tuple[str, str, float, float, float, float], ...] = (
    # country, name, latitude, longitude, PVOUT, wind %
    ("ARG", "Patagonia", -45.8, -67.5, 3.96, 52),
    ("AUS", "Pilbara", -20.7, 118.6, 5.40, 36),
    ("AUS", "Spencer Gulf", -33.0, 137.5, 4.92, 40),
    ("BRA", "Bahia", -10.5, -42.0, 5.16, 48),
    ("BRA", "Ceara", -3.6, -38.8, 4.92, 48),
    ("CAN", "Newfoundland", 48.5, -58.5, 2.90, 48),
    ("CHL", "Atacama", -22.9, -69.3, 6.00, 28),
    ("CHL", "Magallanes", -52.9, -70.9, 3.00, 55),
    ("CHN", "Gansu", 39.8, 97.0, 4.56, 33),
    ("CHN", "Inner Mongolia", 41.5, 109.9, 4.44, 38),
    ("CHN", "Xinjiang", 43.0, 89.2, 4.44, 38),
    ("DEU", "North Sea coast", 54.0, 8.5, 2.76, 38),
    ("DZA", "Adrar", 27.9, -0.3, 5.28, 38),
    ("EGY", "Gulf of Suez", 28.7, 32.8, 5.28, 50),
    ("ESP", "Aragon", 41.5, -1.0, 4.56, 34),
    ("FIN", "Ostrobothnia", 64.5, 25.0, 2.60, 38),
    ("FRA", "Dunkirk", 51.0, 2.3, 2.90, 35),
    ("GBR", "Scotland", 57.5, -3.5, 2.30, 42),
    ("IND", "Kutch", 23.5, 69.5, 4.68, 36),
    ("IND", "Rajasthan", 27.0, 71.0, 4.80, 28),
    ("IND", "Tamil Nadu", 8.8, 78.1, 4.56, 38),
    ("IRN", "Khaf", 34.6, 60.1, 5.16, 42),
    ("JOR", "Maan", 30.2, 35.7, 5.52, 35),
    ("KAZ", "Mangystau", 43.7, 51.2, 3.96, 42),
    ("KEN", "Turkana", 2.5, 36.8, 4.68, 55),
    ("MAR", "Dakhla", 23.7, -15.9, 5.04, 50),
    ("MEX", "Tehuantepec", 16.5, -95.0, 4.56, 48),
    ("MNG", "Gobi", 43.6, 107.0, 4.92, 40),
    ("MRT", "Nouadhibou", 20.9, -17.0, 4.92, 48),
    ("NAM", "Luderitz", -26.6, 15.3, 5.40, 45),
    ("OMN", "Duqm", 19.6, 57.7, 5.16, 45),
    ("PAK", "Sindh", 25.1, 67.8, 4.68, 38),
    ("PER", "Ica", -14.5, -75.7, 5.40, 42),
    ("PRT", "Sines", 37.95, -8.8, 4.68, 33),
    ("SAU", "Tabuk", 28.0, 35.2, 5.28, 38),
    ("SWE", "Norrbotten", 66.0, 21.5, 2.50, 36),
    ("TUR", "Izmir", 38.7, 27.0, 4.44, 38),
    ("USA", "Great Plains", 41.5, -99.0, 4.20, 46),
    ("USA", "Gulf Coast", 29.5, -95.0, 4.20, 33),
    ("USA", "West Texas", 32.5, -101.5, 4.92, 45),
    ("VNM", "Ninh Thuan", 11.6, 108.9, 4.32, 36),
    ("ZAF", "Northern Cape", -28.8, 16.6, 5.40, 42),
)

YEARS = (2025, 2030, 2040, 2050)
CAPEX = {  # USD of 2024 per kW (battery: per kWh), world: today by IRENA (electrolyser: IEA), then an estimate
    "solar": (691.0, 450.0, 390.0, 350.0),
    "wind": (1041.0, 900.0, 830.0, 780.0),
    "battery": (192.0, 120.0, 95.0, 80.0),
    "electrolyser": (1700.0, 1000.0, 700.0, 550.0),
}
DEARER = {  # CAPEX by area relative to the world's mean, which is mostly China's (estimate)
    "CHN": {"solar": 0.85, "wind": 0.95, "battery": 0.75, "electrolyser": 0.5},
    "IND": {"solar": 0.80, "wind": 1.00, "battery": 0.95, "electrolyser": 0.8},
    "Europe": {"solar": 1.10, "wind": 1.55, "battery": 1.15, "electrolyser": 1.1},
    "NAFTA": {"solar": 1.50, "wind": 1.45, "battery": 1.25, "electrolyser": 1.1},
    "Japan, South Korea, and Taiwan": {"solar": 1.80, "wind": 1.90, "battery": 1.25, "electrolyser": 1.1},
    "WORLD": {"solar": 1.10, "wind": 1.20, "battery": 1.05, "electrolyser": 1.0},
}
DEPLOYED = {  # GW (battery: GWh) at the end of 2024: solar and wind by IRENA, batteries and electrolysers an estimate
    "solar": (1865.0, CAPACITY, "B"),
    "wind": (1133.0, CAPACITY, "B"),
    "battery": (375.0, ESTIMATE, "E"),
    "electrolyser": (2.0, ESTIMATE, "E"),
}
"""Later years are what the costs above imply: capacity at which learning at the scenario's usual rate leads to them."""
SAME_EVERYWHERE = {  # share of CAPEX a year, years, share of output lost a year (estimates)
    "solar": {"fixed": 0.020, "life": 25.0, "fade": 0.005},
    "wind": {"fixed": 0.030, "life": 25.0, "fade": 0.005},
    "battery": {"fixed": 0.020, "life": 14.0, "fade": 0.015, "efficiency": 0.86, "hours": 4.0},
    "electrolyser": {"fixed": 0.030, "life": 15.0, "fade": 0.005},
}
ELECTROLYSIS = (49.9, 48.6, 46.2, 43.8)
"""kWh of power per kg of hydrogen: IRENA's 51.2 in 2020 and 43.8 in 2050, linear between."""


def sites(reference: Path) -> pd.DataFrame:
    """The `sites` table."""
    return frame("site name country latitude longitude solar wind source quality", _sites(reference))


def _sites(reference: Path) -> Iterator[Row]:
    for place in countries(reference).itertuples(index=False):
        iso = str(place.country)
        known = iso in PVOUT
        solar = round((PVOUT if known else PVOUT_ESTIMATED)[iso] / 24, 4)
        source, quality = (SOLAR, "C") if known else (ESTIMATE, "E")
        yield (iso, place.name, iso, place.latitude, place.longitude, solar, WIND[iso] / 100, source, quality)
    for iso, name, latitude, longitude, pvout, wind in HUBS:
        site = f"{iso}-{name.replace(' ', '-')}"
        yield (site, name, iso, latitude, longitude, round(pvout / 24, 4), wind / 100, ESTIMATE, "E")


def own_energy() -> pd.DataFrame:
    """The `own_energy` table."""
    return frame("part item area year value source quality", _own_energy())


def _own_energy() -> Iterator[Row]:
    for part, path in CAPEX.items():
        for area, factors in DEARER.items():
            for year, value in zip(YEARS, path, strict=True):
                source, quality = _capex_source(part, factors[part]) if year == YEARS[0] else (ESTIMATE, "E")
                yield (part, "capex", area, year, round(value * factors[part], 1), source, quality)
        for item, value in SAME_EVERYWHERE[part].items():
            yield (part, item, "WORLD", YEARS[0], value, ESTIMATE, "E")
        yield from _deployed(part, path)
    for year, value in zip(YEARS, ELECTROLYSIS, strict=True):
        yield ("electrolyser", "use", "WORLD", year, value, HYDROGEN, "B")


def _capex_source(part: str, factor: float) -> tuple[str, str]:
    """Source and quality of today's CAPEX: an estimate wherever an area's factor has changed the published figure."""
    if part != "electrolyser":
        return IRENA, "E"
    return (ELECTROLYSERS, "C") if factor == 1.0 else (ESTIMATE, "E")


def _deployed(part: str, path: tuple[float, ...]) -> Iterator[Row]:
    """Today's capacity x (cost / today's cost)^(1 / log2(1 - learning rate))."""
    today, source, quality = DEPLOYED[part]
    exponent = 1 / math.log2(1 - getattr(Siting(), f"{part}_learning"))
    yield (part, "deployed", "WORLD", YEARS[0], today, source, quality)
    for year, value in list(zip(YEARS, path, strict=True))[1:]:
        yield (part, "deployed", "WORLD", year, round(today * (value / path[0]) ** exponent, 1), ESTIMATE, "E")


def tables(reference: Path) -> dict[str, pd.DataFrame]:
    """Both tables and their rows of `sources`."""
    result = {"sites": sites(reference), "own_energy": own_energy()}
    keys = [str(key) for table in result.values() for key in table["source"].unique()]
    return result | {"sources": source_rows(keys)}
