"""Entries of tar files that are the same wherever, whenever and by whomever they are made."""

from __future__ import annotations

import tarfile
from pathlib import Path


def plain(entry: tarfile.TarInfo, epoch: int) -> tarfile.TarInfo:
    """An entry of a tar file without anything that depends on where, when and by whom it was made."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = epoch
    entry.mode = 0o777 if entry.issym() else 0o755 if entry.mode & 0o100 else 0o644
    entry.pax_headers = {}
    return entry


def add_file(archive: tarfile.TarFile, name: str, path: Path, epoch: int) -> None:
    """Add a file or link under ``name``; hard links become files of their own."""
    entry = plain(archive.gettarinfo(str(path), name), epoch)
    if entry.issym():
        archive.addfile(entry)
        return
    entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", path.stat().st_size
    with path.open("rb") as stream:
        archive.addfile(entry, stream)
