"""What a reader takes along: citations and files, by mouse, by keyboard and without scripts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from support.axe import violations
from thorough import pairs

COALITION = "/e/global-coalition"
AT = f"{COALITION}?asOf=2025-11-10&knownAt=2025-11-03"
PAGES = ["/", AT, "/f/syria-joins-2025-11-11", "/s/article-2025-11-03", "/log", "/map"]


@pytest.mark.parametrize(("path", "lang"), pairs(PAGES, ("en", "ar")))
def test_panels_are_accessible_and_fit(
    browser: Browser, address: str, path: str, lang: str
) -> None:
    context = browser.new_context(base_url=address, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    panels = page.locator("details.take").all()
    assert len(panels) >= 2
    for panel in panels:
        panel.locator("summary").click()
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            box = panel.locator(".panel").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(panel) == []
    assert violations(page) == []  # the page that a panel lies over
    context.close()


def test_a_panel_follows_the_clocks_and_its_file_is_what_is_shown(
    page: Page, tmp_path: Path
) -> None:
    page.goto(AT)
    page.locator(".slide input").first.wait_for()
    page.get_by_label("Known by").first.fill("2025-12-01")
    page.get_by_label("Known by").first.press("Enter")
    cite = page.locator("details.take", has_text="Cite")
    cite.locator("summary").click()
    expect(cite.locator(".citation")).to_contain_text("published by 1 Dec 2025")
    files = page.locator("details.take", has_text="Export")
    files.locator("summary").click()
    expect(cite.locator(".citation")).to_be_hidden()  # one at a time
    members = files.locator("dt:has-text('Members') + dd")
    link = members.get_by_role("link", name="JSON", exact=True)
    with page.expect_download() as download:
        link.click()
    path = tmp_path / "members.json"
    download.value.save_as(path)

    rows = json.loads(path.read_text())["rows"]
    syria = next(row for row in rows if row["entity"]["id"] == "syria")
    assert syria["standing"] == "CERTAIN"
    assert len(rows) == page.locator("record-members tbody tr").count()


def test_each_thing_is_taken_in_two_actions(browser: Browser, address: str) -> None:
    context = browser.new_context(
        base_url=address, locale="en", permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(AT)
    page.locator(".slide input").first.wait_for()

    def pasted() -> str:
        return str(page.evaluate("navigator.clipboard.readText()"))

    page.get_by_role("link", name="Copy link").click()
    expect(page.locator("[data-copy].done")).to_be_visible()
    assert "atPosition=" in pasted()
    for panel, button, text in (
        ("Cite", "Copy BibTeX", "@dataset{"),
        ("Embed", "Copy As a frame, without a script", "<iframe src="),
        ("Embed", "Copy As a picture: Map", "/members/map.png?asOf=2025-11-10&amp;"),
    ):
        taken = page.locator("details.take", has=page.locator("summary", has_text=panel))
        if taken.get_attribute("open") is None:
            taken.locator("summary").click()
        taken.get_by_role("button", name=button, exact=True).click()
        expect(taken.locator("[data-clip].done").first).to_be_visible()
        assert text in pasted()
    for name, kind in (("CSV", "text/csv"), ("PNG", "image/png")):
        files = page.locator("details.take", has=page.locator("summary", has_text="Export"))
        if files.get_attribute("open") is None:
            files.locator("summary").click()
        with page.expect_download() as download:
            files.get_by_role("link", name=name, exact=True).first.click()
        answer = httpx.get(download.value.url)
        assert answer.headers["content-type"].startswith(kind)
    context.close()


def test_the_rows_that_the_panel_tells_of_are_those_of_the_files(page: Page, address: str) -> None:
    page.goto(f"{AT}&lang=en")
    listed = page.locator("details.take ul.plain > li:has(.quiet)").evaluate_all(
        "its => its.map((it) => [it.querySelector('a').getAttribute('href'), it.textContent])"
    )
    told = {href: text for href, text in listed if ".csv?" in href}

    assert len(told) > 5
    for href, text in told.items():
        manifest = httpx.get(f"{address}{href}&manifest").json()
        assert f" {manifest['rows']} row" in text.replace("\n", " "), (href, text)


def test_without_scripts_a_citation_and_a_file_are_taken_by_keyboard(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False, locale="ar")
    page = context.new_page()
    page.goto(AT)
    summary = page.locator("details.take summary").nth(1)
    summary.focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="CSV", exact=True).first
    manifest = page.locator("details.take a[href$=manifest][href*='.csv']").get_attribute("href")
    with page.expect_download() as download:
        link.focus()
        page.keyboard.press("Enter")
    path = tmp_path / "state.csv"
    download.value.save_as(path)

    told = httpx.get(f"{address}{manifest}").json()
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert told["clocks"]["knownAt"] == "2025-11-03"
    page.locator("details.take summary").first.click()
    assert "@dataset{" in page.locator("#bibtex").input_value()
    context.close()


def test_evidence_leads_to_its_citation_and_escape_closes_it(page: Page) -> None:
    page.goto(AT)
    page.locator(".slide input").first.wait_for()
    page.locator("record-members a.evidence").first.click()
    page.locator("record-evidence .choices").get_by_role("link", name="Cite").click()

    field = page.locator("#bibtex")
    expect(field).to_be_visible()
    assert "/f/" in page.url
    assert "@dataset{" in field.input_value()
    field.focus()
    assert field.evaluate("it => it.selectionEnd - it.selectionStart") > 100
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.locator("details.take summary").last.click()
    expect(page.locator(".take .panel").last).to_be_visible()
    page.locator("h1").click()
    expect(page.locator(".take .panel").last).to_be_hidden()

    page.locator(".source .cite").first.click()
    expect(page.locator("#bibtex")).to_be_visible()
    assert "/s/" in page.url
