"""The world by year, wide: what most readers of a run look up first, one quantity per line and one column per year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd

from steeliq.simulation.results.labels import Labels, read_labels
from steeliq.simulation.results.tables import read_table, years_done

HEAD: Final = ("group", "quantity", "unit")
STEEL: Final = "crude_steel"

EMISSIONS: Final = {
    "scope1": "Scope 1, on site",
    "scope2": "Scope 2, bought power",
    "scope3": "Scope 3, upstream of inputs",
    "captured": "Captured and stored",
    "biogenic": "Biogenic CO2 emitted",
}

type Line = tuple[str, str, str, pd.Series[Any]]


def overview(run_dir: Path) -> pd.DataFrame:
    """Columns group, quantity, unit and one per complete year (as text); a quantity that a year lacks is NaN or 0.

    Sums over the world; prices are means, of steel weighted by what each country is supplied with. ``RunError`` if a
    table is missing or damaged.
    """
    labels, years = read_labels(run_dir), list(years_done(run_dir))
    lines = [*_made(run_dir, labels), *_emitted(run_dir), *_used(run_dir), *_money(run_dir)]
    rows = []
    for group, quantity, unit, values in lines:
        filled = values.reindex(years) if "price" in group.lower() else values.reindex(years, fill_value=0.0)
        rows.append([group, quantity, unit, *filled.astype(float).tolist()])
    return pd.DataFrame(rows, columns=[*HEAD, *(str(year) for year in years)])


def _made(run_dir: Path, labels: Labels) -> Iterator[Line]:
    """Production and capacity, total and by technology, steel before iron."""
    production, capacity = read_table(run_dir, "production"), read_table(run_dir, "capacity")
    products = labels.column("technologies", "technology", "product")
    products |= dict(zip(production["technology"], production["product"], strict=True))
    capacity = capacity.assign(capacity=capacity["opening"] + capacity["opened"])
    for frame, column, unit, what in (
        (production, "production", "Mt", "production"),
        (capacity, "capacity", "Mt/yr", "capacity in operation"),
    ):
        is_steel = frame["technology"].map(products) == STEEL
        yield from _by_technology(frame[is_steel], column, unit, f"Crude steel {what}", labels)
        yield from _by_technology(frame[~is_steel], column, unit, f"Iron {what}", labels)


def _by_technology(frame: pd.DataFrame, column: str, unit: str, group: str, labels: Labels) -> Iterator[Line]:
    names = labels.names("technologies", "technology")
    yield group, "All technologies", unit, _yearly(frame, column) / 1e6
    for technology, rows in frame.groupby("technology"):
        yield group, names.get(str(technology), str(technology)), unit, _yearly(rows, column) / 1e6


def _emitted(run_dir: Path) -> Iterator[Line]:
    frame = read_table(run_dir, "emissions")
    for column, name in EMISSIONS.items():
        yield "Emissions", name, "Mt CO2e", _yearly(frame, column) / 1e6


def _used(run_dir: Path) -> Iterator[Line]:
    """Metallics charged in all furnaces, and demand."""
    charges, demand = read_table(run_dir, "charges"), read_table(run_dir, "demand")
    yield "Charge", "Scrap used", "Mt", _yearly(charges[charges["commodity"] == "scrap"], "amount") / 1e6
    for column, name in (("demand", "Demand"), ("supplied", "Supplied"), ("unmet", "Unmet")):
        yield "Crude steel demand", name, "Mt", _yearly(demand, column) / 1e6


def _money(run_dir: Path) -> Iterator[Line]:
    prices, decisions = read_table(run_dir, "prices"), read_table(run_dir, "decisions")
    weights = read_table(run_dir, "demand")[["year", "country", "supplied"]]
    steel = prices[prices["commodity"] == STEEL].dropna(subset=["price"])
    steel = steel.merge(weights, on=["year", "country"], how="left").fillna({"supplied": 0.0})
    steel = steel.assign(paid=steel["price"] * steel["supplied"])
    supplied = _yearly(steel, "supplied")
    yield (
        "Price",
        "Crude steel, weighted by tonnes supplied",
        "USD/t",
        _yearly(steel, "paid") / supplied.where(supplied > 0),
    )
    scrap = prices[prices["commodity"] == "scrap"].dropna(subset=["price"])
    yield "Price", "Scrap, mean of countries", "USD/t", scrap.groupby("year")["price"].mean()
    yield "Investment", "All decisions", "bn USD", _yearly(decisions, "investment") / 1e9
    for kind, rows in decisions[decisions["investment"] != 0].groupby("decision"):
        yield "Investment", str(kind).capitalize(), "bn USD", _yearly(rows, "investment") / 1e9


def _yearly(frame: pd.DataFrame, column: str) -> pd.Series[Any]:
    return frame.groupby("year")[column].sum()
