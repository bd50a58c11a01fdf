"""How a run looks in a terminal: progress on the error stream, the summary on the output stream."""

from __future__ import annotations

import json
import signal
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from steeliq.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from steeliq.ensemble.execute import EnsembleSummary
    from steeliq.ensemble.execute import Progress as Members
    from steeliq.simulation.results.explanations import Explanation
    from steeliq.simulation.run import Progress as Reached
    from steeliq.simulation.run_record import RunSummary

MILESTONES = (2030, 2035, 2040, 2045)


def remaining(elapsed: float, begun: float, fraction: float) -> str:
    """Time left in words, from the seconds since the part ``begun`` of the whole was reached.

    >>> remaining(30.0, 0.0, 0.25), remaining(1.0, 0.5, 0.5)
    ('1:30 left', '')
    """
    if fraction <= begun:
        return ""
    left = round(elapsed * (1 - fraction) / (fraction - begun))
    return f"{left // 60}:{left % 60:02d} left"


def interrupts(kept: str) -> Callable[[], bool]:
    """Ctrl-C and SIGTERM ask to stop; a second Ctrl-C stops it at once."""
    asked = False

    def ask(_number: int, _frame: object) -> None:
        nonlocal asked
        if asked:
            raise Cancelled(f"stopped at once; {kept}; go on with --resume")
        asked = True
        print(f"stopping; {kept} ...", file=sys.stderr, flush=True)

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return lambda: asked


@contextmanager
def progress_shown() -> Iterator[Callable[[Reached], None]]:
    """A callback that shows a bar (in a terminal) or one line a year (in a log), on the error stream."""
    console = Console(stderr=True)
    since, begun, year = monotonic(), -1.0, 0

    def estimate(reached: Reached) -> str:
        nonlocal since, begun
        if begun < 0:  # a resumed run begins in the middle
            since, begun = monotonic(), reached.fraction
        return remaining(monotonic() - since, begun, reached.fraction)

    def line(reached: Reached) -> None:
        nonlocal year
        left = estimate(reached)
        if reached.year != year:
            year = reached.year
            print(f"{year}  {reached.fraction:4.0%}  {left}".rstrip(), file=sys.stderr, flush=True)

    if not console.is_terminal:
        yield line
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %  {task.fields[left]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0, left="")

        def show(reached: Reached) -> None:
            text = f"{reached.year}  {reached.stage:<16}"
            bar.update(task, completed=reached.fraction, description=text, left=estimate(reached))

        yield show


def figures(summary: RunSummary) -> dict[str, Any]:
    """The run in one JSON object; production in Mt by year and process, emissions in MtCO2e by year and scope."""
    from steeliq.simulation.totals import emissions_mt, production_mt

    return {
        "status": summary.status,
        "scenario": summary.scenario,
        "years": list(summary.years),
        "wall_s": summary.seconds,
        "solver_s": summary.solver_seconds,
        "peak_rss_mb": summary.peak_memory_mb,
        "audit_worst": summary.audit_worst,
        "run_dir": str(summary.run_dir),
        "dataset_hash": summary.dataset_hash,
        "production_mt": production_mt(summary.run_dir),
        "emissions_mt": emissions_mt(summary.run_dir),
    }


def print_notes(summary: RunSummary, console: Console | None = None) -> None:
    """What the reader should know of how the run went (default: on the error stream)."""
    for note in summary.notes:
        (console or Console(stderr=True)).print(f"Note: {note}.", soft_wrap=True, highlight=False)


def print_explanations(found: Sequence[Explanation], plant: str, year: int | None) -> None:
    """Every decision with its sentences, the fate of every course, and the parts of the best NPVs side by side."""
    console = Console(highlight=False)
    if not found:
        when = "in this run" if year is None else f"in {year}"
        console.print(f"{plant}: nothing was decided {when}; no campaign came to its end, or it was not looked at.")
    for one in found:
        console.print(Text(f"{one.year}  {one.furnace_group}: {one.title}", style="bold"))
        for sentence in one.sentences:
            lines = textwrap.fill(sentence, console.width, initial_indent="  ", subsequent_indent="  ")
            console.print(Text(lines), soft_wrap=True)
        if one.courses:
            console.print(_fates(one))
        if one.beside:
            console.print(_parts(one))


def _fates(one: Explanation) -> Table:
    from steeliq.simulation.results.explanations import percent, usd

    table = Table("course", box=SIMPLE_HEAD)
    table.add_column("NPV, USD/t", justify="right")
    table.add_column("chance", justify="right")
    table.add_column("why")
    for course in one.courses:
        table.add_row(course.name, usd(course.npv), percent(course.probability), course.why)
    return table


def _parts(one: Explanation) -> Table:
    from steeliq.simulation.results.explanations import usd

    table = Table("USD per t of yearly capacity", box=SIMPLE_HEAD)
    for course in one.beside:
        table.add_column(course.name, justify="right")
    for name, values in one.parts_beside():
        table.add_row(name, *(usd(value) for value in values))
    table.add_row("NPV", *(usd(course.npv) for course in one.beside), style="bold")
    return table


