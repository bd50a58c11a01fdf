"""How a search looks in a terminal: each trial in a line on the error stream, the trace on the output stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from steeliq.ensemble.analysis.words import number
from steeliq.ensemble.search import Found, Question, Trial
from steeliq.terminal import clock


@contextmanager
def trials_shown(question: Question, unit: str) -> Iterator[Callable[[Trial], None]]:
    """A callback that tells each trial of a search in a line, and that it goes on, on the error stream."""
    console, since, count = Console(stderr=True, highlight=False), monotonic(), 0
    name = question.lever.setting + (" times" if question.lever.path else "")

    def tell(trial: Trial) -> None:
        nonlocal count
        count += 1
        console.print(
            f"{count} of at most {question.trials}: {name} {trial.value:.6g}: {number(trial.outcome)} {unit}, "
            f"{'met' if trial.met else 'missed'}  ({clock(monotonic() - since)})",
            soft_wrap=True,
        )

    with console.status(f"looking for {question.target} ..."):
        yield tell


def print_trials(question: Question, found: Found, unit: str) -> None:
    """The trace of a search in the order of values: what came of each, and whether it met the target."""
    console = Console(highlight=False)
    console.print(f"Target: {question.target}; outcomes in {unit}", soft_wrap=True)
    name = question.lever.setting + (" times" if question.lever.path else "")
    table = Table(name, "step", box=SIMPLE_HEAD)
    for column in ("outcome", *(("least", "greatest") if len(question.seeds) > 1 else ())):
        table.add_column(column, justify="right")
    table.add_column("target")
    for trial in sorted(found.trials, key=lambda one: abs(one.value - question.start)):
        outcomes = (trial.outcome, trial.least, trial.greatest)[: 3 if len(question.seeds) > 1 else 1]
        verdict = "found" if trial.value == found.value else "met" if trial.met else "missed"
        row = (f"{trial.value:.6g}", trial.step, *(number(one) for one in outcomes), verdict)
        table.add_row(*row, style="bold" if trial.value == found.value else "")
    console.print(table)
