"""``README.txt``: how to read a run with nothing of steeliq at hand.

That of a run folder is the same text in every run; that beside tables which were taken from a run says from which.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from steeliq.atomic import write_text_atomically
from steeliq.simulation.results.differences import settings
from steeliq.simulation.results.fingerprint import short_hash
from steeliq.simulation.results.iamc import scenario_name
from steeliq.simulation.results.variables import SCHEMA, ResultTable

NAME: Final = "README.txt"

_BEGIN: Final = """\
This folder is one run of steeliq, a simulation of how the world's steel plants decarbonise. Its files are plain:
nothing of steeliq is needed to read them.

run.json       what was simulated, when, with which versions and data, how it ended ("status") and how well it balances
scenario.toml  the settings that differ from the default; steeliq repeats the run from it
tables/        the results: tables/<table>/<year>.parquet, one file for each table and year (Apache Parquet)
reference/     names, places and sources of what the tables name by its code (Apache Parquet)
checkpoint/    the last states of the simulation; needed only to go on with a run that is not complete
certificate.*  if the run was verified (steeliq verify): what came of repeating it and comparing every table

In Python:  pandas.read_parquet("tables/production")    all years of a table
In R:       arrow::open_dataset("tables/production")
In SQL:     SELECT * FROM 'tables/production/*.parquet'  (DuckDB)

"""

_TABLES: Final = """\
Tables and their columns, with units (1: a fraction; where a column 'unit' stands beside it: that one); the table of an
option that was not taken, such as stock, is missing:
"""


def write_readme(run_dir: Path) -> None:
    """Write the text to ``run_dir``, complete or not at all."""
    write_text_atomically(run_dir / NAME, readme_text())


def readme_text() -> str:
    """The text; it holds no time and no place."""
    return f"{_BEGIN}{_all_columns()}"


def facts_of(document: Mapping[str, Any]) -> dict[str, str]:
    """From which run something was taken, for people: what run.json says of its inputs, and their short hash."""
    return {
        "run": f"{short_hash(document)} (the first digits of the SHA-256 of all that decides its results)",
        "years": " to ".join(str(year) for year in document["years"]),
        "status": str(document["status"]),
        "dataset": f"{document['dataset']['name']}, SHA-256 {document['dataset']['hash']}",
        "version": f"{document['code']['version']} {document['code']['commit']}".strip(),
        "seed": str(document["seed"]),
        "money": "real USD of 2024; mass in t; emissions in t CO2 equivalent",
        "scenario": "; ".join(f"{key} = {value}" for key, value in settings(document["differences"]).items())
        or "default",
    }


def export_text(document: Mapping[str, Any]) -> str:
    """The text beside tables that were taken from a run: which run, and what the columns are."""
    facts = "\n".join(f"{name:<9}{text}" for name, text in facts_of(document).items()).replace("; ", f"\n{'':<9}")
    return f"Tables of a run of steeliq: {scenario_name(dict(document))}\n\n{facts}\n\n{_all_columns()}"


def _all_columns() -> str:
    return f"{_TABLES}\n" + "\n".join(_columns(table) for table in SCHEMA.values())


def _columns(table: ResultTable) -> str:
    units = (column.unit if column.unit != "year" else "" for column in table.columns)
    columns = [f"{name}~[{unit}]" if unit else name for name, unit in zip(table.names, units, strict=True)]
    text = textwrap.fill(", ".join(columns), 112, initial_indent=f"{table.name}: ", subsequent_indent="    ")
    return text.replace("~", " ") + "\n"  # a column and its unit stay on one line
