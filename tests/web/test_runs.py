"""Runs in the app: begun, watched, stopped, resumed, named, binned; with a real server and worker where it matters."""

from django.test import Client

from steeliq.webui.runs.models import Run
from tests.web.live import Live


def test_a_run_is_begun_and_finishes(live: Live) -> None:
    key = live.start()
    assert live.ends(key) == "done"
    page = live.get(f"/runs/{key}/").text
    assert "What it found" in page
    assert "Crude steel" in page
    assert "hx-trigger" not in live.get(f"/runs/{key}/live/").text


def test_the_first_visit_offers_to_run_the_reference_scenario(client: Client) -> None:
    page = client.get("/runs/").content.decode()
    assert "Run the reference scenario" in page


def test_a_finished_run_is_listed(client: Client, finished_run: Run) -> None:
    page = client.get("/runs/").content.decode()
    assert f"/explore/{finished_run.key}/" in page
    assert client.get(f"/runs/{finished_run.key}/").status_code == 200
