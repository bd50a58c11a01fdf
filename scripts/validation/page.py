"""The marked tables of docs/validation.md: reading, comparing and rewriting them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
_MARKED = re.compile(r"(<!-- table: (?P<name>\w+) -->\n)(?P<body>.*?)(<!-- end of table -->)", re.DOTALL)

type Rows = list[list[str]]


def markdown(rows: Rows) -> str:
    """Rows, the first of them the header, as a Markdown table."""
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def tables_in(text: str) -> dict[str, Rows]:
    """The marked tables of a page by name, without the rule below the header."""
    out = {}
    for found in _MARKED.finditer(text):
        lines = [line for line in found["body"].splitlines() if line.startswith("|")]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        out[found["name"]] = cells[:1] + cells[2:]
    return out


def rewritten(text: str, tables: Mapping[str, Rows]) -> str:
    """The page with its marked tables replaced. Raises KeyError for a mark without a table."""
    return _MARKED.sub(lambda found: found[1] + markdown(tables[found["name"]]) + found[4], text)


def differences(old: Mapping[str, Rows], new: Mapping[str, Rows]) -> list[str]:
    """Cells that differ by more than one unit of their last printed digit, as readable lines."""
    out = [f"no table {name}" for name in sorted(set(old) ^ set(new))]
    for name in sorted(set(old) & set(new)):
        if [len(row) for row in old[name]] != [len(row) for row in new[name]]:
            out.append(f"{name}: other rows or columns")
            continue
        for was, now in zip(old[name], new[name], strict=True):
            out += [f"{name}, {now[0]}: {a!r} is now {b!r}" for a, b in zip(was, now, strict=True) if not _same(a, b)]
    return out


def _same(old: str, new: str) -> bool:
    try:
        a, b = float(old.replace(",", "")), float(new.replace(",", ""))
    except ValueError:
        return old == new
    digits = len(new.partition(".")[2])
    return abs(a - b) <= 1.5 * 10.0**-digits
