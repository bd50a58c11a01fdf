"""Ensembles by their own folders: what ``steeliq ensemble run`` computed, or a lost row of the database left."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from steeliq.ensemble import store
from steeliq.ensemble.design import to_toml
from steeliq.errors import SteeliqError
from steeliq.paths import ensembles_folder
from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.runs.folders import dataset_of, moment
from steeliq.webui.runs.launch import LONGEST_NAME, new_key
from steeliq.webui.runs.models import State

logger = logging.getLogger(__name__)

ENDS: Final = {
    "complete": State.DONE,
    "cancelled": State.CANCELLED,
    "failed": State.FAILED,
    "interrupted": State.INTERRUPTED,
}
"""What an ensemble's own record says, and what that makes it here; one that goes on is left alone."""


def take_in() -> int:
    """Make rows for folders that have none; how many."""
    known = {Path(folder).name for folder in Ensemble.objects.values_list("folder", flat=True)}
    hashes: dict[str, str] = {}
    found = 0
    for path in sorted(ensembles_folder().glob("[!.]*/ensemble.json")):
        if path.parent.name in known:
            continue
        try:
            found += _taken_in(path.parent, store.read_document(path.parent), hashes)
        except (SteeliqError, OSError, ValueError, LookupError, TypeError) as error:
            logger.warning("%s: not taken in (%s)", path.parent, error)
    return found


def _taken_in(folder: Path, document: dict[str, Any], hashes: dict[str, str]) -> bool:
    state = ENDS.get(str(document["status"]))
    if state is None:
        return False
    design, done = store.read_design(folder), len(store.members_done(folder))
    wanted = str(document["dataset"]["hash"])
    dataset = dataset_of(wanted, hashes)
    note = "Found in the folder of ensembles."
    if dataset is None:
        note += f" Its dataset ({wanted[:12]}) is not here: it cannot be resumed, nor its members run in full."
    row = Ensemble.objects.create(
        key=new_key(),
        name=design.name[:LONGEST_NAME],
        design=to_toml(design),
        dataset=dataset or "",
        dataset_hash=wanted[:64],
        folder=str(folder),
        first_year=design.base.period.start,
        last_year=design.base.period.end,
        members=int(document["count"]),
        done=done,
        failed=int(document.get("failed", 0)),
        state=state,
        fraction=done / max(int(document["count"]), 1),
        message="" if state == State.DONE and dataset is not None else note,
        started=moment(document.get("started")),
        finished=moment(document.get("ended")) or moment(document.get("started")),
        seconds=float(document.get("active_seconds", 0.0)),
    )
    created: datetime | None = row.started
    Ensemble.objects.filter(pk=row.pk).update(created=created or row.created)  # its place in the list
    logger.info("taken in from %s as %s", folder, row.state)
    return True
