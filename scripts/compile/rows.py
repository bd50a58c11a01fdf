"""Small pieces shared by the compile modules: building tables from rows, and reading a path between stated years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

Row = tuple[object, ...]


def frame(columns: str, rows: Iterable[Row]) -> pd.DataFrame:
    """A table from rows whose columns are named in one space-separated string, sorted by its leading columns."""
    names = columns.split()
    table = pd.DataFrame(list(rows), columns=names)
    return table.sort_values([n for n in names if n not in ("source", "quality")]).reset_index(drop=True)


def at(points: Mapping[int, float], year: int) -> float:
    """Value of a path in a year: linear between the stated years, held before the first and past the last."""
    years = sorted(points)
    return float(np.interp(year, years, [points[y] for y in years]))


def dense(points: Mapping[int, float]) -> dict[int, float]:
    """The path with its linear values filled in every five years, so that no gap is wider."""
    inside = range(min(points), max(points) + 1)
    return {year: at(points, year) for year in sorted({*points, *(y for y in inside if y % 5 == 0)})}


def pairs(text: str) -> dict[str, float]:
    """Read 'AAA 1.5 BBB -2' as {'AAA': 1.5, 'BBB': -2.0}."""
    words = text.split()
    return {key: float(value) for key, value in zip(words[::2], words[1::2], strict=True)}


def listed_sources() -> pd.DataFrame:
    """Rows of ``sources`` of the market and policy tables, as kept in data/market_sources.csv."""
    return pd.read_csv(Path(__file__).parent / "data" / "market_sources.csv", dtype=str, keep_default_na=False)
