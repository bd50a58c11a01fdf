"""What is wrong with a design for a dataset: columns, patterns and names that are not there, values that do not fit."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

import pandas as pd

from steeliq.ensemble.members import matching
from steeliq.ensemble.schema import Design, Factor, Option, scenario_with
from steeliq.errors import DesignError, Problem, ScenarioError
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.dataset.schema import Column, schema
from steeliq.simulation.dataset.validate import PLAUSIBLE
from steeliq.simulation.inputs import compile_inputs
from steeliq.simulation.scenario.problems import suggestion

SHOWN: Final = 8
"""Values of a column that a message lists at most."""


def check_against(design: Design, dataset: Dataset) -> None:
    """Refuse a design that the dataset does not fit. Raises DesignError with every problem."""
    if problems := against(design, dataset):
        raise DesignError(f"{design.name}, with the dataset {dataset.name}", problems)


def against(design: Design, dataset: Dataset) -> list[Problem]:
    """All that does not fit the dataset; seconds for a large one, since scenarios are compiled."""
    return columns_against(design, dataset) + _of_scenarios(design, dataset)


def columns_against(design: Design, dataset: Dataset) -> list[Problem]:
    """What does not fit of the columns that are varied; at once."""
    return [problem for factor in design.factors if factor.column for problem in _of_column(factor, dataset)]


def _of_column(factor: Factor, dataset: Dataset) -> list[Problem]:
    place = f"factor {factor.name}"
    table, _, name = factor.column.partition(".")
    if table not in schema():
        rule = f"the dataset has no such table{suggestion(table, schema())}; write table.column (docs/dataset.md)"
        return [Problem(place, 0, "column", factor.column, rule)]
    columns = {column.name: column for column in schema()[table].columns}
    column = columns.get(name)
    if column is None or column.type != "number":
        numbers = [known for known, found in columns.items() if found.type == "number"]
        why = "the table has no such column" if column is None else "only columns of numbers can be multiplied"
        rule = f"{why}{suggestion(name, numbers)}; numbers in {table}: {', '.join(numbers) or 'none'}"
        return [Problem(place, 0, "column", factor.column, rule)]
    frame = dataset[table]
    problems = [problem for key in factor.where for problem in _of_pattern(factor, key, frame, list(columns))]
    if problems:
        return problems
    rows = matching(frame, factor.where)
    if not rows.any():
        rule = f"no row of {table} matches all these patterns together; each of them matches some"
        return [Problem(place, 0, "where", _written(factor), rule)]
    return _of_values(factor, column, frame.loc[rows, name])


def _of_pattern(factor: Factor, key: str, frame: pd.DataFrame, columns: list[str]) -> list[Problem]:
    place, pattern = f"factor {factor.name}", factor.where[key]
    if key not in columns:
        rule = f"the table has no such column{suggestion(key, columns)}; columns: {', '.join(columns)}"
        return [Problem(place, 0, f"where.{key}", pattern, rule)]
    values = sorted(set(frame[key].astype(str)))
    if any(fnmatchcase(value, pattern) for value in values):
        return []
    listed = ", ".join(values[:SHOWN]) + (", ..." if len(values) > SHOWN else "")
    rule = f"no row matches this pattern{suggestion(pattern, values)}; there are: {listed or 'no rows'}"
    return [Problem(place, 0, f"where.{key}", pattern, rule)]


def _of_values(factor: Factor, column: Column, values: pd.Series[float]) -> list[Problem]:
    """Whether the multiplied rows stay within what the dataset's own check lets through."""
    ends = [float(value) for value in factor.extremes()]
    low, high, low_allowed = column.bounds
    usual_low, usual_high = PLAUSIBLE.get((column.table, column.name), (low, high))
    low, high = max(low, usual_low), min(high, usual_high)
    for end in (min(ends), max(ends)):
        products = values.dropna() * end
        least, greatest = float(products.min()), float(products.max())
        outside = least < low or greatest > high or (least == low and not low_allowed)
        if outside:
            wrong = greatest if greatest > high else least
            rule = (
                f"times {end:g} a row of {column.table}.{column.name} becomes {wrong:g}, but {low:g} to {high:g} is "
                "allowed; narrow the distribution or the rows (where)"
            )
            return [Problem(f"factor {factor.name}", 0, "column", factor.column, rule)]
    return []


def _written(factor: Factor) -> str:
    return ", ".join(f"{key} = {pattern}" for key, pattern in factor.where.items())


def _of_scenarios(design: Design, dataset: Dataset) -> list[Problem]:
    """What the dataset does not know of the settings: the scenario as it is, and every text that a factor gives."""
    try:
        _ = design.base
    except ScenarioError:  # told by the check of the design itself
        return []
    problems = _unknown("settings", design, dataset, [])
    if problems:
        return problems
    for factor in design.factors:
        if factor.field:
            tried = factor.choices if not factor.numeric else factor.extremes()[:1]
            for option in tried:
                problems += _unknown(f"factor {factor.name}", design, dataset, [(factor, option)])
    return problems


def _unknown(place: str, design: Design, dataset: Dataset, changes: list[tuple[Factor, Option]]) -> list[Problem]:
    try:
        compile_inputs(dataset, scenario_with(design, changes, {}))
    except ScenarioError as error:
        return [Problem(place, one.row, one.column or one.table, one.value, one.rule) for one in error.problems]
    return []
