"""Bars and lines that several charts are made of: the largest of many stacked, shares as lines by technology."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from steeliq.simulation.results.report.charts import Json, RunTables, line, years_of
from steeliq.simulation.results.report.charts_production import stack, steel_technologies, technology_names
from steeliq.simulation.results.report.theme import COUNTRIES, FALLBACK, TECHNOLOGIES, WORLD, Look, ordered

LARGEST: Final = 10
OTHERS: Final = "Others"
DASHES: Final = {"": "solid", "/": "dash", ".": "dot", "x": "dashdot", "-": "longdash"}
"""A line has no pattern: what a pattern tells apart in bars, a dash does in lines."""


def largest_stack(
    rows: pd.DataFrame, by: str, names: Mapping[str, str], unit: str, count: int = LARGEST
) -> tuple[Json, ...]:
    """The ``count`` largest keys of ``by`` over all years stacked, the others summed; columns year, ``by``, value."""
    sums = rows.groupby(by)["value"].sum().abs()
    order = sums.reset_index().sort_values(["value", by], ascending=[False, True])
    keys = [str(key) for key in order.loc[order["value"] > 0, by]]
    shown = keys[:count]
    looks = {key: FALLBACK[number % len(FALLBACK)] for number, key in enumerate(shown)} | {OTHERS: Look("$muted")}
    told = rows.assign(**{by: rows[by].astype(str).where(rows[by].isin(shown), OTHERS)})
    labels = {key: names.get(key, key) for key in shown} | {OTHERS: OTHERS}
    return tuple(stack(told, by, looks, labels, unit))


def technology_lines(run: RunTables, rows: pd.DataFrame, unit: str) -> tuple[Json, ...]:
    """One line per technology; columns year, technology, value (one row for each)."""
    names = technology_names(run)
    traces = []
    for technology, look in ordered(TECHNOLOGIES, set(rows["technology"])):
        part = rows[rows["technology"] == technology].sort_values("year")
        name = names.get(technology, technology)
        dash = DASHES.get(look.pattern, "solid")
        traces.append(line(name, years_of(part["year"]), part["value"].to_numpy(float), look.colour, unit, dash))
    return tuple(traces)


def country_lines(run: RunTables, rows: pd.DataFrame, mean: pd.Series[float], unit: str) -> tuple[Json, ...]:
    """The mean of all in bold and the largest countries; ``rows``: year, country, value, weight; ``mean`` by year."""
    names = run.labels.names("countries", "country")
    bold = line("All together", years_of(mean.index), mean.to_numpy(float), WORLD, unit)
    bold["line"]["width"] = 3.4
    sums = rows.groupby("country")["weight"].sum().reset_index()
    order = sums.sort_values(["weight", "country"], ascending=[False, True])["country"]
    traces = [bold]
    for country, look in zip([str(country) for country in order], COUNTRIES, strict=False):
        part = rows[rows["country"] == country].sort_values("year")
        values, years = part["value"].to_numpy(float), years_of(part["year"])
        trace = line(names.get(country, country), years, values, look.colour, unit, look.dash)
        trace["marker"] |= {"symbol": look.symbol, "size": 6.5}
        traces.append(trace)
    return tuple(traces)


OPTIONS: Final = {
    "site_energy": (
        "siting",
        "enabled",
        True,
        "This run founds no plants at sites. A scenario does with “Plants at sites with own power” (siting.enabled).",
    ),
    "stock": (
        "scrap",
        "source",
        "stock",
        "This run takes scrap from a table and follows no steel in use. A scenario does with “Scrap supply from” stock "
        "(scrap.source).",
    ),
}
"""Tables of an option: group, setting, the value that makes the table, and what a run without it says."""


def why_empty(run: RunTables, table: str, nothing: str) -> str:
    """Why there is nothing to draw: ``nothing``, or that the run lacks the table: an option, or an older version."""
    if table in run.tables:
        return nothing
    if table in OPTIONS:
        group, setting, value, words = OPTIONS[table]
        chosen = run.document.get("scenario", {}).get(group, {})
        if not isinstance(chosen, Mapping) or chosen.get(setting) != value:
            return words
    return "Not recorded: this run was made by an earlier version. Run its scenario again to see this."


def country_names(run: RunTables) -> dict[str, str]:
    """Display names of countries."""
    return run.labels.names("countries", "country")


def regions(run: RunTables) -> dict[str, str]:
    """Region of each country."""
    return run.labels.column("countries", "country", "region")


def is_steel(run: RunTables, frame: pd.DataFrame) -> pd.Series[bool]:
    """Rows whose technology makes crude steel."""
    return frame["technology"].isin(sorted(steel_technologies(run)))
