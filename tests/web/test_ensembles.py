"""Ensembles in the app: designed by a form, computed by a process of their own, seen, taken away, drilled into."""

from __future__ import annotations

import csv
import io
import json
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from steeliq.ensemble import store
from steeliq.ensemble.analysis.bands import bands
from steeliq.ensemble.design import Design, check_design, design_hash, parse_design, to_toml
from steeliq.ensemble.one import SCHEMA
from steeliq.ensemble.sampling import members as members_of
from steeliq.webui.ensembles import launch
from steeliq.webui.ensembles.draft import Draft, Factor, first_draft, of_text, placed
from steeliq.webui.ensembles.estimate import estimate
from steeliq.webui.ensembles.figures import MAKERS
from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.ensembles.offers import Offer, by_name
from steeliq.webui.runs.launch import new_key
from steeliq.webui.runs.models import State
from steeliq.webui.runs.recovery import sweep
from steeliq.webui.scenarios.names import Names, names_of
from steeliq.webui.scenarios.settings import settings
from tests.web.live import Live, Watched, logged_in, wait_for

FACTORS: list[dict[str, Any]] = [
    {"name": "demand", "field": "demand.factor", "distribution": "uniform", "low": 0.5, "high": 1.5},
    {"name": "hydrogen", "field": "prices.factors.hydrogen", "distribution": "uniform", "low": 0.5, "high": 1.5},
    {"name": "carbon", "field": "carbon.scenario", "levels": ["none", "uniform_100"]},
]
YEARS = (2025, 2026, 2027)


def design_of(**values: Any) -> Design:
    table = {"name": "Example", "samples": 40, "factors": FACTORS, "settings": {"period": {"end": 2027}}}
    return check_design(table | values)


def add_ensemble(home: Path, design: Design | None = None, *, lacking: int = 0) -> Ensemble:
    """An ensemble with invented outputs: emissions are 100 x demand, 20 less with a carbon price, 10 more each year."""
    design = design or design_of()
    key = new_key()
    folder, table = home / "ensembles" / f"example-{key}", members_of(design)
    store.write_inputs(folder, design, table)
    for member, row in table.iloc[: len(table) - lacking].iterrows():
        less = 20.0 if row.get("carbon") == "uniform_100" else 0.0
        values = {"emissions.scope1": 100 * row["demand"] - less, "price.steel": 500 * row.get("hydrogen", 1.0)}
        rows = [
            (year, "world", name, "Mt CO2e" if name.startswith("em") else "USD/t", value + 10.0 * (year - 2025))
            for year in YEARS
            for name, value in values.items()
        ]
        frame = pd.DataFrame(rows, columns=SCHEMA.names)
        store.write_result(folder, int(str(member)), pa.Table.from_pandas(frame, schema=SCHEMA, preserve_index=False))
    identity = {"design": design_hash(design), "dataset": "d" * 64, "code": "c" * 64}
    document = {"status": "complete", "identity": identity, "dataset": {"name": "steel-world", "hash": "d" * 64}}
    store.write_document(folder, document | {"count": len(table), "versions": {}})
    return Ensemble.objects.create(
        key=key, name=design.name, design=to_toml(design), folder=str(folder), first_year=2025, last_year=2027,
        members=len(table), done=len(table) - lacking, state=State.DONE, seconds=60.0,
    )  # fmt: skip


@pytest.fixture
def example(home: Path) -> Ensemble:
    return add_ensemble(home)


@pytest.fixture(scope="module")
def names() -> Names:
    return names_of()


@pytest.fixture(scope="module")
def offers(names: Names) -> dict[str, Offer]:
    return by_name(names)


# The design.


def test_every_number_and_choice_of_a_scenario_can_be_varied_and_begins_with_values_that_it_takes(
    offers: dict[str, Offer],
) -> None:
    own = {"seed", "period.start", "period.end"}
    wanted = {one.place for one in settings() if one.kind in ("number", "whole", "choice", "named", "switch", "path")}
    assert wanted - own <= set(offers)
    assert {"prices.factors.hydrogen", "carbon.paths.WORLD", "support.hydrogen.WORLD"} <= set(offers)
    assert "technologies.EAF.capex_factor" in offers
    refused = {}
    for offer in offers.values():
        draft = first_draft().with_factor(offer)
        _, problems = Draft(dict(draft.texts) | {"name": "x"}, draft.factors).checked(offers)
        if problems:
            refused[offer.place] = [str(one) for one in problems]
    assert refused == {}


