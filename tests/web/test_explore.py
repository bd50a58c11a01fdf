"""Explore pages: what is shown is what the tables say and what is downloaded, whatever the filter."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import shutil
import zipfile
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import pyarrow.parquet as pq
import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from steeliq.simulation.results import read_table
from steeliq.simulation.results.labels import Labels
from steeliq.simulation.results.report.charts import RunTables, short
from steeliq.simulation.results.report.rows import rows_of
from steeliq.simulation.results.tables import write_table, write_year
from steeliq.webui.explore.charts_plant import npvs
from steeliq.webui.explore.figures import MAKERS, PLANT_FIGURES, TABS, WIDE, chart_of
from steeliq.webui.explore.filters import Filters, narrowed
from steeliq.webui.explore.stores import Kept, open_run
from steeliq.webui.runs.models import Run, State
from tests.results_example import GROUPS, YEARS, reference_tables, run_tables, write_run
from tests.web.conftest import add_finished_run
from tests.web.live import Live, Watched

COUNTRIES = ("BRA", "DEU", "IND")
REGIONS = ("Europe", "India", "South and Central America")
TECHNOLOGIES = ("BF", "BF_CCS", "BOF", "DRI_GAS", "DRI_H2", "EAF", "IF")
OWNERS = ("Ganga Steel", "Minas Siderurgia", "Rhein Stahl", "Small plants")
EMPTY_IN_EXAMPLE = {"break-even-year", "break-even-hydrogen", "break-even-carbon", "abatement"}
"""Figures that need the dataset of the run: that of the example is on no machine (see test_questions.py)."""


def pages(run: Run) -> list[str]:
    return [f"/explore/{run.key}/" + (f"{tab.slug}/" if tab.slug != "overview" else "") for tab in TABS]


def address(run: Run, name: str, kind: str, query: str = "") -> str:
    return f"/explore/{run.key}/figure/{name}.{kind}" + (f"?{query}" if query else "")


def chart(client: Client, run: Run, name: str, query: str = "") -> dict[str, Any]:
    answer = client.get(address(run, name, "json", query))
    assert answer.status_code == 200, (name, query, answer.content[:500])
    document: dict[str, Any] = json.loads(answer.content)
    return document


def table_of(document: dict[str, Any]) -> list[list[str]]:
    """The table of a figure as a reader sees it, from the JSON that the page draws: an own reading of the traces."""
    frames = document["frames"].items() if document["controls"] else [("", document["traces"])]
    found = []
    for key, traces in frames:
        labels = [
            control["labels"][control["values"].index(value)]
            for control, value in zip(document["controls"], key.split("|"), strict=False)
        ]
        for trace in traces:
            meta = trace.get("meta") or {}
            if meta.get("ground"):
                continue
            if trace["type"] == "heatmap":
                cells = itertools.product(range(len(trace["y"])), range(len(trace["x"])))
                rows = [
                    [trace["y"][i], trace["x"][j], trace["z"][i][j]] for i, j in cells if trace["z"][i][j] is not None
                ]
            elif meta.get("table") == "customdata":
                rows = [([] if meta.get("unnamed") else [trace["name"]]) + row for row in trace["customdata"]]
            else:
                rows = [
                    [trace["name"], x, y, *(trace.get("customdata") or {i: [] for i in range(len(trace["x"]))})[i]]
                    for i, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True))
                ]
            found += [[*labels, *row] for row in rows]
    return [
        ["" if cell is None else re.sub(r"(?<=\w-)<br>", "", str(cell)).replace("<br>", " ") for cell in row]
        for row in found
    ]


def downloaded(client: Client, run: Run, name: str, query: str = "") -> tuple[list[str], list[list[str]]]:
    answer = client.get(address(run, name, "csv", query))
    assert answer.status_code == 200, (name, query)
    assert answer.content.startswith("\ufeff".encode())
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    return head, rows


def test_every_page_opens_and_names_figures_that_exist(client: Client, finished_run: Run) -> None:
    for path in pages(finished_run):
        answer = client.get(path)
        assert answer.status_code == 200, path
        names = re.findall(r'data-figure="[^"]*/figure/([^"]+)"', answer.content.decode())
        assert names, path
        assert set(names) <= set(MAKERS), path
    shown = {name for tab in TABS for name in tab.figures} | set(PLANT_FIGURES)
    assert shown == set(MAKERS)


def test_the_overview_says_what_to_read_before_quoting_and_where(client: Client, finished_run: Run) -> None:
    path = finished_run.path / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"estimated": {"prices": 1.0}}), "utf-8")
    text = client.get(f"/explore/{finished_run.key}/").content.decode()
    note = text[text.index('id="quote"') : text.index("At a glance")]
    assert "prices of energy and materials (all rows)" in note
    links = re.findall(r'href="([^"]+)"', note)
    assert "/help/data/#least-certain-most-telling" in links
    assert all(client.get(link.partition("#")[0]).status_code == 200 for link in links if link.startswith("/"))


def test_the_overview_shows_each_key_figure_once_and_calls_settings_as_the_editor_does(
    client: Client, finished_run: Run
) -> None:
    path = finished_run.path / "run.json"
    changed = {"differences": {"carbon": {"scenario": "none", "paths": {"DEU": {"2030": 90.0}}}}}
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changed), "utf-8")
    text = client.get(f"/explore/{finished_run.key}/").content.decode()
    names = re.findall(r"<dt[^>]*>([^<]+)</dt>", text)
    assert "Crude steel" in names
    assert len(names) == len(set(names))
    rows = re.findall(r"<tr><td[^>]*>([^<]+)<.*?</div></td><td>([^<]+)", text[text.index("What this scenario") :])
    assert [(label, value.strip()) for label, value in rows] == [
        ("Carbon price scenario", "none"), ("Carbon prices by area: DEU", "90.0 in 2030"),
    ]  # fmt: skip


def test_the_audit_says_whether_every_law_holds_how_far_from_its_limit_and_when(
    client: Client, finished_run: Run
) -> None:
    table = read_table(finished_run.path, "audit")
    worst = table.sort_values("residual").iloc[-1]
    text = client.get(f"/explore/{finished_run.key}/audit/").content.decode()
    times = float(f"{1e-6 / worst['residual']:.2g}")
    assert f"“{worst['invariant']}” in {worst['year']}, {times:,.0f} times below it" in text
    assert "<details open>" not in text
    head, rows = downloaded(client, finished_run, "audit")
    assert head == ["years", "law", "worst residual", "year", "where", "holds"]
    assert len(rows) == table["invariant"].nunique() + len(table.drop_duplicates(["invariant", "year"]))
    assert [rows[0][1], float(rows[0][2]), rows[0][3]] == [worst["invariant"], worst["residual"], str(worst["year"])]
    # One year of one law breaks it: told first, wherever the other laws stand.
    broken = read_table(finished_run.path, "audit", [2027])
    broken.loc[0, ["residual", "passed"]] = [float("nan"), False]
    write_table(finished_run.path, "audit", 2027, broken)
    law, where = (str(broken[name].iloc[0]) for name in ("invariant", "where"))
    text = client.get(f"/explore/{finished_run.key}/audit/").content.decode()
    assert f"is broken. Worst is “{law}” in 2027: not a number" in text
    assert "<details open>" in text
    _, rows = downloaded(client, finished_run, "audit")
    assert [row for row in rows if row[0].startswith("all") and row[-1] == "no"] == [
        [rows[0][0], law, "", "2027", where, "no"]
    ]


def test_every_figure_says_what_it_shows(client: Client, finished_run: Run) -> None:
    for name in MAKERS:
        document = chart(client, finished_run, name)
        assert document["id"] == name
        assert all(document[key] for key in ("title", "unit", "source", "summary", "empty", "columns")), name
        assert document["is_empty"] == (name in EMPTY_IN_EXAMPLE), name
        assert document["wide"] == (name in WIDE), name
        keys = {"|".join(values) for values in itertools.product(*(c["values"] for c in document["controls"]))}
        assert set(document["frames"]) == (keys if document["controls"] else set()), name
        head, rows = downloaded(client, finished_run, name)
        assert all(len(row) == len(head) for row in rows), name


lists = st.fixed_dictionaries(
    {},
    optional={
        "first": st.integers(YEARS[0], YEARS[-1]).map(str),
        "last": st.integers(YEARS[0], YEARS[-1]).map(str),
        "country": st.lists(st.sampled_from(COUNTRIES), max_size=2),
        "region": st.lists(st.sampled_from(REGIONS), max_size=2),
        "technology": st.lists(st.sampled_from(TECHNOLOGIES), max_size=3),
        "owner": st.lists(st.sampled_from(OWNERS), max_size=2),
        "plant": st.sampled_from(sorted({group.plant for group in GROUPS})),
    },
)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each example asks for every figure: shrinking takes minutes
)
@given(asked=lists)
def test_shown_is_downloaded_for_every_figure_and_filter(
    client: Client, finished_run: Run, asked: dict[str, Any]
) -> None:
    query = urlencode(asked, doseq=True)
    for name in MAKERS:
        document = chart(client, finished_run, name, query)
        head, rows = downloaded(client, finished_run, name, query)
        assert head == document["columns"], name
        assert rows == table_of(document), (name, query)
        assert document["rows"] == len(rows), name


def test_a_filter_shows_the_rows_of_the_tables_and_no_others(client: Client, finished_run: Run) -> None:
    made = read_table(finished_run.path, "production")
    steel = made[made["product"] == "crude_steel"]

    def shown(query: str) -> float:
        rows = downloaded(client, finished_run, "production-steel", query)[1]
        return sum(float(row[-1]) for row in rows)

    def told(rows: pd.DataFrame) -> float:
        return float(rows["production"].sum()) / 1e6

    cases = {
        "": steel,
        "country=DEU": steel[steel["country"] == "DEU"],
        "country=DEU&country=BRA": steel[steel["country"].isin(["DEU", "BRA"])],
        "region=Europe": steel[steel["country"] == "DEU"],
        "region=Europe&country=IND": steel[steel["country"].isin(["DEU", "IND"])],
        "technology=EAF": steel[steel["technology"] == "EAF"],
        "owner=Rhein+Stahl": steel[steel["owner"] == "Rhein Stahl"],
        "first=2027&last=2028": steel[steel["year"].isin([2027, 2028])],
        "first=2028&last=2027": steel[steel["year"].isin([2027, 2028])],
        "plant=P4&first=2030": steel[(steel["plant"] == "P4") & (steel["year"] == 2030)],
    }
    for query, rows in cases.items():
        assert shown(query) == pytest.approx(told(rows), rel=1e-4), query
    assert len({round(told(rows), 6) for rows in cases.values()}) >= 7  # the cases do differ


def test_a_filter_reaches_tables_that_know_only_furnace_groups(finished_run: Run) -> None:
    run = open_run(finished_run.path)
    for filters in (Filters(owner=("Ganga Steel",)), Filters(plant="P4")):
        seen, told = narrowed(run, filters)
        plants = set(run["production"].loc[run["production"]["owner"] == "Ganga Steel", "plant"])
        for table in ("accounts", "emissions"):
            groups = {str(group).split("-")[0] for group in seen[table]["furnace_group"]}
            assert groups == (plants if filters.owner else {"P4"}), table
        assert not told.parts
    seen, _ = narrowed(run, Filters(country=("DEU",)))
    assert set(seen["candidates"]["furnace_group"]) == {"P1-BF-1", "SITE-DEU"}  # a project too
    assert (seen["flows"][["origin", "destination"]] == "DEU").any(axis=1).all()
    assert set(seen["owners"]["owner"]) == {"Rhein Stahl"}


def test_a_chart_says_by_what_it_could_not_be_narrowed(client: Client, finished_run: Run) -> None:
    note = "Not narrowed by"
    assert note not in chart(client, finished_run, "trade", "country=DEU")["note"]
    assert f"{note} owner" in chart(client, finished_run, "trade", "owner=Ganga+Steel")["note"]
    assert f"{note} country and region" in chart(client, finished_run, "intensity", "region=Europe")["note"]
    assert note not in chart(client, finished_run, "intensity", "first=2027")["note"]


def test_unknown_values_of_a_filter_are_left_out_and_told(client: Client, finished_run: Run) -> None:
    page = client.get(
        f"/explore/{finished_run.key}/?country=XXX&first=1800&owner=<script>&country=DEU"
    ).content.decode()
    assert "This run has no country “XXX”" in page
    assert "“1800” is no year of this run" in page
    assert "<script>”" not in page
    assert "Shown: Germany." in page
    whole = downloaded(client, finished_run, "production-steel")
    assert downloaded(client, finished_run, "production-steel", "country=XXX&last=abc") == whole


def test_years_outside_each_other_leave_a_sentence_instead_of_a_chart(finished_run: Run) -> None:
    run = open_run(finished_run.path)
    for name in MAKERS:
        made = chart_of(run, name, Filters(first=2040, last=2050))
        assert made.is_empty, name
        assert made.empty.startswith("No year of this run"), name
        assert rows_of(made) == [], name


def test_one_frame_of_a_figure_can_be_downloaded_alone(client: Client, finished_run: Run) -> None:
    head, rows = downloaded(client, finished_run, "cost-stack")
    _, frame = downloaded(client, finished_run, "cost-stack", "frame=2027")
    assert frame == [row for row in rows if row[head.index("year")] == "2027"] != []
    assert client.get(address(finished_run, "cost-stack", "csv", "frame=1999")).status_code == 404
    for missing in ("nothing.json", "prices.exe", "prices.parquet"):
        assert client.get(f"/explore/{finished_run.key}/figure/{missing}").status_code == 404


def test_the_json_holds_the_rows_of_the_csv_and_what_they_are(client: Client, finished_run: Run) -> None:
    for query in ("country=IND", "country=IND&frame=2027"):
        told = client.get(address(finished_run, "cost-stack", "data.json", query)).json()
        head, rows = downloaded(client, finished_run, "cost-stack", query)
        assert told["columns"] == head
        assert [["" if cell is None else str(cell) for cell in row] for row in told["rows"]] == rows != []
        assert told["filter"] == "India"
        assert len(told["hash"]) == 8


def test_the_workbook_holds_the_rows_of_the_csv(client: Client, finished_run: Run) -> None:
    for name in ("production-steel", "map", "limits"):
        answer = client.get(address(finished_run, name, "xlsx", "country=IND"))
        head, rows = downloaded(client, finished_run, name, "country=IND")
        data, about = (read_sheet(answer.content, sheet) for sheet in ("Data", "About"))
        assert [[as_csv(cell) for cell in row] for row in data] == [head, *rows]
        facts = {str(row[0]): str(row[1]) for row in about}
        assert facts["Filter"] == "India"
        assert len(facts["Hash"]) == 8


def read_sheet(book: bytes, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def as_csv(cell: Any) -> str:
    # Excel knows no whole numbers.
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def rename_plant(folder: Path, plant: str, name: str) -> None:
    path = folder / "reference" / "plants.parquet"
    frame = pd.read_parquet(path)
    frame.loc[frame["plant"] == plant, "name"] = name
    renamed = path.with_suffix(".new")
    frame.to_parquet(renamed, index=False)
    renamed.replace(path)


def test_figures_of_a_plant_are_asked_for_by_its_whole_identifier(client: Client, finished_run: Run) -> None:
    for path in (finished_run.path / "tables" / "production").glob("*.parquet"):
        table = pq.read_table(path)
        names = [name.replace("P1", "A&B #1") for name in table["plant"].to_pylist()]
        column = table.schema.get_field_index("plant")
        pq.write_table(table.set_column(column, table.schema.field(column), [names]), path)
    page = client.get(f"/explore/{finished_run.key}/plants/A%26B%20%231/").content.decode()
    assert 'data-extra="plant=A%26B+%231"' in page


def test_a_name_that_is_a_formula_or_a_script_does_nothing(client: Client, finished_run: Run) -> None:
    evil = '=HYPERLINK("http://x.example","<script>alert(1)</script>")'
    rename_plant(finished_run.path, "P4", evil)
    rows = downloaded(client, finished_run, "map")[1]
    cells = {cell for row in rows for cell in row if "HYPERLINK" in cell}
    assert cells == {f"'{evil}"}
    book = client.get(address(finished_run, "map", "xlsx")).content
    assert any(evil in row for row in read_sheet(book, "Data"))
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")
    for path in (f"/explore/{finished_run.key}/plants/", f"/explore/{finished_run.key}/plants/P4/"):
        page = client.get(path).content.decode()
        assert "HYPERLINK" in page
        assert "<script>alert(1)" not in page
    table = client.get(f"/explore/{finished_run.key}/plants/table.csv").content.decode("utf-8-sig")
    assert "\"'=HYPERLINK" in table


def test_a_furnace_in_the_flow_of_materials_is_labelled_with_what_it_made(client: Client, finished_run: Run) -> None:
    document = chart(client, finished_run, "sankey")
    year = YEARS[-1]
    made = read_table(finished_run.path, "production", [year])
    bof = made.loc[made["technology"] == "BOF", "production"].sum() / 1e6
    labels = document["frames"][str(year)][0]["node"]["label"]
    assert [label for label in labels if label.startswith("Basic oxygen furnace ")] == [
        f"Basic oxygen furnace {short(bof)}"
    ]


def test_the_table_of_plants_finds_sorts_and_adds_up(client: Client, finished_run: Run) -> None:
    def rows(query: str) -> list[list[str]]:
        text = client.get(f"/explore/{finished_run.key}/plants/table.csv?{query}").content.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))[1:]

    assert [row[0] for row in rows("q=works+p3")] == ["P3"]
    assert {row[0] for row in rows("q=ganga")} == {"P3", "P4"}
    assert [row[0] for row in rows("sort=name")] == ["SITE-BRA-Bahia-2030", "P1", "P2", "P3", "P4", "P5", "P6"]
    made = [float(row[6]) for row in rows("sort=-production")]
    assert made == sorted(made, reverse=True)
    assert rows("q=nowhere") == []
    for year in (2025, 2030):
        on_map = [row for row in downloaded(client, finished_run, "map")[1] if row[0] == str(year)]
        total = sum(float(row[-1]) for row in on_map)
        assert sum(float(row[6]) for row in rows(f"year={year}")) == pytest.approx(total, rel=1e-4)
    page = client.get(f"/explore/{finished_run.key}/plants/table/?q=works+p3&country=IND").content.decode()
    assert "1 plant in 2030" in page
    assert "Works P3" in page
    assert "Works P4" not in page
    assert "No plant is found" in client.get(f"/explore/{finished_run.key}/plants/table/?q=nowhere").content.decode()


def test_the_plant_page_tells_why_a_plant_switched(client: Client, finished_run: Run) -> None:
    page = client.get(f"/explore/{finished_run.key}/plants/P1/").content.decode()
    for text in (
        "Works P1", "Germany", "Rhein Stahl", "P1-BF-1", "2025: switch, BF-BOF → DRI-H2-EAF",
        "End of campaign: best NPV among routes that pass all limits.", "BF-CCS-BOF", "Why?",
        "SCRAP-EAF, worth 240, was refused: metallics; 8.00 Mt/yr asked, 0.50 of 4.00 left.",
        "DRI-H2-EAF is worth 212 USD per tonne of yearly capacity: sales 2,600",
        "DRI-H2-EAF 66 % (draw +64)", "Worth 64 less", "NPV to equity", "over the best way to stay",
    ):  # fmt: skip
        assert text in page, text
    assert client.get(f"/explore/{finished_run.key}/plants/P99/").status_code == 404
    assert client.get(f"/explore/{finished_run.key}/plants/../../x/").status_code == 404
    document = chart(client, finished_run, "plant-npv", "plant=P1")
    assert document["controls"][0]["labels"] == ["2025, P1-BF-1: switch"]
    outcomes = {row[2]: (row[1], row[4]) for row in table_of(document)}
    assert outcomes == {
        "SCRAP-EAF": ("refused", "metallics"), "BF-CCS-BOF": ("not chosen", ""), "DRI-H2-EAF": ("chosen", ""),
        "Renovate": ("not chosen", ""),
    }  # fmt: skip


def test_the_parts_of_an_npv_are_drawn_and_tabled_and_add_up(client: Client, finished_run: Run) -> None:
    document = chart(client, finished_run, "plant-parts", "plant=P1")
    assert document["controls"][0]["labels"] == ["2025, P1-BF-1: switch, BF-BOF → DRI-H2-EAF"]
    values: dict[str, dict[str, float]] = {}
    for _, part, course, value in table_of(document):
        values.setdefault(course, {})[part] = float(value)
    assert list(values) == ["DRI-H2-EAF (chosen)", "SCRAP-EAF", "BF-CCS-BOF", "Renovate"]
    for parts in values.values():
        assert sum(value for part, value in parts.items() if part != "NPV") == pytest.approx(parts["NPV"])


def test_a_run_that_is_older_than_the_reasons_still_has_its_plant_pages(client: Client, finished_run: Run) -> None:
    shutil.rmtree(finished_run.path / "tables" / "reasons")
    page = client.get(f"/explore/{finished_run.key}/plants/P1/").content.decode()
    assert "2025: switch, BF-BOF → DRI-H2-EAF" in page
    assert "SCRAP-EAF, worth 240, was refused: metallics." in page
    assert "What the NPV is made of" not in page
    assert chart(client, finished_run, "plant-parts", "plant=P1")["is_empty"]


# The strip of key figures.


def strip_of(client: Client, run: Run, **asked: str) -> dict[str, tuple[str, str, str]]:
    """Figures of the strip by name: value, unit, difference."""
    text = client.get(f"/explore/{run.key}/strip/?{urlencode(asked)}").content.decode()
    cell = re.compile(
        r'<dt title="([^"]+)">.*?<b>([^<]*)</b> <span class="unit">([^<]*)</span><span class="delta \w*">([^<]*)<',
        re.DOTALL,
    )
    return {name: (value, unit, delta.replace("&nbsp;", "")) for name, value, unit, delta in cell.findall(text)}


def test_the_strip_holds_the_last_year_against_the_first(client: Client, finished_run: Run) -> None:
    emitted = read_table(finished_run.path, "emissions").groupby("year")["scope1"].sum() / 1e6
    strip = strip_of(client, finished_run)
    value, unit, delta = strip["Scope 1 emissions"]
    assert unit == "Mt CO2e"
    assert float(value.replace(",", "")) == pytest.approx(emitted[YEARS[-1]], rel=5e-3)
    change = 100 * (emitted[YEARS[-1]] / emitted[YEARS[0]] - 1)
    found = re.search(r"\(([+\N{MINUS SIGN}])([\d.]+) %\)", delta)
    assert found
    assert float(found[2]) == pytest.approx(abs(change), rel=5e-3)
    assert (found[1] == "+") == (change > 0)
    assert strip["Scope 1, all years"][0] != ""
    assert strip["Scope 1, all years"][2] == "", "a sum over years has no first year"
    earlier = strip_of(client, finished_run, year="2027")["Scope 1 emissions"][0]
    assert float(earlier.replace(",", "")) == pytest.approx(emitted[2027], rel=5e-3)


def test_the_strip_holds_a_run_against_another(client: Client, finished_run: Run, home: Path) -> None:
    other = add_finished_run(home, "Other")
    for year in YEARS:
        frame = read_table(other.path, "emissions", [year])
        write_table(other.path, "emissions", year, frame.assign(scope1=frame["scope1"] * 2))
    strip = strip_of(client, finished_run, base=other.key, year="2027")
    assert "(\N{MINUS SIGN}50.0 %)" in strip["Scope 1 emissions"][2]
    assert strip["Crude steel"][2] == "as baseline"
    text = client.get(f"/explore/{finished_run.key}/costs/?base={other.key}").content.decode()
    assert f'<option value="{other.key}" selected>Other</option>' in text
    shorter = add_finished_run(home, "Shorter")
    for table in (shorter.path / "tables").iterdir():
        (table / f"{YEARS[-1]}.parquet").unlink()
    text = client.get(f"/explore/{finished_run.key}/strip/?base={shorter.key}").content.decode()
    assert f"Shorter has no {YEARS[-1]}" in text
    assert {delta for *_, delta in strip_of(client, finished_run, base=shorter.key).values()} == {""}
    (other.path / "run.json").write_text("{")
    assert b"cannot be read" in client.get(f"/explore/{finished_run.key}/strip/?base={other.key}").content


def test_the_strip_follows_the_filter_and_leaves_out_what_cannot(client: Client, finished_run: Run) -> None:
    emitted = read_table(finished_run.path, "emissions")
    germany = emitted[emitted["country"] == "DEU"].groupby("year")["scope1"].sum() / 1e6
    strip = strip_of(client, finished_run, country="DEU")
    assert float(strip["Scope 1 emissions"][0].replace(",", "")) == pytest.approx(germany[YEARS[-1]], rel=5e-3)
    assert "Intensity, worldsteel" in strip_of(client, finished_run)
    assert "Intensity, worldsteel" not in strip, "it is a mean of the world"
    assert "Mean steel price" in strip
    assert "Mean steel price" not in strip_of(client, finished_run, owner=OWNERS[0])


def small(**tables: pd.DataFrame) -> RunTables:
    run = run_tables(2025)
    return RunTables(run | tables, Labels(reference_tables()), {}, (2025, 2026))


def test_the_chosen_course_is_marked() -> None:
    considered = pd.DataFrame(
        [(2025, "G1", "stay", 5.0, ""), (2025, "G1", "SCRAP_EAF", 4.0, ""), (2026, "G1", "extend", 1.0, "")],
        columns=["year", "furnace_group", "route", "npv", "refused_by"],
    )
    taken = pd.DataFrame(
        [(2025, "G1", "renovate", "BF_BOF")], columns=["year", "furnace_group", "decision", "to_route"]
    )
    made = npvs(small(candidates=considered, decisions=taken))
    assert [(row[0], row[1], row[2]) for row in rows_of(made)] == [
        ("2025, G1: renovate", "chosen", "Renovate"),
        ("2025, G1: renovate", "not chosen", "SCRAP-EAF"),
        ("2026, G1: no change", "not chosen", "Extend"),
    ]


def test_a_run_that_goes_on_shows_its_years_so_far_and_then_the_new_ones(client: Client, finished_run: Run) -> None:
    folder = finished_run.path
    shutil.rmtree(folder)
    write_run(folder, YEARS[:2])
    Run.objects.filter(pk=finished_run.pk).update(state=State.RUNNING)
    assert chart(client, finished_run, "production-steel")["traces"][0]["x"] == [2025, 2026]
    write_year(folder, 2027, run_tables(2027))
    assert chart(client, finished_run, "production-steel")["traces"][0]["x"] == [2025, 2026, 2027]
    changed = run_tables(2027)
    changed["production"]["production"] /= 2.0
    before = downloaded(client, finished_run, "production-country")[1]
    write_year(folder, 2027, changed)
    after = downloaded(client, finished_run, "production-country")[1]
    halves = [float(b[-1]) / float(a[-1]) for a, b in zip(before, after, strict=True) if a[2] == "2027"]
    assert halves == pytest.approx([0.5] * len(halves), rel=1e-4)


def test_a_run_without_a_year_or_with_damaged_files_says_so(client: Client, finished_run: Run) -> None:
    assert client.get("/explore/nothing/").status_code == 404
    assert client.get(f"/explore/{finished_run.key}/nothing/").status_code == 404
    folder = finished_run.path
    victim = folder / "tables" / "production" / "2026.parquet"
    victim.write_bytes(b"not a table")
    (folder / "tables" / "production" / "touched").write_text("", "utf-8")
    page = client.get(f"/explore/{finished_run.key}/")
    assert page.status_code == 409
    assert "this file is damaged" in page.content.decode()
    answer = client.get(address(finished_run, "production-steel", "json"))
    assert answer.status_code == 409
    assert "damaged" in json.loads(answer.content)["problem"]
    shutil.rmtree(folder / "tables")
    (folder / "tables").mkdir()
    page = client.get(f"/explore/{finished_run.key}/emissions/")
    assert page.status_code == 200
    assert "no complete year yet" in page.content.decode()
    shutil.rmtree(folder)
    assert client.get(f"/explore/{finished_run.key}/").status_code == 409


def test_the_store_keeps_within_its_room_and_forgets_the_oldest() -> None:
    made: list[str] = []

    def make(name: str) -> bytes:
        made.append(name)
        return b"x" * 40

    store: Kept[bytes] = Kept(100, len)
    for name in ("a", "b", "a", "c", "a", "b"):
        store.get(name, partial(make, name))
    assert made == ["a", "b", "c", "b"]
    assert len(store) == 2


# In the browser: a real run of the tiny world on a real server.


@pytest.fixture(scope="module")
def explored(live: Live) -> str:
    key = live.start(last="2028")
    assert live.ends(key) == "done"
    return key


def drawn(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_selector("figure[data-figure][aria-busy=false]")
    page.evaluate("steeliq.drawAll()")


def shown_rows(page: Page, name: str) -> list[list[str]]:
    rows: list[list[str]] = page.eval_on_selector_all(
        f"#{name} .data tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return rows


def test_a_page_without_the_table_of_its_figures_says_so_once_and_how_to_get_it(live: Live, explored: str) -> None:
    text = live.get(f"/explore/{explored}/sites/").text
    assert text.count("This run founds no plants at sites.") == 1
    assert "data-figure" not in text
    [editor] = re.findall(r'href="([^"#]+)#field-siting.enabled"', text)
    assert 'id="field-siting.enabled"' in live.get(editor).text


def test_charts_draw_on_every_page_and_each_has_its_table(watched: Watched, explored: str) -> None:
    page = watched.page
    for tab in TABS:
        if tab.table:  # this run has no such table
            continue
        drawn(page, f"/explore/{explored}/" + (f"{tab.slug}/" if tab.slug != "overview" else ""))
        for name in tab.figures:
            figure = page.locator(f"#{name}")
            assert figure.locator(".title").text_content() != "Loading …"
            if figure.locator(".blank").is_visible():
                assert (figure.locator(".blank").text_content() or "").strip()
                continue
            assert figure.locator(".plot .main-svg").count() > 0, name
            figure.get_by_role("button", name="Table").click()
            assert figure.locator(".data tbody tr").count() > 0, name
            assert figure.locator(".plot").is_hidden(), name
            figure.get_by_role("button", name="Source").click()
            assert "Source" in (figure.locator(".about").text_content() or "")


def test_a_filter_changes_charts_and_table_without_a_reload_and_stays_in_the_address(
    watched: Watched, explored: str
) -> None:
    page = watched.page
    drawn(page, f"/explore/{explored}/production/")
    page.evaluate("window.neverReloaded = true")
    before = page.evaluate("steeliq.kit.rowsAll(steeliq.state('production-country')).length")
    page.locator('.pick[data-part="country"] summary').click()
    box = page.locator('.pick[data-part="country"] input[type=checkbox]').first
    with page.expect_response(lambda answer: "production-country.json" in answer.url and "country=" in answer.url):
        box.check()
    page.wait_for_selector("#production-country[aria-busy=false]")
    name = page.locator('.pick[data-part="country"] .options label span').first.text_content()
    rows = page.evaluate("steeliq.kit.rowsAll(steeliq.state('production-country'))")
    assert len(rows) < before
    assert {row[1] for row in rows} <= {name}
    assert page.evaluate("window.neverReloaded") is True
    assert "country=" in page.url
    assert f"Shown: {name}" in (page.locator("#filter-words").text_content() or "")
    page.reload()
    page.locator("#production-country").scroll_into_view_if_needed()
    page.wait_for_selector("#production-country[aria-busy=false]")
    assert page.locator('.pick[data-part="country"] input[type=checkbox]').first.is_checked()
    assert page.evaluate("window.neverReloaded") is None


def test_the_year_moves_with_the_keyboard_for_map_and_table_together(watched: Watched, explored: str) -> None:
    page = watched.page
    drawn(page, f"/explore/{explored}/plants/")
    assert "in 2028" in (page.locator("#plants .hint").first.text_content() or "")
    page.locator("#year").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#map .controls output").text_content() == "2027"
    expect(page.locator("#plants .hint").first).to_contain_text("in 2027")
    assert "year=2027" in page.url
    page.locator("#map .controls input").focus()
    page.keyboard.press("Home")
    assert page.locator("#year-shown").text_content() == "2025"
    page.locator("#play").click()
    expect(page.locator("#year-shown")).to_have_text("2028")
    expect(page.locator("#play")).to_have_attribute("aria-label", "Play the years")
    page.get_by_label("Find plants").fill("nowhere at all")
    expect(page.locator("#plants")).to_contain_text("No plant is found")


def test_the_strip_stays_in_sight_and_keeps_its_baseline(watched: Watched, explored: str, live: Live) -> None:
    other = live.start(last="2028", name="Baseline")
    assert live.ends(other) == "done"
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": 720})
    drawn(page, f"/explore/{explored}/production/")
    page.locator("#base").select_option(label="Baseline")
    expect(page.locator("#strip")).to_contain_text("as baseline")
    assert f"base={other}" in page.url
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    for tile in page.locator("#strip dl > div").all():
        box = tile.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 240
        assert box["x"] + box["width"] <= 1280
    page.get_by_role("link", name="Costs", exact=True).click()
    expect(page.locator("#base option:checked")).to_have_text("Baseline")
    expect(page.locator("#strip")).to_contain_text("Key figures of 2028")


def test_arrow_keys_move_the_year_of_every_figure(watched: Watched, explored: str) -> None:
    page = watched.page
    drawn(page, f"/explore/{explored}/costs/")
    lines = "steeliq.state('lcos').plot.layout.shapes.map((one) => one.x0)"
    assert page.evaluate(lines) == []
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#year-shown")).to_have_text("2027")
    for figure in ("cost-stack", "cost-curve"):
        expect(page.locator(f"#{figure} .controls output")).to_have_text("2027")
    expect(page.locator("#strip")).to_contain_text("Key figures of 2027")
    assert page.evaluate(lines) == [2027]
    page.get_by_label("Find in").or_(page.locator("select[name=first]")).first.focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#year-shown").text_content() == "2027", "a field keeps its arrow keys"


def test_what_is_printed_is_whole_light_and_as_wide_as_paper(watched: Watched, explored: str) -> None:
    page = watched.page
    page.goto(f"/explore/{explored}/production/")
    page.locator("#production-steel .main-svg").first.wait_for()
    assert page.locator("figure[aria-busy=true]").count() > 0, "the last figures wait until they are scrolled to"
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    count = "document.querySelectorAll('[aria-busy=true]').length"
    width = "document.querySelector('#production-steel .main-svg').getAttribute('width')"
    theme = "document.documentElement.dataset.theme"
    page.evaluate(f"window.print = () => {{ document.body.dataset.printed = [{count}, {width}, {theme}] }}")
    before = page.evaluate(width)
    page.keyboard.press("Control+p")
    expect(page.locator("body")).to_have_attribute("data-printed", "0,640,light")
    expect(page.locator("#production-steel .main-svg").first).to_have_attribute("width", before)
    assert page.evaluate(theme) == "dark"


def test_the_downloaded_file_holds_the_rows_of_the_table(watched: Watched, explored: str) -> None:
    page = watched.page
    drawn(page, f"/explore/{explored}/costs/")
    figure = page.locator("#cost-stack")
    figure.get_by_role("button", name="Table").click()
    shown = shown_rows(page, "cost-stack")
    figure.get_by_role("button", name="Download").click()
    page.get_by_label("shown now").check()
    with page.expect_download() as download:
        page.locator("#download a[data-kind=csv]").click()
    head, *rows = csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
    assert [[float(c) if i == 3 else c for i, c in enumerate(row)] for row in rows] == [
        [float(c) if i == 3 else c for i, c in enumerate(row)] for row in shown
    ]
    assert head == ["year", "item", "technology", "USD/t product"]
    with page.expect_download() as picture:
        page.locator("#download [data-picture=svg]").click()
    assert Path(picture.value.path()).read_text("utf-8").startswith("<svg")
    page.keyboard.press("Escape")
    assert page.locator("#download").is_hidden()


def test_a_name_in_the_table_opens_the_plant(watched: Watched, explored: str) -> None:
    page = watched.page
    drawn(page, f"/explore/{explored}/plants/")
    page.locator("#plants tbody a").first.click()
    page.locator("#plant-production").scroll_into_view_if_needed()
    page.wait_for_selector("#plant-production .main-svg")
    assert page.locator("h2").first.text_content() == "Furnace groups"
