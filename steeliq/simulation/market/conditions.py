"""What the world outside the plants looks like in every year: demand, scrap, energy, policy, as dense arrays.

Compiled once per run from the dataset under a scenario. The years reach past the last simulated one, because
investments look a construction time and an economic life ahead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.errors import Problem, ScenarioError
from steeliq.simulation.arrays import Bools, Floats, Ints, records
from steeliq.simulation.market.measures import flow_of, good_and_area
from steeliq.simulation.paths import Areas, by_area, by_country, over_years, path_over_years
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.stock.balance import SteelInUse
from steeliq.simulation.stock.compile import compile_stock

OWN_ENERGY = ("solar", "wind", "battery", "electrolyser")  # what a site builds for its own power and hydrogen
STORAGE = "co2_storage"  # the bought commodity that is a tonne of CO2 taken away


@dataclass(frozen=True, slots=True)
class AreaLimits:
    """Yearly limits on something used in an area; areas may overlap."""

    areas: tuple[str, ...]
    member: Bools  # (s, c)
    commodity: Ints  # (s,) commodity, -1 for CO2 storage
    limit: Floats  # (y, s) t or unit a year


@dataclass(frozen=True, slots=True)
class Conditions:
    """Outside conditions by year and country."""

    years: Ints  # (y,)
    demand: Floats  # (y, c) t of crude steel
    baseline: Floats  # (y, c) t: demand before it answers to prices
    scrap: Floats  # (y, c) t
    price: Floats  # (y, k, c) USD/unit of bought commodities, 0 for others
    grid: Floats  # (y, c) tCO2e/MWh
    carbon_price: Floats  # (y, c) USD/tCO2
    free: Floats  # (y, k, c) tCO2 of free allowances per t of product made
    availability: Floats  # (y, c) usable share of capacity
    labour: Floats  # (y, c) labour and services index
    building: Floats  # (y, c) CAPEX and relining cost over those of the technologies
    cost_of_debt: Floats  # (c,)
    cost_of_equity: Floats  # (c,)
    storage: AreaLimits
    storage_total: Floats  # (y, s) t of CO2 that can have been stored by the end of the year
    biomass: AreaLimits
    stock: SteelInUse | None  # None: scrap is the table's

    def storage_limit(self, year: int, injected: Floats, *, cumulative: bool) -> Floats:
        """CO2 that can be stored in a year (s,): the yearly rate, or all that is open and not filled."""
        y = self.at(year)
        room: Floats = np.maximum(self.storage_total[y] - injected, 0.0) if cumulative else self.storage.limit[y]
        return room

    def at(self, year: int) -> int:
        """Position of a year, the last one for later years."""
        return int(np.clip(year - self.years[0], 0, len(self.years) - 1))


def compile_conditions(
    tables: Mapping[str, pd.DataFrame], areas: Areas, commodities: tuple[str, ...], scenario: Scenario, years: Ints
) -> Conditions:
    """All outside conditions. Raises ScenarioError if the scenario names what the dataset does not hold."""
    check_names(tables, areas, scenario)
    demand = _country_path(tables["steel_demand"], scenario.demand.scenario, "demand", areas, years)
    demand = demand * path_over_years(scenario.demand.factor, years)[:, None]
    scrap = _country_path(tables["scrap_supply"], scenario.scrap.scenario, "supply", areas, years)
    scrap = scrap * path_over_years(scenario.scrap.factor, years)[:, None]
    stock = compile_stock(tables, areas.countries, demand, scenario, years)
    factors = tables["country_factors"]

    def factor(name: str) -> Floats:
        return by_country(factors[factors["factor"] == name], "country", "value", areas.countries, years, 1.0)

    storage, total = _storage(tables["co2_storage"], areas, years, scenario.limits.co2_storage)
    capital = tables["cost_of_capital"].assign(year=int(years[0]))
    free = _free_allocation(tables["free_allocation"], areas, commodities, years) * scenario.carbon.free_allocation
    return Conditions(
        years=years,
        demand=demand,
        baseline=demand,
        scrap=scrap if stock is None else stock.scrap,
        price=_prices(tables["prices"], areas, commodities, scenario, years),
        grid=by_area(_chosen(tables["grid_intensity"], scenario.grid.scenario), "area", "intensity", areas, years, 0.0),
        carbon_price=_carbon_price(tables["carbon_prices"], areas, scenario, years),
        free=free,
        availability=np.minimum(factor("availability"), 1.0),
        labour=factor("labour_index"),
        building=_building(factor("capex"), areas, scenario, years),
        cost_of_debt=by_area(capital, "area", "cost_of_debt", areas, years[:1], 0.05)[0]
        + scenario.finance.cost_of_debt,
        cost_of_equity=by_area(capital, "area", "cost_of_equity", areas, years[:1], 0.10)[0]
        + scenario.finance.cost_of_equity,
        storage=storage,
        storage_total=total,
        biomass=_biomass(tables["biomass_supply"], areas, commodities, years, scenario.limits.biomass),
        stock=stock,
    )


def check_names(tables: Mapping[str, pd.DataFrame], areas: Areas, scenario: Scenario) -> None:
    """Refuse names that the dataset does not know, all at once."""
    known: list[tuple[str, str, set[str]]] = [
        ("demand.scenario", scenario.demand.scenario, set(tables["steel_demand"]["scenario"])),
        ("scrap.scenario", scenario.scrap.scenario, set(tables["scrap_supply"]["scenario"])),
        ("prices.scenario", scenario.prices.scenario, set(tables["prices"]["scenario"])),
        ("grid.scenario", scenario.grid.scenario, set(tables["grid_intensity"]["scenario"])),
        ("carbon.scenario", scenario.carbon.scenario, set(tables["carbon_prices"]["scenario"])),
    ]
    bought = set(tables["prices"]["commodity"])
    known += [("prices.factors", name, bought) for name in scenario.prices.factors]
    known += [("carbon.paths", name, set(areas.members)) for name in scenario.carbon.paths]
    known += [("demand.premiums", name, set(areas.members)) for name in scenario.demand.premiums]
    known += [("support.capex", name, set(areas.members)) for name in scenario.support.capex]
    known += [("support.hydrogen", name, set(areas.members)) for name in scenario.support.hydrogen]
    known += [("carbon.caps", name, set(areas.members)) for name in scenario.carbon.caps]
    known += [("carbon.borders", name, set(areas.members)) for name in scenario.carbon.borders]
    known += [("finance.capex", name, set(areas.members)) for name in scenario.finance.capex]
    known += [("support.debt", name, set(areas.members)) for name in scenario.support.debt]
    known += [("support.strikes", name, set(areas.members)) for name in scenario.support.strikes]
    known += [("siting.deployment", name, set(OWN_ENERGY)) for name in scenario.siting.deployment]
    names = set(tables["technologies"].loc[tables["technologies"]["stage"] != "auxiliary", "technology"])
    known += [("technologies", name, names) for name in scenario.technologies]
    problems = [
        Problem("scenario", 0, field, value, f"the dataset has no such name; it has {', '.join(sorted(options)[:12])}")
        for field, value, options in known
        if value not in options
    ]
    problems += _flow_problems(tables["commodities"], areas, scenario)
    problems += _use_problems(bought, areas, scenario)
    if scenario.demand.elasticity > 0 and scenario.scrap.source == "stock":
        rule = "the steel in use takes its demand for all years ahead; set it to 0, or scrap.source to 'table'"
        problems.append(Problem("scenario", 0, "demand.elasticity", str(scenario.demand.elasticity), rule))
    if problems:
        raise ScenarioError(scenario.name, problems)


def _flow_problems(rows: pd.DataFrame, areas: Areas, scenario: Scenario) -> list[Problem]:
    """Flows that no trade of the dataset is meant by."""
    goods = tuple(rows.loc[rows["kind"] == "hub", "commodity"])
    problems = []
    for setting in ("duties", "charges", "limits"):
        place = f"trade.{setting}"
        for name in getattr(scenario.trade, setting):
            try:
                flow_of(name, areas, goods)
            except ValueError as error:
                problems.append(Problem("scenario", 0, place, name, str(error)))
    return problems


def _building(factor: Floats, areas: Areas, scenario: Scenario, years: Ints) -> Floats:
    """The dataset's factors on CAPEX (y, c), the scenario's in their place, the most specific area winning."""
    out = factor.copy()
    for area in sorted(scenario.finance.capex, key=lambda name: (areas.rank[name], name)):
        out[:, areas.members[area]] = path_over_years(scenario.finance.capex[area], years)[:, None]
    return out


def _use_problems(bought: set[str], areas: Areas, scenario: Scenario) -> list[Problem]:
    """Limits on use that name no bought good, or no area."""
    problems = []
    for name in scenario.limits.use:
        good, area = good_and_area(name)
        if good not in bought:
            rule = f"a limit on use reads 'GOOD in AREA' with a bought good; they are {', '.join(sorted(bought))}"
        elif area not in areas.members:
            rule = "a limit on use reads 'GOOD in AREA'; the area is a country, bloc, region or WORLD"
        else:
            continue
        problems.append(Problem("scenario", 0, "limits.use", name, rule))
    return problems


def _chosen(rows: pd.DataFrame, scenario: str) -> pd.DataFrame:
    return rows[rows["scenario"] == scenario]


def _country_path(rows: pd.DataFrame, scenario: str, value: str, areas: Areas, years: Ints) -> Floats:
    return by_country(_chosen(rows, scenario), "country", value, areas.countries, years, 0.0)


def _prices(rows: pd.DataFrame, areas: Areas, commodities: tuple[str, ...], scenario: Scenario, years: Ints) -> Floats:
    """A commodity keeps its `reference` rows where the chosen scenario does not name it, so that it is never free."""
    out = np.zeros((len(years), len(commodities), len(areas.countries)))
    for commodity, every in rows.groupby("commodity"):
        chosen = _chosen(every, scenario.prices.scenario)
        factor = path_over_years(scenario.prices.factors.get(str(commodity), 1.0), years)
        own = by_area(chosen, "area", "price", areas, years, np.nan)
        price = np.where(np.isnan(own), by_area(_chosen(every, "reference"), "area", "price", areas, years, 0.0), own)
        out[:, commodities.index(str(commodity))] = price * factor[:, None]
    return out


def _carbon_price(rows: pd.DataFrame, areas: Areas, scenario: Scenario, years: Ints) -> Floats:
    out = by_area(_chosen(rows, scenario.carbon.scenario), "area", "price", areas, years, 0.0)
    for area in sorted(scenario.carbon.paths, key=lambda name: (areas.rank[name], name)):
        out[:, areas.members[area]] = path_over_years(scenario.carbon.paths[area], years)[:, None]
    return out * path_over_years(scenario.carbon.factor, years)[:, None]


def _free_allocation(rows: pd.DataFrame, areas: Areas, commodities: tuple[str, ...], years: Ints) -> Floats:
    out = np.zeros((len(years), len(commodities), len(areas.countries)))
    for product, group in rows.groupby("product"):
        benchmark = by_area(group, "area", "benchmark", areas, years, 0.0)
        out[:, commodities.index(str(product))] = benchmark * by_area(group, "area", "share", areas, years, 0.0)
    return out


def _storage(rows: pd.DataFrame, areas: Areas, years: Ints, factor: float) -> tuple[AreaLimits, Floats]:
    """Yearly injection = slope of the cumulative path, and that path (y, s); nothing before its first point."""
    names = tuple(sorted(set(rows["area"])))
    limit, total = np.zeros((len(years), len(names))), np.zeros((len(years), len(names)))
    for s, name in enumerate(names):
        series = rows[rows["area"] == name]
        known, cumulative = series["year"].to_numpy(dtype=float), series["cumulative"].to_numpy(dtype=float)
        end = np.interp(years, known, cumulative, left=0.0)
        start = np.interp(years - 1, known, cumulative, left=0.0)
        slope = np.diff(cumulative)[-1] / np.diff(known)[-1] if len(known) > 1 else 0.0
        limit[:, s] = np.where(years > known.max(), slope, end - start)
        total[:, s] = (end + slope * np.maximum(years - known.max(), 0.0)) * factor
    member = np.array([areas.members[name] for name in names], dtype=bool).reshape(len(names), len(areas.countries))
    return AreaLimits(names, member, np.full(len(names), -1), np.maximum(limit, 0.0) * factor), total


def _biomass(rows: pd.DataFrame, areas: Areas, commodities: tuple[str, ...], years: Ints, factor: float) -> AreaLimits:
    keys = sorted({(str(row.area), str(row.commodity)) for row in records(rows)})
    limit = np.zeros((len(years), len(keys)))
    for s, (area, commodity) in enumerate(keys):
        series = rows[(rows["area"] == area) & (rows["commodity"] == commodity)]
        limit[:, s] = over_years(series["year"].to_numpy(), series["supply"].to_numpy(), years) * factor
    member = np.array([areas.members[area] for area, _ in keys], dtype=bool).reshape(len(keys), len(areas.countries))
    return AreaLimits(
        tuple(f"{area} {commodity}" for area, commodity in keys),
        member,
        np.array([commodities.index(commodity) for _, commodity in keys], dtype=np.int64),
        limit,
    )
