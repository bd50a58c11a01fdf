"""Random small worlds for property tests: every part of the tiny world drawn anew, and scenarios to go with it.

``worlds()`` composes the parts; each part is a strategy of its own that turns tables into tables, so a test can draw
only what it needs. A world is always feasible (demand may stay unmet) and always a valid dataset.
Set STEELIQ_EXAMPLES=10 to search ten times as many worlds, with fresh luck, as in a nightly run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from steeliq.simulation.accounts.books import Books, books_of, lcos_curve
from steeliq.simulation.accounts.emissions import Emissions, emissions_of
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.dataset.canonical import canonical, csv_text
from steeliq.simulation.dataset.schema import schema
from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state
from steeliq.simulation.market.dispatch import Dispatch, dispatch
from steeliq.simulation.market.groups import groups_of
from steeliq.simulation.market.network import Network, network_of
from steeliq.simulation.market.prices import YearPrices, nodal, ruled
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.state import State
from tests.worlds import COUNTRIES, YEARS, tiny_tables

Tables = Mapping[str, pd.DataFrame]

AREAS = ("WORLD", "Europe", "South Asia", "EU27", "BRICS", *COUNTRIES)
FURNACES = ("BF", "BF_CCS", "BOF", "DRI_GAS", "DRI_H2", "EAF")
BOUGHT = ("coking_coal", "pci_coal", "charcoal", "natural_gas", "electricity", "hydrogen", "lime", "co2_storage")
HUB = ("iron_ore", "dr_ore", "scrap", "pig_iron", "dri", "dri_h2", "crude_steel")


def examples(count: int) -> settings:
    """Settings of a property test: the same worlds in every run, unless a deeper search is asked for."""
    factor = int(os.environ.get("STEELIQ_EXAMPLES", "1"))
    return settings(
        max_examples=count * factor,
        derandomize=factor == 1,
        deadline=None,
        database=None,
        print_blob=True,
        phases=(Phase.explicit, Phase.generate),  # shrinking takes minutes
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


@lru_cache(maxsize=1)
def base_tables() -> Tables:
    """The tiny world in canonical form."""
    tables = tiny_tables()
    return MappingProxyType({name: canonical(tables[name], table) for name, table in schema().items()})


@dataclass(frozen=True)
class World:
    """A dataset and a scenario."""

    tables: Tables
    scenario: Scenario

    def _repr_pretty_(self, printer: Any, _cycle: object) -> None:  # how Hypothesis prints a failing example
        printer.text(str(self))

    def __str__(self) -> str:
        """Only what differs from the tiny world, so that a failing example can be read."""
        differing = [name for name, frame in self.tables.items() if not frame.equals(base_tables()[name])]
        texts = [f"{name}:\n{csv_text(self.tables[name], schema()[name])}" for name in differing]
        return "\n".join([*texts, f"scenario: {self.scenario.model_dump(exclude_defaults=True)}"])

    @property
    def dataset(self) -> Dataset:
        """The tables as a dataset in memory; its hash stands for nothing."""
        return Dataset(self.tables, "0" * 64, "random", "Random world", "1.0.0", Path())

    def having(self, **frames: pd.DataFrame) -> World:
        """The same world with other tables, put into canonical form."""
        return replace(self, tables=changed(self.tables, **frames))

    def under(self, **groups: Mapping[str, Any]) -> World:
        """The same world with other settings: ``under(carbon={"free_allocation": 0.0})``."""
        settings_now = self.scenario.model_dump()
        for group, values in groups.items():
            settings_now[group] = {**settings_now[group], **values}
        return replace(self, scenario=Scenario.model_validate(settings_now))


def tiny(**groups: Mapping[str, Any]) -> World:
    """The tiny world as it is, under the default scenario with some settings changed."""
    return World(base_tables(), Scenario()).under(**groups)


@dataclass(frozen=True)
class Solved:
    """The first year of a world, dispatched and booked."""

    inputs: Inputs
    state: State
    network: Network
    flows: Dispatch
    prices: YearPrices
    books: Books
    emissions: Emissions

    @property
    def objective(self) -> float:
        """Million USD."""
        return self.flows.solution.objective


def solved(world: World) -> Solved:
    """Compile, dispatch and book the first year."""
    inputs = compile_inputs(world.dataset, world.scenario)
    return solved_state(inputs, initial_state(inputs))


def solved_state(inputs: Inputs, state: State) -> Solved:
    """Dispatch and book the year of a state."""
    network = network_of(inputs, groups_of(inputs, state.fleet, state.year), state.year)
    flows = dispatch(inputs, network, None)
    at_nodes = nodal(inputs, flows)
    prices = ruled(inputs, at_nodes, flows, lambda: lcos_curve(inputs, state.fleet, flows, at_nodes))
    return Solved(
        inputs=inputs,
        state=state,
        network=network,
        flows=flows,
        prices=prices,
        books=books_of(inputs, state.fleet, flows, prices),
        emissions=emissions_of(inputs, flows, state.fleet),
    )


def changed(tables: Tables, **frames: pd.DataFrame) -> Tables:
    """Tables with some replaced; source and quality are filled in where rows are new."""
    out = dict(tables)
    for name, frame in frames.items():
        whole = frame.assign(source="invented", quality="E")
        out[name] = canonical(whole, schema()[name])
    return MappingProxyType(out)


def rows(*records: Mapping[str, object]) -> pd.DataFrame:
    """A frame of records, one a row."""
    return pd.DataFrame([dict(record) for record in records])


def scaled(frame: pd.DataFrame, key: str, value: str, factors: Mapping[str, float]) -> pd.DataFrame:
    """A column multiplied by a factor that depends on a key column; keys without factor stay."""
    return frame.assign(**{value: frame[value] * frame[key].map(factors).fillna(1.0)})


# --- numbers ---------------------------------------------------------------------------------------------------------


def between(low: float, high: float) -> st.SearchStrategy[float]:
    """A number with few digits, so that a failing world can be read."""
    return st.integers(0, 1000).map(lambda n: round(low + (high - low) * n / 1000, 6))


def factors(names: tuple[str, ...], low: float, high: float) -> st.SearchStrategy[dict[str, float]]:
    """A factor for every name."""
    return st.fixed_dictionaries({name: between(low, high) for name in names})


@st.composite
def _subset(draw: st.DrawFn, frame: pd.DataFrame) -> pd.DataFrame:
    keep = draw(st.lists(st.booleans(), min_size=len(frame), max_size=len(frame)))
    return frame[np.array(keep, dtype=bool)]


# --- parts: each maps tables to tables -------------------------------------------------------------------------------


@st.composite
def fleets(draw: st.DrawFn, tables: Tables) -> Tables:
    """Listed groups dropped and resized, new plants with random groups added."""
    groups, plants = tables["furnace_groups"], tables["plants"]
    kept = draw(_subset(groups))
    sizes = draw(st.lists(st.integers(50, 6000), min_size=len(kept), max_size=len(kept)))
    kept = kept.assign(capacity=np.array(sizes, dtype=float) * 1000.0)
    new_plants, new_groups = [], []
    for number in range(draw(st.integers(0, 3))):
        plant = f"N{number}"
        new_plants.append(
            {
                "plant": plant,
                "name": f"New {number}",
                "country": draw(st.sampled_from(COUNTRIES)),
                "latitude": 1.0,
                "longitude": 1.0,
                "owner": draw(st.sampled_from(("Minas", "New Steel"))),
                "synthetic": False,
            }
        )
        new_groups += [
            {
                "furnace_group": f"{plant}-{technology}",
                "plant": plant,
                "technology": technology,
                "capacity": draw(st.integers(50, 6000)) * 1000.0,
                "capacity_factor": 1.0,
                "status": "operating",
                "start_year": 2010,
                "campaign_start": 2010,
            }
            for technology in sorted(draw(st.sets(st.sampled_from(FURNACES), min_size=1, max_size=3)))
        ]
    listed = pd.concat([kept, pd.DataFrame(new_groups)], ignore_index=True) if new_groups else kept
    if listed.empty:
        listed = groups.head(1)
    sites = pd.concat([plants, pd.DataFrame(new_plants)], ignore_index=True) if new_plants else plants
    at = set(zip(listed["plant"], listed["technology"], strict=True))
    links = tables["hot_links"] if {("P7", "BOF"), ("P8", "BF")} <= at else tables["hot_links"].head(0)
    return changed(tables, plants=sites, furnace_groups=listed, hot_links=links)


@st.composite
def demands(draw: st.DrawFn, tables: Tables) -> Tables:
    """Demand by country, down to none."""
    level = draw(factors(COUNTRIES, 0.0, 2.5))
    return changed(tables, steel_demand=scaled(tables["steel_demand"], "country", "demand", level))


@st.composite
def scraps(draw: st.DrawFn, tables: Tables) -> Tables:
    """Scrap by country, and what its tiers cost."""
    supply = scaled(tables["scrap_supply"], "country", "supply", draw(factors(COUNTRIES, 0.0, 2.0)))
    tiers = tables["scrap_tiers"].assign(cost=sorted(draw(st.lists(between(20, 500), min_size=3, max_size=3))))
    return changed(tables, scrap_supply=supply, scrap_tiers=tiers)


@st.composite
def ores(draw: st.DrawFn, tables: Tables) -> Tables:
    """Mine capacities (down to none) and ore costs."""
    mines = tables["mines"]
    mines = scaled(mines, "mine", "capacity", draw(factors(tuple(mines["mine"]), 0.0, 1.0)))
    ore = tables["ore_supply"]
    level = draw(st.lists(between(0.5, 3.0), min_size=len(ore), max_size=len(ore)))
    return changed(tables, mines=mines, ore_supply=ore.assign(cost=ore["cost"] * np.array(level)))


@st.composite
def prices(draw: st.DrawFn, tables: Tables) -> Tables:
    """Prices of bought goods, and labour."""
    table = scaled(tables["prices"], "commodity", "price", draw(factors(BOUGHT, 0.3, 3.0)))
    factor = tables["country_factors"]
    busy = factor["factor"] == "availability"
    share = draw(between(0.3, 1.0))
    level = np.where(busy, np.minimum(factor["value"], share), factor["value"])
    return changed(tables, prices=table, country_factors=factor.assign(value=level))


@st.composite
def carbon(draw: st.DrawFn, tables: Tables) -> Tables:
    """Carbon prices by area, free allowances and border adjustments on overlapping areas."""
    areas = ("WORLD", *sorted(draw(st.sets(st.sampled_from(AREAS[1:]), max_size=3))))
    level = {area: draw(between(0.0, 250.0)) for area in areas}
    current = [
        {"scenario": "current", "area": area, "year": year, "price": level[area] * share}
        for area in areas
        for year, share in zip(YEARS, (0.5, 1.0, 1.5, 2.0), strict=True)
    ]
    others = tables["carbon_prices"][tables["carbon_prices"]["scenario"] != "current"]
    free = [
        {"area": area, "product": product, "year": year, "benchmark": draw(between(0.0, 1.5)), "share": share}
        for area in sorted(draw(st.sets(st.sampled_from(("EU27", "WORLD", "IND")), max_size=2)))
        for product in sorted(draw(st.sets(st.sampled_from(("hot_metal", "crude_steel")), max_size=2)))
        for year, share in ((2025, 1.0), (2034, 0.0))
    ]
    border = [
        {"bloc": bloc, "commodity": good, "year": 2025, "share": draw(between(0.0, 1.0))}
        for bloc in sorted(draw(st.sets(st.sampled_from(("EU27", "BRICS")), max_size=2)))
        for good in sorted(draw(st.sets(st.sampled_from(("crude_steel", "pig_iron", "dri")), max_size=2)))
    ]
    return changed(
        tables,
        carbon_prices=pd.concat([pd.DataFrame(current), others], ignore_index=True),
        free_allocation=pd.DataFrame(free) if free else tables["free_allocation"].head(0),
        border_adjustments=pd.DataFrame(border) if border else tables["border_adjustments"].head(0),
    )


_TARIFF = ("importer", "exporter", "commodity", "start", "end", "ad_valorem", "specific", "banned")


@st.composite
def tariffs(draw: st.DrawFn, tables: Tables) -> Tables:
    """Duties, bans and quotas between areas."""
    pairs = st.tuples(
        st.sampled_from((*COUNTRIES, "EU27", "BRICS")), st.sampled_from((*COUNTRIES, "WORLD", "NOT EU27"))
    )
    keys = sorted(draw(st.sets(st.tuples(pairs, st.sampled_from(HUB)), max_size=4)))
    duty = [
        (
            *pair,
            good,
            2018,
            2100,
            draw(between(0, 0.4)),
            draw(between(0, 60)),
            draw(st.integers(0, 3)) == 0,
        )
        for pair, good in keys
    ]
    limits = [
        {
            "quota": f"Q{n}",
            "importer": pair[0],
            "exporter": pair[1],
            "commodity": good,
            "start": 2018,
            "end": 2100,
            "quantity": draw(between(0, 3e6)),
        }
        for n, (pair, good) in enumerate(sorted(draw(st.sets(st.tuples(pairs, st.sampled_from(HUB)), max_size=3))))
    ]
    return changed(
        tables,
        tariffs=pd.DataFrame(duty, columns=list(_TARIFF)) if duty else tables["tariffs"].head(0),
        quotas=pd.DataFrame(limits) if limits else tables["quotas"].head(0),
    )


@st.composite
def freight(draw: st.DrawFn, tables: Tables) -> Tables:
    """Handling and freight by class of goods; ways that do not exist."""
    table = tables["transport_costs"]
    size = len(table)
    handling, sea, land = (
        np.array(draw(st.lists(between(low, high), min_size=size, max_size=size)))
        for low, high in ((0.0, 90.0), (0.0005, 0.01), (0.005, 0.06))
    )
    ways = tables["distances"]
    closed = np.array(draw(st.lists(st.integers(0, 4), min_size=len(ways), max_size=len(ways)))) == 0
    ways = ways.assign(sea=ways["sea"].mask(closed))
    return changed(tables, transport_costs=table.assign(handling=handling, sea=sea, land=land), distances=ways)


@st.composite
def grids(draw: st.DrawFn, tables: Tables) -> Tables:
    """Emissions of power."""
    table = tables["grid_intensity"]
    level = draw(factors(tuple(sorted(set(table["area"]))), 0.0, 2.0))
    return changed(tables, grid_intensity=scaled(table, "area", "intensity", level))


@st.composite
def limits(draw: st.DrawFn, tables: Tables) -> Tables:
    """CO2 storage and biomass, scarce to plentiful, for areas that overlap."""
    storage = [
        {"area": area, "year": year, "cumulative": total * share}
        for area in sorted(draw(st.sets(st.sampled_from(("Europe", "South Asia", "WORLD", "BRA")), max_size=3)))
        for total in [draw(between(0.0, 80e6))]
        for year, share in ((2020, 0.0), (2030, 0.2), (2040, 0.6), (2050, 1.0))
    ]
    biomass = [
        {"area": area, "commodity": "charcoal", "year": year, "supply": draw(between(0.0, 1e6))}
        for area in sorted(draw(st.sets(st.sampled_from(("BRA", "BRICS", "WORLD", "DEU")), max_size=3)))
        for year in YEARS
    ]
    return changed(
        tables,
        co2_storage=pd.DataFrame(storage) if storage else tables["co2_storage"].head(0),
        biomass_supply=pd.DataFrame(biomass) if biomass else tables["biomass_supply"].head(0),
    )


@st.composite
def charges(draw: st.DrawFn, tables: Tables) -> Tables:
    """Charge shares: minimum and maximum of each group of charges."""
    table = tables["charge_limits"]
    names = sorted(set(zip(table["technology"], table["charge_group"], strict=True)))
    low = {name: draw(between(0.0, 0.6)) if name[1] == "hot_metal_and_pig" else 0.0 for name in names}
    width = {name: draw(between(0.05, 0.4)) for name in names}
    keys = list(zip(table["technology"], table["charge_group"], strict=True))
    minimum = np.array([low[key] for key in keys])
    return changed(
        tables, charge_limits=table.assign(minimum=minimum, maximum=minimum + np.array([width[key] for key in keys]))
    )


@st.composite
def steps(draw: st.DrawFn, tables: Tables) -> Tables:
    """Rising-cost steps and minimum loads."""
    table = tables["cost_steps"]
    parts = []
    for _, part in table.groupby("cost_steps"):
        size = len(part)
        share = np.array(draw(st.lists(st.integers(1, 10), min_size=size, max_size=size)), dtype=float)
        adder = np.cumsum(draw(st.lists(between(0.0, 90.0), min_size=size, max_size=size)))
        parts.append(part.assign(share=share / share.sum(), adder=adder))
    technologies = tables["technologies"]
    load = np.array(draw(st.lists(between(0.0, 0.9), min_size=len(technologies), max_size=len(technologies))))
    return changed(tables, cost_steps=pd.concat(parts), technologies=technologies.assign(minimum_load=load))


PARTS: tuple[Callable[[Tables], st.SearchStrategy[Tables]], ...] = (
    *(fleets, demands, scraps, ores, prices, carbon, tariffs, freight, grids, limits, charges, steps),
)


# --- whole worlds ----------------------------------------------------------------------------------------------------


@st.composite
def datasets(draw: st.DrawFn, parts: tuple[Callable[[Tables], st.SearchStrategy[Tables]], ...] = PARTS) -> Tables:
    """The tiny world with some of its parts drawn anew."""
    tables = base_tables()
    for part in parts:
        if draw(st.integers(0, 3)):
            tables = draw(part(tables))
    return tables


@st.composite
def scenarios(draw: st.DrawFn, years: int = 1) -> Scenario:
    """Valid settings of everything that reaches the dispatch, the accounts and the decisions."""
    start = draw(st.sampled_from((2025, 2027, 2031, 2040)))
    carbon_paths = draw(st.dictionaries(st.sampled_from(AREAS), between(0.0, 200.0), max_size=2))
    decisions = {
        "mode": draw(st.sampled_from(("probabilistic", "deterministic"))),
        "unit": draw(st.sampled_from(("site", "furnace_group"))),
        "closing": draw(st.sampled_from(("avoidable_cost", "one_loss_year"))),
        "self_sufficiency": draw(between(0.0, 1.0)),
        "announced": draw(st.booleans()),
        "target_utilisation": draw(between(0.3, 1.0)),
    }
    return Scenario.model_validate(
        {
            "seed": draw(st.integers(0, 1000)),
            "period": {"start": start, "end": start + years - 1},
            "demand": {
                "scenario": draw(st.sampled_from(("bau", "high_circularity"))),
                "factor": {start: draw(between(0.3, 1.5)), 2050: draw(between(0.3, 1.5))},
            },
            "scrap": {"factor": draw(between(0.3, 1.5))},
            "prices": {
                "scenario": draw(st.sampled_from(("reference", "dedicated"))),
                "factors": draw(st.dictionaries(st.sampled_from(BOUGHT), between(0.3, 2.0), max_size=2)),
                "rule": draw(st.sampled_from(("nodal", "merit_order"))),
            },
            "grid": {"scenario": draw(st.sampled_from(("reference", "decarbonised")))},
            "carbon": {
                "scenario": draw(st.sampled_from(("none", "current", "uniform_100"))),
                "paths": carbon_paths,
                "free_allocation": draw(between(0.0, 1.0)),
                "border_adjustment": draw(st.booleans()),
            },
            "trade": {
                "tariffs": draw(between(0.0, 2.0)),
                "frictions": draw(between(0.0, 2.0)),
                "freight": draw(between(0.1, 2.0)),
                "bans": draw(st.booleans()),
                "quotas": draw(st.booleans()),
            },
            "finance": {"equity_share": draw(between(0.1, 1.0)), "opening_treasury": draw(between(0.0, 1.0))},
            "decisions": decisions,
            "limits": {"co2_storage": draw(between(0.0, 2.0)), "biomass": draw(between(0.0, 2.0))},
            "dispatch": {
                "minimum_load_penalty": draw(between(0.0, 60.0)),
                "cost_steps": draw(between(0.0, 1.5)),
                "labour_cost": draw(between(0.0, 60.0)),
                "hot_link_distance": draw(st.sampled_from((0.0, 30.0))),
            },
        }
    )


@st.composite
def worlds(draw: st.DrawFn, years: int = 1) -> World:
    """A random world under a random scenario, or under the default one."""
    tables = draw(datasets())
    plain = Scenario.model_validate({"period": {"start": 2025, "end": 2025 + years - 1}})
    return World(tables, draw(st.one_of(scenarios(years), st.just(plain))))


@dataclass(frozen=True)
class Policy:
    """Rows of the policy tables, and settings to go with them."""

    rows: Mapping[str, pd.DataFrame]
    settings: Mapping[str, Mapping[str, Any]]

    def tables(self, world: World) -> dict[str, pd.DataFrame]:
        """The tables for a world: tariff-rate quotas only where it has quotas."""
        rate = pd.DataFrame({"quota": world.tables["quotas"]["quota"], "ad_valorem": 0.02, "specific": 12.0})
        return {**self.rows, "tariff_rate_quotas": rate}


def _drawn(draw: st.DrawFn, columns: str, few: int, *parts: st.SearchStrategy[Any]) -> pd.DataFrame:
    """Rows with a number for a name, their other cells drawn."""
    names = columns.split()
    rows = [(f"{names[0]} {n}", *(draw(part) for part in parts)) for n in range(draw(st.integers(0, few)))]
    return pd.DataFrame(rows, columns=names)


@st.composite
def instruments(draw: st.DrawFn) -> Policy:
    """Support, caps, scarce inputs, premiums, and duties and limits by flow on overlapping areas."""
    area = st.sampled_from((*AREAS, "NOT EU27"))
    pattern, start = st.sampled_from(("*", "DRI_*", *FURNACES)), st.sampled_from((2020, 2030))
    good = st.sampled_from((*BOUGHT, *HUB))
    end = st.just(2100)
    subsidies = _drawn(
        draw, "subsidy area technology item commodity start end relative absolute", 4,
        area, pattern, st.just("commodity"), good, start, end, between(-0.5, 0.6), between(-40, 250),
    )  # fmt: skip
    contracts = _drawn(
        draw, "contract area technology start end strike benchmark two_way", 2,
        area, pattern, start, end, between(0, 200), between(0, 2), st.booleans(),
    )  # fmt: skip
    places = sorted(draw(st.sets(st.sampled_from(AREAS), max_size=2)))
    year = draw(st.sampled_from((2025, 2030)))
    caps = pd.DataFrame([(place, year, draw(between(0, 8e6))) for place in places], columns=["area", "year", "cap"])
    scarce = pd.DataFrame(
        [("power", place, year, draw(between(0, 8e6))) for place in places],
        columns=["limit", "area", "year", "supply"],
    )
    goods = pd.DataFrame([("power", "electricity", 1.0), ("power", "hydrogen", 50.0)], columns=_LIMITED)
    paid = pd.DataFrame(
        [(place, year, draw(between(0, 2.5)), draw(between(0, 150)), draw(between(0, 1))) for place in places],
        columns=["area", "year", "threshold", "premium", "share"],
    )
    uses = [f"{commodity} in {place}" for commodity in ("electricity", "hydrogen") for place in AREAS]
    names = st.sampled_from(("scrap from EU27", "dri* to WORLD", "crude_steel to NOT EU27", "* from IND to South Asia"))
    paths = st.one_of(between(0, 2), st.sampled_from(({2025: 0.5}, {2025: 0.0, 2030: 1.0}, {2030: 0.0})))
    return Policy(
        rows={
            "subsidies": subsidies,
            "carbon_contracts": contracts,
            "emission_caps": caps,
            "input_limits": scarce,
            "input_limit_goods": goods if len(scarce) else goods.head(0),
            "low_carbon_demand": paid,
        },
        settings={
            "demand": {
                "premiums": draw(st.dictionaries(st.sampled_from(AREAS), between(0, 150), max_size=1)),
                "low_carbon_threshold": draw(between(0, 2.5)),
                "low_carbon_share": draw(between(0, 1)),
            },
            "carbon": {
                "priced": draw(st.sampled_from(("scope1", "scope1_and_2"))),
                "caps": draw(st.dictionaries(st.sampled_from(AREAS), paths, max_size=1)),
                "cap_price_ceiling": draw(between(50, 900)),
                "borders": draw(st.dictionaries(st.sampled_from(AREAS), between(0, 1), max_size=2)),
                "border_credit": draw(between(0, 1)),
            },
            "support": {
                "hydrogen": draw(st.dictionaries(st.sampled_from(AREAS), between(0, 4000), max_size=2)),
                "debt": draw(st.dictionaries(st.sampled_from(AREAS), between(0, 0.05), max_size=1)),
                "strikes": draw(st.dictionaries(st.sampled_from(AREAS), between(0, 200), max_size=1)),
                "benchmark": draw(between(0, 2)),
            },
            "trade": {
                "duties": draw(st.dictionaries(names, paths, max_size=2)),
                "charges": draw(st.dictionaries(names, between(0, 150), max_size=1)),
                "limits": draw(st.dictionaries(names, paths, max_size=2)),
            },
            "limits": {
                "storage_rule": draw(st.sampled_from(("yearly", "cumulative"))),
                "use": draw(st.dictionaries(st.sampled_from(uses), between(0, 8), max_size=1)),
            },
        },
    )


_LIMITED = ["limit", "commodity", "weight"]
