"""The data pages: shown as stored, changed only if valid, and nothing kept of what is refused."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from steeliq.simulation.dataset import load
from steeliq.simulation.dataset.canonical import canonical
from steeliq.simulation.dataset.excel import write_workbook
from steeliq.simulation.dataset.schema import schema
from steeliq.webui.data import archives, library, uploads
from steeliq.webui.data.edits import Outdated, row_of, set_cell
from steeliq.webui.data.table_view import Wish, matching, rows_of, view
from steeliq.webui.data.texts import GROUPS
from steeliq.webui.runs.models import Run, State
from tests.web.live import Live
from tests.worlds import tiny_tables, write_tiny

OFFICIAL = "STEELIQ_TRACKER_WORKBOOK"
"""Variable with the path of the tracker's official workbook (September 2025), which is not part of the checkout."""
BESIDE = Path(__file__).resolve().parents[3] / "shared/reference/plants/GEM_GIST_plant_level_2025-09_V1.xlsx"
"""Where the workbook is looked for if the variable is not set: in a folder beside the checkout."""


@pytest.fixture
def own(home: Path, tiny: Path) -> Iterator[Path]:
    """The folder of own datasets with the tiny world in it."""
    folder = home / "datasets"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tiny, folder / "tiny")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def kept(folder: Path) -> set[str]:
    """Everything among own datasets but locks, and all that is half done: a refusal must leave it as it was."""
    staging = folder.parent / "staging"
    half = {path.name for path in staging.iterdir()} if staging.is_dir() else set[str]()
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")} | half


def send(client: Client, content: bytes, name: str = "world.xlsx", **data: str) -> Any:
    return client.post("/data/upload/", {"file": SimpleUploadedFile(name, content), **data})


def tiny_workbook(folder: Path) -> bytes:
    file = folder / "tiny.xlsx"
    write_workbook(file, tiny_tables(), name="tiny", title="Tiny world", description="For tests", version="1")
    return file.read_bytes()


def tiny_package(folder: Path, *, under: str = "") -> dict[str, bytes]:
    return {f"{under}{file.name}": file.read_bytes() for file in sorted(write_tiny(folder / "package").iterdir())}


