"""The local conda channel: every package a kit needs, and a ledger of their hashes that is checked before use.

``ledger.py`` checks it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from scripts.kit.conda_package import Package, write_package
from scripts.kit.debs import convert as convert_debs
from scripts.kit.files import sha256_of
from scripts.kit.from_wheel import convert
from scripts.kit.interpreter import Interpreter
from scripts.kit.ledger import LEDGER
from scripts.kit.recipe import INTERPRETER, Recipe


def make_channel(
    folder: Path,
    wheels: Mapping[str, Path],
    keep: Mapping[str, frozenset[str]],
    debs: list[Path],
    interpreter: Interpreter,
    recipe: Recipe,
    tell: Callable[[int, int, str], None],
) -> None:
    """Make the channel in ``folder`` anew: CPython, its ABI marker, one package for each wheel, one for ``debs``."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "noarch").mkdir(parents=True)
    made = [_python(folder, interpreter, recipe), _python_abi(folder, interpreter, recipe)]
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(max_workers=workers) as pool:
        jobs = [
            pool.submit(convert, wheel, folder, interpreter, recipe, keep.get(name))
            for name, wheel in sorted(wheels.items())
        ]
        for number, job in enumerate(jobs, 1):
            made.append(job.result())
            tell(number, len(jobs), made[-1].name)
    if debs:
        with tempfile.TemporaryDirectory(prefix="steeliq-kit-") as scratch:
            made.append(convert_debs(debs, folder, interpreter, recipe, Path(scratch)))
    ledger = {path.relative_to(folder).as_posix(): sha256_of(path) for path in made}
    (folder / LEDGER).write_text(json.dumps(ledger, indent=1, sort_keys=True) + "\n", "utf-8")


def _python(folder: Path, interpreter: Interpreter, recipe: Recipe) -> Path:
    package = Package(
        name=INTERPRETER,
        version=interpreter.version,
        build=f"0_{interpreter.tag}",
        depends=(f"__glibc >={recipe.glibc}",),
        constrains=(f"python_abi {interpreter.series}.* *_{interpreter.tag}",),
        license="PSF-2.0",
    )
    about = {"summary": "CPython, made movable", "extra": {"bundled": sorted(interpreter.bundled)}}
    return write_package(interpreter.folder, folder, package, about, recipe.epoch)


def _python_abi(folder: Path, interpreter: Interpreter, recipe: Recipe) -> Path:
    package = Package(
        name="python_abi",
        version=interpreter.series,
        build=f"0_{interpreter.tag}",
        depends=(),
        constrains=(f"python {interpreter.series}.*",),
        subdir="noarch",
    )
    with tempfile.TemporaryDirectory(prefix="steeliq-kit-") as nothing:
        return write_package(Path(nothing), folder, package, {"summary": "marks the ABI of CPython"}, recipe.epoch)
