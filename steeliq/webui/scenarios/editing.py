"""The editor: a draft comes in with every change, and goes out as a page, as the changed parts, or as a scenario."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from steeliq.errors import DatasetError, InputError, Problem
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import LONGEST_NAME
from steeliq.webui.runs.launch import start
from steeliq.webui.scenarios import origins, unsaved
from steeliq.webui.scenarios.checking import Verdict, judged
from steeliq.webui.scenarios.draft import Draft, Values, draft_of, entries, inputs_of, read, values_of, without
from steeliq.webui.scenarios.editor import Editor
from steeliq.webui.scenarios.names import Names, datasets, names_of
from steeliq.webui.scenarios.origins import Origin
from steeliq.webui.scenarios.settings import by_place, sections
from steeliq.webui.scenarios.unsaved import SITTING
from steeliq.webui.scenarios.views import refused, toml_file
from steeliq.webui.scenarios.wording import number_text

CHANGES: Final = ("check", "reset", "add")
"""What leaves the draft on the page; everything else needs a scenario without problems."""
KEEP, DISCARD = "keep", "discard"
"""Keep what is being typed, unread; throw away what was kept."""
ACTIONS: Final = (*CHANGES, KEEP, DISCARD, "save", "replace", "download", "run")


@dataclass(frozen=True, slots=True)
class Desk:
    """What is edited, where it will be kept, and what it is compared with."""

    origin: Origin
    own: str  # file of the saved scenario that is edited; "" for a new one
    against: Origin
    datasets: dict[str, Path]
    dataset: str

    @property
    def title(self) -> str:
        """Heading of the page."""
        return f"Edit {self.origin.title}" if self.own else f"New scenario from {self.origin.title}"

    @property
    def address(self) -> str:
        """Of this page."""
        if self.own:
            return f"/scenarios/new/?{urlencode({'edit': self.own})}"
        if self.origin.source == "run":
            return f"/scenarios/new/?{urlencode({'from_run': self.origin.key})}"
        return f"/scenarios/new/?{urlencode({'base': self.origin.ref})}"


@require_http_methods(["GET", "HEAD", "POST"])
def editor(request: HttpRequest) -> HttpResponse:
    """Show the form; take it in, check it, and do what its button says."""
    try:
        desk = _desk(request)
    except InputError as error:
        return refused(request, "There is no such scenario to start from", error, 404)
    return _posted(request, desk) if request.method == "POST" else _opened(request, desk)


def _opened(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page anew, or with what was typed and not saved if that is taken up; else it is offered."""
    sitting = unsaved.opened(desk.address, request.GET.get("unsaved", ""))
    taken = sitting.taken
    if taken is not None:
        against = _found(taken.draft.get("against", [""])[-1]) or desk.against
        desk = replace(desk, against=against, dataset=taken.draft.get("dataset", [desk.dataset])[-1])
    draft = _begun(desk) if taken is None else taken.draft
    names, problem = _names(desk)
    base = values_of(desk.against.scenario)
    shown = Editor(draft, _verdict(draft, names, problem), names, base, desk.against.title)
    return _page(request, desk, shown, {"unsaved": sitting, SITTING: sitting.name})


def _keep(desk: Desk, draft: Draft, sitting: str) -> None:
    """Keep a form that says something else than the page did when it was opened."""
    _, usual = _datasets(desk.origin)
    if desk.dataset == usual and read(draft) == read(_begun(desk)):
        unsaved.forget(desk.address, sitting)
    else:
        unsaved.keep(desk.address, sitting, draft, timezone.now())


def _posted(request: HttpRequest, desk: Desk) -> HttpResponse:
    action, _, place = request.POST.get("action", "check").partition(":")
    if action not in ACTIONS:
        action = "check"
    if action == DISCARD:
        unsaved.throw_away(desk.address)
        return redirect(desk.address)
    draft: Draft = {key: request.POST.getlist(key) for key in request.POST}
    if action == KEEP:
        _keep(desk, draft, request.POST.get(SITTING, ""))
        return HttpResponse(status=204)
    base = values_of(desk.against.scenario)
    names, problem = _names(desk)
    if action == "reset":
        draft = _reset(draft, place, base)
    elif action == "add":
        draft = _added(draft, place, names)
    verdict = _verdict(draft, names, problem)
    if action in ("save", "replace") and verdict.scenario is not None:
        why = origins.taken(verdict.scenario.name, desk.own)
        if why and (action == "save" or why != origins.TAKEN):
            clash = Problem("name", 0, "", verdict.scenario.name, why)
            verdict = replace(verdict, scenario=None, problems=(clash,))
    clashes = bool(verdict.problems) and verdict.problems[0].rule == origins.TAKEN
    shown = Editor(draft, verdict, names, base, desk.against.title)
    if action in CHANGES or verdict.scenario is None:
        _keep(desk, draft, request.POST.get(SITTING, ""))
    if action in CHANGES:
        return _parts(request, desk, shown, place) if request.headers.get("HX-Request") else _page(request, desk, shown)
    if verdict.scenario is None:
        return _page(request, desk, shown, {"refused": True, "replaceable": clashes}, status=422)
    return _done(request, desk, action, verdict.scenario)


def _done(request: HttpRequest, desk: Desk, action: str, scenario: Scenario) -> HttpResponse:
    if action == "download":
        return toml_file(scenario)
    if action == "run":
        folder = str(desk.datasets[desk.dataset]) if desk.dataset else ""
        begun = start(scenario, name=scenario.name, dataset=folder, parent=desk.origin.run)
        unsaved.forget(desk.address, request.POST.get(SITTING, ""))
        return redirect(f"/runs/{begun.key}/")
    key = origins.save(scenario)
    unsaved.forget(desk.address, request.POST.get(SITTING, ""))
    messages.success(request, f"Saved {scenario.name}")
    return redirect(f"/scenarios/new/?{urlencode({'edit': key, 'against': desk.against.ref})}")


