"""A researcher's first day: from the first visit to a picture, a workbook and a bundle, by mouse and by keyboard.

A real server, a real worker, a real browser; every page fails its test if it asks another address for anything or
writes an error into the console.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.live import Live, Watched, logged_in

PATIENCE = 60_000  # ms


@pytest.fixture(scope="module")
def first_day(browser: Browser, live: Live) -> Iterator[Watched]:
    """One page that lives through the whole day."""
    with logged_in(browser, live, width=1440) as watched:
        watched.page.set_default_timeout(PATIENCE)
        yield watched


def key_of(page: Page) -> str:
    found = re.search(r"/runs/(\w+)/", page.url)
    assert found, page.url
    return found[1]


def watch_until_done(page: Page) -> None:
    """The page tells progress, and without being loaded again, the result."""
    page.evaluate("window.same = true")
    expect(page.locator("#live .badge")).to_have_text("Done", timeout=PATIENCE)
    expect(page.get_by_role("heading", name="What it found")).to_be_visible()
    assert page.evaluate("window.same") is True


@pytest.fixture(scope="module")
def edited(first_day: Watched) -> str:
    """From the first visit to a finished run with another carbon price; its key."""
    page = first_day.page
    page.goto("/")
    expect(page.get_by_role("button", name="Run the reference scenario")).to_be_visible()
    page.get_by_role("link", name="Edit a scenario first").click()
    page.get_by_role("link", name="Edit a copy").first.click()
    page.get_by_label("Last year", exact=True).fill("2029")
    page.get_by_label("Carbon price scenario").select_option("uniform_100")
    page.get_by_label("Dataset", exact=True).select_option("tiny")
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url("**/runs/*/")
    watch_until_done(page)
    expect(page.get_by_text("carbon.scenario")).to_be_visible()
    return key_of(page)


@pytest.fixture(scope="module")
def reference(first_day: Watched, edited: str) -> str:
    """The reference scenario on the same data and years, from the list; its key."""
    page = first_day.page
    page.goto("/runs/")
    page.get_by_text("New run").click()
    page.get_by_label("to", exact=True).fill("2029")
    page.get_by_label("Data", exact=True).select_option("tiny")
    page.get_by_label("Name", exact=True).fill("Yardstick")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/runs/*/")
    watch_until_done(page)
    assert key_of(page) != edited
    return key_of(page)


def test_a_scenario_is_edited_run_and_explored(first_day: Watched, edited: str) -> None:
    page = first_day.page
    page.goto(f"/runs/{edited}/")
    page.get_by_role("link", name="Explore", exact=True).click()
    for tab in ("Emissions", "Costs", "Plants"):
        page.get_by_role("link", name=tab, exact=True).click()
        expect(page.locator("figure .main-svg, .figure .main-svg").first).to_be_visible()
    first_day.check()


def test_the_run_is_compared_with_the_reference(first_day: Watched, edited: str, reference: str) -> None:
    page = first_day.page
    page.goto("/runs/")
    for key in (reference, edited):
        page.locator(f'input[name="run"][value="{key}"]').check()
    page.get_by_role("button", name="Compare selected").click()
    expect(page.get_by_role("heading", name="What differs in assumptions")).to_be_visible()
    expect(page.get_by_text("uniform_100").first).to_be_visible()
    expect(page.locator(".main-svg").first).to_be_visible()
    first_day.check()


def test_picture_workbook_and_bundle_are_taken_away_and_the_bundle_back_in(
    first_day: Watched, edited: str, tmp_path: Path
) -> None:
    page = first_day.page
    page.goto(f"/explore/{edited}/")
    expect(page.locator(".main-svg").first).to_be_visible()
    page.get_by_role("button", name="Download").first.click()
    with page.expect_download() as picture:
        page.get_by_role("button", name="PNG").first.click()
    assert Path(picture.value.path()).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"

    page.goto(f"/compare/export/{edited}/")
    with page.expect_download() as workbook:
        page.get_by_role("link", name="Download Excel workbook").click()
    with zipfile.ZipFile(workbook.value.path()) as parts:
        assert "xl/workbook.xml" in parts.namelist()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download run bundle").click()
    bundle = tmp_path / download.value.suggested_filename
    download.value.save_as(bundle)
    assert bundle.suffix == ".steeliq"

    take_in(page, bundle)
    assert key_of(page) == edited, "a run that is here already is shown, not doubled"
    page.get_by_role("button", name="Put into the bin").click()
    page.goto("/runs/bin/")
    page.get_by_role("button", name="Delete with its files").click()
    expect(page.get_by_text("The bin is empty.")).to_be_visible()
    take_in(page, bundle)
    assert key_of(page) != edited
    expect(page.locator("#live .badge")).to_have_text("Done")
    expect(page.get_by_role("heading", name="What it found")).to_be_visible()
    first_day.check()


def take_in(page: Page, bundle: Path) -> None:
    """Bring a bundle into the app; it leads to the run's page."""
    page.goto("/compare/import/")
    page.get_by_label("Bundle").set_input_files(bundle)
    page.get_by_role("button", name="Check and take in").click()
    page.wait_for_url("**/runs/*/")