def print_json(document: Any) -> None:
    """One line of JSON, the last that a command prints."""
    print(json.dumps(document, ensure_ascii=False), flush=True)


def print_summary(summary: RunSummary, report: str) -> None:
    """Key figures of some years, how long it took, and where everything is."""
    from steeliq.simulation.totals import emissions_mt, production_mt, steel_families, steel_mt, steel_price

    folder, (first, last) = summary.run_dir, summary.years
    years = sorted({first, last, *(year for year in MILESTONES if first < year < last)})
    production, scopes, steel, price = (
        production_mt(folder),
        emissions_mt(folder),
        steel_mt(folder),
        steel_price(folder),
    )
    table = Table(
        "",
        *(str(year) for year in years),
        title=f"{summary.scenario} {first}-{last}",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    for column in table.columns[1:]:
        column.justify = "right"

    def row(name: str, values: list[float | None], digits: int = 0) -> None:
        table.add_row(name, *("-" if value is None else f"{value:,.{digits}f}" for value in values))

    makers = steel_families(folder)
    found = sorted({name for year in years for name in production.get(year, {})})
    for title, names in (
        ("Crude steel, Mt", [name for name in found if name in makers]),
        ("Iron, Mt", [name for name in found if name not in makers]),
    ):
        row(title, [sum(production.get(year, {}).get(name, 0.0) for name in names) for year in years])
        for name in names:
            row(f"  {name}", [production.get(year, {}).get(name, 0.0) for year in years])
    for scope in ("scope1", "scope2", "scope3"):
        row(f"Scope {scope[-1]}, MtCO2e", [scopes.get(year, {}).get(scope) for year in years])
    row(
        "Scope 1+2 per t steel, tCO2e",
        [(scopes[y]["scope1"] + scopes[y]["scope2"]) / steel[y] if steel.get(y) else None for y in years],
        2,
    )
    row("Steel price, USD/t", [price.get(year) for year in years])
    console = Console()
    console.print(table)
    console.print(
        f"Every audit passed (worst relative residual {summary.audit_worst:.1e}). {summary.seconds:.1f} s, of which "
        f"{summary.solver_seconds:.1f} s in the solver; at most {summary.peak_memory_mb:.0f} MB.",
        soft_wrap=True,
        highlight=False,
    )
    print_notes(summary, console)
    for name, place in (("Report", report), ("Run folder", str(folder))):
        if place:
            console.print(f"{name}: {place}", soft_wrap=True, highlight=False)


@contextmanager
def members_shown() -> Iterator[Callable[[Members], None]]:
    """A callback that shows how many members are done, the rate and the time left, on the error stream."""
    console, told = Console(stderr=True), -1

    def text(at: Members) -> str:
        left = "" if at.seconds_left is None else f"  {clock(at.seconds_left)} left"
        failed = f", {at.failed} failed" if at.failed else ""
        rate = f"  {at.members_per_hour:,.0f} an hour" if at.members_per_hour else ""
        return f"{at.done} of {at.count} members{failed}{rate}{left}"

    def line(at: Members) -> None:
        nonlocal told
        if at.done + at.failed != told:
            told = at.done + at.failed
            print(text(at), file=sys.stderr, flush=True)

    if not console.is_terminal:
        yield line
        return
    with Progress(TextColumn("{task.description}"), BarColumn(), console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda at: bar.update(task, completed=(at.done + at.failed) / max(at.count, 1), description=text(at))


def clock(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> clock(75.0), clock(3700.0)
    ('1:15', '1:01:40')
    """
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def ensemble_figures(summary: EnsembleSummary) -> dict[str, Any]:
    """An ensemble in one JSON object."""
    return {
        "status": summary.status,
        "folder": str(summary.folder),
        "members": summary.count,
        "done": summary.done,
        "failed": summary.failed,
        "lost": summary.lost,
        "reused": summary.reused,
        "wall_s": round(summary.seconds, 3),
        "members_per_hour": round(summary.members_per_hour, 1),
        "peak_rss_mb": round(summary.peak_mb, 1),
    }


def print_ensemble(summary: EnsembleSummary) -> None:
    """How it went and where the results are."""
    failed = (
        f", {summary.failed} failed (see {summary.folder / 'failed'}; --resume tries them again)"
        if summary.failed
        else ""
    )
    print(f"{summary.done} of {summary.count} members{failed}")
    print(
        f"{clock(summary.seconds)} at {summary.members_per_hour:,.0f} members an hour; "
        f"{summary.peak_mb:.0f} MB a worker"
    )
    print(summary.folder)


def ensemble_line(document: Mapping[str, Any]) -> str:
    """How far an ensemble is, in one line, from its ensemble.json."""
    failed = f", {document['failed']} failed" if document.get("failed") else ""
    left = document.get("seconds_left")
    left = f", {clock(float(left))} left" if document["status"] == "running" and left is not None else ""
    return f"{document['status']}, {document.get('done', 0)} of {document['count']} members{failed}{left}"
