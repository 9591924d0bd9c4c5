"""What changed is the whole of an entity's difference, and reads well on a phone, as logs do."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from thorough import THOROUGH

COALITION = "/e/global-coalition"
LEARNED = "asOf=2025-11-10&knownAt=2025-12-01&fromAsOf=2025-11-10&fromKnownAt=2025-11-03"
CHANGES = f"{COALITION}/changes?{LEARNED}&lang="
COUNT = f"{COALITION}/changes?asOf=2025-11-10&fromAsOf=2014-09-15&lang="


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_what_came_to_be_known_is_all_of_it(page: Page, lang: str) -> None:
    page.goto(CHANGES + lang)
    rows = page.locator(".diff tbody tr")
    kinds = {
        "en": ("Agreement signed", "Quantity reported", "Number of members reported"),
        "ar": ("توقيع", "كمية", "عدد"),
    }

    for kind in kinds[lang]:
        expect(rows.filter(has_text=kind).first).to_be_visible()
    for change in ("CHANGED", "ADDED", "REMOVED"):
        total = page.locator(f"button.total[data-change={change}]").inner_text()
        assert int(total.split()[1]) == rows.and_(page.locator(f"[data-change={change}]")).count()
    added = rows.filter(has_text=kinds[lang][0]).first
    expect(added.locator(".cause.learned")).to_be_visible()
    assert added.locator("a.evidence").count() == 1


def test_what_happened_between_two_days_is_listed_with_its_cause(page: Page) -> None:
    page.goto(COUNT + "en")
    rows = page.locator(".diff tbody tr")

    reported = rows.filter(has_text="Number of members reported")
    assert reported.count() > 1
    expect(reported.first.locator(".cause.world")).to_be_visible()
    expect(rows.filter(has_text="France").first).to_be_visible()


def test_a_date_that_did_not_change_is_not_struck_out_and_contested_is_kept(page: Page) -> None:
    page.goto(f"{COALITION}/changes?{LEARNED.replace('2025-12-01', '2026-11-01')}&lang=en")

    def struck(name: str) -> bool:
        row = page.locator(".diff tbody tr", has=page.get_by_role("link", name=name, exact=True))
        before = row.first.locator(".side.removed .since")
        found: bool = before.evaluate(
            "(it) => getComputedStyle(it).textDecorationLine.includes('line-through')"
        )
        return found

    assert not struck("Syria")
    assert struck("al-Tanf Garrison")
    tanf = page.locator(".diff tbody tr", has_text="al-Tanf Garrison").first
    expect(tanf.locator(".side.added")).to_contain_text("Contested")


@pytest.mark.parametrize(
    ("path", "lang", "scripts"),
    [
        (path, lang, (number // 2 + turn) % 2 == 0)
        for number, path in enumerate(
            (CHANGES, f"{COALITION}/log?lang=", "/log?lang=", f"{COALITION}/sources?lang=")
        )
        for turn, lang in enumerate(("en", "ar"))
        if THOROUGH or turn == number % 2
    ],
)
def test_tables_are_read_on_a_phone_without_moving_them(
    browser: Browser, address: str, path: str, lang: str, scripts: bool
) -> None:
    context = browser.new_context(
        base_url=address, viewport={"width": 390, "height": 844}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(path + lang)
    cells = page.locator("table.stacks tbody tr:nth-child(-n+6) > *:visible")

    assert cells.count() > 5
    for box in filter(None, (cell.bounding_box() for cell in cells.all())):
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["width"] > 200
    clipped = page.locator(".scroll:has(table.stacks)").evaluate_all(
        "(all) => all.filter((it) => it.scrollWidth > it.clientWidth).length"
    )
    assert clipped == 0
    labels = page.locator("table.stacks tbody td[data-label]").first.evaluate(
        "(it) => getComputedStyle(it, '::before').content"
    )
    assert labels not in ("none", "")
    context.close()
