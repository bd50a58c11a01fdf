"""The report is one file that needs nothing else: it opens without a network, and shows what the tables say."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect, sync_playwright

from steeliq.errors import RunError
from steeliq.simulation.results import SCHEMA, read_table, write_year
from steeliq.simulation.results.differences import differences_from_preset
from steeliq.simulation.results.fingerprint import short_hash
from steeliq.simulation.results.labels import Labels
from steeliq.simulation.results.provenance import read_run_json, write_run_json
from steeliq.simulation.results.report import theme, write_report
from steeliq.simulation.results.report.charts import Chart
from steeliq.simulation.results.report.charts_costs import cost_curve, cost_stack
from steeliq.simulation.results.report.charts_decisions import limit_unit
from steeliq.simulation.results.report.charts_emissions import intensity
from steeliq.simulation.results.report.charts_map import project
from steeliq.simulation.results.report.charts_trade import trade_charts
from steeliq.simulation.results.report.key_figures import NEAR_ZERO, key_figures
from steeliq.simulation.results.report.page import charts_of, read_run
from steeliq.simulation.scenario.files import differences as scenario_differences
from steeliq.simulation.scenario.files import load_scenario, preset_names
from tests.results_example import COST, COUNTRIES, YEARS, example_provenance, run_tables, write_run

type Floats = NDArray[np.float64]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WITHOUT_NETWORK = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_run(tmp_path_factory.mktemp("run"))
    write_report(folder)
    return folder


@pytest.fixture(scope="module")
def charts(run: Path) -> dict[str, Chart]:
    return {chart.id: chart for chart in charts_of(read_run(run))}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("Chromium is missing: install it (Debian: apt-get install chromium) and put it on the PATH")
    with sync_playwright() as playwright:
        # Playwright gives every start a fresh profile.
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(WITHOUT_NETWORK))
        yield started
        started.close()


@dataclass
class Opened:
    """A page and all it complained about or asked for."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def opened(browser: Browser, path: Path, scheme: Any = "light", width: int = 1280) -> Opened:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True)
    found = Opened(page)
    page.on("console", lambda message: found.messages.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: found.messages.append(f"error: {error}"))
    page.on("request", lambda request: found.requests.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("steeliq.drawAll()")
    return found


@pytest.fixture(scope="module")
def shared(run: Path, browser: Browser) -> Opened:
    """The example's report, opened once; tests that use it touch different charts or only read."""
    return opened(browser, run / "report.html")


def world(run: Path, table: str, column: str, **where: object) -> pd.Series:
    frame = read_table(run, table)
    for key, value in where.items():
        frame = frame[frame[key] == value]
    return frame.groupby("year")[column].sum()


def test_every_chart_has_title_unit_source_and_a_summary(charts: dict[str, Chart]) -> None:
    assert len(charts) >= 18
    for chart in charts.values():
        assert all((chart.title, chart.unit, chart.source, chart.summary, chart.empty)), chart.id
        assert not chart.is_empty, chart.id


def test_every_frame_of_a_chart_can_be_reached_by_its_controls(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        positions = [list(control.values) for control in chart.controls]
        keys = ["|".join(position) for position in itertools.product(*positions)]
        assert set(chart.frames) == (set(keys) if chart.controls else set()), chart.id


def test_bars_add_up_to_the_tables(run: Path, charts: dict[str, Chart]) -> None:
    def total(chart: str) -> list[float]:
        return list(np.sum([trace["y"] for trace in charts[chart].traces], axis=0))

    steel = world(run, "production", "production", product="crude_steel") / 1e6
    assert total("production-steel") == pytest.approx(steel.tolist(), rel=1e-4)
    assert total("emissions-technology") == pytest.approx((world(run, "emissions", "scope1") / 1e6).tolist(), rel=1e-4)
    assert total("decisions-kind") == pytest.approx((world(run, "decisions", "capacity") / 1e6).tolist(), rel=1e-4)
    assert total("investment") == pytest.approx((world(run, "decisions", "investment") / 1e9).tolist(), rel=1e-4)


def test_the_cost_curve_is_in_order_of_cost_and_as_wide_as_the_fleet(run: Path, charts: dict[str, Chart]) -> None:
    for year in YEARS:
        bars = [trace for trace in charts["cost-curve"].frames[str(year)] if trace["type"] == "bar"]
        blocks = sorted((x, y, w) for t in bars for x, y, w in zip(t["x"], t["y"], t["width"], strict=True))
        assert [y for _, y, _ in blocks] == sorted(y for _, y, _ in blocks)
        assert blocks[0][0] == pytest.approx(blocks[0][2] / 2)
        capacity = world(run, "production", "capacity", product="crude_steel")[year] / 1e6
        assert sum(width for _, _, width in blocks) == pytest.approx(capacity, rel=1e-4)


def test_dots_on_the_map_add_up_to_production(run: Path, charts: dict[str, Chart]) -> None:
    steel = world(run, "production", "production", product="crude_steel") / 1e6
    for year in YEARS:
        dots = charts["map"].frames[str(year)]
        assert sum(row[-1] for trace in dots for row in trace["customdata"]) == pytest.approx(steel[year], rel=1e-4)


def test_the_map_tells_places_and_draws_stand_ins_as_rings(run: Path, charts: dict[str, Chart]) -> None:
    plants = pd.read_parquet(run / "reference" / "plants.parquet").set_index("name")
    assert charts["map"].columns[2:] == ("plant", "country", "longitude", "latitude", "Mt")
    for trace in charts["map"].frames["2025"]:
        hollow = trace["marker"].get("symbol") == "circle-open"
        assert hollow == trace["name"].endswith("stand-in for unlisted small plants")
        for name, country, longitude, latitude, _ in trace["customdata"]:
            place = plants.loc[name]
            assert (longitude, latitude) == (place["longitude"], place["latitude"])
            assert country == COUNTRIES[place["country"]][0]
            assert hollow == place["synthetic"]
    assert any(trace["marker"].get("symbol") == "circle-open" for trace in charts["map"].frames["2025"])


def test_the_matrix_holds_all_trade_between_countries(run: Path, charts: dict[str, Chart]) -> None:
    flows = read_table(run, "flows", [2027])
    abroad = flows[(flows["origin"] != flows["destination"]) & (flows["commodity"] == "crude_steel")]["amount"].sum()
    matrix = charts["trade"].frames["crude_steel|2027"][0]["z"]
    assert sum(value for row in matrix for value in row if value is not None) == pytest.approx(abroad / 1e6, rel=1e-4)


def test_little_trade_is_told_in_words(run: Path, charts: dict[str, Chart]) -> None:
    trade = charts["trade"]
    (words,) = trade.views["scrap|2025"]["layout"]["annotations"]
    assert words["text"] == "Scrap in 2025: 0.4 Mt cross a border, too little for a matrix."
    assert [trade.frames[f"scrap|{year}"][0]["visible"] for year in (2025, 2026)] == [False, True]
    assert trade.views["scrap|2026"]["note"] == "Scrap in 2026: 2.50 Mt in all."


def test_the_matrix_names_the_largest_of_each_year(run: Path) -> None:
    whole = read_run(run)
    codes = [f"A{number:02d}" for number in range(30)]
    # Each country ships to the next; what is large in one year is small in the other.
    flows = pd.DataFrame(
        [
            (year, "iron_ore", a, b, 1e6 * (rank if year == 2025 else 30 - rank) ** 3, 0.0, 0.0, 0.0, 0.0)
            for year in (2025, 2026)
            for rank, (a, b) in enumerate(itertools.pairwise(codes))
        ],
        columns=list(SCHEMA["flows"].names),
    )
    (trade,) = trade_charts(replace(whole, tables={**whole.tables, "flows": flows}, years=(2025, 2026)))
    assert trade.frames["iron_ore|2025"][0]["y"][0] == "A28"
    assert trade.frames["iron_ore|2026"][0]["y"][0] == "A00"
    assert len(trade.frames["iron_ore|2025"][0]["y"]) == 13
    total = sum(rank**3 for rank in range(29))
    others = 100 * sum(rank**3 for rank in range(17)) / total
    assert f"Others to others: {others:.1f} % of it." in trade.views["iron_ore|2025"]["note"]


def test_steel_carries_the_full_cost_of_its_hot_metal(charts: dict[str, Chart]) -> None:
    for year in YEARS:
        bars = {
            trace["name"]: dict(zip(trace["x"], trace["y"], strict=True))
            for trace in charts["cost-stack"].frames[str(year)]
        }
        # Every blast furnace of the example has the same cost; a tonne of BOF steel takes 0.9 t of hot metal.
        assert bars["hot metal and hot DRI"]["Basic oxygen<br>furnace"] == pytest.approx(0.9 * sum(COST.values()))
        assert bars["hot metal and hot DRI"]["Blast furnace"] == 0


def test_furnaces_that_hardly_run_do_not_press_the_others_flat(run: Path, charts: dict[str, Chart]) -> None:
    whole = read_run(run)
    costs = whole["costs"].copy()
    idle = (costs["technology"] == "IF") & (costs["year"] == 2030)
    costs.loc[idle, "production"] = 1.0
    again = cost_stack(replace(whole, tables={**whole.tables, "costs": costs}))
    assert again.layout["yaxis"]["range"] == charts["cost-stack"].layout["yaxis"]["range"]
    shown = sum(trace["y"][trace["x"].index("Induction<br>furnace")] for trace in again.frames["2030"])
    assert shown > 1e6


def test_a_group_without_a_levelised_cost_is_left_out_of_the_curve(run: Path) -> None:
    whole = read_run(run)
    accounts = whole["accounts"].copy()
    accounts.loc[(accounts["furnace_group"] == "P5-IF-1") & (accounts["year"] == 2025), "lcos"] = np.nan
    curve = cost_curve(replace(whole, tables={**whole.tables, "accounts": accounts}))
    assert "Induction furnace" not in {trace["name"] for trace in curve.frames["2025"]}
    assert "Induction furnace" in {trace["name"] for trace in curve.frames["2026"]}


def test_units_follow_the_choice(charts: dict[str, Chart]) -> None:
    limits, forecasts = charts["limits"], charts["forecasts"]
    assert {key: view["unit"] for key, view in limits.views.items()} == {
        "metallics": "Mt/yr of metallics",
        "steel switches": "Mt/yr of capacity",
        "CO2 storage Europe": "Mt CO2/yr",
    }
    assert {key: view["unit"] for key, view in forecasts.views.items()} == {
        "steel price": "USD/t",
        "scrap price": "USD/t",
        "committed steel capacity": "Mt/yr",
    }
    for chart in (limits, forecasts):
        for key, frame in chart.frames.items():
            assert {unit for trace in frame for (unit,) in trace["customdata"]} == {chart.views[key]["unit"]}


@pytest.mark.parametrize(
    ("limit", "unit"),
    [("biomass India charcoal", "Mt/yr of charcoal"), ("biomass X natural_gas", "PJ/yr of natural gas")],
)
def test_biomass_limits_are_in_the_unit_of_their_commodity(run: Path, limit: str, unit: str) -> None:
    whole = read_run(run)
    commodities = pd.concat(
        [whole.labels.tables["commodities"], pd.DataFrame([{"commodity": "charcoal", "name": "Charcoal", "unit": "t"}])]
    )
    labels = Labels({**whole.labels.tables, "commodities": commodities})
    assert limit_unit(replace(whole, labels=labels), limit) == unit


def test_what_closures_release_is_drawn_below_zero(charts: dict[str, Chart]) -> None:
    storage = {trace["name"]: trace["y"] for trace in charts["limits"].frames["CO2 storage Europe"]}
    assert storage["approved"] == [1.2, 1.2, 1.2, 0, 0, 0]
    assert storage["released"] == [0, 0, 0, -0.7, -0.7, -0.7]
    assert "Released" in charts["limits"].views["CO2 storage Europe"]["note"]
    assert "released" not in {trace["name"] for trace in charts["limits"].frames["steel switches"]}


def test_the_boundary_of_the_intensities_is_explained(charts: dict[str, Chart]) -> None:
    chart = charts["intensity"]
    assert set(chart.views) == set(chart.frames)
    assert "0.504 t CO2 per MWh" in chart.views["worldsteel"]["note"]
    assert all("0.504" not in view["note"] for name, view in chart.views.items() if name != "worldsteel")


def test_other_steel_is_drawn_only_in_years_in_which_it_counts(run: Path) -> None:
    whole = read_run(run)
    table = whole["intensities"]
    steel = table[table["route"] == "world"].assign(route="other", intensity=3.0)
    share = steel["year"].map(lambda year: 0.03 if year >= 2028 else 0.01)
    other = steel.assign(production=steel["production"] * share)
    tables = {**whole.tables, "intensities": pd.concat([table, other], ignore_index=True)}
    for frame in intensity(replace(whole, tables=tables)).frames.values():
        drawn = {trace["name"]: trace["x"] for trace in frame}
        assert drawn["other"] == [2028, 2029, 2030]
        assert drawn["world"] == list(YEARS)


def test_steel_straight_from_ore_counts_as_near_zero(run: Path) -> None:
    whole = read_run(run)
    made, charges, technologies = whole["production"], whole["charges"], whole.labels.tables["technologies"]
    steel = made[(made["year"] == 2030) & (made["technology"] == "IF")].assign(technology="MOE", production=30e6)
    ore = charges[(charges["year"] == 2030) & (charges["technology"] == "IF")]
    ore = ore.assign(technology="MOE", commodity="iron_ore", amount=48e6)
    moe = technologies[technologies["technology"] == "IF"].assign(technology="MOE", near_zero=True)
    tables = {**whole.tables, "production": pd.concat([made, steel]), "charges": pd.concat([charges, ore])}
    labels = Labels({**whole.labels.tables, "technologies": pd.concat([technologies, moe])})
    with_moe = replace(whole, tables=tables, labels=labels)
    iron = made[(made["year"] == 2030) & (made["product"] != "crude_steel")]
    clean = iron.loc[iron["technology"].isin(["BF_CCS", "DRI_H2"]), "production"].sum()
    share = 100 * (clean + 30e6) / (iron["production"].sum() + 30e6)
    assert {figure.name: figure for figure in key_figures(with_moe)}[NEAR_ZERO].value == f"{share:.1f}"


def test_a_run_is_compared_with_the_preset_whose_name_it_bears() -> None:
    chosen = load_scenario("net-zero-2050", ["carbon.scenario=current", "scrap.factor=1.1", "trade.bans=false"])
    document = json.loads(
        json.dumps({"scenario": chosen.model_dump(), "differences": scenario_differences(chosen)}, default=str)
    )
    named, rows = differences_from_preset(document)
    assert named == "the preset net-zero-2050"
    assert rows.pop("carbon.scenario") == "current"
    assert rows.pop("trade.bans") == "false"
    (changed,) = rows.items()
    assert changed[0].startswith("scrap.factor")
    assert "1.1" in changed[1]
    for name in preset_names():
        plain = load_scenario(name)
        same = {"scenario": plain.model_dump(mode="json"), "differences": scenario_differences(plain)}
        assert differences_from_preset(json.loads(json.dumps(same, default=str))) == (f"the preset {name}", {})


def test_the_first_differences_stand_under_the_title(tmp_path: Path) -> None:
    document = example_provenance([2025])
    write_run(tmp_path, [2025])
    document["differences"] = {f"setting{number}": f"<{number}>" for number in range(10)}
    write_run_json(tmp_path, document)
    page = write_report(tmp_path).read_text(encoding="utf-8")
    intro = page.split('<p class="differs">')[1].split("</p>")[0]
    assert intro.startswith("<b>Differs from the reference scenario:</b> setting0 = &lt;0&gt;; ")
    assert intro.endswith('setting7 = &lt;7&gt;; <a href="#provenance">and 2 more</a>')
    document["differences"] = {"name": "Example"}
    write_run_json(tmp_path, document)
    assert 'class="differs"' not in write_report(tmp_path).read_text(encoding="utf-8")


def test_key_figures_are_those_of_the_tables(run: Path) -> None:
    figures = {figure.name: figure for figure in key_figures(read_run(run))}
    scope1 = world(run, "emissions", "scope1")
    change = 100 * (scope1[2030] / scope1[2025] - 1)
    assert figures["Change of scope 1"].value == f"\N{MINUS SIGN}{abs(change):.0f}"
    made = read_table(run, "production", [2030])
    steel = made[made["product"] == "crude_steel"]
    share = 100 * steel.loc[steel["technology"] == "BOF", "production"].sum() / steel["production"].sum()
    assert figures["BOF share of steel"].value == f"{share:.1f}"
    assert figures["Unmet demand"].bad
    assert figures["Unmet demand"].detail == "worst year 2027"
    assert figures["Audit, worst residual"].value == "3.3e-09"


def test_the_projection_keeps_the_proportions_of_equal_earth() -> None:
    x, y = project(np.array([0.0, 180.0, -180.0]), np.array([90.0, 0.0, 0.0]))
    assert x[1:].tolist() == pytest.approx([100.0, -100.0])
    # Height over width of Equal Earth is 0.48665.
    assert y[0] / 100.0 == pytest.approx(0.48665, abs=1e-4)


def test_the_file_is_small_and_names_no_address_to_load(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 9_000_000
    assert "default-src 'none'" in page
    own = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"https?://", own)
    assert not re.findall(r"<(?:link|img|iframe|object|embed)\b|\bsrc=|@import|url\(", own)


def test_the_page_opens_without_complaint_and_without_a_request(run: Path, shared: Opened) -> None:
    found = shared
    drawn = found.page.eval_on_selector_all(".plot .main-svg:first-child", "items => items.length")
    assert drawn == found.page.eval_on_selector_all("figure.card", "items => items.length")
    assert found.messages == []
    assert found.requests == [(run / "report.html").as_uri()]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 420)])
