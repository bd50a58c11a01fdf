"""All figures of the explore pages by name, and what a browser or a spreadsheet gets of one.

The chart is made once from the filtered tables; JSON, CSV and Excel are three writings of that one chart, so that
what is shown and what is downloaded cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from steeliq.simulation.results.iamc import scenario_name
from steeliq.simulation.results.report import charts_costs, charts_decisions, charts_emissions, charts_production
from steeliq.simulation.results.report.charts import Chart, RunTables
from steeliq.simulation.results.report.charts_map import map_charts
from steeliq.simulation.results.report.charts_trade import trade_charts
from steeliq.webui.explore import (
    charts_audit,
    charts_grades,
    charts_levied,
    charts_output,
    charts_places,
    charts_plant,
    charts_resources,
    charts_scarce,
    charts_sites,
    charts_stock,
    charts_support,
    charts_worth,
)
from steeliq.webui.explore.filters import Filters, narrowed
from steeliq.webui.explore.questions import register
from steeliq.webui.explore.stores import FIGURES, state_of
from steeliq.webui.explore.wording import described, run_hash
from steeliq.webui.explore.writings import Told, compact, drawing, written

type Maker = Callable[[RunTables], Chart]

MAKERS: Final[Mapping[str, Maker]] = {
    "production-steel": lambda run: charts_production.by_technology(run, "steel", "production"),
    "production-iron": lambda run: charts_production.by_technology(run, "iron", "production"),
    "capacity-steel": lambda run: charts_production.by_technology(run, "steel", "capacity"),
    "capacity-iron": lambda run: charts_production.by_technology(run, "iron", "capacity"),
    "production-country": charts_output.by_country,
    "production-region": charts_output.by_region,
    "production-owner": charts_output.by_owner,
    "utilisation-country": charts_output.utilisation_by_country,
    "charge-mix": charts_production.charge_mix,
    "emissions-technology": charts_emissions.by_technology,
    "emissions-country": charts_output.emissions_by_country,
    "intensity": charts_emissions.intensity,
    "intensity-country": charts_output.intensity_by_country,
    "captured": charts_resources.captured,
    "cost-stack": charts_costs.cost_stack,
    "cost-curve": charts_costs.cost_curve,
    "prices": charts_costs.prices,
    "price-nodal": charts_worth.nodal_prices,
    "sankey": charts_places.sankey,
    "trade": lambda run: trade_charts(run)[0],
    "trade-map": charts_places.trade_map,
    "map": lambda run: map_charts(run)[0],
    "debt": charts_worth.debt,
    "treasuries": charts_worth.treasuries,
    "energy": charts_production.energy_use,
    "electricity": lambda run: charts_resources.bought(run, "electricity"),
    "hydrogen": lambda run: charts_resources.bought(run, "hydrogen"),
    "scrap": lambda run: charts_resources.supply(run, "scrap"),
    "ore": lambda run: charts_resources.supply(run, "ore"),
    "co2-storage": charts_resources.storage,
    "steel-in-use": charts_stock.in_use,
    "scrap-arising": charts_stock.arising,
    "support": charts_support.paid,
    "support-bought": charts_support.bought,
    "duties": charts_levied.at_borders,
    "carbon-paid": charts_levied.on_carbon,
    "grades": charts_grades.grades,
    "scarcity": charts_scarce.limits,
    "scarcity-price": charts_scarce.prices,
    "site-map": charts_sites.site_map,
    "site-projects": charts_sites.lifecycle,
    "site-npv": charts_sites.npvs,
    "site-energy": charts_sites.energy,
    "site-trend": charts_sites.trend,
    "held-back": charts_scarce.held_back,
    "decisions-kind": charts_decisions.by_kind,
    "decisions-route": charts_decisions.by_route,
    "capacity-changes": charts_decisions.changes,
    "limits": charts_decisions.limits,
    "forecasts": charts_decisions.forecasts,
    "audit": charts_audit.audit,
    "plant-production": charts_plant.production,
    "plant-emissions": charts_plant.emissions,
    "plant-lcos": charts_plant.lcos,
    "plant-cash": charts_plant.cash,
    "plant-npv": charts_plant.npvs,
    "plant-parts": charts_plant.parts,
    **register.MAKERS,
}
"""Maker of each figure; a name is the chart's ``id`` and stands in the address."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of a run: address, label, its figures in reading order, and the table that all of them need, if any."""

    slug: str
    label: str
    figures: tuple[str, ...]
    table: str = ""


