"""A finished run is verified from its page: progress, cancel, three outcomes in words, the certificate."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from steeliq.simulation.dataset import load
from steeliq.simulation.results.fingerprint import full_hash
from steeliq.simulation.results.tables import read_table, write_table
from steeliq.simulation.run import run as simulate
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import load_scenario, scenario_hash
from steeliq.verify.tolerances import TOLERANCES
from steeliq.webui.runs import launch, recovery
from steeliq.webui.runs.models import Run, State
from tests.simulation.test_every_setting import CHANGES, merged
from tests.simulation.test_every_setting import nested as one_setting
from tests.simulation.test_verify import elsewhere, with_new_sums
from tests.web.live import ROOT, Live, logged_in, read_rows, wait_for

FOLDER = 'SELECT folder FROM runs_run WHERE "key" = ?'


# ---- without a browser (a process that drives one cannot ask the database)


def test_only_a_finished_run_is_verified_and_only_once_at_a_time(client: Client, finished_run: Run) -> None:
    assert client.post(f"/runs/{finished_run.key}/verify/").status_code == 302
    assert Run.every.filter(verifies=finished_run, state=State.QUEUED).count() == 1
    client.post(f"/runs/{finished_run.key}/verify/")
    assert Run.every.filter(verifies=finished_run).count() == 1
    Run.objects.filter(pk=finished_run.pk).update(state=State.FAILED)
    finished_run.refresh_from_db()
    Run.every.filter(verifies=finished_run).delete()
    assert not launch.verify(finished_run)


def test_what_a_killed_verification_left_goes_at_the_next_start(client: Client, finished_run: Run, home: Path) -> None:
    assert launch.verify(finished_run)
    repetition = Run.every.get(verifies=finished_run)
    (repetition.path / "again").mkdir(parents=True)
    Run.every.filter(pk=repetition.pk).update(state=State.RUNNING)  # by no worker that lives
    recovery.sweep(at_start=True)
    assert not repetition.path.exists()
    text = client.get(f"/runs/{finished_run.key}/").content.decode()
    assert "stopped before its end; verify again" in text


def test_a_run_without_certificate_says_so(client: Client, finished_run: Run) -> None:
    assert client.get(f"/runs/{finished_run.key}/certificate.html").status_code == 404
    (finished_run.path / "certificate.json").write_text("nonsense", "utf-8")
    text = client.get(f"/runs/{finished_run.key}/").content.decode()
    assert "this certificate cannot be read" in text


def test_a_deleted_run_takes_its_verification_along(client: Client, finished_run: Run) -> None:
    assert launch.verify(finished_run)
    finished_run.delete()
    assert Run.every.count() == 0


@pytest.mark.parametrize("place", sorted(CHANGES))
def test_every_field_of_the_form_changes_the_record(place: str) -> None:
    # That a field reaches the run's scenario and moves a result is tested where the form and the settings are.
    world, value = CHANGES[place]
    before = Scenario(**({"name": "world"} | world))
    after = Scenario(**merged({"name": "world"} | world, one_setting(place, value)))
    assert scenario_hash(before) != scenario_hash(after)
    records = [full_hash({"scenario": one.model_dump(mode="json")}) for one in (before, after)]
    assert records[0] != records[1]


# ---- as a person has it


@pytest.fixture(scope="module")
def run(live: Live) -> str:
    key = live.start(last="2027", name="To be trusted")
    assert live.ends(key) == "done"
    return key


def folder_of(live: Live, key: str) -> Path:
    return Path(read_rows(live.home / "steeliq.sqlite3", FOLDER, key)[0][0])


def section(live: Live, key: str) -> str:
    return live.get(f"/runs/{key}/verification/").text


def verified(live: Live, key: str) -> str:
    """Press the button, wait for the end; the section of the page."""
    live.post(f"/runs/{key}/verify/")
    wait_for(lambda: "hx-get" not in section(live, key), "the verification ends")
    return section(live, key)


@pytest.fixture
def edited(live: Live, run: str) -> Iterator[Path]:
    """The run's folder with one digit changed in a table; put back afterwards."""
    folder = folder_of(live, run)
    path = folder / "tables" / "demand" / "2026.parquet"
    content = path.read_bytes()
    frame = read_table(folder, "demand", [2026])
    frame["supplied"] = frame["supplied"] + [0.0, 0.001, 0.0]
    write_table(folder, "demand", 2026, frame)
    yield folder
    path.write_bytes(content)


