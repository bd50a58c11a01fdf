"""Are the tables of two runs the same? Bit for bit, or with numbers within each table's tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from steeliq.errors import RunError
from steeliq.simulation.arrays import Floats
from steeliq.simulation.results.sums import digest_of
from steeliq.simulation.results.tables import read_table, table_path, tables_in
from steeliq.simulation.results.variables import SCHEMA, SPLIT_OFF, ResultTable
from steeliq.verify.tolerances import FLOOR, TOLERANCES, compared_columns, key_columns

NO_ROW: Final = "no such row"
NO_TABLE: Final = "no such table"
UNREADABLE: Final = "this file cannot be read"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two runs differ: ``row`` by its key columns (empty: the whole file), and both values as text."""

    table: str
    year: int
    row: Mapping[str, str]
    column: str
    stored: str
    again: str
    size: float = 0.0  # relative difference of two numbers

    def __str__(self) -> str:
        place = ", ".join(f"{name} {value or '(none)'}" for name, value in self.row.items() if name != "year")
        column = f", column {self.column}" if self.column else ""
        where = f"table {self.table}, {self.year}" + (f", row {place}" if place else "") + column
        return f"{where}: the run has {self.stored}, repeated it has {self.again}"


@dataclass(slots=True)
class Compared:
    """One table of both runs: how many files and values differ, beyond tolerance and at all, and where first."""

    table: str
    files: int = 0
    differing: int = 0  # values that are not the same, bit for bit
    beyond: int = 0  # of those: not within tolerance
    first: Difference | None = None  # beyond tolerance
    largest: Difference | None = None  # of numbers

    @property
    def tolerance(self) -> float:
        """Greatest relative difference that counts as the same on another machine."""
        return TOLERANCES[self.table]


@dataclass(slots=True)
class _Found:
    """What one file differs in."""

    differing: int = 0
    beyond: int = 0
    first: Difference | None = None
    largest: Difference | None = None


@dataclass(slots=True)
class Comparison:
    """All tables of both runs."""

    tables: list[Compared] = field(default_factory=list)
    first: Difference | None = None  # of the earliest year: what came later may follow from it
    largest: Difference | None = None


def compare(stored: Path, again: Path, years: range, *, strictly: bool, same_tables: bool = True) -> Comparison:
    """Compare the tables of two run folders, year by year.

    ``strictly``: every byte must agree; otherwise texts, whole numbers and yes/no must, and numbers within tolerance.
    ``same_tables``: a table that only one of them has is a difference; otherwise it is left out.
    """
    here, there = set(tables_in(stored)), set(tables_in(again))
    names = [name for name in SCHEMA if name in (here | there if same_tables else here & there)]
    result = Comparison([Compared(name) for name in names])
    for year in years:
        for held in result.tables:
            held.files += 1
            found = _file(SCHEMA[held.table], stored, again, year, strictly=strictly)
            held.differing += found.differing
            held.beyond += found.beyond
            held.first = held.first or found.first
            held.largest = _larger(held.largest, found.largest)
            result.first = result.first or found.first
            result.largest = _larger(result.largest, found.largest)
    return result


def _larger(one: Difference | None, other: Difference | None) -> Difference | None:
    if one is None or other is None:
        return one or other
    return other if other.size > one.size else one


def _file(table: ResultTable, stored: Path, again: Path, year: int, *, strictly: bool) -> _Found:
    one, other = (table_path(folder, table.name, year) for folder in (stored, again))
    if not one.is_file() or not other.is_file():
        texts = ("a table" if path.is_file() else NO_TABLE for path in (one, other))
        return _whole(table.name, year, *texts)
    if digest_of(one) == digest_of(other):
        return _Found()
    try:
        pq.ParquetFile(one).read().validate(full=True)  # texts too: pandas trusts them to be UTF-8
        ours = read_table(stored, table.name, [year])
    except (RunError, pa.ArrowException, ValueError, OSError, MemoryError) as error:
        return _whole(table.name, year, f"{UNREADABLE} ({_first_line(error)})", "a table")
    theirs = read_table(again, table.name, [year])
    found = _rows(table, year, ours, theirs if strictly else _as_told(table, ours, theirs), strictly=strictly)
    if strictly and not found.beyond:
        return _whole(table.name, year, "the same values in a file of other bytes", "the file that steeliq writes")
    return found


