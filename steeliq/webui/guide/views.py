"""Help: the documentation, its search, the glossary, and what this copy is made of."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from steeliq.simulation.dataset import load
from steeliq.webui.guide import about as facts
from steeliq.webui.guide.glossary import terms
from steeliq.webui.guide.pages import all_pages, by_section, found
from steeliq.webui.guide.pages import page as read


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All pages."""
    return render(request, "guide/index.html", {"sections": by_section(all_pages()), "tab": "index"})


@require_safe
def page(request: HttpRequest, page: str) -> HttpResponse:
    """One page of the documentation."""
    try:
        shown = read(page)
    except KeyError as error:
        raise Http404(f"there is no page {page}") from error
    # made by our renderer from our own text, which passes no HTML through
    body = mark_safe(shown.html)  # noqa: S308
    context = {"page": shown, "body": body, "pages": all_pages(), "tab": "index"}
    return render(request, "guide/page.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Pages, headings and terms that hold the words."""
    query = request.GET.get("q", "")[:100].strip()
    words = query.casefold().split()
    known = [one for one in terms() if words and all(word in _all_of(one.term, one.also) for word in words)]
    context = {"query": query, "hits": found(query, all_pages()), "terms": known, "tab": "index"}
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "guide/search.html#hits" if fragment else "guide/search.html", context)


def _all_of(term: str, also: tuple[str, ...]) -> str:
    return " ".join((term, *also)).casefold()


@require_safe
def glossary_page(request: HttpRequest) -> HttpResponse:
    """The field's terms."""
    return render(request, "guide/glossary.html", {"terms": terms(), "tab": "glossary"})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Versions, licences, attributions."""
    sources = load()["sources"].to_dict("records")
    context = {
        "versions": facts.versions(),
        "packages": facts.packages(),
        "scripts": facts.SCRIPTS,
        "sources": sources,
        "tab": "about",
    }
    return render(request, "guide/about.html", context)


@require_safe
def licence(request: HttpRequest, package: str) -> HttpResponse:
    """The licence text of a package."""
    try:
        text = facts.licence_text(package)
    except KeyError as error:
        raise Http404(f"there is no package {package}") from error
    return render(request, "guide/licence.html", {"package": package, "text": text, "tab": "about"})
