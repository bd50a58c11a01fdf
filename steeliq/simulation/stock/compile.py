"""From the dataset's end uses and history, and the scenario's demand, to the steel in use of every year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from steeliq.errors import Problem, ScenarioError
from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.paths import path_over_years
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.group import Path
from steeliq.simulation.stock.balance import EndUses, Levers, SteelInUse, steel_in_use

TABLES = ("steel_end_uses", "steel_use_history")


def compile_stock(
    tables: Mapping[str, pd.DataFrame], countries: tuple[str, ...], demand: Floats, scenario: Scenario, years: Ints
) -> SteelInUse | None:
    """Steel in use over ``years`` (y, c), or None if scrap comes from the table.

    Up to the scenario's first year the history is used, then ``demand`` (y, c) t. Demand that a year leaves unmet
    still counts as used: the stock is known before the first year is simulated, as foresight needs it. Raises
    ScenarioError if the dataset cannot say how steel is used.
    """
    if scenario.scrap.source == "table":
        return None
    problems = [
        Problem("scenario", 0, "scrap.source", "stock", f"the dataset has no rows in {name}; add them, or use 'table'")
        for name in TABLES
        if tables[name].empty
    ]
    if problems:
        raise ScenarioError(scenario.name, problems)
    history = tables["steel_use_history"]
    start = int(years[0])
    span = np.arange(min(int(history["year"].min()), start), int(years[-1]) + 1)
    used = np.vstack([_past(history, countries, demand[0], span[span < start], start), demand])
    now = int(np.sum(span < start))
    return steel_in_use(end_uses(tables["steel_end_uses"]), _levers(scenario, span, start), used).since(now)


def end_uses(rows: pd.DataFrame) -> EndUses:
    """The table ``steel_end_uses`` as arrays; a use with a shape is Weibull-distributed, others normally."""
    wide = rows.pivot(index="end_use", columns="parameter", values="value").sort_index()
    wide = wide.reindex(columns=["share", "forming", "fabrication", "lifetime", "deviation", "shape", "collection"])
    column = {str(name): wide[name].to_numpy(dtype=float) for name in wide}
    weibull = np.isfinite(column["shape"])
    return EndUses(
        names=tuple(str(name) for name in wide.index),
        share=column["share"],
        forming=column["forming"],
        fabrication=column["fabrication"],
        lifetime=column["lifetime"],
        spread=np.where(weibull, column["shape"], column["deviation"]),
        weibull=weibull,
        collection=column["collection"],
    )


def _past(history: pd.DataFrame, countries: tuple[str, ...], demand: Floats, span: Ints, start: int) -> Floats:
    """Use before the first simulated year (y, c): linear between the points and on to that year's demand.

    Nothing before a country's first point: a stock that nobody knows of gives no scrap.
    """
    out = np.zeros((len(span), len(countries)))
    known = {str(country): series for country, series in history[history["year"] < start].groupby("country")}
    for c, country in enumerate(countries):
        if country in known:
            series = known[country].sort_values("year")
            points = np.append(series["year"].to_numpy(dtype=float), float(start))
            values = np.append(series["use"].to_numpy(dtype=float), demand[c])
            out[:, c] = np.interp(span, points, values, left=0.0)
    return out


def _levers(scenario: Scenario, span: Ints, start: int) -> Levers:
    """Levers act from the first simulated year on; the past was as it was."""

    def lever(path: Path) -> Floats:
        return np.where(span < start, 1.0, path_over_years(path, span))

    scrap = scenario.scrap
    return Levers(lever(scrap.lifetime), lever(scrap.fabrication), lever(scrap.collection))
