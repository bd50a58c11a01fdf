"""Scripts that lie outside the app's static folders.

Other people's come from their installed packages, never from this repository; the one that draws figures is the
report's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

HERE = Path(__file__).resolve().parent
PLOTLY = "vendor/plotly.min.js"
FIGURES = "vendor/figure.js"


def plotly_script() -> Path:
    """The script inside the plotly package; finding it does not import the package."""
    spec = find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package plotly is not installed; run scripts/setup")
    return Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"


def figure_script() -> Path:
    """The script that draws a chart, shared with the report page; the package it lies in is not imported for it."""
    return HERE.parents[1] / "simulation" / "results" / "report" / "figure.js"


SCRIPTS = {PLOTLY: plotly_script, FIGURES: figure_script}


class PackagedScripts(BaseFinder):
    """Finds the files of ``SCRIPTS`` (htmx comes from django-htmx's own static files)."""

    def check(self, **_: Any) -> list[Any]:
        """Nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:  # noqa: FBT001, FBT002 (Django's signature)
        """The file of a static path, or nothing."""
        found = str(SCRIPTS[path]()) if path in SCRIPTS else None
        return ([found] if found else []) if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, FileSystemStorage]]:
        """All files, for collecting them when a kit is built."""
        del ignore_patterns
        for address, script in SCRIPTS.items():
            storage = FileSystemStorage(location=str(script().parent))
            storage.prefix = "vendor"  # type: ignore[attr-defined]  # read by collectstatic
            yield address.removeprefix("vendor/"), storage
