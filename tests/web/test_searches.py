"""Searches in the app: asked by a form, done by a process of their own, told in a sentence, a figure and a table."""

from __future__ import annotations

import csv
import io
import json
import signal
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Response, expect

from steeliq.atomic import write_text_atomically
from steeliq.ensemble.search import SCAN, Lever, Question, Target, Trial
from steeliq.ensemble.search_question import question_of, table_of
from steeliq.ensemble.search_run import read_trace
from steeliq.errors import ScenarioError
from steeliq.result_folder import only_writer
from steeliq.simulation.scenario import Scenario
from steeliq.webui.runs.launch import new_key
from steeliq.webui.runs.models import State
from steeliq.webui.runs.recovery import sweep
from steeliq.webui.scenarios.names import Names, names_of
from steeliq.webui.searches.draft import Draft, first_draft, of_search, offered, question_in
from steeliq.webui.searches.models import Search
from steeliq.webui.searches.wording import subject_of
from tests.web.live import Live, logged_in, wait_for

BASE = Scenario.model_validate({"name": "reference", "period": {"start": 2025, "end": 2027}})
QUESTION = Question(
    BASE, Lever("demand.factor"), Target("emissions.scope1", 2027, 12.0), 1.0, 0.6, (1, 2), 2, tolerance=0.1
)
TRIALS = (
    Trial(1.0, SCAN, 15.3, 15.0, 15.6, met=False),
    Trial(0.8, SCAN, 11.5, 11.0, 12.0, met=True),
    Trial(0.6, SCAN, 13.0, 12.5, 13.5, met=False),
    Trial(0.9, "bisection", 13.7, 13.5, 13.9, met=False),
)


def add_search(home: Path, trials: tuple[Trial, ...] = TRIALS, **values: Any) -> Search:
    """A search that tried these, with the record that its process leaves."""
    key = new_key()
    folder = home / "searches" / f"example-{key}"
    folder.mkdir(parents=True)
    columns = ["value", "step", "outcome", "least", "greatest", "met"]
    rows = [[getattr(trial, column) for column in columns] for trial in trials]
    write_text_atomically(folder / "trace.csv", pd.DataFrame(rows, columns=columns).to_csv(index=False))
    document = {"status": "complete", "question": table_of(QUESTION), "dataset": {"name": "t", "hash": "d" * 64}}
    write_text_atomically(folder / "search.json", json.dumps(document | {"value": 0.8, "seconds": 5.0}))
    given = {"name": "Example", "subject": "Demand factor", "state": State.DONE, "seconds": 5.0, **values}
    return Search.objects.create(
        key=key, question=json.dumps(table_of(QUESTION)), folder=str(folder), first_year=2025, last_year=2027,
        most=QUESTION.trials, tried=len(trials), **given,
    )  # fmt: skip


@pytest.fixture
def example(home: Path) -> Search:
    return add_search(home)


@pytest.fixture(scope="module")
def names() -> Names:
    return names_of()


# The question.


def test_every_number_of_a_scenario_can_be_sought_and_begins_with_a_range_that_it_takes(names: Names) -> None:
    refused = {}
    filled = Draft({**first_draft().texts, "limit": "1000"})
    for group in offered(names):
        for offer in group.offers:
            draft = Draft({**filled.texts, "setting": offer.place}).with_range()
            question, problems = question_in(draft, names)
            if question is None:
                refused[offer.place] = problems
    assert refused == {}
    places = [offer.place for group in offered(names) for offer in group.offers]
    assert {"support.capex.WORLD", "support.hydrogen.WORLD"} <= set(places), (
        "a subsidy can be sought, not a factor only"
    )
    assert subject_of("support.hydrogen.WORLD") == "Hydrogen subsidy everywhere"
    assert subject_of("support.hydrogen.EU27") == "Hydrogen subsidies by area: EU27"
    assert places[places.index("carbon.factor") + 1] == "carbon.paths.WORLD"
    question, _ = question_in(Draft({**filled.texts, "path": "2025=0, 2050=100"}), names)
    assert question is not None
    assert question.lever.path == {2025: 0.0, 2050: 100.0}


def test_everything_that_is_wrong_is_told_at_its_field_at_once(names: Names) -> None:
    wrong = {
        "setting": "seed", "start": "x", "end": "", "output": "emissions.scope9", "year": "2060", "limit": "much",
        "seeds": "1, 1", "steps": "0", "tolerance": "-1", "path": "2025", "last": "soon",
    }  # fmt: skip
    question, problems = question_in(Draft({**first_draft().texts, **wrong}), names)
    assert question is None
    assert set(problems) >= set(wrong) - {"year", "output"}  # those are judged once period and limit are numbers
    _, problems = question_in(Draft({**first_draft().texts, "limit": "1", "year": "2060", "output": "x"}), names)
    assert set(problems) == {"year", "output"}
    _, problems = question_in(Draft({**first_draft().texts, "limit": "1", "start": "0", "end": "-1"}), names)
    assert set(problems) == {"end"}


