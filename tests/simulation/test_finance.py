"""The finance kernels against hand-made numbers, plain loops and laws that hold for all inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.simulation.agents.finance import (
    annuity,
    cosa,
    debt_service,
    discount_factors,
    equity_cost,
    levelised_cost,
    npv_to_equity,
    present_value,
)

rates = st.floats(0.0, 0.25)
years = st.integers(1, 30)
money = st.floats(0.0, 1000.0)
shares = st.floats(0.05, 1.0)


@given(rate=rates, life=years)
def test_an_annuity_returns_the_capital(rate: float, life: int) -> None:
    payments = np.concatenate([[0.0], np.full(life, float(annuity(rate, life)))])
    assert float(present_value(payments, rate)) == pytest.approx(1.0, rel=1e-6)


@given(life=years)
def test_an_annuity_near_rate_zero_is_that_of_rate_zero(life: int) -> None:
    assert float(annuity(1e-8, life)) == pytest.approx(1.0 / life, rel=1e-6)


def test_interest_is_paid_on_what_is_outstanding() -> None:
    service = debt_service(800.0, 40.0, 0.05, 22)
    assert service[0] == 40.0 + 40.0
    assert service[1] == 40.0 + 38.0
    assert service[19] == 40.0 + 2.0
    assert service[20:].tolist() == [0.0, 0.0]


def test_the_last_payment_is_what_is_left() -> None:
    assert debt_service(100.0, 60.0, 0.0, 3).tolist() == [60.0, 40.0, 0.0]


@given(debt=money, rate=rates, life=years)
def test_debt_service_is_worth_the_debt_at_the_rate_of_the_debt(debt: float, rate: float, life: int) -> None:
    service = debt_service(debt, debt / life, rate, life)
    assert float(present_value(np.concatenate([[0.0], service]), rate)) == pytest.approx(debt, abs=1e-6)


@given(rate=rates, share=shares, construction=st.integers(1, 8), life=years)
def test_with_one_rate_debt_is_only_a_delay(rate: float, share: float, construction: int, life: int) -> None:
    cost = float(equity_cost(share, rate, rate, construction, life))
    assert cost == pytest.approx(share + (1 - share) * (1 + rate) ** (1 - construction), rel=1e-9)


def by_hand(
    margin: list[float], capex: float, share: float, debt_rate: float, equity_rate: float, build: int, life: int
) -> float:
    npv, debt = -share * capex, (1 - share) * capex
    for year in range(build, build + life):
        payment = debt_rate * debt + (1 - share) * capex / life
        npv += (margin[year] - payment) / (1 + equity_rate) ** year
        debt -= (1 - share) * capex / life
    return npv


@given(
    margin=st.lists(st.floats(-500, 500), min_size=24, max_size=24),
    capex=money,
    share=shares,
    debt_rate=rates,
    equity_rate=rates,
    build=st.integers(1, 6),
    life=st.integers(1, 18),
)
def test_npv_is_that_of_a_plain_loop(
    margin: list[float], capex: float, share: float, debt_rate: float, equity_rate: float, build: int, life: int
) -> None:
    npv = npv_to_equity(
        np.array(margin),
        capex,
        equity_share=share,
        debt_rate=debt_rate,
        equity_rate=equity_rate,
        construction=build,
        life=life,
    )
    expected = by_hand(margin, capex, share, debt_rate, equity_rate, build, life)
    assert float(npv) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_npv_broadcasts_over_countries_and_routes() -> None:
    margin = np.linspace(0, 100, 3 * 4 * 24).reshape(3, 4, 24)
    capex, equity_rate = np.array([[500.0], [700.0], [900.0]]), np.array([0.08, 0.1, 0.12, 0.2])
    npv = npv_to_equity(
        margin, capex, equity_share=0.2, debt_rate=0.05, equity_rate=equity_rate, construction=4, life=20
    )
    assert npv.shape == (3, 4)
    assert npv[2, 1] == pytest.approx(by_hand(list(margin[2, 1]), 900.0, 0.2, 0.05, 0.1, 4, 20))


def test_years_before_opening_and_after_the_life_do_not_count() -> None:
    terms: dict[str, Any] = {"equity_share": 0.2, "debt_rate": 0.05, "equity_rate": 0.1, "construction": 4, "life": 20}
    margin = np.full(30, 100.0)
    other = margin.copy()
    other[:4], other[24:] = -1e6, 1e6
    assert float(npv_to_equity(margin, 800.0, **terms)) == float(npv_to_equity(other, 800.0, **terms))


@given(
    variable=money,
    fixed=st.floats(0, 100),
    capex=money,
    use=st.floats(0.3, 1.0),
    share=shares,
    debt_rate=rates,
    equity_rate=rates,
)
def test_at_the_levelised_cost_the_npv_is_zero(
    variable: float, fixed: float, capex: float, use: float, share: float, debt_rate: float, equity_rate: float
) -> None:
    terms: dict[str, Any] = {
        "equity_share": share,
        "debt_rate": debt_rate,
        "equity_rate": equity_rate,
        "construction": 4,
        "life": 20,
    }
    price = float(levelised_cost(variable, fixed, capex, use, **terms))
    margin = np.full(24, use * (price - variable) - fixed)
    assert float(npv_to_equity(margin, capex, **terms)) == pytest.approx(0.0, abs=1e-6 * (1 + capex))


@given(debt=money, life=years, debt_rate=rates, equity_rate=rates, forgone=st.floats(-1000, 1000))
def test_stranded_assets_cost_at_least_the_debt(
    debt: float, life: int, debt_rate: float, equity_rate: float, forgone: float
) -> None:
    cost = float(cosa(debt, debt / life, debt_rate, equity_rate, forgone, 40))
    assert cost >= debt
    assert float(cosa(debt, debt / life, debt_rate, equity_rate, forgone + 5.0, 40)) >= cost


def test_without_debt_stranded_assets_cost_the_margin_given_up() -> None:
    assert float(cosa(0.0, 0.0, 0.05, 0.1, 42.0, 40)) == 42.0


@given(rate=rates, count=st.integers(1, 40))
def test_discount_factors_are_powers(rate: float, count: int) -> None:
    assert discount_factors(rate, count) == pytest.approx((1 + rate) ** -np.arange(count, dtype=float))
