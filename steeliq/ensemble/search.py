"""The smallest value of one setting with which a target is met: a scan of the whole range, then bisection.

A model of plants answers in steps, and not always in one direction: a dearer carbon price can hold a plant open that
closes at a lower one. So nothing is assumed of the response. First equal steps over the whole range are tried; then
SciPy's bisection halves the step before the first of them that meets the target until it is narrower than the
tolerance. What that guarantees: the target is met at the value found, and missed at one that is nearer to the start by
less than the tolerance; it is missed at every step before. What it cannot: a stretch between two steps that both miss,
and in which the target is met, goes unseen; more steps make that less likely. The trace holds every trial.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import optimize

from steeliq.ensemble.analysis.cases import WORLD
from steeliq.ensemble.analysis.words import number
from steeliq.ensemble.schema import setting_of
from steeliq.errors import AnalysisError, Problem, QuestionError, ScenarioError
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import check, differences
from steeliq.simulation.scenario.places import lacks_level, text_keys, with_setting

SCAN, BISECTION = "scan", "bisection"
LONGEST_NAME: Final = 80

type Simulate = Callable[[Sequence[Scenario]], Iterable[pd.DataFrame]]
"""Outputs (year, area, output, value) of each scenario, in the same order, each as soon as it is there."""


@dataclass(frozen=True, slots=True)
class Target:
    """What must be reached: an output in a year, at most (or at least) a limit in its unit."""

    output: str
    year: int
    limit: float
    at_least: bool = False
    area: str = WORLD

    def met(self, outcome: float) -> bool:
        """Whether an outcome is good enough."""
        return outcome >= self.limit if self.at_least else outcome <= self.limit

    def __str__(self) -> str:
        place = "" if self.area == WORLD else f" of {self.area}"
        return f"{self.output}{place} {'at least' if self.at_least else 'at most'} {self.limit:g} in {self.year}"


@dataclass(frozen=True, slots=True)
class Lever:
    """The setting that is sought: a number, or a path over years that the number multiplies."""

    setting: str
    path: Mapping[int, float] = field(default_factory=dict)

    def scenario(self, base: Scenario, value: float, seed: int) -> Scenario:
        """The base with the setting at ``value`` and the agents' ``seed``. Raises ScenarioError if it is refused."""
        entry: object = {year: value * level for year, level in self.path.items()} if self.path else value
        table = with_setting(text_keys(differences(base)), self.setting, entry)
        said = f"{self.setting} {'times ' if self.path else ''}{value:.6g}"
        about = {
            "name": f"{base.name[: max(LONGEST_NAME - len(said) - 2, 0)]}, {said}"[-LONGEST_NAME:],
            "description": f"Like {base.name}, but with {said}.",
            "seed": seed,
        }
        return check(table | about, self.setting)


def lever_of(base: Scenario, setting: str, path: Mapping[int, float] | None = None) -> Lever:
    """The lever of a setting: ``path``, or the path that the base scenario has there, is multiplied; else a number."""
    value = setting_of(base, setting)
    if path:
        return Lever(setting, dict(path))
    return Lever(setting, dict(value) if isinstance(value, dict) and value and not _is_group(value) else {})


def path_of(text: str) -> dict[int, float]:
    """Levels by year, written as inside a TOML table; none of an empty text. Raises AnalysisError.

    >>> path_of("2025=0, 2050=100")
    {2025: 0.0, 2050: 100.0}
    """
    try:
        table = tomllib.loads(f"path = {{{text}}}")["path"]
        return {int(year): float(level) for year, level in table.items()}
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise AnalysisError(f"found {text!r}; write years and levels such as 2025=0,2050=100") from error


def _is_group(value: Mapping[Any, Any]) -> bool:
    return not all(isinstance(key, int) for key in value)


