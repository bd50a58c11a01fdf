"""The recipe of the kits, ``env/kit.toml``: what is left out, what must not be in, and how large a kit may get."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from scripts.kit.refusal import Refused

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "env" / "kit.toml"
VARIANTS = ("small", "window")
INTERPRETER = "python"
"""The name under which the recipe and the channel know CPython itself."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a variant must not exceed: compressed size [10^6 bytes], files, characters of the longest inner path."""

    compressed_mb: float
    files: int
    path: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """What ``env/kit.toml`` says.

    ``leave``: patterns by package of what is left out; ``names``: other names that packages have in conda-forge;
    ``strip``: packages whose libraries lose their symbols;
    ``bytecode``: patterns of modules whose bytecode is kept whether or not steeliq imports them;
    ``qt_roots``: files of Qt from which all that it needs is found; ``long_paths``: those that may have longer paths.
    """

    epoch: int
    glibc: str
    limits: dict[str, Limits]
    forbidden: tuple[str, ...]
    host: tuple[str, ...]
    names: dict[str, str]
    leave: dict[str, tuple[str, ...]]
    long_paths: tuple[str, ...]
    qt_roots: tuple[str, ...]
    strip: frozenset[str]
    bytecode: tuple[str, ...]

    def conda_name(self, name: str) -> str:
        """What a package of the Python index is called in conda channels."""
        return self.names.get(name, name)

    def is_left_out(self, package: str, path: str) -> bool:
        """Whether the recipe leaves this file of a package out; ``*`` in a pattern also crosses slashes."""
        return matches(path, self.leave.get(package, ()))


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path with slashes fits one of the patterns.

    >>> matches("pandas/tests/io/test_x.py", ["pandas/tests/*"])
    True
    """
    return any(fnmatchcase(path, one) for one in patterns)


def read_recipe(path: Path = RECIPE) -> Recipe:
    """The recipe; raises Refused if it cannot be used."""
    try:
        return _understand(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise Refused(f"{path}: the recipe of the kit cannot be used ({type(error).__name__}: {error})") from error


def _understand(document: dict[str, Any]) -> Recipe:
    leave: dict[str, tuple[str, ...]] = {}
    for entry in document["leave"]:
        leave[entry["package"]] = (*leave.get(entry["package"], ()), *entry["files"])
    return Recipe(
        epoch=document["source_date_epoch"],
        glibc=document["glibc"],
        limits={variant: Limits(**document["limits"][variant]) for variant in VARIANTS},
        forbidden=tuple(document["forbidden"]["libraries"]),
        host=tuple(document["host"]["libraries"]),
        names=document["conda_names"],
        leave=leave,
        qt_roots=tuple(document["qt"]["roots"]),
        strip=frozenset(document["strip"]["packages"]),
        bytecode=tuple(document["bytecode"]["always"]),
        long_paths=tuple(entry["paths"].replace("X.Y", "*") for entry in document["long_paths"]),
    )
