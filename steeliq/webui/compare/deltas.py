"""The delta table: every quantity of the world by year, each run against the baseline, absolute and in per cent."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
import xlsxwriter

from steeliq.simulation.results.harmless import harmless_frame
from steeliq.webui.compare.assumptions import Setting, different_settings
from steeliq.webui.compare.charts import country_differences
from steeliq.webui.compare.chosen import Compared
from steeliq.webui.explore.strip import LEAST, Cell, Tile, beside, cell

COLUMNS: Final = ("run", "group", "quantity", "unit", "year", "baseline", "value", "delta", "percent")
MILESTONES: Final = 5
"""Years between two columns of the table on the page; the files have every year."""

BOM: Final = "\ufeff"
"""Without it Excel takes UTF-8 for another encoding."""


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity in the milestone years."""

    group: str
    quantity: str
    unit: str
    cells: tuple[Cell, ...]


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


def strip(run: Compared, base: Compared, year: int) -> list[Tile]:
    """Key figures of a run beside the baseline's, in ``year`` or summed up to it."""
    tiles = list(beside(run.facts.key_figures, base.facts.key_figures, year))
    return [replace(tile, delta="", mood="") for tile in tiles] if run.key == base.key else tiles


def seen(strips: Sequence[list[Tile]]) -> list[list[Tile]]:
    """The strips without figures that are nothing in every run (say, unmet demand)."""
    kept = [i for i, column in enumerate(zip(*strips, strict=True)) if any(tile.value != "0" for tile in column)]
    return [[tiles[i] for i in kept] for tiles in strips]


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
    assumed = settings_table(different_settings(runs), runs)
    _sheet(book, "Assumptions", list(assumed.columns), assumed.to_numpy().tolist(), bold)
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


def settings_table(settings: Sequence[Setting], runs: Sequence[Compared]) -> pd.DataFrame:
    """The differing settings: of each run the value and where it is from."""
    heads = [head for run in runs for head in (run.label, f"{run.label}: from")]
    rows = [
        [s.name, s.label, s.meaning, s.unit, *(part for pair in zip(s.texts, s.origins, strict=True) for part in pair)]
        for s in settings
    ]
    return pd.DataFrame(rows, columns=["setting", "label", "meaning", "unit", *heads])


def settings_csv(settings: Sequence[Setting], runs: Sequence[Compared]) -> str:
    """The differing settings as CSV."""
    return BOM + harmless_frame(settings_table(settings, runs)).to_csv(index=False, lineterminator="\n")
