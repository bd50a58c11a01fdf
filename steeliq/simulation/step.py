"""One year of the world, on one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from steeliq.simulation.accounts.audit import audit
from steeliq.simulation.accounts.books import books_of, lcos_curve
from steeliq.simulation.accounts.emissions import emissions_of
from steeliq.simulation.agents.decide import decide
from steeliq.simulation.aging import next_state, served
from steeliq.simulation.inputs import Inputs, learned
from steeliq.simulation.market.dispatch import Solver, dispatch
from steeliq.simulation.market.groups import groups_of
from steeliq.simulation.market.network import network_of
from steeliq.simulation.market.prices import nodal, ruled
from steeliq.simulation.market.response import responded
from steeliq.simulation.market.solver import solve
from steeliq.simulation.results.year import Year, tables_of
from steeliq.simulation.state import State


@dataclass(frozen=True)
class YearResult:
    """What a year leaves behind; its tables are drawn up when first asked for, so that this need not delay the next."""

    year: int
    audit_worst: float
    computed: Year

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tidy tables by name (results/variables.csv)."""
        return tables_of(self.computed)


def _ignore(_: str) -> None: ...


def advance(
    inputs: Inputs, state: State, on_stage: Callable[[str], None] = _ignore, solver: Solver = solve
) -> tuple[State, YearResult]:
    """Take the world from the start of one year to the start of the next.

    ``on_stage`` is told the name of each stage before it begins; ``solver`` may know the solution already.
    Raises InfeasibleError or CertificateError; a broken invariant does not raise here, it stands in the audit table.
    """
    on_stage("network")
    inputs = responded(learned(inputs, state.fleet, state.year), state)
    groups = groups_of(inputs, state.fleet, state.year)
    network = network_of(inputs, groups, state.year, (state.embedded, state.allowed), state.injected)
    on_stage("solve")
    flows = dispatch(inputs, network, state.basis, solver)
    on_stage("accounts")
    at_nodes = nodal(inputs, flows)
    prices = ruled(inputs, at_nodes, flows, lambda: lcos_curve(inputs, state.fleet, flows, at_nodes))
    books = books_of(inputs, state.fleet, flows, prices)
    emissions = emissions_of(inputs, flows, state.fleet)
    on_stage("decisions")
    choices = decide(inputs, served(state, books), prices, books)
    later, owners = next_state(inputs, state, flows, prices, books, choices)
    on_stage("audit")
    findings = audit(inputs, state, later, flows, books, emissions, choices, owners)
    year = Year(inputs, state, flows, prices, books, emissions, choices, later, owners, findings)
    return later, YearResult(state.year, max(finding.residual for finding in findings), year)
