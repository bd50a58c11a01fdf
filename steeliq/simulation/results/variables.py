"""Which result tables and columns exist, with their units: variables.csv read once into a schema.

Every writer, reader, export and chart takes column order, types and units from here and nowhere else.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal

type Dtype = Literal["str", "float64", "int64", "bool"]

DTYPES: Final[Mapping[str, Dtype]] = MappingProxyType(
    {"string": "str", "number": "float64", "integer": "int64", "boolean": "bool"}
)
"""pandas dtype of each column type of variables.csv."""


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column of a result table; ``unit`` is empty where the column has none."""

    name: str
    type: str
    unit: str
    description: str

    @property
    def dtype(self) -> Dtype:
        """The pandas dtype in which the column is read."""
        return DTYPES[self.type]


@dataclass(frozen=True, slots=True)
class ResultTable:
    """One result table; its columns in the order in which they are written."""

    name: str
    columns: tuple[ResultColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def key(self) -> tuple[str, ...]:
        """Leading text and integer columns: what tells the rows apart and gives their order."""
        names: list[str] = []
        for column in self.columns:
            if column.type not in ("string", "integer"):
                break
            names.append(column.name)
        return tuple(names)

    def unit(self, column: str) -> str:
        """Unit of a column; ``ValueError`` if there is no such column."""
        for candidate in self.columns:
            if candidate.name == column:
                return candidate.unit
        raise ValueError(f"result table {self.name} has no column {column!r}; it has {', '.join(self.names)}")


def schema() -> Mapping[str, ResultTable]:
    """All result tables by name, in the order of variables.csv."""
    text = files("steeliq.simulation.results").joinpath("variables.csv").read_text(encoding="utf-8")
    columns: dict[str, list[ResultColumn]] = {}
    for row in csv.DictReader(text.splitlines()):
        column = ResultColumn(row["column"], row["type"], row["unit"], row["description"])
        columns.setdefault(row["table"], []).append(column)
    return MappingProxyType({name: ResultTable(name, tuple(found)) for name, found in columns.items()})


SCHEMA: Final = schema()

OPTIONAL: Final = frozenset({"demand_response", "site_energy", "stock"})
"""Tables of options: a run that does not take the option lacks them."""

LATER: Final = OPTIONAL | {"support", "scarcity", "grades", "reasons", "write_offs"}
"""Tables that a run may lack: those of options, and those that runs of earlier versions do not have."""

SPLIT_OFF: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"flows": {"border_charge": "duty"}})
"""Columns that runs of earlier versions lack, by table: they are read as empty, and the other column holds both."""


def result_table(name: str) -> ResultTable:
    """The table of that name; ``ValueError`` if variables.csv has none."""
    if name not in SCHEMA:
        raise ValueError(f"there is no result table {name!r}; variables.csv has {', '.join(SCHEMA)}")
    return SCHEMA[name]
