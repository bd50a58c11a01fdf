"""Scripts of other people come from their installed packages, never from this repository."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

PLOTLY = "vendor/plotly.min.js"


def plotly_script() -> Path:
    """The script inside the plotly package; finding it does not import the package."""
    spec = find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package plotly is not installed; run scripts/setup")
    return Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"


class PackagedScripts(BaseFinder):
    """Finds ``vendor/plotly.min.js`` (htmx comes from django-htmx's own static files)."""

    def check(self, **_: Any) -> list[Any]:
        """Nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:  # noqa: FBT001, FBT002 (Django's signature)
        """The file of a static path, or nothing."""
        found = str(plotly_script()) if path == PLOTLY else None
        return ([found] if found else []) if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, FileSystemStorage]]:
        """All files, for collecting them when a kit is built."""
        del ignore_patterns
        storage = FileSystemStorage(location=str(plotly_script().parent))
        storage.prefix = "vendor"  # type: ignore[attr-defined]  # read by collectstatic
        yield "plotly.min.js", storage
