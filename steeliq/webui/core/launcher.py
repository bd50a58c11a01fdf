"""What the serving process tells the launcher that started it: one line of JSON at a time on standard output."""

from __future__ import annotations

import json
import sys
from threading import Lock
from typing import Any

_lock = Lock()
_attached = False


def attach() -> None:
    """From now on somebody listens."""
    global _attached  # noqa: PLW0603 (one launcher for this process)
    _attached = True


def is_attached() -> bool:
    """A launcher listens, so that pages may offer what it does."""
    return _attached


def say(**values: Any) -> None:
    """Tell the launcher; nothing happens if there is none."""
    if not _attached:
        return
    with _lock:
        sys.stdout.write(json.dumps(values) + "\n")
        sys.stdout.flush()
