"""A served sample record for those who correct it, and windows in which they have signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx
from conftest import NewInstance, serving
from playwright.sync_api import Browser, BrowserContext, Page

from domain.roles import Role
from store.keys import add_key

FACT = "syria-joins-2025-11-11"
OTHER = "syria-joins-2025-11-10"
SOURCE = '[id="citations[0].source"]'
LOG = """query($after: Int!) { log(after: $after, first: 100) {
    position events { position type id actor } } }"""


class Site(NamedTuple):
    """A served sample record, and keys of all roles."""

    address: str
    keys: dict[Role, str]

    def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        return httpx.post(f"{self.address}/graphql", json=body, timeout=30).json()["data"]

    def head(self) -> int:
        return int(self.ask(LOG, after=0)["log"]["position"])

    def apply(self, entries: list[dict[str, Any]]) -> None:
        """Have entries recorded."""
        asked = """mutation($entries: [JSON!]!) {
            apply(entries: $entries, requestId: "entries") { recorded } }"""
        body = {"query": asked, "variables": {"entries": entries}}
        headers = {"authorization": f"Bearer {self.keys[Role.REVIEWER]}"}
        answer = httpx.post(f"{self.address}/graphql", json=body, headers=headers, timeout=30)
        assert answer.json()["data"]["apply"]["recorded"] == len(entries)

    def since(self, position: int) -> list[dict[str, Any]]:
        """The events after a position."""
        return list(self.ask(LOG, after=position)["log"]["events"])


@contextmanager
def edit_site(new_sampled: NewInstance) -> Iterator[Site]:
    """The sample record, served, with a key of each role."""
    with new_sampled() as instance:
        with instance.database.connect() as owner:
            keys = {role: add_key(owner, f"Amal the {role}", role)[1] for role in Role}
        with serving(instance) as address:
            yield Site(address, keys)


SignedIn = Callable[..., Page]


@contextmanager
def signing_in(browser: Browser, site: Site) -> Iterator[SignedIn]:
    """Opens pages that are signed in; their scripts must not fail nor the policy be broken."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(role: Role | None = Role.REVIEWER, path: str = "/edit", **more: Any) -> Page:
        context = browser.new_context(base_url=site.address, locale="en", **more)
        contexts.append(context)
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: _note(said.type, said.text, wrong))
        page.goto(path)
        if role is not None:
            page.locator("#key").fill(site.keys[role])
            page.locator("main button.primary").click()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def _note(kind: str, text: str, wrong: list[str]) -> None:
    # A form that comes back has the status of what was refused, which the console tells.
    if kind == "error" and "the server responded with a status of 4" not in text:
        wrong.append(text)


def preview(page: Page) -> None:
    page.locator("form footer").get_by_role("button", name="Preview").click()


def cite(page: Page, source: str = "anews-2025-11-11", quote: str = "") -> None:
    page.locator(SOURCE).fill(source)
    page.locator('[id="citations[0].quote"]').fill(quote)
