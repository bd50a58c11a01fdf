"""What is to be verified: a run folder or a bundle, its scenario from the record, its dataset found by its hash."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from steeliq.errors import RunError, SteeliqError
from steeliq.paths import data_folder
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.results.bundle import opened_bundle
from steeliq.simulation.results.bundle_checks import Findings
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.tables import tables_in
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import scenario_hash


@dataclass(frozen=True, slots=True)
class Source:
    """A complete run with all that is needed to repeat it."""

    folder: Path
    document: Mapping[str, Any]  # run.json
    scenario: Scenario
    dataset: Dataset


@contextmanager
def opened(path: Path, dataset: Path | None) -> Iterator[Source]:
    """The run at ``path``, a run folder or a bundle, which is unpacked for as long as it is looked at.

    Raises RunError if the run is not complete, or its dataset is not here; BundleError if the bundle is none.
    """
    if path.is_dir():
        yield _source(path, dataset, None)
        return
    if not path.is_file():
        raise RunError(f"{path}: there is no run and no bundle here; check the path")
    with (
        tempfile.TemporaryDirectory(prefix="steeliq-verify-", ignore_cleanup_errors=True) as scratch,
        # Tables that somebody changed are let in: the comparison says where.
        opened_bundle(path, Path(scratch), changed=Findings()) as contents,
    ):
        yield _source(contents.folder, dataset, contents.dataset)


def _source(folder: Path, given: Path | None, bundled: Dataset | None) -> Source:
    document = read_run_json(folder)
    if document.get("status") != "complete":
        state = document.get("status")
        raise RunError(f"{folder}: only a complete run can be verified, this one is {state}; resume it first")
    if not any((folder / "tables" / name).is_dir() for name in tables_in(folder)):
        raise RunError(
            f"{folder}: the run has no tables, so there is nothing to verify; repeat it, or take in its bundle"
        )
    wanted = str(document["dataset"]["hash"])
    if given is None and bundled is not None and bundled.hash == wanted:
        return Source(folder, document, recorded_scenario(document, folder), bundled)
    found = _given(given, wanted) if given is not None else find_dataset(wanted)
    if found is None:
        raise RunError(
            f"{folder}: the run was made from the dataset {document['dataset']['name']} with hash {wanted[:12]}, which "
            f"is neither the reference dataset nor in {data_folder() / 'datasets'}; give its folder with --dataset, or "
            "verify the run's bundle: exported where the run was made, it holds the dataset"
        )
    return Source(folder, document, recorded_scenario(document, folder), found)


def recorded_scenario(document: Mapping[str, Any], where: Path) -> Scenario:
    """The scenario of run.json; RunError if this version cannot read it or run.json contradicts itself."""
    try:
        scenario = Scenario.model_validate(document["scenario"])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise RunError(
            f"{where / 'run.json'}: this version of steeliq does not know the run's setting {place} ({first['msg']}); "
            f"verify it with version {document['code']['version']}, which made it"
        ) from error
    then = document.get("identity", {}).get("scenario")
    if then and then != scenario_hash(scenario, document["scenario"]):
        raise RunError(
            f"{where / 'run.json'}: its settings are not those that its hash {then[:12]} was made from; the file was "
            "changed, take in the run's bundle again"
        )
    return scenario


def _given(path: Path, wanted: str) -> Dataset:
    found = load(path)
    if found.hash != wanted:
        raise RunError(
            f"{path}: this dataset has the hash {found.hash[:12]}, the run was made from {wanted[:12]}; "
            "give the folder of that one, or leave --dataset away to have it looked for"
        )
    return found


def find_dataset(wanted: str) -> Dataset | None:
    """The dataset with this hash: the reference dataset or one of the person's own; None if neither has it."""
    own = sorted(file.parent for file in (data_folder() / "datasets").glob("*/datapackage.json"))
    for folder in (None, *own):
        try:
            found = load(folder)
        except (SteeliqError, OSError):  # a broken one is not the one
            continue
        if found.hash == wanted:
            return found
    return None


def years_of(document: Mapping[str, Any]) -> range:
    """The simulated years of a run."""
    first, last = document["years"]
    return range(int(first), int(last) + 1)
