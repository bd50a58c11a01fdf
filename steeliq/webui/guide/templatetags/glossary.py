"""``{% load glossary %}{% term "hot metal" %}``: a term with its meaning as a tooltip for pointer and keyboard.

``{% term "LCOS" "levelised cost" %}`` shows other words. A page that uses it needs the style sheet
``guide/glossary.css``.
"""

from __future__ import annotations

from secrets import token_hex

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from steeliq.webui.guide.glossary import lookup

register = template.Library()


@register.simple_tag
def term(word: str, shown: str = "") -> str | SafeString:
    """``shown`` (else ``word``) with the term's meaning; plain text if the glossary does not know it."""
    known = lookup(word)
    if known is None:
        return shown or word
    key = f"term-{token_hex(4)}"  # unique also beside fragments that arrive later
    return format_html(
        '<span class="term"><dfn tabindex="0" aria-describedby="{0}">{1}</dfn>'
        '<span class="tip" role="tooltip" id="{0}">{2}</span></span>',
        *(key, shown or word, known.meaning),
    )
