"""Install and uninstall the menu entry: what was made is listed first, so that exactly that can be taken away again.

The list is ``shortcut.json`` in the data folder: every file with its SHA-256, every folder that had to be made, and on
Windows every registry value. A file that someone changed since is left where it is.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from steeliq.atomic import write_bytes_atomically, write_text_atomically
from steeliq.desktop.shortcut import linux, macos, windows
from steeliq.desktop.shortcut.command import Command, ShortcutError, command
from steeliq.paths import data_folder

LIST = "shortcut.json"
NO_HASH = ""
"""Of files that another program writes: they are removed whatever is in them."""


@dataclass
class Made:
    """What an installation made."""

    files: dict[str, str] = field(default_factory=dict)  # path: SHA-256
    folders: list[str] = field(default_factory=list)
    registry: list[tuple[str, str, str]] = field(default_factory=list)


def is_installed() -> bool:
    """Whether there is a menu entry of steeliq's making."""
    return (data_folder() / LIST).is_file()


def install(start: Command | None = None) -> list[str]:
    """Make the menu entry, or make it anew; what was done, in lines. Raises ShortcutError or OSError."""
    start, before = start or command(), _read_list()
    files, link = _plan(start), None
    made = Made({str(path): hashlib.sha256(content).hexdigest() for path, content in files.items()})
    if sys.platform == "win32":
        link, picture = windows.start_menu() / "steeliq.lnk", next(iter(files))
        made.files[str(link)] = NO_HASH
        made.registry = windows.values(start, picture)
    made.folders = sorted({*before.folders, *_missing_folders([*files, *([link] if link else [])])})
    stale = [path for path in before.files if path not in made.files]
    _write_list(Made(before.files | made.files, made.folders, made.registry))
    for path, content in files.items():
        _write(path, content)
    if sys.platform == "win32" and link is not None:
        windows.run_powershell(windows.script(start, link, next(iter(files))))
        windows.write_values(made.registry)
    told = [f"made {path}" for path in made.files]
    told += _remove_files({path: before.files[path] for path in stale})
    _write_list(made)
    if sys.platform == "linux":
        told += linux.refresh(linux.share())
    return [*told, f"it starts: {' '.join(start.arguments)}"]


def uninstall() -> list[str]:
    """Take away what ``install`` made; what was done, in lines."""
    made = _read_list()
    if not made.files and not made.registry:
        return ["there is no shortcut of steeliq's making"]
    told = _remove_files(made.files)
    windows.remove_values(made.registry)
    if sys.platform == "linux":
        told += linux.refresh(linux.share())
        _remove_caches(made)
    for folder in sorted(made.folders, key=len, reverse=True):
        with suppress(OSError):  # something else is in it by now
            Path(folder).rmdir()
    (data_folder() / LIST).unlink(missing_ok=True)
    return told


def _plan(start: Command) -> dict[Path, bytes]:
    """The files of this platform."""
    if sys.platform == "win32":
        return windows.icon_file(data_folder())
    if sys.platform == "darwin":
        return macos.files(start, Path.home() / "Applications")
    return linux.files(start, linux.share())


def _missing_folders(paths: list[Path]) -> set[str]:
    """Folders that must be made for these files, except the data folder and what is above it."""
    kept = {data_folder(), *data_folder().parents}
    return {str(folder) for path in paths for folder in path.parents if not folder.exists() and folder not in kept}


def _write(path: Path, content: bytes) -> None:
    runs = content.startswith(b"#!")
    if not path.is_file() or path.read_bytes() != content:
        write_bytes_atomically(path, content, mode=0o755 if runs else 0o644)


def _remove_files(files: dict[str, str]) -> list[str]:
    """Remove what is still as it was made."""
    told = []
    for name, digest in files.items():
        path = Path(name)
        if not path.is_file():
            continue
        if digest != NO_HASH and hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            told.append(f"left {path}: it was changed since")
            continue
        path.unlink()
        told.append(f"removed {path}")
    return told


def _remove_caches(made: Made) -> None:
    """Caches that the desktop's programs wrote into folders that only our files had made necessary."""
    applications, mime = linux.share() / "applications", linux.share() / "mime"
    if str(applications) in made.folders and {path.name for path in _in(applications)} == {"mimeinfo.cache"}:
        (applications / "mimeinfo.cache").unlink()
    if str(mime) in made.folders and not _in(mime / "packages"):
        shutil.rmtree(mime, ignore_errors=True)  # nothing but what was computed from packages


def _in(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _read_list() -> Made:
    path = data_folder() / LIST
    try:
        document = json.loads(path.read_text("utf-8"))
        return Made(dict(document["files"]), list(document["folders"]), [tuple(one) for one in document["registry"]])
    except FileNotFoundError:
        return Made()
    except (ValueError, KeyError, TypeError) as error:
        raise ShortcutError(
            f"{path}: the list of what was made is damaged ({error}); delete it and install again"
        ) from error


def _write_list(made: Made) -> None:
    data_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(asdict(made), indent=1, ensure_ascii=False) + "\n"
    write_text_atomically(data_folder() / LIST, text, mode=0o600)
