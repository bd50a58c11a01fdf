"""By how much a number may differ on another machine, for each result table, and which columns tell of the way only.

A difference is relative to the greater of both values, but at least to ``FLOOR`` times the greatest value of its column
in that year: what is left of two large numbers that nearly cancel is as exact as they are, not more. docs/verify.md
publishes the figures and says what was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from steeliq.simulation.results.variables import SCHEMA, ResultTable

FLOOR: Final = 1e-6

USUAL: Final = 1e-8

_OTHERS: Final[Mapping[str, float]] = MappingProxyType({})

TOLERANCES: Final[Mapping[str, float]] = MappingProxyType({name: _OTHERS.get(name, USUAL) for name in SCHEMA})
"""Greatest relative difference of a number, by table."""

OF_THE_WAY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "solves": frozenset({"method", "iterations", "primal", "dual", "gap"}),
        "audit": frozenset({"residual", "where"}),
    }
)
"""Columns that tell how the solver got there and what rounding left over: free on another machine."""


def compared_columns(table: ResultTable, *, strictly: bool) -> tuple[str, ...]:
    """Columns that must agree."""
    free = frozenset[str]() if strictly else OF_THE_WAY.get(table.name, frozenset())
    return tuple(name for name in table.names if name not in free)


def key_columns(table: ResultTable, *, strictly: bool) -> tuple[str, ...]:
    """Columns that tell the rows apart."""
    compared = compared_columns(table, strictly=strictly)
    return tuple(name for name in table.key if name in compared)
