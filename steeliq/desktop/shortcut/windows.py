"""Windows: a link in the Start menu, and ``*.steeliq`` for this user in the registry.

Written from Microsoft's documentation; texts and values are tested, nothing of it has been run on Windows yet.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from steeliq.desktop.shortcut import icon
from steeliq.desktop.shortcut.command import Command, ShortcutError

KIND = "steeliq.run"
CLASSES = r"Software\Classes"


def start_menu() -> Path:
    """The user's own Start menu."""
    return Path(os.environ.get("APPDATA", "")) / "Microsoft" / "Windows" / "Start Menu" / "Programs"


def icon_file(folder: Path) -> dict[Path, bytes]:
    """The icon below the data folder, which outlives a kit's folder."""
    return {folder / "steeliq.ico": icon.ico()}


def script(command: Command, link: Path, picture: Path) -> str:
    """PowerShell that writes the link; the shell's own object is the only documented way to make one."""
    if command.environment:
        raise ShortcutError("on Windows a shortcut needs the kit or an installed package, not a checkout")
    return "\n".join(
        [
            "$ErrorActionPreference = 'Stop'",
            "$shell = New-Object -ComObject WScript.Shell",
            f"$link = $shell.CreateShortcut({literal(str(link))})",
            f"$link.TargetPath = {literal(command.program)}",
            f"$link.Arguments = {literal(subprocess.list2cmdline(command.arguments[1:]))}",
            f"$link.IconLocation = {literal(f'{picture},0')}",
            "$link.Description = 'Simulate how steel plants decarbonise'",
            "$link.Save()",
        ]
    )


def literal(text: str) -> str:
    """A PowerShell string in which nothing is replaced.

    >>> literal("it's $HOME")
    "'it''s $HOME'"
    """
    return "'" + text.replace("'", "''") + "'"


def values(command: Command, picture: Path) -> list[tuple[str, str, str]]:
    """Key below HKEY_CURRENT_USER, name ('' is the default) and text of every registry value."""
    opener = subprocess.list2cmdline(command.arguments) + ' "%1"'
    return [
        (rf"{CLASSES}\.steeliq", "", KIND),
        (rf"{CLASSES}\{KIND}", "", "steeliq run"),
        (rf"{CLASSES}\{KIND}\DefaultIcon", "", f"{picture},0"),
        (rf"{CLASSES}\{KIND}\shell\open\command", "", opener),
    ]


def run_powershell(text: str) -> None:
    """Run a script; raises ShortcutError with what it said if it failed."""
    encoded = base64.b64encode(text.encode("utf-16-le")).decode()
    done = subprocess.run(
        ["powershell.exe", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise ShortcutError(f"PowerShell could not make the link: {done.stderr.strip()[:400]}")


def write_values(wanted: list[tuple[str, str, str]]) -> None:
    """Put values into this user's registry and tell Explorer."""
    if sys.platform == "win32":
        import winreg

        for key, name, text in wanted:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, text)
        _tell_explorer()


def remove_values(made: list[tuple[str, str, str]]) -> None:
    """Take away values that still are as they were made, then their keys if nothing else is in them."""
    if sys.platform == "win32":
        import winreg

        for key, name, text in made:
            with suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_ALL_ACCESS) as opened:
                if winreg.QueryValueEx(opened, name)[0] == text:
                    winreg.DeleteValue(opened, name)
        for key in keys_to_remove(made):
            with suppress(OSError):
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    subkeys, held, _changed = winreg.QueryInfoKey(opened)
                if not subkeys and not held:
                    winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
        _tell_explorer()


def keys_to_remove(made: list[tuple[str, str, str]]) -> list[str]:
    """Keys of our own and those between, the innermost first; never the classes themselves."""
    keys = set()
    for key, _name, _text in made:
        parts = key.split("\\")
        keys |= {"\\".join(parts[:count]) for count in range(3, len(parts) + 1)}
    return sorted(keys, key=lambda key: (-key.count("\\"), key))


def _tell_explorer() -> None:
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shell32.SHChangeNotify(0x08000000, 0, None, None)  # associations changed
