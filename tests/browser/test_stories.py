"""A story from the home page to its end, then on with the clocks: in few actions, by keys too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

TITLE = {"en": "The week Syria joined", "ar": "الأسبوع الذي انضمت فيه سوريا"}
MOST = 9


@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("ar", 390)])
def test_a_story_is_read_to_its_end_and_gone_on_from_in_nine_actions(
    browser: Browser, address: str, lang: str, width: int
) -> None:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"/?lang={lang}")
    actions = 1

    page.locator("#stories").get_by_role("link", name=TITLE[lang]).click()
    expect(page.locator("h1")).to_have_text(TITLE[lang])
    while page.locator(".telling a[rel=next]").count():
        number = page.locator(".dots [aria-current=step]").inner_text()
        page.locator(".telling a[rel=next]").click()
        expect(page.locator(".dots [aria-current=step]")).not_to_have_text(number)
        actions += 1
    page.locator(".telling .onwards").click()
    page.wait_for_url("**/e/global-coalition**")
    page.locator(".slide input").first.wait_for()
    day = page.locator("record-asof [name=asOf]")
    expect(day).to_have_value("2026-02-10")
    page.keyboard.press("[")
    actions += 2

    expect(day).to_have_value("2026-02-09")
    assert actions <= MOST
    context.close()


def test_arrow_keys_lead_through_a_story_whose_clocks_are_live(page: Page) -> None:
    page.goto("/story/the-week-syria-joined?lang=en")
    page.locator(".slide input").first.wait_for()

    page.keyboard.press("ArrowRight")
    expect(page.locator(".dots [aria-current=step]")).to_have_text("2")
    page.locator(".slide input").first.wait_for()
    page.wait_for_url("**asOf=2025-11-10**")
    announced = page.locator(".shown .counts [data-standing=ANNOUNCED]")
    expect(announced).to_have_text("1")
    page.keyboard.press("}")
    expect(announced).to_have_text("0")
    expect(page.locator(".back a")).to_be_visible()

    page.keyboard.press("ArrowLeft")
    expect(page.locator(".dots [aria-current=step]")).to_have_text("1")
    page.wait_for_url("**asOf=2025-11-03&knownAt=2025-11-03**")


def test_arrow_keys_are_mirrored_where_lines_run_to_the_left(page: Page) -> None:
    page.goto("/story/the-week-syria-joined?lang=ar")
    page.locator(".slide input").first.wait_for()

    page.keyboard.press("ArrowLeft")

    expect(page.locator(".dots [aria-current=step]")).to_have_text("2")
