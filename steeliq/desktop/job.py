"""Windows: children end with their parent, however it ends, by a job object that the system closes with the parent.

Elsewhere the children see to it themselves (``steeliq.lifeline``). Written from the documentation of the Win32 call
SetInformationJobObject; it has not been run on Windows yet, and without it the children still watch their input.
"""

from __future__ import annotations

import ctypes
import sys
from subprocess import Popen
from typing import Any, Final

_EXTENDED_LIMIT_INFORMATION: Final = 9
_KILL_ON_JOB_CLOSE: Final = 0x2000
_job: Any = None  # kept open as long as this process lives


class _Basic(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("limit_flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("most_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class _Extended(ctypes.Structure):
    _fields_ = (
        ("basic", _Basic),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


def tie(process: Popen[bytes]) -> None:
    """Let the process end with this one; nothing to do outside Windows."""
    global _job  # noqa: PLW0603 (one job for this process, open until it ends)
    if sys.platform != "win32":
        return
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    if _job is None:
        _job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
        limits = _Extended()
        limits.basic.limit_flags = _KILL_ON_JOB_CLOSE
        kernel.SetInformationJobObject(_job, _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits))
    kernel.AssignProcessToJobObject(_job, ctypes.c_void_p(int(process._handle)))  # noqa: SLF001 (the only way to it)
