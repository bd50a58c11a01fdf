"""``{% load glossary %}{% term "hot metal" %}``: a term with its meaning as a tooltip for pointer and keyboard.

``{% term "LCOS" "levelised cost" %}`` shows other words; ``{% explained text %}`` finds the terms of a sentence.
"""

from __future__ import annotations

from secrets import token_hex

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from steeliq.webui.guide.glossary import Term, lookup, spans_in

register = template.Library()


@register.simple_tag
def term(word: str, shown: str = "") -> str | SafeString:
    """``shown`` (else ``word``) with the term's meaning; plain text if the glossary does not know it."""
    known = lookup(word)
    return shown or word if known is None else _with_tip(known, shown or word)


@register.simple_tag
def explained(text: str) -> SafeString:
    """A sentence in which every term of the glossary has its meaning, at its first place."""
    parts, done = [], 0
    for begin, end, known in spans_in(text):
        parts += [escape(text[done:begin]), _with_tip(known, text[begin:end])]
        done = end
    return mark_safe("".join([*parts, escape(text[done:])]))  # noqa: S308 (every part is escaped)


def _with_tip(known: Term, shown: str) -> SafeString:
    key = f"term-{token_hex(4)}"  # unique also beside fragments that arrive later
    return format_html(
        '<span class="term"><dfn tabindex="0" aria-describedby="{0}">{1}</dfn>'
        '<span class="tip" role="tooltip" id="{0}">{2}</span></span>',
        *(key, shown, known.meaning),
    )
