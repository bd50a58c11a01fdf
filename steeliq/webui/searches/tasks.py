"""What a worker does: search as the row of a key asks, if it still waits."""

from __future__ import annotations

from django.tasks import task

from steeliq.webui.runs.tasks import carry_out
from steeliq.webui.searches.models import Search


@task()
def seek(key: str) -> str:
    """Wait for memory, take the search if nobody else has, have it done; the state it ended in."""
    return carry_out(Search, key)