TABS: Final = (
    Tab("overview", "Overview", ("production-steel", "emissions-scope", "decisions-route", "charge-mix", "intensity")),
    Tab("questions", "Questions", tuple(register.MAKERS)),
    Tab(
        "production",
        "Production",
        ("production-steel", "production-iron", "capacity-steel", "capacity-iron", "utilisation", "utilisation-country",
         "production-country", "production-region", "production-owner", "charge-mix"),
    ),
    Tab(
        "emissions",
        "Emissions",
        ("emissions-scope", "emissions-technology", "emissions-country", "captured", "intensity", "intensity-country"),
    ),
    Tab("costs", "Costs", ("cost-stack", "cost-curve", "lcos")),
    Tab("prices", "Prices", ("prices", "price-nodal")),
    Tab("flows", "Flows", ("sankey", "trade-map", "trade")),
    Tab("plants", "Plants", ("map",)),
    Tab("investment", "Investment", ("investment", "debt", "stranded", "treasuries")),
    Tab(
        "resources",
        "Energy and resources",
        ("energy", "electricity", "hydrogen", "scrap", "scrap-arising", "steel-in-use", "ore", "co2-storage"),
    ),
    Tab(
        "policy",
        "Policy",
        ("carbon-paid", "duties", "support", "support-bought", "grades", "scarcity", "scarcity-price"),
    ),
    Tab("sites", "New sites", ("site-map", "site-projects", "site-npv", "site-energy", "site-trend"), "site_energy"),
    Tab(
        "decisions",
        "Decisions",
        ("decisions-kind", "decisions-route", "capacity-changes", "held-back", "limits", "forecasts"),
    ),
    Tab("audit", "Audit", ("audit",)),
)  # fmt: skip
WORKS: Final = ("technology", "owner", "plant")
WHOLE: Final[Mapping[str, tuple[str, ...]]] = {
    "cost-stack": WORKS,
    **dict.fromkeys(("support", "support-bought"), ("owner", "plant")),
    **dict.fromkeys(("grades", "steel-in-use", "scrap-arising", "site-energy", "site-trend"), WORKS),
    **dict.fromkeys(("site-map", "site-projects", "site-npv"), WORKS),
    **register.WHOLE,
}
"""Parts of the filter that a figure does not follow: steel carries the cost of hot iron that other furnaces make, and
projects are not works yet."""
PLANT_FIGURES: Final = ("plant-parts", "plant-npv", "plant-production", "plant-emissions", "plant-lcos", "plant-cash")
WIDE: Final = register.WIDE | frozenset(
    {"intensity", "intensity-country", "cost-stack", "cost-curve", "prices", "price-nodal", "sankey", "trade",
     "trade-map", "map", "site-map", "site-energy", "plant-npv", "plant-parts", "audit"}
)  # fmt: skip
"""Figures that take the whole width of a page."""


def chart_of(run: RunTables, name: str, filters: Filters) -> Chart:
    """A figure of the run seen through the filter; ``KeyError`` if there is no such figure.

    Properties by which the results could not be narrowed are told in the chart's note.
    """
    maker = MAKERS[name]
    kept = filters.without(*WHOLE.get(name, ()))
    seen, told = narrowed(run, kept)
    for part in WHOLE.get(name, ()):
        if getattr(filters, part):
            told.parts.setdefault(part, set()).add(name)
    if not seen.years:
        return _blank(maker(run), "No year of this run is inside the chosen years.")
    chart = maker(seen)
    note = " ".join(part for part in (told.note(), chart.note) if part)
    return replace(chart, note=note)


def _blank(chart: Chart, why: str) -> Chart:
    return replace(chart, traces=(), frames={}, controls=(), views={}, empty=why)


def figure_json(run: RunTables, folder: Path, name: str, filters: Filters) -> bytes:
    """The chart as the page draws it; kept."""
    key = (state_of(folder, run.years), name, filters)
    return FIGURES.get(key, lambda: compact(drawing(chart_of(run, name, filters), _told(run, filters))))


def figure_file(run: RunTables, name: str, filters: Filters, kind: str, frame: str | None) -> bytes:
    """Rows of the figure in a form of ``writings.TYPES``; ``KeyError`` for an unknown frame."""
    return written(chart_of(run, name, filters), kind, frame, _told(run, filters))


def _told(run: RunTables, filters: Filters) -> Told:
    return Told(described(run, filters), scenario_name(dict(run.document)), run_hash(run.document))
