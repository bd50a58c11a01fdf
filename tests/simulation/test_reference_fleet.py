"""The embedded plants, links, statistics and distances hold what their sources say."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import steeliq

FOLDER = Path(steeliq.__file__).parent / "reference" / "dataset"
REGIONS = {
    "Africa",
    "CIS",
    "China",
    "Europe",
    "India",
    "Japan, South Korea, and Taiwan",
    "Middle East",
    "NAFTA",
    "RoW",
    "South and Central America",
    "Southeast Asia",
}


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", keep_default_na=False, na_values=[""])


def groups() -> pd.DataFrame:
    return table("furnace_groups").merge(table("plants")[["plant", "country", "synthetic"]], on="plant")


def listed(status: str = "operating") -> pd.DataFrame:
    every = groups()
    return every[(every["status"] == status) & ~every["synthetic"]]


@pytest.mark.parametrize(
    ("technologies", "expected"),
    [
        (["BOF"], 1457.0),
        (["EAF"], 702.4),
        (["BF"], 1480.6),
        (["DRI_GAS", "DRI_COAL", "DRI_H2"], 156.6),
        (["BOF", "EAF", "IF", "OHF"], 2199.3),
    ],
)
def test_operating_capacity_is_the_trackers(technologies: list[str], expected: float) -> None:
    rows = listed()
    total = rows.loc[rows["technology"].isin(technologies), "capacity"].sum() / 1e6

    assert total == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("technologies", "expected"),
    # the tracker's unspecified iron (Panhua, 10 Mt) is counted as blast furnace
    [(["BOF"], 80.1), (["EAF"], 110.8), (["BF"], 82.0 + 10.0), (["DRI_GAS", "DRI_COAL", "DRI_H2"], 51.5)],
)
def test_capacity_under_construction_is_the_trackers(technologies: list[str], expected: float) -> None:
    rows = listed("construction")

    assert rows.loc[rows["technology"].isin(technologies), "capacity"].sum() / 1e6 == pytest.approx(expected, rel=0.01)


def test_no_unit_is_larger_than_four_million_tonnes() -> None:
    assert groups()["capacity"].max() <= 4.0e6
    assert groups()["capacity"].min() > 0.0


def test_ids_are_unique() -> None:
    assert table("furnace_groups")["furnace_group"].is_unique
    assert table("plants")["plant"].is_unique
    assert table("countries")["country"].is_unique


def test_every_furnace_group_id_names_its_plant_and_technology() -> None:
    rows = table("furnace_groups")
    prefix = rows["furnace_group"].str.rsplit("-", n=1).str[0]

    assert (prefix == rows["plant"] + "-" + rows["technology"]).all()


def test_every_plant_lies_in_a_known_country_and_has_a_furnace_group() -> None:
    assert set(table("plants")["country"]) <= set(table("countries")["country"])
    assert set(table("plants")["plant"]) == set(table("furnace_groups")["plant"])


def test_campaigns_are_consistent_with_start_years() -> None:
    rows = groups()
    running = rows[rows["status"] == "operating"]

    assert running["campaign_start"].between(2006, 2025).all()
    assert (running["start_year"] <= 2025).all()
    future = rows[rows["start_year"] > 2025]
    assert (future["campaign_start"] == future["start_year"]).all()
    assert (rows.loc[rows["status"] == "construction", "start_year"] >= 2025).all()
    assert (rows.loc[rows["status"] == "announced", "start_year"] >= 2026).all()


def test_relinings_come_in_no_wave() -> None:
    """The start year modulo 20 alone puts 18 % of all blast furnaces and BOF shops into 2022 and 2023."""
    rows = listed()
    rows = rows[rows["technology"].isin(["BF", "BOF"])]
    by_year = rows.groupby("campaign_start")["capacity"].sum() / rows["capacity"].sum()

    assert by_year.max() < 0.09
    assert by_year.min() > 0.02


def test_unlisted_plants_are_flagged_estimates() -> None:
    rows = groups()
    stand_ins = rows["plant"].str.startswith("SYN-")

    assert (stand_ins == rows["synthetic"]).all()
    assert (rows.loc[stand_ins, "quality"] == "E").all()
    assert (rows.loc[stand_ins, "plant"] == "SYN-" + rows.loc[stand_ins, "country"]).all()
    assert 90.0 < rows.loc[stand_ins, "capacity"].sum() / 1e6 < 115.0


@pytest.mark.parametrize(("technology", "expected"), [("IF", 50.4), ("DRI_COAL", 28.1)])
def test_indias_unlisted_plants_are_the_largest(technology: str, expected: float) -> None:
    rows = groups()
    indian = rows[(rows["plant"] == "SYN-IND") & (rows["technology"] == technology)]

    assert indian["capacity"].sum() / 1e6 == pytest.approx(expected, rel=0.02)


def test_listed_rows_are_primary_unless_their_nameplate_was_corrected() -> None:
    rows = groups()
    rows = rows[~rows["synthetic"]]

    assert ((rows["capacity_factor"] != 1.0) == (rows["quality"] == "E")).all()
    assert set(rows["quality"]) == {"A", "E"}


@pytest.mark.parametrize(("country", "expected"), [("CHN", 1.188), ("IDN", 1.18), ("KOR", 1.02), ("RUS", 1.006)])
def test_understated_bof_nameplates_are_corrected(country: str, expected: float) -> None:
    rows = listed()
    factors = rows.loc[(rows["country"] == country) & (rows["technology"] == "BOF"), "capacity_factor"]

    assert factors.min() == factors.max() == pytest.approx(expected, abs=0.005)


def test_chinas_blast_furnaces_can_make_its_hot_metal() -> None:
    rows = listed()
    factors = rows.loc[(rows["country"] == "CHN") & (rows["technology"] == "BF"), "capacity_factor"]

    assert factors.min() == pytest.approx(1.123, abs=0.001)


def test_blast_furnaces_feed_the_bof_shop_of_their_own_site() -> None:
    rows = listed()
    usable = rows["capacity"] * rows["capacity_factor"]
    sites = usable.groupby([rows["plant"], rows["technology"]]).sum().unstack().fillna(0.0)
    both = sites[(sites["BF"] > 0) & (sites["BOF"] > 0)]
    factors = rows[rows["technology"] == "BF"].groupby("plant")["capacity_factor"].max()
    at_limit = factors.loc[both.index] >= 2.0
    enough = both["BF"] + both["SR"] >= 0.92 * both["BOF"] * 0.994
    idle = factors.loc[both.index] < 1.0

    assert (enough | at_limit | idle).all()
    assert at_limit.sum() < 15
    assert rows["capacity_factor"].between(0.5, 2.0).all()


def test_few_works_are_taken_as_partly_idle() -> None:
    """Listed as operating, but known to have stood still in part in 2024: about 1 % of the world's BOF capacity."""
    rows = listed()
    rows = rows[rows["capacity_factor"] < 1.0]
    bof = rows[rows["technology"] == "BOF"]

    assert (rows["quality"] == "E").all()
    assert rows["plant"].nunique() == 11
    assert 10.0 < (bof["capacity"] * (1 - bof["capacity_factor"])).sum() / 1e6 < 25.0


