"""What can be done with ensembles and searches from their pages; every change is a POST and leads to a page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from steeliq.errors import RunError
from steeliq.webui.runs import life, removal
from steeliq.webui.runs.launch import resume as go_on
from steeliq.webui.runs.models import Work, kinds


def _asked(request: HttpRequest, key: str) -> Work:
    """The work of an address; the address tells of which kind it is."""
    found = (work for kind in kinds() for work in kind.objects.filter(key=key))
    work = next((work for work in found if request.path.startswith(work.page)), None)
    if work is None:
        raise Http404(f"there is nothing of the name {key}")
    return work


def _shelf(work: Work) -> str:
    return f"/{work.AREA}/"


@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Take it from the queue, or ask it to stop."""
    work = _asked(request, key)
    if not life.ask_to_cancel(key, of=type(work)):
        messages.info(request, f"{work.name} had ended already.")
    return redirect(work.page)


@require_POST
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """Compute what lacks, and what failed once more."""
    work = _asked(request, key)
    if work.binned is not None or not go_on(work):
        messages.info(request, f"{work.name} did not stop before its end, or is in the bin.")
    return redirect(work.page)


@require_POST
def to_bin(request: HttpRequest, key: str) -> HttpResponse:
    """Put it into the bin if it has ended; its files stay until it is deleted there."""
    work = _asked(request, key)
    if removal.put_into_bin(type(work), [key]):
        messages.success(request, f"{work.name} is in the bin.")
    else:
        messages.warning(request, f"{work.name} is still being computed; cancel it first.")
    return redirect(_shelf(work))


@require_POST
def restore(request: HttpRequest, key: str) -> HttpResponse:
    """Take it out of the bin."""
    work = _asked(request, key)
    type(work).objects.filter(pk=work.pk).update(binned=None)
    messages.success(request, f"{work.name} is back.")
    return redirect(work.page)


@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete it from the bin, with its files."""
    work = _asked(request, key)
    try:
        removal.delete(work)
    except RunError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{work.name} and its files are deleted.")
    return redirect(_shelf(work))
