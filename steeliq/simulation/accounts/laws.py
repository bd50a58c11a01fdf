"""How a conservation law is checked: two sides that must be equal, or a side that must not exceed the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Floats, Labels

TOLERANCE = 1e-6  # greatest relative residual of a law that holds


@dataclass(frozen=True, slots=True)
class Finding:
    """The worst residual of one law in one scope."""

    invariant: str
    scope: str
    residual: float
    where: str

    @property
    def passed(self) -> bool:
        """Whether the law holds; a residual that is not a number never does."""
        return self.residual <= TOLERANCE


type Namer = Callable[[int], str] | Sequence[str] | Labels


def equal(invariant: str, scope: str, left: Floats, right: Floats, names: Namer, floor: float = 1e3) -> Finding:
    """Left = right, relative to the greater side; amounts below ``floor`` (t, USD) are measured by it."""
    left, right = np.atleast_1d(left), np.atleast_1d(right)
    scale = np.maximum(np.maximum(np.abs(left), np.abs(right)), floor)
    return _worst(invariant, scope, np.abs(left - right) / scale, names)


def at_most(invariant: str, scope: str, value: Floats, bound: Floats, names: Namer, floor: float = 1e3) -> Finding:
    """Value <= bound, relative to the bound."""
    value, bound = np.atleast_1d(value), np.atleast_1d(bound)
    finite = np.where(np.isfinite(bound), bound, np.abs(value))
    return _worst(invariant, scope, np.maximum(value - finite, 0.0) / np.maximum(np.abs(finite), floor), names)


def _worst(invariant: str, scope: str, residual: Floats, names: Namer) -> Finding:
    if not residual.size:
        return Finding(invariant, scope, 0.0, "nothing to check")
    flat = residual.ravel()
    broken = np.flatnonzero(~np.isfinite(flat))
    worst = int(broken[0]) if len(broken) else int(np.argmax(flat))
    where = names(worst) if callable(names) else str(names[worst])
    return Finding(invariant, scope, float("inf") if len(broken) else float(flat[worst]), where)
