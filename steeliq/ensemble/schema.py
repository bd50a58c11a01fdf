"""What a design may say: factors with distributions or levels, their correlations, the method and its size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from statistics import NormalDist
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from steeliq.simulation.arrays import Floats
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import check, differences, load_scenario
from steeliq.simulation.scenario.places import Table, is_path, merged, text_keys, with_setting

type Option = bool | int | float | str
type Method = Literal["latin_hypercube", "sobol", "morris", "factorial", "one_at_a_time"]

TAIL: Final = 0.001
"""A normal distribution without bounds ends at these quantiles: 3.09 standard deviations to either side."""

REACH: Final = NormalDist().inv_cdf(1 - TAIL)
"""Those quantiles in standard deviations from the mean."""

_lax = Field(strict=False)  # a TOML array is a list; what is in it is checked strictly


class _Part(BaseModel):
    """A part of a design: unknown names are refused, values never change after the check."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, populate_by_name=True)


class Factor(_Part):
    """One thing that differs between members: a scenario setting, or rows of a dataset column times a number."""

    name: Annotated[str, Field(min_length=1, max_length=80, description="Name; default: the field or column")]
    field: Annotated[str, Field(description="A scenario setting by its dotted name")] = ""
    column: Annotated[str, Field(description="A number column of the dataset, table.column")] = ""
    where: Annotated[dict[str, str], Field(description="Which of its rows: a pattern for each column")] = {}
    distribution: Annotated[
        Literal["uniform", "normal", "triangular", "discrete"] | None, Field(description="How values are spread")
    ] = None
    low: Annotated[float | None, Field(description="Least value")] = None
    high: Annotated[float | None, Field(description="Greatest value")] = None
    mean: Annotated[float | None, Field(description="Mean of a normal distribution")] = None
    sd: Annotated[float | None, Field(gt=0, description="Standard deviation of a normal distribution")] = None
    mode: Annotated[float | None, Field(description="Likeliest value of a triangular distribution")] = None
    options: Annotated[tuple[Option, ...], Field(alias="values", description="Values of a discrete one"), _lax] = ()
    weights: Annotated[tuple[float, ...], Field(description="Their weights (default: equal)"), _lax] = ()
    levels: Annotated[tuple[Option, ...], Field(description="Values in place of a distribution"), _lax] = ()

    @model_validator(mode="before")
    @classmethod
    def _named(cls, table: Any) -> Any:
        if isinstance(table, Mapping) and not table.get("name"):
            return {**table, "name": table.get("field") or table.get("column") or "factor"}
        return table

    @property
    def choices(self) -> tuple[Option, ...]:
        """The values of a factor that has only a few; empty for a continuous one."""
        return self.levels or self.options

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers; else they are texts or yes and no."""
        return not any(isinstance(option, str | bool) for option in self.choices)

    @property
    def shares(self) -> Floats:
        """Probability of each choice (n,)."""
        weights = np.array(self.weights or [1.0] * len(self.choices), dtype=float)
        return np.asarray(weights / weights.sum())

    def values(self, u: Floats) -> np.ndarray[Any, Any]:
        """The factor's values at cumulative probabilities ``u`` in [0, 1] (n,): float, or str for texts."""
        from scipy import stats

        if self.choices:
            index = np.searchsorted(np.cumsum(self.shares)[:-1], u, side="right")
            return np.array([shown(option) for option in self.choices], dtype=None if self.numeric else object)[index]
        if self.distribution == "uniform":
            low, high = _bounds(self)
            return low + (high - low) * u
        if self.distribution == "triangular":
            low, high = _bounds(self)
            shape = ((self.mode or 0.0) - low) / (high - low)
            return np.asarray(stats.triang.ppf(u, shape, loc=low, scale=high - low))
        mean, sd = self.mean or 0.0, self.sd or 1.0
        reach = REACH
        low = -reach if self.low is None else (self.low - mean) / sd
        high = reach if self.high is None else (self.high - mean) / sd
        return np.asarray(stats.truncnorm.ppf(u, low, high, loc=mean, scale=sd))

    def places(self) -> Floats:
        """Cumulative probability at the middle of each choice (n,)."""
        return np.asarray(np.cumsum(self.shares) - self.shares / 2)

    def setting(self, value: float | str) -> Option:
        """A value of the table of members as a scenario takes it."""
        for option in self.choices:
            if shown(option) == value:
                return option
        return value if isinstance(value, str) else float(value)

    def extremes(self) -> tuple[Option, ...]:
        """All choices, or both ends of the distribution."""
        if self.choices:
            return self.choices
        return tuple(float(value) for value in self.values(np.array([0.0, 1.0])))


