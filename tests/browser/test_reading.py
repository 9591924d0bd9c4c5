"""Pages as readers meet them: clocks that slide, evidence beside, the keyboard, no script."""

from __future__ import annotations

import random

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from projections import rectangles

COALITION = "/e/global-coalition"
MEMBERS = """
query($x: EDTFDate, $k: Date) {
  members(coalition: "global-coalition", asOf: $x, knownAt: $k, first: 500) {
    edges { node { standing member { id } } }
  }
}
"""
AT = f"{COALITION}?asOf=2025-11-10"


def _row(page: Page, name: str) -> str:
    return page.locator(
        "record-members tr", has=page.get_by_role("link", name=name, exact=True)
    ).inner_text()


def _ready(page: Page) -> None:
    """Wait until the clocks can be moved."""
    page.locator(".slide input").first.wait_for()


def _bars(page: Page) -> list[str]:
    """Where the changes of the first clock are drawn."""
    bars: list[str] = page.locator("svg.density").first.evaluate(
        "(it) => [...it.querySelectorAll('rect')].map((bar) => bar.getAttribute('x'))"
    )
    assert len(bars) > 10
    return bars


def test_syria_was_announced_and_then_a_member(page: Page) -> None:
    page.goto(f"{AT}&knownAt=2025-11-03")
    _ready(page)
    assert "Announced" in _row(page, "Syria")

    page.get_by_label("Known by").first.fill("2025-12-01")
    page.get_by_label("Known by").first.press("Enter")

    row = _row(page, "Syria")
    assert "Certain" in row
    assert "11 Nov 2025" in row
    assert "knownAt=2025-12-01" in page.url
    expect(page.locator("[data-chip=published]")).to_contain_text("1 Dec 2025")


def test_list_map_and_timeline_slide_together(page: Page) -> None:
    page.goto(f"{COALITION}?asOf=2014-09-15")
    _ready(page)
    early = page.locator("record-members tbody tr").count()
    possible = page.locator(".world .over .possible").count()
    line = page.locator(".timeline .now").first.get_attribute("x1")

    slider = page.get_by_role("slider", name="True on")
    slider.evaluate("(it, day) => { it.value = day; it.dispatchEvent(new Event('input')); }", 20402)

    expect(page.locator("record-members tbody tr")).not_to_have_count(early)
    assert possible > 50
    assert page.locator(".world .over .possible").count() < possible
    assert page.locator(".world .over .certain").count() > 70
    assert page.locator(".timeline .now").first.get_attribute("x1") != line
    assert "asOf=2025-11-10" in page.url
    expect(page.locator(".gap")).to_contain_text("reported 89")  # the server's part follows


