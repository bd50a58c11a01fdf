"""Does every law of the audit hold, how far from its limit, and when was it nearest? One line for each law."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import pandas as pd

from steeliq.simulation.accounts.laws import TOLERANCE as LIMIT

TOLD: Final = f"1e{math.log10(LIMIT):.0f}"
"""The limit for people."""


@dataclass(frozen=True, slots=True)
class Law:
    """The worst of a law's checks: relative residual (infinite if it is no number), year, and what it was about."""

    name: str
    checks: int
    residual: float
    year: int
    scope: str
    where: str
    holds: bool

    @property
    def shown(self) -> str:
        """The residual for people."""
        return "not a number" if math.isinf(self.residual) else "0" if self.residual == 0 else f"{self.residual:.1e}"

    @property
    def distance(self) -> str:
        """How many times below the limit, for people; empty for a law that is broken or exactly kept."""
        return f"{float(f'{LIMIT / self.residual:.2g}'):,.0f}" if self.holds and self.residual > 0 else ""


def by_law(audit: pd.DataFrame) -> list[Law]:
    """One line per law of a result table ``audit``, the one nearest to its limit (or farthest beyond it) first."""
    rows = audit.assign(rank=audit["residual"].fillna(math.inf))
    rows = rows.sort_values(["passed", "rank", "year", "invariant"], ascending=[True, False, True, True], kind="stable")
    checks = rows["invariant"].value_counts()
    return [
        Law(
            str(row["invariant"]), int(checks[row["invariant"]]), float(row["rank"]), int(row["year"]),
            str(row["scope"]), str(row["where"]), bool(row["passed"]),
        )
        for row in rows.drop_duplicates("invariant").to_dict("records")
    ]  # fmt: skip


def verdict(laws: list[Law]) -> str:
    """The audit in a sentence or two.

    >>> verdict([Law("iron", 26, 2e-10, 2036, "world", "world", True)])
    'Every law holds: 1 law, 26 checks. Nearest to its limit of 1e-6 is “iron” in 2036, 5,000 times below it.'
    """
    if not laws:
        return "This run has no audit."
    worst, checks = laws[0], sum(law.checks for law in laws)
    broken = sum(not law.holds for law in laws)
    of = f"{len(laws)} law{'s' if len(laws) > 1 else ''}"
    if broken:
        return (
            f"{broken} of {of} {'is' if broken == 1 else 'are'} broken. Worst is “{worst.name}” in {worst.year}: "
            f"{worst.shown} against a limit of {TOLD} ({worst.where})."
        )
    first = f"Every law holds: {of}, {checks:,} checks."
    if not worst.distance:
        return f"{first} All are kept exactly."
    far = f"{worst.distance} times below it"
    return f"{first} Nearest to its limit of {TOLD} is “{worst.name}” in {worst.year}, {far}."
