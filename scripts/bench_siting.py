"""Measures the search for the cheapest round-the-clock power: 10,000 sites of 8,760 hours, 20 against a plain LP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from time import perf_counter

import numpy as np
import psutil

from steeliq.simulation.arrays import Floats
from steeliq.simulation.results.provenance import peak_memory
from steeliq.simulation.siting.coverage import Battery
from steeliq.simulation.siting.lcoe import levelised
from steeliq.simulation.siting.mix import Search
from steeliq.simulation.siting.profiles import HOURS, sun, wind

SITES, BATCH, CHECKED = 10_000, 1_000, 20
SECONDS, MEMORY_MB, DEVIATION = 60.0, 1024.0, 0.005
COSTS = np.array([45.0, 95.0, 20.0])  # USD per kW, kW and kWh a year


def measure() -> Iterator[str]:
    """Lines with time and memory of a fresh process, and with the deviation from the plain linear programme."""
    load = f"load {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores"
    yield f"{'siting':<34}{'measured':>10}{'promised':>10}   {load}"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "scripts.bench_siting"], check=True, capture_output=True, text=True
    )
    made, searched, memory = (float(word) for word in done.stdout.split())
    yield _line("10,000 sites, 85 %, s", searched, SECONDS)
    yield _line("the same with making profiles, s", made + searched, SECONDS)
    yield _line("memory, MB", memory, MEMORY_MB)
    for share in (0.85, 0.95):
        yield _line(f"20 sites against an LP, {share:.0%}", _deviation(share), DEVIATION)


def _line(name: str, value: float, promised: float) -> str:
    return f"{name:<34}{value:>10.4g}{promised:>10.4g}{'' if value <= promised else '   NOT KEPT'}"


def _deviation(share: float) -> float:
    """Greatest relative difference of the cost of whole years from a plain linear programme."""
    from tests.siting_oracle import example_profiles, least_cost

    solar, blowing = example_profiles(CHECKED, HOURS)
    battery = Battery()
    found = Search(solar, blowing, share, battery).cheapest(np.tile(COSTS, (CHECKED, 1)))
    exact = np.array([least_cost(solar[:, n], blowing[:, n], share, battery, COSTS) for n in range(CHECKED)])
    return float(np.abs(found.cost / exact - 1.0).max())


def _batch(first: int) -> tuple[list[str], Floats, Floats, Floats]:
    """Names, latitudes and capacity factors of sun and wind of a batch of sites."""
    draw = np.random.default_rng(first)
    names = [f"site {n}" for n in range(first, first + BATCH)]
    return names, draw.uniform(-55, 65, BATCH), draw.uniform(0.1, 0.23, BATCH), draw.uniform(0.12, 0.5, BATCH)


def main() -> None:
    """Print seconds of making profiles, seconds of the search, and the peak memory in MB."""
    made = searched = 0.0
    for first in range(0, SITES, BATCH):
        names, latitude, bright, windy = _batch(first)
        since = perf_counter()
        solar, blowing = sun(names, latitude, bright), wind(names, latitude, windy)
        made, since = made + perf_counter() - since, perf_counter()
        supply = levelised(solar, blowing, np.tile(COSTS, (1, BATCH, 1)), 0.85, Battery(), 1e-3)
        searched += perf_counter() - since
        if not (supply.lcoe <= 1.0011 * supply.bound).all():
            raise SystemExit("scripts/bench: a site's cost is not proven to 0.1 %")
    print(made, searched, peak_memory() / 1e6)


if __name__ == "__main__":
    main()
