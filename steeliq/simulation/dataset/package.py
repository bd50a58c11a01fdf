"""Writes a dataset folder: CSV files and the Frictionless ``datapackage.json`` (v2) that describes them.

The same tables always give the same bytes. Each file appears whole or not at all, the description last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from steeliq.atomic import write_bytes_atomically, write_text_atomically
from steeliq.simulation.dataset.canonical import canonical, csv_text
from steeliq.simulation.dataset.files import DESCRIPTOR
from steeliq.simulation.dataset.schema import Column, Table, schema

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def write_package(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    name: str,
    title: str,
    description: str,
    version: str,
) -> None:
    """Write ``tables`` (canonical units) to ``folder``, which is made if need be.

    Tables that may be empty may be left out. Nothing is checked beyond the columns: load the folder to check it.
    Raises ``ValueError`` for an unknown table and ``KeyError`` for a missing column.
    """
    unknown = sorted(set(tables) - set(schema()))
    if unknown:
        raise ValueError(f"no such tables: {', '.join(unknown)}")
    folder.mkdir(parents=True, exist_ok=True)
    frames = {key: canonical(tables[key], table) for key, table in schema().items() if key in tables}
    contents = {key: csv_text(frame, schema()[key]).encode() for key, frame in frames.items()}
    for key, content in contents.items():
        write_bytes_atomically(folder / f"{key}.csv", content)
    document = {
        "$schema": _PROFILE,
        "name": name,
        "title": title,
        "description": description,
        "version": version,
        "sources": _sources(frames.get("sources")),
        "resources": [_resource(schema()[key], content, set(contents)) for key, content in contents.items()],
    }
    write_text_atomically(folder / DESCRIPTOR, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _sources(sources: pd.DataFrame | None) -> list[dict[str, str]]:
    """The Frictionless form of the sources: title, and the rest under names of our own."""
    if sources is None:
        return []
    return [
        {
            "title": row["title"],
            "key": row["source"],
            "publisher": row["publisher"],
            "year": row["year"],
            "licence": row["licence"],
        }
        for row in sources.to_dict("records")
    ]


def _resource(table: Table, content: bytes, present: set[str]) -> dict[str, Any]:
    described: dict[str, Any] = {"fields": [_field(column) for column in table.columns], "missingValues": [""]}
    if table.key:
        described["primaryKey"] = list(table.key)
    references = [
        _foreign_key(column, *column.reference)
        for column in table.columns
        if column.reference and column.reference[0] in present
    ]
    if references:
        described["foreignKeys"] = references
    return {
        "name": table.name,
        "type": "table",
        "path": f"{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": described,
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": column.type}
    if column.unit:
        field["unit"] = column.unit
    field["description"] = column.description
    constraints = _constraints(column)
    if constraints:
        field["constraints"] = constraints
    return field


def _constraints(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if column.optional else {"required": True}
    if column.choices:
        constraints["enum"] = list(column.choices)
    low, high, _ = column.bounds
    if column.type in {"number", "integer"}:
        kind = int if column.type == "integer" else float
        if low > float("-inf"):
            constraints["minimum"] = kind(low)
        if high < float("inf"):
            constraints["maximum"] = kind(high)
    return constraints


def _foreign_key(column: Column, table: str, key: str) -> dict[str, Any]:
    return {"fields": [column.name], "reference": {"resource": "" if table == column.table else table, "fields": [key]}}
