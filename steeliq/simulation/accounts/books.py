"""The year's accounts of every furnace group."""

from __future__ import annotations

from dataclasses import dataclass

from steeliq.simulation.arrays import Floats


@dataclass(frozen=True, slots=True)
class Books:
    """One row per furnace group of the state's fleet (f,), USD of the year unless stated; 0 for groups that do not operate.

    Cash flows use production and capacity as they are; unit costs divide by production. Inside a site hot metal is
    booked at its full cost, so the margin of a site sits with its steelmaking.
    """

    production: Floats  # (f,) t
    by_option: Floats  # (f, o) t
    revenue: Floats
    variable: Floats  # inputs (hot metal at full cost included) and conversion
    carbon: Floats
    fixed: Floats
    interest: Floats
    principal: Floats
    lcos: Floats  # USD/t of product, capital annualised at replacement cost

    @property
    def avoidable(self) -> Floats:
        """Margin that closing the group would end (f,): cash before debt."""
        return self.revenue - self.variable - self.carbon - self.fixed

    @property
    def cash(self) -> Floats:
        """Cash flow to the owner (f,)."""
        return self.avoidable - self.interest - self.principal
