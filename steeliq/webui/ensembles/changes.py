"""What can be done with ensembles only; every change is a POST and leads to a page. ``runs/acts.py`` has the rest."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from steeliq.errors import SteeliqError
from steeliq.webui.ensembles import launch
from steeliq.webui.ensembles.folders import take_in
from steeliq.webui.ensembles.views import find


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
