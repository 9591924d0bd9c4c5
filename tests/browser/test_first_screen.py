"""What of a coalition's page is seen before anything is scrolled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

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
