"""Repeat a run from its own record and compare every table."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.sums import digest_of, table_sums, total_sum
from steeliq.simulation.run import Progress
from steeliq.simulation.run import run as simulate
from steeliq.verify.compare import compare
from steeliq.verify.sources import Source, opened, years_of
from steeliq.verify.verdict import Outcome, Sums, Verdict

SIMULATING: Final = 0.97
"""Share of a verification's time; the rest is comparing."""

ALIKE: Final = ("os", "machine", "libc", "cpu_features")
"""What of two machines must agree for every bit to agree."""

NUMBERS: Final = ("numpy", "pandas", "pyarrow", "highspy", "scipy")
"""Packages that decide the last digits or the bytes of a file."""


def verify(
    path: Path,
    *,
    name: str = "",
    dataset: Path | None = None,
    scratch: Path | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Verdict:
    """Repeat the run at ``path`` (a run folder or a bundle) and compare; the run is left as it is.

    ``name``: what the certificate calls the run (default: the file's or folder's name).
    ``dataset``: where the run's dataset lies, if it is to be found neither in the bundle nor among one's own.
    ``scratch``: an empty or missing folder for the repetition (default: a temporary one that goes away).
    Raises RunError if there is nothing to verify or the dataset is not here, Cancelled, and what a run raises.
    """
    with opened(path, dataset) as source:
        place = nullcontext(str(scratch)) if scratch else tempfile.TemporaryDirectory(prefix="steeliq-verify-")
        with place as folder:
            again = Path(folder) / "again"
            years = years_of(source.document)
            summary = simulate(
                source.scenario,
                source.dataset,
                again,
                progress=lambda reached: progress(Progress(reached.year, reached.stage, SIMULATING * reached.fraction)),
                cancelled=cancelled,
            )
            progress(Progress(years[-1], "comparing", SIMULATING))
            verdict = judged(source, again, name or path.name, summary.seconds, summary.peak_memory_mb)
    progress(Progress(years[-1], "done", 1.0))
    return verdict


def judged(source: Source, again: Path, name: str, seconds: float, peak_memory_mb: float) -> Verdict:
    """How a run and its repetition compare."""
    document, now = source.document, read_run_json(again)
    reasons = why_not_strictly(document, now)
    same_code = document.get("identity", {}).get("code") == now["identity"]["code"]
    found = compare(source.folder, again, years_of(document), strictly=not reasons, same_tables=same_code)
    recorded = document.get("tables") or {}
    here, there = table_sums(source.folder), table_sums(again)
    names = sorted({*here, *there, *recorded})
    sums = {one: Sums(str(recorded.get(one, "")), here.get(one, ""), there.get(one, "")) for one in names}
    altered = tuple(one for one in names if recorded and sums[one].recorded != sums[one].stored)
    if found.first is not None or altered:
        outcome = Outcome.DIFFERENT
    elif any(table.differing for table in found.tables):
        outcome = Outcome.WITHIN
    else:
        outcome = Outcome.IDENTICAL
    return Verdict(
        name=name,
        stored=document,
        again=now,
        outcome=outcome,
        why_not_strictly=reasons,
        tables=tuple(found.tables),
        sums=sums,
        total=Sums(str(document.get("total", "")), total_sum(here), total_sum(there)),
        altered=altered,
        first=found.first,
        largest=found.largest,
        record_sum=digest_of(source.folder / "run.json"),
        seconds=seconds,
        peak_memory_mb=peak_memory_mb,
    )


def why_not_strictly(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs between two records so that bits may differ; empty if none may.

    What an earlier version did not record is not held against a run, but then the whole name of the system must agree.
    """
    reasons = []
    if then.get("identity", {}).get("code") != now["identity"]["code"]:
        reasons.append(_changed("steeliq", _code(then), _code(now)))
    if then.get("python") != now["python"]:
        reasons.append(_changed("Python", then.get("python"), now["python"]))
    held = then.get("packages", {})
    pairs = [(name, held[name], now["packages"][name]) for name in NUMBERS if name in held]
    machine = then.get("platform", {})
    alike = ALIKE if "os" in machine else ("system",)
    pairs += [(name.replace("_", " "), machine.get(name), now["platform"][name]) for name in alike]
    return (*reasons, *(_changed(name, _words(one), _words(other)) for name, one, other in pairs if one != other))


def _code(document: Mapping[str, Any]) -> str:
    code, identity = document.get("code", {}), document.get("identity", {})
    return f"{code.get('version')} ({str(identity.get('code'))[:8]})"


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _changed(what: str, then: object, now: object) -> str:
    return f"{what}: then {then}, now {now}"
