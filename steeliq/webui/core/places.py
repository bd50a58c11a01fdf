"""Is the data folder a good place for a database? Synced folders, network drives, full disks, missing rights."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from steeliq.errors import RunError
from steeliq.places import network_kind, sync_service

NEEDED: Final = 50_000_000
"""Bytes without which nothing can be kept, beside room to rewrite the database twice."""

SCARCE: Final = 1_000_000_000
"""Bytes below which a person is told that the disk fills up."""


def check_place(folder: Path, database: Path | None = None) -> None:
    """Make the folder and try it; RunError says what is missing: access, or how much room is needed and free."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        needed = NEEDED
        if database is not None and database.is_file():
            needed += 2 * database.stat().st_size
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise RunError(
                f"{folder}: steeliq needs at least {needed / 1e6:,.0f} MB here, but {free / 1e6:,.0f} MB are free; "
                "make room on this disk, or give STEELIQ_HOME a folder on another"
            )
        with tempfile.NamedTemporaryFile(prefix=".try-", dir=folder) as trial:
            trial.write(b"steeliq")
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        raise RunError(
            f"{error.filename or folder}: steeliq cannot write here ({(error.strerror or str(error)).lower()}); give "
            "yourself access to this folder, or give STEELIQ_HOME another one"
        ) from error


def worries(folder: Path) -> dict[str, str]:
    """What a person should know about the place: a sentence for each subject; most often nothing."""
    told = {}
    program, kind = sync_service(folder), network_kind(folder)
    if program:
        told["synced"] = (
            f"The data folder {folder} seems to be kept in step by {program}, which can spoil a database that is in "
            "use. Set STEELIQ_HOME to a folder that stays on this machine."
        )
    if kind:
        told["network"] = (
            f"The data folder {folder} lies on a network drive ({kind}), where two machines can spoil the database. "
            "Set STEELIQ_HOME to a folder on this machine."
        )
    with suppress(OSError):
        free = shutil.disk_usage(folder).free
        if free < SCARCE:
            told["room"] = (
                f"The disk of the data folder has {free / 1e6:,.0f} MB left; a run of all years takes about 20 MB. "
                "The storage page tells what can go."
            )
    return told
