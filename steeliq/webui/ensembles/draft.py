"""A design as it is being written: what stands in the form, and the same as TOML.

The form holds texts as they were typed, right or wrong. What it has no fields for (columns of the dataset,
correlations, further settings) comes from TOML and is carried along as such.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import tomli_w
from django.http import QueryDict

from steeliq.ensemble.design import Design, check_design, nothing_more
from steeliq.ensemble.design_problems import More
from steeliq.ensemble.schema import Factor as Varied
from steeliq.errors import DesignError, Problem
from steeliq.webui.ensembles.offers import Offer
from steeliq.webui.runs.offers import scenario_source
from steeliq.webui.scenarios.wording import number_text

type Table = dict[str, Any]

METHODS: Final = {
    "latin_hypercube": ("Latin hypercube", "Points", "Points spread evenly: for bands and chances."),
    "sobol": ("Sobol'", "Base samples (a power of two)", "N × (factors + 2) points: shares of the variance."),
    "morris": ("Morris", "Trajectories", "N × (factors + 1) points: screens many factors cheaply."),
    "factorial": ("Full factorial", "", "Every combination of levels."),
    "one_at_a_time": ("One at a time", "", "Each factor alone at its ends, for a tornado."),
}
"""Label, what samples are called (empty: not used), and what it is for."""

DISTRIBUTIONS: Final = {
    "uniform": ("Uniform", ("low", "high")),
    "triangular": ("Triangular", ("low", "mode", "high")),
    "normal": ("Normal", ("mean", "sd", "low", "high")),
    "discrete": ("Discrete, with weights", ("values", "weights")),
    "levels": ("Levels, equally likely", ("values",)),
}
"""Label and fields of each."""

LABELS: Final = {
    "low": "From", "high": "to", "mode": "Likeliest", "mean": "Mean", "sd": "Standard deviation",
    "values": "Values", "weights": "Weights",
}  # fmt: skip
OPTIONAL: Final = {("normal", "low"), ("normal", "high"), ("discrete", "weights")}
LISTS: Final = ("values", "weights")
BASICS: Final = (
    "name",
    "description",
    "scenario",
    "dataset",
    "first",
    "last",
    "method",
    "samples",
    "seed",
    "agent_seeds",
)
IN_FORM: Final = {"name", "field", "distribution", "low", "high", "mean", "sd", "mode", "values", "weights", "levels"}
MOST_FACTORS: Final = 60


@dataclass(frozen=True)
class Factor:
    """One factor as typed."""

    place: str  # the setting
    texts: Mapping[str, str]  # distribution, name and the fields of LABELS

    @property
    def distribution(self) -> str:
        """A key of DISTRIBUTIONS."""
        asked = self.texts.get("distribution", "")
        return asked if asked in DISTRIBUTIONS else "uniform"


@dataclass(frozen=True)
class Draft:
    """Everything in the form."""

    texts: Mapping[str, str] = field(default_factory=dict)  # by BASICS
    factors: tuple[Factor, ...] = ()
    rest: str = ""  # TOML: settings, factors and correlations that the form has no fields for

    def text(self, name: str) -> str:
        """A basic as it was typed."""
        return self.texts.get(name, "")

    @property
    def carried(self) -> Table:
        """What came from TOML, as a table."""
        try:
            return tomllib.loads(self.rest)
        except tomllib.TOMLDecodeError:  # only by a form that was not ours
            return {}

    def says_as(self, other: Draft) -> bool:
        """Whether another form says the same."""
        same_data = self.text("dataset") == other.text("dataset")
        return same_data and self.table({}) == other.table({})

    def with_factor(self, offer: Offer) -> Draft:
        """One more factor, at the end."""
        known = any(factor.place == offer.place for factor in self.factors)
        full = len(self.factors) >= MOST_FACTORS
        return (
            self
            if known or full
            else replace(self, factors=(*self.factors, Factor(offer.place, offer.begin | {"name": offer.label})))
        )

    def without(self, number: int) -> Draft:
        """All but one factor."""
        return replace(self, factors=tuple(one for place, one in enumerate(self.factors) if place != number))

    def table(self, offers: Mapping[str, Offer]) -> Table:
        """The design as a plain table; what was typed wrong stays a text, so that the check names it."""
        carried = self.carried
        settings = dict(carried.get("settings", {}))
        period = {key: _number(self.text(name)) for key, name in (("start", "first"), ("end", "last"))}
        period = {key: value for key, value in period.items() if value is not None}
        if period:
            settings["period"] = settings.get("period", {}) | period
        source = scenario_source(self.text("scenario"))
        table: Table = {"name": self.text("name").strip(), "scenario": str(source or self.text("scenario"))}
        if self.text("description").strip():
            table["description"] = self.text("description").strip()
        table["method"] = self.text("method")
        for name in ("samples", "seed"):
            value = _number(self.text(name))
            if value is not None:
                table[name] = value
        table["agent_seeds"] = [_number(part) for part in _parts(self.text("agent_seeds"))]
        if settings:
            table["settings"] = settings
        table["factors"] = [_table_of(factor, offers) for factor in self.factors] + list(carried.get("factors", []))
        if carried.get("correlations"):
            table["correlations"] = carried["correlations"]
        return table

    def checked(self, offers: Mapping[str, Offer], more: More = nothing_more) -> tuple[Design | None, list[Problem]]:
        """The design, or everything that is wrong with it; ``more`` as of `check_design`."""
        try:
            return check_design(self.table(offers), more=more), []
        except DesignError as error:
            return None, list(error.problems)

    def toml(self, offers: Mapping[str, Offer], design: Design | None) -> str:
        """The design as text. One that builds on a saved scenario holds its settings: a text goes elsewhere."""
        table = self.table(offers)
        if design is not None and scenario_source(self.text("scenario")) != self.text("scenario"):
            table |= {"scenario": design.scenario, "settings": design.settings}
        return tomli_w.dumps(table)


def first_draft(scenario: str = "reference") -> Draft:
    """What an empty form begins with."""
    return Draft(
        {
            "name": "",
            "scenario": scenario,
            "method": "latin_hypercube",
            "samples": "40",
            "seed": "1",
            "agent_seeds": "1",
        }
    )


def posted(form: QueryDict) -> Draft:
    """What a form holds."""
    factors = []
    for number in form.getlist("factor")[:MOST_FACTORS]:
        names = ("name", "distribution", *LABELS)
        texts = {name: form.get(f"{number}.{name}", "").strip()[:2000] for name in names}
        factors.append(Factor(form.get(f"{number}.field", "")[:200], texts))
    return Draft({name: form.get(name, "") for name in BASICS}, tuple(factors), form.get("rest", "")[:200_000])


def of_text(text: str, offers: Mapping[str, Offer], dataset: str) -> Draft:
    """The form of a design's text; what it has no fields for is carried along. Raises DesignError if it is no TOML."""
    try:
        table = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        rule = f"this is not TOML ({error}); write key = value, texts in double quotes, factors as [[factors]]"
        raise DesignError("design", [Problem("text", 0, "", "", rule)]) from error
    settings = dict(table.get("settings") or {}) if isinstance(table.get("settings"), dict) else {}
    given_period = settings.get("period")
    period: Table = given_period if isinstance(given_period, dict) else {}
    texts = {
        "name": str(table.get("name", "")),
        "description": str(table.get("description", "")),
        "scenario": str(table.get("scenario", "reference")),
        "dataset": dataset,
        "first": _typed(period.get("start")),
        "last": _typed(period.get("end")),
        "method": str(table.get("method", "latin_hypercube")),
        "samples": _typed(table.get("samples", 40)),
        "seed": _typed(table.get("seed", 1)),
        "agent_seeds": _typed(table.get("agent_seeds", [1])),
    }
    if set(period) <= {"start", "end"}:
        settings.pop("period", None)
    given = table.get("factors")
    all_factors = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    in_form = [one for one in all_factors if one.get("field") in offers and set(one) <= IN_FORM]
    rest: Table = {"settings": settings} if settings else {}
    others = [one for one in all_factors if one not in in_form]
    rest |= {"factors": others} if others else {}
    rest |= {"correlations": table["correlations"]} if table.get("correlations") else {}
    return Draft(texts, tuple(_factor_of(one) for one in in_form), tomli_w.dumps(rest) if rest else "")


