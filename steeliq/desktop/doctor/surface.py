"""What shows the pages: a window of its own, else the system's browser."""

from __future__ import annotations

import os
import re
import sys
import webbrowser

from steeliq.desktop.doctor.findings import Finding, ok, warning
from steeliq.desktop.probe import probe

INSTEAD = "steeliq opens in the browser instead"


def window(timeout: float = 8.0) -> Finding:
    """Whether a window can be opened."""
    found = probe(timeout)
    if found.ok:
        return ok(found.reason)
    return warning(f"none can be opened: {found.reason}; {INSTEAD}", _remedy(found.reason, found.library))


def _remedy(reason: str, library: str) -> str:
    if library:
        package = debian_package(library)
        return f"Install the package that holds {library} (Debian and Ubuntu: most likely {package})."
    if "WebView2" in reason:
        return "Ask for Microsoft's 'WebView2 Runtime' to be installed; it comes with current Windows."
    if "not installed" in reason or "without its browser engine" in reason:
        return "Use the kit with a window, or go on with the browser."
    if "graphical session" in reason:
        return "Start it from the desktop, or use 'steeliq serve --no-browser' and a browser on this machine."
    if "root" in reason:
        return "Start steeliq from an ordinary account."
    if "damaged" in reason:
        return "Check the kit with 'steeliq doctor --full'; unpack it again if files are missing."
    return "Go on with the browser; if it should be a window, send the output of 'steeliq diagnostics'."


def debian_package(library: str) -> str:
    """The Debian package that a library most likely is in, by Debian's rule for their names.

    >>> debian_package("libxcb-cursor.so.0"), debian_package("libxkbcommon-x11.so.0"), debian_package("libnss3.so")
    ('libxcb-cursor0', 'libxkbcommon-x11-0', 'libnss3')
    >>> debian_package("libglib-2.0.so.0")
    'libglib2.0-0'
    """
    name, _, number = library.lower().partition(".so")
    name = re.sub(r"^(lib[a-z]+)-(\d+\.\d+)$", r"\1\2", name)
    number = number.strip(".").partition(".")[0]
    return f"{name}{'-' if number and name[-1].isdigit() else ''}{number}"


def browser() -> Finding:
    """The browser that an address is opened with."""
    graphical = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    remedy = "Install a browser, or name one by the variable BROWSER; without any, use 'steeliq run'."
    if not graphical:
        return warning("there is no graphical session to open one in", "Start steeliq from the desktop.")
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return warning("none was found", remedy)
    return ok(str(getattr(found, "name", "") or "the system's browser"))
