"""Where members are computed: `concurrent.futures` executors, of processes on this machine or of a Dask cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from concurrent.futures.process import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final, Protocol

import psutil

from steeliq.ensemble.one import DatasetSource
from steeliq.errors import RunError, WorkerError
from steeliq.simulation.dataset import Dataset
from steeliq.simulation.dataset.cache import packed

ORPHANED: Final = 70
UNKNOWN_MB: Final = 700.0
"""Expected peak of a worker before the first member has been measured, as in the app's rule."""

MARGIN_MB: Final = 400.0
"""Left for the rest of the machine."""

GROWING: Final = 32
"""Members that a cluster is given at least: how many wait tells it how many workers to start."""


class Engine(Protocol):
    """Something that computes members."""

    @property
    def name(self) -> str:
        """How ensemble.json calls it."""

    @property
    def executor(self) -> Executor:
        """What members are submitted to."""

    def send(self, source: DatasetSource, dataset: Dataset) -> None:
        """See to it that workers have the dataset. Raises WorkerError."""

    def room(self) -> int:
        """How many members may be under way at once, now. Raises WorkerError if nobody is there any more."""

    def measured(self, peak_mb: float) -> None:
        """Hear of a worker's greatest memory."""

    def close(self, *, at_once: bool) -> None:
        """End the workers that are ours; ``at_once``: whatever they are doing."""


class SpawnedProcesses(Executor):
    """Processes of this machine, one member each at a time; a process that is lost costs its own member only.

    One pool for each process, since a pool breaks as a whole when one of its processes is killed. Workers end when
    this process does, however it ends: they wait for the end of a pipe whose other end is here.
    """

    def __init__(self, count: int) -> None:
        self._context = get_context("spawn")
        self._reader, self._writer = self._context.Pipe(duplex=False)
        self._idle: SimpleQueue[ProcessPoolExecutor | None] = SimpleQueue()
        self._pools: list[ProcessPoolExecutor] = []
        for _ in range(count):
            self._idle.put(None)

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give a free process something to do; waits for one."""
        pool = self._idle.get() or self._new()
        try:
            future = pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:  # killed while it had nothing to do
            self._forget(pool)
            pool = self._new()
            future = pool.submit(fn, *args, **kwargs)
        future.add_done_callback(lambda done: self._free(pool, done))
        return future

    def _new(self) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(1, mp_context=self._context, initializer=_begin, initargs=(self._reader,))
        self._pools.append(pool)
        return pool

    def _free(self, pool: ProcessPoolExecutor, done: Future[Any]) -> None:
        # A broken pool ends by itself; it holds its own lock here, so that asking it to end would wait for ever.
        lost = not done.cancelled() and isinstance(done.exception(), BrokenExecutor)
        if lost:
            self._forget(pool)
        self._idle.put(None if lost else pool)

    def _forget(self, pool: ProcessPoolExecutor) -> None:
        with suppress(ValueError):  # at an end that was asked for, two may forget it
            self._pools.remove(pool)

    def stop(self) -> None:
        """Tell all processes to end now, whatever they do."""
        self._writer.close()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (Executor's)
        """End the processes; those that compute a member finish it first, unless they were stopped."""
        for pool in list(self._pools):
            pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        for end in (self._reader, self._writer):
            end.close()


def _begin(lifeline: Connection) -> None:
    """In a new worker: leave Ctrl+C to the conductor, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_follow, args=(lifeline,), name="lifeline", daemon=True).start()


def _follow(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os._exit(ORPHANED)


class LocalProcesses:
    """Spawned processes, as many as memory lets in, judged by what a member really took."""

    name = "local"

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1
        self.executor = SpawnedProcesses(self.workers)
        self._peak_mb = UNKNOWN_MB
        self._known = False

    def send(self, source: DatasetSource, dataset: Dataset) -> None:
        """They read it where it is."""

    def room(self) -> int:
        """Workers that fit into what is free and what they already hold; one is always let in."""
        held = sum(_resident(child) for child in psutil.Process().children())
        free = (psutil.virtual_memory().available + held) / 1e6 - MARGIN_MB
        return max(1, min(self.workers, int(free / self._peak_mb)))

    def measured(self, peak_mb: float) -> None:
        """From the first member on its memory is known, not guessed."""
        self._peak_mb = max(self._peak_mb, peak_mb) if self._known else peak_mb
        self._known = True

    @property
    def peak_mb(self) -> float:
        """Largest memory of a worker so far; a guess before the first member."""
        return self._peak_mb

    def close(self, *, at_once: bool) -> None:
        """End the workers."""
        if at_once:
            self.executor.stop()
        self.executor.shutdown()


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss)
    except psutil.Error:
        return 0.0


class DaskCluster:
    """The workers of a Dask scheduler that runs already; Dask looks after them and their memory."""

    name = "dask"

    def __init__(self, address: str) -> None:
        try:
            from distributed.client import Client, ClosedClientError
        except ImportError as error:
            raise RunError(f"{address}: for a Dask cluster install the extra 'cluster' of steeliq") from error
        try:
            client: Any = Client(address, name="steeliq-ensemble", timeout=10)  # type: ignore[no-untyped-call]  # ships no types
        except (OSError, TimeoutError, ValueError) as error:
            raise RunError(
                f"{address}: no Dask scheduler answers there ({error}); start one with 'dask scheduler', "
                "or leave out --scheduler to use this machine's cores"
            ) from error
        self._client, self.address = client, address
        # A client that has given up has no scheduler to ask, hence AttributeError.
        self._gone = (OSError, TimeoutError, ClosedClientError, AttributeError)
        self.executor: Executor = self._client.get_executor(pure=False, retries=0)

    def send(self, source: DatasetSource, dataset: Dataset) -> None:
        """Send a dataset of one's own once to every worker, also to those that come later; the reference is there."""
        if source.path is None:
            return
        from distributed.diagnostics.plugin import UploadFile

        with TemporaryDirectory(prefix="steeliq-") as folder:
            file = Path(folder) / source.file
            file.write_bytes(packed(dataset))
            plugin: Any = UploadFile(str(file), load=False)
        try:
            self._client.register_plugin(plugin, name=source.file)
        except (OSError, TimeoutError) as error:
            raise WorkerError(f"{self.address}: the dataset could not be sent to the workers ({error})") from error

    def room(self) -> int:
        """Twice the workers' threads, so that nobody waits; at least as many as let a cluster grow by need."""
        try:
            threads: dict[str, int] = self._client.nthreads()
        except self._gone as error:
            raise WorkerError(
                f"{self.address}: the scheduler is gone ({error}); go on with --resume once it is back"
            ) from error
        return max(GROWING, 2 * sum(threads.values()))

    def measured(self, peak_mb: float) -> None:
        """Dask has limits of its own."""

    def close(self, *, at_once: bool) -> None:
        """Leave the cluster as it was."""
        with suppress(*self._gone):
            self.executor.shutdown(wait=not at_once)
        with suppress(*self._gone):
            self._client.close(timeout=5)
