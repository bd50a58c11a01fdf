"""A whole world small enough to check by hand: three countries, eight plants, closing recipes, 2025-2050.

All numbers are invented, round and plausible; nothing here is a statistic. Steel capacity is about twice demand
in 2025, ore and scrap suffice, two integrated plants and one linked pair move hot metal, one plant moves hot DRI.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from tests.tiny_technology import Tables, charge, table, technology_tables

__all__ = ["COUNTRIES", "YEARS", "Tables", "charge", "table", "tiny_tables", "write_tiny"]

YEARS = (2025, 2030, 2040, 2050)
COUNTRIES = ("BRA", "DEU", "IND")
HOURLY = ("site", "part", "day", *(f"h{hour:02d}" for hour in range(24)))


def tiny_tables() -> Tables:
    """All tables of the tiny world, in canonical units, valid, freshly made at each call."""
    tables = {**_geography(), **_fleet(), **technology_tables(), **_costs(), **_market(), **_policy()}
    for name, frame in tables.items():
        tables[name] = frame.assign(source="invented", quality="E")
    columns = ("source", "title", "publisher", "year", "licence", "note")
    tables["sources"] = table(
        columns, ("invented", "Figures of the tiny world", "steeliq", "2026", "CC0-1.0", "Made up for tests")
    )
    return tables


def write_tiny(folder: Path, tables: Mapping[str, pd.DataFrame] | None = None) -> Path:
    """Write the tiny world (or ``tables``) as a dataset package to ``folder`` and return the folder."""
    from steeliq.simulation.dataset.package import write_package

    write_package(
        folder,
        tiny_tables() if tables is None else tables,
        name="tiny",
        title="Tiny world",
        description="Three countries and eight plants for tests",
        version="1.0.0",
    )
    return folder


def _path(columns: Sequence[str], *series: tuple[Sequence[object], Sequence[float]]) -> pd.DataFrame:
    """One row per series and year; ``series`` is (keys, values in ``YEARS``); columns end in year and value."""
    rows = [(*keys, year, value) for keys, values in series for year, value in zip(YEARS, values, strict=True)]
    return table(columns, *rows)


def _geography() -> Tables:
    return {
        "countries": table(
            ("country", "name", "region", "landmass", "latitude", "longitude"),
            ("BRA", "Brazil", "South America", "Americas", -20.0, -43.0),
            ("DEU", "Germany", "Europe", "Eurasia", 51.0, 7.0),
            ("IND", "India", "South Asia", "Eurasia", 22.0, 85.0),
        ),
        "blocs": table(("bloc", "country"), ("EU27", "DEU"), ("BRICS", "BRA"), ("BRICS", "IND")),
        "country_factors": _path(
            ("factor", "country", "year", "value"),
            (("labour_index", "BRA"), (1.2, 1.3, 1.4, 1.5)),
            (("labour_index", "DEU"), (3.3, 3.3, 3.3, 3.3)),
            (("labour_index", "IND"), (0.7, 0.8, 0.9, 1.0)),
            (("availability", "BRA"), (0.9, 1.0, 1.0, 1.0)),
        ),
        "distances": table(
            ("origin", "destination", "sea", "land"),
            ("BRA", "DEU", 10_500.0, None),
            ("BRA", "IND", 14_500.0, None),
            ("DEU", "IND", 12_500.0, 8_000.0),
        ),
    }


def _fleet() -> Tables:
    plants = table(
        ("plant", "name", "country", "latitude", "longitude", "owner", "synthetic"),
        ("P1", "Ruhr Works", "DEU", 51.5, 6.7, "Rhein Stahl", False),
        ("P2", "Saar Electric", "DEU", 49.3, 6.8, "Saar Elektro", False),
        ("P3", "Jharkhand Works", "IND", 22.8, 86.2, "Bharat Steel", False),
        ("P4", "Gujarat Direct", "IND", 22.3, 70.0, "Bharat Steel", False),
        ("P5", "Minas Electric", "BRA", -19.9, -43.9, "Minas", False),
        ("P6", "Para Iron", "BRA", -5.4, -49.1, "Minas", False),
        ("P7", "Rio Converter", "BRA", -22.5, -44.1, "Guanabara", False),
        ("P8", "Rio Furnace", "BRA", -22.5, -44.1, "Guanabara", False),
    )
    groups = table(
        (
            "furnace_group",
            "plant",
            "technology",
            "capacity",
            "capacity_factor",
            "status",
            "start_year",
            "campaign_start",
        ),
        ("P1-BF-1", "P1", "BF", 4.0e6, 1.0, "operating", 1973, 2012),
        ("P1-BOF-1", "P1", "BOF", 4.5e6, 1.0, "operating", 1973, 2012),
        ("P2-EAF-1", "P2", "EAF", 2.5e6, 1.0, "operating", 1994, 2014),
        ("P3-BF-1", "P3", "BF", 3.5e6, 1.1, "operating", 1981, 2007),
        ("P3-BF-2", "P3", "BF", 3.5e6, 1.1, "operating", 2011, 2018),
        ("P3-BOF-1", "P3", "BOF", 4.0e6, 1.0, "operating", 1981, 2007),
        ("P3-BOF-2", "P3", "BOF", 4.0e6, 1.0, "operating", 2011, 2018),
        ("P4-DRI_GAS-1", "P4", "DRI_GAS", 2.0e6, 1.0, "operating", 2006, 2006),
        ("P4-EAF-1", "P4", "EAF", 2.5e6, 1.0, "operating", 2006, 2016),
        ("P5-EAF-1", "P5", "EAF", 3.0e6, 1.0, "operating", 1999, 2019),
        ("P5-EAF-2", "P5", "EAF", 1.0e6, 1.0, "construction", 2027, 2027),
        ("P6-DRI_GAS-1", "P6", "DRI_GAS", 1.0e6, 1.0, "operating", 2015, 2015),
        ("P7-BOF-1", "P7", "BOF", 1.5e6, 1.0, "operating", 1990, 2010),
        ("P8-BF-1", "P8", "BF", 1.6e6, 1.0, "operating", 1990, 2010),
        ("P8-DRI_H2-1", "P8", "DRI_H2", 1.0e6, 1.0, "announced", 2030, 2030),
    )
    return {
        "plants": plants,
        "furnace_groups": groups,
        "hot_links": table(("iron_plant", "steel_plant", "distance"), ("P8", "P7", 3.0)),
    }


def _costs() -> Tables:
    money = {  # capex, reline [USD per t/yr], fixed opex [USD per t/yr and year]
        "BF": (700.0, 150.0, 40.0),
        "BF_CCS": (890.0, 200.0, 60.0),
        "DRI_GAS": (557.0, 150.0, 40.0),
        "DRI_H2": (560.0, 150.0, 40.0),
        "BOF": (290.0, 64.0, 25.0),
        "EAF": (240.0, 96.0, 30.0),
    }
    items = ("capex", "reline", "fixed_opex")
    rows = [
        (technology, item, year, value * (0.9 if technology in {"BF_CCS", "DRI_H2"} and year == 2050 else 1.0))
        for technology, values in money.items()
        for item, value in zip(items, values, strict=True)
        for year in YEARS
    ]
    steps = table(
        ("cost_steps", "step", "share", "adder"),
        *[
            ("bof", n, share, adder)
            for n, share, adder in ((1, 0.65, 0.0), (2, 0.1225, 42.0), (3, 0.1225, 91.0), (4, 0.105, 140.0))
        ],
        *[
            ("eaf", n, share, adder)
            for n, share, adder in ((1, 0.5, 0.0), (2, 0.175, 54.0), (3, 0.175, 117.0), (4, 0.15, 180.0))
        ],
        *[
            ("iron", n, share, adder)
            for n, share, adder in ((1, 0.6, 0.0), (2, 0.14, 21.0), (3, 0.14, 46.0), (4, 0.12, 70.0))
        ],
    )
    transport = table(
        ("transport", "handling", "sea", "land", "emissions"),
        ("ore", 8.0, 0.0015, 0.03, 6e-6),
        ("scrap", 30.0, 0.003, 0.03, 1e-5),
        ("iron", 22.0, 0.003, 0.03, 1e-5),
        ("steel", 37.0, 0.003, 0.03, 1e-5),
    )
    capital = table(
        ("area", "cost_of_debt", "cost_of_equity"), ("WORLD", 0.05, 0.10), ("DEU", 0.04, 0.08), ("BRICS", 0.06, 0.12)
    )
    return {
        "technology_costs": table(("technology", "item", "year", "value"), *rows),
        "cost_steps": steps,
        "transport_costs": transport,
        "cost_of_capital": capital,
    }


def _market() -> Tables:
    tables = {
        "steel_demand": _path(
            ("scenario", "country", "year", "demand"),
            (("bau", "BRA"), (2.5e6, 2.7e6, 3.1e6, 3.5e6)),
            (("bau", "DEU"), (3.0e6, 3.0e6, 3.0e6, 3.0e6)),
            (("bau", "IND"), (5.0e6, 6.0e6, 7.5e6, 8.5e6)),
            (("high_circularity", "BRA"), (2.5e6, 2.5e6, 2.6e6, 2.7e6)),
            (("high_circularity", "DEU"), (3.0e6, 2.8e6, 2.5e6, 2.3e6)),
            (("high_circularity", "IND"), (5.0e6, 5.5e6, 6.2e6, 6.8e6)),
        ),
        "scrap_supply": _path(
            ("scenario", "country", "year", "supply"),
            *[
                ((scenario, country), [more * supply for supply in path])
                for scenario, more in (("bau", 1.0), ("high_circularity", 1.2))
                for country, path in (
                    ("BRA", (1.2e6, 1.4e6, 2.0e6, 2.6e6)),
                    ("DEU", (2.2e6, 2.3e6, 2.4e6, 2.4e6)),
                    ("IND", (1.5e6, 2.0e6, 3.5e6, 5.5e6)),
                )
            ],
        ),
        "steel_end_uses": table(
            ("end_use", "parameter", "value"),
            *[("construction", *row) for row in (("share", 0.6), ("lifetime", 50.0), ("deviation", 0.3))],
            *[("construction", *row) for row in (("forming", 0.9), ("fabrication", 0.9), ("collection", 0.8))],
            *[("vehicles", *row) for row in (("share", 0.4), ("lifetime", 15.0), ("shape", 3.0))],
            *[("vehicles", *row) for row in (("forming", 0.9), ("fabrication", 0.8), ("collection", 0.9))],
        ),
        "steel_use_history": table(
            ("country", "year", "use"),
            *[("BRA", year, use) for year, use in ((1960, 1.0e6), (1990, 2.0e6), (2020, 3.0e6))],
            *[("DEU", year, use) for year, use in ((1950, 3.0e6), (1980, 4.0e6), (2020, 3.5e6))],
            *[("IND", year, use) for year, use in ((1980, 1.0e6), (2000, 3.0e6), (2020, 6.0e6))],
        ),
        "scrap_tiers": table(("tier", "share", "cost"), (1, 0.5, 120.0), (2, 0.22, 220.0), (3, 0.2, 320.0)),
        "mines": table(("mine", "country", "capacity"), ("BRA-1", "BRA", 40e6), ("IND-1", "IND", 25e6)),
        "ore_supply": table(
            ("mine", "commodity", "tier", "share", "cost"),
            ("BRA-1", "iron_ore", 1, 0.6, 45.0),
            ("BRA-1", "iron_ore", 2, 0.4, 70.0),
            ("BRA-1", "dr_ore", 1, 0.4, 75.0),
            ("IND-1", "iron_ore", 1, 0.7, 40.0),
            ("IND-1", "iron_ore", 2, 0.3, 65.0),
            ("IND-1", "dr_ore", 1, 0.2, 95.0),
        ),
        "prices": _prices(),
        "grid_intensity": _path(
            ("scenario", "area", "year", "intensity"),
            (("reference", "WORLD"), (0.5, 0.4, 0.25, 0.1)),
            (("reference", "BRA"), (0.1, 0.08, 0.05, 0.02)),
            (("reference", "DEU"), (0.35, 0.2, 0.06, 0.02)),
            (("decarbonised", "WORLD"), (0.5, 0.3, 0.1, 0.02)),
        ),
    }
    tables |= {"sites": _sites(), "own_energy": _own_energy(), "site_hours": table(HOURLY)}
    tables["site_ground"] = table(("site", "slope", "land", "rail"))
    tables["biomass_supply"] = _path(
        ("area", "commodity", "year", "supply"), (("BRA", "charcoal"), (0.2e6, 0.3e6, 0.4e6, 0.5e6))
    )
    tables["co2_storage"] = _path(
        ("area", "year", "cumulative"),
        (("Europe",), (0.0, 1e6, 20e6, 60e6)),
        (("South Asia",), (0.0, 0.0, 15e6, 60e6)),
    )
    return tables


def _sites() -> pd.DataFrame:
    return table(
        ("site", "name", "country", "latitude", "longitude", "solar", "wind"),
        ("BRA-coast", "Coast", "BRA", -4.0, -39.0, 0.21, 0.48),
        ("BRA-south", "South", "BRA", -25.0, -49.0, 0.17, 0.30),
        ("DEU-shore", "Shore", "DEU", 54.0, 9.0, 0.11, 0.38),
        ("IND-desert", "Desert", "IND", 27.0, 71.0, 0.20, 0.28),
        ("IND-hills", "Hills", "IND", 20.0, 84.0, 0.17, 0.15),
    )


def _own_energy() -> pd.DataFrame:
    fixed = [
        ("solar", "fixed", 0.02), ("solar", "life", 25.0), ("solar", "fade", 0.005),
        ("wind", "fixed", 0.03), ("wind", "life", 25.0), ("wind", "fade", 0.005),
        ("battery", "fixed", 0.02), ("battery", "life", 14.0), ("battery", "fade", 0.015),
        ("battery", "efficiency", 0.85), ("battery", "hours", 4.0),
        ("electrolyser", "fixed", 0.03), ("electrolyser", "life", 15.0), ("electrolyser", "fade", 0.005),
    ]  # fmt: skip
    return _path(
        ("part", "item", "area", "year", "value"),
        (("solar", "capex", "WORLD"), (700.0, 450.0, 400.0, 350.0)),
        (("wind", "capex", "WORLD"), (1100.0, 950.0, 850.0, 800.0)),
        (("battery", "capex", "WORLD"), (200.0, 120.0, 100.0, 80.0)),
        (("electrolyser", "capex", "WORLD"), (1500.0, 900.0, 700.0, 500.0)),
        (("electrolyser", "use", "WORLD"), (50.0, 49.0, 46.0, 44.0)),
        (("solar", "deployed", "WORLD"), (2000.0, 6000.0, 9000.0, 12000.0)),
        (("wind", "deployed", "WORLD"), (1000.0, 2000.0, 4000.0, 5000.0)),
        (("battery", "deployed", "WORLD"), (400.0, 2000.0, 6000.0, 12000.0)),
        (("electrolyser", "deployed", "WORLD"), (2.0, 10.0, 40.0, 100.0)),
        *[((part, item, "WORLD"), (value,) * len(YEARS)) for part, item, value in fixed],
    )


def _prices() -> pd.DataFrame:
    level = {
        "coking_coal": (220.0, 200.0, 190.0, 180.0),
        "pci_coal": (140.0, 130.0, 120.0, 110.0),
        "charcoal": (350.0, 330.0, 310.0, 300.0),
        "natural_gas": (8.0, 7.0, 7.0, 7.0),
        "electricity": (80.0, 75.0, 70.0, 65.0),
        "hydrogen": (4500.0, 3600.0, 2600.0, 2000.0),
        "lime": (120.0, 120.0, 120.0, 120.0),
        "electrodes": (4000.0, 4000.0, 4000.0, 4000.0),
        "co2_storage": (40.0, 35.0, 30.0, 26.0),
    }
    world = [(("reference", commodity, "WORLD"), values) for commodity, values in level.items()]
    own = [
        (("reference", "electricity", "DEU"), (110.0, 95.0, 80.0, 70.0)),
        (("reference", "electricity", "BRA"), (60.0, 58.0, 55.0, 50.0)),
        (("reference", "natural_gas", "EU27"), (11.0, 9.0, 8.0, 8.0)),
        (("reference", "natural_gas", "South America"), (6.0, 6.0, 6.0, 6.0)),
        (("dedicated", "hydrogen", "WORLD"), (4000.0, 3000.0, 2000.0, 1500.0)),
    ]
    return _path(("scenario", "commodity", "area", "year", "price"), *world, *own)


def _policy() -> Tables:
    return {
        "carbon_prices": _path(
            ("scenario", "area", "year", "price"),
            (("none", "WORLD"), (0.0, 0.0, 0.0, 0.0)),
            (("current", "WORLD"), (0.0, 0.0, 0.0, 0.0)),
            (("current", "EU27"), (70.0, 80.0, 110.0, 140.0)),
            (("uniform_100", "WORLD"), (0.0, 20.0, 60.0, 100.0)),
        ),
        "free_allocation": table(
            ("area", "product", "year", "benchmark", "share"),
            *[("EU27", "hot_metal", year, 1.2, share) for year, share in ((2025, 1.0), (2030, 0.5), (2034, 0.0))],
        ),
        "border_adjustments": table(
            ("bloc", "commodity", "year", "share"),
            *[
                ("EU27", good, year, share)
                for good in ("crude_steel", "pig_iron")
                for year, share in ((2025, 0.0), (2030, 0.5), (2034, 1.0))
            ],
        ),
        "tariffs": table(
            ("importer", "exporter", "commodity", "start", "end", "ad_valorem", "specific", "banned"),
            ("EU27", "NOT EU27", "crude_steel", 2018, 2100, 0.06, 0.0, False),
            ("IND", "WORLD", "crude_steel", 2018, 2035, 0.10, 0.0, False),
            ("BRA", "IND", "crude_steel", 2018, 2100, 0.0, 12.0, False),
            ("IND", "DEU", "scrap", 2030, 2100, 0.0, 0.0, True),
        ),
        "quotas": table(
            ("quota", "importer", "exporter", "commodity", "start", "end", "quantity"),
            ("EU-steel", "EU27", "NOT EU27", "crude_steel", 2026, 2040, 2.0e6),
        ),
        "subsidies": table(
            ("subsidy", "area", "technology", "item", "commodity", "start", "end", "relative", "absolute")
        ),
        "carbon_contracts": table(
            ("contract", "area", "technology", "start", "end", "strike", "benchmark", "two_way"),
        ),
        "emission_caps": table(("area", "year", "cap")),
        "low_carbon_demand": table(("area", "year", "threshold", "premium", "share")),
        "input_limits": table(("limit", "area", "year", "supply")),
        "input_limit_goods": table(("limit", "commodity", "weight")),
        "tariff_rate_quotas": table(("quota", "ad_valorem", "specific")),
        "technology_bans": table(("technology", "area", "start", "end"), ("BF", "DEU", 2040, 2100)),
        "boundaries": table(
            ("boundary", "term", "factor", "emission_factor"),
            ("scope1", "scope1", 1.0, None),
            ("scope12", "scope1", 1.0, None),
            ("scope12", "scope2", 1.0, None),
            ("worldsteel", "scope1", 1.0, None),
            ("worldsteel", "scope2", 1.0, 0.504),
            ("worldsteel", "upstream:lime", 1.0, 0.95),
            ("full", "scope1", 1.0, None),
            ("full", "scope2", 1.0, None),
            ("full", "transport", 1.0, None),
            ("full", "upstream:*", 1.0, None),
        ),
        "statistics": table(
            ("indicator", "country", "year", "value"),
            *[
                ("crude_steel", country, 2024, value)
                for country, value in (("BRA", 2.6e6), ("DEU", 3.0e6), ("IND", 4.9e6))
            ],
        ),
    }