def test_nothing_runs_out_of_the_page(run: Path, browser: Browser, scheme: str, width: int) -> None:
    page = opened(browser, run / "report.html", scheme, width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert (
        page.evaluate("getComputedStyle(document.body).color")
        == {
            "light": "rgb(31, 35, 40)",
            "dark": "rgb(230, 233, 236)",
        }[scheme]
    )


def test_the_theme_button_turns_page_and_charts(run: Path, browser: Browser) -> None:
    page = opened(browser, run / "report.html").page
    fill = "document.querySelector('#production-steel .plot').data[0].marker.color"
    assert page.evaluate(fill) == theme.PALETTE["light"]["$slate"]
    page.click("#theme")
    assert page.evaluate(fill) == theme.PALETTE["dark"]["$slate"]


def test_the_year_slider_moves_the_cost_curve(shared: Opened, charts: dict[str, Chart]) -> None:
    page = shared.page
    slider = page.locator("#cost-curve input[type=range]")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.text_content("#cost-curve output") == "2029"
    shown = page.evaluate("document.querySelector('#cost-curve .plot').data.map(t => [t.name, t.y])")
    expected = [[trace["name"], trace["y"]] for trace in charts["cost-curve"].frames["2029"]]
    assert shown == expected
    assert expected != [[trace["name"], trace["y"]] for trace in charts["cost-curve"].frames["2025"]]


def test_a_choice_changes_what_is_drawn(shared: Opened) -> None:
    page = shared.page
    first = page.evaluate("document.querySelector('#prices .plot').data[0].y[0]")
    page.select_option("#prices select", label="Scrap")
    assert page.evaluate("document.querySelector('#prices .plot').data[0].y[0]") == pytest.approx(first - 260, abs=10)


def test_a_choice_changes_unit_note_and_words(shared: Opened) -> None:
    page = shared.page
    page.select_option("#limits select", label="CO2 storage Europe")
    assert page.text_content("#limits h3 .unit") == ", Mt CO2/yr"
    assert "Released:" in str(page.text_content("#limits .note"))
    title = "document.querySelector('#limits .plot').layout.yaxis.title.text"
    assert page.evaluate(title) == "Mt CO2/yr"
    page.select_option("#limits select", label="steel switches")
    assert page.evaluate(title) == "Mt/yr of capacity"
    assert "Released:" not in str(page.text_content("#limits .note"))
    page.select_option("#trade select", label="Scrap")
    assert "too little for a matrix" in page.inner_text("#trade .plot")


def test_the_table_shows_the_points_that_are_drawn(shared: Opened) -> None:
    page = shared.page
    page.click("#production-iron button[data-do=table]")
    rows = page.eval_on_selector_all(
        "#production-iron tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    drawn = page.evaluate(
        "document.querySelector('#production-iron .plot').data.flatMap(t => t.x.map((x, i) => [t.name, x, t.y[i]]))"
    )
    assert rows == [[str(cell) for cell in row] for row in drawn]
    assert page.get_attribute("#production-iron button[data-do=table]", "aria-pressed") == "true"


def test_a_legend_entry_hides_its_series(shared: Opened) -> None:
    page = shared.page
    page.click("#capacity-steel .legend button:has-text('Electric arc furnace')")
    hidden = "document.querySelector('#capacity-steel .plot').data.filter(t => t.visible === false).map(t => t.name)"
    assert page.evaluate(hidden) == ["Electric arc furnace"]


@pytest.mark.parametrize("chart", ["production-steel", "cost-curve", "trade", "map", "prices"])
def test_the_csv_behind_a_chart_holds_every_point_of_every_frame(
    run: Path, shared: Opened, charts: dict[str, Chart], chart: str
) -> None:
    page = shared.page
    with page.expect_download() as download:
        page.click(f"#{chart} button[data-do=csv]")
    assert download.value.suggested_filename == f"{chart}-{short_hash(read_run_json(run))}.csv"
    written = Path(download.value.path()).read_bytes()
    assert written.startswith(codecs.BOM_UTF8)
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))
    spec = charts[chart]
    frames = spec.frames.values() if spec.controls else [spec.traces]
    points = 0
    for frame in frames:
        for trace in frame:
            if trace["type"] == "heatmap":
                points += sum(value is not None for row in trace["z"] for value in row)
            elif not trace.get("meta", {}).get("ground"):
                points += len(trace["x"])
    assert rows[0] == list(spec.columns)
    assert len(rows) - 1 == points
    assert {len(row) for row in rows} == {len(spec.columns)}


