"""The documentation as pages of the app: found, rendered safely, with links that stay inside, and searched.

In a checkout the documentation lies beside the package (``docs/``); an installed kit carries it inside
(``steeliq/docs``). Text is rendered without raw HTML, so nothing in it can act; links to other pages of the
documentation lead to them, all others are shown as text, since the app opens no address outside this machine.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

ORDER = (
    *(
        "model",
        "reference-model",
        "scenario",
        "results",
        "cli",
        "ensembles",
        "performance",
        "dataset",
        "data",
        "fleet",
        "recipes",
        "validation",
        "verify",
    ),
    *("sources", "operations", "packaging", "decision-guide", "reference-architecture", "architecture"),
)
"""Reading order; pages that are not named follow by title."""
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)?")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page: level 1 to 6, text, and the anchor that a link names."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its name in addresses, title, headings, the rendered text and the plain one."""

    name: str
    title: str
    headings: tuple[Heading, ...]
    html: str
    text: str

    @property
    def contents(self) -> tuple[Heading, ...]:
        """The headings of a table of contents."""
        return tuple(heading for heading in self.headings if heading.level in {2, 3})


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a search was successful: the page, the heading if it was one, and words round the place."""

    page: Page
    heading: Heading | None
    excerpt: str


def docs_folder() -> Path:
    """Where the documentation lies; raises FileNotFoundError if it is in neither place."""
    package = Path(str(files("steeliq")))
    for folder in (package / "docs", package.parent / "docs"):
        if (folder / "model.md").is_file():
            return folder
    raise FileNotFoundError("the documentation is missing; install steeliq again")


def names() -> list[str]:
    """All pages in reading order, then the decisions."""
    folder = docs_folder()
    plain = sorted(file.stem for file in folder.glob("*.md"))
    rank = {name: number for number, name in enumerate(ORDER)}
    decisions = sorted(f"decisions/{file.stem}" for file in folder.glob("decisions/*.md"))
    found = sorted(plain, key=lambda name: (rank.get(name, len(rank)), name)) + decisions
    return [name for name in found if _NAME.fullmatch(name)]


def page(name: str) -> Page:
    """The page of this name; raises KeyError if there is none."""
    if not _NAME.fullmatch(name):
        raise KeyError(name)
    file = docs_folder() / f"{name}.md"
    if not file.is_file():
        raise KeyError(name)
    return _page(name, file, file.stat().st_mtime_ns)


def all_pages() -> list[Page]:
    """Every page in reading order."""
    return [page(name) for name in names()]


@lru_cache(maxsize=64)
def _page(name: str, file: Path, changed: int) -> Page:
    del changed  # part of the key only
    return rendered(name, file.read_text(encoding="utf-8"), known=frozenset(names()))


def rendered(name: str, text: str, known: frozenset[str]) -> Page:
    """Markdown as a page; ``known`` are the names of pages that links may lead to."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.add_render_rule("link_open", _link_open)
    parser.add_render_rule("link_close", _link_close)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("code_block", _code_block)
    tokens = parser.parse(_COMMENT.sub("", text))
    headings = _anchored(tokens)
    _plain_corners(tokens)
    plain = " ".join(token.content for token in tokens if token.type in {"inline", "fence", "code_block"})
    title = headings[0].text if headings and headings[0].level == 1 else name
    body = parser.renderer.render(tokens, parser.options, {"page": name, "known": known})
    return Page(name, title, tuple(headings), body, re.sub(r"[`*|]|\]\([^)]*\)|\[", "", plain))


def _anchored(tokens: list[Token]) -> list[Heading]:
    """Give each heading the anchor that code hosts give it; lower-case words joined by hyphens, numbered if needed."""
    headings: list[Heading] = []
    seen: dict[str, int] = {}
    for at, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        children = tokens[at + 1].children or []
        text = "".join(child.content for child in children if child.type in {"text", "code_inline"})
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        count = seen[slug] = seen.get(slug, -1) + 1
        anchor = f"{slug}-{count}" if count else slug
        token.attrSet("id", anchor)
        headings.append(Heading(int(token.tag[1]), text, anchor))
    return headings


