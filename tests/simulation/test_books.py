"""The accounts of two works, worked out with pencil and paper: costs, revenues, emissions, boundaries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from steeliq.simulation.accounts.books import books_of, lcos_curve
from steeliq.simulation.accounts.emissions import intensities
from steeliq.simulation.accounts.laws import at_most, equal
from steeliq.simulation.accounts.monetary import market_laws
from steeliq.simulation.accounts.owners import by_owner
from steeliq.simulation.accounts.physical import physical_laws
from steeliq.simulation.inputs import compile_inputs, initial_state
from tests.micro import FREIGHT, IRON_IN_BOF, ORE_IN_BF, POWER_OF_EAF, SCRAP_IN_EAF, frame, micro
from tests.strategies import Solved, World, solved, solved_state

CO2 = 44.0 / 12.0
POWER, COAL, PCI, GAS, LIME, CHARCOAL = 60.0, 200.0, 150.0, 10.0, 100.0, 9000.0  # USD per MWh, t, t, GJ, t, t
CARBON, BENCHMARK, GRID, DUTY = 80.0, 1.2, 0.5, 10.0

# a tonne of hot metal: coke 0.4, coal 0.15, lime 0.02, oxygen 0.05, power 0.1; coke and oxygen from their own bills
POWER_OF_BF = 0.1 + 0.05 * 0.7 + 0.4 * 0.04
BOUGHT_BF = 0.4 * 1.28 * COAL + 0.15 * PCI + 0.02 * LIME + POWER_OF_BF * POWER
SCOPE1_BF = CO2 * (0.4 * 1.28 * 0.835 + 0.15 * 0.806 - 0.045)
# a tonne of BOF steel: hot metal, oxygen 0.054, lime 0.05, power 0.165, gas 1.2
POWER_OF_BOF = 0.165 + 0.054 * 0.7
BOUGHT_BOF = 0.05 * LIME + POWER_OF_BOF * POWER + 1.2 * GAS
SCOPE1_BOF = CO2 * (IRON_IN_BOF * 0.045 + 1.2 * 0.0153 - 0.002)
# a tonne of scrap-EAF steel: lime 0.05, electrodes 0.0018 (free), coal 0.02, gas 1.2
BOUGHT_EAF = 0.05 * LIME + 0.02 * PCI + POWER_OF_EAF * POWER + 1.2 * GAS
SCOPE1_EAF = CO2 * (SCRAP_IN_EAF * 0.002 + 0.0018 + 0.02 * 0.806 + 1.2 * 0.0153 - 0.002)

ORE = ORE_IN_BF * 50.0
HOT_VARIABLE = BOUGHT_BF + ORE + CARBON * (SCOPE1_BF - BENCHMARK)  # USD/t of hot metal, carbon included
STEEL = IRON_IN_BOF * HOT_VARIABLE + BOUGHT_BOF + CARBON * SCOPE1_BOF  # what the next tonne costs in Germany
CLOSE = 1e-6 * 1e6 * 10  # USD: prices carry tie-breaking costs of up to 1e-4 USD/t, times a million tonnes, times ten


def world() -> World:
    """A works in Germany, twice as large as it needs, and a full arc furnace in India that sells to Germany."""
    return micro(
        {"B": ("P/DEU", "BOF", 2.0), "E": ("Q/IND", "EAF", 0.5), "F": ("P/DEU", "BF", 2.0)},
        {"DEU": 1.5},
        scrap={"IND": 9.0},
        ore={"DEU": 50.0},
        carbon={"DEU": CARBON},
        grid=GRID,
        prices={
            "electricity": POWER,
            "coking_coal": COAL,
            "pci_coal": PCI,
            "natural_gas": GAS,
            "lime": LIME,
            "charcoal": CHARCOAL,
        },
        charge_limits=frame("technology charge_group year minimum maximum", ("BOF", "metal", 2025, 1.0, 1.0)),
        charge_groups=frame("technology charge_group commodity", ("BOF", "metal", "hot_metal")),
        free_allocation=frame("area product year benchmark share", ("EU27", "hot_metal", 2025, BENCHMARK, 1.0)),
        tariffs=frame(
            "importer exporter commodity start end ad_valorem specific banned",
            ("DEU", "IND", "crude_steel", 2020, 2030, 0.0, DUTY, False),
        ),
    )


@pytest.fixture(scope="module")
def year() -> Solved:
    return solved(world())


B, E, F = 0, 1, 2  # rows of the fleet, sorted by id
HOT = IRON_IN_BOF * 1e6  # t of hot metal for a million tonnes of steel
DEBT_F = 0.8 * 150.0 * 2e6 / 20 * 10  # 80 % of a relining in 2015, half paid back
INTEREST_F = 0.04 * DEBT_F


def test_everything_is_made_where_pencil_and_paper_say(year: Solved) -> None:
    assert year.books.production.tolist() == pytest.approx([1e6, 0.5e6, HOT])
    assert year.flows.moved.tolist() == pytest.approx([HOT])
    assert year.prices.buy[year.inputs.steel, 1] == pytest.approx(STEEL, abs=2e-3)
    assert year.objective == pytest.approx(STEEL + 0.5 * (BOUGHT_EAF + 100.0 * SCRAP_IN_EAF + FREIGHT + DUTY), rel=1e-9)


def test_variable_costs_are_what_the_bills_say(year: Solved) -> None:
    books = year.books
    assert books.bought.tolist() == pytest.approx([BOUGHT_BOF * 1e6, BOUGHT_EAF * 0.5e6, BOUGHT_BF * HOT])
    assert books.metallics.tolist() == pytest.approx([0.0, 100.0 * SCRAP_IN_EAF * 0.5e6, ORE * HOT], abs=CLOSE * 10)
    assert books.conversion.tolist() == [0.0, 0.0, 0.0]
    assert books.variable == pytest.approx(books.bought + books.metallics + books.hot + books.conversion)


def test_carbon_is_paid_once_by_who_emits_less_free_allowances(year: Solved) -> None:
    expected = [CARBON * SCOPE1_BOF * 1e6, 0.0, CARBON * (SCOPE1_BF - BENCHMARK) * HOT]
    assert year.books.carbon.tolist() == pytest.approx(expected)


def test_without_free_allocation_all_emissions_are_paid() -> None:
    books = solved(world().under(carbon={"free_allocation": 0.0})).books
    assert books.carbon[F] == pytest.approx(CARBON * SCOPE1_BF * HOT)


def test_hot_metal_is_booked_at_its_full_cost(year: Solved) -> None:
    books = year.books
    full = HOT_VARIABLE * HOT + 40.0 * 2e6 + INTEREST_F
    assert books.hot.tolist() == pytest.approx([full, 0.0, 0.0], abs=CLOSE * 10)
    assert books.revenue[F] == pytest.approx(full, rel=1e-6)
    assert books.avoidable[F] == pytest.approx(INTEREST_F, rel=1e-6)
    assert books.cash[F] == pytest.approx(-books.principal[F], rel=1e-6)


def test_steel_is_sold_at_the_price_less_freight_and_duty(year: Solved) -> None:
    assert year.books.revenue[B] == pytest.approx(STEEL * 1e6, abs=CLOSE * 200)
    assert year.books.revenue[E] == pytest.approx((STEEL - FREIGHT - DUTY) * 0.5e6, abs=CLOSE * 200)


def test_fixed_costs_follow_capacity_and_debt_service_the_balance(year: Solved) -> None:
    books = year.books
    assert books.fixed.tolist() == pytest.approx([25.0 * 2e6, 30.0 * 0.5e6, 40.0 * 2e6])
    principal = [0.8 * 64.0 * 2e6 / 20, 0.8 * 96.0 * 0.5e6 / 20, 0.8 * 150.0 * 2e6 / 20]
    assert books.principal.tolist() == pytest.approx(principal)
    assert books.interest.tolist() == pytest.approx([0.04 * 10 * principal[0], 0.06 * 10 * principal[1], INTEREST_F])
    assert books.cash == pytest.approx(
        books.revenue - books.variable - books.carbon - books.fixed - books.interest - books.principal
    )


def annuity(rate: float) -> float:
    return rate / (1 - (1 + rate) ** -20)


GERMAN = annuity(0.2 * 0.08 + 0.8 * 0.04)
INDIAN = annuity(0.2 * 0.12 + 0.8 * 0.06)


def test_unit_costs_divide_by_production(year: Solved) -> None:
    own = BOUGHT_EAF + 100.0 * SCRAP_IN_EAF
    expected = own + (30.0 + 240.0 * INDIAN) * 0.5e6 / 0.5e6
    assert year.books.lcos[E] == pytest.approx(expected, abs=1e-3)
    iron = HOT_VARIABLE + (40.0 + 700.0 * GERMAN) * 2e6 / HOT
    assert year.books.lcos[F] == pytest.approx(iron, abs=1e-3)
    assert year.books.capital.tolist() == pytest.approx(
        [290.0 * 2e6 * GERMAN, 240.0 * 0.5e6 * INDIAN, 700.0 * 2e6 * GERMAN]
    )


def test_steel_of_a_site_costs_its_iron_and_its_own_without_interest(year: Solved) -> None:
    iron = HOT_VARIABLE * HOT + (40.0 + 700.0 * GERMAN) * 2e6
    own = (BOUGHT_BOF + CARBON * SCOPE1_BOF) * 1e6 + (25.0 + 290.0 * GERMAN) * 2e6
    assert year.books.lcos[B] == pytest.approx((iron + own) / 1e6, abs=1e-2)


def test_the_cost_curve_holds_steel_with_its_available_capacity(year: Solved) -> None:
    curve = lcos_curve(year.inputs, year.state.fleet, year.flows, year.prices)
    assert curve.lcos.tolist() == pytest.approx(year.books.lcos[[B, E]].tolist())
    assert curve.capacity.tolist() == pytest.approx([2e6, 0.5e6])


def test_what_does_not_operate_has_no_accounts(year: Solved) -> None:
    inputs = compile_inputs(world().dataset, world().scenario)
    state = initial_state(inputs)
    fleet = state.fleet.changed(opens=np.where(np.arange(3) == E, 2030, state.fleet.opens))
    later = solved_state(inputs, replace(state, fleet=fleet))
    for name in ("production", "revenue", "variable", "carbon", "fixed", "interest", "principal", "capital"):
        assert getattr(later.books, name)[E] == 0.0, name
    assert np.isnan(later.books.lcos[E])
    assert later.books.production[B] == pytest.approx(1.5e6)


def test_groups_that_are_dispatched_as_one_share_by_capacity(year: Solved) -> None:
    groups = world().tables["furnace_groups"]
    arc = groups[groups["furnace_group"] == "E"]
    parts = [groups[groups["furnace_group"] != "E"], arc.assign(capacity=0.125e6)]
    parts.append(arc.assign(furnace_group="E2", capacity=0.375e6))
    books = solved(world().having(furnace_groups=pd.concat(parts))).books
    assert books.production[[1, 2]].tolist() == pytest.approx([0.125e6, 0.375e6])
    for name in ("revenue", "variable", "fixed", "interest", "capital"):
        whole, shares = getattr(year.books, name)[E], getattr(books, name)[[1, 2]]
        assert shares.tolist() == pytest.approx([whole / 4, whole * 3 / 4]), name
    assert books.lcos[[1, 2]].tolist() == pytest.approx([year.books.lcos[E]] * 2)


# --- emissions -------------------------------------------------------------------------------------------------------

UPSTREAM_BF = 0.4 * 1.28 * 0.2 + 0.15 * 0.1 + 0.02 * 0.95
UPSTREAM_BOF = 0.05 * 0.95 + 1.2 * 0.01
UPSTREAM_EAF = 0.05 * 0.95 + 0.0018 * 0.65 + 0.02 * 0.1 + 1.2 * 0.01


def test_emissions_by_scope(year: Solved) -> None:
    emissions = year.emissions
    assert emissions.scope1.tolist() == pytest.approx([SCOPE1_BOF * 1e6, SCOPE1_EAF * 0.5e6, SCOPE1_BF * HOT])
    power = [POWER_OF_BOF * 1e6, POWER_OF_EAF * 0.5e6, POWER_OF_BF * HOT]
    assert emissions.scope2.tolist() == pytest.approx([GRID * mwh for mwh in power])
    assert emissions.scope3.tolist() == pytest.approx([UPSTREAM_BOF * 1e6, UPSTREAM_EAF * 0.5e6, UPSTREAM_BF * HOT])
    assert emissions.captured.tolist() == [0.0, 0.0, 0.0]
    assert emissions.biogenic.tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
    assert emissions.generated.tolist() == pytest.approx(emissions.scope1.tolist())


def test_charcoal_is_biogenic_and_capture_takes_its_share() -> None:
    tables = world().tables
    groups = tables["furnace_groups"]
    technology = groups["technology"].replace({"BF": "BF_CCS"})
    cheap = tables["prices"].assign(
        price=tables["prices"]["price"].where(tables["prices"]["commodity"] != "charcoal", 0.0)
    )
    result = solved(world().having(furnace_groups=groups.assign(technology=technology), prices=cheap))
    made = result.books.production[F]
    fossil = CO2 * (0.4 * 1.28 * 0.835 - 0.045)
    coke = CO2 * (1.28 * 0.835 - 0.889) * 0.4  # the ovens' CO2 is not captured
    biogenic = CO2 * 0.15 * 0.8
    captured = 0.7 * (fossil - coke + biogenic)
    assert result.emissions.generated[F] == pytest.approx((fossil + biogenic) * made)
    assert result.emissions.captured[F] == pytest.approx(captured * made)
    assert result.emissions.scope1[F] == pytest.approx((fossil - captured) * made)
    assert result.emissions.biogenic[F] == pytest.approx(0.3 * biogenic * made)


def test_boundaries_are_rows_of_a_table() -> None:
    rows = frame(
        "boundary term factor emission_factor",
        ("direct", "scope1", 1.0, None),
        ("half", "scope1", 0.5, None),
        ("grid", "scope2", 1.0, None),
        ("world grid", "scope2", 1.0, 0.504),
        ("lime", "upstream:lime", 1.0, 2.0),
        ("all", "upstream:*", 1.0, None),
        ("mixed", "upstream:*", 1.0, None),
        ("mixed", "upstream:lime", 1.0, 2.0),
        ("ships", "transport", 1.0, None),
    )
    inputs = compile_inputs(world().having(boundaries=rows).dataset, world().scenario)
    recipes = inputs.recipes
    found = {boundary.name: boundary for boundary in inputs.boundaries}
    for option, scope1, power, upstream, lime in (
        (recipes.index("BF", "coal"), SCOPE1_BF, POWER_OF_BF, UPSTREAM_BF, 0.02),
        (recipes.index("BOF", "hot_metal"), SCOPE1_BOF, POWER_OF_BOF, UPSTREAM_BOF, 0.05),
        (recipes.index("EAF", "scrap"), SCOPE1_EAF, POWER_OF_EAF, UPSTREAM_EAF, 0.05),
    ):
        assert found["direct"].fixed[option] == pytest.approx(scope1)
        assert found["half"].fixed[option] == pytest.approx(scope1 / 2)
        assert (found["grid"].fixed[option], found["grid"].grid[option]) == (0.0, pytest.approx(power))
        assert (found["world grid"].fixed[option], found["world grid"].grid[option]) == (
            pytest.approx(0.504 * power),
            0,
        )
        assert found["lime"].fixed[option] == pytest.approx(2.0 * lime)
        assert found["all"].fixed[option] == pytest.approx(upstream)
        assert found["mixed"].fixed[option] == pytest.approx(upstream + (2.0 - 0.95) * lime)
    assert {name: boundary.transport for name, boundary in found.items() if boundary.transport} == {"ships": 1.0}


def test_intensities_follow_the_iron_into_the_steel() -> None:
    rows = frame(
        "boundary term factor emission_factor",
        ("direct", "scope1", 1.0, None),
        ("whole", "scope1", 1.0, None),
        ("whole", "scope2", 1.0, None),
        ("whole", "transport", 1.0, None),
    )
    year = solved(world().having(boundaries=rows))
    table = {(row["boundary"], row["route"]): row for row in intensities(year.inputs, year.flows, transport=7e4)}
    direct = SCOPE1_BOF + IRON_IN_BOF * SCOPE1_BF
    whole = direct + GRID * (POWER_OF_BOF + IRON_IN_BOF * POWER_OF_BF)
    arc = SCOPE1_EAF + GRID * POWER_OF_EAF
    assert table["direct", "BF-BOF"]["intensity"] == pytest.approx(direct)
    assert table["direct", "scrap-EAF"]["intensity"] == pytest.approx(SCOPE1_EAF)
    assert table["whole", "BF-BOF"]["intensity"] == pytest.approx(whole)
    assert table["whole", "scrap-EAF"]["emissions"] == pytest.approx(arc * 0.5e6)
    assert table["whole", "world"]["emissions"] == pytest.approx(whole * 1e6 + arc * 0.5e6 + 7e4)
    assert table["direct", "world"]["emissions"] == pytest.approx(year.emissions.scope1.sum())
    assert table["whole", "world"]["production"] == pytest.approx(1.5e6)
    assert table["whole", "DRI-EAF"]["production"] == 0.0
    assert str(table["whole", "DRI-EAF"]["intensity"]) == "nan"


def test_freight_emits_by_distance(year: Solved) -> None:
    """10,000 km at 1e-5 tCO2e/(t km), and nothing at home."""
    terms, countries = year.network.terms, year.inputs.countries
    steel = list(terms.commodities).index(year.inputs.steel)
    india, germany = countries.index("IND"), countries.index("DEU")
    assert terms.emissions[steel, india, germany] == pytest.approx(0.1)
    assert terms.emissions[steel, germany, germany] == 0.0
    assert terms.duty[steel, india, germany] == DUTY
    assert terms.duty[steel, germany, india] == 0.0
    assert terms.transport[steel, india, germany] == FREIGHT


# --- the audit catches what is wrong ---------------------------------------------------------------------------------


def test_the_audit_passes_what_is_right_and_names_what_is_wrong(year: Solved) -> None:
    inputs, fleet, flows = year.inputs, year.state.fleet, year.flows
    assert all(finding.passed for finding in physical_laws(inputs, fleet, flows, year.emissions))
    assert all(finding.passed for finding in market_laws(inputs, flows, year.books))

    def broken(**columns: Any) -> set[str]:
        findings = physical_laws(inputs, fleet, replace(flows, **columns), year.emissions)
        return {finding.invariant for finding in findings if not finding.passed}

    assert "mass: output = shipments" in broken(shipped=flows.shipped * 1.001)
    assert "demand = supplied + unmet" in broken(unmet=flows.unmet + 100.0)
    assert "product <= available capacity" in broken(by_option=flows.by_option * 3.0)
    assert "mass: hot output = moved + cooled" in broken(moved=flows.moved * 0.99)
    assert "flows are not negative" in broken(shipped=-flows.shipped)
    assert "iron: in = products + losses" in broken(ore=flows.ore * 1.01)
    assert "carbon: in = products + CO2" in {
        finding.invariant
        for finding in physical_laws(
            inputs, fleet, flows, replace(year.emissions, generated=year.emissions.generated * 1.01)
        )
        if not finding.passed
    }
    dear = replace(year.books, carbon=year.books.carbon * 1.001)
    wrong = [finding.invariant for finding in market_laws(inputs, flows, dear) if not finding.passed]
    assert "money: costs = objective of the dispatch" in wrong


def test_a_law_says_where_it_is_broken_worst() -> None:
    names = ["a", "b", "c"]
    finding = equal("law", "place", np.array([1.0, 100.0, 5.0]), np.array([1.0, 110.0, 5.1]), names, floor=1.0)
    assert (finding.where, finding.passed) == ("b", False)
    assert finding.residual == pytest.approx(10.0 / 110.0)
    assert not equal("law", "place", np.array([np.nan, 1.0]), np.array([0.0, 1.0]), ["a", "b"]).passed
    assert equal("law", "place", np.array([0.0, 1.0]), np.array([1e-7, 1.0]), ["a", "b"], floor=1.0).passed
    assert not equal("law", "place", np.array([0.0, 1.0]), np.array([1e-5, 1.0]), ["a", "b"], floor=1.0).passed
    assert at_most("law", "place", np.array([5.0]), np.array([np.inf]), ["a"]).passed
    assert at_most("law", "place", np.array([5.0 + 1e-7]), np.array([5.0]), ["a"]).passed
    assert not at_most("law", "place", np.array([5.1]), np.array([5.0]), ["a"]).passed
    assert equal("law", "place", np.zeros(0), np.zeros(0), []).where == "nothing to check"


def test_owners_get_what_their_groups_earn(year: Solved) -> None:
    owners = np.array(["A", "B"], dtype=object)
    of = np.array(["B", "A", "B"], dtype=object)
    assert by_owner(owners, of, np.array([1.0, 2.0, 4.0])).tolist() == [2.0, 5.0]


def test_books_take_the_prices_they_are_given(year: Solved) -> None:
    prices = replace(year.prices, sell=year.prices.sell + 10.0, buy=year.prices.buy + 1.0)
    books = books_of(year.inputs, year.state.fleet, year.flows, prices)
    difference = books.avoidable.sum() - year.books.avoidable.sum()
    charged = SCRAP_IN_EAF * 0.5e6 + ORE_IN_BF * HOT
    assert difference == pytest.approx(10.0 * 1.5e6 - charged)
