"""What a run assumes, in words: every setting that is not the reference's, old and new, with its unit."""

from __future__ import annotations

from dataclasses import dataclass

from steeliq.simulation.results.differences import settings
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import differences
from steeliq.webui.compare.assumptions import label_of, meaning_of, value_told
from steeliq.webui.scenarios.wording import plain


@dataclass(frozen=True, slots=True)
class Changed:
    """One setting: dotted name, what the editor calls it and what it means, the reference's value, this run's, unit."""

    name: str
    label: str
    meaning: str
    old: str
    new: str
    unit: str


def changed(scenario: Scenario) -> list[Changed]:
    """Settings that differ from the reference scenario; the simulated years are told elsewhere."""
    own = {name: text for name, text in settings(differences(scenario)).items() if not name.startswith("period.")}
    defaults = settings(Scenario(name="reference").model_dump(mode="json"))
    rows = []
    for name, new in own.items():
        meaning, unit = meaning_of(name)
        rows.append(
            Changed(name, label_of(name), meaning, value_told(defaults.get(name, "None"), name), plain(new), unit)
        )
    return rows
