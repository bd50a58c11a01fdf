"""A search as the app knows it. Its folder is the truth about trials; this row is the truth about its life."""

from __future__ import annotations

from pathlib import Path

from django.db import models

from steeliq.paths import logs_folder, searches_folder
from steeliq.webui.runs.models import Work


class Search(Work):
    """The smallest value of a setting with which a target is met."""

    question = models.TextField()  # JSON, complete in itself: ensemble/search_question.py
    subject = models.CharField(max_length=200)  # what is sought, as people call it
    first_year = models.IntegerField()
    last_year = models.IntegerField()
    most = models.IntegerField()  # trials at most
    tried = models.IntegerField(default=0)

    CHILD = "steeliq.webui.searches.child"
    TOLD = frozenset({"tried", "stage", "fraction", "dataset_hash"})
    KEPT = "Finished trials are kept"
    AREA = "searches"

    @property
    def log(self) -> Path:
        """What the searching process wrote."""
        return logs_folder() / f"search-{self.key}.log"

    @property
    def order(self) -> dict[str, str]:
        """Question, dataset and folder."""
        return {"question": self.question, "dataset": self.dataset, "folder": self.folder}

    def enqueue(self) -> str:
        """Give it to the workers; the task's number."""
        from steeliq.webui.searches.tasks import seek

        return str(seek.enqueue(self.key).id)

    @staticmethod
    def shelf() -> Path:
        """The folder of searches."""
        return searches_folder()
