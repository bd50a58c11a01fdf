"""The one form in which a dataset is kept, written and hashed.

Rows are sorted by the table's key, columns stand in the order of the schema, amounts are in canonical units
and kept to twelve significant digits. Twelve is more than any statistic has and few enough that 1.1 kt and
1100 t are the same number, bit for bit; so the hash does not depend on how a person arranged the files.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping

import numpy as np
import pandas as pd

from steeliq.simulation.dataset.schema import FIRST_TABLES, Column, Table, schema

_DIGITS = ".12g"


def rounded(numbers: pd.Series) -> pd.Series:
    """The numbers to twelve significant decimal digits; -0 becomes 0, NaN stays."""
    values = [float(format(value, _DIGITS)) for value in (numbers.to_numpy() + 0.0).tolist()]
    return pd.Series(values, index=numbers.index, dtype="float64")


def canonical(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """``frame`` with the schema's columns, types and row order, numbered from 0.

    Raises ``KeyError`` if a column is missing and ``ValueError`` if a value does not fit its type.
    """
    columns = {column.name: _as_type(frame[column.name], column) for column in table.columns}
    ordered = pd.DataFrame(columns)
    by = list(table.key) or list(table.names)
    return ordered.sort_values(by, kind="stable", ignore_index=True)


def _as_type(values: pd.Series, column: Column) -> pd.Series:
    if column.type == "string":
        return values.astype("str").fillna("")
    if column.type == "number":
        return rounded(values.astype("float64"))
    return values.astype("int64" if column.type == "integer" else "bool")


def csv_text(frame: pd.DataFrame, table: Table) -> str:
    """The CSV text of a canonical table: comma, LF, quotes only where needed, empty for no value."""
    columns = [_cells(frame[column.name], column) for column in table.columns]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def _cells(values: pd.Series, column: Column) -> list[str]:
    if column.type == "number":
        return ["" if np.isnan(value) else format(value, _DIGITS) for value in values.tolist()]
    if column.type == "boolean":
        return ["true" if value else "false" for value in values.tolist()]
    return [str(value) for value in values.tolist()]


def content_hash(texts: Mapping[str, str]) -> str:
    """SHA-256 [hex] over the canonical CSV text of every table, in the order of the schema.

    Anybody can recompute it from the written files: for each table its name, a line feed, then the file. A table that
    the first release did not have counts only if it has rows.
    """
    digest = hashlib.sha256()
    for name in schema():
        if name not in FIRST_TABLES and texts[name].count("\n") <= 1:
            continue
        digest.update(f"{name}\n".encode())
        digest.update(texts[name].encode())
    return digest.hexdigest()
