"""One small wrong dataset for each way to be wrong; each is refused with one clear problem and nothing else."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
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

    def describe(self, change: Callable[[list[dict[str, Any]]], object]) -> int:
        """Change datapackage.json; ``change`` gets its list of resources."""
        file = self.path / "datapackage.json"
        document = json.loads(file.read_text(encoding="utf-8"))
        change(document["resources"])
        file.write_text(json.dumps(document), encoding="utf-8")
        return 0


def named(resources: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(resource for resource in resources if resource["name"] == name)


@dataclass(frozen=True)
class Case:
    """How to spoil the tiny world, and the one problem that must be told; ``spoil`` returns the row to be named."""

    spoil: Callable[[Folder], int]
    table: str
    column: str
    value: str
    rule: str


# --- one cell that is wrong: which cell, what is put there (and told), part of the rule that is told

CELLS = """
furnace_groups | furnace_group=P1-BF-1    | capacity        | 4 Mt        | a number [t/yr] is expected
furnace_groups | furnace_group=P1-BF-1    | capacity        | -4000000    | above 0 t/yr
furnace_groups | furnace_group=P1-BF-1    | capacity        | 4e+12       | implausibly large
furnace_groups | furnace_group=P1-BF-1    | capacity        | 4           | implausibly small
furnace_groups | furnace_group=P1-BF-1    | capacity        | nan         | a number [t/yr] is expected
furnace_groups | furnace_group=P1-BF-1    | capacity        | inf         | a finite number [t/yr] is expected
furnace_groups | furnace_group=P1-BF-1    | capacity        | 4_000_000   | a number [t/yr] is expected
furnace_groups | furnace_group=P1-BF-1    | capacity        | ٤٠٠٠٠٠٠     | a number [t/yr] is expected
furnace_groups | furnace_group=P1-BF-1    | capacity        |             | a value is required (Nameplate
furnace_groups | furnace_group=P1-BF-1    | capacity        | =2*2e6      | formulas are not read
furnace_groups | furnace_group=P1-BF-1    | capacity        | +4000000    | formulas are not read
furnace_groups | furnace_group=P1-BF-1    | capacity_factor | 1,1         | with a point for decimals
furnace_groups | furnace_group=P1-BF-1    | start_year      | 1973.5      | a whole number [year] is expected
furnace_groups | furnace_group=P1-BF-1    | campaign_start  | 20120       | from 1900 to 2100
furnace_groups | furnace_group=P1-BF-1    | status          | Operating   | did you mean operating?
furnace_groups | furnace_group=P2-EAF-1   | plant           | P11         | does not exist in plants.plant; correct it
furnace_groups | furnace_group=P2-EAF-1   | technology      | EAFF        | did you mean EAF?
furnace_groups | furnace_group=P2-EAF-1   | technology      | COKE        | an auxiliary step belongs to
plants         | plant=P1                 | owner           |             | a value is required (Company
plants         | plant=P1                 | name            | @SUM(A1)    | formulas are not read
plants         | plant=P1                 | latitude        | 515         | from -90 to 90 deg
plants         | plant=P1                 | synthetic       | maybe       | write true or false
plants         | plant=P1                 | quality         | good        | one of A, B, C, D, E is expected
plants         | plant=P1                 | source          | invented2   | did you mean invented?
plants         | plant=P1                 | country         | FRA         | does not exist in countries.country
technologies   | technology=BF            | availability    | 95          | from 0 to 1
quotas         | quota=EU-steel           | commodity       | steel       | did you mean crude_steel?
cost_of_capital | area=BRICS              | area            | BRIC        | did you mean BRICS?
cost_of_capital | area=BRICS              | area            | NOT BRICS   | no country, bloc or region has this name
tariffs        | importer=BRA             | end             | 2010        | must not be before the first
co2_storage    | area=Europe year=2050    | cumulative      | 1           | must not fall
charge_limits  | technology=BOF year=2040 | minimum         | 0.97        | must not exceed the maximum
charge_groups  | charge_group=cold_pig    | commodity       | dri         | no option of the technology is charged with
commodities    | commodity=scrap          | transport       |             | needs a class of transport_costs
commodities    | commodity=scrap          | unit            | tonne       | one of t, GJ, MWh, kNm3 is expected
commodities    | commodity=hot_metal      | carbon          | 0.04        | need the same carbon content
commodities    | commodity=hot_metal      | iron            | 0.9         | need the same iron content
commodities    | commodity=dri            | cold_twin       | scrap       | only a commodity of kind hot cools
hot_links      | iron_plant=P8            | steel_plant     | P6          | takes a hot commodity (as a BOF does)
hot_links      | iron_plant=P8            | iron_plant      | P2          | makes a hot commodity
route_options  | route=PIG_BF             | option          | coke        | technology BF; known: charcoal, coal
transitions    | from_route=DRI_GAS_EAF   | to_route        | DRI_H2_EAR  | did you mean DRI_H2_EAF
transitions    | from_route=DRI_GAS_EAF   | to_route        | DRI_GAS_EAF | is a relining, not a transition
boundaries     | boundary=scope1          | term            | scope4      | a term is scope1, scope2
"""


def _cell_cases() -> Iterator[Any]:
    for line in CELLS.strip().splitlines():
        table, where, column, value, rule = (part.strip() for part in line.split("|"))
        keys = dict(part.split("=") for part in where.split())

        def spoil(
            folder: Folder, table: str = table, column: str = column, value: str = value, keys: dict[str, str] = keys
        ) -> int:
            return folder.set(table, column, value, **keys)

        yield pytest.param(Case(spoil, table, column, value, rule), id=f"{table}.{column}={value}")


# --- everything else that can be wrong


def _remove_file(folder: Folder) -> int:
    (folder.path / "plants.csv").unlink()
    return 0


def _remove_table(folder: Folder) -> int:
    (folder.path / "scrap_tiers.csv").unlink()
    return folder.describe(lambda resources: resources.remove(named(resources, "scrap_tiers")))


def _extra_file(folder: Folder) -> int:
    (folder.path / "plnats.csv").write_text("plant\nP1\n", encoding="utf-8")
    return 0


def _empty_table(folder: Folder) -> int:
    folder.write("scrap_tiers", folder.cells("scrap_tiers")[:1])
    return 0


def _latin1(folder: Folder) -> int:
    return folder.replace("plants", b"Ruhr", b"R\xfchr")


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


def _ragged(folder: Folder) -> int:
    return folder.replace("plants", b"Ruhr", b"Ruhr, East")


def _nul(folder: Folder) -> int:
    folder.replace("plants", b"Ruhr", b"Ru\0r")
    return 0


def _outside(folder: Folder) -> int:
    (folder.path / "plants.csv").rename(folder.path.parent / "plants.csv")
    return folder.describe(lambda resources: named(resources, "plants").update(path="../plants.csv"))


def _absolute(folder: Folder) -> int:
    (folder.path / "quotas.csv").unlink()
    return folder.describe(lambda resources: named(resources, "quotas").update(path="/quotas.csv"))


def _renamed(name: str) -> Callable[[Folder], int]:
    return lambda folder: folder.describe(lambda resources: named(resources, "country_factors").update(name=name))


def _unit(table: str, column: str, unit: str) -> Callable[[Folder], int]:
    def change(resources: list[dict[str, Any]]) -> None:
        field = next(field for field in named(resources, table)["schema"]["fields"] if field["name"] == column)
        field["unit"] = unit

    return lambda folder: folder.describe(change)


def _header(*names: str) -> Callable[[Folder], int]:
    def spoil(folder: Folder) -> int:
        cells = folder.cells("hot_links")
        folder.write("hot_links", [[*names, *cells[0][len(names) :]], *cells[1:]])
        return 1

    return spoil


def _drop_column(folder: Folder) -> int:
    cells = folder.cells("hot_links")
    folder.write("hot_links", [row[:2] + row[3:] for row in cells])
    return 1


def _swap_distance(folder: Folder) -> int:
    folder.set("distances", "destination", "BRA", origin="BRA", destination="DEU")
    return folder.set("distances", "origin", "DEU", origin="BRA", destination="BRA")


def _no_world(folder: Folder) -> int:
    folder.drop("cost_of_capital", area="WORLD")
    folder.drop("cost_of_capital", area="BRICS")
    return 0


def _no_capex(folder: Folder) -> int:
    for year in (2025, 2030, 2040, 2050):
        folder.drop("technology_costs", technology="DRI_H2", item="capex", year=str(year))
    return folder.row("technologies", technology="DRI_H2")


def _no_world_price(folder: Folder) -> int:
    for year in (2025, 2030, 2040, 2050):
        folder.drop("prices", scenario="reference", commodity="lime", year=str(year))
    return folder.row("commodities", commodity="lime")


def _minima(folder: Folder) -> int:
    folder.add("charge_groups", technology="EAF", charge_group="scrap", commodity="scrap")
    folder.set("charge_limits", "minimum", "0.3", technology="EAF", charge_group="pig")
    folder.add("charge_limits", technology="EAF", charge_group="scrap", year="2025", minimum="0.8", maximum="1")
    return folder.row("charge_limits", technology="EAF", charge_group="pig")


def _tiers(folder: Folder) -> int:
    folder.set("scrap_tiers", "share", "0.7", tier="1")
    return 0


def _two_distributions(folder: Folder) -> int:
    folder.add("steel_end_uses", end_use="vehicles", parameter="deviation", value="0.3")
    return folder.row("steel_end_uses", end_use="vehicles")


def _no_lifetime(folder: Folder) -> int:
    folder.drop("steel_end_uses", end_use="vehicles", parameter="lifetime")
    return folder.row("steel_end_uses", end_use="vehicles")


def _end_uses(folder: Folder) -> int:
    folder.set("steel_end_uses", "value", "0.5", end_use="vehicles", parameter="share")
    return 0


def _orphan_option(folder: Folder) -> int:
    return folder.add("recipes", technology="EAF", option="hot_metal", name="EAF with hot metal", iron_loss="0.05")


def _too_little_coal(folder: Folder) -> int:
    folder.set("bill_of_materials", "amount", "0.9", technology="COKE", commodity="coking_coal")
    return folder.row("recipes", technology="COKE")


def _too_little_ore(folder: Folder) -> int:
    folder.set("bill_of_materials", "amount", "1", technology="BF", option="coal", commodity="iron_ore")
    return folder.row("recipes", technology="BF", option="coal")


def _late(folder: Folder) -> int:
    return folder.drop("carbon_prices", scenario="uniform_100", year="2025")


def _hole(folder: Folder) -> int:
    return folder.drop("grid_intensity", scenario="reference", area="DEU", year="2040")


def _unbalanced(folder: Folder) -> int:
    folder.set("route_options", "amount", "0.8", route="BF_BOF", technology="BF")
    return folder.row("route_options", route="BF_BOF")


def _incomplete(folder: Folder) -> int:
    folder.drop("route_options", route="BF_BOF", option="scrap")
    return folder.row("routes", route="BF_BOF")


_CAPACITY = "furnace_groups", "capacity"
_RAGGED = "P1,Ruhr, East Works,DEU,51.5,6.7,Rhein Stahl,false,invented,E"
_PACKAGE, _THIRD = "datapackage.json", "resources[3].name"

OTHERS = {
    "missing file": Case(_remove_file, "plants", "", "plants.csv", "the file is missing"),
    "missing table": Case(_remove_table, "scrap_tiers", "", "", "the table is missing"),
    "extra file": Case(_extra_file, "plnats", "", "plnats.csv", "does not name this file"),
    "unknown table": Case(_renamed("country_factor"), _PACKAGE, _THIRD, "country_factor", "mean country_factors?"),
    "table twice": Case(_renamed("blocs"), _PACKAGE, _THIRD, "blocs", "listed twice"),
    "file outside": Case(_outside, _PACKAGE, "plants.path", "../plants.csv", "lies outside the dataset's folder"),
    "absolute path": Case(_absolute, _PACKAGE, "quotas.path", "/quotas.csv", "lies outside the dataset's folder"),
    "empty table": Case(_empty_table, "scrap_tiers", "", "", "has no rows"),
    "Latin-1": Case(_latin1, "plants", "", "byte 0xfc", "not UTF-8"),
    "UTF-16": Case(_utf16, "plants", "", "", "UTF-16"),
    "semicolons": Case(_semicolons, "scrap_tiers", "", "tier;share;cost;source;quality", "separated by commas"),
    "no header": Case(_no_header, "scrap_tiers", "", "", "no header"),
    "ragged row": Case(_ragged, "plants", "", _RAGGED, "10 cells but the header has 9"),
    "NUL": Case(_nul, "plants", "", "", "NUL bytes"),
    "unknown column": Case(
        _header("iron_plant", "steel_plant", "distanz"), "hot_links", "distanz", "", "mean distance?"
    ),
    "column twice": Case(_header("iron_plant", "iron_plant"), "hot_links", "iron_plant", "", "there twice"),
    "missing column": Case(_drop_column, "hot_links", "distance", "", "the column is missing; add it (number [km]"),
    "unknown unit": Case(_unit(*_CAPACITY, "ktpa"), *_CAPACITY, "ktpa", "unknown unit"),
    "unit of energy": Case(_unit(*_CAPACITY, "MWh"), *_CAPACITY, "MWh", "does not measure"),
    "no unit": Case(_unit(*_CAPACITY, ""), _PACKAGE, "furnace_groups.capacity.unit", "", "the unit is not declared"),
    "euro": Case(_unit("carbon_prices", "price", "EUR/tCO2"), "carbon_prices", "price", "EUR/tCO2", "unknown unit"),
    "unit of rows": Case(_unit("prices", "price", "USD/kt"), "prices", "price", "USD/kt", "each row's commodity"),
    "key twice": Case(
        lambda folder: folder.add("furnace_groups"), *("furnace_groups", "furnace_group", "P1-BF-1"), "stands in row 2"
    ),
    "no ISO code": Case(
        lambda folder: folder.add("countries", country="DDR"), "countries", "country", "DDR", "ISO 3166-1 alpha-3"
    ),
    "bloc named as a region": Case(
        lambda folder: folder.add("blocs", bloc="Europe", country="DEU"), "blocs", "bloc", "Europe", "ambiguous"
    ),
    "path begins late": Case(_late, "carbon_prices", "year", "uniform_100 + WORLD + 2030", "value for 2025"),
    "hole in a path": Case(_hole, "grid_intensity", "year", "reference + DEU + 2050", "at least every 10 years"),
    "country without a value": Case(_no_world, "cost_of_capital", "area", "", "missing: BRA, IND"),
    "pair in the wrong order": Case(_swap_distance, "distances", "origin", "DEU", "origin before destination"),
    "technology without cost": Case(_no_capex, "technologies", "technology", "DRI_H2", "no capex in technology_costs"),
    "unpriced": Case(_no_world_price, "commodities", "commodity", "lime", "needs a price for area WORLD"),
    "outside price of a hub": Case(
        lambda folder: folder.add("prices", commodity="scrap", year="2025"),
        *("prices", "commodity", "scrap"),
        "only bought commodities have an outside price",
    ),
    "minima beyond one": Case(_minima, "charge_limits", "minimum", "pig + scrap", "must not add up to more than 1"),
    "limits without a group": Case(
        lambda folder: folder.add("charge_limits", technology="EAF", charge_group="pigs", year="2025"),
        *("charge_limits", "charge_group", "pigs"),
        "did you mean pig?",
    ),
    "group without limits": Case(
        lambda folder: folder.add("charge_groups", technology="EAF", charge_group="cold", commodity="dri"),
        *("charge_groups", "charge_group", "cold"),
        "it has no effect",
    ),
    "steps beyond one": Case(
        lambda folder: folder.set("cost_steps", "share", "0.7", cost_steps="eaf", step="1"),
        *("cost_steps", "share", "eaf"),
        "they add up to 1.2",
    ),
    "tiers beyond one": Case(_tiers, "scrap_tiers", "share", "1.12", "more than 1"),
    "end uses beyond one": Case(_end_uses, "steel_end_uses", "value", "", "add up to 1"),
    "two distributions": Case(_two_distributions, "steel_end_uses", "parameter", "vehicles", "and not both"),
    "no lifetime": Case(_no_lifetime, "steel_end_uses", "parameter", "vehicles", "no row for lifetime"),
    "yield above one": Case(
        lambda folder: folder.set("steel_end_uses", "value", "1.1", end_use="vehicles", parameter="forming"),
        *("steel_end_uses", "value", "1.1"),
        "more than 1",
    ),
    "option without a bill": Case(_orphan_option, "recipes", "option", "hot_metal", "no bill of materials"),
    "bill without a recipe": Case(
        lambda folder: folder.add("bill_of_materials", technology="EAF", option="ore", commodity="iron_ore"),
        *("bill_of_materials", "option", "ore"),
        "no such option in recipes",
    ),
    "incomplete route": Case(_incomplete, "routes", "route", "BF_BOF", "they add up to 0.88"),
    "unbalanced route": Case(_unbalanced, "route_options", "amount", "BF_BOF", "hot_metal: makes 0.8, uses 0.943"),
    "carbon from nothing": Case(_too_little_coal, "recipes", "option", "coal", "COKE/coal creates carbon"),
    "iron from nothing": Case(_too_little_ore, "recipes", "iron_loss", "0.008", "BF/coal creates iron"),
}


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


@pytest.mark.parametrize("case", [*_cell_cases(), *(pytest.param(case, id=name) for name, case in OTHERS.items())])
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
