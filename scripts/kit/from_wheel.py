"""From a wheel to a conda package: installed as pip would, trimmed by the recipe, requirements as in its metadata."""

from __future__ import annotations

import base64
import csv
import email.message
import email.parser
import hashlib
import io
import tempfile
from pathlib import Path

from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename

from scripts.kit.conda_package import Package, write_package
from scripts.kit.files import entries, is_elf, remove_empty_folders, sha256_of
from scripts.kit.interpreter import Interpreter, run_tool
from scripts.kit.locks import environment_of
from scripts.kit.recipe import Recipe


def convert(
    wheel: Path, channel: Path, interpreter: Interpreter, recipe: Recipe, keep: frozenset[str] | None = None
) -> Path:
    """Write the conda package of a wheel into ``channel``; ``keep``: its only files, besides what describes it.

    Programs in ``bin/`` are left out: they would name an interpreter by its full path. What the recipe leaves out or
    strips is also corrected in the wheel's RECORD, so that RECORD, conda-meta and the files agree.
    """
    name, version, _, _ = parse_wheel_filename(wheel.name)
    with tempfile.TemporaryDirectory(prefix="steeliq-kit-") as scratch:
        root, elsewhere = Path(scratch) / "root", Path(scratch) / "elsewhere"
        site = root / interpreter.library / "site-packages"
        site.mkdir(parents=True)
        schemes = {
            "purelib": str(site),
            "platlib": str(site),
            "data": str(root),
            "scripts": str(elsewhere / "bin"),
            "headers": str(elsewhere / "include"),
        }
        destination = SchemeDictionaryDestination(
            schemes, interpreter="python", script_kind="posix", bytecode_optimization_levels=()
        )
        with WheelFile.open(wheel) as source:
            install(source, destination, additional_metadata={"INSTALLER": b"conda\n"})
            metadata = email.parser.Parser().parsestr(source.read_dist_info("METADATA"))
            record = site / source.dist_info_dir / "RECORD"
        _trim(root, site, name, recipe, keep)
        if name in recipe.strip:
            _strip(root)
        _correct(record, site, root)
        digest = sha256_of(wheel)
        package = Package(
            name=recipe.conda_name(name),
            version=str(version),
            build=f"py{interpreter.tag[2:]}_{digest[:8]}_0",
            depends=(
                f"python {interpreter.series}.*",
                f"python_abi {interpreter.series}.* *_{interpreter.tag}",
                *_requirements(metadata, interpreter.version, recipe),
            ),
            license=licence(metadata),
        )
        about = {"summary": metadata.get("Summary", ""), "extra": {"wheel": wheel.name, "wheel_sha256": digest}}
        return write_package(root, channel, package, about, recipe.epoch)


def licence(metadata: email.message.Message) -> str:
    """The licence as the metadata name it, on one line; of old metadata, the classifier."""
    if text := metadata.get("License-Expression"):
        return str(text)
    for classifier in metadata.get_all("Classifier") or []:
        if classifier.startswith("License :: OSI Approved :: "):
            return str(classifier).rpartition(" :: ")[2]
    first: str = str(metadata.get("License") or "").strip().split("\n", maxsplit=1)[0]
    return first[:80]


def specification(specifiers: SpecifierSet) -> str:
    """Version bounds as conda writes them.

    >>> specification(SpecifierSet(">=2.1,<3"))
    '<3,>=2.1'
    """
    return ",".join(sorted(f"{one.operator.replace('===', '==')}{one.version}" for one in specifiers))


def _requirements(metadata: email.message.Message, python: str, recipe: Recipe) -> list[str]:
    environment = environment_of(python)
    found = []
    for text in metadata.get_all("Requires-Dist") or []:
        one = Requirement(text)
        if one.marker is None or one.marker.evaluate(environment):
            name = recipe.conda_name(canonicalize_name(one.name))
            found.append(f"{name} {specification(one.specifier)}".strip())
    return found


def _trim(root: Path, site: Path, name: str, recipe: Recipe, keep: frozenset[str] | None) -> None:
    """Patterns are paths as in the wheel; files outside site-packages (``data``) begin with ``../../../``."""
    for _, path in entries(root):
        inside = path.is_relative_to(site)
        shown = path.relative_to(site).as_posix() if inside else f"../../../{path.relative_to(root).as_posix()}"
        is_kept = keep is None or shown in keep or ".dist-info/" in shown
        if not is_kept or recipe.is_left_out(name, shown) or recipe.is_left_out("*", shown):
            path.unlink()
    remove_empty_folders(root)


def _strip(root: Path) -> None:
    """Take the symbols out of every library."""
    for _, path in entries(root):
        if is_elf(path):
            run_tool("strip", "--strip-unneeded", str(path))


def _correct(record: Path, site: Path, root: Path) -> None:
    """Let RECORD say what is there; programs, which are outside of ``root``, are not."""
    rows = []
    for name, digest, _ in csv.reader(io.StringIO(record.read_text("utf-8"))):
        path = (site / name).resolve()
        if path.is_file() and path.is_relative_to(root.resolve()):
            content = path.read_bytes() if digest else b""
            rows += [[name, f"sha256={_urlsafe(content)}", str(len(content))] if digest else [name, "", ""]]
    with record.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(sorted(rows))


def _urlsafe(content: bytes) -> str:
    """A hash as RECORD writes it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
