"""What the tests of the web app share: the tiny world, a client in this process, a live server, a watched browser.

``client`` asks the views directly (Django's test client, let in, on a data folder of this process); ``finished_run`` is
the row of a run with results. ``live`` is a real server process with a worker; ``watched`` a page in Chromium that is
let in, and fails the test for any request to another address and for any error or warning in the console.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.utils import setup_test_environment, teardown_test_environment
from playwright.sync_api import Browser, sync_playwright

from steeliq.webui.core.names import cookie_name
from steeliq.webui.runs import launch
from steeliq.webui.runs.models import Run, State, kinds
from tests.results_example import write_run
from tests.web.live import Live, Watched, chromium, logged_in
from tests.web.live import launch as launch_server
from tests.worlds import write_tiny


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny world as a dataset folder."""
    return write_tiny(tmp_path_factory.mktemp("worlds") / "tiny")


@pytest.fixture(scope="session")
def database() -> Iterator[Path]:
    """The data folder of this process, with an up-to-date database."""
    folder = Path(settings.DATA)
    setup_test_environment()
    settings.ALLOWED_HOSTS.remove("testserver")  # the hosts stay those of the app
    call_command("migrate", verbosity=0, interactive=False)
    yield folder
    teardown_test_environment()
    connections.close_all()


@pytest.fixture
def home(database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder; empty of runs, ensembles and searches."""
    monkeypatch.setenv("STEELIQ_HOME", str(database))
    monkeypatch.setenv("STEELIQ_TOKEN", "of-this-test")
    for kind in kinds():
        kind.objects.all().delete()
        shutil.rmtree(database / kind.AREA, ignore_errors=True)
    return database


@pytest.fixture
def client(home: Path) -> Client:
    """A client that was let in."""
    del home
    return entered(Client(HTTP_HOST="127.0.0.1"))


def entered(client: Client) -> Client:
    """Give a client the cookie of this start."""
    client.cookies[cookie_name()] = os.environ["STEELIQ_TOKEN"]
    return client


@pytest.fixture
def own(home: Path, tiny: Path) -> Iterator[Path]:
    """The folder of own datasets with the tiny world in it."""
    folder = home / "datasets"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tiny, folder / "tiny")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def finished_run(home: Path) -> Run:
    """A finished run with the example's tables: three countries, 2025-2030."""
    return add_finished_run(home, "Example")


def add_finished_run(home: Path, name: str, **values: Any) -> Run:
    """The row and the folder of one more finished run."""
    key = launch.new_key()
    folder = write_run(home / "runs" / f"example-{key}")
    return Run.objects.create(
        key=key,
        name=name,
        scenario='name = "reference"\n\n[period]\nend = 2030\n',
        folder=str(folder),
        first_year=2025,
        last_year=2030,
        state=State.DONE,
        fraction=1.0,
        **values,
    )


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Live]:
    """A server of its own for each test module, one worker, the tiny world as dataset "tiny"."""
    server = launch_server(tmp_path_factory.mktemp("live") / "home ü", "--workers", "1", world=tiny)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture
def watched(browser: Browser, live: Live) -> Iterator[Watched]:
    """A page that is let in and watched: ``watched.page``."""
    with logged_in(browser, live) as watched:
        yield watched
