"""The archive: one top folder, sorted names, one time, and the hashes beside it."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.kit.files import entries, sha256_of
from scripts.kit.plain_tar import add_file

THREADS = 2
"""One and several threads give different bytes, any number of several the same: this is fixed, not the machine's."""
WINDOW_LOG = 26
"""Equal parts are found 64 MiB apart, so that much memory is needed to unpack; zstd itself goes up to 128 MiB."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A finished archive with its hashes, that of the tar inside, sizes [bytes] and zstd level."""

    path: Path
    sha256: str
    tar_sha256: str
    compressed: int
    unpacked: int
    level: int


class _Tee(io.RawIOBase):
    """Hands the tar to the compressor and counts and hashes it on the way, so that it is nowhere in whole."""

    def __init__(self, target: Any) -> None:
        self.target, self.hash, self.size = target, hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, part: bytes) -> int:  # type: ignore[override]  # bytes are all that comes
        self.hash.update(part)
        self.size += len(part)
        self.target.write(part)
        return len(part)


def write_archive(tree: Path, top: str, target: Path, *, level: int, epoch: int) -> Archive:
    """Write ``target`` (``.tar.zst``) with all of ``tree`` under the folder ``top``, and its ``.sha256``."""
    import zstandard  # those who only check archives need no tool

    partial = target.with_name(f".{target.name}.partial")
    parameters = zstandard.ZstdCompressionParameters.from_level(
        level, threads=THREADS, window_log=WINDOW_LOG, enable_ldm=True
    )
    compressor = zstandard.ZstdCompressor(compression_params=parameters)
    with partial.open("wb") as stream, compressor.stream_writer(stream, closefd=False) as writer:
        tee = _Tee(writer)
        with tarfile.open(fileobj=tee, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20) as archive:
            for name, path in entries(tree):
                add_file(archive, f"{top}/{name}", path, epoch)
    partial.replace(target)
    done = Archive(target, sha256_of(target), tee.hash.hexdigest(), target.stat().st_size, tee.size, level)
    lines = f"{done.sha256}  {target.name}\n{done.tar_sha256}  {target.name.removesuffix('.zst')}\n"
    target.with_name(target.name.removesuffix(".tar.zst") + ".sha256").write_text(lines, "utf-8")
    return done
