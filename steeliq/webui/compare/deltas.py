"""The delta table: every quantity of the world by year, each run against the baseline, absolute and in per cent."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
import xlsxwriter

from steeliq.simulation.results.harmless import harmless_frame
from steeliq.simulation.results.report.charts import short
from steeliq.webui.compare.assumptions import Setting, different_settings
from steeliq.webui.compare.charts import country_differences
from steeliq.webui.compare.chosen import Compared
from steeliq.webui.compare.facts import KeyFigure

COLUMNS: Final = ("run", "group", "quantity", "unit", "year", "baseline", "value", "delta", "percent")
MILESTONES: Final = 5
"""Years between two columns of the table on the page; the files have every year."""

LEAST: Final = 1e-9
"""A smaller relative difference is rounding."""

BOM: Final = "\ufeff"
"""Without it Excel takes UTF-8 for another encoding."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One difference as text: absolute, per cent (empty without a baseline), and its sign (-1, 0, 1)."""

    text: str
    percent: str
    sign: int


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity in the milestone years."""

    group: str
    quantity: str
    unit: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure in the strip: the run's value and its difference from the baseline; ``mood`` good, bad or none."""

    name: str
    unit: str
    value: str
    delta: str
    mood: str


def delta_table(runs: Sequence[Compared]) -> pd.DataFrame:
    """Columns as ``COLUMNS``, one row per run but the baseline, quantity and common year.

    ``percent`` is NaN where the baseline is zero; a quantity that a run does not know is 0 there.
    """
    base = _long(runs[0])
    parts = [_against(base, _long(run)).assign(run=run.label) for run in runs[1:]]
    if not parts:
        return pd.DataFrame({name: [] for name in COLUMNS})
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _long(run: Compared) -> pd.DataFrame:
    world = run.facts.world.reset_index(names="order")
    rows = world.melt(["order", "group", "quantity", "unit"], var_name="year", value_name="value")
    return rows.assign(year=rows["year"].astype(int))


