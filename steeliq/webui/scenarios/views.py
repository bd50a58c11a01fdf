"""Pages of scenarios: the list, the difference of two, uploads, downloads."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from steeliq.errors import InputError, Problem, ScenarioError
from steeliq.paths import plain_name
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import presets, to_toml
from steeliq.webui.core.downloads import file_response
from steeliq.webui.runs.launch import start
from steeliq.webui.scenarios import origins
from steeliq.webui.scenarios.checking import LARGEST_FILE, scenario_of_file
from steeliq.webui.scenarios.differences import Difference, compared
from steeliq.webui.scenarios.draft import values_of
from steeliq.webui.scenarios.names import names_of

MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Card:
    """One scenario of the list."""

    ref: str
    key: str
    title: str
    description: str
    differences: tuple[Difference, ...]
    years: str
    problems: tuple[Problem, ...] = ()


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Presets and saved scenarios."""
    shipped = [_card(f"preset:{p.name}", p.name, origins.find(p.name).scenario) for p in presets()]
    kept = [_saved_card(entry) for entry in origins.saved()]
    return render(request, "scenarios/index.html", {"shipped": shipped, "kept": kept})


def _card(ref: str, key: str, scenario: Scenario) -> Card:
    found = tuple(compared(values_of(Scenario()), values_of(scenario)))
    years = f"{scenario.period.start}-{scenario.period.end}"
    return Card(ref, key, scenario.name, scenario.description.strip(), found, years)


def _saved_card(entry: origins.Saved) -> Card:
    if entry.scenario is None:
        return Card(f"saved:{entry.key}", entry.key, entry.key, "", (), "", entry.problems)
    return _card(f"saved:{entry.key}", entry.key, entry.scenario)


@require_safe
def diff(request: HttpRequest) -> HttpResponse:
    """What differs between two scenarios, setting by setting."""
    refs = [request.GET.get("a", origins.REFERENCE), request.GET.get("b", "preset:net-zero-2050")]
    try:
        one, other = (origins.find(ref) for ref in refs)
    except InputError as error:
        return refused(request, "These scenarios cannot be compared", error, 404)
    found = compared(values_of(one.scenario), values_of(other.scenario))
    page = {"one": one, "other": other, "differences": found, "choices": origins.choices()}
    return render(request, "scenarios/diff.html", page)


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """A scenario as a TOML file."""
    try:
        origin = origins.find(request.GET.get("of", ""))
    except InputError as error:
        return refused(request, "There is nothing to download", error, 404)
    return toml_file(origin.scenario)


def toml_file(scenario: Scenario) -> HttpResponse:
    """The file that `steeliq run` reads."""
    name = f"{plain_name(scenario.name)}.toml"
    return file_response(name, to_toml(scenario).encode(), "application/toml; charset=utf-8")


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep an uploaded TOML file among the saved scenarios, if nothing is wrong with it."""
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        rule = "choose a TOML file first"
        return refused(request, "Nothing was uploaded", InputError("upload", [Problem("file", 0, "", "", rule)]), 422)
    try:
        scenario = scenario_of_file(file.name or "file", file.read(LARGEST_FILE + 1))
    except InputError as error:
        return refused(request, "This file was not taken", error, 422)
    kept = origins.save_beside(scenario)
    messages.success(request, f"Saved {kept.name}")
    return redirect("/scenarios/#saved")


@require_POST
def delete(request: HttpRequest) -> HttpResponse:
    """Delete a saved scenario; runs made from it keep their own copy."""
    key = request.POST.get("name", "")
    if origins.delete(key):
        messages.success(request, f"Deleted {key}")
    else:
        messages.warning(request, "This scenario was already gone")
    return redirect("/scenarios/#saved")


@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Run a preset or saved scenario as it is."""
    try:
        origin = origins.find(request.POST.get("of", ""))
        problems = names_of().problems(origin.scenario)
        if problems:
            raise ScenarioError(f"{origin.title} on the reference dataset", problems)
    except InputError as error:
        return refused(request, "This scenario cannot be run", error, 422)
    begun = start(origin.scenario, name=origin.scenario.name, parent=origin.run)
    return redirect(f"/runs/{begun.key}/")


def refused(request: HttpRequest, title: str, error: InputError, status: int) -> HttpResponse:
    """A page that lists what is wrong; nothing was stored."""
    more = max(len(error.problems) - MOST_PROBLEMS, 0)
    page = {"title": title, "where": error.where, "problems": error.problems[:MOST_PROBLEMS], "more": more}
    return render(request, "scenarios/refused.html", page, status=status)
