"""The wheels a kit is made from: fetched or given, and each checked against the lock by this program itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

from scripts.kit.files import sha256_of
from scripts.kit.locks import Pin
from scripts.kit.refusal import Refused


def fetch(lock: Path, folder: Path) -> None:
    """Let pip bring the wheels of a lock, each checked against its hash; raises Refused with pip's reason."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--require-hashes", "--only-binary", ":all:", "-r", str(lock), "-w", str(folder)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise Refused(f"{lock}: its packages could not be fetched:\n{done.stderr.strip()[-2000:]}")


def checked(folder: Path, pins: dict[str, Pin]) -> dict[str, Path]:
    """The wheels of ``folder`` by package, one for each pin and each with a hash that the lock allows.

    Wheels of other packages are not looked at. Raises Refused for one that is missing or differs.
    """
    found: dict[str, Path] = {}
    for wheel in sorted(folder.glob("*.whl")):
        name, version, _, _ = parse_wheel_filename(wheel.name)
        pin = pins.get(canonicalize_name(name))
        if pin is None or str(version) != pin.version:
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
