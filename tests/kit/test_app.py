"""The app of the unpacked kit: pages in a real browser, behind a dead proxy, over data of the version before."""

from __future__ import annotations

import os
import re
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.desktop.release_files import FOLDER
from tests.kit.conftest import Kit, home_for, unpack
from tests.web.live import Live, chromium, launch, logged_in

PAGES = ("/", "/runs/", "/scenarios/", "/scenarios/new/?base=preset:net-zero-2050", "/data/", "/data/tiny/",
         "/compare/", "/storage/", "/help/", "/help/search/?q=scrap", "/help/about/")  # fmt: skip
DEAD = "http://127.0.0.1:9"
PROXIES = {name: DEAD for one in ("http_proxy", "https_proxy", "all_proxy") for name in (one, one.upper())}


@pytest.fixture(scope="module")
def live(kit: Kit, tiny: Path, tmp_path_factory: pytest.TempPathFactory, tell: Callable[[str], None]) -> Iterator[Live]:
    """The kit's server, with proxies that answer nobody."""
    home = tmp_path_factory.mktemp("app") / "home ü"
    began = time.monotonic()
    server = launch(home, "--workers", "1", world=tiny, more=PROXIES | {"PATH": ""}, program=(str(kit.launcher),))
    tell(f"first page after {time.monotonic() - began:.1f} s")
    yield server
    server.stop()


def test_every_main_page_is_drawn_without_a_complaint(live: Live) -> None:
    key = live.start()
    assert live.ends(key) == "done"
    explore = re.findall(rf'href="(/explore/{key}/\w+/)"', live.get(f"/explore/{key}/").text)
    assert len(explore) > 3
    addresses = (*PAGES, f"/runs/{key}/", f"/explore/{key}/", f"/compare/?run={key}", *dict.fromkeys(explore))
    with sync_playwright() as playwright, chromium(playwright) as browser, logged_in(browser, live) as watched:
        for address in addresses:
            answer = watched.page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            expect(watched.page.locator("main")).to_be_visible()
        watched.page.goto(f"/explore/{key}/")
        expect(watched.page.locator(".js-plotly-plot").first).to_be_visible()


def test_static_files_bear_the_hash_of_their_content_and_are_kept(live: Live) -> None:
    page = live.get("/runs/").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert addresses
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", address), address
        assert "immutable" in live.get(address).headers["Cache-Control"]


def test_it_runs_from_the_kit_alone(live: Live, kit: Kit) -> None:
    for module in ("steeliq.webui.server", "steeliq.webui.runs.worker"):
        [process] = live.children(module)
        assert process.exe() == str(kit.folder / "bin" / "python3.13")
        libraries = {entry.path for entry in process.memory_maps() if ".so" in entry.path}
        foreign = {path for path in libraries if not path.startswith((str(kit.folder), "/lib/", "/usr/lib/"))}
        assert not foreign


def test_two_kits_side_by_side_serve_each_its_own_data(live: Live, copy: Kit, tmp_path: Path) -> None:
    other = launch(tmp_path / "other", "--workers", "0", program=(str(copy.launcher),), more={"PATH": ""})
    try:
        assert other.address != live.address
        assert other.get("/runs/").status_code == live.get("/runs/").status_code == 200
    finally:
        assert other.stop() == 0


def test_it_opens_the_data_of_the_released_version(kit: Kit, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    released = max(path for path in FOLDER.iterdir() if path.is_dir())
    with zipfile.ZipFile(released / "steeliq.sqlite3.zip") as opened:
        opened.extractall(home)
    server = launch(home, "--workers", "0", program=(str(kit.launcher),), more={"PATH": ""})
    try:
        page = server.get("/runs/").text
        assert "Released" in page
    finally:
        assert server.stop() == 0
    again = launch(home, "--workers", "0", program=(str(kit.launcher),), more={"PATH": ""})
    assert again.stop() == 0


@pytest.mark.skipif(os.getuid() != 0, reason="NOT TESTED: ONLY ROOT CAN DROP WHAT IS CACHED")
def test_the_first_and_the_second_start_are_timed(archive: Path, places: Path, tell: Callable[[str], None]) -> None:
    kit = Kit(unpack(archive, places / "timed"), home_for(places / "timed home"))
    subprocess.run(["sync"], check=True)
    Path("/proc/sys/vm/drop_caches").write_text("3")
    for name in ("first", "second", "third"):
        began = time.monotonic()
        server = launch(kit.home / "data", "--workers", "1", program=(str(kit.launcher),), more={"PATH": ""})
        tell(f"{name} start: first page after {time.monotonic() - began:.1f} s")
        assert server.stop() == 0
