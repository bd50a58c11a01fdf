"""The page on which a design is written: every change is answered with all that is wrong and what it will take."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from steeliq.ensemble.checks import against, columns_against
from steeliq.ensemble.design import Design
from steeliq.errors import DesignError, Problem, SteeliqError
from steeliq.paths import plain_name
from steeliq.webui.core.downloads import file_response
from steeliq.webui.ensembles import launch
from steeliq.webui.ensembles.draft import (
    DISTRIBUTIONS,
    LABELS,
    LISTS,
    METHODS,
    OPTIONAL,
    Draft,
    Placed,
    first_draft,
    of_text,
    placed,
    posted,
    subject,
    told,
)
from steeliq.webui.ensembles.estimate import estimate
from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.ensembles.offers import Offer, by_name, groups
from steeliq.webui.runs.offers import dataset_offers, dataset_source, scenario_offers
from steeliq.webui.scenarios import unsaved
from steeliq.webui.scenarios.names import Names, names_of
from steeliq.webui.scenarios.unsaved import Sitting

LARGEST_TEXT = 200_000
"""Characters of a design that are read."""

ASKED = ("from", "scenario")
"""What the page's address may say that it begins with: an ensemble, or a scenario."""


@require_http_methods(["GET", "HEAD", "POST"])
def build(request: HttpRequest) -> HttpResponse:
    """The form; a POST answers it by what was done: ``do`` = check, add:SETTING, remove:NUMBER, text, start.

    ``do`` = keep only keeps what is being typed, discard throws away what was kept.
    """
    address = unsaved.address_of(request, *ASKED)
    if request.method != "POST":
        return _opened(request, address)
    do, _, what = request.POST.get("do", "").partition(":")
    if do == "discard":
        unsaved.throw_away(address)
        return redirect(address)
    draft, text = posted(request.POST), _own_text(request.POST)
    if do == "keep":
        return _keep(request, address, draft)
    names = _names(draft.text("dataset"))
    offers = by_name(names)
    if do == "add" and what in offers:
        return _page(request, draft.with_factor(offers[what]), names, text=text, focus=len(draft.factors))
    if do == "remove" and what.isdecimal():
        return _page(request, draft.without(int(what)), names, text=text)
    if do == "text":
        return _from_text(request, draft, names)
    if do == "start":
        return _start(request, address, draft, names)
    return _page(request, draft, names, text=text)


def _opened(request: HttpRequest, address: str) -> HttpResponse:
    """The page anew, or with what was typed and not begun if that is taken up; else it is offered."""
    sitting = unsaved.opened(address, request.GET.get("unsaved", ""))
    form = sitting.taken.form if sitting.taken else None
    draft = posted(form) if form else _begun(request)
    return _page(request, draft, _names(draft.text("dataset")), text=_own_text(form) if form else None, sitting=sitting)


def _own_text(form: QueryDict) -> str | None:
    """The TOML that was typed and not taken over into the form."""
    return form.get("text", "")[:LARGEST_TEXT].replace("\r\n", "\n") if form.get("typed") else None


def _begun(request: HttpRequest) -> Draft:
    """The form as the page shows it first."""
    earlier = Ensemble.objects.filter(key=request.GET.get("from", "")).first()
    if earlier is None:
        offered = {offer.value for offer in scenario_offers()}
        asked = request.GET.get("scenario", "")
        return first_draft(asked if asked in offered else "reference")
    dataset = earlier.dataset_name
    return of_text(earlier.design, by_name(_names(dataset)), dataset)


def _keep(request: HttpRequest, address: str, draft: Draft) -> HttpResponse:
    """Keep a form that says something else than the page did when it was opened."""
    begun, sitting = _begun(request), request.POST.get(unsaved.SITTING, "")
    if draft.says_as(begun) and _own_text(request.POST) is None:
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


def _from_text(request: HttpRequest, draft: Draft, names: Names) -> HttpResponse:
    upload = request.FILES.get("file")
    text = upload.read(LARGEST_TEXT).decode("utf-8", "replace") if upload else request.POST.get("text", "")
    try:
        taken = of_text(text[:LARGEST_TEXT], by_name(names), draft.text("dataset"))
    except DesignError as error:
        return _page(request, draft, names, text=text, told=list(error.problems))
    return _page(request, taken, names)


def _start(request: HttpRequest, address: str, draft: Draft, names: Names) -> HttpResponse:
    offers = by_name(names)
    design, problems = draft.checked(offers, partial(against, dataset=names.dataset))
    dataset = dataset_source(draft.text("dataset"))
    if dataset is None:
        problems = [*problems, Problem("dataset", 0, "", draft.text("dataset"), "there is no such dataset here")]
    if design is None or problems:
        return _page(request, draft, names, told=problems, focus_problem=True)
    ensemble = launch.start(design, dataset=dataset or "")
    unsaved.forget(address, request.POST.get(unsaved.SITTING, ""))
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": ensemble.page})
    return redirect(ensemble.page)


