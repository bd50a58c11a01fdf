"""What a person keeps: the data folder, the room on its disk, the database, and what the logs complain of.

The database is read without Django, so that it can be examined when the program is damaged.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from errno import ENOSPC
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import steeliq
from steeliq.desktop.doctor.findings import Finding, a_few, ok, problem, warning
from steeliq.desktop.log_lines import TRACE, records
from steeliq.paths import data_folder
from steeliq.places import network_kind, sync_service

DATABASE = "steeliq.sqlite3"
LITTLE_MB, TOO_LITTLE_MB = 1000.0, 100.0
"""Free space [MB]: a run takes up to 25 MB, a copy of the database as much as the database."""

PATIENCE = 5.0
"""Seconds that a locked database is waited for."""

RECENT_DAYS = 7.0
TAIL = 256_000  # bytes of a log that are read
MOVE = "Set STEELIQ_HOME to a folder on this machine's own disk, or move the data there."
SERIOUS = {"ERROR", "CRITICAL"}


def folder() -> Finding:
    """Whether the data folder can be written to, and by its owner only."""
    path = data_folder()
    if not path.exists():
        above = next((one for one in path.parents if one.exists()), path)
        if os.access(above, os.W_OK):
            return ok(f"{path} will be made at the first start")
        return problem(f"{path}: it cannot be made, since {above} cannot be written to", _elsewhere("Give access"))
    if not path.is_dir():
        return problem(f"{path}: a file is where the data folder should be", _elsewhere("Move that file away"))
    try:
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        remedy = "Free some space" if error.errno == ENOSPC else "Give yourself the right to write there"
        return problem(f"{path}: it cannot be written to ({error.strerror})", _elsewhere(remedy))
    open_to_others = stat.S_IMODE(path.stat().st_mode) & 0o077 if os.name == "posix" else 0
    if open_to_others:
        found = f"{path}: other users of this machine may look in (permissions {stat.S_IMODE(path.stat().st_mode):o})"
        return warning(found, f"Close it: chmod 700 '{path}'")
    return ok(f"{path}, for you only" if os.name == "posix" else f"{path}, in your profile")


def _elsewhere(remedy: str) -> str:
    return f"{remedy}, or set STEELIQ_HOME to a folder of yours."


def space() -> Finding:
    """Room on the disk of the data folder, in its temporary folder, and what the data take."""
    path = data_folder()
    there = path if path.exists() else next(one for one in path.parents if one.exists())
    free = shutil.disk_usage(there).free / 1e6
    found = f"{free / 1000:,.1f} GB free; your data take {_size(path) / 1e6:,.0f} MB"
    if free < TOO_LITTLE_MB:
        return problem(found, "Free some space before the next run: empty the bin, delete runs you no longer need.")
    if free < LITTLE_MB:
        return warning(found, "Free some space: empty the bin, delete runs you no longer need.")
    return ok(found)


def _size(path: Path) -> int:
    total = 0
    for here, _folders, files in os.walk(path):
        for name in files:
            try:
                total += (Path(here) / name).lstat().st_size
            except OSError:  # deleted meanwhile
                continue
    return total


def place() -> Finding:
    """Whether the data lie on a disk of this machine and nothing copies them elsewhere."""
    path = data_folder()
    kind = network_kind(path)
    if kind:
        return warning(f"{path} lies on the network ({kind}), where a database can be damaged", MOVE)
    service = sync_service(path)
    if service:
        return warning(f"{path} is copied by {service}, which can damage a database in use", MOVE)
    return ok("a disk of this machine, not synchronised")


def open_to_read(path: Path) -> sqlite3.Connection:
    """The database, to be read only; also from a folder that cannot be written to."""
    address = f"file:{quote(str(path.absolute()))}"
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=PATIENCE)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        log = path.with_name(path.name + "-wal")
        only_readable = isinstance(error, sqlite3.OperationalError) and not os.access(path.parent, os.W_OK)
        if not only_readable or (log.exists() and log.stat().st_size):
            raise
        connection = sqlite3.connect(f"{address}?immutable=1", uri=True)
    return connection


def database() -> Finding:
    """Whether the database is sound and of this version."""
    path = data_folder() / DATABASE
    if not path.is_file():
        return ok("none yet; it is made at the first start")
    restore = f"Close steeliq and put back a copy: 'steeliq backup list' shows them (folder {path.parent / 'backups'})."
    try:
        with closing(open_to_read(path)) as connection:
            complaints = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
            if complaints != ["ok"]:
                return problem(f"{path}: damaged ({complaints[0]})", restore, *complaints)
            applied = _applied(connection)
            runs = _states(connection)
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            return warning("it is in use and did not answer", "Try again in a minute, or close steeliq first.")
        return problem(f"{path}: it cannot be opened ({error})", restore)
    except sqlite3.DatabaseError as error:
        return problem(f"{path}: damaged ({error})", restore)
    return _version(path, applied, f"sound, {path.stat().st_size / 1e6:.1f} MB, {runs}")


def _version(path: Path, applied: set[tuple[str, str]], found: str) -> Finding:
    """Changes to the tables that were made, against those that this version knows."""
    known = known_migrations()
    apps = {app for app, _name in known}
    unknown = sorted(f"{app}.{name}" for app, name in applied - known if app in apps)
    if unknown:
        return problem(
            f"{path}: made by a later version of steeliq ({a_few(unknown)} unknown here)",
            "Start the later version, or give this one another folder by STEELIQ_HOME; nothing was changed.",
            *unknown,
        )
    waiting = sorted(f"{app}.{name}" for app, name in known - applied)
    if waiting:
        return ok(f"{found}; the next start copies it and brings it up to date", *waiting)
    return ok(f"{found}; of this version")


def known_migrations() -> set[tuple[str, str]]:
    """App and name of every change to the tables that this version knows, from the files."""
    package = Path(steeliq.__file__).parent
    folders = {path.parent.name: path for path in package.glob("webui/*/migrations")}
    tasks = find_spec("django_tasks_db")
    if tasks is not None and tasks.origin:
        folders["django_tasks_database"] = Path(tasks.origin).parent / "migrations"
    return {(app, file.stem) for app, path in folders.items() for file in path.glob("[0-9]*.py")}


def _applied(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    if not _has_table(connection, "django_migrations"):
        return set()
    return {(str(app), str(name)) for app, name in connection.execute("SELECT app, name FROM django_migrations")}


def _states(connection: sqlite3.Connection) -> str:
    if not _has_table(connection, "runs_run"):
        return "no runs"
    query = "SELECT state, count(*) FROM runs_run GROUP BY state ORDER BY state"
    if any(column[1] == "verifies_id" for column in connection.execute("PRAGMA table_info(runs_run)")):
        query = query.replace("GROUP", "WHERE verifies_id IS NULL GROUP")  # those that only verify another are no runs
    counts = connection.execute(query).fetchall()
    return ", ".join(f"{count} {state}" for state, count in counts) or "no runs"


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)).fetchone())


def log_files() -> list[Path]:
    """Logs and crash reports, the newest first."""
    found = [path for path in (data_folder() / "logs").glob("*") if path.is_file() and not path.name.startswith(".")]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def tail(path: Path, size: int = TAIL) -> str:
    """The end of a log, from the beginning of a line."""
    with path.open("rb") as stream:
        start = max(0, path.stat().st_size - size)
        stream.seek(start)
        text = stream.read(size).decode("utf-8", "replace")
    return text.partition("\n")[2] if start else text


def errors() -> Finding:
    """What went wrong of late, by the logs."""
    since = time.time() - RECENT_DAYS * 86_400
    told = []
    for path in log_files():
        if path.stat().st_mtime >= since:
            told += [f"{path.name}: {line}" for line in list(complaints(tail(path)))[-5:]]
    if told:
        return warning(
            f"{len(told)} in the logs of the last {RECENT_DAYS:.0f} days",
            f"Read them in {data_folder() / 'logs'}; 'steeliq diagnostics' puts them into one file to send.",
            own=told[:40],
        )
    return ok(f"none in the last {RECENT_DAYS:.0f} days")


def complaints(text: str) -> Iterator[str]:
    """Records that tell an error, by their first line and what exceptions were."""
    for record in records(text):
        told = [line for line in record.lines[:1] if record.level in SERIOUS and not line.startswith(TRACE)]
        for line in told + record.exceptions:
            yield f"{record.head}{line}"[:300]
