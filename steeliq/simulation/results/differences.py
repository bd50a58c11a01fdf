"""How the scenario of a run differs from the preset whose name it begins with, else from the reference scenario."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from steeliq.simulation.results.provenance import flat
from steeliq.simulation.scenario.files import differences, load_scenario, preset_names

UNTOLD: Final = ("name", "description")
"""Settings that say nothing on the world."""


def differences_from_preset(document: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """What the run is compared with, and dotted setting to value, from a run.json document.

    A preset's setting that the run has put back to the default counts as a difference too.
    """
    # A preset with changes is called "preset, change, change".
    name = str(document["scenario"].get("name") or "").split(",")[0]
    own = settings(document["differences"])
    if name not in preset_names():
        return "the reference scenario", own
    # As run.json holds it, so that equal settings have equal texts.
    preset = settings(json.loads(json.dumps(differences(load_scenario(name)), default=str)))
    full = settings(document["scenario"])
    back = {key: full.get(key, "default") for key in preset if key not in own}
    changed = {key: value for key, value in own.items() if preset.get(key) != value}
    return f"the preset {name}", changed | back


def settings(nested: Mapping[str, Any]) -> dict[str, str]:
    """Dotted settings and texts; a path over years is one text; name and description are left out.

    >>> settings({"name": "mine", "seed": 7, "scrap": {"factor": {"2025": 1.0, "2050": 1.1}}})
    {'seed': '7', 'scrap.factor': '1.0 in 2025, 1.1 in 2050'}
    """
    return flat({key: _with_paths(value) for key, value in nested.items() if key not in UNTOLD})


def _with_paths(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()  # as a scenario file has it
    if not isinstance(value, Mapping) or not value:
        return value
    if all(str(key).isdigit() for key in value):
        return ", ".join(f"{number} in {year}" for year, number in value.items())
    return {key: _with_paths(inner) for key, inner in value.items()}
