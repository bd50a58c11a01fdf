"""Pages between the app and its launcher; what they change, they change by a POST."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from steeliq.webui.compare.views import taken_in
from steeliq.webui.core.launcher import say
from steeliq.webui.runs import life
from steeliq.webui.runs.models import State, Work, working
from steeliq.webui.shell.offered import offered


@require_safe
def closing(request: HttpRequest) -> HttpResponse:
    """Name what still runs, and ask what is to become of it."""
    back = request.GET.get("back", "")
    ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return render(request, "shell/closing.html", {"runs": _alive(), "back": back if ours else "/"})


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close steeliq; ``cancel`` gives up what runs, otherwise it can be resumed after its last complete year."""
    if request.POST.get("runs") == "cancel":
        for run in _alive():
            life.ask_to_cancel(run.key, of=type(run))
    return _LastPage(render_to_string("shell/closed.html", request=request))


class _LastPage(HttpResponse):
    """Tells the launcher to close when the page is on its way."""

    def close(self) -> None:
        super().close()
        say(close=True)


@require_http_methods(["GET", "HEAD", "POST"])
def opened(request: HttpRequest, key: str) -> HttpResponse:
    """A file that was opened with steeliq: say what it is, and take it in when asked to."""
    path = offered(key)
    if path is None:
        raise Http404
    if request.method == "POST":
        return taken_in(request, path, path.name)
    size = path.stat().st_size if path.is_file() else None
    return render(request, "shell/offered.html", {"path": path, "size": size, "key": key})


def _alive() -> list[Work]:
    return sorted(working(State.QUEUED, State.RUNNING), key=lambda run: run.created)
