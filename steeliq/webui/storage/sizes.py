"""What takes room in the data folder: bytes by kind and by run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from steeliq.paths import data_folder, ensembles_folder, logs_folder, runs_folder, searches_folder
from steeliq.webui.core.backups import backups_folder
from steeliq.webui.core.database import database_path
from steeliq.webui.runs.models import Run


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that takes room, in words and bytes."""

    label: str
    size: int
    where: str = ""  # below the data folder
    share: float = 0.0  # of everything in the data folder, percent


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run and the bytes of its folder, of which some are checkpoints."""

    run: Run
    size: int
    checkpoints: int


def size_of(path: Path) -> int:
    """Bytes of a file or of all files below a folder; what disappears meanwhile counts nothing."""
    return sum(size for _, size in _files(path))


def _files(path: Path) -> Iterator[tuple[str, int]]:
    if path.is_file():
        yield str(path), path.stat().st_size
        return
    for folder, _, names in os.walk(path):
        for name in names:
            file = os.path.join(folder, name)  # noqa: PTH118 (tens of thousands of files)
            try:
                yield file, os.lstat(file).st_size
            except OSError:
                continue


def run_sizes() -> list[KeptRun]:
    """Every run with its size, largest first."""
    sized = [KeptRun(run, size_of(run.path), size_of(run.path / "checkpoint")) for run in Run.objects.all()]
    return sorted(sized, key=lambda one: one.size, reverse=True)


def overview(runs: list[KeptRun]) -> list[Kept]:
    """What the data folder holds, by kind, with everything in it accounted for."""
    folder, database = data_folder(), database_path()
    listed = sum(one.size for one in runs if one.run.binned is None)
    binned = sum(one.size for one in runs if one.run.binned is not None)
    below = size_of(runs_folder())
    sizes = [
        ("Runs", listed, "runs"),
        ("Runs in the bin", binned, "runs"),
        ("Folders of no run in the list", max(0, below - listed - binned), "runs"),
        ("Ensembles", size_of(ensembles_folder()), "ensembles"),
        ("Searches", size_of(searches_folder()), "searches"),
        ("Own datasets", size_of(folder / "datasets"), "datasets"),
        ("Own scenarios", size_of(folder / "scenarios"), "scenarios"),
        ("What was typed and not saved", size_of(folder / "unsaved"), "unsaved"),
        ("Backups of the database", size_of(backups_folder(database)), "backups"),
        ("Damaged databases that were kept", size_of(folder / "damaged"), "damaged"),
        ("Logs and crash reports", size_of(logs_folder()), "logs"),
        ("Database", sum(size_of(path) for path in folder.glob(f"{database.name}*")), database.name),
        ("Half-done work", size_of(folder / "staging"), "staging"),
    ]
    total = max(1, sum(size for _, size, _ in sizes))
    return [Kept(label, size, where, 100 * size / total) for label, size, where in sizes if size]


def free_room() -> int:
    """Free bytes on the disk of the data folder."""
    return shutil.disk_usage(data_folder()).free
