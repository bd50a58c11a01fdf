"""Pages of the runs: the list, one run, and the fragments that are asked for while something runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from steeliq.errors import RunError, SteeliqError
from steeliq.webui.core.downloads import file_response
from steeliq.webui.runs import logs, offers, showing
from steeliq.webui.runs.launch import scenario_of, short_name
from steeliq.webui.runs.models import ALIVE, Run, State
from steeliq.webui.runs.removal import IN_BIN
from steeliq.webui.runs.verified import verified

JUST_NOW = timedelta(seconds=20)
"""A page that was opened before a run ended still learns that it did."""

LOST = (
    "{folder}: result tables are missing or damaged. Put them back from a copy, take in the run’s bundle, or run it "
    "again."
)
"""What its page says of a finished run without results."""


def find(key: str) -> Run:
    """The run of an address."""
    run = Run.objects.filter(key=key).first()
    if run is None:
        raise Http404(f"there is no run {key}")
    return run


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """All runs, newest first, starred before others."""
    everything = Run.objects.filter(binned=None)
    shown = _filtered(everything, request)
    context: dict[str, Any] = {
        "lines": showing.lines(shown),
        "alive": showing.alive_keys(shown),
        "any_runs": everything.exists(),
        "in_bin": Run.objects.exclude(binned=None).count(),
        "tags": showing.tags_in_use(),
        "states": State.choices,
        "asked": {name: request.GET.get(name, "") for name in ("q", "tag", "state", "starred")},
        "scenarios": offers.scenario_offers(),
        "datasets": offers.dataset_offers(),
    }
    return render(request, "runs/runs.html", context)


def _filtered(runs: QuerySet[Run], request: HttpRequest) -> QuerySet[Run]:
    text, tag, state = (request.GET.get(name, "").strip() for name in ("q", "tag", "state"))
    if text:
        runs = runs.filter(Q(name__icontains=text) | Q(notes__icontains=text) | Q(tags__icontains=text) | Q(key=text))
    if tag:
        keys = [run.key for run in runs if tag in run.tag_list]
        runs = runs.filter(key__in=keys)
    if state in State.values:
        runs = runs.filter(state=state)
    if request.GET.get("starred"):
        runs = runs.filter(starred=True)
    return runs.order_by("-starred", "-created", "-id")


@require_safe
def states(request: HttpRequest) -> HttpResponse:
    """The state cells of the runs that the page still watches, and what it is to watch from now on."""
    watched = Run.objects.filter(key__in=request.GET.getlist("key")[:500])
    lines = showing.lines(watched)
    return render(request, "runs/states.html", {"lines": lines, "alive": showing.alive_keys(watched)})


@require_safe
def run(request: HttpRequest, key: str) -> HttpResponse:
    """One run: how far or what it found, what it assumes, where it comes from, what can be done with it."""
    found = find(key)
    context = _live(found) | {"clones": list(found.clones.filter(binned=None)[:10])}
    try:
        scenario = scenario_of(found)
    except SteeliqError as error:
        context["scenario_error"] = str(error)
    else:
        from steeliq.webui.runs.assumptions import changed  # pandas too

        context |= {"changed": changed(scenario), "description": scenario.description, "seed": scenario.seed}
    return render(request, "runs/run.html", context)


@require_safe
def live(request: HttpRequest, key: str) -> HttpResponse:
    """The part of the run's page that changes while it runs."""
    return render(request, "runs/live.html", _live(find(key)))


def _live(run: Run) -> dict[str, Any]:
    context: dict[str, Any] = {"run": run, "line": showing.line(run), "log": logs.tail(run)}
    if run.state not in ALIVE:
        from steeliq.simulation.results.provenance import read_run_json  # pandas: the first page does not wait for it

        try:
            context["document"] = read_run_json(run.path)
        except RunError as error:
            context["missing"] = str(error) if run.is_done else ""
    if run.is_done:
        context["figures"] = showing.figures(run)
        if not context["figures"]:
            context.setdefault("missing", LOST.format(folder=run.path))
        context["verified"] = verified(run)
        context["just_done"] = bool(run.finished and timezone.now() - run.finished < JUST_NOW)
    return context


@require_safe
def verification(request: HttpRequest, key: str) -> HttpResponse:
    """The part of the run's page that changes while the run is verified."""
    found = find(key)
    return render(request, "runs/verification.html", {"run": found, "verified": verified(found)})


@require_safe
def certificate_page(request: HttpRequest, key: str) -> HttpResponse:
    """The certificate, to look at; with ``?save`` to keep."""
    return _certificate(request, key, "html", "text/html; charset=utf-8")


@require_safe
def certificate_file(request: HttpRequest, key: str) -> HttpResponse:
    """The certificate for programs."""
    return _certificate(request, key, "json", "application/json")


def _certificate(request: HttpRequest, key: str, ending: str, media: str) -> HttpResponse:
    found = find(key)
    try:
        content = (found.path / f"certificate.{ending}").read_bytes()
    except OSError as error:
        raise Http404("this run has no certificate; verify it first") from error
    if "save" in request.GET or ending == "json":
        return file_response(f"{short_name(found)}-certificate.{ending}", content, media)
    return HttpResponse(content, content_type=media)


@require_safe
def scenario(request: HttpRequest, key: str) -> HttpResponse:
    """The scenario as a file."""
    del request
    found = find(key)
    return file_response(f"{short_name(found)}.toml", found.scenario.encode(), "application/toml; charset=utf-8")


@require_safe
def binned(request: HttpRequest) -> HttpResponse:
    """Runs in the bin: to take out again, or to delete with their files."""
    runs = [(run, run.binned + IN_BIN) for run in Run.objects.exclude(binned=None).order_by("-binned") if run.binned]
    return render(request, "runs/bin.html", {"runs": runs, "days": IN_BIN.days})
