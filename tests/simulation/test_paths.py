"""Areas, years and draws: the most specific area wins, no value past the data is 0, luck depends on names alone."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.errors import ScenarioError
from steeliq.simulation.draws import gumbel, stable_hash, uniform
from steeliq.simulation.inputs import compile_inputs
from steeliq.simulation.paths import Areas, by_area, by_country, over_years, path_over_years
from tests.micro import frame, micro
from tests.strategies import World, base_tables, examples, rows, tiny, worlds
from tests.worlds import COUNTRIES

YEARS = np.arange(2020, 2061)


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.of(base_tables()["countries"], base_tables()["blocs"])


# --- areas -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "members"),
    [
        ("WORLD", ["BRA", "DEU", "IND"]),
        ("EU27", ["DEU"]),
        ("BRICS", ["BRA", "IND"]),
        ("South Asia", ["IND"]),
        ("BRA", ["BRA"]),
        ("NOT EU27", ["BRA", "IND"]),
        ("NOT BRICS", ["DEU"]),
        ("NOT WORLD", []),
    ],
)
def test_an_area_is_its_countries(areas: Areas, area: str, members: list[str]) -> None:
    assert [name for name, inside in zip(areas.countries, areas.mask(area), strict=True) if inside] == members


def test_the_most_specific_area_wins_in_any_order_of_rows(areas: Areas) -> None:
    values = {"WORLD": 1.0, "South Asia": 2.0, "BRICS": 3.0, "BRA": 4.0, "Europe": 5.0}
    table = rows(*[{"area": area, "year": 2025, "value": value} for area, value in values.items()])
    for seed in range(5):
        out = by_area(table.sample(frac=1.0, random_state=seed), "area", "value", areas, YEARS[:1], 0.0)
        assert dict(zip(areas.countries, out[0].tolist(), strict=True)) == {"BRA": 4.0, "DEU": 5.0, "IND": 3.0}


@pytest.mark.parametrize(
    ("given_areas", "expected"),
    [
        ((), (7.0, 7.0, 7.0)),
        (("WORLD",), (0.0, 0.0, 0.0)),
        (("WORLD", "Europe"), (0.0, 1.0, 0.0)),
        (("Europe", "EU27", "DEU"), (7.0, 3.0, 7.0)),
        (("South Asia", "BRICS"), (2.0, 7.0, 2.0)),
    ],
)
def test_countries_outside_all_areas_get_the_default(
    areas: Areas, given_areas: tuple[str, ...], expected: tuple[float, ...]
) -> None:
    value = {"WORLD": 0.0, "Europe": 1.0, "South Asia": 1.0, "EU27": 2.0, "BRICS": 2.0, "DEU": 3.0}
    table = pd.DataFrame([(area, 2025, value[area]) for area in given_areas], columns=["area", "year", "value"]).astype(
        {"year": int, "value": float}
    )
    assert by_area(table, "area", "value", areas, YEARS[:1], 7.0)[0].tolist() == list(expected)


def test_a_series_of_a_country_replaces_the_wider_one_whole(areas: Areas) -> None:
    """A country's own points are not mixed with those of its region."""
    table = rows(
        {"area": "WORLD", "year": 2025, "value": 10.0},
        {"area": "WORLD", "year": 2035, "value": 20.0},
        {"area": "DEU", "year": 2030, "value": 99.0},
    )
    out = by_area(table, "area", "value", areas, np.array([2025, 2030, 2035]), 0.0)
    assert out[:, 0].tolist() == [10.0, 15.0, 20.0]
    assert out[:, 1].tolist() == [99.0, 99.0, 99.0]


# --- years -----------------------------------------------------------------------------------------------------------


def test_years_between_are_linear_and_years_outside_are_held() -> None:
    out = over_years([2040, 2030], [4.0, 2.0], np.array([2000, 2030, 2031, 2035, 2040, 2041, 2100]))
    assert out.tolist() == pytest.approx([2.0, 2.0, 2.2, 3.0, 4.0, 4.0, 4.0])


@examples(100)
@given(st.dictionaries(st.integers(2000, 2100), st.floats(0.5, 1e9), min_size=1, max_size=6), st.integers(1990, 2200))
def test_a_path_never_leaves_the_range_of_its_points(points: dict[int, float], year: int) -> None:
    value = path_over_years(points, np.array([year]))[0]
    assert min(points.values()) * (1 - 1e-12) <= value <= max(points.values()) * (1 + 1e-12)
    if year in points:
        assert value == pytest.approx(points[year])
    if year > max(points):
        assert value == points[max(points)]


def test_a_number_is_a_flat_path() -> None:
    assert path_over_years(3.0, YEARS).tolist() == [3.0] * len(YEARS)


