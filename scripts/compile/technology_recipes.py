"""Commodities and step recipes of the reference dataset, re-typed from published figures.

Conventions. Masses are dry. Carbon contents follow worldsteel's CO2 data collection method (dry basis) for solid fuels
and products, and the IPCC 2006 factors for gas and for coal counted in GJ: a rate and a content from different
conventions would under-count a BF-BOF route by about 0.15 t CO2 per tonne. The charge of a step is solved from its
iron, (iron in product and by-products) / (1 - loss) / (iron in a tonne of charge), so that every step closes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

CO2_PER_CARBON = 44 / 12
COAL_CARBON = 94.6e-3 / CO2_PER_CARBON
GAS_CARBON = 56.1e-3 / CO2_PER_CARBON
CHARCOAL_CARBON = 29.5 * 112.0e-3 / CO2_PER_CARBON

OWN = "technology-estimates"
JRC = "jrc-bref-2013"
WORLDSTEEL = "worldsteel-co2-method"
IPCC = "ipcc-2006"
MPP = "mpp-st-stsm-2023-routes"


COMMODITY_COLUMNS = (
    "commodity", "name", "unit", "kind", "iron", "carbon", "biogenic", "cold_twin", "metallic", "upstream", "duty_base",
    "transport", "source", "quality",
)  # fmt: skip

# name, unit, kind, iron, carbon, upstream, source, quality; twins, transport and flags are set below.
_COMMODITIES: dict[str, tuple[str, str, str, float, float, float, str, str]] = {
    "iron_ore": ("Iron ore (62 % Fe fines basis)", "t", "hub", 0.62, 0, 0.015, OWN, "E"),
    "dr_ore": ("DR-grade ore (68 % Fe)", "t", "hub", 0.68, 0, 0.030, OWN, "E"),
    "scrap": ("Scrap", "t", "hub", 0.955, 0.002, 0.010, OWN, "E"),
    "pig_iron": ("Pig iron", "t", "hub", 0.945, 0.045, 0, JRC, "B"),
    "hot_metal": ("Hot metal", "t", "hot", 0.945, 0.045, 0, JRC, "B"),
    "dri": ("DRI and HBI (gas-based)", "t", "hub", 0.92, 0.02, 0, WORLDSTEEL, "C"),
    "hot_dri": ("Hot DRI (gas-based)", "t", "hot", 0.92, 0.02, 0, WORLDSTEEL, "C"),
    "dri_h2": ("DRI and HBI (hydrogen)", "t", "hub", 0.94, 0, 0, "vogl-2018", "B"),
    "hot_dri_h2": ("Hot DRI (hydrogen)", "t", "hot", 0.94, 0, 0, "vogl-2018", "B"),
    "dri_coal": ("DRI (coal kiln)", "t", "hub", 0.90, 0.002, 0, "teri-2021", "B"),
    "ew_iron": ("Electrowon iron", "t", "hub", 0.98, 0, 0, OWN, "E"),
    "crude_steel": ("Crude steel", "t", "hub", 0.985, 0.002, 0, OWN, "E"),
    "coking_coal": ("Coking coal", "t", "bought", 0, 0.835, 0.25, WORLDSTEEL, "C"),
    "pci_coal": ("Injection coal (PCI)", "t", "bought", 0, 0.806, 0.20, WORLDSTEEL, "C"),
    "eaf_coal": ("Charge and foaming coal", "t", "bought", 0, 0.870, 0.20, OWN, "E"),
    "thermal_coal": ("Thermal coal", "GJ", "bought", 0, COAL_CARBON, 0.005, IPCC, "A"),
    "natural_gas": ("Natural gas", "GJ", "bought", 0, GAS_CARBON, 0.012, IPCC, "A"),
    "electricity": ("Electricity", "MWh", "bought", 0, 0, 0, OWN, "A"),
    "hydrogen": ("Hydrogen", "t", "bought", 0, 0, 1.0, OWN, "E"),
    "charcoal": ("Charcoal", "t", "bought", 0, CHARCOAL_CARBON, 0.30, IPCC, "A"),
    "lime": ("Burnt lime", "t", "bought", 0, 0, 0.95, WORLDSTEEL, "B"),
    "limestone": ("Limestone", "t", "bought", 0, 0.120, 0.010, IPCC, "A"),
    "dolomite": ("Dolomite", "t", "bought", 0, 0.130, 0.010, IPCC, "A"),
    "electrodes": ("Graphite electrodes", "t", "bought", 0, 1.0, 0.65, WORLDSTEEL, "B"),
    "ferro_alloys": ("Ferro-alloys", "t", "bought", 0, 0, 2.0, OWN, "E"),
    "co2_storage": ("CO2 transport and storage", "t", "bought", 0, 0, 0, OWN, "E"),
    "tar": ("Coal tar", "t", "bought", 0, 0.90, 0, OWN, "E"),
    "btx": ("Benzole (BTX)", "t", "bought", 0, 0.92, 0, OWN, "E"),
    "coke": ("Coke", "t", "internal", 0, 0.889, 0, WORLDSTEEL, "C"),
    "sinter": ("Sinter", "t", "internal", 0.57, 0, 0, JRC, "B"),
    "bf_pellet": ("BF pellet", "t", "internal", 0.645, 0, 0, JRC, "B"),
    "dr_pellet": ("DR pellet", "t", "internal", 0.67, 0, 0, JRC, "B"),
    "oxygen": ("Oxygen", "kNm3", "internal", 0, 0, 0, OWN, "E"),
    "rolling": ("Casting and hot rolling of a tonne", "t", "internal", 0, 0, 0, OWN, "E"),
    "slag": ("Slag", "t", "waste", 0, 0, 0, JRC, "B"),
    "bf_dust": ("Blast furnace dust and sludge", "t", "waste", 0.35, 0.30, 0, JRC, "B"),
    "kiln_char": ("Kiln char", "t", "waste", 0, 0.35, 0, "teri-2021", "B"),
}  # fmt: skip

_TWINS = {"hot_metal": "pig_iron", "hot_dri": "dri", "hot_dri_h2": "dri_h2"}
_METALLIC = {"scrap", "pig_iron", "hot_metal", "dri", "hot_dri", "dri_h2", "hot_dri_h2", "dri_coal", "ew_iron"}
_TRANSPORT = {
    "iron_ore": "ore", "dr_ore": "ore", "scrap": "scrap", "crude_steel": "steel",
    "pig_iron": "iron", "dri": "iron", "dri_h2": "iron", "dri_coal": "iron", "ew_iron": "iron",
}  # fmt: skip

# Value on which ad valorem duties are levied: a stated price, because the programme's own dual would be circular.
_DUTY_BASE = {
    "crude_steel": 500, "pig_iron": 400, "dri": 370, "dri_h2": 370, "dri_coal": 330, "ew_iron": 400, "scrap": 340,
    "iron_ore": 100, "dr_ore": 125,
}  # fmt: skip


def every_five_years(points: Mapping[int, float]) -> dict[int, float]:
    """The points with the straight line between them written out every five years: a series may have no wide gaps."""
    known = sorted(points)
    years = sorted({*known, *range(known[0] - known[0] % 5 + 5, known[-1], 5)})
    return {year: round(float(np.interp(year, known, [points[y] for y in known])), 6) for year in years}


def commodities() -> pd.DataFrame:
    """The table commodities."""
    rows = [
        (
            key, name, unit, kind, iron, carbon, key == "charcoal", _TWINS.get(key), key in _METALLIC, upstream,
            _DUTY_BASE.get(key, 0), _TRANSPORT.get(key), source, quality,
        )
        for key, (name, unit, kind, iron, carbon, upstream, source, quality) in _COMMODITIES.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COMMODITY_COLUMNS)).sort_values("commodity", ignore_index=True)


@dataclass(frozen=True, slots=True)
class Step:
    """A recipe before its charge is solved.

    burden: relative masses of the iron-bearing charge; inputs, outputs: units per unit of product (without burden and
    product). ``estimated`` names the items chosen by this project: their rows carry its own source and quality E.
    """

    technology: str
    option: str
    name: str
    product: str
    source: str
    quality: str
    loss: float
    burden: Mapping[str, float]
    inputs: Mapping[str, float]
    outputs: Mapping[str, float]
    estimated: frozenset[str] = frozenset()


def _iron(commodity: str) -> float:
    return _COMMODITIES[commodity][3]


def _carbon(commodity: str) -> float:
    return _COMMODITIES[commodity][4]


def burden_of(step: Step) -> dict[str, float]:
    """Tonnes of each charge per tonne of product, from the iron balance."""
    if not step.burden:
        return {}
    out = _iron(step.product) + sum(amount * _iron(item) for item, amount in step.outputs.items())
    per_tonne = sum(share * _iron(item) for item, share in step.burden.items())
    scale = out / (1.0 - step.loss) / per_tonne
    return {item: share * scale for item, share in step.burden.items()}


def co2_of(step: Step) -> float:
    """CO2 in t per unit of product: the carbon that the step's lists leave unexplained."""
    fed = sum(amount * _carbon(item) for item, amount in (burden_of(step) | dict(step.inputs)).items())
    left = _carbon(step.product) + sum(amount * _carbon(item) for item, amount in step.outputs.items())
    return (fed - left) * CO2_PER_CARBON


