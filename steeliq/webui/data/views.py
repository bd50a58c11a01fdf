"""Pages that show datasets: the list, one dataset, its checks, sources, map, import account and downloads."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from steeliq.errors import DatasetError
from steeliq.simulation.dataset.schema import schema
from steeliq.webui.core.downloads import csv_response, file_response
from steeliq.webui.data import library
from steeliq.webui.data.library import Entry, NoSuchDataset
from steeliq.webui.data.plant_map import plant_map
from steeliq.webui.data.table_view import QUALITY
from steeliq.webui.data.texts import GROUPS
from steeliq.webui.data.uploads import LARGEST
from steeliq.webui.explore.writings import TYPES, Told, drawing, written


def found(key: str) -> Entry:
    """The dataset of an address; an unknown one is no page."""
    try:
        return library.entry(key)
    except NoSuchDataset as error:
        raise Http404(str(error)) from error


type View = Callable[..., HttpResponse]


def or_checks(view: View) -> View:
    """Where the dataset cannot be read, lead to its checks, which say why."""

    @wraps(view)
    def shown(request: HttpRequest, key: str, **rest: Any) -> HttpResponse:
        try:
            return view(request, key, **rest)
        except DatasetError:
            return redirect("data:checks", key=key)

    return shown


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All datasets, what can be done with them, and the way in for new ones."""
    rows = [{"entry": one} | _state(one) for one in library.entries()]
    usable = [row["entry"] for row in rows if not row["problems"]]
    return render(request, "data/index.html", {"rows": rows, "bases": usable, "largest": LARGEST // 1_000_000})


def _state(one: Entry) -> dict[str, Any]:
    problems = library.problems_of(one)
    if problems:
        return {"problems": len(problems), "hash": "", "plants": 0, "rows": 0}
    opened = library.opened(one)
    return {
        "problems": 0,
        "hash": opened.hash[:12],
        "plants": len(opened["plants"]),
        "rows": sum(len(frame) for frame in opened.tables.values()),
    }


@require_safe
@or_checks
def dataset(request: HttpRequest, key: str) -> HttpResponse:
    """What a dataset holds."""
    one = found(key)
    opened = library.opened(one)
    groups = [
        (group, [(name, text, len(opened[name])) for name, text in tables.items()]) for group, tables in GROUPS.items()
    ]
    context = {"one": one, "hash": opened.hash, "groups": groups, "tab": "tables"}
    return render(request, "data/dataset.html", context)


@require_safe
def checks(request: HttpRequest, key: str) -> HttpResponse:
    """Everything that the checks say about a dataset."""
    one = found(key)
    problems = library.problems_of(one)
    context: dict[str, Any] = {"one": one, "problems": problems, "tab": "checks", "tables": len(schema())}
    if not problems:
        opened = library.opened(one)
        marks = dict.fromkeys(QUALITY, 0)
        for name, frame in opened.tables.items():
            if name != "sources":
                for mark, count in frame["quality"].value_counts().items():
                    marks[str(mark)] += int(count)
        total = sum(marks.values()) or 1
        context |= {
            "hash": opened.hash,
            "rows": sum(len(frame) for frame in opened.tables.values()),
            "marks": [(mark, QUALITY[mark], count, 100 * count / total) for mark, count in marks.items()],
        }
    return render(request, "data/checks.html", context)


@require_safe
@or_checks
def licences(request: HttpRequest, key: str) -> HttpResponse:
    """Where the rows come from and under which terms."""
    one = found(key)
    opened = library.opened(one)
    used: dict[str, list[tuple[str, int]]] = {}
    for name, frame in opened.tables.items():
        if name != "sources":
            for source, count in frame["source"].value_counts().items():
                used.setdefault(str(source), []).append((name, int(count)))
    sources = [row | {"used": sorted(used.get(row["source"], []))} for row in opened["sources"].to_dict("records")]
    return render(request, "data/licences.html", {"one": one, "sources": sources, "tab": "licences"})


@require_safe
@or_checks
def plant_map_page(request: HttpRequest, key: str) -> HttpResponse:
    """The map of plants."""
    one = found(key)
    chart = plant_map(library.opened(one))
    return render(request, "data/map.html", {"one": one, "chart": chart, "tab": "map", "hash": _short(one)})


@require_safe
def map_figure(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """The map's chart for drawing, or its rows as a file."""
    one = found(key)
    try:
        chart = plant_map(library.opened(one))
    except DatasetError as error:
        return JsonResponse({"problem": str(error)[:500]}, status=409)
    told = Told("all plants", one.title, _short(one), "Dataset")
    if kind == "json":
        return JsonResponse(drawing(chart, told))
    if kind not in TYPES:
        raise Http404
    try:
        content = written(chart, kind, request.GET.get("frame"), told)
    except KeyError as error:
        raise Http404 from error
    return file_response(f"plants-{_short(one)}.{kind}", content, TYPES[kind])


def _short(one: Entry) -> str:
    return library.opened(one).hash[:8]


def _account(one: Entry) -> dict[str, Any]:
    """The account of an import; without a readable one there is no page."""
    try:
        account = json.loads((one.path / library.REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Http404(f"{one.key} has no account of an import") from error
    if not isinstance(account, dict) or not isinstance(account.get("refused"), list):
        raise Http404(f"{one.key} has no account of an import")
    return account


@require_safe
def report(request: HttpRequest, key: str) -> HttpResponse:
    """What an import took, assumed and refused."""
    one = found(key)
    account = _account(one)
    reasons: dict[tuple[str, str], int] = {}
    for row in account["refused"]:
        reason = (str(row["sheet"]), str(row["rule"]))
        reasons[reason] = reasons.get(reason, 0) + 1
    summed = [
        {"sheet": sheet, "rule": rule, "count": count}
        for (sheet, rule), count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    ]
    taken = [row | {"mt": row["capacity"] / 1e6, "base_mt": row["base_capacity"] / 1e6} for row in account["taken"]]
    context = {"one": one, "account": account, "taken": taken, "reasons": summed, "tab": "report"}
    return render(request, "data/report.html", context)


@require_safe
def refused_rows(request: HttpRequest, key: str) -> HttpResponse:
    """The refused rows as CSV."""
    del request
    one = found(key)
    names = ("sheet", "plant", "name", "status", "kind", "capacity", "rule")
    rows = [[str(row.get(name, "")) for name in names] for row in _account(one)["refused"]]
    return csv_response(f"{one.key}-refused.csv", [list(names), *rows])


@require_safe
@or_checks
def workbook(request: HttpRequest, key: str) -> HttpResponse:
    """The dataset as an Excel workbook."""
    del request
    one = found(key)
    content = library.workbook_bytes(one)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return file_response(f"{one.key}.xlsx", content, kind)


@require_safe
def package(request: HttpRequest, key: str) -> HttpResponse:
    """The dataset's files as a zip archive."""
    del request
    one = found(key)
    return file_response(f"{one.key}.zip", library.package_bytes(one), "application/zip")