def test_a_design_is_the_same_after_a_way_through_the_form(offers: dict[str, Offer]) -> None:
    table = {
        "name": "All of it",
        "scenario": "net-zero-2050",
        "method": "latin_hypercube",
        "samples": 8,
        "agent_seeds": [1, 2],
        "settings": {"period": {"end": 2030}, "carbon": {"free_allocation": 0.5}},
        "factors": [
            *FACTORS[:2],
            {"field": "finance.life", "levels": [15, 20]},
            {"field": "trade.bans", "levels": [True, False]},
            {"field": "trade.freight", "distribution": "normal", "mean": 1.0, "sd": 0.1, "low": 0.5},
            {"field": "trade.tariffs", "distribution": "discrete", "values": [0.5, 1.0], "weights": [1.0, 3.0]},
            {"name": "capex", "column": "technology_costs.value", "where": {"item": "capex"},
             "distribution": "triangular", "low": 0.8, "mode": 1.0, "high": 1.5},
        ],
        "correlations": [{"factors": ["demand", "hydrogen"], "value": 0.5}],
    }  # fmt: skip
    design = check_design(table)
    again, problems = of_text(to_toml(design), offers, "").checked(offers)
    assert problems == []
    assert again is not None
    assert design_hash(again) == design_hash(design)
    draft = of_text(to_toml(design), offers, "")
    assert len(draft.factors) == 6
    assert [one["column"] for one in draft.carried["factors"]] == ["technology_costs.value"]
    assert design_hash(parse_design(draft.toml(offers, again), "text")) == design_hash(design)


def test_everything_that_is_wrong_is_told_at_its_field_at_once(offers: dict[str, Offer]) -> None:
    draft = Draft(
        {"name": "", "scenario": "reference", "method": "sobol", "samples": "many", "seed": "1", "agent_seeds": "1"},
        (
            Factor("demand.factor", {"distribution": "uniform", "low": "2", "high": "1"}),
            Factor("trade.freight", {"distribution": "normal", "mean": "1", "sd": "wide"}),
            Factor("carbon.scenario", {"distribution": "levels", "values": ""}),
        ),
    )
    design, problems = draft.checked(offers)
    at = placed(problems, draft, draft.table(offers))
    assert design is None
    assert set(at.basics) >= {"name", "samples"}
    assert {(0, "high"), (1, "sd")} <= set(at.factors) or {(0, "low"), (1, "sd")} <= set(at.factors)


def test_the_form_answers_what_an_ensemble_takes_before_it_is_begun(example: Ensemble) -> None:
    found = estimate(design_of(agent_seeds=[1, 2]), "")
    assert (found.members, found.points, found.years) == (80, 40, 3)
    assert found.seconds == pytest.approx(120.0)  # the example took 60 s for half of it
    assert example.name in found.basis


def test_a_text_that_is_no_design_is_refused_in_words_and_kept(client: Client) -> None:
    answer = client.post("/ensembles/new/", {"do": "text", "text": "name = "})
    assert answer.status_code == 422
    assert "this is not TOML" in answer.content.decode()
    assert "name = " in answer.content.decode()
    assert Ensemble.objects.count() == 0


def test_what_the_data_lacks_is_told_while_a_design_is_written(client: Client) -> None:
    text = 'name = "x"\n[[factors]]\ncolumn = "prices.prise"\nlevels = [1.0, 2.0]\n'
    answer = client.post("/ensembles/new/", {"do": "text", "text": text}).content.decode()
    assert "the table has no such column; did you mean price?" in answer


