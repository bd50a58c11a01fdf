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
from threading import Event, Thread, Timer

PACKAGE = str(Path(__file__).resolve().parents[2])


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

    ``on_line`` gets each line that it writes, as it comes, from this thread.
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
    late = Event()

    def end() -> None:
        late.set()
        _end_all(process)

    timer = Timer(timeout, end)
    timer.daemon = True
    timer.start()
    errors: list[str] = []
    listener = Thread(target=lambda: errors.extend(process.stderr or ()), daemon=True)
    listener.start()
    lines = []
    with process:
        for line in process.stdout or ():
            lines.append(line)
            if on_line is not None:
                on_line(line.rstrip("\n"))
        code = process.wait()
        timer.cancel()
        listener.join()
    return Answer(None if late.is_set() else code, "".join(lines), "".join(errors))


def _end_all(process: subprocess.Popen[str]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
