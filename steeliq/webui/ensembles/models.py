"""An ensemble as the app knows it. Its folder is the truth about members; this row is the truth about its life."""

from __future__ import annotations

from pathlib import Path

from django.db import models

from steeliq.paths import ensembles_folder, logs_folder
from steeliq.webui.runs.models import Work


class Ensemble(Work):
    """Many members of one design."""

    design = models.TextField()  # TOML, complete in itself
    first_year = models.IntegerField()
    last_year = models.IntegerField()
    members = models.IntegerField()
    done = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)  # members that failed
    rate = models.FloatField(default=0.0)  # members an hour, of the present attempt
    left = models.FloatField(null=True)  # seconds to go at this rate

    CHILD = "steeliq.webui.ensembles.child"
    TOLD = frozenset({"done", "failed", "rate", "left", "stage", "fraction", "dataset_hash"})
    KEPT = "Finished members are kept"
    AREA = "ensembles"

    @property
    def log(self) -> Path:
        """What the computing process wrote."""
        return logs_folder() / f"ensemble-{self.key}.log"

    @property
    def order(self) -> dict[str, str]:
        """Design, dataset and folder."""
        return {"design": self.design, "dataset": self.dataset, "folder": self.folder}

    def enqueue(self) -> str:
        """Give it to the workers; the task's number."""
        from steeliq.webui.ensembles.tasks import compute

        return str(compute.enqueue(self.key).id)

    @staticmethod
    def shelf() -> Path:
        """The folder of ensembles."""
        return ensembles_folder()
