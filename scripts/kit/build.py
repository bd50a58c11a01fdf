"""Build a kit: ``python -m scripts.kit.build``; ``scripts/build-kit`` calls this in its own environment."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from time import monotonic

import steeliq
from scripts.kit import channel, debs, environment, finish, forge, limits, pack, sbom, wheelhouse
from scripts.kit.archive import Archive, write_archive
from scripts.kit.interpreter import Interpreter, stage, version_of
from scripts.kit.ledger import verify_channel
from scripts.kit.locks import Pin, read_lock
from scripts.kit.qt import needed_files
from scripts.kit.recipe import ROOT, VARIANTS, Recipe, read_recipe
from scripts.kit.refusal import Refused
from scripts.kit.source import wheel_of
from scripts.kit.wheel import build_wheel
from steeliq.desktop.kit_manifest import write_manifest

LOCKS = {"small": "runtime.lock", "window": "window.lock"}
LEVEL = 12
START = monotonic()


def main() -> int:
    """Build what the command line asks for; 3 if it cannot be built."""
    multiprocessing.set_start_method("forkserver")
    os.umask(0o022)
    try:
        archive = build(_arguments())
    except Refused as error:
        print(f"scripts/build-kit: {error}", file=sys.stderr)
        return 3
    print(f"{archive.sha256}  {archive.path}")
    return 0


def build(options: argparse.Namespace) -> Archive:
    """The whole way, step by step; raises Refused where it ends early."""
    if options.channel:
        forge.read_conda_lock(options.channel)
        raise Refused("building by that lock is not written: docs/decisions/0010 says what has to be decided first")
    recipe = read_recipe()
    bounds = recipe.limits[options.variant]
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="steeliq-kit-", dir=options.work) as scratch:
        work = Path(scratch)
        (work / "home").mkdir()
        python = version_of(options.python)
        step(f"Python {python}")
        interpreter = stage(options.python, work / "python", recipe)

        lock = ROOT / "env" / LOCKS[options.variant]
        pins = read_lock(lock, python)
        house = options.wheels
        if house is None:
            step(f"Fetching {len(pins)} wheels of env/{lock.name}")
            house = options.out / "wheels"  # kept: with them, the same kit can be built without a network
            wheelhouse.fetch(lock, house)
            if options.variant == "window":
                debs.fetch(house)
        step(f"Checking {len(pins)} wheels against env/{lock.name}")
        given = wheelhouse.checked(house, pins)
        wheels = {
            name: path if path.suffix == ".whl" else wheel_of(path, work / "sources", recipe.epoch)
            for name, path in given.items()
        }
        leaves = debs.checked(house) if options.variant == "window" else []
        step("The app's own wheel")
        wheels["steeliq"] = build_wheel(work / "own", recipe.epoch)

        step("Conda packages")
        local = options.out / "channel"
        keep = needed_files(wheels, work / "qt", recipe)
        channel.make_channel(local, wheels, keep, leaves, interpreter, recipe, _progress)
        verify_channel(local)
        step("Solving and installing environment.yml")
        asked = [*environment.read_environment()["dependencies"], *_more(pins, recipe, python)]
        if leaves:
            asked.append(debs.NAME)
        installed = environment.install_environment(local, asked, work / "environment", work / "cache")
        step(f"Packing {len(installed)} packages")
        tree = work / "tree"
        pack.pack(work / "environment", tree)
        archive = _finish(tree, options, recipe, work, interpreter)
        sbom.write_sbom(tree, archive, interpreter, given, steeliq.__version__, recipe.epoch)
        limits.check_archive(archive, bounds)
    step(f"Done: {archive.compressed / 1e6:.1f} MB, unpacked {archive.unpacked / 1e6:.1f} MB")
    return archive


def _more(pins: dict[str, Pin], recipe: Recipe, python: str) -> list[str]:
    """What a variant holds besides the packages of ``environment.yml``."""
    small = read_lock(ROOT / "env" / LOCKS["small"], python)
    return [f"{recipe.conda_name(pin.name)}={pin.version}" for pin in pins.values() if pin.name not in small]


def _finish(tree: Path, options: argparse.Namespace, recipe: Recipe, work: Path, interpreter: Interpreter) -> Archive:
    version = steeliq.__version__
    home = work / "home"
    finish.put_launchers(tree, {"VERSION": version, "VARIANT": options.variant, "GLIBC": recipe.glibc})
    step("Static files")
    finish.collect_static_files(tree, interpreter, home)
    finish.put_licences(tree, interpreter)
    step("Bytecode")
    bounds = recipe.limits[options.variant]
    finish.compile_bytecode(tree, interpreter, home, bounds.path, recipe.bytecode)
    files, longest = limits.check_tree(tree, recipe, bounds, (work, options.python.resolve(), ROOT))
    step(f"{files + 1:,} files, longest path {longest} characters")
    write_manifest(tree, version=version, platform=finish.PLATFORM)
    suffix = "" if options.variant == "small" else f"-{options.variant}"
    target = options.out / f"steeliq-{version}-linux-64{suffix}.tar.zst"
    step(f"Archive (zstd level {options.level})")
    return write_archive(tree, f"steeliq-{version}", target, level=options.level, epoch=recipe.epoch)


def step(text: str) -> None:
    """Tell what comes now, and when."""
    print(f"[{monotonic() - START:4.0f} s] {text}", file=sys.stderr, flush=True)


def _progress(done: int, of: int, name: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K         {done} of {of}: {name}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/build-kit", description=__doc__)
    parser.add_argument("--variant", choices=VARIANTS, default="small", help="without (small) or with the Qt window")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="FOLDER", help="for archive and channel")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="take the wheels from there, fetch nothing")
    parser.add_argument(
        "--python", type=Path, default=Path(sys.base_prefix), metavar="PREFIX", help="the CPython to pack"
    )
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="where to make the temporary folder")
    parser.add_argument("--level", type=int, default=LEVEL, help=f"of zstd; {LEVEL} by default, 19 for releases")
    parser.add_argument("--channel", metavar="NAME", help="take packages from this conda channel, by its lock")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