@dataclass(frozen=True, slots=True)
class Trial:
    """One value tried, and what came of it: mean, least and greatest outcome over the agents' seeds."""

    value: float
    step: str
    outcome: float
    least: float
    greatest: float
    met: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to; ``value`` is None if the target was missed wherever it was tried."""

    value: float | None
    missed: float | None
    """The tried value next to it, nearer to the start, with which the target is missed; None if it is met there."""
    trials: tuple[Trial, ...]
    back: tuple[float, ...]
    """Tried values beyond it at which the target is missed again: the response is not monotone."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is sought: the value nearest to ``start``, on the way to ``end``, with which the target is met."""

    base: Scenario
    lever: Lever
    target: Target
    start: float
    end: float
    seeds: tuple[int, ...] = (1,)
    steps: int = 4
    tolerance: float = 0.0  # in the setting's unit; 0: a hundredth of the range

    @property
    def width(self) -> float:
        """Widest gap, at the end, between the value found and one at which the target is missed."""
        return self.tolerance or abs(self.end - self.start) / 100

    @property
    def grid(self) -> list[float]:
        """The values of the scan, from start to end."""
        return [float(value) for value in np.linspace(self.start, self.end, self.steps + 1)]

    @property
    def halvings(self) -> int:
        """Halvings of a step at most."""
        step = abs(self.end - self.start) / self.steps
        return max(math.ceil(math.log2(step / self.width)), 0)

    @property
    def trials(self) -> int:
        """Trials at most: the scan, and the halvings of a step."""
        return self.steps + 1 + self.halvings

    def rounds(self, workers: int) -> tuple[int, int]:
        """How often all workers are given something: for the whole scan at most, and for one halving."""
        seeds = len(self.seeds)
        return math.ceil((self.steps + 1) * seeds / workers), math.ceil(seeds / workers)

    def share_done(self, tried: Sequence[Trial], workers: int) -> float:
        """The share of the work at most that these trials were; the scan goes on side by side, halvings do not."""
        scan, halving = self.rounds(workers)
        scanned = sum(trial.step == SCAN for trial in tried)
        done = scan * scanned / (self.steps + 1) + halving * (len(tried) - scanned)
        return min(done / (scan + halving * self.halvings), 1.0)


def check_question(question: Question) -> None:
    """Raise QuestionError before anything is simulated if the question cannot be answered."""
    if problems := problems_of(question):
        raise QuestionError(str(question.target), problems)


def problems_of(question: Question) -> list[Problem]:
    """All that is wrong with a question by itself; where its dataset comes in: `search_run.problems_with`."""
    problems: list[Problem] = []

    def note(place: str, found: object, rule: str) -> None:
        problems.append(Problem(place, 0, "", str(found), rule))

    target, years, start, end = question.target, question.base.years, question.start, question.end
    if target.year not in years:
        rule = f"this year {target.year} is not simulated; the scenario has {years[0]}-{years[-1]}"
        note("year of the target", target.year, rule)
    if not math.isfinite(target.limit):
        note("limit of the target", target.limit, "a finite number is expected")
    if question.steps < 1:
        note("steps", question.steps, "at least one step is needed")
    if not (math.isfinite(question.tolerance) and question.tolerance >= 0):
        note("tolerance", question.tolerance, "a number above 0 is expected, or 0 for a hundredth of the range")
    if len(set(question.seeds)) < max(len(question.seeds), 1):
        note("agents' seeds", ", ".join(map(str, question.seeds)), "give at least one, each once")
    values = [start, end] if question.steps < 1 else [*question.grid, (start + question.grid[1]) / 2]
    if not (math.isfinite(start) and math.isfinite(end)) or start == end:
        values = [value for value in (start, end) if math.isfinite(value)]
        note("range", f"{start:g} to {end:g}", "a search needs two different ends; give the end with the most effort")
    return problems + _problems_of_lever(question, values)


def _problems_of_lever(question: Question, values: Sequence[float]) -> list[Problem]:
    """What the scenario refuses of the setting that is sought."""
    lever, wrong = question.lever, set[Problem]()
    if rule := lacks_level(text_keys(differences(question.base)), lever.setting):
        return [Problem(lever.setting, 0, "", "", rule)]
    for value in values:
        try:
            lever.scenario(question.base, value, next(iter(question.seeds), 1))
        except ScenarioError as error:
            wrong |= set(error.problems)
    return sorted(wrong)


def search(
    question: Question,
    simulate: Simulate,
    *,
    known: Sequence[Trial] = (),
    tell: Callable[[Trial], None] = lambda _: None,
) -> Found:
    """Find the value nearest to the start with which the target is met; see the module for what is guaranteed.

    The scan is simulated at once, so that it can use all cores; ``known`` trials (of a search that was interrupted) are
    not simulated again; ``tell`` hears of every new one. Raises what simulating raises, and QuestionError
    as `check_question` does.
    """
    check_question(question)
    trials = _Trials(question, simulate, {trial.value: trial for trial in known}, tell)
    scanned = trials.at(question.grid, SCAN)
    first = next((place for place, trial in enumerate(scanned) if trial.met), None)
    ends = (scanned[first - 1].value, scanned[first].value) if first else (0.0, 0.0)
    if abs(ends[1] - ends[0]) > question.width:
        optimize.bisect(lambda value: trials.sign(float(value)), *ends, xtol=question.width, rtol=8.9e-16)
    return found_among(question, trials.tried)


