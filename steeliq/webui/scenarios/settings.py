"""Every setting of a scenario as the editor shows it: all that can be read from the model is read from the model.

A new setting appears in the form without a change here. What the model cannot say (which dataset table holds the names
that a text may take, under which heading a group stands, a label that reads better than the name) stands in the tables
below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, TypeAliasType, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.owners import TechnologyWindow
from steeliq.simulation.scenario.problems import allowed
from steeliq.webui.scenarios.wording import choice_text, value_text

type Kind = Literal["text", "long", "whole", "number", "switch", "choice", "named", "path", "paths", "windows"]

NAMED: Final = {
    "demand.scenario": "steel_demand",
    "scrap.scenario": "scrap_supply",
    "prices.scenario": "prices",
    "grid.scenario": "grid_intensity",
    "carbon.scenario": "carbon_prices",
}
"""Texts that name a scenario of a dataset table."""

FREE: Final = ("trade.duties", "trade.charges", "trade.limits", "limits.use")
"""Paths by names of which only the usual ones are offered."""

SECTIONS: Final = (
    ("about", "Name and seed", ("",)),
    ("period", "Period", ("period",)),
    ("demand", "Demand and scrap", ("demand", "scrap")),
    ("prices", "Prices and grid", ("prices", "grid")),
    ("carbon", "Carbon policy", ("carbon",)),
    ("trade", "Trade policy", ("trade",)),
    ("support", "Support", ("support",)),
    ("technologies", "Technologies", ("technologies",)),
    ("finance", "Finance", ("finance",)),
    ("decisions", "Decisions", ("decisions",)),
    ("siting", "New sites", ("siting",)),
    ("model", "Limits and model", ("limits", "dispatch")),
)
"""Headings of the form and the groups of the model under them; groups that are missing here come last."""

FIRST: Final = (
    "carbon.scenario",
    "carbon.paths",
    "carbon.border_adjustment",
    "demand.factor",
    "prices.factors",
    "grid.scenario",
    "technologies",
    "support.capex",
    "trade.tariffs",
    "scrap.factor",
    "limits.co2_storage",
    "siting.enabled",
    "decisions.mode",
)
"""What most questions turn, among so many; the form leads there first."""

LABELS: Final = {
    "name": "Name",
    "description": "Description",
    "seed": "Seed",
    "period.start": "First year",
    "period.end": "Last year",
    "prices.factors": "Price factors by commodity",
    "prices.rule": "Steel price rule",
    "scrap.source": "Scrap supply from",
    "scrap.lifetime": "Lifetime factor",
    "scrap.collection": "Collection factor",
    "scrap.fabrication": "Fabrication yield factor",
    "carbon.paths": "Carbon prices by area",
    "carbon.scenario": "Carbon price scenario",
    "carbon.factor": "Carbon price factor",
    "carbon.caps": "Emission caps by area",
    "demand.premiums": "Low-carbon premiums by area",
    "demand.elasticity": "Price elasticity",
    "demand.response_limit": "Greatest response to prices",
    "demand.premium_factor": "Low-carbon premium factor",
    "carbon.emission_caps": "Emission caps",
    "limits.inputs": "Input limits factor",
    "limits.storage_rule": "CO2 storage rule",
    "trade.tariffs": "Tariff factor",
    "trade.frictions": "Friction factor",
    "trade.freight": "Freight factor",
    "trade.bans": "Trade bans",
    "trade.quotas": "Quotas",
    "trade.duties": "Duties by flow",
    "trade.charges": "Duties per tonne by flow",
    "trade.limits": "Limits and bans by flow",
    "support.subsidies": "Subsidy factor",
    "support.capex": "CAPEX grants by area",
    "support.hydrogen": "Hydrogen subsidies by area",
    "support.debt": "Cheaper debt by area",
    "support.strikes": "Carbon contracts by area",
    "support.benchmark": "Benchmark of carbon contracts",
    "carbon.borders": "Border adjustments by area",
    "carbon.border_credit": "Border credit for free allowances",
    "limits.use": "Limits on use by good and area",
    "carbon.priced": "Priced emissions",
    "technologies": "Windows and costs by technology",
    "finance.capex": "CAPEX factors by area",
    "finance.cost_of_debt": "Added to the cost of debt",
    "finance.cost_of_equity": "Added to the cost of equity",
    "finance.construction": "Construction time",
    "finance.life": "Economic life",
    "decisions.mode": "Way of choosing",
    "decisions.unit": "Deciding unit",
    "decisions.closing": "Early closure",
    "decisions.announced": "Announced plants",
    "limits.co2_storage": "CO2 storage factor",
    "limits.biomass": "Biomass factor",
    "siting.enabled": "Plants at sites with own power",
    "siting.share": "Share of own power",
    "siting.solar_cost": "Solar cost factor",
    "siting.wind_cost": "Wind cost factor",
    "siting.battery_cost": "Battery cost factor",
    "siting.electrolyser_cost": "Electrolyser cost factor",
    "siting.deployment": "World deployment by kind of plant",
    "siting.solar_learning": "Learning rate of solar",
    "siting.wind_learning": "Learning rate of wind",
    "siting.battery_learning": "Learning rate of batteries",
    "siting.electrolyser_learning": "Learning rate of electrolysers",
    "siting.hydrogen_quantile": "Hydrogen ceiling",
    "siting.pipeline_cost": "Hydrogen pipeline cost",
    "siting.pipeline_reach": "Hydrogen pipeline reach",
    "siting.candidates": "Sites looked at",
    "siting.per_country": "Sites of one country",
    "siting.projects": "New projects a year",
    "siting.consideration": "Years of consideration",
    "siting.announcing": "Chance of announcement",
    "siting.starting": "Chance of building",
    "siting.build_out": "Build-out at sites",
    "siting.max_slope": "Steepest ground",
    "siting.rail_cost": "Cost of a line to the railway",
    "siting.solar_density": "Solar power per km2",
    "siting.wind_density": "Wind power per km2",
    "siting.only_needed": "Only what is needed",
    "dispatch.cost_steps": "Cost steps factor",
}
_WRITTEN: Final = {"capex": "CAPEX", "co2": "CO2"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One leaf of the scenario: what it is called, what it may be."""

    place: str  # dotted name
    group: str  # of the model; "" for the scenario's own
    kind: Kind
    label: str
    help: str
    unit: str  # as people read it; "" for none
    default: Any
    least: float | None
    most: float | None
    choices: tuple[str, ...]
    longest: int | None
    optional: bool
    allowed: str  # range in words; empty if there is none

    @property
    def id(self) -> str:
        """Of its element in the page."""
        return f"field-{self.place}"

    @property
    def table(self) -> str:
        """Dataset table that says what the names that it may take stand for; empty for other kinds."""
        return NAMED.get(self.place, "")

    @property
    def step(self) -> str:
        """How far one press of an arrow key goes."""
        if self.kind == "whole":
            return "1"
        if self.most is not None and self.most <= 1:
            return "0.01"
        return "10" if isinstance(self.default, int | float) and self.default >= 100 else "0.1"

    @property
    def hint(self) -> str:
        """Help, range and default in one line."""
        default = f"default {self.default_text}" if self.default_text else ""
        return " · ".join(part for part in (self.help, self.allowed, default) if part)

    @property
    def default_text(self) -> str:
        """Default as people read it; empty where there is none worth telling."""
        return "" if self.kind in ("text", "long", "paths", "windows") else self.text(self.default)

    def text(self, value: Any) -> str:
        """A value of this setting as people read it."""
        return choice_text(value) if self.kind == "choice" else value_text(value)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the model within a section."""

    name: str
    title: str
    help: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the form."""

    id: str
    title: str
    groups: tuple[Group, ...]

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings under the heading."""
        return tuple(setting for group in self.groups for setting in group.settings)


@cache
def settings() -> tuple[Setting, ...]:
    """All settings of a scenario in the order of the model."""
    return tuple(_leaves(Scenario, ""))


@cache
def by_place() -> dict[str, Setting]:
    """All settings by dotted name."""
    return {setting.place: setting for setting in settings()}


@cache
def window_settings() -> tuple[Setting, ...]:
    """The settings of one technology; their places are bare names."""
    return tuple(_setting(name, "technologies", field) for name, field in TechnologyWindow.model_fields.items())


@cache
def sections() -> tuple[Section, ...]:
    """The form from top to bottom."""
    groups = tuple(dict.fromkeys(setting.group for setting in settings()))
    told = {group for _, _, names in SECTIONS for group in names}
    plan = (*SECTIONS, *((name, humanised(name), (name,)) for name in groups if name not in told))
    return tuple(Section(key, title, tuple(_group(name) for name in names)) for key, title, names in plan)


def humanised(name: str) -> str:
    """A name of the model as a label.

    >>> humanised("capex_factor"), humanised("free_allocation")
    ('CAPEX factor', 'Free allocation')
    """
    words = [_WRITTEN.get(word, word) for word in name.split("_")]
    first = words[0] if words[0] in _WRITTEN.values() else words[0].capitalize()
    return " ".join([first, *words[1:]])


def _group(name: str) -> Group:
    annotation = Scenario.model_fields[name].annotation if name else None
    told = annotation.__doc__ if isinstance(annotation, type) and issubclass(annotation, BaseModel) else ""
    if name == "technologies":
        told = TechnologyWindow.__doc__
    found = tuple(setting for setting in settings() if setting.group == name)
    return Group(name, humanised(name) if name else "", told or "", found)


def _leaves(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _leaves(field.annotation, f"{prefix}{name}.")
        else:
            group = prefix.removesuffix(".") or (name if get_origin(field.annotation) is dict else "")
            yield _setting(prefix + name, group, field)


def _setting(place: str, group: str, field: FieldInfo) -> Setting:
    bounds = {
        name: getattr(rule, name)
        for rule in field.metadata
        for name in ("gt", "ge", "lt", "le", "max_length")
        if hasattr(rule, name)
    }
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    kind = _kind(place, field, bounds.get("max_length"))
    most = bounds.get("le", bounds.get("lt"))
    return Setting(
        place=place,
        group=group,
        kind=kind,
        label=_label(place),
        help="" if field.description == _label(place) else field.description or "",
        unit=_unit(unit, field.description or "", kind),
        default=field.default,
        least=bounds.get("ge", bounds.get("gt")),
        most=most,
        choices=get_args(field.annotation) if kind == "choice" else (),
        longest=bounds.get("max_length"),
        optional=type(None) in get_args(field.annotation),
        allowed=allowed(field),
    )


def _label(place: str) -> str:
    group, _, name = place.rpartition(".")
    if place in LABELS:
        return LABELS[place]
    return humanised(f"{group}_{name}") if group and name in ("scenario", "factor") else humanised(name)


def _unit(unit: str, told: str, kind: Kind) -> str:
    """Units as people read them: a bare 1 is a count, a factor or a share."""
    if unit == "year":
        return ""
    if unit != "1":
        return unit
    if kind == "whole":
        return ""  # a count
    if told.startswith("Share"):
        return "share, 1 = 100 %"
    return "multiplier" if kind in ("path", "paths") or "ultipl" in told else "share, 1 = 100 %"


def _kind(place: str, field: FieldInfo, longest: int | None) -> Kind:
    annotation = field.annotation
    arguments = get_args(annotation)
    if get_origin(annotation) is Literal:
        return "choice"
    if isinstance(annotation, TypeAliasType):
        return "path"
    if get_origin(annotation) is dict:
        return "windows" if isinstance(arguments[1], type) else "paths"
    plain: dict[Any, Kind] = {bool: "switch", int: "whole", float: "number", str: "text"}
    inner = next((part for part in (annotation, *arguments) if part in plain), None)
    if inner is None:
        raise TypeError(f"{place}: the editor knows no field for {annotation}; teach steeliq.webui.scenarios.settings")
    if inner is str:
        return "named" if place in NAMED else "long" if (longest or 0) > 200 else "text"
    return plain[inner]
