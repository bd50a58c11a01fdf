"""The policy instruments of the second dispatch: support, caps, scarce inputs, duties and limits by flow.

As `oracle.py`: plain loops over the tables and the scenario, sharing no code with the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tests.oracle import Programme, Record, World

MT = 1e6


def in_force(world: World, rows: list[Record], technology: str, country: str) -> list[Record]:
    """Rows that concern a technology in a country this year."""
    return [
        row
        for row in rows
        if row["start"] <= world.year <= row["end"]
        and fnmatchcase(technology, row["technology"])
        and world.within(country, row["area"])
    ]


def begun(world: World, paths: Mapping[str, float | dict[int, float]], country: str) -> float:
    """Of a scenario's paths by area the most specific one that has begun; else nothing."""
    areas = [
        area
        for area, path in paths.items()
        if world.within(country, area) and (not isinstance(path, dict) or min(path) <= world.year)
    ]
    return world.path(paths[max(areas, key=world.rank)]) if areas else 0.0


def support(world: World, technology: str, option: str, country: str) -> float:
    """What the public pays on a tonne of product, USD: goods bought and sold, and carbon contracts."""
    settings, unit = world.scenario.support, world.unit(technology, option)
    product = world.technologies[technology]["product"]
    rows = [row for row in world.tables["subsidies"] if row["item"] == "commodity"]
    own = begun(world, settings.hydrogen, country)
    total = 0.0
    for good in {row["commodity"] for row in rows} | ({"hydrogen"} if settings.hydrogen else set()):
        mine = in_force(world, [row for row in rows if row["commodity"] == good], technology, country)
        price = world.price(good, country)
        paid = sum(settings.subsidies * (row["relative"] * price + row["absolute"]) for row in mine)
        paid += own if good == "hydrogen" else 0.0
        bought = any(row["price"] > 0 for row in world.tables["prices"] if row["commodity"] == good)
        net = unit["net"].get(good, 0.0)
        used = max(net, 0.0) + (unit["captured"] if good == "co2_storage" else 0.0)
        total += used * (min(paid, price) if bought else paid) + (max(-net, 0.0) + (product == good)) * paid
    for row in in_force(world, world.tables["carbon_contracts"], technology, country):
        if settings.carbon_contracts:
            gap = row["strike"] * settings.strike_factor - world.carbon_price(country)
            gap = gap if row["two_way"] else max(gap, 0.0)
            total += gap * max(row["benchmark"] - unit["scope1"], 0.0)
    if world.technologies[technology]["near_zero"]:
        strike = begun(world, settings.strikes, country) * settings.strike_factor
        total += max(strike - world.carbon_price(country), 0.0) * max(settings.benchmark - unit["scope1"], 0.0)
    return total


def grid_carbon(world: World, technology: str, option: str, country: str) -> float:
    """Carbon cost of the grid power that a tonne takes, where it is priced, USD."""
    if world.scenario.carbon.priced == "scope1":
        return 0.0
    rows = [row for row in world.tables["grid_intensity"] if row["scenario"] == world.scenario.grid.scenario]
    intensity = world.series(rows, "intensity", "area", country, 0.0)
    return float(
        world.carbon_price(country) * intensity * world.unit(technology, option)["net"].get("electricity", 0.0)
    )


