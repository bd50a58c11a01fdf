"""Where a person's runs are kept: the platform's data folder, or ``STEELIQ_HOME``."""

from __future__ import annotations

import os
import re
from datetime import datetime
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
    """Letters, digits and hyphens only: fit for a folder on every platform.

    >>> plain_name("Carbon price: 100 $/t")
    'carbon-price-100-t'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "run"
