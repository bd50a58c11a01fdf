"""Names and keys that settings and security share; importing this module changes nothing on disk."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

COOKIE = "STEELIQ_COOKIE"
KEY_FILE = "secret-key"


def cookie_name() -> str:
    """A name of its own per start: cookies ignore ports, and two servers must not overwrite each other's."""
    return os.environ.get(COOKIE, "steeliq_session")


def secret_key(folder: Path) -> str:
    """The key kept in the data folder; one for this process only as long as none was made."""
    try:
        return (folder / KEY_FILE).read_text("ascii") or secrets.token_urlsafe(48)
    except FileNotFoundError:
        return secrets.token_urlsafe(48)


def make_secret_key(folder: Path) -> None:
    """Keep a random key in the data folder, readable by its owner only, unless there is one."""
    path = folder / KEY_FILE
    if path.is_file() and path.stat().st_size:
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
