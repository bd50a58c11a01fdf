"""How much of what a run was made from is an estimate: the marks of its dataset, in the rows that its scenario uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

ESTIMATE: Final = "E"
"""The mark of an estimate; A, B and C are figures of a source."""

CHOSEN: Final = {
    "steel_demand": "demand",
    "scrap_supply": "scrap",
    "carbon_prices": "carbon",
    "prices": "prices",
    "grid_intensity": "grid",
}
"""Tables of which a run uses the rows of one scenario, and the group of settings that names it."""

ALWAYS: Final = ("cost_of_capital", "technology_costs")


def estimated(tables: Mapping[str, pd.DataFrame], scenario: Mapping[str, Any]) -> dict[str, float]:
    """Share [0..1] of estimated rows in each table that the scenario uses; tables without a used row are left out.

    ``scenario``: the whole scenario as run.json holds it.
    """
    found = {name: tables[name] for name in ALWAYS}
    for name, group in CHOSEN.items():
        frame = tables[name]
        found[name] = frame[frame["scenario"] == scenario[group]["scenario"]]
    if scenario["scrap"]["source"] == "stock":  # then nobody asks the table of scrap
        found["steel_use_history"] = tables["steel_use_history"]
        del found["scrap_supply"]
    if scenario["siting"]["enabled"]:
        found["own_energy"] = tables["own_energy"]
    return {name: round(float((rows["quality"] == ESTIMATE).mean()), 4) for name, rows in found.items() if len(rows)}
