"""Every setting moves a result: the schema is enumerated, so a new setting without effect fails here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from pydantic import BaseModel

from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.inputs import compile_inputs, initial_state
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.step import advance
from tests.worlds import table, tiny_tables, write_tiny

YEARS = {"start": 2025, "end": 2040}

# A world in which little is scarce cannot show every limit: settings that need a special world start from one.
STEEP = {
    "carbon": {"paths": {"WORLD": {2025: 0, 2030: 300}}},
    "decisions": {"midlife_window": 20},
    "demand": {"factor": {2025: 1.0, 2032: 2.5}},
}
CAPTURE = {
    "carbon": {"paths": {"WORLD": {2025: 100, 2030: 300}}},
    "decisions": {"midlife_window": 20},
    "technologies": {
        "DRI_H2": {"allowed": False},
        "DRI_GAS": {"allowed": False},
        "EAF": {"allowed": False},
        "BF_CCS": {"capex_factor": 0.1},
    },
}
HARD = {"carbon": {"scenario": "uniform_100", "border_adjustment": True}}
SHORT = {"demand": {"factor": {2025: 1.0, 2032: 2.5}}}
SLACK = {"demand": {"factor": {2025: 1.0, 2028: 0.45}}}
STOCK = {"scrap": {"source": "stock"}}

# Hydrogen is dear in the countries and cheap to make; projects are decided fast, so that fifteen years show them.
SITES: dict[str, Any] = {
    "period": {"end": 2036},
    "demand": {"factor": {2025: 1.0, 2032: 2.5}},
    "carbon": {"paths": {"WORLD": {2025: 50, 2030: 300}}},
    "prices": {"factors": {"hydrogen": 2.0, "electricity": 2.0}},
    "siting": {"enabled": True, "only_needed": False, "consideration": 1},
}
PIPED = {**SITES, "siting": {**SITES["siting"], "pipeline_reach": 20000.0, "pipeline_cost": 0.01, "candidates": 5}}

BUILT = {
    **SITES,
    "siting": {
        **SITES["siting"],
        "deployment": {"solar": 30000.0, "wind": 30000.0, "battery": 30000.0, "electrolyser": 500.0},
    },
}

# What the tiny world itself does without: one row of each instrument, so that its settings have something to move.
MEASURES = {
    "subsidies": table(
        ("subsidy", "area", "technology", "item", "commodity", "start", "end", "relative", "absolute"),
        ("power", "DEU", "EAF", "commodity", "electricity", 2026, 2040, 0.05, 0.0),
        ("loans", "DEU", "*", "cost_of_debt", "", 2026, 2040, 0.0, 0.03),
    ),
    "carbon_contracts": table(
        ("contract", "area", "technology", "start", "end", "strike", "benchmark", "two_way"),
        ("clean", "EU27", "EAF", 2026, 2040, 90.0, 0.3, False),
    ),
    "emission_caps": table(("area", "year", "cap"), *[("BRA", year, 2.0e6) for year in (2036, 2046)]),
    "low_carbon_demand": table(
        ("area", "year", "threshold", "premium", "share"), *[("DEU", year, 0.5, 10.0, 0.5) for year in (2037, 2047)]
    ),
    "input_limits": table(
        ("limit", "area", "year", "supply"), *[("power", "IND", year, 1.0e6) for year in (2036, 2046)]
    ),
    "site_ground": table(("site", "slope", "land", "rail"), ("BRA-coast", 1.0, 600.0, 20.0)),
    "input_limit_goods": table(("limit", "commodity", "weight"), ("power", "electricity", 1.0)),
}

# setting: (world to start from, changed value)
CHANGES: dict[str, tuple[dict[str, Any], Any]] = {
    "seed": (STEEP, 7),
    "period.start": ({}, 2026),
    "period.end": ({}, 2039),
    "demand.scenario": ({}, "high_circularity"),
    "demand.factor": ({}, 1.1),
    "demand.elasticity": ({}, 0.5),
    "demand.response_limit": ({"demand": {"elasticity": 1.0}}, 0.02),
    "demand.premium_factor": ({}, 0.0),
    "demand.premiums": ({}, {"EU27": 80.0}),
    "demand.low_carbon_threshold": ({"demand": {"premiums": {"EU27": 80.0}}}, 5.0),
    "demand.low_carbon_share": ({"demand": {"premiums": {"EU27": 80.0}}}, 0.1),
    "scrap.source": ({}, "stock"),
    "scrap.lifetime": (STOCK, 0.5),
    "scrap.collection": (STOCK, 0.8),
    "scrap.fabrication": (STOCK, 0.9),
    "scrap.scenario": ({}, "high_circularity"),
    "scrap.factor": ({}, 1.2),
    "prices.scenario": ({"carbon": {"paths": {"WORLD": 200}}}, "dedicated"),
    "prices.factors": ({}, {"natural_gas": 2.0}),
    "prices.rule": ({}, "merit_order"),
    "prices.steel_cap": (SHORT, 700.0),
    "prices.scrap_cap": ({}, 150.0),
    "prices.ore_cap": ({}, 0.8),
    "prices.ore_reversion": ({}, 1),
    "prices.clearing_share": ({"prices": {"rule": "merit_order"}}, 0.05),
    "prices.scarcity_premium": ({"prices": {"rule": "merit_order", "clearing_share": 0.05}}, 100.0),
    "grid.scenario": ({}, "decarbonised"),
    "carbon.scenario": ({}, "uniform_100"),
    "carbon.paths": ({}, {"WORLD": {2025: 0, 2035: 100}}),
    "carbon.factor": ({"carbon": {"paths": {"WORLD": 50}}}, 2.0),
    "carbon.priced": ({}, "scope1_and_2"),
    "carbon.free_allocation": ({}, 0.0),
    "carbon.emission_caps": ({}, False),
    "carbon.caps": ({}, {"EU27": 1.0}),
    "carbon.cap_price_ceiling": ({"carbon": {"caps": {"EU27": 0.1}}}, 50.0),
    "carbon.border_adjustment": ({}, False),
    "carbon.border_basis": ({}, "furnace_group"),
    "carbon.borders": ({}, {"EU27": 0.0}),
    "carbon.border_credit": ({"carbon": {"borders": {"EU27": 1.0}}}, 1.0),
    "trade.tariffs": ({}, 5.0),
    "trade.frictions": ({}, 0.0),
    "trade.freight": ({}, 0.0),
    "trade.bans": ({"trade": {"frictions": 0.0}}, False),
    "trade.quotas": ({"trade": {"frictions": 0.0, "freight": 0.0}, "carbon": {"border_adjustment": False}}, False),
    "trade.duties": ({"trade": {"frictions": 0.0}}, {"crude_steel from WORLD": 0.5}),
    "trade.charges": ({"trade": {"frictions": 0.0}}, {"crude_steel from WORLD": 250.0}),
    "trade.limits": ({"trade": {"frictions": 0.0}}, {"scrap from WORLD": {2030: 0.0}}),
    "support.subsidies": ({}, 0.0),
    "support.capex": (STEEP, {"IND": {2026: 0.9}}),
    "support.hydrogen": (STEEP, {"WORLD": 2000.0}),
    "support.debt": (STEEP, {"WORLD": 0.03}),
    "support.strikes": (STEEP, {"WORLD": 400.0}),
    "support.benchmark": ({**STEEP, "support": {"strikes": {"WORLD": 400.0}}}, 0.5),
    "support.risk_free_rate": ({}, 0.0),
    "support.carbon_contracts": ({}, False),
    "support.strike_factor": ({}, 2.0),
    "technologies": ({}, {"EAF": {"allowed": False}, "BF": {"capex_factor": 3.0}}),
    "finance.capex": ({}, {"IND": 1.5}),
    "finance.equity_share": ({}, 0.6),
    "finance.cost_of_debt": ({}, 0.05),
    "finance.cost_of_equity": ({}, 0.1),
    "finance.construction": ({}, 2),
    "finance.life": ({}, 10),
    "finance.opening_treasury": ({}, 0.0),
    "finance.treasury_cap": ({}, 0.01),
    "decisions.mode": (STEEP, "deterministic"),
    "decisions.unit": ({}, "furnace_group"),
    "decisions.closing": (SLACK, "one_loss_year"),
    "decisions.choice_scale": ({}, 400.0),
    "decisions.midlife_window": (HARD, 20),
    "decisions.extension_years": ({}, 0),
    "decisions.extension_cost": ({}, 0.01),
    "decisions.tightness": ({}, 0.0),
    "decisions.target_utilisation": ({}, 0.5),
    "decisions.iron_target_utilisation": (SHORT, 0.5),
    "decisions.metallics_need": (SHORT, 1.9),
    "decisions.self_sufficiency": (SHORT, 0.0),
    "decisions.announced": ({}, True),
    "limits.iron_switches": (HARD, 0.0),
    "limits.steel_switches": (STEEP, 0.0),
    "limits.build_out": (SHORT, 0.0),
    "limits.growth_floor": (HARD, 0.0),
    "limits.growth_share": (STEEP, 5.0),
    "limits.country_expansion": (STEEP, 0.9),
    "limits.country_expansion_floor": (SHORT, 0.0),
    "limits.co2_storage": (CAPTURE, 0.0),
    "limits.biomass": (STEEP, 0.0),
    "limits.inputs": ({}, 0.5),
    "limits.use": ({}, {"electricity in IND": 0.5}),
    "limits.storage_rule": (CAPTURE | {"limits": {"co2_storage": 0.1}}, "cumulative"),
    "limits.ore_gate": (STEEP, True),
    "dispatch.lost_load": (SHORT, 20000.0),
    "dispatch.minimum_load_penalty": (SLACK, 0.0),
    "dispatch.cost_steps": ({}, 0.0),
    "dispatch.labour_cost": ({}, 90.0),
    "dispatch.hot_link_distance": ({}, 0.0),
    "siting.enabled": (SITES, False),
    "siting.share": (SITES, 0.95),
    "siting.solar_cost": (SITES, 0.5),
    "siting.wind_cost": (SITES, 2.0),
    "siting.battery_cost": (SITES, {2025: 1.0, 2030: 0.5}),
    "siting.electrolyser_cost": (SITES, 0.2),
    "siting.deployment": (SITES, {"electrolyser": 200.0}),
    "siting.solar_learning": (BUILT, 0.0),
    "siting.wind_learning": (BUILT, 0.0),
    "siting.battery_learning": (BUILT, 0.0),
    "siting.electrolyser_learning": (BUILT, 0.0),
    "siting.hydrogen_quantile": (SITES, 1.0),
    "siting.pipeline_cost": (PIPED, 2.0),
    "siting.pipeline_reach": (PIPED, 0.0),
    "siting.candidates": (SITES, 1),
    "siting.per_country": (SITES, 1),
    "siting.projects": (SITES, 0),
    "siting.consideration": (SITES, 5),
    "siting.announcing": (SITES, 0.05),
    "siting.starting": (SITES, 0.05),
    "siting.build_out": (SITES, 0.0),
    "siting.max_slope": (SITES, 0.5),
    "siting.rail_cost": (SITES, 50.0),
    "siting.solar_density": (SITES, 1.0),
    "siting.wind_density": (SITES, 0.1),
    "siting.only_needed": (SITES, True),
}

# These name a run; they stand in its scenario.toml and run.json (test_run.py), not in its tables.
LABELS = {"name", "description"}


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Dotted names of all settings."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    measures = {name: rows.assign(source="invented", quality="E") for name, rows in MEASURES.items()}
    return load(write_tiny(tmp_path_factory.mktemp("tiny"), tiny_tables() | measures))


def merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in change.items():
        out[key] = merged(out[key], value) if isinstance(value, dict) and isinstance(out.get(key), dict) else value
    return out


_results: dict[str, dict[str, pd.DataFrame]] = {}


def results(dataset: Dataset, settings: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """All tables of a run, kept by settings; the search for the last digit of an optimum is no result."""
    key = repr(settings)
    if key not in _results:
        inputs = compile_inputs(dataset, Scenario(**settings))
        state = initial_state(inputs)
        parts: dict[str, list[pd.DataFrame]] = {}
        for _ in inputs.scenario.years:
            state, result = advance(inputs, state)
            for name, rows in result.tables.items():
                parts.setdefault(name, []).append(rows)
        _results[key] = {
            name: pd.concat(tables, ignore_index=True) for name, tables in parts.items() if name != "solves"
        }
    return _results[key]


def nested(setting: str, value: Any) -> dict[str, Any]:
    group, _, name = setting.rpartition(".")
    return {group: {name: value}} if group else {name: value}


def test_every_setting_is_tried() -> None:
    assert set(leaves(Scenario)) - LABELS == set(CHANGES)


def test_the_audit_holds_with_every_instrument_in_force(dataset: Dataset) -> None:
    harder = {
        "period": YEARS,
        "carbon": {
            "caps": {"EU27": {2027: 3.0, 2035: 0.5}, "BRICS": 12.0},
            "priced": "scope1_and_2",
            "borders": {"IND": 0.5},
            "border_credit": 0.5,
        },
        "demand": {
            "premiums": {"WORLD": 40.0, "DEU": {2028: 150.0}},
            "low_carbon_threshold": 0.6,
            "elasticity": 0.5,
        },
        "trade": {"limits": {"scrap from IND": {2030: 0.0}, "dri* to WORLD": 0.2}, "duties": {"* to DEU": 0.1}},
        "support": {
            "capex": {"IND": 0.5},
            "hydrogen": {"WORLD": 1500.0},
            "subsidies": 3.0,
            "debt": {"WORLD": 0.01},
            "strikes": {"EU27": 150.0},
        },
        "limits": {"storage_rule": "cumulative", "ore_gate": True, "use": {"electricity in WORLD": 4.0}},
    }
    for settings in ({"period": YEARS}, harder):
        audit = results(dataset, settings)["audit"]
        assert audit["passed"].all(), audit[~audit["passed"]]
    assert (results(dataset, harder)["scarcity"]["price"] > 0).any()
    assert len(results(dataset, harder)["grades"])


@pytest.mark.parametrize("setting", CHANGES)
def test_it_moves_a_result(dataset: Dataset, setting: str) -> None:
    world, value = CHANGES[setting]
    base = merged({"period": YEARS}, world)
    before, after = results(dataset, base), results(dataset, merged(base, nested(setting, value)))
    moved = [name for name in before.keys() & after.keys() if name != "limits" and not before[name].equals(after[name])]
    assert moved, f"{setting} = {value!r} changed no result table"
