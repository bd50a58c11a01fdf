"""A whole run in one file: scenario, dataset, results and provenance, to hand on and to take in again.

A bundle (``.steeliq``) is a zip: ``manifest.json`` first, which names every other file with its size and SHA-256, then
run.json, scenario.toml, tables/, reference/ and, if it is at hand, dataset/. The same run gives the same bytes
whenever and wherever it is written. Taking one in touches nothing until ``bundle_checks`` and ``bundle_contents`` are
content with all of it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from steeliq.atomic import flush_folder, write_atomically
from steeliq.errors import DatasetError, RunError
from steeliq.paths import address_name
from steeliq.simulation.dataset.dataset import Dataset
from steeliq.simulation.dataset.load import load
from steeliq.simulation.dataset.package import write_package
from steeliq.simulation.results.bundle_checks import FORMAT, KIND, MANIFEST, Contents, Findings, unpack
from steeliq.simulation.results.bundle_contents import check_contents
from steeliq.simulation.results.provenance import installed, read_run_json
from steeliq.simulation.results.sums import digest_of
from steeliq.simulation.results.tables import years_done

SUFFIX: Final = ".steeliq"

STAMP: Final = (1980, 1, 1, 0, 0, 0)
"""Date of every entry: the first that a zip can hold, so that the bytes do not depend on the day."""

CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class About:
    """What a person wrote about the run; travels in the manifest."""

    name: str = ""
    notes: str = ""
    tags: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """A bundle that was taken in: its run folder, its dataset's folder (None: it brought none) and its run.json."""

    run_dir: Path
    dataset: Path | None
    document: Mapping[str, Any]
    about: About


def write_bundle(run_dir: Path, out: Path, *, dataset: Dataset | None = None, about: About | None = None) -> Path:
    """Write a complete run as the bundle ``out``, whole or not at all; returns ``out``.

    ``dataset`` goes in if given; it must be the one that the run was made from. ``RunError`` if the run is not
    complete, files are missing, or the dataset is another.
    """
    document = read_run_json(run_dir)
    if document.get("status") != "complete" or not years_done(run_dir):
        raise RunError(f"{run_dir}: only a complete run can be bundled; resume it first")
    if dataset is not None and dataset.hash != document["dataset"]["hash"]:
        then = document["dataset"]["hash"][:12]
        raise RunError(
            f"{run_dir}: the run was made from dataset {then}, given is {dataset.hash[:12]}; "
            "bundle the run without a dataset or give the one of the run"
        )
    with tempfile.TemporaryDirectory(prefix="steeliq-bundle-") as scratch:
        files = run_files(run_dir)
        if dataset is not None:
            files |= packaged(dataset, Path(scratch) / "dataset")
        write_atomically(out, lambda stream: _write_zip(stream, files, about or About()))
    return out


def run_files(run_dir: Path) -> dict[str, Path]:
    """Files of a run that belong to it wherever it goes, by their names inside a bundle."""
    names = ["run.json", "scenario.toml"]
    for folder in ("tables", "reference"):
        names += [path.relative_to(run_dir).as_posix() for path in (run_dir / folder).rglob("*.parquet")]
    files = {name: run_dir / name for name in sorted(names)}
    missing = [name for name, path in files.items() if not path.is_file()]
    if missing:
        raise RunError(f"{run_dir}: {', '.join(missing)} is missing; repeat the run")
    return files


def packaged(dataset: Dataset, folder: Path) -> dict[str, Path]:
    """Write a dataset to ``folder``; its files by their names inside a bundle."""
    # Written anew from the checked tables: the person's own files may hold other units, columns or remarks.
    filled = {name: frame for name, frame in dataset.tables.items() if len(frame)}
    write_package(
        folder,
        filled,
        name=dataset.name,
        title=dataset.title,
        description="The dataset of the run in this bundle.",
        version=dataset.version,
    )
    return {f"dataset/{path.name}": path for path in sorted(folder.iterdir())}


def _write_zip(stream: BinaryIO, files: Mapping[str, Path], about: About) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        listed = {name: {"bytes": path.stat().st_size, "sha256": digest_of(path)} for name, path in files.items()}
        manifest = {
            "kind": KIND,
            "format": FORMAT,
            "steeliq": installed("steeliq"),
            "about": {"name": about.name, "notes": about.notes, "tags": about.tags},
            "files": listed,
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        archive.writestr(entry(MANIFEST), text.encode(), compresslevel=6)
        for name, path in files.items():
            with archive.open(entry(name), "w", force_zip64=True) as target, path.open("rb") as source:
                shutil.copyfileobj(source, target, CHUNK)


def entry(name: str) -> zipfile.ZipInfo:
    """A file in a zip whose bytes depend on nothing but its files."""
    entry = zipfile.ZipInfo(name, STAMP)
    entry.create_system = 3  # the same on every platform
    entry.external_attr = 0o100644 << 16
    # Parquet is compressed already.
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
    return entry


@contextmanager
def opened_bundle(path: Path, near: Path, changed: Findings | None = None) -> Iterator[Contents]:
    """The checked contents of a bundle, unpacked into a scratch folder inside ``near`` that goes away afterwards.

    ``BundleError`` lists every problem; then nothing is left behind. With ``changed``, result tables that were changed
    or damaged are noted there instead.
    """
    near.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=near, ignore_cleanup_errors=True) as scratch:
        contents = unpack(path, Path(scratch), changed)
        check_contents(contents, changed)
        yield contents


def import_bundle(path: Path, run_dir: Path, datasets: Path) -> Imported:
    """Take in a bundle: its run becomes ``run_dir`` (which must not exist), its dataset a folder in ``datasets``.

    A dataset that is there already is not stored twice. ``BundleError`` with every problem and ``RunError`` if
    ``run_dir`` exists; in both cases nothing is stored.
    """
    if run_dir.exists():
        raise RunError(f"{run_dir}: this folder exists; give another one for the imported run")
    with opened_bundle(path, run_dir.parent) as contents:
        return take_in(contents, run_dir, datasets)


def take_in(contents: Contents, run_dir: Path, datasets: Path) -> Imported:
    """Move checked contents to where they stay; one rename each, so that they appear whole."""
    folder = None
    if contents.dataset is not None:
        folder, is_there = _dataset_folder(contents.dataset, datasets)
        if not is_there:
            datasets.mkdir(parents=True, exist_ok=True)
            (contents.folder / "dataset").rename(folder)
            flush_folder(datasets)
        shutil.rmtree(contents.folder / "dataset", ignore_errors=True)
    contents.folder.rename(run_dir)
    flush_folder(run_dir.parent)
    given = contents.about
    return Imported(
        run_dir, folder, contents.document, About(*(str(given.get(key, "")) for key in ("name", "notes", "tags")))
    )


def _dataset_folder(dataset: Dataset, datasets: Path) -> tuple[Path, bool]:
    """Where the dataset is, or a free folder for it; a person may have changed one that was imported earlier."""
    name = f"{address_name(dataset.name)}-{dataset.hash[:8]}"
    folder, number = datasets / name, 2
    while folder.exists():
        try:
            if load(folder).hash == dataset.hash:
                return folder, True
        except DatasetError:
            pass
        folder, number = datasets / f"{name}-{number}", number + 1
    return folder, False
