"""Owners' treasuries: cash in, equity into projects, dividends out, capital called when empty."""

from __future__ import annotations

import numpy as np

from steeliq.simulation.arrays import Floats, Labels
from steeliq.simulation.inputs import Inputs, replacement_value
from steeliq.simulation.state import Fleet


def by_owner(owners: Labels, of: Labels, value: Floats) -> Floats:
    """Sum a furnace-group column over owners (w,)."""
    position = np.searchsorted(owners.astype(str), of.astype(str))
    return np.bincount(position, weights=value, minlength=len(owners))


def roll_forward(
    inputs: Inputs, year: int, owners: Labels, opening: Floats, cash: Floats, invested: Floats, fleet: Fleet
) -> dict[str, Floats]:
    """One column per item, one row per owner (w,), USD.

    The treasury stays between nothing and a share of replacement value: what is above is paid out, what is missing
    is called from shareholders. Without that, balances grow without bound or starve (docs/model.md, Finance).
    """
    ceiling = inputs.scenario.finance.treasury_cap * replacement_value(inputs, fleet, owners, year)
    free = opening + cash - invested
    closing = np.clip(free, 0.0, ceiling)
    return {"opening": opening, "cash": cash, "invested": invested, "distributed": free - closing, "closing": closing}
