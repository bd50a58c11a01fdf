"""What a page needs to draw figures: ``{% figure_scripts %}`` in its head, palette and words for the drawing script."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.inclusion_tag("explore/figure_scripts.html")
def figure_scripts() -> dict[str, Any]:
    """Plotly, the drawing script and the palette of both grounds (as ``#palette``)."""
    return {"palette": palette()}


def palette() -> dict[str, dict[str, Any]]:
    """Colours of both grounds as figure.js reads them."""
    # Django imports tag libraries at its start; beside the colours lies what reads tables: 90 MB spared until needed.
    from steeliq.simulation.results.report.theme import PALETTE, SEQUENTIAL

    return {ground: tokens | {"$sequential": SEQUENTIAL[ground]} for ground, tokens in PALETTE.items()}


@register.inclusion_tag("explore/figure.html")
def figure(address: str, name: str, extra: str = "", *, wide: bool = False) -> dict[str, Any]:
    """An empty figure that fills itself from ``address`` (without the ending) when it comes near the window."""
    return {"address": address, "name": name, "extra": extra, "wide": wide}


@register.filter
def with_query(address: str, query: str) -> str | SafeString:
    """The address with a query behind it, if there is one."""
    return f"{address}?{query}" if query else address
