"""What was typed into a form and not saved yet: a crash of page, server or machine costs the last second of it.

The forms are those of the scenario editor, the builder of ensembles and the question of a search.

It lies here and not in the browser, whose store belongs to an address that changes with every start. Each page that is
opened is a sitting of its own, with a file below ``unsaved``: two pages cannot overwrite each other. The file goes when
its form is saved, run or thrown away.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from steeliq.atomic import write_text_atomically
from steeliq.paths import data_folder
from steeliq.webui.scenarios.draft import Draft

logger = logging.getLogger(__name__)

MOST: Final = 50
"""Forms that are kept; the oldest go."""

SITTING: Final = "sitting"
"""Name of the form's input that holds its sitting."""

_WRITING: Final = Lock()
"""What is typed and its check may arrive at once."""

_NOT_TYPED: Final = frozenset({SITTING, "action", "do", "csrfmiddlewaretoken"})
_SITTING: Final = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A form as it was typed, and when."""

    sitting: str
    kept: datetime
    draft: Draft

    @property
    def form(self) -> QueryDict:
        """The form as a browser sends it."""
        form = QueryDict(mutable=True)
        for name, texts in self.draft.items():
            form.setlist(name, list(texts))
        return form


@dataclass(frozen=True, slots=True)
class Sitting:
    """A page that is being opened: with what was kept if that is taken up, else beside an offer of it."""

    address: str
    name: str
    taken: Unsaved | None = None
    offered: Unsaved | None = None

    @property
    def take_up(self) -> str:
        """Address of the page with what is offered."""
        joint = "&" if "?" in self.address else "?"
        return f"{self.address}{joint}unsaved={self.offered.sitting}" if self.offered else self.address


def opened(address: str, asked: str) -> Sitting:
    """A page opened at ``address``; ``asked`` is the sitting that is to be taken up, or nothing."""
    taken = find(address, asked)
    return Sitting(address, new_sitting(), offered=newest(address)) if taken is None else Sitting(address, asked, taken)


def address_of(request: HttpRequest, *names: str) -> str:
    """Address of a page with what its query says of these names: each of them has forms of its own."""
    asked = [(name, request.GET[name]) for name in names if name in request.GET]
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


def new_sitting() -> str:
    """A name for a page that is being opened."""
    return secrets.token_hex(8)


def folder() -> Path:
    """Where the forms lie; it need not exist."""
    return data_folder() / "unsaved"


def keep(address: str, sitting: str, draft: Draft, now: datetime) -> None:
    """Keep the form of a sitting of the page ``address``; trouble is logged only, since the page still has it."""
    if not _SITTING.fullmatch(sitting):
        return
    typed = {key: texts for key, texts in draft.items() if key not in _NOT_TYPED}
    content = {"address": address, "kept": now.isoformat(), "draft": typed}
    try:
        with _WRITING:
            write_text_atomically(_file(address, sitting), json.dumps(content, ensure_ascii=False))
            for old in sorted(folder().glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)[MOST:]:
                old.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("what was typed could not be kept: %s", error)


def find(address: str, sitting: str) -> Unsaved | None:
    """The form of a sitting, if it is there and can be read."""
    if not _SITTING.fullmatch(sitting):
        return None
    try:
        content = json.loads(_file(address, sitting).read_text(encoding="utf-8"))
        draft = {str(key): [str(text) for text in texts] for key, texts in content["draft"].items()}
        return Unsaved(sitting, datetime.fromisoformat(content["kept"]), draft)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def newest(address: str) -> Unsaved | None:
    """The form of the page ``address`` that was typed last."""
    found = [find(address, path.stem.rpartition("-")[2]) for path in _files(address)]
    return max((one for one in found if one is not None), key=lambda one: one.kept, default=None)


def forget(address: str, sitting: str) -> None:
    """The form was saved or run."""
    if _SITTING.fullmatch(sitting):
        with suppress(OSError):
            _file(address, sitting).unlink(missing_ok=True)


def throw_away(address: str) -> None:
    """Forget all forms of the page ``address``."""
    for path in _files(address):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _files(address: str) -> Iterator[Path]:
    yield from folder().glob(f"{_mark(address)}-*.json")


def _file(address: str, sitting: str) -> Path:
    return folder() / f"{_mark(address)}-{sitting}.json"


def _mark(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:12]
