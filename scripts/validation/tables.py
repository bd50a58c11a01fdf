"""The tables of docs/validation.md as rows of text, from the solved years."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from scripts.validation import holdout, published
from scripts.validation.solved import PROCESSES, STEEL, SolvedYear, misfit, solve_year, statistics_of
from steeliq.simulation.dataset import Dataset

LARGEST = 26
TRADERS = (
    *("CHN", "JPN", "RUS", "KOR", "IRN", "BRA", "UKR", "DEU", "IND", "TUR"),
    *("VNM", "IDN", "ITA", "MEX", "USA", "THA", "PHL", "SAU", "POL", "GBR"),
)
PRICED = ("CHN", "IND", "USA", "JPN", "KOR", "DEU", "ITA", "TUR", "RUS", "BRA", "IRN", "VNM")
DRI = ("DRI_GAS", "DRI_COAL", "DRI_H2")

type Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the tables are made from."""

    dataset: Dataset
    first: SolvedYear  # 2024
    second: SolvedYear  # 2025
    reported: pd.DataFrame  # 2024 by country, Mt


def gather(dataset: Dataset) -> Evidence:
    """Solve 2024 and 2025 of the reference scenario."""
    return Evidence(dataset, solve_year(dataset, 2024), solve_year(dataset, 2025), statistics_of(dataset))


def tables(evidence: Evidence) -> dict[str, Rows]:
    """Every table by name; the first row is the header."""
    makers: Mapping[str, Callable[[Evidence], Rows]] = {
        "world": world,
        "countries": countries,
        "capacity": capacity,
        "trade": trade,
        "prices": prices,
        "utilisation": utilisation,
        "outturn": outturn,
        "holdout": earlier_years,
    }
    return {name: make(evidence) for name, make in makers.items()}


def share(solved: SolvedYear, process: str) -> float:
    """Share of a process in the world's steel, per cent."""
    return float(100 * solved.of(process).sum() / solved.steel.sum())


def world(evidence: Evidence) -> Rows:
    """World totals, shares, intensities and loss-makers."""
    first, second, stated = evidence.first, evidence.second, evidence.reported.sum()

    def line(name: str, known: str, value: Callable[[SolvedYear], str]) -> list[str]:
        return [name, known, value(first), value(second)]

    def iron(*technologies: str) -> Callable[[SolvedYear], str]:
        return lambda solved: f"{solved.made[list(technologies)].to_numpy().sum():.0f}"

    rows = [["quantity", "published 2024", "model 2024", "model 2025"]]
    rows.append(line("crude steel, Mt", f"{stated['crude_steel']:.0f}", lambda s: f"{s.steel.sum():.0f}"))
    rows.append(line("demand not served, Mt", "", lambda s: f"{s.unmet:.1f}"))
    rows.append(["steel placed in the wrong country, %", "", f"{misfit(first, evidence.reported):.1f}", ""])
    for process in PROCESSES:
        known = 100 * stated[f"crude_steel_{process.lower()}"] / stated["crude_steel"]
        rows.append([f"{process} share, %", f"{known:.1f}", *(f"{share(s, process):.1f}" for s in (first, second))])
    rows.append(line("hot metal of blast furnaces, Mt", "", iron("BF", "BF_BIO", "BF_CCS")))
    rows.append(line("direct reduced iron, Mt", f"{published.DIRECT_REDUCED_IRON:.0f}", iron(*DRI)))
    rows.append(line("of which from coal, Mt", "", iron("DRI_COAL")))
    rows.append(line("scrap used, Mt", f"about {published.SCRAP_USE:.0f}", lambda s: f"{s.scrap:.0f}"))
    rows.append(line("net steel trade, Mt", "", lambda s: f"{s.net_exports.clip(lower=0).sum():.0f}"))
    for route, known_intensity in published.INTENSITY.items():
        name = f"{route}, t CO2/t (worldsteel's boundary)"
        rows.append([name, f"{known_intensity:.2f}", *(f"{s.intensity[route]:.2f}" for s in (first, second))])
    rows.append(line("capacity that loses cash, % of steel capacity", "", lambda s: f"{100 * s.losing:.1f}"))
    return rows


def countries(evidence: Evidence) -> Rows:
    """The largest producers: reported and modelled, total, BOF and electric."""
    first, second, stated = evidence.first, evidence.second, evidence.reported
    rows = [["country", "reported 2024", "model 2024", "difference", "BOF reported", "BOF model", "electric reported",
             "electric model", "model 2025"]]  # fmt: skip
    for country in stated["crude_steel"].sort_values(ascending=False).index[:LARGEST]:
        known = stated.loc[country]
        rows.append([
            str(country), _one(known["crude_steel"]), _one(first.steel[country]),
            f"{first.steel[country] - known['crude_steel']:+.1f}", _one(known["crude_steel_bof"]),
            _one(first.of("BOF")[country]), _one(known["crude_steel_eaf"]), _one(first.of("EAF")[country]),
            _one(second.steel[country]),
        ])  # fmt: skip
    return rows


