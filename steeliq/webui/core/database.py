"""The database at a start: sound or replaced by the newest sound backup, not of a later version, brought up to date.

The caller holds the lock of the data folder. Whatever is replaced is kept; whatever a person should know is told on
every page of this start.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from steeliq import __version__
from steeliq.errors import RunError
from steeliq.webui.core import backups
from steeliq.webui.core.backups import PATIENCE, Backup
from steeliq.webui.core.notices import tell
from steeliq.webui.core.places import check_place, worries

logger = logging.getLogger(__name__)

_TOLD: Final = "told.txt"
_NOT_DAMAGE: Final = {
    sqlite3.SQLITE_BUSY: "another program holds it; close that and start again",
    sqlite3.SQLITE_LOCKED: "another program holds it; close that and start again",
    sqlite3.SQLITE_FULL: "the disk is full; make room and start again",
    sqlite3.SQLITE_NOMEM: "there is not enough memory; close other programs and start again",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; give yourself access to it and its folder",
    sqlite3.SQLITE_PERM: "it cannot be opened; give yourself access to it and its folder",
    sqlite3.SQLITE_READONLY: "it cannot be written; give yourself access to it and its folder",
    sqlite3.SQLITE_IOERR: "its disk does not read or write; check the disk",
}
_DAMAGE: Final = frozenset({sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS})


class LaterVersionError(RunError):
    """The database was made by a later version of steeliq."""


def database_path() -> Path:
    """The file of the database."""
    return Path(str(connection.settings_dict["NAME"]))


def bring_up_to_date(now: datetime | None = None) -> None:
    """Leave a sound database of this version, or raise RunError in a sentence, and then nothing was changed.

    A backup that was ordered is put back. A damaged database is kept aside and replaced by the newest sound backup, or
    by a new one. Missing migrations are applied after a backup, which is put back should one fail.
    """
    now = now or datetime.now(UTC)
    path = database_path()
    connection.close()
    check_place(path.parent, path)
    _carry_out_order(path, now)
    _make_sound(path, now)
    _choose_journal(path)
    for subject, text in worries(path.parent).items():
        if subject == "room":  # another time it is another story
            tell(subject, text)
        else:
            _tell_once(path.parent, subject, text)


def _carry_out_order(path: Path, now: datetime) -> None:
    name = backups.ordered(path)
    if not name:
        return
    try:
        chosen = backups.find(path, name)
        before = backups.restore(path, chosen, now)
    except RunError as error:
        tell("order", f"The backup {name} was not put back: {error}")
    else:
        kept = f" The database from before is {before}." if before else ""
        tell("order", f"The backup of {_moment(chosen)} was put back.{kept}")
    backups.take_back_order(path)


def _make_sound(path: Path, now: datetime) -> None:
    """Try the database, then its backups from the newest, then a new one, until all of it can be used."""
    damage, aside = "", None
    put_back: Backup | None = None
    others = _after(backups.backups(path))
    while fault := _fault(path, is_first=aside is None) or _migrated(path, now, put_back) or _unreadable():
        connection.close()
        logger.error("%s is damaged: %s", put_back or path, fault)
        if aside is not None and put_back is None:
            raise RunError(f"{path}: not even a new database can be used ({fault}); check the disk of this folder")
        damage = damage or fault
        aside = aside or backups.set_aside(path, now)
        put_back = next(others)
        if put_back is None:
            backups.begin_anew(path)
        else:
            backups.put_in_place(path, put_back)
    if aside is not None:
        tell("database", _account(damage, aside, put_back))


def _after(found: list[Backup]) -> Iterator[Backup | None]:
    """Sound backups, then nothing for ever."""
    for one in found:
        fault = backups.fault_of(one.path)
        if not fault:
            yield one
        else:
            logger.error("%s is not sound: %s", one.path, fault)
    while True:
        yield None


def _account(damage: str, aside: Path, put_back: Backup | None) -> str:
    what = f"The database was damaged ({damage}); it is kept as {aside}."
    if put_back is None:
        done = "There was no sound backup, so a new one was begun. Names, notes, tags and stars of runs are lost."
    else:
        done = (
            f"The backup of {_moment(put_back)} was put back. Names, notes, tags and stars that were given later are "
            "lost."
        )
    return f"{what} {done} Results of runs are not: they lie in the runs' own folders."


def _moment(one: Backup) -> str:
    return f"{one.made.astimezone():%d %B %Y, %H:%M}"


def _fault(path: Path, *, is_first: bool, is_first_try: bool = True) -> str:
    """What is wrong with the file, in SQLite's words; empty if it is sound or there is none yet.

    RunError if it cannot be used for a reason that is no damage.
    """
    if not path.is_file():
        return ""
    if path.stat().st_size == 0:
        return "the file is empty" if is_first and backups.backups(path) else ""
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")  # it can be written
            database.execute("ROLLBACK")
            return backups.fault_in(database)
    except UnicodeDecodeError as error:
        return str(error)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        if _is_damage(code, path):
            return str(error)
        if is_first_try and code & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}:
            # It may have been moved to where write-ahead logging does not work.
            with suppress(sqlite3.Error):
                _leave_write_ahead(str(path))
                return _fault(path, is_first=is_first, is_first_try=False)
        raise RunError(f"{path}: {_NOT_DAMAGE[code & 0xFF]} ({error}); nothing was changed") from error


def _is_damage(code: int, path: Path) -> bool:
    if code & 0xFF == sqlite3.SQLITE_READONLY and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return True  # the file itself says so
    return code & 0xFF not in _NOT_DAMAGE or code in _DAMAGE


def _migrated(path: Path, now: datetime, put_back: Backup | None) -> str:
    """Apply what is missing; what is wrong with the list of what was applied, or empty.

    RunError if the database is of a later version or a migration fails; the database is as before then.
    """
    try:
        executor = MigrationExecutor(connection)
        _refuse_later(path, executor)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except LaterVersionError as error:
        if put_back is None:
            raise
        return str(error)  # a backup by a later version: try the one before it
    except OperationalError as error:
        if _is_locked(error):
            raise RunError(f"{path}: another program holds it; close that and start again") from error
        return str(error)
    except (DatabaseError, ValueError) as error:
        return str(error)
    if plan:
        _migrate(path, now)
    return ""


def _refuse_later(path: Path, executor: MigrationExecutor) -> None:
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    if not unknown:
        return
    names = ", ".join(sorted(".".join(one) for one in unknown))
    before = next((one for one in backups.backups(path) if one.reason == "update"), None)
    advice = f"use that version, or put back {before.name} with 'steeliq backup restore'" if before else "use that one"
    raise LaterVersionError(
        f"{path}: a later version of steeliq made this database ({names} are unknown to {__version__}); nothing was "
        f"changed; {advice}, or give STEELIQ_HOME another folder"
    )


def _migrate(path: Path, now: datetime) -> None:
    has_content = path.is_file() and path.stat().st_size > 0
    before = backups.back_up(path, "update", now) if has_content else None
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except Exception as error:
        connection.close()
        if before is None:
            raise RunError(f"{path}: no database could be made here ({error})") from error
        backups.put_in_place(path, before)
        raise RunError(
            f"{path}: it could not be brought up to version {__version__} ({error}); it is again as it was, and a "
            f"backup is {before.path}; use the version before this one, and report this"
        ) from error


def _is_locked(error: OperationalError) -> bool:
    code = getattr(error.__cause__, "sqlite_errorcode", 0)
    return code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _unreadable() -> str:
    """The first row that cannot be what steeliq wrote; empty if all can be read."""
    for model in apps.get_models():
        choices = [field for field in model._meta.concrete_fields if field.choices]  # noqa: SLF001 (documented)
        try:
            for row in model._default_manager.iterator():  # noqa: SLF001 (documented)
                for field in choices:
                    value = field.value_from_object(row)
                    if value not in {choice for choice, _ in field.flatchoices}:
                        return f"{model.__name__} {row.pk} has the {field.name} {value!r}"
        except (DatabaseError, ValueError, TypeError, ArithmeticError, LookupError) as error:
            return f"{model.__name__}: {error}"
    return ""


def _choose_journal(path: Path) -> None:
    """Write-ahead logging where the file system can do it; what the file got is read back."""
    connection.close()
    mode = set_journal(str(path))
    if mode != "wal":
        _tell_once(
            path.parent,
            "journal",
            f"The disk of {path.parent} does not offer what a database in use needs (write-ahead logging), so steeliq "
            f"works in a slower way there (journal mode {mode}). Set STEELIQ_HOME to a folder on this machine's disk.",
        )


def set_journal(file: str) -> str:
    """Set the journal mode of a database (a path or a ``file:`` address); the mode that it has then, lower case."""
    try:
        with closing(_opened(file)) as database:
            mode = str(database.execute("PRAGMA journal_mode=WAL").fetchone()[0])
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()  # some refuse only now
    except sqlite3.OperationalError as error:
        logger.warning("%s: no write-ahead log (%s)", file, error)
        mode = ""
    return mode if mode == "wal" else _leave_write_ahead(file)


def _leave_write_ahead(file: str) -> str:
    """Go back to a journal that needs no memory shared between processes; the mode."""
    with closing(_opened(file)) as database:
        database.execute("PRAGMA locking_mode=EXCLUSIVE")  # alone, a write-ahead log can be read without it
        return str(database.execute("PRAGMA journal_mode=DELETE").fetchone()[0])


def _opened(file: str) -> sqlite3.Connection:
    return sqlite3.connect(file, uri=file.startswith("file:"), timeout=PATIENCE, isolation_level=None)


def _tell_once(folder: Path, subject: str, text: str) -> None:
    """On every page of this start, and at later starts in the log only."""
    logger.warning(text)
    path = folder / _TOLD
    known = path.read_text(encoding="utf-8").split() if path.is_file() else []
    if subject not in known:
        tell(subject, text)
        path.write_text("\n".join([*known, subject]) + "\n", encoding="utf-8")


def close_up() -> None:
    """Write everything into the one file, so that a copy of the folder is whole; a database in use is left as it is."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
