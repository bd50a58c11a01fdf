"""A scenario as the inputs of a form, and back: whatever was typed is kept, right or wrong.

A draft holds the texts of all inputs by name. A simple setting has one input, named as the setting. A path over years
has the inputs ``<place>.year`` and ``<place>.value``, one of each for every point; one point without a year is a plain
number. Paths by name have these under ``<place>.<number>``, with the name in ``<place>.<number>.key``. The settings
of a technology stand under ``technologies.<technology>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, Final

from steeliq.errors import Problem
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.owners import TechnologyWindow
from steeliq.webui.scenarios.settings import Setting, settings, window_settings
from steeliq.webui.scenarios.wording import number_text

type Draft = dict[str, list[str]]
type Values = dict[str, Any]

LONGEST_NUMBER: Final = 40
_IDLE: Final = TechnologyWindow().model_dump()


def values_of(scenario: Scenario) -> Values:
    """Every leaf by its dotted name; of technologies only what is not idle."""
    found: Values = {}
    whole = scenario.model_dump()
    for setting in settings():
        value: Any = whole
        for part in setting.place.split("."):
            value = value[part]
        found[setting.place] = _windows(value) if setting.kind == "windows" else value
    return found


def _windows(windows: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    busy = {
        name: {key: value for key, value in window.items() if value != _IDLE[key]} for name, window in windows.items()
    }
    return {name: window for name, window in busy.items() if window}


def nested(values: Values) -> dict[str, Any]:
    """The table that scenario files hold, from leaves by dotted name."""
    table: dict[str, Any] = {}
    for place, value in values.items():
        group, _, name = place.rpartition(".")
        (table.setdefault(group, {}) if group else table)[name] = value
    return table


def draft_of(values: Values) -> Draft:
    """The inputs that say ``values``."""
    draft: Draft = {}
    for setting in settings():
        draft |= inputs_of(setting, values[setting.place])
    return draft


def inputs_of(setting: Setting, value: Any, place: str = "") -> Draft:
    """The inputs of one setting; ``place`` stands in for its own where it is part of a technology."""
    place = place or setting.place
    if setting.kind == "path":
        return _path_inputs(place, value)
    if setting.kind == "paths":
        draft: Draft = {}
        for number, (key, path) in enumerate(value.items()):
            draft |= {f"{place}.{number}.key": [str(key)], **_path_inputs(f"{place}.{number}", path)}
        return draft
    if setting.kind == "windows":
        draft = {}
        for name, window in value.items():
            for part in window_settings():
                draft |= inputs_of(part, window.get(part.place, part.default), f"{place}.{name}.{part.place}")
        return draft
    if setting.kind == "switch":
        return {place: ["true" if value else "false"]}
    return {place: ["" if value is None else number_text(value) if isinstance(value, int | float) else str(value)]}


def _path_inputs(place: str, path: Any) -> Draft:
    if isinstance(path, Mapping):
        return {f"{place}.year": [str(y) for y in path], f"{place}.value": [_typed(v) for v in path.values()]}
    return {f"{place}.year": [""], f"{place}.value": [_typed(path)]}


def _typed(value: Any) -> str:
    return number_text(value) if isinstance(value, int | float) else str(value)


def belongs(key: str, place: str) -> bool:
    """Whether an input is part of a setting."""
    return key == place or key.startswith(f"{place}.")


def without(draft: Draft, place: str) -> Draft:
    """The draft without the inputs of a setting."""
    return {key: texts for key, texts in draft.items() if not belongs(key, place)}


def read(draft: Draft) -> tuple[Values, list[Problem]]:
    """What a draft says, leaf by leaf, and what cannot be read at all (its ranges are checked elsewhere).

    A setting that has no input in the draft has its default.
    """
    problems: list[Problem] = []
    return {setting.place: read_setting(draft, setting, problems) for setting in settings()}, problems


def read_setting(draft: Draft, setting: Setting, problems: list[Problem], place: str = "") -> Any:
    """The value of one setting; numbers that are none stay texts, which the check of the scenario refuses."""
    place = place or setting.place
    if setting.kind == "path":
        return _read_path(draft, place, problems) if f"{place}.value" in draft else setting.default
    if setting.kind == "paths":
        return _read_paths(draft, place, problems)
    if setting.kind == "windows":
        return _read_windows(draft, place, problems)
    if place not in draft:
        return setting.default
    text = draft[place][-1]
    if setting.kind == "switch":
        return {"true": True, "false": False}.get(text, text)
    if setting.kind in ("whole", "number"):
        return None if setting.optional and not text.strip() else number(text, whole=setting.kind == "whole")
    return text.replace("\r\n", "\n")


def number(text: str, *, whole: bool = False) -> int | float | str:
    """The number that a text says, else the text.

    >>> number("2025"), number("0.5"), number("2025.0", whole=True), number("1,5")
    (2025, 0.5, 2025, '1,5')
    """
    text = text.strip()
    if len(text) > LONGEST_NUMBER:
        return text
    for convert in (int, float):
        try:
            found = convert(text)
        except ValueError:
            continue
        return int(found) if whole and isinstance(found, float) and found.is_integer() else found
    return text


def points(draft: Draft, place: str) -> list[tuple[str, str]]:
    """The typed years and values of a path, without empty lines."""
    years, values = draft.get(f"{place}.year", []), draft.get(f"{place}.value", [])
    rows = [(year.strip(), value.strip()) for year, value in zip_longest(years, values, fillvalue="")]
    return [row for row in rows if any(row)]


def _read_path(draft: Draft, place: str, problems: list[Problem]) -> Any:
    rows = points(draft, place)
    if len(rows) == 1 and not rows[0][0]:
        return number(rows[0][1])
    path: dict[Any, Any] = {}
    for text, value in rows:
        year = number(text, whole=True)
        if not text:
            problems.append(Problem(place, 0, "", value, "the year of this value is missing"))
        elif year in path:
            problems.append(Problem(place, 0, "", text, "this year stands twice; remove one of its lines"))
        else:
            path[year if isinstance(year, int) else text] = number(value)
    return path


def entries(draft: Draft, place: str) -> list[int]:
    """Numbers of the named paths in a draft, in order."""
    ends = [key[len(place) + 1 : -4] for key in draft if key.startswith(f"{place}.") and key.endswith(".key")]
    return sorted({int(end) for end in ends if end.isascii() and end.isdigit() and len(end) < 6})


def _read_paths(draft: Draft, place: str, problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries(draft, place):
        key = draft.get(f"{place}.{entry}.key", [""])[-1]
        if key in found:
            problems.append(Problem(place, 0, "", key, "this name stands twice; remove one of its paths"))
        else:
            found[key] = _read_path(draft, f"{place}.{entry}", problems)
    return found


def _read_windows(draft: Draft, place: str, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in technologies(draft, place):
        found[name] = {
            part.place: read_setting(draft, part, problems, f"{place}.{name}.{part.place}")
            for part in window_settings()
        }
    return _windows(found)


def technologies(draft: Draft, place: str = "technologies") -> list[str]:
    """Technologies of which the draft holds inputs."""
    ends = tuple(f".{part.place}{end}" for part in window_settings() for end in ("", ".year", ".value"))
    names = {
        key.removeprefix(f"{place}.").removesuffix(end): None
        for key in draft
        if key.startswith(f"{place}.")
        for end in ends
        if key.endswith(end)
    }
    return [name for name in names if name]
