"""A checked dataset: what the simulation may rely on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd


@dataclass(frozen=True, slots=True)
class Dataset:
    """All tables of ``columns.csv``, valid, in canonical units and order.

    ``tables``: by name, one frame each: columns in the order of the schema, rows sorted by key and numbered
    from 0; text is ``str`` ('' where an optional text is absent), whole numbers ``int64``, amounts ``float64``
    (NaN where an optional amount is absent), yes/no ``bool``. Tables without rows are present and empty.
    ``hash``: SHA-256 of the content, the same however the files are arranged.
    """

    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    hash: str
    name: str
    title: str
    version: str
    path: Path

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]
