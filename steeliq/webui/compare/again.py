"""A run once more, outside the app: the command line and the Python lines that repeat it.

Both texts are made from the run's record, and a text is only offered if reading it back gives the very scenario of the
run; tests run them and compare the tables byte by byte.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import tomli_w

from steeliq.errors import ScenarioError
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import load_scenario, preset_names, to_toml


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes a scenario: a preset and ``key=value`` changes; empty ``base`` if no such pair makes it."""

    base: str
    changes: tuple[str, ...]


def recipe_of(scenario: Scenario) -> Recipe:
    """The preset from which the fewest changes lead to this very scenario, name and description included."""
    found = [recipe for name in preset_names() if (recipe := _from_preset(name, scenario)) is not None]
    return min(found, key=lambda recipe: len(recipe.changes), default=Recipe("", ()))


def _from_preset(name: str, scenario: Scenario) -> Recipe | None:
    preset = load_scenario(name)
    before, after = _leaves(preset.model_dump()), _leaves(scenario.model_dump())
    changes = tuple(
        f"{key}={text}" for key, value in after.items() if before.get(key) != value and (text := _toml(value))
    )
    # A changed scenario is renamed unless it is given a name: one that kept its preset's name is given it.
    words = tuple(f"{key}={_toml(getattr(scenario, key))}" for key in ("name", "description"))
    named = (*(change for change in changes if not change.startswith(("name=", "description="))), *words)
    for attempt in (changes, named):
        try:
            if load_scenario(name, attempt) == scenario:
                return Recipe(name, attempt)
        except ScenarioError:
            continue
    return None


def _leaves(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Settings by dotted name; a path over years, and a table by name, is one value."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        is_group = isinstance(value, Mapping) and bool(value) and not all(isinstance(year, int) for year in value)
        if is_group:
            found |= _leaves(value, f"{prefix}{key}.")
        elif value is not None and value != {}:
            found[f"{prefix}{key}"] = value
    return found


def _toml(value: Any) -> str:
    """A value as TOML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return tomli_w.dumps({"x": value}).partition("=")[2].strip()


def as_command(scenario: Scenario, *, dataset: str, out: str) -> str:
    """One ``steeliq run`` command for a POSIX shell; a scenario that no preset leads to stands in a file before it."""
    recipe = recipe_of(scenario)
    words = ["steeliq", "run", recipe.base or f"{out}.toml", "--out", out]
    words += ["--dataset", dataset] if dataset else []
    options = [[f"--set={change}"] for change in recipe.changes]
    lines = [shlex.join(words), *(f"  {shlex.join(option)}" for option in options)]
    command = " \\\n".join(lines) + "\n"
    if recipe.base:
        return command
    return f"cat > {shlex.quote(out + '.toml')} <<'END-OF-SCENARIO'\n{to_toml(scenario)}END-OF-SCENARIO\n{command}"


def as_python(scenario: Scenario, *, dataset: str, dataset_hash: str, out: str) -> str:
    """A Python programme that repeats the run and refuses another dataset than the run's."""
    recipe = recipe_of(scenario)
    reader = "load_scenario" if recipe.base else "parse_scenario"
    folder = f"Path({dataset!r})" if dataset else ""
    lines = [
        "from pathlib import Path",
        "",
        "from steeliq.simulation.dataset import load",
        "from steeliq.simulation.run import run",
        f"from steeliq.simulation.scenario.files import {reader}",
        "",
        *(_scenario_lines(recipe) if recipe.base else [f"scenario = parse_scenario({to_toml(scenario)!r})"]),
        f"dataset = load({folder})",
        f'if dataset.hash != "{dataset_hash}":',
        '    raise SystemExit("this dataset is not the one that the run was made from")',
        f"summary = run(scenario, dataset, Path({out!r}))",
        'print(f"{summary.status}: {summary.run_dir}")',
    ]
    return "\n".join(lines) + "\n"


def _scenario_lines(recipe: Recipe) -> Iterator[str]:
    if not recipe.changes:
        yield f"scenario = load_scenario({recipe.base!r})"
        return
    yield "scenario = load_scenario("
    yield f"    {recipe.base!r},"
    yield "    ["
    for change in recipe.changes:
        yield f"        {change!r},"
    yield "    ],"
    yield ")"
