"""The data pages show what is stored, find what is asked for, and work in a browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from steeliq.simulation.dataset import load
from steeliq.simulation.dataset.canonical import canonical
from steeliq.simulation.dataset.schema import schema
from steeliq.webui.data.table_view import Wish, matching, rows_of, view
from steeliq.webui.data.texts import GROUPS
from tests.web.datasets import tracker_workbook
from tests.worlds import tiny_tables, write_tiny


def test_every_page_of_a_dataset_is_there(client: Client, own: Path) -> None:
    for path in ("", "reference/", "tiny/", "tiny/checks/", "tiny/licences/", "tiny/map/", "tiny/map/figure.json"):
        answer = client.get(f"/data/{path}")
        assert answer.status_code == 200, path
    for table in schema():
        text = client.get(f"/data/tiny/{table}/").content.decode()
        for column in schema()[table].columns:
            assert f">{column.name}" in text, f"{table}.{column.name}"


def test_an_empty_table_says_how_it_gets_rows(client: Client, own: Path) -> None:
    text = client.get("/data/tiny/subsidies/").content.decode()
    assert "This table is empty. To give it rows" in text
    assert 'href="/data/tiny/workbook.xlsx"' in text
    assert "To give it rows" not in client.get("/data/tiny/plants/").content.decode()


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
