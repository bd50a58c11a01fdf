"""What a menu entry starts: the launcher that survives updates, the kit's own, else this Python with the package."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import steeliq
from steeliq.desktop.update.kits import launcher_above
from steeliq.errors import SteeliqError

LAUNCHER = "STEELIQ_LAUNCHER"


class ShortcutError(SteeliqError):
    """A menu entry cannot be made here."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, the last of which is followed by the file to open, and variables that it needs."""

    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def program(self) -> str:
        """The file that is started."""
        return self.arguments[0]


def command() -> Command:
    """How steeliq is started with a window; raises ShortcutError if ``STEELIQ_LAUNCHER`` names nothing that starts."""
    named = os.environ.get(LAUNCHER)
    if named:
        path = Path(named).expanduser().absolute()
        if not _starts(path):
            raise ShortcutError(f"{LAUNCHER}: {path} is not a program; name the kit's launcher or unset the variable")
        return Command((str(launcher_above(path.parent) or path), "app"))
    suffix = ".exe" if os.name == "nt" else ""
    for folder in (Path(sys.prefix).parent, Path(sys.prefix)):
        if _starts(folder / f"steeliq{suffix}"):
            found = launcher_above(folder.absolute()) or (folder / f"steeliq{suffix}").absolute()
            return Command((str(found), "app"))
    return Command((_python(), "-P", "-m", "steeliq", "app"), _checkout())


def _starts(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _python() -> str:
    """The interpreter that runs now; on Windows the one that opens no black window."""
    here = Path(sys.executable).absolute()
    silent = here.with_name("pythonw.exe")
    return str(silent if os.name == "nt" and silent.is_file() else here)


def _checkout() -> dict[str, str]:
    """What a checkout needs that was never installed: to be found."""
    try:
        distribution("steeliq")
    except PackageNotFoundError:
        return {"PYTHONPATH": str(Path(steeliq.__file__).resolve().parents[1])}
    return {}
