"""The small X11 libraries that Qt needs and many desktops lack, from Debian packages pinned in ``env/debs.lock``."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from scripts.kit.conda_package import Package, write_package
from scripts.kit.files import sha256_of
from scripts.kit.interpreter import Interpreter, find_patchelf
from scripts.kit.recipe import ROOT, Recipe
from scripts.kit.refusal import Refused

LOCK = ROOT / "env" / "debs.lock"
NAME = "qt-x11-leaf"
_LINE = re.compile(r"^(?P<hash>[0-9a-f]{64})  (?P<file>(?P<name>[a-z0-9.+-]+)_(?P<version>[^_/]+)_amd64\.deb)$")


def read_debs_lock(path: Path = LOCK) -> list[re.Match[str]]:
    """The pinned packages (groups ``hash``, ``file``, ``name``, ``version``); raises Refused if a line is strange."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        pin = _LINE.match(line)
        if pin:
            found.append(pin)
        elif line and not line.startswith("#"):
            raise Refused(f"{path}, line {number}: {line!r} is no SHA-256 with the name of a Debian package for amd64")
    return found


def fetch(folder: Path) -> None:
    """Let apt bring the packages that are not in ``folder`` yet."""
    for pin in read_debs_lock():
        if (folder / pin["file"]).is_file():
            continue
        wanted = f"{pin['name']}={unquote(pin['version'])}"
        try:
            done = subprocess.run(
                ["apt-get", "download", "-qq", f"{wanted}"], cwd=folder, check=False, capture_output=True, text=True
            )
        except FileNotFoundError as error:
            raise Refused(f"there is no apt-get here to fetch {wanted}; put {pin['file']} into {folder}") from error
        if done.returncode or not (folder / pin["file"]).is_file():
            raise Refused(
                f"{wanted} could not be fetched: {done.stderr.strip()[:500]}\nDebian drops old versions: put "
                f"{pin['file']} into {folder}, or pin the present version in {LOCK}"
            )


def checked(folder: Path) -> list[Path]:
    """The packages of ``folder`` as the lock pins them; raises Refused for one that is missing or changed."""
    found = []
    for pin in read_debs_lock():
        path = folder / pin["file"]
        if not path.is_file():
            raise Refused(f"{path}: this package of env/debs.lock is missing; leave out --wheels to fetch it")
        if (digest := sha256_of(path)) != pin["hash"]:
            raise Refused(f"{path}: its SHA-256 is {digest}, the lock wants {pin['hash']}; delete it, fetch it anew")
        found.append(path)
    return found


def convert(debs: list[Path], channel: Path, interpreter: Interpreter, recipe: Recipe, scratch: Path) -> Path:
    """Write one conda package with the libraries of all, where Qt's own libraries look for them first."""
    root = scratch / NAME
    libraries = root / interpreter.library / "site-packages" / "PySide6" / "Qt" / "lib"
    texts = root / "share" / "licenses"
    for folder in (libraries, texts):
        folder.mkdir(parents=True)
    for deb in debs:
        _take(deb, libraries, texts)
    for path in libraries.iterdir():
        path.chmod(0o755)
        subprocess.run(  # without the page size, patchelf makes 2 MB of 10 kB
            [find_patchelf(), "--page-size", "4096", "--set-rpath", "$ORIGIN", path], check=True, capture_output=True
        )
    package = Package(name=NAME, version="1", build="0", depends=(), license="MIT")
    about = {"summary": "small X11 libraries that Qt needs", "extra": {"debs": [deb.name for deb in debs]}}
    return write_package(root, channel, package, about, recipe.epoch)


def _take(deb: Path, libraries: Path, texts: Path) -> None:
    """Each library under the name that others ask for, and the copyright file."""
    with tarfile.open(fileobj=io.BytesIO(_data(deb)), mode="r:xz") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            if path.parent.name == "x86_64-linux-gnu" and ".so." in path.name:
                # a link lies beside the file that it names; its own name is the one that others ask for
                source = archive.extractfile(member)
                is_asked_for = member.issym() or path.name.count(".") == 2
                if source is not None and is_asked_for:
                    (libraries / path.name).write_bytes(source.read())
            elif path.name == "copyright" and member.isfile():
                source = archive.extractfile(member)
                if source is not None:
                    (texts / f"{path.parent.name}.txt").write_bytes(source.read())


def _data(deb: Path) -> bytes:
    """``data.tar.xz`` out of a Debian package, which is an ``ar`` archive: 60 bytes of header before each member."""
    content = deb.read_bytes()
    at = 8
    while at < len(content):
        header = content[at : at + 60]
        size = int(header[48:58])
        if header[:16].rstrip().rstrip(b"/") == b"data.tar.xz":
            return content[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    raise Refused(f"{deb}: there is no data.tar.xz in it; it is not a Debian package of today")
