"""One child process that is kept going: started again when it ends, with growing pauses; asked to stop, then made."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

from steeliq.desktop.job import tie
from steeliq.lifeline import STOP

logger = logging.getLogger("steeliq.desktop")

QUICK = 20.0
"""A child that ends within so many seconds of its start ended quickly."""

MOST_QUICK_ENDS = 3
"""After so many quick ends in a row it is left alone."""

PACKAGE = str(Path(__file__).resolve().parents[2])


@dataclass
class Child:
    """``python -m module``; ``heard`` is called from a thread with each line of JSON that it writes."""

    module: str
    heard: Callable[[dict[str, Any]], None] | None = None
    more: dict[str, str] = field(default_factory=dict)  # environment of its own
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_ends: int = 0
    resume_at: float = 0.0

    @property
    def is_up(self) -> bool:
        """A process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def is_given_up(self) -> bool:
        """It ended too often and too soon."""
        return self.quick_ends >= MOST_QUICK_ENDS

    def look(self) -> bool:
        """Start it, or start it again if it ended and its pause is over; whether it ended since the last look."""
        if self.is_up:
            return False
        ended = self.process is not None
        if self.process is not None:
            self._note_end(self.process)
        if not self.is_given_up and monotonic() >= self.resume_at:
            self.start()
        return ended

    def start(self) -> None:
        """Start the process; only the thread that lives as long as this process may do so (see ``follow_parent``)."""
        path = os.pathsep.join(filter(None, (PACKAGE, os.environ.get("PYTHONPATH", ""))))
        self.started = monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if self.heard else subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"} | self.more,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows only
            start_new_session=True,  # Ctrl-C in a terminal is ours to pass on, in order
        )
        tie(self.process)
        if self.heard:
            Thread(target=self._listen, args=(self.process, self.heard), daemon=True).start()

    @staticmethod
    def _listen(process: subprocess.Popen[bytes], heard: Callable[[dict[str, Any]], None]) -> None:
        assert process.stdout is not None  # noqa: S101 (it was started with a pipe)
        with process.stdout, suppress(OSError, ValueError):
            for line in process.stdout:
                try:
                    said = json.loads(line)
                except ValueError:
                    logger.warning("a child process said %r", line[:200])
                else:
                    heard(said)

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        quick = monotonic() - self.started < QUICK
        self.quick_ends = self.quick_ends + 1 if quick else 0
        self.resume_at = monotonic() + (2.0 ** (self.quick_ends - 1) if quick else 0.0)
        logger.warning("%s ended with code %s", self.module, process.returncode)
        self._close(process)
        self.process = None

    def say(self, line: str) -> bool:
        """Write it a line; whether that was possible."""
        process = self.process  # another thread may note its end meanwhile
        if process is None or process.stdin is None:
            return False
        try:
            process.stdin.write(f"{line}\n".encode())
            process.stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def ask_to_stop(self) -> None:
        """Ask in writing: works on every platform."""
        self.say(STOP)

    def end(self, deadline: float) -> None:
        """Wait until the deadline, then make sure."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._close(self.process)
        self.process = None

    @staticmethod
    def _close(process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
