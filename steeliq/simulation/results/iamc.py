"""The run in the format of the integrated assessment community: Model, Scenario, Region, Variable, Unit, years.

Variable names follow the community's common definitions (IAMconsortium/common-definitions); what they have no name
for carries the prefix ``steeliq|``. Choices that a reader must know:

- *primary* and *secondary* steel (ISO IWA 19): each technology's crude steel is split by the share of its charged
  iron that came as scrap, in a basic oxygen furnace as well as in an electric arc furnace;
- *sponge iron* is all direct reduced iron, hot, cold or briquetted; *pig iron* includes hot metal;
- final energy is what the works buy minus what they sell, coking coal included, at net calorific value;
- common price variables are in USD of 2010 per Mt; ours in USD of 2024 per t are given as well;
- regions: World, the model's own regions as ``steeliq|<region>``, countries by name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from steeliq.atomic import write_text_atomically
from steeliq.simulation.results.harmless import harmless_frame
from steeliq.simulation.results.labels import Labels, read_labels
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.tables import read_table

DEFLATOR_2010: Final = 0.712
"""USD of 2010 per USD of 2024: GDP price index of the United States (BEA, NIPA table 1.1.9), 89.2 / 125.2."""

HEATING_VALUES: Final = {
    "coking_coal": 28.2,
    "pci_coal": 25.8,
    "eaf_coal": 26.7,
    "thermal_coal": 25.8,
    "charcoal": 29.5,
    "tar": 28.0,
    "btx": 40.2,
    "hydrogen": 120.0,
}
"""Net calorific value, GJ/t, of commodities counted in tonnes: IPCC 2006, volume 2, table 1.2; hydrogen: 120."""

CARRIERS: Final = {
    "electricity": "Electricity",
    "natural_gas": "Gases",
    "hydrogen": "Hydrogen",
    "coking_coal": "Solids|Coal",
    "pci_coal": "Solids|Coal",
    "eaf_coal": "Solids|Coal",
    "thermal_coal": "Solids|Coal",
    "charcoal": "Solids|Biomass",
    "tar": "Liquids",
    "btx": "Liquids",
}
"""Secondary energy carrier of each bought commodity that is energy; the others are materials."""

IRON_PRODUCTS: Final = {
    "hot_metal": "Pig Iron",
    "pig_iron": "Pig Iron",
    "hot_dri": "Sponge Iron",
    "hot_dri_h2": "Sponge Iron",
    "ew_iron": "Sponge Iron",
    "dri": "Sponge Iron",
    "dri_h2": "Sponge Iron",
    "dri_coal": "Sponge Iron",
}

COUNTRY_NAMES: Final = {
    "BOL": "Bolivia",
    "BRN": "Brunei",
    "CIV": "Côte d'Ivoire",
    "COD": "Democratic Republic of the Congo",
    "CZE": "Czech Republic",
    "GBR": "United Kingdom",
    "IRN": "Iran",
    "KOR": "South Korea",
    "LAO": "Laos",
    "MDA": "Moldova",
    "MKD": "North Macedonia",
    "PRK": "North Korea",
    "RUS": "Russia",
    "SYR": "Syria",
    "TUR": "Turkey",
    "TWN": "Taiwan",
    "TZA": "Tanzania",
    "USA": "United States",
    "VEN": "Venezuela",
    "VNM": "Vietnam",
    "XKX": "Kosovo",
}
"""Names of the community's country list where they differ from the English short names of ISO 3166."""

STEEL: Final = "Production|Iron and Steel|Steel"
ENERGY: Final = "Final Energy|Industry|Iron and Steel"
COLUMNS: Final = ["year", "country", "variable", "unit", "value"]


def to_iamc(run_dir: Path, out: Path) -> Path:
    """Write the run as an IAMC table to the CSV file ``out`` and return it; ``RunError`` if there is no run."""
    frame = harmless_frame(iamc_frame(run_dir))
    write_text_atomically(out, frame.to_csv(index=False, lineterminator="\n", float_format="%.10g"))
    return out


def iamc_frame(run_dir: Path) -> pd.DataFrame:
    """Model, Scenario, Region, Variable, Unit and one column per year; absent values are empty."""
    document = read_run_json(run_dir)
    labels = read_labels(run_dir)
    by_region = _without_dust(_regions(_quantities(run_dir, labels), labels))
    values = pd.concat([by_region, _ratios(by_region), _prices(run_dir, labels)], ignore_index=True)
    wide = values.pivot_table(index=["region", "variable", "unit"], columns="year", values="value", sort=True)
    wide = wide.reset_index().rename(columns={"region": "Region", "variable": "Variable", "unit": "Unit"})
    wide.columns = [str(column) for column in wide.columns]
    wide.insert(0, "Model", f"steeliq {document['code']['version']}".strip())
    wide.insert(1, "Scenario", scenario_name(document))
    return wide


def scenario_name(document: dict[str, Any]) -> str:
    """Name of the scenario of a run.json document."""
    return str(document.get("scenario", {}).get("name") or "unnamed")


