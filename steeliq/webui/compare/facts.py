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
from steeliq.simulation.results.report.charts_costs import world_price
from steeliq.simulation.results.report.charts_production import steel_technologies
from steeliq.simulation.results.report.key_figures import ore_based
from steeliq.simulation.results.tables import read_table, years_done
from steeliq.simulation.results.variables import SCHEMA

TABLES: Final = ("production", "charges", "demand", "prices", "emissions", "intensities", "capacity", "decisions")
"""Result tables that a comparison reads."""

KEPT: Final = 24
"""Runs whose facts are kept; those of a run of the whole world have some two million bytes."""

STEEL: Final = "crude_steel"
BOUNDARY: Final = "worldsteel"

type Series = pd.Series[float]
type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One quantity of the world by year.

    ``total`` if the years are summed up; ``good`` is the direction that is wished for (-1: less, 1: more, 0: neither).
    """

    name: str
    unit: str
    by_year: Series
    total: bool = False
    good: int = 0


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
        key_figures=tuple(_key_figures(run)),
        output=output_hash(folder, years),
    )


def output_hash(folder: Path, years: Iterable[int]) -> str:
    """SHA-256 [hex] of the bytes of every result table of the years; the solver's own figures are left out."""
    digest = hashlib.sha256()
    for table in SCHEMA:
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


def _key_figures(run: RunTables) -> list[KeyFigure]:
    made, emissions = run["production"], run["emissions"]
    steel = _yearly(made[made["technology"].isin(sorted(steel_technologies(run)))], "production")
    intensity = run["intensities"]
    mean = intensity[(intensity["boundary"] == BOUNDARY) & (intensity["route"] == "world")].set_index("year")
    scope1, clean, ore = _yearly(emissions, "scope1"), _near_zero(run), _yearly(ore_based(run), "production")
    electric = _yearly(made[made["technology"].isin(["EAF", "IF", "MOE"])], "production")
    charges = run["charges"]
    charged = charges[charges["technology"].isin(sorted(steel_technologies(run)))]
    scrap = _yearly(charged[charged["commodity"] == "scrap"], "amount")
    years = list(run.years)
    return [
        KeyFigure("Crude steel", "Mt", steel.reindex(years, fill_value=0.0)),
        KeyFigure("Scope 1 emissions", "Mt CO2e", scope1.reindex(years, fill_value=0.0), good=-1),
        KeyFigure("Scope 1, all years", "Gt CO2e", scope1.reindex(years, fill_value=0.0) / 1e3, total=True, good=-1),
        KeyFigure("Intensity, worldsteel", "tCO2e/t", mean["intensity"].reindex(years), good=-1),
        KeyFigure("Electric share of steel", "%", _share(electric, steel, years)),
        KeyFigure("Near-zero share of ore-based", "%", _share(clean, ore, years), good=1),
        KeyFigure("Scrap share of charge", "%", _share(scrap, _yearly(charged, "amount"), years)),
        KeyFigure("CO2 captured", "Mt", _yearly(emissions, "captured").reindex(years, fill_value=0.0)),
        KeyFigure("Mean steel price", "USD/t", world_price(run, STEEL).reindex(years)),
        KeyFigure("Investment, all years", "bn USD", _invested(run).reindex(years, fill_value=0.0), total=True),
        KeyFigure("Unmet demand", "Mt", _yearly(run["demand"], "unmet").reindex(years, fill_value=0.0), good=-1),
    ]


def _yearly(frame: pd.DataFrame, column: str) -> Series:
    return frame.groupby("year")[column].sum().astype(float) / 1e6


def _invested(run: RunTables) -> Series:
    return _yearly(run["decisions"], "investment") / 1e3


def _share(part: Series, whole: Series, years: list[int]) -> Series:
    total = whole.reindex(years, fill_value=0.0)
    return 100.0 * part.reindex(years, fill_value=0.0) / total.where(total > 0)


def _near_zero(run: RunTables) -> Series:
    technologies = run.labels.flags("technologies", "technology", "near_zero")
    clean = sorted(key for key, is_clean in technologies.items() if is_clean)
    made = ore_based(run)
    return _yearly(made[made["technology"].isin(clean)], "production")