def packed(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in members.items():
            archive.writestr(name, part)
    return content.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# what is shown


def test_every_page_of_a_dataset_is_there(client: Client, own: Path) -> None:
    for path in ("", "reference/", "tiny/", "tiny/checks/", "tiny/licences/", "tiny/map/", "tiny/map/figure.json"):
        answer = client.get(f"/data/{path}")
        assert answer.status_code == 200, path
    for table in schema():
        text = client.get(f"/data/tiny/{table}/").content.decode()
        for column in schema()[table].columns:
            assert f">{column.name}" in text, f"{table}.{column.name}"


def test_the_groups_name_every_table_once() -> None:
    assert sorted(name for tables in GROUPS.values() for name in tables) == sorted(schema())


def test_no_address_of_a_dataset_is_a_table() -> None:
    words = {"checks", "licences", "map", "report", "duplicate", "delete", "upload"}
    assert not words & set(schema())


def test_unknown_addresses_are_no_pages(client: Client, own: Path) -> None:
    for path in ("nope/", "tiny/nope/", "tiny/report/", "..%2Ftiny/", "tiny/plants/cell/?place=x&column=name"):
        assert client.get(f"/data/{path}").status_code == 404, path


def test_a_broken_dataset_shows_its_problems(client: Client, own: Path) -> None:
    file = own / "tiny" / "plants.csv"
    file.write_text(file.read_text("utf-8").replace("DEU", "XXX", 1), encoding="utf-8")

    assert "problem" in client.get("/data/").content.decode()
    for page in ("", "plants/", "licences/", "map/", "workbook.xlsx", "plants/rows.csv"):
        assert client.get(f"/data/tiny/{page}").headers["Location"] == "/data/tiny/checks/", page
    text = client.get("/data/tiny/checks/").content.decode()
    assert "XXX" in text
    assert "it does not exist in countries.country" in text
    assert client.get("/data/tiny/package.zip").status_code == 200


def test_the_map_shows_each_plant_with_its_capacity(client: Client, own: Path) -> None:
    chart = client.get("/data/tiny/map/figure.json").json()
    tables = tiny_tables()
    groups = tables["furnace_groups"].merge(tables["technologies"][["technology", "stage"]], on="technology")
    for stage in ("steelmaking", "ironmaking"):
        wanted = groups[(groups["stage"] == stage) & (groups["status"] == "operating")]
        dots = [dot for trace in chart["frames"][f"{stage}|operating"] for dot in trace["customdata"]]
        assert len(dots) == wanted["plant"].nunique()
        assert sum(dot[4] for dot in dots) == pytest.approx(wanted["capacity"].sum() / 1e6)


def test_the_map_is_taken_away_as_it_is_shown(client: Client, own: Path) -> None:
    chart = client.get("/data/tiny/map/figure.json").json()
    rows = client.get("/data/tiny/map/figure.csv").content.decode("utf-8-sig").splitlines()[1:]
    dots = sum(len(trace["customdata"]) for traces in chart["frames"].values() for trace in traces)
    assert chart["rows"] == len(rows) == dots > 0
    frame = client.get("/data/tiny/map/figure.data.json?frame=ironmaking|operating").json()
    assert {row[0] for row in frame["rows"]} == {"ironmaking"}
    assert client.get("/data/tiny/map/figure.csv?frame=nothing").status_code == 404
    assert client.get("/data/tiny/map/figure.exe").status_code == 404


def test_sources_of_edits_and_terms_are_shown_escaped(client: Client, own: Path) -> None:
    tables = dict(tiny_tables())
    tables["sources"] = tables["sources"].assign(note="<script>alert(1)</script>", title="<b>x</b>")
    write_tiny(own / "tiny", tables)

    for page in ("licences/", "sources/", "plants/"):
        text = client.get(f"/data/tiny/{page}").content.decode()
        assert "<script>alert" not in text, page
        assert "<b>x</b>" not in text, page
    assert "&lt;script&gt;alert" in client.get("/data/tiny/licences/").content.decode()


# search, filter, sort, pages


texts = st.sampled_from(["", "DEU", "deu", "IND", "a", "(", "2030", "bau", "no such", "invented E"])
numbers = st.sampled_from(
    ["", "2030", ">2030", "<=2040", "2026..2045", "..", "> ", "1e7", ">1e7", "-1", "nan", "1..2..3"]
)


@given(
    wish=st.builds(
        Wish,
        search=texts,
        filters=st.fixed_dictionaries(
            {}, optional={"country": texts, "scenario": texts, "year": numbers, "demand": numbers}
        ),
        sort=st.sampled_from(["", "year", "-year", "demand", "-demand", "country", "nope", "-"]),
    )
)
def test_pages_and_file_hold_the_same_rows_whatever_is_asked(wish: Wish) -> None:
    table = schema()["steel_demand"]
    frame = canonical(tiny_tables()["steel_demand"], table)
    frame = pd.concat(
        [frame.assign(scenario=f"{name}{n}") for name in ("bau", "high") for n in range(5)], ignore_index=True
    )

    first = view(frame, table, wish, {})
    rest = [view(frame, table, replace(wish, page=number), {}) for number in range(2, first.pages + 1)]

    shown = [[cell.raw for cell in row.cells] for one in (first, *rest) for row in one.rows]
    filed = [[cell.raw for cell in row.cells] for row in rows_of(matching(frame, table, wish), table, {})]
    assert shown == filed
    assert len(shown) == first.found


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(), lambda frame: frame),
        (Wish(filters={"country": "DEU"}), lambda frame: frame[frame["country"] == "DEU"]),
        (Wish(filters={"year": ">=2040"}), lambda frame: frame[frame["year"] >= 2040]),
        (Wish(filters={"year": "2030..2040"}), lambda frame: frame[frame["year"].between(2030, 2040)]),
        (Wish(filters={"year": "2030"}), lambda frame: frame[frame["year"] == 2030]),
        (Wish(filters={"demand": "<1e7"}), lambda frame: frame[frame["demand"] < 1e7]),
        (Wish(filters={"demand": "many"}), lambda frame: frame),
        (Wish(filters={"demand": "1..."}), lambda frame: frame),
        (Wish(search="deu 2050"), lambda frame: frame[(frame["country"] == "DEU") & (frame["year"] == 2050)]),
        (Wish(search="("), lambda frame: frame[:0]),
        (Wish(sort="-demand"), lambda frame: frame.sort_values("demand", ascending=False, kind="stable")),
        (Wish(sort="nope"), lambda frame: frame),
    ],
)
def test_a_wish_gives_the_rows_that_it_names(
    tiny: Path, wish: Wish, expected: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    frame = load(tiny)["steel_demand"]

    found = matching(frame, schema()["steel_demand"], wish)

    pd.testing.assert_frame_equal(found, expected(frame))


def test_pages_hold_every_row_once(client: Client) -> None:
    table = schema()["plants"]
    frame = pd.DataFrame({column.name: [f"{column.name}{i}" for i in range(123)] for column in table.columns})
    frame = frame.assign(latitude=1.0, longitude=2.0, synthetic=False)

    pages = [view(frame, table, Wish(page=number), {}) for number in (1, 2, 3, 99)]

    assert [row.place for one in pages[:3] for row in one.rows] == list(range(123))
    assert pages[3].page == pages[3].pages == 3
    assert (pages[2].first, pages[2].last) == (101, 123)


def test_the_csv_holds_what_the_page_shows(client: Client, own: Path) -> None:
    text = client.get("/data/tiny/steel_demand/rows.csv?f.country=DEU&sort=-year").content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))

    frame = load(own / "tiny")["steel_demand"]
    frame = frame[frame["country"] == "DEU"].sort_values("year", ascending=False, kind="stable")
    assert [int(row["year"]) for row in rows] == frame["year"].tolist()
    assert [float(row["demand"]) for row in rows] == frame["demand"].tolist()
    assert {row["source"] for row in rows} == {"invented"}


