"""Deleting runs with their files: from the bin only, after thirty days or when a person says so.

Only files below the runs folder are deleted. They leave it in one step, so that a run is there whole or not at all.
"""

from __future__ import annotations

import logging
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction

from steeliq.errors import RunError
from steeliq.logs import about_run
from steeliq.paths import data_folder, runs_folder
from steeliq.webui.runs.models import ALIVE, Run

logger = logging.getLogger(__name__)

IN_BIN: Final = timedelta(days=30)
"""How long a run can be taken out of the bin."""


def delete(run: Run) -> None:
    """Delete a binned run and its files for ever; RunError if it is not in the bin or its files resist."""
    if run.binned is None or run.state in ALIVE:
        raise RunError(f"{run.name}: only runs in the bin can be deleted; put it there first")
    with about_run(run.key):
        left: Path | None = None
        with transaction.atomic():
            if Run.objects.filter(pk=run.pk).exclude(binned=None).exclude(state__in=ALIVE).delete()[0]:
                left = _take_away(run)
        if left is not None:
            shutil.rmtree(left, ignore_errors=True)
        with suppress(OSError):
            run.log.unlink()
        logger.info("deleted with its files: %s", run.name)


def _take_away(run: Run) -> Path | None:
    """Move the run folder out of the runs folder; where it is now, None if there is none or it is not ours."""
    folder = run.path.resolve()
    runs = runs_folder().resolve()
    if not folder.exists() or not folder.is_relative_to(runs) or folder == runs:
        return None  # a run that was brought in from elsewhere keeps its files
    staging = data_folder() / "staging"
    target = staging / f"deleted-{run.key}"
    try:
        staging.mkdir(exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    except OSError as error:
        raise RunError(f"{error.filename or folder}: {error.strerror}; close what uses it and try again") from error
    return target


def empty_overdue(now: datetime) -> list[Run]:
    """Delete what has been in the bin for thirty days; what was deleted. What resists is tried again later."""
    gone = []
    for run in Run.objects.filter(binned__lte=now - IN_BIN):
        try:
            delete(run)
        except RunError as error:
            logger.warning("%s", error)
        else:
            gone.append(run)
    return gone
