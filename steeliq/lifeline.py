"""A child process that never outlives its parent, however the parent ends.

The parent keeps the write end of the child's standard input. Lines on it are requests; its end means that the parent
is gone. On Linux the kernel also kills the child with the parent, in case native code holds the interpreter.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from threading import Thread

ORPHANED = 70
STOP = "stop"
_PR_SET_PDEATHSIG = 1


def follow_parent(on_stop: Callable[[], None], on_line: Callable[[str], None] | None = None) -> None:
    """Call ``on_stop`` when the parent asks to stop; end this process at once when the parent has ended.

    ``on_line`` gets every other line, in a thread of its own. On Linux "the parent" is the thread that started this
    process: it must live as long as the parent does.
    """
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended just now
            os._exit(ORPHANED)
    Thread(target=_listen, args=(on_stop, on_line), name="lifeline", daemon=True).start()


def read_line() -> str:
    """The next line on standard input; unbuffered, so that nothing behind it is lost to ``follow_parent``."""
    line = bytearray()
    while (byte := os.read(0, 1)) not in {b"", b"\n"}:
        line += byte
    return line.decode()


def _listen(on_stop: Callable[[], None], on_line: Callable[[str], None] | None) -> None:
    # Not by sys.stdin: a thread that waits in its buffer stops the interpreter from ending.
    rest = b""
    try:
        while chunk := os.read(0, 4096):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in (one.strip().decode("utf-8", "replace") for one in lines):
                if line == STOP:
                    on_stop()
                elif on_line is not None:
                    on_line(line)
    except OSError:
        pass  # a broken pipe says the same as its end
    os._exit(ORPHANED)