class Correlation(_Part):
    """Factors that move together: the rank correlation of each two of them."""

    factors: Annotated[tuple[str, ...], Field(min_length=2, description="Names of the factors"), _lax]
    value: Annotated[float, Field(gt=-1, lt=1, description="Their rank correlation")]


class Design(_Part):
    """What is varied, how it is sampled, and what stays the same in every member."""

    name: Annotated[str, Field(min_length=1, max_length=80, description="Name")]
    description: Annotated[str, Field(max_length=2000, description="What the ensemble asks")] = ""
    scenario: Annotated[str, Field(description="Preset, or a scenario file beside the design")] = "reference"
    method: Annotated[Method, Field(description="How points are chosen")] = "latin_hypercube"
    samples: Annotated[int, Field(ge=1, le=1_000_000, description="Points, base samples or trajectories")] = 40
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="Seed of the sampling")] = 1
    agent_seeds: Annotated[
        tuple[Annotated[int, Field(ge=0, le=2**31 - 1)], ...],
        Field(min_length=1, description="Seeds of the agents; every point is run with each"),
        _lax,
    ] = (1,)
    settings: Annotated[dict[str, Any], Field(description="Scenario settings of every member")] = {}
    factors: Annotated[tuple[Factor, ...], Field(min_length=1, description="What is varied"), _lax]
    correlations: Annotated[tuple[Correlation, ...], Field(description="What moves together"), _lax] = ()

    @cached_property
    def base(self) -> Scenario:
        """The scenario that members differ from. Raises ScenarioError."""
        given = load_scenario(self.scenario).model_dump(exclude_defaults=True)
        return check(merged(text_keys(given), self.settings), "settings")

    @property
    def problem(self) -> Table:
        """SALib's description of the sample: every factor from 0 to 1, its cumulative probability."""
        names = [factor.name for factor in self.factors]
        return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}

    @property
    def points(self) -> int:
        """Rows of the sample; each is run with every agent seed."""
        count = len(self.factors)
        if self.method == "factorial":
            return math.prod(len(factor.choices) for factor in self.factors)
        if self.method == "one_at_a_time":
            return 1 + sum(len(factor.choices) - 1 if factor.choices else 2 for factor in self.factors)
        return self.samples * {"latin_hypercube": 1, "sobol": count + 2, "morris": count + 1}[self.method]

    @property
    def correlation(self) -> Floats:
        """Rank correlations of the factors (k, k)."""
        names = [factor.name for factor in self.factors]
        matrix = np.eye(len(names))
        for group in self.correlations:
            rows = [names.index(name) for name in group.factors]
            matrix[np.ix_(rows, rows)] = np.where(np.eye(len(rows)) > 0, 1.0, group.value)
        return matrix


def _bounds(factor: Factor) -> tuple[float, float]:
    return (0.0 if factor.low is None else factor.low), (1.0 if factor.high is None else factor.high)


def shown(option: Option) -> float | str:
    """How a choice stands in the table of members: numbers as float, everything else as text."""
    if isinstance(option, bool):
        return str(option).lower()
    return option if isinstance(option, str) else float(option)


def setting_of(scenario: Scenario, field: str) -> object:
    """What a scenario has at a dotted name, a year's level within a path too; None if there is nothing."""
    value: object = scenario.model_dump()
    for part in field.split("."):
        value = (
            value.get(int(part) if is_path(value) and part.isdecimal() else part) if isinstance(value, dict) else None
        )
    return value


def scenario_with(design: Design, changes: Sequence[tuple[Factor, Option]], about: Table) -> Scenario:
    """The base scenario with factors of scenario fields at given values. Raises ScenarioError."""
    table = text_keys(differences(design.base)) | about
    for factor, value in changes:
        if factor.field:
            table = with_setting(table, factor.field, value)
    return check(table, about.get("name", design.name))
