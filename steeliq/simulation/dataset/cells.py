"""Turns the cells of a table, which are all text at first, into numbers, whole numbers, yes/no and text.

What cannot be turned is noted with row, column and value, and leaves a gap (NaN or '') that later checks skip,
so that one wrong cell is reported once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from steeliq.simulation.dataset.canonical import rounded
from steeliq.simulation.dataset.findings import Findings
from steeliq.simulation.dataset.schema import Column, Table
from steeliq.simulation.dataset.units import UnitProblem, factor

_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
type Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
type Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]

_FORMULA = "formulas are not read; paste the value instead"


@dataclass(frozen=True)
class RawTable:
    """A table as it was found: text by column, place of each row (0 = first data row), declared units.

    ``whole`` is False if rows had to be left out, so that nothing can be said about what is missing from it.
    """

    columns: Mapping[str, pa.ChunkedArray | pa.Array]
    places: np.ndarray[tuple[int], np.dtype[np.int64]]
    units: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True


def typed(raw: RawTable, table: Table, findings: Findings) -> pd.DataFrame:
    """Columns of ``raw`` in canonical types and units, indexed by place; problems go to ``findings``."""
    _check_header(raw, table, findings)
    index = pd.Index(raw.places)
    columns: dict[str, pd.Series] = {}
    for column in table.columns:
        if column.name in raw.columns:
            text = pc.utf8_trim_whitespace(raw.columns[column.name])
            columns[column.name] = _column(text, column, index, raw.units, findings)
    return pd.DataFrame(columns, index=index)


def _check_header(raw: RawTable, table: Table, findings: Findings) -> None:
    missing = [column for column in table.columns if column.name not in raw.columns]
    renamed: set[str] = set()
    for name in raw.columns:
        if name not in table.names:
            near = get_close_matches(name, [column.name for column in missing], n=1)
            renamed |= set(near)
            rule = "this column does not belong to the table; remove it or correct its name"
            hint = f"did you mean {near[0]}?" if near else ""
            findings.add(table.name, rule, column=name, row=1, hint=hint)
    for column in missing:
        if column.name not in renamed:
            unit = f" [{column.unit}]" if column.unit else ""
            rule = f"the column is missing; add it ({column.type}{unit}: {column.description})"
            findings.add(table.name, rule, column=column.name, row=1)


def _column(
    text: pa.ChunkedArray, column: Column, index: pd.Index[int], units: Mapping[str, str], findings: Findings
) -> pd.Series:
    shown = pd.Series(text.to_numpy(zero_copy_only=False), index=index, dtype="str", name=column.name)
    if not len(shown):
        return shown.astype(_KINDS[column.type])
    cells = _Cells(column, shown, findings)
    blank = _mask(pc.equal(text, ""))
    if not column.optional:
        cells.note(blank, f"a value is required ({column.description})")
    formula = _mask(pc.match_substring_regex(text, "^[=+@]"))
    cells.note(formula, _FORMULA)
    if column.type == "string":
        return shown.mask(formula, "") if formula.any() else shown
    if column.type == "boolean":
        return _booleans(shown, blank | formula, cells)
    numbers = pd.Series(_numbers(text, blank | formula, cells), index=index, name=column.name)
    if column.type == "integer":
        return numbers if numbers.isna().any() else numbers.astype("int64")
    return _converted(numbers, column, units, findings)


_KINDS: Mapping[str, Literal["str", "float64", "int64", "bool"]] = {
    "string": "str",
    "number": "float64",
    "integer": "int64",
    "boolean": "bool",
}


@dataclass(frozen=True)
class _Cells:
    """One column's text with the place where its problems go."""

    column: Column
    shown: pd.Series
    findings: Findings

    def note(self, wrong: Mask, rule: str) -> None:
        if wrong.any():
            self.findings.rows(self.shown.to_frame(), wrong, rule, table=self.column.table, column=self.column.name)


def _mask(claims: pa.ChunkedArray) -> Mask:
    return np.asarray(claims.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _booleans(text: pd.Series, skip: Mask, cells: _Cells) -> pd.Series:
    lower = text.str.lower()
    true, false = lower.isin(_TRUE), lower.isin(_FALSE)
    cells.note(~(true.to_numpy() | false.to_numpy() | skip), "write true or false")
    return true


def _numbers(text: pa.ChunkedArray, skip: Mask, cells: _Cells) -> Numbers:
    """The cells as numbers; NaN where ``skip`` holds or where a problem was noted."""
    unit = f" [{cells.column.unit}]" if cells.column.unit not in {"", "1"} else ""
    try:
        told = pc.if_else(pa.array(skip), None, text) if skip.any() else text
        numbers = np.array(pc.cast(told, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except pa.ArrowInvalid:
        numbers = np.array([_number(cell) for cell in text.to_pylist()])
    unfit = np.isnan(numbers) & ~skip
    cells.note(unfit, f"a number{unit} is expected, with a point for decimals and nothing but the number in the cell")
    infinite = np.isinf(numbers)
    cells.note(infinite, f"a finite number{unit} is expected")
    numbers[infinite] = np.nan
    if cells.column.type == "integer":
        broken = numbers != np.floor(numbers)
        broken &= ~np.isnan(numbers)
        cells.note(broken, f"a whole number{unit} is expected")
        numbers[broken] = np.nan
    return numbers


def _number(cell: str) -> float:
    try:
        return float(cell) if cell.isascii() and "_" not in cell else float("nan")
    except ValueError:
        return float("nan")


def _converted(numbers: pd.Series, column: Column, units: Mapping[str, str], findings: Findings) -> pd.Series:
    declared = units.get(column.name, column.unit)
    if not declared and column.unit:
        return numbers * np.nan  # nobody knows what the numbers mean; the missing declaration is noted already
    try:
        ratio = factor(declared, column.unit)
    except UnitProblem as problem:
        findings.add(column.table, str(problem), column=column.name, value=declared)
        return numbers * np.nan
    return rounded(numbers * ratio)
