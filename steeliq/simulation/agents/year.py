"""Everything that the steps of one year's decisions share, and the journal in which they write."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.agents.balances import Balances
from steeliq.simulation.agents.breakdown import Breakdown
from steeliq.simulation.agents.foresight import Outlook
from steeliq.simulation.agents.ledger import Ledger
from steeliq.simulation.agents.limits import Limits
from steeliq.simulation.agents.lines import Lines
from steeliq.simulation.agents.sites import Sites
from steeliq.simulation.arrays import Floats, Labels
from steeliq.simulation.draws import gumbel
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.state import Fleet

DECISIONS = (
    *("year", "furnace_group", "plant", "country", "owner", "decision", "from_route", "to_route", "capacity", "npv"),
    *("gain", "investment", "start", "reason"),
)
CANDIDATES = ("year", "furnace_group", "route", "npv", "refused_by")
PARTS = (
    *("revenue", "materials", "energy", "conversion", "carbon", "fixed", "support"),
    *("old_line", "tightness", "equity", "debt_service", "stranded"),
)
REASONS = (*PARTS, "draw", "probability", "asked", "left")


@dataclass(slots=True)
class Journal:
    """Rows of the result tables `decisions`, `candidates` and `reasons` in the making."""

    decisions: list[tuple[object, ...]] = field(default_factory=list)
    candidates: list[tuple[object, ...]] = field(default_factory=list)
    reasons: list[tuple[Labels, Labels, Floats]] = field(default_factory=list)

    def explain(self, unit: Labels, route: Labels, values: Floats) -> None:
        """Add rows of the table `reasons`: furnace groups (n,), courses (n,) and the columns ``REASONS`` (n, r)."""
        self.reasons.append((unit, route, values))

    def reasons_table(self, year: int) -> pd.DataFrame:
        """The table `reasons`, sorted by furnace group and course."""
        values = np.concatenate([np.zeros((0, len(REASONS))), *(rows for _, _, rows in self.reasons)])
        units, routes = (
            np.concatenate([np.zeros(0, dtype=object), *(row[column] for row in self.reasons)]) for column in (0, 1)
        )
        table = pd.DataFrame(values, columns=list(REASONS))
        table.insert(0, "year", year)
        table.insert(1, "furnace_group", units)
        table.insert(2, "route", routes)
        return table.sort_values(["furnace_group", "route"], kind="stable").reset_index(drop=True)

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Both tables, sorted by furnace group."""
        decisions = pd.DataFrame(self.decisions, columns=list(DECISIONS)).sort_values("furnace_group", kind="stable")
        candidates = pd.DataFrame(self.candidates, columns=list(CANDIDATES)).sort_values("furnace_group", kind="stable")
        return decisions.reset_index(drop=True), candidates.reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class Year:
    """One year's decisions: what is known (frozen) and what moves (balances, limits, ledger, journal)."""

    inputs: Inputs
    year: int
    fleet: Fleet  # as the year found it, sorted by id
    books: Books  # rows as in the fleet
    lines: Lines
    outlook: Outlook
    breakdown: Breakdown
    sites: Sites
    balances: Balances
    limits: Limits
    ledger: Ledger
    journal: Journal

    @property
    def opening(self) -> int:
        """First year of what is decided now."""
        return self.year + self.inputs.scenario.finance.construction

    def noise(self, purpose: str, entities: list[str]) -> Floats:
        """Logit noise on NPVs (n,) USD/t; nothing is drawn in deterministic mode."""
        decisions = self.inputs.scenario.decisions
        if decisions.mode == "deterministic" or decisions.choice_scale == 0 or not entities:
            return np.zeros(len(entities))
        return decisions.choice_scale * gumbel(self.inputs.scenario.seed, self.year, purpose, entities)

    @property
    def noise_reach(self) -> float:
        """NPV difference beyond which logit noise practically never turns a choice (8 scales: 1 in 3,000), USD/t."""
        decisions = self.inputs.scenario.decisions
        return 0.0 if decisions.mode == "deterministic" else 8 * decisions.choice_scale

    def record(self, site: int, decision: str, to_route: str, **given: float | str) -> None:
        """Write a decision of a site into the journal."""
        row, sites = int(self.sites.row[site]), self.sites
        own = sites.fed[site] if sites.integrated[site] else self.fleet.capacity[row]
        self.journal.decisions.append(
            (
                *(self.year, self.fleet.id[row], self.fleet.plant[row], self.inputs.countries[self.fleet.country[row]]),
                *(self.fleet.owner[row], decision, self.lines.name[sites.line[site]], to_route, float(own)),
                *(given["npv"], given["gain"], given["investment"], given["start"], given["reason"]),
            )
        )
