"""Where things are and what it costs to move them: countries, blocs, country factors, distances, freight."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from scripts.compile.sources import source_rows
from steeliq.simulation.dataset.gem import great_circle

DATA = Path(__file__).parent / "data"
LAND_DETOUR = 1.25  # roads and railways against the great circle
LONGEST_LAND = 6000.0  # km; beyond this nobody sends steel by rail
LAND_TO_SEA = 20.0  # ratio of land to the cheapest sea freight
RAIL_TO_PORT = {"RUS": 3000.0}  # sea km that cost as much: its works lie 600-2,500 km from a port
SAME_PORT = 50.0  # km between two countries that use one port and have no land route

# USD/t and USD/t-km. Steel: 22 of port handling + 15 of border friction (credit, quality, delay); scrap: 22 + 30
# (sorting, claims). Capesize ore is the cheapest bulk.
FREIGHT = (
    # class, handling, sea, land, emissions (tCO2e/t-km)
    ("iron", 30.0, 0.0025, 0.030, 7e-6),
    ("ore", 8.0, 0.0015, 0.030, 4e-6),
    ("scrap", 52.0, 0.0030, 0.030, 8e-6),
    ("steel", 37.0, 0.0030, 0.030, 8e-6),
)


def country_list() -> pd.DataFrame:
    """Countries of the model as kept in data/countries.csv (`labour` index, `inland` weight of the land leg)."""
    return pd.read_csv(DATA / "countries.csv", keep_default_na=False, na_values=[""])


def centroids(reference: Path) -> pd.DataFrame:
    """Capacity-weighted centre of the operating plants of each country: index country; latitude, longitude (deg)."""
    plants = pd.read_csv(reference / "plants" / "gem_plants_2025-09.csv", keep_default_na=False, na_values=[""])
    rows = pd.read_csv(
        reference / "plants" / "gem_plant_capacity_2025-09_long.csv", keep_default_na=False, na_values=[""]
    )
    running = rows[rows["status"].str.startswith("operating") & (rows["product"] != "total")]
    size = running.groupby("plant_id")["capacity_ktpa"].sum()
    known = plants.assign(size=plants["plant_id"].map(size)).query("size > 0")
    weighted = pd.DataFrame(
        {
            "country": known["iso3"],
            "size": known["size"],
            "latitude": known["lat"] * known["size"],
            "longitude": known["lon"] * known["size"],
        }
    )
    total = weighted.groupby("country").sum()
    return total[["latitude", "longitude"]].div(total["size"], axis=0).round(2)


def countries(reference: Path) -> pd.DataFrame:
    """The `countries` table."""
    table = country_list().set_index("country")
    table.update(centroids(reference))
    table = table.reset_index()[["country", "name", "region", "landmass", "latitude", "longitude"]]
    return table.assign(source="countries-reference", quality="B")


def blocs() -> pd.DataFrame:
    """The `blocs` table: one row for each bloc and member."""
    listed = pd.read_csv(DATA / "blocs.csv")
    rows = listed.assign(country=listed["members"].str.split()).explode("country")
    return rows[["bloc", "country"]].assign(source="bloc-memberships", quality="A")


def country_factors() -> pd.DataFrame:
    """The `country_factors` table: availability (1 where nothing is known against it) and labour index."""
    known = country_list()
    limited = pd.read_csv(DATA / "availability.csv")[["country", "year", "value"]]
    free = known.loc[~known["country"].isin(limited["country"]), ["country"]].assign(year=2024, value=1.0)
    availability = pd.concat([limited, free]).assign(factor="availability")
    labour = known[["country"]].assign(year=2024, value=known["labour"], factor="labour_index")
    rows = pd.concat([availability, labour], ignore_index=True)[["factor", "country", "year", "value"]]
    return rows.assign(source="country-factors-estimate", quality="E")


def sea_matrix(reference: Path, codes: list[str]) -> np.ndarray:
    """Sea distance between countries, (r, r) km, symmetric, 0 on the diagonal and where both use one port.

    The shorter of the two directions; a country with a second port may use it (data/ports.csv: the distance of the
    proxy country's port plus an extra leg). Land legs of landlocked countries and Russia come on top at their weight.
    """
    raw = pd.read_csv(reference / "geo" / "CERDI-seadistance.csv", keep_default_na=False, na_values=[""])
    names = sorted(set(raw["iso1"]) | set(raw["iso2"]))
    full = raw.pivot(index="iso1", columns="iso2", values="seadistance").reindex(index=names, columns=names)
    square = np.fmin(full.to_numpy(dtype=float), full.to_numpy(dtype=float).T)
    np.fill_diagonal(square, 0.0)
    best = square.copy()
    for port in pd.read_csv(DATA / "ports.csv").itertuples():
        here, proxy = names.index(str(port.country)), names.index(str(port.proxy))
        row = np.fmin(best[here], square[proxy] + float(str(port.extra)))
        row[here] = 0.0
        best[here], best[:, here] = row, row
    known = country_list().set_index("country")["inland"].reindex(codes).fillna(0.0).to_numpy()
    legs = raw.groupby("iso1")["capitalport1"].max().reindex(codes).fillna(0.0).to_numpy() * known
    legs += np.array([RAIL_TO_PORT.get(code, 0.0) for code in codes])
    pick = [names.index(code) for code in codes]
    sea: np.ndarray = best[np.ix_(pick, pick)]
    return np.where(sea > 0.0, sea + legs[:, None] + legs[None, :], 0.0)


def distances(reference: Path, table: pd.DataFrame) -> pd.DataFrame:
    """The `distances` table: every pair of countries once; km by sea and by land, empty where there is no route."""
    table = table.sort_values("country", ignore_index=True)
    codes = table["country"].tolist()
    first, second = np.triu_indices(len(codes), 1)
    lat, lon = table["latitude"].to_numpy(), table["longitude"].to_numpy()
    circle = great_circle(lat[first], lon[first], lat[second], lon[second]) * LAND_DETOUR
    landmass = table["landmass"].to_numpy()
    joined = (landmass[first] == landmass[second]) & (circle <= LONGEST_LAND)
    land = np.where(joined, np.maximum(circle, SAME_PORT), np.nan)
    sea = sea_matrix(reference, codes)[first, second]
    sea = np.where(sea > 0.0, sea, np.where(joined, np.nan, SAME_PORT))
    # at twenty times the land distance even the cheapest ore goes by rail: no detour round a continent
    sea = np.where(joined & (sea > LAND_TO_SEA * land), np.nan, sea)
    rows = pd.DataFrame(
        {
            "origin": table["country"].to_numpy()[first],
            "destination": table["country"].to_numpy()[second],
            "sea": sea.round(0),
            "land": land.round(0),
        }
    )
    rows["source"] = np.where(rows["sea"].isna(), "great-circle", "cerdi-seadistance")
    by_rail = rows[["origin", "destination"]].isin(list(RAIL_TO_PORT)).any(axis=1)
    rows["quality"] = np.where(rows["sea"].isna() | by_rail, "E", "B")
    return rows


def transport_costs() -> pd.DataFrame:
    """The `transport_costs` table: classes iron, ore, scrap and steel."""
    rows = pd.DataFrame(FREIGHT, columns=["transport", "handling", "sea", "land", "emissions"])
    return rows.assign(source="freight-estimate", quality="E")


def tables(reference: Path) -> dict[str, pd.DataFrame]:
    """All geography tables and their rows of `sources`, from the folder of reference figures."""
    known = countries(reference)
    result = {
        "countries": known,
        "blocs": blocs(),
        "country_factors": country_factors(),
        "distances": distances(reference, known),
        "transport_costs": transport_costs(),
    }
    keys = [str(key) for table in result.values() for key in table["source"].unique()]
    return result | {"sources": source_rows([*keys, "great-circle"])}
