"""The audit as a picture: how near each law came to its limit, over all years or in one."""

from __future__ import annotations

import math
from typing import Final

from steeliq.simulation.accounts.laws import TOLERANCE as LIMIT
from steeliq.simulation.results.report.charts import Chart, Control, Json, RunTables
from steeliq.simulation.results.report.laws import Law, by_law, verdict

ALL: Final = "all"
LEAST: Final = 1e-17
"""Where the axis begins: a residual of nothing has no place on it, and its bar no length."""


def audit(run: RunTables) -> Chart:
    """The worst residual of each law against the limit: of all years, or of the chosen one."""
    frame = run["audit"]
    laws = by_law(frame)
    years = run.years if laws else ()
    frames = {ALL: _bars(laws)} | {str(year): _bars(by_law(frame[frame["year"] == year])) for year in years}
    values = (ALL, *map(str, years))
    labels = ("all: the worst of each law", *map(str, years))
    # Beyond the limit there is room for what breaks it.
    worst = max((law.residual for law in laws if math.isfinite(law.residual)), default=0.0)
    end = max(math.log10(LIMIT) + 1.0, math.log10(worst) + 1.0 if worst > 0 else -math.inf)
    ticks = range(-14, math.ceil(end), 4)
    names = [law.name for law in reversed(laws)]  # the nearest to its limit on top
    return Chart(
        id="audit",
        section="Audit",
        title="How near each law came to its limit",
        unit="relative residual",
        source="results table audit",
        summary=verdict(laws),
        columns=("years", "law", "worst residual", "year", "where", "holds"),
        empty="This run has no audit.",
        frames=frames if laws else {},
        controls=(Control("Years", "select", values, labels),) if laws else (),
        layout={
            "hovermode": "closest",
            "xaxis": {
                "type": "log", "range": [math.log10(LEAST), end], "side": "top", "showgrid": True,
                "tickvals": [10.0**power for power in ticks], "ticktext": [f"1e{power}" for power in ticks],
                "tickangle": 0,
            },
            "yaxis": {"categoryorder": "array", "categoryarray": names, "range": [-0.7, len(laws) - 0.3],
                      "showticklabels": False, "ticklen": 0, "showgrid": False},
            "margin": {"l": 8, "r": 8, "t": 12, "b": 12},
            "shapes": [
                {"type": "line", "xref": "x", "yref": "paper", "x0": LIMIT, "x1": LIMIT, "y0": 0, "y1": 1,
                 "line": {"color": "$bad", "width": 1.5, "dash": "dash"}},
            ],
            "annotations": [
                {"xref": "x", "yref": "paper", "x": math.log10(LIMIT), "y": 0, "xanchor": "right", "yanchor": "bottom",
                 "text": "limit ", "showarrow": False, "font": {"color": "$bad", "size": 12}},
            ],
        },
        note="Beside a bar: the year of the worst residual. A bar that reaches the dashed line breaks the law; without "
        "a bar it is kept exactly. From tick to tick: ten thousand times.",
        wide=True,
        height=80 + 27 * len(laws),
    )  # fmt: skip


def _bars(laws: list[Law]) -> tuple[Json, ...]:
    kinds = (("holds", "$blue", True), ("broken", "$bad", False))
    bars = (
        _bar(name, colour, chosen)
        for name, colour, holds in kinds
        if (chosen := [law for law in laws if law.holds is holds])
    )
    return (*bars, _names(laws))


def _names(laws: list[Law]) -> Json:
    """Each law's name above its bar: beside it, a narrow window would have no room for both."""
    names = [law.name for law in laws]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [LEAST] * len(laws),
        "y": names,
        "text": names,
        "textposition": "top right",
        "textfont": {"size": 11},
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"ground": True},
    }


def _bar(name: str, colour: str, laws: list[Law]) -> Json:
    drawn = [law.residual if math.isfinite(law.residual) else 1.0 for law in laws]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": [value if value > LEAST else None for value in drawn],
        "y": [law.name for law in laws],
        "offset": -0.42,
        "width": 0.35,
        "marker": {"color": colour, "line": {"width": 0}},
        "text": [f" {law.year}" for law in laws],
        "textposition": "outside",
        "constraintext": "none",
        "textfont": {"size": 11, "color": "$muted"},
        "customdata": [
            [law.name, law.residual if math.isfinite(law.residual) else None, law.year, law.where,
             "yes" if law.holds else "no"]
            for law in laws
        ],
        "hovertemplate": "%{customdata[0]}<br>%{customdata[1]:.1e} in %{text}: %{customdata[3]}<extra></extra>",
        "meta": {"table": "customdata", "unnamed": True},
    }  # fmt: skip
