"""What an investment is worth to its owner: annuities, debt, present values, NPV to equity, stranded assets.

Pure kernels on arrays that broadcast against each other. Money is real USD, per tonne of yearly capacity or in
total, as the caller likes; rates are real shares a year. Offset 0 of a series is the year of the decision: equity
is paid at offset 0, debt is served from the first year of operation on (interest during construction is part of the
CAPEX figures), in equal principal payments with interest on what is still outstanding.
"""

from __future__ import annotations

import numpy as np

from steeliq.simulation.arrays import Floats

type Number = float | Floats


def annuity(rate: Number, years: int) -> Floats:
    """Share of a capital that equal yearly payments return over ``years`` (...,) 1/yr; 1 / years at rate 0.

    >>> float(annuity(0.0, 20))
    0.05
    >>> round(float(annuity(0.08, 20)), 6)
    0.101852
    """
    rate = np.asarray(rate, dtype=float)
    zero = np.abs(rate) < 1e-9
    safe = np.where(zero, 1.0, rate)
    return np.where(zero, 1.0 / years, safe / -np.expm1(-years * np.log1p(safe)))


def discount_factors(rate: Number, years: int) -> Floats:
    """(1 + rate)^-t for t = 0 .. years - 1 -> (..., years).

    >>> discount_factors(1.0, 3).tolist()
    [1.0, 0.5, 0.25]
    """
    step = 1.0 / (1.0 + np.asarray(rate, dtype=float))
    powers = np.broadcast_to(step[..., None], (*step.shape, years)).copy()
    powers[..., :1] = 1.0
    return np.cumprod(powers, axis=-1)


def present_value(flows: Floats, rate: Number) -> Floats:
    """Value at offset 0 of flows (..., h) at offsets 0 .. h - 1 -> (...,).

    >>> float(present_value(np.array([1.0, 1.25]), 0.25))
    2.0
    """
    return np.asarray(np.einsum("...h,...h->...", flows, discount_factors(rate, flows.shape[-1])))


def debt_service(debt: Number, repayment: Number, rate: Number, years: int) -> Floats:
    """Interest on the outstanding balance plus principal in years 1 .. ``years`` (..., years) USD.

    The last payment is what is left of the debt; after that nothing is paid.

    >>> debt_service(100.0, 50.0, 0.1, 3).tolist()
    [60.0, 55.0, 0.0]
    """
    debt, repayment, rate = (np.asarray(value, dtype=float)[..., None] for value in (debt, repayment, rate))
    outstanding = np.maximum(debt - repayment * np.arange(years), 0.0)
    return rate * outstanding + np.minimum(repayment, outstanding)


def equity_cost(equity_share: float, debt_rate: Number, equity_rate: Number, construction: int, life: int) -> Floats:
    """What 1 USD of investment costs its owner at offset 0: equity, and the discounted service of its debt (...,).

    The debt is repaid in ``life`` equal parts from offset ``construction`` on.

    >>> round(float(equity_cost(0.2, 0.0, 0.0, 4, 20)), 9)  # without rates money costs itself
    1.0
    >>> round(float(equity_cost(1.0, 0.05, 0.10, 4, 20)), 9)  # all equity
    1.0
    """
    debt_rate = np.asarray(debt_rate, dtype=float)
    discount = discount_factors(equity_rate, construction + life)[..., construction:]
    level = discount.sum(axis=-1)
    falling = discount @ np.arange(life)
    service = (debt_rate + 1.0 / life) * level - debt_rate / life * falling
    return np.asarray(equity_share + (1.0 - equity_share) * service)


