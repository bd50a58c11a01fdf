"""A member's outputs equal those of its full run; what a process remembers changes no byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from steeliq.ensemble.members import (
    changed_dataset,
    changes_of,
    computing_code,
    member_dataset,
    member_key,
    member_row,
    member_scenario,
)
from steeliq.ensemble.one import DatasetSource, FirstYears, Order, dataset_of, outputs, simulate
from steeliq.ensemble.outputs import outputs_of
from steeliq.ensemble.sampling import members
from steeliq.errors import BalanceError, DatasetError, WorkerError
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.dataset.package import write_package
from steeliq.simulation.results.overview import overview
from steeliq.simulation.results.tables import read_table
from steeliq.simulation.run import run
from steeliq.simulation.scenario.files import parse_scenario, to_toml
from tests.ensemble.designs import CIRCULAR, DEMAND, GAS, design
from tests.worlds import write_tiny

VARIED = design(DEMAND, GAS, CIRCULAR, agent_seeds=[1, 2])


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load(write_tiny(tmp_path_factory.mktemp("worlds") / "tiny"))


@pytest.fixture(scope="module")
def full(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The full run of member 3, from files as a person would write them."""
    folder = tmp_path_factory.mktemp("full")
    row = member_row(members(VARIED), 3)
    own = member_dataset(VARIED, row, dataset)
    write_package(folder / "data", own.tables, name="tiny", title=own.title, description="", version="1")
    scenario = parse_scenario(to_toml(member_scenario(VARIED, row)))
    assert load(folder / "data").hash == own.hash
    run(scenario, load(folder / "data"), folder / "run")
    return folder / "run"


@pytest.fixture(scope="module")
def kept(dataset: Dataset) -> pd.DataFrame:
    """The outputs of member 3."""
    row = member_row(members(VARIED), 3)
    changed = changed_dataset(dataset, changes_of(VARIED, row))
    frame: pd.DataFrame = outputs(member_scenario(VARIED, row), changed).to_pandas()
    return frame


def test_outputs_equal_the_figures_of_the_members_full_run(full: Path, kept: pd.DataFrame) -> None:
    world = kept[(kept["area"] == "world") & (kept["year"] == 2026)].set_index("output")["value"]
    seen = overview(full).set_index(["group", "quantity"])["2026"]
    for output, line in {
        "production": ("Crude steel production", "All technologies"),
        "production.EAF": ("Crude steel production", "Electric arc furnace"),
        "emissions.scope1": ("Emissions", "Scope 1, on site"),
        "emissions.scope2": ("Emissions", "Scope 2, bought power"),
        "emissions.captured": ("Emissions", "Captured and stored"),
        "price.steel": ("Price", "Crude steel, weighted by tonnes supplied"),
        "price.scrap": ("Price", "Scrap, mean of countries"),
        "scrap": ("Charge", "Scrap used"),
        "demand": ("Crude steel demand", "Demand"),
        "capacity.steel": ("Crude steel capacity in operation", "All technologies"),
        "investment": ("Investment", "All decisions"),
    }.items():
        assert world[output] == pytest.approx(seen[line], rel=1e-12), output
    scope1 = read_table(full, "emissions").groupby(["year", "country"])["scope1"].sum() / 1e6
    own = kept[(kept["area"] == "DEU") & (kept["output"] == "emissions.scope1")].set_index("year")["value"]
    assert own[2025] == pytest.approx(scope1[2025, "DEU"], rel=1e-12)
    both = kept[(kept["output"] == "emissions.cumulative") & (kept["year"] == 2026)]["value"].iloc[0]
    assert both == pytest.approx(scope1.sum(), rel=1e-12)


def test_every_year_has_the_same_rows_and_the_list_of_outputs_names_them(dataset: Dataset, kept: pd.DataFrame) -> None:
    years = [frame.drop(columns=["year", "value"]).reset_index(drop=True) for _, frame in kept.groupby("year")]
    assert years[0].equals(years[1])
    listed = {output.name: output.unit for output in outputs_of(dataset)}
    assert dict(zip(kept["output"], kept["unit"], strict=True)) == listed
    by_country = {output.name for output in outputs_of(dataset) if output.by_country}
    assert set(kept.loc[kept["area"] != "world", "output"]) == by_country


def test_a_known_first_year_gives_the_same_bytes(dataset: Dataset) -> None:
    memory, table = FirstYears(), members(VARIED)
    for number in (0, 1, 4):
        row = member_row(table, number)
        scenario, own = member_scenario(VARIED, row), changed_dataset(dataset, changes_of(VARIED, row))
        assert outputs(scenario, own, memory).equals(outputs(scenario, own))
    assert memory.hits == 1, "members 0 and 1 differ in the agents' seed only, member 4 in more"


def test_a_member_that_breaks_a_law_fails(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("steeliq.simulation.accounts.laws.TOLERANCE", -1.0)
    with pytest.raises(BalanceError, match="member 0: the year 2025 breaks the law"):
        outputs(member_scenario(VARIED, member_row(members(VARIED), 0)), dataset)


def test_a_worker_with_another_code_or_dataset_refuses(dataset: Dataset) -> None:
    row = member_row(members(VARIED), 0)
    scenario = member_scenario(VARIED, row)
    source = DatasetSource(dataset.hash, dataset.path)
    order = Order(0, scenario, source, (), member_key(scenario, dataset.hash, ()), computing_code())
    with pytest.raises(WorkerError, match="another version of steeliq"):
        simulate(replace(order, code="0" * 64))
    with pytest.raises(WorkerError, match="give all workers the same files"):
        dataset_of(DatasetSource("0" * 64, dataset.path))


def test_a_key_tells_what_decides_the_results_and_nothing_else(dataset: Dataset) -> None:
    rows = [member_row(members(VARIED), number) for number in (0, 1, 2)]
    keys = {member_key(member_scenario(VARIED, row), dataset.hash, changes_of(VARIED, row)) for row in rows}
    assert len(keys) == 3
    renamed = design(DEMAND, GAS, CIRCULAR, agent_seeds=[1, 2], name="Another name")
    assert member_key(member_scenario(renamed, rows[0]), dataset.hash, changes_of(renamed, rows[0])) in keys
    assert member_key(member_scenario(VARIED, rows[0]), "other", changes_of(VARIED, rows[0])) not in keys


def test_only_the_rows_that_match_are_multiplied(dataset: Dataset) -> None:
    row = member_row(members(VARIED), 0)
    changed = member_dataset(VARIED, row, dataset)
    before, after = dataset["prices"], changed["prices"]
    gas = (before["commodity"] == "natural_gas").to_numpy()
    assert (after.loc[gas, "price"] / before.loc[gas, "price"]).to_numpy() == pytest.approx(row["gas price"])
    assert after[~gas].equals(before[~gas])
    assert changed.hash != dataset.hash
    assert all(changed[name] is dataset[name] for name in dataset.tables if name != "prices")


def test_a_members_dataset_is_checked_like_one_that_is_read(dataset: Dataset) -> None:
    wild = design({"column": "technology_costs.value", "levels": [1, 1000]}, method="factorial")
    with pytest.raises(DatasetError, match=r"member 1.*\n.*technology_costs.*implausibly large"):
        member_dataset(wild, member_row(members(wild), 1), dataset)
