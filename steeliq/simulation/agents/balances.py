"""Is there enough capacity? Committed steel and iron against demand, kept up to date with every approval of a year.

Capacity counts times the availability of its country. The *gate* is the year in which a decision of today opens; the
*next* year is the one in which a closure of today is felt. The same slack in the metallics balance opens and closes.
"""

from __future__ import annotations

import numpy as np

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.arrays import Floats
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.state import Fleet

SCRAP_USABLE = 0.92  # share of the scrap supply that comes at a bearable cost
LEAST_TIGHTNESS, GREATEST_TIGHTNESS = -0.05, 0.15


class Balances:
    """World and country balances of one year's decisions; `change` is called for all that opens or ends."""

    def __init__(self, inputs: Inputs, fleet: Fleet, books: Books, year: int) -> None:
        self.gate, self.next = year + inputs.scenario.finance.construction, year + 1
        self._decisions = inputs.scenario.decisions
        self._is_steel = inputs.technologies.is_steel
        conditions = inputs.conditions
        now, gate, following = (conditions.at(y) for y in (year, self.gate, self.next))
        self.availability = conditions.availability[gate]
        self._next_availability = conditions.availability[following]
        self.demand = conditions.demand[gate]
        self._next_demand = float(conditions.demand[following].sum())
        self._scrap, self._next_scrap = (float(SCRAP_USABLE * conditions.scrap[y].sum()) for y in (gate, following))
        self.steel = np.zeros(len(inputs.countries))
        self._iron = self._next_steel = self._next_iron = 0.0
        steel = self._is_steel[fleet.technology]
        alive = (fleet.opens <= self.gate) & (self.gate < fleet.retires)
        at_gate = np.where(alive, fleet.capacity * self.availability[fleet.country], 0.0)
        np.add.at(self.steel, fleet.country[steel], at_gate[steel])
        self._iron = float(at_gate[~steel].sum())
        soon = np.where(fleet.operating(self.next), fleet.capacity * self._next_availability[fleet.country], 0.0)
        self._next_steel, self._next_iron = float(soon[steel].sum()), float(soon[~steel].sum())
        usable = np.where(
            fleet.operating(year) & steel, fleet.capacity * conditions.availability[now][fleet.country], 0.0
        )
        target = self._decisions.target_utilisation
        present = float(books.production[steel].sum() / usable.sum()) if usable.sum() > 0 else target
        self._centre = min(target, (target + present) / 2)

    def change(self, technology: int, country: int, capacity: float, year: int) -> None:
        """Capacity (negative: an end) that counts from ``year`` on."""
        steel = bool(self._is_steel[technology])
        if year <= self.gate:
            amount = capacity * float(self.availability[country])
            if steel:
                self.steel[country] += amount
            else:
                self._iron += amount
        if year <= self.next:
            amount = capacity * float(self._next_availability[country])
            if steel:
                self._next_steel += amount
            else:
                self._next_iron += amount

    @property
    def steel_total(self) -> float:
        """Available steel capacity at the gate, t/yr."""
        return float(self.steel.sum())

    def tightness(self) -> float:
        """Expected change of the steel price, USD/t: committed use off its centre x the scenario's slope."""
        total = self.steel_total
        use = float(self.demand.sum()) / total if total > 0 else np.inf
        return self._decisions.tightness * min(max(use - self._centre, LEAST_TIGHTNESS), GREATEST_TIGHTNESS)

    def metallics(self) -> float:
        """Iron and scrap at the gate beyond the need of steelmaking, t; negative if they fall short."""
        decisions = self._decisions
        supply = decisions.iron_target_utilisation * self._iron + self._scrap
        return supply - decisions.metallics_need * float(self.demand.sum())

    def needed(self, steel: float, iron: float) -> bool:
        """Whether next year misses these available capacities (t/yr) if they close."""
        decisions = self._decisions
        short_steel = steel > 0 and self._next_steel - steel < self._next_demand / decisions.target_utilisation
        metallics = decisions.iron_target_utilisation * (self._next_iron - iron) + self._next_scrap
        return short_steel or (iron > 0 and metallics < decisions.metallics_need * self._next_demand)

    def country_gaps(self, self_sufficiency: Floats) -> Floats:
        """Available steel capacity that each country lacks at the gate (c,) t/yr; negative where it has too much."""
        return np.asarray(self.demand * self_sufficiency / self._decisions.target_utilisation - self.steel)

    def world_gap(self) -> float:
        """Available steel capacity that the world lacks at the gate, t/yr."""
        return float(self.demand.sum()) / self._decisions.target_utilisation - self.steel_total