def test_a_question_is_the_same_after_a_way_through_database_and_form(example: Search, names: Names) -> None:
    assert question_of(json.loads(example.question)) == QUESTION
    again, problems = question_in(of_search(example), names)
    assert problems == {}
    assert again == QUESTION
    table = json.loads(example.question) | {"scenario": "[period]\nend = 1"}
    with pytest.raises(ScenarioError):
        question_of(table)


# What it came to.


def test_the_page_tells_the_answer_and_what_it_does_not_know(client: Client, example: Search) -> None:
    page = client.get(f"/searches/{example.key}/").content.decode()
    assert "Demand factor 0.8 is enough for emissions on site (scope 1) at most 12 Mt CO2e in 2027" in page
    assert "At 0.9 the target is missed" in page
    assert "missed again at 0.6" in page
    assert "Example" in client.get("/searches/").content.decode()
    missed = add_search(Path(example.folder).parents[1], TRIALS[:1])
    page = client.get(f"/searches/{missed.key}/").content.decode()
    assert "Demand factor from 1 to 0.6 is not enough" in page
    assert "the best is 15.3 Mt CO2e, at 1." in page


def test_what_is_drawn_is_what_was_tried_and_what_is_downloaded(client: Client, example: Search) -> None:
    chart = client.get(f"/searches/{example.key}/figure/trace.json").json()
    drawn = {trace["name"]: trace for trace in chart["traces"]}
    assert drawn["Met"]["x"] == [0.8]
    assert sorted(drawn["Missed"]["x"]) == [0.6, 0.9, 1]
    assert set(drawn["Bracket"]["x"]) == {0.8, 0.9}
    assert drawn["Target"]["y"] == [12, 12]
    assert drawn["Met"]["error_y"]["array"] == pytest.approx([0.5])
    text = client.get(f"/searches/{example.key}/figure/trace.csv").content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert head == ["target", "Demand factor", "Mt CO2e", "step", "least", "greatest"]
    assert len(rows) == len(TRIALS)
    assert client.get(f"/searches/{example.key}/trace.csv").content == (example.path / "trace.csv").read_bytes()
    assert client.get(f"/searches/{example.key}/scenario.toml").status_code == 404
    none = add_search(Path(example.folder).parents[1], ())
    assert client.get(f"/searches/{none.key}/figure/trace.json").json()["is_empty"]


def test_what_lost_its_worker_is_interrupted_and_waits_again_when_it_is_resumed(
    client: Client, example: Search
) -> None:
    Search.objects.update(state=State.RUNNING, worker_pid=2**22 + 1, task_id="")
    assert sweep(at_start=True) == 1
    example.refresh_from_db()
    assert (example.state, "Finished trials are kept" in example.message) == (State.INTERRUPTED, True)
    client.post(f"/searches/{example.key}/resume/")
    example.refresh_from_db()
    assert example.state == State.QUEUED
    assert client.post(f"/ensembles/{example.key}/cancel/").status_code == 404  # it is no ensemble
    client.post(f"/searches/{example.key}/cancel/")
    example.refresh_from_db()
    assert example.state == State.CANCELLED


def test_what_the_command_line_found_is_taken_in_once_and_goes_by_the_bin(client: Client, example: Search) -> None:
    Search.objects.all().delete()
    for _ in range(2):
        client.post("/searches/look/")
        (found,) = Search.objects.filter(folder=example.folder)
        assert (found.tried, found.state, found.headline) == (4, State.DONE, "0.8")
        assert found.name == "Demand factor for emissions on site (scope 1) at most 12 Mt CO2e in 2027"
        assert "Its dataset (dddddddddddd) is not here" in found.message
    client.post(f"/searches/{found.key}/delete/")
    assert found.path.is_dir()
    client.post(f"/searches/{found.key}/bin/")
    assert "In the bin" in client.get("/searches/").content.decode()
    client.post(f"/searches/{found.key}/delete/")
    assert not found.path.exists()
    assert not Search.objects.filter(pk=found.pk).exists()


def test_a_search_that_still_goes_on_in_a_terminal_is_left_alone(client: Client, example: Search) -> None:
    Search.objects.all().delete()
    with only_writer(example.path, "search", resume=True):
        client.post("/searches/look/")
        assert not Search.objects.exists()
    client.post("/searches/look/")
    assert Search.objects.count() == 1


