"""A dataset under a scenario, as arrays: everything that stays the same while the years pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Bools, Floats, Ints, Labels
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.market.conditions import Conditions, compile_conditions
from steeliq.simulation.market.low_carbon import LowCarbon, compile_low_carbon
from steeliq.simulation.market.supply import Supply, compile_supply
from steeliq.simulation.market.support import Support, compile_support
from steeliq.simulation.market.trade import Trade, compile_trade
from steeliq.simulation.market.unit_costs import UnitCosts, compile_unit_costs
from steeliq.simulation.market.use_limits import (
    UseLimits,
    compile_caps,
    compile_input_limits,
    compile_ore_gate,
)
from steeliq.simulation.paths import Areas
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.siting.sites import Sites, compile_sites
from steeliq.simulation.state import NEVER, Fleet, State, no_prospects
from steeliq.simulation.technology.boundaries import Boundary, compile_boundaries
from steeliq.simulation.technology.charges import ChargeRule, compile_charge_rules
from steeliq.simulation.technology.learning import ever_opened, learning_factor
from steeliq.simulation.technology.recipes import Recipes, compile_recipes
from steeliq.simulation.technology.routes import Routes, compile_routes
from steeliq.simulation.technology.technologies import Technologies, compile_technologies


@dataclass(frozen=True, slots=True)
class Commodities:
    """Columns of the commodities table (k,)."""

    names: tuple[str, ...]
    unit: tuple[str, ...]
    kind: tuple[str, ...]
    iron: Floats  # t Fe per unit
    carbon: Floats  # t C per unit
    upstream: Floats  # tCO2e per unit
    metallic: Bools
    twin: Ints  # what a hot commodity becomes when it cools, -1 for others

    def index(self, name: str) -> int:
        """Position of a commodity."""
        return self.names.index(name)

    @property
    def hub(self) -> Ints:
        """Commodities that the dispatch trades between countries."""
        return np.flatnonzero(np.array(self.kind) == "hub")

    @property
    def hot(self) -> Ints:
        """Commodities that move hot between furnace groups."""
        return np.flatnonzero(np.array(self.kind) == "hot")


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a step may read besides the state."""

    dataset: Dataset
    scenario: Scenario
    areas: Areas
    commodities: Commodities
    recipes: Recipes
    technologies: Technologies
    routes: Routes
    charge_rules: tuple[ChargeRule, ...]
    boundaries: tuple[Boundary, ...]
    conditions: Conditions
    support: Support
    unit_costs: UnitCosts
    trade: Trade
    supply: Supply
    low_carbon: LowCarbon
    caps: UseLimits  # on scope 1
    input_limits: UseLimits
    ore_gate: UseLimits  # in decisions only
    plants: Labels  # (p,) str, sorted
    hot_links: tuple[tuple[str, str], ...]  # iron plant, steel plant
    sites: Sites | None  # where plants can be founded, if the scenario has siting on

    @property
    def countries(self) -> tuple[str, ...]:
        """ISO3 codes, the axis c."""
        return self.areas.countries

    @property
    def steel(self) -> int:
        """The commodity that is demanded."""
        return self.commodities.index("crude_steel")


def compile_inputs(dataset: Dataset, scenario: Scenario, profiles: Path | None = None) -> Inputs:
    """Arrays over the simulated years and the foresight after them. Raises ScenarioError on unknown names.

    ``profiles`` is a file of real hours of sun and wind for the sites, see `compile_sites`.
    """
    tables = dataset.tables
    years = np.arange(scenario.period.start, scenario.period.end + years_ahead(scenario) + 1)
    areas = Areas.of(tables["countries"], tables["blocs"])
    recipes = compile_recipes(tables)
    commodities = _commodities(tables["commodities"], recipes.commodities)
    conditions = compile_conditions(tables, areas, recipes.commodities, scenario, years)
    technologies = compile_technologies(tables, recipes.technologies, recipes.commodities, areas, scenario, years)
    support = compile_support(tables, areas, recipes, technologies, conditions, scenario)
    supply = compile_supply(tables, areas.countries, commodities.names)
    links = tables["hot_links"]
    near = links[links["distance"] <= scenario.dispatch.hot_link_distance]
    return Inputs(
        dataset=dataset,
        scenario=scenario,
        areas=areas,
        commodities=commodities,
        recipes=recipes,
        technologies=technologies,
        routes=compile_routes(tables, recipes, technologies),
        charge_rules=compile_charge_rules(tables, technologies.names, commodities.names, years),
        boundaries=compile_boundaries(tables["boundaries"], recipes, commodities.kind, commodities.upstream),
        conditions=conditions,
        support=support,
        unit_costs=compile_unit_costs(
            recipes,
            technologies,
            conditions,
            support,
            scenario.dispatch.labour_cost,
            grid_priced=scenario.carbon.priced == "scope1_and_2",
        ),
        trade=compile_trade(tables, areas, commodities.names, scenario),
        supply=supply,
        low_carbon=compile_low_carbon(tables["low_carbon_demand"], areas, scenario, years),
        caps=compile_caps(tables["emission_caps"], areas, recipes, scenario, years),
        input_limits=compile_input_limits(tables, areas, recipes, scenario, years),
        ore_gate=compile_ore_gate(supply, recipes, len(areas.countries), years, scenario),
        plants=tables["plants"]["plant"].to_numpy(dtype=object),
        hot_links=tuple(sorted(zip(near["iron_plant"], near["steel_plant"], strict=True))),
        sites=compile_sites(tables, areas, recipes.commodities, conditions, scenario, profiles),
    )


