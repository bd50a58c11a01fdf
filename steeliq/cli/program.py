"""The commands of steeliq as a program on this machine: open, examine, install, update."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from steeliq import __version__
from steeliq.cli.options import FAILED


def desktop(
    *,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A run bundle (.steeliq) to open.")] = None,
    gui: Annotated[
        str, typer.Option(help="How to show it: qt, edgechromium, cocoa, gtk or browser (default: what fits here).")
    ] = "",
    workers: Annotated[
        int | None, typer.Option(min=0, max=16, help="Runs at the same time (default: one or two).")
    ] = None,
) -> None:
    """Open the app in a window of its own, or in the browser where no window can open."""
    from steeliq.desktop.app import app as open_app
    from steeliq.desktop.app import leave

    leave(open_app(file=file, gui=gui, workers=workers, announce=lambda line: print(line, flush=True)))


def serve(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine (default: a free one).")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the system's browser.")] = True,
    workers: Annotated[
        int | None, typer.Option(min=0, max=16, help="Runs at the same time (default: one or two).")
    ] = None,
) -> None:
    """Serve the web app to a browser on this machine until interrupted."""
    from steeliq.desktop.serve import serve as serve_app

    serve_app(port=port, browser=browser, workers=workers, announce=lambda line: print(line, flush=True))


def doctor(
    *,
    full: Annotated[bool, typer.Option("--full", help="Compare every byte of a kit, not only sizes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as one line of JSON.")] = False,
) -> None:
    """Examine the program, your data and this machine: what is wrong, and what to do about it."""
    from steeliq.desktop.doctor.examination import main as examine

    options = [name for name, wanted in (("--full", full), ("--json", as_json)) if wanted]
    if examine(options):
        raise typer.Exit(FAILED)


def diagnostics(
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="The file (default: a new one here).")] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Also names, notes, scenarios and whole logs, as they are.")
    ] = False,
) -> None:
    """Write one zip file for whoever helps you; without your data, names and folders unless asked for."""
    from steeliq.desktop.diagnostics import default_name, write_diagnostics

    path = write_diagnostics(out or Path.cwd() / default_name(), with_data=with_data)
    print(path)
    print("Nothing was sent. Look into it before you pass it on.")


def install_shortcut() -> None:
    """Put steeliq with its icon into your menu and let it open *.steeliq files; for you only."""
    from steeliq.desktop.shortcut.install import install

    for line in install():
        print(line)


def uninstall_shortcut() -> None:
    """Take away exactly what install-shortcut made."""
    from steeliq.desktop.shortcut.install import uninstall

    for line in uninstall():
        print(line)


def update(
    *,
    archive: Annotated[
        Path | None, typer.Option("--from", metavar="ARCHIVE", help="The kit's archive (.tar.zst or .zip).")
    ] = None,
    sha256: Annotated[
        str | None, typer.Option(metavar="HEX", help="SHA-256 of the archive (default: from the file beside it).")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder of kits (default: the one that holds this kit).")
    ] = None,
    allow_older: Annotated[
        bool, typer.Option("--allow-older", help="Also an older version, which refuses newer data.")
    ] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to the version before.")] = False,
    show: Annotated[bool, typer.Option("--list", help="Show the versions that are there.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Delete those before the one before.")] = False,
) -> None:
    """Put another version beside this one, from its archive; it is used from the next start on.

    Nothing is fetched. The archive is checked, unpacked, compared with its list of files and tried before it is used;
    the version from before stays, and --rollback goes back to it.
    """
    from steeliq.desktop.update import update as updates

    if sum((archive is not None, rollback, show, prune)) != 1:
        raise typer.BadParameter("choose one of --from ARCHIVE, --rollback, --list, --prune")
    if show:
        _show_kits(to)
    elif prune:
        updates.prune(to, _say)
    elif archive is not None:
        updates.update(archive, sha256=sha256, to=to, allow_older=allow_older, tell=_say)
    else:
        updates.go_back(to, _say)


def _say(line: str) -> None:
    print(line, flush=True)


def _show_kits(to: Path | None) -> None:
    from steeliq.desktop.update.update import listed

    folder, found, pointer = listed(to)
    for kit in found:
        state = {pointer.active: "in use", pointer.previous: "the one before"}.get(kit.folder.name, "")
        told = f"its list of files is damaged: {kit.fault}" if kit.fault else f"{kit.size / 1e6:,.0f} MB"
        print(f"{kit.folder.name:<24} {kit.version:<10} {kit.platform:<12} {told:<10} {state}".rstrip())
    if not found:
        print(f"There is no kit in {folder}.")


def info() -> None:
    """Show versions, folders and the reference dataset."""
    import platform

    from steeliq.paths import data_folder, runs_folder
    from steeliq.simulation.dataset import load
    from steeliq.simulation.results.provenance import PACKAGES, commit, installed
    from steeliq.simulation.scenario.files import preset_names

    facts = load()
    runs = list(runs_folder().glob("*/run.json"))
    lines = {
        "steeliq": f"{__version__} {commit()[:12]}".rstrip(),
        "Python": f"{platform.python_version()} on {platform.platform()}",
        "Packages": ", ".join(f"{name} {installed(name)}" for name in PACKAGES if name != "steeliq"),
        "Reference dataset": f"{facts.version}, {len(facts['furnace_groups']):,} furnace groups, {facts.hash[:12]}",
        "Presets": ", ".join(preset_names()),
        "Data folder": str(data_folder()),
        "Runs": f"{len(runs)} in {runs_folder()}",
    }
    for name, text in lines.items():
        print(f"{name + ':':<19} {text}")
