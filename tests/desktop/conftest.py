"""What the tests of the desktop share: a data folder of its own for each test, with the database of this process in it.

``now`` is handed to whatever asks for the time, so that a month passes in no time.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from steeliq.paths import plain_name
from steeliq.simulation.results.provenance import write_run_json
from steeliq.webui.core import notices
from steeliq.webui.core.database import bring_up_to_date
from steeliq.webui.core.names import cookie_name
from steeliq.webui.runs import launch
from steeliq.webui.runs.models import Run, State
from tests.results_example import write_run

NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder that this process uses."""
    home = tmp_path / "home ü"
    home.mkdir()
    connection.close()
    monkeypatch.setenv("STEELIQ_HOME", str(home))
    monkeypatch.setitem(connection.settings_dict, "NAME", home / "steeliq.sqlite3")
    forget_notices()
    yield home
    connection.close()
    forget_notices()


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new database of this version."""
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("fresh") / "steeliq.sqlite3"
        connection.close()
        patch.setitem(connection.settings_dict, "NAME", path)
        patch.setenv("STEELIQ_HOME", str(path.parent))
        bring_up_to_date(NOW)
        connection.close()
    return path


@pytest.fixture
def database(folder: Path, fresh: Path) -> Path:
    """The data folder's database, new."""
    return Path(shutil.copyfile(fresh, folder / "steeliq.sqlite3"))


@pytest.fixture
def client(database: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client that was let in."""
    del database
    monkeypatch.setenv("STEELIQ_TOKEN", "of-this-test")
    client = Client(HTTP_HOST="127.0.0.1")
    client.cookies[cookie_name()] = "of-this-test"
    return client


def forget_notices() -> None:
    """As in a new process."""
    notices._notices.clear()


def run_folder(home: Path, name: str, **changes: Any) -> Path:
    """A folder of a finished run below the data folder; ``changes`` are made in its run.json."""
    target = write_run(home / "runs" / name)
    document = json.loads((target / "run.json").read_text("utf-8"))
    write_run_json(target, document | changes)
    return target


def finished_run(home: Path, name: str, **values: Any) -> Run:
    """The row and the folder of a finished run."""
    key = launch.new_key()
    return Run.objects.create(
        key=key,
        name=name,
        scenario='name = "Example"\n',
        folder=str(run_folder(home, f"20260101-120000-{plain_name(name)}-{key}")),
        state=State.DONE,
        first_year=2025,
        last_year=2030,
        fraction=1.0,
        **values,
    )
