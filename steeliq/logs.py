"""Logs that stay small, and a report when a process crashes. All of it stays in the data folder; nothing is sent.

No web framework here: the launcher, the server and the workers call ``keep_log`` before anything else.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from filelock import FileLock, Timeout

from steeliq import __version__
from steeliq.paths import logs_folder

LARGEST: Final = 1_000_000
"""Bytes of one log file."""

FILES: Final = 5
"""The file in use and those before it, for each process."""

REPORTS: Final = 20
"""Crash reports that are kept."""

LAST_LINES: Final = 100
"""Lines of the log that a crash report repeats."""

BEGIN: Final = "{asctime} {levelname} {process} [{run}] {name}: "
QUIET: Final = {"django_tasks_db": logging.ERROR, "django.request": logging.ERROR,
                "django.security.DisallowedHost": logging.CRITICAL}  # fmt: skip
"""Loggers that tell what is no trouble: refusals are told to the browser, every task to nobody."""

logger = logging.getLogger("steeliq")

_run: ContextVar[str] = ContextVar("run", default="")


@contextmanager
def about_run(key: str) -> Iterator[None]:
    """Lines logged inside concern this run and say so."""
    before = _run.set(key)
    try:
        yield
    finally:
        _run.reset(before)


@dataclass(frozen=True, slots=True)
class KeptLog:
    """Where a process writes: its name among its like, its log, its lock on both, and where it cries in native code."""

    process: str
    path: Path
    lock: FileLock
    last_words: IO[str]


def keep_log(process: str, *, echo: bool = True) -> KeptLog | None:
    """Write what this process logs to ``logs/<process>.log``, and catch its crashes; called once, first of all.

    A second process of that name gets ``<process>-2.log``, since a file that turns over has one writer. With ``echo``
    warnings go to standard error too. A folder that cannot be written is no reason not to start: then None.
    """
    logging.getLogger("steeliq").setLevel(logging.INFO)
    logging.getLogger().setLevel(logging.WARNING)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    if echo and sys.stderr is not None:
        _add(logging.StreamHandler(), logging.WARNING)
    try:
        kept = _own_files(process)
        _add(RotatingFileHandler(kept.path, maxBytes=LARGEST, backupCount=FILES - 1, encoding="utf-8"), logging.INFO)
    except OSError as error:
        logger.warning("there is no log of this process: %s", error)
        return None
    _report_last_words(kept)
    _catch_crashes(kept)
    logger.info("steeliq %s, %s %s begins", __version__, kept.process, os.getpid())
    return kept


def _add(handler: logging.Handler, level: int) -> None:
    handler.setLevel(level)
    handler.setFormatter(_Lines())
    handler.addFilter(_with_run)
    logging.getLogger().addHandler(handler)


def _with_run(record: logging.LogRecord) -> bool:
    record.run = f"run {_run.get()}" if _run.get() else "-"
    return True


class _Lines(logging.Formatter):
    """Every line of a record that has several, such as a trace-back, begins as the first."""

    def format(self, record: logging.LogRecord) -> str:
        record.asctime = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        text = record.getMessage()
        if record.exc_info:
            text += f"\n{self.formatException(record.exc_info)}"
        begin = BEGIN.format_map(vars(record))
        return "\n".join(begin + line for line in text.splitlines() or [""])


def _own_files(process: str) -> KeptLog:
    folder = logs_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = 1
    while True:
        name = process if number == 1 else f"{process}-{number}"
        lock = FileLock(folder / f".{name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            number += 1
            continue
        return KeptLog(name, folder / f"{name}.log", lock, (folder / f".{name}.fatal").open("a+", encoding="utf-8"))


def _catch_crashes(kept: KeptLog) -> None:
    faulthandler.enable(kept.last_words)

    def on_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            _report(kept, "".join(traceback.format_exception(kind, error, trace)), threading.current_thread().name)
        sys.__excepthook__(kind, error, trace)

    def on_thread_error(args: threading.ExceptHookArgs) -> None:
        if issubclass(args.exc_type, SystemExit):
            return
        name = args.thread.name if args.thread else "unknown"
        told = traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)
        _report(kept, "".join(told), name)
        threading.__excepthook__(args)

    sys.excepthook = on_error
    threading.excepthook = on_thread_error


def _report_last_words(kept: KeptLog) -> None:
    """What an earlier process of this name left when native code ended it; a dying interpreter can write no report."""
    kept.last_words.seek(0)
    said = kept.last_words.read()
    if said:
        kept.last_words.truncate(0)
        _report(kept, f"An earlier process of this name ended in native code:\n{said}", "unknown")


def _report(kept: KeptLog, what: str, thread: str) -> None:
    """Write a crash report; a full disk must not hide the error itself."""
    with suppress(OSError):
        before = _last_lines(kept.path)
        now = datetime.now(UTC).astimezone()
        path = kept.path.with_name(f"crash-{now:%Y%m%d-%H%M%S-%f}-{kept.process}.txt")
        text = (
            "A process of steeliq ended by an error. This report was written for you and sent to nobody; it may name\n"
            "your files and runs.\n\n"
            f"Time      {now.isoformat(timespec='seconds')}\n"
            f"steeliq   {__version__}\n"
            f"Python    {platform.python_version()} on {platform.platform()}\n"
            f"Process   {kept.process} {os.getpid()}, thread {thread}\n"
            f"Run       {_run.get() or 'none'}\n\n"
            f"{what}\nThe last lines of its log:\n\n{before}"
        )
        partial = path.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
        for old in crash_reports()[REPORTS:]:
            old.unlink(missing_ok=True)
        logger.critical("%s; the report is %s", what.rstrip().splitlines()[-1], path)


def _last_lines(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 200 * LAST_LINES))
        return "".join(stream.read().decode("utf-8", "replace").splitlines(keepends=True)[-LAST_LINES:])


def crash_reports() -> list[Path]:
    """Reports of crashes, newest first."""
    return sorted(logs_folder().glob("crash-*.txt"), key=lambda path: path.name, reverse=True)
