"""Who makes how much with what: production, capacity and metallic charge over the years."""

from __future__ import annotations

import pandas as pd

from steeliq.simulation.results.iamc import CARRIERS as CARRIER_OF
from steeliq.simulation.results.iamc import exajoules
from steeliq.simulation.results.report.charts import Chart, Json, RunTables, bar, span, stacked, years_of
from steeliq.simulation.results.report.theme import CARRIERS, CHARGES, TECHNOLOGIES, Look, ordered

STEEL = "crude_steel"


def production_charts(run: RunTables) -> list[Chart]:
    """Crude steel and iron by technology, capacity of both, metallic charge, energy."""
    return [
        by_technology(run, "steel", "production"),
        by_technology(run, "iron", "production"),
        by_technology(run, "steel", "capacity"),
        by_technology(run, "iron", "capacity"),
        charge_mix(run),
        energy_use(run),
    ]


def technology_names(run: RunTables) -> dict[str, str]:
    """Display names of technologies."""
    return run.labels.names("technologies", "technology")


def steel_technologies(run: RunTables) -> set[str]:
    """Technologies whose product is crude steel, from the labels or, without them, from what was made."""
    products = run.labels.column("technologies", "technology", "product")
    if not products:
        made = run["production"]
        products = dict(zip(made["technology"], made["product"], strict=True))
    return {technology for technology, product in products.items() if product == STEEL}


def stack(frame: pd.DataFrame, by: str, looks: dict[str, Look], names: dict[str, str], unit: str) -> list[Json]:
    """One bar series per key of ``by``; columns year, ``by``, value; every series has every year."""
    if frame.empty:
        return []
    wide = frame.pivot_table(index="year", columns=by, values="value", aggfunc="sum", fill_value=0.0)
    keys = {str(key) for key in wide.columns[(wide != 0).any(axis=0)]}
    return [
        bar(names.get(key, key), years_of(wide.index), wide[key].to_numpy(float), look, unit)
        for key, look in ordered(looks, keys)
    ]


def by_technology(run: RunTables, what: str, table: str) -> Chart:
    """Production or capacity (``table``) of steel or iron (``what``) by technology."""
    frame = run[table]
    unit = "Mt" if table == "production" else "Mt/yr"
    amount = frame["production"] if table == "production" else frame["opening"] + frame["opened"]
    is_steel = frame["technology"].isin(sorted(steel_technologies(run)))
    rows = frame.assign(value=amount / 1e6)[is_steel if what == "steel" else ~is_steel]
    total = rows.groupby("year")["value"].sum()
    product = "Crude steel" if what == "steel" else "Iron"
    subject = product if table == "production" else f"{product} capacity"
    return Chart(
        id=f"{table}-{what}",
        section="Production and capacity",
        title=f"{subject} by technology",
        unit=unit,
        source=f"results table {table}",
        summary=span(total, unit, f"{subject}, world"),
        columns=("technology", "year", unit),
        empty=f"No {subject.lower()} in this run.",
        traces=tuple(stack(rows, "technology", TECHNOLOGIES, technology_names(run), unit)),
        layout=stacked(unit),
        note="" if table == "production" else "In operation during the year, openings included, closures still in.",
    )


def charge_mix(run: RunTables) -> Chart:
    """Metallic charge of all steelmaking by kind."""
    frame = run["charges"]
    rows = frame[frame["technology"].isin(sorted(steel_technologies(run)))]
    rows = rows.assign(value=rows["amount"] / 1e6)
    total = rows.groupby("year")["value"].sum()
    scrap = rows[rows["commodity"] == "scrap"].groupby("year")["value"].sum().reindex(total.index, fill_value=0.0)
    return Chart(
        id="charge-mix",
        section="Production and capacity",
        title="Metallic charge of steelmaking",
        unit="Mt",
        source="results table charges",
        summary=span(100.0 * scrap / total, "%", "Scrap share of the metallic charge"),
        columns=("charge", "year", "Mt"),
        empty="No steel was made in this run.",
        traces=tuple(stack(rows, "commodity", CHARGES, run.labels.names("commodities", "commodity"), "Mt")),
        layout=stacked("Mt"),
    )


def energy_use(run: RunTables) -> Chart:
    """Energy that the works buy, less what they sell, by carrier."""
    frame = run["energy"]
    rows = frame.assign(value=exajoules(frame), carrier=frame["commodity"].map(CARRIER_OF))
    rows = rows.dropna(subset=["value", "carrier"])
    names = {key: key.rsplit("|", maxsplit=1)[-1] for key in CARRIERS}
    return Chart(
        id="energy",
        section="Production and capacity",
        title="Energy bought by carrier",
        unit="EJ",
        source="results table energy; heating values: IPCC 2006",
        summary=span(rows.groupby("year")["value"].sum(), "EJ", "Energy bought"),
        columns=("carrier", "year", "EJ"),
        empty="No energy was bought in this run.",
        traces=tuple(stack(rows, "carrier", CARRIERS, names, "EJ")),
        layout=stacked("EJ"),
        note="Net of what is sold; net calorific value, coking coal included.",
    )