def years_ahead(scenario: Scenario) -> int:
    """How far owners look: over the life of what is built, an extension, and the rest of a campaign that a switch ends.

    >>> years_ahead(Scenario())
    24
    """
    finance, decisions = scenario.finance, scenario.decisions
    return max(finance.construction + finance.life, decisions.extension_years, decisions.midlife_window)


def _commodities(rows: pd.DataFrame, names: tuple[str, ...]) -> Commodities:
    rows = rows.set_index("commodity").loc[list(names)]
    return Commodities(
        names=names,
        unit=tuple(rows["unit"]),
        kind=tuple(rows["kind"]),
        iron=rows["iron"].to_numpy(dtype=float),
        carbon=rows["carbon"].to_numpy(dtype=float),
        upstream=rows["upstream"].to_numpy(dtype=float),
        metallic=rows["metallic"].to_numpy(dtype=bool),
        twin=np.array(
            [names.index(twin) if isinstance(twin, str) and twin else -1 for twin in rows["cold_twin"]], dtype=np.int64
        ),
    )


def initial_state(inputs: Inputs) -> State:
    """The world at the start of the first year.

    Running campaigns come from the dataset; one that has expired is taken to have been renewed in time. Debt of the
    listed fleet is what is left of a relining paid by debt at the campaign's start.
    """
    fleet = _initial_fleet(inputs)
    owners = np.array(sorted(set(fleet.owner)), dtype=object)
    return State(
        year=inputs.scenario.period.start,
        fleet=fleet,
        owners=owners,
        treasury=inputs.scenario.finance.opening_treasury
        * replacement_value(inputs, fleet, owners, inputs.scenario.period.start),
        self_sufficiency=np.full(len(inputs.countries), np.nan),
        first_price=np.full(len(inputs.countries), np.nan),
        last_price=np.full(len(inputs.countries), np.nan),
        embedded=np.full((len(inputs.commodities.names), len(inputs.countries)), np.nan),
        allowed=np.full((len(inputs.commodities.names), len(inputs.countries)), np.nan),
        stored_co2=_reserved_storage(inputs, fleet),
        injected=np.zeros(len(inputs.conditions.storage.areas)),
        forecasts=np.zeros((0, 4)),
        prospects=no_prospects(inputs.scenario.siting.consideration),
        basis=None,
    )


def _reserved_storage(inputs: Inputs, fleet: Fleet) -> Floats:
    """CO2 storage that listed groups with capture, running or to come, take at full load (s,) t a year."""
    recipes, storage = inputs.recipes, inputs.conditions.storage
    least = np.full(len(inputs.technologies.names), np.inf)
    np.minimum.at(least, recipes.technology, recipes.captured)
    gate = inputs.conditions.at(inputs.scenario.period.start + inputs.scenario.finance.construction)
    load = fleet.capacity * inputs.conditions.availability[gate, fleet.country]
    taken = load * np.where(np.isfinite(least), least, 0.0)[fleet.technology]
    return np.asarray(storage.member[:, fleet.country].astype(float) @ taken)


def learned(inputs: Inputs, fleet: Fleet, year: int) -> Inputs:
    """The inputs with CAPEX and relining costs as this year's experience makes them."""
    technologies, count = inputs.technologies, len(inputs.technologies.names)
    if not technologies.learning_rate.any():
        return inputs
    now, start = (
        ever_opened(fleet.opens, fleet.technology, fleet.capacity, when, count)
        for when in (year, inputs.scenario.period.start)
    )
    factor = learning_factor(now, start, technologies.learning_rate)
    cheaper = replace(technologies, capex=technologies.capex * factor, reline=technologies.reline * factor)
    return replace(inputs, technologies=cheaper)


