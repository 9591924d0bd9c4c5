"""Clocks are set by dates as people write them; what can't be read is mended in its field."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from support.windows import WINDOWS
from thorough import pairs

from domain.dates import iso_of, today

COALITION = "/e/global-coalition"
TYPED = {
    "10 Nov 2025": "2025-11-10",
    "Sept 2014": "2014-09",
    "١٠/١١/٢٠٢٥": "2025-11-10",
    "today": iso_of(today()),
    "10 تشرين الثاني 2025": "2025-11-10",
    "2014": "2014",
    "اليوم": iso_of(today()),
    "10 نوفمبر 2025": "2025-11-10",
}
"""Each another day than the one before: they are typed one after another into one page."""
READING = {"en": "= 10 Nov 2025", "ar": "= 10 تشرين الثاني 2025"}


def _type(page: Page, clock: str, text: str, scripts: bool) -> None:
    if scripts:
        page.locator(".slide input").first.wait_for()
    field = page.locator(f".asof input[name={clock}]")
    field.fill(text)
    with page.expect_navigation():
        field.press("Enter")


@pytest.mark.parametrize(("lang", "scripts"), pairs(("ar", "en"), (True, False)))
def test_a_clock_takes_dates_as_people_write_them_and_shows_its_reading(
    browser: Browser, address: str, lang: str, scripts: bool
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{COALITION}?knownAt=2025-12-01&lang={lang}")
    for text, edtf in TYPED.items() if scripts else [*TYPED.items()][:3]:
        if scripts and text == "2014":
            continue  # the page reads what the address has
        _type(page, "asOf", text, scripts)

        expect(page.locator(".asof input[name=asOf]")).to_have_value(edtf)
        expect(page.locator(".asof input[name=knownAt]")).to_have_value("2025-12-01")
        expect(page.locator("[data-clock=asOf] .reading")).to_contain_text("=")
        if edtf == "2025-11-10":
            expect(page.locator("[data-clock=asOf] .reading")).to_contain_text(READING[lang])
            assert page.locator("record-members tbody tr").count() > 80
        if scripts:
            page.locator(".slide input").first.wait_for()
            assert f"asOf={edtf}" in page.url
    context.close()


def test_the_reading_follows_the_slider(page: Page) -> None:
    page.goto(f"{COALITION}?asOf=2025-11-10&lang=en")
    slider = page.get_by_role("slider", name="True on")
    slider.wait_for()

    slider.evaluate("(it) => { it.value = 17247; it.dispatchEvent(new Event('input')); }")

    expect(page.locator("[data-clock=asOf] .reading")).to_have_text("= 22 Mar 2017")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_date_in_two_orders_is_read_and_the_other_reading_is_offered(
    browser: Browser, address: str, lang: str
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{COALITION}?lang={lang}")
    _type(page, "asOf", "10/11/2025", scripts=False)

    reading = page.locator("[data-clock=asOf] .reading")
    expect(reading).to_contain_text(READING[lang])
    reading.get_by_role("link").click()

    expect(page.locator(".asof input[name=asOf]")).to_have_value("2025-10-11")
    context.close()


@pytest.mark.parametrize(("lang", "width", "scripts"), WINDOWS)
def test_what_can_not_be_read_is_mended_in_its_field_and_the_other_clock_is_kept(
    browser: Browser, address: str, lang: str, scripts: bool, width: int
) -> None:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 844},
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.goto(f"{COALITION}?asOf=2025-11-10&knownAt=2025-12-01&lang={lang}")
    _type(page, "asOf", "2025-11-31", scripts)

    field = page.locator(".asof input[name=asOf]")
    expect(field).to_have_value("2025-11-31")
    expect(field).to_have_attribute("aria-invalid", "true")
    wrong = page.locator(f"#{field.get_attribute('aria-describedby')}")
    expect(wrong).to_be_visible()
    expect(wrong).to_contain_text("30")
    expect(page.locator(".asof input[name=knownAt]")).to_have_value("2025-12-01")
    expect(page.locator("h1")).to_have_count(1)
    assert page.locator(".problem").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    _type(page, "asOf", "30 Nov 2025", scripts)

    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-chip=valid]")).to_contain_text("2025")
    context.close()


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_points_of_what_changed_are_read_and_mended_alike(
    browser: Browser, address: str, lang: str
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{COALITION}/changes?asOf=2025-11-10&knownAt=2025-12-01&lang={lang}")
    page.locator(".points input[name=fromKnownAt]").fill("3 Nov 2025")
    page.locator(".points input[name=asOf]").fill("soon")
    page.locator(".points > button").click()

    expect(page.locator(".points input[name=fromKnownAt]")).to_have_value("2025-11-03")
    expect(page.locator(".points input[name=asOf]")).to_have_value("soon")
    expect(page.locator(".points .wrong")).to_have_count(1)
    expect(page.locator(".points .before .reading")).to_contain_text("= 3")
    context.close()


@pytest.mark.parametrize(
    "query", ["asOf=soon", "knownAt=2014/..", "atPosition=x", "atPosition=99999999", "recordedAt=x"]
)
def test_no_clock_leads_to_a_page_without_what_was_asked(page: Page, query: str) -> None:
    for path in (COALITION, "/", "/map", "/search?q=syria", "/s/article-2025-11-03"):
        answer = page.goto(f"{path}{'&' if '?' in path else '?'}{query}")

        assert answer is not None
        assert answer.status == 200
        assert page.locator(".problem").count() == 0
        expect(page.locator(".wrong")).to_have_count(1)
