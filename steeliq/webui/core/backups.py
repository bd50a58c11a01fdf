"""Backups of the database: made while it is in use, checked before they count, thinned, put back.

A backup is one SQLite file in the folder ``backups`` beside the database, named
``<database>-<version>-<UTC time>-<why>.sqlite3``. It gets that name only after it was opened again, found sound, and
found to hold what the database held. Times are given by the caller; all are aware.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Hashable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from steeliq import __version__
from steeliq.errors import RunError

PARTIAL: Final = ".partial"
"""Ending of a file that is being written."""

EVERY: Final = timedelta(minutes=30)
"""Between two backups that are made by themselves."""

WHOLE: Final = timedelta(days=1)
"""So far back every backup is kept."""

DAYS, WEEKS, MONTHS = 7, 4, 6
"""Beyond that: the newest of so many days, weeks and months that have any."""

UPDATES: Final = 5
"""The newest so many from before an update are kept too, since only they lead back to the version before it."""

MOST: Final = 1_000_000_000
"""Bytes of all backups together; only a newest one that is larger by itself goes beyond."""

SPARE: Final = 1_000_000
"""Bytes to be free beside those of the backup."""

PATIENCE: Final = 20.0
"""Seconds to wait for whoever holds the database."""

REASONS: Final = {
    "automatic": "made by itself",
    "asked": "asked for",
    "update": "before an update",
    "restore": "before another was put back",
    "delete": "before runs were deleted",
    "import": "before a bundle was taken in",
}
UNREADABLE: Final = (sqlite3.Error, UnicodeDecodeError)
"""How a database says that it cannot be read: even its own messages may hold damaged texts."""

_ORDER: Final = "put-back-at-start.txt"
_NAME: Final = re.compile(r".+-(?P<version>\d[^-]*)-(?P<made>\d{8}-\d{6}-\d{6})(?:-(?P<reason>[a-z]+))?\.sqlite3")
_MADE: Final = "%Y%m%d-%H%M%S-%f"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup by its name and size alone; ``fault_of`` tells whether it is sound."""

    path: Path
    made: datetime
    version: str
    reason: str
    size: int  # bytes

    @property
    def name(self) -> str:
        """How a person names it."""
        return self.path.name

    @property
    def why(self) -> str:
        """Why it was made, in words."""
        return REASONS.get(self.reason, "")


def backups_folder(database: Path) -> Path:
    """Where the backups of a database lie; it need not exist yet."""
    return database.parent / "backups"


def backups(database: Path) -> list[Backup]:
    """All backups of a database, newest first."""
    found = []
    for path in backups_folder(database).glob(f"{database.stem}-*.sqlite3"):
        name = _NAME.fullmatch(path.name)
        if name:
            with suppress(FileNotFoundError, ValueError):  # thinned just now; a name made by hand
                made = datetime.strptime(name["made"], _MADE).replace(tzinfo=UTC)
                found.append(Backup(path, made, name["version"], name["reason"] or "", path.stat().st_size))
    return sorted(found, key=lambda one: (one.made, one.name), reverse=True)


def find(database: Path, name: str) -> Backup:
    """The backup of that name; ``newest`` is one too. RunError if there is none."""
    known = backups(database)
    if name == "newest" and known:
        return known[0]
    for one in known:
        if one.name == name:
            return one
    raise RunError(f"{backups_folder(database)}: there is no backup {name}; 'steeliq backup list' names them")


def back_up(database: Path, reason: str, now: datetime) -> Backup:
    """Back up the database, which may be in use; the newest backup instead if that holds the very same.

    RunError if it cannot be read, if there is no room, or if the copy is not sound; then nothing is left behind.
    """
    try:
        with closing(_opened(database)) as source:
            source.execute("BEGIN")  # the content and the copy are of the same moment
            content = content_of(source)
            newest = next(iter(backups(database)), None)
            # An update always gets its own: the others may be thinned away.
            if newest is not None and reason != "update" and _content_of_file(newest.path) == content:
                return newest
            name = f"{database.stem}-{__version__}-{now.astimezone(UTC).strftime(_MADE)}-{reason}.sqlite3"
            path = backups_folder(database) / name
            path.parent.mkdir(exist_ok=True, mode=0o700)
            _check_room(database, path.parent)
            _copy(source, path, content)
    except UNREADABLE as error:
        raise RunError(f"{database}: it could not be backed up ({error}); nothing was changed") from error
    except OSError as error:
        why = f"{error.filename or backups_folder(database)}: {(error.strerror or str(error)).lower()}"
        raise RunError(f"{why}; the database could not be backed up; make room or give access") from error
    thin(database, now)
    return find(database, name)


