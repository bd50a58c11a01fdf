"""The result tables of runs, read once and kept while there is room: a page must not wait for the disk.

A table is kept by run folder, name and the state of its folder on disk, so that a run that goes on (or is repeated)
is read anew and nothing stale is ever shown.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from steeliq.simulation.results.labels import Labels, read_labels
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.report.charts import RunTables
from steeliq.simulation.results.tables import has_table, read_table, years_done
from steeliq.simulation.results.variables import SCHEMA

ROOM: Final = 220_000_000
"""Bytes of tables that are kept; a run of the whole world to 2050 has some 40 million."""

ANSWERS: Final = 40_000_000
"""Bytes of drawn figures that are kept."""


class Kept[T]:
    """A least-recently-used store bounded by bytes; safe in the server's threads."""

    def __init__(self, room: int, size: Callable[[T], int]) -> None:
        self._room, self._size = room, size
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made if it is not here; two threads may make the same value, which does no harm."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
        value = make()
        size = self._size(value)
        with self._lock:
            if key not in self._values:
                self._values[key] = (value, size)
                self._used += size
            while self._used > self._room and len(self._values) > 1:
                _, (_, freed) = self._values.popitem(last=False)
                self._used -= freed
        return value

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)


def _bytes_of(frame: pd.DataFrame) -> int:
    return int(frame.memory_usage(deep=True).sum())


TABLES: Kept[pd.DataFrame] = Kept(ROOM, _bytes_of)
FIGURES: Kept[bytes] = Kept(ANSWERS, len)
_LABELS: Kept[Labels] = Kept(64, lambda _: 8)


class LazyTables(Mapping[str, pd.DataFrame]):
    """The result tables of one run by name, each read when it is first asked for."""

    def __init__(self, folder: Path, years: tuple[int, ...]) -> None:
        self._folder, self._years = folder, years

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in SCHEMA:
            raise KeyError(table)
        key = (str(self._folder), table, self._years, changed(self._folder / "tables" / table))
        return TABLES.get(key, lambda: read_table(self._folder, table, self._years))

    def __contains__(self, table: object) -> bool:
        """Whether the run has this table; one that it may lack is empty when it is asked for."""
        return isinstance(table, str) and table in SCHEMA and has_table(self._folder, table)

    def __iter__(self) -> Iterator[str]:
        return (table for table in SCHEMA if table in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def open_run(folder: Path) -> RunTables:
    """A run as the charts read it, with the years that are complete so far (perhaps none).

    ``RunError`` if there is no run in the folder or its record cannot be read.
    """
    document = read_run_json(folder)
    years = years_done(folder)
    reference = folder / "reference"
    labels = _LABELS.get((str(folder), changed(reference)), lambda: read_labels(folder))
    return RunTables(LazyTables(folder, years), labels, document, years)


def state_of(folder: Path, years: tuple[int, ...]) -> tuple[Any, ...]:
    """What changes when the results of a run change; part of the key of everything that is kept."""
    newest = max((changed(folder / "tables" / table) for table in SCHEMA), default=0)
    return (str(folder), years, newest, changed(folder / "run.json"))


def changed(path: Path) -> int:
    """When a file or folder last changed, ns; 0 if it is not there.

    Files come in by renaming, which touches their folder: one look at the folder sees every change.
    """
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


class KeptChoices:
    """What can be chosen in a run's filter, made once per state of its results."""

    _store: Kept[Any] = Kept(24, lambda _: 1)

    @classmethod
    def of[T](cls, folder: Path, run: RunTables, make: Callable[[RunTables], T]) -> T:
        """The choices of the run as ``make`` finds them."""
        choices: T = cls._store.get(state_of(folder, run.years), lambda: make(run))
        return choices
