"""Pages of docs/ that follow from tables: every input column, every result column, every source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from steeliq.simulation.dataset import load
from steeliq.simulation.dataset.schema import schema
from steeliq.simulation.results.variables import SCHEMA


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def input_tables(generated: str) -> str:
    """Every table and column of a dataset."""
    parts = [
        generated,
        "# Tables of a dataset\n",
        "A dataset is a folder with `datapackage.json` and one CSV file for each table, or an Excel workbook with one "
        "sheet for each table.\nEvery table but `sources` also has `source` (a key of the table `sources`) and "
        "`quality` (A primary, B secondary, C weak,\nD derived, E estimate). An *area* is a country, a bloc, a region "
        "or WORLD; the most specific row wins. Years between two rows are interpolated, years after the last are held. "
        "Other units of the same kind may be declared in `datapackage.json`.\n",
    ]
    for described in schema().values():
        rows = [
            (f"`{column.name}`", column.type, column.unit, "key" if column.key else "", column.rule, column.description)
            for column in described.columns
            if column.name not in {"source", "quality"} or described.name == "sources"
        ]
        parts.append(f"## {described.name}\n\n{table(('column', 'type', 'unit', '', 'rule', 'meaning'), rows)}\n")
    return "\n".join(parts)


def result_tables(generated: str) -> str:
    """Every table and column of the results."""
    parts = [
        generated,
        "# Tables of a run\n",
        "`<run folder>/tables/<table>/<year>.parquet`, one file for each table and year; any Parquet reader opens them:"
        '\n`pandas.read_parquet("<run folder>/tables/production")` reads all years.\n',
    ]
    for described in SCHEMA.values():
        rows = [(f"`{column.name}`", column.type, column.unit, column.description) for column in described.columns]
        parts.append(f"## {described.name}\n\n{table(('column', 'type', 'unit', 'meaning'), rows)}\n")
    return "\n".join(parts)


def attribution(generated: str) -> str:
    """Where the numbers of the reference dataset come from, and how many rows rest on each source."""
    dataset = load()
    used = pd.concat([rows[["source", "quality"]] for name, rows in dataset.tables.items() if name != "sources"])
    count = used.groupby("source").size()
    marks = used.groupby("source")["quality"].agg(lambda values: " ".join(sorted(set(values))))
    rows = [
        (
            f"`{key}`",
            row["title"],
            row["publisher"],
            row["year"],
            row["licence"],
            count.get(key, 0),
            marks.get(key, ""),
            row["note"],
        )
        for key, row in dataset["sources"].set_index("source").iterrows()
    ]
    head = ("source", "title", "publisher", "year", "licence or terms", "rows", "quality", "what was taken and changed")
    return "\n".join(
        [
            generated,
            "# Sources of the reference dataset\n",
            f"Every row of every table names its source; this is the table `sources` of `{dataset.name}` "
            f"{dataset.version}. Facts and\nfigures are re-typed or compiled by `scripts/compile-dataset`; no file of "
            "a source is passed on.\n",
            table(head, rows) + "\n",
        ]
    )
