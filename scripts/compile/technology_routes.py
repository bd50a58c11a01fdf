"""Charge limits, whole routes, transitions and reporting boundaries of the reference dataset."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .technology_recipes import JRC, OWN, WORLDSTEEL, burden_of, every_five_years, steps

# technology, group: members; then (year, minimum, maximum) points, held outside them.
_CHARGES: dict[tuple[str, str], tuple[tuple[str, ...], tuple[tuple[int, float, float], ...], str, str]] = {
    # The heat balance of the converter; scrap preheating and less hot metal are assumed to spread until 2050.
    ("BOF", "hot_metal_and_pig"): (("hot_metal", "pig_iron"), ((2024, 0.85, 0.95), (2050, 0.75, 0.95)), JRC, "B"),
    ("BOF", "cold_pig"): (("pig_iron",), ((2024, 0.0, 0.15),), OWN, "E"),
    ("BOF", "dri"): (("dri", "dri_h2"), ((2024, 0.0, 0.15),), OWN, "E"),
    ("EAF", "hot_metal_and_pig"): (("hot_metal", "pig_iron"), ((2024, 0.0, 0.40),), OWN, "E"),
    ("EAF", "coal_dri"): (("dri_coal",), ((2024, 0.0, 0.65),), OWN, "E"),
    # Cold pig iron melts slowly and boils, and little of it is traded; induction furnaces cannot blow its carbon out.
    ("EAF", "cold_pig"): (("pig_iron",), ((2024, 0.0, 0.07),), OWN, "E"),
    ("IF", "dri"): (("dri_coal", "dri"), ((2024, 0.0, 0.65),), "teri-2021", "C"),
    ("IF", "pig"): (("pig_iron",), ((2024, 0.0, 0.05),), OWN, "E"),
    ("OHF", "hot_metal_and_pig"): (("hot_metal", "pig_iron"), ((2024, 0.0, 0.75),), OWN, "E"),
}


def charge_groups() -> pd.DataFrame:
    """The table charge_groups."""
    rows = [
        (technology, group, member, source, quality)
        for (technology, group), (members, _, source, quality) in _CHARGES.items()
        for member in members
    ]
    columns = ["technology", "charge_group", "commodity", "source", "quality"]
    return pd.DataFrame(rows, columns=columns).sort_values(columns[:3], ignore_index=True)


def charge_limits() -> pd.DataFrame:
    """The table charge_limits."""
    rows = []
    for (technology, group), (_, points, source, quality) in _CHARGES.items():
        lows = every_five_years({year: low for year, low, _ in points})
        highs = every_five_years({year: high for year, _, high in points})
        for year, low in lows.items():
            origin = (source, quality) if year == points[0][0] else (OWN, "E")
            rows.append((technology, group, year, low, highs[year], *origin))
    columns = ["technology", "charge_group", "year", "minimum", "maximum", "source", "quality"]
    return pd.DataFrame(rows, columns=columns).sort_values(columns[:3], ignore_index=True)


@dataclass(frozen=True, slots=True)
class Route:
    """A route before its iron is solved: shares of the steel by charge, and the step that makes the iron."""

    route: str
    name: str
    steel: tuple[tuple[str, str, float], ...]
    iron: tuple[str, str] | None
    product: str = "crude_steel"


_CONVERTER = (("BOF", "hot_metal", 0.88), ("BOF", "scrap", 0.12))


def _converter(route: str, name: str, iron: str | None) -> Route:
    return Route(route, name, _CONVERTER, (iron, "standard") if iron else None)


def _arc(route: str, name: str, charge: str, iron: str | None) -> Route:
    return Route(route, name, (("EAF", charge, 1.0),), (iron, "standard") if iron else None)


def _merchant(route: str, name: str, iron: str, product: str) -> Route:
    return Route(route, name, (), (iron, "standard"), product)


def routes_as_typed() -> list[Route]:
    """Every route of the reference dataset."""
    return [
        _converter("BF_BOF", "Blast furnace - BOF", "BF"),
        _converter("BF_CCS_BOF", "Blast furnace with capture - BOF", "BF_CCS"),
        _converter("BF_BIO_BOF", "Blast furnace with charcoal - BOF", "BF_BIO"),
        _converter("SR_BOF", "Smelting reduction - BOF", "SR"),
        _converter("SR_CCS_BOF", "Smelting reduction with capture - BOF", "SR_CCS"),
        _converter("ESF_GAS_BOF", "Gas DRI, electric smelter - BOF", "ESF_GAS"),
        _converter("ESF_H2_BOF", "Hydrogen DRI, electric smelter - BOF", "ESF_H2"),
        _converter("PIG_BOF", "BOF on bought hot metal", None),
        _arc("DRI_GAS_EAF", "Gas DRI - EAF", "hot_dri", "DRI_GAS"),
        _arc("DRI_GAS_CCS_EAF", "Gas DRI with capture - EAF", "hot_dri", "DRI_GAS_CCS"),
        _arc("DRI_H2_EAF", "Hydrogen DRI - EAF", "hot_dri_h2", "DRI_H2"),
        _arc("EW_EAF", "Electrowinning - EAF", "ew_iron", "EW"),
        _arc("SCRAP_EAF", "Scrap - EAF", "scrap", None),
        Route("DRI_COAL_EAF", "Coal DRI - EAF", (("EAF", "dri_coal", 0.6), ("EAF", "scrap", 0.4)),
              ("DRI_COAL", "standard")),
        Route("DRI_COAL_IF", "Coal DRI - induction furnace", (("IF", "dri_coal", 0.6), ("IF", "scrap", 0.4)),
              ("DRI_COAL", "standard")),
        Route("SCRAP_IF", "Scrap - induction furnace", (("IF", "scrap", 1.0),), None),
        Route("SCRAP_OHF", "Scrap and pig iron - open hearth", (("OHF", "scrap", 0.7), ("OHF", "pig_iron", 0.3)), None),
        Route("MOE", "Molten oxide electrolysis", (("MOE", "standard", 1.0),), None),
        _merchant("PIG_BF", "Merchant blast furnace", "BF", "pig_iron"),
        _merchant("PIG_BF_CCS", "Merchant blast furnace with capture", "BF_CCS", "pig_iron"),
        _merchant("PIG_BF_BIO", "Merchant blast furnace with charcoal", "BF_BIO", "pig_iron"),
        _merchant("MERCHANT_SR", "Merchant smelting reduction", "SR", "pig_iron"),
        _merchant("MERCHANT_SR_CCS", "Merchant smelting reduction with capture", "SR_CCS", "pig_iron"),
        _merchant("MERCHANT_ESF_GAS", "Merchant gas DRI and electric smelter", "ESF_GAS", "pig_iron"),
        _merchant("MERCHANT_ESF_H2", "Merchant hydrogen DRI and electric smelter", "ESF_H2", "pig_iron"),
        _merchant("MERCHANT_DRI_GAS", "Merchant gas DRI", "DRI_GAS", "dri"),
        _merchant("MERCHANT_DRI_GAS_CCS", "Merchant gas DRI with capture", "DRI_GAS_CCS", "dri"),
        _merchant("MERCHANT_DRI_H2", "Merchant hydrogen DRI", "DRI_H2", "dri_h2"),
        _merchant("MERCHANT_DRI_COAL", "Merchant coal DRI", "DRI_COAL", "dri_coal"),
        _merchant("MERCHANT_EW", "Merchant electrowinning", "EW", "ew_iron"),
    ]  # fmt: skip


def routes() -> pd.DataFrame:
    """The table routes."""
    rows = [(route.route, route.name, route.product, OWN, "E") for route in routes_as_typed()]
    columns = ["route", "name", "product", "source", "quality"]
    return pd.DataFrame(rows, columns=columns).sort_values("route", ignore_index=True)


def route_options() -> pd.DataFrame:
    """The table route_options; the iron is what the steel options charge, so that hot goods balance."""
    known = {(step.technology, step.option): step for step in steps()}
    rows = []
    for route in routes_as_typed():
        rows += [(route.route, technology, option, share) for technology, option, share in route.steel]
        if route.iron is None:
            continue
        made = known[route.iron].product
        charged = sum(
            share * burden_of(known[technology, option]).get(made, 0.0) for technology, option, share in route.steel
        )
        rows.append((route.route, *route.iron, round(charged, 10) if route.steel else 1.0))
    columns = ["route", "technology", "option", "amount"]
    table = pd.DataFrame(rows, columns=columns).assign(source=OWN, quality="E")
    return table.sort_values(columns[:3], ignore_index=True)


_DEEP = "DRI_H2_EAF SCRAP_EAF EW_EAF MOE"
_GAS = "DRI_GAS_EAF DRI_GAS_CCS_EAF"
_TRANSITIONS = {
    "BF_BOF": f"BF_CCS_BOF BF_BIO_BOF SR_BOF SR_CCS_BOF ESF_GAS_BOF ESF_H2_BOF {_GAS} {_DEEP}",
    "BF_BIO_BOF": f"BF_CCS_BOF SR_BOF SR_CCS_BOF ESF_GAS_BOF ESF_H2_BOF {_GAS} {_DEEP}",
    "BF_CCS_BOF": f"SR_CCS_BOF ESF_H2_BOF DRI_GAS_CCS_EAF {_DEEP}",
    "SR_BOF": f"SR_CCS_BOF ESF_GAS_BOF ESF_H2_BOF {_GAS} {_DEEP}",
    "SR_CCS_BOF": f"ESF_H2_BOF {_DEEP}",
    "ESF_GAS_BOF": f"ESF_H2_BOF {_DEEP}",
    "ESF_H2_BOF": "SCRAP_EAF",
    "PIG_BOF": f"BF_BOF ESF_GAS_BOF ESF_H2_BOF {_GAS} {_DEEP}",
    "DRI_GAS_EAF": f"DRI_GAS_CCS_EAF {_DEEP}",
    "DRI_GAS_CCS_EAF": _DEEP,
    "DRI_H2_EAF": "SCRAP_EAF",
    "DRI_COAL_EAF": f"{_GAS} {_DEEP}",
    "DRI_COAL_IF": f"DRI_COAL_EAF SCRAP_IF {_GAS} {_DEEP}",
    "SCRAP_IF": "SCRAP_EAF",
    "SCRAP_OHF": "SCRAP_EAF DRI_GAS_EAF BF_BOF",
    "PIG_BF": "PIG_BF_CCS PIG_BF_BIO MERCHANT_SR MERCHANT_SR_CCS MERCHANT_ESF_GAS MERCHANT_ESF_H2 MERCHANT_DRI_GAS"
    " MERCHANT_DRI_GAS_CCS MERCHANT_DRI_H2 MERCHANT_EW",
    "PIG_BF_BIO": "PIG_BF_CCS MERCHANT_SR_CCS MERCHANT_ESF_H2 MERCHANT_DRI_H2 MERCHANT_EW",
    "PIG_BF_CCS": "MERCHANT_SR_CCS MERCHANT_ESF_H2 MERCHANT_DRI_H2 MERCHANT_EW",
    "MERCHANT_SR": "MERCHANT_SR_CCS MERCHANT_ESF_GAS MERCHANT_ESF_H2 MERCHANT_DRI_H2 MERCHANT_EW",
    "MERCHANT_SR_CCS": "MERCHANT_ESF_H2 MERCHANT_DRI_H2 MERCHANT_EW",
    "MERCHANT_ESF_GAS": "MERCHANT_ESF_H2 MERCHANT_EW",
    "MERCHANT_DRI_GAS": "MERCHANT_DRI_GAS_CCS MERCHANT_DRI_H2 MERCHANT_EW",
    "MERCHANT_DRI_GAS_CCS": "MERCHANT_DRI_H2 MERCHANT_EW",
    "MERCHANT_DRI_COAL": "MERCHANT_DRI_GAS MERCHANT_DRI_GAS_CCS MERCHANT_DRI_H2 MERCHANT_EW",
}


def transitions() -> pd.DataFrame:
    """The table transitions: renovating a route is always possible and not listed."""
    rows = [(old, new) for old, targets in _TRANSITIONS.items() for new in targets.split()]
    table = pd.DataFrame(rows, columns=["from_route", "to_route"]).assign(source=OWN, quality="E")
    return table.sort_values(["from_route", "to_route"], ignore_index=True)


def _rising(flat: float, first: float, last: float) -> tuple[tuple[float, float], ...]:
    """A ladder: nothing up to the share `flat`, then steps of 5 % of capacity from `first` to `last` USD/t."""
    count = round((1 - flat) / 0.05)
    return ((flat, 0.0), *((0.05, round(first + (last - first) * k / (count - 1))) for k in range(count)))


# Fitted to 2024; many small steps, so that no whole country stops at the edge of one. Induction furnaces live with
# their kilns at near full load.
_COST_STEPS = {
    "bof": _rising(0.65, 42, 160),
    "eaf": _rising(0.50, 54, 180),
    "if": _rising(0.70, 30, 90),
    "iron": _rising(0.60, 9, 72),
}


def cost_steps() -> pd.DataFrame:
    """The table cost_steps: fitted to 2024 production by country."""
    rows = [
        (name, step + 1, share, adder, OWN, "E")
        for name, ladder in _COST_STEPS.items()
        for step, (share, adder) in enumerate(ladder)
    ]
    return pd.DataFrame(rows, columns=["cost_steps", "step", "share", "adder", "source", "quality"])


_BOUNDARIES: dict[str, tuple[tuple[str, float, float | None, str, str], ...]] = {
    "worldsteel": (
        ("scope1", 1, None, WORLDSTEEL, "B"),
        ("scope2", 1, 0.504, WORLDSTEEL, "B"),
        # No factor for pig iron (worldsteel: 1.855) and DRI (0.78; 1.21 with coal): iron carries its makers' emissions.
        ("upstream:lime", 1, 0.95, WORLDSTEEL, "B"),
        ("upstream:electrodes", 1, 0.65, WORLDSTEEL, "B"),
        ("upstream:ferro_alloys", 1, 2.0, OWN, "E"),
        # worldsteel counts 0.137 t per t of bought pellet; of that 0.075 is already in scopes 1 and 2 here.
        ("upstream:dr_ore", 1, 0.063, OWN, "E"),
    ),
    "scope1_only": (("scope1", 1, None, "iea-2020-roadmap", "B"),),
    "scope1_2": (("scope1", 1, None, "iso-14404", "C"), ("scope2", 1, None, "iso-14404", "C")),
    "cbam": (("scope1", 1, None, "eu-cbam-2023", "B"), ("upstream:ferro_alloys", 1, None, "eu-cbam-2023", "B")),
    "full": (
        ("scope1", 1, None, OWN, "E"),
        ("scope2", 1, None, OWN, "E"),
        ("upstream:*", 1, None, OWN, "E"),
        ("transport", 1, None, OWN, "E"),
    ),
}


def boundaries() -> pd.DataFrame:
    """The table boundaries."""
    rows = [(boundary, *term) for boundary, terms in _BOUNDARIES.items() for term in terms]
    columns = ["boundary", "term", "factor", "emission_factor", "source", "quality"]
    return pd.DataFrame(rows, columns=columns).sort_values(columns[:2], ignore_index=True)
