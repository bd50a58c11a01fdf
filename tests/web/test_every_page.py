"""Every page of the app, found by its addresses: accessible in both themes, inside its window, silent, at home.

The addresses come from the resolver, so a page that is added is looked at without a change here; one for which no
address with real names is known fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from steeliq.webui.compare.exports import KINDS
from steeliq.webui.explore.figures import TABS
from steeliq.webui.guide import about, pages
from tests.web.datasets import tracker_workbook
from tests.web.live import Live, logged_in, wait_for
from tests.web.test_security import routes

NOT_SEEN_ALONE = {
    "/health/",
    "/data/<slug:key>/<slug:table>/cell/",
    "/shell/offered/<slug:key>/",
    "/ensembles/compare/figure/<slug:name>.<str:kind>",
}
"""An answer for programs; a part of a page that only a question opens; a file that only a launcher offers; a file of a
figure of two ensembles that only their page names."""


SEEN_BY_THEME = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "aria-allowed-attr")
"""Rules whose answer may change with theme and pane; all others are asked once."""


@dataclass(frozen=True)
class Known:
    """What real addresses are made from."""

    run: str
    other: str
    plant: str
    unfinished: tuple[str, ...]
    ensembles: tuple[str, str, str]  # two that are done, one that was stopped
    search: str


@pytest.fixture(scope="module")
def known(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """Two finished runs, one full of words; one that failed, one cancelled, one in the bin; a dataset of one's own."""
    run, other = live.start(last="2027", name="First"), live.start(last="2026", name="Second")
    failed, stopped = live.start(name="Failed", scenario="net-zero-2050"), live.start(name="Stopped", last="2050")
    binned = live.start(name="Away")
    live.post(f"/runs/{stopped}/cancel/")
    ends = [live.ends(key) for key in (run, other, failed, stopped, binned)]
    assert ends == ["done", "done", "failed", "cancelled", "done"]
    live.post(f"/runs/{binned}/bin/")
    live.post(f"/runs/{run}/verify/")
    wait_for(lambda: "Certificate" in live.get(f"/runs/{run}/").text, "the run is verified")
    live.post(f"/runs/{run}/about/", name="First", tags="one, two", notes="a note")
    fleet = tmp_path_factory.mktemp("fleet") / "tracker.xlsx"
    tracker_workbook(fleet)
    assert live.post("/data/upload/", {"file": fleet}, title="Fleet", base="tiny").url.endswith("/data/fleet/report/")
    plants = re.findall(rf"/explore/{run}/plants/([^/\"]+)/", live.get(f"/explore/{run}/plants/").text)
    more = {"method": "one_at_a_time", "name": "Another"}
    ensembles = (live.start_ensemble(), live.start_ensemble(**more), live.start_ensemble(samples="500", name="Stopped"))
    live.post(f"/ensembles/{ensembles[2]}/cancel/")
    assert [live.ends(key, area="ensembles") for key in ensembles] == ["done", "done", "cancelled"]
    search = live.start_search()
    assert live.ends(search, area="searches") == "done"
    return Known(run, other, plants[-1], (failed, stopped, binned), ensembles, search)


def values(route: str, name: str, known: Known) -> list[str]:
    """Real names for one part of an address."""
    area = route.split("/")[1]
    if area == "ensembles":
        return {"key": [known.ensembles[0]], "name": ["fan"], "kind": ["csv"], "member": ["1"]}[name]
    if area == "searches":
        return {"key": [known.search], "name": ["trace"], "kind": ["csv"]}[name]
    if name == "key":
        return (["fleet"] if "report" in route else ["tiny"]) if area == "data" else [known.run]
    if area == "explore" and name == "slug":
        return [tab.slug for tab in TABS[1:]]
    found = {
        "plant": [known.plant],
        "table": ["plants", "prices"],
        "slug": ["bin"] if area == "storage" else [KINDS[0].slug],
        "kind": ["csv"],
        "page": list(pages.names()),
        "package": [next(iter(about.packages())).name],
        "name": ["compare-production" if area == "compare" else "lcos"],
    }
    assert name in found, f"no real name is known for <{name}> in {route}: add one here"
    return found[name]


def filled(route: str, known: Known) -> Iterator[str]:
    """The addresses of a route with real names."""
    parts = re.findall(r"<\w+:(\w+)>", route)
    if not parts:
        yield route
        return
    for value in values(route, parts[0], known):
        yield from filled(re.sub(r"<\w+:\w+>", value, route, count=1), known)


def with_query(known: Known) -> list[str]:
    """Pages that look otherwise with a question behind their address."""
    both = f"run={known.run}&run={known.other}"
    return [
        *(f"/runs/{key}/" for key in known.unfinished),
        *(f"/explore/{key}/" for key in known.unfinished[:2]),
        f"/compare/?{both}",
        f"/compare/?{both}&show=percent",
        f"/compare/?run={known.run}",
        f"/explore/{known.run}/costs/?year=2026&base={known.other}&country=nowhere",
        f"/explore/{known.run}/?first=2026&last=2026&technology=EAF",
        "/scenarios/new/?base=preset:net-zero-2050",
        "/data/tiny/plants/?edit=1",
        "/help/search/?q=scrap",
        "/runs/?q=nothing-like-it",
        f"/explore/{known.run}/plants/?q={quote('nothing like it')}",
        f"/ensembles/{known.ensembles[2]}/",
        f"/ensembles/{known.ensembles[2]}/figures/",
        f"/ensembles/{known.ensembles[1]}/figures/?target=10&side=below",
        f"/ensembles/compare/?ensemble={known.ensembles[0]}&ensemble={known.ensembles[1]}",
        f"/ensembles/new/?from={known.ensembles[0]}",
        f"/searches/new/?from={known.search}",
        "/nowhere/",
    ]


