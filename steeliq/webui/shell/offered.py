"""Files that the person opened with steeliq: offered on a page, taken in only when that page is answered."""

from __future__ import annotations

import secrets
from pathlib import Path
from threading import Lock

_offered: dict[str, Path] = {}
_lock = Lock()


def offer(path: str) -> str:
    """Address of the page that offers the file."""
    key = secrets.token_hex(6)
    with _lock:
        _offered[key] = Path(path)
    return f"/shell/offered/{key}/"


def offered(key: str) -> Path | None:
    """The file of a page; None if none was offered under this key since the start."""
    with _lock:
        return _offered.get(key)
