"""Every page for correcting, by axe and at two widths: as it comes, refused and previewed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest
from conftest import NewInstance
from playwright.sync_api import expect
from support.axe import violations
from support.edit_site import FACT, OTHER, SignedIn, Site, edit_site
from thorough import THOROUGH

from domain.roles import Role

DEFINED = [
    {"type": "KindDefined", "id": "TREATY", "names": {"en": "treaty"}},
    {"type": "FluentDefined", "id": "ratification", "scope": "treaty", "subject": "party",
     "question": "treatyParties", "inverse": "treatiesOf", "names": {"en": "Parties"}},
    {"type": "FactTypeDefined", "id": "TreatyRatified", "names": {"en": "Treaty ratified"},
     "keys": {"treaty": {"type": "ENTITY"}, "party": {"type": "ENTITY"},
              "mode": {"type": "CODE", "codes": ["vote", "decree"], "required": False}},
     "effects": [{"starts": "ratification", "scope": "treaty", "subject": "party"}]},
]  # fmt: skip


@pytest.fixture
def site(new_sampled: NewInstance) -> Iterator[Site]:
    """Of each test's own, since each adds to it."""
    with edit_site(new_sampled) as served:
        yield served


@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("ar", 390)])
def test_every_page_of_it_is_accessible_and_as_wide_as_the_window(
    signed_in: SignedIn, site: Site, lang: str, width: int
) -> None:
    site.apply(DEFINED)
    page = signed_in(Role.REVIEWER, f"/edit?lang={lang}", bypass_csp=True)
    page.set_viewport_size({"width": width, "height": 844})

    turns = cycle(("en", "ar"))

    def check(what: str) -> None:
        """In the usual suite axe looks at each page in one of the languages, by turns."""
        assert page.locator("html").get_attribute("lang") == lang
        assert page.evaluate("document.documentElement.scrollWidth") <= width, what
        if next(turns) == lang or THOROUGH:
            assert violations(page) == [], what

    def check_dark_and_at_the_other_width(what: str) -> None:
        page.emulate_media(color_scheme="dark")
        assert violations(page, "rule", "color-contrast") == [], f"{what}, dark"
        page.emulate_media(color_scheme="light")
        other = {1280: 390, 390: 1280}[width]
        page.set_viewport_size({"width": other, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= other, what
        assert violations(page) == [], f"{what}, {other} pixels wide"
        page.set_viewport_size({"width": width, "height": 844})

    def preview() -> None:
        page.locator("form footer button[value=preview]").click()

    check("start")
    page.goto(f"/edit/fact/{FACT}?lang={lang}")
    check("fact")
    acts = ("corroborate", "dispute", "correct", "retract", "prefer", "withdraw_preference")
    for act in acts:
        page.goto(f"/edit/{act}/{OTHER}?lang={lang}")
        page.locator("details.new > summary").click()
        check(act)
        preview()
        expect(page.locator("[aria-invalid]").first).to_be_visible()
        check(f"{act} refused")
    for path in ("entity/syria", "correct_entity/syria", "source/ap-2025-11-11"):
        page.goto(f"/edit/{path}?lang={lang}")
        check(path)
    page.goto(f"/edit/vocabulary?lang={lang}")
    check("vocabulary")
    for act in ("define_kind/new", "define_fluent/new", "define_fact_type/new"):
        page.goto(f"/edit/{act}?lang={lang}")
        check(act)
        preview()
        expect(page.locator("[aria-invalid]").first).to_be_visible()
        check(f"{act} refused")
    page.goto(f"/edit/tell_story/new?lang={lang}&about=/e/syria")
    page.locator("button[value=view]").click()
    expect(page.locator("#view-1")).to_be_visible()
    check("a story")
    preview()
    expect(page.locator("[aria-invalid]").first).to_be_visible()
    check("a story refused")
    for about in (each["id"] for each in DEFINED):
        page.goto(f"/edit/extend_definition/{about}?lang={lang}")
        check(f"extending {about}")
        preview()
        expect(page.locator("[aria-invalid]").first).to_be_visible()
        check(f"extending {about} refused")
    check_dark_and_at_the_other_width("extending a type refused")
    page.goto(f"/edit/correct/{OTHER}?lang={lang}")
    page.locator('[name="changes.when"]').fill("2025-11-09")
    page.locator("#reason").fill("A slip.")
    page.locator("#basis").select_option("EDITORIAL")
    preview()
    expect(page.locator(".preview")).to_be_visible()
    check("preview")
    page.locator("button[value=send]").click()
    page.wait_for_url("**/edit/recorded?**")
    check("recorded")
    page.locator("main a[href*='/edit/undo/']").click()
    check("undo")
    page.locator(".who button").click()
    expect(page.locator("#key")).to_be_visible()
    check("signing in")
