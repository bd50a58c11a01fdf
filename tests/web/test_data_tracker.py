"""The tracker's workbook becomes a dataset, with an account of what was taken, assumed and refused."""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pytest
from django.test import Client

from steeliq.simulation.dataset import load
from steeliq.simulation.dataset.schema import schema
from tests.web.datasets import CAPACITIES, PLANTS, WORKBOOK, kept, members, packed, refused, send, tracker_workbook
from tests.web.live import Live

OFFICIAL = "STEELIQ_TRACKER_WORKBOOK"
"""Variable with the path of the tracker's official workbook (September 2025), which is not part of the checkout."""
BESIDE = Path(__file__).resolve().parents[3] / "shared/reference/plants/GEM_GIST_plant_level_2025-09_V1.xlsx"
"""Where the workbook is looked for if the variable is not set: in a folder beside the checkout."""


def test_the_trackers_workbook_becomes_a_dataset_with_an_account(client: Client, own: Path, tmp_path: Path) -> None:
    content = tracker_workbook(tmp_path / "tracker.xlsx")

    answer = send(client, content, "GIST <2030>.xlsx", title="New fleet", base="tiny")

    assert answer.headers["Location"] == "/data/new-fleet/report/"
    made, base = load(own / "new-fleet"), load(own / "tiny")
    listed = made["plants"][~made["plants"]["synthetic"]].set_index("plant")
    assert set(listed.index) == {"P1", "P2"}
    assert listed.loc["P1", "owner"] == "Rhine Group"
    assert listed.loc["P2", "owner"] == "Owner of Minas mill"
    centre = base["countries"].set_index("country").loc["BRA"]
    for axis in ("latitude", "longitude"):
        assert listed.loc["P2", axis] == centre[axis]
    groups = made["furnace_groups"].groupby(["plant", "technology", "status"])["capacity"].sum()
    assert groups["P1", "BF", "operating"] == 3e6
    assert groups["P1", "BOF", "operating"] == 3.5e6
    assert groups["P1", "EAF", "announced"] == 2e6
    assert groups["P2", "EAF", "operating"] == 8e5
    untouched = set(schema()) - {"plants", "furnace_groups", "hot_links", "sources"}
    for name in untouched:
        pd.testing.assert_frame_equal(made[name], base[name])
    assert made["sources"].set_index("source").loc["tracker-workbook", "licence"] == "CC BY 4.0"
    send(client, content, "GIST <2030>.xlsx", title="Again", base="tiny")
    assert load(own / "again").hash == made.hash


def test_the_account_names_every_row_that_was_refused(client: Client, own: Path, tmp_path: Path) -> None:
    send(client, tracker_workbook(tmp_path / "tracker.xlsx"), "<b>.xlsx", title="New fleet", base="tiny")

    text = client.get("/data/new-fleet/report/").content.decode()
    rows = list(
        csv.DictReader(io.StringIO(client.get("/data/new-fleet/report/refused.csv").content.decode("utf-8-sig")))
    )

    assert "<b>.xlsx" not in text
    told = {(row["plant"], row["status"], row["kind"]): row["rule"] for row in rows}
    assert told["", "", ""] == "the row has no plant id"
    assert told["P3", "", ""] == "country Atlantis is not in the base dataset: it would have no demand, prices or trade"
    assert told["P1", "", ""] == "the plant id stands in an earlier row already"
    assert told["P1", "retired", "BF"] == "status 'retired' is not part of the fleet"
    assert told["P9", "operating", "EAF"] == "sheet 'Plant data' has no plant of this id"
    assert told["P4", "construction", "EAF"].startswith("the capacity is implausible")
    assert told["P4", "operating", "other_steel"] == "unknown or zero capacity"
    assert told["P4", "operating", "DRI_COAL"] == "the base dataset has no technology DRI_COAL"
    for rule in ("no usable coordinates", "no owner", "operating without a start year", "outside 1500-2100"):
        assert rule in text
    assert "2 of 6 plants" in text


