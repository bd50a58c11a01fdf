"""Where a target is missed, in a sentence and a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from steeliq.ensemble.analysis.discovery import BOX, FEWEST, ONE, PAIR, discovery
from steeliq.errors import AnalysisError
from steeliq.simulation.results.report.charts import short
from steeliq.webui.ensembles.reading import Asked, Results

KINDS = {ONE: "alone", PAIR: "best pair", BOX: "box"}


def missing(results: Results, asked: Asked) -> dict[str, Any]:
    """Sentence and rows of the ranges that miss the target; a sentence alone if there is no answer."""
    if asked.target is None:
        return {"sentence": "", "rows": []}
    told = results.outputs[asked.output]
    values = results.values(asked.output, asked.year)
    miss = values < asked.target if asked.below else values > asked.target
    side = "below" if asked.below else "above"
    share = (
        f"{int(miss.sum())} of {len(miss)} members ({miss.mean():.0%}) miss the target: {told.words[:1].lower()}"
        f"{told.words[1:]} {side} {short(asked.target)} {told.unit} in {asked.year}."
    )
    if min(int(miss.sum()), int((~miss).sum())) < FEWEST:
        few = f"At least {FEWEST} must miss it and {FEWEST} must meet it to tell which ranges decide"
        return {"sentence": f"{share} {few}: choose another target or more samples.", "rows": []}
    try:
        found = discovery(
            results.members,
            results.rows(asked.output),
            asked.output,
            asked.year,
            above=None if asked.below else asked.target,
            below=asked.target if asked.below else None,
        )
    except AnalysisError as error:
        return {"sentence": f"{share} Nothing can be said of ranges: {error}.", "rows": []}
    if set(found.loc[found["kind"] == BOX, "factor"]) == set(found.loc[found["kind"] == PAIR, "factor"]):
        found = found[found["kind"] != PAIR]  # the same ranges twice
    kind = BOX if (found["kind"] == BOX).any() else ONE
    best: Any = found[found["kind"] == kind]
    if kind == ONE:
        best = best.iloc[:1]
    first = best.iloc[0]
    ranges = " and ".join(f"{row['factor']} {_range(row)}" for row in best.to_dict("records"))
    sentence = (
        f"{share} It is missed mostly where {ranges}: {first['coverage']:.0%} of all misses lie there, and "
        f"{first['density']:.0%} of the {first['members']} members there miss it."
    )
    return {"sentence": sentence, "rows": [_row(row) for row in found.to_dict("records")]}


def _row(row: dict[Any, Any]) -> dict[str, str]:
    chance = row["p_value"]
    return {
        "kind": KINDS.get(row["kind"], str(row["kind"])),
        "factor": str(row["factor"]),
        "range": _range(row),
        "coverage": f"{row['coverage']:.0%}",
        "density": f"{row['density']:.0%}",
        "members": str(row["members"]),
        "chance": "–" if pd.isna(chance) else "under 0.1 %" if chance < 0.001 else f"{chance:.1%}",
    }


def _range(row: dict[Any, Any]) -> str:
    return row["levels"] or f"{short(row['low'])} to {short(row['high'])}"
