"""The log of work of any kind: what the process wrote that did it, its end on a page, the whole as text."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from steeliq.webui.runs.models import Work, kinds

TAIL_BYTES: Final = 6000
"""As much of its end as a page shows."""


def tail(work: Work) -> str:
    """The last lines of the log; empty if there is none."""
    try:
        with work.log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return text if size <= TAIL_BYTES else text.partition("\n")[2]


@require_safe
def whole(request: HttpRequest, key: str, area: str) -> HttpResponse:
    """The whole log of the work of this area that has the key."""
    del request
    kind = next(kind for kind in kinds() if area == kind.AREA)
    work = kind.objects.filter(key=key).first()
    if work is None:
        raise Http404(f"there is nothing {key} in {area}")
    try:
        text = work.log.read_text("utf-8", "replace")
    except OSError:
        text = f"There is no log of this {kind.__name__.lower()}.\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
