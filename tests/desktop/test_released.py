"""Any file written by any released version opens in this one, with the same content."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from steeliq.simulation.dataset import load
from steeliq.simulation.results import read_table, years_done
from steeliq.simulation.scenario.files import load_scenario
from steeliq.webui.compare.imports import import_run
from steeliq.webui.core.backups import backups
from steeliq.webui.core.database import bring_up_to_date
from steeliq.webui.core.notices import told
from steeliq.webui.runs.models import Run, State
from tests.desktop.conftest import NOW
from tests.desktop.release_files import FOLDER, digests

VERSIONS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@pytest.fixture(params=VERSIONS)
def released(request: pytest.FixtureRequest) -> Path:
    """The folder of a version."""
    return FOLDER / str(request.param)


@pytest.fixture
def expected(released: Path) -> dict[str, Any]:
    """What its files hold."""
    found: dict[str, Any] = json.loads((released / "expected.json").read_text("utf-8"))
    return found


def unzipped(archive: Path, target: Path) -> Path:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(target)
    return target


def kept_of(now: Any, then: Any) -> Any:
    """The settings of now that were there then."""
    return {key: now.get(key) for key in then} if isinstance(now, dict) and isinstance(then, dict) else now


def test_a_released_bundle_opens_with_the_same_bytes(released: Path, expected: dict[str, Any], database: Path) -> None:
    run = import_run(released / "run.steeliq").run
    assert digests(run.path / "tables") == expected["tables"]
    assert (run.state, run.name, run.notes, run.tags) == (State.DONE, "Released", "typed", "one, two")
    assert load(Path(run.dataset)).hash == expected["dataset"]
    [year] = years_done(run.path)
    assert all(len(read_table(run.path, table)) for table in ("production", "emissions", "audit"))
    assert year == 2025


def test_a_released_scenario_and_dataset_say_the_same(released: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    now = load_scenario(released / "scenario.toml").model_dump(mode="json")
    changed = [key for key, values in expected["scenario"].items() if kept_of(now.get(key), values) != values]
    assert not changed, f"a file holds what differs from the default: a changed default changes it ({changed})"
    assert load(unzipped(released / "dataset.zip", tmp_path / "dataset")).hash == expected["dataset"]


def test_a_released_database_is_brought_up_to_date_with_every_row(
    released: Path, expected: dict[str, Any], folder: Path
) -> None:
    unzipped(released / "steeliq.sqlite3.zip", folder)
    bring_up_to_date(NOW)
    names = ("key", "name", "state", "tags", "notes")
    assert sorted(Run.objects.values_list(*names)) == sorted(tuple(row[n] for n in names) for row in expected["runs"])
    assert told() == []
    connection.close()
    assert {one.reason for one in backups(folder / "steeliq.sqlite3")} <= {"update"}


def test_this_version_or_the_one_before_it_is_among_them() -> None:
    assert "0.1.0" in VERSIONS
