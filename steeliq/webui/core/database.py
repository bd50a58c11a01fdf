"""The database at a start: refuse one of a later version, keep a copy before it is changed, bring it up to date."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from steeliq import __version__
from steeliq.errors import RunError

KEPT = 5
"""Copies from before a change that are kept."""


def bring_up_to_date() -> None:
    """Apply what is missing; RunError if the database is damaged or was made by a later version."""
    path = Path(str(connection.settings_dict["NAME"]))
    existed = path.is_file() and path.stat().st_size > 0
    try:
        executor = MigrationExecutor(connection)
        unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
        if unknown:
            names = ", ".join(sorted(".".join(one) for one in unknown))
            raise RunError(
                f"{path}: a later version of steeliq made this database ({names} are unknown to {__version__}); "
                "nothing was changed; use that version, or give STEELIQ_HOME another folder"
            )
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            if existed:
                keep_copy(path)
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise RunError(
            f"{path}: the database cannot be used ({error}); your runs' files are not touched; put back a copy from "
            f"{path.parent / 'backups'}, or move the database away to begin a new one"
        ) from error


def keep_copy(path: Path) -> Path:
    """A sound copy of a database that may be in use, as one file; older copies are thinned."""
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True, mode=0o700)
    copy = folder / f"{path.stem}-{__version__}-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}{path.suffix}"
    partial = copy.with_suffix(".partial")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    partial.replace(copy)
    for old in sorted(folder.glob(f"{path.stem}-*{path.suffix}"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
        old.unlink()
    return copy


def close_up() -> None:
    """Write everything into the one file, so that a copy of the folder is whole; a database in use is left as it is."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
