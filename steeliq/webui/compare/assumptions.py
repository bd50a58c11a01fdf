"""In what the compared runs differ before a year was simulated, and whether their results may be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any, Final

from steeliq.simulation.results.differences import settings
from steeliq.simulation.scenario import TechnologyWindow
from steeliq.simulation.scenario_files import json_schema
from steeliq.webui.compare.chosen import Compared

ABSENT: Final = "not set"
DEFAULTS: Final = {"prices.factors": "1.0", "carbon.paths": "as in the carbon scenario"}
"""What holds for a name that is not in one of these tables."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that is not the same in all runs; ``texts`` in the order of the runs."""

    name: str
    meaning: str
    unit: str
    texts: tuple[str, ...]

    @property
    def cells(self) -> tuple[tuple[str, bool], ...]:
        """Each value and whether it differs from the first run's."""
        return tuple((text, text != self.texts[0]) for text in self.texts)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence about two or more runs; ``is_warning`` if something may be wrong."""

    text: str
    is_warning: bool = False


def different_settings(runs: Sequence[Compared]) -> list[Setting]:
    """Settings, dataset and version in which the runs differ, in the order of the scenario."""
    flat = [inputs(run.facts.document) for run in runs]
    names = list(dict.fromkeys(name for held in flat for name in held))
    rows = [(name, tuple(_told(held.get(name, "None"), name) for held in flat)) for name in names]
    return [Setting(name, *meaning_of(name), values) for name, values in rows if len(set(values)) > 1]


def _told(value: str, name: str) -> str:
    """A value for people; one that is not set is told by what holds then."""
    if value != "None":
        return value
    group, _, rest = name.partition(".")
    if group == "technologies":
        window = TechnologyWindow.model_fields.get(rest.rpartition(".")[2])
        default = window.default if window else None
        return ABSENT if default is None else str(default).lower()
    return DEFAULTS.get(name.rpartition(".")[0], ABSENT)


def inputs(document: Mapping[str, Any]) -> dict[str, str]:
    """Everything that a run was made from as dotted names and texts, name and description left out."""
    dataset, code = document["dataset"], document["code"]
    return settings(document["scenario"]) | {
        "dataset": f"{dataset['name']}, hash {dataset['hash'][:12]}",
        "steeliq": f"{code['version']} {code['commit'][:12]}".strip(),
    }


def questions(document: Mapping[str, Any]) -> dict[str, str]:
    """What a run was asked: settings and the dataset's content, whichever version of steeliq answered."""
    return settings(document["scenario"]) | {"dataset": str(document["dataset"]["hash"])}


def verdicts(runs: Sequence[Compared]) -> list[Verdict]:
    """What a reader must know before reading differences: equal inputs, equal results, other years or versions."""
    told = [verdict for a, b in combinations(runs, 2) if (verdict := _of_pair(a, b)) is not None]
    years = {run.facts.years for run in runs}
    if len(years) > 1:
        told.append(Verdict("The runs cover different years; figures of the strip are those of the last common year."))
    codes = {(run.facts.document["code"]["version"], run.facts.document["code"]["commit"]) for run in runs}
    if len(codes) > 1:
        told.append(Verdict("The runs were made by different versions of steeliq, which may differ in results too."))
    return told


def _of_pair(a: Compared, b: Compared) -> Verdict | None:
    same_question = questions(a.facts.document) == questions(b.facts.document)
    same_answer = a.facts.output == b.facts.output
    if same_question and same_answer:
        return Verdict(f"{a.label} and {b.label} have the same inputs and the same results, byte by byte.")
    if same_answer:
        return Verdict(
            f"{a.label} and {b.label} have different inputs but exactly the same results: what was changed reached "
            "nothing. A limit may not bind, a name may have nothing behind it, or a year may lie outside the period.",
            is_warning=True,
        )
    if same_question:
        document, other = a.facts.document, b.facts.document
        same_code = document["code"] == other["code"] and document["platform"] == other["platform"]
        reason = "though version and platform are the same" if same_code else "as version or platform differ"
        return Verdict(f"{a.label} and {b.label} have the same inputs but other results, {reason}.", same_code)
    return None


def meaning_of(name: str) -> tuple[str, str]:
    """Description and unit of a dotted setting, from the scenario's schema; empty for what it does not know.

    >>> meaning_of("demand.factor")
    ('Multiplies the demand of every country', '1')
    >>> meaning_of("carbon.paths.DEU")[1]
    'USD/tCO2'
    """
    if name == "dataset":
        return "Dataset", ""
    if name == "steeliq":
        return "Version that made the run", ""
    node: Mapping[str, Any] = _schema()
    meaning = unit = ""
    for part in name.split("."):
        node = _inside(node, part)
        meaning, unit = str(node.get("description", meaning)), str(node.get("unit", unit))
    return meaning, unit


def _inside(node: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """The schema of a property, looked for behind references, alternatives and free keys."""
    for candidate in _readings(node):
        if part in candidate.get("properties", {}):
            found: Mapping[str, Any] = candidate["properties"][part]
            return found
        if isinstance(candidate.get("additionalProperties"), dict):
            free: Mapping[str, Any] = candidate["additionalProperties"]
            return free
    return {}


def _readings(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found, waiting = [], [node]
    while waiting:
        current = waiting.pop(0)
        if "$ref" in current:
            waiting.append(_schema()["$defs"][str(current["$ref"]).rsplit("/", maxsplit=1)[-1]])
        waiting += [*current.get("anyOf", ()), *current.get("allOf", ())]
        found.append(current)
    return found


@cache
def _schema() -> Mapping[str, Any]:
    return json_schema()
