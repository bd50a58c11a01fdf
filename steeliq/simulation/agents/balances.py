"""Is there enough capacity? Committed steel and iron against demand, kept up to date with every approval of a year.

Capacity counts times the availability of its country. The *gate* is the year in which a decision of today opens; the
*next* year is the one in which a closure of today is felt. The same slack in the metallics balance opens and closes.
"""

from __future__ import annotations

import numpy as np

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.state import Fleet

SCRAP_USABLE = 0.92  # share of the scrap supply that comes at a bearable cost
LEAST_TIGHTNESS, GREATEST_TIGHTNESS = -0.05, 0.15
IRON, FROM_METALLICS, FROM_ORE = 0, 1, 2  # kinds of capacity: ironmaking, and steelmaking by what it charges


class Balances:
    """World and country balances of one year's decisions; `change` is called for all that opens or ends."""

    def __init__(self, inputs: Inputs, fleet: Fleet, books: Books, year: int) -> None:
        self.gate, self.next = year + inputs.scenario.finance.construction, year + 1
        self._decisions = inputs.scenario.decisions
        self._kind = _kinds(inputs)
        conditions = inputs.conditions
        now, gate, following = (conditions.at(y) for y in (year, self.gate, self.next))
        self.availability = conditions.availability[gate]
        self._next_availability = conditions.availability[following]
        self.demand = conditions.demand[gate]
        self._next_demand = float(conditions.demand[following].sum())
        self._scrap, self._next_scrap = (float(SCRAP_USABLE * conditions.scrap[y].sum()) for y in (gate, following))
        kind = self._kind[fleet.technology]
        at_gate = np.where((fleet.opens <= self.gate) & (self.gate < fleet.retires), fleet.capacity, 0.0)
        at_gate = at_gate * self.availability[fleet.country]
        soon = np.where(fleet.operating(self.next), fleet.capacity * self._next_availability[fleet.country], 0.0)
        self._at_gate, self._soon = (np.bincount(kind, weights=column, minlength=3) for column in (at_gate, soon))
        steel = np.where(kind == IRON, 0.0, at_gate)
        self.steel = np.bincount(fleet.country, weights=steel, minlength=len(inputs.countries))
        running = fleet.operating(year) & (kind != IRON)
        usable = np.where(running, fleet.capacity * conditions.availability[now][fleet.country], 0.0).sum()
        target = self._decisions.target_utilisation
        present = float(books.production[running].sum() / usable) if usable > 0 else target
        self._centre = min(target, (target + present) / 2)

    def change(self, technology: int, country: int, capacity: float, year: int) -> None:
        """Capacity (negative: an end) that counts from ``year`` on."""
        kind = int(self._kind[technology])
        if year <= self.gate:
            amount = capacity * float(self.availability[country])
            self._at_gate[kind] += amount
            if kind != IRON:
                self.steel[country] += amount
        if year <= self.next:
            self._soon[kind] += capacity * float(self._next_availability[country])

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
        return self._metallics(self._at_gate, self._scrap, float(self.demand.sum()))

    def needed(self, steel: float, iron: float) -> bool:
        """Whether next year misses these available capacities (t/yr) if they close."""
        left = float(self._soon[FROM_METALLICS] + self._soon[FROM_ORE]) - steel
        if steel > 0 and left < self._next_demand / self._decisions.target_utilisation:
            return True
        without = self._soon - np.array([iron, 0.0, 0.0])
        return iron > 0 and self._metallics(without, self._next_scrap, self._next_demand) < 0

    def _metallics(self, capacity: Floats, scrap: float, demand: float) -> float:
        """Steel that is made from ore directly needs neither iron nor scrap."""
        decisions = self._decisions
        direct = decisions.target_utilisation * float(capacity[FROM_ORE])
        supply = decisions.iron_target_utilisation * float(capacity[IRON]) + scrap
        return supply - decisions.metallics_need * max(demand - direct, 0.0)

    def country_gaps(self, self_sufficiency: Floats) -> Floats:
        """Available steel capacity that each country lacks at the gate (c,) t/yr; negative where it has too much."""
        return np.asarray(self.demand * self_sufficiency / self._decisions.target_utilisation - self.steel)

    def world_gap(self) -> float:
        """Available steel capacity that the world lacks at the gate, t/yr."""
        return float(self.demand.sum()) / self._decisions.target_utilisation - self.steel_total


def _kinds(inputs: Inputs) -> Ints:
    """Kind of capacity of each technology (t,)."""
    recipes, count = inputs.recipes, len(inputs.technologies.names)
    charged = np.bincount(recipes.technology, weights=recipes.charge, minlength=count)
    steel = np.where(charged > 0, FROM_METALLICS, FROM_ORE)
    return np.where(inputs.technologies.is_steel, steel, IRON)
