"""macOS: a minimal application bundle in ``~/Applications``. Its files are tested; it has not been run on a Mac yet.

A bundle that is a script gets no files to open from Finder (they come as events, not as arguments), so ``*.steeliq``
files are not claimed here: they are opened from inside the app.
"""

from __future__ import annotations

import plistlib
import shlex
from pathlib import Path

from steeliq import __version__
from steeliq.desktop.shortcut import icon
from steeliq.desktop.shortcut.command import Command

BUNDLE = "steeliq.app"


def files(command: Command, folder: Path) -> dict[Path, bytes]:
    """Every file of the bundle below ``folder`` (``~/Applications``)."""
    contents = folder / BUNDLE / "Contents"
    return {
        contents / "Info.plist": plistlib.dumps(properties()),
        contents / "MacOS" / "steeliq": script(command).encode(),
        contents / "Resources" / "steeliq.icns": icon.icns(),
    }


def properties() -> dict[str, object]:
    """What the system should know of the bundle."""
    return {
        "CFBundleName": "steeliq",
        "CFBundleDisplayName": "steeliq",
        "CFBundleIdentifier": "org.steeliq.shortcut",
        "CFBundleExecutable": "steeliq",
        "CFBundleIconFile": "steeliq",
        "CFBundlePackageType": "APPL",
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleShortVersionString": __version__,
        "CFBundleVersion": __version__,
        "NSHighResolutionCapable": True,
    }


def script(command: Command) -> str:
    """What the bundle runs; the process becomes the launcher."""
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in command.environment.items())
    return f"#!/bin/sh\n{exports}exec {shlex.join(command.arguments)}\n"
