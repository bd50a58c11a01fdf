"""Pages of the ensembles: the list, one ensemble, its figures, its members, two of them beside each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from steeliq.ensemble import store
from steeliq.ensemble.members import dataset_factors
from steeliq.errors import AnalysisError, SteeliqError
from steeliq.simulation.results.report.charts import Chart
from steeliq.simulation.results.report.charts import short as short_number
from steeliq.webui.core.downloads import file_response
from steeliq.webui.ensembles import charts_causes, comparing, exports
from steeliq.webui.ensembles.draft import METHODS, subject, told
from steeliq.webui.ensembles.figures import MAKERS, figure_file, figure_json, shown, told_of
from steeliq.webui.ensembles.launch import run_of
from steeliq.webui.ensembles.members import MOST, columns, ranges_of, rows, within
from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.ensembles.reading import Asked, Results, asked_of, open_ensemble
from steeliq.webui.ensembles.targets import missing
from steeliq.webui.explore.writings import TYPES, compact, drawing, written
from steeliq.webui.runs import logs
from steeliq.webui.runs.launch import short_name
from steeliq.webui.runs.models import ALIVE, State
from steeliq.webui.runs.removal import IN_BIN
from steeliq.webui.runs.showing import duration

FAILURES = 50
"""Failed members that are told one by one."""

TABS = (("", "Overview"), ("figures/", "Figures"), ("members/", "Members"))


def find(key: str) -> Ensemble:
    """The ensemble of an address."""
    ensemble = Ensemble.objects.filter(key=key).first()
    if ensemble is None:
        raise Http404(f"there is no ensemble {key}")
    return ensemble


@require_safe
def ensembles(request: HttpRequest) -> HttpResponse:
    """All ensembles, newest first."""
    everything = list(Ensemble.objects.filter(binned=None))
    binned = [(one, one.binned + IN_BIN) for one in Ensemble.objects.exclude(binned=None) if one.binned]
    context = {
        "lines": [_line(one) for one in everything],
        "alive": any(one.is_alive for one in everything),
        "binned": binned,
        "days": IN_BIN.days,
        "two": len([one for one in everything if one.done]) > 1,
    }
    part = "#list" if "HX-Request" in request.headers else ""
    return render(request, f"ensembles/ensembles.html{part}", context)


def _line(ensemble: Ensemble) -> dict[str, Any]:
    running = ensemble.state == State.RUNNING
    return {
        "ensemble": ensemble,
        "percent": round(100 * ensemble.fraction),
        "left": f"about {duration(ensemble.left)} left" if running and ensemble.left is not None else "",
        "rate": f"{ensemble.rate:,.0f} members an hour" if running and ensemble.rate else "",
        "took": duration(ensemble.seconds) if ensemble.seconds else "",
    }


@require_safe
def ensemble(request: HttpRequest, key: str) -> HttpResponse:
    """One ensemble: how far, what failed, what it varies, where it comes from."""
    found = find(key)
    return render(request, "ensembles/ensemble.html", _common(found, "") | _live(found) | _described(found))


@require_safe
def live(request: HttpRequest, key: str) -> HttpResponse:
    """The part of its page that changes while it is computed."""
    return render(request, "ensembles/live.html", _live(find(key)))


def _common(ensemble: Ensemble, here: str) -> dict[str, Any]:
    tabs = [(f"{ensemble.page}{slug}", label, slug == here) for slug, label in TABS]
    return {"ensemble": ensemble, "tabs": tabs}


def _live(ensemble: Ensemble) -> dict[str, Any]:
    context: dict[str, Any] = {"ensemble": ensemble, "line": _line(ensemble), "log": logs.tail(ensemble)}
    failures = store.read_failures(ensemble.path)
    context |= {"failures": failures[:FAILURES], "more_failures": max(0, len(failures) - FAILURES)}
    if ensemble.state not in ALIVE:
        context["exports"] = exports.KINDS if ensemble.done else ()
        try:
            context["document"] = store.read_document(ensemble.path)
        except SteeliqError as error:
            context["missing"] = str(error) if ensemble.is_done else ""
    return context


def _described(ensemble: Ensemble) -> dict[str, Any]:
    from steeliq.ensemble.design import parse_design
    from steeliq.webui.runs.assumptions import changed

    try:
        design = parse_design(ensemble.design, f"design of {ensemble.name}")
    except SteeliqError as error:
        return {"design_error": str(error)}
    return {
        "design": design,
        "method": METHODS[design.method][0],
        "factors": [(factor.name, subject(factor), told(factor)) for factor in design.factors],
        "correlations": [(" and ".join(one.factors), one.value) for one in design.correlations],
        "changed": changed(design.base),
    }


@require_safe
def design(request: HttpRequest, key: str) -> HttpResponse:
    """The design as a file."""
    del request
    found = find(key)
    return file_response(f"{short_name(found)}.toml", found.design.encode(), "application/toml; charset=utf-8")


type View = Callable[..., HttpResponse]


def with_results(view: View) -> View:
    """Hand the view the row, its results and what is asked; one without results gets a page that says so."""

    @require_safe
    @wraps(view)
    def opened(request: HttpRequest, key: str, **rest: Any) -> HttpResponse:
        ensemble = find(key)
        try:
            results = open_ensemble(ensemble.path)
            return view(request, ensemble, results, asked_of(results, request.GET), **rest)
        except SteeliqError as error:
            if request.path.endswith(".json"):
                return JsonResponse({"problem": str(error)}, status=409)
            waiting = isinstance(error, AnalysisError) or ensemble.is_alive
            context = _common(ensemble, request.path.removeprefix(ensemble.page)) | {
                "problem": "" if waiting else str(error),
                "alive": ensemble.is_alive,
            }
            return render(request, "ensembles/nothing.html", context, status=200 if waiting else 409)

    return opened


@with_results
def figures(request: HttpRequest, ensemble: Ensemble, results: Results, asked: Asked) -> HttpResponse:
    """Figures of one output in one year, and where its target is missed."""
    context = _asking(ensemble, results, asked, "figures/") | {
        "figures": [(name, name == "fan") for name in shown(results)],
        "missing": missing(results, asked),
    }
    part = "#targets" if request.headers.get("X-Fragment") else ""
    return render(request, f"ensembles/figures.html{part}", context)


def _asking(ensemble: Ensemble, results: Results, asked: Asked, here: str) -> dict[str, Any]:
    return _common(ensemble, here) | {
        "results": results,
        "asked": asked,
        "output": results.outputs[asked.output],
        "target": "" if asked.target is None else f"{asked.target:g}",
        "hash": results.short_hash,
        "count": len(results.done),
        "whole": len(results.members),
    }


@with_results
def figure(
    request: HttpRequest, ensemble: Ensemble, results: Results, asked: Asked, name: str, kind: str
) -> HttpResponse:
    """One figure as JSON for drawing, or as CSV or Excel for taking away."""
    if (name not in MAKERS and name != "parallel") or kind not in (*TYPES, "json"):
        raise Http404
    if name == "parallel":
        return _parallel(request, ensemble, results, asked, kind)
    if kind == "json":
        return HttpResponse(figure_json(results, ensemble.name, name, asked), content_type="application/json")
    try:
        content = figure_file(results, ensemble.name, name, asked, kind, request.GET.get("frame"))
    except KeyError as error:
        raise Http404 from error
    return file_response(f"{name}-{results.short_hash}.{kind}", content, TYPES[kind])


def _parallel(request: HttpRequest, ensemble: Ensemble, results: Results, asked: Asked, kind: str) -> HttpResponse:
    kept = within(results, asked, ranges_of(results, asked, request.GET)).index
    chart: Chart = charts_causes.parallel(results, asked, kept)
    about = told_of(results, ensemble.name, asked)
    if kind == "json":
        return HttpResponse(compact(drawing(chart, about)), content_type="application/json")
    return file_response(f"parallel-{results.short_hash}.{kind}", written(chart, kind, None, about), TYPES[kind])


@with_results
def members(request: HttpRequest, ensemble: Ensemble, results: Results, asked: Asked) -> HttpResponse:
    """All members as lines and as a table, narrowed by ranges."""
    ranges = ranges_of(results, asked, request.GET)
    found = within(results, asked, ranges)
    sort = request.GET.get("sort", "member")
    context = _asking(ensemble, results, asked, "members/") | {
        "ranges": ranges,
        "narrowed": any(one.low or one.high or any(chosen for _, chosen in one.levels) for one in ranges),
        "columns": columns(results, asked, sort),
        "rows": rows(results, found, request.GET),
        "found": len(found),
        "most": MOST,
        "sort": sort,
    }
    part = "#found" if request.headers.get("X-Fragment") else ""
    return render(request, f"ensembles/members.html{part}", context)


@with_results
def member(request: HttpRequest, ensemble: Ensemble, results: Results, asked: Asked, member: int) -> HttpResponse:
    """One member: its values, its outputs, its run in full."""
    if member not in results.members.index:
        raise Http404(f"there is no member {member}")
    row: Any = results.members.loc[member]
    outputs = _outputs(results, member) if member in set(results.done) else []
    try:
        run = run_of(ensemble, member)
    except SteeliqError:
        run = None
    values = [
        (factor.name, subject(factor), short_number(row[factor.name]) if factor.numeric else str(row[factor.name]))
        for factor in results.design.factors
    ]
    context = _asking(ensemble, results, asked, "members/") | {
        "member": member,
        "point": int(row["point"]),
        "seed": int(row["agent_seed"]),
        "values": values,
        "outputs": outputs,
        "run": run,
        "changes_data": bool(dataset_factors(results.design)),
        "failure": next((one for one in store.read_failures(ensemble.path) if one["member"] == member), None),
    }
    return render(request, "ensembles/member.html", context)


def _outputs(results: Results, member: int) -> list[dict[str, str]]:
    """First and last year's value of every output of a member."""
    import pandas as pd

    frame = pd.read_parquet(store.result_path(results.folder, member))
    frame = frame[frame["area"] == "world"]
    wide: Any = frame.pivot(index="output", columns="year", values="value")
    first, last = results.years[0], results.years[-1]
    return [
        {
            "words": told.words,
            "name": name,
            "unit": told.unit,
            "first": short_number(float(wide.at[name, first])),
            "last": short_number(float(wide.at[name, last])),
        }
        for name, told in results.outputs.items()
        if name in wide.index
    ]


