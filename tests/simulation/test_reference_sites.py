"""The sites of the embedded dataset: every country has one, and their power costs what it can cost."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import steeliq
from steeliq.simulation.siting.profiles import HOURS, sun

FOLDER = Path(steeliq.__file__).parent / "reference" / "dataset"


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", keep_default_na=False, na_values=[""])


def test_every_country_has_a_hub_with_its_own_figures() -> None:
    sites = table("sites").set_index("site")
    assert set(table("countries")["country"]) <= set(sites.index)
    assert len(sites) > 180
    assert sites.loc["DEU", "solar"] == pytest.approx(2.96 / 24, abs=1e-4)  # kWh per kWp and day, World Bank 2020
    assert sites.loc["NAM", "solar"] == sites[sites["source"] == "worldbank-solargis-2020"]["solar"].max()


def test_estimates_say_so() -> None:
    sites, costs = table("sites"), table("own_energy")
    assert (sites["quality"].isin(["C", "E"])).all()  # wind is an estimate everywhere
    known = costs[costs["quality"] != "E"]
    assert set(known["item"]) == {"use", "deployed", "capex"}
    capex = known[known["item"] == "capex"]  # a published figure times an area's factor is an estimate
    assert capex[["part", "area", "year"]].to_numpy().tolist() == [["electrolyser", "WORLD", 2025]]
    assert (known[known["item"] == "deployed"]["source"] == "irena-capacity-2025").all()


def test_costs_of_own_energy_never_rise() -> None:
    for _, path in table("own_energy").query("item == 'capex'").groupby(["part", "area"]):
        values = path.sort_values("year")["value"].to_numpy()
        assert (np.diff(values) < 0).all()


def test_deployment_is_what_costs_imply_by_the_usual_learning_rates() -> None:
    """Solar: 691 to 350 USD/kW at 23 % a doubling are 1,865 x (350/691)^(1/log2(0.77)) = 11,325 GW in 2050."""
    built = table("own_energy").query("item == 'deployed'").set_index(["part", "year"])["value"]
    assert built["solar", 2025] == 1865.0
    assert built["solar", 2050] == pytest.approx(11_325, rel=1e-3)
    assert built["wind", 2030] == pytest.approx(1133 * (900 / 1041) ** (1 / np.log2(0.88)), rel=1e-3)
    assert built["battery", 2030] == pytest.approx(375 * (120 / 192) ** (1 / np.log2(0.84)), rel=1e-3)
    assert built["electrolyser", 2050] == pytest.approx(2 * (550 / 1700) ** (1 / np.log2(0.82)), rel=1e-3)


def test_a_year_of_sun_has_the_seasons_that_were_measured() -> None:
    # Greatest over least month of the World Bank's table (PV seasonality index), which the shapes were not fitted to.
    sites = table("sites").set_index("site")
    measured = {"DEU": 4.37, "ESP": 1.93, "NAM": 1.17, "AUS": 1.47, "SAU": 1.21, "IND": 1.75, "USA": 1.88, "CHL": 1.76}
    places = sites.loc[list(measured)]
    made = sun(list(measured), places["latitude"].to_numpy(), places["solar"].to_numpy())
    months = made[: 12 * 730].reshape(12, 730, -1).mean(axis=1)
    found = months.max(axis=0) / months.min(axis=0)
    assert len(made) == HOURS
    assert np.corrcoef(np.log(found), np.log(list(measured.values())))[0, 1] > 0.6
    assert (found < 2 * np.array(list(measured.values()))).all()
