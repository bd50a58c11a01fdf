"""Demand that answers to the price of steel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.errors import ScenarioError
from steeliq.simulation.accounts.response import response_laws
from steeliq.simulation.inputs import compile_inputs, initial_state
from steeliq.simulation.market.response import responded, response
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.step import advance
from tests.micro import POWER_OF_EAF, SCRAP_IN_EAF, micro
from tests.strategies import World

TABLE = "demand_response"
POWER = {2025: 1.0, 2026: 3.0, 2027: 3.0, 2028: 0.0, 2029: 1.0}
FIRST = 100.0 * SCRAP_IN_EAF + 100.0 * POWER_OF_EAF  # USD/t of steel with power at 100 USD/MWh
DEAR = 100.0 * SCRAP_IN_EAF + 300.0 * POWER_OF_EAF
CHEAP = 100.0 * SCRAP_IN_EAF


def world(years: int = 5, **demand: Any) -> World:
    """Germany melts scrap at 100 USD/t with power at 100 USD/MWh, three times that in 2026 and 2027, free in 2028."""
    made = micro({"E": ("P/DEU", "EAF", 9.0)}, {"DEU": 1.0}, scrap={"DEU": 9.0}, prices={"electricity": 100.0})
    period = {"start": 2025, "end": 2024 + years}
    return made.under(period=period, prices={"factors": {"electricity": POWER}}, demand=demand)


def tables(of: World) -> dict[str, pd.DataFrame]:
    inputs = compile_inputs(of.dataset, of.scenario)
    state, parts = initial_state(inputs), []
    for _ in of.scenario.years:
        state, result = advance(inputs, state)
        parts.append(result.tables)
    names = {name for part in parts for name in part}
    return {name: pd.concat([part[name] for part in parts if name in part], ignore_index=True) for name in names}


@pytest.mark.parametrize("limit", [0.5, 0.1])
def test_a_country_wants_less_where_steel_was_dear_the_year_before(limit: float) -> None:
    """Steel costs 108.57 + 63.45 = 172.02 USD/t in 2025, 298.92 in 2026 and 2027, 108.57 in 2028. At an elasticity of
    0.4 the 1 Mt becomes in 2027 and 2028 (298.92 / 172.02)^-0.4 = 0.802 Mt, in 2029 (108.57 / 172.02)^-0.4 = 1.202 Mt;
    with a limit of 10 % 0.9 and 1.1 Mt. In 2025 nothing is known, in 2026 the price is that of the first year.
    """
    assert pytest.approx((172.02, 298.92, 108.57), abs=0.01) == (FIRST, DEAR, CHEAP)
    result = tables(world(elasticity=0.4, response_limit=limit))
    dear, cheap = max((DEAR / FIRST) ** -0.4, 1 - limit), min((CHEAP / FIRST) ** -0.4, 1 + limit)
    wanted = [1.0, 1.0, dear, dear, cheap]
    assert wanted == pytest.approx([1.0, 1.0, 0.802, 0.802, 1.202] if limit > 0.3 else [1, 1, 0.9, 0.9, 1.1], abs=1e-3)
    rows = result[TABLE]
    assert rows["response"].tolist() == pytest.approx(wanted, rel=1e-5)
    assert rows["demand"].tolist() == pytest.approx([1e6 * share for share in wanted], rel=1e-5)
    assert rows["baseline"].tolist() == [1e6] * 5
    assert rows["last_price"].tolist()[1:] == pytest.approx([FIRST, DEAR, DEAR, CHEAP], rel=1e-5)
    assert np.isnan(rows["last_price"].tolist()[0])
    assert result["demand"]["demand"].tolist() == rows["demand"].tolist()
    assert result["production"].groupby("year")["production"].sum().tolist() == pytest.approx(rows["demand"].tolist())
    assert result["audit"]["passed"].all()
    assert "demand = baseline x response to the price" in set(result["audit"]["invariant"])


def test_without_elasticity_nothing_is_there() -> None:
    result = tables(world(years=3))
    assert TABLE not in result
    assert (result["demand"]["demand"] == 1e6).all()
    assert not result["audit"]["invariant"].str.contains("response").any()


def test_owners_expect_later_years_to_answer_as_this_one_does() -> None:
    of = world(elasticity=0.4, response_limit=0.5)
    inputs = compile_inputs(of.dataset, of.scenario)
    price = np.full(len(inputs.countries), FIRST)
    state = replace(initial_state(inputs), year=2027, first_price=price, last_price=np.full_like(price, DEAR))
    now, germany = responded(inputs, state).conditions, inputs.countries.index("DEU")
    share = (DEAR / FIRST) ** -0.4
    assert now.demand[now.at(2026), germany] == 1e6
    assert [now.demand[now.at(year), germany] for year in (2027, 2031)] == pytest.approx([1e6 * share] * 2)
    assert (now.baseline == inputs.conditions.demand).all()


positive = st.floats(1.0, 2000.0)


@given(st.tuples(positive, positive, positive), st.floats(0.01, 2.0), st.floats(0.0, 0.9))
def test_dearer_steel_is_never_wanted_more(prices: tuple[float, float, float], elasticity: float, limit: float) -> None:
    first, low, high = prices[0], min(prices[1:]), max(prices[1:])
    scenario = Scenario.model_validate({"demand": {"elasticity": elasticity, "response_limit": limit}})
    found = response(scenario, np.full(4, first), np.array([low, first, high, np.nan]))
    assert found[0] >= found[2]
    assert found[[1, 3]].tolist() == [1.0, 1.0]
    assert (np.abs(found - 1.0) <= limit + 1e-12).all()


def test_the_audit_finds_demand_that_does_not_answer_as_it_should() -> None:
    of = world(elasticity=0.4)
    inputs = compile_inputs(of.dataset, of.scenario)
    price = np.full(len(inputs.countries), FIRST)
    before = replace(initial_state(inputs), year=2027, first_price=price, last_price=np.full_like(price, DEAR))
    after = replace(before, year=2028)
    assert all(law.passed for law in response_laws(responded(inputs, before), before, after))
    assert not all(law.passed for law in response_laws(inputs, before, after))  # demand as if nothing had happened
    moved = replace(after, first_price=price + 1.0)
    assert not all(law.passed for law in response_laws(responded(inputs, before), before, moved))


def test_the_steel_in_use_cannot_follow_a_demand_that_answers() -> None:
    of = world(elasticity=0.4).under(scrap={"source": "stock"})
    with pytest.raises(ScenarioError, match=r"scrap\.source"):
        compile_inputs(of.dataset, of.scenario)
