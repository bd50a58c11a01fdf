"""Datasets of one's own: copied, taken away, brought back, and changed only if the change is valid."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.test import Client

from steeliq.simulation.dataset import load
from steeliq.simulation.dataset.schema import schema
from steeliq.webui.data import library
from steeliq.webui.data.edits import Outdated, row_of, set_cell
from steeliq.webui.runs.models import Run, State
from tests.web.datasets import kept, packed, send, tiny_package


def test_a_duplicate_is_the_same_and_can_be_deleted(client: Client, own: Path) -> None:
    client.post("/data/tiny/duplicate/", {"title": "My <own> world"})

    copy = library.entry("my-own-world")
    assert (copy.title, library.opened(copy).hash) == ("My <own> world", load(own / "tiny").hash)
    assert "My &lt;own&gt; world" in client.get("/data/").content.decode()

    client.post("/data/my-own-world/delete/")
    assert kept(own) == {"tiny"}


def test_titles_that_are_taken_or_addresses_get_a_number(client: Client, own: Path) -> None:
    for title in ("upload", "reference", "Tiny", "Tiny"):
        client.post("/data/tiny/duplicate/", {"title": title})

    assert kept(own) == {"tiny", "upload-2", "reference-2", "tiny-2", "tiny-3"}


def test_the_reference_dataset_stays(client: Client, own: Path) -> None:
    before = load()

    answer = client.post("/data/reference/delete/", follow=True).content.decode()
    client.post("/data/reference/plants/cell/", {"place": "0", "column": "name", "mark": "", "value": "X"})

    assert "cannot be deleted" in answer
    assert load().hash == before.hash
    assert "X</" not in client.get("/data/reference/plants/").content.decode()


def test_a_dataset_that_a_run_waits_for_stays(client: Client, own: Path) -> None:
    run = Run.objects.create(
        key="waits", name="Waits", scenario="", dataset=str(own / "tiny"), folder="-", first_year=2025, last_year=2026
    )

    answer = client.post("/data/tiny/delete/", follow=True).content.decode()
    assert "the run Waits is waiting or working with it" in answer
    assert kept(own) == {"tiny"}

    Run.objects.filter(pk=run.pk).update(state=State.DONE)
    client.post("/data/tiny/delete/")
    assert kept(own) == set()


@pytest.mark.parametrize("name", ["workbook.xlsx", "package.zip"])
def test_a_download_comes_back_without_loss(client: Client, own: Path, name: str) -> None:
    content = client.get(f"/data/tiny/{name}").content
    assert client.get(f"/data/tiny/{name}").content == content

    answer = send(client, content, name, title="Came back")

    assert answer.headers["Location"] == "/data/came-back/"
    assert load(own / "came-back").hash == load(own / "tiny").hash
    back, before = library.entry("came-back"), library.entry("tiny")
    assert (back.description, back.version) == (before.description, before.version)


def test_a_package_in_a_folder_of_its_own_is_taken(client: Client, own: Path, tmp_path: Path) -> None:
    answer = send(client, packed(tiny_package(tmp_path, under="tiny/")), "zipped.zip")

    assert answer.headers["Location"] == "/data/tiny-world/"
    assert load(own / "tiny-world").hash == load(own / "tiny").hash


def test_available_datasets_are_what_a_run_keeps(own: Path) -> None:
    assert library.available_datasets() == [
        ("", library.entry("reference").title),
        (str(own / "tiny"), "Tiny world"),
    ]


# editing


def cell(client: Client, table: str, place: int, column: str, value: str, mark: str | None = None) -> Any:
    frame = library.opened(library.entry("tiny"))[table]
    known = row_of(frame, table, place).mark if mark is None else mark
    data = {"place": str(place), "column": column, "mark": known, "value": value}
    return client.post(f"/data/tiny/{table}/cell/", data, headers={"HX-Request": "true"})


def test_a_changed_cell_is_stored_with_the_person_as_source(client: Client, own: Path) -> None:
    before = load(own / "tiny")

    answer = cell(client, "furnace_groups", 2, "capacity", "1234567").content.decode()

    after = load(own / "tiny")
    assert "1,234,567" in answer
    changed = after["furnace_groups"].iloc[2]
    assert (changed["capacity"], changed["source"], changed["quality"]) == (1234567.0, "own-values", "E")
    rest = [place for place in range(len(after["furnace_groups"])) if place != 2]
    pd.testing.assert_frame_equal(after["furnace_groups"].iloc[rest], before["furnace_groups"].iloc[rest])
    assert "own-values" in set(after["sources"]["source"])
    for name in set(schema()) - {"furnace_groups", "sources"}:
        pd.testing.assert_frame_equal(after[name], before[name])


@pytest.mark.parametrize(
    ("table", "column", "value", "told"),
    [
        ("furnace_groups", "capacity", "-5", "a value above 0 t/yr is expected"),
        ("furnace_groups", "capacity", "much", "a number is expected"),
        ("furnace_groups", "capacity", "1_000", "a number is expected"),
        ("furnace_groups", "capacity", "nan", "a number is expected"),
        ("furnace_groups", "capacity", "1e12", "implausibly large"),
        ("furnace_groups", "start_year", "2000.5", "a whole number is expected"),
        ("furnace_groups", "start_year", "1e30", "a number is expected"),
        ("furnace_groups", "technology", "NOPE", "it does not exist in technologies.technology"),
        ("furnace_groups", "status", "", "a value is required"),
        ("furnace_groups", "plant", "=1+1", "formulas are not read"),
        ("plants", "name", "a\nb", "without line breaks"),
        ("plants", "name", "x" * 3000, "at most 2,000 characters"),
        ("plants", "synthetic", "perhaps", "write true or false"),
        ("countries", "country", "BRA", "each country may stand in one row only"),
        ("bill_of_materials", "amount", "99", "iron"),
    ],
)
def test_a_value_that_breaks_a_rule_is_shown_and_not_kept(
    client: Client, own: Path, table: str, column: str, value: str, told: str
) -> None:
    before = load(own / "tiny").hash
    files = {file.name: file.read_bytes() for file in (own / "tiny").iterdir()}
    place = {"countries": 1, "bill_of_materials": 6}.get(table, 0)

    answer = cell(client, table, place, column, value)

    assert answer.status_code == 200
    text = answer.content.decode()
    assert told in text
    assert "Not kept" in text
    assert load(own / "tiny").hash == before
    assert {file.name: file.read_bytes() for file in (own / "tiny").iterdir()} == files
    assert kept(own) == {"tiny"}


def test_a_row_that_changed_meanwhile_is_not_overwritten(client: Client, own: Path) -> None:
    first = cell(client, "plants", 0, "name", "First")
    assert "First" in first.content.decode()

    answer = cell(client, "plants", 0, "name", "Second", mark="of-an-older-page")

    assert answer.headers["HX-Refresh"] == "true"
    assert load(own / "tiny")["plants"].iloc[0]["name"] == "First"


def test_of_two_changes_at_once_one_is_kept(own: Path) -> None:
    one = library.entry("tiny")
    seen = row_of(library.opened(one)["plants"], "plants", 0).mark
    outcomes = []

    def change(name: str) -> None:
        try:
            set_cell(one, "plants", 0, seen, schema()["plants"]["name"], name)
            outcomes.append(name)
        except Outdated:
            outcomes.append("outdated")

    threads = [threading.Thread(target=change, args=(name,)) for name in ("First", "Second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept, refused = sorted(outcomes)
    assert refused == "outdated"
    assert load(own / "tiny")["plants"].iloc[0]["name"] == kept


def test_a_changed_key_reloads_the_page(client: Client, own: Path) -> None:
    answer = cell(client, "prices", 0, "year", "2024")

    assert answer.headers["HX-Refresh"] == "true"
    assert 2024 in set(load(own / "tiny")["prices"]["year"])


def test_a_cell_can_be_opened_and_left(client: Client, own: Path) -> None:
    path = "/data/tiny/plants/cell/?place=0&column=name"

    assert "<form" in client.get(path).content.decode()
    assert "<form" not in client.get(path + "&cancel=1").content.decode()
    assert "<form" not in client.get(path.replace("tiny", "reference")).content.decode()
