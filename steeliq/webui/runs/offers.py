"""What a run can be begun with from the runs page: presets, saved scenarios, datasets. Choices are lists, not paths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steeliq.paths import data_folder
from steeliq.simulation.scenario.files import presets

SAVED = "saved/"


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to choose: the value sent, its name, a sentence on it."""

    value: str
    name: str
    description: str = ""


def scenario_offers() -> list[Offer]:
    """Presets first, then the person's own."""
    own = [Offer(f"{SAVED}{path.stem}", path.stem) for path in _saved()]
    return [Offer(preset.name, preset.name, preset.description) for preset in presets()] + own


def scenario_source(value: str) -> str | Path | None:
    """What ``load_scenario`` takes for an offered value; None for anything that was not offered."""
    if value.startswith(SAVED):
        return next((path for path in _saved() if f"{SAVED}{path.stem}" == value), None)
    return value if any(preset.name == value for preset in presets()) else None


def dataset_offers() -> list[Offer]:
    """The reference dataset and the person's own."""
    return [Offer("", "Reference dataset"), *(Offer(path.name, path.name) for path in _datasets())]


def dataset_source(value: str) -> str | None:
    """The folder of an offered dataset, empty for the reference; None for anything that was not offered."""
    if not value:
        return ""
    return next((str(path) for path in _datasets() if path.name == value), None)


def _saved() -> list[Path]:
    return sorted((data_folder() / "scenarios").glob("*.toml"))


def _datasets() -> list[Path]:
    return sorted(file.parent for file in (data_folder() / "datasets").glob("*/datapackage.json"))