def _rows(frame: pd.DataFrame, variable: pd.Series[Any] | str, unit: str, value: pd.Series[Any]) -> pd.DataFrame:
    rows = frame[["year", "country"]].assign(variable=variable, unit=unit, value=value)
    return rows.loc[rows["variable"] != ""]


def _quantities(run_dir: Path, labels: Labels) -> pd.DataFrame:
    """Additive variables by country: year, country, variable, unit, value."""
    parts = [*_production(run_dir, labels), *_materials(run_dir), *_emissions(run_dir), *_energy(run_dir)]
    parts += [*_capacity(run_dir), *_demand(run_dir), *_investment(run_dir)]
    rows = pd.concat([part[COLUMNS] for part in parts], ignore_index=True)
    return rows.groupby(COLUMNS[:-1])["value"].sum().reset_index()


def _without_dust(values: pd.DataFrame) -> pd.DataFrame:
    """Rows whose rounding residue (net exports of the world) is exactly zero."""
    return values.assign(value=values["value"].where(values["value"].abs() > 1e-12, 0.0))


def _scrap_share(run_dir: Path, labels: Labels) -> pd.DataFrame:
    """Share of charged iron that is scrap, by year, country and technology."""
    iron = labels.numbers("commodities", "commodity", "iron")
    charges = read_table(run_dir, "charges")
    charges["iron"] = charges["amount"] * charges["commodity"].map(lambda key: iron.get(key, 1.0))
    charges["scrap"] = charges["iron"].where(charges["commodity"] == "scrap", 0.0)
    share = charges.groupby(["year", "country", "technology"], as_index=False)[["iron", "scrap"]].sum()
    share["share"] = np.where(share["iron"] > 0, share["scrap"] / share["iron"].where(share["iron"] > 0, 1.0), 0.0)
    return share[["year", "country", "technology", "share"]]


def _production(run_dir: Path, labels: Labels) -> list[pd.DataFrame]:
    by = ["year", "country", "technology", "product"]
    made = read_table(run_dir, "production").groupby(by, as_index=False)["production"].sum()
    made = made.merge(_scrap_share(run_dir, labels), on=by[:3], how="left").fillna({"share": 0.0})
    million = made["production"] / 1e6
    steel = made["product"] == "crude_steel"
    iron = made["product"].map(IRON_PRODUCTS).fillna("")
    return [
        _rows(made[steel], STEEL, "Mt/yr", million[steel]),
        _rows(made[steel], f"{STEEL}|Primary", "Mt/yr", (million * (1.0 - made["share"]))[steel]),
        _rows(made[steel], f"{STEEL}|Secondary", "Mt/yr", (million * made["share"])[steel]),
        _rows(made, ("Production|Iron and Steel|Iron|" + iron).where(iron != "", ""), "Mt/yr", million),
        _rows(made[iron != ""], "Production|Iron and Steel|Iron", "Mt/yr", million[iron != ""]),
        _rows(made, "steeliq|Production|" + made["technology"], "Mt/yr", million),
    ]


def _materials(run_dir: Path) -> list[pd.DataFrame]:
    supply = read_table(run_dir, "supply")
    scrap = supply["commodity"] == "scrap"
    million, available = supply["amount"] / 1e6, supply["available"] / 1e6
    return [
        _rows(supply[scrap], "Collected Scrap|Iron and Steel|Steel", "Mt/yr", million[scrap]),
        _rows(supply[scrap], "steeliq|Scrap Supply", "Mt/yr", available[scrap]),
        _rows(supply[~scrap], "Production|Iron and Steel|Iron Ore", "Mt/yr", million[~scrap]),
    ]


def _emissions(run_dir: Path) -> list[pd.DataFrame]:
    emissions = read_table(run_dir, "emissions")
    unit = "Mt CO2/yr"
    names = {
        "scope1": "Emissions|CO2|Energy and Industrial Processes|Iron and Steel",
        "scope2": "steeliq|Emissions|CO2|Scope 2",
        "scope3": "steeliq|Emissions|CO2|Scope 3",
        "biogenic": "steeliq|Emissions|CO2|Biogenic",
        "captured": "Carbon Capture|Industry|Iron and Steel",
    }
    rows = [_rows(emissions, name, unit, emissions[column] / 1e6) for column, name in names.items()]
    technology = "steeliq|Emissions|CO2|Scope 1|" + emissions["technology"]
    return [*rows, _rows(emissions, technology, unit, emissions["scope1"] / 1e6)]


def exajoules(energy: pd.DataFrame) -> pd.Series[Any]:
    """Energy content, EJ, of the rows of the energy table (columns commodity, unit, amount); NaN for materials."""
    per_unit = energy["unit"].map({"GJ": 1.0, "MWh": 3.6}).astype("float64")
    per_tonne = energy["commodity"].map(HEATING_VALUES).astype("float64")
    factor = per_unit.where(per_unit.notna(), per_tonne).where(energy["commodity"].isin(list(CARRIERS)))
    return energy["amount"] * factor / 1e9


