"""Technologies, their costs and sources; with its siblings, the technology tables of the reference dataset.

Figures are re-typed facts with a source key each. Quality: A primary or faithful copy, B secondary (mid-point of a
published range), C weak, E estimate of this project; ``docs/recipes.md`` compares the outcome with published routes.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from . import technology_recipes, technology_routes
from .technology_recipes import JRC, MPP, OWN, WORLDSTEEL, every_five_years

# technology: name, stage, product, family, available from, capture rate, near zero, learning rate, cost steps, labour
_TECHNOLOGIES: dict[str, tuple[str, str, str, str, int, float, bool, float, str | None, float]] = {
    "COKE_OVEN": ("Coke oven battery", "auxiliary", "coke", "auxiliary", 1900, 0, False, 0, None, 0),
    "SINTER_PLANT": ("Sinter plant", "auxiliary", "sinter", "auxiliary", 1900, 0, False, 0, None, 0),
    "BF_PELLET_PLANT": ("Pellet plant (BF grade)", "auxiliary", "bf_pellet", "auxiliary", 1950, 0, False, 0, None, 0),
    "DR_PELLET_PLANT": ("Pellet plant (DR grade)", "auxiliary", "dr_pellet", "auxiliary", 1970, 0, False, 0, None, 0),
    "AIR_SEPARATION": ("Air separation", "auxiliary", "oxygen", "auxiliary", 1900, 0, False, 0, None, 0),
    "ROLLING": ("Casting and hot rolling", "auxiliary", "rolling", "auxiliary", 1900, 0, False, 0, None, 0),
    "BF": ("Blast furnace", "ironmaking", "hot_metal", "BF", 1900, 0, False, 0, "iron", 0.3),
    "BF_CCS": ("Blast furnace with CO2 capture", "ironmaking", "hot_metal", "BF", 2030, 0.70, False, 0, "iron", 0.3),
    "BF_BIO": ("Blast furnace with charcoal", "ironmaking", "hot_metal", "BF", 2025, 0, False, 0, "iron", 0.3),
    "SR": ("Smelting reduction (FINEX class)", "ironmaking", "hot_metal", "SR", 2000, 0, False, 0, "iron", 0.3),
    "SR_CCS": (
        "Smelting reduction (bath class) with CO2 capture",
        "ironmaking",
        "hot_metal",
        "SR",
        2030,
        0.90,
        True,
        0,
        "iron",
        0.3,
    ),
    "DRI_GAS": ("Gas DRI shaft furnace", "ironmaking", "hot_dri", "DRI", 1970, 0, False, 0, "iron", 0.2),
    "DRI_GAS_CCS": ("Gas DRI with CO2 capture", "ironmaking", "hot_dri", "DRI", 2028, 0.85, True, 0, "iron", 0.2),
    "DRI_H2": ("Hydrogen DRI shaft furnace", "ironmaking", "hot_dri_h2", "DRI", 2026, 0, True, 0.08, "iron", 0.2),
    "DRI_COAL": ("Coal DRI rotary kiln", "ironmaking", "dri_coal", "DRI", 1970, 0, False, 0, "iron", 0.3),
    "ESF_GAS": ("Gas DRI and electric smelter", "ironmaking", "hot_metal", "ESF", 2028, 0, False, 0.08, "iron", 0.3),
    "ESF_H2": ("Hydrogen DRI and electric smelter", "ironmaking", "hot_metal", "ESF", 2030, 0, True, 0.08, "iron", 0.3),
    "EW": ("Electrowinning", "ironmaking", "ew_iron", "EW", 2040, 0, True, 0, "iron", 0.3),
    "BOF": ("Basic oxygen furnace", "steelmaking", "crude_steel", "BOF", 1952, 0, False, 0, "bof", 0.7),
    "EAF": ("Electric arc furnace", "steelmaking", "crude_steel", "EAF", 1900, 0, False, 0, "eaf", 0.8),
    "IF": ("Induction furnace", "steelmaking", "crude_steel", "IF", 1950, 0, False, 0, "if", 0.6),
    # No new open hearths: the first year lies beyond any run.
    "OHF": ("Open hearth furnace", "steelmaking", "crude_steel", "OHF", 2100, 0, False, 0, "eaf", 0.8),
    "MOE": ("Molten oxide electrolysis", "steelmaking", "crude_steel", "MOE", 2040, 0, True, 0, "eaf", 0.8),
}

# Not yet built at scale: what is added in a year grows from almost nothing.
_NOVEL = {"BF_CCS", "BF_BIO", "SR", "SR_CCS", "DRI_GAS_CCS", "DRI_H2", "ESF_GAS", "ESF_H2", "EW", "MOE"}

# Induction furnaces cannot refine: China closed its own in 2017, and none are added here. New coal kilns appear only
# where they are common, and none after 2034, when India's taxonomy of green steel (2024) has taken hold.
# (technology, area, first year, last year)
_BANS = (
    ("DRI_COAL", "NOT Coal kiln countries", 2000, 2100),
    ("DRI_COAL", "WORLD", 2035, 2100),
    ("IF", "WORLD", 2000, 2100),
)

_SOURCED_TECHNOLOGIES = {"BF_CCS": MPP, "DRI_GAS_CCS": MPP, "DRI_H2": MPP, "SR_CCS": MPP, "MOE": MPP, "EW": MPP}

# Iron is split from MPP's whole routes; the learning rate is zero wherever the path already falls.
# technology: {year: capex}, {year: reline}, fixed OPEX, conversion beyond bill and labour
_COSTS: dict[str, tuple[dict[int, float], dict[int, float], float, float]] = {
    "BF": ({2025: 700}, {2025: 150}, 40, 6),
    "BF_CCS": ({2025: 886, 2030: 886, 2050: 838}, {2025: 200, 2030: 200, 2050: 187}, 65, 17),
    "BF_BIO": ({2025: 710}, {2025: 155}, 42, 7),
    "SR": ({2025: 750}, {2025: 190}, 42, 6),
    "SR_CCS": ({2025: 800, 2050: 700}, {2025: 200, 2050: 175}, 55, 14),
    "DRI_GAS": ({2025: 557}, {2025: 150}, 40, 5),
    "DRI_GAS_CCS": ({2025: 722, 2030: 701, 2040: 659, 2050: 618}, {2025: 191, 2030: 188, 2040: 177, 2050: 166}, 60, 9),
    "DRI_H2": ({2025: 557}, {2025: 150}, 40, 5),
    "DRI_COAL": ({2025: 300}, {2025: 80}, 20, 5),
    "ESF_GAS": ({2025: 680}, {2025: 165}, 55, 8),
    "ESF_H2": ({2025: 680}, {2025: 165}, 55, 8),
    "EW": ({2025: 650, 2030: 620, 2040: 570, 2050: 520}, {2025: 150}, 40, 5),
    "BOF": ({2025: 290}, {2025: 64}, 25, 8),
    "EAF": ({2025: 240}, {2025: 96}, 20, 10),  # fixed: the same share of investment as at the BOF
    "IF": ({2025: 120}, {2025: 40}, 12, 38),  # 30 of it: unrefined steel sells below converter and arc steel
    "OHF": ({2025: 250}, {2025: 60}, 25, 10),
    "MOE": ({2025: 802, 2030: 794, 2040: 774, 2050: 755}, {2025: 214, 2030: 212, 2040: 207, 2050: 202}, 50, 10),
}  # fmt: skip

_CAPEX_FROM_MPP = {"BF", "BF_CCS", "DRI_GAS", "DRI_GAS_CCS", "DRI_H2", "EAF", "BOF", "MOE", "ESF_GAS", "ESF_H2"}

_SOURCES: tuple[tuple[str, str, str, str, str, str], ...] = (
    (JRC, "Best Available Techniques (BAT) Reference Document for Iron and Steel Production",
     "European Commission, Joint Research Centre (Remus et al.)", "2013", "Public EU report; facts cited",
     "Mid-points of the published ranges of specific consumption per step, re-typed"),
    (WORLDSTEEL, "CO2 data collection user guide and fact sheets on raw materials and energy",
     "World Steel Association", "2024", "Published figures, cited",
     "Upstream factors are those of the guide's version 5.1 as listed in a public review of steel standards (2026): "
     "electricity 0.504 t per MWh, lime 0.950, electrodes 0.650, pellets 0.137 t per t; oxygen 0.355 t per kNm3 at "
     "0.504 t per MWh means 0.70 MWh per kNm3. Carbon contents (dry) as commonly quoted. Neither was checked against "
     "the current version 11"),
    ("ipcc-2006", "2006 IPCC Guidelines for National Greenhouse Gas Inventories, volumes 2 and 3",
     "Intergovernmental Panel on Climate Change", "2006", "Published figures, cited",
     "t C per GJ = kg CO2 per GJ / 1000 x 12/44; molar masses C 12, O 16"),
    (MPP, "Steel Transition Strategy and Steel Sector Transition Strategy Model (ST-STSM)",
     "Mission Possible Partnership", "2023", "Published figures, cited",
     "Investment by whole route, split here by step (BF 700 + BOF 290, DRI 557 + EAF 240); capture by difference"),
    ("message-ix-materials", "message-ix-models, materials module: steel",
     "International Institute for Applied Systems Analysis (IIASA)", "2024", "Apache-2.0",
     "Power of capture: 322 kWh per t hot metal for 0.78 t CO2; 0.34 GJ per t CO2 at gas DRI plus compression"),
    ("teri-2021", "Energy-efficient technology options for the direct reduction of iron process",
     "The Energy and Resources Institute (TERI)", "2021", "Published figures, cited",
     "Coal 16-22 GJ and 70 kWh per t of coal-based DRI; India's practice of charging sponge iron"),
    ("vogl-2018", "Assessment of hydrogen direct reduction for fossil-free steelmaking",
     "Vogl, Ahman and Nilsson, Journal of Cleaner Production 203", "2018", "Published figures, cited",
     "51 kg hydrogen per t; 55 kg used, inside the literature's 50-58"),
    ("midrex-process", "MIDREX process descriptions and World Direct Reduction Statistics",
     "Midrex Technologies", "2024", "Published figures, cited",
     "1.4-1.5 t pellets, 10-11 GJ gas and 100-120 kWh per t DRI"),
    ("iea-2020-roadmap", "Iron and Steel Technology Roadmap", "International Energy Agency", "2020",
     "Published definition, cited", "Direct emissions as a reporting boundary"),
    ("iso-14404", "ISO 14404: calculation method of CO2 emission intensity from iron and steel production",
     "International Organization for Standardization", "2013", "Published definition, cited",
     "Simplified: site emissions and grid power, without the standard's list of upstream credits"),
    ("eu-cbam-2023", "Regulation (EU) 2023/956 establishing a carbon border adjustment mechanism",
     "European Union", "2023", "Public law", "Direct emissions and precursors; no power for iron and steel"),
    (OWN, "Estimates and modelling choices of the steeliq developers", "The steeliq developers", "2026", "Apache-2.0",
     "Figures without a publishable source, and planning assumptions; explained in docs/recipes.md"),
)  # fmt: skip


def technologies() -> pd.DataFrame:
    """The table technologies."""
    rows = []
    for key, (name, stage, product, family, year, capture, near_zero, learning, steps, labour) in _TECHNOLOGIES.items():
        source = _SOURCED_TECHNOLOGIES.get(key, OWN)
        # A blast furnace cannot be throttled far; steel shops stop and start.
        load = 0.5 if stage == "ironmaking" else 0.0
        usable = 0.85 if key == "DRI_COAL" else 0.95  # kilns stop every few months to be cleared of accretions
        rows.append(
            (key, name, stage, product, family, year, 20, usable, load, capture, near_zero, key in _NOVEL,
             learning, steps, labour, source, "C" if source == MPP else "E")
        )  # fmt: skip
    columns = [
        "technology", "name", "stage", "product", "family", "available_from", "campaign", "availability",
        "minimum_load", "capture_rate", "near_zero", "novel", "learning_rate", "cost_steps", "labour_weight",
        "source", "quality",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).sort_values("technology", ignore_index=True)


def technology_costs() -> pd.DataFrame:
    """The table technology_costs, USD of 2024 per t/yr or t."""
    rows: list[tuple[str, str, int, float, str, str]] = []
    for technology, (capex, reline, fixed, conversion) in _COSTS.items():
        source, quality = (MPP, "C") if technology in _CAPEX_FROM_MPP else (OWN, "E")
        rows += [(technology, "capex", year, value, source, quality) for year, value in every_five_years(capex).items()]
        rows += [
            (technology, "reline", year, value, source, quality) for year, value in every_five_years(reline).items()
        ]
        rows.append((technology, "fixed_opex", 2025, fixed, OWN, "E"))
        rows.append((technology, "conversion", 2025, conversion, OWN, "E"))
    columns = ["technology", "item", "year", "value", "source", "quality"]
    return pd.DataFrame(rows, columns=columns).sort_values(columns[:3], ignore_index=True)


def technology_bans() -> pd.DataFrame:
    """The table technology_bans."""
    columns = ["technology", "area", "start", "end", "source", "quality"]
    return pd.DataFrame([(*ban, OWN, "E") for ban in _BANS], columns=columns)


def sources() -> pd.DataFrame:
    """Rows of the table sources that the tables of this module refer to."""
    columns = ["source", "title", "publisher", "year", "licence", "note"]
    return pd.DataFrame(_SOURCES, columns=columns).sort_values("source", ignore_index=True)


def tables(reference: Path) -> dict[str, pd.DataFrame]:
    """All technology tables of the reference dataset.

    ``reference`` is not read: the figures are typed in, because their files may not be passed on.
    """
    del reference
    return {
        "commodities": technology_recipes.commodities(),
        "technologies": technologies(),
        "technology_costs": technology_costs(),
        "technology_bans": technology_bans(),
        "recipes": technology_recipes.recipes(),
        "bill_of_materials": technology_recipes.bill_of_materials(),
        "charge_groups": technology_routes.charge_groups(),
        "charge_limits": technology_routes.charge_limits(),
        "routes": technology_routes.routes(),
        "route_options": technology_routes.route_options(),
        "transitions": technology_routes.transitions(),
        "cost_steps": technology_routes.cost_steps(),
        "boundaries": technology_routes.boundaries(),
        "sources": sources(),
    }
