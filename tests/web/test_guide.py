"""Help: every page of the documentation is there, its links lead somewhere, and nothing in it can act."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client

from steeliq.simulation.dataset import load
from steeliq.webui.guide import about, pages
from steeliq.webui.guide.glossary import lookup, terms

DOCS = Path(__file__).resolve().parents[2] / "docs"


class Links(HTMLParser):
    """Addresses of links and names of anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a":
            self.links.append(found.get("href") or "")
        if found.get("id"):
            self.anchors.append(found["id"] or "")


def test_every_document_is_a_page(client: Client) -> None:
    files = {file.relative_to(DOCS).with_suffix("").as_posix() for file in DOCS.rglob("*.md")}
    assert files == set(pages.names())
    front = client.get("/help/").content.decode()
    for name in files:
        answer = client.get(f"/help/{name}/")
        assert answer.status_code == 200, name
        assert f'href="/help/{name}/"' in front, name


def test_every_link_inside_the_help_leads_to_something(client: Client) -> None:
    anchors = {f"/help/{one.name}/": Links(one.html).anchors for one in pages.all_pages()}
    broken = []
    for one in pages.all_pages():
        for link in Links(one.html).links:
            path, _, anchor = link.partition("#")
            path = path or f"/help/{one.name}/"
            known = path in anchors and (not anchor or anchor in anchors[path])
            if not known and (path in anchors or client.get(path).status_code != 200):
                broken.append((one.name, link))
    assert broken == []


def test_anchors_of_a_page_are_its_own() -> None:
    for one in pages.all_pages():
        anchors = Links(one.html).anchors
        assert len(anchors) == len(set(anchors)), one.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](model.md)", '<a href="/help/model/">a</a>'),
        ("[a](model.md#x-y)", '<a href="/help/model/#x-y">a</a>'),
        ("[a](#here)", '<a href="#here">a</a>'),
        ("[a](decisions/0001-run-from-the-checkout.md)", '<a href="/help/decisions/0001-run-from-the-checkout/">a</a>'),
        ("[a](decisions)", '<a href="/help/#decisions">a</a>'),
        ("[a](nowhere.md)", '<span class="outside">a</span>'),
        ("[a](../README.md)", '<span class="outside">a</span>'),
        ("[a](https://a.example/b)", '<span class="outside">a</span> <code>https://a.example/b</code>'),
        ("<https://a.example>", '<span class="outside">https://a.example</span>'),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("[a](//a.example/b)", '<span class="outside">a</span>'),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("![p](https://a.example/p.png)", '<em class="picture">p</em>'),
        ("a <!-- b --> c", "a c"),
    ],
)
def test_links_stay_inside_and_nothing_acts(text: str, expected: str) -> None:
    known = frozenset({"model", "decisions/0001-run-from-the-checkout"})

    shown = pages.rendered("scenario", text, known)

    assert expected in shown.html
    assert "<script" not in shown.html
    assert "<img" not in shown.html


def test_links_from_a_decision_lead_up_again() -> None:
    shown = pages.rendered("decisions/0001-x", "[a](../model.md)", frozenset({"model"}))

    assert '<a href="/help/model/">a</a>' in shown.html


def test_repeated_headings_have_anchors_of_their_own() -> None:
    shown = pages.rendered("model", "# T\n\n## Same\n\n## Same\n\n### `code` & more\n", frozenset())

    assert [heading.anchor for heading in shown.headings] == ["t", "same", "same-1", "code--more"]


@pytest.mark.parametrize("path", ["nope/", "..%2F..%2Fpyproject/", "decisions/", "Model/", "model.md/", "a/b/c/"])
def test_what_is_no_page_is_not_shown(client: Client, path: str) -> None:
    assert client.get(f"/help/{path}").status_code == 404


def test_the_search_finds_titles_before_headings_before_text(client: Client) -> None:
    known = frozenset[str]()
    title = pages.rendered("one", "# Carbon\n\ntext", known)
    heading = pages.rendered("two", "# Other\n\n## On carbon prices\n\ntext", known)
    text = pages.rendered("three", "# Last\n\nwords before and some carbon inside", known)

    hits = pages.found("CARBON", [text, heading, title])

    assert [(hit.page.name, bool(hit.heading)) for hit in hits] == [("one", False), ("two", True), ("three", False)]
    assert "some carbon inside" in hits[2].excerpt
    assert pages.found("carbon absent", [text, heading, title]) == []
    assert pages.found("  ", [text]) == []


