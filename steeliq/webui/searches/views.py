"""Pages of the searches: the list, one search with its answer, its figure and its trials."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from steeliq.errors import SteeliqError
from steeliq.webui.core.downloads import file_response
from steeliq.webui.explore.writings import TYPES, compact, drawing, written
from steeliq.webui.runs import logs
from steeliq.webui.runs.launch import short_name
from steeliq.webui.runs.models import State
from steeliq.webui.runs.removal import IN_BIN
from steeliq.webui.runs.showing import duration, time_left
from steeliq.webui.scenarios.wording import value_text
from steeliq.webui.searches import trace, wording
from steeliq.webui.searches.launch import asked_by
from steeliq.webui.searches.models import Search


def find(key: str) -> Search:
    """The search of an address."""
    search = Search.objects.filter(key=key).first()
    if search is None:
        raise Http404(f"there is no search {key}")
    return search


@require_safe
def searches(request: HttpRequest) -> HttpResponse:
    """All searches, newest first."""
    everything = list(Search.objects.filter(binned=None))
    binned = [(one, one.binned + IN_BIN) for one in Search.objects.exclude(binned=None) if one.binned]
    context = {
        "lines": [_line(one) for one in everything],
        "alive": any(one.is_alive for one in everything),
        "binned": binned,
        "days": IN_BIN.days,
    }
    part = "#list" if "HX-Request" in request.headers else ""
    return render(request, f"searches/searches.html{part}", context)


def _line(search: Search) -> dict[str, Any]:
    return {
        "search": search,
        "percent": round(100 * search.fraction),
        "left": time_left(search, timezone.now()),
        "took": duration(search.seconds) if search.seconds else "",
    }


@require_safe
def search(request: HttpRequest, key: str) -> HttpResponse:
    """One search: how far, its answer, its trials, what it asks, where it comes from."""
    found = find(key)
    return render(request, "searches/search.html", _live(found) | _described(found))


@require_safe
def live(request: HttpRequest, key: str) -> HttpResponse:
    """The part of its page that changes while it goes on."""
    return render(request, "searches/live.html", _live(find(key)))


def _live(search: Search) -> dict[str, Any]:
    context: dict[str, Any] = {"search": search, "line": _line(search), "log": logs.tail(search)}
    try:
        found = trace.read(search)
    except (SteeliqError, OSError, ValueError, LookupError) as error:
        return context | {"problem": str(error)}
    context |= {
        "trials": trace.rows(found),
        "count": len(found.trials),
        "several": len(found.question.seeds) > 1,
        "seeds": found.question.seeds,
        "unit": found.output.unit,
        "times": bool(found.question.lever.path),
    }
    if search.state == State.DONE and found.found is not None:
        context |= {
            "answer": wording.answer(search.subject, found.question, found.found),
            "is_met": found.found.value is not None,
            "meaning": wording.meaning(found.question, found.found),
        }
    return context


def _described(search: Search) -> dict[str, Any]:
    from steeliq.webui.runs.assumptions import changed

    try:
        question = asked_by(search)
    except SteeliqError as error:
        return {"question_error": str(error)}
    return {
        "question": question,
        "target": wording.target_of(question.target),
        "range": wording.range_of(question),
        "path": value_text(question.lever.path) if question.lever.path else "",
        "changed": changed(question.base),
    }


@require_safe
def figure(request: HttpRequest, key: str, name: str, kind: str) -> HttpResponse:
    """The trace as JSON for drawing, or as CSV or Excel for taking away."""
    if name != trace.FIGURE or kind not in (*TYPES, "json"):
        raise Http404
    try:
        found = trace.read(find(key))
    except (SteeliqError, OSError, ValueError, LookupError) as error:
        return JsonResponse({"problem": str(error)}, status=409)
    drawn, about = trace.chart(found), trace.about(found)
    if kind == "json":
        return HttpResponse(compact(drawing(drawn, about)), content_type="application/json")
    try:
        content = written(drawn, kind, request.GET.get("frame"), about)
    except KeyError as error:
        raise Http404 from error
    return file_response(f"trace-{key}.{kind}", content, TYPES[kind])


@require_safe
def trace_file(request: HttpRequest, key: str) -> HttpResponse:
    """Every trial in the order in which it was made, as the search keeps it."""
    return _file(request, key, "trace.csv", "text/csv; charset=utf-8")


@require_safe
def scenario_file(request: HttpRequest, key: str) -> HttpResponse:
    """The scenario that was found, as ``steeliq run`` takes it."""
    return _file(request, key, "scenario.toml", "application/toml; charset=utf-8")


def _file(request: HttpRequest, key: str, name: str, media: str) -> HttpResponse:
    del request
    found = find(key)
    try:
        content = (found.path / name).read_bytes()
    except OSError as error:
        raise Http404(f"this search has no {name} yet") from error
    return file_response(f"{short_name(found)}-{name}", content, media)