def _page(
    request: HttpRequest,
    draft: Draft,
    names: Names,
    *,
    text: str | None = None,
    told: list[Problem] | None = None,
    focus: int | None = None,
    focus_problem: bool = False,
    sitting: Sitting | None = None,
) -> HttpResponse:
    offers = by_name(names)
    design, problems = draft.checked(offers, partial(columns_against, dataset=names.dataset))
    untouched = not draft.text("name").strip() and not draft.factors and not draft.carried and told is None
    problems = problems if told is None else told if told or design else problems
    at = placed([] if untouched else problems, draft, draft.table(offers))
    context: dict[str, Any] = {
        "draft": draft,
        "basics": {
            name: _basic(draft, at, name) for name in ("name", "first", "last", "samples", "seed", "agent_seeds")
        },
        "description": draft.text("description"),
        "scenarios": [(one.value, one.name, one.value == draft.text("scenario")) for one in scenario_offers()],
        "datasets": [(one.value, one.name, one.value == draft.text("dataset")) for one in dataset_offers()],
        "methods": [(key, label, told, key == draft.text("method")) for key, (label, _, told) in METHODS.items()],
        "scenario_problems": at.basics.get("scenario", []),
        "method_problems": at.basics.get("method", []),
        "samples_label": METHODS.get(draft.text("method"), METHODS["latin_hypercube"])[1],
        "factors": _factors(draft, offers, at, focus),
        "groups": groups(names),
        "varied": {factor.place for factor in draft.factors},
        "general": [*at.general, *at.basics.get("factors", [])],
        "untouched": untouched,
        "design": design,
        "estimate": estimate(design, dataset_source(draft.text("dataset")) or "") if design and not problems else None,
        "carried": _carried(design, draft),
        "text": draft.toml(offers, design) if text is None else text,
        "text_open": text is not None,
        "count": len(problems),
        "focus_problem": focus_problem,
        "unsaved": sitting,
        unsaved.SITTING: sitting.name if sitting else request.POST.get(unsaved.SITTING, ""),
        "address": unsaved.address_of(request, *ASKED),
    }
    part = "#builder" if "HX-Request" in request.headers else ""
    return render(request, f"ensembles/new.html{part}", context, status=200 if part or not told else 422)


def _basic(draft: Draft, at: Placed, name: str) -> dict[str, Any]:
    return {"text": draft.text(name), "problems": at.basics.get(name, [])}


def _factors(draft: Draft, offers: dict[str, Offer], at: Placed, focus: int | None) -> list[dict[str, Any]]:
    found = []
    for number, factor in enumerate(draft.factors):
        offer = offers.get(factor.place)
        whole = offer is not None and offer.kind in ("text", "switch", "whole")
        kinds = [(key, label, key == factor.distribution) for key, (label, _) in DISTRIBUTIONS.items()
                 if key in ("discrete", "levels") or not whole]  # fmt: skip
        fields = [
            {
                "name": name,
                "label": LABELS[name]
                if not (name == "high" and "mode" in DISTRIBUTIONS[factor.distribution][1])
                else "to",
                "text": factor.texts.get(name, ""),
                "list": name in LISTS,
                "optional": (factor.distribution, name) in OPTIONAL,
                "problems": at.factors.get((number, name), []),
            }
            for name in DISTRIBUTIONS[factor.distribution][1]
        ]
        found.append(
            {
                "number": number,
                "place": factor.place,
                "offer": offer,
                "label": offer.label if offer else factor.place,
                "name": factor.texts.get("name", ""),
                "kinds": kinds,
                "fields": fields,
                "focus": number == focus,
                "problems": [*at.factors.get((number, ""), []), *at.factors.get((number, "distribution"), []),
                             *at.factors.get((number, "name"), [])],
            }
        )  # fmt: skip
    return found


def _carried(design: Design | None, draft: Draft) -> dict[str, Any]:
    """What came from TOML and has no field here, in words."""
    table = draft.carried
    columns = [factor for factor in design.factors if factor.column] if design else []
    return {
        "factors": [(factor.name, subject(factor), told(factor)) for factor in columns],
        "others": max(len(table.get("factors", [])) - len(columns), 0),
        "correlations": [
            (" and ".join(str(name) for name in one.get("factors", [])), one.get("value"))
            for one in table.get("correlations", [])
            if isinstance(one, dict)
        ],
        "settings": len({name for name in table.get("settings", {}) if name not in ("name", "description")}),
    }


@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """The text of a design as a file."""
    text = request.POST.get("text", "")[:LARGEST_TEXT].replace("\r\n", "\n")
    name = plain_name(request.POST.get("name", "") or "design")
    return file_response(f"{name}.toml", text.encode(), "application/toml; charset=utf-8")
