"""The storage page: where the data are, what takes room, what can go, and which backup can be put back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from steeliq.errors import RunError
from steeliq.paths import data_folder
from steeliq.webui.core import backups as rules
from steeliq.webui.core.database import database_path
from steeliq.webui.core.places import SCARCE, worries
from steeliq.webui.storage import clearing
from steeliq.webui.storage.sizes import free_room, overview, run_sizes

PAGE = "/storage/"
SHOWN = 20
"""Runs that the page shows; the smaller ones are summed up."""


@require_safe
def storage(request: HttpRequest) -> HttpResponse:
    """The page itself."""
    runs = run_sizes()
    kinds = overview(runs)
    free = free_room()
    ordered = rules.ordered(database_path())
    found = rules.backups(database_path())
    context: dict[str, Any] = {
        "folder": data_folder(),
        "free": free,
        "scarce": free < SCARCE,
        "worries": [text for subject, text in worries(data_folder()).items() if subject != "room"],
        "kinds": kinds,
        "total": sum(one.size for one in kinds),
        "runs": runs[:SHOWN],
        "others": len(runs[SHOWN:]),
        "others_size": sum(one.size for one in runs[SHOWN:]),
        "offers": clearing.offers(),
        "backups": found,
        "ordered": next((one for one in found if one.name == ordered), None),
    }
    return render(request, "storage/storage.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: HttpRequest, slug: str) -> HttpResponse:
    """What would go, by name; posted, it goes."""
    offer = clearing.offer(slug)
    if offer is None:
        raise Http404(f"there is no way {slug} to free room")
    if request.method != "POST":
        return render(request, "storage/clear.html", {"offer": offer})
    before = offer.size
    try:
        offer.way.do()
    except RunError as error:
        messages.error(request, f"Not all of it is gone: {error}")
    else:
        count = len(offer.goes)
        messages.success(request, f"{count} {'thing' if count == 1 else 'things'} deleted, {_megabytes(before)} freed.")
    return redirect(PAGE)


@require_POST
def create_backup(request: HttpRequest) -> HttpResponse:
    """Back up the database now."""
    now = timezone.now()
    try:
        made = rules.back_up(database_path(), "asked", now)
    except RunError as error:
        messages.error(request, str(error))
    else:
        is_new = made.made == now
        text = "The database is backed up." if is_new else "Nothing has changed since the newest backup; it is as good."
        messages.success(request, text)
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, name: str) -> HttpResponse:
    """What putting a backup back means; posted, it is put back at the next start."""
    try:
        chosen = rules.find(database_path(), name)
        if request.method != "POST":
            return render(request, "storage/restore.html", {"backup": chosen})
        rules.order(database_path(), chosen.name)
    except (RunError, OSError) as error:
        messages.error(request, str(error))
    return redirect(PAGE)


@require_POST
def take_back_order(request: HttpRequest) -> HttpResponse:
    """No backup is to be put back at the next start."""
    rules.take_back_order(database_path())
    messages.success(request, "The database stays as it is.")
    return redirect(PAGE)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"
