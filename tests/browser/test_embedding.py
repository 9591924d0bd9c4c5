"""Answers on pages of others: another origin, in a real browser, with the snippets as given."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from support.axe import violations

AT = "/e/global-coalition?asOf=2025-11-10&knownAt=2025-11-03"


@contextmanager
def hosting(body: str, policy: str | None = None) -> Iterator[str]:
    """The address of a page of others, on a port of its own."""

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            if policy is not None:
                self.send_header("content-security-policy", policy)
            self.end_headers()
            self.wfile.write(
                "<!doctype html><html lang=en><meta charset=utf-8>"
                '<meta name=viewport content="width=device-width"><title>News</title>'
                "<style>table { display: none } a { color: red }</style>"
                f"<main><h1>News</h1>{body}</main>".encode()
            )

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def snippet(page: Page, name: str, lang: str = "en") -> str:
    """What the panel gives to paste."""
    page.goto(f"{AT}&lang={lang}")
    page.locator("details.take", has=page.locator(f"#{name}")).locator("summary").click()
    return page.locator(f"#{name}").input_value()


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """A page of a window that knows nothing of the record."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    yield context.new_page()
    context.close()


def test_an_element_shows_the_answer_apart_from_the_style_of_its_host(
    page: Page, other: Page, address: str
) -> None:
    body = snippet(page, "element")
    members = page.locator("record-members tbody tr").count()
    policy = f"default-src 'none'; script-src {address}; connect-src {address}"
    with hosting(body, policy) as host:
        other.goto(host)
        view = other.locator("sijill-view")
        expect(view.locator("tbody tr")).to_have_count(members)
        syria = view.locator("tr", has_text="Syria")

        assert "Announced" in syria.inner_text()
        assert "published by 3 Nov 2025" in view.locator(".title").inner_text()
        assert other.evaluate("document.documentElement.scrollWidth") <= 390
        href = view.locator(".foot a").get_attribute("href")
        assert href is not None
        assert httpx.get(href).status_code == 200
        color = (
            "getComputedStyle(document.querySelector('sijill-view').shadowRoot.querySelector('a'))"
        )
        assert other.evaluate(f"{color}.color") == "rgb(15, 91, 102)"

        view.evaluate("it => it.setAttribute('known-at', '2025-12-01')")
        expect(view.locator("tr", has_text="Syria")).to_contain_text("Certain")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_frame_shows_the_answer_without_a_script(page: Page, browser: Browser, lang: str) -> None:
    body = snippet(page, "frame", lang)
    context = browser.new_context(java_script_enabled=False)
    other = context.new_page()
    with hosting(body) as host:
        other.goto(host)
        frame = other.frame_locator("iframe")

        assert frame.locator("tbody tr").count() > 80
        assert frame.locator("html").get_attribute("dir") == ("rtl" if lang == "ar" else "ltr")
    context.close()


@pytest.mark.parametrize("name", ["map", "count", "timeline"])
def test_a_picture_is_seen_on_a_page_of_others_without_a_script(
    page: Page, browser: Browser, name: str
) -> None:
    body = snippet(page, f"embed-{name}")
    expect(page.locator(f"#embed-{name} + img.looks")).to_have_js_property("naturalWidth", 1200)
    context = browser.new_context(java_script_enabled=False)
    other = context.new_page()
    with hosting(body) as host:
        other.goto(host)
        image = other.locator("img")

        expect(image).to_have_js_property("naturalWidth", 1200)
        assert "published by 3 Nov 2025" in (image.get_attribute("alt") or "")
    context.close()


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_both_are_accessible(page: Page, browser: Browser, lang: str) -> None:
    element, frame = snippet(page, "element", lang), snippet(page, "frame", lang)
    context = browser.new_context(bypass_csp=True)
    other = context.new_page()
    with hosting(element) as host:
        other.goto(host)
        other.locator("sijill-view tbody tr").first.wait_for()
        assert violations(other) == []
    other.goto(frame.split('src="')[1].split('"')[0].replace("&amp;", "&"))
    other.set_viewport_size({"width": 390, "height": 844})
    assert violations(other) == []
    assert other.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_without_an_answer_the_link_in_the_element_is_seen(
    page: Page, other: Page, address: str
) -> None:
    body = snippet(page, "element").replace('at-position="', 'ignored="')
    with hosting(body) as host:
        other.goto(host)
        other.wait_for_timeout(500)

        link = other.get_by_role("link", name="Global Coalition against Daesh, true on 10 Nov 2025")
        assert link.is_visible()
        assert (link.get_attribute("href") or "").startswith(address + AT)


def test_other_origins_read_and_frame_nothing_else(page: Page, other: Page, address: str) -> None:
    paths = [
        "/e/global-coalition.json",
        "/e/global-coalition.json?asOf=2025-11-10",
        "/e/global-coalition?asOf=2025-11-10&atPosition=500",
        "/graphql?query={__typename}",
        "/log/checkpoint",
        "/embed/e/global-coalition/members?asOf=2025",
    ]
    pinned = "/e/global-coalition/members.json?asOf=2025-11-10&atPosition=500"
    read = "async (url) => { try { return (await fetch(url)).status } catch { return null } }"
    with hosting(f'<iframe src="{address}{AT}"></iframe>') as host:
        other.goto(host)

        assert [other.evaluate(read, address + path) for path in paths] == [None] * len(paths)
        assert other.evaluate(read, address + pinned) == 200
        assert other.frame_locator("iframe").locator("header.top, .heading").count() == 0
