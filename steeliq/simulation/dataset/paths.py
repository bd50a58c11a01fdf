"""Series over years and areas: whether every year and every country can be given a value.

Between points of a path the model interpolates linearly, after the last it holds; before the first it would have to
guess, so a path must begin in 2025 or earlier. A country takes the value of the most specific area: the country
itself, a bloc, its region, the world.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from steeliq.simulation.dataset.findings import FIRST_ROW, Findings
from steeliq.simulation.dataset.schema import FIRST_YEAR, LONGEST_HOLE, MAY_BEGIN_LATER, WORLD, Table, schema

Frames = Mapping[str, pd.DataFrame]

SPARSE = ("technology_costs", "charge_limits")
"""Assumptions that are stated for two far years on purpose; a hole in market data is more likely a lost row."""


def check_paths(frames: Frames, findings: Findings) -> None:
    """Years that are missing, areas that are ambiguous, countries without a value."""
    whole = {name for name, table in schema().items() if set(table.names) <= set(frames[name].columns)}
    for name, table in schema().items():
        if name in whole and table.is_path:
            _check_years(frames[name], table, findings)
    if {"countries", "blocs"} <= whole:
        _check_area_names(frames, findings)
        for name in sorted({"grid_intensity", "cost_of_capital"} & whole):
            _check_coverage(frames, name, findings)
    if "distances" in whole:
        _check_distances(frames["distances"], findings)
    for name in sorted({"tariffs", "quotas", "technology_bans", "subsidies", "carbon_contracts"} & whole):
        late = frames[name]["end"] < frames[name]["start"]
        findings.rows(frames[name], late, "the last year must not be before the first", table=name, column="end")
    if "co2_storage" in whole:
        _check_storage(frames["co2_storage"], findings)


def _check_years(frame: pd.DataFrame, table: Table, findings: Findings) -> None:
    by = [name for name in table.key if name != "year"]
    ordered = frame.dropna(subset=["year"]).sort_values([*by, "year"], kind="stable")
    if ordered.empty:
        return
    first = ~ordered.duplicated(by)
    late = first & (ordered["year"] > FIRST_YEAR) & (table.name not in MAY_BEGIN_LATER)
    rule = f"the series must have a value for {FIRST_YEAR} or an earlier year (0 if nothing is in force yet); add a row"
    for place in ordered.index[late]:
        findings.add(table.name, rule, column="year", row=_row(place), value=_series(ordered, place, by))
    if table.name in SPARSE:
        return
    step = ordered["year"].diff().mask(first)
    beyond = ordered["year"] > FIRST_YEAR
    rule = f"a series must have a value at least every {LONGEST_HOLE} years; add the years between"
    for place in ordered.index[(step > LONGEST_HOLE) & beyond]:
        hint = f"the value before is {step[place]:.0f} years earlier"
        findings.add(table.name, rule, column="year", row=_row(place), value=_series(ordered, place, by), hint=hint)


def _series(frame: pd.DataFrame, place: object, by: list[str]) -> str:
    row = frame.loc[[place]].iloc[0]
    return " + ".join(str(row[name]) for name in [*by, "year"])


def _check_area_names(frames: Frames, findings: Findings) -> None:
    countries, blocs = frames["countries"], frames["blocs"]
    taken = set(countries["country"]) | set(countries["region"]) | {WORLD}
    rule = "a country, a region or WORLD already has this name, so an area would be ambiguous; rename the bloc"
    findings.rows(blocs, blocs["bloc"].isin(taken), rule, table="blocs", column="bloc")
    taken = set(countries["country"]) | {WORLD}
    rule = "a country or WORLD already has this name, so an area would be ambiguous; rename the region"
    findings.rows(countries, countries["region"].isin(taken), rule, table="countries", column="region")


def _check_coverage(frames: Frames, name: str, findings: Findings) -> None:
    frame, countries, blocs = frames[name], frames["countries"], frames["blocs"]
    if frame.empty:
        return
    scenarios = frame["scenario"] if "scenario" in frame else pd.Series("", index=frame.index)
    for scenario, part in frame.groupby(scenarios):
        areas = set(part["area"])
        if WORLD in areas:
            continue
        members = set(blocs.loc[blocs["bloc"].isin(areas), "country"])
        covered = countries["country"].isin(areas | members) | countries["region"].isin(areas)
        missing = sorted(countries.loc[~covered, "country"])
        if missing:
            rule = "every country needs a value; add a row for area WORLD or for the countries that are missing"
            hint = f"missing{f' in scenario {scenario}' if scenario else ''}: " + ", ".join(missing[:10])
            findings.add(name, rule, column="area", hint=hint)


def _check_distances(distances: pd.DataFrame, findings: Findings) -> None:
    wrong = (distances["origin"] >= distances["destination"]) & (distances["destination"] != "")
    rule = "each pair of countries stands once, origin before destination in the alphabet; swap them"
    findings.rows(distances, wrong, rule, table="distances", column="origin")


def _check_storage(storage: pd.DataFrame, findings: Findings) -> None:
    ordered = storage.sort_values(["area", "year"], kind="stable")
    falls = (ordered.groupby("area")["cumulative"].diff() < 0).reindex(storage.index)
    rule = "the amount is cumulative and must not fall from one year to the next"
    findings.rows(storage, falls & np.isfinite(storage["cumulative"]), rule, table="co2_storage", column="cumulative")


def _row(place: object) -> int:
    return int(str(place)) + FIRST_ROW