_BURDEN = {"sinter": 0.72, "bf_pellet": 0.15, "iron_ore": 0.13}
_BF = {
    "coke": 0.400, "pci_coal": 0.150, "limestone": 0.010, "oxygen": 0.050, "electricity": 0.100, "thermal_coal": 1.2,
}  # fmt: skip
_BF_OUT = {"slag": 0.300, "bf_dust": 0.012, "electricity": 0.350}
_BF_TUNED = frozenset({"coke", "pci_coal", "thermal_coal", "electricity", "oxygen"})


def _auxiliaries() -> list[Step]:
    return [
        Step("COKE_OVEN", "standard", "Coke oven battery", "coke", JRC, "B", 0, {},
             {"coking_coal": 1.280, "electricity": 0.040}, {"tar": 0.038, "btx": 0.010}),
        Step("SINTER_PLANT", "standard", "Sinter plant", "sinter", JRC, "B", 0.003, {"iron_ore": 1},
             {"coke": 0.050, "limestone": 0.120, "dolomite": 0.045, "electricity": 0.035}, {}),
        Step("BF_PELLET_PLANT", "standard", "Pellet plant (BF grade)", "bf_pellet", JRC, "B", 0.003, {"iron_ore": 1},
             {"natural_gas": 0.75, "limestone": 0.015, "electricity": 0.040}, {}),
        Step("DR_PELLET_PLANT", "standard", "Pellet plant (DR grade)", "dr_pellet", JRC, "B", 0.003, {"dr_ore": 1},
             {"natural_gas": 0.85, "limestone": 0.010, "electricity": 0.045}, {}),
        Step("AIR_SEPARATION", "standard", "Air separation", "oxygen", WORLDSTEEL, "B", 0, {},
             {"electricity": 0.70}, {}),
        Step("ROLLING", "standard", "Casting and hot rolling", "rolling", JRC, "B", 0, {},
             {"natural_gas": 1.2, "electricity": 0.130}, {}),
    ]  # fmt: skip


