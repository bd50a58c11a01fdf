"""Scenario files: finding, reading, checking and writing them.

A file is TOML and holds only differences: from the default, or from the preset that its ``base`` names. Reading is
strict (the text "1" is no number, ``true`` is no number) and lists everything wrong at once. Whether the dataset
knows a named path, technology or area is checked later, when both are compiled.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import tomli_w
from pydantic import BaseModel, ValidationError

from steeliq.errors import Problem, ScenarioError
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.places import Table, entry_at, is_path, lacks_level, merged, text_keys, with_setting
from steeliq.simulation.scenario.problems import suggestion, told

type Names = Callable[[Scenario], list[Problem]]
"""What a scenario names that is not there."""

BASE: Final = "base"
LONGEST_NAME: Final = 80
UNNAMED: Final = ("seed", "period.", "name", "description")
"""Settings that do not make another scenario."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A scenario that ships with steeliq."""

    name: str
    description: str


def presets() -> tuple[Preset, ...]:
    """The presets, `reference` first, the others by name."""
    found = [(name, _preset_table(name)) for name in preset_names()]
    return tuple(Preset(name, " ".join(str(table.get("description", "")).split())) for name, table in found)


def preset_names() -> tuple[str, ...]:
    """Names of the presets, `reference` first."""
    folder = files("steeliq.reference").joinpath("scenarios")
    names = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted(names, key=lambda name: (name != "reference", name)))


def load_scenario(
    source: str | Path = "reference", overrides: Sequence[str] = (), names: Names | None = None
) -> Scenario:
    """The scenario of a preset name or a TOML file, with ``key.sub=value`` overrides applied, each on the one before.

    A text that names a preset is the preset; everything else is a path. ``names``: as for `check`. Raises
    ScenarioError with every problem.
    """
    where, table = _read(source)
    problems: list[Problem] = []
    settings = [text.partition("=")[0].strip() for text in overrides]
    for text in overrides:
        table = _overridden(table, text, problems)
    if problems:
        raise ScenarioError("--set", problems)
    changes = [text for text, setting in zip(overrides, settings, strict=True) if not setting.startswith(UNNAMED)]
    if changes and "name" not in settings:
        own = {key: table[key] for key in ("description",) if key in settings}
        table = _renamed(table, f"{table.get('name', 'reference')}, {', '.join(changes)}", changes) | own
    return check(table, where, names)


def _renamed(table: Table, name: str, changes: Iterable[str]) -> Table:
    """A changed scenario must not go by the name and description of what it was made from."""
    base = str(table.get("name", "reference"))
    short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    return table | {"name": short, "description": f"Like {base}, but with {', '.join(changes)}."}


def parse_scenario(text: str, where: str = "scenario", names: Names | None = None) -> Scenario:
    """The scenario that a TOML text describes; ``names`` as for `check`. Raises ScenarioError with every problem."""
    return check(_with_base(_parse(text, where), where), where, names)


def check(table: Mapping[str, Any], where: str, names: Names | None = None) -> Scenario:
    """The scenario of a plain table; ``where`` names it in messages. Raises ScenarioError with every problem.

    ``names`` says what the scenario names that a dataset does not hold. It is asked even if some settings are wrong,
    of the others, so that everything is told at once.
    """
    given = _with_years(table)
    try:
        scenario = Scenario.model_validate(given, strict=True)
    except ValidationError as error:
        problems = told(error)
        rest = _sound_part(given, problems) if names else None
        raise ScenarioError(where, [*problems, *(names(rest) if names and rest else ())]) from error
    if names and (problems := names(scenario)):
        raise ScenarioError(where, problems)
    return scenario


def _sound_part(table: Table, problems: Iterable[Problem]) -> Scenario | None:
    """The scenario without the settings that have a problem; None if the others make no scenario."""
    rest = deepcopy(table)
    for problem in problems:
        group, place = rest, problem.table.split(".")
        for depth, part in enumerate(place, start=1):
            key = next((key for key in group if str(key) == part), None)
            if key is None:
                break
            inner = group[key]
            if depth == len(place) or not isinstance(inner, dict) or is_path(inner):
                del group[key]
                break
            group = inner
    try:
        return Scenario.model_validate(rest, strict=True)
    except ValidationError:
        return None


def differences(scenario: Scenario) -> Table:
    """The settings that deviate from the default, as a plain nested table."""
    return scenario.model_dump(exclude_defaults=True)


def to_toml(scenario: Scenario, *, full: bool = False) -> str:
    """A TOML text that holds only differences from the default (or every setting); it reads as an equal scenario."""
    table = {"name": scenario.name, **(scenario.model_dump() if full else differences(scenario))}
    return tomli_w.dumps(text_keys(table))


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario; each setting carries its ``unit``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema()}


