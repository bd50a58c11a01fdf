"""The commands of ensembles: many members of one design, on this machine's cores or a cluster."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from steeliq.cli.options import DatasetPath
from steeliq.errors import RunError

ensembles = typer.Typer(
    help="Ensembles: many members of one design, on this machine's cores or a cluster.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

DesignFile = Annotated[Path, typer.Argument(metavar="DESIGN", help="Design file (TOML), or the folder of an ensemble.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes at most (default: one per core).")]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler, e.g. tcp://host:8786, in place of processes.")
]
Folder = Annotated[Path, typer.Argument(metavar="ENSEMBLE", help="Ensemble folder, or its name in your data folder.")]


@ensembles.command(short_help="Write an example design, or check one.")
def design(
    file: Annotated[
        Path, typer.Argument(metavar="DESIGN", help="Design file; where there is none an example is written.")
    ],
    *,
    dataset: DatasetPath = None,
) -> None:
    """Check a design and say how many members it has; where there is no file, write one with comments to start from."""
    from steeliq.ensemble.checks import against
    from steeliq.ensemble.design import load_design
    from steeliq.ensemble.sampling import members
    from steeliq.simulation.dataset import load

    if not file.exists():
        from steeliq.atomic import write_text_atomically
        from steeliq.ensemble.example import EXAMPLE

        write_text_atomically(file, EXAMPLE)
        print(f"{file}: an example with comments; change it, check it by the same command, then 'steeliq ensemble run'")
        return
    facts = load(dataset)
    chosen = load_design(file, partial(against, dataset=facts))
    table = members(chosen)
    print(f"{chosen.name}: a valid design for {facts.title}")
    print(f"{len(table):,} members: {chosen.points:,} points, {len(chosen.agent_seeds)} of the agents' seeds each")
    for factor in chosen.factors:
        column = table[factor.name]
        if factor.numeric:
            span = f"{column.min():.6g} to {column.max():.6g}, median {column.median():.6g}"
        else:
            span = ", ".join(f"{value} ({count:,})" for value, count in column.value_counts().items())
        print(f"  {factor.name}: {span}")


@ensembles.command(short_help="Simulate all members of a design.")
def run(
    design: DesignFile,
    *,
    dataset: DatasetPath = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder (default: by the design's name, in your data folder).")
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    tries: Annotated[int, typer.Option(min=1, help="How often a member is tried if its worker is lost.")] = 3,
    resume: Annotated[bool, typer.Option("--resume", help="Compute the members that lack; failed ones again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON in the last line.")] = False,
) -> None:
    """Simulate all members of a design; each finished one is on disk at once. Ctrl+C keeps them; --resume goes on."""
    from steeliq import terminal
    from steeliq.ensemble.checks import against
    from steeliq.ensemble.design import load_design
    from steeliq.ensemble.engines import DaskCluster, LocalProcesses
    from steeliq.ensemble.execute import run_ensemble
    from steeliq.paths import ensembles_folder, plain_name
    from steeliq.simulation.dataset import load

    if (design / "design.toml").is_file():  # the folder of an ensemble that is to go on
        design, out = design / "design.toml", out or design
    facts = load(dataset)
    chosen = load_design(design, partial(against, dataset=facts))
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


@ensembles.command(short_help="Tell how far an ensemble is.")
def status(
    ensemble: Annotated[
        Path | None,
        typer.Argument(metavar="[ENSEMBLE]", help="Folder or name (default: list those in your data folder)."),
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print ensemble.json, with the members done, as one line.")
    ] = False,
) -> None:
    """Tell how far an ensemble is, what failed and why; without a name, list all."""
    from steeliq import terminal
    from steeliq.ensemble import store
    from steeliq.paths import ensembles_folder

    if ensemble is None:
        for path in sorted(ensembles_folder().glob("*/ensemble.json")):
            try:
                line = terminal.ensemble_line(store.read_document(path.parent))
            except RunError as error:  # the others are told all the same
                line = str(error)
            print(f"{path.parent.name:<40} {line}")
        return
    folder = found(ensemble)
    document = store.read_document(folder) | {"done": len(store.members_done(folder))}
    failures = store.read_failures(folder)
    if as_json:
        terminal.print_json(document | {"failures": failures})
        return
    print(f"{document['name']}: {terminal.ensemble_line(document)}")
    for failure in failures:
        print(f"  member {failure['member']} failed: {failure['message']}")
    print(folder)


@ensembles.command(short_help="Write members and outputs for other programs.")
def export(
    ensemble: Folder,
    *,
    csv: Annotated[bool, typer.Option("--csv", help="Two CSV files.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="One Excel workbook, outputs of the world only.")] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="Two Parquet files.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the files (default: ENSEMBLE/exports).")] = None,
) -> None:
    """Write the table of members and the outputs of all finished ones."""
    from steeliq.ensemble import exports

    if not any((csv, xlsx, parquet)):
        raise typer.BadParameter("choose at least one of --csv, --xlsx, --parquet")
    folder = found(ensemble)
    target = out or folder / "exports"
    for wanted, write in ((csv, exports.to_csv), (parquet, exports.to_parquet), (xlsx, exports.to_xlsx)):
        if wanted:
            for path in write(folder, target):
                print(path)


def found(folder: Path) -> Path:
    """An ensemble's folder, or its name in the data folder. Raises RunError."""
    from steeliq.paths import ensembles_folder

    for place in (folder, ensembles_folder() / folder):
        if (place / "ensemble.json").is_file():
            return place
    raise RunError(f"{folder}: there is no ensemble here or in {ensembles_folder()}; check the name")
