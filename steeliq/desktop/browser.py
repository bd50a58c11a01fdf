"""The system's browser, for those who have no window."""

from __future__ import annotations

import os
import sys
import webbrowser
from threading import Thread
from typing import Final

USUAL: Final = ("/usr/local/bin", "/usr/bin", "/bin")


def has_display() -> bool:
    """A browser could show a page (without a display, a text browser might take over the terminal)."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_browser(address: str) -> None:
    """Open the address; where there is no browser, nothing happens, and the address stands in the terminal."""
    if not address or not has_display():
        return
    if sys.platform != "win32":  # started from a menu or with an empty PATH, it would find none
        known = os.environ.get("PATH", "").split(os.pathsep)
        os.environ["PATH"] = os.pathsep.join(dict.fromkeys([*filter(None, known), *USUAL]))
    # In a thread: with BROWSER set, the call returns when the browser is closed.
    Thread(target=webbrowser.open, args=(address,), daemon=True).start()
