"""The cheapest mix of solar, wind and battery that serves a share of a flat load: a search that proves its answer.

The share served is concave in the mix (`coverage.py`), so each evaluated design gives a cut that no design serving the
wanted share can break, and the cheapest design inside all cuts costs at most the optimum (Kelley 1960). A design half
way between that one and the best known is evaluated next. On the line from a design that serves too little to one that
serves enough, concavity tells where enough is served at the latest: a design whose cost is at least the optimum. The
search ends where both bounds meet. Cuts do not depend on costs, so those of one year serve the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.siting.coverage import Battery, Hourly, served
from steeliq.simulation.siting.cuts import Cuts

ROUNDS = 80
DOUBLINGS = 10  # of a first mix that serves too little, until the site counts as unable
COPY_BELOW = 0.75  # share of columns still searched at which they are copied out of the batch


@dataclass(frozen=True, slots=True)
class Mixes:
    """The cheapest mixes of n sites for 1 MW of flat load."""

    design: Floats  # (n, 3) MW of solar, MW of wind, MWh of battery; nan where no mix serves the load
    cost: Floats  # (n,) USD a year of that design, inf where no mix serves the load
    bound: Floats  # (n,) USD a year that no design serving the load can undercut
    evaluations: int  # designs gone through, over all sites


class Search:
    """Sites of one batch with what is known of them: cuts and one design that serves enough.

    ``solar`` and ``wind`` (h, n) are output per unit of capacity; ``share`` of the load's energy is to be served.
    """

    def __init__(self, solar: Hourly, wind: Hourly, share: float, battery: Battery) -> None:
        self.solar, self.wind, self.share, self.battery = solar, wind, share, battery
        self.means = np.column_stack([part.mean(axis=0, dtype=float) for part in (solar, wind)])
        self.cuts = Cuts(solar.shape[1])
        self.cuts.add(np.column_stack([self.means, np.zeros(len(self.means))]), np.full(len(self.means), share))
        self.evaluations = 0
        self.enough, self.served = self._ample()
        self.known = self.enough.copy()  # the cheapest mixes found last

    def cheapest(self, cost: Floats, tolerance: float = 1e-3) -> Mixes:
        """The cheapest mixes at yearly costs (n, 3) > 0 in USD per MW, MW and MWh, to a relative ``tolerance``."""
        count, before = len(cost), self.evaluations
        best = self.known
        upper, lower = (best * cost).sum(axis=1), np.zeros(count)
        basis: Ints | None = None
        live = np.flatnonzero(np.isfinite(upper))
        batch = _Batch(self.solar, self.wind)
        for _ in range(ROUNDS):
            lowest, held = self.cuts.take(live).cheapest(cost[live], None if basis is None else basis[live])
            basis = np.zeros((count, 3), dtype=np.int64) if basis is None else basis
            basis[live] = held
            lower[live] = np.maximum(lower[live], (lowest * cost[live]).sum(axis=1))
            open_ = upper[live] > (1.0 + tolerance) * lower[live]
            live, lowest = live[open_], lowest[open_]
            if not len(live):
                break
            tried = 0.5 * (lowest + best[live])
            share = self._cut(batch, live, tried)
            enough = self._between(live, tried, share)
            better = (enough * cost[live]).sum(axis=1)
            gains = better < upper[live]
            best[live[gains]], upper[live[gains]] = enough[gains], better[gains]
        lower[~np.isfinite(upper)] = np.inf
        return Mixes(best.copy(), np.where(np.isnan(upper), np.inf, upper), lower, self.evaluations - before)

    def _ample(self) -> tuple[Floats, Floats]:
        """A design of each site that serves enough, nan where none was found, and what it serves."""
        yields = np.maximum(self.means, 0.02)
        design = np.column_stack([1.5 / yields[:, 0], 1.5 / yields[:, 1], np.full(len(yields), 12.0)])
        out, share = np.full_like(design, np.nan), np.full(len(design), np.nan)
        live = np.flatnonzero(self.means.any(axis=1))
        batch = _Batch(self.solar, self.wind)
        for _ in range(DOUBLINGS):
            reached = self._cut(batch, live, design[live])
            done = live[reached >= self.share]
            out[done], share[done] = design[done], reached[reached >= self.share]
            live = live[reached < self.share]
            if not len(live):
                break
            design[live] *= 2.0
        return out, share

    def _cut(self, batch: _Batch, live: Ints, design: Floats) -> Floats:
        """Evaluate designs (m, 3) of the sites ``live``, add the cuts, return the shares served (m,)."""
        share, slope = batch.served(live, design, self.battery)
        self.evaluations += len(live)
        slopes, levels = np.zeros((len(self.means), 3)), np.full(len(self.means), -np.inf)
        slopes[live], levels[live] = slope, self.share - share + (slope * design).sum(axis=1)
        self.cuts.add(slopes, levels)
        return share

    def _between(self, live: Ints, tried: Floats, share: Floats) -> Floats:
        """Designs on the way from the tried to an ample one that surely serve enough (m, 3)."""
        lacks = np.maximum(self.share - share, 0.0)
        way = np.divide(lacks, self.served[live] - share, out=np.zeros_like(lacks), where=lacks > 0)
        return np.asarray(tried + way[:, None] * (self.enough[live] - tried))


class _Batch:
    """Columns of hourly profiles; sites that are done are left out once they are many."""

    def __init__(self, solar: Hourly, wind: Hourly) -> None:
        self.solar, self.wind = solar, wind
        self.columns = np.arange(solar.shape[1])

    def served(self, live: Ints, design: Floats, battery: Battery) -> tuple[Floats, Floats]:
        """`coverage.served` for the sites ``live`` (m,), a subset of those of the call before."""
        if len(live) < COPY_BELOW * len(self.columns):
            place = np.searchsorted(self.columns, live)
            self.solar, self.wind = (np.ascontiguousarray(part[:, place]) for part in (self.solar, self.wind))
            self.columns = live
        place = np.searchsorted(self.columns, live)
        whole = np.zeros((len(self.columns), 3))
        whole[place] = design
        share, slope = served(self.solar, self.wind, whole, battery)
        return share[place], slope[place]
