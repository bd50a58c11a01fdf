"""A kit's archive, ``.tar.zst`` or ``.zip``: what is in it, whether that may be unpacked, and unpacking.

It is read from its beginning to its end, twice and never whole in memory: once to look, so that an archive that is
refused has written nothing, and once to unpack. A kit holds files, folders and links that stay inside its one folder;
an archive with anything else is refused.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from steeliq.desktop import kit_manifest
from steeliq.errors import UpdateError

SUFFIXES = (".tar.zst", ".zip")
BLOCK = 4096
"""Bytes that the smallest file takes on a disk."""

LARGEST_MANIFEST = 64_000_000
CHUNK = 1 << 20
ENCRYPTED = 1  # of a zip member's flags
ILL_FORMED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError)
_TOP = re.compile(r"steeliq-[0-9A-Za-z][0-9A-Za-z.+_-]*")


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive holds: its one folder, the manifest in it (parsed, and as it stands there), bytes on disk."""

    top: str
    manifest: dict[str, Any]
    manifest_text: bytes
    size: int

    @property
    def version(self) -> str:
        """The version of steeliq in it."""
        return str(self.manifest.get("version"))

    @property
    def platform(self) -> str:
        """What it was built for."""
        return str(self.manifest.get("platform"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A member: its path with slashes, ``file``, ``folder``, ``link`` or ``other``, bytes, and a link's target."""

    path: str
    kind: str
    size: int = 0
    target: str = ""


def look_into(archive: Path, stream: BinaryIO) -> Contents:
    """Read everything and write nothing.

    Raises UpdateError if the archive is damaged, is no kit, or would write outside its folder.
    """
    paths: set[str] = set()
    folders: set[str] = set()
    size, text = 0, None
    with _told_of_damage(archive), _opened(archive, stream) as opened:
        for entry, content in opened.entries():
            fault = _fault(entry, paths)
            if fault:
                raise UpdateError(f"{archive}: {entry.path!r} {fault}, which no kit does; do not use this archive")
            paths.add(entry.path)
            if entry.kind == "folder":
                folders.add(entry.path)
            size += -(-entry.size // BLOCK) * BLOCK + (BLOCK if entry.kind != "file" else 0)
            if entry.path.count("/") == 1 and entry.path.endswith("/" + kit_manifest.NAME):
                text = content.read(LARGEST_MANIFEST) if content is not None else None
    _refuse_ways_through(archive, paths, paths - folders)
    tops = sorted({path.partition("/")[0] for path in paths})
    if len(tops) != 1 or text is None or not _TOP.fullmatch(tops[0]):
        raise UpdateError(f"{archive}: not a kit of steeliq (there is no steeliq-VERSION/{kit_manifest.NAME} in it)")
    return Contents(tops[0], _manifest(archive, text), text, size)


def _manifest(archive: Path, text: bytes) -> dict[str, Any]:
    try:
        return kit_manifest.parse(text, str(archive))
    except kit_manifest.KitError as error:
        raise UpdateError(str(error)) from error


def _fault(entry: Entry, paths: set[str]) -> str:
    """What a member does that it must not; '' if nothing."""
    parts = entry.path.split("/")
    if entry.path.startswith("/") or "\\" in entry.path or ":" in parts[0] or not entry.path.isprintable():
        return "is no path inside a folder"
    if any(part in {"", ".", ".."} for part in parts):
        return "leads out of its folder"
    if entry.path in paths:
        return "is there twice"
    if entry.kind == "other":
        return "is neither file nor folder nor symbolic link"
    if entry.kind == "link":
        target = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), entry.target))
        if entry.target.startswith("/") or "\\" in entry.target or ":" in entry.target or not entry.target:
            return f"links outside ({entry.target})"
        if target != parts[0] and not target.startswith(parts[0] + "/"):
            return f"links outside ({entry.target})"
    return ""


def _refuse_ways_through(archive: Path, paths: set[str], ends: set[str]) -> None:
    """No member lies below a link or file: what is written there would be written where the link leads."""
    for path in sorted(paths):
        above = posixpath.dirname(path)
        while above:
            if above in ends:
                raise UpdateError(f"{archive}: {path!r} lies below {above!r}, which is no folder; do not use it")
            above = posixpath.dirname(above)


def unpack(archive: Path, stream: BinaryIO, into: Path) -> None:
    """Unpack an archive that was looked into; ``into`` is a folder that is not in use yet, files are on disk after."""
    with _told_of_damage(archive), _opened(archive, stream) as opened:
        opened.unpack(into)
    if hasattr(os, "sync"):  # all at once is much faster than file by file
        os.sync()


@contextmanager
def _told_of_damage(archive: Path) -> Iterator[None]:
    try:
        yield
    except ILL_FORMED as error:
        raise UpdateError(f"{archive}: damaged, or not an archive ({error}); get it again") from error
    except OSError as error:
        if error.errno is None:  # so Arrow tells that the compressed stream is damaged
            raise UpdateError(f"{archive}: damaged, or not an archive ({error}); get it again") from error
        raise


class _Tar:
    """A tar that is read as it comes."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar = tar

    def entries(self) -> Iterator[tuple[Entry, IO[bytes] | None]]:
        for member in self.tar:
            if member.isreg():
                yield Entry(member.name, "file", member.size), self.tar.extractfile(member)
            elif member.isdir():
                yield Entry(member.name.removesuffix("/"), "folder"), None
            elif member.issym():
                yield Entry(member.name, "link", target=member.linkname), None
            else:
                yield Entry(member.name, "other"), None

    def unpack(self, into: Path) -> None:
        for member in self.tar:
            self.tar.extract(member, into, filter="data")


class _Zip:
    """A zip, as kits for Windows are; it holds no links."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self.packed = packed

    def entries(self) -> Iterator[tuple[Entry, IO[bytes] | None]]:
        for member in self.packed.infolist():
            path = member.filename.removesuffix("/")
            if member.is_dir():
                yield Entry(path, "folder"), None
            elif stat.S_IFMT(member.external_attr >> 16) in {0, stat.S_IFREG} and not member.flag_bits & ENCRYPTED:
                with self.packed.open(member) as content:
                    yield Entry(path, "file", member.file_size), content
            else:
                yield Entry(path, "other"), None

    def unpack(self, into: Path) -> None:
        for member in self.packed.infolist():
            path = into / member.filename
            if member.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with self.packed.open(member) as content, path.open("xb") as file:
                shutil.copyfileobj(content, file, CHUNK)
                file.flush()
                if not hasattr(os, "sync"):
                    os.fsync(file.fileno())
            if member.external_attr >> 16 & stat.S_IXUSR:
                path.chmod(0o755)


@contextmanager
def _opened(archive: Path, stream: BinaryIO) -> Iterator[_Tar | _Zip]:
    stream.seek(0)
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(stream) as packed:
            yield _Zip(packed)
    elif archive.name.endswith(".tar.zst"):
        import pyarrow as pa

        own = os.fdopen(os.dup(stream.fileno()), "rb")  # Arrow closes what it has read
        with (
            own,
            pa.CompressedInputStream(pa.PythonFile(own, mode="r"), "zstd") as plain,
            tarfile.open(fileobj=plain, mode="r|", bufsize=CHUNK) as tar,
        ):
            yield _Tar(tar)
    else:
        raise UpdateError(f"{archive}: not a kit's archive; its name ends with {' or '.join(SUFFIXES)}")
