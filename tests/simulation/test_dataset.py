"""Datasets survive writing and reading, and their hash depends on the content alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import pandas as pd
import pytest
import xlsxwriter
from pandas.testing import assert_frame_equal

from steeliq.errors import DatasetError
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.dataset.canonical import canonical, content_hash, csv_text
from steeliq.simulation.dataset.excel import write_workbook
from steeliq.simulation.dataset.package import write_package
from steeliq.simulation.dataset.schema import schema
from steeliq.simulation.dataset.units import UnitProblem, factor
from tests.worlds import tiny_tables, write_tiny

ABOUT = {"name": "tiny", "title": "Tiny world", "description": "For tests", "version": "1.0.0"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STEELIQ_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("original") / "tiny")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "tiny"))


def entries(home: Path) -> list[Path]:
    return sorted((home / "cache" / "datasets").iterdir())


def redeclare(folder: Path, table: str, column: str, unit: str) -> None:
    file = folder / "datapackage.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    resource = next(resource for resource in document["resources"] if resource["name"] == table)
    next(field for field in resource["schema"]["fields"] if field["name"] == column)["unit"] = unit
    file.write_text(json.dumps(document), encoding="utf-8")


def rewrite(folder: Path, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    file = folder / f"{table}.csv"
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    change(frame).to_csv(file, index=False)


def assert_same(actual: Dataset, expected: Dataset) -> None:
    assert actual.hash == expected.hash
    assert list(actual.tables) == list(expected.tables)
    for name, frame in expected.tables.items():
        assert_frame_equal(actual.tables[name], frame, check_exact=True)


# --- the schema


def test_every_table_but_sources_has_provenance() -> None:
    for name, table in schema().items():
        assert (table.names[-2:] == ("source", "quality")) == (name != "sources")


def test_every_reference_of_the_schema_exists() -> None:
    for table in schema().values():
        for column in table.columns:
            if column.reference is not None:
                assert column.reference[1] in schema()[column.reference[0]].names


def test_every_canonical_unit_can_be_parsed() -> None:
    for table in schema().values():
        for column in table.columns:
            if column.unit and "unit" not in column.unit:
                assert factor(f"{column.unit}*1", column.unit) == 1.0


# --- reading and writing


def test_a_written_dataset_reads_back_the_same(folder: Path) -> None:
    dataset = load(folder)

    for name, frame in tiny_tables().items():
        assert_frame_equal(dataset[name], canonical(frame, schema()[name]), check_exact=True)
    assert (dataset.name, dataset.title, dataset.version, dataset.path) == ("tiny", "Tiny world", "1.0.0", folder)


def test_types_order_and_absent_values_are_canonical(folder: Path) -> None:
    dataset = load(folder)

    kinds = {"string": "str", "number": "float64", "integer": "int64", "boolean": "bool"}
    for name, table in schema().items():
        frame = dataset[name]
        assert tuple(frame.columns) == table.names
        assert [str(kind) for kind in frame.dtypes] == [kinds[column.type] for column in table.columns]
        assert list(frame.index) == list(range(len(frame)))
        if table.key:
            assert frame[list(table.key)].apply(tuple, axis=1).is_monotonic_increasing
    assert dataset["commodities"].set_index("commodity").at["scrap", "cold_twin"] == ""
    assert dataset["distances"]["land"].isna().tolist() == [True, True, False]


def test_writing_twice_gives_the_same_bytes(original: Path, tmp_path: Path) -> None:
    shuffled = {name: frame.sample(frac=1.0, random_state=1) for name, frame in tiny_tables().items()}

    again = write_tiny(tmp_path / "again", shuffled)

    assert {file.name: file.read_bytes() for file in again.iterdir()} == {
        file.name: file.read_bytes() for file in original.iterdir()
    }


def test_the_package_is_valid_by_the_standards_own_tool(original: Path) -> None:
    report = frictionless.validate(str(original / "datapackage.json"))

    assert report.flatten(["resource", "rowNumber", "fieldName", "message"]) == []
    assert report.stats["tasks"] == len(schema())


def test_the_standards_own_tool_sees_broken_references(folder: Path) -> None:
    rewrite(folder, "furnace_groups", lambda frame: frame.assign(plant="P9"))

    report = frictionless.validate(str(folder / "datapackage.json"))

    assert "foreign-key" in {kind for (kind,) in report.flatten(["type"])}


def test_the_description_declares_hash_size_unit_and_keys(original: Path) -> None:
    document: dict[str, Any] = json.loads((original / "datapackage.json").read_text(encoding="utf-8"))
    resource = next(resource for resource in document["resources"] if resource["name"] == "furnace_groups")

    assert resource["bytes"] == (original / "furnace_groups.csv").stat().st_size
    assert resource["schema"]["primaryKey"] == ["furnace_group"]
    assert {"fields": ["plant"], "reference": {"resource": "plants", "fields": ["plant"]}} in resource["schema"][
        "foreignKeys"
    ]
    capacity = next(field for field in resource["schema"]["fields"] if field["name"] == "capacity")
    assert (capacity["type"], capacity["unit"]) == ("number", "t/yr")


def test_no_half_written_file_is_left_behind(folder: Path) -> None:
    write_tiny(folder)

    assert {file.suffix for file in folder.iterdir()} == {".csv", ".json"}


def test_an_unknown_table_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such tables: plnats"):
        write_package(tmp_path, {"plnats": pd.DataFrame()}, **ABOUT)


def test_tables_that_may_be_empty_may_be_absent(tmp_path: Path) -> None:
    tables = tiny_tables()
    for name in ("quotas", "hot_links", "statistics"):
        del tables[name]

    dataset = load(write_tiny(tmp_path / "less", tables))

    assert {name: len(dataset[name]) for name in ("quotas", "hot_links", "statistics")} == {
        "quotas": 0,
        "hot_links": 0,
        "statistics": 0,
    }
    assert str(dataset["quotas"]["quantity"].dtype) == "float64"


def test_a_path_to_the_description_is_a_path_to_the_folder(folder: Path) -> None:
    assert_same(load(folder / "datapackage.json"), load(folder))


# --- the hash


def test_the_hash_can_be_recomputed_from_the_files(original: Path) -> None:
    texts = {name: (original / f"{name}.csv").read_text(encoding="utf-8") for name in schema()}

    assert load(original).hash == content_hash(texts)


def reverse_rows(folder: Path) -> None:
    for name in schema():
        rewrite(folder, name, lambda frame: frame.iloc[::-1])


def reverse_columns(folder: Path) -> None:
    for name in schema():
        rewrite(folder, name, lambda frame: frame[frame.columns[::-1]])


def windows_lines_and_mark(folder: Path) -> None:
    for file in folder.glob("*.csv"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))


def blanks_round_cells(folder: Path) -> None:
    for name in schema():
        rewrite(folder, name, lambda frame: frame.map(lambda cell: f" {cell} "))


def other_units(folder: Path) -> None:
    rewrite(
        folder,
        "furnace_groups",
        lambda frame: frame.assign(capacity=[f"{float(cell) / 1e3:.12g}" for cell in frame["capacity"]]),
    )
    redeclare(folder, "furnace_groups", "capacity", "kt/yr")
    rewrite(
        folder,
        "grid_intensity",
        lambda frame: frame.assign(intensity=[f"{float(cell) * 1e3:.12g}" for cell in frame["intensity"]]),
    )
    redeclare(folder, "grid_intensity", "intensity", "gCO2e/kWh")
    rewrite(
        folder,
        "cost_of_capital",
        lambda frame: frame.assign(cost_of_debt=[f"{float(cell) * 100:.12g}" for cell in frame["cost_of_debt"]]),
    )
    redeclare(folder, "cost_of_capital", "cost_of_debt", "%")


@pytest.mark.parametrize(
    "change", [reverse_rows, reverse_columns, windows_lines_and_mark, blanks_round_cells, other_units]
)
def test_the_arrangement_of_the_files_does_not_change_the_dataset(
    folder: Path, original: Path, change: Callable[[Path], None]
) -> None:
    change(folder)

    assert_same(load(folder), load(original))


@pytest.mark.parametrize("value", [3_999_999.0, 4_000_000.5])
def test_another_value_changes_the_hash(original: Path, tmp_path: Path, value: float) -> None:
    tables = tiny_tables()
    tables["furnace_groups"].loc[0, "capacity"] = value

    assert load(write_tiny(tmp_path / "other", tables)).hash != load(original).hash


def test_the_hash_is_the_same_on_every_platform(original: Path) -> None:
    text = csv_text(canonical(tiny_tables()["distances"], schema()["distances"]), schema()["distances"])

    assert text == (
        "origin,destination,sea,land,source,quality\n"
        "BRA,DEU,10500,,invented,E\n"
        "BRA,IND,14500,,invented,E\n"
        "DEU,IND,12500,8000,invented,E\n"
    )


# --- the cache


def test_the_second_reading_comes_from_the_cache(folder: Path, home: Path) -> None:
    first = load(folder)
    (entry,) = entries(home)
    written = entry.stat().st_mtime_ns

    again = load(folder)

    assert_same(again, first)
    assert (again.name, again.title, again.version, again.path) == (first.name, first.title, first.version, folder)
    assert entry.stat().st_mtime_ns == written


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_cache_is_ignored_and_written_again(folder: Path, home: Path, damage: bytes | None) -> None:
    first = load(folder)
    (entry,) = entries(home)
    content = entry.read_bytes()
    spoilt = content[: len(content) // 2] + b"\0" + content[len(content) // 2 + 1 :] if damage is None else damage
    entry.write_bytes(spoilt)

    again = load(folder)

    assert_same(again, first)
    assert entry.read_bytes() == content


def test_a_changed_file_is_read_again(folder: Path, home: Path) -> None:
    load(folder)
    rewrite(folder, "plants", lambda frame: frame.assign(owner="Nobody"))

    assert set(load(folder)["plants"]["owner"]) == {"Nobody"}
    assert len(entries(home)) == 2


def test_a_file_that_is_added_later_is_noticed_in_spite_of_the_cache(folder: Path) -> None:
    load(folder)
    (folder / "plants2.csv").write_text("plant\n", encoding="utf-8")

    with pytest.raises(DatasetError, match=r"plants2\.csv"):
        load(folder)


def test_a_dataset_can_be_read_where_nothing_can_be_written(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the cache folder should be", encoding="utf-8")
    monkeypatch.setenv("STEELIQ_HOME", str(blocked))

    assert load(folder).name == "tiny"


# --- Excel


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.xlsx"
    write_workbook(file, tiny_tables(), **ABOUT)
    return file


def test_a_workbook_reads_back_without_loss(workbook: Path, original: Path) -> None:
    dataset = load(workbook)

    assert_same(dataset, load(original))
    assert (dataset.name, dataset.title, dataset.version) == ("tiny", "Tiny world", "1.0.0")


def test_writing_a_workbook_twice_gives_the_same_bytes(workbook: Path, tmp_path: Path) -> None:
    write_workbook(tmp_path / "again.xlsx", tiny_tables(), **ABOUT)

    assert (tmp_path / "again.xlsx").read_bytes() == workbook.read_bytes()


def small_workbook(file: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(file) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    sheet.write(number, place, cell)
    return file


UNITS: list[list[object]] = [
    ["table", "column", "unit"],
    ["scrap_tiers", "share", "1"],
    ["scrap_tiers", "cost", "USD/kt"],
]
TIERS: list[list[object]] = [["tier", "share", "cost", "source", "quality"], [1, 0.5, 120_000, "s", "E"]]


def problems_of(file: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(DatasetError) as caught:
        load(file)
    return [
        (problem.table, problem.row, problem.column, problem.value)
        for problem in caught.value.problems
        if "the table is missing" not in problem.rule
    ]


def test_formulas_in_a_workbook_are_refused(tmp_path: Path) -> None:
    tiers = [*TIERS, [2, "=1-B2", 220_000, "s", "E"]]
    file = small_workbook(tmp_path / "formula.xlsx", {"columns": UNITS, "scrap_tiers": tiers})

    assert ("scrap_tiers", 3, "share", "=1-B2") in problems_of(file)


def test_rows_of_a_workbook_are_counted_as_excel_shows_them(tmp_path: Path) -> None:
    tiers = [*TIERS, [], [2, "a half", 220_000, "s", "E"]]
    file = small_workbook(tmp_path / "gap.xlsx", {"columns": UNITS, "scrap_tiers": tiers})

    assert problems_of(file) == [("scrap_tiers", 4, "share", "a half")]


def test_a_workbook_with_an_unknown_sheet_or_no_units_is_refused(tmp_path: Path) -> None:
    file = small_workbook(tmp_path / "sheet.xlsx", {"columns": UNITS[:2], "scrap_tiers": TIERS, "Sheet3": [["x"]]})

    assert problems_of(file) == [("Sheet3", 0, "", ""), ("columns", 0, "scrap_tiers.cost", "")]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"plain text"])
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.xlsx"
    file.write_bytes(content)

    with pytest.raises(DatasetError, match="cannot be read as an Excel workbook"):
        load(file)


# --- units


@pytest.mark.parametrize(
    ("declared", "canonical_unit", "expected"),
    [
        ("t/yr", "t/yr", 1.0),
        ("kt/yr", "t/yr", 1e3),
        ("Mt/a", "t/yr", 1e6),
        ("USD/MWh", "USD/GJ", 1 / 3.6),
        ("MMBtu", "GJ", 1.05505585262),
        ("%", "1", 0.01),
        ("gCO2/kWh", "tCO2e/MWh", 1e-3),
        ("m", "km", 1e-3),
    ],
)
def test_compatible_units_are_converted(declared: str, canonical_unit: str, expected: float) -> None:
    assert factor(declared, canonical_unit) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("declared", "canonical_unit"),
    [("EUR/t", "USD/t"), ("t", "t/yr"), ("t", "tCO2e"), ("kWh", "t"), ("t per year", "t/yr"), ("", "t"), ("kt", "")],
)
def test_other_units_are_refused(declared: str, canonical_unit: str) -> None:
    with pytest.raises(UnitProblem):
        factor(declared, canonical_unit)