def _plain_corners(tokens: list[Token]) -> None:
    """An empty head of a column heads nothing: make it a plain cell."""
    for at, token in enumerate(tokens):
        if token.type == "th_open" and not tokens[at + 1].content:
            token.tag = tokens[at + 2].tag = "td"


def target(link: str, page: str, known: frozenset[str]) -> str | None:
    """Address inside the app that a link on ``page`` leads to; None if it leads elsewhere."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    if not parts.path:
        return f"#{parts.fragment}" if parts.fragment else None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), parts.path))
    name = path.removesuffix(".md")
    if path == name and name != "decisions":
        return None
    if name == "decisions":
        return "/help/#decisions"
    if name not in known:
        return None
    return f"/help/{name}/" + (f"#{parts.fragment}" if parts.fragment else "")


def _link_open(self: RendererHTML, tokens: list[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    del self, options
    inside = target(str(tokens[at].attrGet("href") or ""), str(env["page"]), env["known"])
    return '<span class="outside">' if inside is None else f'<a href="{html.escape(inside)}">'


def _link_close(self: RendererHTML, tokens: list[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    del self, options
    opened, depth = at, 1
    while depth:
        opened -= 1
        depth += {"link_close": 1, "link_open": -1}.get(tokens[opened].type, 0)
    link = str(tokens[opened].attrGet("href") or "")
    if target(link, str(env["page"]), env["known"]) is not None:
        return "</a>"
    told = "" if tokens[opened + 1].content == link else f" <code>{html.escape(link)}</code>"
    return f"</span>{told}" if urlsplit(link).scheme in {"http", "https"} else "</span>"


def _image(self: RendererHTML, tokens: list[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    del self, options, env
    return f'<em class="picture">{html.escape(tokens[at].content)}</em>'


def _table_open(self: RendererHTML, tokens: list[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    del self, tokens, at, options
    env["tables"] = int(env.get("tables", 0)) + 1
    return f'<div class="scroll" role="region" aria-label="Table {env["tables"]}" tabindex="0"><table>'


def _fence(self: RendererHTML, tokens: list[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    # Long lines are scrolled, also by keyboard.
    return RendererHTML.fence(self, tokens, at, options, env).replace("<pre>", '<pre tabindex="0">', 1)


def _code_block(self: RendererHTML, tokens: list[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    """An indented block, such as an equation, that can be scrolled from the keyboard too."""
    return RendererHTML.code_block(self, tokens, at, options, env).replace("<pre>", '<pre tabindex="0">', 1)


def _table_close(self: RendererHTML, tokens: list[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    del self, tokens, at, options, env
    return "</table></div>"


def found(query: str, pages: list[Page], limit: int = 40) -> list[Hit]:
    """Pages and headings that hold every word of ``query``: titles first, then headings, then text."""
    words = query.casefold().split()[:8]
    if not words:
        return []

    def holds(text: str) -> bool:
        folded = text.casefold()
        return all(word in folded for word in words)

    titles = [Hit(one, None, _excerpt(one.text, words)) for one in pages if holds(one.title)]
    headings = [Hit(one, head, "") for one in pages for head in one.headings[1:] if holds(head.text)]
    told = {hit.page.name for hit in titles + headings}
    texts = [Hit(one, None, _excerpt(one.text, words)) for one in pages if one.name not in told and holds(one.text)]
    return (titles + headings + texts)[:limit]


def _excerpt(text: str, words: list[str], around: int = 90) -> str:
    """Words round the first place where one of ``words`` stands."""
    folded = text.casefold()
    places = [place for place in (folded.find(word) for word in words) if place >= 0]
    start = max(min(places, default=0) - around, 0)
    end = min(start + 2 * around, len(text))
    return ("… " if start else "") + " ".join(text[start:end].split()) + (" …" if end < len(text) else "")


def by_section(pages: list[Page]) -> Mapping[str, list[Page]]:
    """Pages for the front page: the documentation, and why the program is built as it is."""
    decisions = [one for one in pages if one.name.startswith("decisions/")]
    return {"Documentation": [one for one in pages if one not in decisions], "Why it is built so": decisions}
