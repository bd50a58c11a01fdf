"""Which of Qt's files a window needs: what the recipe names, and every library that those load, and theirs.

Anything they load that is in none of Qt's wheels belongs to the host.
"""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

from scripts.kit.files import entries, is_elf
from scripts.kit.interpreter import find_patchelf
from scripts.kit.recipe import Recipe, matches

PACKAGES = ("pyside6-essentials", "pyside6-addons", "pyside6-webengine", "shiboken6")


def needed_files(wheels: dict[str, Path], scratch: Path, recipe: Recipe) -> dict[str, frozenset[str]]:
    """The files to keep of each of Qt's wheels; nothing for a kit without Qt."""
    places: dict[str, tuple[str, str]] = {}
    unpacked: dict[str, dict[str, Path]] = {}
    for package in PACKAGES:
        if package not in wheels:
            return {}
        folder = scratch / package
        with zipfile.ZipFile(wheels[package]) as opened:
            opened.extractall(folder)
        unpacked[package] = dict(entries(folder))
        for name, path in unpacked[package].items():
            if is_elf(path):
                places.setdefault(name.rpartition("/")[2], (package, name))
    patchelf = find_patchelf()
    waiting = [
        (package, name)
        for package, files in unpacked.items()
        for name in files
        if matches(name, recipe.qt_roots) and not recipe.is_left_out(package, name)
    ]
    keep: dict[str, set[str]] = {package: set() for package in PACKAGES}
    while waiting:
        package, name = waiting.pop()
        if name in keep[package]:
            continue
        keep[package].add(name)
        path = unpacked[package][name]
        if is_elf(path):
            told = subprocess.run([patchelf, "--print-needed", path], check=True, capture_output=True, text=True)
            waiting += [places[one] for one in told.stdout.split() if one in places]
    return {package: frozenset(names) for package, names in keep.items()}
