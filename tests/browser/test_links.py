"""Every address leads to what is seen: links carry the clocks, and the drawer has an address."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from thorough import pairs

COALITION = "/e/global-coalition"
AT = f"{COALITION}?asOf=2025-11-10&knownAt=2025-12-01&lang="
WIDTHS = (390, 1280)
CHOSEN = "main tr.chosen"
"""The row of the page that says what the drawer tells."""
TOLD = "record-evidence .claims tr[aria-current=true]"
"""What the citations of the drawer's own fact say, among those of all that disagree with it."""
LINKS = {
    "a member": "record-members th a",
    "its evidence": "record-members td a.evidence",
    "a tab": ".tabs a >> nth=1",
    "the language": ".language",
    "a row of the timeline": ".timeline .whom a",
    "a card": ".rest th a",
    "the printed address": ".foot .printed a",
    "home": ".foot nav a >> nth=0",
    "the map": '.foot nav a[href^="/map"]',
    "copy link": "[data-copy]",
    "the other clock": ".toggles a >> nth=1",
}


def _ready(page: Page) -> None:
    """Wait until the clocks can be moved."""
    page.locator(".slide input").first.wait_for()


def _type(page: Page, clock: str, text: str) -> None:
    field = page.locator(f".asof input[name={clock}]")
    field.fill(text)
    field.press("Enter")


def _point(link: Locator) -> dict[str, str]:
    query = parse_qs(urlsplit(link.first.get_attribute("href") or "").query)
    return {name: values[0] for name, values in query.items()}


def _in_view(page: Page, row: Locator) -> bool:
    box, size = row.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    return box["y"] >= 0 and box["y"] + min(box["height"], 30) <= size["height"]


@pytest.mark.parametrize(
    ("start", "lang"),
    pairs(("", "&asOf=2014-09-15", "&knownAt=2020-01-01&asOf=2016"), ("en", "ar")),
)
def test_every_link_has_the_point_of_the_clocks_as_they_move(
    page: Page, start: str, lang: str
) -> None:
    page.goto(f"{COALITION}?lang={lang}{start}")
    _ready(page)

    _type(page, "asOf", "2017-03-22")
    _type(page, "knownAt", "2018-01-01")

    for name, selector in LINKS.items():
        link = page.locator(selector)
        assert _point(link).get("asOf") == "2017-03-22", name
        if name == "the other clock":
            assert "knownAt" not in _point(link)
        else:
            assert _point(link).get("knownAt") == "2018-01-01", name
    expect(page.locator(".rest")).not_to_have_attribute("aria-busy", "true")
    for name, selector in LINKS.items():
        assert _point(page.locator(selector)).get("asOf") == "2017-03-22", name
    hidden = page.locator(".search input[type=hidden]")
    sent = hidden.evaluate_all("(all) => Object.fromEntries(all.map((it) => [it.name, it.value]))")
    assert sent == {"asOf": "2017-03-22", "knownAt": "2018-01-01", "lang": lang}
    for way, order in (("prev", -1), ("next", 1)):
        to = _point(page.locator(f"[data-clock=asOf] [data-way={way}]"))
        assert (to["asOf"] > "2017-03-22") is (order > 0)
        assert to["knownAt"] == "2018-01-01"


def test_a_clock_moved_as_fast_as_a_pointer_leaves_every_address_right(page: Page) -> None:
    page.goto(f"{COALITION}?lang=en")
    _ready(page)
    slider = page.get_by_role("slider", name="True on")

    # As many as a pointer makes in five seconds: more than a browser lets a page write.
    written = slider.evaluate(
        """async (it) => {
            const write = history.replaceState.bind(history);
            let written = 0;
            history.replaceState = (...given) => (written += 1, write(...given));
            for (let day = 17001; day <= 17300; day += 1) {
                it.value = day;
                it.dispatchEvent(new Event("input"));
                if (day % 50 === 0) await new Promise(requestAnimationFrame);
            }
            return written;
        }"""
    )
    assert written < 50
    member = page.locator("record-members th a").first
    member.hover()

    assert _point(member)["asOf"] == "2017-05-14"
    assert _point(page.locator(".tabs a").nth(1))["asOf"] == "2017-05-14"
    assert parse_qs(urlsplit(page.url).query)["asOf"] == ["2017-05-14"]


