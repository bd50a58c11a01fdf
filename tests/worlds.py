"""A whole world small enough to check by hand: three countries, eight plants, closing recipes, 2025-2050.

All numbers are invented, round and plausible; nothing here is a statistic. Steel capacity is about twice demand
in 2025, ore and scrap suffice, two integrated plants and one linked pair move hot metal, one plant moves hot DRI.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

Tables = dict[str, pd.DataFrame]

YEARS = (2025, 2030, 2040, 2050)
COUNTRIES = ("BRA", "DEU", "IND")

_CONTENTS = {  # t Fe/t, t C per unit
    "iron_ore": (0.62, 0.0),
    "dr_ore": (0.68, 0.0),
    "scrap": (0.955, 0.002),
    "hot_metal": (0.945, 0.045),
    "pig_iron": (0.945, 0.045),
    "hot_dri": (0.92, 0.02),
    "dri": (0.92, 0.02),
    "hot_dri_h2": (0.94, 0.0),
    "dri_h2": (0.94, 0.0),
    "crude_steel": (0.985, 0.002),
}
_IRON_LOSS = {"BF": 0.008, "BF_CCS": 0.008, "DRI_GAS": 0.015, "DRI_H2": 0.015, "BOF": 0.028, "EAF": 0.05}


def charge(technology: str, commodity: str, product: str) -> float:
    """Tonnes of a charge per tonne of product such that iron closes [t/t]."""
    return _CONTENTS[product][0] / (1.0 - _IRON_LOSS[technology]) / _CONTENTS[commodity][0]


def tiny_tables() -> Tables:
    """All tables of the tiny world, in canonical units, valid, freshly made at each call."""
    tables = {**_geography(), **_fleet(), **_technology(), **_costs(), **_market(), **_policy()}
    for name, frame in tables.items():
        tables[name] = frame.assign(source="invented", quality="E")
    columns = ("source", "title", "publisher", "year", "licence", "note")
    tables["sources"] = _table(
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


def _table(columns: Sequence[str], *rows: Sequence[object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))


def _path(columns: Sequence[str], *series: tuple[Sequence[object], Sequence[float]]) -> pd.DataFrame:
    """One row per series and year; ``series`` is (keys, values in ``YEARS``); columns end in year and value."""
    rows = [(*keys, year, value) for keys, values in series for year, value in zip(YEARS, values, strict=True)]
    return _table(columns, *rows)


def _geography() -> Tables:
    return {
        "countries": _table(
            ("country", "name", "region", "landmass", "latitude", "longitude"),
            ("BRA", "Brazil", "South America", "Americas", -20.0, -43.0),
            ("DEU", "Germany", "Europe", "Eurasia", 51.0, 7.0),
            ("IND", "India", "South Asia", "Eurasia", 22.0, 85.0),
        ),
        "blocs": _table(("bloc", "country"), ("EU27", "DEU"), ("BRICS", "BRA"), ("BRICS", "IND")),
        "country_factors": _path(
            ("factor", "country", "year", "value"),
            (("labour_index", "BRA"), (1.2, 1.3, 1.4, 1.5)),
            (("labour_index", "DEU"), (3.3, 3.3, 3.3, 3.3)),
            (("labour_index", "IND"), (0.7, 0.8, 0.9, 1.0)),
            (("availability", "BRA"), (0.9, 1.0, 1.0, 1.0)),
        ),
        "distances": _table(
            ("origin", "destination", "sea", "land"),
            ("BRA", "DEU", 10_500.0, None),
            ("BRA", "IND", 14_500.0, None),
            ("DEU", "IND", 12_500.0, 8_000.0),
        ),
    }


def _fleet() -> Tables:
    plants = _table(
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
    groups = _table(
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
        "hot_links": _table(("iron_plant", "steel_plant", "distance"), ("P8", "P7", 3.0)),
    }


def _commodity(name: str, unit: str, kind: str, **given: object) -> tuple[object, ...]:
    iron, carbon = _CONTENTS.get(name, (0.0, given.get("carbon", 0.0)))
    return (
        name,
        name.replace("_", " ").capitalize(),
        unit,
        kind,
        iron,
        carbon,
        given.get("biogenic", False),
        given.get("cold_twin", ""),
        given.get("metallic", False),
        given.get("upstream", 0.0),
        given.get("duty_base", 0.0),
        given.get("transport", ""),
    )


def _technology() -> Tables:
    commodities = _table(
        (
            *("commodity", "name", "unit", "kind", "iron", "carbon", "biogenic", "cold_twin", "metallic", "upstream"),
            *("duty_base", "transport"),
        ),
        _commodity("iron_ore", "t", "hub", duty_base=100.0, transport="ore"),
        _commodity("dr_ore", "t", "hub", duty_base=130.0, transport="ore"),
        _commodity("scrap", "t", "hub", metallic=True, duty_base=350.0, transport="scrap"),
        _commodity("pig_iron", "t", "hub", metallic=True, duty_base=420.0, transport="iron"),
        _commodity("dri", "t", "hub", metallic=True, duty_base=400.0, transport="iron"),
        _commodity("dri_h2", "t", "hub", metallic=True, duty_base=450.0, transport="iron"),
        _commodity("crude_steel", "t", "hub", duty_base=500.0, transport="steel"),
        _commodity("hot_metal", "t", "hot", cold_twin="pig_iron", metallic=True),
        _commodity("hot_dri", "t", "hot", cold_twin="dri", metallic=True),
        _commodity("hot_dri_h2", "t", "hot", cold_twin="dri_h2", metallic=True),
        _commodity("coking_coal", "t", "bought", carbon=0.835, upstream=0.2),
        _commodity("pci_coal", "t", "bought", carbon=0.806, upstream=0.1),
        _commodity("charcoal", "t", "bought", carbon=0.8, biogenic=True, upstream=0.05),
        _commodity("natural_gas", "GJ", "bought", carbon=0.0153, upstream=0.01),
        _commodity("electricity", "MWh", "bought"),
        _commodity("hydrogen", "t", "bought", upstream=1.0),
        _commodity("lime", "t", "bought", upstream=0.95),
        _commodity("electrodes", "t", "bought", carbon=1.0, upstream=0.65),
        _commodity("co2_storage", "t", "bought"),
        _commodity("coke", "t", "internal", carbon=0.889),
        _commodity("oxygen", "kNm3", "internal"),
        _commodity("slag", "t", "waste"),
    )
    columns = (
        *("technology", "name", "stage", "product", "family", "available_from", "campaign", "availability"),
        *("minimum_load", "capture_rate", "near_zero", "novel", "learning_rate", "cost_steps", "labour_weight"),
    )
    technologies = _table(
        columns,
        ("COKE", "Coke oven", "auxiliary", "coke", "auxiliary", 1900, 40, 0.95, 0.0, 0.0, False, False, 0.0, "", 0.0),
        ("ASU", "Air separation", "auxiliary", "oxygen", "auxiliary", 1900, 30, 0.95, 0.0, 0.0, False, False, 0.0, "", 0.0),
        ("BF", "Blast furnace", "ironmaking", "hot_metal", "BF", 1900, 20, 0.95, 0.6, 0.0, False, False, 0.0, "iron", 0.5),
        (
            "BF_CCS",
            "Blast furnace with CCS",
            "ironmaking",
            "hot_metal",
            "BF",
            2030,
            20,
            0.95,
            0.6,
            0.7,
            True,
            True,
            0.05,
            "iron",
            0.5,
        ),
        ("DRI_GAS", "Gas shaft", "ironmaking", "hot_dri", "DRI", 1970, 20, 0.95, 0.5, 0.0, False, False, 0.02, "iron", 0.5),
        (
            "DRI_H2",
            "Hydrogen shaft",
            "ironmaking",
            "hot_dri_h2",
            "DRI",
            2026,
            20,
            0.95,
            0.5,
            0.0,
            True,
            True,
            0.08,
            "iron",
            0.5,
        ),
        (
            "BOF",
            "Basic oxygen furnace",
            "steelmaking",
            "crude_steel",
            "BOF",
            1950,
            20,
            0.95,
            0.6,
            0.0,
            False,
            False,
            0.0,
            "bof",
            1.0,
        ),
        (
            "EAF",
            "Electric arc furnace",
            "steelmaking",
            "crude_steel",
            "EAF",
            1900,
            20,
            0.95,
            0.5,
            0.0,
            False,
            False,
            0.0,
            "eaf",
            0.8,
        ),
    )
    bill = _bill()
    options = bill[["technology", "option"]].drop_duplicates()
    recipes = options.assign(
        name=options["technology"] + " with " + options["option"].str.replace("_", " "),
        iron_loss=options["technology"].map(_IRON_LOSS).fillna(0.0),
    )
    return {
        "commodities": commodities,
        "technologies": technologies,
        "recipes": recipes.reset_index(drop=True),
        "bill_of_materials": bill,
        **_charge_rules(),
        **_routes(),
    }


def _bill() -> pd.DataFrame:
    """Bills per tonne of product; charges follow from iron, everything else is round."""
    rows: list[tuple[object, ...]] = []

    def option(technology: str, name: str, product: str, by_products: Mapping[str, float], **inputs: float) -> None:
        rows.extend((technology, name, commodity, "input", amount) for commodity, amount in inputs.items())
        rows.append((technology, name, product, "output", 1.0))
        rows.extend((technology, name, commodity, "output", amount) for commodity, amount in by_products.items())

    option("COKE", "coal", "coke", {}, coking_coal=1.28, electricity=0.04)
    option("ASU", "air", "oxygen", {}, electricity=0.7)
    for furnace in ("BF", "BF_CCS"):
        ore = charge("BF", "iron_ore", "hot_metal")
        power = 0.1 if furnace == "BF" else 0.35
        option(
            furnace,
            "coal",
            "hot_metal",
            {"slag": 0.3},
            iron_ore=ore,
            coke=0.4,
            pci_coal=0.15,
            lime=0.02,
            oxygen=0.05,
            electricity=power,
        )
        option(
            furnace,
            "charcoal",
            "hot_metal",
            {"slag": 0.3},
            iron_ore=ore,
            coke=0.4,
            charcoal=0.15,
            lime=0.02,
            oxygen=0.05,
            electricity=power,
        )
    option(
        "DRI_GAS",
        "gas",
        "hot_dri",
        {},
        dr_ore=charge("DRI_GAS", "dr_ore", "hot_dri"),
        natural_gas=10.3,
        electricity=0.11,
    )
    option(
        "DRI_H2",
        "hydrogen",
        "hot_dri_h2",
        {},
        dr_ore=charge("DRI_H2", "dr_ore", "hot_dri_h2"),
        hydrogen=0.054,
        electricity=0.25,
    )
    for metal in ("hot_metal", "pig_iron", "scrap"):
        amount = charge("BOF", metal, "crude_steel")
        option(
            "BOF",
            metal,
            "crude_steel",
            {},
            **{metal: amount},
            oxygen=0.054,
            lime=0.05,
            electricity=0.165,
            natural_gas=1.2,
        )
    for metal, power in (
        ("scrap", 0.61),
        ("pig_iron", 0.51),
        ("dri", 0.73),
        ("hot_dri", 0.61),
        ("dri_h2", 0.77),
        ("hot_dri_h2", 0.65),
    ):
        amount = charge("EAF", metal, "crude_steel")
        option(
            "EAF",
            metal,
            "crude_steel",
            {},
            **{metal: amount},
            oxygen=0.035,
            lime=0.05,
            electrodes=0.0018,
            pci_coal=0.02,
            electricity=power,
            natural_gas=1.2,
        )
    return _table(("technology", "option", "commodity", "direction", "amount"), *rows)


def _charge_rules() -> Tables:
    groups = _table(
        ("technology", "charge_group", "commodity"),
        ("BOF", "hot_metal_and_pig", "hot_metal"),
        ("BOF", "hot_metal_and_pig", "pig_iron"),
        ("BOF", "cold_pig", "pig_iron"),
        ("EAF", "pig", "pig_iron"),
    )
    limits = _table(
        ("technology", "charge_group", "year", "minimum", "maximum"),
        ("BOF", "hot_metal_and_pig", 2025, 0.85, 0.95),
        ("BOF", "hot_metal_and_pig", 2030, 0.83, 0.95),
        ("BOF", "hot_metal_and_pig", 2040, 0.8, 0.95),
        ("BOF", "hot_metal_and_pig", 2050, 0.75, 0.95),
        ("BOF", "cold_pig", 2025, 0.0, 0.15),
        ("EAF", "pig", 2025, 0.0, 0.4),
    )
    return {"charge_groups": groups, "charge_limits": limits}


def _routes() -> Tables:
    metal = charge("BOF", "hot_metal", "crude_steel")
    routes = _table(
        ("route", "name", "product"),
        ("BF_BOF", "Blast furnace and converter", "crude_steel"),
        ("BF_CCS_BOF", "Blast furnace with CCS and converter", "crude_steel"),
        ("DRI_GAS_EAF", "Gas shaft and arc furnace", "crude_steel"),
        ("DRI_H2_EAF", "Hydrogen shaft and arc furnace", "crude_steel"),
        ("SCRAP_EAF", "Scrap in the arc furnace", "crude_steel"),
        ("PIG_BF", "Merchant pig iron", "pig_iron"),
        ("MERCHANT_DRI_GAS", "Merchant gas DRI", "dri"),
        ("MERCHANT_DRI_H2", "Merchant hydrogen DRI", "dri_h2"),
    )
    steps = _table(
        ("route", "technology", "option", "amount"),
        ("BF_BOF", "BF", "coal", 0.88 * metal),
        ("BF_BOF", "BOF", "hot_metal", 0.88),
        ("BF_BOF", "BOF", "scrap", 0.12),
        ("BF_CCS_BOF", "BF_CCS", "coal", 0.88 * metal),
        ("BF_CCS_BOF", "BOF", "hot_metal", 0.88),
        ("BF_CCS_BOF", "BOF", "scrap", 0.12),
        ("DRI_GAS_EAF", "DRI_GAS", "gas", charge("EAF", "hot_dri", "crude_steel")),
        ("DRI_GAS_EAF", "EAF", "hot_dri", 1.0),
        ("DRI_H2_EAF", "DRI_H2", "hydrogen", charge("EAF", "hot_dri_h2", "crude_steel")),
        ("DRI_H2_EAF", "EAF", "hot_dri_h2", 1.0),
        ("SCRAP_EAF", "EAF", "scrap", 1.0),
        ("PIG_BF", "BF", "coal", 1.0),
        ("MERCHANT_DRI_GAS", "DRI_GAS", "gas", 1.0),
        ("MERCHANT_DRI_H2", "DRI_H2", "hydrogen", 1.0),
    )
    transitions = _table(
        ("from_route", "to_route"),
        *[("BF_BOF", route) for route in ("BF_CCS_BOF", "DRI_GAS_EAF", "DRI_H2_EAF", "SCRAP_EAF")],
        ("DRI_GAS_EAF", "DRI_H2_EAF"),
        ("DRI_GAS_EAF", "SCRAP_EAF"),
        ("PIG_BF", "MERCHANT_DRI_GAS"),
        ("PIG_BF", "MERCHANT_DRI_H2"),
        ("MERCHANT_DRI_GAS", "MERCHANT_DRI_H2"),
    )
    return {"routes": routes, "route_options": steps, "transitions": transitions}


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
    steps = _table(
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
    transport = _table(
        ("transport", "handling", "sea", "land", "emissions"),
        ("ore", 8.0, 0.0015, 0.03, 6e-6),
        ("scrap", 30.0, 0.003, 0.03, 1e-5),
        ("iron", 22.0, 0.003, 0.03, 1e-5),
        ("steel", 37.0, 0.003, 0.03, 1e-5),
    )
    capital = _table(
        ("area", "cost_of_debt", "cost_of_equity"), ("WORLD", 0.05, 0.10), ("DEU", 0.04, 0.08), ("BRICS", 0.06, 0.12)
    )
    return {
        "technology_costs": _table(("technology", "item", "year", "value"), *rows),
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
                row
                for scenario in ("bau", "high_circularity")
                for row in (
                    ((scenario, "BRA"), (1.2e6, 1.4e6, 2.0e6, 2.6e6)),
                    ((scenario, "DEU"), (2.2e6, 2.3e6, 2.4e6, 2.4e6)),
                    ((scenario, "IND"), (1.5e6, 2.0e6, 3.5e6, 5.5e6)),
                )
            ],
        ),
        "scrap_tiers": _table(("tier", "share", "cost"), (1, 0.5, 120.0), (2, 0.22, 220.0), (3, 0.2, 320.0)),
        "mines": _table(("mine", "country", "capacity"), ("BRA-1", "BRA", 40e6), ("IND-1", "IND", 25e6)),
        "ore_supply": _table(
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
    tables["biomass_supply"] = _path(
        ("area", "commodity", "year", "supply"), (("BRA", "charcoal"), (0.2e6, 0.3e6, 0.4e6, 0.5e6))
    )
    tables["co2_storage"] = _path(
        ("area", "year", "cumulative"),
        (("Europe",), (0.0, 1e6, 20e6, 60e6)),
        (("South Asia",), (0.0, 0.0, 15e6, 60e6)),
    )
    return tables


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
        "free_allocation": _table(
            ("area", "product", "year", "benchmark", "share"),
            *[("EU27", "hot_metal", year, 1.2, share) for year, share in ((2025, 1.0), (2030, 0.5), (2034, 0.0))],
        ),
        "border_adjustments": _table(
            ("bloc", "commodity", "year", "share"),
            *[
                ("EU27", good, year, share)
                for good in ("crude_steel", "pig_iron")
                for year, share in ((2025, 0.0), (2030, 0.5), (2034, 1.0))
            ],
        ),
        "tariffs": _table(
            ("importer", "exporter", "commodity", "start", "end", "ad_valorem", "specific", "banned"),
            ("EU27", "NOT EU27", "crude_steel", 2018, 2100, 0.06, 0.0, False),
            ("IND", "WORLD", "crude_steel", 2018, 2035, 0.10, 0.0, False),
            ("BRA", "IND", "crude_steel", 2018, 2100, 0.0, 12.0, False),
            ("IND", "DEU", "scrap", 2030, 2100, 0.0, 0.0, True),
        ),
        "quotas": _table(
            ("quota", "importer", "exporter", "commodity", "start", "end", "quantity"),
            ("EU-steel", "EU27", "NOT EU27", "crude_steel", 2026, 2040, 2.0e6),
        ),
        "technology_bans": _table(("technology", "area", "start", "end"), ("BF", "DEU", 2040, 2100)),
        "boundaries": _table(
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
        "statistics": _table(
            ("indicator", "country", "year", "value"),
            *[
                ("crude_steel", country, 2024, value)
                for country, value in (("BRA", 2.6e6), ("DEU", 3.0e6), ("IND", 4.9e6))
            ],
        ),
    }
