"""The theme that the person chose, light or dark; none: as the system has it.

It lies in the data folder and not in the browser, whose store belongs to an address that changes with every start.
"""

from __future__ import annotations

from typing import Final

from steeliq.atomic import write_text_atomically
from steeliq.paths import data_folder

THEMES: Final = ("light", "dark")
FILE: Final = "theme.txt"


def kept_theme() -> str:
    """The theme that was chosen last; empty if none was."""
    try:
        text = (data_folder() / FILE).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return text if text in THEMES else ""


def keep_theme(theme: str) -> None:
    """Keep a theme of ``THEMES``. Raises OSError."""
    write_text_atomically(data_folder() / FILE, f"{theme}\n")
