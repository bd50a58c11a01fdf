"""A log as records: what begins with a time, and the lines that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TRACE = "Traceback (most recent call last)"
_HEAD = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d{4})? (?P<level>[A-Z]+) (?:\S+ \[[^\]]*\] [\w.]+: |[\w.]+ )"
    r"|\d\d:\d\d:\d\d )"
)


@dataclass(slots=True)
class Record:
    """A time with level and logger ('' before the first), the level, and the lines without that beginning."""

    head: str
    level: str
    lines: list[str] = field(default_factory=list)

    @property
    def exceptions(self) -> list[str]:
        """What each trace-back in it ends with."""
        found, inside = [], False
        for line in self.lines:
            if line.startswith(TRACE):
                inside = True
            elif inside and line and not line.startswith(" "):
                inside = False
                found.append(line)
        return found


def records(text: str) -> Iterator[Record]:
    """The records of a log. Lines with the same beginning are one record: a log repeats it before each line of one."""
    record = Record("", "")
    for line in text.splitlines():
        begin = _HEAD.match(line)
        if begin and begin[0] != record.head:
            if record.lines:
                yield record
            record = Record(begin[0], begin["level"] or "")
        record.lines.append(line[begin.end() :] if begin else line)
    if record.lines:
        yield record
