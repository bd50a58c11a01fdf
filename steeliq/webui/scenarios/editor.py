"""What the editor's page shows: fields with what was typed, notes with what is wrong or changed, counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from steeliq.errors import Problem
from steeliq.webui.scenarios.checking import Verdict, home, told
from steeliq.webui.scenarios.differences import Difference, changed, compared
from steeliq.webui.scenarios.draft import Draft, Values, entries, inputs_of, points, technologies
from steeliq.webui.scenarios.names import Names, Technology
from steeliq.webui.scenarios.settings import FIRST, FREE, Group, Section, Setting, by_place, sections, window_settings

type Choice = tuple[str, str, bool]  # value, label, chosen


@dataclass(frozen=True, slots=True)
class Note:
    """What stands beside a field: problems, or that it was changed and what it was."""

    place: str
    problems: tuple[str, ...]
    changed: bool
    was: str
    base: str  # JSON of the value it is compared with, for the sparkline

    @property
    def id(self) -> str:
        """Of its element in the page."""
        return f"note-{self.place}"


@dataclass(frozen=True, slots=True)
class PathField:
    """Points of a path as they were typed; ``key`` is its name within the note's base value."""

    place: str
    label: str
    note: str
    key: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of several by name."""

    number: int
    key: str
    label: str
    path: PathField


@dataclass(frozen=True, slots=True)
class Window:
    """One technology."""

    technology: Technology
    place: str
    allowed: bool
    available_from: str
    available_to: str
    path: PathField
    note: Note


@dataclass(frozen=True, slots=True)
class Field:
    """One setting in the form."""

    setting: Setting
    note: Note
    text: str = ""
    choices: tuple[Choice, ...] = ()
    path: PathField | None = None
    entries: tuple[Entry, ...] = ()
    keys: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupFields:
    """A group of fields with what is wrong with the group as a whole."""

    group: Group
    note: Note
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class SectionFields:
    """A heading of the form."""

    section: Section
    groups: tuple[GroupFields, ...]
    changes: int
    problems: int


@dataclass(frozen=True)
class Editor:
    """One draft under one dataset, compared with one scenario."""

    draft: Draft
    verdict: Verdict
    names: Names
    base: Values
    base_title: str

    @cached_property
    def differences(self) -> list[Difference]:
        """What differs from the base, in the order of the form."""
        return compared(self.base, self.verdict.values)

    @cached_property
    def _changed(self) -> dict[str, Any]:
        return changed(self.base, self.verdict.values)

    @cached_property
    def loose(self) -> list[Problem]:
        """Problems that belong to no field."""
        return [problem for problem in self.verdict.problems if not home(problem.table)]

    @cached_property
    def problems(self) -> list[tuple[str, str]]:
        """Anchor and sentence of every problem."""
        return [(f"note-{home(p.table)}" if home(p.table) else "", _worded(p)) for p in self.verdict.problems]

    @property
    def first(self) -> list[Setting]:
        """The settings that most questions turn."""
        return [by_place()[place] for place in FIRST]

    @cached_property
    def sections(self) -> list[SectionFields]:
        """The whole form."""
        return [self._section(section) for section in sections()]

    @cached_property
    def notes(self) -> list[Note]:
        """Every note of the page: of groups, settings and technologies."""
        groups = [group for section in self.sections for group in section.groups]
        fields = [field for group in groups for field in group.fields]
        rows = [window for field in fields for window in field.windows]
        return [*(g.note for g in groups if g.group.name), *(f.note for f in fields), *(w.note for w in rows)]

    def fields(self, place: str) -> list[Field]:
        """The fields that a reset of ``place`` (setting, technology or section) touches."""
        return [
            field
            for section in self.sections
            for group in section.groups
            for field in group.fields
            if place in (section.section.id, field.setting.place) or place.startswith(f"{field.setting.place}.")
        ]

    def _section(self, section: Section) -> SectionFields:
        groups = tuple(
            GroupFields(group, self._note(group.name), tuple(self._field(setting) for setting in group.settings))
            for group in section.groups
        )
        places = {setting.place for setting in section.settings}
        heads = {group.name for group in section.groups if group.name}
        changes = sum(any(d.place == p or d.place.startswith(f"{p}.") for p in places) for d in self.differences)
        wrong = sum(home(p.table).split(".")[0] in heads or home(p.table) in places for p in self.verdict.problems)
        return SectionFields(section, groups, changes, wrong)

    def _note(self, place: str) -> Note:
        was, base = self._changed.get(place), self.base.get(place)
        plain = not isinstance(was, Mapping) or all(isinstance(key, int) for key in was)
        setting = by_place().get(place)
        shown = setting.text(was) if setting is not None and place in self._changed and plain else ""
        problems = tuple(told(self.verdict.at(place))) if place else ()
        return Note(place, problems, place in self._changed, shown[:160], json.dumps(base))

    def _field(self, setting: Setting) -> Field:
        place, note = setting.place, self._note(setting.place)
        if setting.kind == "path":
            return Field(setting, note, path=self._path(setting, place, setting.label, note.id))
        if setting.kind == "paths":
            return Field(setting, note, entries=self._entries(setting, note.id), keys=self.names.keys[place])
        if setting.kind == "windows":
            return Field(setting, note, windows=tuple(self._windows(setting)))
        text = self._text(setting, place)
        return Field(setting, note, text=text, choices=self._choices(setting, text))

    def _text(self, setting: Setting, place: str) -> str:
        return self.draft.get(place, inputs_of(setting, setting.default, place)[place])[-1]

    def _choices(self, setting: Setting, text: str) -> tuple[Choice, ...]:
        told = self.names.named.get(setting.place, {})
        known = tuple(told) if setting.kind == "named" else setting.choices
        if not known:
            return ()
        rows = [(name, f"{name}: {told[name]}" if name in told else setting.text(name), name == text) for name in known]
        return tuple(rows if text in known else [(text, f"{text} (unknown)", True), *rows])

    def _path(self, setting: Setting, place: str, label: str, note: str, key: str = "") -> PathField:
        typed = f"{place}.value" in self.draft or f"{place}.year" in self.draft
        draft = self.draft if typed else inputs_of(setting, setting.default, place)
        return PathField(place, label, note, key, tuple(points(draft, place)) or (("", ""),))

    def _entries(self, setting: Setting, note: str) -> tuple[Entry, ...]:
        labels = {name: label for _, options in self.names.keys[setting.place] for name, label in options}
        found = []
        for number in entries(self.draft, setting.place):
            place = f"{setting.place}.{number}"
            key = self.draft[f"{place}.key"][-1]
            label = labels.get(key, key if setting.place in FREE else f"{key} (unknown)")
            rows = tuple(points(self.draft, place)) or (("", ""),)
            found.append(Entry(number, key, label, PathField(place, f"{setting.label}: {label}", note, key, rows)))
        return tuple(found)

    def _windows(self, setting: Setting) -> list[Window]:
        known = {technology.name: technology for technology in self.names.technologies}
        strange = [Technology(n, "unknown", "", 0) for n in technologies(self.draft, setting.place) if n not in known]
        return [self._window(setting, technology) for technology in (*known.values(), *strange)]

    def _window(self, setting: Setting, technology: Technology) -> Window:
        place = f"{setting.place}.{technology.name}"
        texts = {p.place: self._text(p, f"{place}.{p.place}") for p in window_settings() if p.kind != "path"}
        part = next(p for p in window_settings() if p.kind == "path")
        window = self.base[setting.place].get(technology.name, {})
        problems, differs = tuple(told(self.verdict.at(place))), place in self._changed
        note = Note(place, problems, differs, "", json.dumps(window.get(part.place, part.default)))
        return Window(
            technology=technology,
            place=place,
            allowed=texts["allowed"] == "true",
            available_from=texts["available_from"],
            available_to=texts["available_to"],
            path=self._path(part, f"{place}.{part.place}", f"{part.label} of {technology.name}", note.id),
            note=note,
        )


def _worded(problem: Problem) -> str:
    """A problem with its place as the form calls it."""
    place = home(problem.table)
    if place != problem.table or place not in by_place():
        return str(problem)
    return f"{by_place()[place].label}: {'; '.join(told([problem]))}"
