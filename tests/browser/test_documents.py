"""The page of a source whose document is held: its text with every cited passage marked, each mark
the way to the fact that cites it; and what is said where there is nothing to show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import NewInstance, serving
from playwright.sync_api import Browser, Page, expect
from support.axe import violations

from api.commands.source import take_in
from domain.codec import read
from store.capture import capture

TEXT = """\
The league grows: Freedonia is to join it on Monday.

Its secretary said in Geneva that Freedonia would be its ninth member.
"""
ARABIC = "قالت الرابطة إن فريدونيا ستنضم إليها يوم الاثنين.\n"
NINTH = TEXT.index("ninth member")
CITED: dict[str, list[dict[str, Any]]] = {
    "joins": [{"source": "held", "quote": "Freedonia is to join it"}],
    "ninth": [{"source": "held", "locator": {"chars": [NINTH, NINTH + 12]}}],
    "within": [{"source": "held", "quote": "is to join"}],
    "lost": [{"source": "held", "quote": "nobody wrote this"}],
    "in-arabic": [{"source": "arabic", "quote": "ستنضم إليها"}],
    "by-rights": [{"source": "closed", "quote": "ninth member"}],
}


@pytest.fixture(scope="module")
def address(new_instance: NewInstance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("documents")
    with new_instance() as instance:
        for name, text, lang, shown in (
            ("held", TEXT, "en", True),
            ("arabic", ARABIC, "ar", True),
            ("closed", f"{TEXT}(closed)", "en", False),
        ):
            file = folder / f"{name}.txt"
            file.write_text(text, encoding="utf-8")
            given = {"title": f"Of {name}", "published": "2025-11-01", "language": lang}
            take_in(instance, name, capture(str(file)), given, shown=shown)
        entries: list[dict[str, Any]] = [
            {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}
            for name in ("league", "freedonia")
        ]
        entries += [
            {
                "type": "MemberJoined", "id": name, "coalition": "league", "member": "freedonia",
                "when": "2025-11", "citations": citations,
            }
            for name, citations in CITED.items()
        ]  # fmt: skip
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        with serving(instance) as served:
            yield served


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_cited_passages_are_marked_in_the_text(page: Page, lang: str) -> None:
    page.goto(f"/s/held?lang={lang}")
    document = page.locator(".document")

    assert document.text_content() == TEXT
    assert document.locator("mark").all_text_contents() == [
        "Freedonia ", "is to join", " it", "ninth member",
    ]  # fmt: skip
    assert document.evaluate("it => getComputedStyle(it).direction") == "ltr"
    expect(page.locator(".note a[data-fact=lost]")).to_be_visible()
    page.goto(f"/s/arabic?lang={lang}")
    assert page.locator(".document mark").all_text_contents() == ["ستنضم إليها"]
    assert page.locator(".document").evaluate("it => getComputedStyle(it).direction") == "rtl"


def test_a_mark_opens_the_fact_that_cites_it(page: Page) -> None:
    page.goto("/s/held?lang=en")
    page.locator(".document mark", has_text="ninth member").click()

    drawer = page.get_by_role("region", name="Evidence")
    expect(drawer).to_contain_text("ninth")
    expect(drawer).to_contain_text("Member joined")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_fact_leads_to_its_passage_in_the_document_and_back_by_keyboard(
    browser: Browser, address: str, scripts: bool
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=scripts, locale="en")
    page = context.new_page()
    page.goto("/f/ninth?lang=en")
    shown = page.locator("article.source blockquote.passage")
    expect(shown).to_have_text(
        "Its secretary said in Geneva that Freedonia would be its ninth member."
    )
    expect(shown.locator("mark")).to_have_text("ninth member")
    way = page.locator("article.source").get_by_role("link", name="In the document")
    way.focus()
    page.keyboard.press("Enter")

    page.wait_for_url("**/s/held?lang=en#in-ninth")
    mark = page.locator(".document mark", has=page.locator("#in-ninth"))
    expect(mark).to_have_text("ninth member")
    expect(mark).to_be_in_viewport()
    beside = page.locator(".views li#joins").get_by_role("link", name="In the document")
    beside.click()
    assert page.url.endswith("#in-joins")
    mark.get_by_role("link").focus()
    page.keyboard.press("Enter")

    told = page.get_by_role("region", name="Evidence") if scripts else page.locator("main")
    expect(told.locator("blockquote.passage mark")).to_have_text("ninth member")
    context.close()


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "not in the document that is held"), ("ar", "ليست في الوثيقة المحفوظة")],
)
def test_words_that_are_not_in_the_document_are_told_and_not_highlighted(
    page: Page, lang: str, words: str
) -> None:
    for path in (f"/f/lost?lang={lang}", f"/s/held?lang={lang}&evidence=lost"):
        page.goto(path)
        source = page.locator("article.source", has_text="nobody wrote this")

        expect(source).to_contain_text(words)
        assert source.locator("mark").count() == 0
    listed = page.locator("li#lost")
    expect(listed).to_contain_text(words)
    assert listed.locator("mark").count() == 0
    page.goto(f"/f/joins?lang={lang}")
    expect(page.locator("article.source mark")).to_have_text("Freedonia is to join it")
    assert page.locator("article.source .note").count() == 0


def test_a_document_that_may_not_be_shown_is_not(page: Page) -> None:
    page.goto("/s/closed?lang=en")

    expect(page.locator("main")).to_contain_text("may not be shown for reasons of rights")
    assert page.locator(".document").count() == 0
    assert "(closed)" not in page.content()
    page.goto("/f/by-rights?lang=en")
    assert page.locator(".passage, a.to-passage").count() == 0
    assert "Its secretary" not in page.content()


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_it_is_accessible_and_fits_a_phone(browser: Browser, address: str, lang: str) -> None:
    context = browser.new_context(base_url=address, bypass_csp=True)
    page = context.new_page()
    page.goto(f"/s/held?lang={lang}")
    page.set_viewport_size({"width": 390, "height": 844})

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
