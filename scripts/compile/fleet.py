"""The plants of the world: plants, furnace groups, hot-metal links and the statistics they are compared with."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from scripts.compile.geography import countries
from scripts.compile.production import production, statistics
from scripts.compile.sources import source_rows
from scripts.compile.synthetic import capacity_factors, shortfalls, synthetic_groups
from scripts.compile.works import later_starts, partly_idle
from steeliq.simulation.dataset.gem import Fleet, fleet, great_circle, read_csv

LINK_RADIUS = 10.0  # km
HOT_IRON = ("BF", "SR", "ESF_GAS", "ESF_H2")
# Torpedo ladles are known to run between these works although they lie further apart: (iron plant, steel plant).
TORPEDO_LINKS = (
    ("dillinge", "saarstahl.*v.lklingen"),
    ("arcelormittal asturias \\(gij", "arcelormittal asturias \\(avil"),
    ("kobe kakogawa", "hirohata"),
    ("shanxi tongcai", "xiangfen county xinjinshan"),
    ("t.inec", "liberty ostrava"),
)


def hot_links(groups: pd.DataFrame, plants: pd.DataFrame) -> pd.DataFrame:
    """The `hot_links` table: pairs of different plants between which hot metal can travel.

    From every plant with a hot-metal furnace to every plant with a BOF within 10 km (great circle; both operating or
    under construction), and the named torpedo links.
    """
    listed = plants.loc[~plants["synthetic"], "plant"]  # a stand-in has no site
    built = groups[(groups["status"] != "announced") & groups["plant"].isin(listed)]
    iron = sorted(built.loc[built["technology"].isin(HOT_IRON), "plant"].unique())
    steel = sorted(built.loc[built["technology"] == "BOF", "plant"].unique())
    place = plants.set_index("plant")
    senders, receivers = place.loc[iron], place.loc[steel]
    km = great_circle(
        senders["latitude"].to_numpy()[:, None],
        senders["longitude"].to_numpy()[:, None],
        receivers["latitude"].to_numpy()[None, :],
        receivers["longitude"].to_numpy()[None, :],
    )
    linked = km <= LINK_RADIUS
    for sender, receiver in TORPEDO_LINKS:
        linked |= _named(senders, sender)[:, None] & _named(receivers, receiver)[None, :]
    linked &= np.array(iron)[:, None] != np.array(steel)[None, :]
    first, second = np.nonzero(linked)
    rows = pd.DataFrame(
        {
            "iron_plant": np.array(iron)[first],
            "steel_plant": np.array(steel)[second],
            "distance": km[first, second].round(1),
        }
    )
    return rows.assign(source="gem-gist-2025-09", quality="E")


def _named(plants: pd.DataFrame, pattern: str) -> np.ndarray:
    found = plants["name"].str.contains(pattern, flags=re.IGNORECASE, regex=True)
    return np.asarray(found.to_numpy(dtype=bool))


def listed_fleet(reference: Path) -> Fleet:
    """The tracker's fleet as listed, before any correction (`dropped` holds what was left out)."""
    return fleet(read_csv(reference / "plants"))


def tables(reference: Path) -> dict[str, pd.DataFrame]:
    """All fleet tables and their rows of `sources`, from the folder of reference figures."""
    listed = listed_fleet(reference)
    made = production(reference)
    groups = listed.furnace_groups.merge(listed.plants[["plant", "country"]], on="plant", validate="many_to_one")
    groups["capacity_factor"] = capacity_factors(groups, made)
    short = shortfalls(groups, made)  # before idle works are taken out: what stands still is no unlisted plant
    groups = later_starts(partly_idle(groups))
    scaled = groups["capacity_factor"] != 1.0
    groups["source"] = np.where(scaled, "gem-gist-2025-09-scaled", "gem-gist-2025-09")
    groups["quality"] = np.where(scaled, "E", "A")
    unlisted = synthetic_groups(short).assign(source="unlisted-small-plants", quality="E")
    groups = pd.concat([groups, unlisted], ignore_index=True)
    plants = pd.concat(
        [listed.plants.assign(source="gem-gist-2025-09", quality="A"), _stand_ins(unlisted, countries(reference))],
        ignore_index=True,
    )
    result = {
        "plants": plants,
        "furnace_groups": groups.drop(columns="country"),
        "hot_links": hot_links(groups, plants),
        "statistics": statistics(reference),
    }
    keys = [str(key) for table in result.values() for key in table["source"].unique()]
    return result | {"sources": source_rows([*keys, "midrex-2024"])}


def _stand_ins(unlisted: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    place = known.set_index("country").loc[sorted(unlisted["country"].unique())]
    return pd.DataFrame(
        {
            "plant": "SYN-" + place.index,
            "name": "Unlisted small plants, " + place["name"].to_numpy(),
            "country": place.index,
            "latitude": place["latitude"].to_numpy(),
            "longitude": place["longitude"].to_numpy(),
            "owner": "Small producers, " + place["name"].to_numpy(),
            "synthetic": True,
            "source": "unlisted-small-plants",
            "quality": "E",
        }
    )
