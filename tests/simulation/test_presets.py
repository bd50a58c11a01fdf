"""The presets on the real world: a usable path in each, plausible differences between them, the same bytes again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from scripts.validation import page
from scripts.validation.presets import preset_table
from steeliq.simulation.results.tables import read_table

PRESETS = ("reference", "net-zero-2050", "scrap-max", "no-trade-frictions")
TABLES = ("production", "demand", "emissions", "capacity", "decisions", "audit", "supply", "forecasts", "limits")

type Tables = Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def folders(whole_run: Callable[[str], Path]) -> Mapping[str, Path]:
    """All presets, 2025-2050, on the embedded dataset."""
    return {name: whole_run(name) for name in PRESETS}


@pytest.fixture(scope="module")
def runs(folders: Mapping[str, Path]) -> Mapping[str, Tables]:
    return {name: {table: read_table(folder, table) for table in TABLES} for name, folder in folders.items()}


def steel(tables: Tables) -> pd.DataFrame:
    production = tables["production"]
    return production[production["product"] == "crude_steel"]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_year_passes_its_audit(runs: Mapping[str, Tables], preset: str) -> None:
    audit = runs[preset]["audit"]
    assert sorted(audit["year"].unique()) == list(range(2025, 2051))
    assert audit["residual"].max() <= 1e-6
    assert audit["passed"].all()


@pytest.mark.parametrize("preset", PRESETS)
def test_demand_is_met_before_2045(runs: Mapping[str, Tables], preset: str) -> None:
    demand = runs[preset]["demand"]
    assert demand.loc[demand["year"] < 2045, "unmet"].sum() == pytest.approx(0, abs=1.0)


@pytest.mark.parametrize("preset", PRESETS)
def test_capacity_is_used_like_capacity(runs: Mapping[str, Tables], preset: str) -> None:
    by_year = steel(runs[preset]).groupby("year")[["production", "capacity"]].sum()
    use = by_year["production"] / by_year["capacity"]
    assert use.between(0.65, 0.90).all(), use.to_string()


@pytest.mark.parametrize("preset", PRESETS)
def test_no_year_turns_the_world_over(runs: Mapping[str, Tables], preset: str) -> None:
    """Switching and closing together stay below 8 % of steel capacity."""
    tables = runs[preset]
    whole = steel(tables).groupby("year")["capacity"].sum()
    decisions = tables["decisions"]
    switched = decisions[decisions["decision"] == "switch"].groupby("year")["capacity"].sum()
    makers = steel(tables)["technology"].unique()
    capacity = tables["capacity"]
    closed = capacity[capacity["technology"].isin(makers)].groupby("year")["closed"].sum()
    moved = (switched.reindex(whole.index, fill_value=0.0) + closed.reindex(whole.index, fill_value=0.0)) / whole
    assert moved.max() < 0.08, moved.to_string()


@pytest.mark.parametrize("preset", PRESETS)
def test_refusals_and_forecasts_are_on_the_table(runs: Mapping[str, Tables], preset: str) -> None:
    assert runs[preset]["limits"]["refused"].sum() > 0
    forecasts = runs[preset]["forecasts"]
    assert set(forecasts["indicator"]) == {"steel price", "scrap price", "committed steel capacity"}
    assert forecasts[["expected", "outcome"]].notna().all().all()


def scope1(tables: Tables, year: int) -> float:
    emissions = tables["emissions"]
    return float(emissions.loc[emissions["year"] == year, "scope1"].sum())


def scrap_per_tonne(tables: Tables, year: int) -> float:
    supply, demand = tables["supply"], tables["demand"]
    used = supply.loc[(supply["year"] == year) & (supply["commodity"] == "scrap"), "amount"].sum()
    return float(used / demand.loc[demand["year"] == year, "supplied"].sum())


def test_net_zero_more_than_halves_emissions(runs: Mapping[str, Tables]) -> None:
    net_zero = runs["net-zero-2050"]
    assert scope1(net_zero, 2050) < 0.5 * scope1(net_zero, 2025)
    assert scope1(net_zero, 2050) < 0.5 * scope1(runs["reference"], 2050)


def test_scrap_max_uses_more_scrap_per_tonne_and_emits_less(runs: Mapping[str, Tables]) -> None:
    """Its demand is lower too, so the tonnes of scrap may even fall."""
    assert scrap_per_tonne(runs["scrap-max"], 2050) > 1.2 * scrap_per_tonne(runs["reference"], 2050)
    assert scope1(runs["scrap-max"], 2050) < scope1(runs["reference"], 2050)


def test_without_frictions_more_steel_crosses_borders(runs: Mapping[str, Tables]) -> None:
    def home_share(tables: Tables) -> float:
        made = steel(tables)
        made_2030 = made[made["year"] == 2030].groupby("country")["production"].sum()
        demand = tables["demand"]
        wanted = demand[demand["year"] == 2030].set_index("country")["demand"]
        both = pd.concat([made_2030, wanted], axis=1).fillna(0.0)
        return float(both.min(axis=1).sum() / both["demand"].sum())

    assert home_share(runs["no-trade-frictions"]) < home_share(runs["reference"])


def test_the_table_of_presets_in_the_docs_is_current(folders: Mapping[str, Path]) -> None:
    made = preset_table(folders)
    kept = page.tables_in(page.PAGE.read_text("utf-8"))["presets"]
    assert made == kept, page.markdown(made)


def test_the_hash_seed_of_python_changes_no_byte(tmp_path: Path) -> None:
    """Two processes, two hash seeds, three years of the real world: every table file is the same."""
    folders = []
    for seed in ("1", "4242"):
        out = tmp_path / seed
        command = [sys.executable, "-m", "steeliq", "run", "--years", "2025-2027", "--no-report", "--out", str(out)]
        environment = os.environ | {"PYTHONHASHSEED": seed, "STEELIQ_HOME": str(tmp_path / "home")}
        subprocess.run(command, check=True, capture_output=True, env=environment)
        folders.append(out / "tables")
    files = [{path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.parquet")} for folder in folders]
    assert len(files[0]) > 50
    assert files[0] == files[1]
