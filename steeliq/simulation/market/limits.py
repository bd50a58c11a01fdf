"""Rows of the dispatch that limit what regions and pairs of regions may use, and what each of these limits is worth.

CO2 storage, biomass, scarce inputs, caps on emissions, trade quotas. A cap or a tariff-rate quota may be exceeded at a
stated price; what is beyond it is a column of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.assembly import Assembly
from steeliq.simulation.market.groups import Groups
from steeliq.simulation.market.keys import keys_of, mixed
from steeliq.simulation.market.trade import TradeTerms
from steeliq.simulation.market.use_limits import UseLimits

MT = 1e6
CAP, SCARCE, QUOTA, STORAGE_LIMIT = "emission cap", "input", "quota", "CO2 storage"


@dataclass(frozen=True, slots=True)
class LimitRows:
    """Every limit in force, one entry each (n,)."""

    kind: tuple[str, ...]
    name: tuple[str, ...]
    row: Ints
    allowed: Floats  # t, tCO2 or the commodity's unit, a year
    over: Ints  # column of what exceeds the limit, -1 where nothing may
    price: Floats  # USD per unit beyond the limit, 0 where nothing may be


class _Rows:
    """Collects limits as they are added."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str, int, float, int, float]] = []

    def note(
        self,
        kind: str,
        names: tuple[str, ...],
        rows: Ints,
        allowed: Floats,
        over: Ints | None = None,
        price: float = 0.0,
    ) -> None:
        columns = np.full(len(rows), -1) if over is None else over
        self._found += [
            (kind, name, int(row), float(limit), int(column), price)
            for name, row, limit, column in zip(names, rows, allowed, columns, strict=True)
        ]

    def rows(self) -> LimitRows:
        kind, name, row, allowed, over, price = zip(*self._found, strict=True) if self._found else ((),) * 6
        return LimitRows(
            kind=tuple(kind),
            name=tuple(name),
            row=np.array(row, dtype=np.int64),
            allowed=np.array(allowed, dtype=float),
            over=np.array(over, dtype=np.int64),
            price=np.array(price, dtype=float),
        )


def add(
    lp: Assembly,
    inputs: Inputs,
    terms: TradeTerms,
    groups: Groups,
    group: Ints,
    option: Ints,
    make: Ints,
    arcs: tuple[Ints, Ints, Ints, Ints],
    year: int,
    injected: Floats,
) -> LimitRows:
    """Add all limits of a year; ``arcs`` are commodity, origin, destination and column of the shipments."""
    found = _Rows()
    country = groups.country[group]
    _add_area_limits(lp, inputs, country, option, make, year, injected, found)
    y = inputs.conditions.at(year)
    _add_use_limits(lp, SCARCE, inputs.input_limits, y, country, option, make, found)
    ceiling = inputs.scenario.carbon.cap_price_ceiling
    _add_use_limits(lp, CAP, inputs.caps, y, country, option, make, found, ceiling)
    _add_quotas(lp, terms, arcs, found)
    return found.rows()


def _add_quotas(lp: Assembly, terms: TradeTerms, arcs: tuple[Ints, Ints, Ints, Ints], found: _Rows) -> None:
    commodity, origin, destination, column = arcs
    for quota in terms.quotas:
        name = f"quota {quota.name}"
        rows = lp.add_rows(name, keys_of([name]), -np.inf, np.array([quota.quantity / MT]))
        inside = np.flatnonzero(
            (commodity == quota.commodity)
            & quota.origin[origin]
            & quota.destination[destination]
            & (origin != destination)
        )
        lp.add_entries(np.repeat(rows, len(inside)), column[inside], 1.0)
        over = None
        if quota.beyond is not None:
            over = lp.add_columns(f"beyond {name}", keys_of([f"beyond {name}"]), quota.beyond)
            lp.add_entries(rows, over, -1.0)
        found.note(QUOTA, (quota.name,), rows, np.array([quota.quantity]), over, quota.beyond or 0.0)


def _add_use_limits(
    lp: Assembly,
    kind: str,
    use: UseLimits,
    y: int,
    country: Ints,
    option: Ints,
    make: Ints,
    found: _Rows,
    price: float | None = None,
) -> None:
    """Rows of the limits in force; with a price, what exceeds them is a column."""
    force = np.flatnonzero(np.isfinite(use.limit[y])) if len(use) else np.zeros(0, dtype=np.int64)
    if not len(force):
        return
    names = tuple(use.names[s] for s in force)
    rows = lp.add_rows(kind, mixed(kind, keys_of(names)), -np.inf, use.limit[y, force] / MT)
    for row, s in zip(rows, force, strict=True):
        amount = use.amount[s, option]
        inside = np.flatnonzero((amount != 0) & use.member[s, country])
        lp.add_entries(np.repeat(row, len(inside)), make[inside], amount[inside])
    over = None
    if price is not None:
        over = lp.add_columns(f"beyond {kind}", mixed(f"beyond {kind}", keys_of(names)), price)
        lp.add_entries(rows, over, -1.0)
    found.note(kind, names, rows, use.limit[y, force], over, price or 0.0)


def _add_area_limits(
    lp: Assembly,
    inputs: Inputs,
    country: Ints,
    option: Ints,
    make: Ints,
    year: int,
    injected: Floats,
    found: _Rows,
) -> None:
    """Captured CO2 within storage, biogenic inputs within supply; a limit per area, areas may overlap.

    A country in no listed area has none. Without any area there is no limit.

    Biomass is measured in the commodity's own unit; the programme's quantities are in millions of it.
    """
    y = inputs.conditions.at(year)
    recipes, conditions = inputs.recipes, inputs.conditions
    room = conditions.storage_limit(year, injected, cumulative=inputs.scenario.limits.storage_rule == "cumulative")
    for family, area, limit in (
        ("storage", conditions.storage, room),
        ("biomass", conditions.biomass, conditions.biomass.limit[y]),
    ):
        if not area.areas:
            continue
        rows = lp.add_rows(family, mixed(family, keys_of(area.areas)), -np.inf, limit / MT)
        found.note(STORAGE_LIMIT if family == "storage" else family, area.areas, rows, limit)
        for k in np.unique(area.commodity):
            amount = recipes.captured[option] if k < 0 else recipes.bill[option, k]
            of = np.flatnonzero(area.commodity == k)
            for s in of:
                inside = np.flatnonzero((amount > 0) & area.member[s, country])
                lp.add_entries(np.repeat(rows[s], len(inside)), make[inside], amount[inside])
            elsewhere = np.flatnonzero((amount > 0) & ~area.member[of].any(axis=0)[country])
            none = f"{family} where no area is listed"
            nothing = lp.add_rows(f"{none} {k}", keys_of([f"{none} {k}"]), -np.inf, 0.0)
            lp.add_entries(np.repeat(nothing, len(elsewhere)), make[elsewhere], amount[elsewhere])
