"""Runs by their own folders: the results are there, whatever happened to the table of runs.

After a backup was put back, or after power failed before the database reached the disk, rows are missing or behind
their folders. ``take_back`` sets that right; it also takes in what ``steeliq run`` left in the runs folder.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from steeliq.errors import SteeliqError
from steeliq.logs import about_run
from steeliq.paths import data_folder, plain_name, runs_folder
from steeliq.result_folder import is_written
from steeliq.webui.core.notices import is_told, tell
from steeliq.webui.runs.launch import LONGEST_NAME, new_key
from steeliq.webui.runs.models import Run, State

logger = logging.getLogger(__name__)

ENDS: Final = {
    "complete": State.DONE,
    "cancelled": State.CANCELLED,
    "failed": State.FAILED,
    "running": State.INTERRUPTED,
}
"""What a run's own record says, and what that makes it here."""

_OURS: Final = re.compile(r"\d{8}-\d{6}-(?P<name>.+)-(?P<key>[a-z2-9]{8})")


def take_back() -> int:
    """Make rows for folders that have none, and end rows whose folder holds all years; the number of both.

    For the serving process, while no worker is at work.
    """
    rows = {Path(folder).name: (key, state) for key, folder, state in Run.objects.values_list("key", "folder", "state")}
    hashes: dict[str, str] = {}
    found, ended = [], 0
    for path in sorted(runs_folder().glob("[!.]*/run.json")):
        key, state = rows.get(path.parent.name, ("", ""))
        if state == State.DONE:
            continue
        from steeliq.simulation.results.provenance import read_run_json  # pandas: a start without need does not wait

        try:
            document = read_run_json(path.parent)
            if key:
                ended += document["status"] == "complete" and _end(key, document)
            elif not is_written(path.parent):  # as by ``steeliq run`` in a terminal
                found.append(_row(path.parent, document, hashes).name)
        except (SteeliqError, OSError, ValueError, LookupError, TypeError) as error:
            logger.warning("%s: not taken in (%s)", path.parent, error)
    if found and (is_told("database") or is_told("order")):  # else they are no surprise
        names = ", ".join(f"“{name}”" for name in found[:5]) + (" …" if len(found) > 5 else "")
        runs = "1 run is" if len(found) == 1 else f"{len(found)} runs are"
        tell("found", f"{runs} newer than that and in the list again, by the folders: {names}.")
    return len(found) + ended


def _end(key: str, document: Mapping[str, Any]) -> bool:
    """Call a run done whose years are all on disk, whatever its row believes."""
    with about_run(key):
        logger.info("its folder holds all years; it counts as done")
    changes = {**_outcome(document), "pid": None, "worker_pid": None}
    return Run.objects.filter(key=key).exclude(state=State.DONE).update(**changes) == 1


def _outcome(document: Mapping[str, Any]) -> dict[str, Any]:
    """State, times and progress of a row, from the run's own record."""
    state = ENDS.get(str(document["status"]), State.INTERRUPTED)
    first, last = (int(year) for year in document["years"])
    done = int(document.get("last_year_done", last if state == State.DONE else first - 1))
    messages = {
        State.FAILED: str(document.get("error", "")),
        State.INTERRUPTED: "It was stopped before its end. Complete years are kept; resume goes on after them.",
        State.CANCELLED: "Cancelled; complete years are kept.",
    }
    return {
        "state": state,
        "message": messages.get(state, ""),
        "year": done if done >= first else None,
        "fraction": 1.0 if state == State.DONE else max(0.0, (done - first + 1) / (last - first + 1)),
        "stage": "done" if state == State.DONE else "",
        "attempts": 0,
        "started": moment(document.get("started")),
        "finished": moment(document.get("ended")) or moment(document.get("started")),
        "seconds": float(document.get("active_seconds") or document.get("seconds") or 0.0),
        "peak_mb": float(document.get("peak_memory_mb") or 0.0),
        "dataset_hash": str(document["dataset"]["hash"])[:64],
    }


def _row(folder: Path, document: Mapping[str, Any], hashes: dict[str, str]) -> Run:
    """A row for a folder; its name, key and dataset as far as the folder tells."""
    outcome = _outcome(document)
    dataset = dataset_of(outcome["dataset_hash"], hashes)
    note = "Found in the runs folder."
    if dataset is None:
        note += " Its dataset is not here: a rerun would use the reference dataset and give other results."
    ours = _OURS.fullmatch(folder.name)
    key = ours["key"] if ours and not Run.objects.filter(key=ours["key"]).exists() else new_key()
    name = str(document["scenario"].get("name") or folder.name)
    if ours and ours["name"] != plain_name(name)[:40]:
        name = ours["name"].replace("-", " ").capitalize()  # the person's own, as far as a folder's name can hold it
    first, last = (int(year) for year in document["years"])
    run = Run.objects.create(
        key=key,
        name=name[:LONGEST_NAME],
        scenario=(folder / "scenario.toml").read_text(encoding="utf-8"),
        dataset=dataset or "",
        folder=str(folder),
        first_year=first,
        last_year=last,
        **outcome | {"message": f"{note} {outcome['message']}".strip()},
    )
    Run.objects.filter(pk=run.pk).update(created=outcome["started"] or run.created)  # its place in the list
    with about_run(key):
        logger.info("taken in from %s as %s", folder, run.state)
    return run


def dataset_of(wanted: str, hashes: dict[str, str]) -> str | None:
    """Folder of the dataset with this hash (empty: the reference dataset), None if it is not here.

    ``hashes`` keeps what was learnt from one call to the next: to read a dataset takes its time.
    """
    if wanted == _reference_hash():
        return ""
    if not hashes:
        hashes[""] = ""  # looked
        for folder in sorted(file.parent for file in (data_folder() / "datasets").glob("*/datapackage.json")):
            with suppress(SteeliqError, OSError):
                hashes.setdefault(_hash_of(folder), str(folder))
    return hashes.get(wanted)


@cache
def _reference_hash() -> str:
    return _hash_of(None)


def _hash_of(folder: Path | None) -> str:
    from steeliq.simulation.dataset import load  # pandas, as above

    return load(folder).hash


def moment(text: object) -> datetime | None:
    """A time as a record has it; None if it is none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
