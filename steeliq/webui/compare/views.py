"""Pages for comparing runs, taking a run away and taking one in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from steeliq.errors import InputError, Problem, SteeliqError
from steeliq.simulation.results.bundle import SUFFIX
from steeliq.simulation.results.bundle_checks import LARGEST_TOTAL
from steeliq.simulation.results.fingerprint import short_hash
from steeliq.simulation.results.provenance import read_run_json
from steeliq.webui.compare import deltas, exports
from steeliq.webui.compare.again import as_command, as_python
from steeliq.webui.compare.assumptions import different_settings
from steeliq.webui.compare.charts import SHOWN, comparison_charts, country_differences
from steeliq.webui.compare.chosen import FEWEST, MOST, Compared, candidates, chosen_keys, compared
from steeliq.webui.compare.imports import import_run
from steeliq.webui.compare.page import context_of
from steeliq.webui.compare.report import compare_report
from steeliq.webui.core.downloads import file_response
from steeliq.webui.explore.writings import TYPES, Told, drawing, written
from steeliq.webui.runs.launch import scenario_of
from steeliq.webui.runs.models import Run, State

LARGEST_UPLOAD = LARGEST_TOTAL // 4
"""Bytes of a bundle that is looked at."""


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Two to six runs beside each other; with fewer, the choice of runs."""
    keys = chosen_keys(request.GET)
    runs, problems = compared(keys)
    if len(runs) < FEWEST or "pick" in request.GET:
        if len(runs) == 1 and not problems and "pick" not in request.GET:
            problems = [f"{runs[0].label} is chosen; choose at least one more."]
        offered = {"candidates": candidates(), "chosen": keys, "problems": problems, "most": MOST}
        return render(request, "compare/pick.html", offered)
    context: dict[str, Any] = context_of(runs, _against(request, runs), _shown(request))
    context |= {"problems": problems, "shown": _shown(request), "shows": SHOWN.items()}
    if context["years"]:
        told = _told_by(runs)
        context |= {"chart_data": {chart.id: drawing(chart, told) for chart in context["charts"]}, "hash": told.hash}
    return render(request, "compare/compare.html", context)


def _told_by(runs: list[Compared]) -> Told:
    """What stands around every figure of a comparison."""
    years = deltas.common_years(runs)
    period = f"years in common {years[0]} to {years[-1]}, baseline {runs[0].label}"
    return Told(period, ", ".join(run.label for run in runs), "-".join(run.short_hash for run in runs), "Runs")


