"""The members of an ensemble as a table, and those that lie within ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from steeliq.ensemble.analysis.cases import is_number
from steeliq.simulation.results.report.charts import short
from steeliq.webui.ensembles.reading import Asked, Results

MOST: Final = 200
"""Rows of the table that are shown at once."""


@dataclass(frozen=True, slots=True)
class Range:
    """What is asked of one factor, or of the output."""

    key: str  # in the address: f0, f1, ... or out
    label: str
    number: bool
    low: str
    high: str
    least: str
    most: str
    ends: tuple[float, float] = (0.0, 0.0)
    levels: tuple[tuple[str, bool], ...] = ()


def ranges_of(results: Results, asked: Asked, query: Any) -> list[Range]:
    """A range for each factor and the output, with what a query asks."""
    values = results.values(asked.output, asked.year)
    told = results.outputs[asked.output]
    columns = [(f"f{place}", name, results.members[name]) for place, name in enumerate(results.factors)]
    found = []
    for key, label, column in [*columns, ("out", f"{told.words}, {told.unit}", values)]:
        number = is_number(column)
        chosen = query.getlist(key)
        levels = () if number else tuple((level, level in chosen) for level in sorted(column.unique()))
        found.append(
            Range(
                key,
                label,
                number,
                query.get(f"{key}.low", ""),
                query.get(f"{key}.high", ""),
                short(float(column.min())) if number else "",
                short(float(column.max())) if number else "",
                (float(column.min()), float(column.max())) if number else (0.0, 0.0),
                levels,
            )
        )
    return found


def within(results: Results, asked: Asked, ranges: list[Range]) -> pd.DataFrame:
    """Finished members inside all ranges: their factors, seed and output (column ``out``)."""
    values = results.values(asked.output, asked.year)
    table = results.members.loc[values.index].assign(out=values)
    inside = pd.Series(True, table.index)
    for one in ranges:
        column = table["out"] if one.key == "out" else table[results.factors[int(one.key[1:])]]
        if one.number:
            low, high = _bound(one.low), _bound(one.high)
            inside &= (column >= low) if low is not None else True
            inside &= (column <= high) if high is not None else True
        else:
            wanted = {level for level, chosen in one.levels if chosen}
            inside &= column.isin(wanted) if wanted else True
    return table[inside]


def rows(results: Results, found: pd.DataFrame, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """The first rows in the order asked for (``sort``: out, member or a factor's key; ``-`` before it: falling)."""
    sort = query.get("sort", "member")
    by = {"out": "out", **{f"f{place}": name for place, name in enumerate(results.factors)}}.get(sort.lstrip("-"))
    ascending = not sort.startswith("-")
    ordered = found.sort_values(by, ascending=ascending, kind="stable") if by else found.sort_index(ascending=ascending)
    return [
        {
            "member": int(str(member)),
            "seed": int(row["agent_seed"]),
            "values": [(_shown(row[name]), isinstance(row[name], float)) for name in results.factors],
            "out": short(float(row["out"])),
        }
        for member, row in ordered.head(MOST).iterrows()
    ]


def columns(results: Results, asked: Asked, sort: str) -> list[dict[str, str | bool]]:
    """Heads of the table, each with the order that a press on it asks for."""
    told = results.outputs[asked.output]
    heads = [("member", "Member", True)]
    heads += [(f"f{place}", name, is_number(results.members[name])) for place, name in enumerate(results.factors)]
    heads += [("out", f"{told.words}, {told.unit}", True)]
    return [
        {
            "key": key,
            "label": label,
            "number": number,
            "order": "descending" if sort == f"-{key}" else "ascending" if sort == key else "none",
            "next": f"-{key}" if sort == key else key,
        }
        for key, label, number in heads
    ]


def _bound(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _shown(value: object) -> str:
    return short(value) if isinstance(value, float) else str(value)
