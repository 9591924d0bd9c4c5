"""On a phone: one view at a time, chosen without scripts; tools as icons that keep their names."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from thorough import pairs

VIEWS = {"list": "#list", "map": "#map", "timeline": "#timeline"}
LABELS = {"en": ("List", "Map", "Timeline"), "ar": ("القائمة", "الخريطة", "الخط الزمني")}


@pytest.mark.parametrize(("lang", "scripts"), pairs(("en", "ar"), (True, False)))
def test_a_phone_shows_one_view_at_a_time(
    browser: Browser, address: str, lang: str, scripts: bool
) -> None:
    context = browser.new_context(
        base_url=address, viewport={"width": 390, "height": 844}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(f"/e/global-coalition?asOf=2025-11-10&lang={lang}")

    def shown() -> list[str]:
        return [name for name, place in VIEWS.items() if page.locator(place).is_visible()]

    assert shown() == ["list"]
    for name, label in zip(VIEWS, LABELS[lang], strict=True):
        page.locator(".jump").get_by_role("link", name=label).click()

        expect(page.locator(VIEWS[name])).to_be_visible()
        assert shown() == [name]
        assert page.locator("#bases").is_visible() is (name == "map")
        box = page.locator(".jump").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 800
    page.go_back()
    assert shown() == ["map"]
    page.set_viewport_size({"width": 1280, "height": 844})
    assert shown() == list(VIEWS)
    context.close()


@pytest.mark.parametrize(
    ("path", "sentences"),
    [
        ("/activity?kind=FactCorroborated", ".activity li li"),
        ("/log?before=590", "main table th[scope=row]"),
        ("/e/syria/log", "main table th[scope=row]"),
    ],
)
def test_links_flow_within_their_sentence(
    browser: Browser, address: str, path: str, sentences: str
) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    for lang in ("en", "ar"):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        shown = page.locator(f"{sentences} .in-line a").evaluate_all(
            "links => links.map((it) => getComputedStyle(it).display)"
        )
        assert len(shown) > 5
        assert set(shown) == {"inline"}
    context.close()


def test_an_entity_without_members_has_its_timeline(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto("/e/syria")

    assert page.locator("#timeline").is_visible()
    context.close()


def test_tools_are_icons_with_names_and_the_list_has_what_fits(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto("/e/global-coalition?asOf=2025-11-10&lang=en")
    tools = page.locator(".heading .actions .button")

    assert {"Copy link", "Cite", "Export", "Compare", "Record a fact", "Correct it"} <= set(
        tools.all_text_contents()
    )
    tops = {box["y"] for tool in tools.all() if (box := tool.bounding_box())}
    assert len(tops) == 1
    for name in ("Copy link", "Record a fact"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    members = page.locator("record-members")
    assert members.evaluate("it => it.scrollWidth <= it.clientWidth")
    context.close()


EMPTY_LABELS = """
cells => cells.filter(it => it.offsetHeight && !it.innerText.trim()).map(it => it.outerHTML)
"""


@pytest.mark.parametrize(
    "path",
    ["/log", "/log?before=120", "/e/syria/log", "/sources?sort=published", "/facts", "/entities",
     "/e/global-coalition/sources", "/e/syria/changes?asOf=2025-11-12&fromAsOf=2025-11-01"],
)  # fmt: skip
def test_a_cell_that_has_nothing_has_no_label(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(path)

    cells = page.locator(".stacks td[data-label]")

    assert cells.count()
    assert cells.evaluate_all(EMPTY_LABELS) == []
    context.close()
