"""What must not be waited for before the first page is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from psutil import Process

from tests.web.live import ROOT, launch

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


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="libraries of a process are read from /proc")
def test_a_server_that_shows_the_runs_has_loaded_nothing_heavy(tmp_path: Path) -> None:
    live = launch(tmp_path / "home", "--workers", "0")
    try:
        assert live.get("/runs/").status_code == 200
        started = Process(live.process.pid)
        loaded = "".join(
            Path(f"/proc/{one.pid}/maps").read_text() for one in [started, *started.children(recursive=True)]
        )
    finally:
        live.stop()
    assert "python" in loaded
    assert [one for one in HEAVY if f"/{one}/" in loaded] == []
