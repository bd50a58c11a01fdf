"""The dispatch of a single year with the fleet as it stands: no decision is taken, nothing is built or closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.accounts.books import Books, books_of
from steeliq.simulation.accounts.emissions import intensities
from steeliq.simulation.arrays import Floats
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state
from steeliq.simulation.market.dispatch import Dispatch, dispatch
from steeliq.simulation.market.groups import groups_of
from steeliq.simulation.market.network import network_of
from steeliq.simulation.market.prices import YearPrices, nodal
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.state import Fleet

PROCESSES = {"BOF": ("BOF",), "EAF": ("EAF", "IF"), "OHF": ("OHF",)}
"""Technologies that a statistic counts under a process; induction furnaces are counted as electric furnaces."""
STEEL = tuple(technology for members in PROCESSES.values() for technology in members)


@dataclass(frozen=True, slots=True)
class SolvedYear:
    """A dispatched year in Mt; ``made`` and ``capacity`` are countries x technologies."""

    year: int
    made: pd.DataFrame
    capacity: pd.DataFrame  # nameplate with corrections, Mt/yr
    demand: pd.Series
    unmet: float
    scrap: float
    intensity: dict[str, float]  # worldsteel boundary, by route
    price: pd.DataFrame  # USD/t, countries x hub commodities
    losing: float  # share of steel capacity with a negative cash flow after debt service

    def of(self, process: str) -> pd.Series:
        """Steel by country of a process, Mt."""
        return self.made[list(PROCESSES[process])].sum(axis=1)

    @property
    def steel(self) -> pd.Series:
        """Crude steel by country, Mt."""
        return self.made[list(STEEL)].sum(axis=1)

    @property
    def net_exports(self) -> pd.Series:
        """Crude steel made less steel used by country, Mt."""
        return self.steel - self.demand


def solve_year(dataset: Dataset, year: int) -> SolvedYear:
    """Solve a year of the reference scenario. Raises InfeasibleError or CertificateError."""
    inputs = compile_inputs(dataset, Scenario.model_validate({"period": {"start": year, "end": 2050}}))
    fleet = initial_state(inputs).fleet
    result = dispatch(inputs, network_of(inputs, groups_of(inputs, fleet, year), year), None)
    prices = nodal(inputs, result)
    return _read(inputs, fleet, result, prices, books_of(inputs, fleet, result, prices))


def unmet_by_year(dataset: Dataset, first: int, last: int) -> dict[int, float]:
    """Demand that the standing fleet and its projects under construction cannot serve, Mt by year."""
    inputs = compile_inputs(dataset, Scenario.model_validate({"period": {"start": first, "end": 2050}}))
    fleet, basis, out = initial_state(inputs).fleet, None, {}
    for year in range(first, last + 1):
        result = dispatch(inputs, network_of(inputs, groups_of(inputs, fleet, year), year), basis)
        basis, out[year] = result.solution.basis, float(result.unmet.sum()) / 1e6
    return out


def _read(inputs: Inputs, fleet: Fleet, result: Dispatch, prices: YearPrices, books: Books) -> SolvedYear:
    year, countries = result.network.year, pd.Index(inputs.countries)
    operating = fleet.operating(year)

    def by_country(values: Floats) -> pd.DataFrame:
        table = np.zeros((len(countries), len(inputs.technologies.names)))
        np.add.at(table, (fleet.country, fleet.technology), values / 1e6)
        return pd.DataFrame(table, index=countries, columns=list(inputs.technologies.names))

    steel = operating & inputs.technologies.is_steel[fleet.technology]
    losing = steel & (books.cash < 0)
    hub = [int(k) for k in result.network.terms.commodities]
    return SolvedYear(
        year=year,
        made=by_country(books.production),
        capacity=by_country(np.where(operating, fleet.capacity, 0.0)),
        demand=pd.Series(inputs.conditions.demand[inputs.conditions.at(year)] / 1e6, index=countries),
        unmet=float(result.unmet.sum()) / 1e6,
        scrap=float(result.scrap.sum()) / 1e6,
        intensity={
            str(row["route"]): float(str(row["intensity"]))
            for row in intensities(inputs, result, 0.0)
            if row["boundary"] == "worldsteel"
        },
        price=pd.DataFrame(prices.buy[hub].T, index=countries, columns=[inputs.commodities.names[k] for k in hub]),
        losing=float(fleet.capacity[losing].sum() / fleet.capacity[steel].sum()),
    )


def statistics_of(dataset: Dataset) -> pd.DataFrame:
    """Reported crude steel of 2024 by country, Mt: columns crude_steel, crude_steel_bof, _eaf, _ohf."""
    rows = dataset.tables["statistics"]
    rows = rows[rows["year"] == 2024]
    return rows.pivot(index="country", columns="indicator", values="value").fillna(0.0) / 1e6


def misfit(solved: SolvedYear, reported: pd.DataFrame) -> float:
    """Misplaced tonnage: half the sum of |model - statistic| over countries, per cent of the statistic's world."""
    stated = reported["crude_steel"].reindex(solved.steel.index).fillna(0.0)
    return float(100 * (solved.steel - stated).abs().sum() / 2 / stated.sum())
