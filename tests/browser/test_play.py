"""Play: from change to change with a caption, to the end, by keys; in steps for who wants calm."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

COALITION = "/e/global-coalition"
FIRST = {
    "en": "10 Nov 2025: Member joined: Syria (Certain)",
    "ar": "10 تشرين الثاني 2025: انضمام عضو: سوريا (مؤكد)",
}
WATCH = """() => {
  window.told = [];
  const asked = () => performance.getEntriesByType("resource").map(({ name }) => name);
  const caption = document.querySelector("[data-caption]");
  new MutationObserver(() => told.push({
    caption: caption.textContent,
    day: document.querySelector("record-asof [name=asOf]").value,
    asked: asked().filter((name) => !name.includes("/static/")).length,
  })).observe(caption, { childList: true });
}"""
"""Notes each caption with its day, and how much had been asked of the server by then."""


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_play_tells_each_change_and_stops_at_the_end(page: Page, lang: str) -> None:
    page.goto(f"{COALITION}?asOf=2025-11-09&knownAt=2025-11-12&lang={lang}")
    page.locator(".slide input").first.wait_for()
    page.evaluate(WATCH)

    page.keyboard.press("p")

    play = page.locator(".play")
    expect(play).to_have_attribute("aria-pressed", "true")
    expect(play).to_have_attribute("aria-pressed", "false", timeout=60_000)
    told = page.evaluate("told")
    first, day = told[0]["caption"], page.locator("record-asof [name=asOf]").input_value()
    assert FIRST[lang] in first
    assert [each["day"] for each in told] == sorted({each["day"] for each in told})
    assert told[-1]["day"] == day
    assert {each["asked"] for each in told} == {told[0]["asked"]}
    expect(page.locator("record-asof [rel=next]").first).to_have_attribute("aria-disabled", "true")
    expect(page.locator("[data-follow].stale")).to_have_count(0)


def test_moving_a_clock_by_hand_stops_it(page: Page) -> None:
    page.goto(f"{COALITION}?asOf=2014-01-01&lang=en")
    page.locator(".slide input").first.wait_for()
    play = page.locator(".play")

    play.focus()
    page.keyboard.press("Enter")
    expect(play).to_have_attribute("aria-label", "Pause")
    page.keyboard.press("[")

    expect(play).to_have_attribute("aria-label", "Play")


def test_who_wants_less_motion_takes_a_step_for_each_press(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{COALITION}?asOf=2025-11-09&knownAt=2025-11-12&lang=en")
    page.locator(".slide input").first.wait_for()
    play, day = page.locator(".play"), page.locator("record-asof [name=asOf]")

    expect(play).to_have_attribute("aria-label", "Next change")
    play.click()
    expect(day).to_have_value("2025-11-10")
    expect(page.locator("[data-caption]")).to_contain_text("10 Nov 2025: Member joined: Syria")
    expect(page.locator("[data-caption]")).to_have_attribute("aria-live", "polite")
    expect(page.locator("[data-follow].stale")).to_have_count(0)
    expect(day).to_have_value("2025-11-10")
    context.close()
