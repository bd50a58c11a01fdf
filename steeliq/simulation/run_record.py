"""What a run writes about itself: run.json, its inputs beside the results, and the summary at its end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO, Final

import pandas as pd

from steeliq.atomic import PARTIAL, write_atomically, write_text_atomically
from steeliq.errors import RunError
from steeliq.simulation import checkpoint
from steeliq.simulation.dataset.canonical import csv_text
from steeliq.simulation.dataset.dataset import Dataset
from steeliq.simulation.dataset.schema import schema
from steeliq.simulation.inputs import Inputs, initial_state
from steeliq.simulation.market.solver import COLD, OPTIONS, WARM
from steeliq.simulation.results.estimates import estimated
from steeliq.simulation.results.labels import TABLES as LABELS
from steeliq.simulation.results.provenance import (
    installed,
    kit,
    peak_memory,
    provenance,
    read_run_json,
    write_run_json,
)
from steeliq.simulation.results.readme import write_readme
from steeliq.simulation.results.sums import table_sums, total_sum
from steeliq.simulation.results.tables import read_table
from steeliq.simulation.scenario.files import differences, scenario_hash, to_toml
from steeliq.simulation.state import State

SOLVE: Final = "solve"
"""The stage of a year in which the solver works."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run that ended well has to say; seconds and memory cover earlier parts of a resumed run."""

    run_dir: Path
    status: str
    scenario: str
    years: tuple[int, int]
    dataset_hash: str
    seconds: float
    stage_seconds: Mapping[str, float]
    peak_memory_mb: float
    audit_worst: float
    notes: tuple[str, ...]

    @property
    def solver_seconds(self) -> float:
        """Seconds inside the solver."""
        return self.stage_seconds.get(SOLVE, 0.0)


@dataclass(slots=True)
class Clock:
    """Seconds by stage: one stage ends where the next begins."""

    seconds: dict[str, float] = field(default_factory=dict)
    earlier: float = 0.0
    _stage: str = ""
    _since: float = field(default_factory=perf_counter)
    _start: float = field(default_factory=perf_counter)

    def enter(self, stage: str) -> None:
        """Close the running stage and open the next; an empty name opens none."""
        now = perf_counter()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now

    @property
    def total(self) -> float:
        """Seconds since the start, with those of earlier parts of the run."""
        return self.earlier + perf_counter() - self._start


def code_hash() -> str:
    """SHA-256 [hex] of the simulation's source files: which code computes a year."""
    digest = hashlib.sha256()
    for name, file in sorted(_sources(files("steeliq.simulation"), "")):
        digest.update(f"{name}\n".encode())
        digest.update(hashlib.sha256(file.read_bytes().replace(b"\r\n", b"\n")).digest())
    return digest.hexdigest()


TELLING: Final = frozenset(
    {"crate.py", "estimates.py", "export.py", "iamc.py", "labels.py", "machine.py", "readme.py", "sums.py"}
)
"""Modules that only tell what was computed."""


def _sources(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    """Python and table files below a folder; the report, exports and the README change no result."""
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name not in {"__pycache__", "report"}:
            yield from _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".py", ".csv")) and entry.name not in TELLING:
            yield prefix + entry.name, entry


_SUMS: Final[dict[str, dict[str, str]]] = {}  # by the dataset's hash: many runs of one process share a dataset


def dataset_sums(dataset: Dataset) -> dict[str, str]:
    """SHA-256 [hex] of each table of a dataset that has rows: of the CSV file that a bundle holds of it."""
    if dataset.hash not in _SUMS:
        tables = ((name, dataset[name], table) for name, table in schema().items() if len(dataset[name]))
        _SUMS[dataset.hash] = {
            name: hashlib.sha256(csv_text(frame, table).encode()).hexdigest() for name, frame, table in tables
        }
    return _SUMS[dataset.hash]


def solver_record() -> dict[str, Any]:
    """The solver and all options that are not its defaults."""
    return {"name": "HiGHS", "version": installed("highspy"), "options": {**OPTIONS, "solver": f"{COLD}, then {WARM}"}}


