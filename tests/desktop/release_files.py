"""Keep what this version writes, so that every later version is tested to open it.

``python -m tests.desktop.release_files`` writes ``tests/desktop/released/<version>/``: a run bundle, a scenario, a
dataset package and a database of the tiny world, with ``expected.json``, which tells what a reader must find in them.
To be run once for each release, and committed with it; files of a version that was released are never written again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from steeliq import __version__

FOLDER = Path(__file__).parent / "released"
SETTINGS = ["period.end=2025", "carbon.scenario=uniform_100", "demand.factor=0.9", "seed=7"]
MOST = 300_000
"""Bytes of a version's files together."""


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every Parquet file below a folder."""
    files = sorted(folder.rglob("*.parquet"))
    return {str(file.relative_to(folder).as_posix()): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def write(target: Path) -> None:
    """Write all files of this version."""
    from steeliq.simulation.dataset import load
    from steeliq.simulation.results.bundle import About, write_bundle
    from steeliq.simulation.run import run
    from steeliq.simulation.scenario.files import load_scenario, to_toml
    from tests.worlds import write_tiny

    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        world = load(write_tiny(scratch / "tiny"))
        scenario = load_scenario("reference", SETTINGS)
        run(scenario, world, scratch / "run")
        target.mkdir(parents=True)
        about = About(name="Released", notes="typed", tags="one, two")
        write_bundle(scratch / "run", target / "run.steeliq", dataset=world, about=about)
        (target / "scenario.toml").write_text(to_toml(scenario), "utf-8", newline="\n")
        _zip(scratch / "tiny", target / "dataset.zip")
        rows = _database(scratch / "home", target / "steeliq.sqlite3.zip")
        expected = {
            "tables": digests(scratch / "run" / "tables"),
            "scenario": scenario.model_dump(mode="json"),
            "dataset": world.hash,
            "runs": rows,
        }
    (target / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", "utf-8", newline="\n")
    size = sum(path.stat().st_size for path in target.iterdir())
    assert size < MOST, f"{size:,} bytes are too many for the repository"


def _database(home: Path, target: Path) -> list[dict[str, Any]]:
    """A database with one run of each state, zipped; what its rows say."""
    os.environ["STEELIQ_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "steeliq.webui.settings"
    import django

    home.mkdir()
    django.setup()
    from steeliq.webui.core.database import bring_up_to_date, close_up
    from steeliq.webui.runs.models import Run, State

    bring_up_to_date()
    rows: list[dict[str, Any]] = [
        {"key": f"of{state}", "name": f"A {state} run", "state": str(state), "tags": "one, two", "notes": "typed"}
        for state in (State.DONE, State.FAILED, State.CANCELLED, State.INTERRUPTED)
    ]
    for row in rows:
        Run.objects.create(
            **row, scenario='name = "Released"\n', folder=f"/nowhere/{row['key']}", first_year=2025, last_year=2050
        )
    close_up()
    with closing(sqlite3.connect(home / "steeliq.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("VACUUM")
    only = home / "only"
    only.mkdir()
    shutil.move(home / "steeliq.sqlite3", only)
    _zip(only, target)
    return rows


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)


if __name__ == "__main__":
    place = FOLDER / __version__
    if place.exists():
        sys.exit(f"{place}: the files of this version are there; delete the folder first if it was not released yet")
    write(place)
    print(*(f"{path.stat().st_size:>9,}  {path.name}" for path in sorted(place.iterdir())), sep="\n")  # noqa: T201 (its output is for a person or the test that started it)
