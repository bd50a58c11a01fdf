"""What is known of single works and the tracker does not say: shops that stand still, and lines younger than listed."""

from __future__ import annotations

import pandas as pd

from scripts.compile.production import DATA


def partly_idle(groups: pd.DataFrame) -> pd.DataFrame:
    """Set `capacity_factor` of works that did not run in full in 2024 (data/works.csv); capacity stays as listed.

    Raises ValueError for a work that runs no such technology: the tracker has moved on and the list has to follow.
    """
    out = groups.copy()
    for row in pd.read_csv(DATA / "works.csv").itertuples(index=False):
        for technology in str(row.technologies).split():
            out.loc[_running(out, str(row.plant), technology), "capacity_factor"] = float(str(row.factor))
    return out


def later_starts(groups: pd.DataFrame) -> pd.DataFrame:
    """Give the last units of some works their first full year (data/starts.csv) as start and campaign start."""
    out = groups.copy()
    for row in pd.read_csv(DATA / "starts.csv").itertuples(index=False):
        running = out[_running(out, str(row.plant), str(row.technology))].sort_values("furnace_group")
        young = running.index[-int(str(row.units)) :]
        out.loc[young, ["start_year", "campaign_start"]] = int(str(row.year))
    return out


def _running(groups: pd.DataFrame, plant: str, technology: str) -> pd.Series:
    rows = (groups["plant"] == plant) & (groups["technology"] == technology) & (groups["status"] == "operating")
    if not rows.any():
        raise ValueError(f"no operating {technology} at {plant}: correct scripts/compile/data/works.csv or starts.csv")
    return rows