@pytest.mark.parametrize(("format_", "begins"), [("png", b"\x89PNG"), ("svg", b"<svg")])
def test_a_chart_can_be_saved_as_a_picture(run: Path, shared: Opened, format_: str, begins: bytes) -> None:
    page = shared.page
    with page.expect_download() as download:
        page.click(f"#emissions-scope button[data-do={format_}]")
    assert download.value.suggested_filename == f"emissions-scope-{short_hash(read_run_json(run))}.{format_}"
    assert Path(download.value.path()).read_bytes().startswith(begins)


def test_a_run_of_one_year_without_decisions_says_what_is_missing(tmp_path: Path, browser: Browser) -> None:
    nothing = {"decisions", "candidates", "limits", "forecasts"}
    tables = {name: frame.head(0) if name in nothing else frame for name, frame in run_tables(2026).items()}
    write_year(tmp_path, 2026, tables)
    write_run_json(tmp_path, example_provenance([2026]))
    found = opened(browser, write_report(tmp_path))
    assert found.messages == []
    assert "No decisions in this run" in found.page.inner_text("#decisions-kind")
    assert "No forecasts in this run." in found.page.inner_text("#forecasts")
    assert "No plant of this run has coordinates." in found.page.inner_text("#map")
    drawn, plot = (found.page.locator(f"#production-steel {part}").first for part in (".bars .point path", ".plot"))
    assert drawn.evaluate("bar => bar.getBBox().width") < plot.evaluate("box => box.clientWidth") / 4
    assert found.page.locator("#cost-curve input[type=range]").is_disabled()


