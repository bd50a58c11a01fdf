"""The hash-pinned lock files: which versions this platform needs, and which bytes they may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from scripts.kit.refusal import Refused

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\?$")
_HASH = re.compile(r"^\s+--hash=sha256:(?P<hash>[0-9a-f]{64})\s*\\?$")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package at one version; a file of it is right if its SHA-256 is among ``hashes``."""

    name: str
    version: str
    hashes: frozenset[str]


def environment_of(python: str) -> dict[str, str]:
    """The marker environment of a Linux kit for x86-64 with this version of CPython.

    >>> environment_of("3.13.0")["python_version"]
    '3.13'
    """
    return {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_version": python,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "platform_machine": "x86_64",
        "platform_system": "Linux",
        "platform_release": "",
        "platform_version": "",
        "os_name": "posix",
        "sys_platform": "linux",
        "extra": "",
    }


def read_lock(path: Path, python: str) -> dict[str, Pin]:
    """The pins of a lock that apply to a Linux kit with this CPython, by name; raises Refused if a line is strange."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise Refused(f"{path}: the lock cannot be read ({error.strerror}); it belongs to the repository") from error
    environment = environment_of(python)
    found: dict[str, tuple[str, str | None, set[str]]] = {}
    current = ""
    for number, line in enumerate(lines, 1):
        if pin := _PIN.match(line):
            current = canonicalize_name(pin["name"])
            if pin["marker"] is None or Marker(pin["marker"]).evaluate(environment):
                found[current] = (pin["version"], pin["marker"], set())
            else:
                current = ""
        elif entry := _HASH.match(line):
            if current:
                found[current][2].add(entry["hash"])
        elif line.strip() and not line.startswith("#"):
            raise Refused(f"{path}, line {number}: {line.strip()!r} is no pin and no hash; run scripts/lock")
    for name, (version, _, hashes) in found.items():
        if not hashes:
            raise Refused(f"{path}: {name} {version} has no hash, so nothing could be checked; run scripts/lock")
    return {name: Pin(name, version, frozenset(hashes)) for name, (version, _, hashes) in sorted(found.items())}