def _iron_steps() -> list[Step]:
    furnace = Step("BF", "standard", "Blast furnace", "hot_metal", JRC, "B", 0.0036, _BURDEN, _BF, _BF_OUT, _BF_TUNED)
    # Capture: 0.41 MWh per t CO2 (solvent or VPSA and compression); its steam takes most of the off-gas power.
    captured = 0.70 * co2_of(furnace)
    capture = _BF | {"electricity": 0.100 + 0.41 * captured}
    # The same carbon as 150 kg of injection coal.
    charcoal = {item: amount for item, amount in _BF.items() if item != "pci_coal"}
    charcoal |= {"charcoal": round(0.150 * _carbon("pci_coal") / CHARCOAL_CARBON, 4)}
    # Plants of today (fluidised beds and melter-gasifier) burn far more coal than bath smelting promises.
    gasifier = {"pci_coal": 0.72, "oxygen": 0.55, "limestone": 0.08, "electricity": 0.090}
    smelter = {"thermal_coal": 14.8, "oxygen": 0.55, "limestone": 0.08, "electricity": 0.080}
    bath = Step("SR_CCS", "standard", "Bath smelting", "hot_metal", OWN, "E", 0.02, {"iron_ore": 1},
                smelter, {"slag": 0.25})  # fmt: skip
    shaft_gas = {"natural_gas": 10.3, "electricity": 0.110}
    caught = {"natural_gas": 11.1, "electricity": 0.110}
    gas = Step(
        "DRI_GAS_CCS", "standard", "Gas DRI with capture", "hot_dri", OWN, "E", 0.015, {"dr_pellet": 1}, caught, {}
    )
    melt = {"lime": 0.060, "electrodes": 0.003}
    return [
        furnace,
        Step("BF_CCS", "standard", "Blast furnace with CO2 capture", "hot_metal", "message-ix-materials", "C", 0.0036,
             _BURDEN, capture, _BF_OUT | {"electricity": 0.150}, _BF_TUNED),
        Step("BF_BIO", "standard", "Blast furnace with charcoal injection", "hot_metal", MPP, "C", 0.0036, _BURDEN,
             charcoal, _BF_OUT, _BF_TUNED | {"charcoal"}),
        Step("SR", "standard", "Smelting reduction", "hot_metal", OWN, "E", 0.02, {"iron_ore": 1}, gasifier,
             {"slag": 0.25, "electricity": 0.25}),
        Step("SR_CCS", "standard", "Smelting reduction with CO2 capture", "hot_metal", OWN, "E", 0.02, {"iron_ore": 1},
             smelter | {"electricity": 0.080 + 0.25 * 0.90 * co2_of(bath)}, {"slag": 0.25}),
        Step("DRI_GAS", "standard", "Shaft furnace on natural gas", "hot_dri", "midrex-process", "B", 0.015,
             {"dr_pellet": 1}, shaft_gas, {}),
        *(
            Step("DRI_GAS", f"h2_blend_{share}", f"Shaft furnace, {share} % of the gas replaced by hydrogen", "hot_dri",
                 OWN, "E", 0.015, {"dr_pellet": 1},
                 {"natural_gas": 10.3 * (1 - share / 100), "hydrogen": 0.055 * share / 100,
                  "electricity": 0.110 + 0.140 * share / 100}, {})
            for share in (30, 60)
        ),
        Step("DRI_GAS_CCS", "standard", "Gas DRI with CO2 capture", "hot_dri", "message-ix-materials", "C", 0.015,
             {"dr_pellet": 1}, caught | {"electricity": 0.110 + 0.20 * 0.85 * co2_of(gas)}, {},
             frozenset({"natural_gas", "electricity"})),
        Step("DRI_H2", "standard", "Shaft furnace on hydrogen", "hot_dri_h2", "vogl-2018", "B", 0.015, {"dr_pellet": 1},
             {"hydrogen": 0.055, "electricity": 0.250}, {}, frozenset({"electricity"})),
        Step("DRI_COAL", "standard", "Rotary kiln on coal", "dri_coal", "teri-2021", "B", 0.03, {"iron_ore": 1},
             {"thermal_coal": 20.0, "electricity": 0.070}, {"kiln_char": 0.20}),
        Step("ESF_GAS", "standard", "Gas DRI with electric smelting furnace", "hot_metal", MPP, "C", 0.04,
             {"bf_pellet": 1}, {"natural_gas": 10.6, "electricity": 0.660, "eaf_coal": 0.040, **melt}, {"slag": 0.30},
             frozenset({"electricity", "eaf_coal", "lime", "electrodes", "slag"})),
        Step("ESF_H2", "standard", "Hydrogen DRI with electric smelting furnace", "hot_metal", OWN, "E", 0.04,
             {"bf_pellet": 1}, {"hydrogen": 0.055, "electricity": 0.830, "eaf_coal": 0.065, **melt}, {"slag": 0.30}),
        Step("EW", "standard", "Electrowinning", "ew_iron", MPP, "C", 0.03, {"iron_ore": 1},
             {"electricity": 3.0, "lime": 0.02}, {"slag": 0.08}, frozenset({"electricity", "lime", "slag"})),
    ]  # fmt: skip


