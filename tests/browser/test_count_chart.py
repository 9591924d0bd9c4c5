"""The line of the count over time is the day of the page, and moving it moves the clock."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

COALITION = "/e/global-coalition"


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_dragging_the_line_moves_the_day(page: Page, lang: str) -> None:
    page.goto(f"{COALITION}?asOf=2025-11-10&lang={lang}")
    page.locator(".slide input").first.wait_for()
    chart = page.locator("record-count svg")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    start, end = (0.9, 0.3) if lang == "en" else (0.1, 0.7)

    page.mouse.move(box["x"] + box["width"] * start, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()

    field = page.locator("[name=asOf]").first
    expect(field).not_to_have_value("2025-11-10")
    assert "2016" < field.input_value() < "2021"
    assert f"asOf={field.input_value()}" in page.url


def test_the_line_follows_the_slider(page: Page) -> None:
    page.goto(f"{COALITION}?asOf=2025-11-10&lang=en")
    page.locator(".slide input").first.wait_for()
    line = page.locator("record-count path.now")
    before = line.get_attribute("d")

    page.keyboard.press("[")

    expect(line).not_to_have_attribute("d", before or "")


def test_a_question_s_own_page_is_fetched_for_the_day(page: Page) -> None:
    page.goto(f"{COALITION}/members?asOf=2025-11-10&lang=en")
    box = page.locator("record-count svg").bounding_box()
    assert box is not None

    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(lambda address: "asOf=" in address and "2025-11-10" not in address)

    expect(page.locator("h1")).not_to_contain_text("10 Nov 2025")
