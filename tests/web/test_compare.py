"""Comparing runs, taking them away and taking them in: what is shown is what differs, and what is stored is sound."""

import csv
import html
import io
import json
import os
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation
from python_calamine import CalamineWorkbook

from steeliq.simulation.dataset import load
from steeliq.simulation.results.bundle import write_bundle
from steeliq.simulation.results.fingerprint import short_hash
from steeliq.simulation.results.harmless import STARTS, harmless, harmless_frame
from steeliq.simulation.results.overview import overview
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.tables import read_table, tables_in, write_table
from steeliq.simulation.run import run as simulate
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import load_scenario, parse_scenario, to_toml
from steeliq.webui.compare import exports
from steeliq.webui.compare.again import as_command, as_python
from steeliq.webui.runs.assumptions import changed
from steeliq.webui.runs.models import Run, State
from tests.simulation.test_bundle import BROKEN, contents, unzipped
from tests.web.conftest import add_finished_run
from tests.web.live import ROOT

NASTY = "=cmd|' /C calc'!A1"
SCRIPT = "<script>alert(1)</script>"


def settings_of(run: Run, **changes: Any) -> None:
    """Change what run.json says on the scenario."""
    path = run.path / "run.json"
    document = json.loads(path.read_text("utf-8"))
    document["scenario"] |= changes
    path.write_text(json.dumps(document), "utf-8")


def scaled(run: Run, table: str, column: str, factor: float) -> None:
    """Change a column of a result table in every year."""
    for year in (2025, 2026, 2027, 2028, 2029, 2030):
        frame = read_table(run.path, table, [year])
        frame[column] *= factor
        write_table(run.path, table, year, frame)
    settings_of(run)  # a new time stamp: the run changed


@pytest.fixture
def two(home: Path) -> tuple[Run, Run]:
    """A baseline, and a run with half the emissions and another carbon price."""
    base, other = add_finished_run(home, "Base"), add_finished_run(home, "Other")
    scaled(other, "emissions", "scope1", 0.5)
    settings_of(other, carbon_price="none", seed=8)
    return base, other


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def address(*runs: Run, path: str = "", **more: str) -> str:
    query = "&".join([*(f"run={run.key}" for run in runs), *(f"{key}={value}" for key, value in more.items())])
    return f"/compare/{path}?{query}"


def test_runs_are_offered_until_two_are_chosen(client: Client, two: tuple[Run, Run]) -> None:
    for query in ("/compare/", address(two[0]), address(*two, pick="1")):
        text = page(client, query)
        assert f'value="{two[0].key}"' in text
        assert "What differs" not in text
    assert "choose at least one more" in page(client, address(two[0]))


def test_no_run_yet_leads_to_the_runs(client: Client) -> None:
    assert "There is no finished run yet" in page(client, "/compare/")


def test_what_cannot_be_compared_is_told(client: Client, two: tuple[Run, Run], home: Path) -> None:
    waiting = add_finished_run(home, "Waiting")
    Run.objects.filter(key=waiting.key).update(state=State.RUNNING)
    gone = add_finished_run(home, "Gone")
    (gone.path / "run.json").unlink()
    damaged = add_finished_run(home, "Damaged")
    (damaged.path / "tables" / "demand" / "2026.parquet").write_bytes(b"nonsense")
    text = page(client, address(*two, waiting, gone, damaged) + "&run=nobody&run=x7")
    assert "Waiting is not finished (running)" in text
    assert "Gone cannot be read" in text
    assert "Damaged cannot be read" in text
    assert "There is no run &#x27;nobody&#x27;" in text
    assert "At most 6 runs can be compared" in text
    assert "What differs in assumptions" in text


def test_only_differing_settings_are_listed(client: Client, two: tuple[Run, Run]) -> None:
    text = page(client, address(*two))
    table = text[text.index('id="assumptions"') : text.index('id="side"')]
    assert "<code>carbon_price</code>" in table
    assert "uniform_100" in table
    assert "<code>seed</code>" in table
    assert "<code>demand</code>" not in table
    assert "Look twice" not in text


