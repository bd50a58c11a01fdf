"""The technology of the tiny world: commodities, steps, closing recipes, charge rules and routes.

Charges follow from the iron balance, everything else is round; see ``worlds.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

Tables = dict[str, pd.DataFrame]

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


def table(columns: Sequence[str], *rows: Sequence[object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))


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


def technology_tables() -> Tables:
    commodities = table(
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
    technologies = table(
        columns,
        ("COKE", "Coke oven", "auxiliary", "coke", "auxiliary", 1900, 40, 0.95, 0.0, 0.0, False, False, 0.0, "", 0.0),
        (
            "ASU",
            "Air separation",
            "auxiliary",
            "oxygen",
            "auxiliary",
            1900,
            30,
            0.95,
            0.0,
            0.0,
            False,
            False,
            0.0,
            "",
            0.0,
        ),
        (
            "BF",
            "Blast furnace",
            "ironmaking",
            "hot_metal",
            "BF",
            1900,
            20,
            0.95,
            0.6,
            0.0,
            False,
            False,
            0.0,
            "iron",
            0.5,
        ),
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
        (
            "DRI_GAS",
            "Gas shaft",
            "ironmaking",
            "hot_dri",
            "DRI",
            1970,
            20,
            0.95,
            0.5,
            0.0,
            False,
            False,
            0.02,
            "iron",
            0.5,
        ),
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
    return table(("technology", "option", "commodity", "direction", "amount"), *rows)


def _charge_rules() -> Tables:
    groups = table(
        ("technology", "charge_group", "commodity"),
        ("BOF", "hot_metal_and_pig", "hot_metal"),
        ("BOF", "hot_metal_and_pig", "pig_iron"),
        ("BOF", "cold_pig", "pig_iron"),
        ("EAF", "pig", "pig_iron"),
    )
    limits = table(
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
    routes = table(
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
    steps = table(
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
    transitions = table(
        ("from_route", "to_route"),
        *[("BF_BOF", route) for route in ("BF_CCS_BOF", "DRI_GAS_EAF", "DRI_H2_EAF", "SCRAP_EAF")],
        ("DRI_GAS_EAF", "DRI_H2_EAF"),
        ("DRI_GAS_EAF", "SCRAP_EAF"),
        ("PIG_BF", "MERCHANT_DRI_GAS"),
        ("PIG_BF", "MERCHANT_DRI_H2"),
        ("MERCHANT_DRI_GAS", "MERCHANT_DRI_H2"),
    )
    return {"routes": routes, "route_options": steps, "transitions": transitions}
