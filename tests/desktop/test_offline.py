"""Offline means offline: with no network at all everything works, and with one nothing is asked of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.desktop.offline import strangers
from tests.web.conftest import tiny  # noqa: F401 (a fixture)
from tests.web.live import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="NOT TESTED: NETWORKS ARE TAKEN AWAY ON LINUX ONLY")

ALONE = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
MODULES = ("steeliq serve", "steeliq.webui.server", "steeliq.webui.runs.worker", "steeliq.webui.runs.child")


@pytest.mark.parametrize("has_network", [False, True])
def test_the_whole_app_works_without_a_network_and_asks_nobody_where_there_is_one(
    has_network: bool,
    tmp_path: Path,
    tiny: Path,  # noqa: F811 (the imported fixture)
) -> None:
    alone, look = ((), ()) if has_network else (ALONE, ("look",))
    if alone and subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("NOT TESTED WITHOUT A NETWORK: ONLY ROOT CAN TAKE IT AWAY")
    done = subprocess.run(
        [*alone, sys.executable, "-P", "-m", "tests.desktop.offline", str(tmp_path / "home"), str(tiny), *look],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["end"], told["code"]) == ("done", 0)
    assert told["pages"] > 25
    assert all(any(module in one for one in told["processes"]) for module in MODULES), told["processes"]
    assert told["asked"], "nothing at all was written down"
    assert strangers(told["asked"]) == []


def test_an_address_elsewhere_would_be_seen() -> None:
    asked = [
        "socket.connect 127.0.0.1",
        "socket.connect ::1",
        "socket.connect /run/bus",
        "socket.getaddrinfo localhost",
    ]
    assert strangers([*asked, "socket.connect 192.0.2.7", "socket.getaddrinfo example.org"]) == [
        "socket.connect 192.0.2.7",
        "socket.getaddrinfo example.org",
    ]