@pytest.fixture(scope="module")
def every_page(live: Live, known: Known) -> list[str]:
    """Addresses of all whole pages; files, parts of pages and forms without a page of their own are left out."""
    found = []
    for route in routes():
        seen = 0
        for address in filled(route, known) if route not in NOT_SEEN_ALONE else ():
            answer = live.get(address)
            if answer.status_code == 404 and "<" in route:
                continue  # a name that this route does not know
            seen += 1
            is_page = answer.text.lstrip().lower().startswith("<!doctype html>")
            if is_page and "attachment" not in answer.headers.get("Content-Disposition", ""):
                found.append(address)
        assert seen or route in NOT_SEEN_ALONE, f"no address of {route} could be opened"
    return [*found, *with_query(known)]


def opened(page: Page, address: str) -> None:
    """Go there, draw all figures, open all that can be opened."""
    page.goto(address)
    if page.locator("#explore, #comparison, #ensemble, #search-page").count():
        page.evaluate("steeliq.drawAll()")
        expect(page.locator("figure[aria-busy=true]")).to_have_count(0, timeout=60_000)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def faults(page: Page, *rules: str) -> list[tuple[str, list[str]]]:
    """What axe-core finds, by all its rules or those named."""
    options: dict[str, object] = {"resultTypes": ["violations"]}  # telling all that is right takes longest
    options |= {"runOnly": list(rules)} if rules else {}
    found = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], [str(node["target"]) for node in rule["nodes"]][:5]) for rule in found]


def test_every_area_is_among_the_pages(every_page: list[str]) -> None:
    areas = {address.split("/")[1] for address in every_page}
    assert areas >= {"runs", "scenarios", "ensembles", "searches", "compare", "data", "explore", "help"}
    assert len(every_page) > 40


def test_every_page_is_accessible_in_both_themes_and_fits_its_window(
    browser: Browser, live: Live, every_page: list[str]
) -> None:
    problems: dict[str, object] = {}
    with logged_in(browser, live, width=1440) as watched:
        watched.allowed = ("404", "409", "422")
        page = watched.page
        for address in every_page:
            page.set_viewport_size({"width": 1440, "height": 900})
            opened(page, address)
            page.evaluate("document.documentElement.dataset.theme = 'light'")
            page.evaluate("document.dispatchEvent(new Event('themechange'))")
            light = faults(page)
            # Dark with what stands behind the charts: their tables.
            page.evaluate("document.documentElement.dataset.theme = 'dark'")
            page.evaluate("document.dispatchEvent(new Event('themechange'))")
            page.evaluate("document.querySelectorAll('button[data-do=table]').forEach((one) => one.click())")
            dark = faults(page, *SEEN_BY_THEME)
            too_wide = []
            for width in (1440, 1280, 800, 390):
                page.set_viewport_size({"width": width, "height": 720})
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    too_wide.append(width)
            if light or dark or too_wide or watched.strangers:
                problems[address] = {"light": light, "dark": dark, "too wide": too_wide, "asked": watched.strangers[:]}
    assert problems == {}


def test_a_narrow_window_folds_the_areas_under_one_button(browser: Browser, live: Live) -> None:
    with logged_in(browser, live, width=390) as watched:
        page = watched.page
        page.goto("/scenarios/")
        compare = page.get_by_role("navigation", name="Areas").get_by_role("link", name="Compare")
        expect(compare).to_be_hidden()
        assert page.evaluate("document.querySelector('.bar').offsetHeight") < 60  # one line
        page.get_by_role("button", name="Areas: Scenarios").click()
        assert faults(page, "color-contrast", "aria-allowed-attr") == []
        page.keyboard.press("Escape")
        expect(compare).to_be_hidden()
        page.get_by_role("button", name="Areas: Scenarios").click()
        compare.click()
        expect(page).to_have_url(f"{live.address}/compare/")
        page.set_viewport_size({"width": 1280, "height": 720})
        expect(compare).to_be_visible()


def test_the_chosen_theme_is_there_at_the_next_start_in_any_browser(browser: Browser, live: Live) -> None:
    try:
        with logged_in(browser, live) as watched, watched.page.expect_response("**/theme/") as kept:
            watched.page.goto("/scenarios/")
            watched.page.get_by_role("button", name="Switch between light and dark").click()
        assert kept.value.status == 204
        with logged_in(browser, live) as watched:  # knows nothing of the first
            watched.page.goto("/data/")
            expect(watched.page.locator("html")).to_have_attribute("data-theme", "dark")
    finally:
        (live.home / "theme.txt").unlink(missing_ok=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialog_and_the_source_of_a_figure_are_accessible(
    browser: Browser, live: Live, known: Known, scheme: str
) -> None:
    with logged_in(browser, live, scheme=scheme, width=800) as watched:
        page = watched.page
        opened(page, f"/explore/{known.run}/costs/")
        page.evaluate("document.querySelectorAll('button[data-do=source]').forEach((one) => one.click())")
        assert faults(page) == []
        page.get_by_role("button", name="Download").first.click()
        assert faults(page) == []
