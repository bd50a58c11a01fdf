"""Begin ensembles, and runs of single members of them."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from steeliq.ensemble import store
from steeliq.ensemble.design import Design, to_toml
from steeliq.ensemble.members import dataset_factors, member_dataset, member_row, member_scenario
from steeliq.errors import RunError
from steeliq.paths import address_name, data_folder, ensembles_folder, plain_name
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.dataset.package import write_package
from steeliq.simulation.scenario.files import to_toml as scenario_toml
from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.runs import launch
from steeliq.webui.runs.models import Run


def start(design: Design, *, dataset: str = "") -> Ensemble:
    """Put a new ensemble in the queue; ``dataset`` is the folder of a dataset, empty for the reference dataset."""
    key = launch.new_key()
    folder = ensembles_folder() / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{plain_name(design.name)[:40]}-{key}"
    period = design.base.period
    with transaction.atomic():
        ensemble = Ensemble(
            key=key,
            name=design.name,
            design=to_toml(design),
            dataset=str(Path(dataset)) if dataset else "",
            folder=str(folder),
            first_year=period.start,
            last_year=period.end,
            members=design.points * len(design.agent_seeds),
            queued=timezone.now(),
        )
        ensemble.task_id = ensemble.enqueue()
        ensemble.save()
    return ensemble


def run_of(ensemble: Ensemble, member: int) -> Run | None:
    """The run of a member in full, if there is one: the newest that is not in the bin."""
    design, row = store.read_design(ensemble.path), member_row(store.read_members(ensemble.path), member)
    scenario = scenario_toml(member_scenario(design, row))
    dataset = str(variant_folder(ensemble, member)) if dataset_factors(design) else ensemble.dataset
    return Run.objects.filter(scenario=scenario, dataset=dataset, binned=None).first()


def run_member(ensemble: Ensemble, member: int) -> Run:
    """Begin the run of a member in full; a member that changes the dataset gets a dataset of its own.

    Raises SteeliqError if the member's values do not go together or the dataset is another one by now.
    """
    design, row = store.read_design(ensemble.path), member_row(store.read_members(ensemble.path), member)
    scenario, facts = member_scenario(design, row), _same_dataset(ensemble)
    dataset = ensemble.dataset
    if dataset_factors(design):
        folder = variant_folder(ensemble, member)
        if not (folder / "datapackage.json").is_file():
            _write_variant(folder, member_dataset(design, row, facts), f"member {member} of {design.name}")
        dataset = str(folder)
    return launch.start(scenario, name=scenario.name, dataset=dataset)


def _same_dataset(ensemble: Ensemble) -> Dataset:
    """The dataset that the ensemble was begun with. Raises RunError if it is another one by now."""
    facts = load(Path(ensemble.dataset) if ensemble.dataset else None)
    begun_with = str(store.read_document(ensemble.path)["dataset"]["hash"])
    if facts.hash != begun_with:
        raise RunError(
            f"{ensemble.name}: its dataset is {facts.hash[:12]} here, the ensemble was begun with {begun_with[:12]}; "
            "put that one back to run its members"
        )
    return facts


def _write_variant(folder: Path, changed: Dataset, what: str) -> None:
    """The dataset appears whole or not at all."""
    staged = data_folder() / "staging" / folder.name
    shutil.rmtree(staged, ignore_errors=True)
    about = f"The dataset of the ensemble with the values of {what}"
    write_package(staged, changed.tables, name=folder.name, title=changed.title, description=about, version="1.0.0")
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged.rename(folder)


def variant_folder(ensemble: Ensemble, member: int) -> Path:
    """Where the dataset of a member lies that changes it."""
    return data_folder() / "datasets" / f"{address_name(ensemble.name)[:40]}-{ensemble.key}-{member}"
