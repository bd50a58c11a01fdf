"""What the tests of the kit share: the archive, the unpacked kit as a person has it, and another user of the machine.

``STEELIQ_KIT`` names the archive (``scripts/check-kit`` sets it); without it a small one is built.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.web.conftest import tiny  # noqa: F401 (a fixture)
from tests.web.live import ROOT

NAME = "STEELIQ_KIT"
SOMEBODY = 1000
"""A user without rights, who need not exist."""
ALONE = ("unshare", "--net", "/bin/sh", "-c", 'ip link set lo up && exec "$@"', "sh")

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]


@dataclass(frozen=True)
class Kit:
    """An unpacked kit, started as somebody who may not write into it, with nothing in the environment."""

    folder: Path
    home: Path

    @property
    def launcher(self) -> Path:
        """What a person starts."""
        return self.folder / "steeliq"

    @property
    def site(self) -> Path:
        """Where its packages are."""
        return self.folder / "lib" / "python3.13" / "site-packages"

    def environment(self, **more: str) -> dict[str, str]:
        """An empty one, but for the data folder."""
        return {"PATH": "", "HOME": str(self.home), "STEELIQ_HOME": str(self.home / "data")} | more

    def start(
        self, *arguments: str, alone: bool = False, by: Sequence[str] = (), where: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Start it (by its launcher, or ``by`` another name for it) and wait; ``alone``: without a network."""
        whole = ("setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups")
        command = [*(ALONE if alone else ()), *(whole if os.getuid() == 0 else ())]
        if command:  # those programs are found on the PATH; the kit then gets an empty one
            command += ["env", "-i", *(f"{name}={value}" for name, value in self.environment(**more).items())]
        return subprocess.run(
            [*command, *(by or (str(self.launcher),)), *arguments],
            check=False, capture_output=True, text=True, timeout=600, cwd=where or self.home,
            env=None if command else self.environment(**more),
        )  # fmt: skip


@pytest.fixture(scope="session")
def places() -> Iterator[Path]:
    """A folder that other users may look into (those of pytest are for this user only)."""
    folder = Path(tempfile.mkdtemp(prefix="steeliq-kit-tests-"))
    folder.chmod(0o755)
    yield folder
    subprocess.run(["chmod", "-R", "u+w", folder], check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say a figure past what pytest captures: times are told, never tested."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"\n  {text}\n")

    return say


@pytest.fixture(scope="session")
def tools() -> Path:
    """The Python with the tools that build kits."""
    subprocess.run([ROOT / "scripts" / "setup", "--kit"], check=True)
    return ROOT / ".venv-kit" / "bin" / "python"


@pytest.fixture(scope="session")
def archive(places: Path) -> Path:
    """The archive that is looked at."""
    if named := os.environ.get(NAME):
        found = Path(named).resolve()
        assert found.is_file(), f"{NAME}: there is no {found}; build it with scripts/build-kit"
        return found
    subprocess.run([ROOT / "scripts" / "build-kit", "--out", places / "dist"], check=True)
    return next((places / "dist").glob("*.tar.zst"))


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack as a person does; the kit's folder."""
    folder.mkdir(parents=True)
    subprocess.run(["tar", "--zstd", "-xf", archive, "-C", folder, "--no-same-owner"], check=True)
    [top] = folder.iterdir()
    return top


def home_for(folder: Path) -> Path:
    """A home of somebody's own."""
    folder.mkdir()
    if os.getuid() == 0:
        os.chown(folder, SOMEBODY, SOMEBODY)
    return folder


def seal(folder: Path) -> None:
    """Take everybody's right to write."""
    subprocess.run(["chmod", "-R", "a-w", folder], check=True)


@pytest.fixture(scope="session")
def kit(archive: Path, places: Path) -> Kit:
    """The kit under a name with blanks and letters of other alphabets, started once there, then moved, then sealed."""
    first = unpack(archive, places / "unpacked first")
    home = home_for(places / "home ü")
    before = Kit(first, home).start("--version")
    assert before.returncode == 0, before.stderr
    moved = places / "Stahl für 鋼 #1, 100 %" / first.name
    moved.parent.mkdir()
    first.rename(moved)
    seal(moved)
    return Kit(moved, home)


@pytest.fixture
def copy(archive: Path, places: Path, request: pytest.FixtureRequest) -> Iterator[Kit]:
    """A kit of one's own, to be damaged."""
    folder = places / f"copy {request.node.name[:40]}"
    yield Kit(unpack(archive, folder), home_for(places / f"home {request.node.name[:40]}"))
    shutil.rmtree(folder)
