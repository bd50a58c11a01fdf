"""The wheels a kit is made from: fetched or given, and each checked against the lock by this program itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from scripts.kit.files import sha256_of
from scripts.kit.locks import Pin
from scripts.kit.refusal import Refused


def fetch(lock: Path, folder: Path) -> None:
    """Let pip bring the wheels of a lock (of a package without wheels, its source), each checked against its hash.

    Raises Refused with pip's reason.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--require-hashes", "--no-build-isolation", "-r", str(lock), "-d", str(folder)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise Refused(f"{lock}: its packages could not be fetched:\n{done.stderr.strip()[-2000:]}")


def checked(folder: Path, pins: dict[str, Pin]) -> dict[str, Path]:
    """The wheels (or sources) of ``folder`` by package, one for each pin and each with a hash that the lock allows.

    Wheels of other packages are not looked at. Raises Refused for one that is missing or differs.
    """
    found: dict[str, Path] = {}
    for wheel in sorted((*folder.glob("*.whl"), *folder.glob("*.tar.gz"))):
        name, version = _parts(wheel.name)
        pin = pins.get(canonicalize_name(name))
        if pin is None or version != pin.version:
            continue
        if (digest := sha256_of(wheel)) not in pin.hashes:
            raise Refused(
                f"{wheel}: its SHA-256 {digest} is none of those that the lock allows for {pin.name} {pin.version}; "
                "the file or the lock was changed. Delete the file; if it comes again, find out why before trusting one"
            )
        if pin.name in found:
            raise Refused(
                f"{folder}: {found[pin.name].name} and {wheel.name} are the same package; leave only one there"
            )
        found[pin.name] = wheel
    if missing := sorted(f"{pin.name} {pin.version}" for pin in pins.values() if pin.name not in found):
        raise Refused(f"{folder}: there is no wheel for {', '.join(missing)}; fetch the wheels of the lock anew")
    return found


def _parts(file: str) -> tuple[str, str]:
    """Package and version that a file's name tells."""
    name, version = parse_wheel_filename(file)[:2] if file.endswith(".whl") else parse_sdist_filename(file)
    return name, str(version)
