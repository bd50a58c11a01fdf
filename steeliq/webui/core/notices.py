"""What every page must tell for as long as it is so, such as workers that do not start; kept by the serving process."""

from __future__ import annotations

_notices: dict[str, str] = {}


def tell(subject: str, text: str) -> None:
    """Show ``text`` on every page; it replaces what was told on the same subject."""
    _notices[subject] = text


def untell(subject: str) -> None:
    """It is no longer so."""
    _notices.pop(subject, None)


def is_told(subject: str) -> bool:
    """Whether something is told on the subject."""
    return subject in _notices


def told() -> list[str]:
    """All that is to be shown."""
    return list(_notices.values())
