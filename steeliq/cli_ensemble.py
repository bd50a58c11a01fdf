"""The commands of ensembles: many members of one design, on this machine's cores or a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from steeliq.errors import RunError

ensembles = typer.Typer(
    help="Ensembles: many members of one design, on this machine's cores or a cluster.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

DesignFile = Annotated[Path, typer.Argument(metavar="DESIGN", help="Design file (TOML); 'ensemble design' writes one.")]
DatasetPath = Annotated[
    Path | None, typer.Option("--dataset", help="Dataset folder or workbook (default: the reference dataset).")
]


@ensembles.command(short_help="Simulate all members of a design.")
def run(
    design: DesignFile,
    *,
    dataset: DatasetPath = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder (default: by the design's name, in your data folder).")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes at most (default: one per core).")] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler, e.g. tcp://host:8786, in place of processes.")
    ] = None,
    tries: Annotated[int, typer.Option(min=1, help="How often a member is tried if its worker is lost.")] = 3,
    resume: Annotated[bool, typer.Option("--resume", help="Compute the members that lack; failed ones again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON in the last line.")] = False,
) -> None:
    """Simulate all members of a design; each finished one is on disk at once. Ctrl+C keeps them; --resume goes on."""
    from steeliq import terminal
    from steeliq.ensemble.design import load_design
    from steeliq.ensemble.engines import DaskCluster, LocalProcesses
    from steeliq.ensemble.execute import run_ensemble
    from steeliq.paths import ensembles_folder, plain_name
    from steeliq.simulation.dataset import load

    chosen, facts = load_design(design), load(dataset)
    folder = out or ensembles_folder() / plain_name(chosen.name)
    cancelled = terminal.interrupts("members that are finished are kept")
    engine = DaskCluster(scheduler) if scheduler else LocalProcesses(workers)
    with terminal.members_shown() as progress:
        summary = run_ensemble(
            chosen, facts, folder, engine, resume=resume, tries=tries, progress=progress, cancelled=cancelled
        )
    if as_json:
        terminal.print_json(terminal.ensemble_figures(summary))
    else:
        terminal.print_ensemble(summary)
    if summary.failed:
        raise typer.Exit(1)


def found(folder: Path) -> Path:
    """An ensemble's folder, or its name in the data folder. Raises RunError."""
    from steeliq.paths import ensembles_folder

    for place in (folder, ensembles_folder() / folder):
        if (place / "ensemble.json").is_file():
            return place
    raise RunError(f"{folder}: there is no ensemble here or in {ensembles_folder()}; check the name")
