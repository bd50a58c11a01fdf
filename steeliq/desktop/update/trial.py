"""A new kit is tried before it is used: it must start, and its own doctor must find the program well."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from steeliq.desktop.update.kits import LAUNCHER
from steeliq.errors import UpdateError

PATIENCE = 300.0
"""Seconds; the first start of a kit reads each of its files for the first time."""

OF_THE_PROGRAM = ("python", "packages", "libraries", "kit")
"""Checks that judge the kit; the others judge the machine, which the kit in use has to live with as well."""


def try_kit(kit: Path, version: str) -> None:
    """Let ``steeliq doctor`` of the kit in ``kit`` examine it, with an empty data folder; the user's is not touched.

    Raises UpdateError if it does not start, is of another version, or is not well.
    """
    with tempfile.TemporaryDirectory(prefix="steeliq-trial-") as home:
        try:
            done = subprocess.run(
                [str(kit / LAUNCHER), "doctor", "--json"],
                env=_environment(Path(home)),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=PATIENCE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows only
            )
        except subprocess.TimeoutExpired as error:
            raise UpdateError(f"{kit}: the new kit's doctor gave no answer in {PATIENCE:.0f} s; {_KEPT}") from error
        except OSError as error:
            raise UpdateError(f"{kit}: the new kit does not start ({error.strerror or error}); {_KEPT}") from error
    said = done.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2]
    try:
        report: dict[str, Any] = json.loads(said)
        found = {check["name"]: check for check in report["checks"]}
    except (ValueError, TypeError, KeyError) as error:
        words = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:300] or said[:300] or "nothing"
        raise UpdateError(
            f"{kit}: the new kit does not start here (it ended with code {done.returncode} and said: {words}); {_KEPT}"
        ) from error
    if report.get("steeliq") != version:
        raise UpdateError(f"{kit}: it says that it is {report.get('steeliq')}, its list of files {version}; {_KEPT}")
    for name in OF_THE_PROGRAM:
        check = found.get(name, {"level": "problem", "found": "its doctor does not tell"})
        if check["level"] == "problem":
            raise UpdateError(f"{kit}: the new kit is not well on this machine ({name}: {check['found']}); {_KEPT}")


_KEPT = "the kit in use is as it was"


def _environment(home: Path) -> dict[str, str]:
    """Nothing of this process's own Python; no display, since no window is wanted here."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "STEELIQ_"))}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "VIRTUAL_ENV"):
        kept.pop(name, None)
    return kept | {"STEELIQ_HOME": str(home)}