def _factor_of(table: Table) -> Factor:
    texts = {name: _typed(table[name]) for name in LABELS if name in table}
    if "levels" in table:
        texts |= {"distribution": "levels", "values": _typed(table["levels"])}
    else:
        texts["distribution"] = str(table.get("distribution", ""))
    return Factor(str(table["field"]), texts | {"name": str(table.get("name", ""))})


def _table_of(factor: Factor, offers: Mapping[str, Offer]) -> Table:
    offer, kind = offers.get(factor.place), factor.distribution
    table: Table = {"name": factor.texts.get("name") or factor.place, "field": factor.place}
    if kind != "levels":
        table["distribution"] = kind
    for name in DISTRIBUTIONS[kind][1]:
        text = factor.texts.get(name, "")
        if name in LISTS:
            parts = [_value(part, offer, name) for part in _parts(text)]
            if parts:
                table["levels" if kind == "levels" else name] = parts
        elif text:
            table[name] = _float(text)
    return table


def _value(part: str, offer: Offer | None, name: str) -> Any:
    if name == "weights" or offer is None or offer.kind == "number":
        return _float(part)
    if offer.kind == "switch":
        return {"yes": True, "no": False, "true": True, "false": False}.get(part.lower(), part)
    return _number(part) if offer.kind == "whole" else part


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]


