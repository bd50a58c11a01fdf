"""The page on which a search is asked for: every change is answered with all that is wrong and what it will take."""

from __future__ import annotations

import os
from math import ceil
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from steeliq.ensemble.outputs import WORLD, catalogue_of, outputs_of
from steeliq.ensemble.search import Question
from steeliq.errors import SteeliqError
from steeliq.webui.ensembles.estimate import CONDUCTOR_MB, pace
from steeliq.webui.runs.models import State
from steeliq.webui.runs.offers import dataset_offers, dataset_source, scenario_offers
from steeliq.webui.runs.showing import duration
from steeliq.webui.scenarios import unsaved
from steeliq.webui.scenarios.names import Names, names_of
from steeliq.webui.scenarios.unsaved import Sitting
from steeliq.webui.searches import launch
from steeliq.webui.searches.draft import EARLIER, Draft, Problems, first_draft, of_search, offered, posted, question_in
from steeliq.webui.searches.launch import asked_by
from steeliq.webui.searches.models import Search
from steeliq.webui.searches.wording import name_of, target_of

ASKED = ("from", "scenario")
"""What the page's address may say that it begins with: a search, or a scenario."""


@require_http_methods(["GET", "HEAD", "POST"])
def build(request: HttpRequest) -> HttpResponse:
    """The form; a POST answers it by what was done: ``do`` = check, start, keep, discard."""
    address = unsaved.address_of(request, *ASKED)
    if request.method != "POST":
        sitting = unsaved.opened(address, request.GET.get("unsaved", ""))
        draft = posted(sitting.taken.form) if sitting.taken else _begun(request)
        return _page(request, address, draft, sitting=sitting, untouched=sitting.taken is None)
    do = request.POST.get("do", "")
    if do == "discard":
        unsaved.throw_away(address)
        return redirect(address)
    draft = posted(request.POST)
    if do == "keep":
        return _keep(request, address, draft)
    draft = draft.with_range()
    return _start(request, address, draft) if do == "start" else _page(request, address, draft)


def _begun(request: HttpRequest) -> Draft:
    """The form as the page shows it first."""
    earlier = Search.objects.filter(key=request.GET.get("from", "")).first()
    if earlier is not None:
        try:
            return of_search(earlier)
        except SteeliqError:  # its scenario is refused by this version: begin anew
            return first_draft()
    asked = request.GET.get("scenario", "")
    return first_draft(asked if asked in {offer.value for offer in scenario_offers()} else "reference")


def _keep(request: HttpRequest, address: str, draft: Draft) -> HttpResponse:
    """Keep a form that says something else than the page did when it was opened."""
    sitting, begun = request.POST.get(unsaved.SITTING, ""), _begun(request)
    if draft.says_as(begun):
        unsaved.forget(address, sitting)
    else:
        unsaved.keep(address, sitting, dict(request.POST.lists()), timezone.now())
    return HttpResponse(status=204)


def _names(dataset: str) -> Names:
    """What can be named with the dataset; a broken one leaves the reference's names, and is told at the start."""
    folder = dataset_source(dataset)
    try:
        return names_of(Path(folder) if folder else None)
    except (SteeliqError, OSError):
        return names_of()


def _start(request: HttpRequest, address: str, draft: Draft) -> HttpResponse:
    names, dataset = _names(draft.text("dataset")), dataset_source(draft.text("dataset"))
    question, problems = question_in(draft, names)
    if dataset is None:
        problems["dataset"] = ["there is no such dataset here; choose another"]
    if question is not None and (unknown := names.problems(question.base)):
        problems["scenario"] = [problem.rule for problem in unknown]
    if question is None or problems or dataset is None:
        return _page(request, address, draft, more=problems, refused=True)
    subject = _labels(names)[question.lever.setting]
    search = launch.start(question, name=draft.text("name") or name_of(question), subject=subject, dataset=dataset)
    unsaved.forget(address, request.POST.get(unsaved.SITTING, ""))
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": search.page})
    return redirect(search.page)


def _labels(names: Names) -> dict[str, str]:
    return {offer.place: offer.label for group in offered(names) for offer in group.offers}


