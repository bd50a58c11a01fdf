"""Whether an archive is the one that was published: its SHA-256 against the file beside it, or one given by hand.

The file beside it is what ``sha256sum`` writes, ``HEX  NAME`` on each line. It finds damage; whoever can replace the
archive can replace that file too, so compare the sum with one from another way if that matters (docs/packaging.md).
"""

from __future__ import annotations

import hashlib
import re
from io import BufferedReader
from pathlib import Path

from steeliq.errors import UpdateError

_LINE = re.compile(r"(?:SHA256 )?([0-9a-fA-F]{64})(?: [ *](.+))?")


def expected(archive: Path, given: str | None) -> tuple[str, str]:
    """The sum that the archive must have, and where that is written; raises UpdateError if it is nowhere."""
    if given is not None:
        if not re.fullmatch(r"[0-9a-fA-F]{64}", given.strip()):
            raise UpdateError(f"--sha256: found {given!r}; give the 64 hexadecimal digits of the archive's SHA-256")
        return given.strip().lower(), "--sha256"
    candidates = [archive.with_name(f"{name}.sha256") for name in (archive.name, _stem(archive.name))]
    for file in candidates:
        if file.is_file():
            return _listed(file, archive.name), str(file)
    raise UpdateError(
        f"{archive}: there is nothing to check it against; put {candidates[-1].name} beside it as it was published, or "
        "give its sum with --sha256 HEX"
    )


def _stem(name: str) -> str:
    """The name without what tells the format: ``steeliq-0.2.0-linux-64``."""
    for suffix in (".tar.zst", ".zip"):
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name


def _listed(file: Path, name: str) -> str:
    """The sum that ``file`` lists for the archive of this name; alone and without a name, a sum is taken as its own."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UpdateError(f"{file}: it cannot be read ({error}); download it again") from error
    found = [match for line in text.splitlines() if (match := _LINE.fullmatch(line.strip()))]
    for match in found:
        if match[2] == name or (match[2] is None and len(found) == 1):
            return match[1].lower()
    names = ", ".join(match[2] or "a sum without a name" for match in found) or "no SHA-256"
    raise UpdateError(
        f"{file}: it has no sum for {name} (found {names}); was the archive renamed? Then use --sha256 HEX"
    )


def check(archive: Path, stream: BufferedReader, given: str | None) -> str:
    """Read the whole archive and return its sum; raises UpdateError if it is not the expected one."""
    wanted, where = expected(archive, given)
    found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != wanted:
        raise UpdateError(
            f"{archive}: damaged, or not the archive that was published; its SHA-256 is {found}, {where} says "
            f"{wanted}; get both again"
        )
    return found
