"""What can be done with ensembles; every change is a POST and leads to a page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from steeliq.errors import RunError, SteeliqError
from steeliq.webui.ensembles import launch
from steeliq.webui.ensembles.folders import take_in
from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.ensembles.views import find
from steeliq.webui.runs import life, removal
from steeliq.webui.runs.launch import resume as go_on


@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Take an ensemble from the queue, or ask it to stop."""
    ensemble = find(key)
    if not life.ask_to_cancel(key, of=Ensemble):
        messages.info(request, f"{ensemble.name} had ended already.")
    return redirect(ensemble.page)


@require_POST
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """Compute the members that lack, and those that failed once more."""
    ensemble = find(key)
    if ensemble.binned is not None or not go_on(ensemble):
        messages.info(request, f"{ensemble.name} is not an ensemble that stopped before its end.")
    return redirect(ensemble.page)


@require_POST
def to_bin(request: HttpRequest, key: str) -> HttpResponse:
    """Put an ended ensemble into the bin; its files stay until it is deleted there."""
    ensemble = find(key)
    if removal.put_into_bin(Ensemble, [key]):
        messages.success(request, f"{ensemble.name} is in the bin.")
    else:
        messages.warning(request, f"{ensemble.name} is still being computed; cancel it first.")
    return redirect("ensembles")


@require_POST
def restore(request: HttpRequest, key: str) -> HttpResponse:
    """Take an ensemble out of the bin."""
    ensemble = find(key)
    Ensemble.objects.filter(pk=ensemble.pk).update(binned=None)
    messages.success(request, f"{ensemble.name} is back.")
    return redirect(ensemble.page)


@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete a binned ensemble with its files."""
    ensemble = find(key)
    try:
        removal.delete(ensemble)
    except RunError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{ensemble.name} and its files are deleted.")
    return redirect("ensembles")


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Take in what the command line computed meanwhile."""
    found = take_in()
    messages.success(request, f"{found} more taken in." if found else "There is no other ensemble in the folder.")
    return redirect("ensembles")


@require_POST
def run_member(request: HttpRequest, key: str, member: int) -> HttpResponse:
    """Open the run of a member, begun now if there is none."""
    ensemble = find(key)
    try:
        run = launch.run_of(ensemble, member) or launch.run_member(ensemble, member)
    except KeyError:
        messages.error(request, f"{ensemble.name} has no member {member}.")
        return redirect(f"{ensemble.page}members/")
    except (SteeliqError, OSError) as error:
        messages.error(request, str(error))
        return redirect(f"{ensemble.page}members/{member}/")
    return redirect(run.page)