def _as_told(table: ResultTable, ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """The repetition as the version that made the run tells it: a column that was split off later in its old place."""
    for part, whole in SPLIT_OFF.get(table.name, {}).items():
        if ours[part].isna().all():
            theirs = theirs.copy()
            theirs[whole] += theirs[part]
            theirs[part] = np.nan
    return theirs


def _whole(table: str, year: int, stored: str, again: str) -> _Found:
    return _Found(1, 1, Difference(table, year, {}, "", stored, again))


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _rows(table: ResultTable, year: int, ours: pd.DataFrame, theirs: pd.DataFrame, *, strictly: bool) -> _Found:
    key = key_columns(table, strictly=strictly)
    one, other = (_numbered(frame, key) for frame in (ours, theirs))
    found = _Found()
    if not one.index.equals(other.index):
        alone = [(label, True) for label in one.index.difference(other.index, sort=False)]
        alone += [(label, False) for label in other.index.difference(one.index, sort=False)]
        found.differing = found.beyond = len(alone)
        if alone:
            label, is_ours = alone[0]
            texts = ("this row", NO_ROW) if is_ours else (NO_ROW, "this row")
            found.first = Difference(table.name, year, _label(key, label), "", *texts)
        both = one.index.intersection(other.index, sort=False)
        one, other = one.loc[both], other.loc[both]
    unlike, sizes = {}, {}
    for column in compared_columns(table, strictly=strictly):
        if column not in key:
            unlike[column], sizes[column] = _unlike(one[column], other[column])
    _count(found, table, year, key, (one, other), unlike, sizes, strictly=strictly)
    return found


def _numbered(frame: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    """Rows by their key; rows of the same key are numbered."""
    again = frame.groupby(list(key), sort=False).cumcount()
    return frame.set_index([frame[name] for name in key] + [again], drop=False)


def _label(key: tuple[str, ...], label: Any) -> dict[str, str]:
    return {name: str(value) for name, value in zip(key, label, strict=False)}


def _unlike(one: pd.Series, other: pd.Series) -> tuple[Any, Floats]:
    """Which values of a column are not the same, and by how much, relative; infinite for what is no number."""
    if one.dtype != np.float64:
        unlike = one.to_numpy() != other.to_numpy()
        return unlike, np.where(unlike, np.inf, 0.0)
    a, b = one.to_numpy(dtype=np.float64), other.to_numpy(dtype=np.float64)
    unlike = a.view(np.int64) != b.view(np.int64)
    finite = np.isfinite(a) & np.isfinite(b)
    greatest = float(max(np.abs(a[finite]).max(initial=0.0), np.abs(b[finite]).max(initial=0.0)))
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), FLOOR * greatest)
        size = np.where(finite & (scale > 0), np.abs(a - b) / scale, 0.0)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return unlike, np.where(finite | same, size, np.inf)


def _count(
    found: _Found,
    table: ResultTable,
    year: int,
    key: tuple[str, ...],
    frames: tuple[pd.DataFrame, pd.DataFrame],
    unlike: Mapping[str, Any],
    sizes: Mapping[str, Floats],
    *,
    strictly: bool,
) -> None:
    if not unlike or not len(frames[0]):
        return
    columns = list(unlike)
    differs, size = np.column_stack([unlike[name] for name in columns]), np.column_stack([sizes[n] for n in columns])
    beyond = differs if strictly else size > TOLERANCES[table.name]
    found.differing += int(differs.sum())
    found.beyond += int(beyond.sum())

    def at(place: int) -> Difference:
        row, column = divmod(place, len(columns))
        ours, theirs = (frame[columns[column]].iloc[row] for frame in frames)
        label = _label(key, frames[0].index[row])
        return Difference(
            table.name, year, label, columns[column], _text(ours), _text(theirs), float(size[row, column])
        )

    if beyond.any() and found.first is None:
        found.first = at(int(beyond.argmax()))
    numbers = np.where(np.isfinite(size) & differs, size, -1.0)
    if numbers.max() >= 0:
        found.largest = at(int(numbers.argmax()))


def _text(value: Any) -> str:
    """A value as it can be told: numbers with all their digits, texts in quotes."""
    if isinstance(value, float | np.floating):
        return repr(float(value))
    return f"“{value}”" if isinstance(value, str) else str(value)
