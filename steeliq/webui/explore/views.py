"""Pages of a finished run, or of one that goes on: the years so far."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from steeliq.errors import RunError
from steeliq.simulation.results.differences import differences_from_preset
from steeliq.simulation.results.report.cautions import cautions
from steeliq.simulation.results.report.charts import RunTables
from steeliq.simulation.results.report.key_figures import paragraph
from steeliq.simulation.results.report.laws import by_law, verdict
from steeliq.simulation.results.report.rows import csv_of
from steeliq.webui.compare.assumptions import label_of, meaning_of
from steeliq.webui.core.downloads import file_response
from steeliq.webui.explore import plants
from steeliq.webui.explore.baselines import strip_of
from steeliq.webui.explore.figures import (
    MAKERS,
    PLANT_FIGURES,
    TABS,
    WIDE,
    Tab,
    figure_file,
    figure_json,
)
from steeliq.webui.explore.filters import PARTS, Choices, Filters, choices_of, narrowed, read_filters
from steeliq.webui.explore.series import why_empty
from steeliq.webui.explore.stores import Kept, KeptChoices, open_run, state_of
from steeliq.webui.explore.wording import described, run_hash, summary_of
from steeliq.webui.explore.writings import TYPES
from steeliq.webui.runs.models import Run
from steeliq.webui.scenarios.wording import plain

type View = Callable[..., HttpResponse]

_TOLD: Kept[dict[str, Any]] = Kept(100, lambda _: 1)
"""What an overview says of a run in words, by its state."""

TITLES: Final = {"region": "Region", "country": "Country", "technology": "Technology", "owner": "Owner"}


def with_run(view: View) -> View:
    """Hand the view the row and the tables of the run; a run without results gets a page that says so."""

    @require_safe
    @wraps(view)
    def found(request: HttpRequest, key: str, **rest: Any) -> HttpResponse:
        row = get_object_or_404(Run.objects, key=key)
        try:
            run = open_run(row.path)
            if not run.years:
                return _nothing(request, row, "")
            return view(request, row, run, **rest)
        except RunError as error:
            return _nothing(request, row, str(error))

    return found


def _nothing(request: HttpRequest, row: Run, problem: str) -> HttpResponse:
    if request.path.endswith(".json"):
        return JsonResponse({"problem": problem or "This run has no complete year yet."}, status=409)
    return render(request, "explore/nothing.html", {"row": row, "problem": problem}, status=409 if problem else 200)


def _common(request: HttpRequest, row: Run, run: RunTables, here: str) -> dict[str, Any]:
    choices = KeptChoices.of(row.path, run, choices_of)
    filters = read_filters(request.GET, choices)
    lists = [
        {
            "part": part,
            "title": TITLES[part],
            "summary": summary_of(part, filters, choices),
            "options": [(key, name, key in getattr(filters, part)) for key, name in getattr(choices, part)],
        }
        for part in PARTS
    ]
    return {
        "row": row,
        "run": run,
        "tabs": TABS,
        "tab_here": here,
        "filters": filters,
        "lists": lists,
        "years": run.years,
        "first_year": filters.first or run.years[0],
        "last_year": filters.last or run.years[-1],
        "described": described(run, filters),
        "hash": run_hash(run.document),
        "wide": WIDE,
        "finished": str(run.document.get("status", "")) in ("", "complete"),
    }


def _strip(request: HttpRequest, row: Run, run: RunTables, filters: Filters) -> dict[str, Any]:
    return strip_of(row, run, filters, year=request.GET.get("year", ""), base=request.GET.get("base", ""))


@with_run
def strip(request: HttpRequest, row: Run, run: RunTables) -> HttpResponse:
    """The key figures beside their baseline alone, for exchanging them in the page."""
    context = {"row": row, "years": run.years} | _strip(request, row, run, _filters(request, row, run))
    return render(request, "explore/strip.html#tiles", context)


@with_run
def overview(request: HttpRequest, row: Run, run: RunTables) -> HttpResponse:
    """The run in words and the first charts, under the strip of key figures."""
    context = _common(request, row, run, "overview") | {"tab": TABS[0]} | _differences(run)
    context |= _strip(request, row, run, context["filters"])
    context["told"] = _TOLD.get(state_of(row.path, run.years), lambda: _told(row, run))
    return render(request, "explore/overview.html", context)


def _differences(run: RunTables) -> dict[str, Any]:
    named, differences = differences_from_preset(run.document)
    rows = [(name, *meaning_of(name), plain(text)) for name, text in differences.items()]
    return {
        "differs_from": named,
        "differences": [
            {"name": name, "label": label_of(name), "meaning": meaning, "value": value, "unit": unit}
            for name, meaning, unit, value in rows
        ],
    }


def _told(row: Run, run: RunTables) -> dict[str, Any]:
    laws = by_law(run["audit"])
    return {
        "paragraph": paragraph(run),
        "audit": verdict(laws),
        "holds": bool(laws) and laws[0].holds,
        "cautions": _cautions(row, run),
    }


def _cautions(row: Run, run: RunTables) -> list[dict[str, str]]:
    """What to read before quoting, each with the addresses of the figure that shows it and the page that tells more."""
    return [
        {
            "brief": one.brief,
            "text": one.text,
            "figure": _address_of(row, one.figure),
            "page": "{}/#{}".format(*one.page.split("#")),
        }
        for one in cautions(run)
    ]


def _address_of(row: Run, figure: str) -> str:
    """The first page of the run that has the figure; empty if none has."""
    slug = next((tab.slug for tab in TABS if figure in tab.figures), None)
    if slug is None:
        return ""
    page = reverse("explore:tab", args=[row.key, slug]) if slug != TABS[0].slug else ""
    return f"{page}#{figure}"


@with_run
def tab(request: HttpRequest, row: Run, run: RunTables, slug: str) -> HttpResponse:
    """One page of figures."""
    found: Tab | None = next((tab for tab in TABS[1:] if tab.slug == slug), None)
    if found is None:
        raise Http404
    context = _common(request, row, run, slug) | {"tab": found}
    context |= _strip(request, row, run, context["filters"])
    if found.table and found.table not in run.tables:
        context["nothing"] = why_empty(run, found.table, "")
    if slug == "plants":
        return render(request, "explore/plants.html", context | _plants(request, run, context["filters"]))
    if slug == "audit":
        laws = by_law(run["audit"])
        context |= {"laws": laws, "said": verdict(laws), "facts": run.document}
    return render(request, "explore/tab.html", context)


@with_run
def figure(request: HttpRequest, row: Run, run: RunTables, name: str, kind: str) -> HttpResponse:
    """One figure as JSON for drawing, or as CSV or Excel for taking away."""
    if name not in MAKERS or kind not in (*TYPES, "json"):
        raise Http404
    filters = _filters(request, row, run)
    if kind == "json":
        return HttpResponse(figure_json(run, row.path, name, filters), content_type="application/json")
    try:
        content = figure_file(run, name, filters, kind, request.GET.get("frame"))
    except KeyError as error:
        raise Http404 from error
    return file_response(f"{name}-{run_hash(run.document)}.{kind}", content, TYPES[kind])


def _filters(request: HttpRequest, row: Run, run: RunTables) -> Filters:
    choices: Choices = KeptChoices.of(row.path, run, choices_of)
    return read_filters(request.GET, choices)


def _asked(request: HttpRequest) -> plants.Asked:
    page, year = request.GET.get("page", "1"), request.GET.get("year", "")
    return plants.Asked(
        words=request.GET.get("q", "")[:200],
        sort=request.GET.get("sort", "-production"),
        page=int(page) if page.isdecimal() and len(page) < 6 else 1,
        year=int(year) if year.isdecimal() and len(year) == 4 else None,
    )


def _plants(request: HttpRequest, run: RunTables, filters: Filters) -> dict[str, Any]:
    asked = _asked(request)
    seen, _ = narrowed(run, filters)
    if not seen.years:
        return {"asked": asked, "plants": [], "found": 0, "page": 1, "pages": 1, "columns": [], "year": ""}
    table = plants.plant_rows(seen, asked)
    rows, page, pages = plants.page_of(table, asked.page)
    columns = [
        {
            "name": name,
            "title": title,
            "number": name in plants.NUMBERS,
            "order": "descending" if asked.sort == f"-{name}" else "ascending" if asked.sort == name else "none",
            "next": name if asked.sort == f"-{name}" else f"-{name}",
        }
        for name, title in plants.COLUMNS.items()
    ]
    year = asked.year if asked.year in seen.years else seen.years[-1]
    return {
        "asked": asked, "plants": rows, "found": len(table), "page": page, "pages": pages, "columns": columns,
        "year": year,
    }  # fmt: skip


@with_run
def plants_table(request: HttpRequest, row: Run, run: RunTables) -> HttpResponse:
    """The table of plants alone, for exchanging it in the page."""
    filters = _filters(request, row, run)
    return render(
        request, "explore/plants_table.html", {"row": row, "filters": filters} | _plants(request, run, filters)
    )


@with_run
def plants_csv(request: HttpRequest, row: Run, run: RunTables) -> HttpResponse:
    """All plants that the search and the filter find, as CSV."""
    seen, _ = narrowed(run, _filters(request, row, run))
    head, rows = plants.csv_rows(plants.plant_rows(seen, _asked(request))) if seen.years else ([], [])
    return file_response(f"plants-{run_hash(run.document)}.csv", csv_of(head, rows).encode("utf-8-sig"), TYPES["csv"])


@with_run
def plant(request: HttpRequest, row: Run, run: RunTables, plant: str) -> HttpResponse:
    """One plant: furnace groups, history, decisions and what else was considered."""
    facts = plants.facts_of(run, plant)
    if not facts:
        raise Http404
    context = _common(request, row, run, "plants") | {
        "plant": plant,
        "only_it": urlencode({"plant": plant}),
        "facts": facts,
        "groups": plants.groups_of(run, plant),
        "turns": plants.turns_of(run, plant),
        "choosing": plants.choosing(run),
        "figures": PLANT_FIGURES,
    }
    return render(request, "explore/plant.html", context)
