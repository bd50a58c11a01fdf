"""What the page of a comparison and its report show, as values for a template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from django.utils.http import urlencode

from steeliq.simulation.results.report.charts import short
from steeliq.webui.compare.assumptions import different_settings, verdicts
from steeliq.webui.compare.charts import MAPPED, comparison_charts, country_differences
from steeliq.webui.compare.chosen import Compared
from steeliq.webui.compare.deltas import common_years, delta_table, largest, milestones, page_rows, seen, strip
from steeliq.webui.explore.strip import signed

MOST_COUNTRIES = 12


def context_of(runs: Sequence[Compared], against: Compared, shown: str = "values") -> dict[str, Any]:
    """Everything about a comparison, its lines as ``shown``; ``years`` is empty if the runs have no year in common."""
    base, years = runs[0], common_years(runs)
    context: dict[str, Any] = {
        "runs": runs,
        "base": base,
        "against": against,
        "others": runs[1:],
        "settings": different_settings(runs),
        "verdicts": verdicts(runs),
        "years": years,
        "query": urlencode([*(("run", run.key) for run in runs), ("against", against.key), ("show", shown)]),
    }
    if not years:
        return context
    steps = milestones(years)
    countries = country_differences(base, against)
    charts = comparison_charts(runs, against, countries, shown)
    return context | {
        "last": years[-1],
        "strip": list(zip(runs, seen([strip(run, base, years[-1]) for run in runs]), strict=True)),
        "charts": charts,
        "milestones": steps,
        "deltas": page_rows(delta_table([base, against]), against.label, steps),
        "countries": [(name, _countries(countries, years[-1], name)) for name in MAPPED],
    }


def _countries(differences: pd.DataFrame, year: int, quantity: str) -> list[dict[str, str]]:
    """Countries that differ most in the last common year."""
    rows = largest(differences, year, quantity, MOST_COUNTRIES).to_dict("records")
    return [
        {
            "name": str(row["name"]),
            "unit": str(row["unit"]),
            "base": short(float(row["base"])),
            "value": short(float(row["value"])),
            "delta": signed(float(row["delta"])),
        }
        for row in rows
    ]
