"""Technologies as columns: what each makes, how it may be used, and what it costs in each year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Bools, Floats, Ints, records
from steeliq.simulation.paths import Areas, over_years, path_over_years
from steeliq.simulation.scenario import Scenario

NO_END = 9999


@dataclass(frozen=True, slots=True)
class Technologies:
    """One row per furnace-group technology (auxiliary steps have none)."""

    names: tuple[str, ...]
    family: tuple[str, ...]
    product: Ints  # (t,) index into the commodities
    is_steel: Bools  # (t,)
    near_zero: Bools  # (t,)
    novel: Bools  # (t,) falls under the growth limit
    learning_rate: Floats  # (t,) CAPEX reduction per doubling of cumulative capacity
    available_from: Ints  # (t,) first opening year of new capacity
    available_to: Ints  # (t,) last decision year
    campaign: Ints  # (t,) years
    availability: Floats  # (t,) share
    minimum_load: Floats  # (t,) share of available capacity
    labour_weight: Floats  # (t,)
    step_share: tuple[Floats, ...]  # per technology: shares of available capacity
    step_adder: tuple[Floats, ...]  # per technology: USD/t
    capex: Floats  # (y, t) USD per t/yr
    reline: Floats  # (y, t) USD per t/yr
    fixed_opex: Floats  # (y, t) USD per t/yr and year
    conversion: Floats  # (y, t) USD/t
    banned: Bools  # (y, t, c) no new capacity may be decided

    def index(self, name: str) -> int:
        """Position of a technology."""
        return self.names.index(name)


def compile_technologies(
    tables: Mapping[str, pd.DataFrame],
    names: tuple[str, ...],
    commodities: tuple[str, ...],
    areas: Areas,
    scenario: Scenario,
    years: Ints,
) -> Technologies:
    """Columns in the order of ``names``; the scenario's windows and cost factors applied."""
    rows = tables["technologies"].set_index("technology").loc[list(names)]
    windows = [scenario.technologies.get(name) for name in names]
    first = rows["available_from"].to_numpy(dtype=np.int64).copy()
    last = np.full(len(names), NO_END)
    factor = np.ones((len(years), len(names)))
    for t, window in enumerate(windows):
        if window is None:
            continue
        if window.available_from is not None:
            first[t] = window.available_from
        if not window.allowed:
            last[t] = 0
        elif window.available_to is not None:
            last[t] = window.available_to
        factor[:, t] = path_over_years(window.capex_factor, years)
    costs = {
        item: _cost_path(tables["technology_costs"], item, names, years)
        for item in ("capex", "reline", "fixed_opex", "conversion")
    }
    steps = {str(name): group.sort_values("step") for name, group in tables["cost_steps"].groupby("cost_steps")}
    classes = [steps.get(str(name)) for name in rows["cost_steps"]]
    return Technologies(
        names=names,
        family=tuple(rows["family"]),
        product=np.array([commodities.index(product) for product in rows["product"]]),
        is_steel=(rows["stage"] == "steelmaking").to_numpy(dtype=bool),
        near_zero=rows["near_zero"].to_numpy(dtype=bool),
        novel=rows["novel"].to_numpy(dtype=bool),
        learning_rate=rows["learning_rate"].to_numpy(dtype=float),
        available_from=first,
        available_to=last,
        campaign=rows["campaign"].to_numpy(dtype=np.int64),
        availability=rows["availability"].to_numpy(dtype=float),
        minimum_load=rows["minimum_load"].to_numpy(dtype=float),
        labour_weight=rows["labour_weight"].to_numpy(dtype=float),
        step_share=tuple(np.ones(1) if group is None else group["share"].to_numpy(dtype=float) for group in classes),
        step_adder=tuple(np.zeros(1) if group is None else group["adder"].to_numpy(dtype=float) for group in classes),
        capex=costs["capex"] * factor,
        reline=costs["reline"] * factor,
        fixed_opex=costs["fixed_opex"],
        conversion=costs["conversion"],
        banned=_bans(tables["technology_bans"], areas, names, years),
    )


def _bans(rows: pd.DataFrame, areas: Areas, names: tuple[str, ...], years: Ints) -> Bools:
    out = np.zeros((len(years), len(names), len(areas.countries)), dtype=bool)
    for row in records(rows):
        when = (years >= row.start) & (years <= row.end)
        out[:, names.index(row.technology)] |= when[:, None] & areas.mask(row.area)[None, :]
    return out


def _cost_path(rows: pd.DataFrame, item: str, names: tuple[str, ...], years: Ints) -> Floats:
    out = np.zeros((len(years), len(names)))
    wanted = rows[rows["item"] == item]
    for name, series in wanted.groupby("technology"):
        if name in names:
            out[:, names.index(str(name))] = over_years(series["year"].to_numpy(), series["value"].to_numpy(), years)
    return out
