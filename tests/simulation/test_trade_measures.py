"""Duties and limits on trade that a scenario sets itself, by flow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from steeliq.errors import ScenarioError
from steeliq.simulation.inputs import compile_inputs
from steeliq.simulation.market.measures import flow_of
from steeliq.simulation.paths import Areas
from tests.micro import FREIGHT, POWER_OF_EAF, SCRAP_IN_EAF, micro
from tests.simulation.test_dispatch import NEAR, SCRAP_STEEL, output, price, shipped, two_countries
from tests.simulation.test_policy_limits import scarce, year_of
from tests.strategies import World, base_tables, solved

GOODS = ("crude_steel", "dri", "dri_h2", "scrap")


def scrap_abroad(**trade: Any) -> World:
    """Germany has the furnace, India the scrap (5 Mt at 100 USD/t); Germany's own 0.4 Mt are not enough."""
    world = micro({"D": ("P/DEU", "EAF", 2.0)}, {"DEU": 1.0}, scrap={"DEU": 0.4, "IND": 5.0})
    return world.under(trade=trade)


def countries(name: str) -> tuple[list[str], list[str]]:
    """Exporters and importers of a flow."""
    areas = Areas.of(base_tables()["countries"], base_tables()["blocs"])
    flow = flow_of(name, areas, GOODS)
    code = np.array(areas.countries)
    return code[flow.exporter].tolist(), code[flow.importer].tolist()


@pytest.mark.parametrize(
    ("name", "exporters", "importers"),
    [
        ("scrap from EU27", ["DEU"], ["BRA", "IND"]),
        ("scrap to EU27", ["BRA", "IND"], ["DEU"]),
        ("scrap from WORLD", ["BRA", "DEU", "IND"], ["BRA", "DEU", "IND"]),
        ("scrap to NOT EU27", ["DEU"], ["BRA", "IND"]),
        ("scrap from IND to South Asia", ["IND"], ["IND"]),
        ("scrap from NOT IND to WORLD", ["BRA", "DEU"], ["BRA", "DEU", "IND"]),
    ],
)
def test_a_flow_says_from_where_to_where(name: str, exporters: list[str], importers: list[str]) -> None:
    assert countries(name) == (exporters, importers)


def test_a_flow_may_mean_several_goods() -> None:
    areas = Areas.of(base_tables()["countries"], base_tables()["blocs"])
    assert flow_of("dri* to WORLD", areas, GOODS).goods == ("dri", "dri_h2")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("scrap", "reads"),
        ("from EU27", "reads"),
        ("scrap of EU27", "reads"),
        ("scarp from EU27", "no traded good is called scarp"),
        ("scrap from Atlantis", "there is no area Atlantis"),
        ("scrap to NOT Atlantis", "there is no area Atlantis"),
    ],
)
@pytest.mark.parametrize("setting", ["duties", "charges", "limits"])
def test_a_flow_that_means_nothing_is_refused_by_name(setting: str, name: str, told: str) -> None:
    world = two_countries(settings={"trade": {setting: {name: 1.0}}})
    with pytest.raises(ScenarioError, match=told) as refused:
        compile_inputs(world.dataset, world.scenario)
    (problem,) = refused.value.problems
    assert (problem.column, problem.value) == (f"trade.{setting}", name)


@pytest.mark.parametrize(("share", "imports"), [(0.0, 1.0), (0.0015, 1.0), (0.0016, 0.0)])
def test_a_duty_binds_where_it_eats_up_the_advantage(share: float, imports: float) -> None:
    """India is 0.76 USD/t cheaper in Germany, freight paid. Of 500 USD/t, 0.15 % are 0.75 and 0.16 % are 0.80 USD."""
    result = solved(two_countries(settings={"trade": {"duties": {"crude_steel to EU27": share}}}))
    assert shipped(result, "crude_steel", "IND", "DEU") == pytest.approx(imports, abs=1e-9)
    at_home = SCRAP_STEEL + 100.0 * POWER_OF_EAF
    abroad = SCRAP_STEEL + 20.0 * POWER_OF_EAF + FREIGHT + 500.0 * share
    assert result.objective == pytest.approx(min(at_home, abroad), rel=1e-9)


