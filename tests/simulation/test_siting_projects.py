"""Projects at sites: what becomes of them by year, what founded plants pay and emit, what is kept between years."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from steeliq.errors import ScenarioError
from steeliq.simulation.accounts.books import books_of
from steeliq.simulation.accounts.emissions import emissions_of
from steeliq.simulation.agents.year import PARTS
from steeliq.simulation.checkpoint import flat, restored
from steeliq.simulation.inputs import Inputs, compile_inputs, initial_state
from steeliq.simulation.market.dispatch import dispatch
from steeliq.simulation.market.groups import groups_of
from steeliq.simulation.market.network import network_of
from steeliq.simulation.market.prices import nodal
from steeliq.simulation.siting.sites import Sites
from steeliq.simulation.state import State
from steeliq.simulation.step import advance
from tests.strategies import tiny
from tests.worlds import table

SETTINGS: dict[str, Any] = {
    "period": {"start": 2025, "end": 2036},
    "demand": {"factor": {2025: 1.0, 2032: 2.5}},
    "carbon": {"paths": {"WORLD": {2025: 50, 2030: 300}}},
    "prices": {"factors": {"hydrogen": 2.0, "electricity": 2.0}},
    "siting": {"enabled": True, "only_needed": False, "consideration": 2},
}


def inputs_of(**siting: object) -> Inputs:
    world = tiny(**SETTINGS | {"siting": SETTINGS["siting"] | siting})
    return compile_inputs(world.dataset, world.scenario)


def sites_of(inputs: Inputs) -> Sites:
    assert inputs.sites is not None
    return inputs.sites


class Run:
    """All states and tables of a run."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs, self.states, parts = inputs, [initial_state(inputs)], []
        self.worst = 0.0
        for _ in inputs.scenario.years:
            state, result = advance(inputs, self.states[-1])
            self.states.append(state)
            self.worst = max(self.worst, result.audit_worst)
            parts.append(result.tables)
        self.tables = {name: pd.concat([part[name] for part in parts]) for name in parts[0]}

    @property
    def founded(self) -> pd.DataFrame:
        return self.tables["decisions"].query("decision == 'found'")

    @property
    def followed(self) -> pd.DataFrame:
        """Projects by year: site, route, npv and what became of them."""
        every = self.tables["candidates"]
        return every[every["furnace_group"].isin([f"SITE-{name}" for name in sites_of(self.inputs).names])]


@pytest.fixture(scope="module")
def run() -> Run:
    return Run(inputs_of())


def test_a_project_is_considered_then_announced_then_built(run: Run) -> None:
    assert len(run.founded) >= 3
    first = run.founded.iloc[0]
    site = first["plant"].removesuffix(f"-{first['start']}")
    story = run.followed[(run.followed["furnace_group"] == site) & (run.followed["route"] == first["to_route"])]
    story = story[story["year"] <= first["year"]].set_index("year")["refused_by"]
    built = int(first["year"])
    assert story[built] == ""
    announced = [year for year in story.index if story[year] == "announced"]
    considered = [year for year in story.index if story[year] == "considered"]
    assert considered[0] < announced[0] < built
    assert list(story.index) == list(range(considered[0], built + 1))  # an NPV for every year
    assert f"taken up in {considered[0]}, announced in {announced[0]}" in first["reason"]
    assert first["start"] == built + run.inputs.scenario.finance.construction


def test_nothing_is_announced_before_it_has_been_worth_its_cost_for_long_enough(run: Run) -> None:
    for _, story in run.followed.groupby(["furnace_group", "route"]):
        rows = story.sort_values("year").reset_index(drop=True)
        for n in rows.index[rows["refused_by"] == "announced"]:
            if n and rows["refused_by"][n - 1] == "considered":
                assert (rows["npv"][n - 1 : n + 1] > 0).all()


