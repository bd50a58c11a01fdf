"""The rare package that is published as source only: its archive is checked against the lock, then built."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from scripts.kit.refusal import Refused


def wheel_of(archive: Path, folder: Path, epoch: int) -> Path:
    """Build the wheel of a source archive with the pinned setuptools of this environment, without a network."""
    target = folder / archive.name
    target.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index",
         "--no-build-isolation", "--no-cache-dir", "-w", str(target), str(archive.resolve())],
        check=False, capture_output=True, text=True, env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)},
    )  # fmt: skip
    wheels = list(target.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise Refused(f"{archive}: its wheel could not be built:\n{done.stderr.strip()[-2000:]}")
    return wheels[0]
