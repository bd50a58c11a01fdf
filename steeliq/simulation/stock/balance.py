"""The balance of steel in use, year by year and country by country.

    crude steel used = home scrap + prompt scrap + added to the stock
    stock at the end = stock at the start + added - obsolete
    obsolete         = collected + lost

Stock and obsolete goods are counted apart, each by its own sum over the years in which goods were added, so that the
second line is a check and not a definition (``accounts/stock.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from steeliq.simulation.arrays import Bools, Floats
from steeliq.simulation.stock.lifetimes import survival


@dataclass(frozen=True, slots=True)
class EndUses:
    """What steel is used in (e,)."""

    names: tuple[str, ...]
    share: Floats  # of the steel used, adding up to 1
    forming: Floats  # t of finished steel per t of crude steel
    fabrication: Floats  # t in goods per t of finished steel
    lifetime: Floats  # mean, years
    spread: Floats  # deviation over the mean; the shape of a Weibull distribution
    weibull: Bools
    collection: Floats  # share of obsolete goods that comes back as scrap


@dataclass(frozen=True, slots=True)
class Levers:
    """Circularity by year (y,), each a factor on the values of the end uses."""

    lifetime: Floats  # of what is added in the year
    fabrication: Floats
    collection: Floats


@dataclass(frozen=True, slots=True)
class SteelInUse:
    """Flows of a year and the stock around it, by year and country (y, c) t."""

    used: Floats
    home: Floats
    prompt: Floats
    added: Floats
    obsolete: Floats
    collected: Floats
    lost: Floats
    start: Floats
    end: Floats

    @property
    def scrap(self) -> Floats:
        """All scrap that can be had (y, c) t."""
        return self.home + self.prompt + self.collected

    def since(self, first: int) -> SteelInUse:
        """The same from the year at position ``first`` on."""
        return SteelInUse(**{field.name: getattr(self, field.name)[first:] for field in fields(self)})


def steel_in_use(uses: EndUses, levers: Levers, used: Floats) -> SteelInUse:
    """The balance from the first year on, before which there is nothing; ``used``: crude steel (y, c) t.

    Shares above 1 are cut there: nothing can be made from nothing.
    """
    home, prompt, added, obsolete, collected, lost, end = (np.zeros_like(used) for _ in range(7))
    for e in range(len(uses.names)):
        fabricated = np.minimum(uses.fabrication[e] * levers.fabrication, 1.0)[:, None]
        returned = np.minimum(uses.collection[e] * levers.collection, 1.0)[:, None]
        crude = used * uses.share[e]
        finished = crude * uses.forming[e]
        into = finished * fabricated
        there = survival(uses.lifetime[e] * levers.lifetime, float(uses.spread[e]), weibull=bool(uses.weibull[e]))
        before = np.vstack([np.zeros(len(used)), there[:-1]]) + np.eye(len(used))  # new goods are whole at first
        out = (before - there) @ into
        home += crude - finished
        prompt += finished - into
        added += into
        obsolete += out
        collected += out * returned
        lost += out * (1.0 - returned)
        end += there @ into
    start = np.vstack([np.zeros(used.shape[1]), end[:-1]])
    return SteelInUse(used, home, prompt, added, obsolete, collected, lost, start, end)
