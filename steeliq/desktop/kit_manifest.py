"""What a kit's folder must hold: every file with its size and SHA-256, in ``kit-manifest.json`` at its root.

::

    {"format": 1, "version": "0.1.0", "platform": "linux-x86_64",
     "files": {"bin/python3.13": {"size": 6424, "sha256": "9f86..."}},
     "links": {"bin/python": "python3.13"}}

Paths are relative, with slashes, sorted; the manifest itself is not in it. It finds damage, such as an archive that was
not unpacked to its end or a file that a virus scanner took away; it proves nothing against someone who also changes
the manifest. The builder of kits writes it last; ``steeliq doctor`` compares.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steeliq.atomic import write_text_atomically
from steeliq.errors import SteeliqError

NAME = "kit-manifest.json"
FORMAT = 1
LEFT_BEHIND = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""Files that file managers put into folders that were looked at."""


class KitError(SteeliqError):
    """The manifest of a kit cannot be used."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Paths that are missing, changed (size, content or target of a link) and too many; the number looked at."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    extra: tuple[str, ...]
    looked_at: int

    @property
    def is_whole(self) -> bool:
        """Everything is there and, as far as was looked, unchanged."""
        return not (self.missing or self.changed)


def manifest_of(root: Path, *, version: str, platform: str) -> dict[str, Any]:
    """The manifest of the tree under ``root`` as it is now."""
    files: dict[str, dict[str, Any]] = {}
    links: dict[str, str] = {}
    for name, path in sorted(_entries(root)):
        if path.is_symlink():
            links[name] = path.readlink().as_posix()
        else:
            files[name] = {"size": path.stat().st_size, "sha256": _sha256(path)}
    return {"format": FORMAT, "version": version, "platform": platform, "files": files, "links": links}


def write_manifest(root: Path, *, version: str, platform: str) -> Path:
    """Write the manifest of a finished tree; the same tree gives the same bytes."""
    text = json.dumps(manifest_of(root, version=version, platform=platform), indent=0, ensure_ascii=False) + "\n"
    write_text_atomically(root / NAME, text, mode=0o644)
    return root / NAME


def read_manifest(root: Path) -> dict[str, Any] | None:
    """The manifest of the kit at ``root``; None if it is no kit. Raises KitError if it cannot be used."""
    path = root / NAME
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KitError(f"{path}: the kit's list of files cannot be read ({error}); unpack the archive again") from error
    return parse(text, str(path))


def parse(text: bytes, where: str) -> dict[str, Any]:
    """A manifest from its bytes; raises KitError, which tells ``where`` they were found, if they are none."""
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise KitError(
            f"{where}: the kit's list of files cannot be read ({error}); unpack the archive again"
        ) from error
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") != FORMAT
        or not isinstance(manifest.get("files"), dict)
    ):
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise KitError(f"{where}: not a list of files of format {FORMAT} (found {found!r}); unpack the archive again")
    return manifest


def compare(root: Path, manifest: dict[str, Any], *, full: bool) -> Comparison:
    """The tree under ``root`` against its manifest: sizes, and with ``full`` every content."""
    files: dict[str, dict[str, Any]] = manifest["files"]
    links: dict[str, str] = manifest.get("links", {})
    there = dict(_entries(root))
    missing = sorted((files.keys() | links.keys()) - there.keys())
    changed = [
        name for name in sorted(files.keys() & there.keys()) if not _is_same(there[name], files[name], full=full)
    ]
    changed += [
        name
        for name in sorted(links.keys() & there.keys())
        if not there[name].is_symlink() or there[name].readlink().as_posix() != links[name]
    ]
    extra = sorted(name for name in there.keys() - files.keys() - links.keys() if not _is_harmless(name))
    return Comparison(tuple(missing), tuple(changed), tuple(extra), len(files) + len(links))


def _is_same(path: Path, entry: dict[str, Any], *, full: bool) -> bool:
    try:
        if path.is_symlink() or path.stat().st_size != entry["size"]:
            return False
        return not full or _sha256(path) == entry["sha256"]
    except OSError:  # not readable is not as it was made
        return False


def _is_harmless(name: str) -> bool:
    """Files that Python or a file manager adds by itself."""
    folder, _, file = name.rpartition("/")
    return file in LEFT_BEHIND or (file.endswith(".pyc") and folder.rpartition("/")[2] == "__pycache__")


def _entries(root: Path) -> Iterator[tuple[str, Path]]:
    """Every file and link below ``root`` by its path with slashes; links are not followed."""
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        for name in (*files, *(one for one in folders if (here / one).is_symlink())):
            path = here / name
            relative = path.relative_to(root).as_posix()
            if relative != NAME:
                yield relative, path


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
