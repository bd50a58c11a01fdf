"""What is wrong with a scenario, in words a person can act on: field, value found, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from steeliq.errors import Problem
from steeliq.simulation.scenario import Scenario

#: How pydantic names the two ways to write a path over years in the place of an error.
_BRANCHES: Final = ("float", "dict[int,float]")
_PATH_RULE: Final = "a number or a table of years such as { 2025 = 1.0, 2050 = 0.6 } is expected"


def told(error: ValidationError) -> list[Problem]:
    """One problem for each wrong setting."""
    found: dict[str, Problem] = {}
    details = error.errors(include_url=False)
    for detail in details:
        problem = _path_problem(detail, details) if _branch(detail["loc"]) is not None else _problem(detail)
        if problem is not None:
            found.setdefault(problem.table, problem)
    return list(found.values())


def suggestion(name: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` if something known is spelled alike, else nothing.

    >>> suggestion("carbn", ["carbon", "demand"])
    '; did you mean carbon?'
    """
    lower = {entry.lower(): entry for entry in known}
    near = [lower[match] for match in get_close_matches(name.lower(), list(lower), n=2, cutoff=0.6)]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def settings_of(group: type[BaseModel] = Scenario, prefix: str = "") -> dict[str, FieldInfo]:
    """Every setting by its dotted name; settings by technology stand under ``technologies.NAME``."""
    found: dict[str, FieldInfo] = {}
    for name, field in group.model_fields.items():
        inner = _group_in(field)
        if inner is None:
            found[prefix + name] = field
        else:
            within = f"{prefix}{name}." if isinstance(field.annotation, type) else f"{prefix}{name}.NAME."
            found |= settings_of(inner, within)
    return found


def allowed(field: FieldInfo) -> str:
    """The range of a setting in words, with its unit; empty if there is none.

    >>> allowed(settings_of()["finance.equity_share"]), allowed(settings_of()["finance.life"])
    ('above 0 and at most 1', 'from 5 to 40 years')
    """
    bounds = {
        name: getattr(limit, name)
        for limit in field.metadata
        for name in ("gt", "ge", "lt", "le")
        if hasattr(limit, name)
    }
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    low = f"above {bounds['gt']:g}" if "gt" in bounds else f"at least {bounds['ge']:g}" if "ge" in bounds else ""
    high = f"below {bounds['lt']:g}" if "lt" in bounds else f"at most {bounds['le']:g}" if "le" in bounds else ""
    text = " and ".join(part for part in (low, high) if part)
    if "ge" in bounds and "le" in bounds:
        text = f"from {_plain(bounds['ge'])} to {_plain(bounds['le'])}"
    return f"{text} {unit}" if text and unit not in {"", "1", "year"} else text


def _plain(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


def _branch(place: tuple[int | str, ...]) -> int | None:
    """Where in the place of an error the two ways to write a path part; None for other settings."""
    return next((position for position, part in enumerate(place) if part in _BRANCHES), None)


def _path_problem(detail: Any, details: list[Any]) -> Problem | None:
    """A path over years that is neither a number nor a table of years; errors inside its table come first."""
    place = detail["loc"]
    at = _branch(place)
    setting, inside = place[:at], place[(at or 0) + 1 :]
    siblings = [other["loc"] for other in details if other["loc"][:at] == setting]
    if not inside:
        deeper = any(len(other) > (at or 0) + 1 for other in siblings)
        return None if deeper else Problem(_dotted(setting), 0, "", _shown(detail["input"]), _PATH_RULE)
    if inside[-1] == "[key]":
        year = str(inside[0])
        if year.isdigit():
            return None  # refused only because it stands beside a key that is no year
        return Problem(_dotted((*setting, year)), 0, "", year, f"the keys of a path are years; {_PATH_RULE}")
    return Problem(_dotted((*setting, *inside)), 0, "", _shown(detail["input"]), "a finite number is expected")


def _problem(detail: Any) -> Problem:
    place, kind, found = detail["loc"], detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return _unknown(place)
    field = _field(place)
    limits = allowed(field) if field is not None else ""
    rules = {
        "bool_type": "true or false is expected, without quotes",
        "string_type": "a text in double quotes is expected",
        "dict_type": f"a group of settings is expected; write [{_dotted(place)}] and its settings below it",
        "model_type": f"a group of settings is expected; write [{_dotted(place)}] and its settings below it",
        "value_error": str(detail.get("ctx", {}).get("error", "")),
        "literal_error": f"one of {str(detail.get('ctx', {}).get('expected', '')).replace(chr(39), '')} is expected",
        "string_too_short": "a text that is not empty is expected",
        "string_too_long": f"a text of at most {detail.get('ctx', {}).get('max_length', 0)} characters is expected",
    }
    whole = kind.startswith("int") or (field is not None and field.annotation is not float)
    rule = rules.get(kind, f"a {'whole ' if whole else ''}number {limits}".rstrip() + " is expected")
    shown = "" if isinstance(found, Mapping) and kind == "value_error" else _shown(found)
    return Problem(_dotted(place), 0, "", shown, rule)


def _unknown(place: tuple[int | str, ...]) -> Problem:
    group = _group(place[:-1])
    known = list(group.model_fields) if group is not None else []
    name = str(place[-1])
    elsewhere = [setting for setting in settings_of() if setting.rpartition(".")[2] == name]
    hint = suggestion(name, known)
    if not hint and elsewhere:
        hint = f"; did you mean {' or '.join(elsewhere)}?"
    if not hint:
        hint = f"; known here: {', '.join(known)}"
    return Problem(_dotted(place), 0, "", "", f"there is no such setting{hint}")


def _group(place: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The group of settings at a place; the names of technologies lead to the group of one technology."""
    group: type[BaseModel] | None = Scenario
    named = False
    for part in place:
        if named:
            named = False
            continue
        field = group.model_fields.get(str(part)) if group is not None else None
        if field is None:
            return None
        group = _group_in(field)
        named = group is not None and not isinstance(field.annotation, type)
    return group


def _field(place: tuple[int | str, ...]) -> FieldInfo | None:
    group = _group(place[:-1]) if place else None
    return group.model_fields.get(str(place[-1])) if group is not None else None


def _group_in(field: FieldInfo) -> type[BaseModel] | None:
    """The group that a setting is, or that its table holds by name; None for a plain setting."""
    for candidate in (field.annotation, *get_args(field.annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _dotted(place: Iterable[int | str]) -> str:
    return ".".join(str(part) for part in place) or "scenario"


def _shown(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
