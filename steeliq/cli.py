"""The command line: thin commands over the simulation; anything heavy is imported by the command that needs it.

Exit codes: 0 well, 1 failed, 2 refused (input or folder; nothing was written), 130 interrupted (resumable).
"""

from __future__ import annotations

import re
import sys
from datetime import datetime
from errno import EACCES, ENOSPC, ENOTDIR, EPERM, EROFS
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from steeliq import __version__
from steeliq.cli_analysis import search
from steeliq.cli_ensemble import ensembles
from steeliq.errors import (
    AnalysisError,
    Cancelled,
    DatasetError,
    InputError,
    Problem,
    RunError,
    ScenarioError,
    SteeliqError,
    UpdateError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from steeliq.simulation.scenario import Scenario

FAILED, REFUSED, INTERRUPTED = 1, 2, 130
CLOSED = (EACCES, ENOTDIR, EPERM, EROFS)  # nothing could be written there to begin with

app = typer.Typer(
    help="How the world's steel plants decarbonise, 2025-2050, plant by plant.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data = typer.Typer(help="Datasets.", no_args_is_help=True, rich_markup_mode=None)
scenarios = typer.Typer(help="Scenarios.", no_args_is_help=True, rich_markup_mode=None)
backups = typer.Typer(
    help="Backups of the app's database: names, notes and states of runs. Results lie in the runs' own folders.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(data, name="data")
app.add_typer(scenarios, name="scenario")
app.add_typer(backups, name="backup")
app.add_typer(ensembles, name="ensemble")
app.command(short_help="The smallest value of a setting that meets a target.")(search)

ScenarioName = Annotated[str, typer.Argument(metavar="SCENARIO", help="A preset (see 'scenario list') or a TOML file.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one setting, e.g. carbon.scenario=none.")
]
DatasetPath = Annotated[
    Path | None, typer.Option("--dataset", help="Dataset folder or workbook (default: the reference dataset).")
]


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
    advice = "free some space, then go on with --resume" if error.errno == ENOSPC else "choose another folder"
    return f"{place}{(error.strerror or str(error)).lower()}; {advice} (--out, or STEELIQ_HOME for all runs)"


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


@app.command(short_help="Simulate a scenario; write tables and report.")
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


@data.command("check")
def check_data(
    path: Annotated[Path, typer.Argument(help="Dataset folder, datapackage.json or Excel workbook.")],
) -> None:
    """Check a dataset and list everything that is wrong with it."""
    from steeliq.simulation.dataset import load

    facts = load(path)
    counts = {
        table: len(facts[table]) for table in ("countries", "plants", "furnace_groups", "technologies", "sources")
    }
    print(f"{facts.title} {facts.version}: a valid dataset")
    print(", ".join(f"{count:,} {table.replace('_', ' ')}" for table, count in counts.items()))
    print(f"hash {facts.hash}")


@scenarios.command("list")
def list_scenarios() -> None:
    """List the presets."""
    import textwrap

    from steeliq.simulation.scenario.files import presets

    for preset in presets():
        print(preset.name)
        print(textwrap.fill(preset.description, 100, initial_indent="    ", subsequent_indent="    "))


@scenarios.command("show")
def show_scenario(
    scenario: ScenarioName,
    overrides: Overrides = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Every setting, not only those that differ.")] = False,
) -> None:
    """Print a scenario as TOML: what differs from the default, with its base resolved."""
    from steeliq.simulation.scenario.files import load_scenario, to_toml

    print(to_toml(load_scenario(scenario, overrides or ()), full=full), end="")


@scenarios.command("schema")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files, with units."""
    import json

    from steeliq.simulation.scenario.files import json_schema

    print(json.dumps(json_schema(), indent=2))


def _names_in(dataset: Path | None) -> Callable[[Scenario], list[Problem]]:
    """What a scenario names that the dataset does not hold; nothing if the dataset cannot be read (told later)."""

    def unknown(scenario: Scenario) -> list[Problem]:
        from steeliq.simulation.dataset import load
        from steeliq.simulation.market.conditions import check_names
        from steeliq.simulation.paths import Areas

        try:
            facts = load(dataset)
            check_names(facts.tables, Areas.of(facts["countries"], facts["blocs"]), scenario)
        except ScenarioError as error:
            return list(error.problems)
        except DatasetError:
            return []
        return []

    return unknown


@scenarios.command("check")
def check_scenario(scenario: ScenarioName, overrides: Overrides = None, dataset: DatasetPath = None) -> None:
    """Check a scenario, also against the names in the dataset."""
    from steeliq.simulation.scenario.files import differences, load_scenario

    chosen: Scenario = load_scenario(scenario, overrides or (), _names_in(dataset))
    from steeliq.simulation.dataset import load
    from steeliq.simulation.inputs import compile_inputs

    facts = load(dataset)
    compile_inputs(facts, chosen)
    groups = sorted(set(differences(chosen)) - {"name", "description"})
    print(f"{chosen.name}: a valid scenario for {facts.title}; differs in {', '.join(groups) or 'nothing'}")


@app.command(short_help="What own power and hydrogen cost at the dataset's sites.")
def sites(
    scenario: ScenarioName = "reference",
    *,
    overrides: Overrides = None,
    dataset: DatasetPath = None,
    profiles: Annotated[
        Path | None,
        typer.Option(help="Parquet file with real hours of sun and wind (docs/data.md) in place of synthetic ones."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="CSV file with all sites and years.")] = None,
) -> None:
    """Find the cheapest solar, wind and battery for round-the-clock power at every site, and price hydrogen there."""
    from steeliq.simulation.dataset import load
    from steeliq.simulation.inputs import compile_inputs
    from steeliq.simulation.scenario.files import load_scenario

    chosen = load_scenario(scenario, [*(overrides or ()), "siting.enabled=true"])
    found = compile_inputs(load(dataset), chosen, profiles).sites
    assert found is not None, "siting is on"  # noqa: S101 (set above)
    table = found.table()
    if out is not None:
        from steeliq.atomic import write_text_atomically

        write_text_atomically(out, table.round(4).to_csv(index=False, lineterminator="\n"))
        print(out)
        return
    print(f"{'cheapest power':<26}{'year':>6}{'LCOE':>10}{'grid':>8}{'hydrogen':>10}   for 1 MW: solar, wind, battery")
    for year in sorted({int(table["year"].min()), int(table["year"].max())}):
        for row in table[table["year"] == year].nsmallest(10, "lcoe_usd_per_mwh").to_dict("records"):
            print(
                f"{row['site']:<26}{year:>6}{row['lcoe_usd_per_mwh']:>10.1f}{row['grid_usd_per_mwh']:>8.1f}"
                f"{row['hydrogen_usd_per_kg']:>10.2f}   {row['solar_mw']:.1f} MW, {row['wind_mw']:.1f} MW, "
                f"{row['battery_mwh']:.1f} MWh"
            )
    print("USD/MWh and USD/kg; all sites and years: --out FILE")


@app.command()
def export(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder, or its name in your data folder.")],
    *,
    iamc: Annotated[bool, typer.Option("--iamc", help="One CSV in the IAMC format.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="One Excel workbook.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="A CSV file for each table.")] = False,
    html: Annotated[bool, typer.Option("--html", help="The report as one HTML file.")] = False,
    crate: Annotated[bool, typer.Option("--crate", help="One zip for repositories (Process Run Crate).")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the files (default: RUN/exports).")] = None,
) -> None:
    """Write a run's results for other programs."""
    from steeliq.paths import runs_folder
    from steeliq.simulation.results.provenance import read_run_json

    if not any((iamc, xlsx, csv, html, crate)):
        raise typer.BadParameter("choose at least one of --iamc, --xlsx, --csv, --html, --crate")
    folder = run_dir if run_dir.exists() else runs_folder() / run_dir
    read_run_json(folder)
    from steeliq.simulation.results import export as exports

    target = out or folder / "exports"
    if iamc:
        exports.to_iamc(folder, target / "iamc.csv")
        print(target / "iamc.csv")
    if xlsx:
        print(exports.to_xlsx(folder, target / "results.xlsx"))
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


@app.command(short_help="Repeat a run from its own record and compare every table.")
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
    from steeliq.paths import runs_folder
    from steeliq.verify import certificate
    from steeliq.verify import verify as repeat

    path = source if source.exists() else runs_folder() / source
    with terminal.progress_shown() as progress:
        verdict = repeat(
            path,
            dataset=dataset,
            progress=progress,
            cancelled=terminal.interrupts("the run is as it was", "verify it at any time"),
        )
    folder, prefix = (path, "") if path.is_dir() else (path.parent, f"{path.stem}-")
    page = certificate.write_certificate(verdict, out or folder, prefix=prefix)
    if as_json:
        terminal.print_json(certificate.document_of(verdict, datetime.now().astimezone()))
    else:
        print(f"{verdict.headline}. {verdict.sentence}")
        if verdict.why_not_strictly:
            print(f"Not every bit had to agree: {'; '.join(verdict.why_not_strictly)}.")
        print(f"Certificate: {page}")
    if not verdict.is_good:
        raise typer.Exit(FAILED)


@app.command(short_help="Tell why a plant decided as it did.")
def explain(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder, or its name in your data folder.")],
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
    from steeliq.paths import runs_folder
    from steeliq.simulation.results import explanations
    from steeliq.simulation.results.labels import read_labels
    from steeliq.simulation.results.tables import read_table, years_done

    folder = run_dir if run_dir.exists() else runs_folder() / run_dir
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


@app.command(name="app")
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

    raise typer.Exit(open_app(file=file, gui=gui, workers=workers, announce=lambda line: print(line, flush=True)))


@app.command()
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


@app.command(short_help="Examine program, data and machine; say what to do.")
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


@app.command(short_help="Write one zip file for whoever helps you.")
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


@app.command("install-shortcut", short_help="Put steeliq into your menu.")
def install_shortcut() -> None:
    """Put steeliq with its icon into your menu and let it open *.steeliq files; for you only."""
    from steeliq.desktop.shortcut.install import install

    for line in install():
        print(line)


@app.command("uninstall-shortcut", short_help="Take it away again.")
def uninstall_shortcut() -> None:
    """Take away exactly what install-shortcut made."""
    from steeliq.desktop.shortcut.install import uninstall

    for line in uninstall():
        print(line)


@app.command(short_help="Put another version beside this one; go back.")
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


@backups.command("create")
def create_backup() -> None:
    """Back up the database, also while the app runs, and check the copy."""
    from datetime import UTC

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
    from datetime import UTC

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


@app.command()
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
