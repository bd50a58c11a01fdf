"""Two ensembles beside each other: what they assume differently, and how their bands lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from django.http import QueryDict

from steeliq.ensemble.analysis.bands import bands
from steeliq.ensemble.design import Design
from steeliq.errors import SteeliqError
from steeliq.simulation.results.differences import settings
from steeliq.simulation.results.report.charts import Chart, short
from steeliq.webui.compare.assumptions import label_of
from steeliq.webui.ensembles.charts_spread import two_fans
from steeliq.webui.ensembles.draft import METHODS, told
from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.ensembles.reading import FIRST, Results, open_ensemble
from steeliq.webui.ensembles.reading import Told as Output
from steeliq.webui.explore.writings import Told

ABSENT = "not varied"


@dataclass(frozen=True, slots=True)
class Chosen:
    """An ensemble of a comparison; ``label`` is a name that the other has not."""

    ensemble: Ensemble
    label: str
    results: Results


def chosen(query: QueryDict) -> tuple[list[Chosen], str]:
    """The ensembles of ``?ensemble=A&ensemble=B``, and why there are not two."""
    keys = list(dict.fromkeys(key for key in query.getlist("ensemble") if key))[:2]
    found = [Ensemble.objects.filter(key=key, binned=None).first() for key in keys]
    if len(keys) < 2:
        return [], "Choose two ensembles." if keys else ""
    both = [one for one in found if one is not None]
    if len(both) < 2:
        return [], "One of these ensembles is not there any more."
    same = both[0].name == both[1].name
    try:
        opened = [Chosen(one, f"{one.name} ({one.key})" if same else one.name, open_ensemble(one.path)) for one in both]
    except SteeliqError as error:
        return [], str(error)
    if not common_outputs(opened):
        return [], "These ensembles have no finished members with an output in common."
    return opened, ""


def common_outputs(both: Sequence[Chosen]) -> list[Output]:
    """Outputs that both have."""
    return [told for name, told in both[0].results.outputs.items() if name in both[1].results.outputs]


def output_of(both: Sequence[Chosen], asked: str) -> str:
    """The output asked for, if both have it."""
    names = [one.name for one in common_outputs(both)]
    return asked if asked in names else next((name for name in FIRST if name in names), names[0])


def chart_of(both: Sequence[Chosen], output: str) -> Chart:
    """Both fans on one chart."""
    return two_fans([(one.label, one.results) for one in both], output)


def told_of(both: Sequence[Chosen], output: str) -> Told:
    """What stands around the chart."""
    hashes = "-".join(one.results.short_hash for one in both)
    return Told(output, " and ".join(one.label for one in both), hashes, "Ensembles")


def spans(both: Sequence[Chosen], output: str) -> list[tuple[int, list[str]]]:
    """Median and the 5 to 95 per cent band of each, in the years that both have: first, middle, last."""
    tables = [
        bands(one.results.rows(output), output, (0.05, 0.5, 0.95)).pivot(index="year", columns="level", values="value")
        for one in both
    ]
    years = sorted(set(tables[0].index) & set(tables[1].index))
    picked = sorted({years[0], years[len(years) // 2], years[-1]}) if years else []
    return [(int(year), [_span(table.loc[year]) for table in tables]) for year in picked]


def _span(levels: pd.Series[float]) -> str:
    low, median, high = (short(float(value)) for value in levels.sort_index())
    return f"{median} ({low} to {high})"


def differences(both: Sequence[Chosen]) -> list[tuple[str, str, str]]:
    """What differs in what the two assume: label and both values; empty if nothing does."""
    flat = [_assumed(one.results.design) | _data(one.results) for one in both]
    names = list(dict.fromkeys(name for held in flat for name in held))
    rows = [(name, flat[0].get(name, "–"), flat[1].get(name, "–")) for name in names]
    return [row for row in rows if row[1] != row[2]]


def _data(results: Results) -> dict[str, str]:
    dataset, identity = results.document.get("dataset", {}), results.document.get("identity", {})
    return {
        "Dataset": f"{dataset.get('name')} {str(dataset.get('hash'))[:8]}",
        "Code": str(identity.get("code"))[:8],
    }


def _assumed(design: Design) -> dict[str, str]:
    held = {
        "Method": METHODS[design.method][0],
        "Samples": str(design.samples),
        "Points": str(design.points),
        "Seed of the sampling": str(design.seed),
        "Seeds of the agents": ", ".join(str(seed) for seed in design.agent_seeds),
    }
    varied = {factor.field for factor in design.factors}
    held |= {f"Varied: {factor.name}": told(factor) for factor in design.factors}
    held |= {f"Correlation: {' and '.join(one.factors)}": f"{one.value:g}" for one in design.correlations}
    base = settings(design.base.model_dump(mode="json"))
    return held | {
        label_of(name): value
        for name, value in base.items()
        if name not in varied and name not in ("name", "description")
    }
