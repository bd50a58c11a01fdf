"""What a design file may say, and how everything that is wrong with it is told at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from steeliq.ensemble.checks import against, check_against
from steeliq.ensemble.design import check_design, design_hash, differences, load_design, parse_design, to_toml
from steeliq.ensemble.example import EXAMPLE
from steeliq.ensemble.sampling import members
from steeliq.ensemble.schema import scenario_with
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

NORMAL = {"field": "demand.factor", "distribution": "normal", "mean": 1.0, "sd": 0.1}
SCRAP = {"field": "scrap.factor", "levels": [0.8, 1.0]}
PATH = {"settings": {"scrap": {"factor": {"2025": 1.0, "2050": 0.7}}}}


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


def test_what_is_wrong_by_itself_and_for_the_dataset_is_told_together(dataset: Dataset) -> None:
    text = MANY_FAULTS + '[[factors]]\nname = "misspelled"\ncolumn = "prices.prise"\nlevels = [1.0, 2.0]\n'
    for number, field in enumerate(("demand.factor", "demand.factor", "scrap.factor", "scrap.factor.2050")):
        text += f'[[factors]]\nname = "{number}"\nfield = "{field}"\nlevels = [1.0, 1.1]\n'
    with pytest.raises(DesignError) as refused:
        parse_design(text, "bad.toml", more=partial(against, dataset=dataset))
    told = str(refused.value)
    assert "factor carbon.prise, column low: found '2.0'; low must be less than high (1)" in told
    assert (
        "factor misspelled, column column: found 'prices.prise'; the table has no such column; did you mean price?"
        in told
    )
    assert "found 'demand.factor'; two factors change" in told
    assert "found 'scrap.factor and scrap.factor.2050'; one of these fields" in told
    assert told.count("carbon.prise'; there is no such setting") == 1, "what is told already is not looked at again"


def test_a_list_whose_entries_are_refused_is_not_called_empty() -> None:
    with pytest.raises(DesignError) as refused:
        check_design({"name": "x", "factors": [DEMAND | {"high": float("inf")}]})
    [problem] = refused.value.problems
    assert str(problem) == "factor 1 (demand.factor), column high: found 'inf'; a finite number is expected"


def test_a_year_of_a_path_is_varied_alone_and_the_other_years_stay() -> None:
    fields = ("scrap.factor.2025", "scrap.factor.2050")
    varied = check_design({"name": "x", **PATH, "factors": [SCRAP | {"field": field} for field in fields]})
    made = scenario_with(varied, list(zip(varied.factors, (0.9, 0.6), strict=True)), {})
    assert made.scrap.factor == {2025: 0.9, 2050: 0.6}
    assert scenario_with(varied, [(varied.factors[1], 0.6)], {}).scrap.factor == {2025: 1.0, 2050: 0.6}
    assert design_hash(parse_design(to_toml(varied))) == design_hash(varied)
    alone = check_design({"name": "x", **PATH, "method": "one_at_a_time",
                          "factors": [SCRAP | {"field": "scrap.factor.2050", "levels": [0.7, 0.5, 0.6]}]})  # fmt: skip
    assert list(members(alone)["scrap.factor.2050"]) == [0.7, 0.5, 0.6], "the base is the scenario's own level"


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
        ({"name": "x" * 81}, "column name: found 'x+...'; a text of at most 80 characters is expected"),
        ({"correlations": [{"factors": ["a"], "value": 0.5}]}, "correlation 1.*name at least two factors"),
        ({"correlations": [{"factors": ["a", "gas price"], "value": 1}]}, "found '1'; a number below 1 is expected"),
        ({"correlations": [{"factors": "a", "value": 0.5}]}, r"found 'a'; a list such as \[1, 2\] is expected"),
        ({"factors": [DEMAND, 3]}, "factor 2: found '3'; a table is expected"),
        ({"agent_seeds": []}, "give the agents at least one seed"),
        ({"samples": 0}, "column samples: found '0'; a number of at least 1 is expected"),
        ({"samples": "a"}, "column samples: found 'a'; a whole number is expected"),
        ({"factors": 3}, r"found '3'; write each of them below a line \[\[factors\]\] of its own"),
        ({"factors": [DEMAND | {"low": "1"}]}, "column low: found '1'; a number without quotes is expected"),
        (
            {"factors": [{"field": "demand.factor", "levels": [1.0, float("inf")]}]},
            "give numbers, texts in double quot",
        ),
        ({"factors": [NORMAL | {"low": 1.5}]}, "column low: found '1.5'; nothing of the distribution lies above it"),
        (
            {"factors": [NORMAL | {"low": 0.1, "high": 0.5}]},
            "column high: found '0.5'; nothing of the .* lies below it",
        ),
        (
            {"factors": [GAS, GAS | {"name": "again"}]},
            "found 'gas price and again'; two factors multiply the same rows",
        ),
        ({"factors": [SCRAP, SCRAP | {"field": "scrap.factor.2050"}]}, "one factor would undo the other; keep one"),
        ({"factors": [SCRAP | {"field": "scrap.factor.2050"}]}, "factor scrap.factor.2050.*it has no path there"),
        ({"factors": [SCRAP | {"field": "scrap.factor.2030"}], **PATH}, "its years are 2025, 2050; name one of them"),
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


def test_a_bound_of_nought_is_a_bound_when_two_designs_are_told_apart() -> None:
    text = (
        'name = "x"\nmethod = "latin_hypercube"\nsamples = 4\n[[factors]]\nfield = "demand.elasticity"\n'
        'distribution = "uniform"\nlow = {}\nhigh = 1.0\n'
    )
    told = differences(parse_design(text.format("0.0")), parse_design(text.format("0.5")))
    assert told == ["factor demand.elasticity, low: 0.0, now 0.5"]
