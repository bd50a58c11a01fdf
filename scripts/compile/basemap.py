"""Which land outlines the report's map shows: Natural Earth (public domain), simplified, without Antarctica.

Reads ``geo/world-atlas-countries-110m.json`` (TopoJSON, 1:110 million) of the reference folder and writes
``steeliq/reference/land.json``: rings of land and inner borders as flat lists lon, lat, lon, lat ... in degrees.

    python scripts/compile/basemap.py REFERENCE_FOLDER [--out steeliq/reference/land.json]
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

SOUTH = -57.0
"""Land wholly south of this latitude is Antarctica and carries no plants."""

Point = tuple[float, float]


def arcs_of(topology: dict[str, Any]) -> list[list[Point]]:
    """Decode the delta-coded arcs to degrees, rounded to 0.1, consecutive duplicates dropped."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    decoded: list[list[Point]] = []
    for arc in topology["arcs"]:
        x = y = 0
        points: list[Point] = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            point = (round(x * scale_x + shift_x, 1), round(y * scale_y + shift_y, 1))
            if not points or points[-1] != point:
                points.append(point)
        decoded.append(points)
    return decoded


def rings_of(geometry: dict[str, Any]) -> Iterator[list[int]]:
    """Outer rings of a (multi-)polygon or collection as lists of arc numbers (negative: reversed)."""
    if geometry["type"] == "GeometryCollection":
        for member in geometry["geometries"]:
            yield from rings_of(member)
    elif geometry["type"] == "Polygon":
        yield geometry["arcs"][0]
    elif geometry["type"] == "MultiPolygon":
        for polygon in geometry["arcs"]:
            yield polygon[0]


def joined(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    """The points of a ring, arcs put end to end."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points.extend(arc[1:] if points and arc and points[-1] == arc[0] else arc)
    return points


def unwrapped(ring: list[Point]) -> list[Point]:
    """The ring without jumps over the antimeridian: longitudes go on beyond 180 instead."""
    points, turn = [ring[0]], 0.0
    for (before, _), (x, y) in pairwise(ring):
        if abs(x - before) > 180.0:
            turn += 360.0 if before > x else -360.0
        points.append((round(x + turn, 1), y))
    return points


def clipped(ring: list[Point], edge: float, side: float) -> list[Point]:
    """The part of a closed ring on one side of a meridian (``side`` 1: west of it, -1: east), Sutherland-Hodgman."""
    kept: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise([*ring[-1:], *ring]):
        inside0, inside1 = side * x0 <= side * edge, side * x1 <= side * edge
        if inside0 != inside1:
            kept.append((edge, round(y0 + (y1 - y0) * (edge - x0) / (x1 - x0), 1)))
        if inside1:
            kept.append((x1, y1))
    return kept


def split(ring: list[Point]) -> list[list[Point]]:
    """The ring as rings within -180 and 180 degrees."""
    ring = unwrapped(ring)
    pieces = []
    for turn in (-360.0, 0.0, 360.0):
        piece = clipped(clipped([(round(x + turn, 1), y) for x, y in ring], 180.0, 1.0), -180.0, -1.0)
        if len(piece) > 3:
            pieces.append([*piece, piece[0]] if piece[0] != piece[-1] else piece)
    return pieces


def land(topology: dict[str, Any]) -> dict[str, Any]:
    """Land rings and inner borders, flat, in degrees."""
    arcs = arcs_of(topology)
    rings = [joined(ring, arcs) for ring in rings_of(topology["objects"]["land"])]
    rings = [part for ring in rings if len(ring) > 3 and max(y for _, y in ring) > SOUTH for part in split(ring)]
    uses = Counter(
        number if number >= 0 else ~number for ring in rings_of(topology["objects"]["countries"]) for number in ring
    )
    shared = [arcs[number] for number, count in sorted(uses.items()) if count > 1 and len(arcs[number]) > 1]
    # An arc that runs along the antimeridian joins two halves of one country there: no border.
    borders = [line for line in shared if not all(abs(x) >= 179.9 for x, _ in line)]
    return {
        "source": "Natural Earth 1:110m, public domain; rounded to 0.1 degrees, Antarctica left out",
        "land": [[value for point in ring for value in point] for ring in rings],
        "borders": [[value for point in line for value in point] for line in borders],
    }


def main() -> None:
    """Write the outlines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference", type=Path, help="folder with geo/world-atlas-countries-110m.json")
    parser.add_argument("--out", type=Path, default=Path("steeliq/reference/land.json"))
    options = parser.parse_args()
    topology = json.loads((options.reference / "geo" / "world-atlas-countries-110m.json").read_text(encoding="utf-8"))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(land(topology), separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
