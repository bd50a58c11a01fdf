"""Changing one cell of an own dataset: the value is put in, everything is checked again, and kept only if all is well.

A changed value is no longer the source's: the row then names the person's own figures as its source, quality E, unless
source or quality are what was changed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from steeliq.errors import DatasetError, Problem
from steeliq.simulation.dataset.schema import Column, schema
from steeliq.webui.data import library
from steeliq.webui.data.library import Entry
from steeliq.webui.data.table_view import Row, rows_of

OWN = "own-values"
OWN_SOURCE = {
    "source": OWN,
    "title": "Values entered by hand",
    "publisher": "The user of this dataset",
    "year": "see the user's notes",
    "licence": "Not stated",
    "note": "Cells that were changed in the app; each had another source before.",
}
LONGEST = 2_000  # characters of a cell
LARGEST = 2.0**53  # beyond this whole numbers are no longer exact


class Outdated(Exception):
    """The row is no longer what the person saw."""


def row_of(frame: pd.DataFrame, table: str, place: int, titles: Mapping[str, str] | None = None) -> Row:
    """The row at ``place``; raises Outdated if the table has become shorter."""
    if not 0 <= place < len(frame):
        raise Outdated
    return rows_of(frame.iloc[[place]], schema()[table], titles or {})[0]


def set_cell(one: Entry, table: str, place: int, seen: str, column: Column, text: str) -> None:
    """Write ``text`` into a cell of an own dataset if the dataset stays valid.

    ``place``: the row from 0; ``seen``: the mark of the row as the person saw it. Raises DatasetError with the
    problems (nothing is changed then), Outdated, or NotPossible.
    """
    if not one.is_own:
        raise library.NotPossible("the reference dataset is not changed; duplicate it and change the copy")
    with library.changing(one):
        frame = library.opened(one)[table]
        if row_of(frame, table, place).mark != seen:
            raise Outdated
        value = _value(text.strip(), column, table, place)
        changed = frame.copy()
        changed[column.name] = [value if at == place else old for at, old in enumerate(frame[column.name].tolist())]
        if column.name not in {"source", "quality"} and table != "sources":
            for name, mark in (("source", OWN), ("quality", "E")):
                changed[name] = [mark if at == place else old for at, old in enumerate(frame[name].tolist())]
        tables = {table: changed}
        sources = library.opened(one)["sources"]
        if table != "sources" and OWN not in set(sources["source"]):
            tables["sources"] = pd.concat([sources, pd.DataFrame([OWN_SOURCE])], ignore_index=True)
        library.replace_tables(one, tables)


def _value(text: str, column: Column, table: str, place: int) -> str | float | bool:
    """``text`` in the column's type; raises DatasetError if it is none."""

    def refuse(rule: str) -> DatasetError:
        return DatasetError(table, [Problem(table, place + 2, column.name, text[:80], rule)])

    if len(text) > LONGEST:
        raise refuse(f"at most {LONGEST:,} characters are expected")
    if column.type == "boolean":
        if text.lower() not in {"true", "false", "yes", "no", "1", "0"}:
            raise refuse("write true or false")
        return text.lower() in {"true", "yes", "1"}
    if column.type == "string":
        if any(ord(sign) < 32 for sign in text):
            raise refuse("text without line breaks or control characters is expected")
        if not text and not column.optional:
            raise refuse(f"a value is required ({column.description})")
        return text
    if not text and column.optional:
        return math.nan
    try:
        number = float(text.replace(",", "") if column.type == "integer" else text)
    except ValueError:
        number = math.nan
    if not abs(number) <= LARGEST or "_" in text or not text.isascii():
        raise refuse("a number is expected, with a point for decimals and nothing but the number in the cell")
    if column.type == "integer":
        if number != math.floor(number):
            raise refuse("a whole number is expected")
        return int(number)
    return number
