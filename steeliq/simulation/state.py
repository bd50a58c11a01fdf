"""What the world is at the start of a year: frozen columns, one row per furnace group.

A step never changes a state; it returns the next one. Row order carries no meaning, ids are stable and never reused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from steeliq.simulation.arrays import Bools, Floats, Ints, Labels, frozen

NEVER = 9999


@dataclass(frozen=True, slots=True)
class Fleet:
    """Furnace groups: one row each, sorted by id; closed ones stay listed with their last year.

    A group operates in year y if ``opens <= y < retires``; it is committed if ``opens > y``.
    """

    id: Labels  # (f,) str
    plant: Labels  # (f,) str, plant id
    owner: Labels  # (f,) str
    country: Ints  # (f,)
    technology: Ints  # (f,)
    capacity: Floats  # (f,) t/yr, nameplate x its correction
    opens: Ints  # (f,) first operating year
    retires: Ints  # (f,) first year without operation, NEVER if none is decided
    campaign_end: Ints  # (f,) last year of the running campaign
    debt: Floats  # (f,) USD outstanding at the start of the year
    repayment: Floats  # (f,) USD a year, linear
    loss_years: Ints  # (f,) years running below avoidable cost
    synthetic: Bools  # (f,)

    def __post_init__(self) -> None:
        rows = len(self.id)
        for field in fields(self):
            column = getattr(self, field.name)
            if column.shape != (rows,):
                raise ValueError(f"fleet column {field.name} has shape {column.shape}, wanted ({rows},)")
            frozen(column)

    def __len__(self) -> int:
        return len(self.id)

    def operating(self, year: int) -> Bools:
        """Which groups can produce in a year (f,)."""
        return (self.opens <= year) & (year < self.retires)

    def committed(self, year: int) -> Bools:
        """Which groups will open after a year (f,)."""
        return self.opens > year

    def take(self, rows: Ints | Bools) -> Fleet:
        """Some of the rows."""
        return Fleet(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def joined(self, others: Iterable[Fleet]) -> Fleet:
        """Rows of this fleet and of others, sorted by id."""
        parts = [self, *others]
        columns = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(self)}
        order = np.argsort(columns["id"].astype(str), kind="stable")
        return Fleet(**{name: column[order] for name, column in columns.items()})

    def changed(self, **columns: Any) -> Fleet:
        """A copy with some columns replaced."""
        return replace(self, **columns)


@dataclass(frozen=True, slots=True)
class Prospects:
    """Projects at sites that are not yet being built: one row each, sorted by site and route."""

    site: Ints  # (p,)
    route: Labels  # (p,) str
    since: Ints  # (p,) year in which it was taken up
    announced: Ints  # (p,) year of its announcement, 0 while it is considered
    npv: Floats  # (p, n) USD per t of capacity in the last years, the latest last, nan before it was taken up


def no_prospects(years: int) -> Prospects:
    """None at all; ``years`` is how many NPVs are remembered."""
    none = np.zeros(0, dtype=np.int64)
    return Prospects(none, np.zeros(0, dtype=object), none, none, np.zeros((0, years)))


@dataclass(frozen=True, slots=True)
class Basis:
    """The simplex basis of a dispatch by stable 64-bit keys, so that it can be carried to another year's columns."""

    column_keys: Labels  # (n,) uint64, sorted
    column_status: Ints  # (n,)
    row_keys: Labels  # (m,) uint64, sorted
    row_status: Ints  # (m,)


@dataclass(frozen=True, slots=True)
class State:
    """The world at the start of ``year``."""

    year: int
    fleet: Fleet
    owners: Labels  # (w,) str, sorted
    treasury: Floats  # (w,) USD
    self_sufficiency: Floats  # (c,) share of own demand supplied at home in the first year, within 0.3..1; nan before
    first_price: Floats  # (c,) USD/t of steel in the first year, nan before it is over
    last_price: Floats  # (c,) USD/t of steel last year, nan in the first
    embedded: Floats  # (k, c) tCO2/t of what a country made of a hub good last year, nan where it made none
    allowed: Floats  # (k, c) tCO2/t of free allowances that this would get this year
    stored_co2: Floats  # (s,) t a year that approved captures have reserved, by storage area
    injected: Floats  # (s,) t of CO2 stored since the first year, by storage area
    forecasts: Floats  # (n, 4): made in, for, indicator number, value
    prospects: Prospects
    basis: Basis | None  # of last year's dispatch
