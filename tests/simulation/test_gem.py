"""The plant tracker's rows become furnace groups by rules that can be checked one by one."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from steeliq.errors import DatasetError
from steeliq.simulation.dataset.gem import (
    Tracker,
    balance_sheet,
    campaign_start,
    draw,
    fleet,
    great_circle,
    read_csv,
    read_workbook,
    start_year,
    technology,
    units,
)

NAN = float("nan")
PLANTS = [
    ("P1", "Large Works", "DEU", 51.0, 7.0, "Large Works AG", "Large SE [100.0%]", 1950.0),
    ("P2", "Small Furnace", "IND", 21.0, 82.0, "Small Ltd", "natural person(s) [60.0%]; A [40.0%]", NAN),
    ("P3", "Old and Shut", "FRA", 49.0, 6.0, "Old SA", "Old SA [100.0%]", 1960.0),
]
ROWS = [
    ("P1", "operating", "BOF", 9.0e6, 1950.0),
    ("P1", "operating pre-retirement", "BF", 3.0e6, 1955.0),
    ("P1", "operating", "BF", 5.0e6, 2012.0),
    ("P1", "announced", "DRI", 2.5e6, NAN),
    ("P1", "construction", "EAF", 1.0e6, 2027.0),
    ("P2", "operating", "other_steel", 0.5e6, NAN),
    ("P2", "operating", "DRI", 0.3e6, 2001.0),
    ("P2", "construction", "DRI", NAN, 2026.0),
    ("P3", "retired", "BF", 2.0e6, 1960.0),
    ("P3", "mothballed", "EAF", 1.0e6, 1999.0),
    ("P3", "cancelled", "EAF", 1.0e6, NAN),
]


def tracker() -> Tracker:
    plants = pd.DataFrame(
        PLANTS, columns=["plant", "name", "country", "latitude", "longitude", "owner", "parent", "start_year"]
    )
    rows = pd.DataFrame(ROWS, columns=["plant", "status", "kind", "capacity", "start_year"])
    return Tracker(plants, rows)


def test_only_what_runs_or_may_run_becomes_a_furnace_group() -> None:
    made = fleet(tracker())

    assert made.plants["plant"].tolist() == ["P1", "P2"]
    assert made.furnace_groups["furnace_group"].tolist() == [
        "P1-BF-1",
        "P1-BF-2",
        "P1-BF-3",
        "P1-BOF-1",
        "P1-BOF-2",
        "P1-BOF-3",
        "P1-DRI_GAS-1",
        "P1-EAF-1",
        "P2-DRI_COAL-1",
        "P2-IF-1",
    ]
    status = made.furnace_groups.set_index("furnace_group")["status"]
    assert status["P1-BF-3"] == "operating"  # pre-retirement still runs
    assert status["P1-DRI_GAS-1"] == "announced"
    assert status["P1-EAF-1"] == "construction"


def test_no_tonne_is_lost_or_made_by_the_split() -> None:
    made = fleet(tracker()).furnace_groups
    listed = sum(row[3] for row in ROWS if row[0] != "P3" and row[3] == row[3])

    assert made["capacity"].sum() == listed
    assert made["capacity"].max() <= 4.0e6


def test_rows_of_unknown_size_are_listed_not_guessed() -> None:
    dropped = fleet(tracker()).dropped

    assert dropped[["plant", "status", "kind"]].to_numpy().tolist() == [["P2", "construction", "DRI"]]


def test_the_order_of_rows_in_the_file_changes_nothing() -> None:
    forwards = tracker()
    backwards = Tracker(forwards.plants.iloc[::-1], forwards.rows.iloc[::-1])

    pd.testing.assert_frame_equal(fleet(forwards).furnace_groups, fleet(backwards).furnace_groups)
    pd.testing.assert_frame_equal(fleet(forwards).plants, fleet(backwards).plants)


@pytest.mark.parametrize(
    ("kind", "country", "name", "status", "expected"),
    [
        ("BF", "CHN", "Any", "operating", "BF"),
        ("DRI", "SAU", "Any", "operating", "DRI_GAS"),
        ("DRI", "IND", "Any", "operating", "DRI_COAL"),
        ("DRI", "IND", "Nippon Hazira plant", "operating", "DRI_GAS"),
        ("DRI", "ZAF", "Any", "operating", "DRI_COAL"),
        ("DRI", "NAM", "Any", "operating", "DRI_H2"),
        ("DRI", "SWE", "Stegra Boden steel plant", "construction", "DRI_H2"),
        ("DRI", "JPN", "Any", "operating", "DRI_COAL"),
        ("DRI", "JPN", "Any", "announced", "DRI_GAS"),
        ("DRI", "NZL", "New Zealand Steel Glenbrook", "operating", "SR"),
        ("other_iron", "KOR", "POSCO Pohang", "operating", "SR"),
        ("other_iron", "USA", "Electra iron plant", "construction", "EW"),
        ("other_steel", "BGD", "Any", "operating", "IF"),
        ("other_steel", "IND", "Nippon Hazira plant", "operating", "EAF"),
    ],
)
def test_equipment_is_named_by_rule(kind: str, country: str, name: str, status: str, expected: str) -> None:
    assert technology(kind, country, name, status, 0.5e6, makes_hot_metal=False) == expected


def test_a_large_unspecified_steel_shop_is_no_induction_furnace() -> None:
    assert technology("other_steel", "IND", "Any", "announced", 7.0e6, makes_hot_metal=True) == "BOF"
    assert technology("other_steel", "IND", "Any", "announced", 7.0e6, makes_hot_metal=False) == "EAF"


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        (4.0e6, [4_000_000]),
        (4.000001e6, [2_000_001, 2_000_000]),
        (10.0e6, [3_333_334, 3_333_333, 3_333_333]),
        (9_000.0, [9_000]),
    ],
)
def test_units_are_equal_and_at_most_four_million_tonnes(capacity: float, expected: list[int]) -> None:
    assert units(capacity) == expected


def test_campaigns_of_old_lines_lie_in_the_last_twenty_years_near_the_modulo_of_their_start() -> None:
    for start in range(1810, 2006, 5):
        for number in range(20):
            year = campaign_start(f"P{number}-BF-1", start, 0, 1)
            distance = (year - start + 10) % 20 - 10
            assert 2006 <= year <= 2025
            assert -3 <= distance <= 3


def test_units_of_an_old_line_spread_over_the_cycle() -> None:
    years = sorted(campaign_start(f"P-BF-{unit}", 1970, unit, 6) for unit in range(6))

    assert max(later - earlier for earlier, later in pairwise(years)) <= 10
    assert years[-1] - years[0] >= 10


def test_campaigns_of_young_and_future_lines_start_with_the_line() -> None:
    assert campaign_start("a", 2018, 0, 1) == 2018
    assert [campaign_start("a", 2010, unit, 4) for unit in range(4)] == [2010, 2012, 2015, 2017]
    assert campaign_start("a", 2028, 1, 3) == 2028


def test_start_years_are_taken_from_the_row_then_the_plant_then_drawn() -> None:
    assert start_year("a", "operating", 1999.0, 1950.0) == 1999
    assert start_year("a", "operating", NAN, 1950.0) == 1950
    assert start_year("a", "operating", 1739.0, NAN) == 1800
    assert {start_year(f"P{number}", "operating", NAN, NAN) for number in range(300)} == set(range(2000, 2014))
    assert start_year("a", "construction", 2027.0, 1950.0) == 2027
    assert {start_year(f"P{number}", "construction", NAN, 1950.0) for number in range(100)} == {2026, 2027, 2028, 2029}
    assert start_year("a", "construction", 2019.0, 1950.0) >= 2026
    assert start_year("a", "announced", NAN, 1950.0) == 2030
    assert start_year("a", "announced", 2025.0, 1950.0) == 2026


def test_draws_depend_on_key_and_purpose_only() -> None:
    assert draw("P1-BF-1", "start", 0, 10**6) == 966_057  # sha256("start|P1-BF-1"): the same on every machine
    assert draw("P1-BF-1", "campaign", 0, 10**6) != draw("P1-BF-1", "start", 0, 10**6)


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ("Large SE [100.0%]", "Large SE"),
        ("Large SE", "Large SE"),
        ("Small [20.0%]; Large SE [50.0%]", "Large SE"),
        ("Small [20.0%]; Half known", "Owner"),
        ("natural person(s) [80.0%]; Small [20.0%]", "Owner"),
        ("unknown [100.0%]", "Owner"),
    ],
)
def test_the_balance_sheet_belongs_to_the_majority_parent(parent: str, expected: str) -> None:
    assert balance_sheet("Owner", parent) == expected


def test_great_circles() -> None:
    assert great_circle(0.0, 0.0, 0.0, 90.0) == pytest.approx(6371.0 * 3.141592653589793 / 2)
    assert great_circle(49.2, 6.8, 49.2, 6.8) == 0.0
    assert great_circle(90.0, 0.0, -90.0, 120.0) == pytest.approx(6371.0 * 3.141592653589793)


def test_reading_leaves_out_totals_and_turns_kilotonnes_into_tonnes(tmp_path: Path) -> None:
    write_tracker(tmp_path)

    read = read_csv(tmp_path, "2030-01")

    assert read.rows["kind"].tolist() == ["EAF"]
    assert read.rows["capacity"].tolist() == [700_000.0]
    assert read.plants["country"].tolist() == ["NAM"]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    write_tracker(tmp_path)
    plants = tmp_path / "gem_plants_2030-01.csv"
    plants.write_text(plants.read_text(encoding="utf-8").replace("lon", "longitude"), encoding="utf-8")

    with pytest.raises(DatasetError) as caught:
        read_csv(tmp_path, "2030-01")

    assert [(problem.table, problem.column) for problem in caught.value.problems] == [("gem_plants_2030-01.csv", "lon")]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gem_plants_2030-01\.csv"):
        read_csv(tmp_path, "2030-01")


def test_the_official_workbook_gives_the_same_fleet(tmp_path: Path) -> None:
    workbook = write_workbook(tmp_path / "tracker.xlsx")

    read = read_workbook(workbook, {"Namibia": "NAM", "Germany": "DEU"})

    assert read.plants["country"].tolist() == ["NAM", "DEU", "TUR"]
    assert read.plants["latitude"].tolist() == [-22.5, 51.25, 40.0]
    assert read.plants["longitude"].tolist() == [14.9, 6.75, 30.0]
    made = fleet(read)
    groups = made.furnace_groups.set_index("furnace_group")
    assert groups["capacity"].to_dict() == {"P1-DRI_H2-1": 1e6, "P2-BF-1": 2e6, "P2-BOF-1": 2.5e6, "P3-EAF-1": 7e5}
    assert groups.loc["P2-BF-1", "start_year"] == 2026
    assert groups.loc["P3-EAF-1", "start_year"] == 1998
    assert made.dropped["kind"].tolist() == ["EAF"]


def test_a_country_without_a_code_is_named(tmp_path: Path) -> None:
    workbook = write_workbook(tmp_path / "tracker.xlsx")

    with pytest.raises(DatasetError) as caught:
        read_workbook(workbook, {"Namibia": "NAM"})

    assert [(problem.column, problem.value) for problem in caught.value.problems] == [("Country/Area", "Germany")]


@pytest.mark.parametrize("content", [b"", b"no workbook"])
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(content)

    with pytest.raises(DatasetError, match="cannot be read"):
        read_workbook(path, {})


def write_workbook(path: Path) -> Path:
    plants = pd.DataFrame(
        [
            ("P1", "HyIron", "Namibia", "-22.5000, 14.9000", "Owner", "Parent [100.0%]", 2025),
            ("P2", "Works", "Germany", "51.25, 6.75", "Owner", "Parent [100.0%]", "unknown"),
            ("P3", "Furnace", "Türkiye", "40.0, 30.0", "Owner", "unknown", 1998),
        ],
        columns=["Plant ID", "Plant name (English)", "Country/Area", "Coordinates", "Owner", "Parent", "Start date"],
    )
    columns = [
        "Nominal crude steel capacity (ttpa)",
        "Nominal BOF steel capacity (ttpa)",
        "Nominal EAF steel capacity (ttpa)",
        "Nominal OHF steel capacity (ttpa)",
        "Other/unspecified steel capacity (ttpa)",
        "Nominal iron capacity (ttpa)",
        "Nominal BF capacity (ttpa)",
        "Nominal DRI capacity (ttpa)",
        "Other/unspecified iron capacity (ttpa)",
    ]
    blank = [None] * 9
    rows = pd.DataFrame(
        [
            ("P1", "operating", 2025, *["N/A"] * 5, 1000, "N/A", 1000, "N/A"),
            ("P2", "construction", datetime(2026, 7, 1), 2500, 2500, *blank[:3], 2000, 2000, None, None),  # noqa: DTZ001 (as a workbook has it)
            ("P2", "announced", "unknown", ">0", None, ">0", *blank[:6]),
            ("P3", "operating", "unknown", 700, None, 700, *blank[:6]),
            ("P3", "retired", 1960, 900, 900, *blank[:7]),
        ],
        columns=["Plant ID", "Status", "Start date", *columns],
    )
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        plants.to_excel(writer, sheet_name="Plant data", index=False)
        rows.to_excel(writer, sheet_name="Plant capacities and status", index=False)
    return path


def write_tracker(folder: Path) -> None:
    (folder / "gem_plants_2030-01.csv").write_text(
        "plant_id,name,iso3,lat,lon,owner,parent,start_year\nP1,Works,NAM,-22.5,14.9,Owner,Parent [100.0%],\n",
        encoding="utf-8",
    )
    (folder / "gem_plant_capacity_2030-01_long.csv").write_text(
        "plant_id,status,product,technology,capacity_ktpa,start_year\n"
        "P1,operating,steel,EAF,700.0,1998.0\nP1,operating,total,crude_steel,700.0,1998.0\n",
        encoding="utf-8",
    )
