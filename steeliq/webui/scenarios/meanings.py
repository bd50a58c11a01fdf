"""What the named scenarios of a dataset say, in a few figures, so that nobody has to trust a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import pandas as pd

from steeliq.simulation.dataset import Dataset
from steeliq.webui.scenarios.settings import NAMED

type Telling = Callable[[Dataset, pd.DataFrame], str]

_FALLBACK: Final = "reference"  # the price scenario whose rows are in force where another names no price
_FEW: Final = 2  # goods whose prices find room in a line


def meanings(dataset: Dataset) -> dict[str, dict[str, str]]:
    """By setting: the scenarios that it may name, in order, each with one line on what the dataset holds for it."""
    return {
        place: {
            str(name): _TOLD[place](dataset, rows)
            for name, rows in dataset[table].groupby("scenario", sort=True, observed=True)
        }
        for place, table in NAMED.items()
    }


def _world(column: str, _: Dataset, rows: pd.DataFrame) -> str:
    """World totals in Mt of the first and the last year."""
    total = rows.groupby("year")[column].sum().sort_index() / 1e6
    return f"{total.iloc[0]:,.0f} Mt in {total.index[0]}, {total.iloc[-1]:,.0f} Mt in {total.index[-1]}"


def _areas(column: str, unit: str, decimals: int, _: Dataset, rows: pd.DataFrame) -> str:
    """Least and greatest value over areas in the first and the last year; an area's last value is held."""

    def span(values: pd.Series) -> str:
        low, high = (f"{value:,.{decimals}f}" for value in (values.min(), values.max()))
        return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"

    by_area = rows.sort_values("year").groupby("area", observed=True)[column]
    first, last = span(by_area.first()), span(by_area.last())
    return first if first == last else f"{first} in {rows['year'].min()}, {last} in {rows['year'].max()}"


def _prices(dataset: Dataset, rows: pd.DataFrame) -> str:
    """The prices it sets, in figures if they are few."""
    if (rows["scenario"] == _FALLBACK).all():
        return "every bought good"
    names = dataset["commodities"].set_index("commodity")
    goods = sorted(set(rows["commodity"]))
    if len(goods) > _FEW:
        return f"other prices of {len(goods)} goods"
    return "; ".join(
        f"{str(names['name'][good]).lower()} "
        + _areas("price", f"USD/{names['unit'][good]}", 0, dataset, rows[rows["commodity"] == good])
        for good in goods
    )


_TOLD: Final[Mapping[str, Telling]] = {
    "demand.scenario": partial(_world, "demand"),
    "scrap.scenario": partial(_world, "supply"),
    "prices.scenario": _prices,
    "grid.scenario": partial(_areas, "intensity", "tCO2/MWh", 2),
    "carbon.scenario": partial(_areas, "price", "USD/t", 0),
}
