"""Where a run comes from: run.json with everything needed to repeat it and to trust or distrust it.

Two runs are comparable, or their run.json files say why not: scenario, dataset hash, code version, environment,
seed, solver and platform. Timings and memory are recorded but take no part in that comparison.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import pandas as pd
import psutil

from steeliq.atomic import write_text_atomically
from steeliq.errors import RunError
from steeliq.result_folder import read_record
from steeliq.simulation.results.machine import machine

FORMAT: Final = 1
"""Version of the layout of run.json; readers refuse a later one."""

PACKAGES: Final = ("steeliq", "numpy", "pandas", "pyarrow", "highspy", "plotly")

KIT: Final = "kit-manifest.json"
"""In the folder of a kit, the list of its files with the SHA-256 of each: it stands for the archive."""

ALSO: Final = ("scipy", "pydantic")
"""Packages that are recorded too; not part of the environment's hash, which earlier versions made without them."""


def provenance(
    *,
    scenario: Mapping[str, Any],
    differences: Mapping[str, Any],
    dataset: str,
    dataset_hash: str,
    seed: int,
    years: tuple[int, int],
    started: datetime,
    ended: datetime | None = None,
    stage_seconds: Mapping[str, float] | None = None,
    solver_seconds: float = 0.0,
    audit: pd.DataFrame | None = None,
    status: str = "complete",
) -> dict[str, Any]:
    """The document for run.json.

    ``scenario`` is the full scenario, ``differences`` what deviates from the default; times are aware datetimes;
    ``stage_seconds`` maps stages of the year to seconds over all years; ``audit`` is the result table of that name;
    ``status`` is ``running``, ``complete``, ``failed`` or ``cancelled``.
    """
    return {
        "format": FORMAT,
        "status": status,
        "scenario": dict(scenario),
        "differences": dict(differences),
        "years": list(years),
        "seed": seed,
        "dataset": {"name": dataset, "hash": dataset_hash},
        "code": {"version": installed("steeliq"), "commit": commit(), "environment": environment_hash()},
        "packages": {name: installed(name) for name in (*PACKAGES, *ALSO)},
        "python": platform.python_version(),
        "platform": machine(),
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "ended": ended.astimezone(UTC).isoformat(timespec="seconds") if ended else "",
        "seconds": round((ended - started).total_seconds(), 3) if ended else None,
        "solver_seconds": round(solver_seconds, 3),
        "stage_seconds": {name: round(value, 3) for name, value in (stage_seconds or {}).items()},
        "peak_memory_mb": round(peak_memory() / 1e6, 1),
        "audit": worst_of(audit),
    }


_WHOLE: Final[Mapping[str, type]] = {"status": str, "scenario": dict, "years": list, "dataset": dict, "code": dict}
"""What every reader counts on; each version has written it."""


def write_run_json(run_dir: Path, document: Mapping[str, Any]) -> None:
    """Write the document to ``run_dir/run.json``, complete or not at all."""
    write_text_atomically(run_dir / "run.json", json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")


def read_run_json(run_dir: Path) -> dict[str, Any]:
    """The document of a run; ``RunError`` if it is missing, unreadable, of a later format or not whole."""
    document = read_record(run_dir, "run", latest=FORMAT, remedy="repeat the run")
    lacking = [name for name, kind in _WHOLE.items() if not isinstance(document.get(name), kind)]
    if lacking:
        raise RunError(f"{run_dir / 'run.json'}: this record lacks {', '.join(lacking)}; repeat the run")
    return document


def worst_of(audit: pd.DataFrame | None) -> dict[str, Any]:
    """The worst line of an audit table and whether all of it passed; empty without an audit."""
    if audit is None or audit.empty:
        return {}
    worst = audit.iloc[int(audit["residual"].fillna(float("inf")).to_numpy().argmax())]
    return {
        "passed": bool(audit["passed"].all()),
        "checks": len(audit),
        "invariant": str(worst["invariant"]),
        "residual": float(worst["residual"]),
        "year": int(worst["year"]),
        "where": str(worst["where"]),
    }


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested settings as dotted names and texts, for people.

    >>> flat({"seed": 7, "period": {"end": 2030}})
    {'seed': '7', 'period.end': '2030'}
    """
    rows: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            rows |= flat(value, f"{prefix}{name}.")
        else:
            rows[prefix + name] = str(value)
    return rows


@cache
def installed(package: str) -> str:
    """Installed version of a package, or that of the checkout for steeliq itself, or an empty text."""
    try:
        return version(package)
    except PackageNotFoundError:
        return _checkout_version() if package == "steeliq" else ""


def kit() -> dict[str, str]:
    """The kit that this runs from: name of its folder and SHA-256 of its list of files; empty outside a kit."""
    place = Path(sys.prefix) / KIT
    if not place.is_file():
        return {}
    return {"name": place.parent.name, "manifest": hashlib.sha256(place.read_bytes()).hexdigest()}


def _root() -> Path:
    return Path(__file__).resolve().parents[3]


def _checkout_version() -> str:
    project = _root() / "pyproject.toml"
    if not project.is_file():
        return ""
    import tomllib  # only in a checkout that was never installed

    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


@cache
def commit() -> str:
    """Git commit of the checkout (with ``+`` if tracked files differ from it); empty outside a checkout.

    Asked once: what is changed in the checkout later is not what this process runs.
    """
    if not (_root() / ".git").exists():
        return ""
    try:
        head = _git("rev-parse", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(*arguments: str) -> str:
    answer = subprocess.run(
        ["git", "-C", str(_root()), *arguments], capture_output=True, text=True, timeout=10, check=True
    )
    return answer.stdout.strip()


def environment_hash() -> str:
    """SHA-256 of the runtime lock of a checkout; in an installed copy, that of its required packages' versions."""
    lock = _root() / "env" / "runtime.lock"
    if lock.is_file():
        return hashlib.sha256(lock.read_bytes()).hexdigest()
    versions = "\n".join(f"{name}=={installed(name)}" for name in PACKAGES)
    return hashlib.sha256(versions.encode()).hexdigest()


def peak_memory() -> float:
    """Largest resident memory of this process so far, bytes."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset)
    import resource  # POSIX only

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    return float(peak) if sys.platform == "darwin" else float(peak) * 1024.0
