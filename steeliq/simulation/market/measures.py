"""The scenario's own duties and limits on trade, named by the flow that they concern.

A flow reads ``GOOD from AREA to AREA``. GOOD is a commodity or a pattern such as ``dri*``; an area is a country, bloc,
region or WORLD, or ``NOT`` one of them. A side that is left out is all that lies outside the other one: ``scrap from
EU27`` is the scrap that leaves the union, ``crude_steel to EU27`` the steel that enters it, ``scrap from WORLD`` all
scrap that crosses a border. Trade inside a country is never meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from steeliq.simulation.arrays import Bools, Ints
from steeliq.simulation.paths import NOT, WORLD, Areas, path_over_years
from steeliq.simulation.scenario.group import Path

_FLOW: Final = re.compile(r"(?P<good>\S+)(?: from (?P<exporter>.+?))?(?: to (?P<importer>.+))?")
MT: Final = 1e6


@dataclass(frozen=True, slots=True)
class Flow:
    """Which trade a measure concerns."""

    goods: tuple[str, ...]
    exporter: Bools  # (c,)
    importer: Bools  # (c,)


def flow_of(name: str, areas: Areas, goods: Sequence[str]) -> Flow:
    """The flow of that name. Raises ValueError that says what is wrong with it."""
    found = _FLOW.fullmatch(name)
    if not found or not (found["exporter"] or found["importer"]):
        raise ValueError("a flow reads 'GOOD from AREA to AREA'; one of the areas may be left out")
    meant = tuple(good for good in goods if fnmatchcase(good, found["good"]))
    if not meant:
        raise ValueError(f"no traded good is called {found['good']}; they are {', '.join(goods)}")
    for area in (found["exporter"], found["importer"]):
        if area and area.removeprefix(NOT) not in areas.members:
            raise ValueError(f"there is no area {area.removeprefix(NOT)}; take a country, bloc, region or WORLD")
    exporter = areas.mask(found["exporter"] or _outside(found["importer"]))
    importer = areas.mask(found["importer"] or _outside(found["exporter"]))
    return Flow(meant, exporter, importer)


def good_and_area(name: str) -> tuple[str, str]:
    """The two names in a limit on use; the area is empty where the name has another form.

    >>> good_and_area("hydrogen in EU27"), good_and_area("hydrogen")
    (('hydrogen', 'EU27'), ('hydrogen', ''))
    """
    good, _, area = name.partition(" in ")
    return good, area


def _outside(area: str) -> str:
    """All that is not in an area; of the world, every country's foreign trade.

    >>> _outside("EU27"), _outside("NOT EU27"), _outside("WORLD")
    ('NOT EU27', 'EU27', 'WORLD')
    """
    if area == WORLD:
        return WORLD
    return area.removeprefix(NOT) if area.startswith(NOT) else f"{NOT}{area}"


def in_force(
    paths: Mapping[str, Path], areas: Areas, goods: Sequence[str], years: Ints
) -> Iterator[tuple[str, Flow, int, int, float]]:
    """Name, flow, first and last year, and value of every measure; a table of years begins with its first year."""
    for name, path in sorted(paths.items()):
        flow = flow_of(name, areas, goods)
        first = min(path) if isinstance(path, Mapping) else int(years[0])
        for year, value in zip(years.tolist(), path_over_years(path, years).tolist(), strict=True):
            if year >= first:
                yield name, flow, year, year, value