def use_limits(world: World, lp: Programme, groups: list[Record]) -> None:
    """Caps on scope 1, which may be exceeded at the ceiling price, and limits on inputs, which may not."""
    at = {group["furnace_group"]: (group["country"], group["technology"]) for group in groups}
    makes = [column for column in lp.cost if column[0] == "make"]
    carbon = world.scenario.carbon
    caps: dict[str, float | dict[int, float]] = {}
    for row in world.tables["emission_caps"] if carbon.emission_caps else []:
        points = caps.setdefault(row["area"], {})
        assert isinstance(points, dict)
        points[row["year"]] = row["cap"] / MT
    for area, path in (caps | carbon.caps).items():
        if isinstance(path, dict) and min(path) > world.year:
            continue
        lp.row(("cap", area), -np.inf, world.path(path))
        beyond = lp.column(("beyond cap", area), carbon.cap_price_ceiling)
        lp.add(("cap", area), beyond, -1.0)
        for column in makes:
            country, technology = at[column[1]]
            if world.within(country, area):
                lp.add(("cap", area), column, world.unit(technology, column[2])["scope1"])
    for limit, area in {(row["limit"], row["area"]) for row in world.tables["input_limits"]}:
        rows = [row for row in world.tables["input_limits"] if (row["limit"], row["area"]) == (limit, area)]
        if min(row["year"] for row in rows) > world.year:
            continue
        supply = world.path({row["year"]: row["supply"] for row in rows}) * world.scenario.limits.inputs
        lp.row(("input", limit, area), -np.inf, supply / MT)
        goods = [row for row in world.tables["input_limit_goods"] if row["limit"] == limit]
        for column in makes:
            country, technology = at[column[1]]
            net = world.unit(technology, column[2])["net"]
            if world.within(country, area):
                taken = sum(row["weight"] * max(net.get(row["commodity"], 0.0), 0.0) for row in goods)
                lp.add(("input", limit, area), column, taken)
    for use, path in world.scenario.limits.use.items():
        good, area = use.split(" in ")
        lp.row(("use", use), -np.inf, world.path(path))
        for column in makes:
            country, technology = at[column[1]]
            if world.within(country, area):
                lp.add(("use", use), column, max(world.unit(technology, column[2])["net"].get(good, 0.0), 0.0))


def flows(world: World, lp: Programme) -> None:
    """The scenario's own duties on shipments, and what may be shipped at most."""
    trade = world.scenario.trade
    for name, path in trade.duties.items():
        if not isinstance(path, dict) or min(path) <= world.year:
            for column in _shipments(world, lp, name):
                lp.cost[column] += world.path(path) * world.goods[column[1]]["duty_base"]
    for name, path in trade.charges.items():
        for column in _shipments(world, lp, name):
            lp.cost[column] += world.path(path)
    for name, path in trade.limits.items():
        if isinstance(path, dict) and min(path) > world.year:
            continue
        for column in _shipments(world, lp, name):
            lp.row(("own limit", name, column[1]), -np.inf, world.path(path))
            lp.add(("own limit", name, column[1]), column, 1.0)


def _shipments(world: World, lp: Programme, name: str) -> list[tuple[str, str, str, str]]:
    good, *words = name.split(" ", 1)
    rest = f" {words[0]}"
    importer = rest.split(" to ")[1] if " to " in rest else None
    exporter = rest.split(" to ", maxsplit=1)[0].split(" from ")[1] if " from " in rest else None

    def outside(area: str) -> str:
        return area if area == "WORLD" else area[4:] if area.startswith("NOT ") else f"NOT {area}"

    exporter, importer = exporter or outside(str(importer)), importer or outside(str(exporter))
    return [
        column
        for column in lp.cost
        if column[0] == "ship"
        and fnmatchcase(column[1], good)
        and column[2] != column[3]
        and world.within(column[2], exporter)
        and world.within(column[3], importer)
    ]


def low_carbon(world: World, lp: Programme, groups: list[Record], links: list[tuple[Record, Record, str]]) -> None:
    """Sales of steel below an intensity threshold, each within what is certified, shipped and wanted."""
    zones: dict[tuple[float, float, float], list[str]] = {}
    for country in world.countries:
        terms = _terms(world, country)
        if terms[1] > 0 and terms[2] > 0 and _demand(world, country) > 0:
            zones.setdefault(terms, []).append(country)
    if not zones:
        return
    at = {group["furnace_group"]: group for group in groups}
    steel = {
        column: _intensity(world, groups, links, at[column[1]], column[2])
        for column in lp.cost
        if column[0] == "make" and world.technologies[at[column[1]]["technology"]]["product"] == "crude_steel"
    }
    for country in world.countries:
        for zone, members in zones.items():
            sale = lp.column(("green", country, zone), -zone[1])
            lp.row(("green shipped", country, zone), -np.inf, 0.0)
            lp.add(("green shipped", country, zone), sale, 1.0)
            for member in members:
                if ("ship", "crude_steel", country, member) in lp.cost:
                    lp.add(("green shipped", country, zone), ("ship", "crude_steel", country, member), -1.0)
            wanted = zone[2] * sum(_demand(world, member) for member in members)
            lp.row(("green wanted", zone), -np.inf, wanted)
            lp.add(("green wanted", zone), sale, 1.0)
            for threshold in {other[0] for other in zones if other[0] >= zone[0]}:
                lp.row(("certified", country, threshold), -np.inf, 0.0)
                lp.add(("certified", country, threshold), sale, 1.0)
        for threshold in {zone[0] for zone in zones}:
            for column, intensity in steel.items():
                if at[column[1]]["country"] == country and intensity <= threshold:
                    lp.entries["certified", country, threshold][column] = -1.0


