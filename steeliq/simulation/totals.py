"""The few totals that a finished run is summed up with: steel and iron by process, emissions by scope, steel price."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from steeliq.simulation.results.tables import read_table

type ByYear = dict[int, dict[str, float]]

SCOPES = ("scope1", "scope2", "scope3")


def production_mt(run_dir: Path) -> ByYear:
    """Mt of product by year and family of technologies (steel: BOF, EAF ...; iron: BF, DRI ...)."""
    rows = read_table(run_dir, "production")
    family = families(run_dir)
    names = [family[technology] for technology in rows["technology"]]
    return _summed(rows["year"].tolist(), names, rows["production"].tolist())


def steel_mt(run_dir: Path) -> dict[int, float]:
    """Mt of crude steel by year."""
    rows = read_table(run_dir, "production")
    rows = rows[rows["product"] == "crude_steel"]
    sums = _summed(rows["year"].tolist(), ["steel"] * len(rows), rows["production"].tolist())
    return {year: amounts["steel"] for year, amounts in sums.items()}


def steel_families(run_dir: Path) -> set[str]:
    """Families that make crude steel; the others make iron."""
    frame = pd.read_parquet(run_dir / "reference" / "technologies.parquet", columns=["family", "product"])
    return set(frame.loc[frame["product"] == "crude_steel", "family"])


def emissions_mt(run_dir: Path) -> ByYear:
    """MtCO2e by year and scope."""
    rows = read_table(run_dir, "emissions")
    years = rows["year"].tolist()
    parts = [_summed(years, [scope] * len(rows), rows[scope].tolist()) for scope in SCOPES]
    return {year: {scope: part[year][scope] for scope, part in zip(SCOPES, parts, strict=True)} for year in parts[0]}


def steel_price(run_dir: Path) -> dict[int, float]:
    """Mean steel price by year, weighted with each country's demand, USD/t."""
    prices = read_table(run_dir, "prices")
    rows = prices[prices["commodity"] == "crude_steel"].merge(read_table(run_dir, "demand"), on=["year", "country"])
    price, demand, year = (rows[name].to_numpy() for name in ("price", "demand", "year"))
    wanted = [int(one) for one in np.unique(year[demand > 0])]
    return {one: float(np.average(price[year == one], weights=demand[year == one])) for one in wanted}


def families(run_dir: Path) -> dict[str, str]:
    """Family of each technology, as the run's copy of the dataset states it."""
    frame = pd.read_parquet(run_dir / "reference" / "technologies.parquet", columns=["technology", "family"])
    return dict(zip(frame["technology"].tolist(), frame["family"].tolist(), strict=True))


def _summed(years: list[int], names: list[str], tonnes: list[float]) -> ByYear:
    """Millions by year and name, both ascending."""
    found: ByYear = {year: {} for year in sorted(set(years))}
    for year, name, amount in sorted(zip(years, names, tonnes, strict=True)):
        found[year][name] = found[year].get(name, 0.0) + amount / 1e6
    return found