def test_a_search_by_htmx_gets_the_rows_alone(client: Client, own: Path) -> None:
    answer = client.get("/data/tiny/plants/?q=nothing-like-it", headers={"HX-Request": "true"}).content.decode()

    assert answer.strip().startswith('<div id="rows">')
    assert "No row fits" in answer


def test_a_wrong_filter_is_named(client: Client, own: Path) -> None:
    assert "The filter of year is ignored" in client.get("/data/tiny/steel_demand/?f.year=soon").content.decode()


# copies and downloads


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


# uploads that are refused


def refused(client: Client, own: Path, content: bytes, name: str = "world.xlsx") -> str:
    before = kept(own)
    answer = send(client, content, name)
    assert answer.status_code == 422
    assert kept(own) == before
    text = answer.content.decode()
    assert "nothing was stored" in text
    assert "<td>" in text
    return str(text)


def test_files_that_are_nothing_are_refused(client: Client, own: Path, tmp_path: Path) -> None:
    for content, told in ((b"", "empty"), (b"no archive", "no Excel workbook"), (b"PK\x03\x04", "no Excel workbook")):
        assert told in refused(client, own, content)
    assert "datapackage.json" in refused(client, own, packed({"a.csv": b"a,b\n1,2\n"}), "a.zip")
    assert "found none" in refused(client, own, packed({}), "a.zip")
    assert "found 2 of them" in refused(client, own, packed({"datapackage.json": b"{}", "b/datapackage.json": b"{}"}))
    assert client.post("/data/upload/", {}).status_code == 302
    assert client.get("/data/upload/").status_code == 405


def test_names_of_uploads_are_text_only(client: Client, own: Path) -> None:
    text = refused(client, own, b"no archive", "<script>x.xlsx")

    assert "<script>x" not in text
    assert "&lt;script&gt;x.xlsx" in text


def test_a_wrong_cell_is_listed_with_row_and_column(client: Client, own: Path, tmp_path: Path) -> None:
    package = tiny_package(tmp_path)
    package["plants.csv"] = package["plants.csv"].replace(b"DEU", b"XXX", 1)

    text = refused(client, own, packed(package), "world.zip")

    assert "<td>plants</td>" in text
    assert "<code>XXX</code>" in text


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "a\\..\\evil.csv", "C:evil.csv", "x/../../evil.csv"])
def test_archives_that_reach_outside_are_refused(client: Client, own: Path, tmp_path: Path, name: str) -> None:
    text = refused(client, own, packed(tiny_package(tmp_path) | {name: b"x"}), "world.zip")

    assert "outside itself" in text
    assert not list(own.parent.rglob("evil.csv"))


