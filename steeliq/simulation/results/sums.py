"""Sums that tell whether a run's tables are the ones that were written: one for each table, one for all.

Anybody can recompute them without steeliq. For a table, in its folder::

    sha256sum *.parquet | sha256sum

and for all, the same over the lines ``<sum>  <table>`` in the order of the tables' names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CHUNK: Final = 1 << 20


def digest_of(path: Path) -> str:
    """SHA-256 [hex] of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def table_sums(run_dir: Path) -> dict[str, str]:
    """SHA-256 [hex] of each table of a run, by name: over the lines that ``sha256sum`` writes for its files."""
    folders = sorted(path for path in (run_dir / "tables").glob("*") if path.is_dir())
    return {folder.name: _sum_of({file.name: digest_of(file) for file in _files(folder)}) for folder in folders}


def total_sum(sums: Mapping[str, str]) -> str:
    """SHA-256 [hex] of all tables, from those of each."""
    return _sum_of(sums)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _sum_of(digests: Mapping[str, str]) -> str:
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
