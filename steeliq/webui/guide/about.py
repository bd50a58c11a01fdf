"""What this copy is made of: versions, other people's packages with their licences, and the data's sources."""

from __future__ import annotations

import platform
import re
import sqlite3
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from importlib.resources import files
from pathlib import Path

from steeliq import __version__

_LICENCE_FILE = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST = 400_000  # characters of a licence text that are shown
SCRIPTS = (
    ("plotly.js", "MIT", "draws the charts; part of the package plotly"),
    ("htmx", "0BSD", "updates parts of pages; part of the package django-htmx"),
)
"""Scripts that come inside packages."""


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package: name, version, licence in a few words, summary."""

    name: str
    version: str
    licence: str
    summary: str


def versions() -> list[tuple[str, str]]:
    """What decides results and behaviour, with its version."""
    told = [("steeliq", __version__), ("Python", platform.python_version()), ("SQLite", sqlite3.sqlite_version)]
    for name in ("highspy", "django", "numpy", "pandas", "pyarrow", "pydantic", "plotly", "django-htmx"):
        try:
            told.append((name, distribution(name).version))
        except PackageNotFoundError:
            told.append((name, "not installed"))
    return [*told, ("System", f"{platform.system()} {platform.release()}, {platform.machine()}")]


@cache
def packages() -> tuple[Package, ...]:
    """Every package that steeliq needs, directly or through others, by name; without tools of its developers."""
    found: dict[str, Package] = {}
    waiting = _own_needs()
    while waiting:
        wanted = waiting.pop()
        try:
            one = distribution(wanted)
        except PackageNotFoundError:
            continue  # needed on other platforms only
        name = one.metadata["Name"] or wanted
        if name.lower() not in found:
            found[name.lower()] = Package(name, one.version, _licence(one), one.metadata["Summary"] or "")
            waiting += _names(one.requires or [])
    return tuple(found[name] for name in sorted(found))


def _own_needs() -> list[str]:
    """Names of the packages that steeliq asks for: installed, from its metadata; in a checkout, from pyproject.toml."""
    project = Path(str(files("steeliq"))).parent / "pyproject.toml"
    if project.is_file():
        return _names(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])
    try:
        return _names(distribution("steeliq").requires or [])
    except PackageNotFoundError:
        return [one.metadata["Name"] for one in distributions() if one.metadata["Name"]]


def _names(needs: list[str]) -> list[str]:
    """Names at the beginning of requirements, without those of optional extras."""
    plain = [need for need in needs if "extra ==" not in need.partition(";")[2]]
    return [match[0] for need in plain if (match := _NAME.match(need))]


def _licence(one: Distribution) -> str:
    """The licence as the package declares it: expression, else classifiers, else a short field."""
    told = one.metadata.json
    expression = told.get("license_expression")
    if isinstance(expression, str) and expression:
        return expression
    listed = told.get("classifier", [])
    kinds = [str(entry).rpartition(" :: ")[2] for entry in listed if str(entry).startswith("License ::")]
    if kinds:
        return ", ".join(sorted(set(kinds)))
    field = told.get("license")
    text = field.strip() if isinstance(field, str) else ""
    return text.splitlines()[0][:60] if text else "see the licence text"


def licence_text(name: str) -> str:
    """The licence files of an installed package, one after another; raises KeyError if there is no such package."""
    if name.lower() == "steeliq":
        return _own_licence()
    known = {one.name.lower() for one in packages()}
    if name.lower() not in known:
        raise KeyError(name)
    one = distribution(name)
    texts = []
    for file in one.files or []:
        path = Path(str(file.locate()))
        if _LICENCE_FILE.search(file.as_posix()) and path.suffix not in {".py", ".pyc"} and path.is_file():
            texts.append(f"{file.as_posix()}\n\n{path.read_text(encoding='utf-8', errors='replace')}")
    field = one.metadata.json.get("license")
    if not texts and isinstance(field, str):
        texts.append(field)
    return "\n\n".join(texts)[:_LONGEST] or "This package carries no licence text; its metadata names the licence."


def _own_licence() -> str:
    package = Path(str(files("steeliq")))
    for file in (package / "LICENSE", package.parent / "LICENSE"):
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return "Apache License 2.0"