def _demand(world: World, country: str) -> float:
    rows = [row for row in world.tables["steel_demand"] if row["scenario"] == world.scenario.demand.scenario]
    own = [row for row in rows if row["country"] == country]
    return world.series(own, "demand", "country", country, 0.0) * world.path(world.scenario.demand.factor) / MT


def _terms(world: World, country: str) -> tuple[float, float, float]:
    """Threshold, premium and share of a destination."""
    settings, rows = world.scenario.demand, world.tables["low_carbon_demand"]
    own = [
        area
        for area, path in settings.premiums.items()
        if world.within(country, area) and (not isinstance(path, dict) or min(path) <= world.year)
    ]
    if own:
        premium = world.path(settings.premiums[max(own, key=world.rank)])
        return settings.low_carbon_threshold, premium, settings.low_carbon_share
    areas = [
        area
        for area in {row["area"] for row in rows if world.within(country, row["area"])}
        if min(row["year"] for row in rows if row["area"] == area) <= world.year
    ]
    if not areas or settings.premium_factor == 0:
        return 0.0, 0.0, 0.0
    of = [row for row in rows if row["area"] == max(areas, key=world.rank)]
    threshold, premium, share = (
        world.path({row["year"]: row[column] for row in of}) for column in ("threshold", "premium", "share")
    )
    return threshold, premium * settings.premium_factor, share


def _step(world: World, technology: str, option: str, country: str) -> float:
    """Scope 1 and 2 of a step, tCO2/t."""
    rows = [row for row in world.tables["grid_intensity"] if row["scenario"] == world.scenario.grid.scenario]
    unit = world.unit(technology, option)
    power = unit["net"].get("electricity", 0.0)
    return float(unit["scope1"] + power * world.series(rows, "intensity", "area", country, 0.0))


def _worst(world: World, group: Record) -> float:
    technology = group["technology"]
    return max(_step(world, technology, o, group["country"]) for t, o in world.recipes if t == technology)


def _intensity(
    world: World, groups: list[Record], links: list[tuple[Record, Record, str]], group: Record, option: str
) -> float:
    """Of steel by an option: its step, and its iron at the makers' dirtiest, with no less iron than it must charge."""
    technology = group["technology"]
    unit, step = world.unit(technology, option), _step(world, technology, option, group["country"])

    def iron(good: str) -> float:
        makers = [m for m, user, g in links if g == good and user["furnace_group"] == group["furnace_group"]]
        if world.goods[good]["kind"] == "hot":
            if not makers:
                return np.inf
        else:
            makers = [g for g in groups if good in _cold(world, g) and good != "crude_steel"]
        weight = sum(maker["available"] for maker in makers)
        return float(sum(maker["available"] * _worst(world, maker) for maker in makers) / weight) if weight else 0.0

    tonne = step + sum(amount * iron(good) for good, amount in unit["charge"].items())
    limits = [row for row in world.tables["charge_limits"] if row["technology"] == technology]
    for rule in {row["charge_group"] for row in limits}:
        least = world.path({row["year"]: row["minimum"] for row in limits if row["charge_group"] == rule})
        members = [
            row["commodity"]
            for row in world.tables["charge_groups"]
            if (row["technology"], row["charge_group"]) == (technology, rule)
        ]
        cleanest = min(iron(good) for good in members)
        if least > 0 and np.isfinite(cleanest):
            tonne = max(tonne, step + least * sum(unit["charge"].values()) * cleanest)
    return float(tonne)


def _cold(world: World, group: Record) -> set[str]:
    """What enters the pool of a group's product."""
    product = world.technologies[group["technology"]]["product"]
    return {world.goods[product]["cold_twin"] or product}
