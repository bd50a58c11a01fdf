"""Exports say what the tables say: CSV and Excel cell by cell, IAMC as pyam reads it."""

from __future__ import annotations

import codecs
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from steeliq.errors import RunError
from steeliq.simulation.results import SCHEMA, read_table
from steeliq.simulation.results.export import to_csv, to_iamc, to_xlsx
from steeliq.simulation.results.fingerprint import short_hash
from steeliq.simulation.results.provenance import installed, read_run_json
from tests.results_example import COUNTRIES, YEARS, write_run

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # pyam's use of pandas

STEEL = "Production|Iron and Steel|Steel"
ENERGY = "Final Energy|Industry|Iron and Steel"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def iamc(run: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # packages that pyam imports warn
        import pyam  # slow to import

    return pyam.IamDataFrame(to_iamc(run, run / "exports" / "iamc.csv"))


def test_csv_files_hold_the_tables(run: Path, tmp_path: Path) -> None:
    readme, *written = to_csv(run, tmp_path / "csv")
    assert [path.stem for path in written] == list(SCHEMA)
    assert short_hash(read_run_json(run)) in readme.read_text("utf-8")
    for path in written:
        assert path.read_bytes().startswith(codecs.BOM_UTF8)
        types = {column.name: column.dtype for column in SCHEMA[path.stem].columns}
        back = pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c, t in types.items() if t == "float64"})
        pd.testing.assert_frame_equal(back.astype(types), read_table(run, path.stem), check_exact=True)


