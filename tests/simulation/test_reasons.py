"""Every decision can be taken apart: the parts of its NPV, what else was possible, chance, draw, and limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from steeliq.simulation.agents.decide import Choices, decide
from steeliq.simulation.agents.year import PARTS
from steeliq.simulation.market.prices import YearPrices
from tests.micro import POWER_OF_EAF, SCRAP_IN_EAF, frame, micro
from tests.simulation.test_decisions import anyhow, books_of, cases, choose, inputs_of, prices_of, row_of, state_of
from tests.strategies import Solved, World, solved

KEY = ["year", "furnace_group", "route"]


def told(choices: Choices) -> pd.DataFrame:
    """Reasons beside the NPVs and refusals of the same courses."""
    return choices.reasons.merge(choices.candidates, on=KEY)


def course(choices: Choices, group: str, route: str) -> Any:
    (row,) = choices.reasons.query("furnace_group == @group and route == @route").to_dict("records")
    return row


# --- the parts add up -------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(case=cases)
def test_the_parts_add_up_to_the_npv_of_every_course(case: dict[str, Any]) -> None:
    _, _, choices = anyhow(**case)
    rows = told(choices)
    assert not rows.duplicated(KEY).any()
    assert np.allclose(rows[list(PARTS)].sum(axis=1), rows["npv"], rtol=1e-9, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(case=cases)
def test_every_decision_has_the_reasons_of_what_was_chosen(case: dict[str, Any]) -> None:
    _, _, choices = anyhow(**case)
    known = set(zip(choices.reasons["furnace_group"], choices.reasons["route"], strict=True))
    early = ~choices.decisions["reason"].str.startswith("end of campaign")
    for row, is_early in zip(choices.decisions.to_dict("records"), early, strict=True):
        wanted = {"renovate": "stay", "extend": "extend"}.get(row["decision"], row["to_route"])
        if row["decision"] == "close":
            wanted = "run on" if is_early else "stay"
        assert (row["furnace_group"], wanted) in known


@settings(max_examples=40, deadline=None)
@given(case=cases)
def test_a_refusal_tells_what_was_asked_and_that_less_was_left(case: dict[str, Any]) -> None:
    _, _, choices = anyhow(**case)
    rows = told(choices)
    refused = rows[rows["refused_by"] != ""]
    assert (refused["asked"] > refused["left"]).all()
    assert rows.loc[rows["refused_by"] == "", ["asked", "left"]].isna().all(axis=None)


@settings(max_examples=40, deadline=None)
@given(case=cases)
def test_chances_of_a_unit_add_up_to_one_and_nothing_is_drawn_in_deterministic_mode(case: dict[str, Any]) -> None:
    _, _, choices = anyhow(**case)
    rows = choices.reasons.dropna(subset=["probability"])
    assert np.allclose(rows.groupby("furnace_group")["probability"].sum(), 1.0)
    if case["mode"] == "deterministic":
        assert choices.reasons[["draw", "probability"]].isna().all(axis=None)


# --- with pencil and paper --------------------------------------------------------------------------------------------

PRICES = {"crude_steel": 700.0, "scrap": 300.0, "dri": 400.0, "dr_ore": 120.0}


def lone(technology: str, size: float, demand: float, **more: Any) -> World:
    """One furnace in Germany whose campaign ends; power costs 50 USD/MWh, CO2 100 USD/t.

    Money costs nothing, so that a sum over 20 years is 20 times a year.
    """
    return micro(
        {"A": ("P/DEU", technology, size)},
        {"DEU": demand},
        scrap={"DEU": 2.0},
        prices={"electricity": 50.0, "hydrogen": 1000.0},
        carbon={"WORLD": 0.0, "DEU": 100.0},
        settings={"decisions": {"mode": "deterministic", "tightness": 0.0}, **more},
        cost_of_capital=frame("area cost_of_debt cost_of_equity", ("WORLD", 0.0, 0.0)),
    )


def flat(year: Solved) -> YearPrices:
    """The same prices everywhere, today and later."""
    price = np.zeros_like(year.prices.buy)
    for name, value in PRICES.items():
        price[year.inputs.commodities.index(name)] = value
    return replace(year.prices, buy=price, sell=price, anchor=price)


def choices_of(world: World) -> Choices:
    year = solved(world)
    fleet = year.state.fleet.changed(campaign_end=np.full(len(year.state.fleet), 2025))
    state = replace(year.state, fleet=fleet, treasury=np.full(len(year.state.owners), 1e12))
    return decide(year.inputs, state, flat(year), year.books)


def test_a_renovation_in_parts_by_hand() -> None:
    # 1 Mt of arc furnace makes 0.7 Mt: 20 years x 0.7 = 14 t of steel per t of capacity.
    # Relining costs 96 USD/t, a fifth of it from equity; fixed cost is 30 USD a year; 0.13366 tCO2 per t of steel.
    choices = choices_of(lone("EAF", 1.0, 0.7))
    row = course(choices, "A", "stay")
    by_hand = {
        "revenue": 14 * 700.0,
        "materials": -14 * SCRAP_IN_EAF * 300.0,
        "energy": -14 * POWER_OF_EAF * 50.0,
        "conversion": 0.0,
        "carbon": -14 * 0.13365512262329332 * 100.0,
        "fixed": -20 * 30.0,
        "support": 0.0,
        "old_line": 0.0,
        "tightness": 0.0,
        "equity": -0.2 * 96.0,
        "debt_service": -0.8 * 96.0,
        "stranded": 0.0,
    }
    assert {part: row[part] for part in PARTS} == pytest.approx(by_hand, rel=1e-9)
    (decision,) = choices.decisions.to_dict("records")
    assert decision["decision"] == "renovate"
    assert decision["npv"] == pytest.approx(sum(by_hand.values()))


def test_a_switch_in_parts_by_hand() -> None:
    # A lone shaft furnace sells DRI at 400. Use is at its least, 0.6. The new line runs 20 years from 2029, the old one
    # three more (2026-2028). From gas to hydrogen costs relining 150 + 3 more CAPEX (560 - 557). Fixed cost is 40 USD a
    # year until 2040 and then falls by 0.4 a year: 20 x 40 - 0.4 x (1 + ... + 8).
    choices = choices_of(lone("DRI_GAS", 1.0, 0.0))
    inputs = solved(lone("DRI_GAS", 1.0, 0.0)).inputs
    new, old = course(choices, "A", "MERCHANT_DRI_H2"), course(choices, "A", "stay")
    options = {name: n for n, (name, _) in enumerate(inputs.recipes.options)}
    bill = inputs.recipes.bill[options["DRI_H2"]]
    take = {name: float(bill[inputs.commodities.index(name)]) for name in ("dr_ore", "hydrogen", "electricity")}
    assert new["materials"] == pytest.approx(-12 * take["dr_ore"] * 120.0)
    assert new["energy"] == pytest.approx(-12 * (take["hydrogen"] * 1000.0 + take["electricity"] * 50.0))
    assert new["fixed"] == pytest.approx(-(20 * 40.0 - 0.4 * 36))
    assert (new["equity"], new["debt_service"]) == pytest.approx((-0.2 * 153.0, -0.8 * 153.0))
    yearly = sum(old[part] for part in ("revenue", "materials", "energy", "conversion", "carbon", "fixed")) / 20
    assert new["old_line"] == pytest.approx(3 * yearly)


def test_leaving_early_costs_what_is_stranded() -> None:
    inputs = inputs_of()
    debt = {"P3-BF-1": 1e8}
    state = state_of(inputs, campaign_end={"P3-BF-1": 2026}, debt=debt, repayment={"P3-BF-1": 1e7})
    rows = told(choose(inputs, state, scrap=100.0))
    left = rows[(rows["furnace_group"] == "P3-BF-1") & ~rows["route"].isin(["stay", "extend"])]
    assert (left["stranded"] <= -1e8 / 4.0e6 * 0.9).all()  # at least the debt, per tonne of about 4 Mt/yr
    later = choose(inputs, state_of(inputs, campaign_end={"P3-BF-1": 2025}, debt=debt), scrap=100.0)
    assert (later.reasons["stranded"] == 0.0).all()


def test_a_plant_that_closes_early_tells_what_running_on_cost() -> None:
    inputs = inputs_of(demand={"factor": {2025: 0.5}})
    state = state_of(inputs, loss_years={"P2-EAF-1": 2}, campaign_end={})
    choices = choose(inputs, state, margin={"P2-EAF-1": -30.0})
    assert list(choices.decisions.query("decision == 'close'")["furnace_group"]) == ["P2-EAF-1"]
    row = course(choices, "P2-EAF-1", "run on")
    assert sum(row[part] for part in PARTS) == pytest.approx(-0.7 * 30.0)


def test_a_plant_that_is_needed_next_year_tells_why_it_stays() -> None:
    inputs = inputs_of(demand={"factor": {2025: 1.0, 2026: 3.0}})
    state = state_of(inputs, loss_years={"P2-EAF-1": 2})
    choices = choose(inputs, state, margin={"P2-EAF-1": -30.0})
    (row,) = choices.candidates.query("furnace_group == 'P2-EAF-1' and route == 'close'").to_dict("records")
    assert row["refused_by"] == "needed next year"
    assert course(choices, "P2-EAF-1", "run on")["revenue"] == 0.0


def test_an_empty_treasury_tells_what_was_wanted_and_what_was_there() -> None:
    inputs = inputs_of()
    state = state_of(inputs, campaign_end={"P2-EAF-1": 2025})
    poor = replace(state, treasury=np.where(state.owners == "Saar Elektro", 1e6, 1e12))
    choices = decide(inputs, poor, prices_of(inputs, scrap=200.0), books_of(inputs, state.fleet, margin=0.0))
    row = course(choices, "P2-EAF-1", "stay")
    capacity = float(state.fleet.capacity[row_of(state.fleet, "P2-EAF-1")])
    assert (row["asked"], row["left"]) == pytest.approx((0.2 * 96.0 * capacity, 1e6))


# --- chance -----------------------------------------------------------------------------------------------------------


def test_over_many_seeds_lines_are_chosen_as_often_as_their_chance_says() -> None:
    # One unit, no limit in the way: the share of seeds that switch is the chance that was told.
    chosen, chance = [], []
    decisions = {"mode": "probabilistic", "choice_scale": 60.0}
    known = inputs_of(decisions=decisions, limits={"growth_floor": 100.0})
    state = state_of(known, campaign_end={"P4-DRI_GAS-1": 2025})
    for seed in range(200):
        inputs = replace(known, scenario=known.scenario.model_copy(update={"seed": seed}))
        prices = prices_of(inputs, dri=450.0, dri_h2=580.0)
        choices = decide(inputs, state, prices, books_of(inputs, state.fleet))
        switched = choices.decisions.query("furnace_group == 'P4-DRI_GAS-1' and decision == 'switch'")
        chosen.append(len(switched))
        chance.append(1 - course(choices, "P4-DRI_GAS-1", "stay")["probability"])
    assert np.ptp(chance) < 1e-9
    assert 0.1 < chance[0] < 0.9
    assert np.mean(chosen) == pytest.approx(chance[0], abs=0.1)  # three standard deviations
