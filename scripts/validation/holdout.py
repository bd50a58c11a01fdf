"""Utilisation of 2019-2023 by country and process, from the tracker's sheet of plant production: never tuned on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from steeliq.simulation.dataset import Dataset

FILE = Path(__file__).parent / "holdout.csv"
YEARS = (2019, 2020, 2021, 2022, 2023)
KINDS = {
    "BOF steel production (ttpa)": "BOF",
    "EAF steel production (ttpa)": "EAF",
    "BF iron production (ttpa)": "BF",
    "DRI iron production (ttpa)": "DRI",
}
TECHNOLOGIES = {"BOF": ("BOF",), "EAF": ("EAF", "IF"), "BF": ("BF",), "DRI": ("DRI_GAS", "DRI_COAL", "DRI_H2")}
IMPLAUSIBLE = 1.3  # production over capacity: a whole company's figure entered at one plant
FEWEST = 8  # plant-years


def compiled(workbook: Path, dataset: Dataset) -> pd.DataFrame:
    """Columns country, process, plants, plant_years, production, capacity (Mt, summed over plant-years).

    ``workbook`` is the tracker's official Excel file (Global Energy Monitor, September 2025). Capacity is the listed
    one of the plants and years with a reported figure. Raises ValueError if the workbook has no such sheet.
    """
    sheet = pd.read_excel(workbook, sheet_name="Plant production", engine="calamine")
    sheet.columns = [str(name).removesuffix(".0") for name in sheet.columns]
    made = sheet.melt(
        id_vars=["Plant ID", "Type of production"], value_vars=[str(y) for y in YEARS], value_name="production"
    )
    made["production"] = pd.to_numeric(made["production"], errors="coerce")
    made["process"] = made["Type of production"].map(KINDS)
    made = made.dropna(subset=["production", "process"]).query("production > 0")
    made["production"] /= 1e3
    made = made.merge(_listed(dataset), left_on=["Plant ID", "process"], right_on=["plant", "process"])
    made = made[made["production"] <= IMPLAUSIBLE * made["capacity"]]
    grouped = made.groupby(["country", "process"])
    table = grouped.agg(
        plants=("plant", "nunique"),
        plant_years=("plant", "size"),
        production=("production", "sum"),
        capacity=("capacity", "sum"),
    ).reset_index()
    return table[table["plant_years"] >= FEWEST].round(3)


def _listed(dataset: Dataset) -> pd.DataFrame:
    """Operating capacity as listed by plant and process, Mt/yr."""
    process = {technology: name for name, members in TECHNOLOGIES.items() for technology in members}
    groups = dataset.tables["furnace_groups"].merge(dataset.tables["plants"][["plant", "country"]], on="plant")
    groups = groups[groups["status"] == "operating"]
    groups = groups.assign(process=groups["technology"].map(process), capacity=groups["capacity"] / 1e6)
    table: pd.DataFrame = groups.groupby(["plant", "country", "process"])["capacity"].sum().reset_index()
    return table


def kept() -> pd.DataFrame:
    """The compiled table as kept beside this module."""
    return pd.read_csv(FILE, keep_default_na=False)