@pytest.mark.parametrize(("country", "technology", "younger"), [("CAN", "EAF", 3.7), ("IND", "BOF", 7.3)])
def test_lines_that_the_tracker_dates_by_their_plant_start_when_they_did(
    country: str, technology: str, younger: float
) -> None:
    rows = listed()
    rows = rows[(rows["country"] == country) & (rows["technology"] == technology) & (rows["start_year"] == 2025)]

    assert rows["capacity"].sum() / 1e6 == pytest.approx(younger, rel=0.01)
    assert (rows["campaign_start"] == 2025).all()


@pytest.mark.parametrize("process", ["bof", "eaf"])
def test_capacity_of_the_large_producers_exceeds_production(process: str) -> None:
    made = table("statistics").query(f"indicator == 'crude_steel_{process}'").set_index("country")["value"]
    rows = groups()
    kinds = {"bof": ["BOF"], "eaf": ["EAF", "IF"]}[process]
    running = rows[(rows["status"] == "operating") & rows["technology"].isin(kinds)]
    usable = (running["capacity"] * running["capacity_factor"]).groupby(running["country"]).sum()
    large = made[made > 2.0e6]

    assert (usable.reindex(large.index).fillna(0.0) * 0.95 >= large).all()


def test_statistics_add_up_to_the_world() -> None:
    totals = table("statistics").groupby("indicator")["value"].sum() / 1e6

    assert totals["crude_steel"] == pytest.approx(1884.6, abs=0.001)
    assert totals["crude_steel_bof"] == pytest.approx(1326.4, abs=0.01)
    processes = totals[["crude_steel_bof", "crude_steel_eaf", "crude_steel_ohf"]].sum()
    assert processes == pytest.approx(1884.6, rel=1e-3)


def test_statistics_split_by_estimate_are_marked() -> None:
    rows = table("statistics").query("indicator == 'crude_steel'").set_index("country")

    assert rows.index.is_unique
    assert rows.loc["CHN", "value"] == pytest.approx(1005.1e6)
    assert rows.loc["DEU", "quality"] == "A"
    assert rows.loc["VNM", "quality"] == "E"
    assert rows.loc[rows["quality"] == "E", "value"].sum() / 1e6 == pytest.approx(108.4, abs=0.01)