def test_countries_without_rows_get_the_default() -> None:
    table = rows({"country": "IND", "year": 2025, "value": 3.0})
    out = by_country(table, "country", "value", COUNTRIES, YEARS[:2], 1.0)
    assert out.tolist() == [[1.0, 1.0, 3.0], [1.0, 1.0, 3.0]]


def test_nothing_past_the_data_is_read_as_zero() -> None:
    """Demand, scrap, prices, grid, carbon price and costs of 2060 and of the foresight beyond are those of 2050."""
    inputs = compile_inputs(tiny(period={"start": 2025, "end": 2060}).dataset, tiny(period={"end": 2060}).scenario)
    conditions, last = inputs.conditions, inputs.conditions.at(2050)
    assert conditions.years[-1] == 2060 + 24
    for name in ("demand", "scrap", "price", "grid", "carbon_price", "availability", "labour"):
        values = getattr(conditions, name)
        assert values[last].any(), name
        assert (values[last:] == values[last]).all(), name
    for name in ("capex", "reline", "fixed_opex"):
        values = getattr(inputs.technologies, name)
        assert (values[last] > 0).all(), name
        assert (values[last:] == values[last]).all(), name
    assert (conditions.storage.limit[last:].max(axis=0) > 0).all()
    assert (conditions.biomass.limit[last:] == conditions.biomass.limit[last]).all()
    for rule in inputs.charge_rules:
        assert (rule.minimum[last:] == rule.minimum[last]).all()
    assert conditions.at(2500) == len(conditions.years) - 1


def test_free_allowances_and_border_shares_are_held_too() -> None:
    """A share that has fallen to nothing stays there, one that has risen to one stays there."""
    world = tiny(period={"start": 2040, "end": 2040})
    inputs = compile_inputs(world.dataset, world.scenario)
    hot, germany = inputs.commodities.index("hot_metal"), inputs.countries.index("DEU")
    assert inputs.conditions.free[:, hot, germany].tolist() == [0.0] * len(inputs.conditions.years)
    steel = list(inputs.trade.hub).index(inputs.steel)
    assert inputs.trade.terms(2055).adjustment[steel].tolist() == [0.0, 1.0, 0.0]
    assert inputs.trade.terms(2032).adjustment[steel].tolist() == pytest.approx([0.0, 0.75, 0.0])
    assert inputs.trade.terms(2024).adjustment[steel].tolist() == [0.0, 0.0, 0.0]


def test_storage_is_the_yearly_slope_of_its_cumulative_path() -> None:
    world = micro(
        {"E": ("P/DEU", "EAF", 1.0)},
        {"DEU": 0.5},
        co2_storage=frame(
            "area year cumulative", ("Europe", 2025, 0.0), ("Europe", 2030, 10e6), ("Europe", 2040, 40e6)
        ),
        settings={"period": {"start": 2024, "end": 2060}, "limits": {"co2_storage": 2.0}},
    )
    inputs = compile_inputs(world.dataset, world.scenario)
    limit = dict(zip(inputs.conditions.years.tolist(), inputs.conditions.storage.limit[:, 0].tolist(), strict=True))
    expected = {2024: 0.0, 2025: 0.0, 2026: 4e6, 2030: 4e6, 2031: 6e6, 2040: 6e6, 2041: 6e6, 2060: 6e6}
    assert {year: limit[year] for year in expected} == pytest.approx(expected)


def test_a_dataset_without_storage_and_biomass_has_limits_that_can_be_used() -> None:
    world = micro({"E": ("P/DEU", "EAF", 1.0)}, {"DEU": 0.5})
    conditions = compile_inputs(world.dataset, world.scenario).conditions
    for limits in (conditions.storage, conditions.biomass):
        assert limits.member.shape == (0, 3)
        assert limits.member.dtype == bool


# --- what a scenario names -------------------------------------------------------------------------------------------


def test_a_carbon_path_of_the_scenario_replaces_the_dataset_in_its_area() -> None:
    def price(**paths: float | dict[int, float]) -> list[float]:
        world = tiny(carbon={"paths": paths})
        return list(compile_inputs(world.dataset, world.scenario).conditions.carbon_price[5])  # 2030

    assert price() == [0.0, 80.0, 0.0]
    assert price(WORLD=7.0) == [7.0, 7.0, 7.0]
    assert price(WORLD=7.0, BRICS=8.0, IND=9.0) == [8.0, 7.0, 9.0]
    assert price(BRICS={2025: 0.0, 2035: 100.0}) == [50.0, 80.0, 50.0]


def test_a_carbon_factor_multiplies_prices_of_dataset_and_scenario_alike() -> None:
    # DEU's 80 of the dataset, and 7 of the scenario elsewhere, times 1.5 in 2030, half-way from 1 to 2.
    world = tiny(carbon={"paths": {"BRICS": 7.0}, "factor": {2025: 1.0, 2035: 2.0}})
    assert compile_inputs(world.dataset, world.scenario).conditions.carbon_price[5].tolist() == [10.5, 120.0, 10.5]


