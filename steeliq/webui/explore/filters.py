"""Which part of a run is looked at: years, regions, countries, technologies, owners, one plant.

The filter lives in the address, so that a view can be kept and sent on. It is laid over the result tables before any
chart reads them: map, tables, charts and downloads of one address show the same rows. A table that does not know a
property (trade flows have no owner) is shown whole in that respect, and the chart says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import pandas as pd
from django.http import QueryDict

from steeliq.simulation.results.labels import PROJECT
from steeliq.simulation.results.report.charts import RunTables

PARTS: Final = ("region", "country", "technology", "owner")
"""Lists of the filter in the order in which the form shows them."""

AT_HOME: Final = "plant"


@dataclass(frozen=True, slots=True)
class Filters:
    """A part of the results; an empty list means all."""

    first: int | None = None
    last: int | None = None
    region: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    technology: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    plant: str = ""
    problems: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The filter as it stands in the address, without the question mark."""
        pairs: list[tuple[str, str]] = []
        if self.first is not None:
            pairs.append(("first", str(self.first)))
        if self.last is not None:
            pairs.append(("last", str(self.last)))
        pairs += [(part, value) for part in PARTS for value in getattr(self, part)]
        if self.plant:
            pairs.append((AT_HOME, self.plant))
        return urlencode(pairs)

    def without(self, *parts: str) -> Filters:
        """The filter with these lists emptied."""
        if not parts:
            return self
        lists = {part: () if part in parts else getattr(self, part) for part in PARTS}
        return Filters(self.first, self.last, **lists, plant="" if AT_HOME in parts else self.plant)

    @property
    def leaves_out_works(self) -> bool:
        """Something but years is left out: what is seen is not the world."""
        return bool(self.plant) or any(getattr(self, part) for part in PARTS)

    @property
    def is_set(self) -> bool:
        """Something is left out."""
        return bool(self.query)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: pairs of key and name."""

    years: tuple[int, ...]
    region: tuple[tuple[str, str], ...]
    country: tuple[tuple[str, str], ...]
    technology: tuple[tuple[str, str], ...]
    owner: tuple[tuple[str, str], ...]

    def keys(self, part: str) -> set[str]:
        """Keys of one list."""
        return {key for key, _ in getattr(self, part)}


def choices_of(run: RunTables) -> Choices:
    """All that occurs in the run, by name."""
    if not run.years:
        return Choices((), (), (), (), ())
    made, demand = run["production"], run["demand"]
    countries = _all(made["country"]) | _all(demand["country"])
    names = run.labels.names("countries", "country")
    regions = run.labels.column("countries", "country", "region")
    technologies = run.labels.names("technologies", "technology")
    return Choices(
        years=run.years,
        region=tuple((region, region) for region in sorted({regions[c] for c in countries if c in regions})),
        country=_named(countries, names),
        technology=_named(_all(made["technology"]), technologies),
        owner=_named(_all(made["owner"]) - {""}, {}),
    )


def _all(values: pd.Series[Any]) -> set[str]:
    return {str(value) for value in values.unique()}


def _named(keys: Iterable[str], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    pairs = [(key, names.get(key, key)) for key in keys]
    return tuple(sorted(pairs, key=lambda pair: (pair[1].casefold(), pair[0])))


def read_filters(query: QueryDict, choices: Choices) -> Filters:
    """The filter of an address; what the run does not have is left out and told in ``problems``."""
    problems: list[str] = []
    first, last = (_year(query.get(end, ""), choices.years, problems) for end in ("first", "last"))
    if first is not None and last is not None and first > last:
        first, last = last, first
    lists: dict[str, tuple[str, ...]] = {}
    for part in PARTS:
        known = choices.keys(part)
        given = list(dict.fromkeys(value for value in query.getlist(part) if value))
        lists[part] = tuple(sorted(value for value in given if value in known))
        problems += [f"This run has no {part} “{v[:60]}”; it was left out." for v in given if v not in known]
    return Filters(first, last, **lists, plant=query.get(AT_HOME, "")[:120], problems=tuple(problems[:6]))


def _year(text: str, years: tuple[int, ...], problems: list[str]) -> int | None:
    if not text or not years:
        return None
    if not text.isdecimal() or not years[0] <= int(text) <= years[-1]:
        problems.append(f"“{text[:20]}” is no year of this run ({years[0]} to {years[-1]}); it was left out.")
        return None
    return int(text)


@dataclass(slots=True)
class Told:
    """Which parts of a filter some table could not follow."""

    parts: dict[str, set[str]] = field(default_factory=dict)

    def note(self) -> str:
        """A sentence for the chart; empty if every table followed."""
        if not self.parts:
            return ""
        return "Not narrowed by " + ", ".join(sorted(self.parts)) + ": what is shown is not that fine."


class Narrowed(Mapping[str, pd.DataFrame]):
    """The tables of a run with the filter laid over them, each narrowed when it is first asked for."""

    def __init__(self, run: RunTables, filters: Filters, told: Told) -> None:
        self._run, self._filters, self._told = run, filters, told
        self._done: dict[str, pd.DataFrame] = {}
        self._countries = countries_of(run, filters)

    @property
    def whole(self) -> RunTables:
        """The run without the filter, for figures that compare with the world."""
        return self._run

    @property
    def filters(self) -> Filters:
        """What is laid over the tables."""
        return self._filters

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in self._done:
            self._done[table] = self._narrow(table)
        return self._done[table]

    def __contains__(self, table: object) -> bool:
        return table in self._run.tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._run.tables)

    def __len__(self) -> int:
        return len(self._run.tables)

    def _narrow(self, table: str) -> pd.DataFrame:
        frame, asked = self._run[table], self._filters
        keep = pd.Series(data=True, index=frame.index)
        if asked.first is not None:
            keep &= frame["year"] >= asked.first
        if asked.last is not None:
            keep &= frame["year"] <= asked.last
        if self._countries is not None:
            keep &= self._in_countries(table, frame)
        if asked.technology:
            keep &= self._isin(table, frame, "technology", asked.technology)
        if asked.owner:
            keep &= self._by_group(table, frame, "owner", asked.owner)
        if asked.plant:
            keep &= self._by_group(table, frame, AT_HOME, (asked.plant,))
        return frame if bool(keep.all()) else frame[keep]

    def _in_countries(self, table: str, frame: pd.DataFrame) -> pd.Series[bool]:
        wanted = sorted(self._countries or ())
        if table == "flows":
            return frame["origin"].isin(wanted) | frame["destination"].isin(wanted)
        if table == "grades":
            return frame["origin"].isin(wanted)
        if table == "owners":
            made = self._run["production"]
            return frame["owner"].isin(list(made.loc[made["country"].isin(wanted), "owner"].unique()))
        if table in ("candidates", "reasons"):
            return self._of_deciders(frame, "country", tuple(wanted))
        return self._isin(table, frame, "country", tuple(wanted))

    def _isin(self, table: str, frame: pd.DataFrame, column: str, values: tuple[str, ...]) -> pd.Series[bool]:
        if column in frame.columns:
            return frame[column].isin(list(values))
        self._told.parts.setdefault(column if column != "country" else "country and region", set()).add(table)
        return pd.Series(data=True, index=frame.index)

    def _by_group(self, table: str, frame: pd.DataFrame, column: str, values: tuple[str, ...]) -> pd.Series[bool]:
        """By a property of the furnace group where the table has groups but not the property."""
        if column in frame.columns or "furnace_group" not in frame.columns:
            return self._isin(table, frame, column, values)
        if table in ("candidates", "reasons"):
            return self._of_deciders(frame, column, values)
        made = self._run["production"]
        groups = made.loc[made[column].isin(list(values)), "furnace_group"].unique()
        return frame["furnace_group"].isin(list(groups))

    def _of_deciders(self, frame: pd.DataFrame, column: str, values: tuple[str, ...]) -> pd.Series[bool]:
        groups: set[str] = set()
        for table in ("production", "decisions"):
            known = self._run[table]
            groups |= _all(known.loc[known[column].isin(list(values)), "furnace_group"])
        if column == "country":  # projects at sites are known by their site
            homes = self._run.labels.column("sites", "site", "country")
            groups |= {f"{PROJECT}{site}" for site, country in homes.items() if country in values}
        return frame["furnace_group"].isin(sorted(groups))


def countries_of(run: RunTables, filters: Filters) -> set[str] | None:
    """Countries inside the filter's regions and countries together; None if it names neither."""
    if not filters.region and not filters.country:
        return None
    regions = run.labels.column("countries", "country", "region")
    inside = {country for country, region in regions.items() if region in filters.region}
    return inside | set(filters.country)


def narrowed(run: RunTables, filters: Filters) -> tuple[RunTables, Told]:
    """The run as the charts see it through the filter, and where tables could not follow it."""
    told = Told()
    if not filters.is_set:
        return run, told
    first = filters.first if filters.first is not None else -(10**6)
    last = filters.last if filters.last is not None else 10**6
    years = tuple(year for year in run.years if first <= year <= last)
    return RunTables(Narrowed(run, filters, told), run.labels, run.document, years), told