def test_every_table_may_be_empty(tmp_path: Path, browser: Browser) -> None:
    write_year(tmp_path, 2026, {name: frame.head(0) for name, frame in run_tables(2026).items()})
    write_run_json(tmp_path, example_provenance([2026]))
    found = opened(browser, write_report(tmp_path))
    assert found.messages == []
    figures = found.page.locator("figure.card").count()
    assert found.page.locator("figure.card[data-empty]").count() == figures


def test_a_run_that_broke_a_law_says_so_first(tmp_path: Path, browser: Browser) -> None:
    write_run(tmp_path, [2025])
    tables = run_tables(2025)
    tables["audit"].loc[1, ["residual", "passed"]] = [0.25, False]
    write_year(tmp_path, 2025, tables)
    page = opened(browser, write_report(tmp_path)).page
    assert "broke a law of its audit" in page.inner_text(".banner")
    assert "2.5e-01" in page.inner_text(".tile.bad:has-text('Audit')")
    assert page.inner_text("#audit tr:has-text('iron balance') td:last-child") == "FAILED"


def test_a_hostile_name_stays_a_name(tmp_path: Path, browser: Browser) -> None:
    write_run(tmp_path, [2025])
    document = example_provenance([2025])
    document["scenario"]["name"] = "</script><script>window.broken = 1</script>"
    write_run_json(tmp_path, document)
    plants = pd.read_parquet(tmp_path / "reference" / "plants.parquet")
    plants["name"] = "</script><img src=x onerror='window.broken = 1'><a href='https://x.example/'>one &lt; two</a>"
    plants.to_parquet(tmp_path / "reference" / "plants.parquet", index=False)
    found = opened(browser, write_report(tmp_path))
    found.page.locator("#map").scroll_into_view_if_needed()
    hover = """plot => { const at = plot.data.findIndex((trace) => trace.customdata && trace.customdata.length);
        Plotly.Fx.hover(plot, [{ curveNumber: at, pointNumber: 0 }]); }"""
    found.page.locator("#map .js-plotly-plot").evaluate(hover)
    shown = found.page.locator("#map .hoverlayer .hovertext")
    expect(shown).to_contain_text(str(plants["name"][0]))
    assert shown.locator("a").count() == 0
    found.page.click("#map button[data-do=table]")
    assert found.page.evaluate("window.broken") is None
    assert found.page.inner_text("h1") == document["scenario"]["name"]
    assert found.messages == []


