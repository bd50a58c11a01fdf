"""What a design file may say, and how everything that is wrong with it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from steeliq.ensemble.checks import check_against
from steeliq.ensemble.design import check_design, design_hash, load_design, parse_design, to_toml
from steeliq.ensemble.example import EXAMPLE
from steeliq.ensemble.sampling import members
from steeliq.errors import DesignError
from steeliq.simulation.dataset import Dataset, load
from tests.ensemble.designs import CIRCULAR, DEMAND, GAS, design
from tests.worlds import write_tiny

MANY_FAULTS = """
name = "Bad"
samples = 12
method = "sobol"
agent_seeds = [1, 1]
colour = "red"
[settings]
seed = 4
[[factors]]
field = "carbon.prise"
distribution = "uniform"
low = 2
high = 1
[[factors]]
column = "technologies.capex"
distribution = "triangular"
low = 0.8
[[factors]]
column = "prices.price"
distribution = "gaussian"
[[factors]]
field = "seed"
levels = [1, 2]
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load(write_tiny(tmp_path_factory.mktemp("worlds") / "tiny"))


def test_all_faults_of_a_file_are_told_at_once_with_place_and_advice() -> None:
    with pytest.raises(DesignError) as refused:
        parse_design(MANY_FAULTS, "bad.toml")
    told = str(refused.value)
    for part in (
        "column colour: found 'red'; there is no such entry",
        "column agent_seeds: found '1'; a seed stands here twice",
        "column samples: found '12'; Sobol' points come in powers of two; take 8 or 16",
        "factor carbon.prise, column field: found 'carbon.prise'; there is no such setting",
        "factor carbon.prise, column low: found '2.0'; low must be less than high (1)",
        "factor technologies.capex, column distribution: found 'triangular'; this distribution needs mode, high too",
        "factor 3 (prices.price), column distribution: found 'gaussian'; one of uniform, normal",
        "factor seed, column field: found 'seed'; this setting is the same in all members; list agent_seeds instead",
        "settings.seed: found '4'; list agent_seeds",
    ):
        assert part in told, told


def test_what_the_dataset_does_not_have_is_told_at_once(dataset: Dataset) -> None:
    wrong = design(
        GAS | {"name": "misspelled", "where": {"comodity": "natural_gas"}},
        GAS | {"name": "nothing", "where": {"commodity": "gas"}},
        GAS | {"name": "none together", "where": {"commodity": "hydrogen", "area": "DEU"}},
        GAS | {"name": "no table", "column": "price.price", "where": {}},
        GAS | {"name": "no number", "column": "prices.year", "where": {}},
        {"name": "too much", "column": "technologies.availability", "levels": [1, 3]},
        {"field": "demand.scenario", "levels": ["bau", "bao"]},
    )
    with pytest.raises(DesignError) as refused:
        check_against(wrong, dataset)
    told = str(refused.value)
    for part in (
        "factor misspelled, column where.comodity: found 'natural_gas'; the table has no such column; did you mean",
        "factor nothing, column where.commodity: found 'gas'; no row matches this pattern; there are: charcoal",
        "factor none together, column where: found 'commodity = hydrogen, area = DEU'; no row of prices matches all",
        "factor no table, column column: found 'price.price'; the dataset has no such table; did you mean prices",
        "factor no number, column column: found 'prices.year'; only columns of numbers can be multiplied",
        "factor too much, column column: found 'technologies.availability'; times 3 a row",
        "factor demand.scenario, column demand.scenario: found 'bao'",
    ):
        assert part in told, told
    assert len(refused.value.problems) == 7


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({"factors": [DEMAND | {"high": 1e9, "field": "finance.life"}]}, "refuses the value 0.9.*whole.*use discrete"),
        ({"factors": [DEMAND, DEMAND]}, "two factors have this name"),
        ({"factors": [DEMAND | {"levels": [1.0]}]}, "levels stand in place of a distribution"),
        ({"factors": [DEMAND | {"mode": 1.0}]}, "does not take mode"),
        ({"factors": [{"field": "demand.factor"}]}, "say how values are spread"),
        ({"factors": [{"field": "demand.factor", "levels": [1, "a"]}]}, "must be numbers, all texts"),
        ({"factors": [{"field": "demand.factor", "levels": [1, 1]}]}, "stands here twice"),
        ({"factors": [CIRCULAR | {"field": "", "column": "prices.price"}]}, "give numbers"),
        ({"factors": [GAS | {"field": "demand.factor"}]}, "either a scenario field or a dataset column"),
        ({"factors": [DEMAND], "method": "factorial"}, "list levels"),
        ({"factors": []}, "factors"),
        ({"scenario": "refrence"}, "no preset of this name; did you mean reference"),
        ({"correlations": [{"factors": ["demand.factor", "x"], "value": 0.5}]}, "no factor has this name"),
        (
            {"correlations": [{"factors": ["demand.factor", "gas price"], "value": 0.5}], "method": "morris"},
            "only a Lat",
        ),
        ({"correlations": [{"factors": ["demand.factor", "gas price", "a"], "value": -0.9}]}, "not positive"),
        ({"method": "sobol", "samples": 1_000_000}, "more than 2,000,000 members"),
    ],
)
def test_a_fault_is_told_in_words(entries: dict[str, object], told: str) -> None:
    third = {"name": "a", "field": "scrap.factor", "distribution": "normal", "mean": 1.0, "sd": 0.1}
    table = {"name": "x", "factors": [DEMAND, GAS, third], **entries}
    with pytest.raises(DesignError, match=told):
        check_design(table)


def test_a_scenario_file_beside_the_design_is_taken_in(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('base = "high-demand"\n[scrap]\nfactor = { 2025 = 1.0, 2050 = 0.7 }\n')
    file = tmp_path / "design.toml"
    file.write_text('name = "d"\nscenario = "mine.toml"\n[[factors]]\nfield = "trade.freight"\nlevels = [1.0, 2.0]\n')
    read = load_design(file)
    assert read.base.scrap.factor == {2025: 1.0, 2050: 0.7}
    assert parse_design(to_toml(read)).base == read.base


def test_the_written_text_means_the_same_and_names_do_not_count() -> None:
    one = design(DEMAND, GAS, CIRCULAR, agent_seeds=[1, 2], scenario="net-zero-2050")
    again = parse_design(to_toml(one))
    assert members(again).equals(members(one))
    assert again.base == one.base
    assert design_hash(again) == design_hash(one)
    assert design_hash(design(DEMAND, name="other")) == design_hash(design(DEMAND))
    assert design_hash(design(DEMAND | {"high": 1.2})) != design_hash(design(DEMAND))
    assert design_hash(design(DEMAND, settings={})) != design_hash(design(DEMAND))


def test_the_example_is_a_valid_design() -> None:
    read = parse_design(EXAMPLE)
    check_against(read, load())
    assert len(members(read)) == 40
