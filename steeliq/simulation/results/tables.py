"""The tidy result tables on disk: one Parquet file per table and year, the same bytes for the same rows.

``<run folder>/tables/<table>/<year>.parquet``. Columns, order and types come from variables.csv; rows are sorted by
the leading key columns (and then all others), so neither the order in which a step produced its rows nor pandas'
own metadata reaches the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from steeliq.atomic import write_atomically
from steeliq.errors import RunError
from steeliq.simulation.results.variables import LATER, SCHEMA, SPLIT_OFF, ResultColumn, ResultTable, result_table

type Series = pd.Series[Any]

ARROW: Final = {"string": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}


def table_path(run_dir: Path, table: str, year: int) -> Path:
    """Where the rows of one table and year live."""
    return run_dir / "tables" / table / f"{year}.parquet"


def write_year(folder: Path, year: int, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write every result table of one year; a table without rows this year is an empty frame.

    Tables of ``LATER`` may be left out, in all years of a run or in none.

    All tables are checked before the first is written, so a refused year leaves nothing behind. ``ValueError`` names
    the table and columns if a table or column is unknown or missing, a value has the wrong type, or a row belongs to
    another year.
    """
    missing, unknown = sorted(set(SCHEMA) - LATER - set(tables)), sorted(set(tables) - set(SCHEMA))
    if missing or unknown:
        raise ValueError(f"results of {year}: missing tables {missing}, unknown tables {unknown} (see variables.csv)")
    ready = {name: canonical(SCHEMA[name], tables[name], year) for name in SCHEMA if name in tables}
    for name, rows in ready.items():
        _write(folder, SCHEMA[name], year, rows)


def write_table(folder: Path, table: str, year: int, frame: pd.DataFrame) -> None:
    """Write or replace one table of one year (for rows that are completed later, such as forecasts' outcomes)."""
    described = result_table(table)
    _write(folder, described, year, canonical(described, frame, year))


def canonical(table: ResultTable, frame: pd.DataFrame, year: int) -> pa.Table:
    """The rows with the schema's columns, order and types, sorted; ``ValueError`` if they do not fit.

    A missing text becomes the empty text; numbers may be NaN; integers and booleans must be present.
    """
    missing = [name for name in table.names if name not in frame.columns]
    unknown = [str(name) for name in frame.columns if name not in table.names]
    if missing or unknown:
        raise ValueError(f"result table {table.name}, {year}: missing columns {missing}, unknown columns {unknown}")
    fields = [pa.field(c.name, ARROW[c.type], nullable=c.type == "number") for c in table.columns]
    arrays = [_typed(table.name, column, frame[column.name]) for column in table.columns]
    rows = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    other = rows["year"].filter(pc.not_equal(rows["year"], year))
    if len(other):
        raise ValueError(f"result table {table.name}, {year}: found {len(other)} rows of other years ({other[0]})")
    # All columns take part, so that rows with equal keys do not keep the order in which they happened to come.
    by = [*table.key, *(name for name in table.names if name not in table.key)]
    return rows.take(pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in by]))


def _typed(table: str, column: ResultColumn, values: Series) -> pa.Array:
    place = f"result table {table}, column {column.name}"
    if column.type == "string":
        try:
            return pc.fill_null(pa.array(values.to_numpy(dtype=object), type=pa.string(), from_pandas=True), "")
        except pa.ArrowException as error:
            raise ValueError(f"{place}: found values that are not text ({error})") from error
    if column.type != "number" and values.isna().any():
        raise ValueError(f"{place}: found an empty value; a {column.type} is needed in every row")
    try:
        typed = values.to_numpy(dtype=column.dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place}: found {values.dtype} values that are not a {column.type} ({error})") from error
    if column.type == "integer" and not np.array_equal(typed, values.to_numpy(dtype="float64")):
        raise ValueError(f"{place}: found fractions where whole numbers are needed")
    # -0.0 and 0.0 are equal but have different bytes.
    return pa.array(typed + 0.0 if column.type == "number" else typed, type=ARROW[column.type])


def _write(folder: Path, table: ResultTable, year: int, rows: pa.Table) -> None:
    write_atomically(
        table_path(folder, table.name, year),
        lambda stream: pq.write_table(
            rows, stream, compression="zstd", compression_level=3, version="2.6", store_schema=False
        ),
    )


def read_table(run_dir: Path, table: str, years: Iterable[int] | None = None) -> pd.DataFrame:
    """Rows of one table for the given years (default: every year on disk), in year order, types per variables.csv.

    A table of ``LATER`` that the run does not have at all has no rows, a column of ``SPLIT_OFF`` that it does not have
    is NaN. ``ValueError`` for an unknown table; ``RunError`` if the run folder, a wanted year or a readable file is
    missing.
    """
    described = result_table(table)
    if not run_dir.is_dir():
        raise RunError(f"{run_dir}: there is no run folder here; check the path")
    wanted = _years_of(run_dir, table) if years is None or not has_table(run_dir, table) else sorted(set(years))
    parts = [_read(table_path(run_dir, table, year), described) for year in wanted]
    if not parts:
        return pd.DataFrame({column.name: pd.Series(dtype=column.dtype) for column in described.columns})
    frame: pd.DataFrame = pa.concat_tables(parts).to_pandas()
    return frame.astype({column.name: column.dtype for column in described.columns})


def _read(path: Path, table: ResultTable) -> pa.Table:
    try:
        rows = pq.ParquetFile(path).read()
    except FileNotFoundError as error:
        raise RunError(f"{path}: this year of the run is missing; resume or repeat the run") from error
    except (pa.ArrowException, OSError) as error:
        raise RunError(f"{path}: this file is damaged ({error}); delete the year and resume the run") from error
    split_off = SPLIT_OFF.get(table.name, {})
    if rows.schema.names == [name for name in table.names if name not in split_off]:
        for name in split_off:
            empty = pa.nulls(len(rows), pa.float64())
            rows = rows.add_column(table.names.index(name), pa.field(name, empty.type), empty)
    if rows.schema.names != list(table.names) or rows.schema.types != [ARROW[column.type] for column in table.columns]:
        found = ", ".join(f"{field.name} ({field.type})" for field in rows.schema)
        raise RunError(f"{path}: found columns {found}; made by another version, repeat the run")
    return rows


def has_table(run_dir: Path, table: str) -> bool:
    """False if the run lacks a table that a run may lack."""
    return table not in LATER or (run_dir / "tables" / table).is_dir()


def tables_in(run_dir: Path) -> tuple[str, ...]:
    """Names of the tables that a run has, in the order of variables.csv."""
    return tuple(name for name in SCHEMA if has_table(run_dir, name))


def years_done(run_dir: Path) -> tuple[int, ...]:
    """Years of which every table that the run has is on disk, ascending; empty for a folder without results."""
    sets = [set(_years_of(run_dir, table)) for table in tables_in(run_dir)]
    return tuple(sorted(set.intersection(*sets)))


def _years_of(run_dir: Path, table: str) -> list[int]:
    folder = run_dir / "tables" / table
    return sorted(int(path.stem) for path in folder.glob("*.parquet") if path.stem.isdigit())