def test_a_founded_plant_tells_what_its_npv_and_those_of_its_rivals_are_made_of(run: Run) -> None:
    sites, inputs = sites_of(run.inputs), run.inputs
    told = run.tables["reasons"].merge(run.tables["candidates"], on=["year", "furnace_group", "route"])
    for _, row in run.founded.iterrows():
        mine = told[told["furnace_group"] == row["furnace_group"]].set_index("route")
        assert len(mine) > 1
        assert (mine["year"] == row["year"]).all()
        assert np.allclose(mine[list(PARTS)].sum(axis=1), mine["npv"], rtol=1e-9, atol=1e-6)
        assert mine.loc[row["to_route"], "npv"] == pytest.approx(row["npv"], abs=1e-6)
        assert mine.loc[row["to_route"], "refused_by"] == ""
        assert mine.loc[row["to_route"], "equity"] == pytest.approx(
            -inputs.scenario.finance.equity_share * row["investment"] / row["capacity"]
        )
        # Without support the service of the debt is the same for each dollar of equity, whatever energy costs.
        served = mine["debt_service"] / mine["equity"]
        assert np.allclose(served, served.iloc[0], rtol=1e-9)
    # The same line elsewhere in the country would pay for power from the grid.
    first = run.founded.iloc[0]
    site = sites.names.index(first["plant"].removeprefix("SITE-").rpartition("-")[0])
    y = first["year"] - sites.first
    cheaper = (
        sites.power(first["year"])[site] < sites.grid_price[y, site]
        or 1000 * sites.gas(first["year"])[site] < sites.gas_price[y, site]
    )
    assert cheaper
    bare = Run(replace(inputs, sites=replace(sites, own_power=sites.own_power & False, own_gas=sites.own_gas & False)))
    both = [one.tables["reasons"].query("furnace_group == @first.furnace_group") for one in (run, bare)]
    with_own, without = (one.set_index("route")["energy"].get(first["to_route"], np.nan) for one in both)
    assert not with_own <= without  # dearer energy, or not built there at all


def test_a_project_that_a_limit_refuses_tells_what_it_asked_and_what_was_left() -> None:
    few = Run(inputs_of(build_out=0.03))
    told = few.tables["reasons"].merge(few.followed, on=["year", "furnace_group", "route"])
    refused = told[told["refused_by"] == "steel at new sites"]
    assert len(refused)
    assert (refused["asked"] == 2.5e6).all()
    assert (refused["left"] < 2.5e6).all()
    assert np.allclose(refused[list(PARTS)].sum(axis=1), refused["npv"], rtol=1e-9, atol=1e-6)


def test_the_table_of_energy_at_sites_says_what_founded_plants_pay(run: Run) -> None:
    sites = sites_of(run.inputs)
    table = run.tables["site_energy"].query("year == 2030").set_index("site")
    assert list(table.index) == list(sites.names)
    assert table["power"].tolist() == sites.power(2030).tolist()
    assert table["hydrogen"].tolist() == sites.gas(2030).tolist()
    assert table["own_power"].tolist() == sites.lcoe[5].tolist()
    assert (table["hydrogen"] <= table["own_hydrogen"] + 1e-12).all()


def test_every_law_holds_with_plants_at_sites(run: Run) -> None:
    fleet = run.states[-1].fleet
    assert set(fleet.plant[sites_of(run.inputs).site_of(fleet.plant)[0] >= 0]) == set(run.founded["plant"])
    assert run.worst < 1e-6


def test_founded_plants_pay_their_own_power_and_emit_only_from_the_grid(run: Run) -> None:
    inputs, sites = run.inputs, sites_of(run.inputs)
    state = next(state for state in run.states if _running(inputs, state).any())
    year, fleet = state.year, state.fleet
    network = network_of(inputs, groups_of(inputs, fleet, year), year, (state.embedded, state.allowed))
    flows = dispatch(inputs, network, None)
    prices = nodal(inputs, flows)
    books, emissions = books_of(inputs, fleet, flows, prices), emissions_of(inputs, flows, fleet)
    without = replace(inputs, sites=None)
    plain, dirty = books_of(without, fleet, flows, prices), emissions_of(without, flows, fleet)
    site, decided = sites.site_of(fleet.plant)
    power = books.by_option @ np.maximum(inputs.recipes.bill[:, inputs.commodities.index("electricity")], 0.0)
    gas = books.by_option @ np.maximum(inputs.recipes.bill[:, inputs.commodities.index("hydrogen")], 0.0)
    for row in np.flatnonzero(_running(inputs, state)):
        s, d = int(site[row]), int(decided[row])
        own, cheap = bool(sites.own_power[d, s]), bool(sites.own_gas[d, s])
        price = sites.lcoe[d, s] - sites.grid_price[year - sites.first, s]
        paid = 0.85 * price * power[row] * own
        paid += (1000 * sites.hydrogen[d, s] - sites.gas_price[year - sites.first, s]) * gas[row] * cheap
        assert books.bought[row] - plain.bought[row] == pytest.approx(paid, rel=1e-6, abs=1e-3)
        share = 0.15 if own else 1.0
        assert emissions.scope2[row] == pytest.approx(share * dirty.scope2[row])
    others = site < 0
    assert (books.bought[others] == plain.bought[others]).all()
    assert (emissions.scope2[others] == dirty.scope2[others]).all()


