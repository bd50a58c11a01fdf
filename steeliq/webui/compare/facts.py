"""What a comparison needs of one run: the world by year, countries by year, key figures, and hashes to tell it by.

Facts are drawn from the result tables once and kept while the run does not change, so that a comparison of several
runs of the whole world does not read them again for every page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steeliq.errors import RunError
from steeliq.simulation.results.labels import Labels, read_labels
from steeliq.simulation.results.overview import overview
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.report.charts import RunTables
from steeliq.simulation.results.report.charts_production import steel_technologies
from steeliq.simulation.results.tables import read_table, tables_in, years_done
from steeliq.webui.explore.strip import STEEL, KeyFigure, figures_of

TABLES: Final = ("production", "charges", "demand", "prices", "emissions", "intensities", "capacity", "decisions")
"""Result tables that a comparison reads."""

KEPT: Final = 24
"""Runs whose facts are kept; those of a run of the whole world have some two million bytes."""

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Facts:
    """One run.

    ``world``: columns group, quantity, unit and one per year (as text); ``lines``: the same by group and quantity.
    ``countries``: columns quantity, unit, country,
    year, value. ``families``: columns product, family, year, value [Mt]. ``intensities``: columns boundary, route,
    year, value [tCO2e/t]. ``output``: SHA-256 [hex] of all result tables.
    """

    folder: Path
    document: Mapping[str, Any]
    labels: Labels
    years: tuple[int, ...]
    world: pd.DataFrame
    lines: Mapping[tuple[str, str], Floats]
    countries: pd.DataFrame
    families: pd.DataFrame
    intensities: pd.DataFrame
    key_figures: tuple[KeyFigure, ...]
    output: str


def facts_of(folder: Path) -> Facts:
    """The facts of a run folder; ``RunError`` if it has no complete year or files are damaged."""
    try:
        changed = (folder / "run.json").stat().st_mtime_ns
    except OSError as error:
        raise RunError(f"{folder}: there is no run here ({error.strerror}); its files were moved or deleted") from error
    return _facts(folder, years_done(folder), changed)


@lru_cache(maxsize=KEPT)
def _facts(folder: Path, years: tuple[int, ...], changed: int) -> Facts:
    del changed  # part of the key only: a run that was repeated is read anew
    if not years:
        raise RunError(f"{folder}: this run has no complete year yet; compare it when the first year is done")
    run = RunTables(
        {name: read_table(folder, name, years) for name in TABLES}, read_labels(folder), read_run_json(folder), years
    )
    world = overview(folder)
    return Facts(
        folder=folder,
        document=run.document,
        labels=run.labels,
        years=years,
        world=world,
        lines={(str(row[0]), str(row[1])): np.array(row[3:], dtype=float) for row in world.itertuples(index=False)},
        countries=_by_country(run),
        families=_by_family(run),
        intensities=run["intensities"][["boundary", "route", "year", "intensity"]].rename(
            columns={"intensity": "value"}
        ),
        key_figures=tuple(figures_of(run)),
        output=output_hash(folder, years),
    )


def output_hash(folder: Path, years: Iterable[int]) -> str:
    """SHA-256 [hex] of the bytes of every result table of the years; the solver's own figures are left out."""
    digest = hashlib.sha256()
    for table in tables_in(folder):
        if table != "solves":  # iterations may differ where results do not
            for year in years:
                digest.update(f"{table} {year}\n".encode())
                digest.update((folder / "tables" / table / f"{year}.parquet").read_bytes())
    return digest.hexdigest()


def _by_country(run: RunTables) -> pd.DataFrame:
    """Production, capacity, emissions, price, demand and investment by country and year."""
    steel = sorted(steel_technologies(run))
    made, capacity = run["production"], run["capacity"]
    made, capacity = made[made["technology"].isin(steel)], capacity[capacity["technology"].isin(steel)]
    capacity = capacity.assign(capacity=capacity["opening"] + capacity["opened"])
    prices = run["prices"]
    parts = [
        _country("Crude steel production", "Mt", made, "production", 1e6),
        _country("Scope 1 emissions", "Mt CO2e", run["emissions"], "scope1", 1e6),
        _country("Crude steel capacity", "Mt/yr", capacity, "capacity", 1e6),
        _country("Crude steel price", "USD/t", prices[prices["commodity"] == STEEL], "price", 1.0),
        _country("Crude steel demand", "Mt", run["demand"], "demand", 1e6),
        _country("Investment decided", "bn USD", run["decisions"], "investment", 1e9),
    ]
    return pd.concat(parts, ignore_index=True)


def _country(quantity: str, unit: str, frame: pd.DataFrame, column: str, scale: float) -> pd.DataFrame:
    sums = frame.dropna(subset=[column]).groupby(["country", "year"])[column].sum() / scale
    rows = sums.rename("value").reset_index().assign(quantity=quantity, unit=unit)
    return rows[["quantity", "unit", "country", "year", "value"]]


def _by_family(run: RunTables) -> pd.DataFrame:
    """Production by family of technologies, steel and iron apart; a technology without family is its own."""
    families = run.labels.column("technologies", "technology", "family")
    made, steel = run["production"], steel_technologies(run)
    rows = made.assign(
        product=made["technology"].map(lambda key: "Crude steel" if key in steel else "Iron"),
        family=made["technology"].map(lambda key: families.get(key, key)),
        value=made["production"] / 1e6,
    )
    return rows.groupby(["product", "family", "year"])["value"].sum().reset_index()
