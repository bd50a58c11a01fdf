"""Where the figures of the plant and geography tables come from, and what was done to them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

COLUMNS = ("source", "title", "publisher", "year", "licence", "note")

_ROWS: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "gem-gist-2025-09",
        "Global Iron and Steel Tracker, September 2025 (V1) release",
        "Global Energy Monitor",
        "2025",
        "CC BY 4.0",
        "Plants and capacity by technology and status, as listed. Rows above 4 Mt/yr are split into equal units. "
        "The tracker has no relining dates: campaign_start is an estimate (start year modulo 20 years, +-3 years of "
        "seeded jitter, units staggered), and unknown start years are drawn from 2000-2013. Reductants of DRI plants "
        "and unspecified equipment are assigned by rules. Unknown sizes are left out.",
    ),
    (
        "gem-gist-2025-09-scaled",
        "Global Iron and Steel Tracker with understated nameplates corrected",
        "Global Energy Monitor; capacity_factor estimated",
        "2025",
        "CC BY 4.0",
        "Rows of the tracker whose capacity_factor is not 1: BOF shops so that 2024 production is 85 % of capacity, "
        "China's blast furnaces to 852 Mt of hot metal, and blast furnaces at a BOF site to 92 % of the shop's "
        "capacity (factor at most 2). Works taken to have stood still in part in 2024 (estimate) have a factor "
        "below 1; new units that started later than their plant have their own first full year (estimate).",
    ),
    (
        "unlisted-small-plants",
        "Stand-ins of small plants that the tracker does not list",
        "Estimate from worldsteel and MIDREX production and the tracker's capacity",
        "2024",
        "CC BY 4.0",
        "Capacity by country and process = 2024 production / 0.85 - listed capacity; at the country's plant centroid.",
    ),
    (
        "worldsteel-wsif-2025",
        "World Steel in Figures 2025: crude steel production by process, 2024",
        "World Steel Association",
        "2025",
        "Facts cited with attribution",
        "Production and shares of BOF, EAF and other processes by country.",
    ),
    (
        "worldsteel-others-split",
        "Split of the 'Others' rows of World Steel in Figures 2025 by country",
        "Estimate from World Steel in Figures 2025 and tracker capacity",
        "2025",
        "Facts cited with attribution",
        "Countries inside the regional 'Others' rows by assumed national totals; scaled so that each row's sum holds.",
    ),
    (
        "midrex-2024",
        "World Direct Reduction Statistics 2024",
        "Midrex Technologies",
        "2025",
        "Facts cited with attribution",
        "Production 2024 of the five largest producers (India 54.7, Iran 34.1, Russia 8.0, Saudi Arabia 6.6, Egypt 6.4 "
        "Mt). India is split into 43.5 Mt from coal kilns and 11.2 Mt from gas shafts (estimate).",
    ),
    (
        "countries-reference",
        "Countries, regions and plant centroids",
        "ISO 3166-1 codes; Global Energy Monitor coordinates; regional grouping after Mission Possible Partnership",
        "2025",
        "CC BY 4.0",
        "Centroid of the listed plants weighted by capacity, else the main industrial city. The members of the regions "
        "are our reading of the Mission Possible Partnership's eleven regions.",
    ),
    (
        "bloc-memberships",
        "Membership lists of the organisations",
        "European Union, EFTA, OECD, ASEAN, MERCOSUR, GCC, BRICS, EAEU, CIS and other secretariats",
        "2025",
        "Facts",
        "Members among the model's countries.",
    ),
    (
        "country-factors-estimate",
        "Availability of capacity and labour cost index by country",
        "Estimate",
        "2025",
        "CC BY 4.0",
        "Usable share of capacity under war, sanctions, power cuts, strikes and ramp-up with an assumed recovery; "
        "index of labour and services cost (China = 1) from wage levels, exchange rates and hours per tonne, adjusted "
        "to the production of 2024 for Brazil, Italy, Japan, Russia (with what sanctions cost) and South Korea.",
    ),
    (
        "cerdi-seadistance",
        "CERDI-seadistance database",
        "Bertoli, Goujon and Santoni (CERDI)",
        "2016",
        "CC BY 4.0",
        "Port-to-port distance, the shorter direction. Countries with several coasts may use a second port (distance "
        "of a neighbour's port plus the extra leg). For landlocked countries the land leg from the capital to the port "
        "is added at five times its length (three times on the Rhine and the Danube): long hauls by rail at about "
        "0.015 USD/t-km against 0.003 by sea. Russia: 3,000 sea km for the railway to the port (estimate).",
    ),
    (
        "great-circle",
        "Great-circle distances between plant centroids",
        "Own calculation",
        "2025",
        "CC BY 4.0",
        "Land distance = great circle x 1.25, only inside one landmass and up to 6,000 km.",
    ),
    (
        "freight-estimate",
        "Freight rates, handling and friction",
        "Estimate after UNCTAD (2016) ranges of bulk freight",
        "2025",
        "CC BY 4.0",
        "Handling holds 22 USD/t of port cost and 15 USD/t of border friction for steel; scrap 22 + 30 USD/t. "
        "Emissions are those of sea bulk carriers (4-8 g CO2e/t-km); land haulage is understated.",
    ),
    (
        "worldbank-solargis-2020",
        "Global Photovoltaic Power Potential by Country",
        "World Bank, ESMAP; Solargis",
        "2020",
        "CC BY 4.0",
        "Average practical potential (PVOUT level 1, kWh per kWp and day) over 24, read from a public copy of the "
        "country table. The wind in the same row is an estimate (see estimate-sites), hence quality C.",
    ),
    (
        "irena-costs-2024",
        "Renewable Power Generation Costs in 2024",
        "International Renewable Energy Agency",
        "2025",
        "Free use with attribution",
        "World means of 2024 as quoted in the press: solar 691 and onshore wind 1,041 USD/kW, batteries 192 USD/kWh; "
        "taken for 2025 and multiplied by an estimated factor for each area.",
    ),
    (
        "irena-capacity-2025",
        "Renewable Capacity Statistics 2025",
        "International Renewable Energy Agency",
        "2025",
        "Free use with attribution",
        "World capacity at the end of 2024 as quoted in the press: solar 1,865 and wind 1,133 GW.",
    ),
    (
        "irena-hydrogen-2020",
        "Green Hydrogen Cost Reduction: Scaling Up Electrolysers to Meet the 1.5 °C Climate Goal",
        "International Renewable Energy Agency",
        "2020",
        "Free use with attribution",
        "Power of electrolysis: 51.2 kWh/kg in 2020 and 43.8 in 2050, as quoted in a secondary source; linear between.",
    ),
    (
        "iea-e-fuels-2023",
        "The Role of E-fuels in Decarbonising Transport",
        "International Energy Agency",
        "2023",
        "Figures cited with attribution",
        "Electrolysers installed at 1,700 to 2,000 USD/kW, as quoted in the discussion of PyPSA technology-data "
        "(2024); the low end is taken for the world in 2025.",
    ),
    (
        "estimate-sites",
        "Estimates made for this dataset: sites and their own power",
        "steeliq",
        "2026",
        "CC BY 4.0",
        "Wind capacity factors of all sites (around the world's 34 % of 2024), sun of the named hubs, future CAPEX "
        "(solar and wind stay above IRENA's outlook of 388 and 861 USD/kW for 2029), CAPEX of electrolysers, factors "
        "by area, fixed cost, lives, fading and battery efficiency, batteries (375 GWh) and electrolysers (2 GW) built "
        "by the end of 2024, and later deployments, which are those that the costs imply; see docs/data.md.",
    ),
)


def source_rows(keys: Iterable[str]) -> pd.DataFrame:
    """Rows of the `sources` table for ``keys``; raises KeyError for a key that is not described here."""
    rows = {row[0]: row for row in _ROWS}
    return pd.DataFrame([rows[key] for key in sorted(set(keys))], columns=list(COLUMNS))
