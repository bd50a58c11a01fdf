"""The question of a search as it is being written: texts as they were typed, right or wrong, and what they ask."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from steeliq.ensemble.outputs import WORLD
from steeliq.ensemble.search import Question, Target, check_question, lever_of, path_of
from steeliq.ensemble.search_question import question_of
from steeliq.ensemble.search_run import unit_of_target
from steeliq.errors import AnalysisError, Problem, QuestionError, ScenarioError
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import check, differences, load_scenario, parse_scenario
from steeliq.simulation.scenario.places import merged
from steeliq.webui.ensembles.offers import Group, groups
from steeliq.webui.runs.offers import scenario_source
from steeliq.webui.scenarios.names import Names
from steeliq.webui.scenarios.settings import by_place
from steeliq.webui.scenarios.wording import number_text
from steeliq.webui.searches.models import Search

EARLIER: Final = "earlier"
"""The scenario of the search that this one begins with: it comes along in the form's field ``base``."""

CARBON: Final = "carbon.factor"
RANGES: Final = {
    CARBON: (0.0, 4.0),
    "carbon.paths.WORLD": (0.0, 400.0),
    "support.capex.WORLD": (0.0, 0.5),
    "support.hydrogen.WORLD": (0.0, 4000.0),
}
"""Ranges to begin with where the setting's own limits say nothing."""

FIELDS: Final = (
    "name", "scenario", "base", "dataset", "first", "last", "setting", "ranged", "path", "start", "end",
    "output", "area", "year", "side", "limit", "seeds", "steps", "tolerance",
)  # fmt: skip
LONGEST: Final = {"base": 200_000}
MOST_STEPS, MOST_SEEDS = 100, 50

type Problems = dict[str, list[str]]
"""What is wrong, by field; "" for what belongs to none."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything in the form."""

    texts: Mapping[str, str]

    def text(self, name: str) -> str:
        """A field as it was typed."""
        return self.texts.get(name, "").strip()

    def says_as(self, other: Draft) -> bool:
        """Whether another form says the same."""
        return all(self.text(name) == other.text(name) for name in FIELDS)

    def with_range(self) -> Draft:
        """With a range that suits the setting, if another setting was chosen than the range was made for."""
        setting = self.text("setting")
        if self.text("ranged") == setting:
            return self
        start, end = _range_of(setting)
        return Draft({**self.texts, "start": number_text(start), "end": number_text(end), "ranged": setting})


def first_draft(scenario: str = "reference") -> Draft:
    """The form when it is opened: it asks for a carbon price."""
    texts = {"scenario": scenario, "setting": CARBON, "output": "emissions.scope1", "area": WORLD, "side": "most"}
    return Draft(texts | {"seeds": "1", "steps": "4"}).with_range()


def posted(form: Mapping[str, str]) -> Draft:
    """What a form holds."""
    return Draft({name: form.get(name, "").replace("\r\n", "\n")[: LONGEST.get(name, 2000)] for name in FIELDS})


def of_search(search: Search) -> Draft:
    """The form with the question of a search. Raises ScenarioError if its scenario is refused."""
    table = json.loads(search.question)
    question = question_of(table)
    target, period = question.target, question.base.period
    texts = {
        "scenario": EARLIER,
        "base": str(table["scenario"]),
        "dataset": search.dataset_name,
        "first": str(period.start),
        "last": str(period.end),
        "setting": question.lever.setting,
        "ranged": question.lever.setting,
        "path": ", ".join(f"{year}={number_text(level)}" for year, level in question.lever.path.items()),
        "start": number_text(question.start),
        "end": number_text(question.end),
        "output": target.output,
        "area": target.area,
        "year": str(target.year),
        "side": "least" if target.at_least else "most",
        "limit": number_text(target.limit),
        "seeds": ", ".join(str(seed) for seed in question.seeds),
        "steps": str(question.steps),
        "tolerance": number_text(question.tolerance) if question.tolerance else "",
    }
    return Draft(texts)


def offered(names: Names) -> tuple[Group, ...]:
    """All numbers of a scenario that can be sought with this dataset, under the headings of the scenario editor."""
    found = []
    for group in groups(names):
        offers = tuple(offer for offer in group.offers if offer.kind == "number")
        first = (CARBON, "carbon.paths.WORLD")
        offers = tuple(sorted(offers, key=lambda one: first.index(one.place) if one.place in first else len(first)))
        found.append(Group(group.title, offers))
    return tuple(group for group in found if group.offers)


def _range_of(setting: str) -> tuple[float, float]:
    """From the default, which is no effort, to twice of it, or the most; down to half of it if it is the most."""
    if setting in RANGES:
        return RANGES[setting]
    known = by_place().get(setting)
    if known is None:
        return 1.0, 0.5  # a factor on a price or a cost
    default = float(known.default) if isinstance(known.default, int | float) else 1.0
    most = known.most if known.most is not None else 2 * default or 1.0
    end = min(2 * default or most, most)
    return default, end if end > default else default / 2


