"""Settings of all tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

# No test is timed by the clock: a busy machine is no failure. In continuous integration the examples are the same each
# time; everywhere else every run searches anew.
settings.register_profile("steeliq", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("steeliq")

LONGEST = (
    "kit/test_nix", "web/test_queue", "simulation/test_preset_directions", "web/test_every_page",
    "desktop/test_drill", "web/test_compare", "kit/test_kit", "simulation/test_presets",
    "simulation/test_every_setting", "desktop/test_promises", "web/test_explore", "kit/test_app",
    "ensemble/test_execution", "web/test_ensembles", "web/test_serve", "web/test_scenarios", "web/test_searches",
    "web/test_verify", "simulation/test_run", "simulation/test_verify", "web/test_questions", "desktop/test_update",
    "desktop/test_window", "desktop/test_offline",
)  # fmt: skip
"""Files that take half a minute or more: the suite is as long as what its last worker does alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; with ``--dist loadfile --no-loadscope-reorder`` workers take files in this order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(f"{item.path.parent.name}/{item.path.stem}", len(LONGEST)))


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Presets finished to 2050 on the embedded dataset, to be read only: each is simulated once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "whole runs"
    shared.mkdir(exist_ok=True)

    def folder_of(preset: str) -> Path:
        from steeliq.simulation.dataset import load
        from steeliq.simulation.run import run
        from steeliq.simulation.scenario.files import load_scenario

        folder = shared / preset
        with FileLock(shared / f"{preset}.lock"):
            if not folder.exists():
                made = tmp_path_factory.mktemp("whole") / preset
                run(load_scenario(preset), load(), made)
                made.rename(folder)
        return folder

    return folder_of
