"""``env/wheels.json``: the very wheels of the locks that 64-bit Linux with CPython 3.13 takes, for builds by Nix.

Nix fetches each file by its name and hash, and a lock names neither the file nor which of its many hashes is meant.
So pip chooses and checks them, and what it chose is written down, without any address::

    {"pname": "numpy", "version": "2.5.5", "dist": "cp313", "python": "cp313", "abi": "cp313",
     "platform": "manylinux_2_28_x86_64", "name": "numpy-2.5.5-cp313-cp313-manylinux_2_28_x86_64.whl",
     "hash": "sha256-...", "purpose": "runtime"}

``pname`` to ``platform`` and ``hash`` are arguments of nixpkgs' ``fetchPypi``, ``name`` is the file they lead to, and
``purpose`` says what for: ``runtime`` goes into the kit (env/runtime.lock), ``build`` builds it (env/build.lock),
``test`` runs tests (a few packages of env/dev.lock).
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from base64 import b64encode
from pathlib import Path

from scripts.kit.files import sha256_of
from scripts.kit.locks import Pin, read_lock
from scripts.kit.recipe import ROOT
from scripts.kit.refusal import Refused
from scripts.kit.wheelhouse import fetch

LIST = ROOT / "env" / "wheels.json"
LOCKS = {"runtime": "runtime.lock", "build": "build.lock", "test": "dev.lock"}
TESTERS = ("hypothesis", "iniconfig", "pluggy", "pytest", "sortedcontainers")
"""Of env/dev.lock, what the tests that ``nix flake check`` runs need beside the app's own packages."""


def entry(wheel: Path, purpose: str) -> dict[str, str]:
    """What the list says about one file; raises Refused if ``fetchPypi`` could not ask for a file of such a name."""
    parts = wheel.name.removesuffix(".whl").split("-")
    if len(parts) != 5:
        raise Refused(
            f"{wheel.name}: the form name-version-python-abi-platform.whl is needed, since nixpkgs' fetchPypi has no "
            "argument for more, such as a build number; exclude this version in pyproject.toml and run scripts/lock"
        )
    pname, version, python, abi, tags = parts
    return {
        "pname": pname,
        "version": version,
        "dist": python,
        "python": python,
        "abi": abi,
        "platform": tags,
        "name": wheel.name,
        "hash": f"sha256-{b64encode(bytes.fromhex(sha256_of(wheel))).decode()}",
        "purpose": purpose,
    }


def entries(wheels: Path) -> list[dict[str, str]]:
    """The list; pip puts the wheels into ``wheels``, a folder for each purpose. Raises Refused if it cannot be made."""
    here = (platform.system(), platform.machine(), platform.python_implementation(), *sys.version_info[:2])
    if here != ("Linux", "x86_64", "CPython", 3, 13):
        raise Refused(f"{LIST}: only CPython 3.13 on 64-bit Linux can choose its wheels; this is {here}")
    for purpose, name in LOCKS.items():
        lock = ROOT / "env" / name
        if purpose == "test":
            pins = read_lock(lock, platform.python_version())
            lock = wheels / "test.lock"
            lock.write_text("".join(_line(pins[one]) for one in TESTERS), "utf-8")
        fetch(lock, wheels / purpose)
    return [entry(wheel, purpose) for purpose in LOCKS for wheel in sorted((wheels / purpose).glob("*.whl"))]


def _line(pin: Pin) -> str:
    return " ".join((f"{pin.name}=={pin.version}", *(f"--hash=sha256:{one}" for one in sorted(pin.hashes)))) + "\n"


def main() -> int:
    """Write the list anew."""
    parser = argparse.ArgumentParser(prog="python -m scripts.kit.wheel_list", description="Renew env/wheels.json.")
    parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = entries(Path(folder))
    except Refused as error:
        print(f"scripts/lock: {error}", file=sys.stderr)
        return 3
    LIST.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(f"{LIST.relative_to(ROOT)}: {len(found)} wheels", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
