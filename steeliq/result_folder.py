"""The folder of a run, an ensemble or a search: it holds one of them only, and one process writes it.

What such a folder holds is known by its record: ``run.json``, ``ensemble.json`` or ``search.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from filelock import FileLock, Timeout

from steeliq.errors import RunError

type Kind = Literal["run", "ensemble", "search"]

LOCK: Final = ".lock"
"""In the folder; whoever computes what it holds has locked it. The system releases it however that process ends."""

PATIENCE: Final = 2.0
"""Seconds to wait for the lock: whoever only looks has it for a moment."""


@contextmanager
def only_writer(folder: Path, kind: Kind, *, resume: bool) -> Iterator[None]:
    """Be the only one who writes to the folder, which is made if it is not there.

    It must hold nothing yet or, with ``resume``, something of this kind. Raises RunError, and changes nothing, if it
    holds anything else or if another process writes to it.
    """
    _check(folder, kind, resume=resume)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout as error:
        raise RunError(f"{folder}: another process is writing this {kind}; wait for it or stop it") from error
    try:
        yield
    finally:
        lock.release()


def _check(folder: Path, kind: Kind, *, resume: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise RunError(f"{folder}: this is a file; give a folder for the {kind}")
    here = (folder / f"{kind}.json").is_file()
    if not folder.is_dir() or (resume and here):
        return
    if any(entry.name != LOCK for entry in folder.iterdir()):
        advice = f"add --resume to go on with its {kind}, or give another folder" if here else "give another folder"
        raise RunError(f"{folder}: the folder is not empty{'' if here else f' and holds no {kind}'}; {advice}")


def read_record(folder: Path, kind: Kind, *, latest: int, remedy: str) -> dict[str, Any]:
    """The record of what the folder holds; ``latest`` is the last format that is understood.

    Raises RunError if there is none, if it cannot be read (``remedy`` says what to do then) or is of a later format.
    """
    path = folder / f"{kind}.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunError(f"{path}: there is no {kind} here; check the path") from error
    except (ValueError, OSError) as error:
        raise RunError(f"{path}: this file cannot be read ({error}); {remedy}") from error
    if not isinstance(record, dict) or not isinstance(record.get("format", 0), int):
        raise RunError(f"{path}: this is no record of steeliq; {remedy}")
    if record.get("format", 0) > latest:
        raise RunError(f"{path}: made by a later version of steeliq; update steeliq to read it")
    return record


def is_written(folder: Path) -> bool:
    """Whether a process is writing to the folder."""
    if not (folder / LOCK).is_file():
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except (Timeout, OSError):  # somebody else's folder cannot be probed: believe what it says
        return True
