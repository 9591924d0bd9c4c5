"""The cross-hair of the map of knowledge moves both clocks."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("path", ["/f/syria-joins-2025-11-11", "/e/global-coalition"])
def test_pointing_at_the_map_moves_both_clocks(page: Page, path: str) -> None:
    address = f"{path}?asOf=2025-11-10&knownAt=2025-12-01&lang=en"
    page.goto(address)
    if path.startswith("/e/"):
        page.locator(".slide input").first.wait_for()
        page.locator("[data-fact^=syria-joins]:visible").first.click()
    picture = page.locator("record-knowledge svg").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None

    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)

    page.wait_for_url(lambda url: "asOf=2025-11-10" not in url and "knownAt=2025-12-01" not in url)
    assert "asOf=" in page.url
    assert "knownAt=" in page.url
    expect(page.locator("record-knowledge svg").first).to_be_visible()
