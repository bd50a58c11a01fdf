"""Real hourly profiles from a Parquet or NetCDF file, in place of the synthetic ones.

A Parquet file has one row per site and hour, a site's rows together and in the order of its hours:

    site   text      the id of a row of the dataset's table `sites`
    hour   integer   0 .. 8759, hours of one year from its first midnight, in any one time zone
    solar  number    output over capacity, 0 .. 1
    wind   number    output over capacity, 0 .. 1

A NetCDF file (`.nc`, classic or 64-bit offset) has the variables `solar` and `wind` over `site` and `hour` (or
`time`), in either order, and `site` with the ids as text. What atlite makes of ERA5 becomes such a file in one line::

    profiles[["solar", "wind"]].to_netcdf("profiles.nc", format="NETCDF3_64BIT")

NetCDF-4 is another format (HDF5) and would take a library that nothing else here needs: it is refused with that line.
Parquet is read site by site, so ten thousand sites need no more memory than a batch of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from steeliq.errors import DatasetError, Problem
from steeliq.simulation.arrays import Ints, Labels
from steeliq.simulation.siting.profiles import HOURS, Single

COLUMNS = ("site", "hour", "solar", "wind")
LAYOUT = "wanted are site (text), hour (whole number), solar and wind (numbers), see docs/data.md"
NETCDF = frozenset({".nc", ".nc3", ".cdf"})
HDF5 = b"\x89HDF"
CLASSIC = 'profiles.to_netcdf("profiles.nc", format="NETCDF3_64BIT")'
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
    for name, row, outputs in _netcdf(path) if path.suffix.lower() in NETCDF else _sites(path):
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


def _netcdf(path: Path) -> Iterator[_Site]:
    """Each site of a NetCDF file; where a row is told, it is the hour of the year."""
    from scipy.io import netcdf_file  # only who brings such a file needs it

    try:
        content = path.read_bytes()
        if content.startswith(HDF5):
            raise _refusal(path, 0, "", "NetCDF-4", f"NetCDF-4 is not read; write the classic form: {CLASSIC}")
        with netcdf_file(BytesIO(content), "r", maskandscale=True) as file:
            found = {name: (one.dimensions, one[:]) for name, one in file.variables.items()}
    except (OSError, TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        raise _refusal(path, 0, "", "", f"this is no readable NetCDF file ({error}); export it again") from error
    missing = [name for name in ("site", "solar", "wind") if name not in found]
    if missing:
        rule = f"these variables are missing; wanted are site, solar and wind, see docs/data.md: {CLASSIC}"
        raise _refusal(path, 0, ", ".join(missing), ", ".join(sorted(found)), rule)
    names = _texts(found["site"][1])
    solar, wind = (_by_site(path, name, *found[name], count=len(names)) for name in ("solar", "wind"))
    hour = np.arange(solar.shape[1]) if "hour" not in found else np.asarray(found["hour"][1]).astype(np.int64)
    for n, name in enumerate(names):
        yield _checked(path, 0, name, hour, solar[n], wind[n])


def _texts(values: Any) -> list[str]:
    """Ids of sites: texts are rows of single letters in this format."""
    cells = np.asarray(values)
    if cells.dtype.kind != "S":
        return [str(cell) for cell in cells.tolist()]
    rows = cells.reshape(len(cells), -1)
    return [b"".join(row).rstrip(b"\0 ").decode("utf-8", "replace") for row in rows.tolist()]


def _by_site(path: Path, name: str, dimensions: tuple[str, ...], values: Any, count: int) -> Single:
    """Output (n, h) of the sites, which is nan where the file marks a value as missing."""
    if sorted(dimensions) not in (["hour", "site"], ["site", "time"]):
        rule = "the variable has other dimensions; wanted are site and hour (or time)"
        raise _refusal(path, 0, name, ", ".join(dimensions), rule)
    output = np.ma.filled(np.ma.asarray(values).astype(np.float32), np.nan)
    output = output if dimensions[0] == "site" else output.T
    if len(output) != count:
        raise _refusal(path, 0, "site", str(count), f"there are {len(output)} sites in {name}; name each of them")
    return np.ascontiguousarray(output)


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
