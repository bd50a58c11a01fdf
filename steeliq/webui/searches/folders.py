"""Searches by their own folders: what ``steeliq search`` did, or a lost row of the database left."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from steeliq.ensemble.search_question import question_of, table_of
from steeliq.ensemble.search_run import read_trace
from steeliq.errors import SteeliqError
from steeliq.paths import searches_folder
from steeliq.result_folder import is_written
from steeliq.webui.runs.folders import dataset_of, moment
from steeliq.webui.runs.launch import LONGEST_NAME, new_key
from steeliq.webui.runs.models import State
from steeliq.webui.searches.models import Search
from steeliq.webui.searches.wording import name_of, subject_of

logger = logging.getLogger(__name__)

ENDS: Final = {
    "complete": State.DONE,
    "cancelled": State.CANCELLED,
    "failed": State.FAILED,
    "running": State.INTERRUPTED,
}
"""What a search's own record says, and what that makes it here; one that goes on is left alone."""


def take_in() -> int:
    """Make rows for folders that have none; how many."""
    known = {Path(folder).name for folder in Search.objects.values_list("folder", flat=True)}
    hashes: dict[str, str] = {}
    found = 0
    for path in sorted(searches_folder().glob("[!.]*/search.json")):
        if path.parent.name in known or is_written(path.parent):
            continue
        try:
            _take_in(path.parent, json.loads(path.read_text("utf-8")), hashes)
            found += 1
        except (SteeliqError, OSError, ValueError, LookupError, TypeError) as error:
            logger.warning("%s: not taken in (%s)", path.parent, error)
    return found


def _take_in(folder: Path, document: dict[str, Any], hashes: dict[str, str]) -> None:
    question, state = question_of(document["question"]), ENDS[str(document["status"])]
    tried, wanted = len(read_trace(folder)), str(document["dataset"]["hash"])
    dataset = dataset_of(wanted, hashes)
    note = "Found in the folder of searches."
    if dataset is None:
        note += f" Its dataset ({wanted[:12]}) is not here: it cannot be resumed, nor its trials run in full."
    value = document.get("value")
    row = Search.objects.create(
        key=new_key(),
        name=name_of(question)[:LONGEST_NAME],
        question=json.dumps(table_of(question), ensure_ascii=False),
        subject=subject_of(question.lever.setting),
        dataset=dataset or "",
        dataset_hash=wanted[:64],
        folder=str(folder),
        first_year=question.base.period.start,
        last_year=question.base.period.end,
        most=question.trials,
        tried=tried,
        state=state,
        fraction=1.0 if state == State.DONE else tried / max(question.trials, tried),
        message="" if state == State.DONE and dataset is not None else note,
        headline=f"{value:.6g}" if isinstance(value, int | float) else "",
        started=moment(document.get("started")),
        finished=moment(document.get("started")),
        seconds=float(document.get("seconds", 0.0)),
    )
    created: datetime | None = row.started
    Search.objects.filter(pk=row.pk).update(created=created or row.created)  # its place in the list
    logger.info("taken in from %s as %s", folder, row.state)
