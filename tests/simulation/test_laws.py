"""Laws that every world obeys: conservation on random worlds, and how a world's changes must change its answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.errors import BalanceError
from steeliq.simulation.accounts.audit import check_audit
from steeliq.simulation.accounts.monetary import market_laws
from steeliq.simulation.accounts.physical import physical_laws
from steeliq.simulation.arrays import Floats
from steeliq.simulation.dataset.validate import problems
from steeliq.simulation.inputs import compile_inputs, initial_state
from steeliq.simulation.market.assembly import TIE
from steeliq.simulation.market.dispatch import dispatch
from steeliq.simulation.market.solver import solve
from steeliq.simulation.state import Fleet
from steeliq.simulation.step import advance
from tests.strategies import (
    HUB,
    Solved,
    Tables,
    World,
    between,
    changed,
    examples,
    rows,
    solved,
    solved_state,
    tiny,
    worlds,
)
from tests.worlds import COUNTRIES

AMOUNTS = (  # every column that is an amount of stuff a year
    ("furnace_groups", "capacity"),
    ("steel_demand", "demand"),
    ("scrap_supply", "supply"),
    ("mines", "capacity"),
    ("quotas", "quantity"),
    ("co2_storage", "cumulative"),
    ("biomass_supply", "supply"),
)


def made(result: Solved) -> dict[tuple[str, str], float]:
    """Output by country and technology, t."""
    fleet, names = result.state.fleet, result.inputs.technologies.names
    out: dict[tuple[str, str], float] = {}
    for country, technology, tonnes in zip(fleet.country, fleet.technology, result.books.production, strict=True):
        key = (result.inputs.countries[country], names[technology])
        out[key] = out.get(key, 0.0) + float(tonnes)
    return {key: tonnes for key, tonnes in out.items() if tonnes > 0.0}


def close(left: float, right: float, relative: float = 1e-6) -> bool:
    return abs(left - right) <= relative * max(1.0, abs(left), abs(right))


def slack(result: Solved) -> float:
    """How far the tie-breaking costs, which are no real costs, may move the objective: million USD."""
    return TIE * float(result.flows.solution.x.sum()) + 1e-6 * (1.0 + abs(result.objective))


def with_tables(world: World, tables: Tables) -> World:
    return replace(world, tables=tables)


# --- conservation ----------------------------------------------------------------------------------------------------


@examples(12)
@given(worlds())
def test_random_worlds_are_datasets_that_the_product_accepts(world: World) -> None:
    assert problems(world.tables) == []


@examples(60)
@given(worlds())
def test_physical_and_market_laws_hold_in_every_world(world: World) -> None:
    result = solved(world)
    findings = [
        *physical_laws(result.inputs, result.state.fleet, result.flows, result.emissions),
        *market_laws(result.inputs, result.flows, result.books),
    ]
    assert [finding for finding in findings if not finding.passed] == []


@examples(15)
@given(worlds(years=3))
def test_every_row_of_the_audit_passes_in_every_year(world: World) -> None:
    inputs = compile_inputs(world.dataset, world.scenario)
    state = initial_state(inputs)
    for _ in world.scenario.years:
        state, result = advance(inputs, state)
        audit = result.tables["audit"]
        assert audit[audit["residual"] > 1e-6].to_dict("records") == []
        assert result.audit_worst <= 1e-6


@examples(25)
@given(worlds())
def test_demand_stays_unmet_only_if_nothing_could_meet_it(world: World) -> None:
    # At the default value a tonne may stay unmet that is only to be had by carrying fifty tonnes of scrap to a works
    # with a slightly better yield; at a value beyond all such detours none may.
    result = solved(world.under(dispatch={"lost_load": 1e6}))
    programme = result.network.programme
    unmet = programme.columns["unmet"]
    cost = np.zeros(len(programme.cost))
    cost[unmet] = 1.0
    least = solve(replace(programme, cost=cost, tie=np.zeros(len(cost)))).objective
    assert result.flows.unmet.sum() / 1e6 <= least + 1e-6


@examples(25)
@given(worlds())
def test_prices_are_numbers_within_their_caps_and_clips_are_flagged(world: World) -> None:
    result = solved(world)
    settings, names = world.scenario.prices, result.inputs.commodities.names
    hub = result.inputs.commodities.hub
    for table in (result.prices.buy, result.prices.sell, result.prices.anchor):
        assert np.isfinite(table[hub]).all()
        assert (table[hub] >= 0.0).all()
    steel, scrap = names.index("crude_steel"), names.index("scrap")
    assert (result.prices.buy[steel] <= settings.steel_cap).all()
    assert (result.prices.buy[scrap] <= settings.scrap_cap).all()
    # nobody sells for more than somebody would give
    worth = np.fmax(result.prices.buy, result.prices.dual).max(axis=1, keepdims=True)
    assert (result.prices.sell <= worth + 10 * TIE).all()
    if settings.rule == "nodal":
        lost = result.flows.unmet > 1.0
        assert result.prices.clipped[steel, lost].all()
        arrived = np.zeros_like(result.prices.buy)
        network = result.network
        np.add.at(arrived, (network.arc_commodity, network.arc_to), result.flows.shipped)
        kept = ~result.prices.clipped & (arrived > 0.0)
        assert np.allclose(result.prices.buy[kept], result.prices.dual[kept], rtol=0, atol=1e-6)


# --- what must change nothing ----------------------------------------------------------------------------------------


def results(result: Solved) -> list[Floats]:
    """Everything that is reported of a year, as arrays."""
    books = result.books
    return [
        *(result.flows.solution.x, result.flows.solution.row_dual, result.prices.buy, result.prices.sell),
        *(books.production, books.revenue, books.variable, books.carbon, books.fixed, books.lcos),
        *(result.emissions.scope1, result.emissions.scope2, result.emissions.scope3),
    ]


@examples(12)
@given(worlds(), st.integers(0, 1000))
def test_the_order_of_dataset_rows_changes_no_byte(world: World, seed: int) -> None:
    frames = {name: frame.sample(frac=1.0, random_state=seed) for name, frame in world.tables.items()}
    shuffled = with_tables(world, changed(world.tables, **{k: v for k, v in frames.items() if k != "sources"}))
    for ours, theirs in zip(results(solved(world)), results(solved(shuffled)), strict=True):
        assert ours.tobytes() == theirs.tobytes()


@examples(15)
@given(worlds(), st.integers(0, 1000))
def test_the_order_of_the_fleet_changes_nothing(world: World, seed: int) -> None:
    inputs = compile_inputs(world.dataset, world.scenario)
    state = initial_state(inputs)
    order = np.random.default_rng(seed).permutation(len(state.fleet))
    ours, theirs = solved_state(inputs, state), solved_state(inputs, replace(state, fleet=state.fleet.take(order)))
    assert np.allclose(ours.flows.solution.x, theirs.flows.solution.x, rtol=1e-9, atol=1e-12)
    for left, right in zip(results(ours)[4:], results(theirs)[4:], strict=True):
        assert np.allclose(left[order], right, rtol=1e-9, atol=1e-6, equal_nan=True)


@examples(15)
@given(worlds(), st.permutations(range(12)))
def test_names_of_plants_and_furnace_groups_change_nothing(world: World, numbers: list[int]) -> None:
    plants = list(world.tables["plants"]["plant"])
    name = {plant: f"W{numbers[n]:02d}" for n, plant in enumerate(plants)}
    groups = world.tables["furnace_groups"]
    renamed = world.having(
        plants=world.tables["plants"].assign(plant=world.tables["plants"]["plant"].map(name)),
        hot_links=world.tables["hot_links"].assign(
            iron_plant=world.tables["hot_links"]["iron_plant"].map(name),
            steel_plant=world.tables["hot_links"]["steel_plant"].map(name),
        ),
        furnace_groups=groups.assign(
            plant=groups["plant"].map(name),
            furnace_group=[
                f"{name[p]}-{t}-{n}" for n, (p, t) in enumerate(zip(groups["plant"], groups["technology"], strict=True))
            ],
        ),
    )
    ours, theirs = solved(world), solved(renamed)
    assert abs(ours.objective - theirs.objective) <= slack(ours)
    assert np.allclose(ours.emissions.scope1.sum(), theirs.emissions.scope1.sum(), rtol=1e-6, atol=1.0)
    before, after = made(ours), made(theirs)
    for key in before.keys() | after.keys():
        assert close(before.get(key, 0.0), after.get(key, 0.0), 1e-6)


@examples(15)
@given(worlds())
def test_a_technology_that_nobody_owns_changes_nothing(world: World) -> None:
    tables = world.tables

    def twin(name: str) -> pd.DataFrame:
        rows_of = tables[name][tables[name]["technology"] == "EAF"]
        return pd.concat([tables[name], rows_of.assign(technology="ALCHEMY")], ignore_index=True)

    extended = world.having(
        **{name: twin(name) for name in ("technologies", "technology_costs", "recipes", "bill_of_materials")}
    )
    ours, theirs = solved(world), solved(extended)
    assert "ALCHEMY" in theirs.inputs.technologies.names
    for left, right in zip(results(ours)[:2], results(theirs)[:2], strict=True):
        assert left.tobytes() == right.tobytes()
    assert made(ours) == made(theirs)
    for name in ("revenue", "variable", "carbon", "fixed", "lcos"):
        left, right = getattr(ours.books, name), getattr(theirs.books, name)
        assert np.allclose(left, right, rtol=1e-12, atol=1e-6, equal_nan=True)


@examples(15)
@given(worlds(), st.data())
def test_two_equal_halves_of_a_furnace_group_are_the_whole(world: World, data: st.DataObject) -> None:
    groups = world.tables["furnace_groups"]
    chosen = groups["furnace_group"] == data.draw(st.sampled_from(sorted(groups["furnace_group"])))
    half = groups.assign(capacity=np.where(chosen, groups["capacity"] / 2, groups["capacity"]))
    again = half[chosen].assign(furnace_group=half["furnace_group"] + "-again")
    split = world.having(furnace_groups=pd.concat([half, again], ignore_index=True))
    ours, theirs = solved(world), solved(split)
    assert ours.flows.solution.x.tobytes() == theirs.flows.solution.x.tobytes()
    assert ours.prices.buy.tobytes() == theirs.prices.buy.tobytes()
    for left, right in zip(results(ours)[4:], results(theirs)[4:], strict=True):
        if left is not ours.books.lcos:
            assert close(float(left.sum()), float(right.sum()), 1e-12)


@examples(15)
@given(worlds())
def test_twice_the_world_has_twice_the_flows(world: World) -> None:
    doubled = world.having(
        **{name: world.tables[name].assign(**{column: world.tables[name][column] * 2}) for name, column in AMOUNTS}
    )
    ours, theirs = solved(world), solved(doubled)
    assert abs(2 * ours.objective - theirs.objective) <= 1e-9 * (1.0 + abs(theirs.objective))
    assert np.allclose(2 * ours.flows.made, theirs.flows.made, rtol=1e-6, atol=1.0)
    assert np.allclose(2 * ours.flows.shipped, theirs.flows.shipped, rtol=1e-6, atol=1.0)
    assert np.allclose(2 * ours.flows.unmet, theirs.flows.unmet, rtol=1e-6, atol=1.0)


# --- which way a change must push ------------------------------------------------------------------------------------


@examples(15)
@given(worlds(), st.sampled_from(COUNTRIES), st.sampled_from(HUB), between(1.0, 200.0))
def test_a_tariff_never_lowers_the_cost_of_the_world(world: World, importer: str, good: str, duty: float) -> None:
    tariffs = world.tables["tariffs"]
    taken = (tariffs["importer"] == importer) & (tariffs["exporter"] == "WORLD") & (tariffs["commodity"] == good)
    new = rows(
        {
            "importer": importer,
            "exporter": "WORLD",
            "commodity": good,
            "start": 2019,
            "end": 2100,
            "ad_valorem": 0.0,
            "specific": duty,
            "banned": False,
        }
    )
    world = world.under(trade={"tariffs": 1.0})
    dearer = world.having(tariffs=pd.concat([tariffs[~taken | (tariffs["start"] != 2019)], new], ignore_index=True))
    ours, theirs = solved(world), solved(dearer)
    assert theirs.objective >= ours.objective - slack(ours)


@examples(25)
@given(worlds(), st.sampled_from([*AMOUNTS[2:], ("charge_limits", "maximum"), ("furnace_groups", "capacity")]))
def test_a_wider_limit_never_raises_the_cost_of_the_world(world: World, where: tuple[str, str]) -> None:
    table, column = where
    frame = world.tables[table]
    wider = np.minimum(frame[column] * 1.3, 1.0) if column == "maximum" else frame[column] * 1.3
    ours, theirs = solved(world), solved(world.having(**{table: frame.assign(**{column: wider})}))
    assert theirs.objective <= ours.objective + slack(ours)


@examples(15)
@given(worlds())
def test_lifting_bans_quotas_and_charge_minima_never_raises_the_cost_of_the_world(world: World) -> None:
    ours = solved(world)
    limits = world.tables["charge_limits"]
    free = world.under(trade={"bans": False, "quotas": False}).having(charge_limits=limits.assign(minimum=0.0))
    assert solved(free).objective <= ours.objective + slack(ours)


@examples(15)
@given(worlds(), between(0.0, 150.0), between(5.0, 150.0))
def test_a_higher_uniform_carbon_price_never_raises_priced_emissions(world: World, price: float, more: float) -> None:
    def emitted(level: float) -> tuple[float, float]:
        paths = {"WORLD": level}
        result = solved(world.under(carbon={"paths": paths, "free_allocation": 0.0, "border_adjustment": False}))
        return float(result.emissions.scope1.sum()) / 1e6, slack(result)

    (before, _), (after, margin) = emitted(price), emitted(price + more)
    assert after <= before + 2 * margin / more


@examples(15)
@given(worlds(), between(1.05, 2.0))
def test_more_demand_never_lowers_the_cost_of_the_world(world: World, factor: float) -> None:
    # Allowances given for output and the minimum-load penalty pay for tonnes: without them a tonne always costs.
    plain = world.under(carbon={"free_allocation": 0.0}, dispatch={"minimum_load_penalty": 0.0})
    demand = plain.tables["steel_demand"]
    more = plain.having(steel_demand=demand.assign(demand=demand["demand"] * factor))
    ours, theirs = solved(plain), solved(more)
    assert theirs.objective >= ours.objective - slack(ours)


@examples(15)
@given(worlds(), st.sampled_from(COUNTRIES))
def test_the_dual_of_demand_lies_between_the_cost_of_the_last_and_the_next_tonne(world: World, country: str) -> None:
    result = solved(world)
    row = result.network.arrival_row[result.inputs.steel, result.inputs.countries.index(country)]
    programme, step = result.network.programme, 1e-3
    if row < 0 or programme.row_lower[row] < step:
        return
    dual = result.flows.solution.row_dual[row]

    def cost(change: float) -> float:
        bound = np.where(np.arange(len(programme.row_lower)) == row, change, 0.0)
        solution = solve(
            replace(programme, row_lower=programme.row_lower + bound, row_upper=programme.row_upper + bound)
        )
        return float((programme.cost + programme.tie) @ solution.x)

    here = cost(0.0)
    assert (here - cost(-step)) / step <= dual + 1e-2
    assert (cost(step) - here) / step >= dual - 1e-2


def test_the_fleet_is_not_touched_by_a_dispatch() -> None:
    world = tiny()
    inputs = compile_inputs(world.dataset, world.scenario)
    state = initial_state(inputs)
    before = [getattr(state.fleet, name).copy() for name in Fleet.__dataclass_fields__]
    result = solved_state(inputs, state)
    again = dispatch(inputs, result.network, None)
    assert again.solution.x.tobytes() == result.flows.solution.x.tobytes()
    for name, column in zip(Fleet.__dataclass_fields__, before, strict=True):
        assert (getattr(state.fleet, name) == column).all()


def test_a_broken_law_is_named_with_where_and_how_badly() -> None:
    audit = pd.DataFrame(
        [
            (2031, "iron balance", "world", 3e-9, "", True),
            (2031, "carbon balance", "furnace group", 2e-4, "P1-BF-1", False),
            (2031, "demand", "country", 5e-6, "DEU", False),
        ],
        columns=["year", "invariant", "scope", "residual", "where", "passed"],
    )
    with pytest.raises(
        BalanceError, match=r"^member 3: the year 2031 breaks the law 'carbon balance' \(furnace group; "
    ) as at:
        check_audit(audit, "member 3")
    assert "P1-BF-1): relative residual 0.0002; 2 of 3 checks failed" in str(at.value)
    check_audit(audit[audit["passed"]], "member 3")
