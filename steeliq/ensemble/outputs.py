"""What is kept of a member: some tables of each year, summed up as tidy rows; and the list of outputs.

The tables are those that a run writes, so a figure here equals the figure of the member's full run. Every member
has the same rows: what is not made or used is 0, never missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from steeliq.simulation.dataset import Dataset

type Tables = Mapping[str, pd.DataFrame]

WORLD: Final = "world"
STEEL: Final = "crude_steel"
ELECTRIC: Final = ("EAF", "IF", "MOE")
SCOPES: Final = ("scope1", "scope2", "scope3", "captured", "biogenic")
BOUGHT: Final = {
    "electricity": ("TWh", 1e6),
    "hydrogen": ("Mt", 1e6),
    "natural_gas": ("PJ", 1e6),
    "coking_coal": ("Mt", 1e6),
}
"""Energy that is kept, with unit and its size in the commodity's unit (MWh, t, GJ, t)."""

TABLES: Final = (
    *("production", "charges", "energy", "demand", "prices", "emissions", "intensities", "capacity", "support"),
    *("decisions", "write_offs", "audit"),
)
"""Result tables that outputs are made from."""


@dataclass(frozen=True, slots=True)
class Output:
    """A figure that is kept of every member and year; ``by_country``: also of each country with plants."""

    name: str
    unit: str
    words: str
    by_country: bool = False


FIXED: Final = (
    Output("production", "Mt", "Crude steel made", by_country=True),
    Output("electric_share", "%", "Share of crude steel from electric furnaces"),
    Output("near_zero_share", "%", "Share of near-zero technologies in iron, and in steel straight from ore"),
    Output("scrap_share", "%", "Share of scrap in the charge of steelmaking"),
    Output("emissions.scope1", "Mt CO2e", "Emissions on site (scope 1)", by_country=True),
    Output("emissions.scope2", "Mt CO2e", "Emissions of bought power (scope 2)"),
    Output("emissions.scope3", "Mt CO2e", "Emissions upstream of inputs (scope 3)"),
    Output("emissions.captured", "Mt CO2e", "CO2 captured and stored"),
    Output("emissions.biogenic", "Mt CO2e", "Biogenic CO2 emitted"),
    Output("emissions.cumulative", "Mt CO2e", "Emissions on site (scope 1) since the first year"),
    Output("intensity.scope1", "t CO2e/t", "Scope 1 emissions per tonne of crude steel"),
    Output("price.steel", "USD/t", "Price of crude steel, mean weighted by tonnes supplied"),
    Output("price.scrap", "USD/t", "Price of scrap, mean of countries"),
    Output("scrap", "Mt", "Scrap charged"),
    Output("demand", "Mt", "Demand for crude steel"),
    Output("demand_met", "%", "Share of demand that is met"),
    Output("energy.electricity", "TWh", "Electricity bought"),
    Output("energy.hydrogen", "Mt", "Hydrogen bought"),
    Output("energy.natural_gas", "PJ", "Natural gas bought"),
    Output("energy.coking_coal", "Mt", "Coking coal bought"),
    Output("investment", "bn USD", "Investment decided in the year, after grants"),
    Output("capacity.steel", "Mt/yr", "Capacity to make steel, in operation"),
    Output("capacity.iron", "Mt/yr", "Capacity to make iron, in operation"),
    Output("capacity.opened", "Mt/yr", "Iron and steel capacity opened in the year"),
    Output("capacity.closed", "Mt/yr", "Iron and steel capacity closed in the year"),
    Output("stranded", "bn USD", "Debt written off by closures that are decided in the year"),
    Output("support", "bn USD", "Public support paid in the year"),
)
"""Outputs of every dataset; production and capacity of each technology stand beside them."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a dataset's outputs are named by."""

    names: Mapping[str, str]  # technology -> name, of those that make iron or steel
    steel: frozenset[str]
    near_zero: frozenset[str]
    metallic: frozenset[str]  # commodities that are no ore
    countries: tuple[str, ...]  # with plants or sites


def catalogue_of(dataset: Dataset) -> Catalogue:
    """The technologies and countries whose outputs are kept."""
    rows = dataset["technologies"]
    rows = rows[rows["stage"].isin(["ironmaking", "steelmaking"])]
    goods = dataset["commodities"]
    return Catalogue(
        names=dict(zip(rows["technology"], rows["name"], strict=True)),
        steel=frozenset(rows.loc[rows["stage"] == "steelmaking", "technology"]),
        near_zero=frozenset(rows.loc[rows["near_zero"], "technology"]),
        metallic=frozenset({*goods.loc[goods["metallic"], "commodity"], "scrap"}),
        countries=tuple(sorted({*dataset["plants"]["country"], *dataset["sites"]["country"]})),
    )


def outputs_of(dataset: Dataset) -> tuple[Output, ...]:
    """Every output that members with this dataset have."""
    catalogue = catalogue_of(dataset)
    return (
        *FIXED,
        *(Output(f"production.{key}", "Mt", f"Made by: {name}") for key, name in catalogue.names.items()),
        *(Output(f"capacity.{key}", "Mt/yr", f"In operation: {name}") for key, name in catalogue.names.items()),
    )


def output_of(name: str) -> Output:
    """An output by its name, whatever the dataset; those of technologies go by the technology's short name."""
    kind, _, technology = name.partition(".")
    words = {"production": "Made by", "capacity": "In operation:"}.get(kind)
    of_technology = Output(name, _unit(name), f"{words} {technology}" if words else name)
    return next((output for output in FIXED if output.name == name), of_technology)


