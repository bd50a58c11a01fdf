"""What the editor says of the scenarios that a dataset names."""

import re

import pandas as pd
import pytest
from django.test import Client

from steeliq.webui.scenarios.meanings import meanings
from tests.strategies import tiny


def frame(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split())


def test_a_named_scenario_is_told_by_its_world_total_its_span_or_its_own_prices() -> None:
    told = meanings(
        tiny()
        .having(
            steel_demand=frame(
                "scenario country year demand",
                ("less", "CHN", 2025, 4e6), ("less", "DEU", 2025, 6e6),
                ("less", "CHN", 2050, 2e6), ("less", "DEU", 2050, 3e6),
            ),
            carbon_prices=frame(
                "scenario area year price",
                ("steep", "CHN", 2025, 0.0), ("steep", "DEU", 2025, 60.0),
                ("steep", "CHN", 2050, 100.0), ("steep", "DEU", 2040, 100.0),
                ("free", "WORLD", 2025, 0.0), ("free", "WORLD", 2050, 0.0),
            ),
            prices=frame(
                "scenario commodity area year price",
                ("reference", "hydrogen", "WORLD", 2025, 4000.0),
                ("cheap", "hydrogen", "WORLD", 2025, 3000.0), ("cheap", "hydrogen", "WORLD", 2050, 1500.0),
            ),
        )
        .dataset
    )  # fmt: skip
    assert told["demand.scenario"] == {"less": "10 Mt in 2025, 5 Mt in 2050"}
    assert told["carbon.scenario"] == {
        "free": "0 USD/t",
        "steep": "0 to 60 USD/t in 2025, 100 USD/t in 2050",  # Germany's price of 2040 holds on
    }
    assert told["prices.scenario"] == {
        "cheap": "hydrogen 3,000 USD/t in 2025, 1,500 USD/t in 2050",
        "reference": "every bought good",
    }


@pytest.mark.usefixtures("home")
def test_the_editor_says_beside_each_name_what_it_stands_for(client: Client) -> None:
    page = client.get("/scenarios/new/?base=reference").text
    [carbon] = re.findall(r'<select id="in-carbon.scenario".*?</select>', page)
    assert re.search(r'<option value="uniform_100">uniform_100: 0 to \d+ USD/t in 2024, 100 USD/t in 2050<', carbon)
