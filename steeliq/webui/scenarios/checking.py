"""Is a draft a scenario? Every problem at once, each with the setting it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from steeliq.errors import DatasetError, Problem, ScenarioError
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import check, parse_scenario
from steeliq.webui.scenarios.draft import Draft, Values, nested, read
from steeliq.webui.scenarios.names import Names, datasets, names_of
from steeliq.webui.scenarios.settings import by_place, sections

LARGEST_FILE: Final = 1_000_000  # bytes; the longest scenario anyone writes by hand has a few thousand
ENDLESS: Final = "this is no scenario: it nests too deeply or holds a number without end"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a draft says, and the scenario if nothing is wrong with it."""

    values: Values
    scenario: Scenario | None
    problems: tuple[Problem, ...]

    def at(self, place: str) -> list[Problem]:
        """The problems of one setting, group or technology."""
        return [problem for problem in self.problems if home(problem.table) == place]


def judged(draft: Draft, names: Names) -> Verdict:
    """Read and check a draft, also against the names of the dataset."""
    values, problems = read(draft)
    unreadable = {home(problem.table) for problem in problems}
    readable = {place: value for place, value in values.items() if place not in unreadable}
    try:
        scenario = check(nested(readable), "scenario", names.problems)
    except ScenarioError as error:
        return Verdict(values, None, tuple(sorted([*problems, *error.problems])))
    return Verdict(values, None if problems else scenario, tuple(sorted(problems)))


def home(table: str) -> str:
    """The setting (or technology, or group) that the place named in a problem belongs to.

    >>> home("demand.factor.2030"), home("technologies.BF.capex_factor"), home("period"), home("elsewhere")
    ('demand.factor', 'technologies.BF', 'period', '')
    """
    parts = table.split(".")
    if parts[0] == "technologies":
        return ".".join(parts[:2])
    known = by_place()
    found = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    settled = next((place for place in found if place in known), "")
    groups = {group.name for section in sections() for group in section.groups if group.name}
    return settled or (parts[0] if parts[0] in groups else "")


def scenario_of_file(name: str, content: bytes) -> Scenario:
    """The scenario in an uploaded TOML file, which fits the reference dataset or one of the user's.

    Raises ScenarioError with every problem; nothing is stored here.
    """
    where = name.replace("\\", "/").rpartition("/")[2][:120] or "file"
    if len(content) > LARGEST_FILE:
        raise refused_file(where, f"the file has {len(content):,} bytes; a scenario has at most {LARGEST_FILE:,}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refused_file(where, f"line {line} is not UTF-8; save the file with the encoding UTF-8") from error
    try:
        return parse_scenario(text, where, _unknown)
    except (ValueError, RecursionError) as error:  # numbers with thousands of digits, brackets nested without end
        raise refused_file(where, ENDLESS) from error


def _unknown(scenario: Scenario) -> list[Problem]:
    """What the scenario names that the reference dataset does not hold, unless one of the user's holds it all."""
    problems = names_of().problems(scenario)
    return [] if problems and any(_fits(scenario, folder) for folder in datasets().values()) else problems


def _fits(scenario: Scenario, folder: Path) -> bool:
    try:
        return not names_of(folder).problems(scenario)
    except DatasetError:
        return False


def refused_file(where: str, rule: str) -> ScenarioError:
    """The error for a file that is wrong as a whole."""
    return ScenarioError(where, [Problem("file", 0, "", where, rule)])


def told(problems: Iterable[Problem]) -> list[str]:
    """Each problem as a sentence without its place, for use beside the field."""
    return [f"found {problem.value!r}; {problem.rule}" if problem.value else problem.rule for problem in problems]