def test_hot_metal_travels_between_two_plants_within_reach() -> None:
    links = table("hot_links")
    rows = groups()
    iron = set(rows.loc[rows["technology"].isin(["BF", "SR", "ESF_GAS", "ESF_H2"]), "plant"])
    steel = set(rows.loc[rows["technology"] == "BOF", "plant"])

    assert (links["iron_plant"] != links["steel_plant"]).all()
    assert set(links["iron_plant"]) <= iron
    assert set(links["steel_plant"]) <= steel
    assert links["distance"].between(0.0, 30.0).all()
    assert (links["distance"] > 10.0).sum() == 5  # the torpedo links that are known by name


def test_stranded_bof_shops_are_few() -> None:
    rows = listed()
    iron = set(rows.loc[rows["technology"].isin(["BF", "SR"]), "plant"]) | set(table("hot_links")["steel_plant"])
    stranded = rows[(rows["technology"] == "BOF") & ~rows["plant"].isin(iron)]

    assert stranded["capacity"].sum() / 1e6 < 4.0


def test_every_pair_of_countries_has_a_route() -> None:
    rows = table("distances")
    count = len(table("countries"))

    assert len(rows) == count * (count - 1) // 2
    assert (rows["origin"] < rows["destination"]).all()
    assert not rows.duplicated(["origin", "destination"]).any()
    assert (rows[["sea", "land"]].notna().any(axis=1)).all()
    assert np.nanmin(rows[["sea", "land"]].to_numpy()) > 0.0


def test_land_routes_stay_on_one_landmass() -> None:
    landmass = table("countries").set_index("country")["landmass"]
    rows = table("distances")
    by_land = rows[rows["land"].notna()]

    assert (by_land["origin"].map(landmass) == by_land["destination"].map(landmass)).all()
    assert not by_land[["origin", "destination"]].isin(["JPN", "GBR", "AUS"]).any(axis=None)


@pytest.mark.parametrize(
    ("origin", "destination", "shortest", "longest"),
    [
        ("AUS", "CHN", 5500, 7500),  # from Port Hedland, not from the south-east
        ("DEU", "RUS", 2500, 4500),  # by land; by sea the Russian railway to the port is added
        ("FRA", "NLD", 100, 800),
        ("POL", "UKR", 500, 2000),
        ("CHE", "FRA", 300, 800),
        ("KAZ", "UZB", 800, 2000),
        ("CHN", "JPN", 1000, 2500),
        ("BRA", "NLD", 7000, 10500),
        ("BLR", "RUS", 700, 2500),
    ],
)
def test_known_distances(origin: str, destination: str, shortest: float, longest: float) -> None:
    rows = table("distances")
    pair = rows[(rows["origin"] == origin) & (rows["destination"] == destination)]

    assert shortest <= np.nanmin(pair[["sea", "land"]].to_numpy(dtype=float)) <= longest


def test_blocs_have_their_real_size() -> None:
    sizes = table("blocs").groupby("bloc").size()
    expected = {"EU27": 27, "EEA": 29, "G7": 7, "OECD": 38, "USMCA": 3, "ASEAN": 10, "GCC": 6, "BRICS": 10, "EAEU": 5}

    assert {name: int(sizes[name]) for name in expected} == expected
    assert set(table("blocs")["country"]) <= set(table("countries")["country"])
    assert not set(sizes.index) & (REGIONS | set(table("countries")["country"]) | {"WORLD"})


def test_regions_are_those_of_the_demand_study() -> None:
    assert set(table("countries")["region"]) == REGIONS


def test_every_country_has_both_factors() -> None:
    rows = table("country_factors")
    known = set(table("countries")["country"])
    first = rows.sort_values("year").drop_duplicates(["factor", "country"])

    assert set(rows.loc[rows["factor"] == "availability", "country"]) == known
    assert set(rows.loc[rows["factor"] == "labour_index", "country"]) == known
    assert (first["year"] <= 2025).all()
    availability = rows[rows["factor"] == "availability"].set_index(["country", "year"])["value"]
    assert availability.between(0.0, 1.0).all()
    assert availability[("UKR", 2024)] == 0.5


def test_freight_has_the_four_classes() -> None:
    rows = table("transport_costs").set_index("transport")

    assert sorted(rows.index) == ["iron", "ore", "scrap", "steel"]
    assert rows["sea"].idxmin() == "ore"
    assert (rows["land"] > rows["sea"]).all()
