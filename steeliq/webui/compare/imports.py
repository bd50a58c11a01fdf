"""A bundle from somebody else becomes a run of this data folder, or is refused with the list of its problems."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from steeliq.errors import DatasetError
from steeliq.paths import data_folder, run_folder, runs_folder
from steeliq.simulation.dataset import load
from steeliq.simulation.results.bundle import Imported, opened_bundle, take_in
from steeliq.simulation.results.sums import digest_of
from steeliq.simulation.scenario.files import parse_scenario
from steeliq.webui.core.backups import back_up
from steeliq.webui.core.database import database_path
from steeliq.webui.runs.launch import LONGEST_NAME, new_key
from steeliq.webui.runs.models import Run, State


@dataclass(frozen=True, slots=True)
class Taken:
    """The run, and whether it was here already (then nothing was stored)."""

    run: Run
    was_here: bool


def import_run(path: Path) -> Taken:
    """Take in the bundle at ``path`` as a finished run, with its dataset if that is not here yet.

    A run whose record is byte by byte that of a run here is not stored again. ``BundleError`` lists every problem,
    ``RunError`` says why the database cannot be backed up before; then nothing was stored.
    """
    with opened_bundle(path, runs_folder()) as contents:
        twin = _twin(contents.files["run.json"])
        if twin is not None:
            return Taken(twin, was_here=True)
        given = contents.about.get("name") or contents.document["scenario"].get("name")
        back_up(database_path(), "import", timezone.now())
        name = _free_name(str(given or "Imported run"))
        if contents.dataset is not None and contents.dataset.hash == load().hash:
            shutil.rmtree(contents.folder / "dataset")  # the reference dataset is at hand
            contents.dataset = None
        folder = run_folder(name, datetime.now().astimezone())
        imported = take_in(contents, folder, data_folder() / "datasets")
    return Taken(_row(imported, name), was_here=False)


def _twin(digest: str) -> Run | None:
    """The run whose run.json has this SHA-256."""
    for run in Run.objects.filter(state=State.DONE, binned=None):
        try:
            if digest_of(run.path / "run.json") == digest:
                return run
        except OSError:
            continue
    return None


def _free_name(name: str) -> str:
    """The name, numbered if a run here has it."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split()) or "Imported run"
    short, number = plain[: LONGEST_NAME - 8], 2
    free = short
    while Run.objects.filter(name=free).exists():
        free, number = f"{short} ({number})", number + 1
    return free


def _row(imported: Imported, name: str) -> Run:
    document: dict[str, Any] = dict(imported.document)
    scenario = (imported.run_dir / "scenario.toml").read_text("utf-8")
    period = parse_scenario(scenario).period
    dataset, message = _dataset(imported)
    return Run.objects.create(
        key=new_key(),
        name=name,
        scenario=scenario,
        dataset=dataset,
        dataset_hash=str(document["dataset"]["hash"])[:64],
        folder=str(imported.run_dir),
        state=State.DONE,
        first_year=period.start,
        last_year=period.end,
        year=period.end,
        stage="done",
        fraction=1.0,
        message=message,
        started=_moment(document["started"]),
        finished=_moment(document["ended"]) or timezone.now(),
        seconds=float(document["seconds"]),
        peak_mb=float(document["peak_memory_mb"]),
        notes=imported.about.notes,
        tags=imported.about.tags[:200],
    )


def _dataset(imported: Imported) -> tuple[str, str]:
    """Folder of the dataset for further runs (empty: the reference dataset), and what a person should know of it."""
    wanted = str(imported.document["dataset"]["hash"])
    if imported.dataset is not None:
        return str(imported.dataset), "Imported from a bundle."
    if wanted == load().hash:
        return "", "Imported from a bundle."
    for folder in sorted(file.parent for file in (data_folder() / "datasets").glob("*/datapackage.json")):
        try:
            if load(folder).hash == wanted:
                return str(folder), "Imported from a bundle."
        except DatasetError:
            continue
    return "", (
        f"Imported from a bundle without its dataset ({wanted[:12]}), which is not here: a rerun would use the "
        "reference dataset and give other results."
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
