"""Designs that the tests of ensembles share, small enough to be computed in seconds."""

from __future__ import annotations

from typing import Any

from steeliq.ensemble.design import Design, check_design

DEMAND = {"field": "demand.factor", "distribution": "uniform", "low": 0.9, "high": 1.1}
GAS = {
    "name": "gas price",
    "column": "prices.price",
    "where": {"commodity": "natural_*"},
    "distribution": "triangular",
    "low": 0.5,
    "mode": 1.0,
    "high": 2.0,
}
CIRCULAR = {"field": "demand.scenario", "levels": ["bau", "high_circularity"]}


def design(*factors: dict[str, Any], **entries: Any) -> Design:
    """A design over two years; one factor, uniform demand, if none is given."""
    table = {
        "name": "Small",
        "samples": 3,
        "settings": {"period": {"end": 2026}},
        "factors": list(factors) or [DEMAND],
    }
    return check_design(table | entries)