def test_a_text_that_looks_like_a_formula_is_a_text_in_csv_files(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    for path in (run / "tables" / "owners").iterdir():
        table = pq.read_table(path)
        column = table.schema.get_field_index("owner")
        names = pa.array(["=1+1"] * len(table), table.schema.field(column).type)
        pq.write_table(table.set_column(column, table.schema.field(column), names), path)
    to_csv(run, tmp_path / "csv")
    held = pd.read_csv(tmp_path / "csv" / "owners.csv", encoding="utf-8-sig")["owner"]
    assert set(held) == {"'=1+1"}


def test_an_export_without_a_run_is_refused(tmp_path: Path) -> None:
    for export in (to_csv, to_xlsx, to_iamc):
        with pytest.raises(RunError, match="there is no run here"):
            export(tmp_path / "nowhere", tmp_path / "out")


@pytest.mark.parametrize("table", list(SCHEMA))
def test_every_sheet_holds_its_table(run: Path, workbook: Path, table: str) -> None:
    rows = CalamineWorkbook.from_path(workbook).get_sheet_by_name(table).to_python()
    expected = read_table(run, table)
    places = [column for column in expected.columns if column in ("country", "origin", "destination")]
    named = [
        name for column in expected.columns for name in ([column, f"{column}_name"] if column in places else [column])
    ]
    assert rows[0] == named
    assert len(rows) == len(expected) + 1
    for column in places:
        names = [row[named.index(f"{column}_name")] for row in rows[1:]]
        assert names == [COUNTRIES[code][0] for code in expected[column]]
    for number, column in enumerate(expected.columns):
        found = pd.Series([row[named.index(column)] for row in rows[1:]], dtype=object)
        if SCHEMA[table].columns[number].type == "number":
            numbers = found.map(lambda cell: np.nan if cell == "" else float(cell)).to_numpy(float)
            np.testing.assert_allclose(numbers, expected[column].to_numpy(float), rtol=1e-14)
        else:
            assert found.tolist() == expected[column].tolist()


@pytest.fixture(scope="module")
def workbook(run: Path) -> Path:
    return to_xlsx(run, run / "exports" / "run.xlsx", reasons=True)


def test_the_workbook_leaves_the_reasons_out_and_says_so(run: Path, workbook: Path, tmp_path: Path) -> None:
    book = CalamineWorkbook.from_path(to_xlsx(run, tmp_path / "default.xlsx"))
    whole = CalamineWorkbook.from_path(workbook)
    assert [name for name in whole.sheet_names if name not in book.sheet_names] == ["candidates", "reasons"]
    told = book.get_sheet_by_name("Overview").to_python()[-1][0]
    assert str(told).startswith("Left out")
    notes = [row for row in book.get_sheet_by_name("README").to_python() if row[0] in ("candidates", "reasons")]
    assert [row[:2] for row in notes] == [["candidates", ""], ["reasons", ""]]
    assert all(str(row[3]).startswith("Note: Left out") for row in notes)
    assert "Left out" not in str(whole.get_sheet_by_name("Overview").to_python())


def test_the_workbook_explains_itself(workbook: Path) -> None:
    book = CalamineWorkbook.from_path(workbook)
    assert book.sheet_names == ["Overview", "README", *SCHEMA, "sources"]
    cells = {str(cell) for row in book.get_sheet_by_name("README").to_python() for cell in row}
    assert "steeliq run: Example" in cells
    assert "carbon_price = uniform_100; seed = 7" in cells
    assert f"example, SHA-256 {'e' * 64}" in cells
    assert {column.description for table in SCHEMA.values() for column in table.columns} <= cells
    assert_readme_lists_the_columns(book)


def assert_readme_lists_the_columns(book: CalamineWorkbook) -> None:
    rows = book.get_sheet_by_name("README").to_python()
    for table in SCHEMA:
        listed = [str(row[1]) for row in rows if row[0] == table and row[1]]
        assert listed == book.get_sheet_by_name(table).to_python()[0], table


def test_the_overview_holds_the_world_by_year(run: Path, workbook: Path) -> None:
    rows = CalamineWorkbook.from_path(workbook).get_sheet_by_name("Overview").to_python()
    assert rows[0] == ["group", "quantity", "unit", *map(str, YEARS)]
    found = {(str(row[0]), str(row[1])): row[2:] for row in rows[1:]}
    assert len(found) == len(rows) - 1

    def world(table: str, column: str, **where: str) -> list[float]:
        frame = read_table(run, table)
        for key, value in where.items():
            frame = frame[frame[key] == value]
        return list(frame.groupby("year")[column].sum().reindex(YEARS, fill_value=0.0))

    def told(group: str, quantity: str, unit: str, scale: float, expected: list[float]) -> None:
        line = found[group, quantity]
        assert line[0] == unit
        assert [float(str(cell)) for cell in line[1:]] == pytest.approx([value / scale for value in expected])

    steel = world("production", "production", product="crude_steel")
    told("Crude steel production", "All technologies", "Mt", 1e6, steel)
    eaf, bf_ccs = (world("production", "production", technology=technology) for technology in ("EAF", "BF_CCS"))
    told("Crude steel production", "Electric arc furnace", "Mt", 1e6, eaf)
    told("Iron production", "Blast furnace with CO2 capture", "Mt", 1e6, bf_ccs)
    told("Iron capacity in operation", "Hydrogen direct reduction", "Mt/yr", 1e6, [0, 0, 0, 0, 2.5e6, 2.5e6])
    for column, name in (("scope1", "Scope 1, on site"), ("captured", "Captured and stored")):
        told("Emissions", name, "Mt CO2e", 1e6, world("emissions", column))
    told("Charge", "Scrap used", "Mt", 1e6, world("charges", "amount", commodity="scrap"))
    told("Crude steel demand", "Unmet", "Mt", 1e6, [0, 0, 2.0e4, 0, 0, 0])
    told("Investment", "Switch", "bn USD", 1e9, [7.1e9, 0, 0, 0, 0, 0])
    told("Price", "Scrap, mean of countries", "USD/t", 1, [364.0 + 6 * (year - 2025) for year in YEARS])
    demand = read_table(run, "demand", [2025]).set_index("country")["supplied"]
    steel_price = (
        sum(demand[code] * (610 + 14 * rank) for rank, code in enumerate(("DEU", "IND", "BRA"))) / demand.sum()
    )
    assert float(str(found["Price", "Crude steel, weighted by tonnes supplied"][1])) == pytest.approx(steel_price)


def test_the_workbook_has_the_same_bytes_twice(run: Path, workbook: Path, tmp_path: Path) -> None:
    assert to_xlsx(run, tmp_path / "again.xlsx", reasons=True).read_bytes() == workbook.read_bytes()


def test_sheets_are_frozen_and_filtered(workbook: Path) -> None:
    with zipfile.ZipFile(workbook) as archive:
        for number in (1, *range(3, 3 + len(SCHEMA))):
            sheet = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert 'state="frozen"' in sheet
            assert "<autoFilter" in sheet


def test_a_large_table_is_summed_and_the_workbook_says_so(run: Path, tmp_path: Path) -> None:
    book = CalamineWorkbook.from_path(to_xlsx(run, tmp_path / "small.xlsx", detail_rows=10, reasons=True))
    assert_readme_lists_the_columns(book)
    rows = book.get_sheet_by_name("production").to_python()
    assert rows[0] == ["year", "country", "country_name", "technology", "product", "capacity", "production"]
    total = sum(float(str(row[6])) for row in rows[1:])
    assert total == pytest.approx(read_table(run, "production")["production"].sum(), rel=1e-12)
    notes = [str(row[3]) for row in book.get_sheet_by_name("README").to_python() if str(row[0]) == "production"]
    assert notes[0].startswith("Note: summed over furnace groups")


def test_pyam_reads_the_table_with_its_units_years_and_regions(iamc: Any) -> None:
    assert iamc.model == [f"steeliq {installed('steeliq')}"]
    assert iamc.scenario == ["Example"]
    assert list(iamc.year) == list(YEARS)
    regions = {"steeliq|Europe", "steeliq|India", "steeliq|South and Central America"}
    assert set(iamc.region) == {"World", "Germany", "India", "Brazil"} | regions
    assert set(iamc.filter(variable=STEEL).unit) == {"Mt/yr"}
    assert set(iamc.filter(variable=ENERGY).unit) == {"EJ/yr"}
    assert set(iamc.filter(variable="Price|Production|*").unit) == {"USD_2010/Mt"}


def test_primary_and_secondary_steel_add_up(iamc: Any) -> None:
    assert iamc.check_aggregate(STEEL) is None


def test_energy_carriers_add_up(iamc: Any) -> None:
    assert iamc.check_aggregate(ENERGY) is None
    assert iamc.check_aggregate(f"{ENERGY}|Solids") is None
    assert iamc.check_aggregate("Production|Iron and Steel|Iron") is None


def test_countries_and_regions_sum_to_the_world(iamc: Any) -> None:
    additive = [name for name in iamc.variable if "Price|" not in name and "Intensity|" not in name]
    assert len(additive) > 30
    countries = ["Germany", "India", "Brazil"]
    for name in additive:
        assert iamc.check_aggregate_region(name, "World", countries) is None
        assert iamc.check_aggregate_region(name, "World", [r for r in iamc.region if r.startswith("steeliq|")]) is None


def test_numbers_are_those_of_the_tables(run: Path, iamc: Any) -> None:
    def world(variable: str, year: int) -> float:
        return float(iamc.filter(variable=variable, region="World", year=year).data["value"].iloc[0])

    made = read_table(run, "production", [2026])
    steel = made.loc[made["product"] == "crude_steel", "production"].sum()
    assert world(STEEL, 2026) == pytest.approx(steel / 1e6, rel=1e-9)
    scope1 = read_table(run, "emissions", [2026])["scope1"].sum()
    assert world("Emissions|CO2|Energy and Industrial Processes|Iron and Steel", 2026) == pytest.approx(scope1 / 1e6)
    assert world("Emission Intensity|CO2|Energy and Industrial Processes|Iron and Steel", 2026) == pytest.approx(
        scope1 / steel
    )
    energy = read_table(run, "energy", [2026]).groupby("commodity")["amount"].sum()
    assert world(f"{ENERGY}|Electricity", 2026) == pytest.approx(energy["electricity"] * 3.6e-9)
    assert world(f"{ENERGY}|Solids|Coal", 2026) == pytest.approx(energy["coking_coal"] * 28.2e-9)
    germany = iamc.filter(variable="steeliq|Price|Steel", region="Germany", year=2027).data["value"].iloc[0]
    assert germany == pytest.approx(622.0)


def test_scrap_melted_in_a_basic_oxygen_furnace_counts_as_secondary(run: Path, iamc: Any) -> None:
    brazil = iamc.filter(region="Brazil", year=2025).data.set_index("variable")["value"]
    scrap, hot_metal = 0.18 * 0.96, 0.90 * 0.945
    assert brazil[f"{STEEL}|Secondary"] / brazil[STEEL] == pytest.approx(scrap / (scrap + hot_metal))
    assert len(COUNTRIES) == 3
