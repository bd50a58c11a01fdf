"""Steel in use: the hand-solved case, the laws of its balance, its levers, and the world beside the scrap table."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steeliq.errors import ScenarioError
from steeliq.simulation.arrays import Floats
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state
from steeliq.simulation.results.tables import read_table, write_year, years_done
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.step import advance
from steeliq.simulation.stock.balance import EndUses, Levers, SteelInUse, steel_in_use
from steeliq.simulation.stock.lifetimes import normal_survival, survival, weibull_survival
from tests.strategies import examples
from tests.worlds import tiny_tables, write_tiny


def none(years: int) -> Levers:
    """No lever is moved."""
    return Levers(np.ones(years), np.ones(years), np.ones(years))


def one_use(lifetime: float = 2.0) -> EndUses:
    """A single end use with a constant rate of loss (Weibull with shape 1)."""
    return EndUses(
        names=("goods",),
        share=np.array([1.0]),
        forming=np.array([0.9]),
        fabrication=np.array([0.8]),
        lifetime=np.array([lifetime]),
        spread=np.array([1.0]),
        weibull=np.array([True]),
        collection=np.array([0.75]),
    )


# --- by hand


def test_a_small_case_comes_out_as_by_hand() -> None:
    """100 t of crude steel in the first year, none later; goods live 2 years, exponentially.

    home 100 x 0.1 = 10; prompt 90 x 0.2 = 18; added 72. Still there at the end of year n, n + 1/2 years old:
    72 exp(-(n + 1/2) / 2) = 56.0737, 34.0104, 20.6283. Obsolete: 72 - 56.0737 = 15.9263, 22.0633, 13.3821;
    three quarters of it collected: 11.9448, 16.5475, 10.0366. Scrap: 10 + 18 + 11.9448 = 39.9448, then the same.
    """
    stock = steel_in_use(one_use(), none(3), np.array([[100.0], [0.0], [0.0]]))
    assert stock.home[:, 0] == pytest.approx([10, 0, 0])
    assert stock.prompt[:, 0] == pytest.approx([18, 0, 0])
    assert stock.added[:, 0] == pytest.approx([72, 0, 0])
    assert stock.end[:, 0] == pytest.approx([56.0737, 34.0104, 20.6283], abs=1e-4)
    assert stock.obsolete[:, 0] == pytest.approx([15.9263, 22.0633, 13.3821], abs=1e-4)
    assert stock.collected[:, 0] == pytest.approx([11.9448, 16.5475, 10.0366], abs=1e-4)
    assert stock.scrap[:, 0] == pytest.approx([39.9448, 16.5475, 10.0366], abs=1e-4)


def test_levers_act_on_the_years_they_are_given_for() -> None:
    """Goods of the second year live 4 years instead of 2: exp(-(1/2) / 4) = 0.88250 of them stay at its end.

    Fabrication 0.8 x 1.5 = 1.2 is cut at 1, so the second year has no prompt scrap and adds 90. Collection 0.75 x 0.8
    = 0.6. End of year 2: 34.0104 + 90 x 0.88250 = 113.4352. Obsolete: 22.0633 + 10.5753 = 32.6385, collected 19.5831.
    """
    levers = Levers(
        lifetime=np.array([1.0, 2.0]), fabrication=np.array([1.0, 1.5]), collection=np.array([1.0, 0.8])
    )  # fmt: skip
    stock = steel_in_use(one_use(), levers, np.array([[100.0], [100.0]]))
    assert stock.prompt[:, 0] == pytest.approx([18, 0])
    assert stock.end[1, 0] == pytest.approx(113.4352, abs=1e-4)
    assert stock.obsolete[1, 0] == pytest.approx(32.6385, abs=1e-4)
    assert stock.collected[1, 0] == pytest.approx(19.5831, abs=1e-4)


@pytest.mark.parametrize("mean", [15.0, 75.0])
def test_lifetimes_have_their_mean_and_spread(mean: float) -> None:
    age: Floats = np.arange(0.005, 400.0, 0.01, dtype=np.float64)  # years
    relative: Floats = np.divide(age, mean)
    for share in (normal_survival(relative, 0.3), weibull_survival(relative, 3.0)):
        assert share.sum() / 100.0 == pytest.approx(mean, rel=2e-3)  # the mean is the area under the survival
    normal = normal_survival(relative, 0.3)
    variance = 2 * (age * normal).sum() / 100.0 - (normal.sum() / 100.0) ** 2
    assert math.sqrt(variance) == pytest.approx(0.3 * mean, rel=0.02)


# --- laws

uses = st.builds(
    lambda share, forming, fabrication, lifetime, spread, weibull, collection: EndUses(
        names=("a", "b"),
        share=np.array([share, 1.0 - share]),
        forming=np.array(forming),
        fabrication=np.array(fabrication),
        lifetime=np.array(lifetime),
        spread=np.array([5.0 * s if w else s for s, w in zip(spread, weibull, strict=True)]),
        weibull=np.array(weibull),
        collection=np.array(collection),
    ),
    st.floats(0.0, 1.0),
    *[st.lists(st.floats(0.05, 1.0), min_size=2, max_size=2)] * 2,
    st.lists(st.floats(0.5, 150.0), min_size=2, max_size=2),
    st.lists(st.floats(0.1, 0.6), min_size=2, max_size=2),
    st.lists(st.booleans(), min_size=2, max_size=2),
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2),
)
factor = arrays(float, 100, elements=st.floats(0.3, 3.0))
levers = st.builds(Levers, factor, factor, factor)
century = arrays(float, (100, 2), elements=st.floats(0.0, 1.5e9))


@examples(60)
@given(uses, levers, century)
def test_mass_is_conserved_over_a_century(uses: EndUses, levers: Levers, used: Floats) -> None:
    stock = steel_in_use(uses, levers, used)
    for left, right in (
        (stock.used, stock.home + stock.prompt + stock.added),
        (stock.added - stock.obsolete, stock.end - stock.start),
        (stock.obsolete, stock.collected + stock.lost),
    ):
        np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-12 * (1.0 + float(used.sum())))
    np.testing.assert_array_equal(stock.start[1:], stock.end[:-1])
    # The century as a whole: all that was used is scrap, lost, or still there.
    np.testing.assert_allclose(
        used.sum(axis=0), stock.scrap.sum(axis=0) + stock.lost.sum(axis=0) + stock.end[-1], rtol=1e-12
    )
    for flow in (stock.home, stock.prompt, stock.added, stock.obsolete, stock.collected, stock.lost, stock.end):
        assert flow.min() >= -1e-6 * (1.0 + used.max())


@examples(30)
@given(uses, levers, century, st.floats(1.0, 3.0))
def test_each_lever_moves_scrap_and_stock_one_way(uses: EndUses, levers: Levers, used: Floats, more: float) -> None:
    base = steel_in_use(uses, levers, used)
    slack = 1e-9 * (1.0 + used.sum())

    def moved(**change: Floats) -> SteelInUse:
        return steel_in_use(uses, replace(levers, **change), used)

    collected = moved(collection=levers.collection * more)
    assert (collected.scrap >= base.scrap - slack).all()
    assert np.allclose(collected.end, base.end)
    fabricated = moved(fabrication=levers.fabrication * more)
    assert (fabricated.prompt <= base.prompt + slack).all()
    assert (fabricated.end >= base.end - slack).all()
    longer = moved(lifetime=levers.lifetime * more)
    assert (longer.end >= base.end - slack).all()
    assert (longer.obsolete.cumsum(axis=0) <= base.obsolete.cumsum(axis=0) + slack).all()  # it comes later


def test_steel_that_never_ages_stays_and_steel_used_evenly_comes_back_in_full() -> None:
    used = np.full((200, 1), 100.0)
    for_ever = steel_in_use(one_use(lifetime=1e12), none(200), used)
    assert for_ever.obsolete.sum() == pytest.approx(0.0, abs=1e-3)
    steady = steel_in_use(one_use(), none(200), used)
    assert steady.obsolete[-1] == pytest.approx(steady.added[-1])  # nothing grows any more
    assert steady.end[-1] == pytest.approx(2.0 * 72.0, rel=0.02)  # stock = lifetime x inflow


def test_survival_starts_whole_and_never_rises() -> None:
    for weibull, spread in ((False, 0.3), (True, 2.0)):
        share = survival(np.full(120, 20.0), spread, weibull=weibull)
        assert (np.diff(share, axis=0)[np.tri(119, 120, -1, dtype=bool)] <= 0).all()
        assert (np.triu(share, 1) == 0).all()
        assert (share <= 1).all()


# --- inside a run


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load(write_tiny(tmp_path_factory.mktemp("tiny")))


def inputs_of(dataset: Dataset, **scrap: object) -> Inputs:
    period = {"start": 2025, "end": 2030}
    return compile_inputs(dataset, Scenario.model_validate({"period": period, "scrap": scrap}))


def test_the_stock_takes_the_place_of_the_table_in_the_same_form(tiny: Dataset) -> None:
    table, stock = inputs_of(tiny), inputs_of(tiny, source="stock")
    assert table.conditions.stock is None
    held = stock.conditions.stock
    assert held is not None
    assert stock.conditions.scrap.shape == table.conditions.scrap.shape
    np.testing.assert_array_equal(stock.conditions.scrap, held.scrap)
    np.testing.assert_array_equal(held.used, stock.conditions.demand)
    np.testing.assert_array_equal(stock.conditions.demand, table.conditions.demand)


def test_levers_leave_the_past_as_it_was(tiny: Dataset) -> None:
    base = inputs_of(tiny, source="stock").conditions.stock
    changed = inputs_of(tiny, source="stock", lifetime=3.0, fabrication=0.5).conditions.stock
    assert base is not None
    assert changed is not None
    np.testing.assert_array_equal(base.start[0], changed.start[0])
    assert (changed.added[0] < base.added[0]).all()


def test_a_year_with_the_stock_passes_its_audit_and_tells_of_it(tiny: Dataset, tmp_path: Path) -> None:
    inputs = inputs_of(tiny, source="stock")
    _, result = advance(inputs, initial_state(inputs))
    audit, stock = result.tables["audit"], result.tables["stock"]
    laws = audit[audit["invariant"].str.startswith("stock: ")]
    assert len(laws) == 6
    assert laws["residual"].max() < 1e-9
    assert audit["passed"].all()
    scrap = result.tables["supply"].query("commodity == 'scrap'").set_index("country")["available"]
    had = stock.set_index("country")[["home", "prompt", "collected"]].sum(axis=1)
    pd.testing.assert_series_equal(scrap, 0.92 * had, check_names=False)
    write_year(tmp_path, 2025, result.tables)
    assert read_table(tmp_path, "stock")["country"].tolist() == ["BRA", "DEU", "IND"]


def test_a_run_with_the_table_has_no_stock_in_its_results(tiny: Dataset, tmp_path: Path) -> None:
    inputs = inputs_of(tiny)
    _, result = advance(inputs, initial_state(inputs))
    assert "stock" not in result.tables
    assert not result.tables["audit"]["invariant"].str.startswith("stock").any()
    write_year(tmp_path, 2025, result.tables)
    assert years_done(tmp_path) == (2025,)
    assert read_table(tmp_path, "stock", [2025]).empty


def test_a_break_in_the_balance_is_found(tiny: Dataset) -> None:
    inputs = inputs_of(tiny, source="stock")
    held = inputs.conditions.stock
    assert held is not None
    leaky = replace(inputs, conditions=replace(inputs.conditions, stock=replace(held, lost=held.lost * 0.99)))
    _, result = advance(leaky, initial_state(leaky))
    audit = result.tables["audit"].set_index("invariant")
    assert not audit.loc["stock: obsolete = collected + lost", "passed"]


def test_a_dataset_without_end_uses_says_so(tmp_path: Path) -> None:
    tables = tiny_tables()
    bare = tables | {name: tables[name].iloc[:0] for name in ("steel_end_uses", "steel_use_history")}
    dataset = load(write_tiny(tmp_path, bare))
    inputs_of(dataset)
    with pytest.raises(ScenarioError) as raised:
        inputs_of(dataset, source="stock")
    assert [problem.column for problem in raised.value.problems] == ["scrap.source"] * 2


def test_a_lifetime_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        Scenario.model_validate({"scrap": {"lifetime": {2030: 0.0}}})


# --- the world


@pytest.fixture(scope="module")
def world() -> tuple[Inputs, Inputs]:
    period = {"start": 2020, "end": 2050}
    table, stock = (
        compile_inputs(load(), Scenario.model_validate({"period": period, "scrap": {"source": source}}))
        for source in ("table", "stock")
    )
    return table, stock


def test_the_world_has_as_much_scrap_as_in_the_table(world: tuple[Inputs, Inputs]) -> None:
    """Within 15 % in each year of 2020-2030, with the literature's lifetimes; docs/validation.md has the figures."""
    table, stock = (inputs.conditions.scrap.sum(axis=1)[:11] for inputs in world)
    assert np.abs(stock / table - 1.0).max() < 0.15


def test_steel_in_use_per_head_is_in_the_range_of_the_literature(world: tuple[Inputs, Inputs]) -> None:
    """Pauliuk, Wang and Müller (2013): 11-16 t a head in old industrial countries; the US had 340 million people."""
    held = world[1].conditions.stock
    assert held is not None
    assert 11.0 < held.end[4, world[1].countries.index("USA")] / 340e6 < 16.0


def test_the_page_on_validation_has_the_figures_of_the_stock(world: tuple[Inputs, Inputs]) -> None:
    table, stock = (inputs.conditions.scrap.sum(axis=1) / 1e6 for inputs in world)
    text = (Path(__file__).resolve().parents[2] / "docs" / "validation.md").read_text("utf-8")
    for year in (2020, 2022, 2024, 2025, 2028, 2030, 2040, 2050):
        y = year - 2020
        row = f"| {year} | {table[y]:.0f} | {stock[y]:.0f} | {100 * (stock[y] / table[y] - 1):+.1f} % |"
        assert row in text, row
