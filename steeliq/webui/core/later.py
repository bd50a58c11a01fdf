"""Views whose modules are imported when first needed: the first page must not wait for what other pages use."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


class Later:
    """A module of views by its name; each attribute is a view that imports the module when it is called."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def view(*given: Any, **named: Any) -> Any:
            return getattr(import_module(self._module), name)(*given, **named)

        view.__name__ = view.__qualname__ = name
        view.__module__ = self._module
        return view
