"""Read before you quote: what of a run looks like an error to a newcomer, or rests on small differences or estimates.

Each caution is said only if it is true of the run. They take no account of filters: they are about the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from steeliq.simulation.results.report.charts import RunTables, short

STEEL: Final = "crude_steel"
BOUNDARY: Final = "worldsteel"

RISE: Final = 1.05
"""A mean that has risen by less needs no explanation."""
WAVE: Final = 3
"""Years within which much switches at once."""
WAVE_OF_WORLD: Final = 0.03
WAVE_PACE: Final = 2.0
"""A wave: this share of the world's steel, and so many times what it would be if the country switched evenly."""
SMALL_GAIN: Final = 50.0
"""USD per t/yr; an investment is some hundred."""
TRADE_SHIFT: Final = 0.05
"""A country's net exports moved by this share of the world's demand."""
LARGE_USER: Final = 0.005
"""Share of the world's demand from which a country is missed in trade."""
NO_TRADE: Final = 1e-3
CIRCLE: Final = 0.1
"""Shares of a country's demand below which it trades nothing, and from which what it passes on is told."""
MOSTLY: Final = 0.5
"""A table with at least this share of estimated rows is named."""

TABLES: Final = {
    "steel_demand": "demand by country",
    "scrap_supply": "scrap supply",
    "steel_use_history": "steel in use",
    "carbon_prices": "carbon prices",
    "prices": "prices of energy and materials",
    "grid_intensity": "emissions of power grids",
    "technology_costs": "costs of technologies",
    "cost_of_capital": "cost of capital",
    "own_energy": "costs of own power and hydrogen",
}
"""Tables of the dataset in words, in the order in which they are named."""


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing to know.

    ``brief``: in a few words; ``text``: why, with this run's numbers; ``page``: the page of the documentation that
    tells more, with its anchor; ``figure``: the chart that shows it, if any.
    """

    brief: str
    text: str
    page: str
    figure: str = ""


def cautions(run: RunTables) -> list[Caution]:
    """What is true of this run, in reading order; perhaps nothing."""
    return [*_rising_mean(run), *_wave(run), *_shift_of_trade(run), *_one_grade(run), *_learning(run), *_estimates(run)]


def _rising_mean(run: RunTables) -> Iterator[Caution]:
    """Steel from DRI emits more per tonne because more of its iron is made with coal."""
    frame, first, last = run["intensities"], run.years[0], run.years[-1]
    mean = frame[(frame["boundary"] == BOUNDARY) & (frame["route"] == "DRI-EAF")].set_index("year")["intensity"]
    made = run["production"]
    made = made[made["technology"].str.startswith("DRI_")]
    total = made.groupby("year")["production"].sum()
    coal = made[made["technology"] == "DRI_COAL"].groupby("year")["production"].sum()
    share = 100.0 * coal.reindex(total.index, fill_value=0.0) / total.where(total > 0)
    if not {first, last} <= {*mean.index} & {*share.index}:
        return
    if mean[last] > RISE * mean[first] and share[last] > share[first]:
        yield Caution(
            "DRI-EAF's mean rises",
            f"From {short(mean[first])} to {short(mean[last])} tCO2e/t ({first} to {last}): coal makes "
            f"{share[last]:.0f} % of direct reduced iron instead of {share[first]:.0f} %. The mix changes, no plant "
            "does.",
            "validation#the-presets-next-to-outside-milestones",
            "intensity",
        )


def _wave(run: RunTables) -> Iterator[Caution]:
    """The largest part of a country's fleet that switches within a few years."""
    rows = run["decisions"]
    rows = rows[rows["decision"] == "switch"]
    if rows.empty:
        return
    sums = rows.pivot_table("capacity", "country", "year", aggfunc="sum", fill_value=0)
    within = sums.reindex(columns=list(run.years), fill_value=0.0).T.rolling(WAVE, min_periods=1).sum().T
    country, end, size = _largest(within)
    begin = max(end - WAVE + 1, run.years[0])
    ours = rows[rows["country"] == country]
    even = float(ours["capacity"].sum()) * WAVE / len(run.years)
    if size < WAVE_OF_WORLD * _steel(run, end) or size < WAVE_PACE * even:
        return
    ours = ours[ours["year"].between(begin, end)]
    gain = float((ours["gain"] * ours["capacity"]).sum() / ours["capacity"].sum())
    worth = f", worth only {gain:.0f} USD per t/yr more than staying" if gain < SMALL_GAIN else ""
    yield Caution(
        f"{_name(run, country)} turns in {begin} to {end}",
        f"Furnaces for {short(size / 1e6)} Mt/yr of steel switch within {end - begin + 1} years{worth}. The date is "
        "that of estimated campaigns, the speed that of the scenario's limits: no forecast.",
        "validation#the-presets-next-to-outside-milestones",
        "decisions-route",
    )


