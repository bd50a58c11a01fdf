"""The commands of backups."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from steeliq.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

backups = typer.Typer(
    help="Backups of the app's database: names, notes and states of runs. Results lie in the runs' own folders.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@backups.command("create")
def create_backup() -> None:
    """Back up the database, also while the app runs, and check the copy."""
    from steeliq.webui.core.backups import back_up

    now = datetime.now(UTC)
    made = back_up(_database(), "asked", now)
    print(made.path)
    if made.made < now:
        print("Nothing has changed since this backup, so it is as good as a new one.")


@backups.command("list")
def list_backups() -> None:
    """List the backups, newest first, and whether each is sound."""
    from steeliq.paths import database_file
    from steeliq.webui.core.backups import backups as known
    from steeliq.webui.core.backups import backups_folder, fault_of

    found = known(database_file())
    for one in found:
        fault = fault_of(one.path)
        state = f"not sound: {fault}" if fault else one.why
        print(f"{one.name}  {one.made.astimezone():%Y-%m-%d %H:%M}  {one.size / 1e6:.1f} MB  {state}".rstrip())
    if not found:
        print(f"There is no backup in {backups_folder(database_file())}.")


@backups.command("restore")
def restore_backup(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name from 'steeliq backup list', or newest.")],
) -> None:
    """Put a backup back; the present database is kept. Refused while the app runs."""
    from filelock import FileLock, Timeout

    from steeliq.paths import LOCK, database_file
    from steeliq.webui.core.backups import find, restore

    chosen = find(database_file(), name)
    try:
        with FileLock(database_file().parent / LOCK, timeout=0):
            before = restore(database_file(), chosen, datetime.now(UTC))
    except Timeout as error:
        raise RunError(
            f"{database_file().parent}: steeliq runs on this data folder; stop it first, or choose the backup on its "
            "storage page to have it put back at the next start"
        ) from error
    print(f"{chosen.name} is the database now; at its next start steeliq takes in finished runs that it does not know.")
    if before is not None:
        print(f"The database from before is {before}")


def _database() -> Path:
    from steeliq.paths import database_file

    if not database_file().is_file():
        raise RunError(f"{database_file()}: there is no database yet; the app makes it when it is first started")
    return database_file()
