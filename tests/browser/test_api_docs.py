"""/docs in a real browser that reaches no other host."""

from __future__ import annotations

from urllib.parse import urlsplit

from conftest import serving
from playwright.sync_api import Browser, Request

from api.instance import Instance


def test_the_description_of_the_api_needs_no_network(sampled: Instance, browser: Browser) -> None:
    with serving(sampled) as address:
        context = browser.new_context()
        page = context.new_page()
        asked: list[Request] = []
        errors: list[str] = []
        page.on("request", lambda request: asked.append(request))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))

        page.goto(f"{address}/docs")
        page.get_by_text("/health/ready").first.wait_for()

        assert errors == []
        hosts = {urlsplit(each.url).netloc for each in asked if not each.url.startswith("data:")}
        assert hosts == {urlsplit(address).netloc}
        context.close()
