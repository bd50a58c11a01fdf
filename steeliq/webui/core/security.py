"""Only the browser that was let in: localhost is not private, any program or page on the machine can reach a port.

The server starts with a random token in its environment. A one-time address carries a ticket; the first browser that
opens it gets a cookie that no script can read and no other site can send. Everything else without that cookie is
refused, results, downloads and scripts included.
"""

from __future__ import annotations

import hmac
import logging
import os
import secrets
from collections.abc import Callable
from threading import Lock

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from steeliq.webui.core.names import cookie_name

__all__ = ["OPEN_PATH", "TOKEN", "OnlyThisBrowser", "cookie_name", "issue_ticket", "token"]

TOKEN = "STEELIQ_TOKEN"  # noqa: S105 (the name of an environment variable)
OPEN_PATH = "/open/"
HEALTH_PATH = "/health/"

logger = logging.getLogger(__name__)

_tickets: set[str] = set()
_lock = Lock()


def token() -> str:
    """The secret of this start; empty only if nobody set one, and then nobody gets in."""
    return os.environ.get(TOKEN, "")


def issue_ticket() -> str:
    """A new one-time ticket; tickets that were not used stay good until this process ends."""
    ticket = secrets.token_urlsafe(32)
    with _lock:
        _tickets.add(ticket)
    return ticket


def _redeem(given: str) -> bool:
    """Whether the ticket is good; it is used up by that."""
    with _lock:
        found = [ticket for ticket in _tickets if hmac.compare_digest(given.encode(), ticket.encode())]
        _tickets.difference_update(found)
    return bool(found)


class OnlyThisBrowser:
    """Refuse every request without this start's cookie, except the one-time address and the health check."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let in, let through, or refuse."""
        response = self._answer(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path == OPEN_PATH:
            return self._let_in(request)
        if request.path != HEALTH_PATH and not self._knows(request):
            return _refused(request)
        return self._next(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A database that stays locked or cannot be written is told in words; everything else is an error page."""
        if not isinstance(error, OperationalError):
            return None
        logger.error("%s %s: %s", request.method, request.path, error)
        return render(request, "core/busy.html", {"reason": str(error)}, status=503)

    @staticmethod
    def _knows(request: HttpRequest) -> bool:
        known = request.COOKIES.get(cookie_name(), "")
        return bool(token()) and hmac.compare_digest(known.encode(), token().encode())

    @staticmethod
    def _let_in(request: HttpRequest) -> HttpResponse:
        if not token() or not _redeem(request.GET.get("ticket", "")):
            return _refused(request)
        response = HttpResponseRedirect(_ours(request.GET.get("next", "")))
        response.set_cookie(cookie_name(), token(), httponly=True, samesite="Strict", path="/")
        return response


def _ours(address: str) -> str:
    """Where to go from the way in: a page of this app, or the first one."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else "/"


def _refused(request: HttpRequest) -> HttpResponse:
    return render(request, "core/refused.html", status=403)
