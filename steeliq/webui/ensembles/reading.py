"""What an ensemble's pages read from its folder, kept as long as nothing there changes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final

import pandas as pd

from steeliq.ensemble import store
from steeliq.ensemble.analysis.cases import WORLD, factors_of, is_number, values_of
from steeliq.ensemble.design import Design
from steeliq.ensemble.outputs import output_of
from steeliq.errors import AnalysisError
from steeliq.webui.explore.stores import Kept, changed

FIRST: Final = ("emissions.scope1", "production", "near_zero_share")
"""Outputs that are shown if none is asked for; the first that there is."""

BESIDE: Final = {
    "emissions.scope1": "Scope 1",
    "emissions.cumulative": "Scope 1 since the first year",
    "near_zero_share": "Near-zero share",
    "price.steel": "Steel price",
    "investment": "Investment",
}
"""Outputs that stand in the matrix of correlations beside the chosen one, and what they are called there."""

_TABLES: Final[Kept[pd.DataFrame]] = Kept(120_000_000, lambda frame: int(frame.memory_usage(deep=True).sum()))
_READ: Final[Kept[Results]] = Kept(32, lambda _: 1)


@dataclass(frozen=True, slots=True)
class Told:
    """An output as people read it."""

    name: str
    unit: str
    words: str


class Results:
    """An ensemble's design, members and outputs as they were when it was opened; outputs are read one by one."""

    def __init__(self, folder: Path, document: Mapping[str, Any], state: Hashable) -> None:
        self.folder, self.document, self.state = folder, document, state
        self._reading = Lock()

    @cached_property
    def design(self) -> Design:
        """The design."""
        return store.read_design(self.folder)

    @cached_property
    def members(self) -> pd.DataFrame:
        """The table of members."""
        return store.read_members(self.folder)

    @cached_property
    def done(self) -> list[int]:
        """Numbers of the finished members."""
        return store.members_done(self.folder)

    @cached_property
    def factors(self) -> list[str]:
        """Names of the factors."""
        return factors_of(self.members)

    @cached_property
    def number_factors(self) -> list[str]:
        """Names of the factors whose values are numbers."""
        return [name for name in self.factors if is_number(self.members[name])]

    @cached_property
    def outputs(self) -> dict[str, Told]:
        """All outputs of the world by name, in the order in which a member has them."""
        if not self.done:
            return {}
        first = pd.read_parquet(store.result_path(self.folder, self.done[0]), columns=["area", "output", "unit"])
        rows = first[first["area"] == WORLD].drop_duplicates("output")
        return {
            str(name): Told(str(name), str(unit), output_of(str(name)).words)
            for name, unit in zip(rows["output"], rows["unit"], strict=True)
        }

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years of the outputs."""
        period = self.design.base.period
        return tuple(range(period.start, period.end + 1))

    def rows(self, *outputs: str) -> pd.DataFrame:
        """The world's rows of these outputs, of all finished members."""
        with self._reading:  # the figures of a page ask at once: one of them reads
            parts = [self._kept(name) for name in dict.fromkeys(outputs)]
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def _kept(self, output: str) -> pd.DataFrame:
        if (self.state, output) not in _TABLES:
            # To open the members' files takes longest: what most figures ask for is read with it.
            wanted = {output, *(name for name in BESIDE if name in self.outputs and (self.state, name) not in _TABLES)}
            found = store.read_results(self.folder, outputs=wanted, areas=[WORLD])
            for name in wanted - {output}:
                _TABLES.get((self.state, name), lambda name=name: found[found["output"] == name])  # type: ignore[misc]  # a default of a lambda has no type
            return _TABLES.get((self.state, output), lambda: found[found["output"] == output])
        return _TABLES.get(
            (self.state, output), lambda: store.read_results(self.folder, outputs=[output], areas=[WORLD])
        )

    def values(self, output: str, year: int) -> pd.Series[float]:
        """An output in a year by member. Raises AnalysisError."""
        return values_of(self.rows(output), output, year)

    @property
    def short_hash(self) -> str:
        """Eight digits that tell what the ensemble was made from."""
        return str(self.document.get("identity", {}).get("design", ""))[:8]

    @property
    def source(self) -> str:
        """Where its figures come from."""
        identity = self.document.get("identity", {})
        count = f"{len(self.done)} of {len(self.members)} members"
        return (
            f"results of {count}, design {str(identity.get('design'))[:8]}, dataset "
            f"{self.document.get('dataset', {}).get('name')} {str(identity.get('dataset'))[:8]}, code "
            f"{str(identity.get('code'))[:8]}"
        )


def open_ensemble(folder: Path) -> Results:
    """The ensemble in a folder. Raises RunError if there is none, or DesignError."""
    document = store.read_document(folder)
    results, record = folder / "results", folder / "ensemble.json"
    # A result comes in as a folder of its own, which touches the folder of results; a repeated one changes the record.
    live = document.get("status") == "running"
    state = (str(folder), changed(results), 0 if live else changed(record), document.get("done"))
    return _READ.get(state, lambda: Results(folder, document, state))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the figures of a page are about; every name is one that the ensemble has."""

    output: str
    year: int
    target: float | None
    below: bool  # the target is missed below its value, else above
    other: str  # output of the other axis of the scatter
    colour: str  # factor that colours it; "" for none


def asked_of(results: Results, query: Mapping[str, str]) -> Asked:
    """What a query asks for, as far as the ensemble has it. Raises AnalysisError if no member is finished."""
    if not results.outputs:
        raise AnalysisError("no member is finished yet; figures appear with the first")
    output = _one_of(query.get("output"), results.outputs, FIRST)
    rest = [name for name in ("price.steel", *results.outputs) if name in results.outputs and name != output]
    year = query.get("year", "")
    try:
        target = float(query.get("target", ""))
    except ValueError:
        target = None
    colour = query.get("colour", results.factors[0] if results.factors else "")
    return Asked(
        output=output,
        year=int(year) if year.isdecimal() and int(year) in results.years else results.years[-1],
        target=target if target is not None and abs(target) < 1e300 else None,
        below=query.get("side") == "below",
        other=_one_of(query.get("other"), results.outputs, rest or [output]),
        colour=colour if colour in results.factors else "",
    )


def _one_of(asked: str | None, known: Mapping[str, Any], first: Sequence[str]) -> str:
    if asked in known:
        return str(asked)
    return next((name for name in first if name in known), next(iter(known)))
