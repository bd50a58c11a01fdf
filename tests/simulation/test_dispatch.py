"""The dispatch against a second one written from the equations, against pencil and paper, and against wrong answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from steeliq.errors import InfeasibleError
from steeliq.simulation.inputs import compile_inputs, initial_state
from steeliq.simulation.market.assembly import TIE, Assembly, Programme
from steeliq.simulation.market.groups import groups_of
from steeliq.simulation.market.keys import keys_of
from steeliq.simulation.market.network import network_of
from steeliq.simulation.market.prices import CostCurve, ruled
from steeliq.simulation.market.solver import certificate, solve
from steeliq.simulation.state import Basis
from steeliq.simulation.step import advance
from tests import oracle
from tests.micro import (
    FREIGHT,
    IRON_IN_BOF,
    ORE_IN_BF,
    POWER_OF_EAF,
    SCRAP_IN_BOF,
    SCRAP_IN_EAF,
    frame,
    micro,
)
from tests.strategies import Policy, Solved, World, examples, factors, instruments, rows, solved, tiny, worlds
from tests.worlds import COUNTRIES

SCRAP_STEEL = 100.0 * SCRAP_IN_EAF  # USD/t with scrap at 100 USD/t and all else free
NEAR = 10 * TIE  # USD/t: what tie-breaking may add to a price along a chain of a few flows


def output(result: Solved, group: str) -> float:
    """Mt made by a furnace group."""
    return float(result.books.production[list(result.state.fleet.id).index(group)]) / 1e6


def shipped(result: Solved, good: str, origin: str, destination: str) -> float:
    """Mt shipped between two countries."""
    network, countries = result.network, result.inputs.countries
    arc = (
        (network.arc_commodity == result.inputs.commodities.index(good))
        & (network.arc_from == countries.index(origin))
        & (network.arc_to == countries.index(destination))
    )
    return float(result.flows.shipped[arc].sum()) / 1e6


def price(result: Solved, good: str, country: str) -> float:
    """USD/t that a buyer pays."""
    return float(result.prices.buy[result.inputs.commodities.index(good), result.inputs.countries.index(country)])


def second_opinion(world: World) -> float:
    """Objective of the oracle, million USD."""
    return oracle.programme(world.tables, world.scenario, world.scenario.period.start).solve()[0]


# --- a second dispatch -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2025, 2026, 2031, 2040, 2050])
def test_the_tiny_world_costs_what_a_second_dispatch_says(year: int) -> None:
    world = tiny(period={"start": year, "end": year})
    assert solved(world).objective == pytest.approx(second_opinion(world), rel=1e-9)


@examples(60)
@given(worlds())
def test_random_worlds_cost_what_a_second_dispatch_says(world: World) -> None:
    assert solved(world).objective == pytest.approx(second_opinion(world), rel=1e-7, abs=1e-6)


@examples(15)
@given(worlds(), factors(("EU27", "BRICS"), 0.0, 1.0), factors(COUNTRIES, 0.0, 250.0))
def test_border_adjustments_cost_what_a_second_dispatch_says(
    world: World, share: dict[str, float], carbon: dict[str, float]
) -> None:
    border = rows(
        *[
            {"bloc": bloc, "commodity": good, "year": 2025, "share": share[bloc]}
            for bloc in ("EU27", "BRICS")
            for good in ("crude_steel", "pig_iron", "dri")
        ]
    )
    world = world.having(border_adjustments=border).under(carbon={"paths": carbon, "border_adjustment": True})
    assert solved(world).objective == pytest.approx(second_opinion(world), rel=1e-7, abs=1e-6)


@examples(40)
@given(worlds(), instruments())
def test_policies_cost_what_a_second_dispatch_says(world: World, policy: Policy) -> None:
    """Subsidies, carbon contracts, caps, scarce inputs, tariff-rate quotas, duties and limits by flow, all at once."""
    world = world.having(**policy.tables(world)).under(**policy.settings)
    assert solved(world).objective == pytest.approx(second_opinion(world), rel=1e-7, abs=1e-6)


# --- pencil and paper ------------------------------------------------------------------------------------------------


def test_one_furnace_serves_its_country_at_its_own_cost() -> None:
    world = micro(
        {"E": ("P/DEU", "EAF", 2.0)},
        {"DEU": 1.0},
        scrap={"DEU": 5.0},
        prices={"electricity": 100.0, "lime": 200.0, "electrodes": 4000.0},
    )
    result = solved(world)
    tonne = SCRAP_STEEL + POWER_OF_EAF * 100.0 + 0.05 * 200.0 + 0.0018 * 4000.0
    assert output(result, "E") == pytest.approx(1.0, rel=1e-9)
    assert result.objective == pytest.approx(tonne, rel=1e-9)
    assert price(result, "crude_steel", "DEU") == pytest.approx(tonne, abs=NEAR)
    assert price(result, "scrap", "DEU") == pytest.approx(100.0, abs=NEAR)


def two_countries(**more: Any) -> World:
    """India makes a tonne 50.76 USD cheaper than Germany, which is 0.76 USD more than the freight."""
    return micro(
        {"D": ("P/DEU", "EAF", 2.0), "I": ("Q/IND", "EAF", 2.0)},
        {"DEU": 1.0},
        scrap={"DEU": 5.0, "IND": 5.0},
        prices={"electricity": {"WORLD": 20.0, "DEU": 100.0}},
        **more,
    )


TARIFF = "importer exporter commodity start end ad_valorem specific banned"


@pytest.mark.parametrize(
    ("ad_valorem", "specific", "imports"),
    [(0.0, 0.0, 1.0), (0.0, 0.75, 1.0), (0.0, 0.77, 0.0), (0.001, 0.25, 1.0), (0.001, 0.27, 0.0)],
)
def test_a_tariff_binds_where_it_eats_up_the_advantage(ad_valorem: float, specific: float, imports: float) -> None:
    assert pytest.approx(50.76) == 80.0 * POWER_OF_EAF
    duty = frame(TARIFF, ("EU27", "NOT EU27", "crude_steel", 2020, 2030, ad_valorem, specific, False))
    result = solved(two_countries(tariffs=duty))  # ad valorem: on 500 USD/t
    assert shipped(result, "crude_steel", "IND", "DEU") == pytest.approx(imports, abs=1e-9)
    assert output(result, "D") == pytest.approx(1.0 - imports, abs=1e-9)
    at_home = SCRAP_STEEL + 100.0 * POWER_OF_EAF
    abroad = SCRAP_STEEL + 20.0 * POWER_OF_EAF + FREIGHT + 500.0 * ad_valorem + specific
    assert result.objective == pytest.approx(min(at_home, abroad), rel=1e-9)
    assert price(result, "crude_steel", "DEU") == pytest.approx(min(at_home, abroad), abs=NEAR)


def test_a_ban_stops_imports_while_it_lasts() -> None:
    ban = frame(TARIFF, ("DEU", "IND", "crude_steel", 2020, 2030, 0.0, 0.0, True))
    world = two_countries(tariffs=ban)
    assert shipped(solved(world), "crude_steel", "IND", "DEU") == 0.0
    for free in (world.under(trade={"bans": False}), world.under(period={"start": 2031, "end": 2031})):
        assert shipped(solved(free), "crude_steel", "IND", "DEU") == pytest.approx(1.0)


def test_a_quota_lets_its_tonnes_in_and_the_rest_is_made_at_home() -> None:
    quota = frame(
        "quota importer exporter commodity start end quantity",
        ("Q", "EU27", "NOT EU27", "crude_steel", 2020, 2030, 0.3e6),
    )
    result = solved(two_countries(quotas=quota))
    assert shipped(result, "crude_steel", "IND", "DEU") == pytest.approx(0.3, rel=1e-9)
    assert output(result, "D") == pytest.approx(0.7, rel=1e-9)
    assert price(result, "crude_steel", "DEU") == pytest.approx(SCRAP_STEEL + 100.0 * POWER_OF_EAF, abs=NEAR)
    row = result.network.programme.rows["quota Q"]
    assert result.flows.solution.row_dual[row] == pytest.approx(-0.76, abs=1e-3)


def test_shortfall_and_lost_load_are_two_things() -> None:
    fleet = {"E": ("P/DEU", "EAF", 2.0)}
    slack = solved(micro(fleet, {"DEU": 0.6}, scrap={"DEU": 9.0}, load=0.5))
    assert slack.flows.shortfall.sum() == pytest.approx(0.4e6)
    assert slack.flows.unmet.sum() == pytest.approx(0.0, abs=1e-6)
    assert slack.objective == pytest.approx(0.6 * (SCRAP_STEEL - 30.0), rel=1e-9)  # less the 1.0 Mt x 30 it avoids
    tight = solved(micro(fleet, {"DEU": 2.5}, scrap={"DEU": 9.0}, load=0.5))
    assert tight.flows.shortfall.sum() == 0.0
    assert tight.flows.unmet.sum() == pytest.approx(0.5e6)
    assert tight.objective == pytest.approx(2.0 * SCRAP_STEEL - 30.0 * 1.0 + 0.5 * 10_000.0, rel=1e-9)


@pytest.mark.parametrize(("penalty", "dear"), [(0.0, 0.0), (0.7, 0.0), (0.8, 0.6), (30.0, 0.6)])
def test_the_minimum_load_penalty_keeps_a_dear_furnace_at_its_minimum(penalty: float, dear: float) -> None:
    world = two_countries(load=0.3, settings={"dispatch": {"minimum_load_penalty": penalty}})
    world = world.having(
        steel_demand=world.tables["steel_demand"].assign(
            demand=np.where(world.tables["steel_demand"]["country"] == "DEU", 2.0e6, 0.0)
        )
    )
    assert output(solved(world), "D") == pytest.approx(dear, abs=1e-9)


def test_cheap_steps_fill_first_and_the_next_one_sets_the_price() -> None:
    world = micro(
        {"E": ("P/DEU", "EAF", 2.0)},
        {"DEU": 1.5},
        scrap={"DEU": 9.0},
        settings={"dispatch": {"cost_steps": 2.0}},
    )
    result = solved(world)  # 0.5 free, 0.175 at 54, 0.175 at 117, 0.15 at 180, of 2 Mt; twice the adders
    assert result.flows.step.tolist() == pytest.approx([1.0e6, 0.35e6, 0.15e6, 0.0])
    assert result.objective == pytest.approx(1.5 * SCRAP_STEEL + 0.35 * 108.0 + 0.15 * 234.0, rel=1e-9)
    assert price(result, "crude_steel", "DEU") == pytest.approx(SCRAP_STEEL + 234.0, abs=NEAR)


def test_hot_metal_comes_before_bought_pig_iron() -> None:
    world = micro(
        {
            "F": ("P/DEU", "BF", 0.5),
            "B": ("P/DEU", "BOF", 2.0),
            "M": ("Q/IND", "BF", 2.0),
        },
        {"DEU": 1.0},
        ore={"BRA": 50.0, "IND": 50.0, "DEU": 50.0},
        prices={"coking_coal": 200.0, "natural_gas": 10.0},
    )
    bill = world.tables["bill_of_materials"]
    gas = (bill["technology"] == "BOF") & (bill["commodity"] == "natural_gas")
    melting = gas & (bill["option"] == "pig_iron")  # hot metal needs no gas, cold pig 1.2 GJ/t for melting
    result = solved(world.having(bill_of_materials=bill[~gas | melting]))
    iron = ORE_IN_BF * 50.0 + 0.4 * 1.28 * 200.0
    assert output(result, "F") == pytest.approx(0.5)
    assert result.flows.moved.sum() == pytest.approx(0.5e6)
    assert result.flows.cooled.sum() == pytest.approx(0.0, abs=1e-6)
    assert shipped(result, "pig_iron", "IND", "DEU") == pytest.approx(IRON_IN_BOF - 0.5, rel=1e-9)
    cold = IRON_IN_BOF - 0.5
    melted = cold / IRON_IN_BOF * 12.0
    assert result.objective == pytest.approx(IRON_IN_BOF * iron + cold * FREIGHT + melted, rel=1e-9)
    maker = list(result.network.groups.place).index("P")
    assert result.flows.hot_dual[maker] == pytest.approx(iron + FREIGHT + 12.0 / IRON_IN_BOF, abs=NEAR)


@pytest.mark.parametrize(("distance", "linked"), [(20.0, True), (31.0, False)])
def test_hot_metal_moves_between_plants_within_the_distance_only(distance: float, linked: bool) -> None:
    world = micro(
        {"F": ("P/DEU", "BF", 2.0), "B": ("Q/DEU", "BOF", 2.0)},
        {"DEU": 1.0},
        ore={"DEU": 50.0},
        hot_links=frame("iron_plant steel_plant distance", ("P", "Q", distance)),
    )
    result = solved(world)
    assert result.flows.moved.sum() == pytest.approx(IRON_IN_BOF * 1e6 if linked else 0.0)
    assert shipped(result, "pig_iron", "DEU", "DEU") == pytest.approx(0.0 if linked else IRON_IN_BOF, abs=1e-9)
    assert output(result, "F") == pytest.approx(IRON_IN_BOF)


def test_the_least_share_of_hot_metal_binds_when_scrap_is_cheap() -> None:
    limits = frame("technology charge_group year minimum maximum", ("BOF", "metal", 2025, 0.85, 1.0))
    members = frame("technology charge_group commodity", ("BOF", "metal", "hot_metal"), ("BOF", "metal", "pig_iron"))
    world = micro(
        {"F": ("P/DEU", "BF", 2.0), "B": ("P/DEU", "BOF", 2.0)},
        {"DEU": 1.0},
        scrap={"DEU": 9.0},
        scrap_cost=10.0,
        ore={"DEU": 50.0},
        charge_limits=limits,
        charge_groups=members,
    )
    result = solved(world)
    # z tonnes by hot metal: z a / (z a + (1 - z) b) = 0.85
    z = 0.85 * SCRAP_IN_BOF / (0.15 * IRON_IN_BOF + 0.85 * SCRAP_IN_BOF)
    iron, scrap = z * IRON_IN_BOF, (1 - z) * SCRAP_IN_BOF
    assert iron / (iron + scrap) == pytest.approx(0.85)
    assert output(result, "F") == pytest.approx(iron, rel=1e-9)
    assert result.flows.scrap.sum() / 1e6 == pytest.approx(scrap, rel=1e-9)
    assert result.objective == pytest.approx(iron * ORE_IN_BF * 50.0 + scrap * 10.0, rel=1e-9)


# scope 1 of scrap-EAF steel: 44/12 of the carbon of scrap, electrodes, coal and gas less that of the steel
EAF_SCOPE1 = 44 / 12 * (SCRAP_IN_EAF * 0.002 + 0.0018 * 1.0 + 0.02 * 0.806 + 1.2 * 0.0153 - 0.002)


@pytest.mark.parametrize("home", [0.0, 30.0, 120.0])
@pytest.mark.parametrize("benchmark", [0.0, 0.05])
def test_the_border_charges_what_was_not_paid_at_home(home: float, benchmark: float) -> None:
    world = micro(
        {"I": ("Q/IND", "EAF", 2.0)},
        {"DEU": 1.0},
        scrap={"IND": 5.0},
        carbon={"EU27": 100.0, "IND": home},
        border_adjustments=frame("bloc commodity year share", ("EU27", "crude_steel", 2025, 0.5)),
        free_allocation=frame("area product year benchmark share", ("IND", "crude_steel", 2025, benchmark, 1.0)),
    )
    result = solved(world)
    paid = home * (EAF_SCOPE1 - benchmark)
    charge = 0.5 * max(0.0, 100.0 * EAF_SCOPE1 - paid)
    assert result.flows.bordered.sum() == pytest.approx(1e6)
    assert (result.flows.bordered * result.network.border.charge).sum() / 1e6 == pytest.approx(charge, abs=1e-5)
    assert result.objective == pytest.approx(SCRAP_STEEL + FREIGHT + paid + charge, rel=1e-7)


@pytest.mark.parametrize(
    ("borders", "share"),
    [
        ({}, 0.5),  # the dataset's
        ({"EU27": 0.2}, 0.2),  # in its place
        ({"EU27": {2025: 0.2, 2030: 1.0}}, 0.2),
        ({"EU27": {2026: 0.2}}, 0.0),  # not yet
        ({"IND": 0.9}, 0.5),  # another area's
    ],
)
@pytest.mark.parametrize("credit", [0.0, 0.5])
def test_a_scenario_has_border_adjustments_of_its_own(borders: dict[str, object], share: float, credit: float) -> None:
    """Per tonne: share x 100 x (embedded - credit x 0.04 of free allowances in the union); nothing is paid at home."""
    world = micro(
        {"I": ("Q/IND", "EAF", 2.0)},
        {"DEU": 1.0},
        scrap={"IND": 5.0},
        carbon={"EU27": 100.0},
        border_adjustments=frame("bloc commodity year share", ("EU27", "crude_steel", 2025, 0.5)),
        free_allocation=frame("area product year benchmark share", ("EU27", "crude_steel", 2025, 0.05, 0.8)),
    )
    result = solved(world.under(carbon={"borders": borders, "border_credit": credit}))
    charge = share * 100.0 * (EAF_SCOPE1 - credit * 0.04)
    assert result.objective == pytest.approx(SCRAP_STEEL + FREIGHT + charge, rel=1e-7)


def test_what_a_country_paid_at_home_is_its_mean_too() -> None:
    """Converter steel has 1.2 allowances for its hot metal, arc steel none: neither has paid on the mean of both."""
    world = micro(
        {"E": ("Q/IND", "EAF", 1.0), "F": ("P/IND", "BF", 2.0), "B": ("P/IND", "BOF", 1.0)},
        {"DEU": 1.0, "IND": 1.0},
        scrap={"IND": 5.0},
        ore={"IND": 50.0},
        scrap_cost=50.0,
        carbon={"EU27": 100.0, "IND": 50.0},
        border_adjustments=frame("bloc commodity year share", ("EU27", "crude_steel", 2025, 1.0)),
        free_allocation=frame("area product year benchmark share", ("IND", "hot_metal", 2025, 1.2, 1.0)),
        charge_limits=frame("technology charge_group year minimum maximum", ("BOF", "metal", 2025, 1.0, 1.0)),
        charge_groups=frame("technology charge_group commodity", ("BOF", "metal", "hot_metal")),
        settings={"period": {"start": 2025, "end": 2026}},
    )
    inputs = compile_inputs(world.dataset, world.scenario)
    state, first = advance(inputs, initial_state(inputs))
    _, second = advance(inputs, state)
    emitted = first.tables["emissions"]["scope1"].sum() / 2e6
    paid = first.tables["accounts"]["carbon_cost"].sum() / 2e6
    border = second.computed.flows.network.border
    assert border.charge[border.commodity == inputs.steel] == pytest.approx(100.0 * emitted - paid, abs=1e-5)


def test_iron_that_has_cooled_had_the_allowances_of_hot_metal() -> None:
    """Pig iron of a works with converters beside it: 50 USD/t are paid at home on what its benchmark does not cover."""
    world = micro(
        {"F": ("P/IND", "BF", 3.0), "B": ("P/IND", "BOF", 1.0), "E": ("Q/DEU", "EAF", 2.0)},
        {"DEU": 1.0},
        ore={"IND": 50.0},
        carbon={"EU27": 100.0, "IND": 50.0},
        border_adjustments=frame("bloc commodity year share", ("EU27", "pig_iron", 2025, 1.0)),
        free_allocation=frame("area product year benchmark share", ("IND", "hot_metal", 2025, 0.8, 1.0)),
    )
    result = solved(world)
    border, inputs = result.network.border, result.inputs
    (charge,) = border.charge[border.commodity == inputs.commodities.index("pig_iron")]
    dirtiest = float(inputs.recipes.scope1[inputs.recipes.technology == inputs.technologies.index("BF")].max())
    assert charge == pytest.approx(100.0 * dirtiest - 50.0 * (dirtiest - 0.8), abs=1e-5)
    assert result.objective == pytest.approx(second_opinion(world), rel=1e-7)


def test_the_cleanest_output_goes_to_the_zone_first() -> None:
    world = micro(
        {"I": ("Q/IND", "EAF", 0.4), "F": ("P/IND", "BF", 9.0), "B": ("P/IND", "BOF", 9.0)},
        {"DEU": 1.0, "IND": 1.0},
        scrap={"IND": 5.0},
        ore={"IND": 10.0},
        scrap_cost=1.0,
        carbon={"EU27": 100.0},
        border_adjustments=frame("bloc commodity year share", ("EU27", "crude_steel", 2025, 1.0)),
        charge_limits=frame("technology charge_group year minimum maximum", ("BOF", "metal", 2025, 1.0, 1.0)),
        charge_groups=frame("technology charge_group commodity", ("BOF", "metal", "hot_metal")),
    )
    result = solved(world)
    charge, amount = result.network.border.charge, result.flows.bordered / 1e6
    clean = charge < 20.0
    assert amount[clean].sum() == pytest.approx(0.4)
    assert amount[~clean].sum() == pytest.approx(0.6)


@pytest.mark.parametrize("basis", ["country", "furnace_group"])
def test_the_border_charges_last_years_mean_of_the_country_where_wanted(basis: str) -> None:
    world = micro(
        {"I": ("Q/IND", "EAF", 2.0)},
        {"DEU": 1.0},
        scrap={"IND": 5.0},
        carbon={"EU27": 100.0},
        border_adjustments=frame("bloc commodity year share", ("EU27", "crude_steel", 2025, 0.5)),
        settings={"carbon": {"border_basis": basis}},
    )
    inputs = compile_inputs(world.dataset, world.scenario)
    state = initial_state(inputs)
    embedded = np.full((len(inputs.commodities.names), 3), np.nan)
    embedded[inputs.steel, inputs.countries.index("IND")] = 1.7
    first = network_of(inputs, groups_of(inputs, state.fleet, 2025), 2025)
    means = embedded, np.zeros_like(embedded)
    later = network_of(inputs, groups_of(inputs, state.fleet, 2025), 2025, means)
    second_year = 1.7 if basis == "country" else EAF_SCOPE1
    for network, tonne in ((first, EAF_SCOPE1), (later, second_year)):
        expected = SCRAP_STEEL + FREIGHT + 0.5 * 100.0 * tonne
        assert solve(network.programme).objective == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    ("borders", "prices", "charged"),
    [
        ({"EU27": 1.0}, {"WORLD": 100.0}, True),
        ({"EU27": 1.0, "IND": 1.0}, {"WORLD": 100.0}, True),  # another border on the same terms is another border
        ({"EU27": 1.0, "IND": 1.0}, {"WORLD": 100.0, "IND": 99.999}, True),
        ({"WORLD": 1.0}, {"WORLD": 100.0}, True),  # every country has its own
        ({"Eurasia": 1.0}, {"WORLD": 100.0}, False),  # inside one border, whatever is paid where
        ({"Eurasia": 1.0}, {"DEU": 100.0}, False),
    ],
)
def test_a_border_is_that_of_an_area_not_of_those_who_charge_alike(
    borders: dict[str, float], prices: dict[str, float], *, charged: bool
) -> None:
    """A tonne of hot metal has an allowance free in India, so that 100 USD/t for each of it are not paid there."""
    world = micro(
        {"F": ("P/IND", "BF", 3.0), "B": ("P/IND", "BOF", 3.0)},
        {"DEU": 1.0},
        ore={"IND": 50.0},
        free_allocation=frame("area product year benchmark share", ("IND", "hot_metal", 2025, 1.0, 1.0)),
        charge_limits=frame("technology charge_group year minimum maximum", ("BOF", "metal", 2025, 1.0, 1.0)),
        charge_groups=frame("technology charge_group commodity", ("BOF", "metal", "hot_metal")),
        settings={"carbon": {"paths": prices, "borders": borders}},
        blocs=frame(
            "bloc country",
            ("EU27", "DEU"),
            *[("Eurasia", c) for c in ("DEU", "IND")],
            *[("BRICS", c) for c in ("BRA", "IND")],
        ),
    )
    result = solved(world)
    paid = float((result.flows.bordered * result.network.border.charge).sum()) / 1e6
    assert paid == pytest.approx(100.0 * IRON_IN_BOF if charged else 0.0, abs=0.02)
    assert result.objective == pytest.approx(second_opinion(world), rel=1e-7)


def test_a_clean_tonne_crosses_one_border_only() -> None:
    world = micro(
        {"I": ("Q/IND", "EAF", 1.0), "F": ("P/IND", "BF", 9.0), "B": ("P/IND", "BOF", 9.0)},
        {"DEU": 1.0, "BRA": 1.0},
        scrap={"IND": 1.0 * SCRAP_IN_EAF},
        ore={"IND": 10.0},
        carbon={"EU27": 100.0, "BRA": 90.0},
        border_adjustments=frame(
            "bloc commodity year share",
            *[(bloc, "crude_steel", 2025, 1.0) for bloc in ("EU27", "BRA")],
        ),
        charge_limits=frame("technology charge_group year minimum maximum", ("BOF", "metal", 2025, 1.0, 1.0)),
        charge_groups=frame("technology charge_group commodity", ("BOF", "metal", "hot_metal")),
    )
    result = solved(world)
    clean = result.network.border.charge < 20.0
    assert result.flows.bordered[clean].sum() <= result.books.production[result.state.fleet.id == "I"].sum() + 1.0
    assert result.objective == pytest.approx(second_opinion(world), rel=1e-7)


def test_a_world_without_furnace_in_operation_leaves_its_demand_unmet() -> None:
    link = frame("iron_plant steel_plant distance", ("P", "Q", 3.0))
    world = micro({"E": ("P/DEU", "EAF", 2.0)}, {"DEU": 1.0}, scrap={"DEU": 5.0}, hot_links=link)
    groups = world.tables["furnace_groups"].assign(status="construction", start_year=2030, campaign_start=2030)
    result = solved(world.having(furnace_groups=groups))
    assert result.flows.unmet.tolist() == pytest.approx([0.0, 1e6, 0.0])
    assert result.books.production.tolist() == [0.0]
    assert result.objective == pytest.approx(10_000.0)


# --- prices ----------------------------------------------------------------------------------------------------------


def test_lost_load_is_clipped_and_flagged_and_never_a_price() -> None:
    result = solved(micro({"E": ("P/DEU", "EAF", 2.0)}, {"DEU": 2.5}, scrap={"DEU": 9.0}))
    steel, germany = result.inputs.steel, result.inputs.countries.index("DEU")
    assert result.prices.dual[steel, germany] == pytest.approx(10_000.0, abs=1.0)
    assert price(result, "crude_steel", "DEU") == 1000.0
    assert result.prices.clipped[steel, germany]
    assert not result.prices.clipped[result.inputs.commodities.index("scrap")].any()


def test_a_good_without_user_costs_what_it_would_cost_to_bring_it() -> None:
    result = solved(two_countries())
    assert price(result, "crude_steel", "IND") == pytest.approx(SCRAP_STEEL + 20.0 * POWER_OF_EAF, abs=NEAR)
    assert np.isnan(result.prices.dual[result.inputs.steel, result.inputs.countries.index("BRA")])
    assert price(result, "crude_steel", "BRA") == pytest.approx(SCRAP_STEEL + 20 * POWER_OF_EAF + FREIGHT, abs=NEAR)


def test_ore_that_cannot_come_has_a_finite_price() -> None:
    ban = frame(TARIFF, ("DEU", "WORLD", "dr_ore", 2020, 2030, 0.0, 0.0, True))
    result = solved(two_countries(tariffs=ban))
    assert np.isfinite(result.prices.buy).all()
    assert np.isfinite(result.books.variable).all()


def test_free_freight_opens_no_way_where_there_is_none() -> None:
    ways = frame("origin destination sea land", ("BRA", "DEU", 10_000.0, None), ("BRA", "IND", 10_000.0, None))
    world = two_countries(distances=ways).under(trade={"freight": 0.0})
    result = solved(world)
    assert np.isfinite(result.prices.buy).all()
    assert shipped(result, "crude_steel", "IND", "DEU") == 0.0


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        (0.9, 300.0),  # within the first group
        (1.5, 400.0),  # within the second by cost, which stands third in the list
        (2.5, 500.0),  # within the third, just below 95 % of the 2.7 Mt of groups with output
    ],
)
def test_merit_order_price_is_the_lcos_at_demand(demand: float, expected: float) -> None:
    curve = CostCurve(np.array([300.0, 500.0, 400.0, np.nan]), np.array([1.0e6, 0.7e6, 1.0e6, 9.0e6]))
    result = solved(two_countries().under(prices={"rule": "merit_order"}).having(steel_demand=_demand(demand)))
    after = ruled(result.inputs, result.prices, result.flows, lambda: curve)
    assert (after.buy[result.inputs.steel] == expected).all()
    assert (after.sell[result.inputs.steel] == expected).all()
    assert not after.clipped[result.inputs.steel].any()


@pytest.mark.parametrize(("premium", "expected", "clipped"), [(200.0, 700.0, False), (600.0, 1000.0, True)])
def test_scarcity_beyond_the_clearing_share_costs_the_premium(premium: float, expected: float, clipped: bool) -> None:
    curve = CostCurve(np.array([300.0, 500.0]), np.array([1.0e6, 1.0e6]))
    settings = {"rule": "merit_order", "scarcity_premium": premium}
    for demand, price_there in ((1.89, 500.0), (1.91, expected), (2.5, expected)):
        result = solved(two_countries().under(prices=settings).having(steel_demand=_demand(demand)))
        after = ruled(result.inputs, result.prices, result.flows, lambda: curve)
        assert (after.buy[result.inputs.steel] == price_there).all()
        assert (after.clipped[result.inputs.steel] == (clipped and demand > 1.9)).all()


def _demand(million: float) -> pd.DataFrame:
    return frame("scenario country year demand", ("bau", "DEU", 2025, million * 1e6), ("bau", "DEU", 2030, 1e6))


# --- the solver ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def year() -> Solved:
    return solved(tiny())


def test_the_certificate_refuses_other_points(year: Solved) -> None:
    programme, solution = year.network.programme, year.flows.solution
    assert certificate(programme, solution.x, solution.row_dual).holds
    for block in ("make", "ship", "step", "ore", "scrap", "unmet"):
        used = programme.columns[block]
        for change in (1e-3, -1e-3):
            x = solution.x.copy()
            x[used.start + int(np.argmax(solution.x[used]))] += change
            assert not certificate(programme, x, solution.row_dual).holds


def test_the_certificate_refuses_wrong_duals_and_wrong_costs(year: Solved) -> None:
    programme, solution = year.network.programme, year.flows.solution
    assert not certificate(programme, solution.x, solution.row_dual * 1.01).holds
    assert not certificate(programme, solution.x, solution.row_dual * 0.99).holds
    demand = programme.rows["arrivals crude_steel"]
    for row in range(demand.start, demand.stop):
        for factor in (0.99, 1.01):
            dual = solution.row_dual.copy()
            dual[row] *= factor
            assert not certificate(programme, solution.x, dual).holds
    dearer = replace(programme, cost=programme.cost * np.where(solution.x > 0.1, 1.01, 1.0))
    assert not certificate(dearer, solution.x, solution.row_dual).holds
    assert not certificate(programme, solution.x * 0.0, solution.row_dual).holds


def bases(programme: Programme, right: Basis) -> dict[str, Basis]:
    generator = np.random.default_rng(7)
    return {
        "everything basic": replace(right, column_status=right.column_status * 0 + 1),
        "nothing basic": replace(right, column_status=right.column_status * 0, row_status=right.row_status * 0),
        "shuffled": replace(
            right,
            column_status=generator.permutation(right.column_status),
            row_status=generator.permutation(right.row_status),
        ),
        "of another programme": Basis(
            keys_of(["a", "b"]), np.array([1, 1]), keys_of(["c", "d", "e"]), np.array([0, 0, 2])
        ),
        "empty": Basis(keys_of([]), np.zeros(0, dtype=np.int64), keys_of([]), np.zeros(0, dtype=np.int64)),
    }


def test_a_wrong_basis_leads_to_the_same_certified_optimum(year: Solved) -> None:
    programme, right = year.network.programme, year.flows.solution
    for name, basis in bases(programme, right.basis).items():
        found = solve(programme, basis)
        assert found.certificate.holds, name
        assert found.objective == pytest.approx(right.objective, rel=1e-9), name
        assert np.allclose(found.x, right.x, rtol=0, atol=1e-7), name


def test_next_year_from_this_years_basis_is_what_a_cold_start_finds(year: Solved) -> None:
    basis: Basis | None = year.flows.solution.basis
    for later in (2026, 2027, 2028):
        groups = groups_of(year.inputs, year.state.fleet, later)
        programme = network_of(compile_inputs(tiny().dataset, tiny().scenario), groups, later).programme
        warm, cold = solve(programme, basis), solve(programme)
        assert (warm.method, cold.method) == ("warm", "cold")
        assert np.allclose(warm.x, cold.x, rtol=0, atol=1e-7)
        for name, part in programme.rows.items():
            if name.startswith(("pool", "arrivals", "hot output")):  # what prices are made of
                assert np.allclose(warm.row_dual[part], cold.row_dual[part], rtol=0, atol=1e-5)
        basis = warm.basis


def test_an_impossible_programme_names_the_rows_in_conflict(year: Solved) -> None:
    programme = year.network.programme
    upper = programme.upper.copy()
    upper[programme.columns["unmet"]] = 0.0
    upper[programme.columns["step"]] *= 0.1
    with pytest.raises(InfeasibleError, match=r"have to give way: (pool|arrivals) crude_steel \(8\.\d+ Mt\)"):
        solve(replace(programme, upper=upper))


def test_money_without_limit_is_named_as_such() -> None:
    lp = Assembly()
    column = lp.add_columns("make", keys_of(["a", "b"]), np.array([-1.0, 1.0]))
    row = lp.add_rows("balance", keys_of(["c"]), 0.0, 0.0)
    lp.add_entries(np.array([row[0], row[0]]), column, np.array([1.0, -0.5]))
    with pytest.raises(InfeasibleError, match="unbounded"):
        solve(replace(lp.programme(), cost=np.array([-1.0, 0.1])))


def test_equal_entries_are_summed_and_cancelled_ones_dropped() -> None:
    lp = Assembly()
    column = lp.add_columns("make", keys_of(["a", "b"]), 1.0, np.array([3.0, 4.0]))
    row = lp.add_rows("balance", keys_of(["c", "d"]), 1.0, np.inf)
    lp.add_entries(row, column, 2.0)
    lp.add_entries(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([3.0, 1.0, -2.0]))
    programme = lp.programme()
    dense = np.zeros((2, 2))
    for n in range(2):
        part = slice(programme.start[n], programme.start[n + 1])
        dense[programme.index[part], n] = programme.value[part]
    assert dense.tolist() == [[5.0, 1.0], [0.0, 0.0]]
    assert len(programme.value) == 2


# --- ties ------------------------------------------------------------------------------------------------------------


def twins(first: str, second: str) -> World:
    """Two works that differ in nothing but their names."""
    return micro(
        {
            f"{first}-F": (f"{first}/DEU", "BF", 2.0),
            f"{first}-B": (f"{first}/DEU", "BOF", 2.0),
            f"{second}-F": (f"{second}/DEU", "BF", 2.0),
            f"{second}-B": (f"{second}/DEU", "BOF", 2.0),
        },
        {"DEU": 1.0},
        ore={"DEU": 50.0},
    )


def test_between_identical_works_the_name_decides_not_the_order() -> None:
    ours, theirs = solved(twins("A", "Z")), solved(twins("Z", "A"))
    for group in ("A-F", "A-B", "Z-F", "Z-B"):
        assert output(ours, group) == output(theirs, group)
    assert sorted([round(output(ours, "A-B"), 9), round(output(ours, "Z-B"), 9)]) == [0.0, 1.0]
    shuffled = replace(ours.state, fleet=ours.state.fleet.take(np.array([2, 0, 3, 1])))
    groups = groups_of(ours.inputs, shuffled.fleet, 2025)
    again = solve(network_of(ours.inputs, groups, 2025).programme)
    assert again.x.tobytes() == ours.flows.solution.x.tobytes()


def test_identical_furnaces_without_hot_partner_share_by_capacity() -> None:
    world = micro(
        {"A": ("P/DEU", "EAF", 1.0), "B": ("Q/DEU", "EAF", 3.0), "C": ("R/IND", "EAF", 3.0)},
        {"DEU": 1.0},
        scrap={"DEU": 9.0},
    )
    result = solved(world)
    assert len(result.network.groups) == 2
    assert [output(result, group) for group in "ABC"] == pytest.approx([0.25, 0.75, 0.0])


def test_tie_costs_are_small_and_never_reported(year: Solved) -> None:
    programme, solution = year.network.programme, year.flows.solution
    assert (programme.tie >= 0).all()
    assert (programme.tie < TIE).all()
    assert len(np.unique(programme.tie)) == len(programme.tie)
    assert solution.objective == pytest.approx(float(programme.cost @ solution.x), rel=1e-15)


def test_columns_and_rows_have_keys_of_their_own_and_keep_them_next_year(year: Solved) -> None:
    inputs = year.inputs
    later = network_of(inputs, groups_of(inputs, initial_state(inputs).fleet, 2026), 2026).programme
    for programme in (year.network.programme, later):
        assert len(np.unique(programme.column_keys)) == len(programme.column_keys)
        assert len(np.unique(programme.row_keys)) == len(programme.row_keys)
    # the border adjustment starts in 2026; all else is known from the year before
    assert set(year.network.programme.column_keys) < set(later.column_keys)
    new = ~np.isin(later.column_keys, year.network.programme.column_keys)
    assert all(
        new[part].all() if name.startswith("border") else not new[part].any() for name, part in later.columns.items()
    )