def test_clocks_slide_over_counts_where_there_is_too_much_to_hold(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.goto(f"{COALITION}?asOf=2014-09-15")
    _ready(page)
    bars = _bars(page)
    monkeypatch.setattr(rectangles, "MOST", 10)
    page.goto(f"{COALITION}?asOf=2014-09-15")
    _ready(page)
    assert _bars(page) == bars
    early = page.locator("record-members tbody tr").count()

    slider = page.get_by_role("slider", name="True on")
    slider.evaluate("(it, day) => { it.value = day; it.dispatchEvent(new Event('input')); }", 20402)
    expect(page.locator("record-members tbody tr")).not_to_have_count(early)
    assert "asOf=2025-11-10" in page.url

    page.keyboard.press("]")
    expect(page.locator("[data-chip=valid]")).to_contain_text("12 Nov 2025")
    page.get_by_role("button", name="Around it").click()
    expect(page.locator("svg.axis").first).to_contain_text("Jan 2026")
    page.keyboard.press("{")
    expect(page.locator("[data-chip=published]")).not_to_contain_text("today")
    page.get_by_role("link", name="Recorded", exact=True).click()
    _ready(page)
    page.get_by_label("Recorded by").first.fill("100")
    page.get_by_label("Recorded by").first.press("Enter")
    expect(page.locator("[data-chip=recorded]")).to_have_text("#100")
    page.locator("[data-clock=atPosition] [data-way=next]").click()
    expect(page.locator("[data-chip=recorded]")).not_to_have_text("#100")


def test_what_the_page_tests_is_what_the_record_answers(page: Page, address: str) -> None:
    page.goto(COALITION)
    _ready(page)
    random.seed(7)
    days = [random.randrange(16_300, 20_800) for _ in range(12)]
    for x, k in zip(days, random.sample(days, len(days)), strict=True):
        told = page.evaluate(
            """([x, k]) => {
              const asof = document.querySelector("record-asof");
              const point = { first: x, last: x + 20, k, r: asof.rectangles.position };
              const members = asof.rectangles.at(point).get("members") ?? [];
              return members.map((it) => [it.whom, it.standing]);
            }""",
            [x, k],
        )
        iso = page.evaluate(
            "(days) => days.map((d) => new Date(d * 864e5).toISOString().slice(0, 10))",
            [x, x + 20, k],
        )
        answer = httpx.post(
            f"{address}/graphql",
            json={
                "query": MEMBERS,
                "variables": {"x": f"{iso[0]}/{iso[1]}", "k": iso[2]},
            },
        ).json()
        nodes = [edge["node"] for edge in answer["data"]["members"]["edges"]]
        assert sorted(told) == sorted([node["member"]["id"], node["standing"]] for node in nodes)


def test_evidence_opens_beside_and_closes_by_key(page: Page) -> None:
    page.goto(f"{AT}&knownAt=2025-12-01")
    _ready(page)
    row = page.locator("record-members tr", has=page.get_by_role("link", name="Syria", exact=True))

    row.locator("a.evidence").first.click()

    drawer = page.get_by_role("region", name="Evidence")
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text("How this fact changed")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_everything_goes_by_keyboard(page: Page) -> None:
    page.goto(f"{COALITION}?asOf=2016-02-02&knownAt=2025-11-03")
    _ready(page)
    page.keyboard.press("]")
    after = page.get_by_label("True on").first.input_value()
    page.keyboard.press("[")
    page.keyboard.press("[")
    before = page.get_by_label("True on").first.input_value()
    page.keyboard.press("}")
    known = page.get_by_label("Known by").first.input_value()
    page.keyboard.press("/")
    page.keyboard.type("fran")

    assert before < "2016-02-02" < after
    assert known > "2025-11-03"
    expect(page.locator("record-members tbody tr")).to_have_count(1)
    page.keyboard.press("Escape")
    assert page.locator("record-members tbody tr").count() > 1


def test_a_copied_link_pins_the_position(browser: Browser, address: str) -> None:
    context = browser.new_context(
        base_url=address, locale="en", permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(f"{AT}&knownAt=2025-11-03")
    _ready(page)
    page.keyboard.press("[")

    page.get_by_text("Copy link").click()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert "atPosition=" in copied
    assert "knownAt=2025-11-03" in copied
    assert "asOf=2025-11-10" not in copied
    assert httpx.get(copied).status_code == 200
    context.close()


def test_what_changed_follows_the_clocks_and_names_the_cause(page: Page) -> None:
    page.goto(f"{COALITION}/changes?asOf=2025-11-10&knownAt=2025-12-01")
    page.get_by_role("link", name="What was known on 3 Nov 2025?").click()

    expect(page.locator(".diff")).to_contain_text("we learned it")
    row = page.locator(".diff tr[data-change=CHANGED]", has_text="Syria")
    assert "Announced" in row.inner_text()


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_pages_read_well_without_scripts(browser: Browser, address: str, lang: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{COALITION}?asOf=2014-09-15&lang={lang}")
    field = page.locator(".asof input[name=asOf]:visible")
    field.fill("2025-11")
    page.locator(".submit").click()
    page.wait_for_url("**asOf=2025-11*")

    assert page.locator("record-members tbody tr").count() > 80
    assert page.locator(".world .over use").count() > 70
    assert page.locator(".timeline rect").count() > 10
    page.locator("record-members a.evidence").first.click()
    assert "/f/" in page.url
    assert page.locator("h1").count() == 1
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_a_search_is_narrowed_and_moved_in_time(
    browser: Browser, address: str, script: bool
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=script, locale="en")
    page = context.new_page()
    page.goto("/?knownAt=2025-12-01")
    page.locator("#search").fill("syria-joins-2025-11-11")
    page.locator("#search").press("Enter")
    found = page.locator("main .live-found")
    expect(found).to_contain_text("Member joined")

    page.locator(".tabs a", has_text="Sources").click()
    expect(found).not_to_contain_text("Member joined")
    page.locator(".tabs a", has_text="Facts").click()
    expect(found).to_contain_text("11 Nov 2025")

    page.get_by_label("Known by").first.fill("2025-11-01")
    page.locator(".asof .submit").click()

    expect(found).not_to_contain_text("11 Nov 2025")
    assert "kind=fact" in page.url
    assert "q=syria-joins-2025-11-11" in page.url
    context.close()
