"""A run as the app knows it: what was asked, where its files are, how far it is; and what all such work has in common.

The files in the folder are the truth about results; this row is the truth about the life of the work. Rows are changed
by ``update`` with a guard on the state, never saved whole, so that two processes cannot overwrite each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from django.db import models

from steeliq.paths import logs_folder, runs_folder


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


class Work(models.Model):
    """Something that a worker has a process of its own do, and that goes on after it was stopped; a run, for one."""

    key = models.CharField(max_length=16, unique=True)  # in addresses
    name = models.CharField(max_length=120)
    dataset = models.CharField(max_length=1000, blank=True)  # folder; empty: the reference dataset
    dataset_hash = models.CharField(max_length=64, blank=True)
    folder = models.CharField(max_length=1000)  # with all that it wrote
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED, db_index=True)
    stage = models.CharField(max_length=40, blank=True)
    fraction = models.FloatField(default=0.0)
    begun = models.FloatField(default=0.0)  # fraction at which the present attempt began
    message = models.TextField(blank=True)  # what a person should know, above all why it failed
    attempts = models.IntegerField(default=0)
    task_id = models.CharField(max_length=64, blank=True)
    queued = models.DateTimeField(null=True)  # since when it waits, or when it last waited
    worker_pid = models.IntegerField(null=True)  # of the worker that has it
    worker_created = models.FloatField(null=True)  # when that process began, since numbers are used again
    pid = models.IntegerField(null=True)  # of the worker's child that does it
    pid_created = models.FloatField(null=True)
    heartbeat = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0.0)
    peak_mb = models.FloatField(default=0.0)
    headline = models.CharField(max_length=120, blank=True)  # what it found, in a few words
    binned = models.DateTimeField(null=True)  # in the bin since; its files are deleted later

    objects: ClassVar[models.Manager[Self]] = models.Manager()
    every: ClassVar[models.Manager[Self]] = models.Manager()  # for the machinery: also what nobody began

    CHILD: ClassVar[str]  # module of the process that does it
    TOLD: ClassVar[frozenset[str]]  # fields that the process fills by what it says
    KEPT: ClassVar[str]  # what is on disk when it stops before its end
    AREA: ClassVar[str]  # first part of its addresses

    class Meta:
        abstract = True
        ordering: ClassVar = ["-created", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """The folder with all that it wrote."""
        return Path(self.folder)

    @property
    def page(self) -> str:
        """Address of its page."""
        return f"/{self.AREA}/{self.key}/"

    @property
    def dataset_name(self) -> str:
        """The dataset's folder by name; empty for the reference dataset."""
        return Path(self.dataset).name

    @property
    def can_resume(self) -> bool:
        """Stopped before its end."""
        return self.state in RESUMABLE

    @property
    def is_done(self) -> bool:
        """All of it is on disk."""
        return self.state == State.DONE

    @property
    def is_alive(self) -> bool:
        """Waiting or working."""
        return self.state in ALIVE

    @property
    def log(self) -> Path:
        """What its process wrote."""
        raise NotImplementedError

    @property
    def order(self) -> dict[str, str]:
        """What its process is told to do."""
        raise NotImplementedError

    def enqueue(self) -> str:
        """Give it to the workers; the task's number."""
        raise NotImplementedError

    @staticmethod
    def shelf() -> Path:
        """The folder that holds its folder, unless it was brought in from elsewhere."""
        raise NotImplementedError


def kinds() -> list[type[Work]]:
    """Every kind of work."""
    return Work.__subclasses__()


def working(*states: State) -> list[Work]:
    """Work of every kind that is in one of these states."""
    return [work for kind in kinds() for work in kind.every.filter(state__in=states)]


class OfAPerson(models.Manager["Run"]):
    """Runs that a person began or took in; not the repetitions that verify one of them."""

    def get_queryset(self) -> models.QuerySet[Run]:
        """The rows."""
        return super().get_queryset().filter(verifies=None)


class Run(Work):
    """One simulation, or the repetition of one that is being verified."""

    scenario = models.TextField()  # TOML, differences from the default only
    first_year = models.IntegerField()
    last_year = models.IntegerField()
    year = models.IntegerField(null=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="clones")
    starred = models.BooleanField(default=False)
    notes = models.TextField(blank=True)
    tags = models.CharField(max_length=200, blank=True)  # separated by commas
    verifies = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="verifications")

    every: ClassVar[models.Manager[Run]] = models.Manager()  # the first is the one that relations use
    objects: ClassVar[models.Manager[Run]] = OfAPerson()

    CHILD = "steeliq.webui.runs.child"
    TOLD = frozenset({"year", "stage", "fraction", "dataset_hash"})
    KEPT = "Complete years are kept"
    AREA = "runs"

    @property
    def page(self) -> str:
        """Where a person sees it: a verification stands on the page of its run."""
        return f"/{self.AREA}/{(self.verifies or self).key}/"

    @property
    def log(self) -> Path:
        """What the simulating process wrote."""
        return logs_folder() / f"run-{self.key}.log"

    @property
    def order(self) -> dict[str, str]:
        """Scenario, dataset and folder; what is verified, if it is for that."""
        order = {"scenario": self.scenario, "dataset": self.dataset, "folder": self.folder}
        if self.verifies is not None:
            order |= {"verifies": self.verifies.folder, "name": self.verifies.name}
        return order

    def enqueue(self) -> str:
        """Give it to the workers; the task's number."""
        from steeliq.webui.runs.tasks import simulate

        return str(simulate.enqueue(self.key).id)

    @staticmethod
    def shelf() -> Path:
        """The runs folder."""
        return runs_folder()

    @property
    def tag_list(self) -> list[str]:
        """The tags, one by one."""
        return [tag.strip() for tag in self.tags.split(",") if tag.strip()]
