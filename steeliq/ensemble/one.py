"""One member, simulated in memory: the worker's side of an ensemble.

A process loads its dataset once and remembers the first years that it has solved. Nothing is written here; the table
goes back to whoever asked.
"""

from __future__ import annotations

import hashlib
import sys
from collections import OrderedDict
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Final

import numpy as np
import pyarrow as pa

from steeliq.ensemble.members import Change, changed_dataset, computing_code
from steeliq.ensemble.outputs import TABLES, catalogue_of, rows_of
from steeliq.errors import DatasetError, WorkerError
from steeliq.simulation.accounts.audit import check_audit
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.dataset.cache import unpacked
from steeliq.simulation.inputs import compile_inputs, initial_state
from steeliq.simulation.market.assembly import Programme
from steeliq.simulation.market.solver import Solution, solve
from steeliq.simulation.results.provenance import peak_memory
from steeliq.simulation.results.year import tables_of
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.state import Basis
from steeliq.simulation.step import advance

SCHEMA: Final = pa.schema(
    [
        pa.field("year", pa.int64(), nullable=False),
        pa.field("area", pa.string(), nullable=False),
        pa.field("output", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("value", pa.float64()),
    ]
)
"""Of a member's table."""

REMEMBERED: Final = 8
"""First years that a process remembers; one takes some ten megabytes in the reference world."""


@dataclass(frozen=True, slots=True)
class DatasetSource:
    """Where a worker finds the dataset, and what it must be."""

    hash: str
    path: Path | None  # None: the one that ships with steeliq

    @property
    def file(self) -> str:
        """Name of the packed dataset where it was sent to a worker's own folder."""
        return f"steeliq-{self.hash[:32]}.dataset"


@dataclass(frozen=True, slots=True)
class Order:
    """All that a worker needs for a member."""

    member: int
    scenario: Scenario
    dataset: DatasetSource
    changes: tuple[Change, ...]
    key: str
    code: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes back; seconds and memory depend on the machine, the table does not."""

    member: int
    table: pa.Table
    seconds: float
    peak_mb: float  # of the worker's process so far
    reused: bool  # the first year's solution was known


def simulate(order: Order) -> Outcome:
    """Simulate a member and give its outputs of all years.

    Raises what a year raises, BalanceError if a law is broken, WorkerError if this process has another code or dataset.
    """
    since = perf_counter()
    if order.code != computing_code():
        raise WorkerError(
            f"this worker has another version of steeliq (code {computing_code()[:12]}, wanted {order.code[:12]}); "
            "install the same one everywhere and start the workers again"
        )
    memory = FirstYears.of_this_process()
    known = memory.hits
    table = outputs(order.scenario, changed_dataset(dataset_of(order.dataset), order.changes), memory)
    table = table.replace_schema_metadata({"steeliq.key": order.key})
    return Outcome(order.member, table, perf_counter() - since, peak_memory() / 1e6, memory.hits > known)


def outputs(scenario: Scenario, dataset: Dataset, memory: FirstYears | None = None) -> pa.Table:
    """The outputs of all years (columns of ``SCHEMA``); nothing is written. Raises as `simulate` does."""
    inputs = compile_inputs(dataset, scenario)
    catalogue = catalogue_of(dataset)
    solver = solve if memory is None else memory.solve
    state, parts, cumulative = initial_state(inputs), [], 0.0
    while state.year <= scenario.period.end:
        state, result = advance(inputs, state, solver=solver)
        tables = tables_of(result.computed, TABLES)
        check_audit(tables["audit"], scenario.name)
        rows = rows_of(tables, catalogue, cumulative)
        cumulative = float(rows.loc[rows["output"] == "emissions.cumulative", "value"].iloc[0])
        parts.append(_typed(rows.assign(year=result.year, value=rows["value"] + 0.0)))
    return pa.concat_tables(parts).combine_chunks()


def _typed(rows: object) -> pa.Table:
    return pa.Table.from_pandas(rows, schema=SCHEMA, preserve_index=False).replace_schema_metadata(None)


def dataset_of(source: DatasetSource) -> Dataset:
    """The dataset, read once in a process. Raises WorkerError if it is not the one that is wanted."""
    with _lock:
        kept = _datasets.get(source.hash)
        if kept is None:
            try:
                kept = _sent(source) or load(source.path)
            except DatasetError as error:
                raise WorkerError(f"a worker cannot read the dataset: {error}") from error
            if kept.hash != source.hash:
                raise WorkerError(
                    f"{source.path or 'the reference dataset'}: this worker finds the dataset {kept.hash[:12]}, the "
                    f"ensemble was begun with {source.hash[:12]}; give all workers the same files"
                )
            _datasets.clear()
            _datasets[source.hash] = kept
        return kept


def _sent(source: DatasetSource) -> Dataset | None:
    """The dataset that the conductor sent to this worker of a cluster, if it did."""
    if source.path is None or "distributed" not in sys.modules:
        return None
    from distributed import get_worker

    try:
        folder = Path(get_worker().local_directory)
    except ValueError:  # not a worker of a cluster
        return None
    try:
        content = (folder / source.file).read_bytes()
    except OSError:
        return None
    return unpacked(content, source.path)


_datasets: dict[str, Dataset] = {}
_lock: Final = Lock()


class FirstYears:
    """Solutions of first years by the programme's content: equal arrays have equal solutions, bit for bit.

    Members that differ in agents' seeds only, or in what comes later, have the same first year, and a cold start is by
    far the longest solve.
    """

    _here: FirstYears | None = None

    def __init__(self) -> None:
        self.hits = 0
        self._known: OrderedDict[bytes, Solution] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def of_this_process(cls) -> FirstYears:
        """The one that all members of this process share."""
        with _lock:
            if cls._here is None:
                cls._here = cls()
            return cls._here

    def solve(self, programme: Programme, basis: Basis | None) -> Solution:
        """As the solver does, but what was solved cold before is not solved again."""
        if basis is not None:
            return solve(programme, basis)
        key = _digest(programme)
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self.hits += 1
                self._known.move_to_end(key)
                return found
        found = solve(programme, None)
        with self._lock:
            self._known[key] = found
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found


def _digest(programme: Programme) -> bytes:
    """SHA-256 of every array of the programme."""
    digest = hashlib.sha256()
    for field in fields(programme):
        value = getattr(programme, field.name)
        if isinstance(value, np.ndarray):
            digest.update(f"{field.name} {value.dtype} {value.shape}\n".encode())
            digest.update(np.ascontiguousarray(value).tobytes())
    return digest.digest()
