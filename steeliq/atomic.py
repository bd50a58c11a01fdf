"""How a file appears: complete or not at all, even if the machine stops half-way.

The bytes go to a partial file in the same folder, are flushed to the disk, and are then renamed; the folder is
flushed last so that the new name itself survives a power cut.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

PARTIAL: Final = ".partial"
"""Suffix of a file that is being written; a leftover one is overwritten by the next attempt."""


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a partial file beside ``path``, then give it its name; parents are made.

    If ``write`` raises, the partial file is removed, ``path`` is untouched and the error goes on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def remove_partial(folder: Path) -> None:
    """Delete what a killed process left half-written below ``folder``; nobody may be writing there."""
    with suppress(OSError):
        for left in folder.rglob(f"*{PARTIAL}"):
            left.unlink(missing_ok=True)


def write_text_atomically(path: Path, text: str) -> None:
    """Write UTF-8 text with line feeds as they are in ``text``."""
    write_atomically(path, lambda stream: stream.write(text.encode("utf-8")))


def flush_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk (Windows does so with the rename and cannot open folders)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
