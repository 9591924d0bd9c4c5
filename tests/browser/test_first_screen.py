"""What of a coalition's page is seen before anything is scrolled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from selectolax.lexbor import LexborHTMLParser

AT = "/e/global-coalition?asOf=2025-11-10&knownAt=2025-11-11"
SEEN = """() => {
  const bottom = (it) => it.getBoundingClientRect().bottom;
  const rows = [...document.querySelectorAll("record-members tbody tr")];
  return {
    rows: rows.filter((row) => bottom(row) <= innerHeight).length,
    map: bottom(document.querySelector("#map svg.world")),
    sentence: bottom(document.querySelector(".asof .sentence")),
    clocks: bottom(document.querySelector(".asof .clocks")),
    first: rows[0].getBoundingClientRect().top,
    wider: document.documentElement.scrollWidth - innerWidth,
  };
}"""


@pytest.fixture(scope="module", params=["en", "ar"])
def desk(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """The page of a coalition on a desk, in a language."""
    page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 800})
    page.goto(f"{AT}&lang={request.param}")
    page.locator(".slide input").first.wait_for()
    page.locator("[data-filter] input").wait_for()
    yield page
    page.close()


def test_the_sentence_the_clocks_ten_rows_and_the_map_are_on_the_first_screen(desk: Page) -> None:
    for width, height in ((1280, 800), (1440, 900)):
        desk.set_viewport_size({"width": width, "height": height})
        seen: dict[str, Any] = desk.evaluate(SEEN)

        assert seen["sentence"] < seen["clocks"] < seen["first"]
        assert seen["rows"] >= 10
        assert seen["map"] <= height
        assert seen["wider"] <= 0


def test_on_a_phone_the_list_begins_soon_after_the_clocks(desk: Page) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    seen: dict[str, Any] = desk.evaluate(SEEN)

    assert seen["first"] - seen["clocks"] < 260
    assert seen["rows"] >= 2
    assert seen["wider"] <= 0


def test_a_click_on_a_heading_sorts_the_list_as_the_server_does(desk: Page) -> None:
    desk.set_viewport_size({"width": 1280, "height": 800})
    members = desk.locator("record-members")
    clicks = [(1, "newest", "descending"), (1, "date", "ascending"), (2, "standing", "descending")]
    for column, sort, direction in clicks:
        heading = members.locator("thead th").nth(column)
        heading.locator("a").click()

        expect(heading).to_have_attribute("aria-sort", direction)
        expect(members.locator("th[aria-sort]")).to_have_count(1)
        expect(desk).to_have_url(re.compile(f"[?&]sort={sort}"))
        assert _shown(desk) == _served(desk)
        assert f"sort={sort}" in (desk.locator(".language").get_attribute("href") or "")

    members.locator("thead th a").nth(1).press("Enter")
    for day in ("2014-09-15", "2025-11-03"):
        desk.locator("[data-clock=asOf] input").first.fill(day)
        desk.locator("[data-clock=asOf] input").first.press("Enter")
        expect(desk).to_have_url(re.compile(f"asOf={day}&.*sort=newest"))
        assert _shown(desk) == _served(desk)


def _shown(page: Page) -> list[str]:
    """Who is listed, from the top, once the script has drawn it."""
    ids: list[str] = page.evaluate(
        """async () => {
          const list = document.querySelector("record-members");
          await list.updateComplete;
          return [...list.querySelectorAll("tbody tr")].map((row) => row.dataset.id);
        }"""
    )
    assert len(ids) > 50
    return ids


def _served(page: Page) -> list[str]:
    """Who is listed at the same address without scripts."""
    rows = LexborHTMLParser(page.request.get(page.url).text()).css("record-members tbody tr")
    return [row.attributes["data-id"] or "" for row in rows]
