"""One page of a dataset's table: searched, filtered, sorted, with the words and links that a reader needs.

Pure: a frame and what was asked for in, rows of text out. A filter of a number column is `5`, `>5`, `<=5` or `2..5`;
of a text column a part of it, or a whole value where there are few.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
import pandas as pd

from steeliq.simulation.dataset.schema import Column, Table

PAGE = 50
FEW = 40
"""A text column with at most this many values is filtered by choosing one."""

QUALITY = {
    "A": "primary statistic",
    "B": "secondary source",
    "C": "weak source",
    "D": "derived",
    "E": "estimate",
}
_COMPARED = re.compile(r"(<=|>=|<|>|=)?\s*(-?[0-9.]+(?:e[+-]?[0-9]+)?)", re.IGNORECASE)
_RANGE = re.compile(r"(-?[0-9.]+(?:e[+-]?[0-9]+)?)\s*\.\.\s*(-?[0-9.]+(?:e[+-]?[0-9]+)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader asked for; ``sort`` is a column, with '-' before it for falling order."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: what it is, how it is sorted, what it is filtered by."""

    column: Column
    sorted: str  # '', 'ascending' or 'descending'
    next_sort: str
    filter: str
    choices: tuple[tuple[str, int], ...]  # value and count; () for a free filter
    problem: str

    @property
    def is_number(self) -> bool:
        """Set to the right."""
        return self.column.type in {"number", "integer"}

    @property
    def unit(self) -> str:
        """The unit worth showing."""
        return "" if self.column.unit in {"", "1"} else self.column.unit


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as shown (thousands parted) and as written (``raw``)."""

    column: Column
    shown: str
    raw: str
    hint: str = ""  # what a mark or key means

    @property
    def is_number(self) -> bool:
        """Set to the right."""
        return self.column.type in {"number", "integer"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its place in the table (from 0), a mark of its content, its cells."""

    place: int
    mark: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows of a table."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    total: int  # rows of the table
    found: int  # rows that fit search and filters
    page: int
    pages: int

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1."""
        return (self.page - 1) * PAGE + 1 if self.found else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.page * PAGE, self.found)


def view(frame: pd.DataFrame, table: Table, wish: Wish, titles: Mapping[str, str]) -> View:
    """The page of ``frame`` that ``wish`` asks for; a filter that makes no sense is ignored and says so.

    ``titles``: title of each source.
    """
    kept, problems = _filtered(frame, table, wish)
    found = _searched(frame[kept], table, wish.search)
    found = _sorted(found, table, wish.sort)
    pages = max(1, math.ceil(len(found) / PAGE))
    page = min(max(wish.page, 1), pages)
    shown = found.iloc[(page - 1) * PAGE : page * PAGE]
    heads = tuple(_head(frame, column, wish, problems.get(column.name, "")) for column in table.columns)
    return View(heads, tuple(rows_of(shown, table, titles)), len(frame), len(found), page, pages)


def matching(frame: pd.DataFrame, table: Table, wish: Wish) -> pd.DataFrame:
    """All rows that ``wish`` asks for, in its order."""
    kept, _ = _filtered(frame, table, wish)
    return _sorted(_searched(frame[kept], table, wish.search), table, wish.sort)


def rows_of(frame: pd.DataFrame, table: Table, titles: Mapping[str, str]) -> list[Row]:
    """Rows as text; the index is the row's place in the table."""
    columns = [[written(value, column) for value in frame[column.name].tolist()] for column in table.columns]
    rows = []
    for place, raw in zip(frame.index.tolist(), zip(*columns, strict=True), strict=True):
        pairs = zip(table.columns, raw, strict=True)
        cells = tuple(Cell(column, _shown(text, column), text, _hint(column, text, titles)) for column, text in pairs)
        rows.append(Row(int(place), mark(raw), cells))
    return rows


def _hint(column: Column, text: str, titles: Mapping[str, str]) -> str:
    if column.name == "quality":
        return QUALITY.get(text, "")
    return titles.get(text, "") if column.name == "source" else ""


