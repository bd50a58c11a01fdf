"""Money: prices of places, debt, treasuries."""

from __future__ import annotations

from typing import Final

import pandas as pd

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    line,
    lines,
    span,
    stacked,
    year_slider,
    years_of,
)
from steeliq.simulation.results.report.charts_costs import PRICED, UNIT
from steeliq.simulation.results.report.charts_production import stack, technology_names
from steeliq.simulation.results.report.theme import TECHNOLOGIES
from steeliq.webui.explore.series import country_names

BILLIONS: Final = "billion USD"
PLACES: Final = 40
"""Countries in the chart of nodal prices."""


def nodal_prices(run: RunTables) -> Chart:
    """Price and nodal dual of each country, one commodity and year at a time, dearest first."""
    frame, names = run["prices"], run.labels.names("commodities", "commodity")
    found = set(frame["commodity"])
    goods = tuple(good for good in PRICED if good in found)
    need = run["demand"].groupby("country")["demand"].sum().sort_values(ascending=False, kind="stable")
    keep = [str(country) for country in need.index[:PLACES]]
    frame = frame[frame["country"].isin(keep)].sort_values(["price", "country"], ascending=[False, True])
    groups = dict(list(frame.groupby(["commodity", "year"], sort=False)))
    frames = {
        f"{good}|{year}": _nodes(run, groups[good, year]) if (good, year) in groups else ()
        for good in goods
        for year in run.years
    }
    labels = tuple(names.get(good, good) for good in goods)
    return Chart(
        id="price-nodal",
        section="Prices and costs",
        title="Prices of countries",
        unit=UNIT,
        source="results table prices",
        summary=f"Price of each of the {min(PLACES, len(keep))} largest steel users, dearest first.",
        columns=("commodity", "year", "series", "country", UNIT),
        empty="No prices in the chosen part of this run.",
        frames=frames if goods else {},
        controls=(Control("Commodity", "select", goods, labels), year_slider(run.years)) if goods else (),
        layout={
            "hovermode": "x unified",
            "xaxis": {"type": "category", "tickangle": -45},
            "yaxis": {"title": {"text": UNIT}},
        },
        note=f"The {PLACES} largest steel users. Price: what accounts and decisions use. Nodal dual: what one more "
        "tonne there would cost the world; it differs where a shortage price was cut to its bound.",
        wide=True,
        height=420,
    )


def _nodes(run: RunTables, rows: pd.DataFrame) -> tuple[Json, ...]:
    names = country_names(run)
    places = [names.get(str(country), str(country)) for country in rows["country"]]
    traces = []
    for name, column, colour, symbol in (
        ("price", "price", "$blue", "circle"),
        ("nodal dual", "dual", "$orange", "diamond-open"),
    ):
        trace = line(name, places, rows[column].to_numpy(float), colour, UNIT)
        trace |= {"mode": "markers"}
        trace["marker"] |= {"symbol": symbol, "size": 8}
        traces.append(trace)
    return tuple(traces)


def debt(run: RunTables) -> Chart:
    """Debt at the year's end by technology."""
    frame = run["accounts"]
    rows = frame.assign(value=frame["debt"] / 1e9)
    return Chart(
        id="debt",
        section="Decisions",
        title="Debt outstanding by technology",
        unit=BILLIONS,
        source="results table accounts",
        summary=span(rows.groupby("year")["value"].sum(), BILLIONS, "Debt at the year's end"),
        columns=("technology", "year", BILLIONS),
        empty="No debt in the chosen part of this run.",
        traces=tuple(stack(rows, "technology", TECHNOLOGIES, technology_names(run), BILLIONS)),
        layout=stacked(BILLIONS),
        note="What furnace groups in operation owe at the year's end: what would be stranded if they closed.",
    )


def treasuries(run: RunTables) -> Chart:
    """Treasuries of all owners: cash in, equity out, dividends."""
    sums = run["owners"].groupby("year")[["cash", "invested", "distributed", "closing"]].sum() / 1e9
    looks = (
        ("cash flow", "cash", "$blue", "solid"),
        ("equity invested", "invested", "$magenta", "dash"),
        ("dividends", "distributed", "$orange", "dot"),
        ("treasuries at the end", "closing", "$text", "longdash"),
    )
    years = years_of(sums.index)
    traces = tuple(
        line(name, years, sums[column].to_numpy(float), colour, BILLIONS, dash) for name, column, colour, dash in looks
    )
    return Chart(
        id="treasuries",
        section="Decisions",
        title="Owners: cash flow and its use",
        unit=BILLIONS,
        source="results table owners",
        summary=span(sums["cash"], BILLIONS, "Cash flow of all owners"),
        columns=("series", "year", BILLIONS),
        empty="No owners in the chosen part of this run.",
        traces=traces if len(sums) else (),
        layout=lines(BILLIONS, zero=True),
        note="Sums over owners; dividends below zero are capital called. With a country chosen: owners with "
        "works there.",
    )
