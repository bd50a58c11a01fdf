"""A real window on a real screen, from its opening to its closing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.desktop.screen import Desk, Screen, environment, screen, start_app
from tests.web.conftest import tiny  # noqa: F401 (a fixture)
from tests.web.live import PATIENCE, ROOT, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="THE WINDOW IS TESTED ON LINUX ONLY")


@pytest.fixture(scope="module")
def display() -> Iterator[Screen]:
    with screen() as one:
        yield one


@pytest.fixture(scope="module")
def desk(display: Screen, tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Desk]:  # noqa: F811 (the imported fixture)
    """The app, opened once for the module's story."""
    one = start_app(tmp_path_factory.mktemp("desk") / "home é", display.display, "--workers", "1", world=tiny)
    yield one
    if one.process.poll() is None:
        one.stop()


def gone(processes: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


def test_the_window_opens_on_the_app(desk: Desk, display: Screen) -> None:
    desk.goes_to("/runs/")
    assert display.window("steeliq")
    assert desk.evaluate("document.cookie") == "", "no script can read the way in"


def test_a_run_completes_and_its_chart_draws(desk: Desk) -> None:
    desk.goes_to("/runs/")
    desk.evaluate(
        """(() => { const form = document.querySelector('form.start');
        form.elements.first.value = '2025'; form.elements.last.value = '2026';
        form.elements.dataset.value = 'tiny'; form.requestSubmit(); })()"""
    )
    wait_for(lambda: desk.path() not in {"", "/runs/"}, f"the run's page; {desk.told()}")
    wait_for(lambda: desk.shows(".badge.done"), f"the run is done; {desk.told()}", 2 * PATIENCE)
    desk.click('a[href^="/explore/"]')
    wait_for(lambda: desk.shows(".main-svg"), f"a chart is drawn; {desk.told()}")


def test_a_table_and_a_picture_are_saved_where_the_person_says(desk: Desk, display: Screen) -> None:
    downloads = desk.home.parent / "Downloads"
    downloads.mkdir(exist_ok=True)
    desk.click('button[data-open="download"]')
    for selector, ending in (("#download a[data-kind=csv]", ".csv"), ("#download [data-picture=png]", ".png")):
        desk.click(selector)
        dialog = wait_for(lambda: display.window("Save"), f"a dialog asks where to save; {desk.told()}")
        display.press(dialog, "Return")
        landed = partial(whole_file, downloads, ending)
        wait_for(landed, f"a file {ending} lands; {desk.told()}")


def whole_file(folder: Path, ending: str) -> bool:
    """A file with this ending is there and has something in it."""
    return any(one.suffix == ending and one.stat().st_size > 100 for one in folder.iterdir())


def test_another_start_shows_the_first_window_and_ends(desk: Desk, display: Screen) -> None:
    display.xdotool("windowminimize", display.window("steeliq"))
    wait_for(lambda: not display.window("steeliq"), "the window is out of sight")
    second = subprocess.run(
        [sys.executable, "-P", "-m", "steeliq", "app"], env=environment(desk.home, display.display),
        capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert second.returncode == 0, second.stderr
    assert "runs already" in second.stdout
    wait_for(lambda: display.window("steeliq"), "the window is back")


def test_closing_while_a_run_goes_on_names_it_and_asks(desk: Desk, display: Screen) -> None:
    desk.evaluate("location.href = '/runs/'")
    desk.goes_to("/runs/")
    wait_for(lambda: desk.shows("main"), "the page is there")
    desk.evaluate(
        """(() => { const form = document.querySelector('form.start');
        form.elements.name.value = 'Long one'; form.elements.first.value = '2025'; form.elements.last.value = '2050';
        form.requestSubmit(); })()"""
    )  # the reference dataset: its run cannot end while the window closes
    wait_for(lambda: desk.path() not in {"", "/runs/"}, f"the run's page; {desk.told()}")
    display.press(wait_for(lambda: display.window("steeliq"), "the window"), "alt+F4")
    desk.goes_to("/shell/closing/")
    wait_for(lambda: "Long one" in (desk.evaluate("document.body.innerText") or ""), "the question names the run")
    assert desk.process.poll() is None
    processes = desk.family()
    desk.click('button[value="keep"]')
    assert desk.process.wait(PATIENCE) == 0, desk.told()
    wait_for(lambda: gone(processes), "nothing is left behind")


def test_the_next_start_opens_where_it_was_with_the_run_to_resume(desk: Desk, display: Screen) -> None:
    assert desk.process.poll() is not None
    place = json.loads((desk.home / "window.json").read_text())
    assert place["page"].startswith("/runs/")
    again = start_app(desk.home, display.display, "--workers", "1")  # the run may have waited still: it is done now
    try:
        again.goes_to(place["page"])
        wait_for(
            lambda: again.shows(".badge.interrupted, .badge.done"),
            f"the run was stopped, or waited and is done; {again.told()}", 3 * PATIENCE,
        )  # fmt: skip
        processes = again.family()
        assert again.stop() == 0
        wait_for(lambda: gone(processes), "the end of a session leaves nothing behind")
    finally:
        if again.process.poll() is None:
            again.process.kill()
            again.process.wait()


def test_a_killed_app_leaves_no_process_and_opens_where_it_was(display: Screen, tmp_path: Path) -> None:
    one = start_app(tmp_path / "home", display.display, "--workers", "1")
    one.goes_to("/runs/")
    one.evaluate("location.href = '/scenarios/new/?base=preset:scrap-max'")
    one.goes_to("/scenarios/new/")
    place = one.home / "window.json"
    wait_for(lambda: place.is_file() and "scrap-max" in place.read_text("utf-8"), f"the page is noted; {one.told()}")
    processes = one.family()
    assert len(processes) >= 4
    one.process.kill()
    one.process.wait()
    wait_for(lambda: gone(processes), "nothing is left behind")
    again = start_app(tmp_path / "home", display.display, "--workers", "0")
    try:
        again.goes_to("/scenarios/new/")
    finally:
        again.stop()


def test_a_window_closed_while_its_page_loads_leaves_at_once(display: Screen, tmp_path: Path) -> None:
    one = start_app(tmp_path / "home", display.display, "--workers", "0")
    one.goes_to("/runs/")
    for _ in range(3):  # so soon after the page, its engine has mostly not yet told that it is loaded
        processes = one.family()
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(15) == 0, one.told()
        wait_for(partial(gone, processes), "nothing is left behind")
        one = start_app(tmp_path / "home", display.display, "--workers", "0")
        one.goes_to("/runs/")
    one.stop()


def test_told_to_end_before_it_is_open_the_app_opens_no_window_and_ends(display: Screen, tmp_path: Path) -> None:
    one = start_app(tmp_path / "home", display.display, "--workers", "0")
    wait_for((one.home / "logs" / "launcher.log").is_file, "it has begun")
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(PATIENCE) == 0, one.told()


def test_leaving_needs_no_console() -> None:
    script = "import sys; from steeliq.desktop.app import leave; sys.stdout = sys.stderr = None; leave(7)"
    assert subprocess.run([sys.executable, "-P", "-c", script], check=False, cwd=ROOT).returncode == 7


def test_without_a_display_the_address_is_told(tmp_path: Path) -> None:
    one = start_app(tmp_path / "home", "", "--workers", "0")
    try:
        wait_for(lambda: "/open/?ticket=" in one.told(), f"the address is told; {one.told()}")
        assert "no graphical session" in one.told()
        assert one.stop() == 0
    finally:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