def test_what_was_typed_into_the_builder_and_not_begun_is_offered_again(client: Client, home: Path) -> None:
    sitting = "0123456789abcdef"
    form = {"do": "keep", "sitting": sitting, "scenario": "reference", "method": "latin_hypercube", "samples": "40",
            "seed": "1", "agent_seeds": "1", "text": "as the page shows it"}  # fmt: skip
    unsaved = home / "unsaved"
    assert client.post("/ensembles/new/", form).status_code == 204
    assert not list(unsaved.glob("*"))  # nothing was typed
    more = {"name": "Typed", "factor": "0", "0.field": "demand.factor", "0.distribution": "uniform", "0.low": "0.7"}
    client.post("/ensembles/new/", form | more | {"typed": "1", "text": "a design of mine"})
    assert "Take them up" not in client.get("/ensembles/new/?scenario=net-zero-2050").content.decode()
    assert f"/ensembles/new/?unsaved={sitting}" in client.get("/ensembles/new/").content.decode()
    page = client.get(f"/ensembles/new/?unsaved={sitting}").content.decode()
    for part in ('value="Typed"', 'value="0.7"', "a design of mine</textarea>", f'name="sitting" value="{sitting}"'):
        assert part in page
    client.post("/ensembles/new/", {"do": "discard"})
    assert not list(unsaved.glob("*"))
    client.post("/ensembles/new/", form | more)
    assert len(list(unsaved.glob("*"))) == 1
    whole = {"0.high": "1.2", "0.name": "demand", "do": "start", "name": "Begun"}
    assert client.post("/ensembles/new/", form | more | whole).status_code == 302
    assert not list(unsaved.glob("*"))


# Figures.


