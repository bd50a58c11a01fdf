"""Scenarios: presets, inheritance, overrides, and that writing and reading one changes nothing."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steeliq.errors import ScenarioError
from steeliq.simulation.dataset import load
from steeliq.simulation.inputs import compile_inputs
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import (
    differences,
    json_schema,
    load_scenario,
    parse_scenario,
    preset_names,
    presets,
    scenario_hash,
    to_toml,
)
from steeliq.simulation.scenario.places import merged
from steeliq.simulation.scenario.problems import settings_of

PATHS = st.one_of(
    st.floats(0, 5).map(lambda x: round(x, 3)),
    st.dictionaries(st.integers(2000, 2100), st.floats(0, 5).map(lambda x: round(x, 3)), min_size=1, max_size=4),
)


def test_the_reference_preset_is_the_default_but_for_its_description() -> None:
    assert set(differences(load_scenario())) == {"description"}


def test_reference_is_the_first_preset_and_each_tells_in_a_paragraph_what_it_asks() -> None:
    assert preset_names()[0] == "reference"
    assert preset_names()[1:] == tuple(sorted(preset_names()[1:]))
    assert all(150 < len(preset.description) < 700 for preset in presets())


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_bears_its_own_name_and_fits_the_reference_dataset(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert compile_inputs(load(), scenario).scenario == scenario


@pytest.mark.parametrize("name", preset_names())
def test_what_is_written_reads_as_the_same_scenario(name: str) -> None:
    scenario = load_scenario(name)
    assert parse_scenario(to_toml(scenario)) == scenario
    assert parse_scenario(to_toml(scenario, full=True)) == scenario


@settings(max_examples=50, deadline=None)
@given(
    factor=PATHS,
    price=PATHS,
    capex=PATHS,
    name=st.text("aé\"\\\n'☃ ", min_size=1, max_size=20),
    seed=st.integers(0, 99),
)
def test_any_scenario_survives_writing_and_reading(
    factor: object, price: object, capex: object, name: str, seed: int
) -> None:
    scenario = Scenario.model_validate(
        {
            "name": name,
            "seed": seed,
            "demand": {"factor": factor},
            "carbon": {"paths": {"DEU": price}},
            "technologies": {"DRI_H2": {"capex_factor": capex, "available_from": 2031}},
        }
    )
    read = parse_scenario(to_toml(scenario))
    assert read == scenario
    assert scenario_hash(read) == scenario_hash(scenario)


def test_a_written_scenario_holds_only_differences() -> None:
    scenario = load_scenario("reference", ["name='x'", "description=''", "finance.life=25"])
    assert tomllib.loads(to_toml(scenario)) == {"name": "x", "finance": {"life": 25}}


def test_a_file_inherits_from_a_preset_and_states_only_differences(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('base = "net-zero-2050"\nname = "mine"\n[carbon]\nfree_allocation = 0.5\n', encoding="utf-8")
    mine, base = load_scenario(file), load_scenario("net-zero-2050")
    assert mine.carbon == base.carbon.model_copy(update={"free_allocation": 0.5})
    assert (mine.name, mine.grid, mine.technologies) == ("mine", base.grid, base.technologies)


def test_a_file_of_windows_with_a_byte_order_mark_reads_the_same(tmp_path: Path) -> None:
    text = 'name = "Größe"\n[demand]\nfactor = 0.9\n'
    file = tmp_path / "windows.toml"
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_scenario(file) == parse_scenario(text)


def test_a_path_over_years_is_replaced_as_a_whole() -> None:
    scenario = load_scenario("net-zero-2050", ["prices.factors.hydrogen = { 2030 = 0.9 }"])
    assert scenario.prices.factors["hydrogen"] == {2030: 0.9}
    assert scenario.prices.factors["co2_storage"] == load_scenario("net-zero-2050").prices.factors["co2_storage"]


def test_a_number_replaces_a_path_and_a_path_a_number() -> None:
    assert merged({"a": {"2025": 1.0}}, {"a": 2.0}) == {"a": 2.0}
    assert merged({"a": 2.0}, {"a": {"2025": 1.0}}) == {"a": {"2025": 1.0}}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("carbon.scenario=uniform_100", "uniform_100"),
        ('carbon.scenario = "uniform_100"', "uniform_100"),
        ("carbon.scenario='uniform_100'", "uniform_100"),
    ],
)
def test_an_override_takes_toml_values_and_bare_words(text: str, wanted: str) -> None:
    assert load_scenario("reference", [text]).carbon.scenario == wanted


def test_an_override_changes_one_year_of_a_path_and_leaves_the_others() -> None:
    whole = "scrap.factor={ 2025 = 1.0, 2050 = 0.8 }"
    assert load_scenario("reference", (whole, "scrap.factor.2050=0.7")).scrap.factor == {2025: 1.0, 2050: 0.7}
    flow = ('trade.duties."scrap from EU27"={ 2026 = 0.1, 2030 = 0.2 }', 'trade.duties."scrap from EU27".2026=0.3')
    assert load_scenario("reference", flow).trade.duties == {"scrap from EU27": {2026: 0.3, 2030: 0.2}}
    with pytest.raises(ScenarioError, match=r"its years are 2025, 2050; name one of them"):
        load_scenario("reference", (whole, "scrap.factor.2040=0.7"))


def test_overrides_apply_in_order_and_the_last_one_wins() -> None:
    scenario = load_scenario("reference", ["seed=3", "trade.bans=false", "seed=4"])
    assert (scenario.seed, scenario.trade.bans) == (4, False)


def test_whole_numbers_stand_for_amounts() -> None:
    assert load_scenario("reference", ["demand.factor=1"]).demand == load_scenario("reference").demand


def test_equal_scenarios_have_equal_hashes_and_any_change_moves_it() -> None:
    hashes = [
        scenario_hash(load_scenario("reference", changes))
        for changes in ([], ["seed=2"], ["demand.factor=0.9"], ["technologies.BF.allowed=false"], ["trade.bans=false"])
    ]
    assert len(set(hashes)) == len(hashes)
    assert scenario_hash(load_scenario("reference", ["seed=1"])) == hashes[0]


def test_the_json_schema_accepts_the_presets_and_refuses_an_unknown_setting() -> None:
    schema = json.loads(json.dumps(json_schema()))
    checker = jsonschema.Draft202012Validator(schema)
    for name in preset_names():
        checker.validate(tomllib.loads(to_toml(load_scenario(name))))
    assert not checker.is_valid({"carbn": {}})
    assert schema["$defs"]["Finance"]["properties"]["life"]["unit"] == "years"


def test_every_setting_tells_what_it_means_and_every_amount_its_unit() -> None:
    for name, field in settings_of().items():
        assert field.description, name
        extra = field.json_schema_extra
        amount = "Path" in str(field.annotation) or any(kind in str(field.annotation) for kind in ("int", "float"))
        assert not amount or name == "seed" or (isinstance(extra, dict) and extra.get("unit")), name


def test_a_changed_scenario_does_not_go_by_the_name_of_what_it_was_made_from(tmp_path: Path) -> None:
    changed = load_scenario("reference", ["carbon.scenario=uniform_100", "seed=3"])
    assert changed.name == "reference, carbon.scenario=uniform_100"
    assert changed.description == "Like reference, but with carbon.scenario=uniform_100."
    assert load_scenario("reference", ["seed=3", "period.end=2030"]).name == "reference"
    assert load_scenario("reference", ["name=mine", "carbon.scenario=none"]).name == "mine"
    file = tmp_path / "dear carbon.toml"
    file.write_text('base = "net-zero-2050"\n[carbon]\nscenario = "none"\n', "utf-8")
    assert load_scenario(file).name == "dear carbon"
    assert "yardstick" not in load_scenario(file).description
