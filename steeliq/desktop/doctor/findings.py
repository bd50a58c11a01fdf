"""What an examination says: how serious it is, what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How serious; a problem keeps steeliq from working or endangers data."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; ``remedy`` is a sentence to act on.

    ``details`` are lines for whoever helps; ``own`` are lines that may hold the user's own words and names: shown to
    the user, never passed on unasked.
    """

    level: Level
    found: str
    remedy: str = ""
    details: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; its name is stable, for programs that read the answers."""

    name: str
    title: str
    examine: Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found and the seconds that took."""

    check: Check
    finding: Finding
    seconds: float


def ok(found: str, *details: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, found, "", details)


def warning(found: str, remedy: str, *details: str, own: Sequence[str] = ()) -> Finding:
    """It works, but something should be done."""
    return Finding(Level.WARNING, found, remedy, details, tuple(own))


def problem(found: str, remedy: str, *details: str) -> Finding:
    """It does not work, or data are in danger."""
    return Finding(Level.PROBLEM, found, remedy, details)


def a_few(names: list[str] | tuple[str, ...], shown: int = 3) -> str:
    """The first names and the number of the others.

    >>> a_few(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")
