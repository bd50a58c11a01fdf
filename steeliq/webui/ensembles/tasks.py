"""What a worker does: compute the ensemble of a key, if it still waits."""

from __future__ import annotations

from django.tasks import task

from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.runs.tasks import carry_out


@task()
def compute(key: str) -> str:
    """Wait for memory, take the ensemble if nobody else has, have it computed; the state it ended in."""
    return carry_out(Ensemble, key)
