"""The command line: thin commands over the simulation; anything heavy is imported by the command that needs it.

Exit codes: 0 well, 1 failed, 2 refused (input or folder; nothing was written), 130 interrupted (resumable).
"""

from __future__ import annotations

import sys
from errno import EACCES, ENOSPC, ENOTDIR, EPERM, EROFS
from typing import Annotated

import typer

from steeliq import __version__
from steeliq.cli.analysis import search
from steeliq.cli.backups import backups
from steeliq.cli.ensemble import ensembles
from steeliq.cli.inputs import data, scenarios, sites
from steeliq.cli.options import FAILED, INTERRUPTED, REFUSED
from steeliq.cli.program import (
    desktop,
    diagnostics,
    doctor,
    info,
    install_shortcut,
    serve,
    uninstall_shortcut,
    update,
)
from steeliq.cli.runs import explain, export, run, verify
from steeliq.errors import AnalysisError, Cancelled, InputError, RunError, SteeliqError, UpdateError

CLOSED = (EACCES, ENOTDIR, EPERM, EROFS)  # nothing could be written there to begin with

app = typer.Typer(
    help="How the world's steel plants decarbonise, 2025-2050, plant by plant.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(short_help="The smallest value of a setting that meets a target.")(search)
app.command(short_help="Simulate a scenario; write tables and report.")(run)
app.command(short_help="What own power and hydrogen cost at the dataset's sites.")(sites)
app.command()(export)
app.command(short_help="Repeat a run from its own record and compare every table.")(verify)
app.command(short_help="Tell why a plant decided as it did.")(explain)
app.command(name="app")(desktop)
app.command()(serve)
app.command(short_help="Examine program, data and machine; say what to do.")(doctor)
app.command(short_help="Write one zip file for whoever helps you.")(diagnostics)
app.command("install-shortcut", short_help="Put steeliq into your menu.")(install_shortcut)
app.command("uninstall-shortcut", short_help="Take it away again.")(uninstall_shortcut)
app.command(short_help="Put another version beside this one; go back.")(update)
app.command()(info)
app.add_typer(data, name="data")
app.add_typer(scenarios, name="scenario")
app.add_typer(backups, name="backup")
app.add_typer(ensembles, name="ensemble")


def main() -> None:
    """Run the command line; errors a person can act on are told without a traceback."""
    try:
        app()
    except (InputError, RunError, UpdateError, AnalysisError) as error:
        _leave(str(error), REFUSED)
    except Cancelled as error:
        _leave(str(error), INTERRUPTED)
    except SteeliqError as error:
        _leave(str(error), FAILED)
    except OSError as error:
        _leave(_unwritable(error), REFUSED if error.errno in CLOSED else FAILED)


def _unwritable(error: OSError) -> str:
    """What the system refused, where, and what to do."""
    place = f"{error.filename}: " if error.filename else ""
    another = "another folder (--out, or STEELIQ_HOME for all of them)"
    full = "free some space, then go on with --resume; or begin anew in"
    advice = f"{full} {another}" if error.errno == ENOSPC else f"choose {another}"
    return f"{place}{(error.strerror or str(error)).lower()}; {advice}"


def _leave(message: str, code: int) -> None:
    print(f"steeliq: {message}", file=sys.stderr)
    sys.exit(code)


def _version(wanted: bool) -> None:  # noqa: FBT001 (the shape of an option's callback)
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """How the world's steel plants decarbonise, 2025-2050, plant by plant."""
