"""How figures stand in sentences."""

from __future__ import annotations


def number(value: float) -> str:
    """Four significant digits, thousands set apart.

    >>> number(1234567.0), number(0.0123456), number(812.0)
    ('1,235,000', '0.01235', '812')
    """
    rounded = float(f"{value:.4g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1000 else f"{rounded:g}"
