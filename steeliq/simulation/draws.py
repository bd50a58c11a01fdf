"""Random numbers that depend on what they are for, never on order.

One Philox stream per (seed, year, purpose, entity): one more draw elsewhere changes nothing here, and two scenarios
with the same seed share their luck (common random numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from steeliq.simulation.arrays import Floats


def stable_hash(text: str) -> int:
    """A 64-bit number that is the same on every machine and in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def uniform(seed: int, year: int, purpose: str, entities: Sequence[str]) -> Floats:
    """One number in (0, 1) per entity name.

    >>> first = uniform(1, 2030, "switch", ["a", "b"])
    >>> bool(uniform(1, 2030, "switch", ["b"])[0] == first[1])
    True
    """
    out = np.empty(len(entities))
    for row, entity in enumerate(entities):
        key = [stable_hash(f"{seed}|{year}|{purpose}"), stable_hash(entity)]
        out[row] = np.random.Generator(np.random.Philox(key=key)).random()
    return np.clip(out, 1e-12, 1 - 1e-12)


def gumbel(seed: int, year: int, purpose: str, entities: Sequence[str]) -> Floats:
    """Standard Gumbel noise per entity: adding it times a scale to values and taking the greatest is a logit choice."""
    return -np.log(-np.log(uniform(seed, year, purpose, entities)))