def test_switches_are_told_as_the_editor_tells_them(client: Client, two: tuple[Run, Run]) -> None:
    for run, bans in zip(two, (True, False), strict=True):
        settings_of(run, trade={"bans": bans})
    text = page(client, address(*two))
    table = text[text.index("<code>trade.bans</code>") : text.index('id="side"')]
    assert "<td>yes<" in table
    assert "</span>no<" in table
    (ours,) = changed(Scenario(name="mine", trade={"bans": False}))
    assert (ours.old, ours.new) == ("yes", "no")


def test_different_inputs_with_equal_results_are_warned_of(client: Client, home: Path) -> None:
    a, b = add_finished_run(home, "A"), add_finished_run(home, "B")
    assert "A and B have the same inputs and the same results" in page(client, address(a, b))
    settings_of(b, carbon_price="none")
    text = page(client, address(a, b))
    assert "Look twice" in text
    assert "different inputs but exactly the same results" in text
    scaled(b, "emissions", "scope1", 0.9)
    assert "Look twice" not in page(client, address(a, b))
    settings_of(b, carbon_price="uniform_100")
    assert "same inputs but other results" in page(client, address(a, b))


def world_of(run: Run) -> dict[tuple[str, str, str], float]:
    """The run's world table by group, quantity and year."""
    long = overview(run.path).drop(columns="unit").melt(["group", "quantity"], var_name="year")
    return {(str(group), str(name), str(year)): float(value) for group, name, year, value in long.to_numpy()}


def delta_rows(client: Client, *runs: Run) -> list[dict[str, str]]:
    text = page(client, address(*runs, path="deltas.csv"))
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_delta_table_is_the_difference_of_the_overviews(client: Client, two: tuple[Run, Run]) -> None:
    rows = delta_rows(client, *two)
    worlds = [world_of(run) for run in two]
    assert len(rows) == len(worlds[0])
    for row in rows:
        before, after = (world[row["group"], row["quantity"], row["year"]] for world in worlds)
        assert float(row["delta"]) == pytest.approx(after - before, abs=1e-9)
        if before:
            assert float(row["percent"]) == pytest.approx(100 * (after - before) / before, abs=1e-6)
        else:
            assert row["percent"] == ""
    scope1 = [row for row in rows if row["quantity"] == "Scope 1, on site"]
    assert [float(row["percent"]) for row in scope1] == pytest.approx([-50.0] * len(scope1))


def test_page_and_strip_show_the_deltas(client: Client, two: tuple[Run, Run]) -> None:
    text = page(client, address(*two))
    total = next(
        value for (_, name, year), value in world_of(two[0]).items() if (name, year) == ("Scope 1, on site", "2030")
    )
    strip = text[text.index('class="strip') : text.index("Take away")]
    assert "(\u221250.0 %)" in strip
    assert (
        f"\u2212{total / 2:,.1f}" in strip or f"\u2212{total / 2:,.2f}" in strip or f"\u2212{total / 2:,.0f}" in strip
    )
    assert 'class="delta good"' in strip
    # Another baseline turns the sign.
    turned = page(client, address(*two, base=two[1].key))
    assert "(+100 %)" in turned[turned.index('class="strip') : turned.index("Take away")]


def chart_data(text: str) -> dict[str, Any]:
    raw = text.split('<script id="charts" type="application/json">')[1].split("</script>", maxsplit=1)[0]
    charts: dict[str, Any] = json.loads(raw)
    return charts


def test_every_chart_has_a_line_for_every_run(client: Client, two: tuple[Run, Run], home: Path) -> None:
    runs = (*two, *(add_finished_run(home, f"Run {number}") for number in range(4)))
    charts = chart_data(page(client, address(*runs)))
    assert list(charts) == [f"compare-{name}" for name in ("production", "emissions", "intensity", "prices", "scrap",
                                                           "capacity", "investment", "transition", "map")]  # fmt: skip
    for name, chart in charts.items():
        assert not chart["is_empty"]
        if name != "compare-map":
            for traces in chart["frames"].values():
                assert [trace["name"] for trace in traces] == [run.name for run in runs]
                looks = {(t["line"]["color"], t["line"]["dash"], t["marker"]["symbol"]) for t in traces}
                assert len(looks) == len(runs)
    scope1 = charts["compare-emissions"]["frames"]["Scope 1, on site"]
    assert scope1[1]["y"] == pytest.approx([value / 2 for value in scope1[0]["y"]], rel=1e-3)