def _unit(name: str) -> str:
    return "Mt" if name.startswith("production.") else "Mt/yr"


def rows_of(tables: Tables, catalogue: Catalogue, cumulative: float) -> pd.DataFrame:
    """Columns area, output, unit, value of a year; ``cumulative``: scope 1 of the years before [Mt]."""
    units = {output.name: output.unit for output in FIXED}
    rows = [(WORLD, name, value) for name, value in _world(tables, catalogue, cumulative)]
    rows += [(country, name, value) for name, country, value in _countries(tables, catalogue)]
    frame = pd.DataFrame(rows, columns=["area", "output", "value"])
    unit = frame["output"].map(lambda name: units.get(name) or _unit(name))
    return frame.assign(unit=unit)[["area", "output", "unit", "value"]]


def _world(tables: Tables, catalogue: Catalogue, cumulative: float) -> Iterator[tuple[str, float]]:
    made = _sums(tables["production"], "technology", "production") / 1e6
    made = made.reindex(list(catalogue.names), fill_value=0.0)
    steel = float(made[sorted(catalogue.steel)].sum())
    yield "production", steel
    for technology, amount in made.items():
        yield f"production.{technology}", float(amount)
    yield "electric_share", _share(float(made.reindex(ELECTRIC, fill_value=0.0).sum()), steel)
    yield from _charged(tables["charges"], made, catalogue)
    emitted = {scope: float(tables["emissions"][scope].sum()) / 1e6 for scope in SCOPES}
    for scope, amount in emitted.items():
        yield f"emissions.{scope}", amount
    yield "emissions.cumulative", cumulative + emitted["scope1"]
    yield "intensity.scope1", emitted["scope1"] / steel if steel > 0 else 0.0
    yield from _prices(tables["prices"], tables["demand"])
    demand, met = float(tables["demand"]["demand"].sum()), float(tables["demand"]["supplied"].sum())
    yield "demand", demand / 1e6
    yield "demand_met", _share(met, demand)
    bought = _sums(tables["energy"], "commodity", "amount")
    for good, (_, size) in BOUGHT.items():
        yield f"energy.{good}", float(bought.get(good, 0.0)) / size
    yield from _capacities(tables["capacity"], catalogue)
    yield "investment", float(tables["decisions"]["investment"].sum()) / 1e9
    yield "stranded", float(tables["write_offs"]["debt"].sum()) / 1e9
    yield "support", float(tables["support"]["amount"].sum()) / 1e9


def _charged(charges: pd.DataFrame, made: pd.Series[Any], catalogue: Catalogue) -> Iterator[tuple[str, float]]:
    """Shares as in a run's key figures: scrap in what steelmaking charges, near-zero in what is made from ore."""
    ore = charges[~charges["commodity"].isin(sorted(catalogue.metallic)) & (charges["amount"] > 0)]
    from_ore = [name for name in made.index if name not in catalogue.steel or name in set(ore["technology"])]
    clean = [name for name in from_ore if name in catalogue.near_zero]
    yield "near_zero_share", _share(float(made[clean].sum()), float(made[from_ore].sum()))
    into_steel = charges[charges["technology"].isin(sorted(catalogue.steel))]
    scrap = float(into_steel.loc[into_steel["commodity"] == "scrap", "amount"].sum())
    yield "scrap_share", _share(scrap, float(into_steel["amount"].sum()))
    yield "scrap", float(charges.loc[charges["commodity"] == "scrap", "amount"].sum()) / 1e6


def _prices(prices: pd.DataFrame, demand: pd.DataFrame) -> Iterator[tuple[str, float]]:
    steel = prices[prices["commodity"] == STEEL].merge(demand[["country", "supplied"]], on="country")
    weight = float(steel["supplied"].sum())
    yield "price.steel", float((steel["price"] * steel["supplied"]).sum()) / weight if weight > 0 else float("nan")
    scrap = prices.loc[prices["commodity"] == "scrap", "price"]
    yield "price.scrap", float(scrap.mean())


def _capacities(capacity: pd.DataFrame, catalogue: Catalogue) -> Iterator[tuple[str, float]]:
    capacity = capacity[capacity["technology"].isin(list(catalogue.names))]
    now = _sums(capacity.assign(now=capacity["opening"] + capacity["opened"]), "technology", "now") / 1e6
    now = now.reindex(list(catalogue.names), fill_value=0.0)
    steel = sorted(catalogue.steel)
    yield "capacity.steel", float(now[steel].sum())
    yield "capacity.iron", float(now.drop(steel).sum())
    yield "capacity.opened", float(capacity["opened"].sum()) / 1e6
    yield "capacity.closed", float(capacity["closed"].sum()) / 1e6
    for technology, amount in now.items():
        yield f"capacity.{technology}", float(amount)


def _countries(tables: Tables, catalogue: Catalogue) -> Iterator[tuple[str, str, float]]:
    made = tables["production"]
    made = made[made["technology"].isin(sorted(catalogue.steel))]
    for name, frame, column in (
        ("production", made, "production"),
        ("emissions.scope1", tables["emissions"], "scope1"),
    ):
        sums = _sums(frame, "country", column) / 1e6
        for country, amount in sums.reindex(list(catalogue.countries), fill_value=0.0).items():
            yield name, str(country), float(amount)


def _sums(frame: pd.DataFrame, by: str, column: str) -> pd.Series[Any]:
    return frame.groupby(by)[column].sum()


def _share(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole > 0 else 0.0
