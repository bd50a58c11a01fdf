"""What a run assumes, in words: every setting that is not the reference's, old and new, with its unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from steeliq.simulation.results.differences import settings
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import differences
from steeliq.webui.compare.assumptions import label_of
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
        meaning, unit = _meaning(name)
        rows.append(Changed(name, label_of(name), meaning, plain(defaults.get(name, "not set")), plain(new), unit))
    return rows


def _meaning(name: str) -> tuple[str, str]:
    """Description and unit of a dotted setting, from the schema; a key of a table has its table's."""
    model: type[BaseModel] = Scenario
    meaning, unit = "", ""
    for part in name.split("."):
        field = model.model_fields.get(part)
        if field is None:
            break
        meaning = field.description or meaning
        extra = field.json_schema_extra
        unit = str(extra.get("unit", unit)) if isinstance(extra, dict) else unit
        inner = _model_in(field.annotation)
        if inner is None:
            break
        model = inner
    return meaning, "" if unit == "1" else unit


def _model_in(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
