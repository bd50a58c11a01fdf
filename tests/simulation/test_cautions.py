"""What to read before quoting a run: each caution is said if it is true of the run, with its numbers, and else not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from steeliq.simulation.dataset import load
from steeliq.simulation.results.estimates import estimated
from steeliq.simulation.results.report.cautions import Caution, cautions
from steeliq.simulation.results.report.charts import RunTables
from steeliq.simulation.results.report.page import charts_of, read_run, report_html
from steeliq.simulation.scenario.files import load_scenario
from steeliq.webui.guide import pages
from tests.results_example import write_run
from tests.worlds import write_tiny


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> RunTables:
    return read_run(write_run(tmp_path_factory.mktemp("run")))


def changed(run: RunTables, document: Mapping[str, Any] | None = None, **tables: pd.DataFrame) -> RunTables:
    return replace(run, tables=dict(run.tables) | tables, document=dict(run.document) | dict(document or {}))


def said(run: RunTables) -> dict[str, Caution]:
    return {one.brief: one for one in cautions(run)}


def dri(run: RunTables, coal: float) -> RunTables:
    """Steel from DRI emits 1.5 t in the first year and 2 in the last, when ``coal`` of the iron is made with coal."""
    first, last = run.years[0], run.years[-1]
    rows = [
        (year, "DRI_COAL" if of_coal else "DRI_GAS", share * 1e6)
        for year, part in ((first, 0.3), (last, coal))
        for of_coal, share in ((True, part), (False, 1 - part))
    ]
    made = pd.DataFrame(rows, columns=["year", "technology", "production"])
    mean = pd.DataFrame({"year": [first, last], "boundary": "worldsteel", "route": "DRI-EAF", "intensity": [1.5, 2.0]})
    return changed(run, production=made, intensities=mean)


def test_a_mean_that_rises_with_coal_is_explained(example: RunTables) -> None:
    told = said(dri(example, 0.5))["DRI-EAF's mean rises"]
    assert "1.50 to 2.00 tCO2e/t (2025 to 2030): coal makes 50 % of direct reduced iron instead of 30 %" in told.text
    assert "DRI-EAF's mean rises" not in said(dri(example, 0.2))


def switches(run: RunTables, *rows: tuple[int, float, float]) -> RunTables:
    frame = pd.DataFrame(rows, columns=["year", "capacity", "gain"]).assign(country="IND", decision="switch")
    return changed(run, decisions=frame)


def test_a_wave_of_switches_is_no_forecast(example: RunTables) -> None:
    wave = switches(example, (2026, 9e6, 10.0), (2028, 9e6, 20.0))
    told = said(wave)["India turns in 2026 to 2028"]
    assert "18.0 Mt/yr of steel switch within 3 years, worth only 15 USD per t/yr more" in told.text
    worth = switches(example, (2026, 9e6, 100.0), (2028, 9e6, 200.0))
    assert "worth" not in said(worth)["India turns in 2026 to 2028"].text
    few = switches(example, (2026, 1e5, 10.0))
    spread = switches(example, *((year, 4e6, 10.0) for year in example.years))
    assert not [brief for run in (few, spread) for brief in said(run) if "turns" in brief]


def flows(run: RunTables, sold: Mapping[int, float], *more: tuple[int, str, str, str, float]) -> RunTables:
    rows = [*((year, "crude_steel", "IND", "BRA", amount) for year, amount in sold.items()), *more]
    return changed(run, flows=pd.DataFrame(rows, columns=["year", "commodity", "origin", "destination", "amount"]))


def test_trade_that_moves_far_is_named(example: RunTables) -> None:
    told = said(flows(example, {2025: 1e6, 2028: 30e6, 2030: 2e6}))["Brazil's trade"]
    assert "from \N{MINUS SIGN}1.00 Mt in 2025 to \N{MINUS SIGN}30.0 in 2028" in told.text
    assert not [brief for brief in said(flows(example, {2025: 1e6, 2030: 1.1e6})) if brief.endswith("'s trade")]


def test_circles_and_countries_without_trade_come_of_one_grade(example: RunTables) -> None:
    alone = said(flows(example, {2030: 2e6}))["One grade of steel"].text
    assert "No steel crosses the border of Germany in 2030." in alone
    assert "circle" not in alone
    circle = said(flows(example, {2030: 3e6}, (2030, "crude_steel", "BRA", "DEU", 2e6)))["One grade of steel"].text
    assert "Brazil buys 3.00 Mt abroad in 2030 and sells 2.00: a circle" in circle
    assert "No steel" not in circle
    passing = (2030, "crude_steel", "BRA", "DEU", 2e5)
    assert "One grade of steel" not in said(flows(example, {2030: 3e6}, passing))


def test_estimated_inputs_are_those_that_the_scenario_uses(example: RunTables, tmp_path: Path) -> None:
    reference, tables = (
        load_scenario("reference").model_dump(mode="json"),
        dict(load(write_tiny(tmp_path / "t")).tables),
    )
    prices = tables["carbon_prices"].assign(quality="A")
    prices.loc[prices["scenario"] == "uniform_100", "quality"] = "E"
    tables["carbon_prices"] = prices
    uniform = reference | {"carbon": reference["carbon"] | {"scenario": "uniform_100"}}
    assert estimated(tables, reference).get("carbon_prices", 0.0) == 0.0
    assert estimated(tables, uniform)["carbon_prices"] == 1.0
    assert "own_energy" not in estimated(tables, reference)
    stock = reference | {"scrap": reference["scrap"] | {"source": "stock"}}
    assert "scrap_supply" not in estimated(tables, stock)
    told = said(changed(example, {"estimated": {"carbon_prices": 1.0, "steel_demand": 0.4, "prices": 0.9}}))
    assert "prices of energy and materials (90 %)" in told["Estimated inputs"].text
    assert "demand" not in told["Estimated inputs"].text
    assert "Estimated inputs" not in said(changed(example, {"estimated": {"prices": 0.1}}))


def test_every_caution_leads_to_a_figure_and_a_passage_that_exist(example: RunTables) -> None:
    siting = {
        "scenario": dict(example.document["scenario"]) | {"siting": {"enabled": True, "deployment": {"solar": 1}}}
    }
    runs = (
        changed(dri(example, 0.5), siting | {"estimated": {"prices": 1.0}}),
        switches(example, (2026, 9e6, 10.0)),
        flows(example, {2025: 1e6, 2028: 30e6}),
    )
    told = {one.brief: one for run in runs for one in cautions(run)}.values()
    assert len(told) >= 6
    figures = {chart.id for chart in charts_of(example)}
    for one in told:
        name, _, anchor = one.page.partition("#")
        page = pages.page(name)
        assert page is not None
        assert anchor in {heading.anchor for heading in page.headings}, one
        assert one.figure in figures | {""}, one


def test_the_report_says_it_and_says_nothing_without_reason(example: RunTables) -> None:
    text = report_html(changed(example, {"estimated": {"prices": 1.0}}))
    assert "Read before you quote" in text
    assert "prices of energy and materials (all rows)" in text
    quiet = changed(
        flows(example, {}), decisions=example["decisions"].head(0), intensities=example["intensities"].head(0)
    )
    assert cautions(replace(quiet, tables=dict(quiet.tables) | {"demand": example["demand"].head(0)})) == []
