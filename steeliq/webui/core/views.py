"""Pages that belong to no area: the way in, health, refusals."""

from __future__ import annotations

import logging
import os

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from steeliq import __version__
from steeliq.webui.core.theme import THEMES, keep_theme

logger = logging.getLogger(__name__)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The day begins with the runs."""
    del request
    return redirect("/runs/")


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Tells a launcher that this very server is up; the nonce is its own and opens nothing."""
    del request
    return JsonResponse({"steeliq": __version__, "nonce": os.environ.get("STEELIQ_NONCE", "")})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme that was chosen; the page shows it already."""
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        return HttpResponseBadRequest(f"the theme must be {' or '.join(THEMES)}")
    try:
        keep_theme(chosen)
    except OSError as error:
        logger.warning("the theme could not be kept: %s", error)
    return HttpResponse(status=204)


def refused_post(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A post without this page's token: another site, or a page from before a restart."""
    del reason
    return render(request, "core/stale.html", status=403)
