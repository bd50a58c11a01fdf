"""Let a child process try what may kill the one who tries: load a foreign library, open a display."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

PACKAGE = str(Path(__file__).resolve().parents[2])
LAST_WORDS = 1.0
"""Seconds to wait for what a child wrote that has ended: one of its own children may still hold the pipe."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How the child ended (None: it did not in time and was killed) and what it wrote."""

    code: int | None
    out: str
    err: str

    @property
    def end(self) -> str:
        """Its end in words: what a sentence about it can go on with."""
        if self.code is None:
            return "gave no answer in time"
        if self.code < 0:
            with suppress(ValueError):
                return f"was ended by {signal.Signals(-self.code).name}"
        return f"ended with code {self.code}"


def ask(*arguments: str, timeout: float, on_line: Callable[[str], None] | None = None) -> Answer:
    """Run this interpreter with ``arguments`` for at most ``timeout`` seconds; its own children end with it.

    ``on_line`` gets each line that it writes, as it comes, from a thread.
    """
    path = os.pathsep.join(filter(None, (PACKAGE, os.environ.get("PYTHONPATH", ""))))
    process = subprocess.Popen(
        [sys.executable, "-P", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows only
        start_new_session=True,  # a group of its own, so that helpers of the browser engine can be ended with it
    )
    lines: list[str] = []
    errors: list[str] = []

    def hear(pipe: IO[str], said: list[str], tell: Callable[[str], None] | None = None) -> None:
        with pipe:
            for line in pipe:
                said.append(line)
                if tell is not None:
                    tell(line.rstrip("\n"))

    assert process.stdout is not None  # noqa: S101 (both are pipes)
    assert process.stderr is not None  # noqa: S101 (it was started with a pipe)
    ears = [
        Thread(target=hear, args=(process.stdout, lines, on_line), daemon=True),
        Thread(target=hear, args=(process.stderr, errors), daemon=True),
    ]
    for ear in ears:
        ear.start()
    code: int | None = None
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired:
        _end_all(process)
        process.wait()
    for ear in ears:
        ear.join(LAST_WORDS)
    return Answer(code, "".join(lines), "".join(errors))


def _end_all(process: subprocess.Popen[str]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
