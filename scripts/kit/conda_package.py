"""Conda packages (``.conda``), the same bytes for the same files: sorted, one time, root's, plain modes.

No file in them holds a prefix to be replaced at installation; that is what lets a kit be moved without being repaired.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from scripts.kit.files import entries
from scripts.kit.plain_tar import add_file, plain

LEVEL = 3
"""Packages are read once, by the next step: quick is right."""


@dataclass(frozen=True, slots=True)
class Package:
    """What ``info/index.json`` says: name, version, build string, folder of the channel, requirements, licence."""

    name: str
    version: str
    build: str
    depends: tuple[str, ...]
    constrains: tuple[str, ...] = ()
    license: str = ""
    subdir: str = "linux-64"

    @property
    def stem(self) -> str:
        """The file's name without its suffix."""
        return f"{self.name}-{self.version}-{self.build}"


def write_package(root: Path, channel: Path, package: Package, about: Mapping[str, Any], epoch: int) -> Path:
    """Pack every file and link below ``root`` into ``channel``; the package's path."""
    files = list(entries(root))
    content = _tar(files, epoch)
    info = _tar_of_texts(_info(files, package, about, epoch), epoch)
    target = channel / package.subdir / f"{package.stem}.conda"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, part in (
            ("metadata.json", b'{"conda_pkg_format_version": 2}'),
            (f"pkg-{package.stem}.tar.zst", content),
            (f"info-{package.stem}.tar.zst", info),
        ):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, part)
    return target


def _tar(files: Iterable[tuple[str, Path]], epoch: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in files:
            add_file(archive, name, path, epoch)
    return _compressed(buffer)


def _tar_of_texts(texts: Mapping[str, str], epoch: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, text in sorted(texts.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(plain(entry, epoch), io.BytesIO(text.encode()))
    return _compressed(buffer)


def _compressed(buffer: io.BytesIO) -> bytes:
    packed: bytes = zstandard.ZstdCompressor(level=LEVEL).compress(buffer.getvalue())
    return packed


def _info(files: list[tuple[str, Path]], package: Package, about: Mapping[str, Any], epoch: int) -> dict[str, str]:
    anywhere = package.subdir == "noarch"
    index = {
        "name": package.name,
        "version": package.version,
        "build": package.build,
        "build_number": 0,
        "subdir": package.subdir,
        "arch": None if anywhere else "x86_64",
        "platform": None if anywhere else "linux",
        "depends": sorted(package.depends),
        "constrains": sorted(package.constrains),
        "license": package.license,
        "timestamp": epoch * 1000,
    } | ({"noarch": "generic"} if anywhere else {})
    paths = {"paths": [_path(name, path) for name, path in files], "paths_version": 1}
    return {
        "info/about.json": _json(about),
        "info/files": "".join(f"{name}\n" for name, _ in files),
        "info/index.json": _json(index),
        "info/paths.json": _json(paths),
    }


def _path(name: str, path: Path) -> dict[str, Any]:
    content = path.read_bytes() if path.is_file() else b""
    return {
        "_path": name,
        "path_type": "softlink" if path.is_symlink() else "hardlink",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_in_bytes": len(content),
    }


def _json(document: Any) -> str:
    return json.dumps(document, indent=1, sort_keys=True) + "\n"
