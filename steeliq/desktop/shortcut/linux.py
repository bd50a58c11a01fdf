"""Linux: a menu entry, icons and the type of ``*.steeliq`` files, where freedesktop.org's rules say they belong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from steeliq.desktop.shortcut import icon
from steeliq.desktop.shortcut.command import Command

MIME = "application/x-steeliq"
_RESERVED = re.compile(r"[\s\"'\\><~|&;$*?#()`]")

MIME_INFO = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{MIME}">
    <comment>steeliq run</comment>
    <sub-class-of type="application/zip"/>
    <icon name="application-x-steeliq"/>
    <glob pattern="*.steeliq"/>
  </mime-type>
</mime-info>
"""


def share() -> Path:
    """The user's data folder for desktops; a relative XDG_DATA_HOME is to be ignored."""
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".local" / "share"


def files(command: Command, folder: Path) -> dict[Path, bytes]:
    """Every file of the integration below ``folder``."""
    icons = folder / "icons" / "hicolor"
    return {
        folder / "applications" / "steeliq.desktop": entry(command).encode(),
        folder / "mime" / "packages" / "steeliq.xml": MIME_INFO.encode(),
        icons / "scalable" / "apps" / "steeliq.svg": icon.svg(),
        icons / "scalable" / "mimetypes" / "application-x-steeliq.svg": icon.svg(),
        icons / "128x128" / "apps" / "steeliq.png": icon.png(128),
    }


def entry(command: Command) -> str:
    """The menu entry."""
    variables = [f"{name}={value}" for name, value in command.environment.items()]
    # GLib looks for the program before it turns %% into %, and finds none; it finds env.
    first = ["env", *variables] if variables or "%" in command.program else []
    words = [*first, *command.arguments]
    lines = {
        "Type": "Application",
        "Name": "steeliq",
        "GenericName": "Steel decarbonisation model",
        "Comment": "Simulate how the world's steel plants decarbonise, 2025-2050",
        "TryExec": escaped(command.program),
        "Exec": escaped(" ".join([*(quoted(word) for word in words), "%f"])),
        "Icon": "steeliq",
        "Terminal": "false",
        "Categories": "Science;",
        "Keywords": "steel;climate;scenario;simulation;",
        "MimeType": f"{MIME};",
        "StartupWMClass": "steeliq",
    }
    return "[Desktop Entry]\n" + "".join(f"{name}={value}\n" for name, value in lines.items())


def quoted(word: str) -> str:
    """A word of Exec: quoted if it must be, percent signs doubled.

    >>> print(quoted("/opt/steel iq/50%"))
    "/opt/steel iq/50%%"
    """
    word = word.replace("%", "%%")
    if word and not _RESERVED.search(word):
        return word
    return '"' + re.sub(r'(["`$\\])', r"\\\1", word) + '"'


def escaped(value: str) -> str:
    r"""A value of any key: backslashes and line ends escaped (so a quoted backslash is written four times).

    >>> print(escaped("a\\b"))
    a\\b
    """
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def refresh(folder: Path) -> list[str]:
    """Let the desktop's own programs take notice; what each that is missing would have done, in words."""
    told = []
    for program, place in (("update-desktop-database", "applications"), ("update-mime-database", "mime")):
        if not (folder / place).is_dir():
            continue
        found = shutil.which(program)
        if found is None:
            told.append(f"{program} is not installed; the desktop takes notice at the next log-in")
            continue
        done = subprocess.run([found, str(folder / place)], capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            told.append(f"{program} failed: {done.stderr.strip()[:200]}")
    return told