@pytest.mark.parametrize(
    ("plants", "rows", "told"),
    [
        (PLANTS, (), "no row of the workbook can be used"),
        (PLANTS[2:3], CAPACITIES, "no row of the workbook can be used"),
        ((), (), "no row of the workbook can be used"),
    ],
)
def test_a_workbook_without_a_usable_row_is_refused(
    client: Client, own: Path, tmp_path: Path, plants: Any, rows: Any, told: str
) -> None:
    before = kept(own)

    answer = send(client, tracker_workbook(tmp_path / "tracker.xlsx", plants, rows), base="tiny")

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert kept(own) == before


def test_a_tracker_without_a_column_or_sheet_is_refused(client: Client, own: Path, tmp_path: Path) -> None:
    parts = members(tracker_workbook(tmp_path / "tracker.xlsx"))
    shared = "xl/sharedStrings.xml"

    column = parts | {shared: parts[shared].replace(b"Coordinates", b"Where")}
    assert "this column is missing" in refused(client, own, packed(column))
    sheet = parts | {WORKBOOK: parts[WORKBOOK].replace(b"Plant capacities and status", b"Capacities")}
    assert "cannot be read" in refused(client, own, packed(sheet))


@pytest.fixture(scope="module")
def official() -> Path:
    """The tracker's official workbook; the test is skipped, loudly, where it is not at hand."""
    file = Path(os.environ.get(OFFICIAL) or BESIDE)
    if not file.is_file():
        pytest.skip(f"THE OFFICIAL WORKBOOK IS NOT HERE: name its path in {OFFICIAL} to test its import")
    return file


def test_the_official_workbook_gives_the_reference_fleet(client: Client, own: Path, official: Path) -> None:
    file = official

    answer = send(client, file.read_bytes(), file.name, title="Official")

    assert answer.headers["Location"] == "/data/official/report/"
    made, reference = load(own / "official"), load()
    for table, key in (("furnace_groups", "furnace_group"), ("plants", "plant"), ("hot_links", "iron_plant")):
        names = [column.name for column in schema()[table].columns if column.name not in {"source", "quality"}]
        pd.testing.assert_frame_equal(made[table][names], reference[table][names], obj=f"{table} by {key}")
    report = client.get("/data/official/report/").content.decode()
    listed = pd.read_excel(file, sheet_name="Plant data", engine="calamine")["Plant ID"].nunique()
    taken = int((~made["plants"]["synthetic"]).sum())
    assert f"{taken:,} of {listed:,} plants" in report
    rows = list(
        csv.DictReader(io.StringIO(client.get("/data/official/report/refused.csv").content.decode("utf-8-sig")))
    )
    assert f"{len(rows):,} rows, one by one" in report
    assert len(rows) > 400
    assert all(row["rule"] for row in rows)
    # Every plant is accounted for: taken, or with a row that says why it was not.
    there = set(made["plants"]["plant"]) | {row["plant"] for row in rows}
    assert len(there - set(made["plants"].loc[made["plants"]["synthetic"], "plant"])) == listed


def test_a_run_on_the_official_workbook_works_from_the_app(official: Path, live: Live) -> None:
    page = live.get("/data/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    made = live.session.post(
        f"{live.address}/data/upload/",
        data={"csrfmiddlewaretoken": token[1], "title": "Official"},
        files={"file": (official.name, official.read_bytes())},
        headers={"Origin": live.address},
        timeout=120,
    )
    assert urlsplit(made.url).path == "/data/official/report/"
    key = live.start(dataset="official", first="2025", last="2027")
    assert live.ends(key, patience=240) == "done"
    found = live.get(f"/explore/{key}/figure/production-steel.json")
    assert found.json()["rows"] > 10
    assert live.get(f"/explore/{key}/audit/").status_code == 200
