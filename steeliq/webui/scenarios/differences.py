"""What differs between two scenarios: setting, old value, new value, unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from steeliq.webui.scenarios.draft import Values
from steeliq.webui.scenarios.settings import Setting, sections, settings, window_settings
from steeliq.webui.scenarios.wording import UNSET, value_text

UNTOLD: Final = ("name", "description")


@dataclass(frozen=True, slots=True)
class Difference:
    """One changed setting."""

    place: str  # setting, or one technology of it
    section: str
    label: str
    old: str
    new: str
    unit: str


def compared(old: Values, new: Values) -> list[Difference]:
    """All differences in the order of the form; names and descriptions are not compared."""
    found = {
        setting.place: list(_of_setting(setting, old[setting.place], new[setting.place], section.title))
        for section in sections()
        for setting in section.settings
        if setting.place not in UNTOLD
    }
    return [difference for differences in found.values() for difference in differences]


def changed(old: Values, new: Values) -> dict[str, Any]:
    """Old value of every setting (and technology) that changed; a new scenario has a name of its own anyway."""
    found: dict[str, Any] = {}
    for setting in settings():
        if setting.place in UNTOLD:
            continue
        before, after = old[setting.place], new[setting.place]
        if setting.kind == "windows":
            names = sorted({*before, *after})
            found |= {f"{setting.place}.{n}": before.get(n, {}) for n in names if before.get(n) != after.get(n)}
        if not same(before, after):
            found[setting.place] = before
    return found


def same(before: Any, after: Any) -> bool:
    """Equal as settings: 1 and 1.0 are, true and 1 are not."""
    return before == after and isinstance(before, bool) == isinstance(after, bool)


def _of_setting(setting: Setting, old: Any, new: Any, section: str) -> Iterator[Difference]:
    if setting.kind == "windows":
        for name in _keys(old, new):
            yield from _of_technology(setting.place, name, old.get(name, {}), new.get(name, {}), section)
    elif setting.kind == "paths":
        absent = UNSET.get(setting.place, "not set")
        for name in _keys(old, new):
            before, after = (value_text(side[name]) if name in side else absent for side in (old, new))
            if before != after:
                label = f"{setting.label}: {name}"
                yield Difference(setting.place, section, label, before, after, setting.unit)
    elif not same(old, new):
        yield Difference(setting.place, section, setting.label, setting.text(old), setting.text(new), setting.unit)


def _of_technology(
    place: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any], section: str
) -> Iterator[Difference]:
    for part in window_settings():
        before, after = (side.get(part.place, part.default) for side in (old, new))
        if not same(before, after):
            label = f"{name}: {part.label}"
            yield Difference(f"{place}.{name}", section, label, value_text(before), value_text(after), part.unit)


def _keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*old, *new]))
