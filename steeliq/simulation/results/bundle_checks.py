"""Is a bundle what it claims to be? Everything that is looked at before a bundle may become a run.

A bundle comes from somebody else: names in it may point anywhere, sizes may lie, tables may be of another version.
Names are held against a list of what a bundle may hold, sizes against limits while they are read, bytes against the
manifest. What the files say is looked at in ``bundle_contents``.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from steeliq.errors import InputError, Problem
from steeliq.simulation.dataset.dataset import Dataset
from steeliq.simulation.dataset.schema import schema as dataset_schema
from steeliq.simulation.results.labels import TABLES as LABELS
from steeliq.simulation.results.variables import SCHEMA

FORMAT: Final = 1
"""Version of the layout of a bundle; readers refuse a later one."""

KIND: Final = "steeliq-bundle"
MANIFEST: Final = "manifest.json"
NEEDED: Final = ("run.json", "scenario.toml")

MOST_FILES: Final = 5_000
LARGEST_TEXT: Final = 4 << 20
"""Bytes of manifest.json, run.json and scenario.toml."""
LARGEST_FILE: Final = 512 << 20
LARGEST_TOTAL: Final = 4 << 30
LARGEST_RATIO: Final = 200
"""Unpacked over packed bytes of a file; CSV files of a dataset reach some 20."""

DEEPEST: Final = 20
"""Levels of a JSON file."""
CHUNK: Final = 1 << 20
UNREADABLE: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError,
    NotImplementedError, IndexError,
)  # fmt: skip
"""What reading a damaged zip raises."""


class BundleError(InputError):
    """A bundle is refused; nothing of it was stored."""

    what = "bundle"


@dataclass(slots=True)
class Contents:
    """An unpacked bundle in a scratch folder; ``bundle_contents.check_contents`` fills ``document`` and ``dataset``."""

    where: str
    folder: Path
    files: Mapping[str, str]  # name -> SHA-256 [hex]
    about: Mapping[str, Any]
    document: dict[str, Any]
    dataset: Dataset | None = None


class Findings(list[Problem]):
    """Everything wrong with a bundle; a problem's table is the file inside it."""

    def add(self, file: str, rule: str, value: object = "") -> None:
        """Note a problem of a file; of a long value the beginning."""
        self.append(Problem(file, 0, "", str(value)[:200], rule))


def is_known(name: str) -> bool:
    """True for the names that a bundle may hold; there is no room for paths that lead elsewhere.

    >>> is_known("tables/production/2030.parquet"), is_known("tables/../../x.parquet"), is_known("/run.json")
    (True, False, False)
    """
    if name in (MANIFEST, *NEEDED, "dataset/datapackage.json"):
        return True
    if found := re.fullmatch(r"tables/([a-z_]+)/[12][0-9]{3}\.parquet", name, re.ASCII):
        return found[1] in SCHEMA
    if found := re.fullmatch(r"reference/([a-z_]+)\.parquet", name, re.ASCII):
        return found[1] in LABELS
    found = re.fullmatch(r"dataset/([a-z0-9_]+)\.csv", name, re.ASCII)
    return bool(found) and found[1] in dataset_schema() if found else False


def unpack(path: Path, folder: Path, changed: Findings | None = None) -> Contents:
    """Unpack a bundle into the empty ``folder`` if names, sizes and hashes are right; ``BundleError`` otherwise.

    ``changed``: takes up result tables that are not as the manifest says, which are then no reason to refuse it.
    """
    where, findings = path.name, Findings()
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive, findings)
            _stop(where, findings)
            manifest = _manifest(archive, findings)
            _stop(where, findings)
            files = _check_listing(archive, manifest, findings)
            _stop(where, findings)
            for name in sorted(files):
                facts = manifest["files"][name]
                if changed is not None and name.startswith("tables/"):
                    there = min(archive.getinfo(name).file_size, LARGEST_FILE)
                    _extract(archive, name, folder, facts, changed, there)
                else:
                    _extract(archive, name, folder, facts, findings, int(facts["bytes"]))
    except UNREADABLE as error:
        rule = "this is no whole zip file; a bundle is the .steeliq file that steeliq wrote, fetch it again"
        findings.add(where, rule, error)
    _stop(where, findings)
    about = manifest.get("about")
    texts = about if isinstance(about, dict) else {}
    return Contents(where, folder, files, {key: str(value)[:20_000] for key, value in texts.items()}, {})


def _stop(where: str, findings: Findings) -> None:
    if findings:
        raise BundleError(where, findings)


