"""Random numbers that depend on what they are for, never on order.

A draw is a hash of (seed, year, purpose, entity): one more draw elsewhere changes nothing here, and two scenarios with
the same seed share their luck (common random numbers). docs/decisions/ says why not a generator.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from steeliq.simulation.arrays import Floats


def stable_hash(text: str) -> int:
    """Return a 64-bit number that is the same on every machine and in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def uniform(seed: int, year: int, purpose: str, entities: Sequence[str]) -> Floats:
    """One number in (0, 1) per entity name (n,).

    >>> first = uniform(1, 2030, "switch", ["a", "b"])
    >>> bool(uniform(1, 2030, "switch", ["b"])[0] == first[1])
    True
    """
    start = f"{seed}|{year}|{purpose}|"
    numbers = np.array([stable_hash(start + entity) for entity in entities], dtype=np.uint64)
    return ((numbers >> np.uint64(12)).astype(float) + 0.5) / 2.0**52


def gumbel(seed: int, year: int, purpose: str, entities: Sequence[str]) -> Floats:
    """Standard Gumbel noise per entity: adding it times a scale to values and taking the greatest is a logit choice."""
    return -np.log(-np.log(uniform(seed, year, purpose, entities)))
