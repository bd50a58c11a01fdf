"""Which shares of its metallic charge a technology must and may take from a group of commodities, by year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.paths import over_years


@dataclass(frozen=True, slots=True)
class ChargeRule:
    """minimum <= (sum of the members' tonnes) / (all metallic tonnes) <= maximum."""

    technology: int
    name: str
    members: Bools  # (k,)
    minimum: Floats  # (y,)
    maximum: Floats  # (y,)


def compile_charge_rules(
    tables: Mapping[str, pd.DataFrame], technologies: tuple[str, ...], commodities: tuple[str, ...], years: Ints
) -> tuple[ChargeRule, ...]:
    """Rules sorted by technology and group."""
    groups = tables["charge_groups"]
    rules = []
    for (technology, name), rows in tables["charge_limits"].groupby(["technology", "charge_group"], sort=True):
        members = groups.loc[(groups["technology"] == technology) & (groups["charge_group"] == name), "commodity"]
        known = rows["year"].to_numpy()
        rules.append(
            ChargeRule(
                technology=technologies.index(str(technology)),
                name=str(name),
                members=np.isin(np.array(commodities, dtype=object), members.to_numpy(dtype=object)),
                minimum=over_years(known, rows["minimum"].to_numpy(), years),
                maximum=over_years(known, rows["maximum"].to_numpy(), years),
            )
        )
    return tuple(rules)
