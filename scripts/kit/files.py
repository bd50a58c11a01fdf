"""Small facts about files that every step needs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def entries(root: Path) -> Iterator[tuple[str, Path]]:
    """Every file and link below ``root`` with its path in slashes, sorted by it; links are not followed."""
    found = []
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        names = (*files, *(one for one in folders if (here / one).is_symlink()))
        found += [((here / name).relative_to(root).as_posix(), here / name) for name in names]
    yield from sorted(found)


def is_elf(path: Path) -> bool:
    """Whether this is a program or shared library for Linux."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(18)
    return head[:4] == b"\x7fELF" and head[16:17] in {b"\x02", b"\x03"}


def remove_empty_folders(root: Path) -> None:
    """Take away folders below ``root`` in which nothing is left."""
    for folder, _, _ in os.walk(root, topdown=False):
        here = Path(folder)
        if here != root and not any(here.iterdir()):
            here.rmdir()
