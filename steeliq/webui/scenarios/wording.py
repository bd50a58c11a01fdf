"""Values of settings as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

UNSET: Final = {
    "carbon.borders": "as in the dataset",
    "carbon.caps": "as in the dataset",
    "carbon.paths": "as in the carbon scenario",
    "demand.premiums": "as in the dataset",
    "finance.capex": "as in the dataset",
    "limits.use": "none",
    "prices.factors": "1",
    "siting.deployment": "as the dataset's costs expect",
    "support.capex": "none",
    "support.debt": "none",
    "support.hydrogen": "none",
    "support.strikes": "none",
    "trade.charges": "none",
    "trade.duties": "none",
    "trade.limits": "none",
}
"""What holds for a name that is not in one of these tables of paths."""


def number_text(value: float) -> str:
    """A number as it is typed: exact, without an idle ``.0``.

    >>> number_text(1.0), number_text(0.15), number_text(2025)
    ('1', '0.15', '2025')
    """
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def value_text(value: Any) -> str:
    """Any setting in one line.

    >>> value_text(True), value_text({2025: 1.0, 2050: 0.6}), value_text(None)
    ('yes', '1 in 2025, 0.6 in 2050', 'as in the dataset')
    """
    if value is None:
        return "as in the dataset"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{value_text(entry)} in {year}" for year, entry in value.items()) or "none"
    return str(value)


def plain(text: str) -> str:
    """A setting as a scenario file has it, for a page: a switch is told as the editor tells it.

    >>> plain("true"), plain("false"), plain("1.0")
    ('yes', 'no', '1.0')
    """
    return {"true": "yes", "false": "no"}.get(text, text)


def choice_text(value: Any) -> str:
    """One of a few words of the model.

    >>> choice_text("avoidable_cost"), choice_text("scope1_and_2")
    ('avoidable cost', 'scope 1 and 2')
    """
    return re.sub(r"(?<=[a-z])(?=[0-9])", " ", str(value).replace("_", " "))