def test_a_search_in_the_bin_is_not_resumed(client: Client, home: Path) -> None:
    search = add_search(home, state=State.INTERRUPTED, binned=timezone.now())
    client.post(f"/searches/{search.key}/resume/")
    search.refresh_from_db()
    assert search.state == State.INTERRUPTED
    client.post(f"/searches/{search.key}/restore/")
    client.post(f"/searches/{search.key}/resume/")
    search.refresh_from_db()
    assert search.state == State.QUEUED


def test_trials_beyond_the_range_say_nothing_of_the_question(client: Client, home: Path) -> None:
    search = add_search(home, (*TRIALS, Trial(5.0, SCAN, 9.0, 9.0, 9.0, met=True)))
    chart = client.get(f"/searches/{search.key}/figure/trace.json").json()
    assert [trace["x"] for trace in chart["traces"] if trace["name"] == "Met"] == [[0.8]]


# With a real browser, worker and processes.


def kept(answer: Response) -> str:
    """What a page gave to be kept."""
    return answer.request.post_data or ""


def test_a_number_is_asked_for_by_the_form_found_drawn_taken_away_and_run_in_full(browser: Browser, live: Live) -> None:
    with logged_in(browser, live) as watched:
        page = watched.page
        page.goto("/searches/new/")
        page.get_by_label("Data", exact=True).select_option("tiny")
        page.get_by_label("Last year").fill("2027")
        page.get_by_label("Setting", exact=False).first.select_option("demand.factor")
        expect(page.locator("#in-end")).to_have_value("2")  # a range that suits it
        page.get_by_label("From, least effort").fill("1")
        page.get_by_label("to, greatest").fill("0.6")
        page.get_by_label("Limit").fill("12")
        page.locator("#finer summary").click()
        page.get_by_label("Steps of the first look").fill("2")
        with page.expect_response(lambda answer: answer.status == 204 and "tolerance=0.1" in kept(answer)):
            page.get_by_label("As close as").fill("0.1")  # and not left
        page.goto("/searches/new/")  # as after a crash
        page.get_by_role("link", name="Take them up").click()
        expect(page.locator(".take")).to_contain_text("at most 4")
        page.get_by_role("button", name="Search", exact=True).press("Enter")
        expect(page.locator("#live .badge")).to_have_text("Done", timeout=120_000)
        assert not list(live.home.glob("unsaved/*"))
        key = page.url.rstrip("/").rsplit("/", 1)[1]
        (folder,) = live.home.glob(f"searches/*{key}")
        trials = read_trace(folder)
        best = max((one for one in trials if one.met), key=lambda one: one.value)
        expect(page.locator("#answer")).to_contain_text(f"Demand factor {best.value:.6g} is enough")
        expect(page.locator("#trials tbody tr")).to_have_count(len(trials))
        expect(page.locator("#trials tr.found")).to_contain_text("found")
        expect(page.locator("#trace .scatterlayer .point")).to_have_count(len(trials))  # without a reload
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Trace as CSV").click()
        assert Path(waiting.value.path()).read_bytes() == (folder / "trace.csv").read_bytes()
        page.get_by_role("button", name=f"Run {best.value:.6g} in full").click()
        run = page.url.rstrip("/").rsplit("/", 1)[1]
        assert live.ends(run) == "done"
        emitted = pd.read_parquet(next(live.home.glob(f"runs/*{run}/tables/emissions/2027.parquet")))["scope1"].sum()
        assert emitted / 1e6 == pytest.approx(best.outcome)
        page.goto(f"/searches/{key}/")
        expect(page.get_by_role("link", name=f"Open the run of {best.value:.6g}")).to_be_visible()


def test_cancelled_and_killed_it_leaves_no_process_and_goes_on_with_its_trials(live: Live) -> None:
    key = live.start_search(tolerance="0.0001", seeds="1, 2, 3")
    folder = wait_for(lambda: next(iter(live.home.glob(f"searches/*{key}")), None), "its folder")
    assert folder
    for end, area in (("cancelled", "cancel"), ("interrupted", "")):
        wait_for(lambda: live.children("steeliq.webui.searches.child"), "it is at work")
        already = len(read_trace(folder))
        wait_for(lambda: len(read_trace(folder)) > already, "a trial is finished")  # noqa: B023 (asked at once)
        (child,) = live.children("steeliq.webui.searches.child")
        family = [child, *child.children(recursive=True)]
        if area:
            live.post(f"/searches/{key}/{area}/")
        else:
            child.send_signal(signal.SIGKILL)
        assert live.ends(key, area="searches") == end
        _, alive = psutil.wait_procs(family, timeout=20)
        assert alive == []
        kept = read_trace(folder)
        assert kept
        live.post(f"/searches/{key}/resume/")
    assert live.ends(key, area="searches", patience=120) == "done"
    trials = read_trace(folder)
    assert trials[: len(kept)] == kept
    assert len({one.value for one in trials}) == len(trials)
