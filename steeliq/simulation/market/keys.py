"""Stable 64-bit keys for rows and columns of the linear programme, made from names, never from positions.

They carry the simplex basis from year to year and break ties: a column's tiny extra cost depends on what it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steeliq.simulation.arrays import Floats
from steeliq.simulation.draws import stable_hash

type Keys = NDArray[np.uint64]

_cached = lru_cache(maxsize=65536)(stable_hash)


def keys_of(names: Iterable[Any]) -> Keys:
    """One key per name (n,)."""
    return np.array([_cached(str(name)) for name in names], dtype=np.uint64)


def mixed(family: str, *parts: Keys) -> Keys:
    """One key per row of the aligned parts, in their order (splitmix64 finaliser, Steele et al. 2014)."""
    size = len(parts[0])
    out = np.full(size, _cached(family), dtype=np.uint64)
    for part in parts:
        out = _scramble(out * np.uint64(0x9E3779B97F4A7C15) + part)
    return out


def _scramble(x: Keys) -> Keys:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def fraction(keys: Keys) -> Floats:
    """A number in [0, 1) per key."""
    return (_scramble(keys) >> np.uint64(11)).astype(np.float64) / 2.0**53
