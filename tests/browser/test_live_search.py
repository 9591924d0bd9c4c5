"""What is found is listed as one types, grouped and counted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize(("lang", "text"), [("en", "syria joined"), ("ar", "انضمت سوريا")])
def test_the_fact_is_found_as_one_types_and_opened_by_keys(
    page: Page, lang: str, text: str
) -> None:
    page.goto(f"/?lang={lang}")
    page.locator("#search").press_sequentially(text, delay=20)
    live = page.locator("[data-live]")

    first = live.locator("li b a").first
    expect(first).to_have_attribute("href", re.compile(r"^/f/syria-joins-2025-11-1[01]\?"))
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(live).to_be_hidden()
    expect(page.locator("#search")).to_be_focused()


def test_one_letter_asks_nothing(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/?lang=en")
    asked.clear()
    page.locator("#search").press_sequentially("s")
    page.wait_for_timeout(600)

    assert not [each for each in asked if "/search" in each]
