"""How things look in every chart: one colour and pattern per technology, route, charge and cost item.

Colours are named tokens (``$ink``); the page resolves them for the light or the dark ground. Colour carries the
reductant or energy, a pattern tells variants of the same colour apart (capture, smelter, biogenic), so that no two
technologies of one chart differ by hue alone. The eight hues keep their distance in normal, protanopic,
deuteranopic and tritanopic vision (tests/simulation/test_report.py measures it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PALETTE: Final = {
    "light": {
        "$ink": "#1d1d1f",
        "$slate": "#7079a5",
        "$orange": "#c37b30",
        "$brown": "#79604d",
        "$magenta": "#8f0c5f",
        "$blue": "#2433c9",
        "$green": "#083800",
        "$teal": "#2aa58d",
        "$ground": "#ffffff",
        "$text": "#1f2328",
        "$muted": "#59636e",
        "$grid": "#e7e9ec",
        "$axis": "#aab1b9",
        "$land": "#eceef1",
        "$border": "#d5d9de",
        "$bad": "#b3261e",
    },
    "dark": {
        "$ink": "#686b70",
        "$slate": "#8a98a2",
        "$orange": "#c55c03",
        "$brown": "#a7947e",
        "$magenta": "#f773ff",
        "$blue": "#0c6eb4",
        "$green": "#b8cd4f",
        "$teal": "#56ffd9",
        "$ground": "#1b1f24",
        "$text": "#e6e9ec",
        "$muted": "#a3acb5",
        "$grid": "#2d333a",
        "$axis": "#59636e",
        "$land": "#2a3037",
        "$border": "#3a424b",
        "$bad": "#ff8a80",
    },
}
"""Colour of each token on the two grounds."""

SEQUENTIAL: Final = {
    "light": [[0.0, "#eaf0f8"], [0.25, "#b4cbe6"], [0.5, "#6f9ccc"], [0.75, "#33689f"], [1.0, "#12335c"]],
    "dark": [[0.0, "#232b35"], [0.25, "#284a70"], [0.5, "#3972a8"], [0.75, "#6fa6da"], [1.0, "#cfe4f7"]],
}
"""One-hue scale of matrices; lightness rises or falls steadily, so it survives greyscale print."""

HUES: Final = ("$ink", "$slate", "$orange", "$brown", "$magenta", "$blue", "$green", "$teal")


@dataclass(frozen=True, slots=True)
class Look:
    """Colour token and bar pattern (a Plotly shape, empty for a plain bar)."""

    colour: str
    pattern: str = ""


TECHNOLOGIES: Final = {
    "BF": Look("$ink"),
    "BF_BIO": Look("$ink", "."),
    "BF_CCS": Look("$ink", "/"),
    "SR": Look("$green"),
    "SR_CCS": Look("$green", "/"),
    "DRI_COAL": Look("$brown"),
    "DRI_GAS": Look("$orange"),
    "DRI_GAS_CCS": Look("$orange", "/"),
    "ESF_GAS": Look("$orange", "x"),
    "DRI_H2": Look("$magenta"),
    "ESF_H2": Look("$magenta", "x"),
    "EW": Look("$teal", "/"),
    "BOF": Look("$slate"),
    "OHF": Look("$brown", "x"),
    "EAF": Look("$blue"),
    "IF": Look("$teal"),
    "MOE": Look("$magenta", "/"),
}
"""Order of stacking from the ground up, and looks."""

ROUTES: Final = {
    "BF_BOF": Look("$ink"),
    "BF_BIO_BOF": Look("$ink", "."),
    "BF_CCS_BOF": Look("$ink", "/"),
    "PIG_BF": Look("$ink", "-"),
    "PIG_BOF": Look("$slate", "/"),
    "SR_BOF": Look("$green"),
    "SR_CCS_BOF": Look("$green", "/"),
    "MERCHANT_SR": Look("$green", "-"),
    "MERCHANT_SR_CCS": Look("$green", "."),
    "DRI_COAL_EAF": Look("$brown"),
    "DRI_COAL_IF": Look("$brown", "."),
    "MERCHANT_DRI_COAL": Look("$brown", "-"),
    "DRI_GAS_EAF": Look("$orange"),
    "DRI_GAS_CCS_EAF": Look("$orange", "/"),
    "ESF_GAS_BOF": Look("$orange", "x"),
    "MERCHANT_DRI_GAS": Look("$orange", "-"),
    "MERCHANT_DRI_GAS_CCS": Look("$orange", "."),
    "DRI_H2_EAF": Look("$magenta"),
    "ESF_H2_BOF": Look("$magenta", "x"),
    "MERCHANT_DRI_H2": Look("$magenta", "-"),
    "SCRAP_EAF": Look("$blue"),
    "SCRAP_IF": Look("$slate"),
    "SCRAP_OHF": Look("$slate", "."),
    "EW_EAF": Look("$teal"),
    "MOE": Look("$magenta", "/"),
}

GROUPED_ROUTES: Final = {
    "BF-BOF": Look("$ink"),
    "scrap-EAF": Look("$blue"),
    "DRI-EAF": Look("$orange"),
    "other": Look("$muted"),
    "world": Look("$magenta"),
}
"""Routes of the intensities table."""

CHARGES: Final = {
    "hot_metal": Look("$ink"),
    "pig_iron": Look("$ink", "/"),
    "dri_coal": Look("$brown"),
    "hot_dri": Look("$orange"),
    "dri": Look("$orange", "/"),
    "hot_dri_h2": Look("$magenta"),
    "dri_h2": Look("$magenta", "/"),
    "ew_iron": Look("$teal"),
    "scrap": Look("$blue"),
}

ITEMS: Final = {
    "ore": Look("$brown"),
    "scrap": Look("$blue"),
    "metallics": Look("$slate"),
    "reductants": Look("$ink"),
    "energy": Look("$orange"),
    "other": Look("$slate", "/"),
    "conversion": Look("$teal"),
    "carbon": Look("$magenta"),
    "fixed": Look("$green"),
    "capital": Look("$green", "/"),
    "support": Look("$magenta", "/"),
}
"""Cost items in the order in which they are stacked."""

OWN_IRON: Final = "hot metal and hot DRI"
"""Iron that a steelmaker takes hot from its own works; the costs table books it at the furnace that makes it."""

STACKED_ITEMS: Final = {OWN_IRON: Look("$ink", "/")} | ITEMS

CARRIERS: Final = {
    "Solids|Coal": Look("$ink"),
    "Solids|Biomass": Look("$green"),
    "Liquids": Look("$brown"),
    "Gases": Look("$orange"),
    "Hydrogen": Look("$magenta"),
    "Electricity": Look("$blue"),
}

DECISIONS: Final = {
    "renovate": Look("$ink"),
    "extend": Look("$slate"),
    "switch": Look("$magenta"),
    "expand": Look("$blue"),
    "found": Look("$green"),
    "close": Look("$orange"),
}

SCOPES: Final = {
    "scope1": Look("$ink"),
    "scope2": Look("$orange"),
    "scope3": Look("$slate"),
    "captured": Look("$teal"),
}


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a country's line is drawn: colour token, dash and marker symbol, each of them unlike the others'."""

    colour: str
    dash: str
    symbol: str


COUNTRIES: Final = (
    Stroke("$blue", "solid", "circle"),
    Stroke("$orange", "dash", "square"),
    Stroke("$teal", "dot", "diamond"),
    Stroke("$magenta", "dashdot", "triangle-up"),
    Stroke("$slate", "longdash", "triangle-down"),
    Stroke("$brown", "longdashdot", "star"),
)
"""Cycle of the countries in a line chart; the near-black hues stay out, one of them is the world's."""

WORLD: Final = "$ink"
"""Hue of the world mean beside countries."""

FALLBACK: Final = tuple(Look(hue, pattern) for pattern in ("", "/", "x", ".") for hue in HUES)


def ordered(looks: dict[str, Look], keys: set[str]) -> list[tuple[str, Look]]:
    """The keys in the order of ``looks`` with their look; unknown ones follow in alphabetical order."""
    known = [(key, look) for key, look in looks.items() if key in keys]
    others = sorted(keys - set(looks))
    return known + [(key, FALLBACK[(len(known) + number) % len(FALLBACK)]) for number, key in enumerate(others)]
