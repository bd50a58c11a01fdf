"""Settings by dotted name in nested tables, as TOML gives them: read, joined and changed, also one year of a path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

type Table = dict[str, Any]


def is_path(value: object) -> bool:
    """Whether an entry is a path over years rather than a group of settings."""
    return isinstance(value, Mapping) and bool(value) and all(str(key).isdecimal() for key in value)


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Table:
    """``base`` with the settings of ``changes``; a path over years is replaced as a whole, never mixed.

    >>> merged({"scrap": {"scenario": "bau", "factor": {"2025": 1.0}}}, {"scrap": {"factor": {"2030": 0.9}}})
    {'scrap': {'scenario': 'bau', 'factor': {'2030': 0.9}}}
    """
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        groups = isinstance(value, Mapping) and isinstance(old, Mapping) and not is_path(value) and not is_path(old)
        result[key] = merged(old, value) if groups and isinstance(old, Mapping) else value
    return result


def nested(place: str, value: object) -> Table:
    """The table that gives one setting a value.

    >>> nested("demand.factor", 0.9)
    {'demand': {'factor': 0.9}}
    """
    *groups, name = place.split(".")
    table: Table = {name: value}
    for group in reversed(groups):
        table = {group: table}
    return table


def entry_at(table: object, place: str) -> object:
    """What a table has at a dotted name; None if there is nothing.

    >>> entry_at({"scrap": {"factor": {"2025": 1.0}}}, "scrap.factor.2025")
    1.0
    """
    for part in place.split("."):
        table = table.get(part) if isinstance(table, Mapping) else None
    return table


def with_setting(table: Table, place: str, value: object) -> Table:
    """The table with one setting at a value; a year within a path changes the level of that year alone.

    >>> with_setting({"scrap": {"factor": {"2025": 1.0, "2050": 0.7}}}, "scrap.factor.2050", 0.5)
    {'scrap': {'factor': {'2025': 1.0, '2050': 0.5}}}
    """
    path_place, _, year = place.rpartition(".")
    path = entry_at(table, path_place)
    if year.isdecimal() and isinstance(path, Mapping):
        return merged(table, nested(path_place, {**path, year: value}))
    return merged(table, nested(place, value))


def lacks_level(table: Table, place: str) -> str:
    """What is wrong with the name of a year in a path, if the table has no level there; else nothing.

    Elsewhere a year alone would stand for all years, since the years outside a path hold its ends.
    """
    path_place, _, year = place.rpartition(".")
    if not path_place or not year.isdecimal():
        return ""
    path = entry_at(table, path_place)
    if isinstance(path, Mapping) and is_path(path):
        if year in path:
            return ""
        years = f"its years are {', '.join(path)}"
    else:
        years = "it has no path there"
    return (
        f"only a year for which the scenario has a level can be changed alone, and {years}; name one of them, "
        f"or give the whole path, as in {path_place} = {{ 2025 = 1.0, 2050 = 0.8 }}"
    )


def text_keys(value: Any) -> Any:
    """TOML and JSON want text keys, and have no null: settings left empty are left out."""
    if isinstance(value, Mapping):
        return {str(key): text_keys(entry) for key, entry in value.items() if entry is not None}
    return value
