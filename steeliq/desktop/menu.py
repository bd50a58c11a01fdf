"""The window's menu: every entry is a page of the app or something that only a window can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steeliq.desktop.window import AppWindow


def menus(window: AppWindow) -> list[Any]:
    """File, Run, View, Help."""
    from webview.menu import Menu, MenuAction, MenuSeparator

    def page(title: str, path: str) -> Any:
        return MenuAction(title, lambda: window.go(path))

    def act(title: str, function: Callable[[], object]) -> Any:
        return MenuAction(title, lambda: function() and None)

    return [
        Menu("File", [
            page("Take in a run bundle …", "/compare/import/"), page("Storage and backups", "/storage/"),
            MenuSeparator(), act("Close", window.ask_to_close),
        ]),
        Menu("Run", [
            page("All runs", "/runs/"), page("Scenarios", "/scenarios/"), page("Compare", "/compare/"),
            page("Data", "/data/"), MenuSeparator(), page("Bin", "/runs/bin/"),
        ]),
        Menu("View", [
            act("Back", window.back), act("Reload", window.reload), MenuSeparator(),
            act("Larger", lambda: window.zoom(1.1)), act("Smaller", lambda: window.zoom(1 / 1.1)),
            act("Usual size", lambda: window.zoom(0.0)),
        ]),
        Menu("Help", [
            page("User guide", "/help/"), page("About steeliq", "/help/about/"), MenuSeparator(),
            act("Open the logs folder", window.show_logs), act("Make a diagnostics file", window.make_diagnostics),
        ]),
    ]  # fmt: skip
