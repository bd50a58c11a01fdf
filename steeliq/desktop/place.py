"""Where the window was and what it showed, from one start to the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

FILE: Final = "window.json"
LEAST: Final = (800, 560)
EDGE: Final = 80
"""Pixels of the window that must lie on a screen, or it could not be reached with the mouse."""


@dataclass(slots=True)
class Place:
    """Size and position [pixels], the page that was open (path and query), and the zoom."""

    width: int = 1360
    height: int = 880
    x: int | None = None
    y: int | None = None
    page: str = ""
    zoom: float = 1.0


def read_place(folder: Path) -> Place:
    """The last place; the usual one if there is none or it cannot be understood."""
    with suppress(OSError, ValueError, TypeError, AttributeError, OverflowError):
        place = Place(**json.loads((folder / FILE).read_text("utf-8")))
        ours = place.page.startswith("/") and not place.page.startswith("//")
        return Place(
            max(LEAST[0], int(place.width)),
            max(LEAST[1], int(place.height)),
            None if place.x is None else int(place.x),
            None if place.y is None else int(place.y),
            place.page if ours else "",
            min(3.0, max(0.5, float(place.zoom))),
        )
    return Place()


def write_place(folder: Path, place: Place) -> None:
    """Keep the place; a folder that cannot be written to is no reason to stop."""
    partial = folder / f"{FILE}.partial"
    with suppress(OSError):
        partial.write_text(json.dumps(asdict(place)), "utf-8")
        partial.replace(folder / FILE)


def fitted(place: Place, screens: Sequence[tuple[int, int, int, int]]) -> tuple[int, int]:
    """Width and height of the window, no larger than the largest screen (x, y, width, height) less bars and frame.

    >>> fitted(Place(), [(0, 0, 1280, 800)]), fitted(Place(), [(0, 0, 1280, 800), (1280, 0, 1920, 1080)])
    ((1264, 712), (1360, 880))
    """
    if not screens:
        return place.width, place.height
    width, height = max(width for _, _, width, _ in screens), max(height for _, _, _, height in screens)
    return max(LEAST[0], min(place.width, width - 16)), max(LEAST[1], min(place.height, height - 88))


def on_screen(place: Place, screens: Sequence[tuple[int, int, int, int]]) -> bool:
    """Whether the window's title bar can be reached on one of the screens (x, y, width, height).

    >>> on_screen(Place(x=100, y=100), [(0, 0, 1920, 1080)]), on_screen(Place(x=2500, y=0), [(0, 0, 1920, 1080)])
    (True, False)
    """
    if place.x is None or place.y is None:
        return False
    return any(
        x <= place.x + place.width - EDGE and place.x + EDGE <= x + width and y <= place.y <= y + height - EDGE
        for x, y, width, height in screens
    )