def _steel(
    technology: str, charge: str, name: str, loss: float, inputs: Mapping[str, float],
    outputs: Mapping[str, float] | None = None, source: str = JRC, quality: str = "B",
    estimated: frozenset[str] = frozenset(),
) -> Step:  # fmt: skip
    """A steelmaking option: one pure charge, with alloys and casting and rolling on top."""
    common = {"ferro_alloys": 0.010, "rolling": 1.0}
    return Step(technology, charge, name, "crude_steel", source, quality, loss, {charge: 1}, {**inputs, **common},
                outputs or {}, estimated | {"ferro_alloys"})  # fmt: skip


def _steel_steps() -> list[Step]:
    bof = {"oxygen": 0.054, "electricity": 0.035}
    hot = {"slag": 0.11, "electricity": 0.060}
    gas_credit = frozenset({"electricity"})
    eaf = {"natural_gas": 0.2, "lime": 0.055, "oxygen": 0.035, "electrodes": 0.0020}
    pig = {"oxygen": 0.045, "lime": 0.050, "electrodes": 0.0020}
    eaf_options = (
        (
            "scrap",
            "scrap",
            0.05,
            {**eaf, "natural_gas": 0.25, "lime": 0.045, "electricity": 0.48, "eaf_coal": 0.020},
            JRC,
        ),
        ("dri", "cold DRI", 0.065, {**eaf, "electricity": 0.600, "eaf_coal": 0.008}, JRC),
        ("hot_dri", "hot DRI", 0.065, {**eaf, "electricity": 0.480, "eaf_coal": 0.008}, JRC),
        ("dri_h2", "cold hydrogen DRI", 0.065, {**eaf, "electricity": 0.640, "eaf_coal": 0.020}, OWN),
        ("hot_dri_h2", "hot hydrogen DRI", 0.065, {**eaf, "electricity": 0.520, "eaf_coal": 0.020}, OWN),
        ("dri_coal", "coal DRI", 0.075, {**eaf, "electricity": 0.650, "eaf_coal": 0.008}, OWN),
        ("pig_iron", "pig iron", 0.035, {**pig, "electricity": 0.380}, OWN),
        ("hot_metal", "hot metal", 0.035, {**pig, "electricity": 0.260}, OWN),
        ("ew_iron", "electrowon iron", 0.05, {**eaf, "electricity": 0.500, "eaf_coal": 0.020}, OWN),
    )
    return [
        _steel("BOF", "hot_metal", "BOF, hot metal", 0.028, bof | {"lime": 0.050}, hot, estimated=gas_credit),
        _steel("BOF", "pig_iron", "BOF, cold pig iron", 0.028, bof | {"lime": 0.050}, hot, estimated=gas_credit),
        _steel("BOF", "scrap", "BOF, scrap as coolant", 0.028, bof | {"lime": 0.030}),
        _steel("BOF", "dri", "BOF, DRI as coolant", 0.035, bof | {"lime": 0.040}, source=OWN, quality="E"),
        _steel("BOF", "dri_h2", "BOF, hydrogen DRI as coolant", 0.035, bof | {"lime": 0.040, "eaf_coal": 0.003},
               source=OWN, quality="E"),
        *(
            _steel("EAF", charge, f"EAF, {label}", loss, inputs, {"slag": 0.12}, source, "E" if source == OWN else "B",
                   frozenset({"eaf_coal"}))
            for charge, label, loss, inputs, source in eaf_options
        ),
        _steel("IF", "scrap", "Induction furnace, scrap", 0.04, {"electricity": 0.580}, source=OWN, quality="E"),
        _steel("IF", "dri_coal", "Induction furnace, coal DRI", 0.08, {"electricity": 0.720, "eaf_coal": 0.001},
               source=OWN, quality="E"),
        _steel("IF", "dri", "Induction furnace, DRI", 0.08, {"electricity": 0.700}, source=OWN, quality="E"),
        _steel("IF", "pig_iron", "Induction furnace, pig iron", 0.035, {"electricity": 0.600}, source=OWN, quality="E"),
        _steel("OHF", "hot_metal", "Open hearth, hot metal", 0.035, {"natural_gas": 2.5, "lime": 0.05},
               source=OWN, quality="E"),
        _steel("OHF", "pig_iron", "Open hearth, pig iron", 0.035, {"natural_gas": 3.2, "lime": 0.05},
               source=OWN, quality="E"),
        _steel("OHF", "scrap", "Open hearth, scrap", 0.035, {"natural_gas": 4.0, "lime": 0.05},
               source=OWN, quality="E"),
        Step("MOE", "standard", "Molten oxide electrolysis", "crude_steel", MPP, "C", 0.03, {"iron_ore": 1},
             {"electricity": 4.0, "lime": 0.02, "eaf_coal": 0.0025, "ferro_alloys": 0.010, "rolling": 1.0},
             {"slag": 0.10}, frozenset({"electricity", "lime", "eaf_coal", "ferro_alloys", "slag"})),
    ]  # fmt: skip


