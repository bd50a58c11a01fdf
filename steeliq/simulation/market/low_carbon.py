"""What destinations are willing to pay for low-carbon steel, by year and country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.paths import Areas, over_years, path_over_years
from steeliq.simulation.scenario import Scenario


@dataclass(frozen=True, slots=True)
class LowCarbon:
    """By year and destination (y, c); a premium of 0 where nobody pays."""

    premium: Floats  # USD/t
    threshold: Floats  # tCO2/t
    share: Floats  # of the demand


def compile_low_carbon(rows: pd.DataFrame, areas: Areas, scenario: Scenario, years: Ints) -> LowCarbon:
    """The dataset's rows, the most specific area winning, in force from their first year on; then the scenario's."""
    settings = scenario.demand
    premium, threshold, share = (np.zeros((len(years), len(areas.countries))) for _ in range(3))
    series = {str(area): own for area, own in rows.groupby("area")} if settings.premium_factor > 0 else {}
    for area in sorted(series, key=lambda name: (areas.rank[name], name)):
        own = series[area]
        known = own["year"].to_numpy()
        cells = np.ix_(years >= known.min(), areas.members[area])
        when = years[years >= known.min()]
        for column, out, factor in (
            ("premium", premium, settings.premium_factor),
            ("threshold", threshold, 1.0),
            ("share", share, 1.0),
        ):
            out[cells] = factor * over_years(known, own[column].to_numpy(), when)[:, None]
    for area in sorted(settings.premiums, key=lambda name: (areas.rank[name], name)):
        path = settings.premiums[area]
        first = min(path) if isinstance(path, Mapping) else int(years[0])
        cells = np.ix_(years >= first, areas.members[area])
        premium[cells] = path_over_years(path, years)[years >= first][:, None]
        threshold[cells], share[cells] = settings.low_carbon_threshold, settings.low_carbon_share
    return LowCarbon(premium, threshold, share)
