"""Worlds with one to four furnace groups whose answers can be worked out with pencil and paper.

Every cost is zero unless a test names it: free labour, no steps, no duties, no policies, full availability. Shipping
anything abroad costs 50 USD/t (40 handling, 10 freight) and emits 0.1 tCO2e/t.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from steeliq.simulation.scenario import Scenario
from tests.strategies import World, base_tables, changed
from tests.worlds import COUNTRIES, YEARS

FREIGHT = 50.0

#: Tonnes of charge per tonne of product, and what a tonne of scrap-EAF steel needs besides (tiny world's recipes).
SCRAP_IN_EAF = 0.985 / (1 - 0.05) / 0.955
IRON_IN_BOF = 0.985 / (1 - 0.028) / 0.945
SCRAP_IN_BOF = 0.985 / (1 - 0.028) / 0.955
ORE_IN_BF = 0.945 / (1 - 0.008) / 0.62
POWER_OF_EAF = 0.61 + 0.035 * 0.7  # MWh: arc and oxygen

Price = float | Mapping[str, float]


def frame(columns: str, *rows: Sequence[object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


def per_year(keys: Sequence[object], value: float) -> list[tuple[object, ...]]:
    return [(*keys, year, value) for year in YEARS]


def _by_area(price: Price) -> Mapping[str, float]:
    return price if isinstance(price, Mapping) else {"WORLD": price}


def micro(
    fleet: Mapping[str, tuple[str, str, float]],
    demand: Mapping[str, float],
    *,
    scrap: Mapping[str, float] | None = None,
    scrap_cost: float = 100.0,
    ore: Mapping[str, float] | None = None,
    prices: Mapping[str, Price] | None = None,
    carbon: Mapping[str, float] | None = None,
    grid: float = 0.0,
    load: float = 0.0,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    **tables: pd.DataFrame,
) -> World:
    """A world of 2025.

    fleet: furnace group -> (plant/country, technology, Mt), the plant's country after a slash; demand, scrap: country
    -> Mt; ore: country -> USD/t of its endless mine; prices: good -> USD, or area -> USD; carbon: area -> USD/tCO2;
    tables: replace whole tables (without source and quality).
    """
    base = base_tables()
    bought = sorted(set(base["prices"]["commodity"]))
    given = prices or {}
    price_rows = [
        row
        for good in bought
        for area, level in _by_area(given.get(good, 0.0)).items()
        for row in per_year(("reference", good, area), level)
    ]
    plants = sorted({place for place, _, _ in fleet.values()})
    mines = {"BRA": 50.0} if ore is None else ore
    technologies = base["technologies"]
    empty = {
        name: base[name].head(0)
        for name in (
            *("tariffs", "quotas", "border_adjustments", "free_allocation", "co2_storage", "biomass_supply"),
            *("charge_limits", "charge_groups", "hot_links", "country_factors"),
        )
    }
    frames: dict[str, pd.DataFrame] = {
        **empty,
        "plants": frame(
            "plant name country latitude longitude owner synthetic",
            *[(place.split("/")[0], place, place.split("/")[1], 1.0, 1.0, "Owner", False) for place in plants],
        ),
        "furnace_groups": frame(
            "furnace_group plant technology capacity capacity_factor status start_year campaign_start",
            *[
                (name, place.split("/")[0], technology, size * 1e6, 1.0, "operating", 2015, 2015)
                for name, (place, technology, size) in fleet.items()
            ],
        ),
        "technologies": technologies.assign(availability=1.0, minimum_load=load),
        "steel_demand": frame(
            "scenario country year demand",
            *[row for c in COUNTRIES for row in per_year(("bau", c), demand.get(c, 0.0) * 1e6)],
        ),
        "scrap_supply": frame(
            "scenario country year supply",
            *[row for c in COUNTRIES for row in per_year(("bau", c), (scrap or {}).get(c, 0.0) * 1e6)],
        ),
        "scrap_tiers": frame("tier share cost", (1, 1.0, scrap_cost)),
        "mines": frame("mine country capacity", *[(f"{c}-1", c, 100e6) for c in mines]),
        "ore_supply": frame(
            "mine commodity tier share cost",
            *[(f"{c}-1", good, 1, 1.0, cost) for c, cost in mines.items() for good in ("iron_ore", "dr_ore")],
        ),
        "prices": frame("scenario commodity area year price", *price_rows),
        "carbon_prices": frame(
            "scenario area year price",
            *per_year(("current", "WORLD"), 0.0),
            *[
                row
                for area, level in (carbon or {}).items()
                if area != "WORLD"
                for row in per_year(("current", area), level)
            ],
        ),
        "grid_intensity": frame("scenario area year intensity", *per_year(("reference", "WORLD"), grid)),
        "transport_costs": frame(
            "transport handling sea land emissions",
            *[(name, 40.0, 0.001, 1.0, 1e-5) for name in ("ore", "scrap", "iron", "steel")],
        ),
        "distances": frame(
            "origin destination sea land",
            *[(a, b, 10_000.0, None) for a, b in (("BRA", "DEU"), ("BRA", "IND"), ("DEU", "IND"))],
        ),
        **tables,
    }
    plain = Scenario.model_validate(
        {
            "period": {"start": 2025, "end": 2025},
            "grid": {"scenario": "reference"},
            "dispatch": {"labour_cost": 0.0, "cost_steps": 0.0},
        }
    )
    return World(changed(base, **frames), plain).under(**(settings or {}))