def steps() -> list[Step]:
    """Every recipe of the reference dataset."""
    return _auxiliaries() + _iron_steps() + _steel_steps()


def recipes() -> pd.DataFrame:
    """The table recipes."""
    rows = [(step.technology, step.option, step.name, step.loss, step.source, step.quality) for step in steps()]
    columns = ["technology", "option", "name", "iron_loss", "source", "quality"]
    return pd.DataFrame(rows, columns=columns).sort_values(["technology", "option"], ignore_index=True)


def bill_of_materials() -> pd.DataFrame:
    """The table bill_of_materials: solved charges, other inputs, the product and by-products."""
    rows: list[tuple[str, str, str, str, float, str, str]] = []
    for step in steps():
        charge = burden_of(step)
        entries = [(item, "input", amount) for item, amount in charge.items()]
        entries += [(item, "input", amount) for item, amount in step.inputs.items()]
        entries += [(step.product, "output", 1.0)]
        entries += [(item, "output", amount) for item, amount in step.outputs.items()]
        for item, direction, amount in entries:
            own = item in step.estimated
            source, quality = (OWN, "E") if own else (step.source, step.quality)
            rows.append((step.technology, step.option, item, direction, round(amount, 10), source, quality))
    columns = ["technology", "option", "commodity", "direction", "amount", "source", "quality"]
    return pd.DataFrame(rows, columns=columns).sort_values(columns[:4], ignore_index=True)
