"""A run as a research object for repositories and catalogues: an RO-Crate 1.1 of the profile Process Run Crate 0.5.

A zip with ``ro-crate-metadata.json``, the run's record, scenario, tables and names, and the dataset if it is at hand:
who reads only the metadata learns which program of which version made which files, when, from what. The same run gives
the same bytes. Addresses in it are names of vocabularies; nothing is fetched. No person is named, since a run does not
know whose it is.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

import pyarrow.parquet as pq

from steeliq.atomic import write_atomically
from steeliq.errors import RunError
from steeliq.simulation.dataset.dataset import Dataset
from steeliq.simulation.results.bundle import entry, packaged, run_files
from steeliq.simulation.results.fingerprint import full_hash, short_hash
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.readme import NAME as README
from steeliq.simulation.results.sums import digest_of
from steeliq.simulation.results.variables import SCHEMA

METADATA: Final = "ro-crate-metadata.json"
SPECIFICATION: Final = "https://w3id.org/ro/crate/1.1"
PROFILE: Final = "https://w3id.org/ro/wfrun/process/0.5"
CONTEXT: Final = (f"{SPECIFICATION}/context", "https://w3id.org/ro/terms/workflow-run/context")

MEDIA: Final[Mapping[str, str]] = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".toml": "application/toml",
    ".txt": "text/plain",
}

ABOUT: Final[Mapping[str, str]] = {
    "run.json": "The run's record: what was simulated, with which versions and data, when, and how it ended.",
    "scenario.toml": "The settings that differ from the default; steeliq repeats the run from them.",
    README: "How to read the tables without steeliq, with the unit of every column.",
    "certificate.html": "What came of repeating the run and comparing every table.",
    "certificate.json": "The same for programs.",
}

LICENCE: Final = (
    "Whoever made this run decides on its licence. Its input data keep their own licences, which "
    "reference/sources.parquet lists source by source."
)

Entity = dict[str, Any]


def to_crate(run_dir: Path, out: Path, *, dataset: Dataset | None = None) -> Path:
    """Write a complete run as the zip ``out``, whole or not at all; returns ``out``.

    ``dataset`` goes in if given; it must be the one that the run was made from. RunError otherwise.
    """
    document = read_run_json(run_dir)
    if document.get("status") != "complete":
        raise RunError(f"{run_dir}: only a complete run can be exported as a research object; resume it first")
    if dataset is not None and dataset.hash != document["dataset"]["hash"]:
        raise RunError(f"{run_dir}: the run was made from another dataset than the one given; give the one of the run")
    with tempfile.TemporaryDirectory(prefix="steeliq-crate-") as scratch:
        files = run_files(run_dir)
        files |= {name: run_dir / name for name in ABOUT if (run_dir / name).is_file()}
        if dataset is not None:
            files |= packaged(dataset, Path(scratch) / "dataset")
        text = json.dumps(metadata(document, files), indent=1, ensure_ascii=False) + "\n"
        write_atomically(out, lambda stream: _write(stream, text, files))
    return out


def _write(stream: BinaryIO, text: str, files: Mapping[str, Path]) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(entry(METADATA), text.encode(), compresslevel=6)
        for name, path in sorted(files.items()):
            archive.writestr(entry(name), path.read_bytes())


def metadata(document: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Any]:
    """The metadata of a run with these files, by their names in the crate."""
    folders = sorted({f"{PurePosixPath(name).parent}/" for name in files if "/" in name})
    tables = [folder for folder in folders if folder.startswith("tables/")]
    plain = sorted(name for name in files if "/" not in name)
    scenario, (first, last) = document["scenario"], document["years"]
    has_dataset = "dataset/" in folders
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": _ref(PROFILE),
        "name": f"steeliq run: {scenario.get('name', '')}, {first}-{last}, {short_hash(document)}",
        "description": str(scenario.get("description") or "A run of steeliq."),
        "datePublished": document["ended"] or document["started"],
        "license": _ref("#licence"),
        "identifier": full_hash(document),
        "hasPart": _refs([*plain, *folders]),
        "mentions": _ref("#run"),
    }
    run: Entity = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Simulation of {scenario.get('name', '')}, {first}-{last}",
        "description": "steeliq took every steel plant through the years and wrote what each year came to.",
        "instrument": _ref("#steeliq"),
        "startTime": document["started"],
        "endTime": document["ended"],
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "object": _refs(["scenario.toml", "dataset/" if has_dataset else "#dataset", "#seed"]),
        "result": _refs([*tables, "run.json"]),
    }
    described = [_folder(name, files, document) for name in folders] + [
        _file(name, path) for name, path in files.items()
    ]
    absent = [] if has_dataset else [_absent_dataset(document)]
    graph = [
        _descriptor(),
        root,
        _profile(),
        run,
        *_software(document),
        _seed(document),
        _licence(),
        *absent,
        *described,
    ]
    return {"@context": list(CONTEXT), "@graph": graph}


def _ref(name: str) -> dict[str, str]:
    return {"@id": name}


def _refs(names: Iterable[str]) -> list[dict[str, str]]:
    return [_ref(name) for name in names]


def _descriptor() -> Entity:
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": _ref(SPECIFICATION),
        "about": _ref("./"),
    }


def _profile() -> Entity:
    return {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}


def _software(document: Mapping[str, Any]) -> list[Entity]:
    code, packages = document["code"], dict(document["packages"])
    packages.pop("steeliq", None)
    needed = {"Python": document["python"], **packages}
    program: Entity = {
        "@id": "#steeliq",
        "@type": "SoftwareApplication",
        "name": "steeliq",
        "description": "Simulates how the world's steel plants decarbonise, plant by plant.",
        "softwareVersion": code["version"],
        "license": "Apache-2.0",
        "operatingSystem": document["platform"]["system"],
        "softwareRequirements": _refs(f"#{name}" for name in needed),
    }
    if code.get("commit"):
        program["identifier"] = code["commit"]
    others = [
        {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}
        for name, version in needed.items()
    ]
    return [program, *others]


def _seed(document: Mapping[str, Any]) -> Entity:
    return {"@id": "#seed", "@type": "PropertyValue", "name": "seed of all random draws", "value": document["seed"]}


def _licence() -> Entity:
    return {"@id": "#licence", "@type": "CreativeWork", "name": "Licence", "description": LICENCE}


def _absent_dataset(document: Mapping[str, Any]) -> Entity:
    held = document["dataset"]
    return {
        "@id": "#dataset",
        "@type": "CreativeWork",
        "name": f"Dataset {held['name']}",
        "description": "The dataset that the run was made from; it is not in this crate.",
        "identifier": held["hash"],
    }


def _folder(name: str, files: Mapping[str, Path], document: Mapping[str, Any]) -> Entity:
    inside = [one for one in files if f"{PurePosixPath(one).parent}/" == name]
    kind = PurePosixPath(name).name
    about: Entity = {"@id": name, "@type": "Dataset", "name": name, "hasPart": _refs(inside)}
    if name.startswith("tables/"):
        held = set(pq.read_schema(files[inside[0]]).names)  # a run of an earlier version may lack one
        known = [column for column in SCHEMA[kind].columns if column.name in held]
        columns = (f"{column.name} [{column.unit}]" if column.unit else column.name for column in known)
        told = f"Result table {kind}, one Parquet file for each year. Columns: {', '.join(columns)}."
        return about | {"name": f"Table {kind}", "description": told}
    if name == "dataset/":
        held = document["dataset"]
        told = "The dataset that the run was made from, as CSV files with units and sources."
        return about | {"name": f"Dataset {held['name']}", "description": told, "identifier": held["hash"]}
    return about | {"name": "Names and places", "description": "What the tables name by its code, and the sources."}


def _file(name: str, path: Path) -> Entity:
    described = {"description": ABOUT[name]} if name in ABOUT else {}
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        **described,
        "encodingFormat": MEDIA.get(PurePosixPath(name).suffix, "application/octet-stream"),
        "contentSize": str(path.stat().st_size),
        "sha256": digest_of(path),
    }
