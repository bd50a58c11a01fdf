"""What can be done with searches only; every change is a POST and leads to a page. ``runs/acts.py`` has the rest."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from steeliq.ensemble.search_run import read_trace
from steeliq.errors import SteeliqError
from steeliq.webui.searches import launch
from steeliq.webui.searches.folders import take_in
from steeliq.webui.searches.views import find


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Take in what the command line did meanwhile."""
    found = take_in()
    messages.success(request, f"{found} more taken in." if found else "There is no other search in the folder.")
    return redirect("searches")


@require_POST
def run_trial(request: HttpRequest, key: str) -> HttpResponse:
    """Open the run of a trial, begun now if there is none; ``value`` names the trial."""
    search, value = find(key), request.POST.get("value", "")
    try:
        trial = next((one for one in read_trace(search.path) if f"{one.value!r}" == value), None)
        if trial is not None:
            return redirect(launch.run_trial(search, trial).page)
        messages.error(request, f"{search.name} has not tried {value[:40]!r}.")
    except (SteeliqError, OSError) as error:
        messages.error(request, str(error))
    return redirect(search.page)