@pytest.mark.parametrize(("first", "second", "imports"), [(0.75, 0.0, 1.0), (0.77, 0.0, 0.0), (0.4, 0.4, 0.0)])
def test_duties_per_tonne_bind_alike_and_add_up(first: float, second: float, imports: float) -> None:
    """India is 0.76 USD/t cheaper in Germany; what two rows charge on one flow adds up, and joins duties by value."""
    charges = {"crude_steel to EU27": first, "crude* from IND to WORLD": second}
    result = solved(two_countries(settings={"trade": {"charges": charges, "duties": {"crude_steel to EU27": 0.0}}}))
    assert shipped(result, "crude_steel", "IND", "DEU") == pytest.approx(imports, abs=1e-9)
    both = {"charges": {"crude_steel to EU27": 0.4}, "duties": {"crude_steel to EU27": 0.0008}}  # 0.4 + 0.4
    assert shipped(solved(two_countries(settings={"trade": both})), "crude_steel", "IND", "DEU") == pytest.approx(0.0)


@pytest.mark.parametrize(("year", "imports"), [(2025, 1.0), (2026, 0.0), (2040, 0.0)])
def test_a_table_of_years_begins_with_its_first_year(year: int, imports: float) -> None:
    for setting, value in (("duties", 1.0), ("limits", 0.0)):
        trade = {setting: {"crude_steel from IND": {2026: value}}}
        world = two_countries(settings={"trade": trade, "period": {"start": year, "end": year}})
        assert shipped(solved(world), "crude_steel", "IND", "DEU") == pytest.approx(imports, abs=1e-9)


def test_a_ban_on_scrap_exports_leaves_a_scrap_short_country_without_steel() -> None:
    """Germany's 0.4 Mt of scrap make 0.4 / 1.0857 Mt of steel; without the ban India's scrap makes the rest."""
    free, banned = solved(scrap_abroad()), solved(scrap_abroad(limits={"scrap from WORLD": 0.0}))
    assert shipped(free, "scrap", "IND", "DEU") == pytest.approx(SCRAP_IN_EAF - 0.4, rel=1e-9)
    assert free.flows.unmet.sum() == pytest.approx(0.0, abs=1e-3)
    assert shipped(banned, "scrap", "IND", "DEU") == 0.0
    assert output(banned, "D") == pytest.approx(0.4 / SCRAP_IN_EAF, rel=1e-9)
    assert banned.flows.unmet.sum() == pytest.approx(1e6 * (1.0 - 0.4 / SCRAP_IN_EAF), rel=1e-9)
    scrap, india = banned.inputs.commodities.index("scrap"), banned.inputs.countries.index("IND")
    assert price(banned, "scrap", "IND") == pytest.approx(100.0, abs=NEAR)  # who wanted some would have it collected
    assert banned.prices.sell[scrap, india] == 0.0  # but nobody can use it


def test_a_ban_concerns_only_what_it_names() -> None:
    for other in ("scrap from NOT IND", "dri* from WORLD", "scrap from IND to BRA"):
        assert solved(scrap_abroad(limits={other: 0.0})).flows.unmet.sum() == pytest.approx(0.0, abs=1e-3)


def test_a_limit_lets_its_tonnes_through_and_what_one_more_is_worth_is_told() -> None:
    """0.3 Mt come in, 0.7 Mt are made at home; one more tonne would save the 0.76 USD by which India is cheaper."""
    world = two_countries(settings={"trade": {"limits": {"crude_steel to EU27": 0.3}}})
    result = solved(world)
    assert shipped(result, "crude_steel", "IND", "DEU") == pytest.approx(0.3, rel=1e-9)
    assert output(result, "D") == pytest.approx(0.7, rel=1e-9)
    tables = year_of(world)
    row = scarce(tables).loc["quota"]
    assert (row["limit"], row["allowed"], row["used"]) == ("crude_steel to EU27", 0.3e6, pytest.approx(0.3e6))
    assert row["price"] == pytest.approx(80.0 * POWER_OF_EAF - FREIGHT, abs=1e-2)
    assert tables.tables["audit"]["passed"].all()


def test_the_scenario_adds_to_the_dataset_and_does_not_depend_on_its_switches() -> None:
    settings = {"trade": {"limits": {"crude_steel to EU27": 0.0}, "bans": False, "quotas": False, "tariffs": 0.0}}
    assert shipped(solved(two_countries(settings=settings)), "crude_steel", "IND", "DEU") == 0.0
