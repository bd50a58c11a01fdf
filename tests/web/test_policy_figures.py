"""Figures of support, scarcity, low-carbon steel, steel in use, new sites and reasons, worked out by hand."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.test import Client

from steeliq.simulation.results import read_table
from steeliq.simulation.results.labels import Labels
from steeliq.simulation.results.report.charts import RunTables
from steeliq.simulation.results.report.charts_decisions import limit_unit
from steeliq.simulation.results.report.charts_map import map_charts
from steeliq.simulation.results.report.rows import rows_of
from steeliq.simulation.results.variables import LATER
from steeliq.webui.explore.charts_grades import grades
from steeliq.webui.explore.charts_levied import at_borders, on_carbon
from steeliq.webui.explore.charts_scarce import held_back, limits, prices
from steeliq.webui.explore.charts_sites import energy, lifecycle, npvs, projects, site_map
from steeliq.webui.explore.charts_stock import arising
from steeliq.webui.explore.charts_support import bought, paid
from steeliq.webui.explore.figures import chart_of
from steeliq.webui.explore.filters import Filters, narrowed
from steeliq.webui.explore.plants import DETERMINED, DRAWN, choosing
from steeliq.webui.explore.questions.assets import stranded
from steeliq.webui.explore.stores import open_run
from steeliq.webui.runs.models import Run
from tests.micro import frame
from tests.results_example import YEARS, join_charges, reference_tables, run_tables
from tests.web.test_explore import chart, downloaded

FOUNDED = "SITE-BRA-Bahia-2030"


def example(years: tuple[int, ...] = YEARS, document: Mapping[str, Any] | None = None, **tables: Any) -> RunTables:
    """The example run of some years with other rows in some tables."""
    parts = [run_tables(year) for year in years]
    every = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}
    return RunTables(every | tables, Labels(reference_tables()), document or {}, years)


# --- support ----------------------------------------------------------------------------------------------------------

SUPPORT = frame(
    "year country technology item amount",
    (2026, "DEU", "DRI_H2", "capex", 2.0e9),
    (2026, "DEU", "DRI_H2", "goods", 3.0e8),
    (2026, "IND", "EAF", "carbon_contract", -1.0e8),
)
CAPACITY = frame(
    "year country technology committed opened",
    (2025, "DEU", "DRI_H2", 1.0e6, 0.0),
    (2026, "DEU", "DRI_H2", 4.0e6, 1.0e6),  # 4 + 1 opened - 1 that was committed before: 4 decided this year
    (2026, "IND", "EAF", 9.0e6, 0.0),
)
MADE = frame(
    "year country technology production",
    (2026, "DEU", "DRI_H2", 1.5e6),
    (2026, "IND", "EAF", 4.0e6),
    (2026, "BRA", "EAF", 7.0e6),  # nobody supports it: it is no part of what support went to
)


def test_public_money_is_told_by_instrument_region_country_and_technology() -> None:
    run = example((2025, 2026), support=SUPPORT)
    told = {(row[0], row[1], row[2]): row[4] for row in rows_of(paid(run)) if row[3] == 2026}
    assert told["instrument", "World", "grants for new capacity"] == 2
    assert told["instrument", "World", "carbon contracts"] == -0.1
    assert told["region", "World", "Europe"] == 2.3
    assert told["country", "India", "India"] == -0.1
    assert told["technology", "Europe", "Hydrogen direct reduction"] == 2.3


def test_what_money_went_to_is_capacity_decided_with_it_and_tonnes_made_with_it() -> None:
    run = example((2025, 2026), support=SUPPORT, capacity=CAPACITY, production=MADE)
    told = {(row[0], row[1]): (row[3], row[4]) for row in rows_of(bought(run)) if row[2] == 2026}
    assert told == {
        ("new capacity that was given grants", "Hydrogen direct reduction"): (4, "Mt/yr"),
        ("grant for each tonne of that capacity", "Hydrogen direct reduction"): (500, "USD per t/yr"),
        ("product of works whose running is supported", "Hydrogen direct reduction"): (1.5, "Mt"),
        ("product of works whose running is supported", "Electric arc furnace"): (4, "Mt"),
        ("running support for each tonne of that product", "Hydrogen direct reduction"): (200, "USD/t"),
        ("running support for each tonne of that product", "Electric arc furnace"): (-25, "USD/t"),
    }


def test_of_years_in_a_filter_the_state_before_is_still_known() -> None:
    run = example((2025, 2026), support=SUPPORT, capacity=CAPACITY, production=MADE)
    seen, _ = narrowed(run, Filters(first=2026))
    assert ["new capacity that was given grants", "Hydrogen direct reduction", 2026, 4, "Mt/yr"] in rows_of(
        bought(seen)
    )


def test_a_choice_without_data_comes_last_and_says_so_without_axes() -> None:
    drawn = bought(example((2026,), support=SUPPORT[SUPPORT["item"] == "carbon_contract"], production=MADE))
    offered = drawn.controls[0].values  # noqa: PD011 (this is no pandas object)
    assert offered == ("made", "per-tonne", "capacity", "per-capacity")
    empty = drawn.views["capacity"]["layout"]
    assert empty["annotations"][0]["text"]
    assert not empty["xaxis"]["visible"]
    assert not empty["yaxis"]["visible"]
    assert "annotations" not in drawn.views["made"].get("layout", {})


def test_a_limit_on_use_has_the_unit_of_its_good() -> None:
    table = frame(
        "year kind limit allowed used beyond price", (2026, "input", "electricity in EU27", 5e6, 2e6, 0.0, 0.0)
    )
    run = example((2026,), scarcity=table)
    assert limit_unit(run, "electricity in EU27") == "TWh/yr"
    assert [row[3:] for row in rows_of(limits(run))] == [[2, "TWh"], [5, "TWh"]]


FLOWS = frame(
    "year commodity origin destination amount duty border_charge",
    (2026, "crude_steel", "IND", "DEU", 2.0e6, 70.0, 30.0),
    (2026, "crude_steel", "BRA", "DEU", 1.0e6, 0.0, 0.0),
    (2026, "crude_steel", "DEU", "DEU", 9.0e6, 50.0, 0.0),  # at home: nobody charges it
    (2026, "pig_iron", "BRA", "IND", 4.0e6, 25.0, 0.0),
)


def test_duties_and_border_charges_are_those_of_goods_that_crossed_a_border() -> None:
    drawn = at_borders(example((2026,), flows=FLOWS))
    told = {tuple(row[:3]): row[4] for row in rows_of(drawn)}
    both, charges, duties = "duties and border charges", "border charges", "duties"
    assert told == {
        (both, "duty or border charge", duties): 0.24, (both, "duty or border charge", charges): 0.06,
        (both, "importing region", "Europe"): 0.2, (both, "importing region", "India"): 0.1,
        (both, "importing country", "Germany"): 0.2, (both, "importing country", "India"): 0.1,
        (both, "exporting country", "India"): 0.2, (both, "exporting country", "Brazil"): 0.1,
        (both, "good", "Crude steel"): 0.2, (both, "good", "pig_iron"): 0.1,
        (charges, "duty or border charge", charges): 0.06, (charges, "importing region", "Europe"): 0.06,
        (charges, "importing country", "Germany"): 0.06, (charges, "exporting country", "India"): 0.06,
        (charges, "good", "Crude steel"): 0.06,
        (duties, "duty or border charge", duties): 0.24,
        (duties, "importing region", "Europe"): 0.14, (duties, "importing region", "India"): 0.1,
        (duties, "importing country", "Germany"): 0.14, (duties, "importing country", "India"): 0.1,
        (duties, "exporting country", "India"): 0.14, (duties, "exporting country", "Brazil"): 0.1,
        (duties, "good", "Crude steel"): 0.14, (duties, "good", "pig_iron"): 0.1,
    }  # fmt: skip
    assert drawn.summary == (
        "Duties and border charges: 0.3 billion USD in 2026. Border charges: 0.06 billion USD in 2026."
    )
    assert at_borders(example((2026,), flows=FLOWS.assign(duty=0.0, border_charge=0.0))).is_empty


def test_a_run_that_told_duties_and_border_charges_in_one_sum_shows_the_sum(client: Client, finished_run: Run) -> None:
    whole = [row[1:] for row in downloaded(client, finished_run, "duties")[1] if row[0] == "duties and border charges"]
    assert any(row[0] == "duty or border charge" for row in whole)
    join_charges(finished_run.path)
    assert downloaded(client, finished_run, "duties")[1] == [
        ["duties and border charges", *row] for row in whole if row[0] != "duty or border charge"
    ]
    assert chart(client, finished_run, "duties")["note"].startswith(
        "This run was made by an earlier version, which told"
    )


def test_the_carbon_cost_paid_adds_up_by_place_and_by_technology() -> None:
    accounts = run_tables(2026)["accounts"].head(3)
    accounts = accounts.assign(country=["DEU", "DEU", "IND"], carbon_cost=[3.0e9, -1.0e9, 0.5e9])
    told = {(row[0], row[1]): row[3] for row in rows_of(on_carbon(example((2026,), accounts=accounts)))}
    assert told["region", "Europe"] == told["country", "Germany"] == 2.0
    assert told["country", "India"] == 0.5
    assert sum(value for (by, _), value in told.items() if by == "technology") == pytest.approx(2.5)


# --- scarcity, grades, stock ------------------------------------------------------------------------------------------


def test_the_dearest_limit_comes_first_and_what_goes_beyond_is_told_apart() -> None:
    table = frame(
        "year kind limit allowed used beyond price",
        (2026, "quota", "Q", 9e6, 9e6, 0.0, 0.0),
        (2026, "emission cap", "EU27", 50e6, 58e6, 8e6, 120.0),
        (2026, "biomass", "Europe charcoal", 5e6, 1e6, 0.0, 0.0),
    )
    run = example((2026,), scarcity=table)
    assert [row[:4] for row in rows_of(limits(run))][:3] == [
        ["Emission cap: EU27", "used", 2026, 50],
        ["Emission cap: EU27", "beyond the limit, at a price", 2026, 8],
        ["Emission cap: EU27", "allowed", 2026, 50],
    ]
    assert [control.labels for control in limits(run).controls] == [
        ("Emission cap: EU27", "Quota: Q", "Biomass: Europe charcoal")
    ]
    assert rows_of(prices(run)) == [["Emission cap: EU27", 2026, 120]]


def test_premiums_are_means_of_purchases_and_buyers_are_called_by_their_area() -> None:
    table = frame(
        "year origin threshold willingness premium amount",
        (2026, "DEU", 0.4, 80.0, 20.0, 1e6),
        (2026, "IND", 0.4, 80.0, 60.0, 3e6),
        (2026, "IND", 0.3, 10.0, 10.0, 1e6),
    )
    demand = {"premiums": {"EU": {"2025": 70.0, "2027": 90.0}}, "low_carbon_threshold": 0.4}
    run = example((2026,), {"scenario": {"demand": demand}}, grades=table)
    told = {(row[0], row[1]): row[3] for row in rows_of(grades(run))}
    assert told["sold, by buyer", "EU"] == 4
    assert told["sold, by buyer", "up to 0.3 tCO2/t, 10 USD/t"] == 1
    assert told["premium, by buyer", "EU"] == 50  # (20 x 1 + 60 x 3) / 4
    assert told["premium, by buyer", "EU, would pay"] == 80
    seen, told_apart = narrowed(run, Filters(country=("DEU",)))
    assert seen["grades"]["origin"].tolist() == ["DEU"]
    assert not told_apart.parts


def test_scrap_that_arises_is_that_of_the_table() -> None:
    run = example((2025,))
    told = {row[1]: row[3] for row in rows_of(arising(run)) if row[0] == "World"}
    assert [told[name] for name in list(told)[:4]] == pytest.approx([1.8, 1.8, 7.2, 1.8])
    used = run["supply"].query("commodity == 'scrap'")["amount"].sum() / 1e6
    assert told["bought by the works"] == pytest.approx(used, rel=1e-4)


# --- new sites --------------------------------------------------------------------------------------------------------


def test_a_project_is_considered_announced_built_and_run() -> None:
    every = projects(example())
    bahia = every[every["site"] == "BRA-Bahia"].set_index("year")["stage"]
    assert bahia.to_dict() == {
        2026: "considered", 2027: "announced", 2028: "announced", 2029: "under construction", 2030: "operating",
    }  # fmt: skip
    assert every[every["site"] == "DEU"].set_index("year")["stage"].to_dict() == {2025: "considered", 2026: "dropped"}
    assert set(every["country"]) == {"BRA", "DEU"}
    assert projects(narrowed(example(), Filters(country=("DEU",), first=2026))[0])["stage"].tolist() == ["dropped"]


def test_stages_are_counted_drawn_at_the_site_and_told_with_their_worth() -> None:
    run = example()
    told = {(row[1], row[2]): row[3] for row in rows_of(lifecycle(run)) if row[0] == "all, by stage"}
    assert (told["under construction", 2029], told["operating", 2030], told["considered", 2030]) == (1, 1, 0)
    assert not any(series == "dropped" for series, _ in told)
    places = [row[2:8] for row in rows_of(site_map(run)) if row[0] == "projects by stage" and row[1] == "2030"]
    assert places == [["operating", "Bahia", "Brazil", -42, -12, "SCRAP-EAF"]]
    history = [row for row in rows_of(npvs(run)) if row[0] == "Bahia (built)"]
    assert [(row[2], row[3], row[4]) for row in history] == [
        (2026, 60, "considered"), (2027, 70, "announced"), (2028, 80, "not needed yet"), (2029, 90, "building begins"),
    ]  # fmt: skip


def test_the_cheapest_sites_come_first_with_their_own_cost_beside() -> None:
    rows = [row for row in rows_of(energy(example())) if row[:2] == ["hydrogen, USD/kg", "2025"]]
    assert [row[2:5] for row in rows] == [
        ["a new plant pays", "Bahia", 1.5], ["a new plant pays", "Kutch", 2.5], ["a new plant pays", "Germany", 3.5],
        ["LCOH made at the site", "Bahia", 2], ["LCOH made at the site", "Kutch", 3],
        ["LCOH made at the site", "Germany", 4],
    ]  # fmt: skip


def test_founded_plants_stand_on_the_map_of_plants_and_have_a_page(client: Client, finished_run: Run) -> None:
    (made,) = map_charts(open_run(finished_run.path))
    founded = [row for row in rows_of(made) if row[2] == "Bahia, new 2030"]
    assert [row[:1] + row[3:6] for row in founded] == [["2030", "Brazil", -42, -12]]
    page = client.get(f"/explore/{finished_run.key}/plants/{FOUNDED}/").content.decode()
    assert "Founded by this run at a candidate site" in page
    assert "-12.00, -42.00" in page
    assert "After the announcement it waited: not needed yet (2028)." in page


def test_works_that_a_country_adds_stand_at_one_place_of_it_and_say_so() -> None:
    added = run_tables(2025)["production"].assign(plant="NEW-IND-2025")
    (made,) = map_charts(example((2025,), production=added[added["technology"] == "EAF"].head(1)))
    assert [row[1:6] for row in rows_of(made)] == [
        ["Electric arc furnace, new works, site not known", "India, new 2025", "Germany", 79.6, 22.9]
    ]


# --- what held decisions back -----------------------------------------------------------------------------------------


def test_a_decision_is_held_back_by_the_limit_of_its_best_refused_course() -> None:
    table = frame(
        "year furnace_group route npv refused_by",
        *[(2026, "G1", "A", 90.0, "treasury"), (2026, "G1", "B", 50.0, "metallics"), (2026, "G1", "C", 40.0, "")],
        *[(2026, "G2", "A", 30.0, "metallics"), (2026, "G2", "C", 40.0, "")],  # took something better
        *[(2026, "G3", "A", -5.0, "metallics"), (2026, "SITE-DEU", "A", 70.0, "announced")],
        (2026, "SITE-DEU", "B", 60.0, "not needed yet"),
    )
    told = {(row[0], row[1]): row[3] for row in rows_of(held_back(example((2026,), candidates=table)))}
    best, every = (label for label in dict.fromkeys(key for key, _ in told))
    assert {name: n for (kind, name), n in told.items() if kind == best} == {"treasury": 1, "not needed yet": 1}
    assert {name: n for (kind, name), n in told.items() if kind == every} == {
        "treasury": 1, "not needed yet": 1, "metallics": 2,
    }  # fmt: skip


# --- what a run lacks -------------------------------------------------------------------------------------------------


def test_a_figure_whose_table_is_missing_says_why(client: Client, finished_run: Run) -> None:
    for table in LATER:
        shutil.rmtree(finished_run.path / "tables" / table)
    said = {
        "support": "Not recorded: this run was made by an earlier version.",
        "support-bought": "Not recorded",
        "scarcity": "Not recorded",
        "scarcity-price": "Not recorded",
        "grades": "Not recorded",
        "steel-in-use": "This run takes scrap from a table",
        "scrap-arising": "This run takes scrap from a table",
        "site-map": "This run founds no plants at sites. A scenario does with “Plants at sites with own",
        "site-energy": "This run founds no plants at sites",
        "site-trend": "This run founds no plants at sites",
    }
    for name, words in said.items():
        document = chart(client, finished_run, name)
        assert document["is_empty"], name
        assert document["empty"].startswith(words), name
        assert downloaded(client, finished_run, name)[1] == [], name
    lost = chart(client, finished_run, "stranded")
    assert "Debt written off is not recorded" in lost["summary"]
    assert lost["empty"] == "Debt written off is not recorded, and nothing ended before its campaign."


def lacking(run: RunTables, table: str) -> RunTables:
    """The run without a table that a run may lack: empty when it is asked for."""

    class Tables(dict[str, pd.DataFrame]):
        def __missing__(self, key: str) -> pd.DataFrame:
            return run[key].head(0)

    return RunTables(Tables({k: v for k, v in run.tables.items() if k != table}), run.labels, run.document, run.years)


def test_debt_that_is_not_recorded_is_not_shown_as_nothing() -> None:
    decided = frame(
        "year furnace_group plant country decision start reason",
        (2025, "P3-BF-1", "P3", "IND", "close", 2026, "a loss of 30 USD/t after debt this year"),
    )
    views = stranded(lacking(example((2025,), decisions=decided), "write_offs")).views
    said = {key: views[f"{key}|region"]["layout"]["annotations"][0]["text"] for key in ("debt", "replaced")}
    assert said == {
        "debt": "Debt written off is not recorded", "replaced": "None in the chosen part of this run."
    }  # fmt: skip


def test_an_option_that_was_taken_by_an_earlier_version_is_not_recorded() -> None:
    run = example((2025,), {"scenario": {"siting": {"enabled": True}}})
    assert chart_of(lacking(run, "site_energy"), "site-energy", Filters()).empty.startswith("Not recorded")
    gone = example((2025,), run.document, site_energy=run["site_energy"].head(0))
    assert chart_of(gone, "site-energy", Filters()).empty.startswith("No site lies")  # the table is there


def test_the_plant_page_says_how_owners_choose_in_this_run() -> None:
    def said(**decisions: Any) -> str:
        return choosing(example((2025,), {"scenario": {"decisions": decisions}}))

    assert said(mode="probabilistic", choice_scale=50.0) == DRAWN
    assert said(mode="deterministic") == said(mode="probabilistic", choice_scale=0.0) == DETERMINED
    assert "highest NPV" not in DRAWN


def test_every_new_table_of_the_example_is_narrowed_by_country_where_it_can_be(finished_run: Run) -> None:
    run = open_run(finished_run.path)
    seen, _ = narrowed(run, Filters(country=("BRA",)))
    units = set(seen["candidates"]["furnace_group"])
    assert "SITE-BRA-Bahia" in units
    assert "SITE-DEU" not in units
    assert set(seen["site_energy"]["site"]) == {"BRA-Bahia"}
    assert np.array_equal(read_table(finished_run.path, "site_energy"), run["site_energy"])