def test_links_and_doubles_in_archives_are_refused(client: Client, own: Path, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        link = zipfile.ZipInfo("plants.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "holds a link" in refused(client, own, content.getvalue(), "world.zip")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("datapackage.json", "{}")
    assert "twice" in refused(client, own, content.getvalue(), "world.zip")


def test_bombs_are_refused_before_they_unfold(client: Client, own: Path, tmp_path: Path) -> None:
    zeros = b"\0" * (archives.UNPACKED + 1)
    bomb = packed({"datapackage.json": zeros})
    assert len(bomb) < 1_000_000
    assert "would unfold to" in refused(client, own, bomb, "world.zip")

    many = packed({f"{number}.csv": b"" for number in range(archives.MEMBERS + 1)})
    assert "files, more than" in refused(client, own, many, "world.zip")

    lying = bytearray(packed({"datapackage.json": b"\0" * 5_000_000}))
    place = lying.rindex(b"PK\x01\x02")
    lying[place + 24 : place + 28] = (100).to_bytes(4, "little")
    assert "damaged" in refused(client, own, bytes(lying), "world.zip")


def test_a_file_that_is_too_large_is_refused(client: Client, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1000)

    assert "more than" in refused(client, own, b"x" * 1001)


def test_a_sheet_with_a_far_cell_is_refused(client: Client, own: Path, tmp_path: Path) -> None:
    parts = members(tiny_workbook(tmp_path))
    sheet = "xl/worksheets/sheet3.xml"
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", far)

    assert "reaches over 1,048,576 rows" in refused(client, own, packed(parts))


def test_shared_texts_that_multiply_are_refused(
    client: Client, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "TEXT", 100_000)
    file = tmp_path / "long.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("plants")
        for row in range(50):
            sheet.write_string(row, 0, "x" * 30_000)

    assert "more text" in refused(client, own, file.read_bytes())


def _without(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        del parts[name]

    return change


def _swap(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name], f"{name} holds no {old!r}"
        parts[name] = parts[name].replace(old, new, 1)

    return change


PACKAGE_MUTATIONS: dict[str, Callable[[dict[str, bytes]], None]] = {
    "a file is missing": _without("plants.csv"),
    "the description is missing": _without("datapackage.json"),
    "the description is no JSON": _swap("datapackage.json", b"{", b"{{"),
    "the description is a list": lambda parts: parts.update({"datapackage.json": b"[]"}),
    "the description is a number": lambda parts: parts.update({"datapackage.json": b"1e999"}),
    "the description is not UTF-8": lambda parts: parts.update({"datapackage.json": b"\xff\xfe{"}),
    "resources is text": lambda parts: parts.update({"datapackage.json": b'{"resources": "x"}'}),
    "a resource is null": lambda parts: parts.update({"datapackage.json": b'{"resources": [null]}'}),
    "deep nesting": lambda parts: parts.update({"datapackage.json": b"[" * 200_000}),
    "a path leads outside": _swap("datapackage.json", b'"path": "plants.csv"', b'"path": "../../secret-key"'),
    "a path is a web address": _swap("datapackage.json", b'"path": "plants.csv"', b'"path": "https://a.example/b"'),
    "a path holds a zero byte": _swap("datapackage.json", b'"path": "plants.csv"', b'"path": "pl\\u0000ants.csv"'),
    "a unit is unknown": _swap("datapackage.json", b'"unit": "t/yr"', b'"unit": "furlong"'),
    "a unit measures something else": _swap("datapackage.json", b'"unit": "t/yr"', b'"unit": "km"'),
    "a unit is a trick": _swap("datapackage.json", b'"unit": "t/yr"', b'"unit": "__import__(\'os\')"'),
    "a table twice": _swap("datapackage.json", b'"name": "plants"', b'"name": "blocs"'),
    "a file that nobody names": lambda parts: parts.update({"more.csv": b"a\n1\n"}),
    "a column is missing": _swap("plants.csv", b",owner", b""),
    "a column is misspelt": _swap("plants.csv", b"owner", b"ovner"),
    "semicolons": lambda parts: parts.update({"plants.csv": parts["plants.csv"].replace(b",", b";")}),
    "UTF-16": lambda parts: parts.update({"plants.csv": parts["plants.csv"].decode().encode("utf-16")}),
    "zero bytes": _swap("plants.csv", b"DEU", b"D\0U"),
    "an open quote": _swap("plants.csv", b"DEU", b'"DEU'),
    "an empty table": lambda parts: parts.update({"plants.csv": b""}),
    "a header alone": lambda parts: parts.update({"plants.csv": parts["plants.csv"].split(b"\n")[0] + b"\n"}),
    "a formula": _swap("plants.csv", b"false", b'"=HYPERLINK(1)"'),
    "a number in words": _swap("furnace_groups.csv", b",operating", b"x,operating"),
    "an unknown status": _swap("furnace_groups.csv", b"operating", b"sleeping"),
    "a country that does not exist": _swap("countries.csv", b"DEU", b"XXX"),
}  # fmt: skip


@pytest.mark.parametrize("mutation", PACKAGE_MUTATIONS)
def test_mutated_packages_give_a_list_of_problems(client: Client, own: Path, tmp_path: Path, mutation: str) -> None:
    package = tiny_package(tmp_path)
    PACKAGE_MUTATIONS[mutation](package)

    refused(client, own, packed(package), "world.zip")


WORKBOOK = "xl/workbook.xml"
WORKBOOK_MUTATIONS: dict[str, Callable[[dict[str, bytes]], None]] = {
    "no sheets part": _without(WORKBOOK),
    "no relations": _without("xl/_rels/workbook.xml.rels"),
    "no sheet": _without("xl/worksheets/sheet4.xml"),
    "cut in the middle": lambda parts: parts.update(
        {"xl/worksheets/sheet4.xml": parts["xl/worksheets/sheet4.xml"][:400]}
    ),
    "no XML": lambda parts: parts.update({"xl/worksheets/sheet4.xml": b"\0\1\2"}),
    "an unknown encoding": _swap("xl/sharedStrings.xml", b"UTF-8", b"WTF-8"),
    "a sheet of another name": _swap(WORKBOOK, b'name="plants"', b'name="plantes"'),
    "an entity bomb": lambda parts: parts.update(
        {
            "xl/worksheets/sheet4.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "'
            + b"x" * 1000
            + b'">'
            + b"".join(b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10 if n else b"&b;" * 10) for n in range(9))
            + b"]><worksheet>&b8;</worksheet>"
        }
    ),
    "an index beyond the shared texts": _swap("xl/worksheets/sheet4.xml", b"<v>", b"<v>99999"),
    "a binary workbook inside": lambda parts: parts.update({"xl/workbook.bin": b"\0"}),
}


@pytest.mark.parametrize("mutation", WORKBOOK_MUTATIONS)
def test_mutated_workbooks_give_a_list_of_problems(client: Client, own: Path, tmp_path: Path, mutation: str) -> None:
    parts = members(tiny_workbook(tmp_path))
    WORKBOOK_MUTATIONS[mutation](parts)

    refused(client, own, packed(parts))


def scrambled(content: bytes, dice: random.Random) -> bytes:
    """A few bytes changed, lost or put in, in the archive or in one of its parts."""

    def hurt(part: bytes) -> bytes:
        data = bytearray(part)
        for _ in range(dice.randint(1, 8)):
            place = dice.randrange(len(data)) if data else 0
            match dice.randrange(3):
                case 0:
                    data[place : place + 1] = bytes([dice.choice(b'<>&"0169azAZ/= ,\n{}[]\0\xff')])
                case 1:
                    del data[place : place + dice.randint(1, 40)]
                case _:
                    data[place:place] = bytes(dice.choice(b'<>&"0169azAZ/= ,\n') for _ in range(dice.randint(1, 9)))
        return bytes(data)

    if dice.random() < 0.3:
        return hurt(content)
    parts = members(content)
    name = dice.choice(sorted(parts))
    return packed(parts | {name: hurt(parts[name])})


@pytest.mark.parametrize("seed", range(12))
def test_scrambled_files_are_taken_whole_or_refused_whole(client: Client, own: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    whole = [tiny_workbook(tmp_path), packed(tiny_package(tmp_path)), tracker_workbook(tmp_path / "tracker.xlsx")]
    for content in whole:
        before = kept(own)
        answer = send(client, scrambled(content, dice), title="Scrambled", base="tiny")
        after = kept(own)
        if answer.status_code == 302:
            assert len(after - before) == 1
            load(own / (after - before).pop())
        else:
            assert answer.status_code == 422
            assert after == before


# the tracker's workbook

PLANTS: tuple[tuple[object, ...], ...] = (
    ("P1", "Duisburg works", "Germany", "51.5, 6.7", "Rhine Steel", "Rhine Group [100%]", 1970),
    ("P2", "Minas mill", "Brazil", "unknown", "", "", "unknown"),
    ("P3", "Far works", "Atlantis", "0, 0", "Poseidon", "", 1990),
    ("P4", "", "India", "22.8, 86.2", "=Evil()", "unknown", 2300),
    ("P1", "Again", "Germany", "51.5, 6.7", "Rhine Steel", "", 1970),
    ("", "No id", "Germany", "51.5, 6.7", "Rhine Steel", "", 1970),
)
CAPACITIES: tuple[tuple[object, ...], ...] = (
    ("P1", "operating", 1970, 3000, 3500, "", "", "", "", ""),
    ("P1", "announced", "", "", "", 2000, "", "", "", ""),
    ("P1", "retired", 1950, 500, "", "", "", "", "", ""),
    ("P2", "operating", "", "", "", 800, "", "", "", ""),
    ("P3", "operating", 1990, "", "", 900, "", "", "", ""),
    ("P4", "operating", "", "", "", "", "", 700, "", ">0"),
    ("P4", "construction", "", "", "", 90_000_000, "", "", "", ""),
    ("P9", "operating", 2000, "", "", 500, "", "", "", ""),
)


def tracker_workbook(
    path: Path, plants: tuple[tuple[object, ...], ...] = PLANTS, rows: tuple[tuple[object, ...], ...] = CAPACITIES
) -> bytes:
    """A workbook as the tracker publishes it, with one row of each kind of trouble."""
    from steeliq.simulation.dataset.gem import WORKBOOK_CAPACITIES, WORKBOOK_PLANTS

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        for name, heads, cells in (
            ("Plant data", WORKBOOK_PLANTS, plants),
            ("Plant capacities and status", WORKBOOK_CAPACITIES, rows),
        ):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(heads))
            for number, row in enumerate(cells, start=1):
                sheet.write_row(number, 0, list(row))
    return path.read_bytes()


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


@pytest.fixture
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


def test_a_run_on_the_official_workbook_works_from_the_app(live: Live, official: Path) -> None:
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


# in a browser


def test_a_person_edits_a_cell_and_searches_without_reloading(watched: Any) -> None:
    page = watched.page
    page.goto("/data/tiny/furnace_groups/?edit=1")
    page.evaluate("window.sameDocument = true")
    button = page.locator("tbody tr").first.locator("button.cell").nth(3)
    button.click()
    field = page.locator("td.pen input[name=value]")
    assert field.evaluate("element => element === document.activeElement")
    field.fill("-1")
    field.press("Enter")
    page.get_by_text("a value above 0 t/yr is expected").wait_for()
    page.locator("td.pen input[name=value]").press("Escape")
    page.locator("td.pen").wait_for(state="detached")
    page.locator("tbody tr").first.locator("button.cell").nth(3).click()
    page.locator("td.pen input[name=value]").fill("2222222")
    page.locator("td.pen input[name=value]").press("Enter")
    page.get_by_text("2,222,222").wait_for()
    assert page.locator("tbody tr").first.get_by_text("own-values").count() == 1
    total = page.locator("tbody tr").count()
    page.get_by_label("Search").fill("BOF")
    page.get_by_text("found among").wait_for()
    assert 0 < page.locator("tbody tr").count() < total
    assert "q=BOF" in page.url
    assert page.evaluate("window.sameDocument")


def test_a_person_brings_the_trackers_workbook(watched: Any, tmp_path: Path) -> None:
    page = watched.page
    tracker_workbook(tmp_path / "tracker.xlsx")
    page.goto("/data/")
    page.get_by_label("File").set_input_files(tmp_path / "tracker.xlsx")
    page.get_by_label("Title", exact=True).fill("Fleet of the browser")
    page.get_by_label("World round imported plants").select_option("tiny")
    page.get_by_role("button", name="Check and keep").click()
    page.get_by_role("heading", name="Refused").wait_for()
    assert page.url.endswith("/data/fleet-of-the-browser/report/")
    page.get_by_text("8 rows, one by one").click()
    page.get_by_text("the base dataset has no technology DRI_COAL").last.wait_for()
    page.goto("/data/")
    row = page.locator("tr", has_text="Fleet of the browser")
    row.get_by_text("Delete", exact=True).click()
    row.get_by_role("button", name="Delete for good").click()
    page.get_by_text("Fleet of the browser was deleted.").wait_for()


def test_the_map_draws_and_shows_its_table(watched: Any) -> None:
    page = watched.page
    page.goto("/data/tiny/map/")
    page.locator(".plot .trace").first.wait_for(state="attached")
    page.get_by_role("button", name="Table").click()
    page.locator(".data tbody tr").first.wait_for()
    page.get_by_label("Stage").select_option("1")
    assert page.locator(".data tbody td").first.inner_text() == "ironmaking"
