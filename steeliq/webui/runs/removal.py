"""Deleting runs with their files: from the bin only, and only files below the runs folder."""

from __future__ import annotations

import shutil
from contextlib import suppress

from steeliq.errors import RunError
from steeliq.paths import runs_folder
from steeliq.webui.runs.models import ALIVE, Run


def delete(run: Run) -> None:
    """Delete a binned run and its files for ever; RunError if it is not in the bin or its files resist."""
    if run.binned is None or run.state in ALIVE:
        raise RunError(f"{run.name}: only runs in the bin can be deleted; put it there first")
    _delete_files(run)
    Run.objects.filter(pk=run.pk).exclude(binned=None).exclude(state__in=ALIVE).delete()


def _delete_files(run: Run) -> None:
    folder = run.path.resolve()
    if folder.exists():
        if not folder.is_relative_to(runs_folder().resolve()) or folder == runs_folder().resolve():
            return  # a run that was brought in from elsewhere: its files are not ours
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise RunError(f"{error.filename or folder}: {error.strerror}; close what uses it and try again") from error
    with suppress(OSError):
        run.log.unlink()