@dataclass(frozen=True, slots=True)
class OwnEnergy:
    """What energy of their own changes for plants (n,), per tonne of each option's product where it is (n, o)."""

    cost: Floats  # (n, o) USD/t that it costs beside the country's prices
    spared: Floats  # (n, o) USD/t of carbon price on grid power that is not paid
    grid: Floats  # (n,) share of power that comes from the grid


def own_energy(inputs: Inputs, plants: Labels, year: int) -> OwnEnergy | None:
    """What own energy changes for plants (n,); None if none of them is at a site."""
    energy = inputs.sites.energy(plants, year) if inputs.sites else None
    if energy is None:
        return None
    bill = inputs.recipes.bill[:, [inputs.commodities.index(name) for name in ("electricity", "hydrogen")]]
    spared = energy.carbon[:, None] * inputs.recipes.electricity
    return OwnEnergy(cost=energy.cost(bill[:, 0], bill[:, 1]), spared=spared, grid=energy.grid)


def grid_of(inputs: Inputs, country: Ints, plants: Labels, year: int) -> Floats:
    """Emissions of the power that plants take (n,) tCO2e/MWh: the country's grid, less what they make themselves."""
    grid: Floats = inputs.conditions.grid[inputs.conditions.at(year), country]
    own = own_energy(inputs, plants, year)
    return grid if own is None else grid * own.grid


def replacement_value(inputs: Inputs, fleet: Fleet, owners: Labels, year: int) -> Floats:
    """Greenfield CAPEX of each owner's operating and committed groups (w,) USD."""
    y = inputs.conditions.at(year)
    capex = inputs.technologies.capex[y, fleet.technology] * inputs.conditions.building[y, fleet.country]
    value = np.where(fleet.retires > year, fleet.capacity * capex, 0.0)
    position = np.searchsorted(owners.astype(str), fleet.owner.astype(str))
    return np.bincount(position, weights=value, minlength=len(owners))


def _initial_fleet(inputs: Inputs) -> Fleet:
    tables, scenario = inputs.dataset.tables, inputs.scenario
    start = scenario.period.start
    rows = tables["furnace_groups"]
    if not scenario.decisions.announced:
        rows = rows[rows["status"] != "announced"]
    rows = rows.merge(tables["plants"][["plant", "country", "owner", "synthetic"]], on="plant", how="left").sort_values(
        "furnace_group"
    )
    names, countries = inputs.technologies.names, inputs.countries
    technology = np.array([names.index(name) for name in rows["technology"]], dtype=np.int64)
    capacity = rows["capacity"].to_numpy(dtype=float) * rows["capacity_factor"].to_numpy(dtype=float)
    operating = (rows["status"] == "operating").to_numpy(dtype=bool)
    opens = rows["start_year"].to_numpy(dtype=np.int64)
    campaign = inputs.technologies.campaign[technology]
    begun = np.where(operating, rows["campaign_start"].to_numpy(dtype=np.int64), opens)
    periods = np.maximum(np.ceil((start - (begun + campaign - 1)) / campaign), 0).astype(np.int64)
    begun = begun + periods * campaign
    life = scenario.finance.life
    left = np.clip(life - (start - begun), 0, life)
    relined = operating | (periods > 0)
    invested = np.where(relined, inputs.technologies.reline[0, technology], inputs.technologies.capex[0, technology])
    country = np.array([countries.index(name) for name in rows["country"]], dtype=np.int64)
    invested = invested * inputs.conditions.building[0, country]
    repayment = np.where(left > 0, (1 - scenario.finance.equity_share) * invested * capacity / life, 0.0)
    return Fleet(
        id=rows["furnace_group"].to_numpy(dtype=object),
        plant=rows["plant"].to_numpy(dtype=object),
        owner=rows["owner"].to_numpy(dtype=object),
        country=country,
        technology=technology,
        capacity=capacity,
        opens=opens,
        retires=np.full(len(rows), NEVER),
        campaign_end=begun + campaign - 1,
        debt=repayment * np.minimum(left, life),
        repayment=repayment,
        loss_years=np.zeros(len(rows), dtype=np.int64),
        synthetic=rows["synthetic"].to_numpy(dtype=bool),
    )
