"""What a release must be before it is drafted: ``python -m scripts.kit.release TAG FOLDER``; prints its notes.

The tag names the version, the changelog has a dated section for it, and every archive of the folder has its checksum
and its list of parts beside it, both of them about these very bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARCHIVES = (".tar.zst", ".zip")


def problems(tag: str, folder: Path, version: str, changelog: str) -> list[str]:
    """Everything that stands against a release, in sentences."""
    found = []
    if tag != f"v{version}":
        found.append(f"the tag is {tag}, but steeliq/__init__.py says {version}: tag v{version}, or change the version")
    if not notes(changelog, version):
        found.append(f"CHANGELOG.md has no section '## {version} (YEAR-MONTH-DAY)': write what changed, with the day")
    archives = sorted(path for path in folder.glob("*") if path.name.endswith(ARCHIVES))
    if f"steeliq-{version}-linux-64.tar.zst" not in {path.name for path in archives}:
        found.append(f"{folder}: there is no steeliq-{version}-linux-64.tar.zst, which was tried; build it first")
    for archive in archives:
        found += _problems_of(archive, version)
    return found


def notes(changelog: str, version: str) -> str:
    r"""The changelog's section of a version; empty if there is none or it bears no day.

    >>> notes("## 0.2.0 (2026-05-04)\n\nFaster.\n\n## 0.1.0 (unreleased)\n", "0.2.0")
    'Faster.'
    """
    heading = rf"^## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)\n"
    section = re.compile(rf"{heading}(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    match = section.search(changelog)
    return match["text"].strip() if match else ""


def _problems_of(archive: Path, version: str) -> list[str]:
    if not archive.name.startswith(f"steeliq-{version}-"):
        return [f"{archive}: not of version {version}; remove it"]
    stem = next(archive.name.removesuffix(suffix) for suffix in ARCHIVES if archive.name.endswith(suffix))
    with archive.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    found = []
    sums = archive.with_name(f"{stem}.sha256")
    if not sums.is_file() or f"{digest}  {archive.name}" not in sums.read_text("utf-8").splitlines():
        found.append(f"{sums}: no line '{digest}  {archive.name}', which is what the archive has; build it again")
    parts = archive.with_name(f"{stem}.cdx.json")
    try:
        document = json.loads(parts.read_text("utf-8"))
        told = [one["content"] for one in document["metadata"]["component"]["hashes"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [*found, f"{parts}: no list of parts ({type(error).__name__}: {error}); build the archive again"]
    if told != [digest]:
        found.append(f"{parts}: about an archive with the hash {told}, but {archive.name} has {digest}; build it again")
    return found


def main() -> int:
    """Print the notes, or what stands against the release; then the exit code is 3."""
    from steeliq import __version__

    parser = argparse.ArgumentParser(prog="python -m scripts.kit.release", description="Check a release.")
    parser.add_argument("tag", help="such as v0.1.0")
    parser.add_argument("folder", type=Path, help="with the archives and what belongs to them")
    options = parser.parse_args()
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    if against := problems(options.tag, options.folder, __version__, changelog):
        print("\n".join(("No release:", *against)), file=sys.stderr)
        return 3
    print(notes(changelog, __version__))
    return 0


if __name__ == "__main__":
    sys.exit(main())