def test_a_run_without_a_complete_year_is_refused(tmp_path: Path) -> None:
    write_run_json(tmp_path, example_provenance([2025]))
    with pytest.raises(RunError, match="no complete year"):
        write_report(tmp_path)


def test_every_technology_of_a_chart_looks_different() -> None:
    for looks in (theme.TECHNOLOGIES, theme.ROUTES, theme.CHARGES, theme.ITEMS, theme.CARRIERS, theme.DECISIONS):
        assert len(set(looks.values())) == len(looks)
    assert set(SCHEMA["costs"].columns[3].description.split("; ")) == set(theme.ITEMS)


def test_countries_differ_in_colour_dash_and_marker() -> None:
    for channel in ("colour", "dash", "symbol"):
        assert len({getattr(stroke, channel) for stroke in theme.COUNTRIES}) == len(theme.COUNTRIES)
    # What holds for the hues below holds for the lines, if each has a hue of its own and none is almost black.
    assert {stroke.colour for stroke in theme.COUNTRIES} <= set(theme.HUES) - {theme.WORLD, "$ink", "$green"}
    steel = [theme.TECHNOLOGIES[technology].colour for technology in ("BOF", "OHF", "EAF", "IF", "MOE")]
    assert len(set(steel)) == len(steel)  # dots on the map have no pattern


