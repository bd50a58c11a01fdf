"""What a search has tried: its trials, what they come to, their chart and their rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from steeliq.ensemble.analysis.words import number as words_of
from steeliq.ensemble.outputs import Output, output_of
from steeliq.ensemble.search import SCAN, Found, Question, Trial, found_among
from steeliq.ensemble.search_run import read_trace
from steeliq.simulation.results.report.charts import Chart, Json, number, numbers
from steeliq.webui.explore.writings import Told
from steeliq.webui.searches.launch import asked_by, runs_of
from steeliq.webui.searches.models import Search
from steeliq.webui.searches.wording import side_of, target_of

FIGURE: Final = "trace"
STEPS: Final = {True: "scan", False: "halving"}


@dataclass(frozen=True)
class Trace:
    """The trials of a search as they stand now."""

    search: Search
    question: Question
    trials: list[Trial]  # in the order in which they were made

    @property
    def output(self) -> Output:
        """The target's output."""
        return output_of(self.question.target.output)

    @cached_property
    def found(self) -> Found | None:
        """What the trials come to; None before the first."""
        return found_among(self.question, self.trials) if self.trials else None


def read(search: Search) -> Trace:
    """The trace of a search. Raises ScenarioError if this version of steeliq refuses its scenario."""
    question = asked_by(search)
    # A search of the command line may have gone on with another range: trials outside say nothing of this one.
    low, high = sorted((question.start, question.end))
    return Trace(search, question, [trial for trial in read_trace(search.path) if low <= trial.value <= high])


def rows(trace: Trace) -> list[dict[str, Any]]:
    """The trials in the order of their values, from the start of the range."""
    runs = runs_of(trace.search, trace.question, trace.trials)
    value = trace.found.value if trace.found and trace.search.is_done else None
    numbered = sorted(enumerate(trace.trials, start=1), key=lambda one: abs(one[1].value - trace.question.start))
    return [
        {
            "number": place,
            "value": f"{trial.value:.6g}",
            "exact": repr(trial.value),
            "step": STEPS[trial.step == SCAN],
            "outcomes": [words_of(one) for one in _outcomes(trace, trial)],
            "met": trial.met,
            "found": trial.value == value,
            "run": runs.get(trial.value),
        }
        for place, trial in numbered
    ]


def _outcomes(trace: Trace, trial: Trial) -> tuple[float, ...]:
    several = len(trace.question.seeds) > 1
    return (trial.outcome, trial.least, trial.greatest) if several else (trial.outcome,)


def chart(trace: Trace) -> Chart:
    """Each value tried against the output: what meets the target, the target itself, and the bracket of the answer."""
    question, output, subject = trace.question, trace.output, trace.search.subject
    several, found = len(question.seeds) > 1, trace.found
    ordered = sorted(trace.trials, key=lambda trial: trial.value)
    times = " times the path" if question.lever.path else ""
    traces = [
        *_bracket(trace),
        _plain("Target", sorted((question.start, question.end)), [question.target.limit] * 2,
               {"color": "$bad", "width": 2, "dash": "dash"}),
        _plain("All trials", [one.value for one in ordered], [one.outcome for one in ordered],
               {"color": "$muted", "width": 1}) | {"showlegend": False},
        *(_points(trace, [one for one in ordered if one.met == met], met=met) for met in (False, True)),
    ]  # fmt: skip
    return Chart(
        id=FIGURE,
        section="Search",
        title=f"{output.words} in {question.target.year}, by {subject[:1].lower()}{subject[1:]}",
        unit=output.unit,
        source=f"{len(trace.trials)} trials of the search {trace.search.key}, dataset {trace.search.dataset_hash[:8]}",
        summary=_said(trace, found),
        columns=("target", f"{subject}{times}", output.unit, "step", *(("least", "greatest") if several else ())),
        empty="No trial is finished yet.",
        traces=tuple(one for one in traces if one["x"]) if trace.trials else (),
        layout={
            "hovermode": "closest",
            "xaxis": {"title": {"text": f"{subject}{times}"}, "zeroline": False},
            "yaxis": {"title": {"text": output.unit}},
        },
        note=_note(trace, found),
        wide=True,
        height=420,
    )


def about(trace: Trace) -> Told:
    """What stands around the chart."""
    return Told(target_of(trace.question.target), trace.search.name, trace.search.key, "Search")


def _plain(name: str, x: list[float], y: list[float], line: Json) -> Json:
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": numbers(x), "y": numbers(y), "line": line,
        "hoverinfo": "skip", "meta": {"ground": True},
    }  # fmt: skip


def _points(trace: Trace, trials: list[Trial], *, met: bool) -> Json:
    several, name = len(trace.question.seeds) > 1, "Met" if met else "Missed"
    found = trace.found.value if trace.found else None
    points: Json = {
        "type": "scatter", "mode": "markers", "name": name,
        "x": [number(one.value) for one in trials], "y": [number(one.outcome) for one in trials],
        "customdata": [
            [STEPS[one.step == SCAN], *(numbers((one.least, one.greatest)) if several else ())] for one in trials
        ],
        "marker": {
            "color": "$blue" if met else "$orange", "symbol": "circle" if met else "x",
            "size": [15 if one.value == found else 9 for one in trials],
        },
        "hovertemplate": f"%{{x:.6~g}}: %{{y:,.5~g}} {trace.output.unit}, {name.lower()}<extra></extra>",
    }  # fmt: skip
    if several:
        points["error_y"] = {
            "type": "data", "symmetric": False, "thickness": 1, "color": "$muted",
            "array": [one.greatest - one.outcome for one in trials],
            "arrayminus": [one.outcome - one.least for one in trials],
        }  # fmt: skip
    return points


def _bracket(trace: Trace) -> list[Json]:
    """The area between the value found and the one at which the target is missed."""
    if trace.found is None or trace.found.value is None or trace.found.missed is None:
        return []
    ends = trace.found.missed, trace.found.value
    outcomes = [one.outcome for one in trace.trials] + [trace.question.target.limit]
    low, high = min(outcomes), max(outcomes)
    edge = (high - low) * 0.06 or 1.0
    x = [ends[0], ends[1], ends[1], ends[0], ends[0]]
    y = [low - edge, low - edge, high + edge, high + edge, low - edge]
    area = {"fill": "toself", "fillcolor": "$blue", "opacity": 0.22}
    return [_plain("Bracket", x, y, {"color": "$blue", "width": 1, "dash": "dot"}) | area]


def _said(trace: Trace, found: Found | None) -> str:
    if found is None:
        return "No trial is finished yet."
    met = sum(trial.met for trial in trace.trials)
    at = "" if found.value is None else f"; the first that meets it is {found.value:.6g}"
    return f"{met} of {len(trace.trials)} values tried meet the target, {target_of(trace.question.target)}{at}."


def _note(trace: Trace, found: Found | None) -> str:
    parts = []
    if found is not None and found.missed is not None:
        parts.append(f"The bracket, from {found.missed:.6g} to {found.value:.6g}, holds the turning point.")
    if len(trace.question.seeds) > 1:
        parts.append("Points are means over the agents' seeds, bars the least and the greatest of them.")
    parts.append(f"Dashed: the target, {side_of(trace.question.target)} {trace.output.unit}.")
    return " ".join(parts)