def mark(raw: tuple[str, ...]) -> str:
    """A short sum of a row's content, by which an edit knows the row that was seen."""
    return sha256("\x1f".join(raw).encode()).hexdigest()[:16]


def written(value: object, column: Column) -> str:
    """A value as it stands in the CSV file."""
    if column.type == "boolean":
        return "true" if value else "false"
    if column.type == "number":
        return format(value, ".12g") if value == value else ""  # noqa: PLR0124  # NaN: no value
    return str(value)


def _shown(text: str, column: Column) -> str:
    if column.type == "boolean":
        return "yes" if text == "true" else "no"
    whole, point, rest = text.partition(".")
    if column.type == "number" and whole.lstrip("-").isdigit() and len(whole) > 4:
        return f"{int(whole):,}{point}{rest}"
    return text


def _filtered(frame: pd.DataFrame, table: Table, wish: Wish) -> tuple[pd.Series, dict[str, str]]:
    kept = pd.Series(True, index=frame.index)
    problems: dict[str, str] = {}
    for column in table.columns:
        told = wish.filters.get(column.name, "").strip()
        if not told:
            continue
        values = frame[column.name]
        if column.type in {"number", "integer"}:
            fits = _compared(values, told)
            if fits is None:
                problems[column.name] = "write a number, >5, <=5 or 2..5"
            else:
                kept &= fits
        elif column.type == "boolean":
            kept &= values == (told in {"true", "yes"})
        elif told in _choices_of(values):
            kept &= values == told
        else:
            kept &= values.str.contains(told, case=False, regex=False)
    return kept, problems


def _compared(values: pd.Series, told: str) -> pd.Series | None:
    """Which numbers fit ``told``; None if it is no comparison."""
    try:
        if between := _RANGE.fullmatch(told):
            return values.between(float(between[1]), float(between[2]))
        if compared := _COMPARED.fullmatch(told):
            limit = float(compared[2])
            match compared[1]:
                case ">":
                    return values > limit
                case ">=":
                    return values >= limit
                case "<":
                    return values < limit
                case "<=":
                    return values <= limit
                case _:
                    return pd.Series(np.isclose(values, limit, rtol=1e-9, atol=0.0), index=values.index)
    except ValueError:
        pass
    return None


def _choices_of(values: pd.Series) -> dict[str, int]:
    """Values of a text column with their counts, if they are few."""
    counts = values.value_counts()
    return {str(name): int(count) for name, count in counts.sort_index().items()} if 1 < len(counts) <= FEW else {}


def _searched(frame: pd.DataFrame, table: Table, search: str) -> pd.DataFrame:
    """Rows that hold every word of ``search`` somewhere."""
    words = search.split()[:8]
    if not words:
        return frame
    texts = [frame[column.name].astype(str) for column in table.columns if column.type in {"string", "integer"}]
    kept = pd.Series(True, index=frame.index)
    for word in words:
        hit = pd.Series(False, index=frame.index)
        for text in texts:
            hit |= text.str.contains(word, case=False, regex=False)
        kept &= hit
    return frame[kept]


def _sorted(frame: pd.DataFrame, table: Table, sort: str) -> pd.DataFrame:
    name = sort.removeprefix("-")
    if name not in table.names:
        return frame
    return frame.sort_values(name, ascending=not sort.startswith("-"), kind="stable", na_position="last")


def _head(frame: pd.DataFrame, column: Column, wish: Wish, problem: str) -> Head:
    name = column.name
    state = {name: "ascending", f"-{name}": "descending"}.get(wish.sort, "")
    choices: tuple[tuple[str, int], ...] = ()
    if column.type == "boolean":
        choices = tuple((text, int((frame[name] == (text == "true")).sum())) for text in ("true", "false"))
    elif column.type == "string":
        choices = tuple(_choices_of(frame[name]).items())
    return Head(
        column, state, f"-{name}" if state == "ascending" else name, wish.filters.get(name, ""), choices, problem
    )
