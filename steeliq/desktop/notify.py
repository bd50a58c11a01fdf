"""Tell the person on the desktop that a run has ended, by what the system has for that."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import suppress


def notify(title: str, text: str) -> None:
    """Show a notification; a system without any shows none (the window's title tells too)."""
    command: list[str] = []
    if sys.platform == "darwin":
        command = ["osascript", "-e", f"display notification {json.dumps(text)} with title {json.dumps(title)}"]
    elif sys.platform == "linux" and (tool := shutil.which("notify-send", path="/usr/local/bin:/usr/bin:/bin")):
        command = [tool, "--app-name=steeliq", "--icon=steeliq", "--", title, text]
    if command:
        with suppress(OSError):
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def show_folder(path: str) -> None:
    """Open a folder in the system's file manager."""
    opener = {"darwin": "open", "win32": "explorer"}.get(sys.platform, "xdg-open")
    with suppress(OSError):
        subprocess.Popen([opener, path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
