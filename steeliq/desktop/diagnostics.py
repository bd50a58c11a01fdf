"""``steeliq diagnostics``: one zip file for whoever helps, made here and sent by nobody.

Unless asked otherwise it holds no scenario, name, note, dataset or result, and no path or name that tells who someone
is; see ``redaction``. It needs neither Django nor a sound database.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.request import getproxies

from steeliq import __version__
from steeliq.atomic import write_atomically
from steeliq.desktop.doctor.data import DATABASE, log_files, open_to_read, tail
from steeliq.desktop.doctor.examination import checks, document, examine
from steeliq.desktop.redaction import Redaction, redaction
from steeliq.paths import data_folder

MOST_LOGS = 40
WORK: Final = ("runs_run", "ensembles_ensemble", "searches_search")
"""Tables of what a person has had computed."""

RUN_COLUMNS = (
    *(
        "key",
        "state",
        "first_year",
        "last_year",
        "year",
        "stage",
        "fraction",
        "attempts",
        "queued",
        "created",
        "started",
    ),
    *("finished", "heartbeat", "seconds", "peak_mb", "starred", "binned"),
)
"""What the list of runs tells without the user's own words or results."""

VARIABLES = (
    *("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "LANG", "LC_ALL", "PYTHONPATH"),
    *(
        "QT_QPA_PLATFORM",
        "QT_PLUGIN_PATH",
        "LD_LIBRARY_PATH",
        "STEELIQ_HOME",
        "STEELIQ_LAUNCHER",
        "NO_PROXY",
        "BROWSER",
    ),
)
"""Of the environment only these: others may hold secrets."""

ABOUT = """\
This file was made by 'steeliq diagnostics' on the user's wish. Nothing was sent.

doctor.json     what was examined and found
versions.json   versions, platform, some settings of the environment
database.json   the database's tables and their numbers of rows
runs.json       the list of runs: {runs}
logs/           the ends of logs: {logs}

{data}
"""
WITHOUT = {
    "runs": "states, years and times, without names",
    "logs": "without quoted texts, paths and messages about data",
    "data": "Scenarios, datasets, results, names and notes are not in it; known names were replaced by <name>,\n"
    "the home folder by ~, the user by <user>. Look through it before you pass it on.",
}
WITH = {
    "runs": "with names, notes and scenarios",
    "logs": "as they are",
    "data": "The user asked for names, notes, scenarios and paths to be in it. Datasets and results are not.",
}


def default_name() -> str:
    """A name for the file, by the time."""
    return f"steeliq-diagnostics-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip"


def write_diagnostics(out: Path, *, with_data: bool = False) -> Path:
    """Write the file, whole or not at all, readable by its owner only. Raises OSError if it cannot be written."""
    out = out.expanduser().absolute()

    def write(stream: BinaryIO) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in _entries(with_data=with_data):
                archive.writestr(name, text)

    write_atomically(out, write, mode=0o600)
    return out


def _entries(*, with_data: bool) -> Iterator[tuple[str, str]]:
    """Names and texts of what is in the file."""
    words = redaction(() if with_data else own_names())
    told: dict[str, Any] = {
        "doctor.json": _examined(with_data=with_data),
        "versions.json": _versions(),
        "database.json": _database(),
        "runs.json": _runs(with_data=with_data),
    }
    yield "README.txt", ABOUT.format(**(WITH if with_data else WITHOUT))
    for name, value in told.items():
        shown = value if with_data else words.document(value)
        yield name, json.dumps(shown, indent=1, ensure_ascii=False, default=str) + "\n"
    for number, path in enumerate(log_files()[:MOST_LOGS]):
        yield _log(number, path, words, with_data=with_data)


def _examined(*, with_data: bool) -> dict[str, Any]:
    found = document(examine(checks()))
    for check in found["checks"]:
        if not with_data:
            del check["own"]
    return found


def _log(number: int, path: Path, words: Redaction, *, with_data: bool) -> tuple[str, str]:
    """One log's place in the file and what of it may be there."""
    name = path.relative_to(data_folder() / "logs").as_posix()
    try:
        text = tail(path)
    except OSError as error:
        text = f"It cannot be read: {error.strerror}.\n"
    if with_data:
        return f"logs/{name}", text
    is_run = path.name.startswith(("run-", "ensemble-", "search-"))
    safe = words.text(name)
    return f"logs/{safe if '<' not in safe else f'{number}.log'}", words.run_log(text) if is_run else words.log(text)


def _versions() -> dict[str, Any]:
    packages = {one.metadata["Name"]: one.version for one in distributions() if one.metadata["Name"]}
    return {
        "steeliq": __version__,
        "python": sys.version,
        "executable": sys.executable,
        "platform": platform.platform(),
        "machine": platform.machine(),
        "sqlite": sqlite3.sqlite_version,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "environment": {name: os.environ[name] for name in VARIABLES if name in os.environ},
        "proxies": sorted(getproxies()),  # kinds only: their addresses may hold passwords
        "packages": dict(sorted(packages.items(), key=lambda one: one[0].lower())),
    }


def _database() -> dict[str, Any]:
    """Tables as they were declared, and their numbers of rows."""
    path = data_folder() / DATABASE
    if not path.is_file():
        return {"found": "none"}
    try:
        with closing(open_to_read(path)) as connection:
            declared = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            counts = {name: _count(connection, name) for name in tables}
            journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
            migrations: list[str] = []
            if "django_migrations" in tables:
                migrations = [f"{a}.{n}" for a, n in connection.execute("SELECT app, name FROM django_migrations")]
    except sqlite3.Error as error:
        return {"found": f"it cannot be read: {error}"}
    return {"journal": journal, "rows": counts, "migrations": migrations, "schema": dict(declared)}


def _count(connection: sqlite3.Connection, table: str) -> int | str:
    quoted = table.replace('"', '""')
    try:
        return int(connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608 (from the schema)
    except sqlite3.Error as error:
        return str(error)


def _runs(*, with_data: bool) -> list[dict[str, Any]] | str:
    try:
        return _rows(None if with_data else RUN_COLUMNS)
    except sqlite3.Error as error:
        return f"they cannot be read: {error}"


def _rows(columns: tuple[str, ...] | None, table: str = WORK[0]) -> list[dict[str, Any]]:
    """Rows of a table of runs, or of other work, of all columns or of those of ``columns`` that it has."""
    path = data_folder() / DATABASE
    if not path.is_file():
        return []
    with closing(open_to_read(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()  # noqa: S608 (one of WORK)
    return [{name: row[name] for name in row.keys() if columns is None or name in columns} for row in rows]  # noqa: SIM118 (a row of SQLite iterates over values)


def own_names() -> set[str]:
    """What the user called things: from the database if it can be read, and from the names of files and folders."""
    folder = data_folder()
    places = ("runs", "ensembles", "searches", "scenarios", "datasets")
    names = {part for sub in places for part in _names_below(folder / sub)}
    rows = []
    for table in WORK:
        with suppress(sqlite3.Error):  # not readable, or of before there was such a table
            rows += _rows(None, table)
    for row in rows:
        names |= {str(row.get(column) or "") for column in ("name", "dataset", "folder")}
        names |= {*str(row.get("tags") or "").split(","), *str(row.get("notes") or "").splitlines()}
        names |= set(Path(str(row.get("dataset") or "")).parts[-2:])
        names |= _plain_name(Path(str(row.get("folder") or "")).name, str(row.get("key") or ""))
    return names


def _names_below(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    found = set()
    for path in folder.iterdir():
        found |= {path.stem} | _plain_name(path.name)
    return found


def _plain_name(folder: str, key: str = "") -> set[str]:
    """What a run folder's name says beside date, time and key: ``20261126-070000-my-plan-abcdefgh`` is ``my-plan``."""
    parts = folder.split("-")
    while parts and parts[0].isdigit() and len(parts[0]) in {6, 8}:
        parts = parts[1:]
    last = parts[-1] if parts else ""
    return {"-".join(parts), "-".join(parts[:-1]) if last == key or len(last) == 8 else ""}