def test_a_link_opened_in_another_tab_shows_the_same_point(page: Page) -> None:
    page.goto(f"{COALITION}?lang=en")
    _ready(page)
    _type(page, "asOf", "2017-03-22")

    with page.context.expect_page() as opened:
        page.locator(".tabs a", has_text="Sources").click(button="middle")

    expect(opened.value.locator("[data-chip=valid]")).to_contain_text("22 Mar 2017")


def test_what_does_not_change_with_time_takes_no_clock_along(page: Page) -> None:
    page.goto(f"{COALITION}?lang=en")
    _ready(page)
    _type(page, "asOf", "2017-03-22")

    assert "asOf" not in _point(page.get_by_role("link", name="Record a fact"))
    assert page.get_by_role("link", name="GraphQL").get_attribute("href") == "/graphiql"


@pytest.mark.parametrize(("lang", "width"), pairs(("en", "ar"), WIDTHS))
def test_the_drawer_has_an_address_with_and_without_scripts(
    browser: Browser, address: str, lang: str, width: int
) -> None:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(AT + lang)
    _ready(page)
    row = page.locator("record-members tr[data-id=syria]")
    row.locator("a.evidence").first.click()
    drawer = page.locator("record-evidence")
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text("2025")
    assert _in_view(page, row)
    assert "evidence=" in page.url
    copied = page.locator("[data-copy]").get_attribute("href") or ""
    assert "evidence=" in copied
    assert "evidence=" in (page.locator(".language").get_attribute("href") or "")
    told = drawer.locator("h2").text_content()

    for scripts in (True, False):
        other = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 844},
            java_script_enabled=scripts,
        )
        again = other.new_page()
        again.goto(copied)
        expect(again.locator("record-evidence h2")).to_have_text(told or "")
        if scripts:
            expect(again.locator(CHOSEN)).to_have_attribute("data-id", "syria")
        expect(again.locator(TOLD)).to_have_count(3)
        again.locator("record-evidence [data-close]").click()
        expect(again.locator("record-evidence")).to_be_hidden()
        assert "evidence=" not in again.url
        assert "asOf=2025-11-10" in again.url
        other.close()
    context.close()


def test_the_drawer_follows_the_clocks_and_keeps_its_row(page: Page) -> None:
    page.goto(AT + "en")
    _ready(page)
    row = page.locator("record-members tr[data-id=syria]")
    row.locator("a.evidence").first.click()
    drawer = page.locator("record-evidence")
    expect(drawer.locator(".state")).to_contain_text("Counts")
    busy: list[str | None] = []

    def fetched(route: Route) -> None:
        busy.append(drawer.get_attribute("aria-busy"))
        route.continue_()

    page.route(re.compile("knownAt=2025-11-03"), fetched)
    page.locator(".asof input[name=knownAt]").evaluate(
        "(it) => { it.value = '2025-11-03'; it.dispatchEvent(new Event('change')); }"
    )

    expect(drawer.locator(".state")).to_contain_text("Not known yet")
    expect(drawer).not_to_have_attribute("aria-busy", "true")
    assert set(busy) == {"true"}
    expect(page.locator(CHOSEN)).to_have_count(1)
    expect(page.locator(CHOSEN)).to_have_attribute("data-id", "syria")
    assert _in_view(page, row)
    at = row.bounding_box()
    page.evaluate("document.activeElement.blur()")
    for _ in range(3):
        page.keyboard.press("[")  # rows above come and go
    assert row.count() == 0 or _in_view(page, row)
    assert at is not None


def test_an_unknown_fact_in_the_address_leaves_the_page_whole(page: Page) -> None:
    page.goto(AT + "en&evidence=no-such-fact")
    _ready(page)

    expect(page.locator("record-evidence")).to_contain_text("no-such-fact")
    assert page.locator("record-members tbody tr").count() > 80
