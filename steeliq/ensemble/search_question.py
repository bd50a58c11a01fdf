"""A search's question as a plain table and back: how it lies in a search's folder and in the app's database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from steeliq.ensemble.search import Lever, Question, Target
from steeliq.simulation.scenario.files import parse_scenario, to_toml


def table_of(question: Question) -> dict[str, Any]:
    """The question, for JSON; the scenario as TOML."""
    return {
        "scenario": to_toml(question.base),
        "setting": question.lever.setting,
        "path": {str(year): level for year, level in question.lever.path.items()},
        "target": asdict(question.target),
        "start": question.start,
        "end": question.end,
        "seeds": list(question.seeds),
        "steps": question.steps,
        "tolerance": question.tolerance,
    }


def question_of(table: Mapping[str, Any]) -> Question:
    """The question of a table.

    Raises ScenarioError if its scenario is refused; LookupError, TypeError or ValueError if the table is no question.
    """
    target = table["target"]
    return Question(
        base=parse_scenario(str(table["scenario"]), "scenario of the search"),
        lever=Lever(str(table["setting"]), {int(year): float(level) for year, level in table["path"].items()}),
        target=Target(
            output=str(target["output"]),
            year=int(target["year"]),
            limit=float(target["limit"]),
            at_least=bool(target["at_least"]),
            area=str(target["area"]),
        ),
        start=float(table["start"]),
        end=float(table["end"]),
        seeds=tuple(int(seed) for seed in table["seeds"]),
        steps=int(table["steps"]),
        tolerance=float(table["tolerance"]),
    )
