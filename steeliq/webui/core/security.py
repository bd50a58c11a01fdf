"""Only the browser that was let in: localhost is not private, any program or page on the machine can reach a port.

The server starts with a random token. Its one-time URL sets a cookie that no script can read and no other site can
send; everything else without that cookie is refused, results and downloads included.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

TOKEN = "STEELIQ_TOKEN"  # noqa: S105 (the name of an environment variable)
COOKIE = "STEELIQ_COOKIE"
OPEN_PATH = "/open/"


def token() -> str:
    """The secret of this start; empty only if nobody set one, and then nobody gets in."""
    return os.environ.get(TOKEN, "")


def cookie_name() -> str:
    """A name of its own per start: cookies ignore ports, and two servers must not overwrite each other's."""
    return os.environ.get(COOKIE, "steeliq_session")


class OnlyThisBrowser:
    """Refuse every request without this start's cookie, except the one-time URL, the health check and static files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let in, let through, or refuse."""
        if request.path == OPEN_PATH:
            return self._let_in(request)
        if request.path != "/health/" and not self._knows(request):
            return render(request, "core/refused.html", status=403)
        response = self._next(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @staticmethod
    def _knows(request: HttpRequest) -> bool:
        known = request.COOKIES.get(cookie_name(), "")
        return bool(token()) and hmac.compare_digest(known.encode(), token().encode())

    @staticmethod
    def _let_in(request: HttpRequest) -> HttpResponse:
        given = request.GET.get("token", "")
        if not token() or not hmac.compare_digest(given.encode(), token().encode()):
            return render(request, "core/refused.html", status=403)
        response = HttpResponseRedirect("/")
        response.set_cookie(cookie_name(), token(), httponly=True, samesite="Strict", path="/")
        response.headers["Cache-Control"] = "no-store"
        return response