class _Trials:
    """Tries values, each once."""

    def __init__(
        self, question: Question, simulate: Simulate, known: Mapping[float, Trial], tell: Callable[[Trial], None]
    ) -> None:
        self._question, self._simulate, self._known, self._tell = question, simulate, dict(known), tell
        self.tried: list[Trial] = []

    def at(self, values: Sequence[float], step: str) -> list[Trial]:
        """The trials of several values."""
        new = [value for value in values if value not in self._known]
        ask, seeds = self._question, self._question.seeds
        scenarios = [ask.lever.scenario(ask.base, value, seed) for value in new for seed in seeds]
        tables = iter(self._simulate(scenarios) if scenarios else ())
        for value in new:
            self._known[value] = _trial(ask.target, value, step, list(islice(tables, len(seeds))))
            self._tell(self._known[value])
        found = [self._known[value] for value in values]
        self.tried += [trial for trial in found if trial not in self.tried]
        return found

    def sign(self, value: float) -> float:
        """-1 where the target is missed, +1 where it is met: never 0, so that bisection always goes on to the width."""
        return 1.0 if self.at([value], BISECTION)[0].met else -1.0


def _trial(target: Target, value: float, step: str, tables: Sequence[pd.DataFrame]) -> Trial:
    outcomes = [_outcome(target, table) for table in tables]
    mean = float(np.mean(outcomes))
    return Trial(value, step, mean, min(outcomes), max(outcomes), target.met(mean))


def _outcome(target: Target, table: pd.DataFrame) -> float:
    from steeliq.ensemble.analysis.cases import values_of

    return float(values_of(table.assign(member=0), target.output, target.year, target.area).iloc[0])


def found_among(question: Question, trials: Iterable[Trial]) -> Found:
    """What these trials come to, whether or not they are all that the search wants."""
    trials = tuple(trials)
    ordered = sorted(trials, key=lambda trial: abs(trial.value - question.start))
    first = next((place for place, trial in enumerate(ordered) if trial.met), None)
    if first is None:
        return Found(None, None, trials, ())
    back = tuple(trial.value for trial in ordered[first:] if not trial.met)
    return Found(ordered[first].value, ordered[first - 1].value if first else None, trials, back)


def told(question: Question, found: Found, unit: str = "") -> list[str]:
    """What a search found and what that means, in sentences; ``unit`` of the target's output."""
    ask, lever = question, question.lever
    by_value = {trial.value: trial for trial in found.trials}
    times = " times" if lever.path else ""
    if found.value is None:
        best = min(found.trials, key=lambda trial: trial.outcome * (-1 if ask.target.at_least else 1))
        return [
            f"Not met: {ask.target} is missed at every value tried from {ask.start:g} to {ask.end:g}.",
            f"The best was {number(best.outcome)} {unit} at {lever.setting}{times} {best.value:.6g}.",
            "Try a wider range, more steps, another setting, or another target.",
        ]
    at = by_value[found.value]
    sentences = [
        f"{lever.setting}{times} {found.value:.6g} meets the target: {ask.target} (it is {number(at.outcome)} {unit})."
    ]
    if found.missed is None:
        sentences.append("That is where the search started: nothing more is needed.")
    else:
        before = by_value[found.missed]
        sentences += [
            f"At {found.missed:.6g} the target is missed ({number(before.outcome)} {unit}), as at every step before.",
            f"Unseen are stretches between two steps, {abs(ask.end - ask.start) / ask.steps:g} apart, that both miss; "
            "the answer of a model of plants comes in steps and can turn back. More steps look closer.",
        ]
    if found.back:
        back = ", ".join(f"{value:g}" for value in found.back)
        sentences.append(f"Beyond it the target is missed again at {back}: a greater step is not always a safer one.")
    if len(ask.seeds) > 1:
        sentences.append(
            f"Means over {len(ask.seeds)} seeds of the agents; at the value found they give {number(at.least)} to "
            f"{number(at.greatest)} {unit}. The scenario has the first of them."
        )
    return sentences
