"""Deleting runs with their files: from the bin only, after thirty days or when a person says so.

Only files below the runs folder are deleted. They leave it in one step, so that a run is there whole or not at all.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from steeliq.errors import RunError
from steeliq.logs import about_run
from steeliq.paths import data_folder
from steeliq.webui.runs.launch import STAGING, VERIFYING
from steeliq.webui.runs.models import ALIVE, Work, kinds

logger = logging.getLogger(__name__)

TAKEN, DECIDED = "deleted-", "gone-"
"""How folders are called on their way: taken out of the runs folder; deleted for good by the database too."""

IN_BIN: Final = timedelta(days=30)
"""How long a run can be taken out of the bin."""


def put_into_bin(kind: type[Work], keys: Collection[str]) -> int:
    """Put work of a kind into the bin, unless it is being done or is there already; how much."""
    ended = kind.objects.filter(key__in=keys, binned=None).exclude(state__in=ALIVE)
    return ended.update(binned=timezone.now())


def delete(run: Work) -> None:
    """Delete a binned run and its files for ever; RunError if it is not in the bin or its files resist."""
    if run.binned is None or run.state in ALIVE:
        raise RunError(f"{run.name}: only runs in the bin can be deleted; put it there first")
    with about_run(run.key):
        left: Path | None = None
        with transaction.atomic():
            if type(run).objects.filter(pk=run.pk).exclude(binned=None).exclude(state__in=ALIVE).delete()[0]:
                left = _take_away(run)
        if left is not None:
            _remove(left)
        with suppress(OSError):
            run.log.unlink()
        logger.info("deleted with its files: %s", run.name)


def _take_away(run: Work) -> Path | None:
    """Move the run folder out of the runs folder; where it is now, None if there is none or it is not ours."""
    folder = run.path.resolve()
    runs = run.shelf().resolve()
    if not folder.exists() or not folder.is_relative_to(runs) or folder == runs:
        return None  # a run that was brought in from elsewhere keeps its files
    target = _staging() / f"{TAKEN}{run.key}"
    try:
        target.parent.mkdir(exist_ok=True)
        folder.rename(target)
    except OSError as error:
        raise RunError(f"{error.filename or folder}: {error.strerror}; close what uses it and try again") from error
    return target


def _remove(taken: Path) -> None:
    """Delete what was taken away; under a name that says that it was decided, since parts may be gone from now on."""
    decided = taken.with_name(DECIDED + taken.name.removeprefix(TAKEN))
    with suppress(OSError):
        taken.rename(decided)
        shutil.rmtree(decided, ignore_errors=True)


def finish_deletions() -> int:
    """What a process was deleting when it ended is there whole, or gone; the number of runs that are there again.

    For a start, while no other process works on the data folder.
    """
    back = 0
    for folder in _staging().glob(f"{VERIFYING}*"):
        shutil.rmtree(folder, ignore_errors=True)  # what a verification left that was killed
    for folder in _staging().glob(f"{DECIDED}*"):
        for kind in kinds():
            kind.objects.filter(key=folder.name.removeprefix(DECIDED)).exclude(binned=None).delete()
        shutil.rmtree(folder, ignore_errors=True)
    for folder in _staging().glob(f"{TAKEN}*"):
        key = folder.name.removeprefix(TAKEN)
        run = next((run for kind in kinds() for run in kind.objects.filter(key=key)), None)
        if run is None:
            _remove(folder)
            continue
        with about_run(run.key), suppress(OSError):
            folder.rename(run.path)
            back += 1
            logger.info("its deletion was not finished; it is in the bin as before")
    return back


def _staging() -> Path:
    return data_folder() / STAGING


def empty_overdue(now: datetime) -> list[Work]:
    """Delete what has been in the bin for thirty days; what was deleted. What resists is tried again later."""
    gone = []
    for run in [run for kind in kinds() for run in kind.objects.filter(binned__lte=now - IN_BIN)]:
        try:
            delete(run)
        except RunError as error:
            logger.warning("%s", error)
        else:
            gone.append(run)
    return gone
