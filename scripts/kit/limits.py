"""What a finished kit must not be: too large, too deep, bound to a place, or mixed with the host's graphics."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from scripts.kit.archive import Archive
from scripts.kit.files import entries, is_elf
from scripts.kit.recipe import Limits, Recipe, matches
from scripts.kit.refusal import Refused

_GLIBC = re.compile(rb"\0GLIBC_2\.(\d+)(?:\.\d+)?(?=\0)")


def check_tree(tree: Path, recipe: Recipe, limits: Limits, places: Iterable[Path]) -> tuple[int, int]:
    """Files and the longest inner path of a tree; raises Refused if it breaks a rule.

    ``places``: folders that no file may name, such as those it was built in.
    """
    there = dict(entries(tree))
    longest = max((name for name in there if not matches(name, recipe.long_paths)), key=len)
    problems = []
    if len(there) > limits.files:
        problems.append(f"{len(there):,} files, more than {limits.files:,}")
    if len(longest) > limits.path:
        problems.append(f"the path {longest} has {len(longest)} characters, more than {limits.path}")
    problems += [
        f"{name} must come from the host, not from the kit"
        for name in sorted(there)
        if matches(name.rpartition("/")[2], recipe.forbidden)
    ]
    problems += _leaks(there, [os.fsencode(place) for place in places])
    problems += _too_new(there, int(recipe.glibc.partition(".")[2]), recipe.glibc)
    if problems:
        raise Refused(f"{tree}: this is no kit yet; see env/kit.toml:\n  " + "\n  ".join(problems[:40]))
    return len(there), len(longest)


def check_archive(archive: Archive, limits: Limits) -> None:
    """Raises Refused if the archive is larger than the recipe allows."""
    found = archive.compressed / 1e6
    if found > limits.compressed_mb:
        raise Refused(f"{archive.path}: {found:.1f} MB, more than {limits.compressed_mb:.0f}; see env/kit.toml")


def _leaks(there: dict[str, Path], places: list[bytes]) -> list[str]:
    """Files that name a folder of the building machine."""
    found = []
    for name, path in there.items():
        content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
        if path.is_symlink() and content.startswith(b"/"):
            found.append(f"{name} is a link to {os.fsdecode(content)}, outside the kit")
        found += [
            f"{name} names {os.fsdecode(place)}, a folder of this machine" for place in places if place in content
        ]
    return found


def _too_new(there: dict[str, Path], minor: int, floor: str) -> list[str]:
    """Files that need a newer C library than the kit promises."""
    found = []
    for name, path in there.items():
        if is_elf(path):
            needed = max((int(one) for one in _GLIBC.findall(path.read_bytes())), default=0)
            if needed > minor:
                found.append(f"{name} needs glibc 2.{needed}, newer than {floor}")
    return found
