"""Is the data folder a good place for a database? Synced folders, network drives, full disks, missing rights."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Final

from steeliq.errors import RunError

NEEDED: Final = 50_000_000
"""Bytes without which nothing can be kept, beside room to rewrite the database twice."""

SCARCE: Final = 1_000_000_000
"""Bytes below which a person is told that the disk fills up."""

SYNCED: Final = (
    ("OneDrive", re.compile(r"onedrive( ?-.*)?", re.IGNORECASE)),
    ("Dropbox", re.compile(r"dropbox( ?\(.*\))?", re.IGNORECASE)),
    ("iCloud Drive", re.compile(r"icloud ?drive|com~apple~clouddocs|mobile documents", re.IGNORECASE)),
    ("Google Drive", re.compile(r"google ?drive(-.*)?|my drive|googledrive-.*", re.IGNORECASE)),
    ("Nextcloud", re.compile(r"nextcloud", re.IGNORECASE)),
)
"""Names of folders that a program copies elsewhere while files in them are in use."""

NETWORK: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "smb", "afs", "9p", "fuse.sshfs", "fuse.rclone"})
"""File systems whose locks cannot be trusted with a database."""

_MOUNTS: Final = Path("/proc/self/mounts")
_REMOTE: Final = 4  # GetDriveType: a mapped network drive


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
    program, kind = synced_by(folder), network_kind(folder)
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


def synced_by(folder: PurePath) -> str:
    """The program that seems to copy this folder elsewhere, by the names on its path; empty if none does."""
    return next((name for name, pattern in SYNCED for part in folder.parts if pattern.fullmatch(part)), "")


def network_kind(folder: Path) -> str:
    """The kind of network drive that the folder lies on; empty if it is a disk of this machine."""
    if str(folder).startswith(("\\\\", "//")):
        return "a share"
    if sys.platform == "win32":
        import ctypes

        return "a mapped drive" if ctypes.windll.kernel32.GetDriveTypeW(f"{folder.drive}\\") == _REMOTE else ""
    try:
        return mounted_as(folder.resolve(), _MOUNTS.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""  # not Linux


def mounted_as(folder: PurePath, mounts: str) -> str:
    """The network file system of the mount that holds the folder, from the text of ``/proc/self/mounts``."""
    kind, longest = "", -1
    for line in mounts.splitlines():
        parts = line.split()
        if len(parts) < 3:
            continue
        place = PurePath(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), parts[1]))
        if folder.is_relative_to(place) and len(place.parts) >= longest:  # the later mount covers the earlier
            kind, longest = parts[2], len(place.parts)
    return kind if kind in NETWORK else ""
