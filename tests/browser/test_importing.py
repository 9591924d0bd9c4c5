"""A pasted table in a real Chromium: thirty rows with three faults are assigned, mended in place
and recorded, by mouse and by keyboard, in both languages; every step is accessible, on a phone
too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from conftest import NewInstance, serving
from playwright.sync_api import Browser, Page, expect
from support.axe import violations
from thorough import pairs

from api.files import sample
from domain.entities import EntityRegistered
from domain.facts import MemberJoined
from domain.roles import Role
from store.keys import add_key

WIDTHS = (1280, 390)
HEADERS = {"en": ("Country", "Joined", "Left"), "ar": ("الدولة", "الانضمام", "المغادرة")}
FAULTS = {7: (0, "Ruritania"), 14: (1, "2015-02-30"), 23: (2, "2013-12-31")}
"""By row, the place of a cell and what is wrong in it."""
MENDED = {14: "2015-02-28", 23: "2016-12-31"}
JOINED = """query { facts(type: "MemberJoined", first: 500) { edges { node { id } } } }"""


class Site(NamedTuple):
    """A served sample record, and a contributor's key."""

    address: str
    key: str

    def imported(self) -> list[str]:
        """The facts of pasted tables."""
        body = {"query": JOINED}
        data = httpx.post(f"{self.address}/graphql", json=body, timeout=30).json()["data"]
        found = [edge["node"]["id"] for edge in data["facts"]["edges"]]
        return [each for each in found if each.startswith("pasted-")]


@pytest.fixture
def site(new_sampled: NewInstance) -> Iterator[Site]:
    with new_sampled() as instance:
        with instance.database.connect() as owner:
            key = add_key(owner, "Amal", Role.CONTRIBUTOR)[1]
        with serving(instance) as address:
            yield Site(address, key)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page that is signed in; its scripts must not fail."""
    context = browser.new_context(
        base_url=site.address, locale="en", viewport={"width": 1280, "height": 900},
        bypass_csp=True, permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    found, wrong = context.new_page(), []
    found.on("pageerror", lambda error: wrong.append(str(error)))
    found.goto("/import")
    found.locator("#key").fill(site.key)
    found.locator("main button.primary").click()
    yield found
    context.close()
    assert wrong == []


def members(lang: str) -> list[str]:
    """The names of thirty members, some of which have been so since another day than here."""
    entries = sample().entries
    names = {each.id: each.names for each in entries if isinstance(each, EntityRegistered)}
    joined = dict.fromkeys(each.member for each in entries if isinstance(each, MemberJoined))
    return [names[each][lang] for each in joined][:30]


def pasted(lang: str) -> str:
    """Thirty rows below their headers, with the faults."""
    rows = [[name, "2014-09-0" + str(n % 9 + 1), ""] for n, name in enumerate(members(lang))]
    for number, (place, text) in FAULTS.items():
        rows[number - 2][place] = text
    return "\n".join("\t".join(row) for row in [HEADERS[lang], *rows])


class Mouse:
    """Works a page by pointing, and types only what is text."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def paste(self, selector: str) -> None:
        self._page.locator(selector).click()
        self._page.keyboard.press("Control+V")

    def write(self, selector: str, text: str) -> None:
        self._page.locator(selector).click(click_count=3)
        self._page.keyboard.type(text)

    def choose(self, selector: str, value: str) -> None:
        self._page.locator(selector).select_option(value)

    def press(self, selector: str) -> None:
        self._page.locator(selector).first.click()


class Keyboard:
    """Works a page without ever pointing at anything."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def _to(self, selector: str) -> None:
        for _ in range(200):
            self._page.keyboard.press("Tab")
            if self._page.evaluate("(it) => document.activeElement.matches(it)", selector):
                return
        raise AssertionError(f"the keyboard does not come to {selector}")

    def paste(self, selector: str) -> None:
        self._to(selector)
        self._page.keyboard.press("Control+V")

    def write(self, selector: str, text: str) -> None:
        self._to(selector)
        self._page.keyboard.press("Control+A")
        self._page.keyboard.type(text)

    def choose(self, selector: str, value: str) -> None:
        self._to(selector)
        for key in ("Home", *["ArrowDown"] * 60):
            if self._page.evaluate("document.activeElement.value") == value:
                return
            self._page.keyboard.press(key)
        raise AssertionError(f"{selector} does not come to {value}")

    def press(self, selector: str) -> None:
        self._to(selector)
        self._page.keyboard.press("Enter")


def _check(page: Page, lang: str, what: str) -> None:
    """Nothing for axe to find, and nothing wider than the window, on a desk and on a phone."""
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == lang
    for width in WIDTHS[::-1]:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, what
        assert violations(page) == [], what


def _cell(row: int, place: int) -> str:
    return f'[id="cell[{row}][{place}]"]'


@pytest.mark.parametrize(("by", "lang"), pairs((Mouse, Keyboard), ("en", "ar")))
def test_thirty_pasted_rows_with_three_faults_are_mended_and_recorded(
    page: Page, site: Site, by: Callable[[Page], Any], lang: str
) -> None:
    person = by(page)
    page.goto(f"/import?lang={lang}")
    _check(page, lang, "start")
    page.evaluate("text => navigator.clipboard.writeText(text)", pasted(lang))
    person.paste("#cells")
    person.press("button.primary[value=read]")

    expect(page.locator('[id="use[1]"]')).to_have_value("since")
    assert page.locator('[id="use[0]"]').input_value() == f"entity.name.{lang}"
    _check(page, lang, "guess")
    person.choose("#type", "MemberJoined")
    person.press("button[value=stay]")
    expect(page.locator('[id="use[0]"]')).to_have_value(f"member.name.{lang}")
    person.write('[id="fixed.coalition"]', "global-coalition")
    person.choose('[id="empty.until"]', "open")
    person.press("form footer button[value=preview]")

    wrong = page.locator("td p.wrong")
    expect(wrong).to_have_count(3)
    places = [(row, place) for row, (place, _) in FAULTS.items()]
    assert [each.get_attribute("id") for each in wrong.all()] == [
        f"cell[{row}][{place}]-wrong" for row, place in places
    ]
    expect(page.locator("#wrong")).to_be_focused()
    _check(page, lang, "faults")
    assert site.imported() == []
    for row, place in places:
        text = MENDED.get(row) or members(lang)[row - 2]
        person.write(_cell(row, place), text)
    person.press("main button.primary[value=preview]")

    expect(page.locator("td p.wrong")).to_have_count(0)
    expect(page.locator("#preview")).to_be_focused()
    expect(page.locator("#preview li").first).to_contain_text(members(lang)[0])
    _check(page, lang, "preview")
    person.press("button[value=send]")
    page.wait_for_url("**/import/recorded?**")
    expect(page.locator("[role=status]")).to_contain_text("32")
    _check(page, lang, "recorded")
    assert len(site.imported()) == 30


def test_a_table_goes_along_to_the_other_language(page: Page) -> None:
    page.locator("#cells").fill(pasted("en"))
    page.locator("button.primary[value=read]").click()
    expect(page.locator('[id="use[1]"]')).to_have_value("since")

    page.locator(".language").click()

    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator('[id="use[1]"]')).to_have_value("since")
    expect(page.locator("tbody")).to_contain_text(members("en")[0])
