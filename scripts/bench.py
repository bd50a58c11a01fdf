"""Measures the reference run in fresh processes; what it prints is what scripts/bench promises."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

STARTS = {
    "steeliq --help": ("-m", "steeliq", "--help"),
    "import of the simulation": ("-c", "import steeliq.simulation.run"),
    "import and cached dataset": ("-c", "from steeliq.simulation.dataset import load; load()"),
}


def seconds(arguments: tuple[str, ...], repeats: int) -> float:
    """Median wall seconds of a fresh Python process."""
    taken = []
    for _ in range(repeats):
        since = perf_counter()
        subprocess.run([sys.executable, "-P", *arguments], check=True, capture_output=True)
        taken.append(perf_counter() - since)
    return statistics.median(taken)


def one_run(years: str, dataset: str | None, out: Path) -> dict[str, Any]:
    """The JSON figures of a run in a fresh process, its report included; ``process_s`` and ``stage_s`` beside them."""
    command = [sys.executable, "-P", "-m", "steeliq", "run", "reference", "--years", years, "--json", "--out", str(out)]
    since = perf_counter()
    done = subprocess.run(
        [*command, *(["--dataset", dataset] if dataset else [])], check=True, capture_output=True, text=True
    )
    taken = perf_counter() - since
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    stages = json.loads((out / "run.json").read_text("utf-8"))["stage_seconds"]
    return figures | {"process_s": taken, "stage_s": stages}


def table(runs: list[dict[str, Any]]) -> list[str]:
    """Lines with the median seconds by stage and their ratio to the solver's."""
    solver = statistics.median(run["solver_s"] for run in runs)
    stages = {name: statistics.median(run["stage_s"].get(name, 0.0) for run in runs) for name in runs[0]["stage_s"]}
    wall = statistics.median(run["wall_s"] for run in runs)
    stages |= {"all years": wall, "process, with report": statistics.median(run["process_s"] for run in runs)}
    lines = [f"{'stage':<26}{'seconds':>9}{'x solver':>10}"]
    lines += [f"{name:<26}{value:>9.2f}{value / solver if solver else 0.0:>10.2f}" for name, value in stages.items()]
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the reference run.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--years", default="2025-2050")
    parser.add_argument("--dataset")
    parser.add_argument("--members", type=int, default=8, help="of an ensemble")
    parser.add_argument("--workers", type=int, default=2, help="processes of an ensemble")
    parser.add_argument(
        "--part", choices=("model", "siting", "ensemble", "cluster", "web", "window"), help="measure this part only"
    )
    options = parser.parse_args()
    if options.part in {None, "model"}:
        _measure_model(options)
    if options.part in {None, "siting"}:
        from scripts.bench_siting import measure as measure_siting

        for line in measure_siting():
            print(line, flush=True)
    if options.part in {None, "ensemble"}:
        from scripts.bench_ensemble import measure as measure_ensemble

        last, dataset = int(options.years[-4:]), Path(options.dataset) if options.dataset else None
        for line in measure_ensemble(options.members, options.workers, last, dataset):
            print(line, flush=True)
    if options.part == "cluster":  # takes long, and its workers are killed
        from scripts.bench_ensemble import measure_cluster

        last, dataset = int(options.years[-4:]), Path(options.dataset) if options.dataset else None
        for line in measure_cluster(options.members, last, dataset):
            print(line, flush=True)
    if options.part in {None, "web"}:
        from scripts.bench_web import measure  # needs a browser

        for line in measure(options.years, Path(options.dataset) if options.dataset else None):
            print(line, flush=True)
    if options.part in {None, "window"}:
        from scripts.bench_window import measure as measure_window  # needs a screen

        for line in measure_window():
            print(line, flush=True)


def _measure_model(options: argparse.Namespace) -> None:
    for name, arguments in STARTS.items():
        print(f"{name:<26}{seconds(arguments, 5):>9.2f} s")
    with tempfile.TemporaryDirectory(prefix="steeliq-bench-") as folder:
        runs = []
        for number in range(options.runs):
            runs.append(one_run(options.years, options.dataset, Path(folder) / str(number)))
            print(f"run {number + 1}: {runs[-1]['process_s']:.1f} s", file=sys.stderr)
        size = sum(file.stat().st_size for file in (Path(folder) / "0").rglob("*") if file.is_file())
    print("\n".join(table(runs)))
    rest = statistics.median(100 * (1 - run["solver_s"] / run["wall_s"]) for run in runs)
    print(f"all years without the solver: {rest:.0f} %")
    print(f"peak memory {max(run['peak_rss_mb'] for run in runs):.0f} MB, run folder {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