def _number(text: str) -> int | float | str | None:
    """A number as TOML has it; a text that is none stays one, an empty one is nothing."""
    text = text.strip()
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return int(text)
    return _float(text) if text else None


def _float(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_typed(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number_text(value) if isinstance(value, int | float) else str(value)


@dataclass(frozen=True, slots=True)
class Placed:
    """Problems by the field at which they stand; ``general`` for what belongs to none."""

    basics: dict[str, list[str]]
    factors: dict[tuple[int, str], list[str]]
    general: list[str]


FIELDS: Final = {"settings.period.start": "first", "settings.period.end": "last"}


def placed(problems: list[Problem], draft: Draft, table: Table) -> Placed:
    """Each problem beside the field that it is about."""
    names = [str(one.get("name", "")) for one in table["factors"]][: len(draft.factors)]
    found = Placed({}, {}, [])
    for problem in problems:
        text = (f"found {problem.value!r}; " if problem.value else "") + problem.rule
        number = _number_of(problem.table, names)
        if number is not None:
            known = (*DISTRIBUTIONS[draft.factors[number].distribution][1], "distribution", "name")
            column = "values" if problem.column in ("levels", "options") else problem.column
            found.factors.setdefault((number, column if column in known else ""), []).append(text)
            continue
        place = FIELDS.get(f"{problem.table}.{problem.column}", problem.column if problem.table == "design" else "")
        if place in BASICS:
            found.basics.setdefault(place, []).append(text)
        else:
            found.general.append(str(problem))
    return found


def _number_of(table: str, names: list[str]) -> int | None:
    counted = re.match(r"factor (\d+)\b(?= \(|$)", table)
    if counted and table.removeprefix("factor ") not in names:
        number = int(counted[1]) - 1
        return number if number < len(names) else None
    name = table.removeprefix("factor ")
    return names.index(name) if table.startswith("factor ") and name in names else None


def told(factor: Varied) -> str:
    """How a factor is spread, in words."""
    if factor.choices:
        weights = f", weights {_typed(factor.weights)}" if factor.weights else ""
        return f"{_typed(factor.choices)}{weights}"
    bounds = {name: getattr(factor, name) for name in DISTRIBUTIONS[str(factor.distribution)][1]}
    parts = [f"{LABELS[name].lower()} {number_text(value)}" for name, value in bounds.items() if value is not None]
    return f"{factor.distribution}: {', '.join(parts)}".replace(", to ", " to ")


def subject(factor: Varied) -> str:
    """What a factor changes: a setting, or rows of a column of the dataset."""
    where = ", ".join(f"{key} = {pattern}" for key, pattern in factor.where.items())
    return factor.field or f"{factor.column} × factor" + (f" where {where}" if where else "")