class Record:
    """The run folder's run.json and what goes into it; the caller holds the folder's lock."""

    def __init__(self, out: Path, inputs: Inputs, clock: Clock) -> None:
        self.out, self.inputs, self.clock = out, inputs, clock
        self.identity = {
            "dataset": inputs.dataset.hash,
            "scenario": scenario_hash(inputs.scenario),
            "code": code_hash(),
        }
        self.first, self.last = inputs.scenario.period.start, inputs.scenario.period.end
        self.count = self.last - self.first + 1
        self.made_of = {"scenario": self.identity["scenario"], "dataset": dataset_sums(inputs.dataset)}
        self.started = datetime.now(UTC)
        self.notes: list[str] = []
        self.parts = 1
        self.peak_mb = 0.0
        self.document: dict[str, Any] = {}

    def go_on_from_earlier(self) -> None:
        """Take over the earlier parts' times; RunError names every input that is not the same as then."""
        if not (self.out / "run.json").is_file():
            self.notes.append("there was nothing to resume; started from the first year")
            return
        earlier = read_run_json(self.out)
        then = earlier.get("identity", {})
        other = [name for name, now in self.identity.items() if then.get(name) != now]
        if other:
            found = "; ".join(
                f"{name} then {str(then.get(name))[:12]}, now {self.identity[name][:12]}" for name in other
            )
            raise RunError(
                f"{self.out}: this run cannot go on, since its {' and '.join(other)} changed ({found}); "
                "restore what it was begun with or begin a new run in another folder"
            )
        self.document = earlier
        self.started = datetime.fromisoformat(earlier["started"])
        self.clock.earlier = float(earlier.get("active_seconds", 0.0))
        self.clock.seconds |= {name: float(value) for name, value in earlier.get("stage_seconds", {}).items()}
        self.notes = [str(note) for note in earlier.get("notes", [])]
        self.parts = int(earlier.get("parts", 1)) + (earlier.get("status") != "complete")
        self.peak_mb = float(earlier.get("peak_memory_mb", 0.0))

    def begin(self) -> State:
        """Write what the run is made from; the state to go on from."""
        for partial in self.out.rglob(f"*{PARTIAL}"):
            partial.unlink()
        state, notes = checkpoint.load(self.out, self.identity)
        if notes and state is None:
            notes.append("no sound checkpoint is left; started from the first year")
        self.notes += notes
        if state is not None:
            self.document["last_year_done"] = state.year - 1
        self._write("running")
        write_text_atomically(self.out / "scenario.toml", to_toml(self.inputs.scenario))
        write_readme(self.out)
        for name in LABELS:
            _write_reference(self.out / "reference" / f"{name}.parquet", self.inputs.dataset[name])
        return state or initial_state(self.inputs)

    def year_done(self, year: int) -> None:
        """Note progress and times, so that a resumed run knows them; called while the next year is being solved."""
        self.document |= {"last_year_done": year, **self._measured()}
        write_run_json(self.out, self.document)

    def close(self, status: str, error: BaseException | None = None) -> None:
        """Write the final run.json."""
        self.clock.enter("")
        self._write(status, ended=datetime.now(UTC), error=error)

    def summary(self) -> RunSummary:
        """The summary of a complete run."""
        return RunSummary(
            run_dir=self.out,
            status=str(self.document["status"]),
            scenario=self.inputs.scenario.name,
            years=(self.first, self.last),
            dataset_hash=self.inputs.dataset.hash,
            seconds=float(self.document["active_seconds"]),
            stage_seconds=dict(self.document["stage_seconds"]),
            peak_memory_mb=float(self.document["peak_memory_mb"]),
            audit_worst=float(self.document["audit"]["residual"]),
            notes=tuple(self.notes),
        )

    def _measured(self) -> dict[str, Any]:
        return {
            "active_seconds": round(self.clock.total, 3),
            "stage_seconds": {name: round(seconds, 3) for name, seconds in dict(self.clock.seconds).items()},
            "solver_seconds": round(self.clock.seconds.get(SOLVE, 0.0), 3),
            "peak_memory_mb": round(max(self.peak_mb, peak_memory() / 1e6), 1),
        }

    def _write(self, status: str, ended: datetime | None = None, error: BaseException | None = None) -> None:
        scenario, dataset = self.inputs.scenario, self.inputs.dataset
        done = self.document.get("last_year_done")
        document = provenance(
            scenario=scenario.model_dump(mode="json"),
            differences=differences(scenario),
            dataset=dataset.name,
            dataset_hash=dataset.hash,
            seed=scenario.seed,
            years=(self.first, self.last),
            started=self.started,
            ended=ended,
            audit=read_table(self.out, "audit") if ended else None,
            status=status,
        )
        document |= {"identity": self.identity, "parts": self.parts, "notes": self.notes, **self._measured()}
        document["estimated"] = estimated(dataset.tables, document["scenario"])
        document |= {"inputs": self.made_of, "solver": solver_record(), "kit": kit()}
        if status == "complete":
            sums = table_sums(self.out)
            document |= {"tables": sums, "total": total_sum(sums)}
        if done is not None:
            document["last_year_done"] = done
        if error is not None:
            document["error"] = f"{type(error).__name__}: {error}"
        self.document = document
        write_run_json(self.out, document)


def _write_reference(path: Path, frame: pd.DataFrame) -> None:
    def write(stream: BinaryIO) -> None:
        frame.to_parquet(stream, index=False)

    write_atomically(path, write)
