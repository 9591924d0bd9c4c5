"""Readers meet names: in sentences on facts, on what changed and in logs there is no id."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from thorough import pairs

COALITION = "/e/global-coalition"
LEARNED = "asOf=2025-11-10&knownAt=2025-12-01&fromAsOf=2025-11-10&fromKnownAt=2025-11-03"
ID = re.compile(r"\b[a-z]+(?:-[a-z0-9]+){2,}\b")
"""What ids of facts, corrections and most sources look like."""


def _words(page: Page, selector: str) -> str:
    return " ".join(page.locator(selector).all_inner_texts())


@pytest.mark.parametrize(
    ("lang", "name", "editor"),
    [
        ("en", "In the words of Hamza al-Mustafa", "An editor preferred 10 Nov 2025"),
        ("ar", "حمزة المصطفى", "فضّل محرّر"),
    ],
)
def test_who_is_quoted_and_what_was_corrected_is_told_by_name(
    page: Page, lang: str, name: str, editor: str
) -> None:
    page.goto(f"/f/syria-joins-2025-11-10?lang={lang}")
    expect(page.locator("main")).to_contain_text(name)
    corrections = page.locator(".corrections")
    expect(corrections).to_contain_text(editor)
    assert ID.findall(_words(page, ".corrections, .note, article.source")) == []

    page.goto(f"/f/syria-joins-2025-11-11?lang={lang}")
    assert ID.findall(_words(page, ".corrections, .note")) == []
    page.goto(f"{COALITION}?lang={lang}&evidence=syria-joins-2025-11-10")
    expect(page.locator("record-evidence .corrections")).to_contain_text(editor)


@pytest.mark.parametrize(
    ("path", "lang"),
    pairs((f"{COALITION}/changes?{LEARNED}&", f"{COALITION}/log?", "/log?"), ("en", "ar")),
)
def test_tables_of_events_have_names_and_every_row_leads_somewhere(
    page: Page, path: str, lang: str
) -> None:
    page.goto(f"{path}lang={lang}")
    rows = page.locator("table.stacks tbody tr")

    assert rows.count() > 3
    assert ID.findall(_words(page, "table.stacks tbody th, .diff td")) == []
    assert "root" not in _words(page, "table.stacks td").split()
    for row in rows.all()[:40]:
        assert row.get_by_role("link").count() > 0


def test_a_row_of_the_log_has_an_address_that_leads_to_it(page: Page) -> None:
    page.goto("/log?lang=en")
    link = page.locator("tr[id] td a").first
    place = link.inner_text().removeprefix("#")
    link.click()

    expect(page.locator(f"#p{place}")).to_be_visible()
    expect(page.locator("table.stacks tbody tr").first).to_have_id(f"p{place}")