def _desk(request: HttpRequest) -> Desk:
    """Raises ScenarioError if what is to be edited does not exist.

    A form that was typed before its scenario was deleted elsewhere is not lost: it goes on as a new scenario.
    """
    own = request.GET.get("edit", "")
    run = request.GET.get("from_run", "")
    ref = f"saved:{own}" if own else f"run:{run}" if run else request.GET.get("base", origins.REFERENCE)
    found = _found(ref)
    if found is None and request.method == "POST":
        own = ""
    origin = found or origins.find(origins.REFERENCE if request.method == "POST" else ref)
    usual = origins.REFERENCE if own else origin.ref
    against = _found(request.POST.get("against") or request.GET.get("against") or usual) or origins.find(usual)
    known, chosen = _datasets(origin)
    return Desk(origin, own, against, known, request.POST.get("dataset", chosen))


def _found(ref: str) -> Origin | None:
    try:
        return origins.find(ref)
    except InputError:
        return None


def _datasets(origin: Origin) -> tuple[dict[str, Path], str]:
    """The user's datasets, with that of the run that is copied, and the one to begin with."""
    known = datasets()
    run = origin.run
    if run is None or not run.dataset:
        return known, ""
    path = Path(run.dataset)
    name = next((name for name, folder in known.items() if folder == path), path.name)
    return known | {name: path}, name


def _begun(desk: Desk) -> Draft:
    """The form as the page shows it first."""
    return draft_of(values_of(_fresh(desk)))


def _fresh(desk: Desk) -> Scenario:
    """The scenario to begin with; a copy goes by another name than what it was made from."""
    scenario = desk.origin.scenario
    if desk.own:
        return scenario
    ending = ", changed"
    name = scenario.name if scenario.name.endswith(ending) else scenario.name[: LONGEST_NAME - len(ending)] + ending
    told = scenario.description
    if desk.origin.source == "preset":
        told = f"Like {scenario.name}, with changes of its own."
    return scenario.model_copy(update={"name": name, "description": told.strip()})


def _names(desk: Desk) -> tuple[Names, Problem | None]:
    """The names of the chosen dataset; those of the reference dataset and a problem if it cannot be used."""
    try:
        return (names_of(desk.datasets[desk.dataset]) if desk.dataset else names_of()), None
    except KeyError:
        return names_of(), Problem("dataset", 0, "", desk.dataset[:80], "there is no such dataset; choose another")
    except DatasetError as error:
        rule = f"this dataset has {len(error.problems)} problems (the page Data lists them); choose another"
        return names_of(), Problem("dataset", 0, "", desk.dataset, rule)


def _verdict(draft: Draft, names: Names, problem: Problem | None) -> Verdict:
    verdict = judged(draft, names)
    if problem is None:
        return verdict
    return replace(verdict, scenario=None, problems=(problem, *verdict.problems))


def _reset(draft: Draft, place: str, base: Values) -> Draft:
    """The draft with a setting, a technology or a whole section as in the base."""
    known = by_place()
    section = next((section for section in sections() if section.id == place), None)
    if section is not None and place not in known:
        for setting in section.settings:
            draft = _reset(draft, setting.place, base)
        return draft
    if place in known:
        return without(draft, place) | inputs_of(known[place], base[place])
    group, _, name = place.partition(".")
    if group in known and known[group].kind == "windows":
        window = base[group].get(name)
        return without(draft, place) | (inputs_of(known[group], {name: window}) if window else {})
    return draft


def _added(draft: Draft, place: str, names: Names) -> Draft:
    """The draft with a path for the name chosen in ``<place>.new``; a carbon price begins as it is in the dataset."""
    key = draft.get(f"{place}.new", [""])[-1]
    used = entries(draft, place) if place in names.keys else []
    if place not in names.keys or not key or any(draft[f"{place}.{n}.key"][-1] == key for n in used):
        return draft
    own = f"{place}.{max(used, default=-1) + 1}"
    path = {}
    if place == "carbon.paths":
        first = draft.get("period.start", ["2025"])[-1]
        year = int(first) if first.isascii() and first.isdigit() else 2025
        path = names.carbon_path(draft.get("carbon.scenario", ["current"])[-1], key, year) or {year: 0.0}
    years = [str(year) for year in path] or [""]
    values = [number_text(value) for value in path.values()] or ["1"]
    return draft | {f"{own}.key": [key], f"{own}.year": years, f"{own}.value": values}


def _context(desk: Desk, shown: Editor) -> dict[str, object]:
    return {"desk": desk, "editor": shown, "dataset_names": sorted(desk.datasets)}


def _page(
    request: HttpRequest, desk: Desk, shown: Editor, extra: dict[str, object] | None = None, status: int = 200
) -> HttpResponse:
    page = _context(desk, shown) | {"choices": origins.choices(), SITTING: request.POST.get(SITTING, "")}
    page |= extra or {}
    return render(request, "scenarios/editor.html", page, status=status)


def _parts(request: HttpRequest, desk: Desk, shown: Editor, place: str) -> HttpResponse:
    """Only what a change moves: notes, counts, differences; and the fields that were reset or added to."""
    fields = shown.fields(place) if place else []
    return render(request, "scenarios/parts.html", _context(desk, shown) | {"fields": fields, "oob": True})