def _copy(source: sqlite3.Connection, path: Path, content: str) -> None:
    partial = path.with_name(path.name + PARTIAL)
    try:
        with closing(sqlite3.connect(partial)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, not three
        _flush(partial)
        fault = fault_of(partial)
        if not fault and _content_of_file(partial) != content:
            fault = "it holds something else than the database"
        if fault:
            raise RunError(f"{path}: this backup is not sound ({fault}), so it was not kept; check the disk")
        partial.replace(path)
    finally:
        for left in path.parent.glob(f"{partial.name}*"):
            left.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _check_room(database: Path, folder: Path) -> None:
    needed = sum(path.stat().st_size for path in (database, *_sidecars(database)) if path.is_file()) + SPARE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise RunError(
            f"{folder}: a backup needs {needed / 1e6:,.0f} MB, but {free / 1e6:,.0f} MB are free; make some room"
        )


def _opened(database: Path, *, changeable: bool = True) -> sqlite3.Connection:
    mode = "rw" if changeable else "ro"
    return sqlite3.connect(
        f"{database.absolute().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE, isolation_level=None
    )


def content_of(database: sqlite3.Connection) -> str:
    """SHA-256 [hex] of all tables and rows: the same content has the same one, whatever its pages look like."""
    digest = hashlib.sha256()
    tables = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    for name, sql in database.execute(tables).fetchall():
        digest.update(f"{name}\n{sql}\n".encode())
        quoted = str(name).replace('"', '""')
        for row in database.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608 (names cannot be parameters)
            digest.update(f"{row!r}\n".encode())
    return digest.hexdigest()


def _content_of_file(path: Path) -> str:
    """The content of a backup; empty if it cannot be read."""
    try:
        with closing(_opened(path, changeable=False)) as database:
            return content_of(database)
    except UNREADABLE:
        return ""


def fault_in(database: sqlite3.Connection) -> str:
    """What is wrong inside an open database, in SQLite's words; empty if all of it can be read and its indexes fit.

    Raises one of ``UNREADABLE`` where that is how SQLite says it.
    """
    found = str(database.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if found != "ok":
        return found
    content_of(database)  # texts that are no texts
    return ""


def fault_of(path: Path) -> str:
    """What is wrong with a backup, in SQLite's words; empty if it is sound."""
    try:
        with closing(_opened(path, changeable=False)) as database:
            return fault_in(database)
    except UNREADABLE as error:
        return str(error)


def kept(found: Iterable[Backup], now: datetime) -> list[Backup]:
    """Those of the backups that the rule keeps, newest first; see ``WHOLE``, ``DAYS``, ``UPDATES``, ``MOST``."""
    ordered = sorted(found, key=lambda one: (one.made, one.name), reverse=True)
    chosen = {one.path for one in ordered if now - one.made < WHOLE}
    chosen |= {one.path for one in [one for one in ordered if one.reason == "update"][:UPDATES]}
    spans: tuple[tuple[int, Callable[[datetime], Hashable]], ...] = (
        (DAYS, datetime.date),
        (WEEKS, lambda made: made.isocalendar()[:2]),
        (MONTHS, lambda made: (made.year, made.month)),
    )
    for most, span in spans:
        newest: dict[Hashable, Backup] = {}
        for one in ordered:
            newest.setdefault(span(one.made), one)
        chosen |= {one.path for one in list(newest.values())[:most]}
    result: list[Backup] = []
    for one in ordered:
        if one.path in chosen:
            if result and one.size + sum(other.size for other in result) > MOST:
                break  # what is older goes as well
            result.append(one)
    return result


def superfluous(database: Path, now: datetime) -> list[Backup]:
    """The backups that the rule does not keep."""
    found = backups(database)
    keep = {one.path for one in kept(found, now)}
    return [one for one in found if one.path not in keep]


def thin(database: Path, now: datetime) -> None:
    """Delete what the rule does not keep, and what a killed process left half-written a day ago."""
    for one in superfluous(database, now):
        one.path.unlink(missing_ok=True)
    for left in backups_folder(database).glob(f"*{PARTIAL}*"):
        with suppress(FileNotFoundError):
            if now.timestamp() - left.stat().st_mtime > WHOLE.total_seconds():
                left.unlink()


@dataclass(slots=True)
class Keeper:
    """Backs up every half hour if something changed; whoever serves the database calls ``look`` now and then."""

    database: Path
    _due: datetime | None = None
    _before: datetime | None = None

    def look(self, now: datetime) -> Backup | None:
        """The backup that holds the present content if it was time to look after that, else None.

        RunError if that fails; it is tried again in half an hour.
        """
        if self._due is None:
            newest = next(iter(backups(self.database)), None)
            soon = now + timedelta(minutes=1)  # a start has better things to do
            self._due = soon if newest is None else max(soon, min(newest.made, now) + EVERY)
        elif self._before is not None and now < self._before - EVERY:
            self._due = now + EVERY  # the clock was put back
        self._before = now
        if now < self._due:
            return None
        self._due = now + EVERY
        return back_up(self.database, "automatic", now)


def restore(database: Path, chosen: Backup, now: datetime) -> Path | None:
    """Put a backup in the place of the database, which nobody may have open; where the present one was kept.

    RunError if the backup is not sound or the present database cannot be kept; then nothing was changed.
    """
    fault = fault_of(chosen.path)
    if fault:
        raise RunError(f"{chosen.path}: this backup is not sound ({fault}); nothing was changed; choose another")
    before = _kept_first(database, now)
    put_in_place(database, chosen)
    return before


def _kept_first(database: Path, now: datetime) -> Path | None:
    if not database.is_file() or database.stat().st_size == 0:
        return None
    if fault_of(database):
        return set_aside(database, now)
    return back_up(database, "restore", now).path


def put_in_place(database: Path, chosen: Backup) -> None:
    """Make a copy of a backup the database; at every moment there is one, the old or the new."""
    partial = database.with_name(database.name + PARTIAL)
    try:
        shutil.copyfile(chosen.path, partial)
        _flush(partial)
        for sidecar in _sidecars(database):
            sidecar.unlink(missing_ok=True)  # they belong to the old one and would spoil the new one
        partial.replace(database)
    except OSError as error:
        raise RunError(f"{database}: {chosen.name} could not be put back ({error.strerror or error})") from error
    finally:
        partial.unlink(missing_ok=True)
    _flush_folder(database.parent)


def set_aside(database: Path, now: datetime) -> Path:
    """Keep a damaged database, with what belongs to it, in the folder ``damaged``; the original stays where it is."""
    folder = database.parent / "damaged"
    folder.mkdir(exist_ok=True, mode=0o700)
    target = folder / f"{database.stem}-{now.astimezone(UTC).strftime(_MADE)}{database.suffix}"
    try:
        for path in (database, *_sidecars(database)):
            if path.is_file():
                _keep(path, target.with_name(target.name + path.name.removeprefix(database.name)))
    except OSError as error:
        raise RunError(
            f"{database}: it is damaged and could not be kept in {folder} ({error.strerror or error}); make room, "
            "or move it away by hand"
        ) from error
    return target


def _keep(path: Path, target: Path) -> None:
    """A second name for the file takes no room; some file systems have none."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copy2(path, target)


def begin_anew(database: Path) -> None:
    """Remove a database that was set aside."""
    for path in (*_sidecars(database), database):
        path.unlink(missing_ok=True)


def _sidecars(database: Path) -> list[Path]:
    return [database.with_name(database.name + ending) for ending in ("-wal", "-shm", "-journal")]


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """Have new names survive a power cut; Windows does that by itself."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def order(database: Path, name: str) -> Backup:
    """Have a backup put back at the next start; RunError if there is none of that name or it is not sound."""
    chosen = find(database, name)
    fault = fault_of(chosen.path)
    if fault:
        raise RunError(f"{chosen.path}: this backup is not sound ({fault}); choose another")
    (backups_folder(database) / _ORDER).write_text(chosen.name, encoding="utf-8")
    return chosen


def ordered(database: Path) -> str:
    """Name of the backup that will be put back at the next start, or empty."""
    try:
        return (backups_folder(database) / _ORDER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def take_back_order(database: Path) -> None:
    """Nothing is to be put back."""
    (backups_folder(database) / _ORDER).unlink(missing_ok=True)
