"""Real hourly profiles from a Parquet file, in place of the synthetic ones.

The file has one row per site and hour, a site's rows together and in the order of its hours:

    site   text      the id of a row of the dataset's table `sites`
    hour   integer   0 .. 8759, hours of one year from its first midnight, in any one time zone
    solar  number    output over capacity, 0 .. 1
    wind   number    output over capacity, 0 .. 1

What atlite makes of ERA5 (variables `solar` and `wind` over `site` and `hour`) becomes such a file in one line::

    profiles[["solar", "wind"]].transpose("site", "hour").to_dataframe().reset_index().to_parquet("profiles.parquet")

NetCDF itself is not read: it would take a library that nothing else here needs. The file is read site by site, so
ten thousand sites need no more memory than a batch of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from steeliq.errors import DatasetError, Problem
from steeliq.simulation.arrays import Ints, Labels
from steeliq.simulation.siting.profiles import HOURS, Single

COLUMNS = ("site", "hour", "solar", "wind")
LAYOUT = "wanted are site (text), hour (whole number), solar and wind (numbers), see docs/data.md"
ROWS = 50 * HOURS  # read at once
GREATEST = 1.0 + 1e-6


@dataclass(frozen=True, slots=True)
class Profiles:
    """Hourly output over capacity of some sites."""

    names: tuple[str, ...]
    solar: Single  # (8760, n)
    wind: Single  # (8760, n)


def read_profiles(path: Path, batch: int = 1000) -> Iterator[Profiles]:
    """Profiles in batches of at most ``batch`` sites, in the order of the file.

    Raises DatasetError that names the site, the row and what is wrong with it, at the first wrong site.
    """
    names: list[str] = []
    solar, wind = (np.empty((HOURS, batch), dtype=np.float32) for _ in range(2))
    seen: set[str] = set()
    for name, row, outputs in _sites(path):
        if name in seen:
            raise _refusal(path, row, "site", name, "the rows of a site stand together; sort the file by site and hour")
        seen.add(name)
        solar[:, len(names)], wind[:, len(names)] = outputs
        names.append(name)
        if len(names) == batch:
            yield Profiles(tuple(names), solar, wind)
            names = []
            solar, wind = np.empty_like(solar), np.empty_like(wind)
    if names:
        yield Profiles(tuple(names), solar[:, : len(names)].copy(), wind[:, : len(names)].copy())
    elif not seen:
        raise _refusal(path, 0, "", "", "the file has no rows; export the profiles again")


type _Site = tuple[str, int, tuple[Single, Single]]


def _sites(path: Path) -> Iterator[_Site]:
    """Each site with the row at which it starts and its two outputs, whatever the size of the file's groups."""
    held: tuple[Labels, Ints, Single, Single] | None = None
    first = 2  # as a person counts: the header is row 1
    for chunk in _chunks(path):
        site, hour, solar, wind = (
            chunk if held is None else tuple(np.concatenate([old, new]) for old, new in zip(held, chunk, strict=True))
        )
        edges = np.flatnonzero(site[1:] != site[:-1]) + 1
        starts = np.concatenate([[0], edges])
        for start, end in pairwise(starts):
            yield _checked(path, first + int(start), site[start], hour[start:end], solar[start:end], wind[start:end])
        last = int(starts[-1])
        held = site[last:], hour[last:], solar[last:], wind[last:]
        first += last
    if held is not None:
        yield _checked(path, first, held[0][0], *held[1:])


def _chunks(path: Path) -> Iterator[tuple[Labels, Ints, Single, Single]]:
    """The file's columns in pieces, none of them empty."""
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise _refusal(path, 0, "", "", f"this is no readable Parquet file ({error}); export it again") from error
    missing = [name for name in COLUMNS if name not in file.schema_arrow.names]
    if missing:
        found = ", ".join(file.schema_arrow.names)
        raise _refusal(path, 0, ", ".join(missing), found, f"these columns are missing; {LAYOUT}")
    for piece in file.iter_batches(batch_size=ROWS, columns=list(COLUMNS)):
        if not piece.num_rows:
            continue
        try:
            site = np.asarray(piece["site"].cast(pa.string()).to_numpy(zero_copy_only=False), dtype=object)
            hour = piece["hour"].cast(pa.int64()).to_numpy(zero_copy_only=False)
            solar, wind = (
                piece[name].cast(pa.float32(), safe=False).to_numpy(zero_copy_only=False) for name in ("solar", "wind")
            )
        except pa.ArrowException as error:
            raise _refusal(path, 0, "", "", f"a column has the wrong type ({error}); {LAYOUT}") from error
        yield site, hour, solar, wind


def _checked(path: Path, row: int, name: str, hour: Ints, solar: Single, wind: Single) -> _Site:
    """The site, if it has every hour once, in order, with possible outputs."""
    if len(hour) != HOURS:
        raise _refusal(
            path, row, "hour", f"{len(hour)} hours of {name}", f"a site has {HOURS} hours; leave out 29 February"
        )
    wrong = np.flatnonzero(np.asarray(hour) != np.arange(HOURS))
    if len(wrong):
        at = int(wrong[0])
        raise _refusal(
            path, row + at, "hour", str(hour[at]), f"hour {at} of site {name} was due; sort by site and hour"
        )
    for column, output in (("solar", solar), ("wind", wind)):
        wrong = np.flatnonzero(~((output >= 0) & (output <= GREATEST)))
        if len(wrong):
            at = int(wrong[0])
            rule = f"output of site {name} is given as a share of capacity, 0 .. 1 in every hour"
            raise _refusal(path, row + at, column, str(output[at]), rule)
    return str(name), row, (solar, wind)


def _refusal(path: Path, row: int, column: str, value: str, rule: str) -> DatasetError:
    return DatasetError(str(path), [Problem(path.name, row, column, value, rule)])