@require_safe
def figure(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """The rows of one figure of a comparison as CSV, Excel or JSON."""
    runs, refused = _runs(request)
    if refused:
        return refused
    against = _against(request, runs)
    charts = comparison_charts(runs, against, country_differences(runs[0], against), _shown(request))
    chart = next((chart for chart in charts if chart.id == name), None)
    if chart is None or kind not in TYPES:
        raise Http404
    try:
        content = written(chart, kind, request.GET.get("frame"), _told_by(runs))
    except KeyError as error:
        raise Http404 from error
    return file_response(f"{name}.{kind}", content, TYPES[kind])


def _against(request: HttpRequest, runs: list[Compared]) -> Compared:
    """The run that is held against the baseline in maps and tables: ``?against=KEY``, else the second."""
    return next((run for run in runs[1:] if run.key == request.GET.get("against")), runs[1])


def _shown(request: HttpRequest) -> str:
    """What the lines are: values, or differences from the baseline."""
    asked = request.GET.get("show", "")
    return asked if asked in SHOWN else "values"


def _runs(request: HttpRequest) -> tuple[list[Compared], HttpResponse | None]:
    """The runs of a download, or the page that says why there are none."""
    runs, problems = compared(chosen_keys(request.GET))
    if len(runs) >= FEWEST and deltas.common_years(runs):
        return runs, None
    problems = problems or ["A comparison needs at least two runs with a year in common."]
    return [], _problem_page(request, "This comparison cannot be made", problems, back="/compare/")


def _problem_page(
    request: HttpRequest, title: str, problems: list[str], *, back: str, status: int = 409
) -> HttpResponse:
    return render(request, "compare/problems.html", {"title": title, "problems": problems, "back": back}, status=status)


def _named(what: str, runs: list[Compared], ending: str) -> str:
    """Name of a file about several runs: it carries the short hash of each."""
    return "-".join([what, *(run.short_hash for run in runs)]) + ending


@require_safe
def deltas_csv(request: HttpRequest) -> HttpResponse:
    """The delta table, every common year, as CSV."""
    runs, refused = _runs(request)
    name = _named("comparison", runs, ".csv")
    return refused or file_response(name, deltas.csv_text(runs).encode(), "text/csv; charset=utf-8")


@require_safe
def deltas_xlsx(request: HttpRequest) -> HttpResponse:
    """Deltas, assumptions, countries and runs as a workbook."""
    runs, refused = _runs(request)
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return refused or file_response(_named("comparison", runs, ".xlsx"), deltas.workbook(runs), media)


@require_safe
def assumptions_csv(request: HttpRequest) -> HttpResponse:
    """The settings that differ, as CSV."""
    runs, refused = _runs(request)
    if refused:
        return refused
    text = deltas.settings_csv(different_settings(runs), runs)
    return file_response(_named("assumptions", runs, ".csv"), text.encode(), "text/csv; charset=utf-8")


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The comparison as one HTML file."""
    runs, refused = _runs(request)
    if refused:
        return refused
    content = compare_report(runs, _against(request, runs), _shown(request)).encode()
    return file_response(_named("comparison", runs, ".html"), content, "text/html; charset=utf-8")


@require_safe
def export(request: HttpRequest, key: str) -> HttpResponse:
    """Everything in which a run can be taken away, and how to repeat it elsewhere."""
    run = get_object_or_404(Run.objects, key=key)
    if run.state != State.DONE:
        problem = f"{run.name} is not finished ({run.get_state_display().lower()}); export it when it is."
        return _problem_page(request, "Nothing to export yet", [problem], back=f"/runs/{key}/")
    try:
        document = read_run_json(run.path)
        dataset, missing = exports.dataset_of(run)
        scenario = scenario_of(run)
        context: dict[str, Any] = {
            "run": run,
            "hash": short_hash(document),
            "kinds": [
                (kind, exports.file_name(run, kind), [(more, exports.file_name(run, more)) for more in kind.more])
                for kind in exports.KINDS
            ],
            "dataset": dataset,
            "missing": missing,
            "command": as_command(scenario, dataset=run.dataset, out=f"run-{key}"),
            "python": as_python(
                scenario, dataset=run.dataset, dataset_hash=document["dataset"]["hash"], out=f"run-{key}"
            ),
        }
    except (SteeliqError, OSError) as error:
        return _problem_page(request, "This run cannot be exported", _told(error), back=f"/runs/{key}/")
    return render(request, "compare/export.html", context)


@require_safe
def export_file(request: HttpRequest, key: str, slug: str) -> HttpResponseBase:
    """One export as a file."""
    run, kind = get_object_or_404(Run.objects, key=key), exports.kind_of(slug)
    back = f"/compare/export/{key}/"
    if kind is None:
        known = ", ".join(kind.slug for kind in exports.KINDS)
        return _problem_page(request, "There is no such export", [f"Known are {known}."], back=back, status=404)
    if run.state != State.DONE:
        return _problem_page(request, "Nothing to export yet", [f"{run.name} is not finished."], back=f"/runs/{key}/")
    try:
        return file_response(exports.file_name(run, kind), exports.content(run, kind), kind.media)
    except (SteeliqError, OSError) as error:
        return _problem_page(request, "This run cannot be exported", _told(error), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """Take in a bundle."""
    if request.method != "POST":
        return render(request, "compare/import.html", {"suffix": SUFFIX})
    upload = request.FILES.get("bundle")
    if upload is None:
        return _refused(request, "", [Problem("file", 0, "", "", f"choose a {SUFFIX} file first")])
    name = str(upload.name)[:120]
    if upload.size is None or upload.size > LARGEST_UPLOAD:
        rule = f"a bundle has at most {LARGEST_UPLOAD:,} bytes"
        return _refused(request, name, [Problem("file", 0, "", f"{upload.size:,} bytes", rule)])
    with tempfile.TemporaryDirectory(prefix="steeliq-upload-") as folder:
        path = Path(folder) / f"upload{SUFFIX}"
        with path.open("wb") as out:
            for chunk in upload.chunks():
                out.write(chunk)
        return taken_in(request, path, name)


def taken_in(request: HttpRequest, path: Path, name: str) -> HttpResponse:
    """Take in the bundle at ``path``, called ``name``: to its run, or to the list of its problems."""
    try:
        taken = import_run(path)
    except InputError as error:
        return _refused(request, name, list(error.problems))
    except (SteeliqError, OSError) as error:
        return _refused(request, name, [Problem("file", 0, "", "", str(error))])
    if taken.was_here:
        messages.warning(request, f"This run is here already as “{taken.run.name}”; nothing was stored.")
    else:
        messages.success(request, f"“{taken.run.name}” was taken in.")
    return redirect(f"/runs/{taken.run.key}/")


def _refused(request: HttpRequest, name: str, problems: list[Problem]) -> HttpResponse:
    context = {"suffix": SUFFIX, "name": name, "problems": problems}
    return render(request, "compare/import.html", context, status=422)


def _told(error: Exception) -> list[str]:
    if isinstance(error, InputError):
        return [str(problem) for problem in error.problems]
    return [str(error)]
