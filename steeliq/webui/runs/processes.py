"""Which process is it? Numbers are used again, so a process is known by its number and its birth together."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Final

import psutil

SAME: Final = 2.0
"""Seconds by which a birth may be told differently; no number is used again so soon."""


def birth(process: psutil.Process) -> float:
    """When a process began [s], by a count that stays the same when the clock is changed. Raises psutil.Error.

    Linux counts from the start of the machine; as a time of day that moves with the clock. Elsewhere the time of day is
    noted once, when the process begins.
    """
    created = process.create_time()
    return created - psutil.boot_time() if sys.platform == "linux" else created


def is_alive(pid: int | None, born: float | None) -> bool:
    """Whether this very process still runs; the dead stay listed as zombies."""
    if pid is None:
        return False
    try:
        process = psutil.Process(pid)
        same = born is None or abs(birth(process) - born) < SAME
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def kill_group(pid: int) -> None:
    """End a process that was started in a session of its own, with all that it started; nothing if it is gone."""
    if sys.platform == "win32":  # no groups there
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            for one in [*process.children(recursive=True), process]:
                with suppress(psutil.Error):
                    one.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