def _shift_of_trade(run: RunTables) -> Iterator[Caution]:
    """The country whose net exports of steel move most."""
    net = _net_exports(run)
    if net.empty:
        return
    country, year, size = _largest(net.sub(net[run.years[0]], axis=0).abs())
    if size < TRADE_SHIFT * _steel(run, year):
        return
    path = net.T[country] / 1e6
    before, after = float(path[run.years[0]]), float(path[year])
    yield Caution(
        f"{_name(run, country)}'s trade",
        f"Net exports of steel go from {_signed(before)} Mt in {run.years[0]} to {_signed(after)} in {year}. Duties "
        "and quotas are the scenario's: no government answers to it.",
        "validation#net-trade",
        "trade",
    )


def _one_grade(run: RunTables) -> Iterator[Caution]:
    """Trade as only one grade of steel makes it: in a circle by duties, or none at all, of large users."""
    last, demand, flows = run.years[-1], run["demand"], run["flows"]
    need = demand[demand["year"] == last].groupby("country")["demand"].sum()
    flows = flows[(flows["year"] == last) & (flows["commodity"] == STEEL) & (flows["origin"] != flows["destination"])]
    sold, bought = (
        flows.groupby(side)["amount"].sum().reindex(need.index, fill_value=0.0) for side in ("origin", "destination")
    )
    large = need[need >= LARGE_USER * need.sum()].sort_values(ascending=False, kind="stable")
    told = []
    passed = sold.where(sold < bought, bought).loc[large.index]
    most = str(passed.idxmax()) if len(passed) else ""
    if most and passed[most] >= CIRCLE * need[most]:
        told.append(
            f"{_name(run, most)} buys {short(bought[most] / 1e6)} Mt abroad in {last} and sells "
            f"{short(sold[most] / 1e6)}: a circle, as its own steel pays less duty there."
        )
    alone = [str(country) for country in large.index if sold[country] + bought[country] < NO_TRADE * large[country]]
    if alone and len(need) > 1:
        told.append(f"No steel crosses the border of {_listed([_name(run, one) for one in alone])} in {last}.")
    if told:
        told.append("All steel is one product here: read net trade, not gross.")
        yield Caution("One grade of steel", " ".join(told), "validation#net-trade", "trade")


def _learning(run: RunTables) -> Iterator[Caution]:
    """Costs of own power follow learning rates."""
    siting = run.document["scenario"].get("siting") or {}
    if siting.get("enabled") and siting.get("deployment"):
        yield Caution(
            "Learning rates",
            "Those of solar, wind, batteries and electrolysers lie within what studies found; that is wide: vary them.",
            "model#9-parameters",
        )


def _estimates(run: RunTables) -> Iterator[Caution]:
    """Inputs that are estimates for the most part; runs of earlier versions have not recorded it."""
    shares = run.document.get("estimated") or {}
    told = [
        f"{words} ({'all rows' if shares[table] == 1 else f'{100 * shares[table]:.0f} %'})"
        for table, words in TABLES.items()
        if shares.get(table, 0.0) >= MOSTLY
    ]
    if told:
        yield Caution(
            "Estimated inputs",
            f"The dataset marks as estimates (quality E): {', '.join(told)}. Vary them before you trust a small "
            "difference.",
            "data#least-certain-most-telling",
        )


def _largest(frame: pd.DataFrame) -> tuple[str, int, float]:
    """Country, year and size of the largest value of countries by years."""
    values = frame.to_numpy(float)
    row, column = divmod(int(values.argmax()), values.shape[1])
    return str(frame.index[row]), int(frame.columns[column]), float(values[row, column])


def _steel(run: RunTables, year: int) -> float:
    """The world's steel, t."""
    need = run["demand"]
    return float(need.loc[need["year"] == year, "demand"].sum())


def _net_exports(run: RunTables) -> pd.DataFrame:
    """Net exports of steel, t: countries by years."""
    flows = run["flows"]
    flows = flows[(flows["commodity"] == STEEL) & (flows["origin"] != flows["destination"])]
    sides = (flows.groupby([side, "year"])["amount"].sum().unstack() for side in ("origin", "destination"))
    out, into = (side.reindex(columns=list(run.years)).fillna(0.0) for side in sides)
    return out.sub(into, fill_value=0.0)


def _name(run: RunTables, country: object) -> str:
    return run.labels.names("countries", "country").get(str(country), str(country))


def _signed(value: float) -> str:
    return f"{chr(0x2212) if value < 0 else ''}{short(abs(value))}"


def _listed(names: Sequence[str], most: int = 3) -> str:
    rest = len(names) - most
    if rest > 0:
        return f"{', '.join(names[:most])} and {rest} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
