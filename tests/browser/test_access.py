"""What must hold of every page in both languages: access in each medium, width, hosts, size."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response
from support.axe import violations
from thorough import pairs

COALITION = "/e/global-coalition"
PAGES = [
    "/",
    f"{COALITION}?asOf=2014-09-15",
    f"{COALITION}/changes?asOf=2025-11-10&fromAsOf=2014-09-15",
    f"{COALITION}/sources",
    f"{COALITION}/log",
    "/e/syria?atPosition=300",
    "/f/syria-joins-2025-11-11",
    "/f/syria-joins-2025-11-10?knownAt=2025-11-01",
    "/s/article-2025-11-03",
    "/search?q=coalition&asOf=2025-11-10",
    "/search?q=nothinglikethis",
    "/log",
    "/map?asOf=2025-11-10",
    "/browse",
    "/facts?only=contested",
    "/sources?sort=grade",
    "/entities?kind=COUNTRY",
    "/activity",
    "/check",
    "/vocabulary",
    "/compare?left=global-coalition&fromAsOf=2014-10-15&asOf=2025-11-10",
    "/compare?left=global-coalition&question=bases&fromAsOf=2017",
    "/compare",
    "/stories",
    "/story/the-week-syria-joined",
    "/story/the-week-syria-joined?step=3",
    "/story/the-week-syria-joined?step=6&asOf=2015",
    "/check?show=unattested&before=2030",
    "/guide",
    "/e/nobody",
    f"{COALITION}?asOf=never",
]
WIDTHS = (2560, 820, 360)
"""The least last: there targets lie closest."""
SCRIPTLESS = ["/", f"{COALITION}?asOf=2025-11-10", "/f/syria-joins-2025-11-11", "/map", "/check"]


def _go(page: Page, path: str, lang: str) -> None:
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    if page.locator("[data-rectangles]").count():
        page.locator(".slide input").first.wait_for()


@pytest.fixture(scope="module")
def bare(browser: Browser, address: str) -> Iterator[Page]:
    """A page into which a test may put a script."""
    context = browser.new_context(base_url=address, bypass_csp=True)
    yield context.new_page()
    context.close()


def _in_daylight_and_dark(page: Page) -> None:
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, "rule", "color-contrast") == [], "dark"


def _printed(page: Page) -> None:
    page.emulate_media(media="print")
    assert violations(page, "rule", "color-contrast") == [], "print"


# The templates, styles and scripts of a page are the same in both languages.
@pytest.mark.parametrize(("path", "lang"), pairs(PAGES, ("en", "ar")))
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    bare: Page, address: str, path: str, lang: str
) -> None:
    page = bare
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    _go(page, path, lang)

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, "rule", "target-size") == [], "phone"
    page.set_viewport_size({"width": 1280, "height": 800})
    try:
        _in_daylight_and_dark(page)
        page.emulate_media(color_scheme="light")
        _printed(page)
    finally:
        page.emulate_media(color_scheme="light", media="screen")
    assert hosts == {address.split("/")[2]}


@pytest.mark.parametrize("row", [0, 1, 20, 39])
def test_axe_finds_a_row_with_a_fault_among_rows_that_are_alike(bare: Page, row: int) -> None:
    rows = [f"<li><a href='#{number}'>A row</a></li>" for number in range(40)]
    rows[row] = "<li><a href='#x' style='color: #eee'>A row</a></li>"
    bare.goto("/guide")
    bare.locator("main").evaluate("(it, rows) => { it.innerHTML = rows }", f"<ul>{''.join(rows)}")

    assert "color-contrast" in dict(violations(bare))


@pytest.mark.parametrize("path", SCRIPTLESS)
def test_axe_finds_nothing_without_scripts(bare: Page, path: str) -> None:
    bare.route("**/static/**/*.js", lambda route: route.abort())
    bare.goto(f"{path}{'&' if '?' in path else '?'}lang=ar")

    assert violations(bare) == []
    bare.unroute("**/static/**/*.js")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_first_page_is_light(page: Page, lang: str) -> None:
    sizes: dict[str, int] = {}

    def weigh(response: Response) -> None:
        body = response.body()
        kind = response.headers.get("content-type", "").split(";")[0]
        zipped = body if kind == "font/woff2" else gzip.compress(body, 9)
        sizes[kind] = sizes.get(kind, 0) + len(zipped)

    page.on("response", weigh)
    _go(page, f"{COALITION}?asOf=2025-11-10", lang)
    page.wait_for_timeout(300)

    assert sizes["text/javascript"] + sizes["text/css"] <= 50_000, sizes
    assert sum(sizes.values()) <= 300_000, sizes


def test_the_evidence_drawer_is_accessible(bare: Page) -> None:
    page = bare
    _go(page, f"{COALITION}?asOf=2025-11-10", "en")
    page.locator("record-members a.evidence").first.click()
    page.locator("record-evidence h2").wait_for()

    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, "rule", "color-contrast") == []
    page.emulate_media(color_scheme="light")


def test_whoever_wants_less_motion_has_none(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    _go(page, COALITION, "en")

    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter((it) => "
        "parseFloat(getComputedStyle(it).transitionDuration) > 0).length"
    )

    assert moving == 0
    context.close()


def test_a_print_has_the_words_and_not_the_tools(page: Page) -> None:
    _go(page, COALITION, "en")
    page.emulate_media(media="print")

    assert page.locator(".sentence").is_visible()
    assert page.locator("record-members").is_visible()
    assert not page.locator(".search").is_visible()
    assert not page.locator(".actions").is_visible()
    printed = page.locator(".printed a")
    assert printed.is_visible()
    address = printed.evaluate("it => it.textContent + getComputedStyle(it, '::after').content")
    assert "/e/global-coalition" in address
    assert "atPosition=" in address
    assert "asOf=" in address
