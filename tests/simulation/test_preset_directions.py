"""The presets that turn one thing: each moves the real world the way that its description says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from steeliq.simulation.dataset import load
from steeliq.simulation.inputs import compile_inputs
from steeliq.simulation.results.tables import read_table
from steeliq.simulation.run import run
from steeliq.simulation.scenario.files import load_scenario, preset_names
from tests.simulation.test_presets import PRESETS as WHOLE

LAST, MIDDLE, SOON = 2040, 2035, 2030
TURNS = {
    **dict.fromkeys(("cheap-hydrogen", "dear-hydrogen", "no-border-adjustment"), LAST),
    **dict.fromkeys(("no-new-blast-furnaces", "uniform-carbon-price", "little-co2-storage"), LAST),
    "green-premium": MIDDLE,
    **dict.fromkeys(("scrap-export-ban", "tariffs-50", "low-demand", "high-demand"), SOON),
}
"""Last year of each: what trade policy and demand do shows at once."""
YARDSTICKS = ("reference", "net-zero-2050")
FURNACES = ("BF", "BF_BIO")
LEAD = 4
"""Years from a decision to build until the plant opens."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, whole_run: Callable[[str], Path]) -> Mapping[str, Path]:
    dataset, folder = load(), tmp_path_factory.mktemp("turns")
    for name, last in TURNS.items():
        run(load_scenario(name, [f"period.end={last}"]), dataset, folder / name)
    return {name: folder / name for name in TURNS} | {name: whole_run(name) for name in YARDSTICKS}


def column(folder: Path, table: str, name: str, **where: object) -> float:
    """Sum of a column over the last year, or over the rows where other columns have the given values."""
    rows = read_table(folder, table)
    for key, value in ({"year": LAST} | where).items():
        rows = rows[rows[key].isin(value if isinstance(value, list | set | tuple | range) else [value])]
    return float(rows[name].sum())


def trade(folder: Path, year: int) -> pd.Series[float]:
    """What crosses borders between countries by good, t."""
    flows = read_table(folder, "flows")
    abroad = flows[(flows["year"] == year) & (flows["origin"] != flows["destination"])]
    return abroad.groupby("commodity")["amount"].sum()


def prices(folder: Path, good: str, year: int) -> pd.Series[float]:
    """Price by country, USD/t."""
    rows = read_table(folder, "prices")
    rows = rows[(rows["year"] == year) & (rows["commodity"] == good)]
    return rows.set_index("country")["price"]


def by_hydrogen(folder: Path) -> float:
    """Iron made with hydrogen, t."""
    return column(folder, "production", "production", technology=["DRI_H2", "ESF_H2"])


@pytest.mark.parametrize("name", TURNS)
def test_every_year_passes_its_audit(folders: Mapping[str, Path], name: str) -> None:
    audit = read_table(folders[name], "audit")
    assert audit["passed"].all()
    assert audit["residual"].max() <= 1e-6


def test_every_preset_is_tried() -> None:
    assert set(preset_names()) == {*WHOLE, *TURNS, "deterministic-owners"}


@pytest.mark.parametrize("name", ["cheap-hydrogen", "dear-hydrogen"])
def test_the_price_of_hydrogen_is_all_that_differs_from_net_zero(name: str) -> None:
    theirs, ours = (load_scenario(one).model_dump(exclude={"name", "description"}) for one in ("net-zero-2050", name))
    assert ours["prices"]["factors"].pop("hydrogen") != theirs["prices"]["factors"].pop("hydrogen")
    assert ours == theirs


def test_the_cheaper_hydrogen_is_the_more_iron_is_made_with_it(folders: Mapping[str, Path]) -> None:
    assert by_hydrogen(folders["cheap-hydrogen"]) > 3 * by_hydrogen(folders["dear-hydrogen"])
    scope1 = {name: column(folders[name], "emissions", "scope1") for name in ("cheap-hydrogen", "dear-hydrogen")}
    assert scope1["cheap-hydrogen"] < 0.9 * scope1["dear-hydrogen"]


def test_more_demand_means_more_steel_and_more_emissions(folders: Mapping[str, Path]) -> None:
    low, middle, high = (folders[name] for name in ("low-demand", "reference", "high-demand"))
    for table, name in (("demand", "supplied"), ("emissions", "scope1")):
        less, same, more = (column(folder, table, name, year=SOON) for folder in (low, middle, high))
        assert less < same < more