def test_own_power_is_spared_the_carbon_price_and_certified_as_clean() -> None:
    """Where grid power pays the carbon price, a founded plant pays it on what it emits, and on nothing else."""
    more: dict[str, Any] = {
        "carbon": {**SETTINGS["carbon"], "priced": "scope1_and_2", "free_allocation": 0.0},
        "demand": {**SETTINGS["demand"], "premiums": {"WORLD": 100.0}, "low_carbon_threshold": 0.2},
    }
    world = tiny(**SETTINGS | more)
    run = Run(compile_inputs(world.dataset, world.scenario))
    inputs, sites = run.inputs, sites_of(run.inputs)
    state = next(state for state in run.states if _running(inputs, state).any())
    year, fleet = state.year, state.fleet
    network = network_of(inputs, groups_of(inputs, fleet, year), year, (state.embedded, state.allowed))
    flows = dispatch(inputs, network, None)
    books, emissions = books_of(inputs, fleet, flows, nodal(inputs, flows)), emissions_of(inputs, flows, fleet)
    price = inputs.conditions.carbon_price[inputs.conditions.at(year), fleet.country]
    assert np.allclose(books.carbon, price * (emissions.scope1 + emissions.scope2), rtol=1e-9, atol=1e-3)
    site, decided = sites.site_of(fleet.plant)
    spared = _running(inputs, state) & sites.own_power[decided, site]
    assert emissions.scope2[spared].sum() > 0
    grades = network.grades
    step = (
        inputs.recipes.scope1
        + 0.15
        * inputs.recipes.electricity
        * inputs.conditions.grid[inputs.conditions.at(year), inputs.countries.index("IND")]
    )
    scrap = inputs.recipes.options.index(("EAF", "scrap"))
    place = network.groups.place[grades.group]
    own = (grades.option == scrap) & np.array([name.startswith("SITE-IND") for name in place])
    assert own.any()
    assert grades.intensity[own] == pytest.approx(step[scrap])
    told = run.tables["reasons"].merge(run.tables["candidates"], on=["year", "furnace_group", "route"])
    assert np.allclose(told[list(PARTS)].sum(axis=1), told["npv"], rtol=1e-9, atol=1e-6)
    assert run.worst < 1e-6
    costs, accounts = (run.tables[name] for name in ("costs", "accounts"))
    assert costs.loc[costs["item"] == "carbon", "value"].sum() == pytest.approx(accounts["carbon_cost"].sum())


def _running(inputs: Inputs, state: State) -> Any:
    return (sites_of(inputs).site_of(state.fleet.plant)[0] >= 0) & state.fleet.operating(state.year)


def test_own_plants_are_built_only_where_they_beat_the_grid(run: Run) -> None:
    sites = sites_of(run.inputs)
    years = len(sites.lcoe)
    assert (sites.own_power == (sites.lcoe < sites.grid_price[:years])).all()
    assert (sites.power(2030) <= sites.grid_price[5] + 1e-9).all()
    assert (sites.hydrogen <= sites.own_hydrogen + 1e-12).all()
    assert (1000 * sites.gas(2030) <= sites.gas_price[5] + 1e-9).all()


def test_no_more_is_founded_than_the_share_of_the_build_out() -> None:
    few = Run(inputs_of(build_out=0.03))  # 3 Mt a year: one lot
    used = few.tables["limits"].query("limit == 'steel at new sites'")
    assert (used["allowed"] == 3e6).all()
    assert (used["used"] <= 2.5e6).all()
    assert used["refused"].sum() > 0
    assert few.founded.groupby("year").size().max() <= 2  # steel and iron


def ground(*rows: tuple[str, float, float, float]) -> Inputs:
    """The world of `run` in which something is known of the ground at sites: slope, km2 of land, km to a railway."""
    world = tiny(**SETTINGS)
    known = world.having(site_ground=table(("site", "slope", "land", "rail"), *rows))
    return compile_inputs(known.dataset, known.scenario)


def test_nothing_is_founded_on_steep_ground(run: Run) -> None:
    steep = Run(ground(("BRA-coast", 2.1, np.nan, np.nan), ("BRA-south", 1.9, np.nan, np.nan)))
    assert (run.followed["furnace_group"] == "SITE-BRA-coast").any()
    assert not (steep.followed["furnace_group"] == "SITE-BRA-coast").any()
    assert steep.founded["plant"].str.startswith("SITE-BRA-south").any()


