"""The page of one table, its rows as a file, and the editing of its cells."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from steeliq.errors import DatasetError
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.dataset.schema import Table, schema
from steeliq.webui.core.downloads import csv_response
from steeliq.webui.data import edits, library
from steeliq.webui.data.library import Entry, NotPossible
from steeliq.webui.data.table_view import Wish, matching, rows_of, view
from steeliq.webui.data.texts import about
from steeliq.webui.data.views import found, or_checks

SHOWN = 6
"""Problems beside a cell; the rest is counted."""


def _table(name: str) -> Table:
    if name not in schema():
        raise Http404(f"no table is called {name}")
    return schema()[name]


def wish_of(request: HttpRequest) -> Wish:
    """Search, filters, sorting and page from the address."""
    filters = {name[2:]: str(value) for name, value in request.GET.items() if name.startswith("f.") and value}
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    return Wish(request.GET.get("q", "")[:200], filters, request.GET.get("sort", ""), number)


@require_safe
@or_checks
def table(request: HttpRequest, key: str, table: str) -> HttpResponse:
    """One table: searched, filtered, sorted, a page at a time."""
    one, described = found(key), _table(table)
    opened = library.opened(one)
    wish = wish_of(request)
    context: dict[str, Any] = {
        "one": one,
        "table": table,
        "columns": described.columns,
        "about": about(table),
        "view": view(opened[table], described, wish, _source_titles(opened)),
        "wish": wish,
        "editing_on": one.is_own and "edit" in request.GET,
        "tab": "tables",
    }
    fragment = request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
    return render(request, "data/table.html#rows" if fragment else "data/table.html", context)


def _source_titles(opened: Dataset) -> dict[str, str]:
    return dict(zip(opened["sources"]["source"], opened["sources"]["title"], strict=True))


@require_safe
@or_checks
def rows_csv(request: HttpRequest, key: str, table: str) -> HttpResponse:
    """The rows that the page would show on all its pages, as they stand in the dataset."""
    one, described = found(key), _table(table)
    frame = library.opened(one)[table]
    rows = rows_of(matching(frame, described, wish_of(request)), described, {})
    texts = [[cell.raw for cell in row.cells] for row in rows]
    return csv_response(f"{one.key}-{table}.csv", [list(described.names), *texts])


@require_http_methods(["GET", "HEAD", "POST"])
@or_checks
def cell(request: HttpRequest, key: str, table: str) -> HttpResponse:
    """One row with a cell under the pen (GET), or after a change (POST), as a fragment of the table's page."""
    one, described = found(key), _table(table)
    asked = request.POST if request.method == "POST" else request.GET
    place, column = asked.get("place", ""), asked.get("column", "")
    if not (place.isascii() and place.isdigit() and len(place) < 8) or column not in described.names:
        raise Http404("no such cell")
    context: dict[str, Any] = {"one": one, "table": table, "columns": described.columns, "editing_on": one.is_own}
    try:
        if request.method == "POST":
            context |= _change(one, described, int(place), column, asked.get("mark", ""), asked.get("value", ""))
        elif one.is_own and "cancel" not in asked:
            context |= {"pen": column}
        opened = library.opened(one)
        row = edits.row_of(opened[table], table, int(place), _source_titles(opened))
    except edits.Outdated:
        return _reloaded(request)
    if context.pop("moved", False):
        return _reloaded(request)
    return render(request, "data/row.html", context | {"row": row})


def _change(one: Entry, described: Table, place: int, column: str, mark: str, value: str) -> dict[str, Any]:
    """Try to write; what the row's fragment must say about it."""
    try:
        edits.set_cell(one, described.name, place, mark, described[column], value)
    except DatasetError as error:
        told = [problem for problem in error.problems if problem.table == described.name] or list(error.problems)
        more = len(error.problems) - SHOWN
        return {"pen": column, "typed": value, "problems": told[:SHOWN], "more": max(more, 0)}
    except NotPossible as error:
        return {"pen": column, "typed": value, "refusal": str(error)}
    # a changed key may stand elsewhere now
    return {"moved": described[column].key or not described.key, "saved": column}


def _reloaded(request: HttpRequest) -> HttpResponse:
    """Rows have moved or changed: the whole page anew."""
    del request
    response = HttpResponse(status=200)
    response["HX-Refresh"] = "true"
    return response
