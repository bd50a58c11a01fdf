"""Reporting boundaries as data: which scopes and upstream factors count, per tonne of every option."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Floats, records
from steeliq.simulation.technology.recipes import Recipes


@dataclass(frozen=True, slots=True)
class Boundary:
    """What a reporting boundary counts per tonne of each option: a fixed part and a part per unit of grid intensity."""

    name: str
    fixed: Floats  # (o,) tCO2e/t
    grid: Floats  # (o,) MWh/t multiplied by the country's grid intensity
    transport: float  # factor on emissions of transport


def compile_boundaries(
    rows: pd.DataFrame, recipes: Recipes, kind: tuple[str, ...], upstream: Floats
) -> tuple[Boundary, ...]:
    """Read the table `boundaries`: views on the same flows, never a second account."""
    # Iron and scrap of the hubs carry the emissions of their makers: an upstream factor on top would count them twice.
    bought = np.where(np.array(kind, dtype=object) == "bought", np.maximum(recipes.bill, 0.0), 0.0)
    out = []
    for name, terms in rows.groupby("boundary", sort=True):
        fixed, grid, transport = np.zeros(len(recipes.options)), np.zeros(len(recipes.options)), 0.0
        named = {str(term).removeprefix("upstream:") for term in terms["term"] if str(term).startswith("upstream:")}
        for row in records(terms):
            factor, override = float(row.factor), float(row.emission_factor)
            if row.term == "scope1":
                fixed += factor * recipes.scope1
            elif row.term == "biogenic":
                fixed += factor * (recipes.generated_biogenic - recipes.captured_biogenic)
            elif row.term == "transport":
                transport = factor
            elif row.term == "scope2" and np.isnan(override):
                grid += factor * recipes.electricity
            elif row.term == "scope2":
                fixed += factor * override * recipes.electricity
            else:
                fixed += factor * _upstream(str(row.term), override, bought, recipes.commodities, upstream, named)
        out.append(Boundary(str(name), fixed, grid, transport))
    return tuple(out)


def _upstream(
    term: str, override: float, bought: Floats, names: tuple[str, ...], factors: Floats, named: set[str]
) -> Floats:
    """`upstream:*` stands for every commodity that the boundary does not name itself."""
    chosen = term.removeprefix("upstream:")
    mask = np.array([name not in named if chosen == "*" else name == chosen for name in names])
    factor = factors if np.isnan(override) else np.full(len(names), override)
    return bought @ np.where(mask, factor, 0.0)
