"""In what the compared runs differ before a year was simulated, and whether their results may be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any, Final

from steeliq.simulation.results.differences import settings
from steeliq.simulation.scenario.files import json_schema, load_scenario, preset_names
from steeliq.simulation.scenario.owners import TechnologyWindow
from steeliq.webui.compare.chosen import Compared
from steeliq.webui.scenarios.settings import by_place, window_settings
from steeliq.webui.scenarios.wording import UNSET, plain

ABSENT: Final = "not set"
BESIDE: Final = {"dataset": "Dataset", "steeliq": "Version that made the run"}
"""What decides the results beside the scenario."""
DEFAULTS: Final = UNSET | {"prices.factors": "1.0"}
"""What holds for a name that is not in one of these tables, written as a run records it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that is not the same in all runs; ``texts`` and where each is from, in the order of the runs."""

    name: str
    label: str
    meaning: str
    unit: str
    texts: tuple[str, ...]
    origins: tuple[str, ...]

    @property
    def cells(self) -> tuple[tuple[str, str, bool], ...]:
        """Each value, where it is from, and whether it differs from the first run's."""
        pairs = zip(self.texts, self.origins, strict=True)
        return tuple((text, origin, text != self.texts[0]) for text, origin in pairs)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence about two or more runs; ``is_warning`` if something may be wrong."""

    text: str
    is_warning: bool = False


def different_settings(runs: Sequence[Compared]) -> list[Setting]:
    """Settings, dataset and version in which the runs differ, in the order of the scenario."""
    flat = [inputs(run.facts.document) for run in runs]
    names = list(dict.fromkeys(name for held in flat for name in held))
    rows = [(name, tuple(value_told(held.get(name, "None"), name) for held in flat)) for name in names]
    different = [(name, values) for name, values in rows if len(set(values)) > 1]
    presets = [nearest_preset(held) for held in flat]
    return [
        Setting(name, label_of(name), *meaning_of(name), values,
                tuple(_origin(name, held, preset) for held, preset in zip(flat, presets, strict=True)))
        for name, values in different
    ]  # fmt: skip


def nearest_preset(held: Mapping[str, str]) -> str:
    """The preset that shares most settings with a run's; of equal ones the reference, then the first by name."""
    names = {*held} - set(BESIDE)
    distance = {
        preset: sum(held.get(name) != values.get(name) for name in names | {*values})
        for preset, values in _presets().items()
    }
    return min(distance, key=lambda preset: distance[preset])


def _origin(name: str, held: Mapping[str, str], preset: str) -> str:
    """Where a run has a setting from: the reference, the preset that it is nearest to, or its own author."""
    if name in BESIDE:
        return ""
    value, presets = held.get(name, "None"), _presets()
    if value == presets["reference"].get(name, "None"):
        return "reference"
    return f"preset {preset}" if value == presets[preset].get(name, "None") else "set for this run"


@cache
def _presets() -> Mapping[str, Mapping[str, str]]:
    return {name: settings(load_scenario(name).model_dump(mode="json")) for name in preset_names()}


def label_of(name: str) -> str:
    """A dotted setting as the editor calls it.

    >>> label_of("carbon.scenario"), label_of("prices.factors.hydrogen"), label_of("technologies.EAF.allowed")
    ('Carbon price scenario', 'Price factors by commodity: hydrogen', 'EAF: Allowed')
    """
    group, _, rest = name.partition(".")
    if group == "technologies" and "." in rest:
        technology, _, part = rest.partition(".")
        return next((f"{technology}: {one.label}" for one in window_settings() if one.place == part), name)
    place = next((place for place in by_place() if place and (name == place or name.startswith(f"{place}."))), "")
    if not place:
        return BESIDE.get(name, name)
    return by_place()[place].label + (f": {name[len(place) + 1 :]}" if name != place else "")


def value_told(value: str, name: str) -> str:
    """A value for people; one that is not set is told by what holds then."""
    if value != "None":
        return plain(value)
    group, _, rest = name.partition(".")
    if group == "technologies":
        window = TechnologyWindow.model_fields.get(rest.rpartition(".")[2])
        default = window.default if window else None
        return ABSENT if default is None else plain(str(default).lower())
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
    """Description and unit of a dotted setting, from the scenario's schema; empty where it has none.

    >>> meaning_of("demand.factor")
    ('Multiplies the demand of every country', 'multiplier')
    >>> meaning_of("carbon.paths.DEU")[1]
    'USD/tCO2'
    """
    if name in BESIDE:
        return BESIDE[name], ""
    node: Mapping[str, Any] = _schema()
    meaning = unit = ""
    for part in name.split("."):
        node = _inside(node, part)
        meaning, unit = str(node.get("description", meaning)), str(node.get("unit", unit))
    return meaning, unit if unit != "1" else "multiplier" if "ultipl" in meaning else ""


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