def test_the_first_plant_at_a_site_pays_for_the_line_to_the_railway(run: Run) -> None:
    """Four kilometres at 3 million USD: 12 million more, which is 4.80 USD per tonne of 2.5 Mt/yr."""
    far = Run(ground(("BRA-coast", np.nan, np.nan, 4.0)))
    keys = ["year", "plant", "to_route"]
    both = far.founded.merge(run.founded, on=keys, suffixes=("", "_near"))
    extra = (both["investment"] - both["investment_near"]).round(3)
    there = both["plant"].str.startswith("SITE-BRA-coast") & (both["year"] == both["year"].min())
    assert there.sum() == 2  # steel and iron in one year
    assert sorted(extra[there]) == [0.0, 12e6]
    assert (extra[~there] == 0).all()
    told = far.tables["reasons"].merge(far.tables["candidates"], on=["year", "furnace_group", "route"])
    assert np.allclose(told[list(PARTS)].sum(axis=1), told["npv"], rtol=1e-9, atol=1e-6)
    assert far.worst < 1e-6


def test_own_power_needs_land_and_no_more_is_built_than_there_is(run: Run) -> None:
    """Of each product the least power and hydrogen that it can be made with count, over 8,760 hours."""

    def taken(one: Run, site: str) -> float:
        sites, inputs, fleet = sites_of(one.inputs), one.inputs, one.states[-1].fleet
        place, decided = sites.site_of(fleet.plant)
        total = 0.0
        for row in np.flatnonzero(place == sites.names.index(site)):
            options = inputs.recipes.technology == fleet.technology[row]
            power, gas = (
                inputs.recipes.bill[options, inputs.commodities.index(k)] for k in ("electricity", "hydrogen")
            )
            use = power.clip(min=0).min() + gas.clip(min=0).min() * sites.electrolysis[decided[row], place[row]]
            solar, wind, _ = sites.design[decided[row], place[row]]
            total += fleet.capacity[row] * use / 8760 * (solar / 45 + wind / 8)
        return total

    wanted = taken(run, "BRA-coast")
    assert wanted > 50.0
    few = Run(ground(("BRA-coast", np.nan, 0.34 * wanted, np.nan)))
    assert 0.0 < taken(few, "BRA-coast") <= 0.34 * wanted
    stages = few.followed.set_index("furnace_group")["refused_by"]
    assert (stages["SITE-BRA-coast"] == "no land left at the site").any()
    assert not (stages.drop("SITE-BRA-coast") == "no land left at the site").any()
    bare = Run(ground(("BRA-coast", np.nan, 0.0, np.nan)))
    assert not bare.founded["plant"].str.startswith("SITE-BRA-coast").any()


def test_deterministic_decisions_draw_nothing() -> None:
    def founded(announcing: float) -> list[str]:
        world = tiny(
            **SETTINGS
            | {"decisions": {"mode": "deterministic"}, "siting": {**SETTINGS["siting"], "announcing": announcing}}
        )
        return list(Run(compile_inputs(world.dataset, world.scenario)).founded["plant"])

    assert founded(0.01) == founded(1.0) != []


def test_projects_are_kept_from_year_to_year_and_through_a_checkpoint(run: Run) -> None:
    state = max(run.states, key=lambda state: len(state.prospects.site))
    again = restored(State, flat(state, "state"), "state")
    for name in ("site", "route", "since", "announced", "npv"):
        kept, there = getattr(state.prospects, name), getattr(again.prospects, name)
        assert np.array_equal(kept, there, equal_nan=name == "npv")
    one, other = (advance(run.inputs, start)[1].tables for start in (state, again))
    assert all(one[name].equals(other[name]) for name in one if name != "solves")


def test_a_dataset_without_sites_is_refused_when_siting_is_on() -> None:
    world = tiny(**SETTINGS)
    empty = world.having(sites=world.tables["sites"].head(0))
    with pytest.raises(ScenarioError, match="the dataset has no sites; switch siting off"):
        compile_inputs(empty.dataset, empty.scenario)
    costs = world.tables["own_energy"]
    partial = world.having(own_energy=costs[costs["item"] != "efficiency"])
    with pytest.raises(ScenarioError, match="no battery efficiency"):
        compile_inputs(partial.dataset, partial.scenario)


def test_with_siting_off_nothing_is_looked_at() -> None:
    world = tiny(period={"start": 2025, "end": 2026})
    inputs = compile_inputs(world.dataset, world.scenario)
    assert inputs.sites is None
    state, _ = advance(inputs, initial_state(inputs))
    assert len(state.prospects.site) == 0
