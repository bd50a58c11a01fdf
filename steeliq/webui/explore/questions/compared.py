"""Routes of a run side by side in each area, and the lines and words that the figures on them share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from steeliq.simulation.arrays import Floats
from steeliq.simulation.results.report.charts import Chart, Json, RunTables, line
from steeliq.simulation.results.report.theme import ROUTES, ordered
from steeliq.webui.explore.questions.areas import Area, areas_of, steel_made, weights, whole
from steeliq.webui.explore.questions.recompiled import inputs_of
from steeliq.webui.explore.questions.routes import Means, RouteCosts, means, route_costs
from steeliq.webui.explore.series import DASHES

SECTION: Final = "Questions"
NO_STEEL: Final = "No steel was made in the chosen part of this run."
NO_BASE: Final = "The dataset of this run has no route BF_BOF to compare with."
SOURCE: Final = "dataset and scenario of the run; results tables prices, capacity and production"


@dataclass(frozen=True, slots=True)
class Compared:
    """Routes of a run with their means by area."""

    costs: RouteCosts
    of: Mapping[str, Means]  # without support
    areas: tuple[Area, ...]
    supported: Mapping[str, Means]  # what owners pay, after support; the same as ``of`` where there is none
    uncontracted: Mapping[str, Means]  # after support but for carbon contracts

    @property
    def has_support(self) -> bool:
        """Whether the scenario supports or taxes any route."""
        return self.costs.support is not None

    @property
    def years(self) -> tuple[int, ...]:
        """Years that are shown."""
        return self.costs.years

    @property
    def others(self) -> list[int]:
        """Routes but BF-BOF, in the order in which they are drawn."""
        routes = self.costs.routes
        order = [name for name, _ in ordered(ROUTES, set(routes))]
        return [routes.index(name) for name in order if routes.index(name) != self.costs.base]


def compared(run: RunTables) -> Compared | str:
    """All that the route figures need, or a sentence on why there is nothing."""
    inputs = inputs_of(run.document)
    if isinstance(inputs, str):
        return inputs
    made = steel_made(run)
    made = made[made["production"] > 0]
    if made.empty:
        return NO_STEEL
    world = whole(run)
    costs = route_costs(inputs, world["prices"], world["capacity"], world.years)
    if costs.base < 0:
        return NO_BASE
    costs = costs.of_years(run.years)
    areas = areas_of(run, made)
    weight = weights(made, costs.years, costs.countries)

    def of(seen: RouteCosts) -> dict[str, Means]:
        return {area.key: means(seen, weight * area.inside(costs.countries)) for area in areas}

    plain = of(costs)
    if costs.support is None:
        return Compared(costs, plain, areas, plain, plain)
    return Compared(costs, plain, areas, of(costs.with_support()), of(costs.with_support(contracts=False)))


def _drawn(costs: RouteCosts, r: int, values: Floats, unit: str) -> Json:
    """The line of a route from the first year in which a new plant may open."""
    name = costs.routes[r]
    look = dict(ordered(ROUTES, set(costs.routes)))[name]
    open_ = [y for y, year in enumerate(costs.years) if year >= costs.first[r]]
    years, dash = [costs.years[y] for y in open_], DASHES.get(look.pattern, "solid")
    return line(costs.titles[r], years, values[open_], look.colour, unit, dash)


def route_lines(costs: RouteCosts, order: Iterable[int], values: Floats, unit: str) -> tuple[Json, ...]:
    """Lines of routes that have a value (y, r) in some year."""
    traces = [_drawn(costs, r, values[:, r], unit) for r in order]
    return tuple(trace for trace in traces if any(value is not None for value in trace["y"]))


def price_line(costs: RouteCosts, name: str, values: Floats, unit: str) -> Json:
    """The price that the run has, to see break-even prices against."""
    trace = line(name, costs.years, values, "$text", unit, "longdashdot")
    trace["line"]["width"] = 3
    return trace


def nothing(name: str, title: str, unit: str, why: str, *, wide: bool = False) -> Chart:
    """The chart that says why there is nothing to draw."""
    return Chart(
        id=name, section=SECTION, title=title, unit=unit, source=SOURCE, summary=why, columns=("route", "year", unit),
        empty=why, wide=wide,
    )  # fmt: skip