def test_help_and_data_open_from_the_bar(first_day: Watched) -> None:
    page = first_day.page
    page.goto("/runs/")
    for area in ("Scenarios", "Compare", "Data", "Help", "Runs"):
        page.get_by_role("navigation", name="Areas").get_by_role("link", name=area).click()
        expect(page.locator("nav [aria-current=page]").first).to_have_text(area)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
    first_day.check()


def test_a_run_is_begun_and_cancelled_by_keyboard_alone(first_day: Watched, reference: str) -> None:
    page = first_day.page
    page.goto("/runs/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    tab_to(page, "select[name=dataset]")
    page.keyboard.type("tiny")
    tab_to(page, "form.start button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*/")
    tab_to(page, "button.danger")
    page.keyboard.press("Enter")
    expect(page.locator("#live .badge")).to_have_text("Cancelled", timeout=PATIENCE)
    first_day.check()


def test_the_whole_job_is_done_by_keyboard_alone(first_day: Watched, reference: str) -> None:
    """Edit, run, explore, take a table away, compare, take that away: no pointer, the focus always to be seen."""
    page = first_day.page
    page.goto("/scenarios/")
    tab_to(page, "a[href*='/scenarios/new/']:not(.primary)")
    page.keyboard.press("Enter")
    page.wait_for_url("**/scenarios/new/**")
    jump(page, "Period")
    tab_to(page, "[name='period.end']")
    page.keyboard.press("Control+a")
    page.keyboard.type("2028")
    jump(page, "Carbon policy", backwards=True)
    tab_to(page, "[name='carbon.scenario']")
    page.keyboard.type("uniform_100")
    expect(page.locator("#side")).to_contain_text("uniform_100")
    jump(page, "Save or run", backwards=True)
    tab_to(page, "#actions [value=run]")
    # The dataset stands beside the form, before the buttons.
    tab_to(page, "#dataset", backwards=True)
    page.keyboard.type("tiny")
    tab_to(page, "#actions [value=run]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*/")
    own = key_of(page)
    expect(page.locator("#live .badge")).to_have_text("Done", timeout=PATIENCE)

    tab_to(page, "#live a.primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore/**")
    expect(page.locator("#production-steel .main-svg").first).to_be_visible()
    tab_to(page, "#year")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#strip")).to_contain_text("Key figures of 2027")
    tab_to(page, "#base")
    page.keyboard.type("Yardstick")
    expect(page).to_have_url(re.compile(f"base={reference}"))
    tab_to(page, "#production-steel [data-do=table]")
    page.keyboard.press("Enter")
    expect(page.locator("#production-steel .data tbody tr").first).to_be_visible()
    take_csv(page, "#production-steel")

    page.goto("/compare/")
    for key in (reference, own):
        tab_to(page, f"input[value='{key}']", backwards=key == own)
        page.keyboard.press("Space")
    tab_to(page, "main form button.primary")
    page.keyboard.press("Enter")
    expect(page.locator("#compare-production .main-svg").first).to_be_visible()
    take_csv(page, "#compare-production")
    first_day.check()


def take_csv(page: Page, figure: str) -> None:
    """Open a figure's dialog and take its rows, by keyboard; the dialog says how many there are."""
    tab_to(page, f"{figure} [data-open=download]")
    page.keyboard.press("Enter")
    promised = re.search(r"\d+", (page.locator("#download [data-count=all]").text_content() or "").replace(",", ""))
    tab_to(page, "#download a[data-kind=csv]")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    rows = Path(download.value.path()).read_text("utf-8-sig").splitlines()[1:]
    assert promised
    assert len(rows) == int(promised[0]) > 0
    page.keyboard.press("Escape")
    expect(page.locator("#download")).to_be_hidden()
    expect(page.locator(f"{figure} [data-open=download]")).to_be_focused()


def jump(page: Page, part: str, *, backwards: bool = False) -> None:
    """To a part of the editor by its list of contents."""
    tab_to(page, f"#contents a:has-text('{part}')", backwards=backwards)
    page.keyboard.press("Enter")


def tab_to(page: Page, selector: str, *, backwards: bool = False) -> None:
    """Go on by Tab (back by Shift and Tab) until the focus is there; it must be visible by its outline."""
    target = page.locator(selector).first
    for _ in range(150):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if target.evaluate("(one) => one === document.activeElement"):
            assert target.evaluate("(one) => getComputedStyle(one).outlineStyle") != "none"
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_the_theme_is_kept(browser: Browser, live: Live) -> None:
    with logged_in(browser, live, scheme="dark") as watched:
        page = watched.page
        page.goto("/runs/")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.get_by_role("button", name="Switch between light and dark").click()
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "light"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_visit_is_accessible(browser: Browser, tmp_path: Path, scheme: str) -> None:
    from tests.web.live import launch

    fresh = launch(tmp_path / "home", "--workers", "0")
    try:
        with logged_in(browser, fresh, scheme=scheme, width=800) as watched:
            watched.page.goto("/")
            found = Axe().run(watched.page).response["violations"]
            assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
            assert watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    finally:
        fresh.stop()