def scenario_hash(scenario: Scenario, then: Mapping[str, Any] | None = None) -> str:
    """SHA-256 [hex] of all settings: equal scenarios, equal hash, whatever file they came from.

    ``then``: all settings as an earlier version recorded them. Settings that it did not know count only if they
    deviate from the default, so that the hash is the one which that version gave.
    """
    table = scenario.model_dump() if then is None else _as_known(scenario, then)
    text = json.dumps(text_keys(table), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _as_known(group: BaseModel, then: Mapping[str, Any]) -> Table:
    every, changed = group.model_dump(), group.model_dump(exclude_defaults=True)
    table: Table = {}
    for name, value in group:
        if name in then or name in changed:
            known = then.get(name)
            inner = isinstance(value, BaseModel)
            table[name] = _as_known(value, known if isinstance(known, Mapping) else {}) if inner else every[name]
    return table


def _read(source: str | Path) -> tuple[str, Table]:
    if isinstance(source, str) and source in preset_names():
        return f"preset {source}", _preset_table(source)
    path = Path(source)
    where = str(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        hint = suggestion(str(source), preset_names())
        rule = f"there is no such file and no preset of this name{hint}; presets: {', '.join(preset_names())}"
        raise ScenarioError(where, [Problem("scenario", 0, "", str(source), rule)]) from error
    except OSError as error:
        rule = f"the file cannot be read ({error.strerror}); give a TOML file or the name of a preset"
        raise ScenarioError(where, [Problem("scenario", 0, "", str(source), rule)]) from error
    return where, _with_base(_parse(_decoded(content, where), where), where)


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        value = f"byte 0x{content[error.start]:02x}"
        problem = Problem("text", line, "", value, "the file is not UTF-8; save it with the encoding UTF-8")
        raise ScenarioError(where, [problem]) from error


def _parse(text: str, where: str) -> Table:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        line, reason = _place(str(error), text)
        shown = text.splitlines()[line - 1].strip() if 0 < line <= len(text.splitlines()) else ""
        rule = f"this is not TOML ({reason}); write key = value, texts in double quotes, groups as [group]"
        raise ScenarioError(where, [Problem("text", line, "", shown[:80], rule)]) from error


def _place(message: str, text: str) -> tuple[int, str]:
    """Line number and reason in the parser's message, which ends in "(at line 3, column 9)" or "(at end of ...)"."""
    reason, _, place = message.rpartition(" (at ")
    digits = place.removeprefix("line ").partition(",")[0]
    return (int(digits) if digits.isdigit() else len(text.splitlines())), reason or message


def _with_base(table: Table, where: str) -> Table:
    """The file's table over that of its base; a preset has no base, so this is one level."""
    if BASE not in table:
        return table
    base = table[BASE]
    own = {key: value for key, value in table.items() if key != BASE}
    if not isinstance(base, str) or base not in preset_names():
        hint = suggestion(str(base), preset_names())
        rule = f"a base is the name of a preset{hint}; presets: {', '.join(preset_names())}"
        raise ScenarioError(where, [Problem(BASE, 0, "", str(base), rule)])
    own.setdefault("name", Path(where).stem if where.endswith(".toml") else f"{base}, changed")
    own.setdefault("description", f"Like {base}, with changes of its own.")
    return merged(_preset_table(base), own)


def _preset_table(name: str) -> Table:
    file = files("steeliq.reference").joinpath("scenarios", f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _overridden(table: Table, text: str, problems: list[Problem]) -> Table:
    """The table with what ``key.sub=value`` says; a bare word is taken as text, since shells eat quotes."""
    key, separator, value = (part.strip() for part in text.partition("="))
    rule = "write --set key.sub=value, such as --set carbon.scenario=uniform_100 or --set demand.factor=0.9"
    if not separator or not key or not value or "\n" in text:
        problems.append(Problem("--set", 0, "", text, rule))
        return table
    word = value.replace("_", "").replace("-", "").isalnum() and value not in {"true", "false", "nan", "inf"}
    for written in (value, json.dumps(value, ensure_ascii=False)) if word else (value,):
        try:
            place, change = _dotted(tomllib.loads(f"{key} = 0")), tomllib.loads(f"{key} = {written}")
        except tomllib.TOMLDecodeError:
            continue
        if lacking := lacks_level(table, place):
            problems.append(Problem("--set", 0, "", text, lacking))
            return table
        return with_setting(table, place, entry_at(change, place))
    problems.append(Problem("--set", 0, "", text, f"the value is not TOML; texts with blanks need quotes; {rule}"))
    return table


def _dotted(table: Mapping[str, Any]) -> str:
    """The name of the only setting in a table, without the quotes that TOML may want."""
    [(name, inner)] = table.items()
    return f"{name}.{_dotted(inner)}" if isinstance(inner, Mapping) else name


def _with_years(value: Any) -> Any:
    """The same nested table with the keys of paths over years as whole numbers."""
    if not isinstance(value, Mapping):
        return value
    if is_path(value):
        return {int(key): entry for key, entry in value.items()}
    return {key: _with_years(entry) for key, entry in value.items()}
