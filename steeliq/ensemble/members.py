"""A member: its scenario and its dataset from the design and a row of the table of members; its key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from steeliq.ensemble.schema import Design, Factor, scenario_with
from steeliq.simulation.arrays import Bools
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.run_record import code_hash
from steeliq.simulation.scenario import Scenario

COMPUTING: Final = ("members.py", "one.py", "outputs.py")
"""Modules of this room that decide what a member's results are."""


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of a dataset column times a number."""

    column: str  # table.column
    where: tuple[tuple[str, str], ...]  # (column, pattern)
    multiplier: float


def member_row(members: pd.DataFrame, member: int) -> pd.Series[Any]:
    """The row of a member in the table of members; its name is the number. Raises KeyError."""
    row = members.loc[member]
    assert isinstance(row, pd.Series), "members are numbered once"  # noqa: S101 (tells the type)
    return row


def member_scenario(design: Design, row: pd.Series[Any]) -> Scenario:
    """The scenario of a member (a row of the table of members, named by its number); `steeliq run` runs it as it is.

    Raises ScenarioError if the member's values do not go together.
    """
    values = {factor.name: row[factor.name] for factor in design.factors}
    given = [(factor, factor.setting(values[factor.name])) for factor in design.factors]
    said = ", ".join(
        f"{name} {value if isinstance(value, str) else format(value, '.6g')}" for name, value in values.items()
    )
    name = f", member {row.name}"
    about = {
        "name": f"{design.name[: 80 - len(name)]}{name}",
        "description": f"Member {row.name} of the ensemble {design.name}: {said}."[:2000],
        "seed": int(row["agent_seed"]),
    }
    return scenario_with(design, given, about)


def changes_of(design: Design, row: pd.Series[Any]) -> tuple[Change, ...]:
    """What the member changes in the dataset, in the order of the design."""
    return tuple(
        Change(factor.column, tuple(sorted(factor.where.items())), float(row[factor.name]))
        for factor in design.factors
        if factor.column
    )


def changed_dataset(dataset: Dataset, changes: tuple[Change, ...]) -> Dataset:
    """The dataset with the changes applied, its hash that of both; the same object if there are none.

    Amounts keep twelve significant digits, as those of every dataset, so that a written copy reads as the same.
    """
    if not changes:
        return dataset
    from steeliq.simulation.dataset.canonical import rounded

    tables = dict(dataset.tables)
    for change in changes:
        table, _, column = change.column.partition(".")
        frame = tables[table]
        rows = matching(frame, dict(change.where))
        values = frame[column].where(~rows, frame[column] * change.multiplier)
        tables[table] = frame.assign(**{column: rounded(values).to_numpy()})
    digest = hashlib.sha256(json.dumps([dataset.hash, _plain(changes)]).encode()).hexdigest()
    return replace(dataset, tables=MappingProxyType(tables), hash=digest)


def member_dataset(design: Design, row: pd.Series[Any], dataset: Dataset) -> Dataset:
    """The dataset of a member, checked like one that is read. Raises DatasetError if the member's values do not fit."""
    from steeliq.errors import DatasetError
    from steeliq.simulation.dataset.canonical import content_hash, csv_text
    from steeliq.simulation.dataset.schema import schema
    from steeliq.simulation.dataset.validate import problems

    changed = changed_dataset(dataset, changes_of(design, row))
    if changed is dataset:
        return dataset
    wrong = problems(changed.tables)
    if wrong:
        raise DatasetError(f"dataset of member {row.name}", wrong)
    texts = {name: csv_text(changed[name], table) for name, table in schema().items()}
    return replace(changed, hash=content_hash(texts), title=f"{dataset.title}, member {row.name} of {design.name}")


def matching(frame: pd.DataFrame, where: Mapping[str, str]) -> Bools:
    """Rows whose columns match the patterns (n,): ``*`` any text, ``?`` one sign; numbers match as they are written."""
    rows = np.ones(len(frame), dtype=bool)
    for column, pattern in where.items():
        texts = frame[column].astype(str)
        fits = {text: fnmatchcase(text, pattern) for text in texts.unique()}
        rows &= texts.map(fits).to_numpy(dtype=bool)
    return rows


def member_key(scenario: Scenario, dataset_hash: str, changes: tuple[Change, ...]) -> str:
    """SHA-256 [hex] of all that decides a member's results: settings, seed, dataset, what is changed in it, code."""
    settings = scenario.model_dump(mode="json", exclude={"name", "description"})
    text = json.dumps([settings, dataset_hash, _plain(changes), computing_code()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(changes: tuple[Change, ...]) -> list[Any]:
    return [[change.column, [list(pair) for pair in change.where], change.multiplier] for change in changes]


@cache
def computing_code() -> str:
    """SHA-256 [hex] of the code that computes members: the simulation and what this room takes from it."""
    digest = hashlib.sha256(code_hash().encode())
    for name in COMPUTING:
        content = files("steeliq.ensemble").joinpath(name).read_bytes().replace(b"\r\n", b"\n")
        digest.update(name.encode() + hashlib.sha256(content).digest())
    return digest.hexdigest()


def dataset_factors(design: Design) -> tuple[Factor, ...]:
    """The factors that change the dataset; members of a design without any run with the dataset as it is."""
    return tuple(factor for factor in design.factors if factor.column)
