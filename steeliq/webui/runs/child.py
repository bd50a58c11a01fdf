"""The process that simulates one run: ``python -m steeliq.webui.runs.child KEY``, started by a worker.

The order comes as one line of JSON on standard input (scenario as TOML, dataset, folder); the line ``stop`` asks it to
stop, and the end of standard input ends it. It tells its progress as lines of JSON on standard output; standard error
is the run's log. It knows nothing of the web app's database.
"""

from __future__ import annotations

import errno
import faulthandler
import json
import shutil
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from steeliq.errors import Cancelled, SteeliqError
from steeliq.lifeline import follow_parent, read_line

if TYPE_CHECKING:
    from steeliq.simulation.run import Progress

DONE, FAILED, CANCELLED = 0, 1, 130
WHOLE_RUN_MB = 20


def main() -> int:
    """Simulate what the first line of standard input orders."""
    return obey(lambda order, stop: (_verify if "verifies" in order else _simulate)(order, stop))


def obey(do: Callable[[dict[str, Any], Event], None]) -> int:
    """Do what the first line of standard input orders, until asked to stop; tell how it ended."""
    faulthandler.enable()  # native code that ends this process is named in the run's log
    order = json.loads(read_line())
    stop = Event()
    follow_parent(stop.set)
    try:
        do(order, stop)
    except Cancelled as error:
        log(str(error))
        tell(end="cancelled", message=str(error))
        return CANCELLED
    except SteeliqError as error:
        log(str(error))
        tell(end="failed", message=str(error))
        return FAILED
    except MemoryError:
        _fail("There was not enough memory. Close other programs or run fewer at a time, then resume.")
        return FAILED
    except OSError as error:
        _fail(_no_access(error, Path(order["folder"])))
        return FAILED
    except Exception as error:  # noqa: BLE001 (the last chance to say in the log what happened)
        _fail(f"An error that was not foreseen: {type(error).__name__}: {error}. The log below has the details.")
        return FAILED
    return DONE


def _simulate(order: dict[str, Any], stop: Event) -> None:
    tell(stage="reading data")
    log("reading the dataset and the scenario")
    from steeliq.simulation.dataset import load
    from steeliq.simulation.run import run
    from steeliq.simulation.scenario.files import parse_scenario

    folder = Path(order["folder"])
    scenario = parse_scenario(order["scenario"], "scenario")
    facts = load(Path(order["dataset"]) if order["dataset"] else None)
    tell(dataset_hash=facts.hash)
    resume = (folder / "run.json").is_file()
    if not resume:
        _clear(folder)
    log(f"{'going on with' if resume else 'simulating'} {scenario.period.start}-{scenario.period.end}")
    summary = run(scenario, facts, folder, resume=resume, progress=_telling(), cancelled=stop.is_set)
    for note in summary.notes:
        log(f"note: {note}")
    log(f"done in {summary.seconds:.1f} s, {summary.peak_memory_mb:.0f} MB, worst residual {summary.audit_worst:.1e}")
    tell(end="done", seconds=summary.seconds, peak_mb=summary.peak_memory_mb, headline=headline(folder))


def _verify(order: dict[str, Any], stop: Event) -> None:
    """Repeat a finished run and leave the certificate in its folder."""
    tell(stage="reading data")
    log(f"verifying {order['verifies']}")
    from steeliq.verify import verify
    from steeliq.verify.certificate import write_certificate

    folder, scratch = Path(order["verifies"]), Path(order["folder"])
    _clear(scratch)
    verdict = verify(folder, name=order["name"], scratch=scratch, progress=_telling(), cancelled=stop.is_set)
    write_certificate(verdict, folder)
    log(f"{verdict.headline}. {verdict.sentence}")
    tell(end="done", seconds=verdict.seconds, peak_mb=verdict.peak_memory_mb, headline=verdict.headline)


def _telling() -> Callable[[Progress], None]:
    """Progress as lines of JSON, each year in the log."""
    last_year = 0

    def progress(reached: Progress) -> None:
        nonlocal last_year
        if reached.year != last_year:
            last_year = reached.year
            log(f"{reached.year}  {reached.fraction:4.0%}")
        tell(year=reached.year, stage=reached.stage, fraction=round(reached.fraction, 4))

    return progress


def _no_access(error: OSError, folder: Path) -> str:
    """What a person should do; how much room there is if the disk is full."""
    what = f"{error.filename or 'A file'}: {error.strerror or error}."
    if error.errno != errno.ENOSPC:
        return f"{what} Give access, then resume."
    parent = next(place for place in (folder, *folder.parents) if place.is_dir())
    free = shutil.disk_usage(parent).free / 1e6
    room = f"{free:,.0f} MB are free there; a run of all years takes about {WHOLE_RUN_MB} MB"
    return f"{what} {room}. Make room, then resume."


def headline(folder: Path) -> str:
    """What a finished run found, in a few words for a list; empty if its tables cannot tell."""
    from steeliq.simulation.results.report.key_figures import key_figures
    from steeliq.simulation.results.report.page import read_run

    try:
        figures = {figure.name: figure for figure in key_figures(read_run(folder))}
    except (SteeliqError, LookupError, ValueError) as error:  # a run that is done stays done
        log(f"note: no headline ({error})")
        return ""
    parts = [("Scope 1", "Change of scope 1"), ("electric", "Electric share of steel")]
    told = [(word, figures[name].value) for word, name in parts if name in figures and figures[name].value != "-"]
    return ", ".join(f"{word} {value} %" if word[0].isupper() else f"{value} % {word}" for word, value in told)


def _clear(folder: Path) -> None:
    """What an attempt left that ended before its run.json: nothing that counts."""
    if folder.is_dir():
        shutil.rmtree(folder)


def tell(**values: Any) -> None:
    """Say something to the worker."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def log(text: str) -> None:
    """Write a line into the log."""
    now = datetime.now(UTC).astimezone()
    sys.stderr.write(f"{now:%H:%M:%S} {text}\n")
    sys.stderr.flush()


def _fail(message: str) -> None:
    log(message)
    traceback.print_exc()
    tell(end="failed", message=message)


if __name__ == "__main__":
    sys.exit(main())
