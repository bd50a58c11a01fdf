"""Files that a page hands out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?", re.IGNORECASE)


def file_response(name: str, content: bytes, kind: str) -> HttpResponse:
    """``content`` as a file to keep."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=name))
    return response


def csv_response(name: str, rows: Iterable[Sequence[str]]) -> HttpResponse:
    """Rows of text as CSV; the mark at the beginning tells spreadsheets that it is UTF-8, and nothing is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return file_response(name, ("\ufeff" + text.getvalue()).encode(), "text/csv; charset=utf-8")


def harmless(cell: str) -> str:
    """The cell's text, with a quote before it where a spreadsheet would take it for a formula.

    >>> harmless("=1+1"), harmless("-2.5"), harmless("a=b")
    ("'=1+1", '-2.5', 'a=b')
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
