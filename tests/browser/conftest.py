"""A real Chromium and a real server of the sample record, for the tests of the pages.

The machine's own Chromium is driven; where there is none, these tests are skipped and say so.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import serving
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support.edit_site import SignedIn, Site, signing_in

from api.instance import Instance

UNUSED = [
    # The address bar's popups: two more pages, half of the work of each new window.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    # Chromium takes the last list that it is given: what Playwright puts into its own.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(UNUSED)}",
    # Most scripts run once or twice: to optimise them takes longer than it saves. Playwright looks
    # for Temporal in each document that it asks, and to make it takes a tenth of a second.
    "--js-flags=--sparkplug,--no-maglev,--no-turbofan,--no-harmony-temporal",
]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
"""What it may be called, the one that takes the least processor time first."""
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them all, and give each its reason where it can't run."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine"))


@pytest.fixture
def signed_in(browser: Browser, site: Site) -> Iterator[SignedIn]:
    """Opens pages of a module's `site` that are signed in."""
    with signing_in(browser, site) as opened:
        yield opened


@pytest.fixture(scope="session")
def _chromium() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """The browser with an empty profile, for all modules: a start takes a second of a processor."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield running, loop
        asyncio._set_running_loop(loop)
        running.close()


@pytest.fixture(scope="module")
def browser(_chromium: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """The browser, without a window. For this module an event loop runs in this thread."""
    running, loop = _chromium
    asyncio._set_running_loop(loop)
    yield running
    for left in running.contexts:
        left.close()
    asyncio._set_running_loop(None)


@pytest.fixture(scope="module")
def address(sampled: Instance) -> Iterator[str]:
    """A server of the sample record."""
    with serving(sampled) as address:
        yield address


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A window as wide as a desk's, in English."""
    opened = browser.new_context(
        base_url=address, locale="en", viewport={"width": 1280, "height": 800}
    )
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose scripts must not fail, and must ask no other host."""
    wrong: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield opened
    assert wrong == []
