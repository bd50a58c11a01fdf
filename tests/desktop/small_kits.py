"""Small kits that really run: this checkout's modules under a version of their own, this Python, a launcher and a list.

What a kit has besides, its own Python and packages, is left out; everything that an update does with a kit is not.
"""

from __future__ import annotations

import hashlib
import io
import platform
import shutil
import stat
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from steeliq.desktop.kit_manifest import write_manifest

ROOT = Path(__file__).resolve().parents[2]
HERE = f"{sys.platform}-{platform.machine().lower()}"
LAUNCHER = f"""#!/bin/sh
case $0 in */*) here=${{0%/*}} ;; *) here=. ;; esac
here=$(CDPATH= cd -- "$here" && pwd -P) || exit 1
export PYTHONDONTWRITEBYTECODE=1
exec '{sys.executable}' -s -P "$here/start.py" "$here" "$@"
"""
START = """import runpy
import sys

sys.prefix = sys.argv.pop(1)
sys.path.insert(0, sys.prefix + "/lib")
runpy.run_module("steeliq", run_name="__main__", alter_sys=True)
"""
SAYING = """#!/bin/sh
case $1 in
--version) echo {version} ;;
doctor) IFS= read -r answer <"${{0%/*}}/answer.json"; printf '%s\\n' "$answer" ;;
esac
"""


def write_kit(folder: Path, version: str, *, change: Callable[[Path], object] | None = None) -> Path:
    """A kit below ``folder``; ``change`` is made before its list of files is written."""
    kit = folder / f"steeliq-{version}"
    kit.mkdir(parents=True)
    leave = shutil.ignore_patterns("reference", "templates", "__pycache__")
    shutil.copytree(ROOT / "steeliq", kit / "lib" / "steeliq", ignore=leave)
    (kit / "lib" / "steeliq" / "__init__.py").write_text(f'__version__ = "{version}"\n')
    (kit / "start.py").write_text(START)
    return _finished(kit, LAUNCHER, version, change)


def write_saying_kit(folder: Path, version: str, answer: str) -> Path:
    """A kit of a few files that says its version and, as its doctor, ``answer``."""
    kit = folder / f"steeliq-{version}"
    (kit / "lib" / "é").mkdir(parents=True)
    (kit / "lib" / "é" / "a.txt").write_text(f"of {version}\n")
    (kit / "lib64").symlink_to("lib")
    (kit / "answer.json").write_text(answer + "\n")
    return _finished(kit, SAYING.format(version=version), version, None)


def _finished(kit: Path, launcher: str, version: str, change: Callable[[Path], object] | None) -> Path:
    (kit / "steeliq").write_text(launcher)
    (kit / "steeliq").chmod(0o755)
    if change is not None:
        change(kit)
    write_manifest(kit, version=version, platform=HERE)
    return kit


def write_archive(kit: Path, folder: Path, *, name: str = "", top: str = "") -> Path:
    """The kit as ``.tar.zst`` in ``folder``, with its sum beside it."""
    archive = folder / f"{name or kit.name}-linux-64.tar.zst"
    with pa.CompressedOutputStream(str(archive), "zstd") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for path in sorted(kit.rglob("*")):
            if path.is_symlink() or not path.is_dir():
                tar.add(path, f"{top or kit.name}/{path.relative_to(kit).as_posix()}", recursive=False)
    write_sum(archive)
    return archive


def write_zip(kit: Path, folder: Path) -> Path:
    """The kit as ``.zip``."""
    archive = folder / f"{kit.name}-win-64.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(kit.rglob("*")):
            packed.write(path, f"{kit.name}/{path.relative_to(kit).as_posix()}")
    write_sum(archive)
    return archive


def write_members(archive: Path, members: Mapping[str, tarfile.TarInfo | bytes]) -> Path:
    """An archive of anything: files by their content, others by their header."""
    with pa.CompressedOutputStream(str(archive), "zstd") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for name, what in members.items():
            if isinstance(what, bytes):
                header = tarfile.TarInfo(name)
                header.size = len(what)
                tar.addfile(header, io.BytesIO(what))
            else:
                tar.addfile(what)
    write_sum(archive)
    return archive


def write_sum(archive: Path) -> None:
    """The file of sums beside an archive, as the build of kits writes it."""
    total = hashlib.sha256(archive.read_bytes()).hexdigest()
    stem = archive.name.removesuffix(".tar.zst").removesuffix(".zip")
    archive.with_name(f"{stem}.sha256").write_text(f"{total}  {archive.name}\n{'0' * 64}  {stem}.tar\n")


def tree(folder: Path) -> dict[str, str]:
    """Everything below a folder: what it is, its permissions and its content; without the lock of updates."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if path.is_symlink():
            told = f"-> {path.readlink()}"
        else:
            told = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        if path.name != ".steeliq-update.lock":
            found[path.relative_to(folder).as_posix()] = f"{mode:o} {told}"
    return found
