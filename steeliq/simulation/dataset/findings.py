"""Collects everything that is wrong with a dataset, so that a person can mend it in one go.

The same mistake in a thousand rows is listed twenty times and then counted: nobody reads a thousand lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches

import numpy as np
import pandas as pd

from steeliq.errors import Problem

#: How many rows with the same mistake in the same column are listed.
LISTED = 20
#: The first data row as a spreadsheet shows it; frames are indexed from 0.
FIRST_ROW = 2


class Findings:
    """A growing list of problems; ``rule`` is what was expected and what to do."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], list[Problem]] = {}

    def add(self, table: str, rule: str, *, column: str = "", row: int = 0, value: object = "", hint: str = "") -> None:
        """Note one problem; ``hint`` differs from row to row and does not make it another rule."""
        text = f"{rule}; {hint}" if hint else rule
        problem = Problem(table, row, column, _shown(value), text)
        self._found.setdefault((table, column, rule), []).append(problem)

    def rows(
        self,
        frame: pd.DataFrame,
        wrong: pd.Series | np.ndarray[tuple[int], np.dtype[np.bool_]],
        rule: str,
        *,
        table: str,
        column: str,
        hint: Callable[[str], str] | None = None,
    ) -> None:
        """Note a problem for each row in which ``wrong`` is true; the index is the row's place in the file."""
        for number in np.flatnonzero(np.asarray(wrong)):
            value = frame[column].array[number]
            row = int(frame.index[int(number)]) + FIRST_ROW
            self.add(table, rule, column=column, row=row, value=value, hint=hint(str(value)) if hint else "")

    def touched(self, table: str) -> bool:
        """True if something is already wrong with this table."""
        return any(found[0] == table for found in self._found)

    def problems(self) -> list[Problem]:
        """All problems in the order of table, row and column, long lists cut with a count."""
        listed: list[Problem] = []
        for (table, column, rule), same in self._found.items():
            ordered = sorted(same)
            listed += ordered[:LISTED]
            if len(ordered) > LISTED:
                more = f"... and {len(ordered) - LISTED} more like it ({rule})"
                listed.append(Problem(table, ordered[LISTED].row, column, "", more))
        return sorted(listed)


def close_matches(value: str, known: Iterable[str]) -> str:
    """A sentence that suggests what was perhaps meant, or what exists."""
    names = sorted({name for name in known if name})
    lower = {name.lower(): name for name in reversed(names)}
    near = [lower[match] for match in get_close_matches(value.lower(), list(lower), n=3, cutoff=0.6)]
    if near:
        return "did you mean " + " or ".join(near) + "?"
    if 0 < len(names) <= 8:
        return "known: " + ", ".join(names)
    return ""


def _shown(value: object) -> str:
    text = format(value, ".12g") if isinstance(value, float) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
