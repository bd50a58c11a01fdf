"""The dataset and scenario that a run was made from, compiled again: for figures that results alone cannot give.

A run keeps its scenario and the hash of its dataset, not the dataset. It is looked for among the datasets of this
machine by that hash, so that no figure is ever computed from other numbers than the run's.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from steeliq.errors import DatasetError, ScenarioError
from steeliq.simulation.inputs import Inputs, compile_inputs
from steeliq.simulation.scenario.files import check
from steeliq.webui.data.library import Entry, entries, opened

type Signature = tuple[tuple[str, int, int], ...]

_ONE_AT_A_TIME: Final = threading.Lock()
"""A page asks for several of these figures at once: they wait for one compilation instead of each making its own."""


def inputs_of(document: Mapping[str, Any]) -> Inputs | str:
    """What the run of this ``run.json`` was compiled from, or a sentence on why that cannot be had here."""
    with _ONE_AT_A_TIME:
        return _inputs_of(document.get("dataset", {}), document.get("scenario", {}))


def _inputs_of(dataset: Mapping[str, Any], scenario: Mapping[str, Any]) -> Inputs | str:
    wanted, name = str(dataset.get("hash", "")), str(dataset.get("name", ""))
    found = _find(wanted, name)
    if found is None:
        return (
            f"This figure needs the dataset of the run ({name or 'unnamed'}, {wanted[:8] or 'no hash'}…), which is not "
            "among the datasets on this machine or has been changed since. Add it on the page Data to see the figure."
        )
    try:
        return _compiled(found, wanted, json.dumps(scenario, sort_keys=True))
    except (ScenarioError, DatasetError) as error:
        return f"The inputs of this run cannot be compiled by this version of steeliq: {error}"


@lru_cache(maxsize=3)
def _compiled(found: Entry, wanted: str, scenario: str) -> Inputs:
    del wanted  # part of the key: a dataset that was changed is another one
    return compile_inputs(opened(found), check(json.loads(scenario), "run.json"))


def _find(wanted: str, name: str) -> Entry | None:
    """The dataset with this hash; datasets of the same name are tried before the others."""
    here = sorted(entries(), key=lambda one: (not _is_named(one, name), one.key))
    return next((one for one in here if wanted and _hash_of(one, _signature(one.path)) == wanted), None)


def _is_named(one: Entry, name: str) -> bool:
    return one.key == name or (not one.is_own and name.endswith("reference"))


@lru_cache(maxsize=64)
def _hash_of(one: Entry, signature: Signature) -> str:
    """Hash of a dataset, '' for one that is not sound."""
    del signature  # part of the key only
    try:
        return opened(one).hash
    except DatasetError:
        return ""


def _signature(folder: Path) -> Signature:
    files = ((file.name, file.stat()) for file in sorted(folder.iterdir()) if file.is_file())
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in files)
