"""One small wrong dataset for each way to be wrong; each is refused with one clear problem and nothing else."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from steeliq.errors import DatasetError, Problem
from steeliq.simulation.dataset import load
from steeliq.simulation.dataset.validate import problems as problems_of
from tests.worlds import tiny_tables, write_tiny


class Folder:
    """A dataset folder that can be spoilt cell by cell; the methods return the row as a person sees it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def cells(self, table: str) -> list[list[str]]:
        with (self.path / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.reader(stream))

    def write(self, table: str, cells: list[list[str]]) -> None:
        with (self.path / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(cells)

    def row(self, table: str, **where: str) -> int:
        cells = self.cells(table)
        places = {name: cells[0].index(name) for name in where}
        for number, row in enumerate(cells[1:], start=2):
            if all(row[places[name]] == value for name, value in where.items()):
                return number
        raise LookupError(f"{table}: no row with {where}")

    def set(self, table: str, column: str, value: str, **where: str) -> int:
        number, cells = self.row(table, **where), self.cells(table)
        cells[number - 1][cells[0].index(column)] = value
        self.write(table, cells)
        return number

    def add(self, table: str, **given: str) -> int:
        """Append a copy of the first row with other cells."""
        cells = self.cells(table)
        cells.append([given.get(name, cell) for name, cell in zip(cells[0], cells[1], strict=True)])
        self.write(table, cells)
        return len(cells)

    def drop(self, table: str, **where: str) -> int:
        number, cells = self.row(table, **where), self.cells(table)
        del cells[number - 1]
        self.write(table, cells)
        return number

    def replace(self, table: str, old: bytes, new: bytes) -> int:
        """Replace bytes once; the row is where they stood."""
        file = self.path / f"{table}.csv"
        content = file.read_bytes()
        assert old in content
        file.write_bytes(content.replace(old, new, 1))
        return content[: content.index(old)].count(b"\n") + 1

    def describe(self, change: Callable[[dict[str, Any]], object]) -> int:
        """Change datapackage.json; ``change`` gets resources by name."""
        file = self.path / "datapackage.json"
        document = json.loads(file.read_text(encoding="utf-8"))
        change({resource["name"]: resource for resource in document["resources"]})
        file.write_text(json.dumps(document), encoding="utf-8")
        return 0

    def unit(self, table: str, column: str, unit: str | None) -> int:
        def change(resources: dict[str, Any]) -> None:
            field = next(field for field in resources[table]["schema"]["fields"] if field["name"] == column)
            field.pop("unit", None)
            if unit is not None:
                field["unit"] = unit

        return self.describe(change)


@dataclass(frozen=True)
class Case:
    """How to spoil the tiny world, and the one problem that must be told."""

    name: str
    spoil: Callable[[Folder], int]
    table: str
    column: str
    value: str
    rule: str


def _remove_file(table: str) -> Callable[[Folder], int]:
    def spoil(folder: Folder) -> int:
        (folder.path / f"{table}.csv").unlink()
        return 0

    return spoil


def _remove_table(table: str) -> Callable[[Folder], int]:
    def spoil(folder: Folder) -> int:
        (folder.path / f"{table}.csv").unlink()
        document = json.loads((folder.path / "datapackage.json").read_text(encoding="utf-8"))
        document["resources"] = [resource for resource in document["resources"] if resource["name"] != table]
        (folder.path / "datapackage.json").write_text(json.dumps(document), encoding="utf-8")
        return 0

    return spoil


def _extra_file(folder: Folder) -> int:
    (folder.path / "plnats.csv").write_text("plant\nP1\n", encoding="utf-8")
    return 0


def _empty_table(folder: Folder) -> int:
    folder.write("scrap_tiers", folder.cells("scrap_tiers")[:1])
    return 0


def _utf16(folder: Folder) -> int:
    file = folder.path / "plants.csv"
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-16")
    return 0


def _semicolons(folder: Folder) -> int:
    file = folder.path / "scrap_tiers.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    return 1


def _no_header(folder: Folder) -> int:
    (folder.path / "scrap_tiers.csv").write_text("", encoding="utf-8")
    return 1


def _outside(folder: Folder) -> int:
    (folder.path / "plants.csv").rename(folder.path.parent / "plants.csv")
    return folder.describe(lambda resources: resources["plants"].update(path="../plants.csv"))


def _absolute(folder: Folder) -> int:
    (folder.path / "quotas.csv").unlink()
    return folder.describe(lambda resources: resources["quotas"].update(path="/quotas.csv"))


def _column(table: str, change: Callable[[list[str]], list[str]]) -> Callable[[Folder], int]:
    """Spoil the header."""

    def spoil(folder: Folder) -> int:
        cells = folder.cells(table)
        cells[0] = change(cells[0])
        folder.write(table, cells)
        return 1

    return spoil


def _drop_column(table: str, column: str) -> Callable[[Folder], int]:
    def spoil(folder: Folder) -> int:
        cells = folder.cells(table)
        place = cells[0].index(column)
        folder.write(table, [row[:place] + row[place + 1 :] for row in cells])
        return 1

    return spoil


def _swap_distance(folder: Folder) -> int:
    folder.set("distances", "destination", "BRA", origin="BRA", destination="DEU")
    return folder.set("distances", "origin", "DEU", origin="BRA", destination="BRA")


def _no_world(folder: Folder) -> int:
    folder.drop("cost_of_capital", area="WORLD")
    folder.drop("cost_of_capital", area="BRICS")
    return 0


def _minima(folder: Folder) -> int:
    folder.add("charge_groups", technology="EAF", charge_group="scrap", commodity="scrap")
    folder.set("charge_limits", "minimum", "0.3", technology="EAF", charge_group="pig")
    folder.add("charge_limits", technology="EAF", charge_group="scrap", year="2025", minimum="0.8", maximum="1")
    return folder.row("charge_limits", technology="EAF", charge_group="pig")


def _orphan_option(folder: Folder) -> int:
    return folder.add("recipes", technology="EAF", option="hot_metal", name="EAF with hot metal", iron_loss="0.05")


def _too_little_coal(folder: Folder) -> int:
    folder.set("bill_of_materials", "amount", "0.9", technology="COKE", commodity="coking_coal")
    return folder.row("recipes", technology="COKE")


def _too_little_ore(folder: Folder) -> int:
    folder.set("bill_of_materials", "amount", "1", technology="BF", option="coal", commodity="iron_ore")
    return folder.row("recipes", technology="BF", option="coal")


GROUP = {"furnace_group": "P1-BF-1"}

CASES = [
    # files
    Case("missing file", _remove_file("plants"), "plants", "", "plants.csv", "the file is missing"),
    Case("missing table", _remove_table("scrap_tiers"), "scrap_tiers", "", "", "the table is missing"),
    Case("extra file", _extra_file, "plnats", "", "plnats.csv", "does not name this file"),
    Case(
        "unknown table",
        lambda f: f.describe(lambda resources: resources["country_factors"].update(name="country_factor")),
        "datapackage.json",
        "resources[3].name",
        "country_factor",
        "did you mean country_factors?",
    ),
    Case(
        "table twice",
        lambda f: f.describe(lambda resources: resources["country_factors"].update(name="blocs")),
        "datapackage.json",
        "resources[3].name",
        "blocs",
        "listed twice",
    ),
    Case(
        "file outside the folder", _outside, "datapackage.json", "plants.path", "../plants.csv", "outside the dataset"
    ),
    Case(
        "absolute path",
        _absolute,
        "datapackage.json",
        "quotas.path",
        "/quotas.csv",
        "outside the dataset",
    ),
    Case("empty table", _empty_table, "scrap_tiers", "", "", "has no rows"),
    Case(
        "Latin-1 text",
        lambda f: f.replace("plants", b"Ruhr", b"R\xfchr"),
        "plants",
        "",
        "byte 0xfc",
        "not UTF-8",
    ),
    Case("UTF-16 text", _utf16, "plants", "", "", "UTF-16"),
    Case("semicolons", _semicolons, "scrap_tiers", "", "tier;share;cost;source;quality", "separated by commas"),
    Case("no header", _no_header, "scrap_tiers", "", "", "no header"),
    Case(
        "ragged row",
        lambda f: f.replace("plants", b"Ruhr", b"Ruhr, East"),
        "plants",
        "",
        "P1,Ruhr, East Works,DEU,51.5,6.7,Rhein Stahl,false,invented,E",
        "10 cells but the header has 9",
    ),
    Case("NUL bytes", lambda f: f.replace("plants", b"Ruhr", b"Ru\0r") * 0, "plants", "", "", "NUL bytes"),
    # columns and units
    Case(
        "unknown column",
        _column("hot_links", lambda names: [*names[:2], "distanz", *names[3:]]),
        "hot_links",
        "distanz",
        "",
        "did you mean distance?",
    ),
    Case("missing column", _drop_column("hot_links", "distance"), "hot_links", "distance", "", "the column is missing"),
    Case(
        "column twice",
        _column("hot_links", lambda names: [names[0], names[0], *names[2:]]),
        "hot_links",
        "iron_plant",
        "",
        "there twice",
    ),
    Case(
        "unknown unit",
        lambda f: f.unit("furnace_groups", "capacity", "ktpa"),
        "furnace_groups",
        "capacity",
        "ktpa",
        "unknown unit",
    ),
    Case(
        "unit of another quantity",
        lambda f: f.unit("furnace_groups", "capacity", "MWh"),
        "furnace_groups",
        "capacity",
        "MWh",
        "does not measure",
    ),
    Case(
        "another currency",
        lambda f: f.unit("carbon_prices", "price", "EUR/tCO2"),
        "carbon_prices",
        "price",
        "EUR/tCO2",
        "unknown unit",
    ),
    Case(
        "unit of a commodity",
        lambda f: f.unit("prices", "price", "USD/kt"),
        "prices",
        "price",
        "USD/kt",
        "each row's commodity",
    ),
    Case(
        "no unit",
        lambda f: f.unit("furnace_groups", "capacity", None),
        "datapackage.json",
        "furnace_groups.capacity.unit",
        "",
        "not declared",
    ),
    # cells
    Case(
        "text for a number",
        lambda f: f.set("furnace_groups", "capacity", "4 Mt", **GROUP),
        "furnace_groups",
        "capacity",
        "4 Mt",
        "a number [t/yr] is expected",
    ),
    Case(
        "decimal comma",
        lambda f: f.set("furnace_groups", "capacity_factor", "1,1", **GROUP),
        "furnace_groups",
        "capacity_factor",
        "1,1",
        "with a point",
    ),
    Case(
        "not a number",
        lambda f: f.set("furnace_groups", "capacity", "nan", **GROUP),
        "furnace_groups",
        "capacity",
        "nan",
        "a number",
    ),
    Case(
        "infinity",
        lambda f: f.set("furnace_groups", "capacity", "inf", **GROUP),
        "furnace_groups",
        "capacity",
        "inf",
        "finite",
    ),
    Case(
        "blank number",
        lambda f: f.set("furnace_groups", "capacity", "", **GROUP),
        "furnace_groups",
        "capacity",
        "",
        "a value is required",
    ),
    Case(
        "blank text", lambda f: f.set("plants", "owner", " ", plant="P1"), "plants", "owner", "", "a value is required"
    ),
    Case(
        "formula for a number",
        lambda f: f.set("furnace_groups", "capacity", "=2*2e6", **GROUP),
        "furnace_groups",
        "capacity",
        "=2*2e6",
        "formulas",
    ),
    Case(
        "formula for a text",
        lambda f: f.set("plants", "name", "@SUM(A1)", plant="P1"),
        "plants",
        "name",
        "@SUM(A1)",
        "formulas",
    ),
    Case(
        "half a year",
        lambda f: f.set("furnace_groups", "start_year", "1973.5", **GROUP),
        "furnace_groups",
        "start_year",
        "1973.5",
        "a whole number",
    ),
    Case(
        "neither true nor false",
        lambda f: f.set("plants", "synthetic", "maybe", plant="P1"),
        "plants",
        "synthetic",
        "maybe",
        "true or false",
    ),
    # bounds
    Case(
        "negative capacity",
        lambda f: f.set("furnace_groups", "capacity", "-4000000", **GROUP),
        "furnace_groups",
        "capacity",
        "-4000000",
        "above 0 t/yr",
    ),
    Case(
        "huge capacity",
        lambda f: f.set("furnace_groups", "capacity", "4e12", **GROUP),
        "furnace_groups",
        "capacity",
        "4e+12",
        "implausibly large",
    ),
    Case(
        "capacity in Mt",
        lambda f: f.set("furnace_groups", "capacity", "4.0", **GROUP),
        "furnace_groups",
        "capacity",
        "4",
        "implausibly small",
    ),
    Case(
        "share above one",
        lambda f: f.set("technologies", "availability", "95", technology="BF"),
        "technologies",
        "availability",
        "95",
        "from 0 to 1",
    ),
    Case(
        "latitude",
        lambda f: f.set("plants", "latitude", "515", plant="P1"),
        "plants",
        "latitude",
        "515",
        "from -90 to 90",
    ),
    Case(
        "year",
        lambda f: f.set("furnace_groups", "campaign_start", "20120", **GROUP),
        "furnace_groups",
        "campaign_start",
        "20120",
        "from 1900 to 2100",
    ),
    Case(
        "unknown choice",
        lambda f: f.set("furnace_groups", "status", "Operating", **GROUP),
        "furnace_groups",
        "status",
        "Operating",
        "did you mean operating?",
    ),
    Case(
        "unknown quality",
        lambda f: f.set("plants", "quality", "good", plant="P1"),
        "plants",
        "quality",
        "good",
        "one of A, B, C, D, E",
    ),
    # keys and references
    Case(
        "furnace group twice",
        lambda f: f.add("furnace_groups"),
        "furnace_groups",
        "furnace_group",
        "P1-BF-1",
        "already stands in row 2",
    ),
    Case(
        "unknown plant",
        lambda f: f.set("furnace_groups", "plant", "P11", furnace_group="P2-EAF-1"),
        "furnace_groups",
        "plant",
        "P11",
        "did you mean P1",
    ),
    Case(
        "unknown technology",
        lambda f: f.set("furnace_groups", "technology", "EAFF", furnace_group="P2-EAF-1"),
        "furnace_groups",
        "technology",
        "EAFF",
        "did you mean EAF?",
    ),
    Case(
        "unknown country",
        lambda f: f.set("plants", "country", "FRA", plant="P1"),
        "plants",
        "country",
        "FRA",
        "does not exist in countries.country",
    ),
    Case(
        "unknown commodity",
        lambda f: f.set("quotas", "commodity", "steel", quota="EU-steel"),
        "quotas",
        "commodity",
        "steel",
        "did you mean crude_steel?",
    ),
    Case(
        "unknown source",
        lambda f: f.set("plants", "source", "invented2", plant="P1"),
        "plants",
        "source",
        "invented2",
        "did you mean invented?",
    ),
    Case(
        "no such ISO code",
        lambda f: f.add("countries", country="DDR", name="East"),
        "countries",
        "country",
        "DDR",
        "ISO 3166-1",
    ),
    Case(
        "unknown area",
        lambda f: f.set("cost_of_capital", "area", "BRIC", area="BRICS"),
        "cost_of_capital",
        "area",
        "BRIC",
        "did you mean BRICS?",
    ),
    Case(
        "NOT where an importer stands",
        lambda f: f.set("tariffs", "importer", "NOT EU27", importer="EU27"),
        "tariffs",
        "importer",
        "NOT EU27",
        "no country, bloc or region",
    ),
    Case(
        "bloc named as a region",
        lambda f: f.add("blocs", bloc="Europe", country="DEU"),
        "blocs",
        "bloc",
        "Europe",
        "ambiguous",
    ),
    # years and areas
    Case(
        "path begins late",
        lambda f: f.drop("carbon_prices", scenario="uniform_100", year="2025"),
        "carbon_prices",
        "year",
        "uniform_100 + WORLD + 2030",
        "value for 2025",
    ),
    Case(
        "hole in a path",
        lambda f: f.drop("grid_intensity", scenario="reference", area="DEU", year="2040"),
        "grid_intensity",
        "year",
        "reference + DEU + 2050",
        "at least every 10 years",
    ),
    Case("country without capital cost", _no_world, "cost_of_capital", "area", "", "every country needs a value"),
    Case(
        "tariff ends before it starts",
        lambda f: f.set("tariffs", "end", "2010", importer="BRA"),
        "tariffs",
        "end",
        "2010",
        "not be before",
    ),
    Case("pair in the wrong order", _swap_distance, "distances", "origin", "DEU", "before destination"),
    Case(
        "storage shrinks",
        lambda f: f.set("co2_storage", "cumulative", "1", area="Europe", year="2050"),
        "co2_storage",
        "cumulative",
        "1",
        "must not fall",
    ),
    # technology and commodities
    Case(
        "crossing limits",
        lambda f: f.set("charge_limits", "minimum", "0.97", technology="BOF", year="2040"),
        "charge_limits",
        "minimum",
        "0.97",
        "must not exceed the maximum",
    ),
    Case("minima beyond one", _minima, "charge_limits", "minimum", "pig + scrap", "must not add up to more than 1"),
    Case(
        "unknown charge group",
        lambda f: f.set("charge_limits", "charge_group", "pigs", technology="EAF"),
        "charge_limits",
        "charge_group",
        "pigs",
        "did you mean pig?",
    ),
    Case(
        "idle charge",
        lambda f: f.set("charge_groups", "commodity", "dri", charge_group="cold_pig"),
        "charge_groups",
        "commodity",
        "dri",
        "no option of the technology",
    ),
    Case(
        "steps beyond one",
        lambda f: f.set("cost_steps", "share", "0.7", cost_steps="eaf", step="1"),
        "cost_steps",
        "share",
        "eaf",
        "they add up to 1.2",
    ),
    Case(
        "tiers beyond one",
        lambda f: f.set("scrap_tiers", "share", "0.7", tier="1") * 0,
        "scrap_tiers",
        "share",
        "1.12",
        "more than 1",
    ),
    Case(
        "hub without transport",
        lambda f: f.set("commodities", "transport", "", commodity="scrap"),
        "commodities",
        "transport",
        "",
        "class of transport_costs",
    ),
    Case(
        "twin of other carbon",
        lambda f: f.set("commodities", "carbon", "0.04", commodity="hot_metal"),
        "commodities",
        "carbon",
        "0.04",
        "same carbon content",
    ),
    Case(
        "twin of a cold commodity",
        lambda f: f.set("commodities", "cold_twin", "scrap", commodity="dri"),
        "commodities",
        "cold_twin",
        "scrap",
        "only a commodity of kind hot",
    ),
    Case(
        "auxiliary furnace group",
        lambda f: f.set("furnace_groups", "technology", "COKE", furnace_group="P2-EAF-1"),
        "furnace_groups",
        "technology",
        "COKE",
        "auxiliary step",
    ),
    Case(
        "hub with an outside price",
        lambda f: f.add("prices", commodity="scrap", year="2025"),
        "prices",
        "commodity",
        "scrap",
        "only bought commodities",
    ),
    Case(
        "hot link without a BOF",
        lambda f: f.set("hot_links", "steel_plant", "P6", iron_plant="P8"),
        "hot_links",
        "steel_plant",
        "P6",
        "takes a hot commodity",
    ),
    Case(
        "hot link without iron",
        lambda f: f.set("hot_links", "iron_plant", "P2", iron_plant="P8"),
        "hot_links",
        "iron_plant",
        "P2",
        "makes a hot commodity",
    ),
    Case(
        "route option that does not exist",
        lambda f: f.set("route_options", "option", "coke", route="PIG_BF"),
        "route_options",
        "option",
        "coke",
        "technology BF; known: charcoal, coal",
    ),
    Case(
        "transition to an unknown route",
        lambda f: f.set("transitions", "to_route", "DRI_H2_EAR", from_route="DRI_GAS_EAF"),
        "transitions",
        "to_route",
        "DRI_H2_EAR",
        "did you mean DRI_H2_EAF",
    ),
    Case("option without a bill", _orphan_option, "recipes", "option", "hot_metal", "no bill of materials"),
    Case(
        "unknown boundary term",
        lambda f: f.set("boundaries", "term", "scope4", boundary="scope1"),
        "boundaries",
        "term",
        "scope4",
        "a term is scope1",
    ),
    Case("recipe that creates carbon", _too_little_coal, "recipes", "option", "coal", "COKE/coal creates carbon"),
    Case("recipe that creates iron", _too_little_ore, "recipes", "iron_loss", "0.008", "BF/coal creates iron"),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("valid") / "tiny")


@pytest.fixture
def folder(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("STEELIQ_HOME", str(tmp_path / "home"))
    return Folder(Path(shutil.copytree(tiny, tmp_path / "bad")))


def refused(folder: Folder) -> tuple[Problem, ...]:
    with pytest.raises(DatasetError) as caught:
        load(folder.path)
    return caught.value.problems


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_dataset_is_refused_with_one_clear_problem(case: Case, folder: Folder) -> None:
    row = case.spoil(folder)

    problems = refused(folder)

    assert len(problems) == 1
    problem = problems[0]
    assert (problem.table, problem.row, problem.column, problem.value) == (case.table, row, case.column, case.value)
    assert case.rule in problem.rule


def test_everything_wrong_is_told_at_once(folder: Folder) -> None:
    rows = [
        folder.set("furnace_groups", "capacity", "four", furnace_group="P1-BF-1"),
        folder.set("furnace_groups", "plant", "P99", furnace_group="P2-EAF-1"),
        folder.set("plants", "latitude", "500", plant="P3"),
        folder.set("cost_steps", "share", "0.9", cost_steps="iron", step="1"),
        folder.drop("carbon_prices", scenario="uniform_100", year="2025"),
    ]

    problems = refused(folder)

    found = {(problem.table, problem.row, problem.column) for problem in problems}
    assert found == {
        ("carbon_prices", rows[4], "year"),
        ("cost_steps", rows[3], "share"),
        ("furnace_groups", rows[0], "capacity"),
        ("furnace_groups", rows[1], "plant"),
        ("plants", rows[2], "latitude"),
    }
    assert list(problems) == sorted(problems)


def test_the_message_names_place_value_and_remedy(folder: Folder) -> None:
    folder.set("furnace_groups", "technology", "EAFF", furnace_group="P2-EAF-1")

    with pytest.raises(DatasetError) as caught:
        load(folder.path)

    assert str(caught.value) == (
        f"{folder.path}: this dataset has 1 problem:\n"
        "  - furnace_groups, row 4, column technology: found 'EAFF'; it does not exist in technologies.technology; "
        "correct it or add it there; did you mean EAF?"
    )


def test_a_mistake_in_every_row_is_listed_twenty_times_and_counted(folder: Folder) -> None:
    cells = folder.cells("prices")
    place = cells[0].index("price")
    for row in cells[1:]:
        row[place] = "-1"
    folder.write("prices", cells)

    problems = refused(folder)

    assert len(problems) == 21
    assert [problem.row for problem in problems] == list(range(2, 23))
    assert problems[-1].rule.startswith(f"... and {len(cells) - 1 - 20} more like it")


def test_a_wrong_dataset_is_refused_again_the_second_time(folder: Folder) -> None:
    folder.set("plants", "latitude", "500", plant="P3")

    assert refused(folder) == refused(folder)


def test_a_folder_without_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"has no datapackage\.json"):
        load(tmp_path)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="does not exist"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "x"}', '{"resources": [1]}', "\x00"])
def test_a_broken_description_is_refused(folder: Folder, text: str) -> None:
    (folder.path / "datapackage.json").write_text(text, encoding="utf-8")

    problems = refused(folder)

    assert {problem.table for problem in problems} == {"datapackage.json"}


def test_problems_of_frames_count_rows_as_a_spreadsheet_does() -> None:
    tables = tiny_tables()
    tables["plants"].loc[2, "latitude"] = 500.0

    found = problems_of(tables)

    assert [(problem.table, problem.row, problem.column, problem.value) for problem in found] == [
        ("plants", 4, "latitude", "500")
    ]


def test_the_tiny_world_has_no_problem() -> None:
    assert problems_of(tiny_tables()) == []
