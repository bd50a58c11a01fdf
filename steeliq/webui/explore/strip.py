"""Key figures in one year beside a baseline: another run, or the first year of the same run.

The strip stays in sight on the pages of a run and of a comparison; both read it from here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from steeliq.simulation.results.report.charts import RunTables, short
from steeliq.simulation.results.report.charts_costs import world_price
from steeliq.simulation.results.report.charts_production import steel_technologies
from steeliq.simulation.results.report.key_figures import ore_based

BOUNDARY: Final = "worldsteel"
ELECTRIC: Final = ("EAF", "IF", "MOE")
STEEL: Final = "crude_steel"

LEAST: Final = 1e-9
"""A smaller relative difference is rounding."""

MOST_PERCENT: Final = 1000.0
"""A greater change is one from next to nothing: its per cent tell nothing."""

type Series = pd.Series[float]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One quantity by year.

    ``brief`` is its name where there is little room; ``total`` if the years are summed up; ``good`` is the direction
    that is wished for (-1: less, 1: more, 0: neither); ``tables`` are the result tables that it is made from.
    """

    name: str
    brief: str
    unit: str
    by_year: Series
    tables: tuple[str, ...]
    total: bool = False
    good: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One difference as text: absolute, per cent (empty without a baseline), and its sign (-1, 0, 1)."""

    text: str
    percent: str
    sign: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure in the strip: the run's value and its difference from the baseline; ``mood`` good, bad or none."""

    name: str
    brief: str
    unit: str
    value: str
    delta: str
    mood: str


def figures_of(run: RunTables) -> list[KeyFigure]:
    """The key figures of the world, or of the part of it that the tables are narrowed to."""
    made, emissions = run["production"], run["emissions"]
    steel = _yearly(made[made["technology"].isin(sorted(steel_technologies(run)))], "production")
    intensity = run["intensities"]
    mean = intensity[(intensity["boundary"] == BOUNDARY) & (intensity["route"] == "world")].set_index("year")
    scope1, clean, ore = _yearly(emissions, "scope1"), _near_zero(run), _yearly(ore_based(run), "production")
    electric = _yearly(made[made["technology"].isin(ELECTRIC)], "production")
    charges = run["charges"]
    charged = charges[charges["technology"].isin(sorted(steel_technologies(run)))]
    scrap = _yearly(charged[charged["commodity"] == "scrap"], "amount")
    years = list(run.years)

    def whole(values: Series) -> Series:
        return values.reindex(years, fill_value=0.0)

    output, use, mix = ("production",), ("emissions",), ("charges",)
    price = ("prices", "demand")
    return [
        KeyFigure("Crude steel", "Crude steel", "Mt", whole(steel), output),
        KeyFigure("Scope 1 emissions", "Scope 1", "Mt CO2e", whole(scope1), use, good=-1),
        KeyFigure("Scope 1, all years", "Scope 1 so far", "Gt CO2e", whole(scope1) / 1e3, use, total=True, good=-1),
        KeyFigure("Intensity, worldsteel", "Intensity", "tCO2e/t", mean["intensity"].reindex(years), ("intensities",),
                  good=-1),
        KeyFigure("Electric share of steel", "Electric share", "%", _share(electric, steel, years), output),
        KeyFigure("Near-zero share of ore-based", "Near-zero share", "%", _share(clean, ore, years),
                  (*output, *mix), good=1),
        KeyFigure("Scrap share of charge", "Scrap share", "%", _share(scrap, _yearly(charged, "amount"), years), mix),
        KeyFigure("CO2 captured", "CO2 captured", "Mt", whole(_yearly(emissions, "captured")), use),
        KeyFigure("Mean steel price", "Steel price", "USD/t", world_price(run, STEEL).reindex(years), price),
        KeyFigure("Investment, all years", "Invested so far", "bn USD",
                  whole(_yearly(run["decisions"], "investment") / 1e3), ("decisions",), total=True),
        KeyFigure("Unmet demand", "Unmet demand", "Mt", whole(_yearly(run["demand"], "unmet")), ("demand",), good=-1),
    ]  # fmt: skip


def _yearly(frame: pd.DataFrame, column: str) -> Series:
    return frame.groupby("year")[column].sum().astype(float) / 1e6


def _share(part: Series, whole: Series, years: list[int]) -> Series:
    total = whole.reindex(years, fill_value=0.0)
    return 100.0 * part.reindex(years, fill_value=0.0) / total.where(total > 0)


def _near_zero(run: RunTables) -> Series:
    technologies = run.labels.flags("technologies", "technology", "near_zero")
    clean = sorted(key for key, is_clean in technologies.items() if is_clean)
    made = ore_based(run)
    return _yearly(made[made["technology"].isin(clean)], "production")


def at(figure: KeyFigure, year: int) -> float:
    """The figure's value in a year, or its sum up to it; NaN outside the run's years."""
    if figure.total and year in figure.by_year.index:
        return float(figure.by_year[figure.by_year.index <= year].sum())
    return float(figure.by_year.get(year, math.nan))


def beside(figures: Sequence[KeyFigure], others: Sequence[KeyFigure], year: int) -> Iterator[Tile]:
    """Each figure in ``year`` (or up to it) beside the same figure of another run in the same year."""
    before = {figure.name: figure for figure in others}
    for figure in figures:
        if figure.name in before:
            yield tile(figure, at(figure, year), at(before[figure.name], year), alike="as baseline")


def since(figures: Sequence[KeyFigure], first: int, year: int) -> Iterator[Tile]:
    """Each figure in ``year`` beside its value in the first year; sums have no such value."""
    for figure in figures:
        value = at(figure, year)
        if figure.total or year == first:
            yield Tile(figure.name, figure.brief, figure.unit, short(value), "", "")
        else:
            yield tile(figure, value, at(figure, first), alike=f"as in {first}")


def tile(figure: KeyFigure, value: float, before: float, *, alike: str) -> Tile:
    """A value with its difference from ``before``: of shares in points, of everything else also in per cent."""
    change = cell(value - before, 100.0 * (value - before) / before if before else math.nan, before)
    mood = {1: "good", -1: "bad"}.get(change.sign * figure.good, "")
    is_share = figure.unit == "%"
    told = f"{change.text} points" if is_share and change.sign else change.text
    percent = "" if is_share or not change.percent else f" ({change.percent})"
    if not math.isfinite(value - before):
        return Tile(figure.name, figure.brief, figure.unit, short(value), "", "")
    delta = alike if change.text == "0" else told + percent
    return Tile(figure.name, figure.brief, figure.unit, short(value), delta, mood)


def cell(delta: float, percent: float, baseline: float) -> Cell:
    """A difference for people.

    >>> cell(-12.345, -10.0, 123.45)
    Cell(text='−12.3', percent='−10.0 %', sign=-1)
    >>> cell(0.0, 0.0, 5.0)
    Cell(text='0', percent='', sign=0)
    """
    if not math.isfinite(delta):
        return Cell("-", "", 0)
    if abs(delta) <= LEAST * max(1.0, abs(baseline)):
        return Cell("0", "", 0)
    shown = f"{signed(percent)} %" if math.isfinite(percent) and abs(percent) < MOST_PERCENT else ""
    return Cell(signed(delta), shown, 1 if delta > 0 else -1)


def signed(value: float) -> str:
    """Three digits with a sign; a true minus."""
    text = short(abs(value))
    return f"{'+' if value > 0 else chr(0x2212)}{text}"
