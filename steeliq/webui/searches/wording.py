"""A search as people read it: what it seeks, and what it came to."""

from __future__ import annotations

from steeliq.ensemble.analysis.words import number
from steeliq.ensemble.outputs import WORLD, output_of
from steeliq.ensemble.search import Found, Question, Target, told
from steeliq.webui.ensembles.offers import EVERYWHERE
from steeliq.webui.scenarios.settings import by_place


def subject_of(setting: str) -> str:
    """What a setting is called; its dotted name if it has no name of its own."""
    known = by_place()
    if setting in known:
        return known[setting].label
    group, _, name = setting.rpartition(".")
    if name == "WORLD" and group in EVERYWHERE:
        return EVERYWHERE[group][0]
    return f"{known[group].label}: {name}" if group in known else setting


def name_of(question: Question) -> str:
    """A name for a search that was given none."""
    return f"{subject_of(question.lever.setting)} for {target_of(question.target)}"


def target_of(target: Target) -> str:
    """The target in words.

    >>> target_of(Target("emissions.scope1", 2050, 1200.0))
    'emissions on site (scope 1) at most 1,200 Mt CO2e in 2050'
    """
    return f"{quantity_of(target)} {side_of(target)} {output_of(target.output).unit} in {target.year}"


def range_of(question: Question) -> str:
    """Where is looked, and how closely."""
    steps = "one step" if question.steps == 1 else f"{question.steps} steps"
    return f"from {question.start:g} to {question.end:g} in {steps}; as close as {question.width:g}"


def side_of(target: Target) -> str:
    """The limit in words, without its unit."""
    return f"{'at least' if target.at_least else 'at most'} {number(target.limit)}"


def quantity_of(target: Target) -> str:
    """The target's output in words, as they stand within a sentence."""
    words = output_of(target.output).words
    place = "" if target.area == WORLD else f" of {target.area}"
    return f"{words if words[:2].isupper() or words[:3] == 'CO2' else words[:1].lower() + words[1:]}{place}"


def answer(subject: str, question: Question, found: Found) -> str:
    """The answer in one sentence."""
    target, times = question.target, " times the path" if question.lever.path else ""
    outcomes, unit = {trial.value: trial.outcome for trial in found.trials}, output_of(target.output).unit
    if found.value is not None:
        at = number(outcomes[found.value])
        return f"{subject} {found.value:.6g}{times} is enough for {target_of(target)}: it comes to {at} {unit}."
    best = (max if target.at_least else min)(found.trials, key=lambda trial: trial.outcome)
    return (
        f"{subject} from {question.start:g} to {question.end:g}{times} is not enough for {target_of(target)}: the best "
        f"is {number(best.outcome)} {unit}, at {best.value:.6g}."
    )


def meaning(question: Question, found: Found) -> list[str]:
    """What the answer guarantees, and what not."""
    first, *others = told(question, found, output_of(question.target.output).unit)
    del first  # the answer, by the setting's dotted name
    return others[1:] if found.value is None else others