def test_the_map_has_the_countries_differences(client: Client, two: tuple[Run, Run]) -> None:
    charts = chart_data(page(client, address(*two)))
    more, less = charts["compare-map"]["frames"]["Scope 1 emissions|2030"]
    emitted = read_table(two[0].path, "emissions", [2030]).groupby("country")["scope1"].sum() / 1e6
    assert more["customdata"] == []
    assert {row[0]: row[3] for row in less["customdata"]} == {
        name: pytest.approx(-emitted[code] / 2, rel=1e-4)
        for code, name in (("DEU", "Germany"), ("IND", "India"), ("BRA", "Brazil"))
    }
    areas = [size**2 / abs(row[3]) for size, row in zip(less["marker"]["size"], less["customdata"], strict=True)]
    assert areas == pytest.approx([areas[0]] * len(areas), rel=1e-3)


@pytest.mark.parametrize("show", ["values", "difference", "percent"])
def test_shown_is_downloaded_for_every_chart(client: Client, two: tuple[Run, Run], show: str) -> None:
    for name, chart in chart_data(page(client, address(*two, show=show))).items():
        head, *rows = csv.reader(io.StringIO(page(client, address(*two, path=f"figure/{name}.csv", show=show))[1:]))
        assert head == chart["columns"], name
        assert chart["rows"] == len(rows) > 0, name
        assert {len(row) for row in rows} == {len(head)}, name
        told = client.get(address(*two, path=f"figure/{name}.data.json", show=show)).json()
        assert [["" if cell is None else str(cell) for cell in row] for row in told["rows"]] == rows, name
        book = sheets(client.get(address(*two, path=f"figure/{name}.xlsx", show=show)).content)
        assert len(book["Data"]) == len(rows) + 1
        if name != "compare-map":
            drawn = [
                [key, trace["name"], str(x), "" if y is None else str(y), *trace["customdata"][i]]
                for key, traces in chart["frames"].items()
                for trace in traces
                for i, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True))
            ]
            assert drawn == rows, name
    for missing in ("nothing.csv", "compare-map.exe", "compare-map.json"):
        page(client, address(*two, path=f"figure/{missing}"), 404)


def test_lines_can_be_differences_from_the_baseline(client: Client, two: tuple[Run, Run]) -> None:
    values, changes, percent = (
        chart_data(page(client, address(*two, show=show)))["compare-emissions"]["frames"]["Scope 1, on site"]
        for show in ("values", "difference", "percent")
    )
    assert [trace["name"] for trace in changes] == ["Other"]
    pairs = zip(values[1]["y"], values[0]["y"], strict=True)
    assert changes[0]["y"] == pytest.approx([own - before for own, before in pairs], rel=1e-3)
    assert percent[0]["y"] == pytest.approx([-50.0] * len(percent[0]["y"]), rel=1e-3)
    assert percent[0]["customdata"][0] == ["%"]
    assert changes[0]["line"] == values[1]["line"], "a run keeps its look"


