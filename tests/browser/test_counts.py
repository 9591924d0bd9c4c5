"""A number that is not certain is a range wherever it stands, and what is fetched is grey."""

from __future__ import annotations

import re
from itertools import pairwise

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from support.windows import WINDOWS

COALITION = "/e/global-coalition"
EARLY = f"{COALITION}?asOf=2014-09-15&lang="
RANGES = {"en": "1 to 63", "ar": "من 1 إلى 63"}


def _ready(page: Page) -> None:
    """Wait until the clocks can be moved."""
    page.locator(".slide input").first.wait_for()


def _slide(page: Page, day: int) -> None:
    page.get_by_role("slider").first.evaluate(
        "(it, day) => { it.value = day; it.dispatchEvent(new Event('input')); }", day
    )


@pytest.mark.parametrize(("lang", "width", "scripts"), WINDOWS)
def test_a_count_of_members_is_a_range_where_some_are_possible(
    browser: Browser, address: str, lang: str, scripts: bool, width: int
) -> None:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 844},
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.goto(EARLY + lang)
    if scripts:
        _ready(page)

    expect(page.locator("#list h2")).to_contain_text(RANGES[lang])
    expect(page.locator("#map header")).to_contain_text(RANGES[lang])
    assert [each.text_content() for each in page.locator("#map .legend b").all()][:3] == [
        *("1", "62", "0"),
    ]
    assert RANGES[lang] in page.title()
    for tag in ("meta[name=description]", "meta[property='og:title']"):
        assert RANGES[lang] in (page.locator(tag).get_attribute("content") or "")
    if scripts:
        _slide(page, 20402)
        expect(page.locator("#list h2")).to_contain_text("86")
        expect(page.locator("#map header")).not_to_contain_text("63")
        expect(page).to_have_title(re.compile("86"))
    context.close()


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_an_embed_and_the_card_of_another_question_have_ranges(address: str, lang: str) -> None:
    pinned = f"asOf=2014-09-15&atPosition=580&lang={lang}"
    embedded = httpx.get(f"{address}/embed{COALITION}/members?{pinned}").text
    listed = httpx.get(f"{address}{COALITION}/members?{pinned}").text

    assert RANGES[lang] in embedded
    assert RANGES[lang] in listed


def test_the_card_of_bases_has_a_range(page: Page) -> None:
    page.goto(f"{COALITION}?asOf=2016-01-01&lang=en")
    card = page.locator(".rest .card", has=page.get_by_role("heading", name="Bases", exact=True))

    certain, possible = (card.locator(f".badge.{each}").count() for each in ("certain", "possible"))
    assert possible > 0
    expect(card.locator("header")).to_contain_text(f"{certain} to {certain + possible}")


def test_what_is_being_fetched_is_grey_and_the_sentence_of_reports_never_lags(
    page: Page,
) -> None:
    page.goto(f"{COALITION}?asOf=2025-11-10&lang=en")
    _ready(page)
    gaps, rest = page.locator("[data-follow=gaps]"), page.locator(".rest")
    expect(gaps).to_contain_text("reported 89")
    held: list[Route] = []
    page.route(re.compile("asOf=2014"), lambda route: held.append(route))

    _slide(page, 16328)  # 2014-09-15

    expect(page.locator("#list h2")).to_contain_text("1 to 63")
    expect(gaps).to_be_hidden()
    expect(rest).to_have_attribute("aria-busy", "true")
    assert float(rest.evaluate("(it) => getComputedStyle(it).opacity")) < 0.7
    page.wait_for_timeout(400)
    assert len(held) == 1
    expect(rest).to_have_attribute("aria-busy", "true")

    held[0].continue_()

    expect(rest).not_to_have_attribute("aria-busy", "true")
    expect(gaps).not_to_have_class("stale")
    expect(gaps).not_to_contain_text("reported 89")


def test_what_can_not_be_fetched_stays_grey_and_says_so(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto(f"{COALITION}?asOf=2025-11-10&lang=en")
    _ready(page)
    page.route(re.compile("asOf=2014"), lambda route: route.fulfill(status=503, body=""))

    _slide(page, 16328)

    expect(page.locator("[data-unreached]")).to_be_visible()
    expect(page.locator(".rest")).to_have_attribute("aria-busy", "true")
    page.close()


def test_contested_and_disputed_look_different(page: Page) -> None:
    page.goto("/guide?lang=en")
    looks = {
        name: (
            badge.locator("use").get_attribute("href"),
            badge.evaluate("(it) => getComputedStyle(it).color"),
        )
        for name in ("Contested", "Disputed")
        if (badge := page.locator(".badge", has_text=name).first)
    }

    assert len(looks) == 2
    for one, other in zip(looks["Contested"], looks["Disputed"], strict=True):
        assert one != other


@pytest.mark.parametrize(
    ("entity", "lang", "width"),
    [
        ("foreign-minister-of-syria", "en", 390),
        ("foreign-minister-of-syria", "ar", 1280),
        ("syrian-ministry-of-defence", "en", 1280),
        ("syrian-ministry-of-defence", "ar", 390),
    ],
)
def test_labels_of_an_axis_do_not_touch_in_a_span_of_some_months(
    browser: Browser, address: str, entity: str, lang: str, width: int
) -> None:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"/e/{entity}?lang={lang}")
    _ready(page)

    for axis in page.locator("svg.axis").all():
        boxes = sorted((box["x"], box["width"]) for each in axis.locator("text").all()
                       if (box := each.bounding_box()))  # fmt: skip
        assert boxes
        for (x, wide), (after, _) in pairwise(boxes):
            assert x + wide + 4 <= after
    context.close()


def test_no_number_follows_the_stop_of_a_number_in_arabic(address: str) -> None:
    text = httpx.get(f"{address}{COALITION}?asOf=2025-11-10&knownAt=2025-12-01&lang=ar").text
    words = re.sub(r"<[^>]*>", "", text)

    assert "89" in words
    assert re.findall(r"\d\.[ \u00a0]+\d", words) == []
