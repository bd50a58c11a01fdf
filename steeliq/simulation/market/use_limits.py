"""Limits on what an area's furnace groups use or emit together: caps on emissions, and inputs that are scarce.

A limit is in force from the first year of its series on; a country in no listed area is not limited. Areas may
overlap, and then every one of their limits holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Bools, Floats, Ints, group_rows
from steeliq.simulation.market.measures import good_and_area
from steeliq.simulation.market.supply import Supply
from steeliq.simulation.paths import Areas, over_years, path_over_years
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.group import Path
from steeliq.simulation.technology.recipes import Recipes

MT = 1e6


@dataclass(frozen=True, slots=True)
class UseLimits:
    """One row per limit and area (s,)."""

    names: tuple[str, ...]
    member: Bools  # (s, c)
    limit: Floats  # (y, s) a year; inf while it is not in force
    amount: Floats  # (s, o) what a tonne of product takes of the limit

    def __len__(self) -> int:
        return len(self.names)

    def in_force(self, y: int) -> UseLimits:
        """Those that are in force in a year."""
        rows = np.flatnonzero(np.isfinite(self.limit[y]))
        names = tuple(self.names[s] for s in rows)
        return UseLimits(names, self.member[rows], self.limit[:, rows], self.amount[rows])

    def used(self, made: Floats, country: Ints) -> Floats:
        """What tonnes by group and option (g, o) take of each limit (s,)."""
        by_country = group_rows(made, country, self.member.shape[1])
        return np.asarray(np.einsum("sc,co,so->s", self.member.astype(float), by_country, self.amount))


def compile_caps(rows: pd.DataFrame, areas: Areas, recipes: Recipes, scenario: Scenario, years: Ints) -> UseLimits:
    """Caps on scope 1: the dataset's by area, those of the scenario in their place."""
    series: dict[str, Path] = {}
    if scenario.carbon.emission_caps:
        for area, own in rows.groupby("area"):
            series[str(area)] = {int(y): float(cap) for y, cap in zip(own["year"], own["cap"], strict=True)}
    for area, path in scenario.carbon.caps.items():
        series[area] = {y: value * MT for y, value in path.items()} if isinstance(path, Mapping) else path * MT
    names = tuple(sorted(series))
    return _limits(
        names, names, [series[name] for name in names], areas, years, np.tile(recipes.scope1, (len(names), 1))
    )


def compile_input_limits(
    tables: Mapping[str, pd.DataFrame], areas: Areas, recipes: Recipes, scenario: Scenario, years: Ints
) -> UseLimits:
    """What furnace groups may buy of scarce inputs: the dataset's sums, the scenario's single goods."""
    dataset = _dataset_inputs(tables, areas, recipes, scenario.limits.inputs, years)
    own = scenario.limits.use
    if not own:
        return dataset
    names = tuple(sorted(own))
    goods, places = zip(*(good_and_area(name) for name in names), strict=True)
    paths: list[Path] = [
        {y: value * MT for y, value in path.items()} if isinstance(path, Mapping) else path * MT
        for path in (own[name] for name in names)
    ]
    used = [recipes.commodities.index(good) for good in goods]
    return joined(dataset, _limits(names, places, paths, areas, years, np.maximum(recipes.bill[:, used].T, 0.0)))


def _dataset_inputs(
    tables: Mapping[str, pd.DataFrame], areas: Areas, recipes: Recipes, factor: float, years: Ints
) -> UseLimits:
    weights, goods = {}, tables["input_limit_goods"]
    for name, rows in goods.groupby("limit"):
        weight = np.zeros(len(recipes.commodities))
        for commodity, value in zip(rows["commodity"], rows["weight"], strict=True):
            weight[recipes.commodities.index(str(commodity))] = value
        weights[str(name)] = np.maximum(recipes.bill, 0.0) @ weight
    found = [(str(limit), str(area), own) for (limit, area), own in tables["input_limits"].groupby(["limit", "area"])]
    paths: list[Path] = [
        {int(y): float(value) * factor for y, value in zip(own["year"], own["supply"], strict=True)}
        for _, _, own in found
    ]
    amount = np.array([weights[limit] for limit, _, _ in found]).reshape(len(found), len(recipes.options))
    names = tuple(f"{limit} {area}" for limit, area, _ in found)
    return _limits(names, tuple(area for _, area, _ in found), paths, areas, years, amount)


def compile_ore_gate(supply: Supply, recipes: Recipes, countries: int, years: Ints, scenario: Scenario) -> UseLimits:
    """The world's ore by grade, for decisions only: in the dispatch the mines themselves bind.

    Ironmaking is taken to run at the use above which the scenario wants more of it, since it seldom runs full.
    """
    active, use = scenario.limits.ore_gate, scenario.decisions.iron_target_utilisation
    grades = np.unique(supply.ore_commodity) if active else np.zeros(0, dtype=np.int64)
    by_mine = np.zeros((len(recipes.commodities), len(supply.mines)))
    np.add.at(by_mine, (supply.ore_commodity, supply.ore_mine), supply.ore_limit)
    total = np.minimum(by_mine, supply.mine_capacity).sum(axis=1)[grades]
    return UseLimits(
        names=tuple(f"ore {recipes.commodities[k]}" for k in grades),
        member=np.ones((len(grades), countries), dtype=bool),
        limit=np.tile(total, (len(years), 1)),
        amount=use * np.maximum(recipes.bill[:, grades].T, 0.0),
    )


def joined(first: UseLimits, second: UseLimits) -> UseLimits:
    """Limits of both."""
    return UseLimits(
        names=(*first.names, *second.names),
        member=np.concatenate([first.member, second.member]),
        limit=np.concatenate([first.limit, second.limit], axis=1),
        amount=np.concatenate([first.amount, second.amount]),
    )


def _limits(
    names: tuple[str, ...], places: tuple[str, ...], paths: list[Path], areas: Areas, years: Ints, amount: Floats
) -> UseLimits:
    limit = np.full((len(years), len(names)), np.inf)
    for s, path in enumerate(paths):
        first = min(path) if isinstance(path, Mapping) else int(years[0])
        values = (
            over_years(list(path), list(path.values()), years)
            if isinstance(path, Mapping)
            else path_over_years(path, years)
        )
        limit[:, s] = np.where(years >= first, values, np.inf)
    member = np.array([areas.members[place] for place in places], dtype=bool)
    return UseLimits(names, member.reshape(len(names), len(areas.countries)), limit, amount)
