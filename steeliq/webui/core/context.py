"""What every page shows: version, where we are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from steeliq import __version__
from steeliq.webui.core.launcher import is_attached
from steeliq.webui.core.notices import told
from steeliq.webui.core.theme import kept_theme

AREAS = (
    ("runs", "Runs", "/runs/"),
    ("scenarios", "Scenarios", "/scenarios/"),
    ("ensembles", "Ensembles", "/ensembles/"),
    ("searches", "Searches", "/searches/"),
    ("compare", "Compare", "/compare/"),
    ("data", "Data", "/data/"),
    ("guide", "Help", "/help/"),
)


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Version, theme, notices and navigation; ``here`` is the area of the page.

    What is done with one run (exploring, exporting) belongs to the runs.
    """
    areas = [name for name, _, path in AREAS if request.path.startswith(path)]
    here = areas[0] if areas and not request.path.startswith("/compare/export/") else "runs"
    return {
        "version": __version__,
        "theme": kept_theme(),
        "areas": AREAS,
        "here": here,
        "notices": told(),
        "can_quit": is_attached(),
    }
