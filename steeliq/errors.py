"""The few ways in which steeliq says no. Every message says what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SteeliqError(Exception):
    """Base of all errors that a user can act on; the shells print it without a traceback."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with an input.

    ``row`` counts data rows of the file from 1 as a person sees them (header = row 1, so data start at 2);
    0 means the whole table or file.
    """

    table: str
    row: int
    column: str
    value: str
    rule: str

    def __str__(self) -> str:
        place = (
            self.table + (f", row {self.row}" if self.row else "") + (f", column {self.column}" if self.column else "")
        )
        found = f": found {self.value!r}" if self.value else ""
        return f"{place}{found}; {self.rule}"


class InputError(SteeliqError):
    """An input is refused; ``problems`` lists everything wrong with it at once."""

    what = "input"

    def __init__(self, where: str, problems: Sequence[Problem]) -> None:
        self.where = where
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"{where}: this {self.what} has {count} problem{'s' if count != 1 else ''}:\n{lines}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, tuple[Problem, ...]]]:
        """So that it comes whole from another process."""
        return type(self), (self.where, self.problems)


class DatasetError(InputError):
    """A dataset cannot be used."""

    what = "dataset"


class ScenarioError(InputError):
    """A scenario cannot be used."""

    what = "scenario"


class DesignError(InputError):
    """A design of an ensemble cannot be used."""

    what = "design"


class QuestionError(InputError):
    """The question of a search cannot be answered as it is put."""

    what = "search"


class InfeasibleError(SteeliqError):
    """The year's linear programme has no solution; the message names the row families that conflict."""


class CertificateError(SteeliqError):
    """A solution of the linear programme failed our own check even after a cold re-solve."""


class BalanceError(SteeliqError):
    """A conservation law does not hold within tolerance."""


class RunError(SteeliqError):
    """A run folder cannot be used as asked (other inputs, locked, damaged, missing)."""


class AnalysisError(SteeliqError):
    """An ensemble cannot answer the question as put: its design does not fit, or members or figures are missing."""


class WorkerError(SteeliqError):
    """Workers of an ensemble are gone or cannot compute any member; what was finished is on disk."""


class UpdateError(SteeliqError):
    """Another version cannot be put in place; the one in use is as it was."""


class Cancelled(SteeliqError):
    """The run was asked to stop; what was finished is on disk."""
