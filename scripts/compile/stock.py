"""Steel in use of the reference dataset: what steel is used in, and a back-cast of how much each country has used.

No table of use by country before 2024 is at hand. The back-cast multiplies three things: the world's production
(World Steel Association), the regions' shares of the world's use, and the countries' shares of their region. Shares
are estimates from the known order of producers and traders; ``docs/data.md`` says what that is good for.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from scripts.compile.rows import at, frame, pairs

BACKCAST = "estimate-steel-use-history"
PAULIUK = "pauliuk-2013-steel-stocks"
CULLEN = "cullen-2012-steel-flows"
USES = "worldsteel-end-use"
RECOVERY = "worldsteel-recovery"
YIELD = "worldsteel-wsif-2025-yield"

END_USES: dict[str, tuple[float, float, float, float, float, float]] = {
    "construction": (0.52, 0.924, 0.93, 75.0, 0.3, 0.85),
    "machinery": (0.19, 0.924, 0.84, 30.0, 0.3, 0.90),
    "transport": (0.17, 0.924, 0.77, 20.0, 0.3, 0.85),
    "products": (0.12, 0.924, 0.80, 15.0, 0.3, 0.50),
}
"""Share of use, forming and fabrication yield, mean lifetime, its deviation over the mean, collection.

Machinery is mechanical and electrical equipment; transport is vehicles, ships and rail; products are metal goods and
domestic appliances. 0.924 is the world's finished steel use over crude steel production in 2024 (1,742 of 1,885 Mt).
"""
PARAMETERS = (
    ("share", USES, "C"),
    ("forming", YIELD, "C"),
    ("fabrication", CULLEN, "C"),
    ("lifetime", PAULIUK, "C"),
    ("deviation", PAULIUK, "C"),
    ("collection", RECOVERY, "B"),
)
STRETCHED = {("products", "collection")}
"""What is stated for a small part of the end use only (appliances), and so is weak (C)."""

WORLD = {
    1900: 28, 1910: 60, 1920: 72, 1930: 95, 1940: 141, 1950: 189, 1955: 270, 1960: 347, 1965: 456, 1970: 595, 1975: 644,
    1980: 717, 1985: 719, 1990: 770, 1995: 753, 2000: 850, 2005: 1148, 2010: 1435, 2015: 1625, 2020: 1883,
}  # fmt: skip
"""Crude steel made, Mt. From 1950 World Steel in Figures; before that, round figures (estimate)."""

REGIONS = (
    "China", "India", "Europe", "NAFTA", "Japan, South Korea, and Taiwan", "CIS", "Middle East",
    "South and Central America", "Africa", "Southeast Asia", "RoW",
)  # fmt: skip
SHARES: dict[int, tuple[float, ...]] = {
    1900: (0.2, 0.6, 51.0, 38.0, 0.5, 7.0, 0.2, 1.0, 0.5, 0.2, 0.8),
    1930: (0.6, 1.0, 43.0, 43.0, 3.0, 6.5, 0.2, 1.2, 0.5, 0.3, 0.7),
    1940: (0.7, 1.1, 36.0, 41.5, 5.5, 12.5, 0.2, 1.1, 0.5, 0.2, 0.7),
    1950: (0.6, 1.1, 31.5, 46.5, 2.5, 14.0, 0.5, 1.5, 0.7, 0.2, 0.9),
    1960: (5.5, 1.3, 35.5, 28.5, 6.0, 18.0, 0.7, 1.7, 0.9, 0.5, 1.4),
    1970: (3.3, 1.1, 33.0, 25.0, 12.5, 19.0, 1.0, 2.1, 1.2, 0.7, 1.1),
    1980: (6.0, 1.6, 27.5, 18.5, 12.5, 21.0, 2.8, 3.6, 2.3, 1.7, 2.5),
    1990: (9.0, 2.7, 24.5, 15.5, 18.0, 20.0, 2.2, 2.6, 2.0, 2.4, 1.1),
    1995: (14.0, 3.3, 24.0, 17.0, 19.5, 5.5, 2.6, 3.6, 2.0, 5.5, 3.0),
    2000: (16.2, 3.5, 24.2, 18.3, 17.2, 5.0, 2.9, 3.6, 2.0, 4.0, 3.1),
    2005: (31.7, 3.9, 19.0, 13.0, 13.8, 4.6, 3.5, 3.3, 2.1, 3.6, 1.5),
    2010: (43.6, 5.1, 13.0, 8.3, 10.2, 3.8, 3.8, 3.6, 2.1, 4.1, 2.4),
    2015: (43.8, 5.7, 12.3, 8.7, 8.8, 3.4, 3.7, 3.1, 2.6, 5.4, 2.5),
    2020: (55.2, 5.4, 10.2, 6.6, 6.7, 3.3, 2.9, 2.4, 2.1, 4.0, 1.2),
}
"""Percent of the world's use by region, in the order of ``REGIONS`` (estimate)."""

WITHIN_1970 = pairs("""
USA .90 CAN .075 MEX .025 JPN .96 KOR .02 TWN .02 RUS .59 UKR .21 KAZ .05 BLR .03 AUS .70 NZL .05 BRA .40 ARG .22
VEN .10 ZAF .60 EGY .08 DEU .24 GBR .12 FRA .115 ITA .105 POL .065 CZE .06 ESP .05 ROU .05 BEL .03 SWE .03 NLD .025
HUN .02 AUT .02 BGR .015 TUR .015
""")
"""Share of a country in its region's use up to 1970 (estimate); other countries split the rest as they do in 2024."""


def tables(demand: Mapping[str, float], regions: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """``steel_end_uses`` and ``steel_use_history``; ``demand``: Mt of 2024 by country."""
    uses = [
        (use, parameter, value, source, "C" if (use, parameter) in STRETCHED else quality)
        for use, values in END_USES.items()
        for value, (parameter, source, quality) in zip(values, PARAMETERS, strict=True)
    ]
    return {
        "steel_end_uses": frame("end_use parameter value source quality", uses),
        "steel_use_history": frame("country year use source quality", _history(demand, regions)),
    }


def _history(demand: Mapping[str, float], regions: Mapping[str, str]) -> list[tuple[object, ...]]:
    now = {region: sum(demand[c] for c in regions if regions[c] == region) for region in REGIONS}
    rows: list[tuple[object, ...]] = []
    for country in sorted(regions):
        region = regions[country]
        others = [c for c in regions if regions[c] == region and c not in WITHIN_1970]
        rest = 1.0 - sum(WITHIN_1970[c] for c in regions if regions[c] == region and c in WITHIN_1970)
        today = demand[country] / now[region]
        then = WITHIN_1970.get(country, rest * demand[country] / max(sum(demand[c] for c in others), 1e-9))
        for year, world in WORLD.items():
            share = at({y: values[REGIONS.index(region)] for y, values in SHARES.items()}, year) / 100.0
            use = world * 1e6 * share * at({1970: then, 2024: today}, year)
            if demand[country] > 0:
                rows.append((country, year, round(use, -2), BACKCAST, "E"))
        if demand[country] > 0:
            rows.append((country, 2024, round(demand[country] * 1e6, -2), BACKCAST, "E"))
    return rows
