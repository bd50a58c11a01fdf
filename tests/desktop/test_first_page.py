"""What must not be waited for before the first page is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.live import ROOT

HEAVY = ("pandas", "pyarrow", "plotly", "highspy", "scipy")
MODULES = {
    "launcher": "steeliq.desktop.app",
    "server": "django; django.setup(); import steeliq.webui.urls, steeliq.webui.runs.views, steeliq.webui.server",
    "worker": "django; django.setup(); import steeliq.webui.runs.worker, steeliq.webui.runs.conduct",
}


@pytest.mark.parametrize("process", MODULES)
def test_nothing_heavy_is_imported_before_the_first_page(process: str, tmp_path: Path) -> None:
    script = f"import {MODULES[process]}; import sys; print([one for one in {HEAVY} if one in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "STEELIQ_HOME": str(tmp_path),
                          "DJANGO_SETTINGS_MODULE": "steeliq.webui.settings"},
    )  # fmt: skip
    assert told.stdout.strip() == "[]"
