"""Everything that is wrong with a dataset's tables, all at once.

Three layers: cells (text that is no number; ``cells.py``), columns (bounds, choices, keys, references: what
``columns.csv`` states; here), and sense (tables that contradict each other; ``consistency.py`` and, for the
element balance, ``technology.recipes``). A later layer skips what an earlier one has already refused.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa

from steeliq.errors import Problem
from steeliq.simulation.dataset.cells import RawTable, typed
from steeliq.simulation.dataset.consistency import check_consistency
from steeliq.simulation.dataset.findings import FIRST_ROW, Findings, close_matches
from steeliq.simulation.dataset.iso3 import ISO3
from steeliq.simulation.dataset.schema import NEGATABLE, WORLD, Column, Table, schema

#: Values beyond these are mistakes of unit, not facts: (least, greatest) in the column's canonical unit.
PLAUSIBLE: Mapping[tuple[str, str], tuple[float, float]] = {
    ("furnace_groups", "capacity"): (100.0, 60e6),
    ("mines", "capacity"): (0.0, 2e9),
    ("steel_demand", "demand"): (0.0, 3e9),
    ("scrap_supply", "supply"): (0.0, 3e9),
    ("technology_costs", "value"): (0.0, 20_000.0),
    ("prices", "price"): (0.0, 100_000.0),
    ("carbon_prices", "price"): (0.0, 5_000.0),
    ("free_allocation", "benchmark"): (0.0, 10.0),
    ("commodities", "carbon"): (0.0, 1.0),
    ("commodities", "upstream"): (0.0, 100.0),
    ("ore_supply", "cost"): (0.0, 5_000.0),
    ("scrap_tiers", "cost"): (0.0, 5_000.0),
    ("distances", "sea"): (0.0, 50_000.0),
    ("distances", "land"): (0.0, 20_000.0),
    ("transport_costs", "handling"): (0.0, 1_000.0),
    ("transport_costs", "sea"): (0.0, 1.0),
    ("transport_costs", "land"): (0.0, 1.0),
    ("bill_of_materials", "amount"): (0.0, 1_000.0),
}


def problems(tables: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """All that keeps ``tables`` (canonical units) from being a dataset; [] if nothing does.

    Row numbers are those that a spreadsheet of the frame would show (header = 1).
    """
    findings = Findings()
    checked({name: as_text(frame) for name, frame in tables.items()}, findings)
    return findings.problems()


def as_text(frame: pd.DataFrame) -> RawTable:
    """The cells of a frame as the text that would be written for them."""
    columns = {str(name): pa.array([_text(value) for value in frame[name].tolist()], pa.string()) for name in frame}
    return RawTable(columns, np.arange(len(frame), dtype=np.int64))


def checked(
    raw: Mapping[str, RawTable], findings: Findings, unread: Collection[str] = frozenset()
) -> dict[str, pd.DataFrame]:
    """Typed frames of all tables, with every problem of theirs noted in ``findings``.

    ``unread``: tables that exist but could not be read, which is noted already. Frames are indexed by place
    (0 = first data row); they are fit for use only if nothing was found.
    """
    absent = _check_tables(raw, findings, unread)
    none = np.zeros(0, dtype=np.int64)
    frames: dict[str, pd.DataFrame] = {}
    for name, table in schema().items():
        empty = RawTable({column: pa.array([], pa.string()) for column in table.names}, none)
        frames[name] = typed(raw.get(name, empty), table, findings)
    # what is not known whole cannot prove that something is missing: a table without columns is not looked at
    known = {name: pd.DataFrame() if name in absent else frame for name, frame in frames.items()}
    areas = area_names(known)
    for name in raw:
        if name in schema():
            _check_table(frames[name], known, schema()[name], areas, findings)
    check_consistency(known, findings)
    return frames


def area_names(frames: Mapping[str, pd.DataFrame]) -> frozenset[str] | None:
    """Countries, blocs, regions and the world: all that may stand in an area column; None if not known."""
    names: set[str] = {WORLD}
    for table, column in (("countries", "country"), ("countries", "region"), ("blocs", "bloc")):
        if column not in frames[table]:
            return None
        names |= set(frames[table][column])
    return frozenset(names - {""})


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return "" if value is None or value is pd.NA else str(value)


def _check_tables(raw: Mapping[str, RawTable], findings: Findings, unread: Collection[str]) -> set[str]:
    """Note tables that are unknown, missing or empty; give the names of those whose rows are not all known."""
    for name in raw:
        if name not in schema():
            findings.add(name, "no table has this name; remove or rename it", hint=close_matches(name, schema()))
    absent = {name for name in unread if name not in raw} | {name for name, table in raw.items() if not table.whole}
    for name, table in schema().items():
        if table.may_be_empty or name in absent:
            continue
        if name not in raw:
            findings.add(name, "the table is missing; add it (a file and its entry in datapackage.json)")
            absent.add(name)
        elif len(raw[name].places) == 0:
            findings.add(name, "the table has no rows, but nothing can be simulated without it; add its rows")
            absent.add(name)
    return absent


def _check_table(
    frame: pd.DataFrame,
    known: Mapping[str, pd.DataFrame],
    table: Table,
    areas: frozenset[str] | None,
    findings: Findings,
) -> None:
    if frame.empty:
        return
    for column in table.columns:
        if column.name in frame:
            _check_column(frame, known, column, areas, findings)
    if table.key and set(table.key) <= set(frame.columns):
        _check_key(frame, table, findings)


def _check_column(
    frame: pd.DataFrame,
    known: Mapping[str, pd.DataFrame],
    column: Column,
    areas: frozenset[str] | None,
    findings: Findings,
) -> None:
    values = frame[column.name]
    note = partial(findings.rows, table=column.table, column=column.name)
    if column.reference is not None:
        table, key = column.reference
        if key in known[table]:
            there = set(known[table][key])
            rule = f"it does not exist in {table}.{key}; correct it or add it there"
            note(frame, ~values.isin([*there, ""]), rule, hint=lambda value: close_matches(value, there))
    elif column.choices:
        rule = "one of " + ", ".join(column.choices) + " is expected"
        note(
            frame,
            ~values.isin([*column.choices, ""]),
            rule,
            hint=lambda value: _meant(value, column.choices),
        )
    elif column.rule == "iso3":
        rule = "an ISO 3166-1 alpha-3 code in capitals is expected, such as DEU (Kosovo: XKX)"
        note(frame, ~values.isin([*ISO3, ""]), rule)
    elif column.rule == "area" and areas is not None:
        bare = values.str.removeprefix("NOT ") if (column.table, column.name) in NEGATABLE else values
        note(
            frame,
            ~bare.isin([*areas, ""]),
            "no country, bloc or region has this name (nor is it WORLD); correct it or add it to countries or blocs",
            hint=lambda value: close_matches(value, areas),
        )
    elif column.type in {"number", "integer"}:
        _check_range(frame, column, findings)


def _check_range(frame: pd.DataFrame, column: Column, findings: Findings) -> None:
    values = frame[column.name].to_numpy()
    low, high, low_allowed = column.bounds
    unit = "" if column.unit in {"", "1", "year"} else f" {column.unit}"
    note = partial(findings.rows, table=column.table, column=column.name)
    wrong = (values < low) | (values > high) | ((values == low) & (not low_allowed))
    if math.isinf(high):
        rule = f"a value {'of at least' if low_allowed else 'above'} {low:g}{unit} is expected"
    else:
        rule = f"a value from {low:g} to {high:g}{unit} is expected"
    note(frame, wrong, rule)
    if (column.table, column.name) in PLAUSIBLE:
        least, greatest = PLAUSIBLE[column.table, column.name]
        rule = f"the value is implausibly {{}} (usual: {least:g} to {greatest:g}{unit}); check the unit of the column"
        note(frame, ~wrong & (values > greatest), rule.format("large"))
        note(frame, ~wrong & (values < least), rule.format("small"))


def _check_key(frame: pd.DataFrame, table: Table, findings: Findings) -> None:
    key = list(table.key)
    again = frame.duplicated(key, keep="first")
    if not again.any():
        return
    told = frame[key].notna().all(axis=1) & (frame[key] != "").all(axis=1)
    first: dict[tuple[object, ...], int] = {}
    rule = f"each {' + '.join(key)} may stand in one row only; remove or rename this row"
    for place, values in zip(frame.index[told], frame.loc[told, key].itertuples(index=False, name=None), strict=True):
        row = int(place) + FIRST_ROW
        if first.setdefault(values, row) != row:
            value, hint = " + ".join(map(str, values)), f"it already stands in row {first[values]}"
            findings.add(table.name, rule, column=key[0], row=row, value=value, hint=hint)


def _meant(value: str, choices: tuple[str, ...]) -> str:
    return close_matches(value, choices) if len(choices) > 8 or close_matches(value, choices).startswith("did") else ""
