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

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


def write_atomically(path: Path, write: Callable[[BinaryIO], object], *, mode: int = 0o666) -> None:
    """Let ``write`` fill a partial file beside ``path``, then give it its name; parents are made.

    ``mode`` are its permissions from the first byte on, less what the system withholds from new files.

    If ``write`` raises, the partial file is removed, ``path`` is untouched and the error goes on. An OSError that names
    no file then names ``path``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    try:
        partial.unlink(missing_ok=True)  # whose permissions would stay
        with os.fdopen(os.open(partial, _NEW, mode), "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except BaseException as error:
        with suppress(OSError):  # must not hide what went wrong
            partial.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:  # a full disk does not say where
            error.filename = str(path)
        raise
    flush_folder(path.parent)


def remove_partial(folder: Path) -> None:
    """Delete what a killed process left half-written below ``folder``; nobody may be writing there."""
    with suppress(OSError):
        for left in folder.rglob(f"*{PARTIAL}"):
            left.unlink(missing_ok=True)


def write_bytes_atomically(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a content that is at hand."""
    write_atomically(path, lambda stream: stream.write(content), mode=mode)


def write_text_atomically(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Write UTF-8 text with line feeds as they are in ``text``."""
    write_bytes_atomically(path, text.encode("utf-8"), mode=mode)


def flush_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk (Windows does so with the rename and cannot open folders)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