def _against(base: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    on = ["group", "quantity", "unit", "year"]
    years = sorted(set(base["year"]) & set(other["year"]))
    rows = base[base["year"].isin(years)].merge(other[other["year"].isin(years)], on=on, how="outer", sort=False)
    rows["order"] = rows["order_x"].fillna(rows["order_y"])
    is_price = rows["group"].str.contains("Price")
    for column in ("value_x", "value_y"):
        rows[column] = rows[column].where(is_price, rows[column].fillna(0.0))
    rows = rows.rename(columns={"value_x": "baseline", "value_y": "value"}).sort_values(["order", "quantity", "year"])
    rows["delta"] = rows["value"] - rows["baseline"]
    rows["percent"] = 100.0 * rows["delta"] / rows["baseline"].where(rows["baseline"] != 0)
    return rows


def milestones(years: Sequence[int]) -> tuple[int, ...]:
    """First, last and every fifth year."""
    return tuple(y for y in years if y in (years[0], years[-1]) or y % MILESTONES == 0)


def common_years(runs: Sequence[Compared]) -> tuple[int, ...]:
    """Years that every run has, ascending."""
    return tuple(sorted(set.intersection(*(set(run.facts.years) for run in runs))))


def page_rows(table: pd.DataFrame, run: str, years: Sequence[int]) -> list[Row]:
    """The delta table of one run for the page; quantities that are zero in both runs are left out."""
    of = table[(table["run"] == run) & table["year"].isin(years)]
    cells: dict[tuple[str, str, str], list[Cell]] = {}
    seen: set[tuple[str, str, str]] = set()
    columns = ["group", "quantity", "unit", "delta", "percent", "baseline", "value"]
    for group, quantity, unit, delta, percent, baseline, value in of[columns].itertuples(index=False, name=None):
        key = (str(group), str(quantity), str(unit))
        cells.setdefault(key, []).append(cell(delta, percent, baseline))
        if baseline or value:
            seen.add(key)
    return [Row(*key, tuple(held)) for key, held in cells.items() if key in seen]


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
    shown = f"{signed(percent)} %" if math.isfinite(percent) else ""
    return Cell(signed(delta), shown, 1 if delta > 0 else -1)


def signed(value: float) -> str:
    """Three digits with a sign; a true minus."""
    text = short(abs(value))
    return f"{'+' if value > 0 else chr(0x2212)}{text}"


def strip(run: Compared, base: Compared, year: int) -> list[Tile]:
    """Key figures of a run beside the baseline's, in ``year`` or summed up to it."""
    pairs = zip(run.facts.key_figures, base.facts.key_figures, strict=True)
    return [_tile(own, other, year, is_base=run.key == base.key) for own, other in pairs]


def _tile(own: KeyFigure, other: KeyFigure, year: int, *, is_base: bool) -> Tile:
    value, before = at(own, year), at(other, year)
    if is_base:
        return Tile(own.name, own.unit, short(value), "", "")
    change = cell(value - before, 100.0 * (value - before) / before if before else math.nan, before)
    mood = {1: "good", -1: "bad"}.get(change.sign * own.good, "")
    is_share = own.unit == "%"
    told = f"{change.text} points" if is_share and change.sign else change.text
    percent = "" if is_share or not change.percent else f" ({change.percent})"
    return Tile(own.name, own.unit, short(value), "as baseline" if change.text == "0" else told + percent, mood)


def at(figure: KeyFigure, year: int) -> float:
    """The figure's value in a year, or its sum up to it."""
    if figure.total:
        return float(figure.by_year[figure.by_year.index <= year].sum())
    return float(figure.by_year.get(year, math.nan))


def largest(rows: pd.DataFrame, year: int, quantity: str, most: int) -> pd.DataFrame:
    """The countries (rows of ``country_differences``) whose quantity differs most in a year, largest first."""
    rows = rows[(rows["quantity"] == quantity) & (rows["year"] == year) & (rows["delta"].abs() > LEAST)]
    return rows.assign(size=rows["delta"].abs()).sort_values(["size", "name"], ascending=[False, True]).head(most)


def csv_text(runs: Sequence[Compared]) -> str:
    """The delta table as CSV (UTF-8 with byte order mark); texts that Excel would compute are made harmless."""
    return BOM + harmless_frame(delta_table(runs)).to_csv(index=False, lineterminator="\n")


def workbook(runs: Sequence[Compared]) -> bytes:
    """A workbook: the delta table, differing settings, countries, and what the runs are. Same runs, same bytes."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                        "nan_inf_to_errors": True})  # fmt: skip
    book.set_properties({"title": "steeliq: comparison of runs", "created": datetime(2000, 1, 1, tzinfo=UTC)})
    bold = book.add_format({"bold": True, "bottom": 1})
    deltas = delta_table(runs)
    _sheet(book, "Deltas", list(COLUMNS), deltas.astype(object).where(deltas.notna(), None).to_numpy().tolist(), bold)
    settings = [[s.name, s.meaning, s.unit, *s.texts] for s in different_settings(runs)]
    _sheet(book, "Assumptions", ["setting", "meaning", "unit", *(run.label for run in runs)], settings, bold)
    countries: list[list[Any]] = []
    for run in runs[1:]:
        held = country_differences(runs[0], run)
        countries += [[run.label, *row] for row in held.astype(object).to_numpy().tolist()]
    head = ["run", "quantity", "unit", "country", "name", "year", "baseline", "value", "delta"]
    _sheet(book, "Countries", head, countries, bold)
    about = [[run.label, run.key, run.short_hash, run.facts.years[0], run.facts.years[-1],
              str(run.facts.document["dataset"]["name"]), str(run.facts.document["dataset"]["hash"])]
             for run in runs]  # fmt: skip
    _sheet(
        book, "Runs", ["run", "key", "short hash", "first year", "last year", "dataset", "dataset hash"], about, bold
    )
    book.close()
    return stream.getvalue()


def _sheet(book: Any, name: str, head: Sequence[str], rows: Sequence[Sequence[Any]], bold: Any) -> None:
    sheet = book.add_worksheet(name)
    for column, title in enumerate(head):
        sheet.write_string(0, column, title, bold)
        sheet.set_column(column, column, min(44, max(11, len(title) + 2)))
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write_number(number, column, value)
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(head) - 1)


def settings_csv(settings: Sequence[Setting], runs: Sequence[Compared]) -> str:
    """The differing settings as CSV."""
    frame = pd.DataFrame(
        [[s.name, s.meaning, s.unit, *s.texts] for s in settings],
        columns=["setting", "meaning", "unit", *(run.label for run in runs)],
    )
    return BOM + harmless_frame(frame).to_csv(index=False, lineterminator="\n")
