"""What a verification found, in one of three outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from steeliq.verify.compare import Compared, Difference


class Outcome(StrEnum):
    """The three outcomes."""

    IDENTICAL = "identical"
    WITHIN = "within tolerance"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Sums:
    """A table's sums: in the run's record (empty: an earlier version wrote none), of its files, of the repetition's."""

    recorded: str
    stored: str
    again: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A run, repeated from its own record, and how the two compare.

    ``why_not_strictly``: what differs between then and now, so that only tolerances can be asked for; empty if
    every bit must agree. ``altered``: tables whose files are not those that the record was written for.
    """

    name: str
    stored: Mapping[str, Any]  # run.json
    again: Mapping[str, Any]  # run.json of the repetition
    outcome: Outcome
    why_not_strictly: tuple[str, ...]
    tables: tuple[Compared, ...]
    sums: Mapping[str, Sums]
    total: Sums
    altered: tuple[str, ...]
    first: Difference | None
    largest: Difference | None
    record_sum: str  # SHA-256 of run.json
    seconds: float
    peak_memory_mb: float

    @property
    def is_good(self) -> bool:
        """The run is what its record says."""
        return self.outcome != Outcome.DIFFERENT

    @property
    def headline(self) -> str:
        """The outcome in a few words."""
        return {
            Outcome.IDENTICAL: "Identical",
            Outcome.WITHIN: "Same decisions, numbers within tolerance",
            Outcome.DIFFERENT: "Different",
        }[self.outcome]

    @property
    def sentence(self) -> str:
        """The outcome in a sentence or two."""
        count, years = len(self.tables), "{}–{}".format(*self.stored["years"])
        if self.outcome == Outcome.IDENTICAL:
            return f"Repeated from its own record, all {count} tables of {years} are the same, bit for bit."
        if self.outcome == Outcome.WITHIN:
            size = self.largest.size if self.largest else 0.0
            return (
                f"Repeated from its own record, every decision, text and whole number in {count} tables of {years} is "
                f"the same; numbers differ by at most {size:.1e}, within each table's tolerance."
            )
        begin = f"First difference: {self.first}." if self.first else "The stored tables are not those of the record."
        if self.altered:
            begin += f" Changed after the run was recorded: {', '.join(self.altered)}."
        return begin