def _check_entries(archive: zipfile.ZipFile, findings: Findings) -> None:
    """Names, kinds and declared sizes, before a byte is unpacked."""
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        findings.add(MANIFEST, f"a bundle holds at most {MOST_FILES:,} files", len(entries))
        return
    for name, count in Counter(entry.filename for entry in entries).items():
        if count > 1:
            findings.add(name, f"the file is in the bundle {count} times; each file may be there once")
    for entry in entries:
        if not is_known(entry.filename) or entry.orig_filename != entry.filename:
            findings.add(entry.filename, "a bundle holds no such file; only what steeliq writes is taken in")
        elif stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            findings.add(entry.filename, "this is a link or a device; a bundle holds plain files")
        elif entry.flag_bits & 0x1:
            findings.add(entry.filename, "the file is encrypted; bundles are not")
        elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            findings.add(entry.filename, "the file is packed in a way that bundles do not use", entry.compress_type)
        else:
            _check_size(entry, findings)
    total = sum(entry.file_size for entry in entries)
    if total > LARGEST_TOTAL:
        findings.add(MANIFEST, f"unpacked, a bundle has at most {LARGEST_TOTAL:,} bytes", f"{total:,} bytes")


def _check_size(entry: zipfile.ZipInfo, findings: Findings) -> None:
    is_text = entry.filename in (MANIFEST, *NEEDED)
    limit = LARGEST_TEXT if is_text else LARGEST_FILE
    if entry.file_size > limit:
        findings.add(entry.filename, f"the file has at most {limit:,} bytes", f"{entry.file_size:,} bytes")
    elif entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1_000):
        rule = f"the file unpacks to more than {LARGEST_RATIO} times its size, as no table does"
        findings.add(entry.filename, rule, f"{entry.compress_size:,} to {entry.file_size:,} bytes")


def _manifest(archive: zipfile.ZipFile, findings: Findings) -> dict[str, Any]:
    if MANIFEST not in archive.namelist():
        findings.add(MANIFEST, "the file is missing; this zip is no bundle of steeliq")
        return {}
    with archive.open(MANIFEST) as stream:
        document = read_json(stream.read(LARGEST_TEXT + 1), MANIFEST, findings)
    if document is None:
        return {}
    form, listed = document.get("format"), document.get("files")
    if document.get("kind") != KIND:
        findings.add(MANIFEST, f"the kind must be {KIND}; this zip is no bundle of steeliq", document.get("kind"))
    elif type(form) is not int or form < 1:
        findings.add(MANIFEST, "the format must be a whole number from 1", form)
    elif form > FORMAT:
        rule = f"a later version of steeliq wrote this bundle (format {form}, known is {FORMAT}); update steeliq"
        findings.add(MANIFEST, rule, document.get("steeliq", ""))
    elif not isinstance(listed, dict) or not all(_is_listing(name, facts) for name, facts in listed.items()):
        findings.add(MANIFEST, "files must give bytes and sha256 of each file by its name")
    return document


def _is_listing(name: str, facts: object) -> bool:
    if not isinstance(facts, dict) or not is_known(name) or name == MANIFEST:
        return False
    size, digest = facts.get("bytes"), facts.get("sha256")
    return type(size) is int and isinstance(digest, str) and bool(re.fullmatch(r"[0-9a-f]{64}", digest))


def read_json(content: bytes, file: str, findings: Findings) -> dict[str, Any] | None:
    """The JSON object of a file; None and a finding if it is none."""
    try:
        document = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        findings.add(file, "this is not JSON; the file is damaged", error)
        return None
    if not isinstance(document, dict):
        findings.add(file, "a JSON object is needed", type(document).__name__)
        return None
    if _is_deep(document):
        findings.add(file, f"the file is nested deeper than {DEEPEST} levels, as steeliq never writes it")
        return None
    return document


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
    return bool(level)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _check_listing(archive: zipfile.ZipFile, manifest: Mapping[str, Any], findings: Findings) -> dict[str, str]:
    """What the manifest lists must be there and nothing else; SHA-256 by name."""
    listed, there = set(manifest["files"]), set(archive.namelist()) - {MANIFEST}
    for name in sorted(listed - there):
        findings.add(name, "the manifest lists this file, but it is missing")
    for name in sorted(there - listed):
        findings.add(name, "the file is not in the manifest")
    for name in NEEDED:
        if name not in listed | there:
            findings.add(name, "the file is missing; every bundle has it")
    return {name: str(facts["sha256"]) for name, facts in manifest["files"].items()}


def _extract(
    archive: zipfile.ZipFile, name: str, folder: Path, facts: Mapping[str, Any], findings: Findings, announced: int
) -> None:
    """Unpack one file of about ``announced`` bytes, counting and hashing what really comes."""
    target = folder.joinpath(*PurePosixPath(name).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(name) as source, target.open("xb") as out:
            size, digest = _copy(source, out, announced)
    except UNREADABLE as error:
        findings.add(name, "the file is damaged; fetch the bundle again", error)
        return
    if size != facts["bytes"]:
        findings.add(name, f"the manifest says {facts['bytes']:,} bytes; the bundle was changed or damaged", size)
    elif digest != facts["sha256"]:
        rule = f"the manifest says SHA-256 {facts['sha256'][:12]}…; the bundle was changed or damaged"
        findings.add(name, rule, f"{digest[:12]}…")


def _copy(source: IO[bytes], out: IO[bytes], announced: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while size <= min(announced, LARGEST_FILE) and (chunk := source.read(CHUNK)):
        size += len(chunk)
        digest.update(chunk)
        out.write(chunk)
    return size, digest.hexdigest()
