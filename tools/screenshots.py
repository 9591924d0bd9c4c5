"""Pictures of each page in both languages, wide and narrow: python tools/screenshots.py ADDRESS.

They go into docs/screenshots, from a server of the sample record, by the machine's own Chromium.
With a reviewer's key in SIJILL_KEY also of the pages for correcting; nothing is recorded by it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

FOLDER: Final = Path(__file__).parents[1] / "docs" / "screenshots"
SIZES: Final = {"1280": (1280, 800), "390": (390, 844)}
COALITION: Final = "/e/global-coalition"
AT: Final = "asOf=2025-11-10&knownAt=2025-12-01"
PAGES: Final = {
    "home": "/?",
    "overview": f"{COALITION}?{AT}",
    "changes": f"{COALITION}/changes?{AT}&fromAsOf=2025-11-10&fromKnownAt=2025-11-03",
    "sources": f"{COALITION}/sources?{AT}",
    "events": f"{COALITION}/log?{AT}",
    "fact": "/f/syria-joins-2025-11-11?",
    "source": "/s/article-2025-11-03?",
    "search": "/search?q=syria",
    "log": "/log?",
    "map": f"/map?{AT}",
    "guide": "/guide?",
    "not-found": "/e/nobody?",
    "sign-in": "/edit?",
}
FACT: Final = "syria-joins-2025-11-10"
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def main(address: str) -> None:
    """Take them all."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("There is no chromium here: install it, then run this again.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for size, (width, height) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            for lang in ("en", "ar"):
                for name, path in PAGES.items():
                    page.goto(f"{address}{path}&lang={lang}")
                    if page.locator("[data-rectangles]").count():
                        page.locator(".slide input").first.wait_for(state="attached")
                    page.evaluate("document.fonts.ready")
                    page.screenshot(path=FOLDER / f"{name}-{lang}-{size}.png")
                if key := os.environ.get("SIJILL_KEY"):
                    _correct(page, address, lang, key, size)
        browser.close()


def _correct(page: Page, address: str, lang: str, key: str, size: str) -> None:
    """What can be done about a fact, and the preview of its correction."""
    page.goto(f"{address}/edit/fact/{FACT}?lang={lang}")
    page.fill("#key", key)
    page.click("main button.primary")
    page.wait_for_selector(".acts")
    page.screenshot(path=FOLDER / f"acts-{lang}-{size}.png")
    page.goto(f"{address}/edit/correct/{FACT}?lang={lang}")
    page.fill('[name="changes.when"]', "2025-11-09")
    page.fill("#reason", "سهو في النقل." if lang == "ar" else "A slip in copying.")
    page.select_option("#basis", "EDITORIAL")
    page.click("footer button[value=preview]")
    page.wait_for_selector(".preview")
    page.screenshot(path=FOLDER / f"preview-{lang}-{size}.png")
    page.context.clear_cookies()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
