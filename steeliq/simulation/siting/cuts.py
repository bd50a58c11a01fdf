"""The cheapest mix that satisfies all cuts known so far: a linear programme in three unknowns for every site at once.

A cut says slope . design >= level. The dual has three rows and one column per cut, so a basis is three cuts and a new
cut is a new column: primal simplex on the dual goes on from the last basis, which stays feasible.
"""

from __future__ import annotations

import numpy as np

from steeliq.simulation.arrays import Floats, Ints

PARTS = 3
TOLERANCE = 1e-10
PIVOTS = 500


class Cuts:
    """Cuts that each of n sites' designs must satisfy: none negative, and those added."""

    def __init__(self, count: int) -> None:
        self.slope = np.tile(np.eye(PARTS), (count, 1, 1))  # (n, k, 3)
        self.level = np.zeros((count, PARTS))  # (n, k)

    def add(self, slope: Floats, level: Floats) -> None:
        """Ask of every site that slope . design >= level; slope (n, 3), level (n,)."""
        self.slope = np.concatenate([self.slope, slope[:, None, :]], axis=1)
        self.level = np.concatenate([self.level, level[:, None]], axis=1)

    def take(self, rows: Ints) -> Cuts:
        """The cuts of some sites."""
        out = Cuts(0)
        out.slope, out.level = self.slope[rows], self.level[rows]
        return out

    def cheapest(self, cost: Floats, basis: Ints | None = None) -> tuple[Floats, Ints]:
        """The cheapest design (n, 3) by cost (n, 3) > 0, and the three cuts that hold it (n, 3).

        ``basis`` is one that this method returned for the same costs and fewer cuts.

        >>> cuts = Cuts(1)
        >>> cuts.add(np.array([[1.0, 2.0, 0.0]]), np.array([4.0]))
        >>> cuts.cheapest(np.array([[1.0, 3.0, 1.0]]))[0].tolist()
        [[4.0, 0.0, 0.0]]
        """
        count = len(self.level)
        basis = np.tile(np.arange(PARTS), (count, 1)) if basis is None else basis.copy()
        slope = self.slope / cost[:, None, :]  # in units of money, in which the sites are alike
        design = np.zeros((count, PARTS))
        rows = np.arange(count)
        for _ in range(PIVOTS):
            held = slope[rows[:, None], basis[rows]]
            level = np.take_along_axis(self.level[rows], basis[rows], axis=1)
            found = np.linalg.solve(held, level[..., None])[..., 0]
            design[rows] = found
            missing = self.level[rows] - np.einsum("nkp,np->nk", slope[rows], found)
            enters = np.argmax(missing, axis=1)
            broken = np.take_along_axis(missing, enters[:, None], axis=1)[:, 0] > TOLERANCE
            rows, enters, held = rows[broken], enters[broken], held[broken]
            if not len(rows):
                break
            sides = np.stack([np.ones((len(rows), PARTS)), slope[rows, enters]], axis=-1)
            price, change = np.moveaxis(np.linalg.solve(held.transpose(0, 2, 1), sides), -1, 0)
            rising = change > TOLERANCE
            ratio = np.where(rising, np.maximum(price, 0.0) / np.where(rising, change, 1.0), np.inf)
            basis[rows, np.argmin(ratio, axis=1)] = enters
        return np.maximum(design / cost, 0.0), basis
