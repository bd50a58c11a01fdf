"""Texts in CSV files that a spreadsheet must not take for a formula.

Names of plants, owners and scenarios come from anybody's data. A spreadsheet computes a cell that begins with one of a
few characters, so such texts get an apostrophe before them, which spreadsheets read as "this is text".
"""

from __future__ import annotations

from typing import Final

import pandas as pd

STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet compute a cell (OWASP, CSV injection)."""


def harmless(text: object) -> str:
    """The text, with an apostrophe before it if a spreadsheet would compute it; a plain number stays a number.

    >>> harmless("=1+1"), harmless("-3.5"), harmless("reference"), harmless("@SUM(A1)")
    ("'=1+1", '-3.5', 'reference', "'@SUM(A1)")
    """
    shown = str(text)
    if not shown.startswith(STARTS):
        return shown
    try:
        float(shown)
    except ValueError:
        return f"'{shown}"
    return shown


def harmless_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text and column name harmless; numbers are left alone."""
    safe = frame.rename(columns={name: harmless(name) for name in frame.columns if isinstance(name, str)})
    for position, (_, column) in enumerate(frame.items()):
        if not pd.api.types.is_numeric_dtype(column):
            kinds = {text: harmless(text) for text in column.dropna().unique() if isinstance(text, str)}
            if any(text != held for text, held in kinds.items()):
                safe.isetitem(position, [kinds.get(value, value) for value in column])
    return safe