VISIONS: dict[str, Floats] = {  # Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> Floats:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: Floats) -> Floats:
    """CIE L*a*b* (D65) of linear sRGB."""
    matrix = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = matrix @ np.clip(rgb, 0.0, 1.0) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: Floats, two: Floats) -> float:
    """CIEDE2000 (Sharma, Wu and Dalal 2005) with unit weights."""
    mean_chroma = (np.hypot(one[1], one[2]) + np.hypot(two[1], two[2])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7))
    c1, c2 = np.hypot(one[1] * stretch, one[2]), np.hypot(two[1] * stretch, two[2])
    h1 = np.degrees(np.arctan2(one[2], one[1] * stretch)) % 360
    h2 = np.degrees(np.arctan2(two[2], two[1] * stretch)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    hue, light, chroma = (h1 + turn / 2) % 360, (one[0] + two[0]) / 2, (c1 + c2) / 2
    t = 1 - 0.17 * np.cos(np.radians(hue - 30)) + 0.24 * np.cos(np.radians(2 * hue))
    t += 0.32 * np.cos(np.radians(3 * hue + 6)) - 0.2 * np.cos(np.radians(4 * hue - 63))
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    rotation *= np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    dl = (two[0] - one[0]) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh))


def test_the_colour_difference_agrees_with_published_pairs() -> None:
    # Sharma, Wu and Dalal 2005, table 1, pairs 1, 7 and 25.
    assert difference(np.array([50, 2.6772, -79.7751]), np.array([50, 0, -82.7485])) == pytest.approx(2.0425, abs=1e-4)
    assert difference(np.array([50, 0, 0]), np.array([50, -1, 2])) == pytest.approx(2.3669, abs=1e-4)
    pair = np.array([60.2574, -34.0099, 36.2677]), np.array([60.4626, -34.1751, 39.4387])
    assert difference(*pair) == pytest.approx(1.2644, abs=1e-4)


@pytest.mark.parametrize("vision", list(VISIONS))
@pytest.mark.parametrize("ground", ["light", "dark"])
def test_hues_stay_apart_in_every_vision(ground: str, vision: str) -> None:
    labs = [lab(VISIONS[vision] @ linear(theme.PALETTE[ground][hue])) for hue in theme.HUES]
    assert min(difference(one, two) for one, two in itertools.combinations(labs, 2)) >= 15


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_hues_and_texts_stand_out_from_the_ground(ground: str) -> None:
    def luminance(token: str) -> float:
        return float(np.array([0.2126, 0.7152, 0.0722]) @ linear(theme.PALETTE[ground][token]))

    def contrast(token: str) -> float:
        high, low = sorted((luminance(token), luminance("$ground")), reverse=True)
        return (high + 0.05) / (low + 0.05)

    assert min(contrast(hue) for hue in theme.HUES) >= 3.0
    assert min(contrast(text) for text in ("$text", "$muted", "$bad")) >= 4.5
