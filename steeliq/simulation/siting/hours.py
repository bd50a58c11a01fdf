"""Real hours as rows of the dataset's table `site_hours`: one for each site, part and day, with 24 columns.

In the dataset they are covered by its hash, copied with it, checked with it and repeated with it, which a file beside
it would not be. Four decimals are kept: a ten-thousandth of capacity is finer than any weather record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from steeliq.errors import DatasetError, Problem
from steeliq.simulation.siting.importer import Profiles, read_profiles
from steeliq.simulation.siting.profiles import HOURS

COLUMNS: Final = tuple(f"h{hour:02d}" for hour in range(24))
DAYS: Final = HOURS // len(COLUMNS)
SOURCE: Final = "own-hours"
DECIMALS: Final = 4


def hours_of(rows: pd.DataFrame) -> tuple[Profiles, ...]:
    """The profiles in the table `site_hours`, checked as the dataset is; nothing where it has no rows.

    >>> hours_of(pd.DataFrame(columns=["site", "part", "day", *COLUMNS]))
    ()
    """
    if rows.empty:
        return ()
    ordered = rows.sort_values(["site", "part", "day"])
    names = tuple(str(name) for name in ordered["site"].unique())
    values = ordered[list(COLUMNS)].to_numpy(dtype=np.float32).reshape(len(names), 2, HOURS)
    solar, wind = (np.ascontiguousarray(values[:, part].T) for part in range(2))  # in the order of the alphabet
    return (Profiles(names, solar, wind),)


def table_of(batches: Iterable[Profiles]) -> pd.DataFrame:
    """Rows of the table `site_hours`, without provenance."""
    parts = []
    for batch in batches:
        for n, name in enumerate(batch.names):
            for part, output in (("solar", batch.solar), ("wind", batch.wind)):
                values = np.round(np.clip(output[:, n].astype(float), 0.0, 1.0), DECIMALS).reshape(DAYS, len(COLUMNS))
                days = pd.DataFrame(values, columns=list(COLUMNS))
                days.insert(0, "day", np.arange(1, DAYS + 1))
                days.insert(0, "part", part)
                days.insert(0, "site", name)
                parts.append(days)
    return pd.concat(parts, ignore_index=True)


def check_sites(names: Iterable[str], known: Sequence[str], where: Path) -> None:
    """Raise DatasetError for sites that the dataset does not have."""
    unknown = sorted(set(names) - set(known))
    if unknown:
        rule = "the dataset's table sites has no such site; add it there or leave it out of the file"
        raise DatasetError(str(where), [Problem("sites", 0, "site", name, rule) for name in unknown])


def with_hours(
    tables: Mapping[str, pd.DataFrame], file: Path, origin: str = "", name: str = ""
) -> dict[str, pd.DataFrame]:
    """The tables of a dataset with the hours of a file; other sites keep those they have.

    ``origin`` says where the hours come from, for the table `sources`; ``name`` is what its user calls the file.
    Raises DatasetError if the file is wrong or has a site that the dataset lacks.
    """
    made = table_of(read_profiles(file)).assign(source=SOURCE, quality="C")
    check_sites(made["site"].unique(), list(tables["sites"]["site"]), file)
    kept = tables["site_hours"]
    kept = kept[~kept["site"].isin(made["site"].unique())]
    told = {
        "source": SOURCE,
        "title": origin or "Hourly output of solar and wind power",
        "publisher": "the user of this dataset",
        "year": "as the source",
        "licence": "as the source",
        "note": f"From {name or file.name}, {made['site'].nunique()} sites, rounded to {DECIMALS} decimals.",
    }
    sources = tables["sources"]
    sources = pd.concat([sources[sources["source"] != SOURCE], pd.DataFrame([told])], ignore_index=True)
    return dict(tables) | {"site_hours": pd.concat([kept, made], ignore_index=True), "sources": sources}
