"""The audit of a year: every invariant of the model, checked in every run and shipped with its results."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from steeliq.errors import BalanceError
from steeliq.simulation.accounts.books import Books
from steeliq.simulation.accounts.emissions import Emissions
from steeliq.simulation.accounts.laws import Finding
from steeliq.simulation.accounts.monetary import balance_laws, market_laws
from steeliq.simulation.accounts.physical import physical_laws
from steeliq.simulation.accounts.response import response_laws
from steeliq.simulation.accounts.stock import stock_laws
from steeliq.simulation.agents.decide import Choices
from steeliq.simulation.arrays import Floats
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.state import State


def opened_and_closed(count: int, after: State) -> tuple[Floats, Floats]:
    """Capacity by technology (t,) that starts in, and that stops before, the year that ``after`` begins."""
    fleet, year = after.fleet, after.year
    starts, stops = fleet.opens == year, (fleet.retires == year) & (fleet.opens < year)
    return (
        np.bincount(fleet.technology[starts], weights=fleet.capacity[starts], minlength=count),
        np.bincount(fleet.technology[stops], weights=fleet.capacity[stops], minlength=count),
    )


def audit(
    inputs: Inputs,
    before: State,
    after: State,
    dispatch: Dispatch,
    books: Books,
    emissions: Emissions,
    choices: Choices,
    owners: Mapping[str, Floats],
) -> list[Finding]:
    """All findings of a year, in a fixed order."""
    opened, closed = opened_and_closed(len(inputs.technologies.names), after)
    return [
        *physical_laws(inputs, before.fleet, dispatch, emissions),
        *market_laws(inputs, dispatch, books),
        *balance_laws(
            inputs.technologies.names,
            before,
            after,
            books,
            choices.drawn,
            choices.written_off,
            owners,
            opened,
            closed,
        ),
        *stock_laws(inputs, before.year),
        *response_laws(inputs, before, after),
    ]


def check_audit(audit: pd.DataFrame, where: str) -> None:
    """Raise BalanceError, naming the worst, if a law is broken in a year's audit table; ``where`` names whose year.

    The sentence holds for a run, which has tables, and for a member of an ensemble, which has none.
    """
    broken = audit[~audit["passed"].astype(bool)]
    if len(broken):
        worst = broken.sort_values(["residual", "invariant"], ascending=[False, True]).iloc[0]
        raise BalanceError(
            f"{where}: the year {worst['year']} breaks the law '{worst['invariant']}' ({worst['scope']}; "
            f"{worst['where']}): relative residual {worst['residual']:.3g}; {len(broken)} of {len(audit)} checks "
            "failed. It is marked as failed and must not be used; the tables of a run with the same inputs show where "
            "it went wrong"
        )