def test_a_setting_says_where_it_is_from(client: Client, two: tuple[Run, Run]) -> None:
    for run, (preset, changes) in zip(two, (("reference", []), ("net-zero-2050", ["seed=7"])), strict=True):
        path = run.path / "run.json"
        document = json.loads(path.read_text("utf-8"))
        document["scenario"] = load_scenario(preset, changes).model_dump(mode="json")
        path.write_text(json.dumps(document), "utf-8")
    rows = csv.DictReader(io.StringIO(page(client, address(*two, path="assumptions.csv"))[1:]))
    found = {row["setting"]: row for row in rows}
    assert [found["seed"][head] for head in ("Base: from", "Other: from")] == ["reference", "set for this run"]
    carbon = found["carbon.scenario"]
    assert [carbon[head] for head in ("Base: from", "Other: from")] == ["reference", "preset net-zero-2050"]
    assert carbon["label"] == "Carbon price scenario"
    assert found["prices.factors.hydrogen"]["unit"] == "multiplier"
    assert "→ </span>net_zero<span" in page(client, address(*two))


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def formulas(data: bytes) -> int:
    """Formula elements in the sheets of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return sum(book.read(name).count(b"<f>") for name in book.namelist() if "worksheets/" in name)


def test_the_workbook_holds_the_same_deltas(client: Client, two: tuple[Run, Run]) -> None:
    answer = client.get(address(*two, path="deltas.xlsx"))
    held = sheets(answer.content)
    assert list(held) == ["Deltas", "Assumptions", "Countries", "Runs"]
    rows = delta_rows(client, *two)
    head, *cells = held["Deltas"]
    assert len(cells) == len(rows)
    for row, values in zip(rows, cells, strict=True):
        shown = dict(zip(head, values, strict=True))
        assert [shown[name] for name in ("run", "group", "quantity")] == [row[n] for n in ("run", "group", "quantity")]
        assert shown["delta"] == pytest.approx(float(row["delta"]), abs=1e-9)
    assert client.get(address(*two, path="deltas.xlsx")).content == answer.content


def test_a_download_without_two_runs_is_explained(client: Client, two: tuple[Run, Run]) -> None:
    for path in ("deltas.csv", "deltas.xlsx", "assumptions.csv", "report.html"):
        assert "needs at least two runs" in page(client, address(two[0], path=path), 409)


def test_runs_without_a_common_year(client: Client, two: tuple[Run, Run]) -> None:
    for table in tables_in(two[0].path):
        for year in (2025, 2026, 2027, 2028, 2029, 2030):
            if (year < 2028) == (two[0] is not None):
                (two[0].path / "tables" / table / f"{year}.parquet").unlink()
            else:
                (two[1].path / "tables" / table / f"{year}.parquet").unlink()
    text = page(client, address(*two))
    assert "no year in common" in text
    assert "<code>seed</code>" in text
    page(client, address(*two, path="deltas.csv"), 409)


def test_the_report_is_one_file_that_asks_nobody(client: Client, two: tuple[Run, Run]) -> None:
    Run.objects.filter(key=two[1].key).update(name=SCRIPT)
    text = page(client, address(*two, path="report.html"))
    own = text.replace(text[text.index("<script>") : text.index('<script type="application/json" id="palette">')], "")
    assert "default-src 'none'" in own
    assert SCRIPT not in own
    assert html.escape(SCRIPT) in own
    for needle in ('src="', "url(http", "@import", "<link"):
        assert needle not in own
    charts = json.loads(own.split('id="charts">')[1].split("</script>")[0])
    assert charts[0]["id"] == "compare-production"
    assert {trace["name"] for trace in charts[0]["frames"]["Crude steel, all"]} == {"Base", SCRIPT}


def test_scripts_in_names_are_harmless(client: Client, two: tuple[Run, Run]) -> None:
    Run.objects.filter(key=two[1].key).update(name=SCRIPT, tags=SCRIPT, notes=SCRIPT)
    for query in ("/compare/", address(*two), f"/compare/export/{two[1].key}/"):
        assert SCRIPT not in page(client, query)


# ---- exports of one run


def exported(client: Client, run: Run, slug: str) -> bytes:
    answer = client.get(f"/compare/export/{run.key}/{slug}/")
    assert answer.status_code == 200, answer.content[:500]
    name = answer.headers["Content-Disposition"].split('filename="')[1].rstrip('"')
    assert name.isascii()
    assert not set(name) & set('/\\"\n')
    return answer.content


def test_the_export_page_offers_every_form(client: Client, finished_run: Run) -> None:
    text = page(client, f"/compare/export/{finished_run.key}/")
    for kind in exports.KINDS:
        for one in (kind, *kind.more):
            assert f"/compare/export/{finished_run.key}/{one.slug}/" in text
    assert "Copy as CLI" in text
    assert "Copy as Python" in text


@pytest.mark.parametrize("kind", exports.KINDS, ids=lambda kind: kind.slug)
def test_every_form_can_be_read_again(client: Client, finished_run: Run, kind: exports.Kind) -> None:
    data = exported(client, finished_run, kind.slug)
    made = read_table(finished_run.path, "production")
    if kind.slug in ("csv", "parquet"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            assert short_hash(read_run_json(finished_run.path)) in archive.read("README.txt").decode()
            if kind.slug == "csv":
                frame = pd.read_csv(io.BytesIO(archive.read("production.csv")))
                assert {f"{name}.csv" for name in tables_in(finished_run.path)} < set(archive.namelist())
            else:
                frame = pq.read_table(io.BytesIO(archive.read("tables/production.parquet"))).to_pandas()
                assert "reference/plants.parquet" in archive.namelist()
        assert frame["production"].tolist() == pytest.approx(made["production"].tolist())
    elif kind.slug == "excel":
        assert len(sheets(data)["production"]) == len(made) + 1
        assert "reasons" not in sheets(data)
        assert "reasons" in sheets(exported(client, finished_run, "excel-reasons"))
    elif kind.slug == "iamc":
        frame = pd.read_csv(io.BytesIO(data))
        assert list(frame.columns)[:5] == ["Model", "Scenario", "Region", "Variable", "Unit"]
    elif kind.slug == "slides":
        assert len(list(Presentation(io.BytesIO(data)).slides)) >= 8
    elif kind.slug == "report":
        assert b"<h1>Example</h1>" in data
    elif kind.slug == "crate":
        assert zipfile.ZipFile(io.BytesIO(data)).namelist()[0] == "ro-crate-metadata.json"
    else:
        assert zipfile.ZipFile(io.BytesIO(data)).namelist()[0] == "manifest.json"
    if kind.slug != "slides":  # its zip carries the time
        assert exported(client, finished_run, kind.slug) == data


def test_every_file_that_is_taken_away_carries_the_hash_of_its_runs(client: Client, two: tuple[Run, Run]) -> None:
    first, second = (short_hash(read_run_json(run.path)) for run in two)
    base = f"/explore/{two[0].key}"
    own = [
        *(f"/compare/export/{two[0].key}/{kind.slug}/" for kind in exports.KINDS),
        *(f"{base}/figure/{name}.{kind}" for name in ("production-steel", "map") for kind in ("csv", "xlsx")),
        f"{base}/plants/table.csv",
    ]
    both = [address(*two, path=path) for path in ("deltas.csv", "deltas.xlsx", "assumptions.csv", "report.html")]
    for at in own:
        assert first in client.get(at).headers["Content-Disposition"], at
    for at in both:
        name = client.get(at).headers["Content-Disposition"]
        assert first in name, at
        assert second in name, at


def test_texts_that_begin_like_formulas_stay_texts(client: Client, two: tuple[Run, Run]) -> None:
    run = two[0]
    Run.objects.filter(key=run.key).update(name=NASTY)
    for number, start in enumerate(STARTS[:4]):
        year = 2025 + number
        frame = read_table(run.path, "production", [year])
        write_table(run.path, "production", year, frame.assign(owner=f"{start}1+1", plant=NASTY))
    settings_of(run, name=NASTY)
    with zipfile.ZipFile(io.BytesIO(exported(client, run, "csv"))) as archive:
        texts = [archive.read(name).decode("utf-8-sig") for name in archive.namelist() if name.endswith(".csv")]
    texts.append(exported(client, run, "iamc").decode())
    texts += [page(client, address(*two, path=path)) for path in ("deltas.csv", "assumptions.csv")]
    for text in texts:
        for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
            for value in row:
                assert not value.startswith(STARTS) or is_number(value), value
    assert any("'=cmd" in text for text in texts)
    for data in (exported(client, run, "excel"), client.get(address(*two, path="deltas.xlsx")).content):
        assert formulas(data) == 0
        assert any(NASTY in str(cell) for sheet in sheets(data).values() for row in sheet for cell in row)


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@given(st.text(max_size=12))
def test_no_text_is_left_dangerous_and_none_is_lost(text: str) -> None:
    safe = harmless(text)
    assert safe.removeprefix("'") == text or safe == text
    assert not safe.startswith(STARTS) or is_number(safe)
    frame = harmless_frame(pd.DataFrame({"a": [text, "x"], "n": [-1.0, 2.0]}))
    assert frame["a"].tolist() == [safe, "x"]
    assert frame["n"].tolist() == [-1.0, 2.0]


def test_what_cannot_be_exported_is_told(client: Client, finished_run: Run, home: Path) -> None:
    key = finished_run.key
    page(client, "/compare/export/nobody/", 404)
    assert "Known are report" in page(client, f"/compare/export/{key}/nonsense/", 404)
    (finished_run.path / "tables" / "demand" / "2027.parquet").write_bytes(b"nonsense")
    assert "damaged" in page(client, f"/compare/export/{key}/csv/", 409)
    (finished_run.path / "run.json").unlink()
    assert "there is no run here" in page(client, f"/compare/export/{key}/", 409)
    assert "there is no run here" in page(client, f"/compare/export/{key}/bundle/", 409)
    Run.objects.filter(key=key).update(state=State.RUNNING)
    assert "is not finished" in page(client, f"/compare/export/{key}/", 409)
    assert "is not finished" in page(client, f"/compare/export/{key}/csv/", 409)


# ---- bundles: out and in


@pytest.fixture(scope="module")
def tiny_run(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real run of the tiny world."""
    out = tmp_path_factory.mktemp("tiny run") / "run"
    simulate(load_scenario("reference", ["period.end=2026", "carbon.scenario=uniform_100", "seed=4"]), load(tiny), out)
    return out


