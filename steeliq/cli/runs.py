"""The commands of runs: simulate, export, repeat, explain."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from steeliq.cli.options import FAILED, DatasetPath, Overrides
from steeliq.errors import Cancelled, InputError, Problem, RunError, ScenarioError, SteeliqError

RunName = Annotated[Path, typer.Argument(metavar="RUN", help="Run folder, or its name in your data folder.")]


def run(
    *,
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="A preset or a TOML file (default: reference).")
    ] = None,
    years: Annotated[str | None, typer.Option(metavar="FIRST-LAST", help="Simulated years, e.g. 2025-2050.")] = None,
    dataset: DatasetPath = None,
    out: Annotated[Path | None, typer.Option(help="Run folder (default: a new one in your data folder).")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random draws.")] = None,
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out, or the newest one.")] = False,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Write the HTML report at the end.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON in the last line.")] = False,
) -> None:
    """Simulate a scenario year by year and write its tables and report."""
    from steeliq import terminal

    try:
        changes = [*(overrides or []), *_years(years), *([] if seed is None else [f"seed={seed}"])]
        folder = _newest_unfinished() if resume and out is None else out
        if resume and scenario is None and folder is not None and (folder / "scenario.toml").is_file():
            scenario = str(folder / "scenario.toml")
        _simulate(scenario or "reference", changes, dataset, folder, resume=resume, report=report, as_json=as_json)
    except SteeliqError as error:
        if as_json:
            refused = isinstance(error, InputError | RunError)
            status = "cancelled" if isinstance(error, Cancelled) else "refused" if refused else "failed"
            terminal.print_json({"status": status, "error": str(error)})
        raise


def _simulate(
    name: str,
    changes: list[str],
    dataset: Path | None,
    folder: Path | None,
    *,
    resume: bool,
    report: bool,
    as_json: bool,
) -> None:
    from steeliq import terminal
    from steeliq.simulation.scenario.files import load_scenario

    chosen = load_scenario(name, changes)
    from steeliq.paths import run_folder
    from steeliq.simulation.dataset import load
    from steeliq.simulation.run import run as simulate

    facts = load(dataset)
    folder = folder or run_folder(chosen.name, datetime.now().astimezone())
    with terminal.progress_shown() as progress:
        summary = simulate(
            chosen,
            facts,
            folder,
            resume=resume,
            progress=progress,
            cancelled=terminal.interrupts("years that are complete are kept"),
        )
    page = str(_write_report(folder)) if report else ""
    if as_json:
        terminal.print_notes(summary)
        terminal.print_json(terminal.figures(summary))
    else:
        terminal.print_summary(summary, page)


def _write_report(folder: Path, out: Path | None = None) -> Path:
    from steeliq.simulation.results.report import write_report

    return write_report(folder, out)


def _years(text: str | None) -> list[str]:
    """``FIRST-LAST`` or one year as overrides."""
    if text is None:
        return []
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text.strip())
    if not found:
        rule = "write FIRST-LAST such as 2025-2050, or one year"
        raise ScenarioError("--years", [Problem("--years", 0, "", text, rule)])
    return [f"period.start={found[1]}", f"period.end={found[2] or found[1]}"]


def _newest_unfinished() -> Path:
    """The newest run of the data folder that is not complete."""
    from steeliq.paths import runs_folder
    from steeliq.simulation.results.provenance import read_run_json

    for path in sorted(runs_folder().glob("*/run.json"), key=lambda file: file.stat().st_mtime, reverse=True):
        if read_run_json(path.parent)["status"] != "complete":
            return path.parent
    raise RunError(f"{runs_folder()}: every run here is complete; name the folder to go on with: --out DIR --resume")


def _found(run: Path) -> Path:
    """What was named, or the run of that name in the data folder, which need not be there."""
    from steeliq.paths import runs_folder

    return run if run.exists() else runs_folder() / run


def export(
    run_dir: RunName,
    *,
    iamc: Annotated[bool, typer.Option("--iamc", help="One CSV in the IAMC format.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="One Excel workbook, without the decisions' reasons.")] = False,
    reasons: Annotated[
        bool, typer.Option("--reasons", help="In the workbook, every decision's reasons too: twice as long.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="A CSV file for each table.")] = False,
    html: Annotated[bool, typer.Option("--html", help="The report as one HTML file.")] = False,
    crate: Annotated[bool, typer.Option("--crate", help="One zip for repositories (Process Run Crate).")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the files (default: RUN/exports).")] = None,
) -> None:
    """Write a run's results for other programs."""
    from steeliq.simulation.results.provenance import read_run_json

    if not any((iamc, xlsx, csv, html, crate)):
        raise typer.BadParameter("choose at least one of --iamc, --xlsx, --csv, --html, --crate")
    if reasons and not xlsx:
        raise typer.BadParameter("--reasons goes with --xlsx; the CSV files hold every decision's reasons anyway")
    folder = _found(run_dir)
    read_run_json(folder)
    from steeliq.simulation.results import export as exports

    target = out or folder / "exports"
    if iamc:
        exports.to_iamc(folder, target / "iamc.csv")
        print(target / "iamc.csv")
    if xlsx:
        print(exports.to_xlsx(folder, target / "results.xlsx", reasons=reasons))
    if csv:
        exports.to_csv(folder, target / "csv")
        print(target / "csv")
    if html:
        print(_write_report(folder, target / "report.html"))
    if crate:
        from steeliq.simulation.results.crate import to_crate
        from steeliq.verify.sources import find_dataset

        dataset = find_dataset(str(read_run_json(folder)["dataset"]["hash"]))
        print(to_crate(folder, target / "run-crate.zip", dataset=dataset))
        if dataset is None:
            print("The run's dataset is not here, so it is not in the crate.", file=sys.stderr)


