"""Prices and decisions follow from the data, not from the one of many optimal duals that a solver happens to return."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csc_matrix, vstack

from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.inputs import compile_inputs, initial_state
from steeliq.simulation.market.assembly import TIE, Programme
from steeliq.simulation.market.dispatch import dispatch
from steeliq.simulation.market.prices import YearPrices, nodal
from steeliq.simulation.market.solver import Solution, certificate, solve
from steeliq.simulation.state import Basis
from steeliq.simulation.step import advance
from tests.micro import FREIGHT, frame, micro
from tests.strategies import Policy, Solved, World, examples, instruments, solved, tiny, worlds

HUGE = 1e5  # USD/t: no dual of these worlds is as great
NEAR = 10 * TIE
SEEN = ("buy", "sell", "anchor", "dual", "cap")


def another_proof(programme: Programme, solution: Solution, towards: int | Floats) -> Solution:
    """The same point with other duals that prove it: those furthest in a direction, or in a random one (a seed)."""
    m, n = len(programme.row_lower), len(programme.cost)
    matrix = csc_matrix((programme.value, programme.index, programme.start), shape=(m, n))
    x, cost, near = solution.x, programme.cost + programme.tie, 1e-9
    activity = matrix @ x
    idle, full = x <= near, x >= programme.upper - near
    loose = np.where(activity < programme.row_upper - near, 0.0, -HUGE)
    tight = np.where(activity > programme.row_lower + near, 0.0, HUGE)
    direction = np.random.default_rng(towards).normal(size=m) if isinstance(towards, int) else towards
    low, high = matrix[:, idle & ~full].T, -matrix[:, full & ~idle].T
    # What the solver found is taken to the last digit, so that a rounded cost does not leave the face empty.
    reduced = cost - matrix.T @ solution.row_dual
    found = linprog(
        -direction,
        A_ub=vstack([low, high]),
        b_ub=np.concatenate([np.maximum(reduced[idle & ~full], 0.0), np.maximum(-reduced[full & ~idle], 0.0)]),
        A_eq=matrix[:, ~idle & ~full].T,
        b_eq=np.zeros((~idle & ~full).sum()),
        bounds=np.column_stack(
            [np.minimum(loose - solution.row_dual, 0.0), np.maximum(tight - solution.row_dual, 0.0)]
        ),
        method="highs",
    )
    assert found.status == 0, found.message
    row_dual = solution.row_dual + found.x
    proof = certificate(programme, x, row_dual)
    assert proof.holds
    return replace(solution, row_dual=row_dual, certificate=proof)


def priced(result: Solved, solution: Solution) -> YearPrices:
    return nodal(result.inputs, dispatch(result.inputs, result.network, None, lambda *_: solution))


def assert_same(left: YearPrices, right: YearPrices) -> None:
    for name in SEEN:
        np.testing.assert_allclose(getattr(left, name), getattr(right, name), rtol=0, atol=1e-6, err_msg=name)
    for name in ("worth", "rent"):
        np.testing.assert_allclose(getattr(left.grades, name), getattr(right.grades, name), rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_two_proofs_of_one_optimum_lead_to_the_same_prices_and_decisions(seed: int) -> None:
    world = tiny(period={"start": 2025, "end": 2026})
    inputs = compile_inputs(world.dataset, world.scenario)
    gaps: list[float] = []

    def other(programme: Programme, basis: Basis | None) -> Solution:
        solution = solve(programme, basis)
        found = another_proof(programme, solution, seed)
        gaps.append(float(np.abs(found.row_dual - solution.row_dual).max()))
        return found

    ours = theirs = initial_state(inputs)
    for _ in range(2):
        ours, first = advance(inputs, ours)
        theirs, second = advance(inputs, theirs, solver=other)
        for table in ("prices", "decisions", "candidates", "accounts", "owners"):
            np.testing.assert_equal(list(second.tables[table]), list(first.tables[table]))
            for name in first.tables[table]:
                left, right = first.tables[table][name], second.tables[table][name]
                if left.dtype.kind == "f":
                    np.testing.assert_allclose(right, left, rtol=1e-9, atol=1e-6, err_msg=f"{table}.{name}")
                else:
                    assert right.tolist() == left.tolist(), f"{table}.{name}"
        assert second.audit_worst <= 1e-6
    assert min(gaps) > 1.0  # USD/t: these were other duals


@examples(12)
@given(worlds(), instruments(), st.integers(0, 99))
def test_prices_of_a_world_are_the_same_whatever_proves_its_optimum(world: World, policy: Policy, seed: int) -> None:
    result = solved(world.having(**policy.tables(world)).under(**policy.settings))
    solution = result.flows.solution
    assert_same(priced(result, solution), priced(result, another_proof(result.network.programme, solution, seed)))


def shuffled(programme: Programme, seed: int) -> tuple[Programme, Ints, Ints]:
    """The programme with columns and rows in another order, and the orders."""
    chance = np.random.default_rng(seed)
    columns, rows = chance.permutation(len(programme.cost)), chance.permutation(len(programme.row_lower))
    matrix = csc_matrix((programme.value, programme.index, programme.start), shape=(len(rows), len(columns)))[rows][
        :, columns
    ].tocsc()
    other = replace(
        programme,
        cost=programme.cost[columns],
        tie=programme.tie[columns],
        upper=programme.upper[columns],
        row_lower=programme.row_lower[rows],
        row_upper=programme.row_upper[rows],
        start=matrix.indptr.astype(np.int64),
        index=matrix.indices.astype(np.int64),
        value=matrix.data,
        column_keys=programme.column_keys[columns],
        row_keys=programme.row_keys[rows],
    )
    return other, columns, rows


@examples(12)
@given(worlds(), st.integers(0, 99))
def test_the_order_of_columns_and_rows_moves_no_price(world: World, seed: int) -> None:
    result = solved(world)
    other, columns, rows = shuffled(result.network.programme, seed)
    found = solve(other)
    x, row_dual = np.empty_like(found.x), np.empty_like(found.row_dual)
    x[columns], row_dual[rows] = found.x, found.row_dual
    assert_same(priced(result, result.flows.solution), priced(result, replace(found, x=x, row_dual=row_dual)))


# --- pencil and paper ------------------------------------------------------------------------------------------------


def price(result: Solved, good: str, country: str) -> tuple[float, float]:
    """What a buyer pays and what a seller gets."""
    k, c = result.inputs.commodities.index(good), result.inputs.countries.index(country)
    return float(result.prices.buy[k, c]), float(result.prices.sell[k, c])


def test_an_ore_that_nobody_mines_costs_its_tier_and_what_would_give_way() -> None:
    """The home mine is full, and the next ore comes from Brazil at 50 + 50 USD/t: a tonne mined at 10 earns 90."""
    free, works = {"prices": {"ore_cap": 20.0}}, {"F": ("P/DEU", "BF", 9.0), "B": ("P/DEU", "BOF", 9.0)}
    ores = frame(
        "mine commodity tier share cost",
        *[("DEU-1", good, 1, 1.0, cost) for good, cost in (("iron_ore", 10.0), ("dr_ore", 25.0))],
        *[("BRA-1", good, 1, 1.0, 50.0) for good in ("iron_ore", "dr_ore")],
    )
    mines = frame("mine country capacity", ("DEU-1", "DEU", 1e6), ("BRA-1", "BRA", 100e6))
    result = solved(micro(works, {"DEU": 3.0}, scrap={"DEU": 1.0}, ore_supply=ores, mines=mines, settings=free))
    assert price(result, "iron_ore", "DEU")[0] == pytest.approx(50.0 + FREIGHT, abs=NEAR)
    assert price(result, "dr_ore", "BRA")[0] == pytest.approx(50.0, abs=NEAR)
    assert price(result, "dr_ore", "DEU")[0] == pytest.approx(50.0 + FREIGHT, abs=NEAR)  # 25 + 90 at home
    roomy = mines.assign(capacity=[50e6, 100e6])
    result = solved(micro(works, {"DEU": 3.0}, scrap={"DEU": 1.0}, ore_supply=ores, mines=roomy, settings=free))
    assert price(result, "dr_ore", "DEU")[0] == pytest.approx(25.0, abs=NEAR)


def test_iron_that_nobody_buys_sells_at_the_price_of_scrap_at_most() -> None:
    """An idle shaft at 450 USD/t of gas does not tell what its iron would earn."""
    fleet = {"D": ("P/DEU", "DRI_GAS", 2.0), "E": ("P/DEU", "EAF", 2.0)}
    result = solved(micro(fleet, {"DEU": 1.0}, scrap={"DEU": 5.0}, prices={"natural_gas": 450.0}))
    goods = result.inputs.commodities
    parity = price(result, "scrap", "DEU")[0] * goods.iron[goods.index("dri")] / goods.iron[goods.index("scrap")]
    assert result.books.production[result.state.fleet.id == "D"].sum() == pytest.approx(0.0, abs=1.0)
    dri, germany = goods.index("dri"), result.inputs.countries.index("DEU")
    for seed in range(4):
        prices = priced(result, another_proof(result.network.programme, result.flows.solution, seed))
        assert prices.buy[dri, germany] == pytest.approx(parity, abs=NEAR)
        assert prices.sell[dri, germany] == pytest.approx(parity, abs=NEAR)


def test_a_maker_who_ships_everything_across_a_border_gets_what_is_left_of_the_price_there() -> None:
    world = micro(
        {"I": ("Q/IND", "EAF", 2.0)},
        {"DEU": 1.0},
        scrap={"IND": 5.0},
        carbon={"EU27": 100.0},
        border_adjustments=frame("bloc commodity year share", ("EU27", "crude_steel", 2025, 0.5)),
    )
    result = solved(world)
    charge = float(result.network.border.charge[result.flows.bordered > 0][0])
    paid, _ = price(result, "crude_steel", "DEU")
    assert charge > 1.0
    india, pools = result.inputs.countries.index("IND"), result.network.pool_row
    least = np.zeros(len(result.network.programme.row_lower))
    least[pools[result.inputs.steel, india]] = -1.0
    other = another_proof(result.network.programme, result.flows.solution, least)
    assert other.row_dual[pools[result.inputs.steel, india]] < paid - FREIGHT - charge - 1.0
    assert priced(result, other).sell[result.inputs.steel, india] == pytest.approx(paid - FREIGHT - charge, abs=NEAR)


def test_a_cap_of_nothing_is_worth_what_the_first_tonne_would_pay() -> None:
    """Nobody makes steel in India, whose cap is nothing: a newcomer would pay the ceiling, whatever proves it."""
    fleet = {"E": ("P/DEU", "EAF", 2.0), "F": ("Q/IND", "EAF", 2.0)}
    world = micro(fleet, {"DEU": 1.0}, scrap={"DEU": 5.0})
    result = solved(world.under(carbon={"caps": {"IND": 0.0}, "cap_price_ceiling": 60.0}))
    germany, india = (result.inputs.countries.index(country) for country in ("DEU", "IND"))
    for seed in range(4):
        cap = priced(result, another_proof(result.network.programme, result.flows.solution, seed)).cap
        assert (cap[germany], cap[india]) == (0.0, 60.0)


def test_a_certificate_that_nobody_needs_apart_adds_nothing_to_the_stricter_one() -> None:
    """The furnace's clean steel goes to Germany, which asks for the cleaner kind and pays 90 USD/t more, India 30."""
    wanted = frame("area year threshold premium share", ("DEU", 2025, 0.5, 90.0, 1.0), ("IND", 2025, 0.8, 30.0, 1.0))
    fleet = {"E": ("P/DEU", "EAF", 1.0), "B": ("R/IND", "BF", 3.0), "C": ("R/IND", "BOF", 3.0)}
    iron = ("BOF", "iron")  # at least 85 %, so that a converter does not live on scrap
    world = micro(
        fleet,
        {"DEU": 2.0, "IND": 1.0},
        scrap={"DEU": 5.0},
        low_carbon_demand=wanted,
        charge_groups=frame("technology charge_group commodity", (*iron, "hot_metal"), (*iron, "pig_iron")),
        charge_limits=frame("technology charge_group year minimum maximum", (*iron, 2025, 0.85, 1.0)),
    )
    result = solved(world)
    germany, row = result.inputs.countries.index("DEU"), result.network.grades.output_row
    assert list(result.prices.grades.level) == [0.5, 0.8]
    looser = set()
    for seed in range(6):
        other = another_proof(result.network.programme, result.flows.solution, seed)
        looser.add(round(float(other.row_dual[row[1, germany]])))
        assert priced(result, other).grades.worth[:, germany] == pytest.approx([90.0, 0.0], abs=NEAR)
    assert len(looser) > 1