def test_a_price_scenario_of_one_area_leaves_the_others_their_reference_price() -> None:
    world = tiny(prices={"scenario": "dedicated"})
    known = world.tables["prices"]
    named = known["scenario"] == "dedicated"
    world = world.having(prices=known.assign(area=known["area"].mask(named, "EU27")))
    conditions = (inputs := compile_inputs(world.dataset, world.scenario)).conditions
    hydrogen = conditions.price[conditions.at(2025), inputs.commodities.index("hydrogen")]
    assert dict(zip(inputs.countries, hydrogen, strict=True)) == {"BRA": 4500.0, "DEU": 4000.0, "IND": 4500.0}


def test_goods_that_a_price_scenario_does_not_name_keep_the_reference() -> None:
    world = tiny(prices={"scenario": "dedicated", "factors": {"hydrogen": 2.0}})
    inputs = compile_inputs(world.dataset, world.scenario)
    index = inputs.commodities.index
    assert inputs.conditions.price[0, index("hydrogen")].tolist() == [8000.0] * 3
    assert inputs.conditions.price[0, index("electricity")].tolist() == [60.0, 110.0, 80.0]
    assert inputs.conditions.price[0, index("crude_steel")].tolist() == [0.0] * 3


def test_all_unknown_names_are_refused_at_once() -> None:
    world = tiny(
        demand={"scenario": "boom"},
        grid={"scenario": "magic"},
        carbon={"paths": {"ATLANTIS": 5.0}},
        prices={"factors": {"gold": 2.0}},
        technologies={"ALCHEMY": {"allowed": False}},
    )
    with pytest.raises(ScenarioError) as caught:
        compile_inputs(world.dataset, world.scenario)
    for name in ("boom", "magic", "ATLANTIS", "gold", "ALCHEMY"):
        assert name in str(caught.value)


@examples(15)
@given(worlds())
def test_conditions_of_random_worlds_are_finite_and_not_negative(world: World) -> None:
    conditions = compile_inputs(world.dataset, world.scenario).conditions
    for name in ("demand", "scrap", "price", "grid", "carbon_price", "free", "availability", "labour"):
        values = getattr(conditions, name)
        assert np.isfinite(values).all(), name
        assert (values >= 0).all(), name


# --- draws -----------------------------------------------------------------------------------------------------------

ENTITIES = [f"plant {n}" for n in range(2000)]


def test_a_draw_depends_on_seed_year_purpose_and_entity() -> None:
    base = uniform(1, 2030, "switch", ENTITIES)
    for other in (
        uniform(2, 2030, "switch", ENTITIES),
        uniform(1, 2031, "switch", ENTITIES),
        uniform(1, 2030, "expand", ENTITIES),
        uniform(1, 2030, "switch", [name + "'" for name in ENTITIES]),
    ):
        assert not (base == other).any()
        assert abs(np.corrcoef(base, other)[0, 1]) < 0.1
    assert (base == uniform(1, 2030, "switch", ENTITIES)).all()


def test_a_draw_does_not_depend_on_who_else_draws() -> None:
    base = uniform(1, 2030, "switch", ENTITIES)
    order = np.random.default_rng(3).permutation(len(ENTITIES))[:700]
    assert (uniform(1, 2030, "switch", [ENTITIES[n] for n in order]) == base[order]).all()
    assert uniform(1, 2030, "switch", []).tolist() == []


def test_draws_are_uniform_and_inside_the_open_interval() -> None:
    draws = np.sort(uniform(5, 2040, "open", ENTITIES))
    assert draws[0] > 0.0
    assert draws[-1] < 1.0
    # Kolmogorov-Smirnov distance: 1.95 / sqrt(n) is passed by 999 of 1000 fair samples
    assert np.abs(draws - (np.arange(2000) + 0.5) / 2000).max() < 1.95 / np.sqrt(2000)


def test_gumbel_noise_has_its_mean_and_spread() -> None:
    noise = gumbel(5, 2040, "choice", ENTITIES)
    assert np.isfinite(noise).all()
    assert noise.mean() == pytest.approx(np.euler_gamma, abs=0.12)
    assert noise.std() == pytest.approx(np.pi / np.sqrt(6), abs=0.12)


@pytest.mark.parametrize("hash_seed", ["0", "12345"])
def test_draws_are_the_same_in_every_process(hash_seed: str) -> None:
    code = (
        "from steeliq.simulation.draws import stable_hash, uniform;"
        "print(stable_hash('Ruhr Works'), uniform(1, 2030, 'switch', ['P1'])[0].hex())"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": hash_seed}
    )
    here = uniform(1, 2030, "switch", ["P1"])[0]
    assert out.stdout.split() == [str(stable_hash("Ruhr Works")), float(here).hex()]