@require_safe
def export(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """An ensemble as one file."""
    ensemble = find(key)
    wanted = next((one for one in exports.KINDS if one.slug == kind), None)
    if wanted is None:
        raise Http404(f"there is no export {kind}")
    try:
        return file_response(exports.file_name(ensemble, wanted), exports.content(ensemble, wanted), wanted.media)
    except (SteeliqError, OSError) as error:
        messages.error(request, str(error))
        return redirect(ensemble.page)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Two ensembles: bands on one chart, what differs in their assumptions; with fewer, the choice of two."""
    offered = list(Ensemble.objects.filter(binned=None, done__gt=0))
    chosen, problem = comparing.chosen(request.GET)
    context: dict[str, Any] = {"offered": offered, "keys": [one.ensemble.key for one in chosen], "problem": problem}
    if len(chosen) == 2:
        output = comparing.output_of(chosen, request.GET.get("output", ""))
        chart = comparing.chart_of(chosen, output)
        context |= {
            "chosen": chosen,
            "outputs": comparing.common_outputs(chosen),
            "output": output,
            "differences": comparing.differences(chosen),
            "spans": comparing.spans(chosen, output),
            "chart_data": {chart.id: drawing(chart, comparing.told_of(chosen, output))},
            "chart": chart,
            "hash": comparing.told_of(chosen, output).hash,
        }
    return render(request, "ensembles/compare.html", context)


@require_safe
def compare_figure(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """The rows of the figure of a comparison as CSV, Excel or JSON."""
    chosen, problem = comparing.chosen(request.GET)
    if len(chosen) != 2 or problem or name != "two-fans" or kind not in TYPES:
        raise Http404
    output = comparing.output_of(chosen, request.GET.get("output", ""))
    about = comparing.told_of(chosen, output)
    content = written(comparing.chart_of(chosen, output), kind, None, about)
    return file_response(f"two-fans-{about.hash}.{kind}", content, TYPES[kind])
