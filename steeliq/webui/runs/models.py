"""A run as the app knows it: what was asked, where its files are, how far it is.

The files in the run folder are the truth about results; this row is the truth about the run's life. Rows are changed
by ``update`` with a guard on the state, never saved whole, so that two processes cannot overwrite each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from django.db import models

from steeliq.paths import logs_folder


class State(models.TextChoices):
    """The life of a run."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    CANCELLING = "cancelling", "Cancelling"
    CANCELLED = "cancelled", "Cancelled"
    INTERRUPTED = "interrupted", "Interrupted"
    FAILED = "failed", "Failed"
    DONE = "done", "Done"


ALIVE = (State.QUEUED, State.RUNNING, State.CANCELLING)
RESUMABLE = (State.CANCELLED, State.INTERRUPTED, State.FAILED)


class OfAPerson(models.Manager["Run"]):
    """Runs that a person began or took in; not the repetitions that verify one of them."""

    def get_queryset(self) -> models.QuerySet[Run]:
        """The rows."""
        return super().get_queryset().filter(verifies=None)


class Run(models.Model):
    """One simulation, or the repetition of one that is being verified."""

    key = models.CharField(max_length=16, unique=True)  # in addresses
    name = models.CharField(max_length=120)
    scenario = models.TextField()  # TOML, differences from the default only
    dataset = models.CharField(max_length=1000, blank=True)  # folder; empty: the reference dataset
    dataset_hash = models.CharField(max_length=64, blank=True)
    folder = models.CharField(max_length=1000)  # run folder with tables/, run.json ...
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED, db_index=True)
    first_year = models.IntegerField()
    last_year = models.IntegerField()
    year = models.IntegerField(null=True)
    stage = models.CharField(max_length=40, blank=True)
    fraction = models.FloatField(default=0.0)
    begun = models.FloatField(default=0.0)  # fraction at which the present attempt began
    message = models.TextField(blank=True)  # what a person should know, above all why it failed
    attempts = models.IntegerField(default=0)
    task_id = models.CharField(max_length=64, blank=True)
    queued = models.DateTimeField(null=True)  # since when it waits, or when it last waited
    worker_pid = models.IntegerField(null=True)  # of the worker that has it
    worker_created = models.FloatField(null=True)  # when that process began, since numbers are used again
    pid = models.IntegerField(null=True)  # of the worker's child that simulates
    pid_created = models.FloatField(null=True)
    heartbeat = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0.0)
    peak_mb = models.FloatField(default=0.0)
    headline = models.CharField(max_length=120, blank=True)  # what it found, in a few words
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="clones")
    starred = models.BooleanField(default=False)
    notes = models.TextField(blank=True)
    tags = models.CharField(max_length=200, blank=True)  # separated by commas
    binned = models.DateTimeField(null=True)  # in the bin since; its files are deleted later
    verifies = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="verifications")

    every: ClassVar[models.Manager[Run]] = models.Manager()  # for the machinery: what is simulated, whatever for
    objects: ClassVar[models.Manager[Run]] = OfAPerson()

    class Meta:
        ordering: ClassVar = ["-created", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """The run folder."""
        return Path(self.folder)

    @property
    def dataset_name(self) -> str:
        """The dataset's folder by name; empty for the reference dataset."""
        return Path(self.dataset).name

    @property
    def page(self) -> str:
        """Where a person sees it: a verification stands on the page of its run."""
        return f"/runs/{(self.verifies or self).key}/"

    @property
    def log(self) -> Path:
        """What the simulating process wrote."""
        return logs_folder() / f"run-{self.key}.log"

    @property
    def tag_list(self) -> list[str]:
        """The tags, one by one."""
        return [tag.strip() for tag in self.tags.split(",") if tag.strip()]

    @property
    def can_resume(self) -> bool:
        """Stopped before its end."""
        return self.state in RESUMABLE

    @property
    def is_done(self) -> bool:
        """All years are on disk."""
        return self.state == State.DONE

    @property
    def is_alive(self) -> bool:
        """Waiting or working."""
        return self.state in ALIVE
