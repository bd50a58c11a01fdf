"""Every knob of a run: a typed schema whose descriptions become help, form labels and documentation.

A scenario file is TOML and holds only what differs from the default::

    base = "reference"
    name = "carbon price 100"

    [carbon]
    scenario = "uniform_100"

The whole scenario stands here, its groups of settings in modules by subject; `files` reads and writes the files.
A value that depends on the year is written as a number or as a table of years (``{2025 = 1.0, 2050 = 0.6}``);
years between are interpolated, years outside are held.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from steeliq.simulation.scenario.group import Group, in_unit
from steeliq.simulation.scenario.market import Demand, Dispatch, Grid, Prices, Scrap
from steeliq.simulation.scenario.owners import Decisions, Finance, Limits, TechnologyWindow
from steeliq.simulation.scenario.policy import Carbon, Support, Trade
from steeliq.simulation.scenario.siting import Siting

FIRST_YEAR, LAST_YEAR = 2020, 2060


class Period(Group):
    """Which years are simulated."""

    start: Annotated[
        int, Field(ge=FIRST_YEAR, le=LAST_YEAR, description="First year", json_schema_extra=in_unit("year"))
    ] = 2025
    end: Annotated[
        int, Field(ge=FIRST_YEAR, le=LAST_YEAR, description="Last year", json_schema_extra=in_unit("year"))
    ] = 2050

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.end < self.start:
            raise ValueError(f"the last year {self.end} lies before the first year {self.start}; swap them")
        return self


class Scenario(Group):
    """One question put to the model."""

    name: Annotated[str, Field(min_length=1, max_length=80, description="Name")] = "reference"
    description: Annotated[str, Field(max_length=2000, description="What this scenario asks")] = ""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="Seed of all random draws")] = 1
    period: Period = Period()
    demand: Demand = Demand()
    scrap: Scrap = Scrap()
    prices: Prices = Prices()
    grid: Grid = Grid()
    carbon: Carbon = Carbon()
    trade: Trade = Trade()
    support: Support = Support()
    technologies: Annotated[dict[str, TechnologyWindow], Field(description="Windows and costs by technology")] = {}
    finance: Finance = Finance()
    decisions: Decisions = Decisions()
    limits: Limits = Limits()
    dispatch: Dispatch = Dispatch()
    siting: Siting = Siting()

    @property
    def years(self) -> range:
        """The simulated years."""
        return range(self.period.start, self.period.end + 1)
