"""Where scenarios come from: presets, files that the user saved, runs. Each has a reference such as ``saved:mine``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from steeliq.atomic import write_text_atomically
from steeliq.errors import InputError, Problem, ScenarioError
from steeliq.paths import data_folder, plain_name
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import LONGEST_NAME, load_scenario, preset_names, to_toml
from steeliq.webui.runs.launch import scenario_of
from steeliq.webui.runs.models import Run
from steeliq.webui.scenarios.checking import ENDLESS, refused_file

type Source = Literal["preset", "saved", "run"]

REFERENCE: Final = "preset:reference"
TAKEN: Final = "a saved scenario has this name (or one that gives the same file name); choose another or replace it"
_RUNS_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """A scenario and where it is kept."""

    source: Source
    key: str
    title: str
    scenario: Scenario

    @property
    def ref(self) -> str:
        """Reference for addresses."""
        return f"{self.source}:{self.key}"

    @property
    def run(self) -> Run | None:
        """The run it belongs to."""
        return Run.objects.filter(key=self.key).first() if self.source == "run" else None


@dataclass(frozen=True, slots=True)
class Saved:
    """A file in the user's scenario folder; ``scenario`` is None if it cannot be used."""

    key: str
    scenario: Scenario | None
    problems: tuple[Problem, ...]


def find(ref: str) -> Origin:
    """The scenario behind a reference; a bare name is a preset. Raises ScenarioError with what is wrong."""
    source, separator, key = ref.partition(":")
    if not separator:
        source, key = "preset", ref
    if source == "preset" and key in preset_names():
        return Origin("preset", key, key, load_scenario(key))
    if source == "saved" and key in saved_files():
        scenario = _loaded(saved_files()[key])
        return Origin("saved", key, scenario.name, scenario)
    if source == "run":
        run = Run.objects.filter(key=key).first()
        if run is not None:
            return Origin("run", key, f"run {run.name}", scenario_of(run))
    rule = "there is no such preset, saved scenario or run; it may have been deleted or renamed"
    raise ScenarioError("scenario", [Problem("scenario", 0, "", ref[:120], rule)])


def folder() -> Path:
    """Where the user's scenarios lie; it need not exist."""
    return data_folder() / "scenarios"


def saved_files() -> dict[str, Path]:
    """The user's scenario files by name of the file; only what stands here can be opened or deleted."""
    return {path.stem: path for path in sorted(folder().glob("*.toml")) if path.is_file()}


def saved() -> list[Saved]:
    """All saved scenarios, also those that cannot be used, with the reasons."""
    found = []
    for key, path in saved_files().items():
        try:
            found.append(Saved(key, _loaded(path), ()))
        except InputError as error:
            found.append(Saved(key, None, error.problems))
    return found


def _loaded(path: Path) -> Scenario:
    try:
        return load_scenario(path)
    except (ValueError, RecursionError) as error:  # a file put here by hand
        raise refused_file(path.name, ENDLESS) from error


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every scenario by heading, as reference and title, for lists to choose from."""
    runs = Run.objects.filter(binned=None)[:_RUNS_SHOWN]
    parts = [
        ("Presets", [(f"preset:{name}", name) for name in preset_names()]),
        ("Saved", [(f"saved:{entry.key}", entry.scenario.name) for entry in saved() if entry.scenario is not None]),
        ("Runs", [(f"run:{run.key}", run.name) for run in runs]),
    ]
    return [(heading, options) for heading, options in parts if options]


def taken(name: str, own: str = "") -> str:
    """Why a name cannot be given to a scenario that is kept in the file ``own``; empty if it can."""
    key = plain_name(name)
    if name in preset_names() or key in preset_names():
        return "this is the name of a preset; choose another"
    if key != own and key in saved_files():
        return TAKEN
    return ""


def save(scenario: Scenario) -> str:
    """Write the scenario to the file of its name; returns the file's key."""
    key = plain_name(scenario.name)
    write_text_atomically(folder() / f"{key}.toml", to_toml(scenario))
    return key


def save_beside(scenario: Scenario) -> Scenario:
    """Write a scenario that came from outside under a free name, so that it replaces nothing."""
    name, number = scenario.name, 1
    while taken(name):
        ending = ", uploaded" if number == 1 else f", uploaded {number}"
        name, number = scenario.name[: LONGEST_NAME - len(ending)] + ending, number + 1
    named = scenario.model_copy(update={"name": name})
    save(named)
    return named


def delete(key: str) -> bool:
    """Delete a saved scenario; False if there was none."""
    path = saved_files().get(key)
    if path is None:
        return False
    path.unlink(missing_ok=True)
    return True
