"""The commands that ask an ensemble, or search by one."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from steeliq.cli.ensemble import Scheduler, Workers, ensembles, found
from steeliq.cli.options import DatasetPath, ScenarioName
from steeliq.errors import AnalysisError, Problem, QuestionError

WIDEST = 110
"""Letters of a line that is still read easily."""


@ensembles.command(short_help="Bands, sensitivities, tornado, discovery: tables and words.")
def analyse(
    ensemble: Annotated[Path, typer.Argument(metavar="NAME", help="Ensemble folder, or its name in your data folder.")],
    *,
    output: Annotated[
        list[str] | None, typer.Option(help="An output, e.g. emissions.scope1; may be given again (default: five).")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Year of all but the bands (default: the last).")] = None,
    above: Annotated[
        float | None, typer.Option(help="The target is missed above this value of the first output: find out where.")
    ] = None,
    below: Annotated[float | None, typer.Option(help="The target is missed below this value.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables (default: NAME/analysis).")] = None,
) -> None:
    """Analyse the finished members: write tables as CSV and Parquet, and say in words what they show."""
    from steeliq.ensemble.analysis.report import Target, write_findings
    from steeliq.ensemble.analysis.report import analyse as analysed
    from steeliq.ensemble.store import read_design, read_members, read_results

    if above is not None and below is not None:
        raise AnalysisError("a target is missed either above a value or below one; give --above or --below")
    folder = found(ensemble)
    findings = analysed(
        read_design(folder),
        read_members(folder),
        read_results(folder, areas=["world"]),
        outputs=output or (),
        year=year,
        target=None if above is None and below is None else Target(above, below),
    )
    place = out or folder / "analysis"
    write_findings(place, findings)
    _print(findings.sentences)
    print(f"Tables: {', '.join(findings.tables)}")
    print(place)


def search(
    scenario: ScenarioName,
    *,
    setting: Annotated[
        str,
        typer.Option(
            metavar="KEY", help="The setting that is sought, e.g. carbon.paths.WORLD or support.hydrogen.WORLD."
        ),
    ],
    start: Annotated[float, typer.Option("--from", help="Where to start: no effort.")],
    end: Annotated[float, typer.Option("--to", help="Where to end: the greatest effort. May lie below --from.")],
    output: Annotated[str, typer.Option(help="The output with a target, e.g. emissions.scope1.")],
    at_most: Annotated[float | None, typer.Option(help="The target is met at this value or below.")] = None,
    at_least: Annotated[float | None, typer.Option(help="The target is met at this value or above.")] = None,
    year: Annotated[int | None, typer.Option(help="Year of the target (default: the last).")] = None,
    area: Annotated[
        str, typer.Option(help="A country's code in place of the world, where there is such an output.")
    ] = "world",
    path: Annotated[
        str | None,
        typer.Option(
            metavar="YEAR=LEVEL,...", help="A path over years that the number sought multiplies, e.g. 2025=0,2050=100."
        ),
    ] = None,
    seeds: Annotated[
        str, typer.Option(metavar="N,...", help="Seeds of the agents; their mean must meet the target.")
    ] = "1",
    steps: Annotated[int, typer.Option(min=1, help="Equal steps in which the whole range is looked at first.")] = 4,
    tolerance: Annotated[
        float, typer.Option(min=0, help="How close to the turning point (default: a hundredth of the range).")
    ] = 0.0,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one setting of the scenario.")
    ] = None,
    dataset: DatasetPath = None,
    out: Annotated[Path | None, typer.Option(help="Folder (default: by what is sought, in your data folder).")] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on; trials that are complete are kept.")] = False,
) -> None:
    """Find the smallest carbon price, subsidy or other number with which a target is met.

    The whole range is looked at in equal steps, then the first step that ends in success is halved again and again.
    """
    from steeliq import terminal
    from steeliq.ensemble.engines import DaskCluster, LocalProcesses
    from steeliq.ensemble.search import Question, Target, lever_of, told
    from steeliq.ensemble.search_run import problems_with, run_search, unit_of_target
    from steeliq.paths import plain_name, searches_folder
    from steeliq.simulation.dataset import load
    from steeliq.simulation.scenario.files import load_scenario
    from steeliq.terminal_search import print_trials, trials_shown

    limit = at_most if at_least is None else at_least
    if limit is None or (at_most is not None and at_least is not None):
        raise typer.BadParameter("give one of --at-most and --at-least")
    base, facts = load_scenario(scenario, overrides or ()), load(dataset)
    target = Target(output, base.period.end if year is None else year, limit, at_least is not None, area)
    problems: list[Problem] = []
    lever = lever_of(base, setting, _path(path, problems))
    question = Question(base, lever, target, start, end, _seeds(seeds, problems), steps, tolerance)
    problems += problems_with(question, facts)
    if problems:
        raise QuestionError(str(target), problems)
    unit = unit_of_target(target, facts)
    folder = out or searches_folder() / plain_name(f"{output} {limit:g} {target.year} {setting} {base.name}")
    engine = DaskCluster(scheduler) if scheduler else LocalProcesses(workers)
    cancelled = terminal.interrupts("trials that are complete are kept")
    with trials_shown(question, unit) as tell:
        result = run_search(question, facts, folder, engine, resume=resume, tell=tell, cancelled=cancelled)
    print_trials(question, result, unit)
    _print(told(question, result, unit))
    print(folder if result.value is None else folder / "scenario.toml")
    if result.value is None:
        raise typer.Exit(1)


def _path(text: str | None, problems: list[Problem]) -> dict[int, float]:
    from steeliq.ensemble.search import path_of

    try:
        return path_of(text or "")
    except AnalysisError as error:
        problems.append(Problem("--path", 0, "", "", str(error)))
        return {}


def _seeds(text: str, problems: list[Problem]) -> tuple[int, ...]:
    if not re.fullmatch(r"\d{1,10}(,\d{1,10})*", text.replace(" ", "")):
        problems.append(Problem("--seeds", 0, "", text, "write whole numbers such as 1,2,3"))
        return (1,)
    return tuple(int(part) for part in text.split(","))


def _print(sentences: list[str]) -> None:
    width = min(WIDEST, shutil.get_terminal_size().columns)
    for sentence in sentences:
        indent = " " * (len(sentence) - len(sentence.lstrip()))
        print(textwrap.fill(sentence, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False))
