"""Take out of a text what says who and where someone is, and what they called their work.

Paths and names are recognised by what is known here: the home folder, the user's and the machine's name, the program's
and the data folder, and the names of runs, scenarios and datasets. Of logs, moreover, everything that is quoted goes,
every path that is not the program's, and all but the kind of an exception.
"""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import steeliq
from steeliq.desktop.log_lines import TRACE, Record, records
from steeliq.paths import data_folder

NOBODY = {"root", "user", "admin", "administrator", "localhost", "ubuntu", "debian"}
"""Names that tell nothing about a person, and which texts hold for other reasons."""

LEFT_OUT = "(left out)"
_PATH = re.compile(
    r"(?<![^\s'\":,;()=|])(?!<(?:program|python)>)[^\s'\":,;()|]*[\\/][^\s'\":,;()|]*[^\W\d_][^\s'\":,;()|]*"
)
_DRIVE = re.compile(r"(?<!\w)[A-Za-z]:(?=<path>)")
_FILE = re.compile(
    r"[^\s'\":,;()|/\\]+\.(?:csv|xlsx?|toml|json|zip|steeliq|parquet|sqlite3|html|pptx|svg|png|txt)\b", re.IGNORECASE
)
_QUOTED = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|“[^”\n]*”|‘[^’\n]*’|`[^`\n]*`")
_FRAME = re.compile(r'^(\s+File )"([^"]+)"(, line \d+,? in \S+)')
_EXCEPTION = re.compile(r"^([\w.]+)(?::.*)?$")
_RUN_LINE = re.compile(
    r"\d{4}\s+\d+%|reading the dataset and the scenario|(simulating|going on with) \d{4}-\d{4}|done in [\w .,+-]+"
)


@dataclass(frozen=True, slots=True)
class Redaction:
    """What to look for and what to write instead, in the order of its use: places, then names."""

    places: tuple[tuple[re.Pattern[str], str], ...]
    names: tuple[tuple[re.Pattern[str], str], ...]

    def text(self, text: str) -> str:
        """``text`` without what is known."""
        for pattern, instead in (*self.places, *self.names):
            text = pattern.sub(instead, text)
        return text

    def document(self, value: Any) -> Any:
        """A JSON document with every text in it redacted; keys are the program's."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.document(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.document(inner) for inner in value]
        return value

    def message(self, text: str) -> str:
        """A sentence for a log, also without anything quoted and without files and paths but the program's."""
        told = _QUOTED.sub("'…'", text)
        for pattern, instead in self.places:
            told = pattern.sub(instead, told)
        return self.text(_FILE.sub("<file>", _DRIVE.sub("", _PATH.sub("<path>", told))))

    def log(self, text: str) -> str:
        """A log: its lines as messages, trace-backs as places in the program and the kind of the exception."""
        return "".join(f"{record.head}{line}\n" for record in records(text) for line in self._lines(record))

    def run_log(self, text: str) -> str:
        """The log of a run: its messages are about the user's data, so only known lines and trace-backs stay."""
        return "".join(
            f"{record.head}{line if _is_known(line) else LEFT_OUT}\n"
            for record in records(text)
            for line in self._lines(record)
        )

    def _lines(self, record: Record) -> Iterator[str]:
        inside = over = False
        for line in record.lines:
            frame = _FRAME.match(line)
            if line.startswith(TRACE):
                inside, over = True, False
                yield line
            elif frame:
                yield f'{frame[1]}"{self._place(frame[2])}"{frame[3]}'
            elif inside and line and not line.startswith(" "):
                inside, over = False, True
                kind = _EXCEPTION.match(line)
                yield f"{kind[1] if kind else 'an exception'}: {LEFT_OUT}"
            elif not inside and not over:  # else a line of source, or the rest of the exception's message
                yield self.message(line)

    def _place(self, path: str) -> str:
        told = self.text(path)
        return told if told.startswith(("<program>", "<python>", "<frozen")) else "<path>"


def _is_known(line: str) -> bool:
    """Whether a line of a run's log tells nothing of its data."""
    trace = line.startswith((" ", TRACE)) or line.endswith(f": {LEFT_OUT}")
    return trace or _RUN_LINE.fullmatch(line) is not None


def redaction(names: Iterable[str] = ()) -> Redaction:
    """What is known here, and ``names`` of the user's own; names of fewer than three letters are not looked for."""
    own = [_as_written(name) for name in sorted({name.strip() for name in names}, key=len, reverse=True)]
    places = {
        str(data_folder()): "<data>",
        os.path.realpath(data_folder()): "<data>",
        str(Path(steeliq.__file__).resolve().parents[1]): "<program>",
        str(Path(sys.prefix).absolute()): "<program>",
        os.path.realpath(sys.prefix): "<program>",
        str(Path(os.__file__).parent): "<python>",
        sys.base_prefix: "<python>",
    }
    with suppress(RuntimeError):  # no home folder
        home = Path.home()
        places |= {str(home): "~", os.path.realpath(home): "~"}
    ordered = sorted(places.items(), key=lambda one: len(one[0]), reverse=True)
    known = [
        (_exactly(form), instead) for place, instead in ordered for form in _forms(place) if len(place.strip("/\\")) > 1
    ]
    called = [(pattern, "<name>") for pattern in own if pattern is not None]
    called += [(_as_word(name), instead) for name, instead in _who() if len(name) > 1 and name.lower() not in NOBODY]
    return Redaction(tuple(known), tuple(called))


def _who() -> list[tuple[str, str]]:
    """The user's and the machine's names."""
    found = [(platform.node(), "<machine>"), (platform.node().partition(".")[0], "<machine>")]
    with suppress(RuntimeError):  # no home folder
        found.append((Path.home().name, "<user>"))
    with suppress(OSError, KeyError, ImportError):  # no such user, as in some containers
        found.append((getpass.getuser(), "<user>"))
    return found


def _forms(place: str) -> set[str]:
    """A path as it is written in texts, in addresses and by Python's repr."""
    return {place, place.replace("\\", "/"), place.replace("\\", "\\\\"), quote(place), quote(place.replace("\\", "/"))}


def _exactly(text: str) -> re.Pattern[str]:
    flags = re.IGNORECASE if os.name == "nt" else 0
    return re.compile(re.escape(text) + r"(?![\w-])", flags)


def _as_word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", re.IGNORECASE)


def _as_written(name: str) -> re.Pattern[str] | None:
    """A name however its words are joined, since folders are named after runs: ``My plan`` is also ``my-plan``."""
    words = re.findall(r"[^\W_]+", name)
    if sum(map(len, words)) < 3:
        return None
    return re.compile(rf"(?<![^\W_]){r'[\W_]+'.join(map(re.escape, words))}(?![^\W_])", re.IGNORECASE)
