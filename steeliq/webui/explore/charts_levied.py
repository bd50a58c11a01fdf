"""What policies cost those who pay them: duties and charges at borders, and the price of carbon."""

from __future__ import annotations

from typing import Final

from steeliq.simulation.results.report.charts import Chart, Control, Json, RunTables, span, stacked
from steeliq.simulation.results.report.charts_production import stack, technology_names
from steeliq.simulation.results.report.theme import TECHNOLOGIES
from steeliq.webui.explore.series import country_names, largest_stack, regions

SECTION: Final = "Policy"
BILLIONS: Final = "billion USD"
BORDERS: Final = {
    "region": "importing region",
    "destination": "importing country",
    "origin": "exporting country",
    "commodity": "good",
}
CARBON: Final = {"region": "region", "country": "country", "technology": "technology"}
UNTAXED: Final = "No duty and no border charge was paid in the chosen part of this run."
UNPRICED: Final = "No carbon cost was paid in the chosen part of this run."


def at_borders(run: RunTables) -> Chart:
    """Duties and border adjustments by who imports, who exports and what."""
    flows = run["flows"]
    flows = flows[(flows["origin"] != flows["destination"]) & (flows["duty"] > 0)]
    places, countries = regions(run), country_names(run)
    rows = flows.assign(
        value=flows["amount"] * flows["duty"] / 1e9,
        region=flows["destination"].map(lambda country: places.get(str(country), str(country))),
    )
    names = {"commodity": run.labels.column("commodities", "commodity", "name"), "region": {}}
    frames: dict[str, tuple[Json, ...]] = {
        by: largest_stack(rows, by, names.get(by, countries), BILLIONS) for by in BORDERS
    }
    has_any = any(frames.values())
    return Chart(
        id="duties",
        section=SECTION,
        title="Duties and carbon charges at borders",
        unit=BILLIONS,
        source="results table flows",
        summary=span(rows.groupby("year")["value"].sum(), BILLIONS, "Duties and border charges"),
        columns=("by", "series", "year", BILLIONS),
        empty=UNTAXED,
        frames=frames if has_any else {},
        controls=(Control("By", "select", tuple(BORDERS), tuple(BORDERS.values())),) if has_any else (),
        layout=stacked(BILLIONS),
        note="Tariffs, duties beyond a quota and border adjustments together, on what crossed a border. What they kept "
        "out stands in no bar: compare with a run without them. The ten largest; the others are summed.",
    )


def on_carbon(run: RunTables) -> Chart:
    """Carbon cost after free allowances by region, country and technology."""
    accounts, places = run["accounts"], regions(run)
    rows = accounts.assign(
        value=accounts["carbon_cost"] / 1e9,
        region=accounts["country"].map(lambda country: places.get(str(country), str(country))),
    )
    frames: dict[str, tuple[Json, ...]] = {
        "region": largest_stack(rows, "region", {}, BILLIONS),
        "country": largest_stack(rows, "country", country_names(run), BILLIONS),
        "technology": tuple(stack(rows, "technology", TECHNOLOGIES, technology_names(run), BILLIONS)),
    }
    has_any = any(frames.values())
    return Chart(
        id="carbon-paid",
        section=SECTION,
        title="Carbon cost paid",
        unit=BILLIONS,
        source="results table accounts",
        summary=span(rows.groupby("year")["value"].sum(), BILLIONS, "Carbon cost"),
        columns=("by", "series", "year", BILLIONS),
        empty=UNPRICED,
        frames=frames if has_any else {},
        controls=(Control("By", "select", tuple(CARBON), tuple(CARBON.values())),) if has_any else (),
        layout=stacked(BILLIONS),
        note="Carbon prices and prices of emission caps on what is priced, less free allowances; below zero where "
        "these are worth more than what is emitted. Carbon contracts are public money and stand there.",
    )