def test_the_border_adjustment_keeps_steelmaking_where_carbon_is_priced(folders: Mapping[str, Path]) -> None:
    blocs = load().tables["blocs"]
    europe = set(blocs.loc[blocs["bloc"] == "EU27", "country"])
    made = {
        name: column(folders[name], "production", "production", product="crude_steel", country=europe)
        for name in ("reference", "no-border-adjustment")
    }
    assert made["no-border-adjustment"] < 0.9 * made["reference"]


def test_no_blast_furnace_opens_that_was_chosen_after_2030(folders: Mapping[str, Path]) -> None:
    late = {"technology": FURNACES, "year": range(2030 + LEAD + 1, LAST + 1)}
    assert column(folders["reference"], "capacity", "opened", **late) > 0
    assert column(folders["no-new-blast-furnaces"], "capacity", "opened", **late) == 0


def test_the_uniform_carbon_price_is_one_price_from_the_first_year() -> None:
    prices = compile_inputs(load(), load_scenario("uniform-carbon-price")).conditions.carbon_price
    assert prices.min() == prices.max() == 100.0


def test_one_carbon_price_everywhere_cuts_emissions_everywhere_together(folders: Mapping[str, Path]) -> None:
    scope1 = {name: column(folders[name], "emissions", "scope1") for name in ("reference", "uniform-carbon-price")}
    assert scope1["uniform-carbon-price"] < 0.9 * scope1["reference"]


def test_with_little_storage_less_is_captured_and_hydrogen_steps_in(folders: Mapping[str, Path]) -> None:
    little, whole = folders["little-co2-storage"], folders["net-zero-2050"]
    assert 0 < column(little, "emissions", "captured") < 0.8 * column(whole, "emissions", "captured")
    assert by_hydrogen(little) > 1.05 * by_hydrogen(whole)
    assert column(little, "emissions", "scope1") > column(whole, "emissions", "scope1")


def test_without_scrap_exports_scrap_gets_cheaper_where_it_left_and_dearer_where_it_went(
    folders: Mapping[str, Path],
) -> None:
    banned, free = folders["scrap-export-ban"], folders["reference"]
    assert "scrap" in trade(banned, 2025).index
    for year in range(2026, SOON + 1):
        assert "scrap" not in trade(banned, year).index
    flows = read_table(free, "flows").query("year == @SOON and commodity == 'scrap' and origin != destination")
    change = (prices(banned, "scrap", SOON) / prices(free, "scrap", SOON) - 1.0).dropna()
    left, went = (flows.groupby(side)["amount"].sum() for side in ("origin", "destination"))
    mean = {name: float((change.reindex(of.index) * of).sum() / of.sum()) for name, of in (("l", left), ("w", went))}
    assert mean["l"] < -0.01 < 0.01 < mean["w"]
    assert trade(banned, SOON)[["dri", "pig_iron"]].sum() > 1.1 * trade(free, SOON)[["dri", "pig_iron"]].sum()


def test_with_high_tariffs_less_steel_crosses_borders_and_the_world_pays_more(folders: Mapping[str, Path]) -> None:
    dear, free = folders["tariffs-50"], folders["reference"]
    assert trade(dear, SOON)["crude_steel"] < 0.7 * trade(free, SOON)["crude_steel"]
    demand = read_table(free, "demand").query("year == @SOON").set_index("country")["demand"]
    paid = {
        name: float((prices(folder, "crude_steel", SOON).reindex(demand.index) * demand).sum())
        for name, folder in (("dear", dear), ("free", free))
    }
    assert paid["dear"] > 1.01 * paid["free"]


def test_who_pays_for_clean_steel_gets_it_and_more_of_it_is_made(folders: Mapping[str, Path]) -> None:
    green, grey = folders["green-premium"], folders["reference"]
    assert column(grey, "grades", "amount", year=MIDDLE) == 0
    assert column(green, "grades", "amount", year=MIDDLE) > 100e6
    electric = {"year": MIDDLE, "technology": "EAF"}
    assert column(green, "production", "production", **electric) > 1.1 * column(
        grey, "production", "production", **electric
    )
    assert column(green, "emissions", "scope1", year=MIDDLE) < 0.97 * column(grey, "emissions", "scope1", year=MIDDLE)


def test_without_chance_the_seed_changes_nothing(tmp_path: Path) -> None:
    dataset = load()
    tables: list[dict[str, pd.DataFrame]] = []
    for seed in (1, 2):
        folder = tmp_path / str(seed)
        run(load_scenario("deterministic-owners", [f"seed={seed}", "period.end=2027"]), dataset, folder)
        tables.append({name: read_table(folder, name) for name in ("decisions", "production", "emissions")})
    for name, table in tables[0].items():
        pd.testing.assert_frame_equal(table, tables[1][name])
