"""Designs of ensembles: TOML files, read, checked as a whole and written, with a hash of what they compute."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from steeliq.ensemble.design_problems import More, of_design, told
from steeliq.ensemble.schema import Correlation, Design, Factor
from steeliq.errors import DesignError, Problem, ScenarioError
from steeliq.simulation.scenario.files import differences as scenario_differences
from steeliq.simulation.scenario.files import load_scenario, preset_names
from steeliq.simulation.scenario.places import Table, merged, text_keys

__all__ = [
    "Correlation", "Design", "Factor", "check_design", "design_hash", "differences", "load_design", "parse_design",
    "resolved", "to_toml",
]  # fmt: skip


def nothing_more(_: Design) -> list[Problem]:
    """No check besides those of the design by itself."""
    return []


def load_design(path: str | Path, more: More = nothing_more) -> Design:
    """The design of a TOML file; a scenario that it names is looked for beside it. ``more``, errors: `check_design`."""
    place = Path(path)
    try:
        text = place.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        rule = "there is no such file; 'steeliq ensemble design FILE' writes an example"
        raise DesignError(str(path), [Problem("design", 0, "", str(path), rule)]) from error
    except IsADirectoryError as error:
        rule = "this folder holds no design.toml; give the design file, and the folder by --out"
        raise DesignError(str(path), [Problem("design", 0, "", str(path), rule)]) from error
    except (OSError, UnicodeDecodeError) as error:
        rule = f"the file cannot be read as UTF-8 text ({error}); give a TOML file"
        raise DesignError(str(path), [Problem("design", 0, "", str(path), rule)]) from error
    return parse_design(text, str(path), place.parent, more)


def parse_design(text: str, where: str = "design", folder: Path | None = None, more: More = nothing_more) -> Design:
    """The design of a TOML text; ``folder`` is where its scenario file is. ``more``, errors: as of `check_design`."""
    try:
        table = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        rule = f"this is not TOML ({error}); write key = value, texts in double quotes, factors as [[factors]]"
        raise DesignError(where, [Problem("text", 0, "", "", rule)]) from error
    return check_design(table, where, folder, more)


def check_design(
    table: Mapping[str, Any], where: str = "design", folder: Path | None = None, more: More = nothing_more
) -> Design:
    """The design of a plain table, checked by itself, and by ``more`` (`checks.py` has what looks into a dataset).

    Raises DesignError with every problem. The scenario of a file is taken into the settings, so that the design says
    everything.
    """
    table, problems = _with_scenario(dict(table), folder)
    try:
        design = Design.model_validate(table)
    except ValidationError as error:
        raise DesignError(where, [*problems, *told(error, table, more)]) from error
    problems += of_design(design, more)
    if problems:
        raise DesignError(where, problems)
    return design


def _with_scenario(table: Table, folder: Path | None) -> tuple[Table, list[Problem]]:
    """The table with the settings of its scenario file in place of the file's name."""
    source, settings = table.get("scenario", "reference"), table.get("settings", {})
    if not isinstance(source, str) or not isinstance(settings, Mapping):
        return table, []  # told by the schema
    try:
        scenario = load_scenario(source if source in preset_names() else (folder or Path()) / source)
    except ScenarioError as error:
        return {**table, "scenario": "reference"}, list(error.problems)
    if source in preset_names():
        return table, []
    return {
        **table,
        "scenario": "reference",
        "settings": merged({"name": scenario.name, **text_keys(scenario_differences(scenario))}, settings),
    }, []


def resolved(design: Design) -> Table:
    """The design as a plain table that depends on no preset: settings hold all that differs from the default."""
    table = design.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    table |= {"name": design.name, "scenario": "reference", "settings": text_keys(scenario_differences(design.base))}
    table["settings"] = {"name": design.base.name, **table["settings"]}
    return table


def to_toml(design: Design) -> str:
    """The canonical text of a design; it reads as a design of the same hash."""
    table = resolved(design)
    order = (*("name", "description", "scenario", "method", "samples", "seed", "agent_seeds"),)
    ordered = {key: table[key] for key in order if key in table} | table
    return tomli_w.dumps(ordered)


def differences(one: Design, other: Design) -> list[str]:
    """What two designs say otherwise, in words, such as "factor demand, high: 1.1, now 1.2"; names aside."""
    before, after = _flat(one), _flat(other)
    return [
        f"{key}: {before.get(key, 'nothing')}, now {after.get(key, 'nothing')}"
        for key in [*before, *(key for key in after if key not in before)]
        if before.get(key) != after.get(key)
    ]


def _flat(design: Design) -> dict[str, str]:
    """Every entry of a design that takes part in its hash, by its place in words."""
    table = design.model_dump(mode="json", by_alias=True, exclude={"name", "description", "scenario", "settings"})
    found = {f"settings {key}": str(value) for key, value in _leaves(scenario_differences(design.base))}
    for key, value in table.items():
        if key == "factors":
            found |= {
                f"factor {one['name']}, {part}": str(entry)
                for one in value
                for part, entry in one.items()
                if entry not in (None, "", [], {})
            }
        else:
            found[key] = str(value)
    return {key: value for key, value in found.items() if not key.startswith(("settings name", "settings description"))}


def _leaves(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def design_hash(design: Design) -> str:
    """SHA-256 [hex] of what a design computes: names and descriptions take no part."""
    table = resolved(design)
    table = {key: value for key, value in table.items() if key not in {"name", "description"}}
    table["settings"] = {key: value for key, value in table["settings"].items() if key not in {"name", "description"}}
    table |= {"seed": design.seed, "method": design.method, "samples": design.samples}
    table["agent_seeds"] = list(design.agent_seeds)
    return hashlib.sha256(json.dumps(table, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
