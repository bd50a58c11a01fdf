"""Which units a dataset may declare, and the factor that takes each to the canonical one.

The definitions are our own short list, not pint's default registry: it loads faster, and a unit that makes
no sense here (an imperial gallon, an unstated dollar) is refused instead of guessed. Money has one unit, the
real US dollar of 2024; other currencies and years must be converted before, since the rate is a choice.
CO2 equivalents have a dimension of their own, so that t of CO2 are never mistaken for t of steel.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pint import Quantity, UnitRegistry

# Sources of the factors: SI brochure 9th edition (prefixes, tonne); NIST SP 811 appendix B (Btu_IT, pound, tons,
# miles). Normal cubic metres are at 0 degC and 101.325 kPa and stay a quantity of their own.
_DEFINITIONS = """
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
tera- = 1e12 = T-
peta- = 1e15 = P-
percent = 0.01 = %
gram = [mass] = g
tonne = 1e6 gram = t
pound = 453.59237 gram = lb
short_ton = 2000 pound
long_ton = 2240 pound
joule = [energy] = J
watt_hour = 3600 joule = Wh
btu = 1055.05585262 joule = Btu
mmbtu = 1e6 btu = MMBtu
normal_cubic_metre = [gas_volume] = Nm3
gram_co2e = [co2] = gCO2e
tonne_co2e = 1e6 gram_co2e = tCO2e
gram_co2 = gram_co2e = gCO2
tonne_co2 = tonne_co2e = tCO2
metre = [length] = m
square_kilometre = 1e6 metre * metre = km2
mile = 1609.344 metre
nautical_mile = 1852 metre = nmi
year = [time] = yr = a
degree = [angle] = deg
us_dollar = [currency] = USD = USD_2024
"""


# Only products and quotients of names: nothing else reaches the parser.
_PRODUCT = re.compile(r"[A-Za-z0-9_%]+([/*][A-Za-z0-9_%]+)*")


class UnitProblem(ValueError):
    """A declared unit cannot be taken to the canonical one; the text says why and what to write instead."""


def factor(declared: str, canonical: str) -> float:
    """Number by which a value in ``declared`` is multiplied to be in ``canonical``.

    >>> factor("kt/yr", "t/yr")
    1000.0
    >>> factor("USD/MWh", "USD/GJ")
    0.2777777777777778

    Raises :class:`UnitProblem` for units that are unknown or measure something else.
    """
    if declared == canonical:
        return 1.0
    if not canonical:
        raise UnitProblem("this column has no unit; remove the declaration")
    if "unit" in canonical.replace("/", " ").split():
        raise UnitProblem(f"'unit' is the unit of each row's commodity, so only {canonical!r} can be declared")
    ratio: Quantity[float] = (_quantity(declared) / _quantity(canonical)).to_base_units()
    if not ratio.dimensionless:
        raise UnitProblem(
            f"{declared!r} does not measure what {canonical!r} measures; declare a unit such as {canonical!r}"
        )
    # to_base_units of an exact ratio leaves binary noise such as 1000.0000000000001
    return float(f"{ratio.magnitude:.16g}")


@cache
def _registry() -> UnitRegistry:
    from pint import UnitRegistry  # 0.3 s, needed only where another unit than the canonical one is declared

    return UnitRegistry(_DEFINITIONS.strip().splitlines(), autoconvert_to_preferred=False)


@cache
def _quantity(unit: str) -> Quantity[float]:
    from pint.errors import PintError

    registry = _registry()
    try:
        if not _PRODUCT.fullmatch(unit):
            raise ValueError(unit)
        return registry.Quantity(1.0, registry.parse_units("" if unit == "1" else unit))
    except (PintError, ValueError) as error:
        known = "t, GJ, MWh, kNm3, USD, tCO2e, km, yr, % (k, M, G before it; / and * between)"
        raise UnitProblem(f"unknown unit {unit!r}; use {known}") from error
