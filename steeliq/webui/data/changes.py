"""What changes the set of datasets: upload, duplicate, delete."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from steeliq.errors import DatasetError
from steeliq.webui.data import library
from steeliq.webui.data.library import Entry, NoSuchDataset, NotPossible
from steeliq.webui.data.uploads import Refusal, take
from steeliq.webui.data.views import found
from steeliq.webui.runs.models import ALIVE, working

TITLE = 120  # characters


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take a workbook or package, or say everything that is wrong with it."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        messages.error(request, "Choose a file first.")
        return redirect("data:index")
    try:
        base = library.entry(request.POST.get("base") or library.REFERENCE)
    except NoSuchDataset:
        messages.error(request, "The dataset that was to give the world round the plants is gone; choose another.")
        return redirect("data:index")
    try:
        made = take(file, _title(request), base)
    except Refusal as refusal:
        context = {"where": refusal.where, "problems": refusal.problems}
        return render(request, "data/refused.html", context, status=422)
    messages.success(request, f"{made.title} is ready.")
    return redirect("data:report" if made.imported else "data:dataset", key=made.key)


@require_POST
def duplicate(request: HttpRequest, key: str) -> HttpResponse:
    """A copy that can be changed."""
    one = found(key)
    try:
        made = library.duplicate(one, _title(request) or f"Copy of {one.title}"[:TITLE])
    except DatasetError:
        messages.error(request, f"{one.title} has problems and cannot be duplicated; see its checks.")
        return redirect("data:checks", key=key)
    messages.success(request, f"{made.title} is ready; its cells can be edited.")
    return redirect("data:dataset", key=made.key)


@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Remove an own dataset, unless a run still reads it."""
    one = found(key)
    try:
        _refuse_if_used(one)
        library.delete(one)
    except NotPossible as error:
        messages.error(request, f"Not deleted: {error}.")
        return redirect("data:index")
    messages.success(request, f"{one.title} was deleted.")
    return redirect("data:index")


def _refuse_if_used(one: Entry) -> None:
    using = next((work for work in working(*ALIVE) if work.dataset == one.run_value), None) if one.is_own else None
    if using is not None:
        raise NotPossible(f"the {using.AREA[:-1]} {using.name} is waiting or working with it; cancel it first")


def _title(request: HttpRequest) -> str:
    """The title that was typed, on one line."""
    return " ".join(request.POST.get("title", "").split())[:TITLE]