def interest_relief(cut: Floats, equity_share: float, equity_rate: Number, construction: int, life: int) -> Floats:
    """What a cut of the interest rate is worth at offset 0 to the owner of 1 USD of investment (...,).

    ``cut`` (..., life): how much lower the rate is in each year of the debt, which is repaid in ``life`` equal parts
    from offset ``construction`` on.

    >>> round(float(interest_relief(np.array([0.02, 0.01]), 0.5, 0.0, 1, 2)), 9)  # 0.5 x (0.02 x 1 + 0.01 x 1/2)
    0.0125
    """
    discount = discount_factors(equity_rate, construction + life)[..., construction:]
    outstanding = 1.0 - np.arange(life) / life
    return np.asarray((1.0 - equity_share) * np.einsum("...h,...h->...", cut, discount * outstanding))


def outstanding_relief(debt: Floats, repayment: Floats, cut: Floats, equity_rate: Number) -> Floats:
    """Value at offset 0 of lower interest on a debt that is served in years 1 .. h (...,) USD; ``cut`` (..., h).

    >>> float(outstanding_relief(np.array(100.0), np.array(50.0), np.array([0.1, 0.1, 0.1]), 0.0))
    15.0
    """
    years = cut.shape[-1]
    left = np.maximum(debt[..., None] - repayment[..., None] * np.arange(years), 0.0)
    return np.asarray(np.einsum("...h,...h->...", cut * left, discount_factors(equity_rate, years + 1)[..., 1:]))


def npv_to_equity(
    margin: Floats,
    capex: Number,
    *,
    equity_share: float,
    debt_rate: Number,
    equity_rate: Number,
    construction: int,
    life: int,
) -> Floats:
    """NPV to the owner of investing ``capex`` now and earning ``margin`` while operating (...,).

    ``margin`` (..., h >= construction + life) is cash before debt at offsets 0 .. h - 1; what lies before offset
    ``construction`` or after the economic life is not counted.

    >>> margin = np.full(3, 60.0)
    >>> float(npv_to_equity(margin, 100.0, equity_share=0.5, debt_rate=0, equity_rate=0, construction=1, life=2))
    20.0
    """
    end = construction + life
    discount = discount_factors(equity_rate, end)[..., construction:]
    earned = np.einsum("...h,...h->...", margin[..., construction:end], discount)
    return np.asarray(earned - equity_cost(equity_share, debt_rate, equity_rate, construction, life) * capex)


def levelised_cost(
    variable: Number,
    fixed: Number,
    capex: Number,
    use: Number,
    *,
    equity_share: float,
    debt_rate: Number,
    equity_rate: Number,
    construction: int,
    life: int,
) -> Floats:
    """The constant price of the product at which ``npv_to_equity`` is zero (...,) USD/t.

    ``variable`` USD per t of product, ``fixed`` USD per t of capacity and year, ``capex`` USD per t of yearly
    capacity, ``use`` t of product per t of capacity.

    >>> terms = dict(equity_share=0.2, debt_rate=0.0, equity_rate=0.0, construction=4, life=20)
    >>> round(float(levelised_cost(300.0, 40.0, 800.0, 0.8, **terms)), 9)
    400.0
    """
    years = discount_factors(equity_rate, construction + life)[..., construction:].sum(axis=-1)
    capital = equity_cost(equity_share, debt_rate, equity_rate, construction, life) * capex / years
    return np.asarray(variable + (fixed + capital) / use)


def cosa(
    debt: Number, repayment: Number, debt_rate: Number, equity_rate: Number, forgone: Number, years: int
) -> Floats:
    """Cost of stranded assets (...,) USD: remaining debt service plus the margin given up, at least the debt itself.

    ``forgone`` is the present value of the margins that the line would still have earned; ``years`` must reach the
    end of the debt.

    >>> float(cosa(100.0, 50.0, 0.0, 0.0, 30.0, 5))
    130.0
    >>> float(cosa(100.0, 50.0, 0.0, 0.0, -30.0, 5))
    100.0
    """
    service = debt_service(debt, repayment, debt_rate, years)
    left = np.concatenate([np.zeros((*service.shape[:-1], 1)), service], axis=-1)
    return np.maximum(present_value(left, equity_rate) + forgone, debt)