def test_command_python_and_form_give_one_hash(live: Live, run: str, tiny: Path, tmp_path: Path) -> None:
    environment = os.environ | {"STEELIQ_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    words = ["run", "reference", "--years", "2025-2027", "--dataset", str(tiny), "--out", str(tmp_path / "command")]
    command = [sys.executable, "-P", "-m", "steeliq", *words, "--no-report"]
    subprocess.run(command, check=True, capture_output=True, env=environment, timeout=300)
    simulate(load_scenario("reference", ["period.end=2027"]), load(tiny), tmp_path / "python")
    folders = (folder_of(live, run), tmp_path / "command", tmp_path / "python")
    records = [json.loads((folder / "run.json").read_text("utf-8")) for folder in folders]
    assert len({record["total"] for record in records}) == 1
    assert len({full_hash(record) for record in records}) == 1
    assert len({json.dumps(record["identity"]) for record in records}) == 1


def test_a_run_is_verified_by_the_button_and_the_certificate_opens(browser: Browser, live: Live, run: str) -> None:
    with logged_in(browser, live) as watched:
        page = watched.page
        page.goto(f"/runs/{run}/")
        expect(page.locator("#verification")).to_contain_text("Not verified yet")
        page.get_by_role("button", name="Verify", exact=True).click()
        expect(page.locator("#verification .outcome")).to_contain_text("Identical", timeout=60_000)
        expect(page.locator("#verification")).to_contain_text("2025–2027 are the same, bit for bit")
        page.get_by_role("link", name="Certificate", exact=True).click()
        expect(page.get_by_role("region", name="Outcome")).to_contain_text("Identical")
        expect(page.locator("h1")).to_contain_text("To be trusted")
        page.go_back()
        with page.expect_download() as download:
            page.get_by_role("link", name="Save as JSON").click()
        assert download.value.suggested_filename == f"to-be-trusted-{run}-certificate.json"
        document = json.loads(download.value.path().read_text("utf-8"))
    record = json.loads((folder_of(live, run) / "run.json").read_text("utf-8"))
    assert document["total"]["repeated"] == record["total"]
    assert list((live.home / "staging").glob("verify-*")) == []


def test_an_edited_digit_is_told_on_the_page(live: Live, run: str, edited: Path) -> None:
    told = verified(live, run)
    assert "<strong>Different</strong>" in told
    country = read_table(edited, "demand", [2026])["country"].tolist()[1]
    assert f"table demand, 2026, row country {country}, column supplied" in told
    assert "outcome bad" in told


def test_the_outcome_between_is_told_on_the_page_with_what_differs_and_how_much(live: Live, run: str) -> None:
    folder = folder_of(live, run)
    kept = {path: path.read_bytes() for path in (folder / "run.json", folder / "tables/production/2026.parquet")}
    frame = read_table(folder, "production", [2026])
    frame["production"] = frame["production"] * (1 + TOLERANCES["production"] / 4)
    write_table(folder, "production", 2026, frame)
    elsewhere(folder)
    with_new_sums(folder)
    told = verified(live, run)
    for path, content in kept.items():
        path.write_bytes(content)
    assert "<strong>Same decisions, numbers within tolerance</strong>" in told
    assert "outcome near" in told
    assert "numbers differ by at most 2.5e-09, within each table" in told
    assert "Windows" in told


def test_a_verification_is_in_no_list_and_goes_with_its_run(live: Live, run: str) -> None:
    assert "Identical" in verified(live, run)
    assert "Identical" in verified(live, run)  # once more: the earlier one goes
    rows = read_rows(live.home / "steeliq.sqlite3", "SELECT name FROM runs_run WHERE verifies_id IS NOT NULL")
    assert rows == [("Verification of To be trusted",)]
    for page in ("/runs/", "/compare/?pick=1", "/storage/"):
        text = live.get(page).text
        assert "To be trusted" in text
        assert "Verification of" not in text
    assert [path.name for path in (live.home / "runs").glob("[!.]*")] == [folder_of(live, run).name]


def test_a_verification_is_cancelled_and_leaves_the_run_and_no_files(live: Live) -> None:
    key = live.start(last="2050", name="Long")
    assert live.ends(key) == "done"
    record = (folder_of(live, key) / "run.json").read_bytes()
    live.post(f"/runs/{key}/verify/")
    wait_for(lambda: re.search(r">Verifying<", section(live, key)), "the verification begins")
    live.post(f"/runs/{key}/verify/cancel/")
    wait_for(lambda: "hx-get" not in section(live, key), "the verification ends")
    assert "The last verification was cancelled." in section(live, key)
    assert live.state(key) == "done"
    assert (folder_of(live, key) / "run.json").read_bytes() == record
    assert not (folder_of(live, key) / "certificate.json").exists()
    assert list((live.home / "staging").glob("verify-*")) == []


def test_a_dataset_that_is_gone_is_told_with_what_to_do(live: Live, run: str) -> None:
    away = live.home / "datasets" / "tiny"
    away.rename(live.home / "tiny-away")
    try:
        told = verified(live, run)
    finally:
        (live.home / "tiny-away").rename(away)
    assert "made from the dataset tiny" in told
    assert "verify the run&#x27;s bundle" in told
