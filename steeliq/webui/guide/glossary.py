"""The field's terms in a sentence or two, for tooltips and the glossary page (``glossary.csv``)."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from steeliq.paths import address_name


@dataclass(frozen=True, slots=True)
class Term:
    """A term, other words for it, what it means, and the page of the documentation that says more ('' if none)."""

    term: str
    also: tuple[str, ...]
    meaning: str
    page: str

    @property
    def shown(self) -> str:
        """The term as a heading."""
        return self.term[0].upper() + self.term[1:]

    @property
    def anchor(self) -> str:
        """Its place on the glossary page."""
        return address_name(self.term)


@cache
def terms() -> tuple[Term, ...]:
    """All terms in alphabetical order."""
    text = files(__package__).joinpath("glossary.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    found = [
        Term(row["term"], tuple(filter(None, row["also"].split("; "))), row["meaning"], row["page"]) for row in rows
    ]
    return tuple(sorted(found, key=lambda term: term.term.casefold()))


@cache
def _by_word() -> dict[str, Term]:
    return {word.casefold(): term for term in terms() for word in (term.term, *term.also)}


def lookup(word: str) -> Term | None:
    """The term that ``word`` names, whatever its case; None if the glossary has none."""
    return _by_word().get(word.strip().casefold())


@cache
def _words() -> re.Pattern[str]:
    """Any word of the glossary as a whole word, the longest first, also in the plural."""
    words = sorted(_by_word(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, words))})s?(?!\w)", re.IGNORECASE)


def spans_in(text: str) -> list[tuple[int, int, Term]]:
    """Where terms stand in a text, each at its first place: begin, end, term."""
    found: dict[Term, tuple[int, int]] = {}
    for match in _words().finditer(text):
        found.setdefault(_by_word()[match[1].casefold()], match.span())
    return sorted((*span, term) for term, span in found.items())


def named_in(text: str) -> list[Term]:
    """Terms that occur in a text, in alphabetical order.

    >>> [term.term for term in named_in("LCOS of an EAF, USD/t")]
    ['electric arc furnace', 'LCOS']
    """
    found = {term for _, _, term in spans_in(text)}
    return [term for term in terms() if term in found]
