"""One year of the world, on one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from steeliq.simulation.accounts.audit import audit
from steeliq.simulation.accounts.books import books_of, lcos_curve
from steeliq.simulation.accounts.emissions import emissions_of
from steeliq.simulation.agents.decide import decide
from steeliq.simulation.aging import next_state, served
from steeliq.simulation.inputs import Inputs, learned
from steeliq.simulation.market.dispatch import dispatch
from steeliq.simulation.market.groups import groups_of
from steeliq.simulation.market.network import network_of
from steeliq.simulation.market.prices import nodal, ruled
from steeliq.simulation.results.year import Year, tables_of
from steeliq.simulation.state import State


@dataclass(frozen=True, slots=True)
class YearResult:
    """What a year leaves behind: tidy tables by name, and the worst residual of its audit."""

    year: int
    tables: Mapping[str, pd.DataFrame]
    audit_worst: float


def _ignore(_: str) -> None: ...


def advance(inputs: Inputs, state: State, on_stage: Callable[[str], None] = _ignore) -> tuple[State, YearResult]:
    """Take the world from the start of one year to the start of the next.

    ``on_stage`` is told the name of each stage before it begins. Raises InfeasibleError or CertificateError; a broken
    invariant does not raise here, it stands in the audit table.
    """
    on_stage("network")
    inputs = learned(inputs, state.fleet, state.year)
    groups = groups_of(inputs, state.fleet, state.year)
    network = network_of(inputs, groups, state.year, state.embedded)
    on_stage("solve")
    flows = dispatch(inputs, network, state.basis)
    on_stage("accounts")
    at_nodes = nodal(inputs, flows)
    prices = ruled(inputs, at_nodes, flows, lcos_curve(inputs, state.fleet, flows, at_nodes))
    books = books_of(inputs, state.fleet, flows, prices)
    emissions = emissions_of(inputs, flows, state.fleet.country)
    on_stage("decisions")
    choices = decide(inputs, served(state, books), prices, books)
    later, owners = next_state(inputs, state, flows, books, choices)
    on_stage("audit")
    findings = audit(inputs, state, later, flows, books, emissions, choices, owners)
    on_stage("tables")
    year = Year(inputs, state, flows, prices, books, emissions, choices, later, owners, findings)
    return later, YearResult(state.year, tables_of(year), max(finding.residual for finding in findings))
