"""Kits side by side in one folder, and which of them is in use.

::

    steeliq-0.1.0/    a kit as it was unpacked
    steeliq-0.2.0/    the next one
    current           two lines: the folder of the kit in use, and that of the one before it
    steeliq           starts the kit that ``current`` names; menu entries lead here

``current`` is one small file that is replaced as a whole, so at each moment it names one kit or the other. Both it and
the launcher beside it are written by the first update; before, the only kit is the one in use.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from steeliq.atomic import write_bytes_atomically, write_text_atomically
from steeliq.desktop.kit_manifest import NAME, KitError, read_manifest
from steeliq.errors import UpdateError

CURRENT = "current"
LAUNCHER = "steeliq.bat" if os.name == "nt" else "steeliq"
"""Name of the launcher, in a kit as well as beside kits."""

MARK = 'Written by "steeliq update"'
NEW, OLD = ".steeliq-new", ".steeliq-old"
"""Folders in which a kit is unpacked and deleted: until it is whole, and once it is not, it has no kit's name."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Names of the folders of the kit in use and of the one before it ('' if there is none)."""

    active: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit in its folder; ``fault`` tells why its version cannot be read."""

    folder: Path
    version: str
    platform: str = ""
    size: int = 0
    fault: str = ""


def read_pointer(folder: Path) -> Pointer | None:
    """What ``current`` names; None if there is no such file. Raises UpdateError if it is something else."""
    path = folder / CURRENT
    try:
        lines = path.read_text("utf-8").split("\n")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UpdateError(f"{path}: it cannot be read ({error}); {_ELSEWHERE}") from error
    active, previous = (*lines, "")[:2]
    if not is_name(active) or not (previous == "" or is_name(previous)):
        found = "\n".join(lines)[:60]
        raise UpdateError(
            f"{path}: it does not name a kit as 'steeliq update' writes it (found {found!r}); {_ELSEWHERE}"
        )
    return Pointer(active, previous)


_ELSEWHERE = "move it away, or choose another folder with --to FOLDER"


def write_pointer(folder: Path, pointer: Pointer) -> None:
    """Name the kit in use, at once and for good."""
    write_text_atomically(folder / CURRENT, f"{pointer.active}\n{pointer.previous}\n", mode=0o644)


def is_name(name: str) -> bool:
    """Whether this can be the name of a kit's folder, for the launcher as well."""
    return bool(name) and name.isprintable() and not name.startswith(".") and not set(name) & set('/\\:%"')


def write_launcher(folder: Path) -> Path:
    """Put the launcher beside the kits, if it is not there as it should be."""
    path = folder / LAUNCHER
    text = launcher_text()
    if not path.is_file() or path.read_bytes() != text or not os.access(path, os.X_OK):
        write_bytes_atomically(path, text, mode=0o755)
    return path


def launcher_text() -> bytes:
    """The launcher of this platform."""
    text = files(__package__).joinpath("steeliq.bat" if os.name == "nt" else "steeliq.sh").read_text("utf-8")
    return text.replace("\n", "\r\n").encode() if os.name == "nt" else text.encode()


def refuse_strangers(folder: Path) -> None:
    """Raise UpdateError if something else has the names that kits side by side need."""
    read_pointer(folder)
    path = folder / LAUNCHER
    if os.path.lexists(path) and not is_launcher(path):
        raise UpdateError(f"{path}: something else has this name, which the launcher of kits needs; {_ELSEWHERE}")


def is_launcher(path: Path) -> bool:
    """Whether this is a launcher that an update wrote, of this or another version."""
    try:
        with path.open("rb") as stream:
            return MARK.encode() in stream.read(2000)
    except OSError:
        return False


def launcher_above(kit: Path) -> Path | None:
    """The launcher beside the kit in ``kit``, through which its successors start too; None before the first update."""
    path = kit.parent / LAUNCHER
    here = (kit / NAME).is_file() and (kit.parent / CURRENT).is_file() and is_launcher(path)
    return path if here and os.access(path, os.X_OK) else None


def kit_in(folder: Path) -> Kit | None:
    """The kit whose folder this is; None if it is none."""
    try:
        manifest = read_manifest(folder)
    except KitError as error:
        return Kit(folder, "?", fault=str(error))
    if manifest is None:
        return None
    size = sum(int(entry.get("size", 0)) for entry in manifest["files"].values())
    return Kit(folder, str(manifest.get("version", "?")), str(manifest.get("platform", "?")), size)


def kits(folder: Path) -> list[Kit]:
    """All kits in ``folder``, by name."""
    found = [kit_in(path) for path in sorted(folder.iterdir()) if path.is_dir() and is_name(path.name)]
    return [kit for kit in found if kit is not None]


def remove_leftovers(folder: Path) -> None:
    """Delete what an update left that was killed; nobody else may be updating here."""
    for name in (NEW, OLD):
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
    for name in (CURRENT, LAUNCHER):
        for left in folder.glob(f".{name}.*.partial"):
            with suppress(OSError):
                left.unlink()


def remove_kit(kit: Path) -> None:
    """Delete a kit: first its name, so that no half of one can be started."""
    grave = kit.parent / OLD
    if grave.exists():
        shutil.rmtree(grave)
    kit.rename(grave)
    shutil.rmtree(grave)
