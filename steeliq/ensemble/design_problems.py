"""What is wrong with a design by itself, in words: factor, what was found, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any, Final

import numpy as np
from pydantic import ValidationError

from steeliq.ensemble.schema import REACH, Correlation, Design, Factor, Option, scenario_with
from steeliq.errors import Problem, ScenarioError
from steeliq.simulation.scenario.files import differences
from steeliq.simulation.scenario.places import lacks_level, text_keys
from steeliq.simulation.scenario.problems import suggestion

NEEDED: Final = {
    "uniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "triangular": ("low", "mode", "high"),
    "discrete": ("values",),
}
"""What each distribution needs."""

TAKEN: Final = NEEDED | {
    "normal": ("mean", "sd", "low", "high"),
    "discrete": ("values", "weights"),
}
"""What each distribution takes."""

LARGEST: Final = 2_000_000
"""Members of a design at most."""

UNKNOWN: Final = "there is no such setting"
"""How a scenario refuses a name."""

OWN: Final = ("name", "description", "seed", "period", "period.start", "period.end")
"""Settings that no factor may change."""


NEEDED_ENTRIES: Final = {
    "factors": "add at least one [[factors]]",
    "name": 'give the ensemble a name: name = "..."',
    "agent_seeds": "give the agents at least one seed: agent_seeds = [1]",
}
"""What to do about an entry that is missing or empty."""

LIMITS: Final = {"gt": "above", "ge": "of at least", "lt": "below", "le": "of at most"}
"""How a limit is told."""

EXPECTED: Final = {
    "string_type": "a text in double quotes",
    "string_too_short": "a text that is not empty",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number without quotes",
    "finite_number": "a finite number",
    "tuple_type": "a list such as [1, 2]",
    "dict_type": 'a table such as { year = "2030" }',
    "model_type": "a table",
    "model_attributes_type": "a table",
}
"""What is expected in place of what is refused."""

type More = Callable[[Design], list[Problem]]
"""What else is wrong with a design, looked for in the parts of it that are sound by themselves."""


def told(error: ValidationError, table: Mapping[str, Any], more: More) -> list[Problem]:
    """One problem for each entry of a design that does not fit the schema, and all that is wrong with the rest."""
    found: dict[tuple[str, str], Problem] = {}
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and any(_within(other["loc"], detail["loc"]) for other in details):
            continue  # what is in the list was refused; it is not empty
        place, column = _place(detail["loc"], table)
        found.setdefault((place, column), Problem(place, 0, column, _shown(detail["input"]), _rule(detail)))
    try:
        rest = Design.model_validate(_sound(error, table))
    except ValidationError:  # nothing is left to look at
        return list(found.values())
    others = [problem for problem in of_design(rest, more) if (problem.table, problem.column) not in found]
    return [*found.values(), *others]


def _within(loc: tuple[int | str, ...], place: tuple[int | str, ...]) -> bool:
    return len(loc) > len(place) and loc[: len(place)] == place


def _sound(error: ValidationError, table: Mapping[str, Any]) -> dict[str, Any]:
    """The table without the entries that the error names; of a factor nothing stays, nor of what may refer to it."""
    places = [detail["loc"] for detail in error.errors(include_url=False)]
    factors = {loc[1] for loc in places if loc[:1] == ("factors",) and len(loc) > 1}
    rest = {key: value for key, value in table.items() if key not in {loc[0] for loc in places}}
    rest.setdefault("name", "design")
    if factors:
        rest["factors"] = [entry for number, entry in enumerate(table["factors"]) if number not in factors]
        rest.pop("correlations", None)
    return rest


def _place(loc: tuple[int | str, ...], table: Mapping[str, Any]) -> tuple[str, str]:
    """Where in the file, such as ("factor 2 (carbon price)", "low")."""
    if len(loc) > 1 and loc[0] in {"factors", "correlations"} and isinstance(loc[1], int):
        entry = table[str(loc[0])][loc[1]]
        name = entry.get("name") or entry.get("field") or entry.get("column") if isinstance(entry, Mapping) else ""
        kind = str(loc[0]).removesuffix("s")
        column = next((str(part) for part in loc[2:3]), "")
        return f"{kind} {loc[1] + 1}" + (f" ({name})" if name else ""), column
    return "design", str(loc[0]) if loc else ""


def _rule(detail: Any) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "extra_forbidden":
        model = Factor if "factors" in detail["loc"] else Correlation if "correlations" in detail["loc"] else Design
        known = [field.alias or name for name, field in model.model_fields.items()]
        return f"there is no such entry{suggestion(last, known) or '; known here: ' + ', '.join(known)}"
    if kind == "too_short" and "correlations" in detail["loc"]:
        return "name at least two factors that move together"
    if kind in {"missing", "too_short"}:
        return NEEDED_ENTRIES.get(last, "it is missing; add it")
    if kind == "literal_error":
        return f"one of {str(context.get('expected', '')).replace(chr(39), '')} is expected"
    if kind == "tuple_type" and detail["loc"] in {("factors",), ("correlations",)}:
        return f"write each of them below a line [[{last}]] of its own"
    if {"levels", "values"} & set(detail["loc"]) and kind != "tuple_type":
        return "give numbers, texts in double quotes, or true and false"
    if kind == "string_too_long":
        return f"a text of at most {context['max_length']} characters is expected"
    limits = " and ".join(f"{words} {context[name]:g}" for name, words in LIMITS.items() if name in context)
    expected = EXPECTED.get(kind, f"a number {limits}".rstrip() if limits else "")
    return f"{expected} is expected" if expected else f"{str(detail['msg'])[:1].lower()}{str(detail['msg'])[1:]}"


def of_design(design: Design, more: More) -> list[Problem]:
    """All that is wrong with a design that fits the schema; ``more`` looks at the factors that are sound so far."""
    problems = [problem for factor in design.factors for problem in of_factor(factor)]
    problems += _of_names(design)
    problems += _of_overlaps(design)
    problems += _of_correlations(design)
    problems += _of_method(design)
    problems += _of_settings(design)
    problems += _of_scenario(design)
    wrong = {problem.table for problem in problems}
    sound = tuple(factor for factor in design.factors if f"factor {factor.name}" not in wrong)
    return problems + more(design.model_copy(update={"factors": sound, "correlations": ()}))


def of_factor(factor: Factor) -> list[Problem]:
    """All that is wrong with a factor by itself."""
    table = f"factor {factor.name}"
    problems: list[Problem] = []

    def note(column: str, rule: str, value: object = "") -> None:
        problems.append(Problem(table, 0, column, _shown(value), rule))

    if bool(factor.field) == bool(factor.column):
        note("field", "name either a scenario field or a dataset column, such as column = 'prices.price'")
    if factor.where and not factor.column:
        note("where", "only rows of a dataset column can be chosen; a scenario field has none")
    if factor.field in OWN:
        advice = "list agent_seeds instead" if factor.field == "seed" else "put it into [settings]"
        note("field", f"this setting is the same in all members; {advice}", factor.field)
    _note_distribution(factor, note)
    kinds = {"text" if isinstance(o, str) else "yes or no" if isinstance(o, bool) else "number" for o in factor.choices}
    where = "levels" if factor.levels else "values"
    if len(kinds) > 1:
        note(where, "all values must be numbers, all texts, or all true or false", list(factor.choices))
    if len(set(map(str, factor.choices))) < len(factor.choices):
        note(where, "a value stands here twice; list each once and give weights", list(factor.choices))
    if factor.column and factor.choices and not factor.numeric:
        note(where, "the values multiply rows of the dataset; give numbers", list(factor.choices))
    return problems


def _note_distribution(factor: Factor, note: Any) -> None:
    kind = factor.distribution
    given = [name for name in ("low", "high", "mean", "sd", "mode") if getattr(factor, name) is not None]
    given += [name for name, value in (("values", factor.options), ("weights", factor.weights)) if value]
    if factor.levels:
        if kind or given:
            note("levels", f"levels stand in place of a distribution; take away {', '.join([*given, 'distribution'])}")
        return
    if kind is None:
        note("distribution", "say how values are spread: uniform, normal, triangular or discrete; or list levels")
        return
    missing = [name for name in NEEDED[kind] if name not in given]
    if missing:
        note("distribution", f"this distribution needs {', '.join(missing)} too", kind)
        return
    extra = [name for name in given if name not in TAKEN[kind]]
    if extra:
        note(
            "distribution",
            f"this distribution does not take {', '.join(extra)}; it takes {', '.join(TAKEN[kind])}",
            kind,
        )
    low, high = factor.low, factor.high
    if low is not None and high is not None and not low < high:
        note("low", f"low must be less than high ({high:g})", low)
    elif kind == "normal":
        _note_nothing_left(factor, note)
    elif kind == "triangular" and not (low or 0.0) <= (factor.mode or 0.0) <= (high or 0.0):
        note("mode", f"the mode lies between low ({low:g}) and high ({high:g})", factor.mode)
    if factor.weights and len(factor.weights) != len(factor.options):
        note("weights", f"there are {len(factor.options)} values; give a weight for each", list(factor.weights))
    elif factor.weights and (min(factor.weights) < 0 or sum(factor.weights) <= 0):
        note("weights", "weights are not negative and not all zero", list(factor.weights))


def _note_nothing_left(factor: Factor, note: Any) -> None:
    """Bounds beyond both ends of a normal distribution leave nothing of it to be drawn."""
    mean, sd = factor.mean or 0.0, factor.sd or 1.0
    ends = (mean - REACH * sd, mean + REACH * sd)
    for name, outside in (("low", (factor.low or 0.0) >= ends[1]), ("high", (factor.high or 0.0) <= ends[0])):
        bound = getattr(factor, name)
        if bound is not None and outside:
            rest = "above" if name == "low" else "below"
            rule = (
                f"nothing of the distribution lies {rest} it: mean and sd spread it from {ends[0]:g} to {ends[1]:g}; "
                "change the bound, mean or sd, or use uniform"
            )
            note(name, rule, bound)


def _of_overlaps(design: Design) -> Iterable[Problem]:
    """Factors of which one would undo the other, or multiply the same rows again."""
    for one, other in combinations(design.factors, 2):
        shorter, longer = sorted((one.field, other.field), key=len)
        if shorter and longer.startswith(f"{shorter}."):
            rule = "one of these fields is part of the other, so that one factor would undo the other; keep one"
            yield Problem("design", 0, "factors", f"{one.field} and {other.field}", rule)
        if one.column and one.column == other.column and one.where == other.where:
            rule = "two factors multiply the same rows; keep one, or choose rows for each (where)"
            yield Problem("design", 0, "factors", f"{one.name} and {other.name}", rule)


def _of_names(design: Design) -> Iterable[Problem]:
    taken = {"point", "agent_seed", "member", "year", "area", "output", "unit", "value"}
    for name, count in Counter(factor.name for factor in design.factors).items():
        if count > 1:
            yield Problem(f"factor {name}", 0, "name", name, "two factors have this name; give each its own")
        if name in taken:
            yield Problem(
                f"factor {name}", 0, "name", name, "this is the name of a column of the results; give another"
            )
    for field, count in Counter(factor.field for factor in design.factors if factor.field).items():
        if count > 1:
            yield Problem("design", 0, "factors", field, "two factors change this field; keep one")
    for seed, count in Counter(design.agent_seeds).items():
        if count > 1:
            yield Problem("design", 0, "agent_seeds", str(seed), "a seed stands here twice; list each once")


def _of_correlations(design: Design) -> list[Problem]:
    problems = []
    names = [factor.name for factor in design.factors]
    if design.correlations and design.method != "latin_hypercube":
        rule = "only a Latin hypercube can be correlated; take the correlations away or use method = 'latin_hypercube'"
        problems.append(Problem("design", 0, "correlations", design.method, rule))
    for number, group in enumerate(design.correlations, 1):
        place = f"correlation {number}"
        problems += [
            Problem(place, 0, "factors", name, f"no factor has this name{suggestion(name, names)}")
            for name in group.factors
            if name not in names
        ]
        if len(set(group.factors)) < len(group.factors):
            problems.append(Problem(place, 0, "factors", ", ".join(group.factors), "a factor stands here twice"))
    if problems:
        return problems
    pairs = Counter(
        frozenset((a, b))
        for group in design.correlations
        for i, a in enumerate(group.factors)
        for b in group.factors[:i]
    )
    for pair, count in pairs.items():
        if count > 1:
            rule = "this pair is correlated twice; keep one"
            problems.append(Problem("design", 0, "correlations", " and ".join(sorted(pair)), rule))
    if not problems and design.correlations and np.linalg.eigvalsh(design.correlation)[0] <= 1e-9:
        rule = "no random numbers have these correlations at once (the matrix is not positive definite); lower some"
        problems.append(Problem("design", 0, "correlations", "", rule))
    return problems


def _of_method(design: Design) -> Iterable[Problem]:
    if design.method == "sobol" and design.samples & (design.samples - 1):
        near = 1 << design.samples.bit_length()
        rule = f"Sobol' points come in powers of two; take {near // 2} or {near}"
        yield Problem("design", 0, "samples", str(design.samples), rule)
    if design.method == "factorial":
        for factor in design.factors:
            if not factor.choices:
                rule = "a factorial design combines levels; list levels = [...] in place of the distribution"
                yield Problem(f"factor {factor.name}", 0, "distribution", str(factor.distribution), rule)
    if design.points * len(design.agent_seeds) > LARGEST:
        rule = f"more than {LARGEST:,} members; take fewer samples, levels or seeds"
        yield Problem("design", 0, "samples", f"{design.points * len(design.agent_seeds):,}", rule)


def _of_settings(design: Design) -> Iterable[Problem]:
    if "seed" in design.settings:
        rule = "list agent_seeds in place of one seed"
        yield Problem("settings.seed", 0, "", _shown(design.settings["seed"]), rule)
    if "base" in design.settings:
        rule = "name the preset by scenario = '...' at the top of the design"
        yield Problem("settings.base", 0, "", _shown(design.settings["base"]), rule)


def _of_scenario(design: Design) -> Iterable[Problem]:
    """What the scenario's schema refuses: the settings, and each factor at its choices or ends."""
    try:
        _ = design.base
    except ScenarioError as error:
        for one in error.problems:
            yield Problem(f"settings.{one.table}", one.row, one.column, one.value, one.rule)
        return
    for factor in design.factors:
        if factor.field and factor.field not in OWN:
            if rule := lacks_level(text_keys(differences(design.base)), factor.field):
                yield Problem(f"factor {factor.name}", 0, "field", factor.field, rule)
                continue
            sound = not of_factor(factor)
            found = _refused(design, factor, factor.extremes() if sound else (1.0,))
            yield from (one for one in found if sound or one.rule.startswith(UNKNOWN))


def _refused(design: Design, factor: Factor, values: Iterable[Option]) -> list[Problem]:
    for value in values:
        try:
            scenario_with(design, [(factor, value)], {})
        except ScenarioError as error:
            return [
                Problem(f"factor {factor.name}", 0, "field", factor.field, _why(one, value)) for one in error.problems
            ]
    return []


def _why(problem: Problem, value: Option) -> str:
    if problem.rule.startswith(UNKNOWN):
        return problem.rule
    advice = "; use discrete whole values or levels" if "whole number" in problem.rule else ""
    return f"the scenario refuses the value {value} ({problem.rule}){advice}"


def _shown(value: object) -> str:
    text = "" if isinstance(value, Mapping) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