def _energy(run_dir: Path) -> list[pd.DataFrame]:
    energy = read_table(run_dir, "energy")
    energy["value"] = exajoules(energy)
    energy = energy[energy["value"].notna()]
    carrier = f"{ENERGY}|" + energy["commodity"].map(CARRIERS)
    solid = energy[carrier.str.startswith(f"{ENERGY}|Solids|")]
    return [
        _rows(energy, ENERGY, "EJ/yr", energy["value"]),
        _rows(energy, carrier, "EJ/yr", energy["value"]),
        _rows(solid, f"{ENERGY}|Solids", "EJ/yr", solid["value"]),
    ]


def _capacity(run_dir: Path) -> list[pd.DataFrame]:
    capacity = read_table(run_dir, "capacity")
    parts = {"opening": "Capacity", "opened": "Capacity Additions", "closed": "Capacity Retirements"}
    return [
        _rows(
            capacity,
            f"steeliq|{name}|" + capacity["technology"],
            "Mt/yr",
            (capacity["opening"] + capacity["opened"] if column == "opening" else capacity[column]) / 1e6,
        )
        for column, name in parts.items()
    ]


def _demand(run_dir: Path) -> list[pd.DataFrame]:
    demand, flows = read_table(run_dir, "demand"), read_table(run_dir, "flows")
    abroad = flows[(flows["commodity"] == "crude_steel") & (flows["origin"] != flows["destination"])]
    sold, bought = abroad.assign(country=abroad["origin"]), abroad.assign(country=abroad["destination"])
    return [
        _rows(demand, "Demand|Iron and Steel|Steel", "Mt/yr", demand["demand"] / 1e6),
        _rows(demand, "steeliq|Unmet Demand|Steel", "Mt/yr", demand["unmet"] / 1e6),
        _rows(sold, "steeliq|Net Exports|Steel", "Mt/yr", sold["amount"] / 1e6),
        _rows(bought, "steeliq|Net Exports|Steel", "Mt/yr", -bought["amount"] / 1e6),
    ]


def _investment(run_dir: Path) -> list[pd.DataFrame]:
    decisions = read_table(run_dir, "decisions")
    return [_rows(decisions, "steeliq|Investment", "billion USD_2024/yr", decisions["investment"] / 1e9)]


def _regions(rows: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Countries, model regions and World: year, region, variable, unit, value."""
    by = ["year", "region", "variable", "unit"]
    region = rows["country"].map(labels.column("countries", "country", "region"))
    named = rows.assign(region=country_names(rows["country"], labels))
    regional = rows.assign(region=("steeliq|" + region)).dropna(subset=["region"])
    world = rows.assign(region="World")
    together: pd.DataFrame = pd.concat([world, regional, named], ignore_index=True)
    return together.groupby(by)["value"].sum().reset_index()


def country_names(codes: pd.Series[Any], labels: Labels) -> pd.Series[Any]:
    """Country names of the community's list for ISO codes."""
    known = labels.names("countries", "country") | COUNTRY_NAMES
    return codes.map(lambda code: known.get(code, code))


def _ratios(rows: pd.DataFrame) -> pd.DataFrame:
    """Emission intensity of every region that makes steel, Mt CO2 per Mt crude steel, scope 1."""
    keys = ["year", "region"]
    steel = rows[rows["variable"] == STEEL].set_index(keys)["value"]
    scope1 = rows[rows["variable"] == "Emissions|CO2|Energy and Industrial Processes|Iron and Steel"]
    intensity: pd.Series[float] = (scope1.set_index(keys)["value"] / steel.where(steel > 0)).dropna()
    name = "Emission Intensity|CO2|Energy and Industrial Processes|Iron and Steel"
    frame = pd.DataFrame({"value": intensity}).reset_index()
    return frame.assign(variable=name, unit="Mt CO2/Mt")


def _prices(run_dir: Path, labels: Labels) -> pd.DataFrame:
    """Steel prices by country and, weighted by steel supplied, by region and for the world."""
    prices = read_table(run_dir, "prices")
    prices = prices[prices["commodity"] == "crude_steel"].dropna(subset=["price"])
    weights = read_table(run_dir, "demand")[["year", "country", "supplied"]]
    prices = prices.merge(weights, on=["year", "country"], how="left").fillna({"supplied": 0.0})
    region = prices["country"].map(labels.column("countries", "country", "region"))
    parts = [
        prices.assign(region=country_names(prices["country"], labels), supplied=1.0),
        prices.assign(region="steeliq|" + region).dropna(subset=["region"]),
        prices.assign(region="World"),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows["paid"] = rows["price"] * rows["supplied"]
    sums = rows.groupby(["year", "region"], as_index=False)[["paid", "supplied"]].sum()
    sums = sums[sums["supplied"] > 0]
    mean = sums["paid"] / sums["supplied"]
    own = sums[["year", "region"]].assign(variable="steeliq|Price|Steel", unit="USD_2024/t", value=mean)
    common = sums[["year", "region"]].assign(
        variable="Price|Production|Iron and Steel|Steel", unit="USD_2010/Mt", value=mean * DEFLATOR_2010 * 1e6
    )
    return pd.concat([own, common], ignore_index=True)
