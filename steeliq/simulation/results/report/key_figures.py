"""What this run says, in a dozen figures and one paragraph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from steeliq.simulation.results.iamc import scenario_name
from steeliq.simulation.results.report.charts import RunTables, short
from steeliq.simulation.results.report.charts_costs import world_price
from steeliq.simulation.results.report.charts_production import steel_technologies

NEAR_ZERO: Final = "Near-zero, ore-based"


@dataclass(frozen=True, slots=True)
class Figure:
    """One tile: what, the value in the last year with its unit, and how it got there."""

    name: str
    value: str
    unit: str
    detail: str = ""
    bad: bool = False


def key_figures(run: RunTables) -> list[Figure]:
    """The tiles, in the order in which they are shown."""
    first, last = run.years[0], run.years[-1]
    steel, scope1 = _steel(run), run["emissions"].groupby("year")["scope1"].sum() / 1e6
    captured = run["emissions"].groupby("year")["captured"].sum() / 1e6
    invested = run["decisions"]["investment"].sum() / 1e9
    return [
        _moved("Crude steel", steel, "Mt", first, last),
        _moved("Scope 1 emissions", scope1, "Mt CO2e", first, last),
        Figure("Change of scope 1", _change(scope1, first, last), "%", f"{last} against {first}"),
        _moved("BOF share of steel", _share(run, steel, ("BOF",)), "%", first, last),
        _moved("Electric share of steel", _share(run, steel, ("EAF", "IF", "MOE")), "%", first, last),
        _moved("Scrap share of charge", scrap_share(run), "%", first, last),
        _moved(NEAR_ZERO, near_zero_share(run), "% of output", first, last),
        _moved("CO2 captured", captured, "Mt", first, last),
        _moved("Mean steel price", world_price(run, "crude_steel"), "USD/t", first, last),
        Figure("Investment", short(invested), "bn USD", f"{first} to {last}, decided"),
        _audit(run),
        _unmet(run),
    ]


def paragraph(run: RunTables) -> str:
    """The run in words."""
    first, last = run.years[0], run.years[-1]
    figures = {figure.name: figure for figure in key_figures(run)}
    steel, scope1 = _steel(run), run["emissions"].groupby("year")["scope1"].sum() / 1e6
    sentences = [
        f"Under the scenario {scenario_name(dict(run.document))}, the plants of the world make "
        f"{short(_at(steel, last))} Mt of crude steel in {last}"
        + (f" ({short(_at(steel, first))} Mt in {first})." if first != last else "."),
        f"Their scope 1 emissions are {short(_at(scope1, last))} Mt CO2e"
        + (f", {_change(scope1, first, last)} % against {first}." if first != last else "."),
        f"{figures['Electric share of steel'].value} % of the steel comes from electric furnaces, "
        f"{figures[NEAR_ZERO].value} % of what is made from ore (iron, and steel straight from ore) is near-zero, and "
        f"{figures['CO2 captured'].value} Mt CO2 are captured.",
    ]
    unmet = run["demand"]["unmet"].sum() / 1e6
    sentences.append(
        "All demand is met." if unmet < 1e-6 else f"{short(unmet)} Mt of demand stay unmet over the years."
    )
    return " ".join(sentences)


def _at(values: pd.Series[float], year: int) -> float:
    return float(values.get(year, float("nan")))


def _moved(name: str, values: pd.Series[float], unit: str, first: int, last: int) -> Figure:
    detail = f"{last}; {short(_at(values, first))} in {first}" if first != last else str(last)
    return Figure(name, short(_at(values, last)), unit, detail)


def _change(values: pd.Series[float], first: int, last: int) -> str:
    begin, end = _at(values, first), _at(values, last)
    if not begin > 0 or first == last:
        return "-"
    change = 100.0 * (end / begin - 1.0)
    return f"{change:+.{0 if abs(change) >= 10 else 1}f}".replace("-", "\N{MINUS SIGN}")


def _steel(run: RunTables) -> pd.Series[float]:
    made = run["production"]
    return made[made["technology"].isin(sorted(steel_technologies(run)))].groupby("year")["production"].sum() / 1e6


def _share(run: RunTables, steel: pd.Series[float], technologies: tuple[str, ...]) -> pd.Series[float]:
    made = run["production"]
    part = made[made["technology"].isin(technologies)].groupby("year")["production"].sum() / 1e6
    return 100.0 * part.reindex(steel.index, fill_value=0.0) / steel.where(steel > 0)


def scrap_share(run: RunTables) -> pd.Series[float]:
    """Scrap in the tonnes that steelmaking charges, % by year; ore that electrolysis makes into steel counts too."""
    charges = run["charges"]
    charges = charges[charges["technology"].isin(sorted(steel_technologies(run)))]
    total = charges.groupby("year")["amount"].sum()
    scrap = charges[charges["commodity"] == "scrap"].groupby("year")["amount"].sum()
    return 100.0 * scrap.reindex(total.index, fill_value=0.0) / total.where(total > 0)


def ore_based(run: RunTables) -> pd.DataFrame:
    """Production of all iron, and of steel made straight from ore (rows of the production table)."""
    made, steel = run["production"], steel_technologies(run)
    charges = run["charges"]
    metallic = run.labels.flags("commodities", "commodity", "metallic") | {"scrap": True}
    is_ore = ~charges["commodity"].map(lambda key: metallic.get(key, True)).astype(bool)
    from_ore = set(charges.loc[is_ore & (charges["amount"] > 0), "technology"])
    return made[~made["technology"].isin(sorted(steel - from_ore))]


def near_zero_share(run: RunTables) -> pd.Series[float]:
    """Share of near-zero technologies in what is made from ore, % by year."""
    technologies = run.labels.tables["technologies"]
    clean: list[str] = []
    if "near_zero" in technologies.columns:
        clean = sorted(technologies.loc[technologies["near_zero"].astype(bool), "technology"])
    made = ore_based(run)
    total = made.groupby("year")["production"].sum()
    part = made[made["technology"].isin(clean)].groupby("year")["production"].sum()
    return 100.0 * part.reindex(total.index, fill_value=0.0) / total.where(total > 0)


def _audit(run: RunTables) -> Figure:
    audit = run["audit"]
    if audit.empty:
        return Figure("Audit, worst residual", "-", "", "no audit in this run", bad=True)
    worst = float(audit["residual"].fillna(float("inf")).max())
    passed = bool(audit["passed"].all())
    failed = int((~audit["passed"]).sum())
    detail = f"all {len(audit):,} checks passed" if passed else f"{failed:,} of {len(audit):,} checks failed"
    return Figure("Audit, worst residual", f"{worst:.1e}", "relative", detail, bad=not passed)


def _unmet(run: RunTables) -> Figure:
    unmet = run["demand"].groupby("year")["unmet"].sum() / 1e6
    worst = float(unmet.max()) if len(unmet) else 0.0
    if worst < 1e-6:
        return Figure("Unmet demand", "0", "Mt", "in every year")
    return Figure(
        "Unmet demand", short(worst), "Mt", f"worst year {unmet.index[int(unmet.to_numpy().argmax())]}", bad=True
    )