def capacity(evidence: Evidence) -> Rows:
    """Capacity as the tracker totals it, as listed in the dataset, and as usable in 2024."""
    groups = evidence.dataset.tables["furnace_groups"].merge(
        evidence.dataset.tables["plants"][["plant", "synthetic"]], on="plant"
    )
    listed = groups[(groups["status"] == "operating") & ~groups["synthetic"]]
    by_technology = listed.groupby("technology")["capacity"].sum() / 1e6
    usable = evidence.first.capacity.sum()
    kinds = {"crude steel": STEEL, "BOF": ("BOF",), "EAF": ("EAF",), "BF": ("BF",), "DRI": DRI}
    rows = [["Mt/yr", "tracker", "dataset, listed", "usable in 2024"]]
    for kind, technologies in kinds.items():
        here = [t for t in technologies if t in by_technology.index]
        values = (published.TRACKER_CAPACITY[kind], by_technology[here].sum(), usable[list(technologies)].sum())
        rows.append([kind, *(f"{value:,.1f}" for value in values)])
    return rows


def trade(evidence: Evidence) -> Rows:
    """Net exports: built into demand, and modelled."""
    first, second = evidence.first, evidence.second
    built_in = evidence.reported["crude_steel"].reindex(first.demand.index).fillna(0.0) - first.demand
    rows = [["net exports, Mt", "built into demand", "model 2024", "model 2025"]]
    for country in TRADERS:
        values = (built_in[country], first.net_exports[country], second.net_exports[country])
        rows.append([country, *(_signed(value) for value in values)])
    exporters = [series.clip(lower=0).sum() for series in (built_in, first.net_exports, second.net_exports)]
    rows.append(["all exporters", *(f"{total:.0f}" for total in exporters)])
    return rows


def prices(evidence: Evidence) -> Rows:
    """Modelled prices of steel, scrap and ore beside the quotations at hand."""
    rows = [["USD/t", "steel 2024", "steel 2025", "scrap 2024", "scrap 2025", "ore 2024", "quoted"]]
    for country in PRICED:
        quoted = [
            f"{good.replace('_', ' ')} {value:.0f} ({note})"
            for (good, where), (value, note) in published.QUOTED_PRICE.items()
            if where == country
        ]
        first, second = evidence.first.price.loc[country], evidence.second.price.loc[country]
        values = (first["crude_steel"], second["crude_steel"], first["scrap"], second["scrap"], first["iron_ore"])
        rows.append([country, *(f"{value:.0f}" for value in values), "; ".join(quoted)])
    return rows


def utilisation(evidence: Evidence) -> Rows:
    """Production over usable nameplate capacity by technology."""
    rows = [["technology", "capacity 2024, Mt/yr", "made 2024, Mt", "load 2024", "load 2025"]]
    for technology in ("BF", "SR", "DRI_GAS", "DRI_COAL", "BOF", "EAF", "IF", "OHF"):
        size, made = evidence.first.capacity[technology].sum(), evidence.first.made[technology].sum()
        later = evidence.second.made[technology].sum() / evidence.second.capacity[technology].sum()
        rows.append([technology, f"{size:,.0f}", f"{made:,.0f}", f"{made / size:.2f}", f"{later:.2f}"])
    return rows


def outturn(evidence: Evidence) -> Rows:
    """2025 as it came out, where a figure is at hand."""
    rows = [["crude steel, Mt", "reported 2025", "model 2025", "reported change", "modelled change"]]
    for country, value in published.OUTTURN_2025.items():
        first, second = evidence.first.steel[country], evidence.second.steel[country]
        change = value - evidence.reported["crude_steel"][country]
        rows.append([country, _one(value), _one(second), _signed(change), _signed(second - first)])
    return rows


def earlier_years(evidence: Evidence) -> Rows:
    """Load of 2019-2023 from the tracker's plant production beside the model's 2024."""
    rows = [["country", "process", "plants", "plant-years", "load 2019-2023", "model 2024", "statistic 2024"]]
    table = holdout.kept().sort_values("capacity", ascending=False).head(30)
    for row in table.sort_values(["process", "country"]).itertuples(index=False):
        members = list(holdout.TECHNOLOGIES[str(row.process)])
        country, process = str(row.country), str(row.process)
        size = evidence.first.capacity.loc[[country], members].to_numpy().sum()
        made = evidence.first.made.loc[[country], members].to_numpy().sum()
        known = (
            f"{evidence.reported[f'crude_steel_{process.lower()}'][country] / size:.2f}" if process in PROCESSES else ""
        )
        rows.append([
            country, process, str(row.plants), str(row.plant_years),
            f"{float(str(row.production)) / float(str(row.capacity)):.2f}", f"{made / size:.2f}", known,
        ])  # fmt: skip
    return rows


def _one(value: float) -> str:
    return f"{value:.1f}"


def _signed(value: float) -> str:
    return f"{value + 0.0:+.1f}"
