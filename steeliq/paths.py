"""Where a person's runs are kept: the platform's data folder, or ``STEELIQ_HOME``."""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import datetime
from hashlib import sha256
from pathlib import Path

LOCK = "serve.lock"
"""In the data folder; whoever holds it serves the folder, alone."""


def data_folder() -> Path:
    """Folder of everything steeliq keeps for its user; it need not exist yet."""
    home = os.environ.get("STEELIQ_HOME")
    if home:
        return Path(home).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("steeliq", appauthor=False)


def runs_folder() -> Path:
    """Folder that holds one folder for each run."""
    return data_folder() / "runs"


def ensembles_folder() -> Path:
    """Folder that holds one folder for each ensemble."""
    return data_folder() / "ensembles"


def searches_folder() -> Path:
    """Folder that holds one folder for each search."""
    return data_folder() / "searches"


def database_file() -> Path:
    """The app's table of runs: names, notes, states; results lie in the runs' own folders."""
    return data_folder() / "steeliq.sqlite3"


def logs_folder() -> Path:
    """Folder of the logs of all processes and of crash reports."""
    return data_folder() / "logs"


def run_folder(scenario: str, now: datetime) -> Path:
    """A folder that does not exist yet: ``<date>-<time>-<scenario>``, numbered if the second is taken."""
    name = f"{now:%Y%m%d-%H%M%S}-{plain_name(scenario)}"
    folder, number = runs_folder() / name, 2
    while folder.exists():
        folder, number = runs_folder() / f"{name}-{number}", number + 1
    return folder


def plain_name(text: str) -> str:
    """Letters and digits of any script, and hyphens: fit for a folder or a file on every platform, and readable.

    At most 60 characters and 120 bytes; composed (NFC), so that macOS, which takes a letter and its accent apart, finds
    it too. A text without a letter or digit is told by its hash, so that two such names are two names.

    >>> plain_name("Carbon price: 100 $/t"), plain_name("钢铁 2030"), plain_name("Сталь")
    ('carbon-price-100-t', '钢铁-2030', 'сталь')
    """
    text = unicodedata.normalize("NFKC", text.lower())
    kept = "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in text)
    short = "-".join(kept.split())[:60].encode()[:120].decode(errors="ignore").strip("-")
    return short or f"name-{_digest(text)}"


def address_name(text: str) -> str:
    """The same of plain letters only, as the addresses of pages have them; without any, told by its hash.

    >>> address_name("Carbon price: 100 $/t"), address_name("钢铁 2030")
    ('carbon-price-100-t', '2030')
    """
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]
    return plain or f"name-{_digest(text)}"


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:8]