def question_in(draft: Draft, names: Names) -> tuple[Question | None, Problems]:
    """The question of the form, or all that is wrong with it."""
    problems: Problems = {}
    base = _base(draft, problems)
    start, end, limit = (_number(draft, name, problems) for name in ("start", "end", "limit"))
    tolerance = _number(draft, "tolerance", problems, empty=0.0)
    steps = _whole(draft, "steps", problems, MOST_STEPS)
    seeds = _seeds(draft, problems)
    year = _whole(draft, "year", problems, 9999, empty=base.period.end if base else 2050)
    if base and year is not None and year not in base.years:
        problems["year"] = [f"found {year}; the scenario is simulated from {base.years[0]} to {base.years[-1]}"]
    path = _path(draft, problems)
    if start is not None and start == end:
        problems["end"] = ["found the same as the start; give another value to search towards"]
    if tolerance is not None and tolerance < 0:
        problems["tolerance"] = [f"found {tolerance:g}; give a number above 0, or nothing for a hundredth of the range"]
    known = {offer.place for group in offered(names) for offer in group.offers}
    if draft.text("setting") not in known:
        problems["setting"] = [f"found {draft.text('setting')!r}; choose a number of the list"]
    if limit is not None and year is not None:
        target = Target(draft.text("output"), year, limit, draft.text("side") == "least", draft.text("area") or WORLD)
        _check_target(target, names, problems)
        if base and not problems and None not in (start, end, tolerance, steps):
            # The line above, in words that a type checker follows.
            assert start is not None and end is not None and steps is not None and tolerance is not None  # noqa: S101, PT018
            lever = lever_of(base, draft.text("setting"), path)
            question = Question(base, lever, target, start, end, seeds, steps, tolerance)
            if _holds(question, problems):
                return question, {}
    return None, problems


def _base(draft: Draft, problems: Problems) -> Scenario | None:
    earlier = draft.texts.get("base", "") if draft.text("scenario") == EARLIER else ""
    source = scenario_source(draft.text("scenario"))
    if not earlier and source is None:
        problems["scenario"] = ["there is no such scenario any more; choose another"]
        return None
    years = {"start": _year(draft, "first", problems), "end": _year(draft, "last", problems)}
    period = {"period": {name: year for name, year in years.items() if year is not None}}
    try:
        scenario = parse_scenario(earlier, "scenario") if earlier else load_scenario(source or "")
        return check(merged(differences(scenario), period), "scenario")
    except ScenarioError as error:
        for problem in error.problems:
            place = "last" if "period" in f"{problem.table}.{problem.column}" else "scenario"
            problems.setdefault(place, []).append(_told(problem))
        return None


def _year(draft: Draft, name: str, problems: Problems) -> int | None:
    return _whole(draft, name, problems, 9999) if draft.text(name) else None


def _check_target(target: Target, names: Names, problems: Problems) -> None:
    try:
        unit_of_target(target, names.dataset)
    except AnalysisError as error:
        if target.area == WORLD:
            problems["output"] = [str(error)]
        else:
            problems["area"] = ["there is no such figure of single countries; choose the world, or another output"]


def _holds(question: Question, problems: Problems) -> bool:
    try:
        check_question(question)
    except QuestionError as error:
        problems["end"] = list(dict.fromkeys(_told(problem) for problem in error.problems))
    return not problems


def _told(problem: Problem) -> str:
    return (f"found {problem.value!r}; " if problem.value else "") + problem.rule


def _number(draft: Draft, name: str, problems: Problems, *, empty: float | None = None) -> float | None:
    text = draft.text(name)
    if not text and empty is not None:
        return empty
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return value
    problems[name] = [f"found {text!r}; write a number" if text else "write a number"]
    return None


def _whole(draft: Draft, name: str, problems: Problems, most: int, *, empty: int | None = None) -> int | None:
    text = draft.text(name)
    if not text and empty is not None:
        return empty
    if re.fullmatch(r"[0-9]{1,4}", text) and 1 <= int(text) <= most:
        return int(text)
    problems[name] = [(f"found {text!r}; " if text else "") + f"write a whole number from 1 to {most}"]
    return None


def _seeds(draft: Draft, problems: Problems) -> tuple[int, ...]:
    text = draft.text("seeds")
    parts = [part.strip() for part in text.split(",")]
    if all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts) and len(set(parts)) == len(parts) <= MOST_SEEDS:
        return tuple(int(part) for part in parts)
    problems["seeds"] = [f"found {text!r}; write whole numbers, each once, such as 1, 2, 3"]
    return (1,)


def _path(draft: Draft, problems: Problems) -> dict[int, float]:
    try:
        return path_of(draft.text("path"))
    except AnalysisError as error:
        problems["path"] = [str(error)]
        return {}
