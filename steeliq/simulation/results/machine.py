"""What of a machine can move the last digits of a result: system, architecture, C library, and instructions of the CPU.

NumPy and the C library choose their arithmetic by what the processor can do, so two processors may round differently.
"""

from __future__ import annotations

import os
import platform
from typing import Any

import numpy as np


def machine() -> dict[str, Any]:
    """The machine, for run.json: ``os``, ``machine``, ``libc`` and ``cpu_features`` decide whether two are alike."""
    return {
        "system": platform.platform(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "os": platform.system(),
        "libc": " ".join(part for part in platform.libc_ver() if part),
        "cpu_features": cpu_features(),
    }


def cpu_features() -> list[str]:
    """Groups of instructions that NumPy's arithmetic uses on this processor."""
    found: Any = np.show_config(mode="dicts")
    extensions = found.get("SIMD Extensions", {})
    return [str(name) for part in ("baseline", "found") for name in extensions.get(part, ())]
