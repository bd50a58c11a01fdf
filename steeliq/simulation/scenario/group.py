"""What every group of settings is made of: the check of names, units, and values that depend on the year."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

type Path = float | dict[int, float]
"""A value, or values by year: years between are interpolated, years outside are held."""


def in_unit(unit: str) -> dict[str, str]:
    """What the JSON schema of a setting says of its unit."""
    return {"unit": unit}


class Group(BaseModel):
    """A group of settings: unknown names are refused, values never change after the check."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def check_path(path: Path) -> Path:
    """The path, if its years are years and no value is negative. Raises ValueError."""
    values = path.values() if isinstance(path, dict) else (path,)
    if isinstance(path, dict):
        if not path:
            raise ValueError("a path needs at least one year; write a number or { 2025 = 1.0, 2050 = 0.5 }")
        wrong = [year for year in path if not 2000 <= year <= 2100]
        if wrong:
            raise ValueError(f"years of a path lie between 2000 and 2100, found {wrong}")
    if any(value < 0 for value in values):
        raise ValueError("values of a path must not be negative")
    return path


def a_share(path: Path) -> Path:
    """The path, if also no value is above 1. Raises ValueError."""
    path = check_path(path)
    if any(value > 1 for value in (path.values() if isinstance(path, dict) else (path,))):
        raise ValueError("shares lie between 0 and 1")
    return path


def above_zero(path: Path, what: str) -> Path:
    """The path, if also no value is 0; ``what`` names it. Raises ValueError."""
    path = check_path(path)
    if any(value == 0 for value in (path.values() if isinstance(path, dict) else (path,))):
        raise ValueError(f"{what} must be greater than 0")
    return path
