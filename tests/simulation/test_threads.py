"""Sums are made by one thread, so that the number of cores changes no bit."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.web.live import ROOT

PRODUCT = "import numpy, psutil; numpy.ones((800, 800)) @ numpy.ones((800, 800)); print(psutil.Process().num_threads())"


def threads(script: str) -> int:
    """Threads of a process after a matrix product, in an environment that asks for two."""
    told = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "2"},
    )  # fmt: skip
    return int(told.stdout)


def test_one_thread_multiplies_whatever_the_environment_asks_for() -> None:
    if threads(PRODUCT) == 1:
        pytest.skip("NOT TESTED: THIS NUMPY OR THIS MACHINE KNOWS ONE THREAD ONLY")
    assert threads(f"import steeliq; {PRODUCT}") == 1