def verify(
    source: Annotated[
        Path, typer.Argument(metavar="RUN|BUNDLE", help="Run folder, its name in your data folder, or a .steeliq file.")
    ],
    *,
    dataset: Annotated[
        Path | None, typer.Option(help="The run's dataset (default: looked for by its hash; a bundle holds it).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the certificate (default: in the run folder, or beside the bundle).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the certificate as one line of JSON.")] = False,
) -> None:
    """Repeat a run from its own record, compare every table, and write a certificate.

    Three outcomes: identical, or same decisions with numbers within tolerance (exit code 0); different (exit code 1).
    """
    from steeliq import terminal
    from steeliq.verify import certificate
    from steeliq.verify import verify as repeat

    path = _found(source)
    with terminal.progress_shown() as progress:
        verdict = repeat(
            path,
            dataset=dataset,
            progress=progress,
            cancelled=terminal.interrupts("the run is as it was", "verify it at any time"),
        )
    folder, prefix = (path, "") if path.is_dir() else (path.parent, f"{path.stem}-")
    if as_json:
        terminal.print_json(certificate.document_of(verdict, datetime.now().astimezone()))
    else:
        print(f"{verdict.headline}. {verdict.sentence}")
        if verdict.why_not_strictly:
            print(f"Not every bit had to agree: {'; '.join(verdict.why_not_strictly)}.")
    # The verdict has been told: a certificate for which there is no room or right does not cost it.
    page = certificate.write_certificate(verdict, out or folder, prefix=prefix)
    if not as_json:
        print(f"Certificate: {page}")
    if not verdict.is_good:
        raise typer.Exit(FAILED)


def explain(
    run_dir: RunName,
    *,
    plant: Annotated[
        str,
        typer.Option(
            metavar="ID", help="Plant or furnace group: its id, or a plant's name; SITE-... for projects at a site."
        ),
    ],
    year: Annotated[int | None, typer.Option(help="Only this year, also what was looked at and left as it is.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one line of JSON.")] = False,
) -> None:
    """Tell every decision of a plant in words and numbers: what it was worth, and why nothing else was done."""
    from steeliq import terminal
    from steeliq.simulation.results import explanations
    from steeliq.simulation.results.labels import read_labels
    from steeliq.simulation.results.tables import read_table, years_done

    folder = _found(run_dir)
    tables = {name: read_table(folder, name) for name in explanations.TABLES}
    years = years_done(folder)
    if year is not None and year not in years:
        span = f"it has {years[0]} to {years[-1]}" if years else "it has no complete year yet"
        raise RunError(f"{folder}: there is no year {year} in this run; {span}")
    try:
        groups = explanations.find_groups(tables, read_labels(folder), plant)
    except ValueError as error:
        raise RunError(f"{folder}: {error}") from error
    found = explanations.explain(tables, groups, year)
    if as_json:
        terminal.print_json(explanations.document(found))
    else:
        terminal.print_explanations(found, plant, year)
