"""The field's terms in a sentence or two, for tooltips and the glossary page (``glossary.csv``)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from steeliq.paths import plain_name


@dataclass(frozen=True, slots=True)
class Term:
    """A term, other words for it, what it means, and the page of the documentation that says more ('' if none)."""

    term: str
    also: tuple[str, ...]
    meaning: str
    page: str

    @property
    def anchor(self) -> str:
        """Its place on the glossary page."""
        return plain_name(self.term)


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