def chart(client: Client, ensemble: Ensemble, name: str, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/ensembles/{ensemble.key}/figure/{name}.json?{query}")
    assert answer.status_code == 200, answer.content[:500]
    document: dict[str, Any] = json.loads(answer.content)
    return document


@pytest.mark.parametrize("name", [*MAKERS, "parallel"])
def test_what_is_drawn_is_what_is_downloaded(client: Client, example: Ensemble, name: str) -> None:
    document = chart(client, example, name)
    if name == "indices":  # the design is no Sobol' sample
        assert "sobol" in document["empty"]
        return
    assert not document["is_empty"]
    assert document["run"] == {"what": "Ensemble", "name": "Example", "hash": design_hash(design_of())[:8]}
    answer = client.get(f"/ensembles/{example.key}/figure/{name}.csv")
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert len(rows) == document["rows"]
    assert head == document["columns"]
    assert all(len(row) == len(head) for row in rows)
    assert client.get(f"/ensembles/{example.key}/figure/{name}.xlsx").content[:2] == b"PK"


def test_the_bands_are_the_quantiles_of_the_members(client: Client, example: Ensemble) -> None:
    results = store.read_results(example.path, outputs=["emissions.scope1"])
    wanted = bands(results, "emissions.scope1", (0.05, 0.5, 0.95))
    drawn = chart(client, example, "fan")["frames"]["bands"]
    rows = {(row[0], row[1]): row[2] for trace in drawn for row in trace["customdata"]}
    for year, level, value in wanted.to_numpy():
        assert rows[f"{100 * level:.0f} %", int(year)] == pytest.approx(value, rel=1e-4)


def test_tornado_matrix_and_target_name_the_factor_that_decides(client: Client, example: Ensemble) -> None:
    assert chart(client, example, "tornado")["traces"][0]["customdata"][0][0] == "demand"
    assert "demand" in chart(client, example, "correlations")["summary"]
    page = client.get(f"/ensembles/{example.key}/figures/?target=110&year=2027").content.decode()
    assert "miss the target" in page
    assert "It is missed mostly where demand" in page
    values = store.read_results(example.path, outputs=["emissions.scope1"])
    missed = (values.loc[values["year"] == 2027, "value"] > 110).sum()
    assert f"{missed} of 40 members" in page


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_indices_are_drawn_where_the_sample_allows_them(client: Client, home: Path, method: str) -> None:
    design = design_of(method=method, samples=32)
    document = chart(client, add_ensemble(home, design), "indices")
    bars = {trace["name"]: trace for trace in document["traces"]}
    longest = max(zip(document["traces"][0]["x"], document["traces"][0]["y"], strict=True))
    assert longest[1] == "demand"
    assert any(trace["error_x"] for trace in bars.values())


def test_ranges_choose_members_in_the_chart_and_in_the_table(client: Client, example: Ensemble) -> None:
    members = store.read_members(example.path)
    inside = members[(members["demand"] >= 1) & (members["carbon"] == "none")]
    query = "f0.low=1&f2=none"
    page = client.get(f"/ensembles/{example.key}/members/?{query}").content.decode()
    assert f"{len(inside)} of 40 finished members" in page
    chosen = chart(client, example, "parallel", query)["traces"][1]
    assert [row[1] for row in chosen["customdata"]] == list(inside.index)
    falling = client.get(f"/ensembles/{example.key}/members/?sort=-f0").content.decode()
    assert falling.index(f"members/{members['demand'].idxmax()}/") < falling.index(
        f"members/{members['demand'].idxmin()}/"
    )


def test_figures_of_an_ensemble_that_is_not_finished_say_so(client: Client, home: Path) -> None:
    some, none = add_ensemble(home, lacking=10), add_ensemble(home, lacking=40)
    assert "30 of 40 members are finished" in client.get(f"/ensembles/{some.key}/figures/").content.decode()
    assert "No member is finished yet" in client.get(f"/ensembles/{none.key}/figures/").content.decode()
    assert client.get(f"/ensembles/{none.key}/figure/fan.json").status_code == 409


def test_a_member_that_failed_is_told_with_its_reason_and_has_a_page(client: Client, home: Path) -> None:
    ensemble = add_ensemble(home, lacking=1)
    store.write_failure(ensemble.path, 39, ValueError("the year 2026 cannot be solved"), 3)
    Ensemble.objects.update(state=State.FAILED, failed=1, message="1 member of 40 failed.")
    page = client.get(f"/ensembles/{ensemble.key}/").content.decode()
    assert "the year 2026 cannot be solved" in page
    assert f'action="/ensembles/{ensemble.key}/resume/"' in page
    member = client.get(f"/ensembles/{ensemble.key}/members/39/").content.decode()
    assert "This member failed (3 tries)" in member
    assert "This member is not finished" in member
    assert client.get(f"/ensembles/{ensemble.key}/members/40/").status_code == 404


def test_two_ensembles_are_compared_by_bands_and_assumptions(client: Client, example: Ensemble, home: Path) -> None:
    wider = [FACTORS[0] | {"high": 2.0}, *FACTORS[1:]]
    other = add_ensemble(home, design_of(name="Wider", factors=wider, samples=30))
    page = client.get(f"/ensembles/compare/?ensemble={example.key}&ensemble={other.key}").content.decode()
    assert "Varied: demand" in page
    assert "uniform: from 0.5 to 2" in page
    assert "Varied: hydrogen" not in page
    query = f"ensemble={example.key}&ensemble={other.key}"
    answer = client.get(f"/ensembles/compare/figure/two-fans.csv?{query}")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {"Example", "Wider"}


def test_every_export_holds_all_members(client: Client, example: Ensemble) -> None:
    def taken(kind: str) -> bytes:
        return client.get(f"/ensembles/{example.key}/export/{kind}/").content

    with zipfile.ZipFile(io.BytesIO(taken("csv"))) as archive:
        assert len(pd.read_csv(archive.open("members.csv"))) == 40
        assert set(pd.read_csv(archive.open("outputs.csv"))["member"]) == set(range(40))
    with zipfile.ZipFile(io.BytesIO(taken("parquet"))) as archive:
        assert sorted(archive.namelist()) == ["README.txt", "members.parquet", "outputs.parquet"]
        assert design_hash(design_of()) in archive.read("README.txt").decode()
    with zipfile.ZipFile(io.BytesIO(taken("zip"))) as archive:
        inside = archive.namelist()
        assert {"design.toml", "ensemble.json", "members.parquet"} <= set(inside)
        assert sum(name.startswith("results/") for name in inside) == 40
    assert len(pd.read_excel(io.BytesIO(taken("xlsx")), sheet_name="Outputs", engine="calamine")) == 40 * len(YEARS)


# Life.


def test_an_ensemble_that_lost_its_worker_is_interrupted_and_can_go_on(client: Client, example: Ensemble) -> None:
    Ensemble.objects.update(state=State.RUNNING, worker_pid=2**22 - 1, worker_created=1.0)
    assert sweep() == 1
    example.refresh_from_db()
    assert (example.state, "Finished members are kept" in example.message) == (State.INTERRUPTED, True)
    client.post(f"/ensembles/{example.key}/resume/")
    example.refresh_from_db()
    assert example.state == State.QUEUED
    client.post(f"/ensembles/{example.key}/cancel/")
    example.refresh_from_db()
    assert example.state == State.CANCELLED


def test_what_the_command_line_computed_is_taken_in_once(client: Client, example: Ensemble) -> None:
    Ensemble.objects.all().delete()
    for _ in range(2):
        client.post("/ensembles/look/")
        (found,) = Ensemble.objects.filter(folder=example.folder)
        assert (found.name, found.members, found.done, found.state) == ("Example", 40, 40, State.DONE)
        assert "Its dataset (dddddddddddd) is not here" in found.message


def test_what_is_deleted_waits_in_the_bin_first(client: Client, example: Ensemble) -> None:
    client.post(f"/ensembles/{example.key}/delete/")
    assert example.path.is_dir()
    client.post(f"/ensembles/{example.key}/bin/")
    assert "In the bin" in client.get("/ensembles/").content.decode()
    client.post(f"/ensembles/{example.key}/restore/")
    client.post(f"/ensembles/{example.key}/bin/")
    client.post(f"/ensembles/{example.key}/delete/")
    assert not example.path.exists()
    assert not Ensemble.objects.exists()


def test_a_member_that_changes_the_dataset_gets_a_dataset_of_its_own(client: Client, home: Path, tiny: Path) -> None:
    column = {"name": "cost", "column": "technology_costs.value", "distribution": "uniform", "low": 0.9, "high": 1.1}
    ensemble = add_ensemble(home, design_of(factors=[FACTORS[0], column], samples=4))
    from steeliq.simulation.dataset import load

    facts = load(tiny)
    store.write_document(
        ensemble.path, store.read_document(ensemble.path) | {"dataset": {"name": "t", "hash": facts.hash}}
    )
    Ensemble.objects.filter(pk=ensemble.pk).update(dataset=str(tiny))
    ensemble.refresh_from_db()
    run = launch.run_member(ensemble, 2)
    own, factor = load(Path(run.dataset)), store.read_members(ensemble.path).loc[2, "cost"]
    ratio = own["technology_costs"]["value"].to_numpy() / facts["technology_costs"]["value"].to_numpy()
    assert np.nanmax(np.abs(ratio - factor)) < 1e-9
    assert launch.run_of(ensemble, 2) == run
    assert launch.run_of(ensemble, 1) is None
    Ensemble.objects.filter(pk=ensemble.pk).update(dataset="")  # another dataset than it was begun with
    answer = client.post(f"/ensembles/{ensemble.key}/members/1/run/", follow=True)
    assert "put that one back" in answer.content.decode()


# With a real browser, worker and processes.


@pytest.fixture(scope="module")
def computed(live: Live, browser: Browser) -> Iterator[str]:
    """The key of an ensemble of 20 members, designed and begun by the form, computed."""
    with logged_in(browser, live) as watched:
        page = watched.page
        page.goto("/ensembles/new/")
        page.get_by_label("Data", exact=True).select_option("tiny")
        page.get_by_label("Name", exact=True).fill("By hand")
        page.get_by_label("From", exact=True).first.fill("2025")
        page.get_by_label("to", exact=True).first.fill("2026")
        page.get_by_role("spinbutton", name="Points").fill("20")
        for words in ("demand factor", "carbon price scenario"):  # by the keyboard alone
            if not page.get_by_label("Find a setting").is_visible():
                page.locator("#add summary").press("Enter")
            page.get_by_label("Find a setting").fill(words)
            page.keyboard.press("Enter")
            expect(page.locator(".factor").filter(has_text=words.capitalize())).to_have_count(1, timeout=30_000)
        expect(page.locator("#in-carbon\\.scenario-distribution")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Control+a")
        page.keyboard.type("none, uniform_100")
        page.keyboard.press("Tab")
        expect(page.locator(".take")).to_contain_text("20 points, 2 years each")
        page.get_by_role("button", name="Start").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("By hand")
        expect(page.locator("#live .badge")).to_have_text("Done", timeout=240_000)
        yield page.url.rstrip("/").rsplit("/", 1)[1]


def drawn(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("steeliq.drawAll()")
    expect(page.locator("figure[aria-busy=true]")).to_have_count(0, timeout=60_000)


def test_bands_and_tornado_are_drawn_and_a_target_is_answered(watched: Watched, computed: str) -> None:
    page = watched.page
    drawn(page, f"/ensembles/{computed}/figures/")
    expect(page.locator("#fan .scatterlayer .trace")).to_have_count(3)
    expect(page.locator("#tornado .bars .point")).to_have_count(4)
    page.get_by_label("Output").select_option("production")
    expect(page.locator("#fan h3")).to_contain_text("Crude steel made")
    expect(page.locator("#scatter .point")).to_have_count(20)
    page.get_by_label("Target", exact=True).fill("12")
    page.get_by_label("Target", exact=True).press("Tab")
    expect(page.locator("#targets")).to_contain_text("miss the target")
    page.locator("#fan").get_by_role("button", name="Table").click()
    expect(page.locator("#fan .data td").nth(1)).to_have_text("5 %")


def test_a_box_over_an_axis_narrows_the_members_and_one_of_them_is_run_in_full(
    watched: Watched, live: Live, computed: str
) -> None:
    page = watched.page
    drawn(page, f"/ensembles/{computed}/members/")
    expect(page.locator("#found tbody tr")).to_have_count(20)
    page.evaluate("steeliq.brushed({ x: [-0.1, 0.1], y: [0.5, 1.2] })")
    expect(page.locator("#found tbody tr")).to_have_count(10)
    page.get_by_role("link", name="Clear ranges").click()
    expect(page.locator("#found tbody tr")).to_have_count(20)
    page.get_by_label("Demand factor to", exact=True).fill("0.9")  # the same by the keyboard
    page.keyboard.press("Tab")
    expect(page.locator("#found [role=status]")).to_contain_text("of 20 finished members")
    page.locator("#found tbody a").first.click()
    outputs = page.locator("section").filter(has_text="What came of it").locator("tr")
    told = outputs.filter(has_text="Emissions on site (scope 1)").first.inner_text().split("\t")
    page.get_by_role("button", name="Run this member in full").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("member")
    run = page.url.rstrip("/").rsplit("/", 1)[1]
    assert live.ends(run) == "done"
    emitted = pd.concat(
        pd.read_parquet(path) for path in sorted(live.home.glob(f"runs/*{run}/tables/emissions/*.parquet"))
    )
    by_year = emitted.groupby("year")["scope1"].sum() / 1e6
    assert [float(cell) for cell in told[1:3]] == pytest.approx(list(by_year), rel=5e-3)
    page.go_back()
    page.reload()
    expect(page.get_by_role("link", name="Open its run")).to_be_visible()


def test_an_ensemble_is_taken_away_by_the_page(watched: Watched, computed: str) -> None:
    page = watched.page
    page.goto(f"/ensembles/{computed}/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel").click()
    frame = pd.read_excel(waiting.value.path(), sheet_name="Members", engine="calamine")
    assert len(frame) == 20
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as TOML").click()
    assert parse_design(Path(waiting.value.path()).read_text(), "text").points == 20


def test_the_builder_and_every_page_are_accessible_in_both_themes(browser: Browser, live: Live, computed: str) -> None:
    for scheme in ("light", "dark"):
        with logged_in(browser, live, scheme=scheme, width=800) as watched:
            page = watched.page
            for part in ("figures/?target=12&output=production", "members/"):
                drawn(page, f"/ensembles/{computed}/{part}")
                assert violations(page) == [], part
            page.goto(f"/ensembles/new/?from={computed}")
            page.get_by_label("Name", exact=True).fill("")
            page.keyboard.press("Tab")
            expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            assert violations(page) == []


def violations(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(rule["id"], [str(node["target"]) for node in rule["nodes"]][:5]) for rule in found]


def test_killed_in_the_middle_it_leaves_no_process_and_goes_on_with_what_lacks(live: Live, computed: str) -> None:
    key = live.start_ensemble(name="Killed", samples="12")
    folder = wait_for(lambda: next(iter(live.home.glob(f"ensembles/*{key}")), None), "its folder")
    assert folder
    wait_for(lambda: len(store.members_done(folder)) >= 2, "two members are finished")
    (child,) = live.children("steeliq.webui.ensembles.child")
    family = [child, *child.children(recursive=True)]
    child.send_signal(signal.SIGKILL)
    assert live.ends(key, area="ensembles") == "interrupted"
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("results/*/*.parquet")}
    assert len(kept) >= 2
    live.post(f"/ensembles/{key}/resume/")
    assert live.ends(key, area="ensembles") == "done"
    assert len(store.members_done(folder)) == 12
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