def _page(
    request: HttpRequest,
    address: str,
    draft: Draft,
    *,
    sitting: Sitting | None = None,
    more: Problems | None = None,
    refused: bool = False,
    untouched: bool = False,
) -> HttpResponse:
    names = _names(draft.text("dataset"))
    question, problems = question_in(draft, names)
    problems |= more or {}
    if untouched and not draft.text("limit"):
        problems.pop("limit", None)  # nothing is wrong yet
    offers = {offer.place: offer for group in offered(names) for offer in group.offers}
    countries = catalogue_of(names.dataset).countries
    output = next((one for one in outputs_of(names.dataset) if one.name == draft.text("output")), None)
    context: dict[str, Any] = {
        "address": address,
        "unsaved": sitting,
        unsaved.SITTING: sitting.name if sitting else request.POST.get(unsaved.SITTING, ""),
        "fields": {name: {"text": text, "problems": problems.get(name, [])} for name, text in _texts(draft).items()},
        "base": draft.texts.get("base", ""),
        "ranged": draft.text("ranged"),
        "scenarios": _scenarios(draft),
        "datasets": [(one.value, one.name, one.value == draft.text("dataset")) for one in dataset_offers()],
        "dataset_problems": problems.get("dataset", []),
        "groups": [(group.title, [(one.place, one.label, one.place == draft.text("setting")) for one in group.offers])
                   for group in offered(names)],
        "offer": offers.get(draft.text("setting")),
        "multiplies": question is not None and bool(question.lever.path),
        "outputs": [(one.name, one.words, one.name == draft.text("output")) for one in outputs_of(names.dataset)],
        "unit": output.unit if output else "",
        "places": [(WORLD, "The world"), *((code, code) for code in countries)] if output and output.by_country else (),
        "area": draft.text("area"),
        "area_problems": problems.get("area", []),
        "least": draft.text("side") == "least",
        "general": problems.get("", []),
        "count": sum(len(one) for one in problems.values()),
        "focus_problem": refused,
        "target": target_of(question.target) if question else "",
        "take": _take(question, dataset_source(draft.text("dataset")) or "") if question and not problems else None,
        "finer_open": any(name in problems for name in ("path", "seeds", "steps", "tolerance")),
    }  # fmt: skip
    part = "#builder" if "HX-Request" in request.headers else ""
    return render(request, f"searches/new.html{part}", context, status=422 if refused and not part else 200)


def _texts(draft: Draft) -> dict[str, str]:
    names = ("name", "scenario", "first", "last", "setting", "path", "start", "end", "output", "year", "limit",
             "seeds", "steps", "tolerance")  # fmt: skip
    return {name: draft.texts.get(name, "") for name in names}


def _scenarios(draft: Draft) -> list[tuple[str, str, bool]]:
    chosen = draft.text("scenario")
    earlier = [(EARLIER, "as in the earlier search", chosen == EARLIER)] if draft.texts.get("base") else []
    return [*earlier, *((one.value, one.name, one.value == chosen) for one in scenario_offers())]


def _take(question: Question, dataset: str) -> dict[str, Any]:
    """What a search takes on this machine at most: the scan uses all processes, a halving one for each seed."""
    period, seeds = question.base.period, len(question.seeds)
    at = pace(dataset, (question.steps + 1) * seeds)
    scan, halving = question.rounds(at.processes)
    seconds, basis = _round_year(dataset) or (at.seconds * at.processes, at.basis)
    seconds *= (scan + halving * question.halvings) * (period.end - period.start + 1)
    return {
        "trials": question.trials,
        "scan": question.steps + 1,
        "halvings": question.halvings,
        "seeds": seeds,
        "time": duration(ceil(seconds)),
        "mb": CONDUCTOR_MB + at.processes * at.mb,
        "processes": at.processes,
        "basis": basis,
    }


def _round_year(dataset: str) -> tuple[float, str] | None:
    """Seconds that the last search in this data took for a year of a round of all workers, and how that is known."""
    done = Search.objects.filter(dataset=dataset, state=State.DONE, seconds__gt=0, tried__gt=0)
    earlier = done.order_by("-finished").first()
    try:
        asked = asked_by(earlier) if earlier else None
    except SteeliqError:  # its scenario is refused by this version
        asked = None
    if earlier is None or asked is None:
        return None
    scan, halving = asked.rounds(os.cpu_count() or 1)
    rounds = scan + halving * max(earlier.tried - asked.steps - 1, 0)
    return earlier.seconds / (rounds * (earlier.last_year - earlier.first_year + 1)), f"at the rate of {earlier.name}"
