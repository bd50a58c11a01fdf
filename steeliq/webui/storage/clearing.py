"""What can go from the data folder: each way says beforehand what goes, and what that costs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils import timezone

from steeliq.errors import RunError
from steeliq.paths import logs_folder, runs_folder
from steeliq.simulation.results.provenance import read_run_json
from steeliq.webui.core.backups import back_up, superfluous
from steeliq.webui.core.database import database_path
from steeliq.webui.runs import removal
from steeliq.webui.runs.models import Run, State, kinds
from steeliq.webui.storage.sizes import Kept, size_of

_OLD_LOG: Final = re.compile(r".+\.log\.\d+|crash-.+\.txt")
_RUN_LOG: Final = re.compile(r"(run|ensemble|search)-(?P<key>\w+)\.log")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to free room: what it takes away, what is lost with that, what goes now, and how it is done."""

    slug: str
    title: str
    loss: str
    button: str
    goes: Callable[[], list[Kept]]
    do: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Offer:
    """A way with what it would free now."""

    way: Way
    goes: list[Kept]

    @property
    def size(self) -> int:
        """Bytes that it frees."""
        return sum(one.size for one in self.goes)


def offers() -> list[Offer]:
    """Every way with what it would free now."""
    return [Offer(way, way.goes()) for way in WAYS]


def offer(slug: str) -> Offer | None:
    """One way with what it would free now."""
    return next((Offer(way, way.goes()) for way in WAYS if way.slug == slug), None)


def _binned() -> list[Kept]:
    return [Kept(run.name, size_of(run.path)) for kind in kinds() for run in kind.objects.exclude(binned=None)]


def _empty_bin() -> None:
    back_up(database_path(), "delete", timezone.now())
    problems = []
    for run in [run for kind in kinds() for run in kind.objects.exclude(binned=None)]:
        try:
            removal.delete(run)
        except RunError as error:
            problems.append(str(error))
    if problems:
        raise RunError(" ".join(problems))


def _checkpoints() -> list[tuple[str, Path]]:
    """Checkpoints of runs that are complete by their own record too, and lie in the runs folder."""
    found = []
    for run in Run.objects.filter(state=State.DONE):
        folder = run.path / "checkpoint"
        if folder.is_dir() and folder.resolve().is_relative_to(runs_folder().resolve()):
            try:
                complete = read_run_json(run.path)["status"] == "complete"
            except (RunError, LookupError):
                continue
            if complete:
                found.append((run.name, folder))
    return found


def _prune_checkpoints() -> None:
    for _, folder in _checkpoints():
        _remove(folder)


def _old_logs() -> list[Path]:
    """Logs that turned over, crash reports, and logs of runs that are no more."""
    known = {key for kind in kinds() for key in kind.every.values_list("key", flat=True)}
    found = []
    for path in sorted(logs_folder().glob("*")):
        of_run = _RUN_LOG.fullmatch(path.name)
        if _OLD_LOG.fullmatch(path.name) or (of_run and of_run["key"] not in known):
            found.append(path)
    return found


def _delete_logs() -> None:
    for path in _old_logs():
        _remove(path)


def _delete_backups() -> None:
    for one in superfluous(database_path(), timezone.now()):
        _remove(one.path)


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"{error.filename or path}: {error.strerror}; close what uses it and try again") from error


WAYS: Final = (
    Way("bin", "Empty the bin", "Runs, ensembles and searches in the bin are gone for good, with their files. The "
        "database is backed up before.", "Delete them for good", _binned, _empty_bin),
    Way("checkpoints", "Delete checkpoints of finished runs", "Nothing is lost: a checkpoint is only needed to go on "
        "with a run that is not complete.", "Delete the checkpoints",
        lambda: [Kept(name, size_of(folder)) for name, folder in _checkpoints()], _prune_checkpoints),
    Way("logs", "Delete old logs", "Crash reports, logs that were full, and logs of deleted runs are gone. You would "
        "only need them to find out what went wrong.", "Delete the old logs",
        lambda: [Kept(path.name, size_of(path)) for path in _old_logs()], _delete_logs),
    Way("backups", "Thin the backups", "Kept are those of the last day, the newest of seven days, four weeks and six "
        "months, and those from before the last five updates.", "Delete the others",
        lambda: [Kept(one.name, one.size) for one in superfluous(database_path(), timezone.now())], _delete_backups),
)  # fmt: skip
"""In the order of the page."""
