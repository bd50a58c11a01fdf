"""What can be done with runs; every change is a POST and leads back to a page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from steeliq.errors import RunError, SteeliqError
from steeliq.simulation.scenario.files import load_scenario
from steeliq.webui.core.backups import back_up
from steeliq.webui.core.database import database_path
from steeliq.webui.runs import launch, life, offers, removal
from steeliq.webui.runs.models import ALIVE, Run
from steeliq.webui.runs.views import find


def _back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page that the form names, if it is one of ours."""
    address = request.POST.get("next", "")
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return HttpResponseRedirect(address if ours else otherwise)


def _page(run: Run) -> str:
    return f"/runs/{run.key}/"


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Run an offered scenario over the given years on an offered dataset."""
    sent = request.POST
    source = offers.scenario_source(sent.get("scenario", ""))
    dataset = offers.dataset_source(sent.get("dataset", ""))
    if source is None or dataset is None:
        messages.error(request, "This scenario or dataset does not exist any more; choose another.")
        return redirect("/runs/")
    years = (("start", sent.get("first", "").strip()), ("end", sent.get("last", "").strip()))
    try:
        scenario = load_scenario(source, [f"period.{name}={year}" for name, year in years if year])
    except SteeliqError as error:
        messages.error(request, str(error))
        return redirect("/runs/")
    run = launch.start(scenario, name=sent.get("name", ""), dataset=dataset)
    return redirect(_page(run))


@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Take a run from the queue, or ask it to stop."""
    run = find(key)
    if not life.ask_to_cancel(key):
        messages.info(request, f"{run.name} had ended already.")
    return _back(request, _page(run))


@require_POST
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """Go on after the last complete year."""
    run = find(key)
    if run.binned is not None or not launch.resume(run):
        messages.info(request, f"{run.name} is not a run that stopped before its end.")
    return _back(request, _page(run))


@require_POST
def rerun(request: HttpRequest, key: str) -> HttpResponse:
    """The same again, as a new run."""
    run = find(key)
    try:
        again = launch.rerun(run)
    except SteeliqError as error:
        messages.error(request, str(error))
        return _back(request, _page(run))
    return redirect(_page(again))


@require_POST
def verify(request: HttpRequest, key: str) -> HttpResponse:
    """Repeat a finished run and compare."""
    run = find(key)
    if not launch.verify(run):
        messages.info(request, f"{run.name} is being verified already, or is not a finished run.")
    return redirect(f"{_page(run)}#verification")


@require_POST
def cancel_verification(request: HttpRequest, key: str) -> HttpResponse:
    """Stop verifying."""
    del request
    run = find(key)
    for one in run.verifications.filter(state__in=ALIVE):
        life.ask_to_cancel(one.key)
    return redirect(f"{_page(run)}#verification")


@require_POST
def star(request: HttpRequest, key: str) -> HttpResponse:
    """Star a run, or take the star away."""
    run = find(key)
    Run.objects.filter(pk=run.pk).update(starred=request.POST.get("starred") == "1")
    return _back(request, "/runs/")


@require_POST
def about(request: HttpRequest, key: str) -> HttpResponse:
    """Name, tags and notes."""
    run = find(key)
    name = " ".join(request.POST.get("name", "").split())[: launch.LONGEST_NAME]
    tags = dict.fromkeys(" ".join(tag.split()) for tag in request.POST.get("tags", "").split(","))
    kept = ""
    for tag in filter(None, tags):
        kept = kept if len(kept) + len(tag) + 2 > 200 else f"{kept}, {tag}" if kept else tag
    notes = request.POST.get("notes", "")[:20_000]
    Run.objects.filter(pk=run.pk).update(name=name or run.name, tags=kept, notes=notes)
    messages.success(request, "Saved.")
    return _back(request, _page(run))


@require_POST
def to_bin(request: HttpRequest, key: str) -> HttpResponse:
    """Put an ended run into the bin; its files stay until it is deleted there."""
    run = find(key)
    if removal.put_into_bin(Run, [key]):
        messages.success(request, f"{run.name} is in the bin.")
    else:
        messages.warning(request, f"{run.name} still runs; cancel it first.")
    return _back(request, "/runs/")


@require_POST
def bin_selected(request: HttpRequest) -> HttpResponse:
    """Put the selected runs into the bin, those that still run excepted."""
    keys = request.POST.getlist("run")
    count = removal.put_into_bin(Run, keys)
    messages.success(request, f"{count} of {len(keys)} runs are in the bin; runs that still run stay.")
    return HttpResponse(headers={"HX-Redirect": "/runs/"}) if "HX-Request" in request.headers else redirect("/runs/")


@require_POST
def restore(request: HttpRequest, key: str) -> HttpResponse:
    """Take a run out of the bin."""
    run = find(key)
    Run.objects.filter(pk=run.pk).update(binned=None)
    messages.success(request, f"{run.name} is back.")
    return _back(request, "/runs/bin/")


@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete a binned run with its files."""
    run = find(key)
    try:
        removal.delete(run)
    except RunError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{run.name} and its files are deleted.")
    return redirect("/runs/bin/")


@require_POST
def empty_bin(request: HttpRequest) -> HttpResponse:
    """Delete everything in the bin with its files, after a backup."""
    try:
        back_up(database_path(), "delete", timezone.now())
    except RunError as error:
        messages.error(request, f"Nothing was deleted: {error}")
        return redirect("/runs/bin/")
    for run in Run.objects.exclude(binned=None):
        try:
            removal.delete(run)
        except RunError as error:
            messages.error(request, str(error))
    return redirect("/runs/bin/")
