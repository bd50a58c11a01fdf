"""A second dispatch, written from the equations of the model and the tables alone, furnace group by furnace group.

Plain loops over rows, a dictionary of columns and rows, SciPy's solver: slow, and sharing no code with the product.
Quantities in Mt, costs in USD/t.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from steeliq.simulation.scenario import Scenario
from tests import oracle_policy

# share, carbon price, allowances that lower the charge, by good, and who does not pay at this border
type Zone = tuple[float, float, tuple[float, ...], tuple[str, ...]]

Key = tuple[Any, ...]
Record = dict[str, Any]


class Programme:
    """Named columns (>= 0) with costs, named rows with two bounds."""

    def __init__(self) -> None:
        self.cost: dict[Key, float] = {}
        self.upper: dict[Key, float] = {}
        self.entries: dict[Key, dict[Key, float]] = defaultdict(lambda: defaultdict(float))
        self.bounds: dict[Key, tuple[float, float]] = {}

    def column(self, key: Key, cost: float, upper: float = np.inf) -> Key:
        self.cost[key], self.upper[key] = cost, upper
        return key

    def row(self, key: Key, low: float, high: float) -> None:
        self.bounds[key] = (low, high)

    def add(self, row: Key, column: Key, value: float) -> None:
        self.entries[row][column] += value

    def solve(self) -> tuple[float, dict[Key, float]]:
        """Objective in million USD and the columns' values."""
        names = list(self.cost)
        at = {name: n for n, name in enumerate(names)}
        equal, at_most = [], []
        for row, (low, high) in self.bounds.items():
            entries = {at[column]: value for column, value in self.entries[row].items()}
            if low == high:
                equal.append((entries, low))
                continue
            if np.isfinite(high):
                at_most.append((entries, high))
            if np.isfinite(low):
                at_most.append(({n: -value for n, value in entries.items()}, -low))
        result = linprog(
            list(self.cost.values()),
            A_ub=_matrix(at_most, len(names)),
            b_ub=[bound for _, bound in at_most] or None,
            A_eq=_matrix(equal, len(names)),
            b_eq=[bound for _, bound in equal] or None,
            bounds=[(0.0, self.upper[name]) for name in names],
            method="highs-ds",
            options={"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9},
        )
        if result.status != 0:
            raise AssertionError(f"the second dispatch has no optimum: {result.message}")
        return float(result.fun), dict(zip(names, result.x.tolist(), strict=True))


def _matrix(rows: list[tuple[dict[int, float], float]], width: int) -> Any:
    if not rows:
        return None
    entries = [(r, n, value) for r, (part, _) in enumerate(rows) for n, value in part.items()]
    r, n, value = zip(*entries, strict=True) if entries else ((), (), ())
    return csr_matrix((value, (r, n)), shape=(len(rows), width))


def linear(points: Mapping[int, float], year: int) -> float:
    """Linear between the points, held outside them."""
    known = sorted(points)
    if year <= known[0]:
        return points[known[0]]
    for left, right in pairwise(known):
        if year <= right:
            return points[left] + (points[right] - points[left]) * (year - left) / (right - left)
    return points[known[-1]]


class World:
    """The tables of a dataset as records, read for one year under one scenario."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], scenario: Scenario, year: int) -> None:
        self.tables: dict[str, list[Record]] = {n: f.to_dict("records") for n, f in tables.items()}  # type: ignore[misc]  # keys are texts
        self.scenario, self.year = scenario, year
        self.region = {row["country"]: row["region"] for row in self.tables["countries"]}
        self.countries = list(self.region)
        self.goods = {row["commodity"]: row for row in self.tables["commodities"]}
        self.technologies = {row["technology"]: row for row in self.tables["technologies"]}
        self.blocs = {(row["bloc"], row["country"]) for row in self.tables["blocs"]}
        self.recipes: dict[tuple[str, str], tuple[dict[str, float], dict[str, float]]] = defaultdict(lambda: ({}, {}))
        for row in self.tables["bill_of_materials"]:
            side = 0 if row["direction"] == "input" else 1
            self.recipes[row["technology"], row["option"]][side][row["commodity"]] = row["amount"]
        self._units: dict[tuple[str, str], Record] = {}

    def within(self, country: str, area: str) -> bool:
        if area.startswith("NOT "):
            return not self.within(country, area[4:])
        return area in {"WORLD", country, self.region[country]} or (area, country) in self.blocs

    def rank(self, area: str) -> tuple[int, str]:
        if area == "WORLD":
            return 0, area
        if area in self.region:
            return 3, area
        return (2 if any(area == bloc for bloc, _ in self.blocs) else 1), area

    def series(self, rows: list[Record], column: str, area: str, country: str, default: float) -> float:
        """Of the areas that hold the country the most specific one; then the year."""
        areas = sorted({row[area] for row in rows if self.within(country, row[area])}, key=self.rank)
        if not areas:
            return default
        return linear({row["year"]: row[column] for row in rows if row[area] == areas[-1]}, self.year)

    def path(self, path: float | dict[int, float]) -> float:
        return linear(path, self.year) if isinstance(path, dict) else path

    def price(self, good: str, country: str) -> float:
        rows = [row for row in self.tables["prices"] if row["commodity"] == good]
        if not rows:
            return 0.0
        own = [row for row in rows if row["scenario"] == self.scenario.prices.scenario]
        chosen = own or [row for row in rows if row["scenario"] == "reference"]
        return self.series(chosen, "price", "area", country, 0.0) * self.path(
            self.scenario.prices.factors.get(good, 1.0)
        )

    def carbon_price(self, country: str) -> float:
        paths = self.scenario.carbon.paths
        named = sorted((area for area in paths if self.within(country, area)), key=self.rank)
        if named:
            return self.path(paths[named[-1]])
        rows = [row for row in self.tables["carbon_prices"] if row["scenario"] == self.scenario.carbon.scenario]
        return self.series(rows, "price", "area", country, 0.0)

    def free(self, product: str, country: str) -> float:
        """Free allowances per tonne of product, tCO2/t."""
        rows = [row for row in self.tables["free_allocation"] if row["product"] == product]
        benchmark = self.series(rows, "benchmark", "area", country, 0.0)
        return benchmark * self.series(rows, "share", "area", country, 0.0) * self.scenario.carbon.free_allocation

    def factor(self, name: str, country: str) -> float:
        rows = [row for row in self.tables["country_factors"] if row["factor"] == name and row["country"] == country]
        return self.series(rows, "value", "country", country, 1.0)

    def unit(self, technology: str, option: str) -> Record:
        """What a tonne of product buys net, and its CO2, auxiliary steps included."""
        if (technology, option) in self._units:
            return self._units[technology, option]
        inputs, outputs = self.recipes[technology, option]
        net: dict[str, float] = defaultdict(float)
        carbon_in = sum(amount * self.goods[good]["carbon"] for good, amount in inputs.items())
        carbon_out = sum(amount * self.goods[good]["carbon"] for good, amount in outputs.items())
        fossil_in = sum(
            a * self.goods[good]["carbon"] for good, a in inputs.items() if not self.goods[good]["biogenic"]
        )
        emitted = carbon_in - carbon_out
        fossil = min(max(fossil_in - carbon_out, 0.0), max(emitted, 0.0)) * 44.0 / 12.0
        captured = self.technologies[technology]["capture_rate"] * emitted * 44.0 / 12.0
        for good, amount in inputs.items():
            makers = [key for key in self.recipes if self.technologies[key[0]]["product"] == good]
            if self.goods[good]["kind"] == "internal":
                below = self.unit(*makers[0])
                for other, used in below["net"].items():
                    net[other] += amount * used
                fossil += amount * below["fossil"]
            else:
                net[good] += amount
        for good, amount in outputs.items():
            if good != self.technologies[technology]["product"]:
                net[good] -= amount
        self._units[technology, option] = {
            "net": dict(net),
            "fossil": fossil,
            "captured": captured,
            "scope1": fossil - captured,
            "charge": {g: a for g, a in net.items() if self.goods[g]["metallic"] and a > 0},
        }
        return self._units[technology, option]

    def cost(self, technology: str, option: str, country: str) -> float:
        """Bought goods, storage, conversion and carbon of a tonne, USD."""
        unit, scenario = self.unit(technology, option), self.scenario
        product = self.technologies[technology]["product"]
        total = sum(amount * self.price(good, country) for good, amount in unit["net"].items())
        total += unit["captured"] * self.price("co2_storage", country)
        conversion = [
            row
            for row in self.tables["technology_costs"]
            if row["technology"] == technology and row["item"] == "conversion"
        ]
        if conversion:
            total += linear({row["year"]: row["value"] for row in conversion}, self.year)
        labour = self.technologies[technology]["labour_weight"] * self.factor("labour_index", country)
        total += scenario.dispatch.labour_cost * labour
        total += self.carbon_price(country) * (unit["scope1"] - self.free(product, country))
        total += oracle_policy.grid_carbon(self, technology, option, country)
        return float(total - oracle_policy.support(self, technology, option, country))


def fleet(world: World) -> list[Record]:
    """Furnace groups that operate in the year, with available capacity in Mt."""
    plants = {row["plant"]: row for row in world.tables["plants"]}
    out = []
    for row in world.tables["furnace_groups"]:
        announced = row["status"] == "announced" and not world.scenario.decisions.announced
        if announced or row["start_year"] > world.year:
            continue
        country = plants[row["plant"]]["country"]
        share = world.technologies[row["technology"]]["availability"] * min(world.factor("availability", country), 1.0)
        capacity = row["capacity"] * row["capacity_factor"] * share / 1e6
        out.append({**row, "country": country, "available": capacity})
    return out


def programme(tables: Mapping[str, pd.DataFrame], scenario: Scenario, year: int) -> Programme:
    """The dispatch of a year."""
    world, lp = World(tables, scenario, year), Programme()
    groups = fleet(world)
    links = _links(world, groups)
    sources: dict[tuple[str, str], list[Record]] = defaultdict(list)  # (good, country) -> what enters the pool
    uses: dict[tuple[str, str], list[tuple[Key, float]]] = defaultdict(list)
    for group in groups:
        _make(world, lp, group, links, sources, uses)
    for maker, user, good in links:
        move = lp.column(("move", maker["furnace_group"], user["furnace_group"], good), 0.0)
        lp.add(("hot out", maker["furnace_group"]), move, -1.0)
        lp.add(("hot in", user["furnace_group"], good), move, 1.0)
    _supply(world, lp, sources)
    _trade(world, lp, sources, uses)
    oracle_policy.flows(world, lp)
    oracle_policy.use_limits(world, lp, groups)
    oracle_policy.low_carbon(world, lp, groups, links)
    _area_limits(world, lp, groups)
    _border(world, lp, groups, links, sources)
    return lp


def _links(world: World, groups: list[Record]) -> list[tuple[Record, Record, str]]:
    near = {
        (row["iron_plant"], row["steel_plant"])
        for row in world.tables["hot_links"]
        if row["distance"] <= world.scenario.dispatch.hot_link_distance
    }
    out = []
    for maker in groups:
        good = world.technologies[maker["technology"]]["product"]
        if world.goods[good]["kind"] != "hot":
            continue
        for user in groups:
            takes = any(
                good in inputs
                for (technology, _), (inputs, _) in world.recipes.items()
                if technology == user["technology"]
            )
            here = maker["plant"] == user["plant"]
            linked = good == "hot_metal" and (maker["plant"], user["plant"]) in near
            if takes and (here or linked):
                out.append((maker, user, good))
    return out


def _make(
    world: World,
    lp: Programme,
    group: Record,
    links: list[tuple[Record, Record, str]],
    sources: dict[tuple[str, str], list[Record]],
    uses: dict[tuple[str, str], list[tuple[Key, float]]],
) -> None:
    name, technology, country = group["furnace_group"], group["technology"], group["country"]
    facts, scenario = world.technologies[technology], world.scenario.dispatch
    product = facts["product"]
    received = {good for _, user, good in links if user["furnace_group"] == name}
    sends = any(maker["furnace_group"] == name for maker, _, _ in links)
    pooled = world.goods[product]["cold_twin"] or product
    if sends:
        lp.row(("hot out", name), 0.0, 0.0)
        cool = lp.column(("cool", name), 0.0)
        lp.add(("hot out", name), cool, -1.0)
        sources[pooled, country].append({"column": cool, "group": group, "option": None})
    for good in received:
        lp.row(("hot in", name, good), 0.0, 0.0)
    rules = [row for row in world.tables["charge_limits"] if row["technology"] == technology]
    members = defaultdict(set)
    for row in world.tables["charge_groups"]:
        if row["technology"] == technology:
            members[row["charge_group"]].add(row["commodity"])
    for rule in {row["charge_group"] for row in rules}:
        lp.row(("charge min", name, rule), 0.0, np.inf)
        lp.row(("charge max", name, rule), -np.inf, 0.0)
    lp.row(("capacity", name), 0.0, 0.0)
    for (owner, option), (inputs, _) in world.recipes.items():
        hot = {good for good in inputs if world.goods[good]["kind"] == "hot"}
        if owner != technology or not hot <= received:
            continue
        unit = world.unit(technology, option)
        z = lp.column(("make", name, option), world.cost(technology, option, country))
        lp.add(("capacity", name), z, 1.0)
        if sends:
            lp.add(("hot out", name), z, 1.0)
        else:
            sources[pooled, country].append({"column": z, "group": group, "option": option})
        for good, amount in unit["net"].items():
            if good in hot:
                lp.add(("hot in", name, good), z, -amount)
            elif world.goods[good]["kind"] == "hub" and amount > 0:
                uses[good, country].append((z, amount))
        total = sum(unit["charge"].values())
        for rule in {row["charge_group"] for row in rules}:
            inside = sum(amount for good, amount in unit["charge"].items() if good in members[rule])
            points = [row for row in rules if row["charge_group"] == rule]
            low, high = (
                linear({row["year"]: row[side] for row in points}, world.year) for side in ("minimum", "maximum")
            )
            lp.add(("charge min", name, rule), z, inside - low * total)
            lp.add(("charge max", name, rule), z, inside - high * total)
    _steps(world, lp, group, scenario.minimum_load_penalty, scenario.cost_steps)


def _steps(world: World, lp: Programme, group: Record, penalty: float, factor: float) -> None:
    """Steps as columns; the shortfall w as a column of its own, with the constant taken out of the objective."""
    name, facts = group["furnace_group"], world.technologies[group["technology"]]
    classes = sorted(
        (row for row in world.tables["cost_steps"] if row["cost_steps"] == facts["cost_steps"]),
        key=lambda row: row["step"],
    )
    total = sum(row["share"] for row in classes)
    for row in classes or [{"step": 1, "share": 1.0, "adder": 0.0}]:
        width = row["share"] / (total or 1.0) * group["available"]
        step = lp.column(("step", name, row["step"]), row["adder"] * factor, width)
        lp.add(("capacity", name), step, -1.0)
    # sum z + w >= load: w up to the load at the penalty; the product counts the avoided penalty, a constant less
    load = facts["minimum_load"] * group["available"]
    avoided = lp.column(("avoided", name), -penalty, load)
    lp.row(("load", name), 0.0, np.inf)
    lp.add(("load", name), avoided, -1.0)
    for row in classes or [{"step": 1}]:
        lp.add(("load", name), ("step", name, row["step"]), 1.0)


def _supply(world: World, lp: Programme, sources: dict[tuple[str, str], list[Record]]) -> None:
    mines = {row["mine"]: row for row in world.tables["mines"]}
    for mine, row in mines.items():
        lp.row(("mine", mine), -np.inf, row["capacity"] / 1e6)
    for row in world.tables["ore_supply"]:
        mine = mines[row["mine"]]
        limit = row["share"] * mine["capacity"] / 1e6
        q = lp.column(("ore", row["mine"], row["commodity"], row["tier"]), row["cost"], limit)
        lp.add(("mine", row["mine"]), q, 1.0)
        sources[row["commodity"], mine["country"]].append({"column": q, "group": None, "option": None})
    rows = [row for row in world.tables["scrap_supply"] if row["scenario"] == world.scenario.scrap.scenario]
    for country in world.countries:
        own = [row for row in rows if row["country"] == country]
        supply = world.series(own, "supply", "country", country, 0.0) * world.path(world.scenario.scrap.factor) / 1e6
        for tier in world.tables["scrap_tiers"]:
            s = lp.column(("scrap", country, tier["tier"]), tier["cost"], supply * tier["share"])
            sources["scrap", country].append({"column": s, "group": None, "option": None})


def _ways(world: World) -> dict[tuple[str, str], tuple[float, float]]:
    ways: dict[tuple[str, str], tuple[float, float]] = {}
    for row in world.tables["distances"]:
        sea, land = (np.inf if np.isnan(row[way]) else row[way] for way in ("sea", "land"))
        ways[row["origin"], row["destination"]] = ways[row["destination"], row["origin"]] = (sea, land)
    return ways


def _trade(
    world: World,
    lp: Programme,
    sources: dict[tuple[str, str], list[Record]],
    uses: dict[tuple[str, str], list[tuple[Key, float]]],
) -> None:
    rows = [row for row in world.tables["steel_demand"] if row["scenario"] == world.scenario.demand.scenario]
    factor = world.path(world.scenario.demand.factor)
    for good in (good for good, facts in world.goods.items() if facts["kind"] == "hub"):
        for country in world.countries:
            own = [row for row in rows if row["country"] == country]
            demand = world.series(own, "demand", "country", country, 0.0) * factor / 1e6
            wanted = demand if good == "crude_steel" else 0.0
            lp.row(("pool", good, country), 0.0, 0.0)
            lp.row(("arrivals", good, country), wanted, wanted)
            for source in sources[good, country]:
                lp.add(("pool", good, country), source["column"], 1.0)
            for column, amount in uses[good, country]:
                lp.add(("arrivals", good, country), column, -amount)
            if good == "crude_steel":
                unmet = lp.column(("unmet", country), world.scenario.dispatch.lost_load)
                lp.add(("arrivals", good, country), unmet, 1.0)
        _ship(world, lp, good)
    _quotas(world, lp)


def _ship(world: World, lp: Programme, good: str) -> None:
    """Shipments of a good between every two countries that have a way and no ban between them; free at home."""
    settings, ways = world.scenario.trade, _ways(world)
    classes = {row["transport"]: row for row in world.tables["transport_costs"]}
    rate = classes[world.goods[good]["transport"]]
    for origin in world.countries:
        for destination in world.countries:
            cost = duty = 0.0
            if origin != destination:
                sea, land = ways.get((origin, destination), (np.inf, np.inf))
                cost = min(sea * rate["sea"], land * rate["land"]) * settings.freight
                cost += rate["handling"] * settings.frictions
                duty, banned = _duty(world, good, origin, destination)
                if banned or not np.isfinite(cost):
                    continue
            ship = lp.column(("ship", good, origin, destination), cost + duty)
            lp.add(("pool", good, origin), ship, -1.0)
            lp.add(("arrivals", good, destination), ship, 1.0)


def _quotas(world: World, lp: Programme) -> None:
    for row in world.tables["quotas"] if world.scenario.trade.quotas else []:
        if not row["start"] <= world.year <= row["end"]:
            continue
        lp.row(("quota", row["quota"]), -np.inf, row["quantity"] / 1e6)
        for duty in [duty for duty in world.tables["tariff_rate_quotas"] if duty["quota"] == row["quota"]]:
            base = world.goods[row["commodity"]]["duty_base"]
            price = (duty["ad_valorem"] * base + duty["specific"]) * world.scenario.trade.tariffs
            beyond = lp.column(("beyond quota", row["quota"]), price)
            lp.add(("quota", row["quota"]), beyond, -1.0)
        for column in [column for column in lp.cost if column[0] == "ship" and column[1] == row["commodity"]]:
            origin, destination = column[2:]
            inside = world.within(origin, row["exporter"]) and world.within(destination, row["importer"])
            if inside and origin != destination:
                lp.add(("quota", row["quota"]), column, 1.0)


def _duty(world: World, good: str, origin: str, destination: str) -> tuple[float, bool]:
    duty, banned = 0.0, False
    for row in world.tables["tariffs"]:
        applies = row["commodity"] == good and row["start"] <= world.year <= row["end"]
        if applies and world.within(origin, row["exporter"]) and world.within(destination, row["importer"]):
            base = world.goods[good]["duty_base"]
            duty += (row["ad_valorem"] * base + row["specific"]) * world.scenario.trade.tariffs
            banned |= row["banned"] and world.scenario.trade.bans
    return duty, banned


def _area_limits(world: World, lp: Programme, groups: list[Record]) -> None:
    country = {group["furnace_group"]: group["country"] for group in groups}
    technology = {group["furnace_group"]: group["technology"] for group in groups}
    makes = [column for column in lp.cost if column[0] == "make"]
    for area in {row["area"] for row in world.tables["co2_storage"]}:
        points = {row["year"]: row["cumulative"] for row in world.tables["co2_storage"] if row["area"] == area}
        known = sorted(points)

        def stored(year: int, points: dict[int, float] = points, first: int = known[0]) -> float:
            return 0.0 if year < first else linear(points, year)

        year = world.year
        limit = stored(year) - stored(year - 1)
        if year > known[-1]:
            limit = (points[known[-1]] - points[known[-2]]) / (known[-1] - known[-2])
        if world.scenario.limits.storage_rule == "cumulative":  # as in a run's first year, before anything is stored
            after = max(year - known[-1], 0) * (points[known[-1]] - points[known[-2]]) / (known[-1] - known[-2])
            limit = stored(year) + after
        lp.row(("storage", area), -np.inf, max(limit, 0.0) * world.scenario.limits.co2_storage / 1e6)
        for column in makes:
            if world.within(country[column[1]], area):
                lp.add(("storage", area), column, world.unit(technology[column[1]], column[2])["captured"])
    _unlisted(world, lp, country, technology)
    for area, good in {(row["area"], row["commodity"]) for row in world.tables["biomass_supply"]}:
        rows = [row for row in world.tables["biomass_supply"] if (row["area"], row["commodity"]) == (area, good)]
        supply = linear({row["year"]: row["supply"] for row in rows}, world.year) * world.scenario.limits.biomass
        lp.row(("biomass", area, good), -np.inf, supply / 1e6)
        for column in makes:
            if world.within(country[column[1]], area):
                amount = world.unit(technology[column[1]], column[2])["net"].get(good, 0.0)
                lp.add(("biomass", area, good), column, max(amount, 0.0))


def _unlisted(world: World, lp: Programme, country: Mapping[str, str], technology: Mapping[str, str]) -> None:
    """A country outside every listed area has no storage, and none of the biomass that is listed elsewhere."""
    storage = {row["area"] for row in world.tables["co2_storage"]}
    supplies: dict[str, set[str]] = defaultdict(set)
    for row in world.tables["biomass_supply"]:
        supplies[row["commodity"]].add(row["area"])
    for column in [column for column in lp.cost if column[0] == "make"]:
        unit, at = world.unit(technology[column[1]], column[2]), country[column[1]]
        captures = storage and unit["captured"] > 0 and not any(world.within(at, area) for area in storage)
        burns = any(
            unit["net"].get(good, 0.0) > 0 and not any(world.within(at, area) for area in areas)
            for good, areas in supplies.items()
        )
        if captures or burns:
            lp.upper[column] = 0.0


def _border(
    world: World,
    lp: Programme,
    groups: list[Record],
    links: list[tuple[Record, Record, str]],
    sources: dict[tuple[str, str], list[Record]],
) -> None:
    """Every tonne shipped into a priced zone is somebody's output, and a tonne of output crosses one border at most."""
    carbon = world.scenario.carbon
    told = [row for row in world.tables["border_adjustments"] if carbon.border_adjustment]
    made = {facts["product"] for facts in world.technologies.values() if facts["stage"] != "auxiliary"}
    for good in {world.goods[product]["cold_twin"] or product for product in made} | {row["commodity"] for row in told}:
        shares: dict[str, dict[int, float] | float] = {
            bloc: {row["year"]: row["share"] for row in told if (row["bloc"], row["commodity"]) == (bloc, good)}
            for bloc in {row["bloc"] for row in told if row["commodity"] == good}
        }
        if any(good in (product, world.goods[product]["cold_twin"]) for product in made):
            shares |= carbon.borders
        begun = {
            area: world.path(path)
            for area, path in shares.items()
            if not isinstance(path, dict) or min(path) <= world.year
        }
        zone_of: dict[str, Zone] = {}
        for country in world.countries:
            mine = {area: share for area, share in begun.items() if world.within(country, area)}
            share = max(mine.values(), default=0.0)
            borders = {area for area in mine if mine[area] > 0 and area != "WORLD"}
            spared = {other for other in world.countries if any(world.within(other, area) for area in borders)}
            if share > 0 and world.carbon_price(country) > 0:
                credited = tuple(carbon.border_credit * world.free(other, country) for other in sorted(world.goods))
                zone_of[country] = (share, world.carbon_price(country), credited, tuple(sorted({country, *spared})))
        for origin in world.countries:
            _border_from(world, lp, groups, links, sources[good, origin], good, origin, zone_of)


def _border_from(
    world: World,
    lp: Programme,
    groups: list[Record],
    links: list[tuple[Record, Record, str]],
    entering: list[Record],
    good: str,
    origin: str,
    zone_of: dict[str, Zone],
) -> None:
    home = world.carbon_price(origin)
    for zone in sorted(set(zone_of.values()), key=str):
        if origin in zone[3]:
            continue
        lp.row(("adds up", good, origin, zone), 0.0, 0.0)
        for destination, theirs in zone_of.items():
            ship = ("ship", good, origin, destination)
            if theirs == zone and ship in lp.cost:
                lp.add(("adds up", good, origin, zone), ship, -1.0)
        for n, source in enumerate(entering):
            tonne = _embedded(world, groups, links, good, source)
            paid = home * max(tonne - _allowed(world, good, origin, source), 0.0)
            member = next(country for country, theirs in zone_of.items() if theirs == zone)
            credit = world.scenario.carbon.border_credit * _allowed(world, good, member, source)
            charge = zone[0] * max(zone[1] * max(tonne - credit, 0.0) - paid, 0.0)
            b = lp.column(("border", good, origin, zone, n), charge)
            lp.add(("adds up", good, origin, zone), b, 1.0)
            lp.row(("within", good, origin, n), -np.inf, 0.0)
            lp.add(("within", good, origin, n), b, 1.0)
            lp.entries["within", good, origin, n][source["column"]] = -1.0


def _dirtiest(world: World, technology: str) -> float:
    """Scope 1 of a technology's dirtiest option."""
    return max(float(world.unit(technology, o)["scope1"]) for t, o in world.recipes if t == technology)


def _mean(world: World, groups: list[Record], good: str) -> float:
    """Scope 1 of iron as this year's makers of it would emit, weighted by capacity; 0 for what nobody makes."""
    cold = world.goods[good]["cold_twin"] or good
    tonnes = emitted = 0.0
    for technology, facts in world.technologies.items():
        product = facts["product"]
        if facts["stage"] == "auxiliary" or (world.goods[product]["cold_twin"] or product) != cold:
            continue
        weight = 1e6 * sum(group["available"] for group in groups if group["technology"] == technology) + 1e-9
        tonnes, emitted = tonnes + weight, emitted + weight * _dirtiest(world, technology)
    return emitted / tonnes if tonnes > 0 else 0.0


def _embedded(
    world: World, groups: list[Record], links: list[tuple[Record, Record, str]], good: str, source: Record
) -> float:
    """Emissions of a tonne, tCO2."""
    if source["option"] is None:
        return max(_mean(world, groups, good), 0.0)
    group, option = source["group"], source["option"]
    unit = world.unit(group["technology"], option)
    tonne = float(unit["scope1"])
    for charged, amount in unit["charge"].items():
        if world.goods[charged]["kind"] != "hot":
            tonne += amount * _mean(world, groups, charged)
            continue
        partners = [m for m, u, g in links if g == charged and u["furnace_group"] == group["furnace_group"]]
        weight = sum(maker["available"] for maker in partners)
        tonne += amount * sum(maker["available"] * _dirtiest(world, maker["technology"]) for maker in partners) / weight
    return max(tonne, 0.0)


def _allowed(world: World, good: str, place: str, source: Record) -> float:
    """Free allowances of a tonne by a country's rules, tCO2."""

    def as_made(name: str) -> float:
        """What has cooled was hot when it was made."""
        return max(
            world.free(other, place) for other in world.goods if name in (other, world.goods[other]["cold_twin"])
        )

    if source["option"] is None:
        return as_made(good)
    technology = source["group"]["technology"]
    charge = world.unit(technology, source["option"])["charge"]
    own = world.free(world.technologies[technology]["product"], place)
    return float(own + sum(amount * as_made(charged) for charged, amount in charge.items()))
