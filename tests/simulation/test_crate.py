"""A run as a Process Run Crate: what RO-Crate 1.1 and the profile require is there, and every file is what it says."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from steeliq.errors import RunError
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.results.crate import to_crate
from steeliq.simulation.results.provenance import read_run_json, write_run_json
from steeliq.simulation.run import run
from steeliq.simulation.scenario.files import load_scenario
from tests.results_example import join_charges
from tests.worlds import write_tiny


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load(write_tiny(tmp_path_factory.mktemp("worlds") / "tiny"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    out = tmp_path_factory.mktemp("runs") / "tiny"
    run(load_scenario("reference", ["period.end=2026", "seed=4"]), dataset, out)
    return out


@pytest.fixture(scope="module", params=["with its dataset", "without"])
def crate(request: pytest.FixtureRequest, folder: Path, dataset: Dataset, tmp_path_factory: Any) -> Path:
    given = dataset if request.param == "with its dataset" else None
    return to_crate(folder, tmp_path_factory.mktemp("crate") / "run-crate.zip", dataset=given)


def opened(crate: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, bytes]]:
    """The metadata, its entities by name, and the other files."""
    with zipfile.ZipFile(crate) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(files.pop("ro-crate-metadata.json"))
    return metadata, {one["@id"]: one for one in metadata["@graph"]}, files


def references(value: Any) -> list[str]:
    """Names that a value refers to."""
    if isinstance(value, list):
        return [name for one in value for name in references(one)]
    if isinstance(value, dict):
        return [value["@id"]] if set(value) == {"@id"} else [n for one in value.values() for n in references(one)]
    return []


def test_it_is_an_ro_crate_1_1(crate: Path) -> None:
    metadata, entities, _ = opened(crate)
    assert metadata["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    assert len(entities) == len(metadata["@graph"]), "an entity is there twice"
    assert all(one.get("@type") for one in entities.values())
    descriptor = entities["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = entities["./"]
    assert root["@type"] == "Dataset"
    assert all(root[name] for name in ("name", "description", "datePublished", "license", "hasPart"))
    known = {*entities, "https://w3id.org/ro/crate/1.1"}
    assert {name for one in metadata["@graph"] for name in references(list(one.values()))} <= known


def test_every_file_is_described_as_it_is_and_reached_from_the_root(crate: Path) -> None:
    _, entities, files = opened(crate)
    described = {name: one for name, one in entities.items() if one["@type"] == "File"}
    assert set(described) == set(files)
    for name, content in files.items():
        assert described[name]["contentSize"] == str(len(content))
        assert described[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert "/" in described[name]["encodingFormat"]
    reached, waiting = set[str](), ["./"]
    while waiting:
        for name in references(entities[waiting.pop()].get("hasPart", [])):
            reached.add(name)
            waiting.append(name)
    folders = {name for name, one in entities.items() if one["@type"] == "Dataset" and name != "./"}
    assert reached == set(files) | folders
    assert all(name.endswith("/") for name in folders)


def test_it_says_what_the_profile_process_run_crate_asks_for(crate: Path, folder: Path) -> None:
    _, entities, _ = opened(crate)
    document, root = read_run_json(folder), entities["./"]
    profile = entities[root["conformsTo"]["@id"]]
    assert profile["@id"].startswith("https://w3id.org/ro/wfrun/process/")
    assert (profile["@type"], profile["version"]) == ("CreativeWork", "0.5")
    [action] = [one for one in entities.values() if one["@type"] == "CreateAction"]
    assert root["mentions"] == {"@id": action["@id"]}
    program = entities[action["instrument"]["@id"]]
    assert (program["@type"], program["name"]) == ("SoftwareApplication", "steeliq")
    assert program["softwareVersion"] == document["code"]["version"]
    needed = {
        entities[name]["name"]: entities[name]["softwareVersion"]
        for name in references(program["softwareRequirements"])
    }
    assert needed["highspy"] == document["packages"]["highspy"]
    assert (action["startTime"], action["endTime"]) == (document["started"], document["ended"])
    assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
    results = references(action["result"])
    assert {name for name in results if name.startswith("tables/")} == {
        f"tables/{name}/" for name in document["tables"]
    }
    inputs = [entities[name] for name in references(action["object"])]
    assert {one["@type"] for one in inputs} >= {"File", "PropertyValue"}
    assert document["dataset"]["hash"] in {one.get("identifier") for one in inputs}
    assert 4 in {one.get("value") for one in inputs}


def test_the_same_run_gives_the_same_bytes(crate: Path, folder: Path, dataset: Dataset, tmp_path: Path) -> None:
    given = dataset if any(name.startswith("dataset/") for name in opened(crate)[2]) else None
    assert to_crate(folder, tmp_path / "again.zip", dataset=given).read_bytes() == crate.read_bytes()


def test_only_a_complete_run_and_its_own_dataset_make_a_crate(folder: Path, dataset: Dataset, tmp_path: Path) -> None:
    document = read_run_json(folder)
    try:
        write_run_json(folder, document | {"dataset": {"name": "tiny", "hash": "0" * 64}})
        with pytest.raises(RunError, match="another dataset"):
            to_crate(folder, tmp_path / "x.zip", dataset=dataset)
        write_run_json(folder, document | {"status": "failed"})
        with pytest.raises(RunError, match="only a complete run"):
            to_crate(folder, tmp_path / "x.zip")
    finally:
        write_run_json(folder, document)
    assert not (tmp_path / "x.zip").exists()


def test_the_columns_of_a_table_are_those_that_its_files_have(folder: Path, tmp_path: Path) -> None:
    earlier = shutil.copytree(folder, tmp_path / "earlier")
    join_charges(earlier)
    told = [opened(to_crate(one, tmp_path / f"{one.name}.zip"))[1]["tables/flows/"] for one in (folder, earlier)]
    now, then = (one["description"] for one in told)
    assert "duty [USD/t], border_charge [USD/t], emissions [tCO2e]" in now
    assert "duty [USD/t], emissions [tCO2e]" in then
