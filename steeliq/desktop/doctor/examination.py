"""All checks, each by itself: one that breaks or hangs is told as such and keeps no other from its answer."""

from __future__ import annotations

import json
import platform
import shutil
import textwrap
import traceback
from collections.abc import Sequence
from functools import partial
from threading import Thread
from time import monotonic
from typing import Any

from steeliq import __version__
from steeliq.desktop.doctor import data, machine, program, surface
from steeliq.desktop.doctor.findings import Check, Level, Result, problem

PATIENCE = 90.0
"""Seconds after which a check is no longer waited for, such as one of a disk that does not answer."""

OWN_LINES = 3
"""Lines with the user's own words that the table shows of each check."""

MOST_PROBLEMS = "Please send the file that 'steeliq diagnostics' writes."


def checks(*, full: bool = False) -> list[Check]:
    """Everything that is looked at; ``full`` reads every byte of a kit."""
    return [
        Check("python", "Python", program.python),
        Check("packages", "Packages", program.packages),
        Check("libraries", "Libraries", program.libraries),
        Check("kit", "Kit", partial(program.kit, full=full)),
        Check("data_folder", "Data folder", data.folder),
        Check("place", "Its place", data.place),
        Check("space", "Disk space", data.space),
        Check("database", "Database", data.database),
        Check("errors", "Errors", data.errors),
        Check("memory", "Memory", machine.memory),
        Check("processor", "Processor", machine.processor),
        Check("language", "Language, clock", machine.language_and_clock),
        Check("loopback", "Local network", machine.loopback),
        Check("processes", "Processes", machine.processes),
        Check("window", "Window", surface.window),
        Check("browser", "Browser", surface.browser),
    ]


def examine(wanted: Sequence[Check], patience: float = PATIENCE) -> list[Result]:
    """What the checks found, in their order; they work side by side."""
    found: dict[str, Result] = {}
    threads = [Thread(target=_look, args=(check, found), name=check.name, daemon=True) for check in wanted]
    for thread in threads:
        thread.start()
    deadline = monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    hung = problem(
        f"no answer in {patience:.0f} s", "Is a disk or network drive not answering? Then restart the machine."
    )
    return [found.get(check.name) or Result(check, hung, patience) for check in wanted]


def _look(check: Check, found: dict[str, Result]) -> None:
    begun = monotonic()
    try:
        finding = check.examine()
    except Exception as error:  # noqa: BLE001 (what a check meets on a broken machine cannot be listed; it is told)
        told = f"this check itself broke: {type(error).__name__}: {error}"
        finding = problem(told, MOST_PROBLEMS, *traceback.format_exc().splitlines())
    found[check.name] = Result(check, finding, monotonic() - begun)


def worst(results: Sequence[Result]) -> Level:
    """The most serious level."""
    order = list(Level)
    return max((result.finding.level for result in results), key=order.index, default=Level.OK)


def document(results: Sequence[Result]) -> dict[str, Any]:
    """The results for programs."""
    return {
        "steeliq": __version__,
        "platform": platform.platform(),
        "level": worst(results).value,
        "checks": [
            {
                "name": result.check.name,
                "title": result.check.title,
                "level": result.finding.level.value,
                "found": result.finding.found,
                "remedy": result.finding.remedy,
                "details": list(result.finding.details),
                "own": list(result.finding.own),
                "seconds": round(result.seconds, 3),
            }
            for result in results
        ],
    }


def table(results: Sequence[Result], width: int = 0) -> str:
    """The results for people: one line each, what to do below it, and a sum at the end."""
    width = width or min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120)
    titles = max((len(result.check.title) for result in results), default=0)
    lines = []
    for result in results:
        finding = result.finding
        head = f"{finding.level.value:<8} {result.check.title:<{titles}}  "
        lines += _wrapped(finding.found, head, width)
        for line in finding.own[:OWN_LINES]:
            lines += _wrapped(line, " " * len(head), width)
        if finding.remedy:
            lines += _wrapped(finding.remedy, " " * (len(head) - 3) + "-> ", width)
    lines += ["", verdict(results)]
    return "\n".join(lines)


def verdict(results: Sequence[Result]) -> str:
    """The sum in a sentence."""
    problems, warnings = (
        sum(one.finding.level == level for one in results) for level in (Level.PROBLEM, Level.WARNING)
    )
    if not problems and not warnings:
        return f"All {len(results)} checks are well."
    parts = [
        f"{count} {word}{'s' if count > 1 else ''}"
        for count, word in ((problems, "problem"), (warnings, "warning"))
        if count
    ]
    return f"{' and '.join(parts)} in {len(results)} checks." + ("" if problems else " steeliq can be used.")


def _wrapped(text: str, head: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def main(arguments: Sequence[str]) -> int:
    """``steeliq doctor``: print what was found; 0 if there is no problem, else 1."""
    results = examine(checks(full="--full" in arguments))
    print(json.dumps(document(results), ensure_ascii=False) if "--json" in arguments else table(results))  # noqa: T201 (its output is for a person or the test that started it)
    return 1 if worst(results) == Level.PROBLEM else 0
