"""The window of an unpacked kit, on a real screen, as somebody without rights: the engine's sandbox stays on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.desktop.screen import Desk, free_port, screen
from tests.kit.conftest import SOMEBODY, Kit, home_for
from tests.web.live import PATIENCE, wait_for


@pytest.fixture
def windowed(kit: Kit, archive: Path, places: Path, request: pytest.FixtureRequest) -> Kit:
    """The kit, if it has a window."""
    if "-window" not in archive.name:
        pytest.skip("NOT TESTED: THIS KIT OPENS IN THE BROWSER; scripts/build-kit --variant window MAKES THE OTHER")
    return Kit(kit.folder, home_for(places / f"home {request.node.name[:30]}"))


def test_a_double_click_opens_the_window_and_a_chart_draws_in_it(
    windowed: Kit, tiny: Path, tell: Callable[[str], None]
) -> None:
    data = windowed.home / "data"
    shutil.copytree(tiny, data / "datasets" / "tiny")
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", f"{SOMEBODY}:{SOMEBODY}", windowed.home], check=True)
    somebody = SOMEBODY if os.getuid() == 0 else None
    port, log = free_port(), windowed.home / "app.log"
    with screen() as display, log.open("w") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            [windowed.launcher],
            env=windowed.environment(
                DISPLAY=display.display, QTWEBENGINE_CHROMIUM_FLAGS="--disable-gpu",
                QTWEBENGINE_REMOTE_DEBUGGING=f"127.0.0.1:{port}",
            ),
            cwd=windowed.home, stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True,
            user=somebody, group=somebody,
        )  # fmt: skip
        desk = Desk(process, data, port, log)
        try:
            wait_for(desk.path, f"a page is shown; {desk.told()}", PATIENCE)
            wait_for(lambda: display.window("steeliq"), f"the window is seen; {desk.told()}")
            tell(f"window with its page after {time.monotonic() - began:.1f} s")
            desk.goes_to("/runs/")
            desk.evaluate(
                """(() => { const form = document.querySelector('form.start');
                form.elements.first.value = '2025'; form.elements.last.value = '2026';
                form.elements.dataset.value = 'tiny'; form.requestSubmit(); })()"""
            )
            wait_for(lambda: desk.shows(".badge.done"), f"the run is done; {desk.told()}", 2 * PATIENCE)
            desk.click('a[href^="/explore/"]')
            wait_for(lambda: desk.shows(".main-svg"), f"a chart is drawn; {desk.told()}")
            if shots := os.environ.get("STEELIQ_SHOTS"):
                subprocess.run(
                    ["import", "-display", display.display, "-window", "root", f"{shots}/window.png"], check=True
                )
            used = {entry.path for one in desk.family() for entry in one.memory_maps() if ".so" in entry.path}
            assert str(windowed.site / "PySide6" / "Qt" / "lib" / "libxcb-cursor.so.0") in used
            assert {path for path in used if "/libGL" in path and path.startswith(str(windowed.folder))} == set()
            family = desk.family()
            assert not any("--no-sandbox" in one.cmdline() for one in family)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0, desk.told()
        _, left = psutil.wait_procs(family, 10)
        assert not left


def test_the_doctor_says_that_a_window_can_be_opened(windowed: Kit) -> None:
    with screen() as display:
        done = windowed.start("doctor", DISPLAY=display.display)
    assert "ok       Window" in done.stdout, done.stdout
