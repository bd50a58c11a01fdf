"""Runs in the app: begun, watched, stopped, resumed, named, binned; with a real server and worker where it matters."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from steeliq.simulation.scenario.files import load_scenario, parse_scenario, preset_names
from steeliq.webui.runs import launch, showing
from steeliq.webui.runs.assumptions import changed
from steeliq.webui.runs.models import ALIVE, Run, State
from tests.web.conftest import add_finished_run
from tests.web.live import Live, wait_for

LONG = {"first": "2025", "last": "2050"}


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def keys_in(page: str) -> list[str]:
    """Keys of the runs that a list shows, in its order."""
    return re.findall(r'<input type="checkbox" name="run" value="(\w+)"', page)


def log(live: Live, key: str) -> str:
    return live.get(f"/runs/{key}/log/").text


# With a server and a worker


def test_a_run_is_begun_watched_and_finishes(live: Live) -> None:
    key = live.start(name="My first")
    watched = live.get(f"/runs/{key}/").text
    assert 'hx-trigger="every 1s"' in watched
    assert live.ends(key) == "done"
    page = live.get(f"/runs/{key}/").text
    assert all(part in page for part in ("My first", "What it found", "Crude steel", f"/explore/{key}/", "reference"))
    assert "hx-trigger" not in page
    assert "hx-trigger" not in live.get("/runs/").text
    assert re.search(r"done in [\d.]+ s, \d+ MB", log(live, key))


def test_a_running_run_tells_year_and_percent_and_its_list_row_follows(live: Live) -> None:
    key = live.start(**LONG)
    seen = set()

    def over() -> bool:
        fragment = live.get(f"/runs/states/?key={key}").text
        assert f'id="state-{key}"' in fragment
        assert ('hx-trigger="every 1s"' in fragment) == ('class="badge done"' not in fragment)
        seen.update(re.findall(r"(\d+) % · (20\d\d)", fragment))
        return 'class="badge done"' in fragment

    wait_for(over, "the run is done")
    assert len(seen) > 1
    assert all(0 <= int(percent) <= 100 and 2025 <= int(year) <= 2050 for percent, year in seen)


def test_a_cancelled_run_keeps_its_years_and_resumes(live: Live) -> None:
    key = live.start(**LONG)
    wait_for(lambda: " 2027 " in log(live, key), "some years are done")
    live.post(f"/runs/{key}/cancel/")
    assert live.ends(key, patience=8) == "cancelled"
    page = live.get(f"/runs/{key}/").text
    assert "Resume after 20" in page
    live.post(f"/runs/{key}/resume/")
    assert live.ends(key) == "done"
    assert "going on with 2025-2050" in log(live, key)
    assert log(live, key).count(" 2025 ") == 1


def test_a_waiting_run_is_cancelled_at_once_and_never_begins(live: Live) -> None:
    first = live.start(**LONG)
    second = live.start()
    assert live.state(second) == "queued"
    live.post(f"/runs/{second}/cancel/")
    assert live.state(second) == "cancelled"
    live.post(f"/runs/{first}/cancel/")
    live.ends(first)
    third = live.start()
    assert live.ends(third) == "done"
    assert live.state(second) == "cancelled"
    assert log(live, second) == "There is no log of this run.\n"


def test_a_run_again_gives_the_same_scenario_as_a_new_run(live: Live) -> None:
    key = live.start(scenario="scrap-max", name="Scrap")
    answer = live.post(f"/runs/{key}/rerun/")
    again = answer.url.rstrip("/").rsplit("/", 1)[1]
    assert again != key
    assert live.get(f"/runs/{again}/scenario.toml").text == live.get(f"/runs/{key}/scenario.toml").text
    assert f'from <a href="/runs/{key}/">Scrap</a>' in live.get(f"/runs/{again}/").text
    assert live.ends(again) == "done"


def test_a_run_whose_data_are_gone_fails_with_the_reason(live: Live) -> None:
    bad = live.home / "datasets" / "broken"
    bad.mkdir()
    (bad / "datapackage.json").write_text("{")
    key = live.start(dataset="broken")
    assert live.ends(key) == "failed"
    page = live.get(f"/runs/{key}/").text
    assert "datapackage.json" in page
    assert "Traceback" not in page


def test_a_run_whose_scenario_does_not_fit_its_data_fails_with_every_problem(live: Live) -> None:
    saved = live.home / "scenarios"
    saved.mkdir(exist_ok=True)
    (saved / "odd.toml").write_text('name = "odd"\n[carbon]\nscenario = "nowhere"\n[demand]\nscenario = "never"\n')
    key = live.start(scenario="saved/odd")
    assert live.ends(key) == "failed"
    page = live.get(f"/runs/{key}/").text
    assert "nowhere" in page
    assert "never" in page


def test_deleting_takes_the_files_along(live: Live) -> None:
    key = live.start(first="2025", last="2025", name="To be deleted")
    assert "still runs" in live.post(f"/runs/{key}/bin/").text
    live.ends(key)
    folder = next(path for path in (live.home / "runs").iterdir() if path.name.endswith(key))
    assert "only runs in the bin" in live.post(f"/runs/{key}/delete/").text
    live.post(f"/runs/{key}/bin/")
    assert key not in keys_in(live.get("/runs/").text)
    assert folder.is_dir()
    live.post(f"/runs/{key}/delete/")
    assert live.get(f"/runs/{key}/").status_code == 404
    assert not folder.exists()
    assert not (live.home / "logs" / f"run-{key}.log").exists()


# The pages themselves


def test_the_first_visit_offers_to_run_every_preset(client: Client) -> None:
    page = text(client, "/runs/")
    assert "Run the reference scenario" in page
    assert all(f'value="{name}"' in page for name in preset_names())


@pytest.mark.parametrize("years", [("2040", "2030"), ("soon", "2030"), ("1900", "2030")])
def test_impossible_years_are_refused_with_a_reason(client: Client, years: tuple[str, str]) -> None:
    sent = {"scenario": "reference", "first": years[0], "last": years[1]}
    answer = client.post("/runs/start/", sent, follow=True)
    assert Run.objects.count() == 0
    assert re.search(r'class="message error">[^<]*(period|years?)', answer.content.decode())


def test_the_list_finds_by_text_tag_state_and_star(client: Client, home: Path) -> None:
    plain = add_finished_run(home, "Plain")
    tagged = add_finished_run(home, "Tagged", tags="paper, base case")
    noted = add_finished_run(home, "Other", notes="for the paper on scrap", starred=True)
    failed = Run.objects.create(
        key="failed12", name="Failed", folder="/nowhere", first_year=2025, last_year=2026, state=State.FAILED
    )
    everything = {run.key for run in (plain, tagged, noted, failed)}
    assert set(keys_in(text(client, "/runs/"))) == everything
    assert keys_in(text(client, "/runs/"))[0] == noted.key
    assert set(keys_in(text(client, "/runs/?q=PAPER"))) == {tagged.key, noted.key}
    assert keys_in(text(client, "/runs/?tag=base%20case")) == [tagged.key]
    assert keys_in(text(client, "/runs/?tag=base")) == []
    assert keys_in(text(client, "/runs/?state=failed")) == [failed.key]
    assert keys_in(text(client, "/runs/?starred=1")) == [noted.key]
    assert "No run is like this" in text(client, "/runs/?q=nothing%20like%20it")


def test_name_tags_notes_and_star_are_kept(client: Client, finished_run: Run) -> None:
    address = f"/runs/{finished_run.key}/"
    client.post(address + "about/", {"name": "  New \n name ", "tags": "b, a ,b,,c", "notes": "line 1\nline 2"})
    client.post(address + "star/", {"starred": "1"})
    run = Run.objects.get(pk=finished_run.pk)
    assert (run.name, run.tags, run.notes, run.starred) == ("New name", "b, a, c", "line 1\nline 2", True)
    client.post(address + "about/", {"name": " ", "tags": "x" * 300 + ",ok", "notes": ""})
    client.post(address + "star/", {"starred": "0"})
    run.refresh_from_db()
    assert (run.name, run.tags, run.notes, run.starred) == ("New name", "ok", "", False)


def test_selected_runs_go_to_the_bin_unless_they_still_run_and_come_back(client: Client, home: Path) -> None:
    done, other = add_finished_run(home, "One"), add_finished_run(home, "Two")
    alive = [
        Run.objects.create(key=f"alive{state}", name="x", folder="/n", first_year=1, last_year=2, state=state)
        for state in ALIVE
    ]
    client.post("/runs/bin-selected/", {"run": [done.key, other.key, *(run.key for run in alive)]})
    assert set(Run.objects.exclude(binned=None)) == {done, other}
    assert "One" in text(client, "/runs/bin/")
    client.post(f"/runs/{done.key}/restore/")
    assert set(keys_in(text(client, "/runs/"))) == {done.key, *(run.key for run in alive)}
    client.post("/runs/bin/empty/")
    assert not Run.objects.filter(pk=other.pk).exists()
    assert not other.path.exists()
    assert done.path.is_dir()


def test_a_run_in_the_bin_is_not_resumed(client: Client, home: Path) -> None:
    run = Run.objects.create(
        key="binned12", name="x", folder="/n", first_year=2025, last_year=2026, state=State.CANCELLED,
        binned=timezone.now(),
    )  # fmt: skip
    client.post(f"/runs/{run.key}/resume/")
    run.refresh_from_db()
    assert run.state == State.CANCELLED


@pytest.mark.parametrize("preset", preset_names())
def test_the_page_tells_every_setting_that_differs(client: Client, home: Path, preset: str) -> None:
    scenario = load_scenario(preset)
    run = launch.start(scenario, name=preset)
    page = text(client, f"/runs/{run.key}/")
    rows = changed(scenario)
    assert bool(rows) == (preset != "reference")
    for one in rows:
        assert f"<code>{one.name}</code>" in page
        assert one.meaning
        assert one.old != one.new


def test_differences_tell_old_new_and_unit() -> None:
    scenario = parse_scenario('name = "x"\n[prices]\nsteel_cap = 900.0\n[scrap]\nfactor = {2025 = 1.0, 2050 = 1.2}\n')
    rows = {one.name: (one.old, one.new, one.unit) for one in changed(scenario)}
    assert rows == {
        "prices.steel_cap": ("1000.0", "900.0", "USD/t"),
        "scrap.factor": ("1.0", "1.0 in 2025, 1.2 in 2050", "multiplier"),
    }


def test_time_left_is_told_at_the_pace_of_this_attempt_only() -> None:
    now = timezone.now()
    run = Run(state=State.RUNNING, started=now - timedelta(seconds=10), begun=0.5, fraction=0.75)
    assert showing.time_left(run, now) == "about 10 s left"
    run.fraction = 0.51
    assert showing.time_left(run, now) == ""


def test_a_damaged_run_folder_is_told_not_an_error(client: Client, finished_run: Run) -> None:
    (finished_run.path / "run.json").write_text("{")
    page = text(client, f"/runs/{finished_run.key}/")
    assert "cannot be read" in page


def test_a_finished_run_that_lost_tables_says_so_and_is_not_exported(client: Client, finished_run: Run) -> None:
    shutil.rmtree(finished_run.path / "tables" / "prices")
    assert "result tables are missing" in client.get(finished_run.page).content.decode()
    refused = client.get(f"/compare/export/{finished_run.key}/iamc/")
    assert refused.status_code == 409
    assert "result tables are missing" in refused.content.decode()


@pytest.mark.parametrize("document", ["{}", '{"format": "one"}', '{"status": "complete"}'])
def test_a_record_that_is_not_whole_is_told_wherever_it_is_read(
    client: Client, finished_run: Run, document: str
) -> None:
    (finished_run.path / "run.json").write_text(document, encoding="utf-8")
    for address in (finished_run.page, f"/explore/{finished_run.key}/", f"/compare/export/{finished_run.key}/"):
        assert "run.json: this" in client.get(address).content.decode()


def test_a_damaged_certificate_is_told_not_an_error(client: Client, finished_run: Run) -> None:
    damaged = '{"kind": "steeliq-certificate", "format": 1, "date": "yesterday", "run": {"record_sha256": ""}}'
    (finished_run.path / "certificate.json").write_text(damaged, encoding="utf-8")
    assert "this certificate is damaged" in client.get(finished_run.page).content.decode()


def test_a_log_of_any_length_is_shown_from_its_end(client: Client, finished_run: Run) -> None:
    finished_run.log.parent.mkdir(exist_ok=True)
    finished_run.log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    page = text(client, f"/runs/{finished_run.key}/live/")
    assert "line 9999" in page
    assert "line 9000\n" not in page
    assert len(page) < 40_000
    assert "line 0\n" in text(client, f"/runs/{finished_run.key}/log/")


def test_a_run_that_does_not_exist_is_a_page_that_says_so(client: Client, home: Path) -> None:
    answer = client.get("/runs/nothing1/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