def test_the_search_page_escapes_and_finds_terms(client: Client) -> None:
    text = client.get("/help/search/", {"q": "<script>"}).content.decode()
    assert "<script>”" not in text
    assert "Nothing in the help holds" in text

    text = client.get("/help/search/", {"q": "hot metal"}).content.decode()
    assert "/help/glossary/#hot-metal" in text
    assert 'href="/help/' in text


def test_documents_are_found_in_an_installed_kit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("steeliq/docs", "docs"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "model.md").write_text("# M", encoding="utf-8")
    monkeypatch.setattr(pages, "files", lambda _: tmp_path / "steeliq")

    assert pages.docs_folder() == tmp_path / "steeliq" / "docs"
    (tmp_path / "steeliq" / "docs" / "model.md").unlink()
    assert pages.docs_folder() == tmp_path / "docs"
    (tmp_path / "docs" / "model.md").unlink()
    with pytest.raises(FileNotFoundError, match="install steeliq again"):
        pages.docs_folder()


# the glossary


def test_terms_stand_once_and_name_pages_that_exist() -> None:
    words = [word.casefold() for term in terms() for word in (term.term, *term.also)]
    assert len(words) == len(set(words))
    assert len(words) > 60
    assert {term.page for term in terms() if term.page} <= set(pages.names())
    for term in terms():
        assert term.meaning.endswith("."), term.term
        assert lookup(f" {term.term.upper()} ") == term


def test_the_glossary_shows_every_term(client: Client) -> None:
    text = client.get("/help/glossary/").content.decode()

    assert set(Links(text).anchors) >= {term.anchor for term in terms()}


def test_a_term_becomes_a_tooltip_for_pointer_and_keyboard() -> None:
    shown = Template('{% load glossary %}{% term "bof" shown %} {% term "BOF" %}').render(
        Context({"shown": "the <shop>"})
    )

    keys = re.findall(r'role="tooltip" id="([^"]+)"', shown)
    assert len(keys) == len(set(keys)) == 2
    assert all(f'aria-describedby="{key}"' in shown for key in keys)
    assert shown.count('tabindex="0"') == 2
    assert "the &lt;shop&gt;" in shown
    known = lookup("BOF")
    assert known is not None
    assert known.meaning in shown


def test_the_terms_of_a_sentence_are_explained_once_each() -> None:
    shown = Template("{% load glossary %}{% explained text %}").render(
        Context({"text": "<b>Scrap share</b> of charge; hot metal, blast furnaces and scrap"})
    )

    assert re.findall(r"<dfn [^>]*>([^<]+)</dfn>", shown) == ["Scrap", "charge", "hot metal", "blast furnaces"]
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown


def test_an_unknown_term_is_plain_escaped_text() -> None:
    assert Template("{% load glossary %}{% term word %}").render(Context({"word": "<b>"})) == "&lt;b&gt;"


# what this copy is made of


def test_about_names_versions_packages_and_sources(client: Client) -> None:
    text = client.get("/help/about/").content.decode()

    for name in ("Django", "highspy", "pandas", "plotly", "waitress", "python-calamine"):
        assert f">{name}</a></td><td>{distribution(name).version}</td>" in text, name
    for title in load()["sources"]["title"]:
        assert title.split("'")[0].split("&")[0] in text
    assert "pytest" not in {package.name for package in about.packages()}


def test_every_package_has_a_licence_and_a_page_for_it(client: Client) -> None:
    for package in about.packages():
        assert package.licence, package.name
        answer = client.get(f"/help/about/licence/{package.name}/")
        assert answer.status_code == 200, package.name
    assert "Apache License" in client.get("/help/about/licence/steeliq/").content.decode()
    for name in ("nope", "pytest", "..%2F..%2FLICENSE"):
        assert client.get(f"/help/about/licence/{name}/").status_code == 404


# in a browser


def test_the_help_is_read_by_keyboard(watched: Any) -> None:
    page = watched.page
    page.goto("/help/")
    page.get_by_label("Search the help").fill("border adjustment")
    page.keyboard.press("Enter")
    page.locator("#hits a").first.wait_for()
    page.locator("#hits .hits a").first.focus()
    page.keyboard.press("Enter")
    page.locator("article.prose h1").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
