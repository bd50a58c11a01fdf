"""Puts a linear programme together from blocks of columns, rows and entries, all as arrays.

minimise cost.x  subject to  row_lower <= A x <= row_upper,  0 <= x <= upper
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.market.keys import Keys, fraction

INFINITY = np.inf
TIE = 1e-4  # USD/t: greatest tie-breaking cost, far below any real difference and far above solver tolerance


@dataclass(frozen=True, slots=True)
class Programme:
    """A linear programme in compressed columns; quantities in Mt, costs in USD/t, objective in million USD."""

    cost: Floats  # (n,) real cost
    tie: Floats  # (n,) tie-breaking cost, never reported
    upper: Floats  # (n,)
    row_lower: Floats  # (m,)
    row_upper: Floats  # (m,)
    start: Ints  # (n + 1,)
    index: Ints  # (nz,)
    value: Floats  # (nz,)
    column_keys: Keys  # (n,)
    row_keys: Keys  # (m,)
    columns: dict[str, slice]
    rows: dict[str, slice]


@dataclass(slots=True)
class Assembly:
    """Collects blocks; `programme` closes it."""

    _columns: dict[str, slice] = field(default_factory=dict)
    _rows: dict[str, slice] = field(default_factory=dict)
    _column_parts: list[tuple[Floats, Floats, Keys]] = field(default_factory=list)
    _row_parts: list[tuple[Floats, Floats, Keys]] = field(default_factory=list)
    _entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    _n: int = 0
    _m: int = 0

    def add_columns(self, family: str, keys: Keys, cost: Floats | float, upper: Floats | float = INFINITY) -> Ints:
        """Append a block of columns; returns their positions."""
        size = len(keys)
        self._column_parts.append((np.broadcast_to(cost, size), np.broadcast_to(upper, size), keys))
        self._columns[family] = slice(self._n, self._n + size)
        self._n += size
        return np.arange(self._n - size, self._n)

    def add_rows(self, family: str, keys: Keys, lower: Floats | float, upper: Floats | float) -> Ints:
        """Append a block of rows; returns their positions."""
        size = len(keys)
        self._row_parts.append((np.broadcast_to(lower, size), np.broadcast_to(upper, size), keys))
        self._rows[family] = slice(self._m, self._m + size)
        self._m += size
        return np.arange(self._m - size, self._m)

    def add_entries(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Add coefficients; equal positions are summed."""
        self._entries.append((rows, columns, np.broadcast_to(values, len(rows)).astype(float)))

    def programme(self) -> Programme:
        """Close the assembly. Columns keep the order in which they were added."""
        cost, upper, column_keys = (np.concatenate(parts) for parts in zip(*self._column_parts, strict=True))
        lower, row_upper, row_keys = (np.concatenate(parts) for parts in zip(*self._row_parts, strict=True))
        row, column, value = (np.concatenate(parts) for parts in zip(*self._entries, strict=True))
        start, index, value = _compressed(row, column, value, self._n, self._m)
        return Programme(
            cost=cost.astype(float),
            tie=TIE * fraction(column_keys),
            upper=upper.astype(float),
            row_lower=lower.astype(float),
            row_upper=row_upper.astype(float),
            start=start,
            index=index,
            value=value,
            column_keys=column_keys,
            row_keys=row_keys,
            columns=dict(self._columns),
            rows=dict(self._rows),
        )


def _compressed(row: Ints, column: Ints, value: Floats, n: int, m: int) -> tuple[Ints, Ints, Floats]:
    """Compressed sparse columns; duplicates summed, zeros dropped."""
    flat = column * m + row
    order = np.argsort(flat, kind="stable")
    flat, value = flat[order], value[order]
    first = np.flatnonzero(np.r_[True, flat[1:] != flat[:-1]]) if len(flat) else np.zeros(0, dtype=np.int64)
    total = np.add.reduceat(value, first) if len(first) else value
    flat = flat[first]
    keep = total != 0.0
    flat, total = flat[keep], total[keep]
    start = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(flat // m, minlength=n), out=start[1:])
    return start, flat % m, total
