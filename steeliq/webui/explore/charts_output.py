"""Who makes how much and emits how much: by country, region and owner; use of capacity; intensity of countries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from steeliq.simulation.results.report.charts import Chart, Control, RunTables, lines, span, stacked
from steeliq.simulation.results.report.charts_emissions import SCOPE_NAMES, UNIT
from steeliq.webui.explore.series import (
    country_lines,
    country_names,
    is_steel,
    largest_stack,
    regions,
)

SECTION: Final = "Production and capacity"
PRODUCTS: Final = {"steel": "Crude steel", "iron": "Iron"}
NOTHING: Final = "Nothing was made in the chosen part of this run."
EXPANSIONS: Final = (
    "Expansion with a country's code: what the run adds there where steel falls short; nobody owns it by name."
)


def by_country(run: RunTables) -> Chart:
    """Production by country, steel or iron."""
    return _made_by(run, "country", "production-country", "Production by country", country_names(run))


def by_region(run: RunTables) -> Chart:
    """Production by region, steel or iron."""
    places = regions(run)
    made = run["production"]
    known = made.assign(region=made["country"].map(lambda country: places.get(str(country), str(country))))
    return _made_by(run, "region", "production-region", "Production by region", {}, known)


def by_owner(run: RunTables) -> Chart:
    """Production by owner, steel or iron."""
    return _made_by(run, "owner", "production-owner", "Production by owner", {})


def _made_by(
    run: RunTables, by: str, name: str, title: str, labels: Mapping[str, str], made: pd.DataFrame | None = None
) -> Chart:
    frame = run["production"] if made is None else made
    frame = frame.assign(value=frame["production"] / 1e6)
    steel = is_steel(run, frame)
    parts = {"steel": frame[steel], "iron": frame[~steel]}
    many = len(labels) or by == "owner"
    return Chart(
        id=name,
        section=SECTION,
        title=title,
        unit="Mt",
        source="results table production",
        summary=span(parts["steel"].groupby("year")["value"].sum(), "Mt", "Crude steel"),
        columns=("product", by, "year", "Mt"),
        empty=NOTHING,
        frames={key: largest_stack(rows, by, labels, "Mt") for key, rows in parts.items()},
        controls=(Control("Product", "select", tuple(PRODUCTS), tuple(PRODUCTS.values())),),
        layout=stacked("Mt"),
        note=(
            ("The ten largest over the years shown; the others are summed. " if many else "")
            + (EXPANSIONS if by == "owner" else "")
        ).strip(),
    )


def utilisation_by_country(run: RunTables) -> Chart:
    """Production over capacity of steelmaking in the largest countries."""
    frame = run["production"]
    frame = frame[is_steel(run, frame)]
    sums = frame.groupby(["year", "country"], as_index=False)[["production", "capacity"]].sum()
    sums = sums[sums["capacity"] > 0]
    rows = sums.assign(value=100.0 * sums["production"] / sums["capacity"], weight=sums["capacity"])
    world = sums.groupby("year")[["production", "capacity"]].sum()
    mean = 100.0 * world["production"] / world["capacity"]
    return Chart(
        id="utilisation-country",
        section=SECTION,
        title="Use of steelmaking capacity, largest countries",
        unit="%",
        source="results table production",
        summary=span(mean, "%", "Use of steelmaking capacity"),
        columns=("where", "year", "%"),
        empty=NOTHING,
        traces=country_lines(run, rows, mean, "%") if len(rows) else (),
        layout=lines("%", zero=True),
    )


def emissions_by_country(run: RunTables) -> Chart:
    """Emissions by country, one scope at a time."""
    frame, names = run["emissions"], country_names(run)
    frames = {scope: largest_stack(frame.assign(value=frame[scope] / 1e6), "country", names, UNIT) for scope in SCOPES}
    return Chart(
        id="emissions-country",
        section="Emissions",
        title="Emissions by country",
        unit=UNIT,
        source="results table emissions",
        summary=span(frame.groupby("year")["scope1"].sum() / 1e6, UNIT, "Scope 1 emissions"),
        columns=("scope", "country", "year", UNIT),
        empty="No emissions in the chosen part of this run.",
        frames=frames if any(frames.values()) else {},
        controls=(Control("Scope", "select", SCOPES, tuple(SCOPE_NAMES[scope] for scope in SCOPES)),),
        layout=stacked(UNIT),
        note="The ten largest over the years shown; the others are summed.",
    )


SCOPES: Final = ("scope1", "scope2", "scope3", "captured")


def intensity_by_country(run: RunTables) -> Chart:
    """Scope 1 and 2 per tonne of crude steel in the largest countries."""
    unit = "tCO2e/t crude steel"
    emitted = run["emissions"]
    emitted = emitted.assign(value=emitted["scope1"] + emitted["scope2"])
    made = run["production"]
    made = made[is_steel(run, made)]
    by = ["year", "country"]
    rows = pd.DataFrame(
        {"emitted": emitted.groupby(by)["value"].sum(), "weight": made.groupby(by)["production"].sum()}
    ).dropna()
    rows = rows[rows["weight"] > 0].reset_index()
    rows = rows.assign(value=rows["emitted"] / rows["weight"])
    world = rows.groupby("year")[["emitted", "weight"]].sum()
    mean = (world["emitted"] / world["weight"]).replace([np.inf, -np.inf], np.nan).dropna()
    return Chart(
        id="intensity-country",
        section="Emissions",
        title="Emission intensity, largest countries",
        unit=unit,
        source="results tables emissions and production",
        summary=span(mean, unit, "Scope 1 and 2 per tonne of steel"),
        columns=("where", "year", unit),
        empty="No steel was made in the chosen part of this run.",
        traces=country_lines(run, rows, mean, unit) if len(rows) else (),
        layout=lines(unit, zero=True),
        note="Scope 1 and 2 of all iron and steel works of a country over its crude steel: iron that is sold abroad "
        "weighs on its maker. All together: countries that make steel.",
        wide=True,
    )
