"""The presets beside the IEA's net-zero pathway, from finished runs of all years."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scripts.validation.page import Rows
from steeliq.simulation.results.report.key_figures import near_zero_share, scrap_share
from steeliq.simulation.results.report.page import read_run

NAMES = ("reference", "net-zero-2050", "scrap-max", "no-trade-frictions")

# International Energy Agency, Net Zero Roadmap, 2023 update.
IEA = ("1970 / 1960", "38 / 48", "8 / 27 / 95", "27 / 399", "", "", "")
TITLES = (
    "crude steel 2030 / 2050, Mt",
    "scrap in what steelmaking charges 2030 / 2050, %",
    "near-zero, ore-based 2030 / 2035 / 2050, %",
    "CO2 captured 2030 / 2050, Mt",
    "scope 1 2050 against 2025, %",
    "use of steel capacity, least and greatest year",
    "investment, billion USD a year",
)


def preset_table(folders: Mapping[str, Path]) -> Rows:
    """The table `presets` of the page from the run folder of each preset, 2025-2050."""
    columns = [_column(folders[name]) for name in NAMES]
    body = [[title, *cells] for title, *cells in zip(TITLES, *columns, IEA, strict=True)]
    return [["", *NAMES, "IEA net zero"], *body]


def _column(folder: Path) -> list[str]:
    run = read_run(folder)
    steel = run["production"][run["production"]["product"] == "crude_steel"]
    by_year = steel.groupby("year")[["production", "capacity"]].sum()
    made, use = by_year["production"] / 1e6, by_year["production"] / by_year["capacity"]
    scrap, clean = scrap_share(run), near_zero_share(run)
    captured = run["emissions"].groupby("year")["captured"].sum() / 1e6
    scope1 = run["emissions"].groupby("year")["scope1"].sum()
    invested = run["decisions"]["investment"].sum() / 1e9 / len(run.years)
    return [
        f"{made[2030]:.0f} / {made[2050]:.0f}",
        f"{scrap[2030]:.0f} / {scrap[2050]:.0f}",
        f"{clean[2030]:.0f} / {clean[2035]:.0f} / {clean[2050]:.0f}",
        f"{captured[2030]:.0f} / {captured[2050]:.0f}",
        f"{100 * (scope1[2050] / scope1[2025] - 1):.0f}",
        f"{use.min():.2f} / {use.max():.2f}",
        f"{invested:.0f}",
    ]