@pytest.fixture
def real_run(home: Path, tiny: Path, tiny_run: Path) -> Run:
    """Its row."""
    scenario = (tiny_run / "scenario.toml").read_text("utf-8")
    return Run.objects.create(
        key="realrun", name="Real", scenario=scenario, dataset=str(tiny), folder=str(tiny_run), state=State.DONE,
        first_year=2025, last_year=2026, fraction=1.0, notes="look here", tags="a,b",
    )  # fmt: skip


@pytest.fixture
def stored(home: Path) -> Iterator[Path]:
    """The data folder; whatever a test left in it besides the database goes away."""
    before = set(files_of(home))
    yield home
    for path in sorted(set(files_of(home)) - before, reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def files_of(home: Path) -> list[Path]:
    found = home.rglob("*")
    return [path for path in found if not path.name.startswith("steeliq.sqlite3") and "cache" not in path.parts]


def upload(client: Client, data: bytes, name: str = "run.steeliq") -> Any:
    return client.post("/compare/import/", {"bundle": SimpleUploadedFile(name, data)})


def test_a_bundle_goes_out_and_comes_back(client: Client, real_run: Run, stored: Path, tiny: Path) -> None:
    data = exported(client, real_run, "bundle")
    Run.objects.all().delete()
    answer = upload(client, data)
    taken = Run.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/runs/{taken.key}/"
    assert (taken.state, taken.name, taken.notes, taken.tags) == (State.DONE, "Real", "look here", "a,b")
    assert (taken.first_year, taken.last_year, taken.fraction) == (2025, 2026, 1.0)
    assert taken.dataset_hash == load(tiny).hash == load(Path(taken.dataset)).hash
    assert contents(taken.path / "tables") == contents(real_run.path / "tables")
    assert taken.path.parent == stored / "runs"
    # It can be exported, compared and repeated like any other.
    assert exported(client, taken, "bundle") == data
    assert "scenario" in page(client, f"/compare/export/{taken.key}/")


def test_a_run_that_is_here_is_named_and_not_stored_again(client: Client, real_run: Run, stored: Path) -> None:
    before = files_of(stored)
    answer = client.post(
        "/compare/import/", {"bundle": SimpleUploadedFile("x.steeliq", exported(client, real_run, "bundle"))}
    )
    assert answer.headers["Location"] == f"/runs/{real_run.key}/"
    assert Run.objects.count() == 1
    assert [path for path in files_of(stored) if path.parent.name in ("runs", "datasets")] == [
        path for path in before if path.parent.name in ("runs", "datasets")
    ]


def test_an_imported_run_gets_a_name_of_its_own(client: Client, real_run: Run, stored: Path, tmp_path: Path) -> None:
    data = write_bundle(real_run.path, tmp_path / "x.steeliq").read_bytes()  # no name, no dataset
    other = add_finished_run(stored, str(json.loads((real_run.path / "run.json").read_text())["scenario"]["name"]))
    Run.objects.filter(key=real_run.key).delete()
    upload(client, data)
    taken = Run.objects.exclude(key=other.key).get()
    assert taken.name == f"{other.name} (2)"
    assert taken.dataset == ""
    assert "without its dataset" in taken.message


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_bundle_gives_a_list_and_stores_nothing(
    client: Client, real_run: Run, stored: Path, tiny: Path, tmp_path: Path, case: str
) -> None:
    change, _ = BROKEN[case]
    sound = write_bundle(real_run.path, tmp_path / "x.steeliq", dataset=load(tiny))
    # The cases expect the tiny world's run of 2025 and 2026, which this is.
    data = change(unzipped(sound))
    Run.objects.all().delete()
    before = set(files_of(stored))
    answer = upload(client, data)
    assert answer.status_code == 422
    assert b"nothing was stored" in answer.content
    assert Run.objects.count() == 0
    assert [path for path in files_of(stored) if path not in before and path.name != "runs"] == []


def test_an_upload_without_a_file_is_told(client: Client) -> None:
    answer = client.post("/compare/import/", {})
    assert answer.status_code == 422
    assert b"choose a .steeliq file first" in answer.content
    assert "Check and take in" in page(client, "/compare/import/")


# ---- a run once more


def variants() -> dict[str, Scenario]:
    odd = 'name = "=odd \'name\' \\\\ $HOME `x` \\" ü"\ndescription = "two\\nlines, {braces} and %"\n'
    return {
        "as it is": load_scenario("reference", ["period.end=2026", "carbon.scenario=uniform_100", "seed=4"]),
        "odd words": parse_scenario(odd + "[period]\nend = 2025\n[trade]\nbans = false\n"),
        "paths and technologies": load_scenario(
            "reference",
            ["period.end=2026", "carbon.paths={DEU = {2025 = 10.0, 2050 = 90.0}, IND = 5.0}",
             "technologies.DRI_H2={allowed = false}", "demand.factor={2025=1.0,2030=0.9}",
             'name="reference"'],
        ),
        "no words in one line": parse_scenario('name = "a\\u007fb"\n[period]\nend = 2025\n'),
    }  # fmt: skip


VARIANTS = variants()


@pytest.mark.parametrize("case", VARIANTS)
@pytest.mark.parametrize("way", ["command", "python"])
def test_the_texts_repeat_the_run_byte_by_byte(tmp_path: Path, tiny: Path, case: str, way: str) -> None:
    scenario, dataset = VARIANTS[case], load(tiny)
    simulate(scenario, dataset, tmp_path / "first")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "STEELIQ_HOME": str(tmp_path / "home"), "PYTHONUTF8": "1"}
    if way == "command":
        # The shell finds "steeliq" as a person's does: a word on its path.
        starter = tmp_path / "bin" / "steeliq"
        starter.parent.mkdir()
        starter.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m steeliq "$@"\n')
        starter.chmod(0o755)
        environment["PATH"] = f"{starter.parent}{os.pathsep}{environment['PATH']}"
        text = as_command(scenario, dataset=str(tiny), out="again")
        words = ["/bin/sh", "-e", "-c", text]
    else:
        words = [
            sys.executable, "-c", as_python(scenario, dataset=str(tiny), dataset_hash=dataset.hash, out="again"),
        ]  # fmt: skip
    subprocess.run(words, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=300)
    assert contents(tmp_path / "again" / "tables") == contents(tmp_path / "first" / "tables")
    assert (tmp_path / "again" / "scenario.toml").read_text("utf-8") == to_toml(scenario)


def test_the_python_text_refuses_another_dataset(tmp_path: Path, tiny: Path) -> None:
    text = as_python(VARIANTS["odd words"], dataset=str(tiny), dataset_hash="0" * 64, out="again")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "STEELIQ_HOME": str(tmp_path / "home")}
    answer = subprocess.run(
        [sys.executable, "-c", text], check=False, cwd=tmp_path, env=environment, capture_output=True, timeout=300
    )
    assert answer.returncode == 1
    assert b"not the one that the run was made from" in answer.stderr
    assert not (tmp_path / "again").exists()
