"""What a reader takes along: citations and files, by mouse, by keyboard and without scripts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

COALITION = "/e/global-coalition"
AT = f"{COALITION}?asOf=2025-11-10&knownAt=2025-11-03"
AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
PAGES = ["/", AT, "/f/syria-joins-2025-11-11", "/s/article-2025-11-03", "/log", "/map"]


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_panels_are_accessible_and_fit(browser: Browser, address: str, lang: str) -> None:
    context = browser.new_context(base_url=address, bypass_csp=True)
    page = context.new_page()
    for path in PAGES:
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        page.add_script_tag(path=AXE)
        panels = page.locator("details.take")
        assert panels.count() >= 2
        for panel in panels.all():
            panel.locator("summary").click()
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 844})
                box = panel.locator(".panel").bounding_box()
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
                assert page.evaluate("document.documentElement.scrollWidth") <= width
            found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
            assert [
                (each["id"], [node["html"] for node in each["nodes"]][:3])
                for each in found["violations"]
            ] == []
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
    link = files.locator("dl dd").first.get_by_role("link", name="JSON", exact=True)
    with page.expect_download() as download:
        link.click()
    path = tmp_path / "members.json"
    download.value.save_as(path)

    rows = json.loads(path.read_text())["rows"]
    syria = next(row for row in rows if row["entity"]["id"] == "syria")
    assert syria["standing"] == "CERTAIN"
    assert len(rows) == page.locator("record-members tbody tr").count()


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
